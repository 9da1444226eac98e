//! How a history is read.

use crate::history::format::Format;

/// Bytes that a line, or a form of EDN, may have.
#[doc(hidden)]
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// How the values of Jepsen's events are read, where they could be read in several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueShape {
    /// As values.
    Plain,
    /// As a list of a key and a value.
    Keyed,
    /// As a list of a key and a list of a version and a value.
    Versioned,
}

impl ValueShape {
    /// `plain`, `keyed` or `versioned`.
    pub fn name(self) -> &'static str {
        match self {
            ValueShape::Plain => "plain",
            ValueShape::Keyed => "keyed",
            ValueShape::Versioned => "versioned",
        }
    }
}

/// How a history is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// The format, instead of what the content says.
    pub format: Option<Format>,
    /// How values are read, instead of what all operations together say.
    pub values: Option<ValueShape>,
    /// Whether fields that are no part of an operation are refused instead of kept for display.
    pub is_strict: bool,
    /// Bytes that what is compressed may unpack to, instead of 200 times its size and 64 MiB in any case.
    pub unpacked_bytes_max: Option<u64>,
}
