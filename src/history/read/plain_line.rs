//! One line of JSON Lines without anything special: the known keys, whole numbers, no escapes. It is read by hand at the
//! speed of memory, and where anything else stands the general parser decides.

use crate::history::operation::Action;
use crate::history::value::Value;

/// An operation on a line without anything special.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plain<'a> {
    pub(super) process: i64,
    pub(super) key: Option<&'a str>,
    pub(super) action: Action<Value>,
    pub(super) start: i64,
    pub(super) end: Option<i64>,
}

/// The operation on a plain line; nothing where the general parser must decide.
pub(super) fn plain(line: &[u8]) -> Option<Plain<'_>> {
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
    Some(Plain { process: process?, key, action, start: start?, end: end? })
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
