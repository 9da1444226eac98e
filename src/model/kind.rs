//! Reads and writes, and something for each.

/// Which of the two kinds of quorums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    /// Quorums that a read contacts.
    Read,
    /// Quorums that a write contacts.
    Write,
}

impl Kind {
    /// Both kinds, reads first.
    pub const BOTH: [Kind; 2] = [Kind::Read, Kind::Write];

    /// `read` or `write`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Read => "read",
            Kind::Write => "write",
        }
    }
}

/// One value for reads and one for writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Pair<T> {
    /// That of the reads.
    pub reads: T,
    /// That of the writes.
    pub writes: T,
}

impl<T> Pair<T> {
    /// The value of one kind.
    pub fn of(&self, kind: Kind) -> &T {
        match kind {
            Kind::Read => &self.reads,
            Kind::Write => &self.writes,
        }
    }

    /// What `f` makes of each kind.
    pub fn by_kind(mut f: impl FnMut(Kind) -> T) -> Self {
        Pair { reads: f(Kind::Read), writes: f(Kind::Write) }
    }

    /// The pair of what `f` makes of each value.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Pair<U> {
        Pair { reads: f(self.reads), writes: f(self.writes) }
    }

    /// The pair of references.
    pub fn as_ref(&self) -> Pair<&T> {
        Pair { reads: &self.reads, writes: &self.writes }
    }
}
