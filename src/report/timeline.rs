//! The operations around a violation, as a picture wants them.

use unicode_width::UnicodeWidthStr;

use super::names;
use super::time_unit::TimeUnit;
use crate::checker::{self, Place, Rule, Witness};
use crate::history::{Action, Entry, History, Register, Value};

/// Operations that are shown beside those of the witness.
const CONTEXT_MAX: usize = 24;

/// Columns of the time axis of a timeline.
const AXIS: usize = 44;

/// Columns of a label of a timeline.
const LABEL_MAX: usize = 30;

/// An operation to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its line.
    pub line: u32,
    /// Who did it.
    pub process: Value,
    /// The key of its register, if that has one.
    pub key: Option<Value>,
    /// `read`, `write`, `cas` or `failed-cas`.
    pub name: &'static str,
    /// The value, or both of a compare-and-set.
    pub value: String,
    /// When it started.
    pub start: i64,
    /// When it ended; absent if it never did.
    pub end: Option<i64>,
    /// Fields of its line that are no part of an operation, as JSON.
    pub fields: Option<String>,
    /// Whether it belongs to the witness.
    pub is_witness: bool,
}

impl Shown {
    pub(super) fn new(history: &History, register: &Register, entry: usize, is_witness: bool) -> Self {
        let shown = checker::Shown::of(history, register, &register.entries()[entry]);
        let value = match shown.action.as_ref() {
            Action::Read(value) | Action::Write(value) => value.to_string(),
            Action::Cas { expected, new } | Action::FailedCas { expected, new } => format!("{expected} to {new}"),
        };
        Shown {
            line: shown.line,
            process: shown.process,
            key: shown.key,
            name: shown.action.name(),
            value,
            start: shown.interval.0,
            end: shown.interval.1,
            fields: history.fields(shown.line).map(str::to_owned),
            is_witness,
        }
    }

    /// The same with the key before the value, for operations on several registers.
    fn with_key(mut self) -> Self {
        if let Some(key) = &self.key {
            self.value = format!("{}: {}", names::value(key), self.value);
        }
        self
    }
}

/// Whether the witnesses of a rule are about the order of each process, whatever the clocks say.
pub(super) fn leaves_time_out(rule: Rule) -> bool {
    matches!(rule, Rule::NoOrder | Rule::NoView | Rule::Circle | Rule::OwnWriteMissed | Rule::ReadAgain)
}

/// Which operations of the witness precede which, without those that a third one stands between.
fn arrows(operations: &[Shown], leaves_time_out: bool) -> Vec<(usize, usize)> {
    let precedes = |a: usize, b: usize| {
        let (first, second) = (&operations[a], &operations[b]);
        let Some(end) = first.end else { return false };
        let is_program = first.process == second.process && (first.start, first.line) < (second.start, second.line);
        is_program || (!leaves_time_out && end < second.start)
    };
    let members: Vec<usize> = (0..operations.len()).filter(|at| operations[*at].is_witness).collect();
    let is_next =
        |a: usize, b: usize| precedes(a, b) && !members.iter().any(|other| precedes(a, *other) && precedes(*other, b));
    let pairs = members.iter().flat_map(|a| members.iter().map(move |b| (*a, *b)));
    pairs.filter(|(a, b)| is_next(*a, *b)).collect()
}

/// The operations of a witness and some of those around them, by process and start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// What the witness breaks.
    pub title: String,
    /// The operations, by process and start.
    pub operations: Vec<Shown>,
    /// Which operations of the witness must come before which, by their positions; what follows from others is left out.
    pub arrows: Vec<(usize, usize)>,
    /// In what times count.
    pub unit: TimeUnit,
}

impl Scene {
    pub(super) fn around(history: &History, witness: &Witness) -> Scene {
        let place = |place: &Place| (place.register, place.entry);
        let kept: Vec<(usize, usize)> = witness.operations.iter().map(place).take(CONTEXT_MAX).collect();
        let entry = |(register, entry): (usize, usize)| &history.registers()[register].entries()[entry];
        let from = kept.iter().map(|place| entry(*place).start).min().unwrap_or(0);
        let end = |shown: &Entry| if shown.is_pending() { shown.start } else { shown.end };
        let to = kept.iter().map(|place| end(entry(*place))).max().unwrap_or(0);
        let mut registers: Vec<usize> = kept.iter().map(|(register, _)| *register).collect();
        registers.sort_unstable();
        registers.dedup();
        let is_around = |place: &(usize, usize)| {
            let near = entry(*place);
            near.start <= to && near.end >= from && !near.is_pending() && !kept.contains(place)
        };
        let all = registers.iter().flat_map(|register| {
            (0..history.registers()[*register].entries().len()).map(move |entry| (*register, entry))
        });
        let around: Vec<(usize, usize)> = all.filter(is_around).take(CONTEXT_MAX).collect();
        let has_keys = registers.len() > 1;
        let shown = |(register, entry): &(usize, usize), is_witness| {
            let shown = Shown::new(history, &history.registers()[*register], *entry, is_witness);
            if has_keys { shown.with_key() } else { shown }
        };
        let mut operations: Vec<Shown> = around.iter().map(|place| shown(place, false)).collect();
        operations.extend(kept.iter().map(|place| shown(place, true)));
        operations.sort_by(|a, b| (&a.process, a.start, a.line).cmp(&(&b.process, b.start, b.line)));
        let arrows = arrows(&operations, leaves_time_out(witness.rule));
        Scene { title: witness.rule.name().to_owned(), operations, arrows, unit: TimeUnit::of(history) }
    }

    /// The operations as bars below each other, the witness with heavy lines. Instants stand in their order, not to
    /// scale.
    pub(super) fn timeline(&self) -> String {
        let mut instants: Vec<i64> =
            self.operations.iter().flat_map(|shown| [Some(shown.start), shown.end]).flatten().collect();
        instants.sort_unstable();
        instants.dedup();
        let column = |at: i64| {
            let rank = instants.partition_point(|other| *other < at);
            rank * (AXIS - 2) / instants.len().saturating_sub(1).max(1)
        };
        let label = |shown: &Shown| {
            let text = format!("{} {} {}", names::value(&shown.process), shown.name, names::plain(&shown.value));
            match text.char_indices().nth(LABEL_MAX) {
                Some((end, _)) => format!("{}…", &text[..end]),
                None => text,
            }
        };
        let width = self.operations.iter().map(|shown| label(shown).width()).max().unwrap_or(0);
        let mut text = String::new();
        for shown in &self.operations {
            let (first, last) = (column(shown.start), shown.end.map_or(AXIS - 1, column));
            let [left, line, right] = if shown.is_witness { ["┣", "━", "┫"] } else { ["├", "─", "┤"] };
            let right = if shown.end.is_none() { "▶" } else { right };
            let bar = match last.saturating_sub(first) {
                0 if shown.is_witness => "╋".to_owned(),
                0 => "┼".to_owned(),
                length => format!("{left}{}{right}", line.repeat(length - 1)),
            };
            let label = label(shown);
            let padding = " ".repeat(width - label.width());
            let row = format!("{label}{padding}  {}{bar}", " ".repeat(first));
            text.push_str(row.trim_end());
            text.push('\n');
        }
        text
    }
}
