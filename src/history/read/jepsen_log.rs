//! Logs of Jepsen, in which the events of clients stand among the messages of everything else.
//!
//! The logger that writes events is `jepsen.util`; how its name is set off has changed over the years:
//! `INFO  jepsen.util - 0 :invoke :read nil`, with a time and a thread before the name, and today
//! `2024-01-01 12:00:00,000{GMT} INFO [jepsen worker 0] jepsen.util: 0 :invoke :read nil`.

use std::io::BufRead;
use std::ops::ControlFlow;

use super::assemble;
use super::error::{ReadError, Reason};
use super::events::Events;
use super::input::{Line, each_line};
use super::op_line;
use super::options::ReadOptions;
use crate::history::operation::History;

/// The logger that writes events.
const LOGGER: &str = "jepsen.util";

pub(super) fn read(reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    let mut events = Events::default();
    each_line(reader, |number, line| {
        let outcome = match line {
            Line::Bytes(bytes) => take(bytes, number, &mut events),
            Line::TooLong => Err(Reason::TooLong),
        };
        if outcome.unwrap_or_else(|reason| events.problem(number, reason)) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    assemble::history(events, options)
}

/// Hands over the event of a line, if it has one; `false` if the rest is not worth reading.
fn take(bytes: &[u8], number: u64, events: &mut Events) -> Result<bool, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(true);
    }
    match message(text) {
        Some(message) if op_line::is_meant(message) => op_line::take(message, number, events),
        // An event without its logger or its process is damaged, and not something else.
        _ if is_event(text) => Err(Reason::NotAnEvent),
        _ => {
            events.other_lines += 1;
            Ok(true)
        }
    }
}

/// What the logger of events says on a line, if that is its logger.
pub(super) fn message(text: &str) -> Option<&str> {
    let rest = &text[text.find(LOGGER)? + LOGGER.len()..];
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let said = rest.trim_start();
    (said.len() < rest.len()).then(|| said.strip_prefix("- ").unwrap_or(said).trim_start())
}

/// Whether some word on the line is a type, and the next one what a client does.
fn is_event(text: &str) -> bool {
    let is_function = |word: &str| matches!(word, ":read" | ":write" | ":cas" | ":txn");
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| op_line::is_type(pair[0]) && is_function(pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Entry, Skipped};

    fn history(text: &str) -> Result<History, ReadError> {
        read(text.as_bytes(), &ReadOptions::default())
    }

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
        let history = history(text).unwrap();
        let pending: Vec<_> = history.registers()[0].entries().iter().map(Entry::is_pending).collect();
        assert_eq!(pending, [false, true]);
        assert_eq!(history.skipped(), [(Skipped::Failed, 2), (Skipped::Nemesis, 1), (Skipped::OtherLogger, 1)]);
    }

    #[test]
    fn logs_of_today_and_of_the_years_between() {
        for before in [
            "2021-02-26 23:39:01,300{GMT}\tINFO\t[jepsen worker 1] jepsen.util: ",
            "INFO  [2016-04-08 12:00:00,123] jepsen worker 1 - jepsen.util ",
            "INFO  jepsen.util - ",
        ] {
            let text = format!(
                "{before}Something else\n{before}1\t:invoke\t:write\t[0 2]\njava.lang.Exception: no\n\tat x.y(Z.java:1)\n\
                 {before}1\t:ok\t:write\t[0 2]\n{before}0\t:invoke\t:read\t[0 nil]\n\
                 {before}0\t:ok\t:read\t[0 2]\t{{:via :leader}}\n"
            );
            let history = history(&text).unwrap();
            assert_eq!((history.len(), history.registers()[0].key()), (2, Some(&0.into())), "{text}");
            assert_eq!(history.skipped(), [(Skipped::OtherLogger, 3)]);
        }
    }

    #[test]
    fn damaged_events_are_refused() {
        for text in [
            "INFO  jepsen.util - x :invoke :read nil",
            "INFO  jepsen.util - 0 :invoke",
            "til - 0 :invoke :read nil",
            "0 :ok :write 3",
            "INFO jepsen.util - :ok :write 3",
            "INFO jepsen.util - 0 :ok :read [1",
        ] {
            assert!(history(text).unwrap_err().to_string().starts_with("line 1: "), "{text}");
        }
    }
}
