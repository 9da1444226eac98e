//! Literals of JSON and of JavaScript, as shells print them: `{ _id: 0, host: 'a', term: Long('3') }`.

use std::ops::Range;

use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

/// Brackets inside each other.
const NESTING_MAX: usize = 64;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) span: Range<usize>,
    pub(super) value: Literal,
}

/// What a literal is.
#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Item>),
    Table(Vec<(String, Item)>),
}

impl Item {
    /// The value of a key; of one that stands twice, the last.
    pub(super) fn get(&self, key: &str) -> Option<&Item> {
        self.entries().iter().rev().find(|(name, _)| name == key).map(|(_, item)| item)
    }

    /// The value of the first of these keys that is there.
    pub(super) fn any(&self, keys: &[&str]) -> Option<&Item> {
        keys.iter().find_map(|key| self.get(key))
    }

    pub(super) fn entries(&self) -> &[(String, Item)] {
        match &self.value {
            Literal::Table(entries) => entries,
            _ => &[],
        }
    }

    pub(super) fn list(&self) -> Option<&[Item]> {
        match &self.value {
            Literal::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Literal::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn bool(&self) -> Option<bool> {
        match &self.value {
            Literal::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// A number, also one that is wrapped as extended JSON has it: `{"$numberInt": "1"}`.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.value {
            Literal::Number(text) => text.parse().ok(),
            Literal::Table(entries) => match &entries[..] {
                [(key, Item { value: Literal::Text(text), .. })] if key.starts_with("$number") => text.parse().ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub(super) fn whole(&self) -> Option<u64> {
        let number = self.number()?;
        (number >= 0.0 && number.fract() == 0.0 && number <= 9e15).then_some(number as u64)
    }

    /// Whether it is `null` or was not defined.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Literal::Null)
    }
}

/// The first literal of a text from an offset on, and where it ends; what stands around it is skipped by the caller.
pub(super) fn read(text: &str, at: usize, problems: &mut Problems) -> Option<(Item, usize)> {
    let mut reader = Reader { text, at };
    match reader.item(0) {
        Ok(item) => Some((item, reader.at)),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// Where a value begins: with a bracket at the start of a line, else with the first.
fn begin(text: &str) -> Option<usize> {
    let lines = super::lines::lines(text).map(super::lines::Line::trimmed);
    let first = lines.clone().find(|line| line.text.starts_with(['{', '['])).map(|line| line.at);
    first.or_else(|| text.find(['{', '[']))
}

/// The one literal of a file, before which a prompt and a command may stand.
pub(super) fn whole(text: &str, problems: &mut Problems) -> Option<Item> {
    let Some(start) = begin(text) else {
        problems
            .push(Problem::new(0..0, "no bracket that opens a value").help("copy all of what was printed".to_owned()));
        return None;
    };
    let (item, end) = read(text, start, problems)?;
    let rest = text[end..].trim_start_matches(|letter: char| letter.is_whitespace() || letter == ';');
    // A prompt that waits for more may follow, on a line of its own.
    let is_prompt = rest.lines().all(|line| line.trim_end().ends_with('>') || line.trim().is_empty());
    if !rest.is_empty() && !is_prompt {
        let begin = text.len() - rest.len();
        let problem = Problem::new(begin..begin + rest.chars().next().map_or(0, char::len_utf8), "text behind the end");
        problems.push(problem.label("does not belong to what is above").help("keep the one value alone".to_owned()));
        return None;
    }
    Some(item)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn here(&self) -> Range<usize> {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    /// Skips blanks and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            let rest = self.rest();
            let skipped = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return;
            };
            self.at += skipped;
        }
    }

    fn item(&mut self, depth: usize) -> Result<Item, Problem> {
        self.skip();
        let start = self.at;
        if depth > NESTING_MAX {
            return Err(Problem::new(self.here(), format!("brackets nested deeper than {NESTING_MAX}")));
        }
        let value = match self.peek() {
            Some('{') => self.table(depth)?,
            Some('[') => self.list(depth, ']')?,
            Some('"' | '\'') => Literal::Text(self.string()?),
            Some(letter) if letter.is_ascii_digit() || "+-.".contains(letter) => self.number()?,
            Some(letter) if letter.is_alphabetic() || "_$".contains(letter) => self.word(depth)?,
            Some(letter) => {
                let problem = Problem::new(self.here(), format!("{} is no value", quoted(&letter.to_string())));
                return Err(problem.label("a value belongs here"));
            }
            None => return Err(Problem::new(start..start, "the file ends where a value belongs").label("cut off?")),
        };
        Ok(Item { span: start..self.at, value })
    }

    fn table(&mut self, depth: usize) -> Result<Literal, Problem> {
        let open = self.here();
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            self.skip();
            match self.peek() {
                Some('}') => {
                    self.at += 1;
                    return Ok(Literal::Table(entries));
                }
                Some(_) => {}
                None => return Err(unclosed(open)),
            }
            let key = self.key()?;
            self.skip();
            if self.peek() != Some(':') {
                let problem = Problem::new(self.here(), format!("no `:` behind the key {}", quoted(&key)));
                return Err(problem.label("`:` belongs here"));
            }
            self.at += 1;
            entries.push((key, self.item(depth + 1)?));
            self.separator('}', &open)?;
        }
    }

    fn list(&mut self, depth: usize, close: char) -> Result<Literal, Problem> {
        let open = self.here();
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip();
            match self.peek() {
                Some(letter) if letter == close => {
                    self.at += 1;
                    return Ok(Literal::List(items));
                }
                Some(_) => items.push(self.item(depth + 1)?),
                None => return Err(unclosed(open)),
            }
            self.separator(close, &open)?;
        }
    }

    /// A comma, or the end, which stays.
    fn separator(&mut self, close: char, open: &Range<usize>) -> Result<(), Problem> {
        self.skip();
        match self.peek() {
            Some(',') => {
                self.at += 1;
                Ok(())
            }
            Some(letter) if letter == close => Ok(()),
            Some(_) => {
                let problem = Problem::new(self.here(), format!("neither `,` nor `{close}` behind a value"));
                Err(problem.label("does not belong here"))
            }
            None => Err(unclosed(open.clone())),
        }
    }

    fn key(&mut self) -> Result<String, Problem> {
        if matches!(self.peek(), Some('"' | '\'')) {
            return self.string();
        }
        let rest = self.rest();
        let length = rest.find(|letter: char| !(letter.is_alphanumeric() || "_$".contains(letter)));
        let length = length.unwrap_or(rest.len());
        if length == 0 {
            return Err(Problem::new(self.here(), "no key").label("a key belongs here, as in `host: 'a:27017'`"));
        }
        let key = rest[..length].to_owned();
        self.at += length;
        Ok(key)
    }

    fn string(&mut self) -> Result<String, Problem> {
        let open = self.here();
        let quote = self.peek().unwrap_or('"');
        let mut text = String::new();
        let body = &self.text[self.at + 1..];
        let mut letters = body.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                _ if letter == quote => {
                    self.at += 1 + at + 1;
                    return Ok(text);
                }
                '\n' => break,
                '\\' => match letters.next().map(|(_, letter)| letter) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('u') => {
                        let digits: String = letters.by_ref().take(4).map(|(_, letter)| letter).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    Some(letter) => text.push(letter),
                    None => break,
                },
                _ => text.push(letter),
            }
        }
        Err(Problem::new(open, "a text without an end").label("begins here"))
    }

