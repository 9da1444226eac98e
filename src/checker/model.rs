//! What an execution of registers may be asked to be.

/// A promise about the operations on registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Model {
    /// A read that overlaps no write returns the last value written.
    Safe,
    /// Every read, taken alone, returns the last value written or one that is being written.
    Regular,
    /// All operations happen one at a time, each at an instant between its start and its end.
    #[default]
    Atomic,
    /// All operations happen one at a time, those of each process in their order, whatever the clocks say.
    Sequential,
    /// Each process sees all writes in an order of its own, which keeps what may have caused what.
    Causal,
    /// Each process sees all writes in an order of its own, in which its own writes precede its later reads.
    ReadYourWrites,
    /// Each process sees all writes in an order of its own, in which its reads keep their order.
    MonotonicReads,
    /// The same, and the writes of every process keep their order.
    MonotonicWrites,
    /// As monotonic reads, and what a process wrote comes after what it had read before.
    WritesFollowReads,
}

impl Model {
    /// Every model, the weakest first among those of real time, and then the strongest first among the others.
    pub const ALL: [Model; 9] = [
        Model::Safe,
        Model::Regular,
        Model::Atomic,
        Model::Sequential,
        Model::Causal,
        Model::ReadYourWrites,
        Model::MonotonicReads,
        Model::MonotonicWrites,
        Model::WritesFollowReads,
    ];

    /// `safe`, `regular`, `atomic`, `sequential`, `causal`, `read-your-writes`, `monotonic-reads`, `monotonic-writes` or
    /// `writes-follow-reads`.
    pub fn name(self) -> &'static str {
        match self {
            Model::Safe => "safe",
            Model::Regular => "regular",
            Model::Atomic => "atomic",
            Model::Sequential => "sequential",
            Model::Causal => "causal",
            Model::ReadYourWrites => "read-your-writes",
            Model::MonotonicReads => "monotonic-reads",
            Model::MonotonicWrites => "monotonic-writes",
            Model::WritesFollowReads => "writes-follow-reads",
        }
    }

    /// The same with underscores, as keys have it.
    pub fn key(self) -> &'static str {
        match self {
            Model::ReadYourWrites => "read_your_writes",
            Model::MonotonicReads => "monotonic_reads",
            Model::MonotonicWrites => "monotonic_writes",
            Model::WritesFollowReads => "writes_follow_reads",
            other => other.name(),
        }
    }

    /// Whether it looks at the order within each process, and not at the clock.
    pub fn leaves_time_out(self) -> bool {
        !matches!(self, Model::Safe | Model::Regular | Model::Atomic)
    }

    /// Whether it promises all that another one promises, and more.
    pub fn is_stronger_than(self, other: Model) -> bool {
        match self {
            Model::Atomic => other != Model::Atomic,
            Model::Regular => other == Model::Safe,
            Model::Sequential => other.leaves_time_out() && other != Model::Sequential,
            Model::Causal => other.leaves_time_out() && !matches!(other, Model::Sequential | Model::Causal),
            _ => false,
        }
    }
}
