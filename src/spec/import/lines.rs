//! Files that are read line by line.

use std::ops::Range;

/// A line without its end, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// The first byte in the file.
    pub(super) at: usize,
    pub(super) text: &'a str,
}

/// All lines of a file.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> + Clone {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        Line { at: start, text: line.trim_end_matches(['\n', '\r']) }
    })
}

impl<'a> Line<'a> {
    /// The line without blanks around it.
    pub(super) fn trimmed(self) -> Line<'a> {
        let text = self.text.trim_start();
        Line { at: self.at + self.text.len() - text.len(), text: text.trim_end() }
    }

    /// Where it stands.
    pub(super) fn span(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// What stands before and after the first of a letter, both trimmed.
    pub(super) fn split_once(self, letter: char) -> Option<(Line<'a>, Line<'a>)> {
        let found = self.text.find(letter)?;
        let after = found + letter.len_utf8();
        let before = Line { at: self.at, text: &self.text[..found] };
        Some((before.trimmed(), Line { at: self.at + after, text: &self.text[after..] }.trimmed()))
    }

    /// The parts between these letters, trimmed.
    pub(super) fn split(self, letter: char) -> impl Iterator<Item = Line<'a>> {
        let mut at = self.at;
        self.text.split(letter).map(move |part| {
            let line = Line { at, text: part };
            at += part.len() + letter.len_utf8();
            line.trimmed()
        })
    }

    /// The words between blanks.
    pub(super) fn words(self) -> impl Iterator<Item = Line<'a>> {
        let start = self.text.as_ptr() as usize;
        self.text.split_whitespace().map(move |word| Line { at: self.at + word.as_ptr() as usize - start, text: word })
    }
}

/// Which line of a file each byte is on, counted from 1.
#[derive(Debug)]
pub(super) struct LineNumbers {
    starts: Vec<usize>,
}

impl LineNumbers {
    pub(super) fn of(text: &str) -> Self {
        LineNumbers { starts: lines(text).map(|line| line.at).collect() }
    }

    pub(super) fn number(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1)
    }
}
