//! What a violation was shrunk to.

use serde::Serialize;

use super::number;
use super::page::Block;
use crate::sim::{Offence, Size};

/// A violation that was made small, and where it was written.
#[derive(Debug, Clone)]
pub struct ShrunkTo {
    /// The file.
    pub file: String,
    /// What shows it again.
    pub command: String,
    /// What is broken.
    pub rule: Offence,
    /// Executions that were tried.
    pub tries: u64,
    /// How large it was.
    pub before: Size,
    /// How large it is.
    pub after: Size,
}

/// What people read about it.
pub(super) fn blocks(shrunk: &ShrunkTo) -> Vec<Block> {
    let size = |size: Size| {
        format!(
            "{} faults, {} operations and {} messages",
            number::whole(size.faults),
            number::whole(size.operations),
            number::whole(size.messages)
        )
    };
    let told = format!(
        "From {} to {} that are not ordinary, in {} executions; written to {}, and shown again by",
        size(shrunk.before),
        size(shrunk.after),
        number::whole(shrunk.tries),
        shrunk.file
    );
    vec![
        Block::Heading(format!("Shrunk: {}", shrunk.rule)),
        Block::Paragraph(told),
        Block::Code(shrunk.command.clone()),
    ]
}

/// Why there is none.
pub(super) fn missing(is_violated: bool) -> &'static str {
    if is_violated {
        "`--shrink FILE` was not asked for, or did not come to an end"
    } else {
        "there is no violation to be made small"
    }
}

/// What programs read about it.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    file: &'a str,
    command: &'a str,
    rule: &'static str,
    executions: u64,
    faults: usize,
    operations: usize,
    messages: usize,
}

impl<'a> Entry<'a> {
    pub(super) fn of(shrunk: &'a ShrunkTo) -> Self {
        Entry {
            file: &shrunk.file,
            command: &shrunk.command,
            rule: shrunk.rule.name(),
            executions: shrunk.tries,
            faults: shrunk.after.faults,
            operations: shrunk.after.operations,
            messages: shrunk.after.messages,
        }
    }
}
