//! The lines of a scenario, and where they stand.

/// A line of the file: its number from 1, where it begins, and its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) number: usize,
    pub(super) offset: usize,
    pub(super) text: &'a str,
}

/// All lines of a text.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut offset = 0;
    let mut lines = Vec::new();
    for (number, with_end) in (1..).zip(text.split_inclusive('\n')) {
        let line = with_end.trim_end_matches(['\n', '\r']);
        lines.push(Line { number, offset, text: line });
        offset += with_end.len();
    }
    lines
}
