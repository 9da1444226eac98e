//! The notation of EDN, as far as histories need it.

use std::io::BufRead;

use serde_json::value::RawValue;

use super::{LINE_BYTES_MAX, Reason};
use crate::history::value::Value;

/// Collections within collections that an event may have.
const DEPTH_MAX: usize = 64;

/// A form of EDN, as far as histories need it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Edn {
    Nil,
    Integer(i64),
    Keyword(String),
    /// Vectors, lists and sets.
    List(Vec<Edn>),
    Map(Vec<(Edn, Edn)>),
    /// Anything else as it is written.
    Other(String),
}

impl Edn {
    /// Both elements of a list of two.
    pub(super) fn pair(&self) -> Option<(&Edn, &Edn)> {
        match self {
            Edn::List(elements) => match &elements[..] {
                [first, second] => Some((first, second)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it stands for no value: `nil`, or a word such as `:timed-out`.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Edn::Nil | Edn::Keyword(_))
    }

    pub(super) fn to_value(&self) -> Value {
        match self {
            Edn::Nil => Value::Null,
            Edn::Integer(number) => Value::Integer(*number),
            other => Value::Other(other.notation().into()),
        }
    }

    /// The form in one notation, whatever its blanks were.
    fn notation(&self) -> String {
        let list = |elements: &[Edn]| elements.iter().map(Edn::notation).collect::<Vec<_>>().join(",");
        match self {
            Edn::Nil => "null".to_owned(),
            Edn::Integer(number) => number.to_string(),
            Edn::Keyword(name) => format!(":{name}"),
            Edn::Other(text) => text.clone(),
            Edn::List(elements) => format!("[{}]", list(elements)),
            Edn::Map(entries) => {
                let entry = |(key, value): &(Edn, Edn)| format!("{}:{}", key.notation(), value.notation());
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Edn> {
        let Edn::Map(entries) = self else { return None };
        entries.iter().find(|(key, _)| matches!(key, Edn::Keyword(keyword) if keyword == name)).map(|(_, value)| value)
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Edn::Other(text) if text.starts_with('"') => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// A keyword, or what stands for one in JSON: a string, with a colon or without.
    pub(super) fn word(&self) -> Option<String> {
        match self {
            Edn::Keyword(name) => Some(name.clone()),
            other => other.text().map(|text| text.strip_prefix(':').map(str::to_owned).unwrap_or(text)),
        }
    }

    /// The form that a piece of JSON is, with every digit of its numbers.
    pub(super) fn of_json(json: &RawValue) -> Result<Edn, serde_json::Error> {
        Edn::of_json_at(json, 0)
    }

    fn of_json_at(json: &RawValue, depth: usize) -> Result<Edn, serde_json::Error> {
        let text = json.get();
        Ok(match text.as_bytes().first() {
            Some(b'n') => Edn::Nil,
            Some(b'[') if depth < DEPTH_MAX => {
                let elements: Vec<&RawValue> = serde_json::from_str(text)?;
                let element = |element| Edn::of_json_at(element, depth + 1);
                Edn::List(elements.into_iter().map(element).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Edn::Other(serde_json::Value::from(serde_json::from_str::<String>(text)?).to_string()),
            _ => match Value::from_raw(json)? {
                Value::Null => Edn::Nil,
                Value::Integer(number) => Edn::Integer(number),
                Value::Other(text) => Edn::Other(text.into()),
            },
        })
    }

    pub(super) fn keyword(&self) -> Option<&str> {
        match self {
            Edn::Keyword(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Edn::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

/// Why parsing ended.
#[derive(Debug)]
pub(super) enum Stop {
    Io(std::io::Error),
    Bad(&'static str),
    TooLong,
    NotUtf8,
}

impl Stop {
    pub(super) fn reason(self) -> Reason {
        match self {
            Stop::Io(_) => Reason::NotEdn { problem: "the text ends" },
            Stop::Bad(problem) => Reason::NotEdn { problem },
            Stop::TooLong => Reason::TooLong,
            Stop::NotUtf8 => Reason::NotUtf8,
        }
    }
}

/// Reads forms; holds one byte of the input at a time.
pub(super) struct Parser<R> {
    reader: R,
    pub(super) line: u64,
    /// Bytes of the form so far.
    pub(super) used: usize,
}

impl<R: BufRead> Parser<R> {
    pub(super) fn new(reader: R) -> Self {
        Parser { reader, line: 1, used: 0 }
    }

    pub(super) fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            match self.reader.fill_buf() {
                Ok(bytes) => return Ok(bytes.first().copied()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Stop::Io(error)),
            }
        }
    }

    /// Passes the byte that was peeked at.
    pub(super) fn bump(&mut self) {
        if let Ok([byte, ..]) = self.reader.fill_buf() {
            self.line += u64::from(*byte == b'\n');
            self.used += 1;
            self.reader.consume(1);
        }
    }

    fn next(&mut self) -> Result<u8, Stop> {
        let byte = self.peek()?.ok_or(Stop::Bad("the file ends within a form"))?;
        self.bump();
        if self.used > LINE_BYTES_MAX { Err(Stop::TooLong) } else { Ok(byte) }
    }

    /// Passes blanks, commas and comments.
    pub(super) fn blanks(&mut self) -> Result<(), Stop> {
        while let Some(byte) = self.peek()? {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | 0x0b | 0x0c => self.bump(),
                b';' => {
                    while !matches!(self.peek()?, None | Some(b'\n')) {
                        self.bump();
                    }
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// The next form, if there is one more.
    pub(super) fn next_form(&mut self) -> Result<Option<Edn>, Stop> {
        self.blanks()?;
        self.used = 0;
        if self.peek()?.is_none() { Ok(None) } else { self.form(0).map(Some) }
    }

    pub(super) fn form(&mut self, depth: usize) -> Result<Edn, Stop> {
        if depth > DEPTH_MAX {
            return Err(Stop::Bad("collections are nested too deep"));
        }
        loop {
            self.blanks()?;
            let byte = self.next()?;
            return match byte {
                b'[' => Ok(Edn::List(self.elements(b']', depth)?)),
                b'(' => Ok(Edn::List(self.elements(b')', depth)?)),
                b'{' => self.map(depth),
                b'"' => self.string(),
                b'\\' => self.character(),
                b']' | b')' | b'}' => Err(Stop::Bad("a closing bracket without its opening one")),
                b'#' => match self.peek()? {
                    Some(b'{') => {
                        self.bump();
                        Ok(Edn::List(self.elements(b'}', depth)?))
                    }
                    Some(b'_') => {
                        self.bump();
                        self.form(depth + 1)?;
                        continue;
                    }
                    // A tag such as #jepsen.history.Op says nothing that its form does not.
                    Some(_) => {
                        self.token(b'#')?;
                        continue;
                    }
                    None => Err(Stop::Bad("the file ends within a form")),
                },
                b'^' | b'\'' | b'`' | b'@' | b'~' => Err(Stop::Bad("this is code, not data")),
                _ => Ok(atom(&self.token(byte)?)),
            };
        }
    }

    fn elements(&mut self, close: u8, depth: usize) -> Result<Vec<Edn>, Stop> {
        let mut elements = Vec::new();
        loop {
            self.blanks()?;
            match self.peek()? {
                Some(byte) if byte == close => {
                    self.bump();
                    return Ok(elements);
                }
                Some(b'#') => {
                    // A discarded form may be the last one, with nothing after it.
                    if let Some(element) = self.unless_discarded(depth)? {
                        elements.push(element);
                    }
                }
                _ => elements.push(self.form(depth + 1)?),
            }
        }
    }

    /// The form after `#`, or nothing if it is `#_` and so discarded.
    fn unless_discarded(&mut self, depth: usize) -> Result<Option<Edn>, Stop> {
        if depth >= DEPTH_MAX {
            return Err(Stop::Bad("collections are nested too deep"));
        }
        self.next()?;
        match self.peek()? {
            Some(b'_') => {
                self.bump();
                self.form(depth + 1)?;
                Ok(None)
            }
            Some(b'{') => {
                self.bump();
                Ok(Some(Edn::List(self.elements(b'}', depth + 1)?)))
            }
            _ => {
                self.token(b'#')?;
                self.form(depth + 1).map(Some)
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Edn, Stop> {
        let mut elements = self.elements(b'}', depth)?.into_iter();
        let mut entries = Vec::with_capacity(elements.len() / 2);
        while let Some(key) = elements.next() {
            entries.push((key, elements.next().ok_or(Stop::Bad("a key of a map has no value"))?));
        }
        Ok(Edn::Map(entries))
    }

    fn string(&mut self) -> Result<Edn, Stop> {
        let mut bytes = Vec::new();
        loop {
            match self.next()? {
                b'"' => break,
                b'\\' => match self.next()? {
                    b'n' => bytes.push(b'\n'),
                    b't' => bytes.push(b'\t'),
                    b'r' => bytes.push(b'\r'),
                    other => bytes.push(other),
                },
                byte => bytes.push(byte),
            }
        }
        let text = String::from_utf8(bytes).map_err(|_| Stop::NotUtf8)?;
        Ok(Edn::Other(serde_json::Value::from(text).to_string()))
    }

    fn character(&mut self) -> Result<Edn, Stop> {
        let first = self.next()?;
        self.token(first).map(|token| Edn::Other(format!("\\{token}")))
    }

    /// Everything up to the next blank or bracket.
    fn token(&mut self, first: u8) -> Result<String, Stop> {
        let mut bytes = vec![first];
        while let Some(byte) = self.peek()? {
            if byte.is_ascii_whitespace()
                || matches!(byte, b',' | b'[' | b']' | b'(' | b')' | b'{' | b'}' | b'"' | b';')
            {
                break;
            }
            bytes.push(self.next()?);
        }
        String::from_utf8(bytes).map_err(|_| Stop::NotUtf8)
    }
}

/// A word or a number.
fn atom(token: &str) -> Edn {
    if token == "nil" {
        return Edn::Nil;
    }
    if let Some(name) = token.strip_prefix(':') {
        return Edn::Keyword(name.to_owned());
    }
    match token.strip_suffix('N').unwrap_or(token).parse() {
        Ok(number) => Edn::Integer(number),
        Err(_) => Edn::Other(token.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form that a whole text is.
    fn parse(text: &str) -> Result<Edn, Reason> {
        let mut parser = Parser::new(text.as_bytes());
        let form = parser.form(0).map_err(Stop::reason)?;
        parser.blanks().map_err(Stop::reason)?;
        match parser.peek().map_err(Stop::reason)? {
            None => Ok(form),
            Some(_) => Err(Reason::NotEdn { problem: "something follows the value" }),
        }
    }

    #[test]
    fn forms() {
        assert_eq!(parse("nil"), Ok(Edn::Nil));
        assert_eq!(parse(" [1 +2, -3N] ; c"), Ok(Edn::List([1, 2, -3].map(Edn::Integer).to_vec())));
        assert_eq!(parse("#{:a}"), Ok(Edn::List(vec![Edn::Keyword("a".into())])));
        assert_eq!(parse("[#_x 1 #_ [2]]"), Ok(Edn::List(vec![Edn::Integer(1)])));
        assert_eq!(parse("#inst \"x\""), Ok(Edn::Other("\"x\"".into())));
        assert_eq!(parse("[1 2] 3"), Err(Reason::NotEdn { problem: "something follows the value" }));
    }
}
