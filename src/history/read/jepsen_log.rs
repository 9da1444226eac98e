//! The plain-text logs of Jepsen's etcd tests: `INFO  jepsen.util - 0  :invoke  :write  3`, blanks being tabs or runs
//! of spaces.

use std::io::BufRead;
use std::ops::ControlFlow;

use super::edn_form::{Edn, parse};
use super::events::{Assembler, Event, Type};
use super::input::{Line, each_line};
use super::{ReadError, Reason};
use crate::history::operation::History;

/// The logger that writes events.
const LOGGER: &str = "jepsen.util";

pub(super) fn read(reader: impl BufRead) -> Result<History, ReadError> {
    let mut assembler = Assembler::default();
    each_line(reader, |number, line| {
        let outcome = match line {
            Line::Bytes(bytes) => std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8),
            Line::TooLong => Err(Reason::TooLong),
        };
        let goes_on = match outcome.and_then(|text| event(text, number, &mut assembler)) {
            Ok(goes_on) => goes_on,
            Err(reason) => assembler.problem(number, reason),
        };
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    assembler.finish()
}

/// Hands over the event of a line, if it has one; `false` if the rest is not worth reading.
fn event(text: &str, line: u64, assembler: &mut Assembler) -> Result<bool, Reason> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(true);
    }
    let (head, said) = text.split_once(" - ").ok_or(Reason::NotALog)?;
    let logger = head.split_whitespace().last().ok_or(Reason::NotALog)?;
    if !logger.starts_with("jepsen.") {
        return Err(Reason::NotALog);
    }
    if logger != LOGGER {
        return Ok(true);
    }
    let (process, rest) = word(said).ok_or(Reason::NotALog)?;
    if process.starts_with(':') {
        return Ok(true);
    }
    let process = process.parse().map_err(|_| Reason::NotALog)?;
    let (kind, rest) = word(rest).ok_or(Reason::NotALog)?;
    let kind = kind.strip_prefix(':').and_then(Type::of).ok_or(Reason::NotALog)?;
    let (function, rest) = word(rest).ok_or(Reason::NotALog)?;
    let function = function.strip_prefix(':').ok_or(Reason::NotALog)?;
    let value = if rest.trim().is_empty() { Edn::Nil } else { parse(rest)? };
    Ok(assembler.add(&Event { line, process, kind, function: Some(function), value: &value, time: None }))
}

/// The first word, and what follows it.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Entry;

    #[test]
    fn every_kind_of_line() {
        let text = "INFO  jepsen.util - 0\t:invoke\t:write\t3\n\
            INFO  jepsen.core - Running\n\n\
            INFO  jepsen.util - 1   :invoke :read   nil\n\
            INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n\
            INFO  jepsen.util - 0\t:ok\t:write\t3\n\
            INFO  jepsen.util - 1\t:fail\t:read\t:timed-out\n\
            INFO  jepsen.util - 2\t:invoke\t:cas\t[3 4]\n\
            INFO  jepsen.util - 2\t:info\t:cas\t:timed-out\n\
            INFO  jepsen.util - 0\t:invoke\t:cas\t[1 4]\n\
            INFO  jepsen.util - 0\t:fail\t:cas\t[1 4]\n";
        let history = read(text.as_bytes()).unwrap();
        let pending: Vec<_> = history.registers()[0].entries().iter().map(Entry::is_pending).collect();
        assert_eq!(pending, [false, true]);
    }

    #[test]
    fn other_lines_are_refused() {
        for text in ["hello", "INFO  jepsen.util - x :invoke :read nil", "INFO  jepsen.util - 0 :invoke"] {
            assert_eq!(
                read(text.as_bytes()).unwrap_err().to_string(),
                "line 1: this is no line of a Jepsen log: INFO jepsen.util - PROCESS :TYPE :F VALUE"
            );
        }
    }
}
