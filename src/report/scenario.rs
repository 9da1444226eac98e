//! What came of a scenario: the document itself, with what every step printed.

use serde::Serialize;

use super::columns::{Column, table};
use super::page::Block;
use super::{Format, View, number};
use crate::model::visible;
use crate::replay::{Document, Played, PlayedStep, Step};

/// A scenario that was played.
#[derive(Debug, Clone, Copy)]
pub struct Scenario<'a> {
    /// Its file.
    pub file: &'a str,
    /// What it says.
    pub document: &'a Document,
    /// What came of it.
    pub played: &'a Played,
}

/// The report on a scenario: as text it is the document, which can be played again.
pub fn scenario(scenario: &Scenario<'_>, format: Format, view: View) -> String {
    if format == Format::Text {
        return format!("{}\n# => {}\n", scenario.transcript(true), scenario.summary());
    }
    format.write(view, || scenario.page(), || Entry::of(scenario), || scenario.csv())
}

impl<'a> Scenario<'a> {
    fn steps(&self) -> impl Iterator<Item = (&'a Step, &'a PlayedStep)> {
        self.document.steps.iter().zip(&self.played.steps)
    }

    /// The document with what was printed, and, if that is wanted, with what is not as it says.
    fn transcript(&self, has_failures: bool) -> String {
        let mut lines: Vec<String> = Vec::new();
        let mut steps = self.steps().peekable();
        for (at, line) in self.document.lines.iter().enumerate() {
            lines.push(visible(line).trim_end().to_owned());
            while let Some((_, played)) = steps.next_if(|(step, _)| step.at == at) {
                lines.extend(played.output.iter().map(|line| format!("| {line}")));
                let failures = played.failures.iter().filter(|_| has_failures);
                lines.extend(failures.map(|failure| format!("# => not so: {failure}")));
            }
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.join("\n")
    }

    fn summary(&self) -> String {
        let Played { delivered, lost, .. } = *self.played;
        let steps = number::whole(self.played.steps.len());
        let messages =
            format!("{steps} steps, {} messages arrived, {} lost", number::whole(delivered), number::whole(lost));
        let failures = self.played.failures();
        let verdict = match (&self.played.broken, failures) {
            (Some((line, broken)), _) if !self.played.is_expected => {
                format!("{} is broken in line {line}, and that was not expected", broken.invariant)
            }
            (_, 0) => "all is as it says".to_owned(),
            (_, 1) => "one thing is not as it says".to_owned(),
            _ => format!("{failures} things are not as it says"),
        };
        format!("{messages}: {verdict}")
    }

    fn page(&self) -> Vec<Block> {
        let mut blocks = vec![
            Block::Title(self.file.to_owned()),
            Block::Paragraph(format!("{}.", self.summary())),
            Block::Code(self.transcript(false)),
        ];
        let failures = self.failures();
        if !failures.is_empty() {
            blocks.insert(2, Block::Bullets(failures));
        }
        blocks
    }

    /// What is not as the document says, with its line.
    fn failures(&self) -> Vec<String> {
        let of_step = |(step, played): (&'a Step, &'a PlayedStep)| {
            played.failures.iter().map(|failure| format!("line {}: {failure}", step.line))
        };
        self.steps().flat_map(of_step).collect()
    }

    fn csv(&self) -> String {
        type Row<'r> = (usize, &'static str, &'r String);
        let columns: [Column<Row<'_>>; 3] = [
            Column { name: "line", value: |(line, ..)| line.to_string() },
            Column { name: "kind", value: |(_, kind, _)| String::from(*kind) },
            Column { name: "text", value: |(.., text)| text.to_string() },
        ];
        let rows = self.steps().flat_map(|(step, played)| {
            let output = played.output.iter().map(|text| (step.line, "printed", text));
            output.chain(played.failures.iter().map(|text| (step.line, "mismatch", text)))
        });
        table(&columns, rows)
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    schema: &'static str,
    scenario: &'a str,
    protocol: &'a str,
    holds: bool,
    messages: Messages,
    broken: Vec<BrokenEntry<'a>>,
    steps: Vec<StepEntry<'a>>,
}

#[derive(Serialize)]
struct Messages {
    delivered: u64,
    lost: u64,
}

#[derive(Serialize)]
struct BrokenEntry<'a> {
    line: usize,
    invariant: &'static str,
    explanation: &'a str,
    expected: bool,
}

#[derive(Serialize)]
struct StepEntry<'a> {
    line: usize,
    step: &'a str,
    printed: &'a [String],
    mismatches: &'a [String],
}

impl<'a> Entry<'a> {
    fn of(scenario: &Scenario<'a>) -> Self {
        let Scenario { file, document, played } = *scenario;
        let broken = played.broken.iter().map(|(line, broken)| BrokenEntry {
            line: *line,
            invariant: broken.invariant.name(),
            explanation: &broken.explanation,
            expected: played.is_expected,
        });
        let step = |(step, played): (&'a Step, &'a PlayedStep)| StepEntry {
            line: step.line,
            step: document.lines[step.at].trim(),
            printed: &played.output,
            mismatches: &played.failures,
        };
        Entry {
            schema: "quorate/scenario/1",
            scenario: file,
            protocol: &document.header.protocol,
            holds: played.holds(),
            messages: Messages { delivered: played.delivered, lost: played.lost },
            broken: broken.collect(),
            steps: scenario.steps().map(step).collect(),
        }
    }
}
