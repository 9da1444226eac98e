//! The words of a line, and where they stand.

use std::ops::Range;

use crate::spec::problem::Problem;
use crate::spec::wording::quoted;

/// A word, and its bytes in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) span: Range<usize>,
}

/// The words of a line, taken one after the other.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    words: Vec<Word<'a>>,
    at: usize,
    /// Where the line ends.
    end: usize,
}

/// What stands by itself, with or without blanks around it.
const MARKS: [&str; 2] = ["->", "|"];

impl<'a> Words<'a> {
    /// The words of a line that begins at an offset, up to a word that begins with `#`.
    pub(super) fn of(line: &'a str, offset: usize) -> Self {
        let mut words = Vec::new();
        let mut rest = line;
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || rest.starts_with('#') {
                break;
            }
            let start = line.len() - rest.len();
            let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
            let length = mark.map_or_else(|| plain_length(rest), |mark| mark.len());
            words.push(Word { text: &rest[..length], span: offset + start..offset + start + length });
            rest = &rest[length..];
        }
        let end = offset + line.trim_end().len();
        Words { words, at: 0, end }
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Option<Word<'a>> {
        let word = self.words.get(self.at).cloned();
        self.at += usize::from(word.is_some());
        word
    }

    /// The next word, which stays.
    pub(super) fn peek(&self) -> Option<&Word<'a>> {
        self.words.get(self.at)
    }

    /// Takes the next word if it is this one.
    pub(super) fn takes(&mut self, text: &str) -> bool {
        let is_it = self.peek().is_some_and(|word| word.text == text);
        self.at += usize::from(is_it);
        is_it
    }

    /// All words that are left.
    pub(super) fn rest(&mut self) -> Vec<Word<'a>> {
        let rest = self.words[self.at..].to_vec();
        self.at = self.words.len();
        rest
    }

    /// Whether there is such a word among those that are left.
    pub(super) fn has(&self, text: &str) -> bool {
        self.words[self.at..].iter().any(|word| word.text == text)
    }

    /// The next word, or what is missing, with an example.
    pub(super) fn needs(&mut self, what: &str, example: &str) -> Result<Word<'a>, Problem> {
        let missing = Problem::new(self.end..self.end, format!("{what} is missing")).label("the line ends here");
        self.next().ok_or_else(|| missing.help(format!("for example `{example}`")))
    }

    /// Refuses words that nobody has taken.
    pub(super) fn ends(&self, example: &str) -> Result<(), Problem> {
        match self.peek() {
            None => Ok(()),
            Some(word) => {
                let problem =
                    Problem::new(word.span.clone(), format!("nothing is expected after this: {}", quoted(word.text)));
                Err(problem.label("one word too many").help(format!("for example `{example}`")))
            }
        }
    }

    /// Where the words that are left stand, or the end of the line.
    pub(super) fn rest_span(&self) -> Range<usize> {
        self.peek().map_or(self.end..self.end, |word| word.span.start..self.end)
    }
}

impl Word<'_> {
    /// What is wrong with it, and what would be right.
    pub(super) fn problem(&self, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem::new(self.span.clone(), message).help(help.into())
    }

    /// A whole number.
    pub(super) fn number(&self, what: &str) -> Result<u64, Problem> {
        let not = |_| {
            self.problem(format!("{what} is a whole number, and not {}", quoted(self.text)), "digits alone, as in `3`")
        };
        self.text.parse().map_err(not)
    }
}

/// How far a word goes.
fn plain_length(rest: &str) -> usize {
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    MARKS.iter().filter_map(|mark| rest[..end].find(mark)).min().unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_places() {
        let texts = |line| Words::of(line, 0).rest().iter().map(|word| word.text.to_owned()).collect::<Vec<_>>();
        assert_eq!(texts("  deliver append a->b, c  # now"), ["deliver", "append", "a", "->", "b,", "c"]);
        assert_eq!(texts("partition a,b|c"), ["partition", "a,b", "|", "c"]);
        assert_eq!(texts("expect @client-1 waiting"), ["expect", "@client-1", "waiting"]);
        assert!(texts("   # only a comment").is_empty());
        let words = Words::of(" äb -> c", 10);
        assert_eq!(words.words[0].span, 11..14);
        assert_eq!(words.words[2].span, 18..19);
    }
}
