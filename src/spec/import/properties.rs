//! Java Properties: `key=value`, of which the last of several is kept.

use std::collections::BTreeMap;
use std::ops::Range;

use super::lines::{Line, lines};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Property {
    pub(super) key: String,
    pub(super) value: String,
    /// Of the whole line.
    pub(super) span: Range<usize>,
    /// Where the same key stands before, of which this one takes the place.
    pub(super) before: Option<usize>,
}

/// The properties that a file leaves a program with, in the order of the lines that count.
pub(super) fn properties(text: &str) -> Vec<Property> {
    let mut found: Vec<Property> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (logical, span) in logical_lines(text) {
        let (key, value) = parted(&logical);
        let before = known.get(&key).map(|index| found[*index].span.start);
        known.insert(key.clone(), found.len());
        found.push(Property { key, value, span, before });
    }
    let is_last = |(index, property): &(usize, Property)| known.get(&property.key) == Some(index);
    found.into_iter().enumerate().filter(is_last).map(|(_, property)| property).collect()
}

/// Lines without comments, joined where they end with a backslash.
fn logical_lines(text: &str) -> Vec<(String, Range<usize>)> {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    let mut goes_on = false;
    for line in lines(text) {
        let Line { at, text } = line.trimmed();
        if !goes_on && (text.is_empty() || text.starts_with(['#', '!'])) {
            continue;
        }
        let backslashes = line.text.bytes().rev().take_while(|byte| *byte == b'\\').count();
        let is_open = backslashes % 2 == 1;
        let part = if is_open { text.strip_suffix('\\').unwrap_or(text) } else { text };
        match found.last_mut() {
            Some((logical, span)) if goes_on => {
                logical.push_str(part);
                span.end = at + text.len();
            }
            _ => found.push((part.to_owned(), at..at + text.len())),
        }
        goes_on = is_open;
    }
    found
}

/// The key and the value of a line, without escapes.
fn parted(line: &str) -> (String, String) {
    let mut letters = line.char_indices();
    let mut end = line.len();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '=' | ':' | ' ' | '\t' | '\u{c}' => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    let rest = line[end..].trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
    (unescaped(&line[..end]), unescaped(value))
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_key_is_kept_and_knows_the_one_before() {
        let text = "# c\na=1\n  b : 2\na = 3\nlong=x,\\\n  y\nd\\:e f\n";
        let found = properties(text);
        let pairs: Vec<_> = found.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
        assert_eq!(pairs, [("b", "2"), ("a", "3"), ("long", "x,y"), ("d:e", "f")]);
        assert_eq!(found[1].before, Some(4));
    }
}
