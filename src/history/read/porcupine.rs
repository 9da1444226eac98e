//! Operations as Porcupine has them: `{"ClientId": 0, "Input": {"op": "put", "key": "x", "value": 3}, "Call": 1, "Output":
//! null, "Return": 5}`.

use std::io::BufRead;
use std::ops::ControlFlow;

use serde_json::value::RawValue;

use super::elements::each_element;
use super::error::{ReadError, Reason};
use super::jsonl::{Fields, cas, process, reason};
use super::object::{Object, is_loosely};
use super::options::ReadOptions;
use super::problems::Problems;
use crate::history::builder::{Builder, InvalidOperation};
use crate::history::operation::{Action, History};
use crate::history::value::Value;

const OPERATIONS: &str = "read or get, write or put, and cas";

const NAMES: [&str; 5] = ["ClientId", "Input", "Call", "Output", "Return"];

pub(super) fn read(reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    let mut problems = Problems::default();
    let mut fields = Fields::default();
    let mut found: Vec<Read> = Vec::new();
    each_element(reader, |number, element| {
        let outcome = element.and_then(|bytes| operation(bytes, number, options.is_strict, &mut fields));
        let goes_on = match outcome {
            Ok(operation) => {
                found.extend(operation);
                true
            }
            Err(reason) => problems.add(number, reason),
        };
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    // Porcupine's operations stand in any order.
    found.sort_by_key(|operation| operation.call);
    let mut builder = Builder::new();
    for operation in &found {
        if let Err(fault) = operation.push(&mut builder)
            && !problems.add(operation.line.into(), fault)
        {
            break;
        }
    }
    problems.none_or_refuse()?;
    let mut history = builder.finish();
    history.fields = fields.lines;
    history.warnings.extend(fields.names.note());
    Ok(history)
}

/// An operation before all of them are put in order.
struct Read {
    line: u32,
    process: Value,
    key: Option<Value>,
    action: Action<Value>,
    call: i64,
    returned: Option<i64>,
    has_failed: bool,
}

impl Read {
    fn push(&self, builder: &mut Builder) -> Result<(), InvalidOperation> {
        let place = builder.place_of_value(&self.process, self.key.as_ref())?;
        match self.returned {
            Some(end) if self.has_failed => {
                let ticket = builder.start_at(place, &self.action, self.call, self.line)?;
                if end < self.call {
                    return Err(InvalidOperation::Backwards { start: self.call, end });
                }
                builder.fail_at(ticket, end);
                Ok(())
            }
            returned => builder.push_at(place, &self.action, (self.call, returned), self.line),
        }
    }
}

/// The operation of an element; nothing for a blank line.
fn operation(bytes: &[u8], number: u64, is_strict: bool, fields: &mut Fields) -> Result<Option<Read>, Reason> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let line = u32::try_from(number).map_err(|_| InvalidOperation::TooMany)?;
    let object = Object::parse(bytes)?;
    let missing = |name: &str| Reason::Json { message: format!("missing field `{name}`") };
    let needed = |name: &str| object.get_loosely(name).ok_or_else(|| missing(name));
    // Without a client an operation is a process of its own, as for Porcupine.
    let process = match object.get_loosely("ClientId") {
        Some(json) => process(json)?,
        None => Value::from(format!("operation {number}")),
    };
    let input = Object::parse(needed("Input")?.get().as_bytes())?;
    let call = instant(needed("Call")?, "Call")?;
    let returned = object.get_loosely("Return").filter(|json| json.get() != "null");
    let returned = returned.map(|json| instant(json, "Return")).transpose()?;
    let output = output(object.get_loosely("Output"))?;
    let op: String = text(input.get_loosely("op").ok_or_else(|| missing("op"))?)?;
    let exact = |json: &RawValue| Value::from_raw(json).map_err(|error| reason(&error));
    let key = input.get_loosely("key").map(exact).transpose()?.filter(|key| *key != Value::Null);
    let given = || input.get_loosely("value").ok_or_else(|| missing("value"));
    let mut has_failed = false;
    let action = match op.to_lowercase().as_str() {
        "read" | "get" => Action::Read(output),
        "write" | "put" => Action::Write(exact(given()?)?),
        "cas" => {
            has_failed = output == Value::Other("false".into());
            cas(given()?.get())?
        }
        _ => return Err(Reason::UnknownOperation { name: op, expected: OPERATIONS }),
    };
    let is_known = |name: &str| NAMES.iter().any(|known| is_loosely(name, known));
    let others: Vec<(&str, &str)> = object.others(is_known).collect();
    if let (true, Some((name, _))) = (is_strict, others.first()) {
        let message = format!("unknown field `{name}`; an operation has {}", NAMES.join(", "));
        return Err(Reason::Json { message });
    }
    fields.keep(line, others);
    Ok(Some(Read { line, process, key, action, call, returned, has_failed }))
}

fn instant(json: &RawValue, name: &str) -> Result<i64, Reason> {
    json.get()
        .parse()
        .map_err(|_| Reason::Json { message: format!("`{name}` must be a whole number and is {}", json.get()) })
}

fn text(json: &RawValue) -> Result<String, Reason> {
    serde_json::from_str(json.get()).map_err(|error| reason(&error))
}

/// What an operation returned: the output, or the value in it.
fn output(json: Option<&RawValue>) -> Result<Value, Reason> {
    let Some(json) = json else { return Ok(Value::Null) };
    if !json.get().starts_with('{') {
        return Value::from_raw(json).map_err(|error| reason(&error));
    }
    let object = Object::parse(json.get().as_bytes())?;
    match object.get_loosely("value").or_else(|| object.get_loosely("ok")) {
        Some(value) => Value::from_raw(value).map_err(|error| reason(&error)),
        None => Ok(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Skipped;

    fn history(text: &str) -> Result<History, ReadError> {
        read(text.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn names_in_any_case_and_operations_in_any_order() {
        let text = r#"[
 {"ClientId": 1, "Input": {"op": "get", "key": "x"}, "Call": 20, "Output": {"value": 3}, "Return": 30},
 {"client_id": 0, "input": {"Op": "Put", "Key": "x", "Value": 3}, "call": 0, "output": null, "return": 10},
 {"clientId": "c", "input": {"op": "write", "key": "y", "value": 4}, "call": 1, "return": null, "node": 7},
 {"input": {"op": "cas", "value": [1, 2]}, "call": 5, "output": false, "return": 6},
 {"input": {"op": "read"}, "call": 5, "output": "", "return": 6}
]"#;
        let history = history(text).unwrap();
        let keys: Vec<_> = history.registers().iter().map(|register| register.key().cloned()).collect();
        assert_eq!(keys, [Some(Value::from("x")), Some(Value::from("y")), None]);
        assert_eq!(history.registers()[0].entries().iter().map(|entry| entry.line).collect::<Vec<_>>(), [2, 1]);
        assert!(history.registers()[1].entries()[0].is_pending());
        assert_eq!(history.skipped(), [(Skipped::Failed, 1)]);
        assert_eq!((history.len(), history.fields(3)), (4, Some(r#"{"node":7}"#)));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            (r#"{"Input": {"op": "get"}, "Return": 3}"#, "missing field `Call`"),
            (r#"{"Input": {"op": "get"}, "Call": 1.5, "Return": 3}"#, "`Call` must be a whole number"),
            (r#"{"Input": {"op": "append"}, "Call": 1, "Return": 3}"#, "unknown operation \"append\""),
            (r#"{"Input": {"op": "put"}, "Call": 1, "Return": 3}"#, "missing field `value`"),
            (r#"{"Input": {"op": "cas", "value": 1}, "Call": 1, "Return": 3}"#, "list of two"),
            (r#"{"Input": {"op": "get"}, "Call": 4, "Return": 3}"#, "ends at 3, before it starts at 4"),
            (r#"{"Input": 5, "Call": 4, "Return": 3}"#, "expected an object"),
        ] {
            assert!(history(text).unwrap_err().to_string().contains(expected), "{text}");
        }
    }
}
