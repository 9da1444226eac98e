//! JSON Lines: one object an operation.
//!
//! Nearly all lines are plain and read by [`plain_line`](super::plain_line); every other line goes through the general
//! parser, which also words what is wrong with it.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;
use std::ops::ControlFlow;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::elements::each_element;
use super::error::{ReadError, Reason};
use super::options::ReadOptions;
use super::plain_line::{Plain, plain};
use super::problems::Problems;
use crate::history::builder::{Builder, InvalidOperation, Key};
use crate::history::operation::{Action, History};
use crate::history::value::Value;

/// What stands in the first line of a linearization.
pub(crate) const PROOF_SCHEMA: &str = "quorate/linearization/1";

const OPERATIONS: &str = "read, write and cas";

pub(super) fn read(reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    let mut state = Line { is_strict: options.is_strict, is_first: true, ..Line::default() };
    each_element(reader, |number, element| {
        let outcome = element.and_then(|bytes| state.line(number, bytes));
        let goes_on = outcome.map_or_else(|reason| state.problems.add(number, reason), |()| true);
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    state.problems.none_or_refuse()?;
    let mut history = state.builder.finish();
    history.proof = state.proof;
    history.fields = state.fields.lines;
    history.warnings.extend(state.fields.names.note());
    Ok(history)
}

#[derive(Default)]
struct Line {
    builder: Builder,
    problems: Problems,
    proof: Option<Value>,
    is_first: bool,
    is_strict: bool,
    fields: Fields,
}

/// Fields that are no part of an operation.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) lines: FxHashMap<u32, Box<str>>,
    pub(super) names: Names,
}

/// The names of such fields, by first appearance, and the first line that has one.
#[derive(Default)]
pub(super) struct Names {
    all: Vec<String>,
    first_line: u32,
}

/// Names in a note.
const NAMES_MAX: usize = 8;

impl Fields {
    /// Keeps fields of a line for display, as one object of JSON.
    pub(super) fn keep<'f>(&mut self, line: u32, fields: impl IntoIterator<Item = (&'f str, impl fmt::Display)>) {
        let mut shown = Vec::new();
        for (name, value) in fields {
            self.names.add(name, line);
            shown.push(format!("{}:{value}", serde_json::Value::from(name)));
        }
        if !shown.is_empty() {
            self.lines.insert(line, format!("{{{}}}", shown.join(",")).into());
        }
    }
}

impl Names {
    pub(super) fn add(&mut self, name: &str, line: u32) {
        if self.all.is_empty() {
            self.first_line = line;
        }
        if !self.all.iter().any(|other| other == name) {
            self.all.push(name.to_owned());
        }
    }

    /// What a reader should be told.
    pub(super) fn note(&self) -> Option<String> {
        let shown = self.all.iter().take(NAMES_MAX).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let more = self.all.len().saturating_sub(NAMES_MAX);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        (!self.all.is_empty()).then(|| {
            format!(
                "{shown}{more}: no part of an operation, first in line {}, kept for display (--strict refuses)",
                self.first_line
            )
        })
    }
}

impl Line {
    fn line(&mut self, number: u64, bytes: &[u8]) -> Result<(), Reason> {
        let number = u32::try_from(number).map_err(|_| InvalidOperation::TooMany)?;
        if let Some(Plain { process, key, action, start, end }) = plain(bytes) {
            self.is_first = false;
            let place = self.builder.place_of(&Value::Integer(process), key.map(Key::Text))?;
            return Ok(self.builder.push_at(place, &action, (start, end), number)?);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
        if text.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.is_first) && text.contains(PROOF_SCHEMA) {
            let header: Header = serde_json::from_str(text).map_err(|error| reason(&error))?;
            if header.schema == PROOF_SCHEMA {
                self.proof = Some(Value::from_raw(&header.initial).map_err(|error| reason(&error))?);
                self.builder.keep_given_order();
                return Ok(());
            }
        }
        self.operation(&serde_json::from_str(text).map_err(|error| reason(&error))?, number)
    }

