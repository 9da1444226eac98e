//! Jepsen's EDN: maps in a vector, in a list or one after the other, read one at a time.

use std::io::BufRead;

use super::edn_form::{Edn, Parser, Stop};
use super::events::{Event, Events, Type};
use super::{ReadError, ReadOptions, Reason};
use crate::history::operation::History;

pub(super) fn read(reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    let mut parser = Parser::new(reader);
    let mut events = Events::default();
    match all(&mut parser, &mut events) {
        Ok(()) => {}
        Err(Stop::Io(error)) => return Err(error.into()),
        Err(stop) => {
            events.problem(parser.line, stop.reason());
        }
    }
    events.finish(options)
}

/// Hands over all events at the top or in one collection.
fn all<R: BufRead>(parser: &mut Parser<R>, events: &mut Events) -> Result<(), Stop> {
    let mut open: Option<u8> = None;
    loop {
        parser.blanks()?;
        parser.used = 0;
        let Some(byte) = parser.peek()? else {
            return if open.is_some() { Err(Stop::Bad("the file ends within a collection")) } else { Ok(()) };
        };
        match byte {
            b'[' | b'(' if open.is_none() => {
                parser.bump();
                open = Some(if byte == b'[' { b']' } else { b')' });
                events.is_collection = true;
            }
            b']' | b')' if open == Some(byte) => {
                parser.bump();
                open = None;
            }
            _ => {
                let line = parser.line;
                let form = parser.form(0)?;
                let goes_on = match event(&form, line) {
                    Ok(event) => events.add(&event),
                    Err(reason) => events.problem(line, reason),
                };
                if !goes_on {
                    return Ok(());
                }
            }
        }
    }
}

/// The event that a map is.
fn event(form: &Edn, line: u64) -> Result<Event<'_>, Reason> {
    if !matches!(form, Edn::Map(_)) {
        return Err(Reason::NotEdn { problem: "an event is a map, {:process .., :type .., :f .., :value ..}" });
    }
    let process = form.get("process").ok_or(Reason::MissingKey { key: ":process" })?;
    let kind = form.get("type").and_then(Edn::keyword).and_then(Type::of).ok_or(Reason::MissingKey { key: ":type" })?;
    Ok(Event {
        line,
        process,
        kind,
        function: form.get("f").and_then(Edn::keyword),
        key: form.get("key").filter(|key| **key != Edn::Nil),
        value: form.get("value").unwrap_or(&Edn::Nil),
        time: form.get("time").and_then(Edn::integer),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<History, ReadError> {
        super::read(bytes, &ReadOptions::default())
    }

    fn refused(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn tolerant_of_everything_that_jepsen_writes() {
        let maps = "{:process 0, :type :invoke, :f :write, :value 3}\n\
            {:type :info :f :start :process :nemesis :value \"cut\"} ; comment\n\
            {:index 2, :value 3, :f :write, :process 0 :type :ok, :time 12}\n\
            #jepsen.history.Op{:process 1, :type :invoke, :f :read,\n :value nil}\n\
            {:process 1, :type :info, :f :read, :value nil, :error [:timeout {:a \"}\\\"\" #_ x}]}\n\
            {:process 6, :type :invoke, :f :cas, :value [3 4]}\n\
            {:process 6, :type :fail, :f :cas, :value [3 4]}\n\
            {:process 7, :type :invoke, :f :read}\n";
        for text in [maps.to_owned(), format!("[{maps}]"), format!("(\n{maps})")] {
            let history = read(text.as_bytes()).unwrap();
            assert_eq!(history.len(), 3, "{text}");
            assert_eq!(history.processes(), [0, 1, 6, 7].map(crate::history::Value::from));
        }
    }

    #[test]
    fn keys_are_registers() {
        let text = "{:process 0 :type :invoke :f :write :value [x 3]}{:process 0 :type :ok :f :write :value [x 3]}\
                    {:process 1 :type :invoke :f :read :value [y nil]}{:process 1 :type :ok :f :read :value [y 4]}";
        let history = read(text.as_bytes()).unwrap();
        let keys: Vec<_> = history.registers().iter().map(|register| register.key().unwrap().to_string()).collect();
        assert_eq!(keys, ["x", "y"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let invoke = "{:process 0 :type :invoke :f :read :value nil}\n";
        for (text, expected) in [
            (format!("{invoke}{invoke}"), "line 2: process 0 starts this operation before its operation of line 1 has"),
            ("{:process 0 :type :ok :f :read}".into(), "line 1: process 0 ends an operation that it did not start"),
            (format!("{invoke}{{:process 0 :type :ok :f :write :value 1}}"), "line 2: this does not end the operation"),
            ("{:type :ok}".into(), "no :process"),
            ("{:process 1 :type :huh}".into(), "no :type"),
            ("{:process 1 :type :invoke :f :append :value 1}".into(), "unknown operation \"append\""),
            ("{:process 1 :type :invoke :f :cas :value 1}".into(), "list of two"),
            ("[{:a 1}".into(), "the file ends within a collection"),
            ("{:a".into(), "the file ends within a form"),
            ("{:a}".into(), "a key of a map has no value"),
            ("]".into(), "closing bracket"),
            ("[".repeat(1000), "nested too deep"),
            ("#_".repeat(100_000), "nested too deep"),
            ("#a ".repeat(100_000), "the file ends within a form"),
        ] {
            assert!(refused(&text).contains(expected), "{}: {}", text.get(..80).unwrap_or(&text), refused(&text));
        }
    }

    #[test]
    fn times_that_contradict_the_file_are_only_warned_about() {
        let text =
            "{:process 0 :type :invoke :f :write :value 1 :time 9}{:process 0 :type :ok :f :write :value 1 :time 3}";
        let history = read(text.as_bytes()).unwrap();
        assert_eq!(history.warnings().len(), 1);
        assert_eq!(history.registers()[0].entries()[0].end, 2);
    }
}
