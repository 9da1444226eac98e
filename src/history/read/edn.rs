//! Jepsen's EDN: maps in a vector, in a list or one after the other, read one at a time.

use std::borrow::Cow;
use std::io::{self, BufRead};

use super::assemble;
use super::edn_form::Edn;
use super::edn_parser::{NO_VALUE, Parser, Stop, is_blank};
use super::error::{ReadError, Reason};
use super::events::{Event, Events, Type};
use super::options::{LINE_BYTES_MAX, ReadOptions};
use crate::history::operation::History;

pub(super) fn read(reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    let mut window = Window { reader, bytes: Vec::new(), from: 0, is_all: false, line: 1 };
    let mut events = Events::default();
    if let Err(stop) = all(&mut window, &mut events)? {
        events.problem(window.line, stop.reason());
    }
    assemble::history(events, options)
}

/// Hands over all events at the top or in one collection.
fn all(window: &mut Window<impl BufRead>, events: &mut Events) -> io::Result<Result<(), Stop>> {
    let mut open: Option<u8> = None;
    while let Some(byte) = window.past_blanks()? {
        match byte {
            b'[' | b'(' if open.is_none() => {
                window.pass(1);
                open = Some(if byte == b'[' { b']' } else { b')' });
                events.is_collection = true;
            }
            b']' | b')' if open == Some(byte) => {
                window.pass(1);
                open = None;
            }
            _ => match window.event(events)? {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(())),
                Err(stop) => return Ok(Err(stop)),
            },
        }
    }
    Ok(if open.is_some() { Err(Stop::Bad("the file ends within a collection")) } else { Ok(()) })
}

/// The part of a file that is looked at.
struct Window<R> {
    reader: R,
    bytes: Vec<u8>,
    /// Bytes of it that were passed.
    from: usize,
    /// Whether the file ends with it.
    is_all: bool,
    /// The line of the next byte.
    line: u64,
}

impl<R: BufRead> Window<R> {
    fn pass(&mut self, bytes: usize) {
        self.line += memchr::memchr_iter(b'\n', &self.bytes[self.from..self.from + bytes]).count() as u64;
        self.from += bytes;
    }

    /// Reads on; after it, all bytes are ones that were not passed.
    fn read_on(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.from);
        self.from = 0;
        loop {
            match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                bytes => {
                    let bytes = bytes?;
                    self.is_all = bytes.is_empty();
                    self.bytes.extend_from_slice(bytes);
                    let read = bytes.len();
                    self.reader.consume(read);
                    return Ok(());
                }
            }
        }
    }

    /// Passes blanks and comments of any length; the byte behind them, if there is one.
    fn past_blanks(&mut self) -> io::Result<Option<u8>> {
        let mut in_comment = false;
        loop {
            let rest = &self.bytes[self.from..];
            let is_next = |byte: &u8| {
                in_comment = if in_comment { *byte != b'\n' } else { *byte == b';' };
                !in_comment && !is_blank(*byte)
            };
            match rest.iter().position(is_next) {
                Some(blanks) => {
                    self.pass(blanks);
                    return Ok(Some(self.bytes[self.from]));
                }
                None if self.is_all => {
                    self.pass(self.bytes.len() - self.from);
                    return Ok(None);
                }
                None => {
                    self.pass(self.bytes.len() - self.from);
                    self.read_on()?;
                }
            }
        }
    }

    /// Hands over the event that begins here; `false` if the rest is not worth reading.
    fn event(&mut self, events: &mut Events) -> io::Result<Result<bool, Stop>> {
        loop {
            let mut parser = Parser::new(&self.bytes[self.from..], self.is_all);
            let found = Fields::read(&mut parser);
            let used = parser.at;
            let stop = match found {
                Ok(_) if used > LINE_BYTES_MAX => Stop::TooLong,
                Ok(found) => {
                    let goes_on = match found.and_then(|found| found.hand_over(self.line, events)) {
                        Ok(goes_on) => goes_on,
                        Err(reason) => events.problem(self.line, reason),
                    };
                    self.pass(used);
                    return Ok(Ok(goes_on));
                }
                Err(Stop::End) if self.bytes.len() - self.from > LINE_BYTES_MAX => Stop::TooLong,
                Err(Stop::End) if !self.is_all => {
                    self.read_on()?;
                    continue;
                }
                Err(stop) => stop,
            };
            self.pass(used);
            return Ok(Err(stop));
        }
    }
}

/// The fields of an event, where they stand for the first time.
#[derive(Debug, Default)]
struct Fields<'a> {
    process: Option<Edn>,
    kind: Option<Option<Type>>,
    function: Option<Option<Cow<'a, str>>>,
    key: Option<Edn>,
    value: Option<Edn>,
    time: Option<Edn>,
}

