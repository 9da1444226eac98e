//! Collecting what is wrong while a definition is read.

use std::ops::Range;

/// Errors that one [`Diagnostics`](super::diagnostic::Diagnostics) describes; the others are counted.
pub const ERRORS_KEPT_MAX: usize = 1_000;

/// One thing that is wrong, at an offset; lines and columns come later.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
    /// Where the same thing stood for the first time.
    pub(super) first: Option<usize>,
}

impl Problem {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Problem { span, message: message.into(), label: String::new(), help: None, first: None }
    }

    /// What stands under the underlined text.
    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What would be right.
    pub(super) fn help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }

    /// Where the same thing stood for the first time.
    pub(super) fn first(mut self, offset: usize) -> Self {
        self.first = Some(offset);
        self
    }
}

/// The problems found so far; beyond a limit they are only counted.
#[derive(Debug, Default)]
pub(super) struct Problems {
    kept: Vec<Problem>,
    dropped: usize,
}

impl Problems {
    pub(super) fn push(&mut self, problem: Problem) {
        self.push_with(|| problem);
    }

    /// As [`Problems::push`], for a description that takes some work: beyond the limit it is not made.
    pub(super) fn push_with(&mut self, describe: impl FnOnce() -> Problem) {
        if self.kept.len() < ERRORS_KEPT_MAX {
            self.kept.push(describe());
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn count(&self) -> usize {
        self.kept.len() + self.dropped
    }

    pub(super) fn into_parts(self) -> (Vec<Problem>, usize) {
        (self.kept, self.dropped)
    }

    /// Takes over the problems of a part, with their places translated.
    pub(super) fn absorb(&mut self, part: Problems, translate: impl Fn(&Range<usize>) -> Range<usize>) {
        self.dropped += part.dropped;
        for problem in part.kept {
            self.push(Problem { span: translate(&problem.span), ..problem });
        }
    }
}
