//! JSON Lines: one object an operation.
//!
//! Nearly all lines are plain: the known keys, whole numbers, no escapes. Those are read by hand at the speed of
//! memory; every other line goes through the general parser, which also words what is wrong with it.

use std::io::BufRead;
use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::input::{Line, each_line};
use super::{Problems, ReadError, Reason};
use crate::history::builder::{Builder, Fault};
use crate::history::operation::{Action, History, Operation};
use crate::history::value::Value;

/// What stands in the first line of a linearization.
pub(crate) const PROOF_SCHEMA: &str = "quorate/linearization/1";

const OPERATIONS: &str = "read, write and cas";

pub(super) fn read(reader: impl BufRead) -> Result<History, ReadError> {
    let mut state = State { builder: Builder::new(), problems: Problems::default(), proof: None, is_first: true };
    each_line(reader, |number, line| {
        let outcome = match line {
            Line::Bytes(bytes) => state.line(number, bytes),
            Line::TooLong => Err(Reason::TooLong),
        };
        let goes_on = outcome.map_or_else(|reason| state.problems.add(number, reason), |()| true);
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    state.problems.none_or_refuse()?;
    let mut history = state.builder.finish();
    history.proof = state.proof;
    Ok(history)
}

struct State {
    builder: Builder,
    problems: Problems,
    proof: Option<Value>,
    is_first: bool,
}

impl State {
    fn line(&mut self, number: u64, bytes: &[u8]) -> Result<(), Reason> {
        let number = u32::try_from(number).map_err(|_| Fault::TooMany)?;
        if let Some(operation) = plain(bytes) {
            self.is_first = false;
            return Ok(self.builder.push_line(&operation, number)?);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Ok(());
        }
        if text.starts_with('[') {
            // A derived reader would take its elements for the values of the keys.
            return Err(Reason::Json { message: "a line is an object, not a list, at column 1".into() });
        }
        if std::mem::take(&mut self.is_first) && text.contains(PROOF_SCHEMA) {
            let header: Header = serde_json::from_str(text).map_err(|error| reason(&error))?;
            if header.schema == PROOF_SCHEMA {
                self.proof = Some(Value::from_raw(&header.initial).map_err(|error| reason(&error))?);
                self.builder.keep_given_order();
                return Ok(());
            }
        }
        let raw: Raw = serde_json::from_str(text).map_err(|error| reason(&error))?;
        let line = raw.line.filter(|_| self.proof.is_some()).unwrap_or(number);
        Ok(self.builder.push_line(&raw.operation()?, line)?)
    }
}

/// What the parser says, without the position within the line's own text that it calls line 1.
fn reason(error: &serde_json::Error) -> Reason {
    let message = error.to_string();
    let plain = message.replace(" at line 1 column ", " at column ");
    Reason::Json { message: plain }
}

#[derive(Deserialize)]
struct Header {
    schema: String,
    initial: Box<RawValue>,
}

/// A line as the general parser sees it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    process: i64,
    op: String,
    #[serde(default, deserialize_with = "present")]
    value: Option<Box<RawValue>>,
    start: i64,
    // Without a function of its own, an absent key would be taken for null.
    #[serde(deserialize_with = "Option::deserialize")]
    end: Option<i64>,
    #[serde(default)]
    key: Option<Key>,
    #[serde(default)]
    line: Option<u32>,
}

/// Keys are strings; a number is taken as it is written.
#[derive(Deserialize)]
#[serde(untagged)]
enum Key {
    Text(Box<str>),
    Number(i64),
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

impl Raw {
    fn operation(self) -> Result<Operation, Reason> {
        let missing = || Reason::Json { message: "missing field `value`".into() };
        let exact = |raw: &RawValue| Value::from_raw(raw).map_err(|error| reason(&error));
        let action = match (self.op.as_str(), &self.value) {
            ("read", Some(value)) => Action::Read(exact(value)?),
            // A read that never returned has nothing to say.
            ("read", None) if self.end.is_none() => Action::Read(Value::Null),
            ("write", Some(value)) => Action::Write(exact(value)?),
            ("cas", Some(pair)) => match serde_json::from_str::<[&RawValue; 2]>(pair.get()) {
                Ok([expected, new]) => Action::Cas { expected: exact(expected)?, new: exact(new)? },
                Err(_) => return Err(Reason::NotAPair),
            },
            ("read" | "write" | "cas", None) => return Err(missing()),
            _ => return Err(Reason::UnknownOperation { name: self.op, expected: OPERATIONS }),
        };
        let key = self.key.map(|key| match key {
            Key::Text(text) => text,
            Key::Number(number) => number.to_string().into(),
        });
        Ok(Operation { process: self.process, key, action, start: self.start, end: self.end })
    }
}

/// The operation on a plain line; nothing where the general parser must decide.
fn plain(line: &[u8]) -> Option<Operation> {
    let mut cursor = Cursor { bytes: line, at: 0 };
    cursor.expect(b'{')?;
    let (mut process, mut op, mut value, mut start, mut end, mut key) = (None, None, None, None, None, None);
    loop {
        let name = cursor.string()?;
        cursor.expect(b':')?;
        // A key that stands twice goes to the general parser, which refuses it.
        let is_new = match name {
            b"process" => process.replace(cursor.integer()?).is_none(),
            b"op" => op.replace(cursor.string()?).is_none(),
            b"value" => value.replace(cursor.value()?).is_none(),
            b"start" => start.replace(cursor.integer()?).is_none(),
            b"end" => end.replace(cursor.integer_or_null()?).is_none(),
            b"key" => key.replace(std::str::from_utf8(cursor.string()?).ok()?).is_none(),
            _ => return None,
        };
        if !is_new {
            return None;
        }
        match cursor.next()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    if cursor.next().is_some() {
        return None;
    }
    let value = value?.map_or(Value::Null, Value::Integer);
    let action = match op? {
        b"read" => Action::Read(value),
        b"write" => Action::Write(value),
        _ => return None,
    };
    Some(Operation { process: process?, key: key.map(Into::into), action, start: start?, end: end? })
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// The next byte that is not blank.
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            if !matches!(byte, b' ' | b'\t' | b'\r') {
                return Some(byte);
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// A string without escapes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let from = self.at;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' | 0..0x20 => return None,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(&self.bytes[from..self.at - 1])
    }

    /// A whole number of at most 18 digits, without superfluous zeros.
    fn integer(&mut self) -> Option<i64> {
        let first = self.next()?;
        let (is_negative, first) = if first == b'-' { (true, self.digit()?) } else { (false, first) };
        if !first.is_ascii_digit() {
            return None;
        }
        let from = self.at;
        let mut number = i64::from(first - b'0');
        while let Some(byte @ b'0'..=b'9') = self.bytes.get(self.at) {
            number = number.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            self.at += 1;
        }
        let digits = self.at - from;
        let ends = matches!(self.bytes.get(self.at), Some(b',' | b'}' | b' '));
        if !ends || digits > 17 || (first == b'0' && (digits > 0 || is_negative)) {
            return None;
        }
        Some(if is_negative { -number } else { number })
    }

    fn digit(&mut self) -> Option<u8> {
        self.at += 1;
        self.bytes.get(self.at - 1).copied()
    }

    fn integer_or_null(&mut self) -> Option<Option<i64>> {
        let before = self.at;
        if self.next()? == b'n' {
            let rest = self.bytes.get(self.at..self.at + 3)?;
            self.at += 3;
            return (rest == b"ull").then_some(None);
        }
        self.at = before;
        self.integer().map(Some)
    }

    fn value(&mut self) -> Option<Option<i64>> {
        self.integer_or_null()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::read::Problem;

    #[track_caller]
    fn problem(text: &str) -> String {
        match read(text.as_bytes()) {
            Err(ReadError::Problems { problems }) => {
                problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("|")
            }
            other => panic!("{other:?}"),
        }
    }

    /// The hand-written path and the general parser agree where the first one answers.
    #[test]
    fn both_ways_agree() {
        for line in [
            r#"{"process": 3, "op": "write", "value": 17, "start": 1200, "end": 1850}"#,
            r#"{"process":-4,"op":"read","value":null,"start":-1900,"end":null,"key":"x y"}"#,
            r#" { "end" : 5 , "start" : 0 , "op" : "read" , "value" : 999999999999999999 , "process" : 0 } "#,
            r#"{"process": 3, "op": "write", "value": 1, "start": 2, "end": 3, "key": "ü"}"#,
        ] {
            let raw: Raw = serde_json::from_str(line).unwrap();
            assert_eq!(plain(line.as_bytes()), Some(raw.operation().unwrap()), "{line}");
        }
    }

    #[test]
    fn what_is_not_plain_goes_to_the_general_parser() {
        for line in [
            r#"{"process": 3, "op": "write", "value": 1.0, "start": 2, "end": 3}"#,
            r#"{"process": 3, "op": "write", "value": 9999999999999999999, "start": 2, "end": 3}"#,
            r#"{"process": 3, "op": "write", "value": 1, "start": 2, "end": 3, "key": "\u0041"}"#,
            r#"{"process": 3, "op": "cas", "value": [1, 2], "start": 2, "end": 3}"#,
            r#"{"process": 3, "op": "write", "value": {"a": 1}, "start": 2, "end": 3}"#,
        ] {
            assert_eq!(plain(line.as_bytes()), None, "{line}");
            assert_eq!(read(line.as_bytes()).unwrap().len(), 1, "{line}");
        }
    }

    #[test]
    fn bad_lines_are_refused_with_the_reason() {
        for (text, expected) in [
            (r#"[1,"write",1,2,3]"#, "line 1: a line is an object, not a list"),
            ("{", "line 1: EOF while parsing an object at column 1"),
            ("\n\nhello", "line 3: expected value at column 1"),
            (r#"{"process": 3}"#, "line 1: missing field `op` at column 14"),
            (r#"{"process":1,"op":"read","value":1,"start":2}"#, "missing field `end`"),
            (r#"{"process":1,"op":"read","start":2,"end":3}"#, "missing field `value`"),
            (r#"{"process":1,"process":1,"op":"read","value":1,"start":2,"end":3}"#, "duplicate field `process`"),
            (r#"{"process":1,"op":"read","value":1,"start":2,"end":3,"kye":"x"}"#, "unknown field `kye`"),
            (
                r#"{"process":1,"op":"append","value":1,"start":2,"end":3}"#,
                "unknown operation \"append\"; there are read",
            ),
            (r#"{"process":1,"op":"cas","value":1,"start":2,"end":3}"#, "the value of a cas must be a list of two"),
            (r#"{"process":1,"op":"read","value":1,"start":2.5,"end":3}"#, "invalid type: floating point"),
            (r#"{"process":1,"op":"read","value":1,"start":02,"end":3}"#, "invalid number"),
            (r#"{"process":1,"op":"read","value":1,"start":4,"end":3}"#, "ends at 3, before it starts at 4"),
        ] {
            assert!(problem(text).contains(expected), "{text}: {}", problem(text));
        }
        assert_eq!(read(&b"\xff\n"[..]).unwrap_err().to_string(), "line 1: this is not UTF-8");
    }

    #[test]
    fn every_bad_line_is_named() {
        let text = "x\n{\"process\":1,\"op\":\"read\",\"value\":1,\"start\":4,\"end\":30}\n\
                    {\"process\":1,\"op\":\"read\",\"value\":1,\"start\":5,\"end\":9}\ny\n";
        let problem = problem(text);
        assert!(problem.contains("line 1: ") && problem.contains("line 4: "), "{problem}");
        let overlap = "line 3: process 1 starts this operation at 5, before its operation of line 2 ended at 30";
        assert!(problem.contains(overlap), "{problem}");
    }
}