impl<'a> Fields<'a> {
    /// The fields of the map that is the next form.
    fn read(parser: &mut Parser<'a>) -> Result<Result<Self, Reason>, Stop> {
        if !parser.opens_map()? {
            parser.form(0)?;
            let problem = "an event is a map, {:process .., :type .., :f .., :value ..}";
            return Ok(Err(Reason::NotEdn { problem }));
        }
        let mut found = Fields::default();
        while !parser.closes(b'}')? {
            if parser.peek() == Some(b':') {
                let name = parser.token()?;
                found.read_field(&name[1..], parser)?;
            } else if let Some(key) = parser.element(0)? {
                // A tag before a key says nothing.
                found.read_field(key.keyword().unwrap_or_default(), parser)?;
            }
        }
        Ok(Ok(found))
    }

    fn read_field(&mut self, name: &str, parser: &mut Parser<'a>) -> Result<(), Stop> {
        let element = loop {
            if parser.closes(b'}')? {
                return Err(NO_VALUE);
            }
            if parser.peek() == Some(b':') && matches!(name, "type" | "f") {
                let word = parser.token()?.strip_prefix(':').map(Cow::Borrowed);
                self.say(name, word);
                return Ok(());
            }
            if let Some(element) = parser.element(0)? {
                break element;
            }
        };
        let field = match name {
            "process" => &mut self.process,
            "key" => &mut self.key,
            "value" => &mut self.value,
            "time" => &mut self.time,
            _ => {
                self.say(name, element.keyword().map(|word| Cow::Owned(word.to_owned())));
                return Ok(());
            }
        };
        field.get_or_insert(element);
        Ok(())
    }

    /// Takes what stands where a keyword should.
    fn say(&mut self, name: &str, word: Option<Cow<'a, str>>) {
        match name {
            "type" => _ = self.kind.get_or_insert(word.as_deref().and_then(Type::of)),
            "f" => _ = self.function.get_or_insert(word),
            _ => {}
        }
    }

    fn hand_over(self, line: u64, events: &mut Events) -> Result<bool, Reason> {
        let process = self.process.as_ref().ok_or(Reason::MissingKey { key: ":process" })?;
        let kind = self.kind.flatten().ok_or(Reason::MissingKey { key: ":type" })?;
        let event = Event {
            line,
            process,
            kind,
            function: self.function.as_ref().and_then(|name| name.as_deref()),
            key: self.key.as_ref().filter(|key| **key != Edn::Nil),
            value: self.value.as_ref().unwrap_or(&Edn::Nil),
            time: self.time.as_ref().and_then(Edn::integer),
        };
        Ok(events.add(&event))
    }
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

    /// Whatever stands before a key, its value is not taken for none.
    #[test]
    fn keys_behind_tags_count() {
        let event = |kind: &str, value: &str| format!("{{:process 0, :type :{kind}, :f :write, {value}}}\n");
        let plain = event("invoke", ":value 3") + &event("ok", ":value 3");
        let tagged = event("invoke", "#a :value 3") + &event("ok", "#_x #a :value #b 3");
        assert_eq!(read(tagged.as_bytes()).unwrap(), read(plain.as_bytes()).unwrap());
        let comma = event("invoke", "#, :value 3");
        assert!(refused(&comma).contains("a # stands before what is no tag"), "{}", refused(&comma));
        let namespaced = "#:jepsen{:process 0, :type :invoke, :f :read}";
        assert!(refused(namespaced).contains("an event is a map"), "{}", refused(namespaced));
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

    /// However few bytes come at a time, and however long blanks and comments are.
    #[test]
    fn what_is_read_does_not_depend_on_the_buffer() {
        let comment = format!(";{}\n", "{:process 9 ".repeat(50));
        let text = format!(
            " [{{:process 0 :type :invoke :f :write :value [\"a\\\"}}\" 1]}} {comment}#_ {{:b 1}} #{{1}}\n\
             #op.Op {{:process 0, :type #_ x :ok, :value [\"a\\\"}}\" 1] :type :info, #_ :f :f :write #{{2}} 3}}\n,,,{}]{comment}",
            "{:process 1 :type :invoke :f :read}"
        );
        let whole = read(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(whole, "line 2: this is not EDN: an event is a map, {:process .., :type .., :f .., :value ..}");
        let text = text.replace("#{1}", "");
        let whole = read(text.as_bytes()).unwrap();
        assert_eq!(
            whole.registers()[0].entries().iter().filter(|entry| entry.end != crate::history::PENDING).count(),
            1
        );
        for buffer in 1..60 {
            let reader = std::io::BufReader::with_capacity(buffer, text.as_bytes());
            let history = super::read(reader, &ReadOptions::default()).unwrap();
            assert_eq!(format!("{:?}", history.registers()), format!("{:?}", whole.registers()), "{buffer}");
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