    fn number(&mut self) -> Result<Literal, Problem> {
        let rest = self.rest();
        let length = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "+-._".contains(letter)));
        let length = length.unwrap_or(rest.len());
        let (span, word) = (self.at..self.at + length, rest[..length].to_owned());
        self.at += length;
        // Positive infinity never is a number of votes, and a BigInt ends with n.
        let plain = word.strip_suffix('n').unwrap_or(&word);
        if plain.parse::<f64>().is_ok_and(f64::is_finite) {
            return Ok(Literal::Number(plain.to_owned()));
        }
        Err(Problem::new(span, format!("{} is no number", quoted(&word))))
    }

    /// `true`, `null`, or the call of a constructor, of which the first argument is the value.
    fn word(&mut self, depth: usize) -> Result<Literal, Problem> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(|letter: char| !(letter.is_alphanumeric() || "_$.".contains(letter)));
        let word = rest[..length.unwrap_or(rest.len())].to_owned();
        self.at += word.len();
        match word.as_str() {
            "true" => return Ok(Literal::Bool(true)),
            "false" => return Ok(Literal::Bool(false)),
            "null" | "undefined" => return Ok(Literal::Null),
            "new" => {
                self.skip();
                return if depth < NESTING_MAX { Ok(self.item(depth + 1)?.value) } else { Ok(Literal::Null) };
            }
            _ => {}
        }
        self.skip();
        if self.peek() != Some('(') {
            let problem = Problem::new(start..start + word.len(), format!("{} is no value", quoted(&word)));
            return Err(problem.help("text stands between quotes".to_owned()));
        }
        let Literal::List(arguments) = self.list(depth, ')')? else { return Ok(Literal::Null) };
        let is_number =
            matches!(word.as_str(), "Long" | "NumberLong" | "Int32" | "NumberInt" | "Double" | "NumberDecimal");
        Ok(match arguments.into_iter().next().map(|item| item.value) {
            Some(Literal::Text(text)) if is_number => Literal::Number(text),
            Some(value) => value,
            None => Literal::Null,
        })
    }
}

fn unclosed(open: Range<usize>) -> Problem {
    let problem = Problem::new(open, "a bracket without an end").label("opens here");
    problem.help("the file seems to be cut off: copy all of it".to_owned())
}