    fn operation(&mut self, raw: &Raw<'_>, number: u32) -> Result<(), Reason> {
        let is_proof = self.proof.is_some();
        let line = match raw.line {
            Some(line) if is_proof => u32::deserialize(line).map_err(|error| reason(&error))?,
            _ => number,
        };
        let others = raw.others.iter().map(|(name, value)| (name.as_str(), *value));
        let others: Vec<(&str, &RawValue)> =
            others.chain(raw.line.filter(|_| !is_proof).map(|line| ("line", line))).collect();
        if let (true, Some((name, _))) = (self.is_strict, others.first()) {
            return Err(unknown_field(name));
        }
        let action = raw.action()?;
        let process = process(raw.process)?;
        let key = raw.key.map(Value::from_raw).transpose().map_err(|error| reason(&error))?;
        let key = key.filter(|key| *key != Value::Null);
        let place = self.builder.place_of_value(&process, key.as_ref())?;
        self.builder.push_at(place, &action, (raw.start, raw.end), line)?;
        if !others.is_empty() {
            self.fields.keep(line, others.iter().map(|(name, value)| (*name, value.get())));
        }
        Ok(())
    }
}

pub(super) fn unknown_field(name: &str) -> Reason {
    let message =
        format!("unknown field `{name}`; an operation has `process`, `op`, `value`, `start`, `end` and perhaps `key`");
    Reason::Json { message }
}

/// The process that a piece of JSON names.
pub(super) fn process(json: &RawValue) -> Result<Value, Reason> {
    let value = Value::from_raw(json).map_err(|error| reason(&error))?;
    let digits = json.get().strip_prefix('-').unwrap_or(json.get());
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || value.text().is_some() { Ok(value) } else { Err(Reason::NoProcess { found: value }) }
}

