//! `history.txt` of a Jepsen store: `0 :invoke :write 3`, one event a line.

use std::io::BufRead;
use std::ops::ControlFlow;

use super::assemble;
use super::error::{ReadError, Reason};
use super::events::Events;
use super::input::{Line, each_line};
use super::op_line;
use super::options::ReadOptions;
use crate::history::operation::History;

pub(super) fn read(reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    let mut events = Events::default();
    each_line(reader, |number, line| {
        let text = match line {
            Line::Bytes(bytes) => std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8),
            Line::TooLong => Err(Reason::TooLong),
        };
        let text = text.map(|text| text.trim_start_matches('\u{feff}').trim());
        let goes_on = match text {
            Ok("") => Ok(true),
            Ok(text) => op_line::take(text, number, &mut events),
            Err(reason) => Err(reason),
        };
        if goes_on.unwrap_or_else(|reason| events.problem(number, reason)) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    assemble::history(events, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(text: &str) -> Result<History, ReadError> {
        read(text.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn tabs_blanks_errors_and_the_nemesis() {
        let text = "0\t:invoke\t:write\t1\n0\t:ok\t:write\t1\n:nemesis\t:info\t:start\t{:n1 #{\"n2\"}}\n\
                    1  :invoke  :read nil\n1\t:ok\t:read\t1\n2\t:invoke\t:write\t0\n2\t:info\t:write\t0\t[:timeout \"a\tb\"]\n\
                    3\t:invoke\t:read\n3\t:info\t:read\tnil\tSome text that is no EDN: ]\n";
        let history = history(text).unwrap();
        assert_eq!(history.len(), 4);
        assert_eq!(history.skipped(), [(crate::history::Skipped::Nemesis, 1)]);
        assert_eq!(history.registers()[0].entries()[2].line, 6);
    }

    #[test]
    fn other_lines_are_refused() {
        for text in ["0 :invoke", "0 :begin :read nil", "hello", "0 :invoke read nil", "x :invoke :read nil"] {
            assert!(history(text).unwrap_err().to_string().starts_with("line 1: "), "{text}");
        }
    }
}
