//! What a replica of a log is at one moment.

/// What a replica of a log is now: its part, in which term, and how far it knows that all is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Standing {
    /// Its part: a word of the protocol, such as `leader`.
    pub part: &'static str,
    /// The term, view or ballot that it is in.
    pub term: u64,
    /// All up to this place is committed, as far as it knows; places are numbered from 1.
    pub committed: u64,
}
