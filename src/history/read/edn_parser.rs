//! The notation of EDN, as far as histories need it: forms in bytes of which more may follow.

use super::edn_form::{DEPTH_MAX, Edn};
use super::error::Reason;

/// Why parsing ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes end within a form.
    End,
    Bad(&'static str),
    TooLong,
    NotUtf8,
}

impl Stop {
    pub(super) fn reason(self) -> Reason {
        match self {
            Stop::End => Reason::NotEdn { problem: "the file ends within a form" },
            Stop::Bad(problem) => Reason::NotEdn { problem },
            Stop::TooLong => Reason::TooLong,
            Stop::NotUtf8 => Reason::NotUtf8,
        }
    }
}

/// What a `#` stands before.
enum Tagged {
    /// A form that is to be read as if it did not stand there.
    Discarded,
    /// A set, a map whose keys have a namespace, or a number that has no digits.
    Form(Edn),
    /// A tag such as #jepsen.history.Op says nothing that its form does not.
    Tag,
}

/// Reads forms.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    /// Bytes that were passed.
    pub(super) at: usize,
    /// Whether nothing follows the bytes.
    is_all: bool,
}

impl<'a> Parser<'a> {
    /// For bytes that are all there are (`is_all`), or else may end anywhere, which is then [`Stop::End`].
    pub(super) fn new(bytes: &'a [u8], is_all: bool) -> Self {
        Parser { bytes, at: 0, is_all }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, Stop> {
        let byte = self.peek().ok_or(Stop::End)?;
        self.at += 1;
        Ok(byte)
    }

    /// Passes blanks, commas and comments.
    pub(super) fn blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b';' => {
                    let rest = &self.bytes[self.at..];
                    self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                _ if is_blank(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    /// The next form, if there is one more.
    pub(super) fn next_form(&mut self) -> Result<Option<Edn>, Stop> {
        self.blanks();
        if self.peek().is_none() { Ok(None) } else { self.form(0).map(Some) }
    }

    pub(super) fn form(&mut self, depth: usize) -> Result<Edn, Stop> {
        if depth > DEPTH_MAX {
            return Err(Stop::Bad("collections are nested too deep"));
        }
        loop {
            self.blanks();
            return match self.next()? {
                b'[' => Ok(Edn::List(self.elements(b']', depth)?)),
                b'(' => Ok(Edn::List(self.elements(b')', depth)?)),
                b'{' => self.map(depth),
                b'"' => self.string(),
                b'\\' => self.character(),
                b']' | b')' | b'}' => Err(Stop::Bad("a closing bracket without its opening one")),
                b'#' => match self.tagged(depth)? {
                    Tagged::Form(form) => Ok(form),
                    Tagged::Discarded | Tagged::Tag => continue,
                },
                b'^' | b'\'' | b'`' | b'@' | b'~' => Err(Stop::Bad("this is code, not data")),
                _ => {
                    self.at -= 1;
                    self.token().map(atom)
                }
            };
        }
    }

    /// Passes the brace of a map, and what stands before it, if that is the next form: whether it is.
    pub(super) fn opens_map(&mut self) -> Result<bool, Stop> {
        loop {
            self.blanks();
            match self.peek() {
                None => return Err(Stop::End),
                Some(b'{') => {
                    self.at += 1;
                    return Ok(true);
                }
                Some(b'#') if !matches!(self.bytes.get(self.at + 1), Some(b'{' | b':' | b'#')) => {
                    self.at += 1;
                    self.tagged(0)?;
                }
                Some(_) => return Ok(false),
            }
        }
    }

    /// Reads on behind a `#`.
    fn tagged(&mut self, depth: usize) -> Result<Tagged, Stop> {
        match self.peek().ok_or(Stop::End)? {
            b'{' => {
                self.at += 1;
                Ok(Tagged::Form(Edn::List(self.elements(b'}', depth)?)))
            }
            b'_' => {
                self.at += 1;
                self.form(depth + 1)?;
                Ok(Tagged::Discarded)
            }
            b':' => {
                let namespace = &self.token()?[1..];
                self.blanks();
                if namespace.is_empty() || namespace.starts_with(':') || self.next()? != b'{' {
                    return Err(Stop::Bad("a #: stands before a namespace and its map"));
                }
                self.map(depth).map(|map| Tagged::Form(in_namespace(namespace, map)))
            }
            b'#' => match self.token()? {
                number @ ("#Inf" | "#-Inf" | "#NaN") => Ok(Tagged::Form(Edn::Other(format!("#{number}")))),
                _ => Err(Stop::Bad("## stands before something else than Inf, -Inf and NaN")),
            },
            first if first.is_ascii_alphabetic() || !first.is_ascii() => {
                self.token()?;
                Ok(Tagged::Tag)
            }
            _ => Err(Stop::Bad("a # stands before what is no tag, no set and nothing to be discarded")),
        }
    }

    fn elements(&mut self, close: u8, depth: usize) -> Result<Vec<Edn>, Stop> {
        let mut elements = Vec::new();
        while !self.closes(close)? {
            elements.extend(self.element(depth)?);
        }
        Ok(elements)
    }

    /// Passes blanks, and the bracket that closes a collection if it is next: whether it was.
    pub(super) fn closes(&mut self, close: u8) -> Result<bool, Stop> {
        self.blanks();
        let closes = self.peek().ok_or(Stop::End)? == close;
        self.at += usize::from(closes);
        Ok(closes)
    }

    /// An element of a collection; nothing if it is discarded, after which the collection may end.
    pub(super) fn element(&mut self, depth: usize) -> Result<Option<Edn>, Stop> {
        if self.peek() != Some(b'#') {
            return self.form(depth + 1).map(Some);
        }
        if depth >= DEPTH_MAX {
            return Err(Stop::Bad("collections are nested too deep"));
        }
        self.at += 1;
        match self.tagged(depth + 1)? {
            Tagged::Discarded => Ok(None),
            Tagged::Form(form) => Ok(Some(form)),
            Tagged::Tag => self.form(depth + 1).map(Some),
        }
    }

    fn map(&mut self, depth: usize) -> Result<Edn, Stop> {
        let mut elements = self.elements(b'}', depth)?.into_iter();
        let mut entries = Vec::with_capacity(elements.len() / 2);
        while let Some(key) = elements.next() {
            entries.push((key, elements.next().ok_or(NO_VALUE)?));
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
        let from = self.at;
        self.next()?;
        self.token_from(from).map(|token| Edn::Other(format!("\\{token}")))
    }

    /// The word that begins here, up to the next blank or bracket.
    pub(super) fn token(&mut self) -> Result<&'a str, Stop> {
        self.token_from(self.at)
    }

    fn token_from(&mut self, from: usize) -> Result<&'a str, Stop> {
        let bytes = self.bytes;
        let rest = &bytes[self.at..];
        match rest.iter().position(|byte| ENDS_TOKEN[*byte as usize]) {
            Some(length) => self.at += length,
            None if self.is_all => self.at = bytes.len(),
            None => return Err(Stop::End),
        }
        std::str::from_utf8(&bytes[from..self.at]).map_err(|_| Stop::NotUtf8)
    }
}

/// A map whose keys are in a namespace unless they name another one, or none with `_`.
fn in_namespace(namespace: &str, map: Edn) -> Edn {
    let Edn::Map(entries) = map else { return map };
    let in_it = |key: Edn| match key {
        Edn::Keyword(name) => Edn::Keyword(match name.split_once('/') {
            None => format!("{namespace}/{name}"),
            Some(("_", plain)) => plain.to_owned(),
            Some(_) => name,
        }),
        other => other,
    };
    Edn::Map(entries.into_iter().map(|(key, value)| (in_it(key), value)).collect())
}

/// A map of an odd number of elements.
pub(super) const NO_VALUE: Stop = Stop::Bad("a key of a map has no value");

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | 0x0b | 0x0c)
}

