//! Expressions as a sequence of words and signs.

use std::borrow::Cow;
use std::ops::Range;

use crate::spec::problem::Problem;
use crate::spec::wording::quoted;

/// What stands next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, a number or a function, by its place.
    Word(&'a str),
    /// A name in double quotes.
    Quoted(Cow<'a, str>),
    Plus,
    Star,
    Open,
    Close,
    Comma,
    Equals,
    End,
}

/// Reads one token after the other.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer { text, at: 0 }
    }

    /// The next token and where it stands.
    pub(super) fn next(&mut self) -> Result<(Token<'a>, Range<usize>), Problem> {
        let rest = self.text[self.at..].trim_start();
        let start = self.text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            self.at = start;
            return Ok((Token::End, start..start));
        };
        let sign = match first {
            '+' => Token::Plus,
            '*' => Token::Star,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '=' => Token::Equals,
            '"' => return self.quoted(start),
            _ if is_word(first) => {
                let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
                self.at = start + length;
                return Ok((Token::Word(&rest[..length]), start..self.at));
            }
            _ => {
                let message = format!("{} has no meaning in an expression", quoted(&first.to_string()));
                return Err(Problem::new(start..start + first.len_utf8(), message).help(advice(first)));
            }
        };
        self.at = start + 1;
        Ok((sign, start..self.at))
    }

    /// Whether an opening parenthesis stands next.
    pub(super) fn before_parenthesis(&self) -> bool {
        self.text[self.at..].trim_start().starts_with('(')
    }

    fn quoted(&mut self, start: usize) -> Result<(Token<'a>, Range<usize>), Problem> {
        let body = &self.text[start + 1..];
        let mut name = Cow::Borrowed("");
        let mut copied = 0;
        let mut characters = body.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.at = start + at + 2;
                    match &mut name {
                        Cow::Borrowed(name) => *name = &body[..at],
                        Cow::Owned(name) => name.push_str(&body[copied..at]),
                    }
                    return Ok((Token::Quoted(name), start..self.at));
                }
                '\\' => {
                    let Some((escaped, '"' | '\\')) = characters.next() else {
                        let backslash = start + 1 + at;
                        let problem =
                            Problem::new(backslash..backslash + 1, "a backslash before neither `\"` nor `\\`");
                        return Err(problem.help("in a quoted name, write `\\\\` for a backslash".to_string()));
                    };
                    name.to_mut().push_str(&body[copied..at]);
                    copied = escaped;
                }
                _ => {}
            }
        }
        let problem = Problem::new(start..start + 1, "a quoted name without an end").label("begins here");
        Err(problem.help("close it with `\"`".to_string()))
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '-' | ':')
}

fn advice(character: char) -> Option<String> {
    let advice = match character {
        '|' => "write `+` for either",
        '&' => "write `*` for both",
        '[' | ']' | '{' | '}' => "group with `(` and `)`; lists of sets stand outside of quotes: [[\"a\", \"b\"]]",
        '\'' | '`' | '\u{201c}' | '\u{201d}' => "names with special characters stand between double quotes: \"...\"",
        _ => "names are letters, digits, `_`, `.`, `-` and `:`, or anything between double quotes",
    };
    Some(advice.into())
}