/// What the parser says, without the position within the line's own text that it calls line 1.
pub(super) fn reason(error: &serde_json::Error) -> Reason {
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
#[derive(Debug)]
struct Raw<'a> {
    process: &'a RawValue,
    op: Cow<'a, str>,
    value: Option<&'a RawValue>,
    start: i64,
    end: Option<i64>,
    key: Option<&'a RawValue>,
    line: Option<&'a RawValue>,
    others: Vec<(String, &'a RawValue)>,
}

impl<'de> Deserialize<'de> for Raw<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Raw<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an operation, {\"process\": .., \"op\": .., \"value\": .., \"start\": .., \"end\": ..}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw<'de>, A::Error> {
                let (mut process, mut op, mut value, mut start) = (None, None, None, None);
                let (mut end, mut key, mut line, mut others) = (None, None, None, Vec::new());
                while let Some(name) = map.next_key::<String>()? {
                    let is_new = match name.as_str() {
                        "process" => process.replace(map.next_value()?).is_none(),
                        "op" => op.replace(map.next_value()?).is_none(),
                        "value" => value.replace(map.next_value()?).is_none(),
                        "start" => start.replace(map.next_value()?).is_none(),
                        "end" => end.replace(map.next_value::<Option<i64>>()?).is_none(),
                        "key" => key.replace(map.next_value()?).is_none(),
                        "line" => line.replace(map.next_value()?).is_none(),
                        _ => {
                            let is_new = others.iter().all(|(other, _)| *other != name);
                            others.push((name.clone(), map.next_value()?));
                            is_new
                        }
                    };
                    if !is_new {
                        return Err(A::Error::custom(format!("duplicate field `{name}`")));
                    }
                }
                Ok(Raw {
                    process: process.ok_or_else(|| A::Error::missing_field("process"))?,
                    op: op.ok_or_else(|| A::Error::missing_field("op"))?,
                    value,
                    start: start.ok_or_else(|| A::Error::missing_field("start"))?,
                    end: end.ok_or_else(|| A::Error::missing_field("end"))?,
                    key,
                    line,
                    others,
                })
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

impl Raw<'_> {
    fn action(&self) -> Result<Action<Value>, Reason> {
        let missing = || Reason::Json { message: "missing field `value`".into() };
        match (&*self.op, self.value) {
            ("read", Some(value)) => Ok(Action::Read(exact(value)?)),
            // A read that never returned has nothing to say.
            ("read", None) if self.end.is_none() => Ok(Action::Read(Value::Null)),
            ("write", Some(value)) => Ok(Action::Write(exact(value)?)),
            ("cas", Some(pair)) => cas(pair.get()),
            // As a linearization has it.
            ("failed-cas", Some(pair)) => match cas(pair.get())? {
                Action::Cas { expected, new } => Ok(Action::FailedCas { expected, new }),
                other => Ok(other),
            },
            ("read" | "write" | "cas" | "failed-cas", None) => Err(missing()),
            (other, _) => Err(Reason::UnknownOperation { name: other.to_owned(), expected: OPERATIONS }),
        }
    }
}

fn exact(raw: &RawValue) -> Result<Value, Reason> {
    Value::from_raw(raw).map_err(|error| reason(&error))
}

/// The compare-and-set that a list of two in JSON is.
pub(super) fn cas(pair: &str) -> Result<Action<Value>, Reason> {
    let [expected, new] = serde_json::from_str::<[&RawValue; 2]>(pair).map_err(|_| Reason::NotAPair)?;
    Ok(Action::Cas { expected: exact(expected)?, new: exact(new)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::read::Problem;

    fn read(bytes: &[u8]) -> Result<History, ReadError> {
        super::read(bytes, &ReadOptions::default())
    }

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
            let raw: Raw<'_> = serde_json::from_str(line).unwrap();
            let key = raw.key.map(|key| serde_json::from_str(key.get()).unwrap());
            let process = raw.process.get().parse().unwrap();
            let expected = Plain { process, key, action: raw.action().unwrap(), start: raw.start, end: raw.end };
            assert_eq!(plain(line.as_bytes()), Some(expected), "{line}");
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
            (r#"[1,"write",1,2,3]"#, "line 2: invalid type: string \"write\", expected an operation, {"),
            (r#"[[1,"write",1,2,3]]"#, "line 1: invalid type: sequence, expected an operation, {"),
            ("{", "line 1: EOF while parsing an object at column 1"),
            ("\n\nhello", "line 3: expected value at column 1"),
            (r#"{"process": 3}"#, "line 1: missing field `op` at column 14"),
            (r#"{"process":1,"op":"read","value":1,"start":2}"#, "missing field `end`"),
            (r#"{"process":1,"op":"read","start":2,"end":3}"#, "missing field `value`"),
            (r#"{"process":1,"process":1,"op":"read","value":1,"start":2,"end":3}"#, "duplicate field `process`"),
            (r#"{"process":[1],"op":"read","value":1,"start":2,"end":3}"#, "a process is a whole number, a string"),
            (r#"{"process":1.5,"op":"read","value":1,"start":2,"end":3}"#, "and not 1.5"),
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
        let strict = ReadOptions { is_strict: true, ..ReadOptions::default() };
        let text = r#"{"process":1,"op":"read","value":1,"start":2,"end":3,"kye":"x"}"#;
        assert!(super::read(text.as_bytes(), &strict).unwrap_err().to_string().contains("unknown field `kye`"));
        assert_eq!(read(&b"\xff\n"[..]).unwrap_err().to_string(), "line 1: this is not UTF-8");
    }

    #[test]
    fn other_fields_are_kept_and_processes_may_have_names() {
        let text = r#"{"process":"c1","op":"read","value":1,"start":2,"end":3,"node":"n1","ms":1.50,"line":7}
[
{"process":1,"op":"write","value":1,"start":2,"end":3,"key":1}
{"process":"1","op":"write","value":1,"start":2,"end":3,"key":"1"}
{"process":-5,"op":"write","value":1,"start":2,"end":3,"key":null}"#;
        let history = read(text.replace("[\n", "").as_bytes()).unwrap();
        assert_eq!(history.fields(1), Some(r#"{"node":"n1","ms":1.50,"line":7}"#));
        assert_eq!(history.fields(2), None);
        assert!(
            history.warnings()[0].starts_with("\"node\", \"ms\", \"line\": no part of an operation, first in line 1")
        );
        assert_eq!(history.processes(), ["\"c1\"", "1", "\"1\"", "-5"].map(Value::parse));
        let keys: Vec<_> = history.registers().iter().map(|register| register.key().cloned()).collect();
        assert_eq!(keys, [None, Some(Value::from(1)), Some(Value::from("1"))]);
        let lines = [text.lines().next().unwrap(), text.lines().last().unwrap()];
        let array = read(format!("[{}]", lines.join(",\n")).as_bytes()).unwrap();
        assert_eq!(array.registers()[0].entries()[1].line, 2);
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
