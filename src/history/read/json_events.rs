//! Jepsen's events as JSON: `{"process": 0, "type": "invoke", "f": "write", "value": 3}`.

use std::io::BufRead;
use std::ops::ControlFlow;

use super::assemble;
use super::edn_form::Edn;
use super::elements::each_element;
use super::error::{ReadError, Reason};
use super::events::{Event, Events, Type};
use super::jsonl::reason;
use super::object::Object;
use super::options::ReadOptions;
use crate::history::operation::History;

pub(super) fn read(reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    let mut events = Events::default();
    each_element(reader, |number, element| {
        let goes_on = match element.and_then(|bytes| take(bytes, number, &mut events)) {
            Ok(goes_on) => goes_on,
            Err(reason) => events.problem(number, reason),
        };
        if goes_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    assemble::history(events, options)
}

fn take(bytes: &[u8], number: u64, events: &mut Events) -> Result<bool, Reason> {
    if bytes.is_empty() {
        return Ok(true);
    }
    let object = Object::parse(bytes)?;
    let form = |name: &str| object.get(name).map(|json| Edn::of_json(json).map_err(|error| reason(&error))).transpose();
    let word = |name: &str| Ok::<_, Reason>(form(name)?.and_then(|form| form.word()));
    let process = form("process")?.ok_or(Reason::MissingKey { key: "process" })?;
    let kind = word("type")?.as_deref().and_then(Type::of).ok_or(Reason::MissingKey { key: "type" })?;
    let function = word("f")?;
    let key = form("key")?.filter(|key| *key != Edn::Nil);
    let value = form("value")?.unwrap_or(Edn::Nil);
    let event = Event {
        line: number,
        process: &process,
        kind,
        function: function.as_deref(),
        key: key.as_ref(),
        value: &value,
        time: form("time")?.as_ref().and_then(Edn::integer),
    };
    Ok(events.add(&event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Value;

    fn history(text: &str) -> Result<History, ReadError> {
        read(text.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn lines_and_arrays() {
        let events = [
            r#"{"process":"c1","type":"invoke","f":"write","value":1,"index":0}"#,
            r#"{"process":"nemesis","type":"info","f":"start","value":null}"#,
            r#"{"process":"c1","type":"ok","f":"write","value":1}"#,
            r#"{"process":1,"type":":invoke","f":":read"}"#,
            r#"{"process":1,"type":":ok","f":":read","value":"a"}"#,
        ];
        for text in [events.join("\n"), format!("[{}]", events.join(",\n")), format!("[\n{}]\n", events.join(","))] {
            let history = history(&text).unwrap();
            assert_eq!(history.processes(), [Value::from("c1"), Value::from(1)]);
            let lines: Vec<u32> = history.registers()[0].entries().iter().map(|entry| entry.line).collect();
            assert_eq!(lines, [1, 4]);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            (r#"{"type":"invoke","f":"read"}"#, "the event has no process"),
            (r#"{"process":1,"f":"read"}"#, "the event has no type"),
            (r#"{"process":1,"type":"invoke"}"#, "the event has no :f"),
            (r#"{"process":1.5,"type":"invoke","f":"read"}"#, "and not 1.5"),
            (r#"{"process":null,"type":"invoke","f":"read"}"#, "and not null"),
            (r#"{"process":1,"type":"invoke","f":"append","value":1}"#, "unknown operation \"append\""),
            (r#"{"process":1,"process":1,"type":"invoke","f":"read"}"#, "duplicate field `process`"),
            ("{\"process\":1\n", "EOF while parsing"),
            ("[{\"process\":1", "the file ends within the array"),
        ] {
            assert!(history(text).unwrap_err().to_string().contains(expected), "{text}: {:?}", history(text));
        }
    }
}
