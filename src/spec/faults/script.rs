//! `[[message]]` and `[[operation]]`: an execution that is written out.

use super::names::Names;
use super::ns;
use crate::protocol::{Key, Operation, ProcessId};
use crate::sim::{Fate, Task};
use crate::spec::problem::Problems;
use crate::spec::table::{Table, Value};

/// The fate of a message: who sends it, which of its messages it is, and when it arrives.
pub(super) fn message(
    table: &Table<'_>,
    names: &Names<'_>,
    problems: &mut Problems,
) -> Option<((ProcessId, u64), Fate)> {
    table.refuse_unknown(&["from", "number", "lost", "delay_ms", "repeated_ms"], |_| None, problems);
    table.refuse_together("lost", "delay_ms", problems);
    table.refuse_together("lost", "repeated_ms", problems);
    let from = table.require("from", "from = \"@client-1\"", problems);
    let from = from.and_then(|value| names.process(&value, problems));
    let number = table.require("number", "number = 1", problems).and_then(|value| value.size(problems));
    let mut delay = |key| table.get(key).and_then(|value| ns(&value, problems));
    let fate = Fate { first_ns: delay("delay_ms"), second_ns: delay("repeated_ms") };
    if let Some(false) = table.get("lost").and_then(|value| value.truth(problems)) {
        let value = table.require("lost", "lost = true", problems)?;
        let problem = value.problem("`lost` can only be true").label("as every message is");
        problems.push(problem.help("leave it out, and say when the message arrives: `delay_ms = 20`".to_owned()));
    }
    if table.get("lost").is_none() && fate == Fate::default() {
        problems.push(table.missing("`delay_ms` and no `lost`", "delay_ms = 20"));
    }
    Some(((from?, number?), fate))
}

/// An operation of a client, who does them in the order of the file.
pub(super) fn operation(table: &Table<'_>, names: &Names<'_>, problems: &mut Problems) -> Option<(usize, Task)> {
    table.refuse_unknown(&["client", "action", "value", "key", "draw"], |_| None, problems);
    let client = table.require("client", "client = \"@client-1\"", problems);
    let client = client.and_then(|value| names.client(&value, problems));
    let key = match table.get("key") {
        None => Some(0),
        Some(value) => whole(&value, u64::from(u32::MAX), problems).map(|key| key as u32),
    };
    let draw = match table.get("draw") {
        None => Some(0),
        Some(value) => draw(&value, problems),
    };
    let action = table.require("action", "action = \"read\"", problems)?;
    let key = Key(key?);
    let operation = match action.text(problems)? {
        "read" => {
            if let Some(value) = table.get("value") {
                problems.push(value.unused("a read has no value of its own: leave it out"));
            }
            Operation::Read { key }
        }
        "write" => {
            let value = table.require("value", "value = 17", problems)?;
            Operation::Write { key, value: whole(&value, i64::MAX as u64, problems)? }
        }
        "cas" => {
            let value = table.require("value", "value = 17", problems)?;
            Operation::Cas { key, expected: 0, value: whole(&value, i64::MAX as u64, problems)? }
        }
        _ => {
            let problem = action.problem("an operation is a read, a write or a compare-and-set").label("none of them");
            problems.push(problem.help("`read`, `write` or `cas`".to_owned()));
            return None;
        }
    };
    Some((client?.index() - names.system().nodes().len(), Task { operation, draw: draw? }))
}

fn whole(value: &Value<'_>, most: u64, problems: &mut Problems) -> Option<u64> {
    let number = value.whole(problems)?;
    if number > most {
        problems.push(value.problem(format!("{} must be at most {most}", value.what())).label("too large"));
        return None;
    }
    Some(number)
}

fn draw(value: &Value<'_>, problems: &mut Problems) -> Option<u64> {
    let text = value.text(problems)?;
    let word = u64::from_str_radix(text, 16).ok().filter(|_| !text.starts_with('+'));
    if word.is_none() {
        problems.push(value.problem("`draw` is a word of up to 16 hexadecimal digits").label("not one"));
    }
    word
}