/// Bytes before which a word ends: a table, because nearly every byte of a history is looked at for it.
const ENDS_TOKEN: [bool; 256] = {
    let ends = b" \t\n\r\x0b\x0c,[](){}\";";
    let mut table = [false; 256];
    let mut at = 0;
    while at < ends.len() {
        table[ends[at] as usize] = true;
        at += 1;
    }
    table
};

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
    fn parse(text: &str) -> Result<Edn, Stop> {
        let mut parser = Parser::new(text.as_bytes(), true);
        let form = parser.form(0)?;
        parser.blanks();
        if parser.peek().is_none() { Ok(form) } else { Err(Stop::Bad("something follows the value")) }
    }

    #[test]
    fn forms() {
        assert_eq!(parse("nil"), Ok(Edn::Nil));
        assert_eq!(parse(" [1 +2, -3N] ; c"), Ok(Edn::List([1, 2, -3].map(Edn::Integer).to_vec())));
        assert_eq!(parse("#{:a}"), Ok(Edn::List(vec![Edn::Keyword("a".into())])));
        assert_eq!(parse("[#_x 1 #_ [2]]"), Ok(Edn::List(vec![Edn::Integer(1)])));
        assert_eq!(parse("#inst \"x\""), Ok(Edn::Other("\"x\"".into())));
        assert_eq!(
            parse("[##Inf ##-Inf]"),
            Ok(Edn::List(["##Inf", "##-Inf"].map(|name| Edn::Other(name.into())).to_vec()))
        );
        let keys = ["a/b", "c/d", "e"].map(|name| (Edn::Keyword(name.into()), Edn::Nil)).to_vec();
        assert_eq!(parse("#:a {:b nil, :c/d nil, :_/e nil}"), Ok(Edn::Map(keys)));
        for text in ["#, 1", "#1 2", "#\"x\"", "#(f)", "##x", "#:a [1]", "#:a", "#: {}", "#::a {}", "#"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(parse("[1\x0b2]"), Ok(Edn::List(vec![Edn::Integer(1), Edn::Integer(2)])));
        assert_eq!(parse("[1 2] 3"), Err(Stop::Bad("something follows the value")));
    }

    /// A form that is cut anywhere is not taken for a shorter one.
    #[test]
    fn what_is_cut_needs_more() {
        let text = "{:a [1 2N nil] \"b\\\"c\" #{x} #_ y #tag \\z, (:k 17)} ; ";
        for end in 0..text.find('}').unwrap() {
            assert_eq!(Parser::new(&text.as_bytes()[..end], false).form(0), Err(Stop::End), "{end}");
        }
        assert!(Parser::new(text.as_bytes(), false).form(0).is_ok());
        assert_eq!(Parser::new(b"17", false).form(0), Err(Stop::End));
        assert_eq!(Parser::new(b"17", true).form(0), Ok(Edn::Integer(17)));
    }
}
