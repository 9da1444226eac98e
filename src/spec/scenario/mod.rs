//! Scenarios: a system, a protocol, and what happens step by step, as text.
//!
//! A line is a step; what stands after `#` is left out. Lines that begin with `|` are what the step before them prints.

mod expectation;
mod header;
mod lines;
mod names;
mod step;
mod vocabulary;
mod words;

pub use names::SCENARIO_CLIENTS_MAX;
pub use vocabulary::Vocabulary;

use self::header::Head;
use self::lines::{Line, lines};
use self::names::Names;
use self::step::Reading;
use self::words::Words;
use super::diagnostic::Diagnostics;
use super::problem::{Problem, Problems};
use super::syntax;
use crate::model::{System, grouped};
use crate::replay::{Action, Document, Step};

/// What reports put beside the document.
const VERDICT: &str = "# => ";

/// Steps of one scenario.
const STEPS_MAX: usize = 100_000;

/// A scenario that was read, and the system that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The steps.
    pub document: Document,
    /// The system: the one that it defines, or that was given.
    pub system: System,
}

/// The scenario that a file describes; `given` is the system of one that defines none, and `protocols` those that there are.
///
/// # Errors
/// [`Diagnostics`] with everything that is wrong.
///
/// # Examples
/// ```
/// use quorate::spec::{Vocabulary, read_scenario};
/// let raft = [Vocabulary { protocol: "raft", messages: &["vote"], remedies: &[] }];
/// let text = b"protocol raft\nnodes a b c\ncampaign a\ndeliver vote a -> b\n";
/// let written = read_scenario("first.txt", text, None, &raft)?;
/// assert_eq!((written.system.nodes().len(), written.document.steps.len()), (3, 2));
/// let wrong = read_scenario("wrong.txt", b"protocol raft\nnodes a b c\ncampain a\n", None, &raft).unwrap_err();
/// assert!(wrong.to_string().contains("did you mean `campaign`?"));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn read_scenario(
    file: &str,
    bytes: &[u8],
    given: Option<&System>,
    protocols: &[Vocabulary],
) -> Result<Written, Diagnostics> {
    let mut problems = Problems::default();
    let written = written((file, bytes), given, protocols, &mut problems);
    problems.finish(written, file, bytes)
}

fn written(
    (file, bytes): (&str, &[u8]),
    given: Option<&System>,
    protocols: &[Vocabulary],
    problems: &mut Problems,
) -> Option<Written> {
    let text = syntax::text(bytes, problems)?;
    let lines = lines(text.strip_prefix('\u{feff}').unwrap_or(text));
    let before = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let lines: Vec<Line<'_>> = lines.into_iter().map(|line| Line { offset: line.offset + before, ..line }).collect();
    let mut head = Head::default();
    let mut rest = Vec::new();
    for line in &lines {
        let mut words = Words::of(line.text, line.offset);
        match words.peek() {
            Some(word) if header::KEYS.contains(&word.text) => {
                let key = word.clone();
                words.next();
                if rest.iter().any(|(_, words): &(Line<'_>, Words<'_>)| words.peek().is_some()) {
                    problems.push(key.problem(
                        format!("`{}` after the first step", key.text),
                        "what the scenario is about stands before its steps",
                    ));
                }
                head.take(&key, words, line, problems);
            }
            _ => rest.push((*line, words)),
        }
    }
    let vocabulary = head.vocabulary(protocols, problems);
    let system = head.system(file, given, problems)?;
    let names = Names::new(&system);
    let reading = Reading { names: &names, vocabulary: vocabulary.unwrap_or(&Vocabulary::ANY) };
    let (steps, kept) = steps(&reading, &rest, &lines, problems);
    let unnamed = steps.iter().filter(|step| matches!(step.action, Action::Propose { by: None, .. })).count() as u32;
    let clients = names.clients().max(unnamed.min(SCENARIO_CLIENTS_MAX));
    let header = head.header();
    vocabulary?;
    Some(Written { document: Document { header, lines: kept, steps, clients }, system })
}

/// All steps, and the lines of the file without what steps print.
fn steps(
    reading: &Reading<'_>,
    rest: &[(Line<'_>, Words<'_>)],
    all: &[Line<'_>],
    problems: &mut Problems,
) -> (Vec<Step>, Vec<String>) {
    let is_output = |line: &Line<'_>| line.text.trim_start().starts_with('|');
    let is_verdict = |line: &Line<'_>| line.text.starts_with(VERDICT);
    let kept: Vec<&Line<'_>> = all.iter().filter(|line| !is_output(line) && !is_verdict(line)).collect();
    let place = |number: usize| kept.partition_point(|line| line.number < number);
    let mut steps: Vec<Step> = Vec::new();
    for (line, words) in rest {
        if is_output(line) {
            let output = line.text.trim_start().trim_start_matches('|');
            let output = output.strip_prefix(' ').unwrap_or(output).trim_end().to_owned();
            match steps.last_mut() {
                Some(step) => step.output.get_or_insert_default().push(output),
                None => problems.push(
                    Problem::new(line.offset..line.offset + line.text.len(), "the output of no step")
                        .help("what stands after `|` is printed by the step before it".to_owned()),
                ),
            }
            continue;
        }
        let mut words = words.clone();
        let Some(verb) = words.next() else { continue };
        if steps.len() >= STEPS_MAX {
            let message = format!("more than {} steps", grouped(STEPS_MAX));
            problems.push(Problem::new(verb.span, message).label("one too many"));
            break;
        }
        match reading.step(&verb, words) {
            Ok(action) => steps.push(Step { at: place(line.number), line: line.number, action, output: None }),
            Err(problem) => problems.push(problem),
        }
    }
    // A single empty line of output is none.
    for output in steps.iter_mut().filter_map(|step| step.output.as_mut()) {
        output.retain(|line| !line.is_empty());
    }
    (steps, kept.into_iter().map(|line| line.text.to_owned()).collect())
}
