//! Histories as text.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::operation::{Action, Entry, History, PENDING, Register};
use super::value::Value;

/// The history as JSON Lines, in the order of its lines; [`read()`](super::read()) gives it back.
///
/// # Examples
/// ```
/// use quorate::history::{Builder, Operation, Value, write};
/// let mut builder = Builder::new();
/// builder.push(&Operation::write(3, Value::from(17), 1200, Some(1850)))?;
/// let line = "{\"process\": 3, \"op\": \"write\", \"value\": 17, \"start\": 1200, \"end\": 1850}\n";
/// assert_eq!(write::json_lines(&builder.finish()), line);
/// # Ok::<(), quorate::history::InvalidOperation>(())
/// ```
pub fn json_lines(history: &History) -> String {
    let mut text = String::new();
    for (register, entry) in history.by_line() {
        line(&mut text, history, register, entry);
        text.push_str("}\n");
    }
    text
}

/// The history as Jepsen's EDN, one map an event, in the order of the events.
///
/// Jepsen knows no instants at which several things happen: of events at the same instant starts come first, except
/// that a process ends one operation before it starts the next.
///
/// # Examples
/// ```
/// use quorate::history::{Builder, Operation, Value, write};
/// let mut builder = Builder::new();
/// builder.push(&Operation::write(3, Value::from(17), 1200, Some(1850)))?;
/// let text = write::edn(&builder.finish());
/// assert!(text.starts_with("{:process 3, :type :invoke, :f :write, :value 17, :time 1200}\n"));
/// # Ok::<(), quorate::history::InvalidOperation>(())
/// ```
pub fn edn(history: &History) -> String {
    let mut events: Vec<Line<'_>> = Vec::new();
    // For every process, where the end of its last operation stands.
    let mut last: FxHashMap<u32, usize> = FxHashMap::default();
    for (position, (register, entry)) in history.by_line().into_iter().enumerate() {
        let mut phase = Phase::Starts;
        if let Some(before) = last.get(&entry.process).map(|before| &mut events[*before])
            && (before.kind == "info" || before.at == entry.start)
        {
            // What never returned is given up when its process goes on.
            (before.at, before.phase) = (entry.start, Phase::HandsOver);
            phase = Phase::HandsOver;
        }
        let kind = match entry.action {
            _ if entry.is_pending() => "info",
            Action::FailedCas { .. } => "fail",
            _ => "ok",
        };
        events.push(Line { at: entry.start, phase, position, kind: "invoke", register, entry });
        last.insert(entry.process, events.len());
        events.push(Line { at: entry.end, phase: Phase::Ends, position, kind, register, entry });
    }
    events.retain(|event| event.at != PENDING);
    events.sort_by_key(|event| (event.at, event.phase, event.position));
    let mut text = String::new();
    for event in events {
        text.push_str(&event.text(history));
    }
    text
}

/// What happens at an instant, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Starts,
    HandsOver,
    Ends,
}

struct Line<'a> {
    at: i64,
    phase: Phase,
    /// The position of its operation; the start of one comes before its end, because sorting is stable.
    position: usize,
    kind: &'static str,
    register: &'a Register,
    entry: &'a Entry,
}

impl Line<'_> {
    fn text(&self, history: &History) -> String {
        let shown = |value: &Value| if *value == Value::Null { "nil".to_owned() } else { value.to_string() };
        let action = self.entry.action.map(|value| self.register.value(value));
        let value = match action {
            Action::Read(_) if self.kind != "ok" => "nil".to_owned(),
            Action::Read(value) | Action::Write(value) => shown(value),
            Action::Cas { expected, new } | Action::FailedCas { expected, new } => {
                format!("[{} {}]", shown(expected), shown(new))
            }
        };
        let value = match self.register.key() {
            Some(key) => format!("[{} {value}]", shown(key)),
            None => value,
        };
        format!(
            "{{:process {}, :type :{}, :f :{}, :value {value}, :time {}}}\n",
            history.processes()[self.entry.process as usize],
            self.kind,
            if matches!(action, Action::FailedCas { .. }) { "cas" } else { action.name() },
            self.at,
        )
    }
}

/// An order of operations that proves that a history is atomic, as JSON Lines after a line that says so.
///
/// `order` has a register and the positions of its operations for each register of the history.
#[doc(hidden)]
pub fn linearization(history: &History, initial: &Value, orders: &[(usize, Vec<usize>)]) -> String {
    let mut text = format!("{{\"schema\":\"{}\",\"initial\":{}}}\n", super::read::PROOF_SCHEMA, json(initial));
    for (register, order) in orders {
        let register = &history.registers()[*register];
        for position in order {
            let entry = &register.entries()[*position];
            line(&mut text, history, register, entry);
            text.push_str(&format!(", \"line\": {}}}\n", entry.line));
        }
    }
    text
}

/// An operation without its closing brace.
fn line(text: &mut String, history: &History, register: &Register, entry: &Entry) {
    let value = match entry.action.map(|value| register.value(value)) {
        Action::Read(value) | Action::Write(value) => json(value),
        Action::Cas { expected, new } | Action::FailedCas { expected, new } => {
            format!("[{}, {}]", json(expected), json(new))
        }
    };
    let end = if entry.is_pending() { "null".to_owned() } else { entry.end.to_string() };
    text.push_str(&format!(
        "{{\"process\": {}, \"op\": \"{}\", \"value\": {value}, \"start\": {}, \"end\": {end}",
        json(&history.processes()[entry.process as usize]),
        entry.action.name(),
        entry.start,
    ));
    if let Some(key) = register.key() {
        text.push_str(&format!(", \"key\": {}", json(key)));
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("values and strings are always JSON")
}

#[cfg(test)]
mod tests {
    use super::super::{Builder, Format, Operation, read};
    use super::*;

    fn example() -> History {
        let mut builder = Builder::new();
        builder.push(&Operation::write(3, Value::from("a\"b"), 1, Some(5))).unwrap();
        builder.push(&Operation::read(3, Value::Null, 5, None)).unwrap();
        let action = Action::Cas { expected: Value::from(1), new: Value::from(2) };
        builder.push(&Operation { process: 4, key: Some("k y".into()), action, start: 2, end: Some(2) }).unwrap();
        builder.finish()
    }

    #[test]
    fn reading_gives_back_what_was_written() {
        let history = example();
        let text = json_lines(&history);
        let again = read(text.as_bytes(), None).unwrap();
        assert_eq!(again.registers(), history.registers());
        assert_eq!(json_lines(&again), text);
    }

    #[test]
    fn edn_is_what_jepsen_writes() {
        let history = read(edn(&example()).as_bytes(), Some(Format::Edn));
        assert_eq!(history.unwrap().len(), 3);
    }
}
