//! Where a character of a TOML string stands in the file.
//!
//! Expressions are read from the value of a string, in which escapes are replaced, and errors point into the file.

use std::ops::Range;

/// A run of characters that stand in the file as they are, or one escape.
#[derive(Debug)]
struct Piece {
    value: Range<usize>,
    file: Range<usize>,
}

/// The offsets of a string's value in the file.
#[derive(Debug)]
pub(super) struct RawString {
    pieces: Vec<Piece>,
    end: usize,
}

impl RawString {
    /// The map of the string literal at `span` in `source` with the given value; `None` when the two do not agree.
    ///
    /// # Complexity
    /// Linear in the literal.
    pub(super) fn new(source: &str, span: Range<usize>, value: &str) -> Option<Self> {
        let literal = source.get(span.clone())?;
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| literal.starts_with(quotes))?;
        let mut body = literal.get(quotes.len()..literal.len().checked_sub(quotes.len())?)?;
        if quotes.len() == 3 {
            body = body.strip_prefix("\r\n").or_else(|| body.strip_prefix('\n')).unwrap_or(body);
        }
        let end = span.end - quotes.len();
        let start = end - body.len();
        let mut pieces = Vec::new();
        let mut decoded = 0;
        let mut at = 0;
        while at < body.len() {
            let rest = &body[at..];
            let escape = if quotes.starts_with('"') { rest.find('\\').unwrap_or(rest.len()) } else { rest.len() };
            let (raw, plain) = if escape > 0 { (escape, escape) } else { self::escape(rest)? };
            if plain > 0 {
                pieces.push(Piece { value: decoded..decoded + plain, file: start + at..start + at + raw });
            }
            decoded += plain;
            at += raw;
        }
        (decoded == value.len()).then_some(RawString { pieces, end })
    }

    /// The place in the file of a part of the value.
    pub(super) fn span(&self, part: &Range<usize>) -> Range<usize> {
        let after = self.pieces.partition_point(|piece| piece.value.end <= part.start);
        let start = self.pieces.get(after).map_or(self.end, |piece| {
            let verbatim = piece.value.len() == piece.file.len();
            piece.file.start + if verbatim { part.start - piece.value.start } else { 0 }
        });
        if part.is_empty() {
            return start..start;
        }
        let last = self.pieces.partition_point(|piece| piece.value.end < part.end);
        let end = self.pieces.get(last).map_or(self.end, |piece| {
            let verbatim = piece.value.len() == piece.file.len();
            if verbatim { piece.file.start + part.end - piece.value.start } else { piece.file.end }
        });
        start..end
    }
}

/// How long the escape at the start of `text` is in the file, and how long what it stands for.
fn escape(text: &str) -> Option<(usize, usize)> {
    let kind = text.chars().nth(1)?;
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        // The end of a line, and all white space after it, are left out.
        ' ' | '\t' | '\r' | '\n' => {
            let rest = text[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            return Some((text.len() - rest.len(), 0));
        }
        _ => return Some((1 + kind.len_utf8(), 1)),
    };
    let code = u32::from_str_radix(text.get(2..2 + digits)?, 16).ok()?;
    Some((2 + digits, char::from_u32(code)?.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(literal: &str, value: &str, part: &str, expected: &str) {
        let source = format!("é = {literal} # end");
        let raw = RawString::new(&source, 5..5 + literal.len(), value).expect("the value of the literal");
        let start = value.find(part).expect("a part of the value");
        assert_eq!(&source[raw.span(&(start..start + part.len()))], expected);
    }

    #[test]
    fn parts_are_found_in_every_kind_of_literal() {
        check("\"a + b\"", "a + b", "b", "b");
        check("'a + b'", "a + b", "a + b", "a + b");
        check("'''\na +\n b'''", "a +\n b", "b", "b");
        check("\"\"\"\r\na + \\\n   b\"\"\"", "a + b", "+ b", "+ \\\n   b");
        check("\"\"\"a + \\\n   b\"\"\"", "a + b", "a + ", "a + ");
        check("\"\\u00e9\\\"x\\\"\"", "é\"x\"", "\"x\"", "\\\"x\\\"");
        check("\"\\u00e9+b\"", "é+b", "é", "\\u00e9");
    }

    #[test]
    fn the_end_of_a_string_is_before_its_quotes() {
        let raw = RawString::new("x = 'ab'", 4..8, "ab").expect("the value of the literal");
        assert_eq!(raw.span(&(2..2)), 7..7);
    }

    #[test]
    fn a_value_that_does_not_agree_has_no_map() {
        assert!(RawString::new("x = 'ab'", 4..8, "abc").is_none());
        assert!(RawString::new("x = 3", 4..5, "3").is_none());
    }
}
