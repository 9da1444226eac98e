//! The methods of the ladder by name.

/// A method of finding a best strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rung {
    /// The closed recursion on a read-once formula; of loads.
    ReadOnce,
    /// The closed form of a triangular board; of loads.
    TriangularBoard,
    /// Column generation, quorums of a lattice priced by shortest paths; unless time plays a part.
    Lattice,
    /// All smallest quorums equally often; of loads.
    UniformSmallest,
    /// Column generation in whole numbers.
    SmallProgram,
    /// The flow program with votes as fractions.
    FractionalVotes,
    /// The flow program.
    FlowProgram,
    /// Column generation, quorums priced by a pass over the formula.
    Columns,
}

impl Rung {
    /// All of them, in the order in which they are tried.
    pub const ALL: [Rung; 8] = [
        Rung::ReadOnce,
        Rung::TriangularBoard,
        Rung::Lattice,
        Rung::UniformSmallest,
        Rung::SmallProgram,
        Rung::FractionalVotes,
        Rung::FlowProgram,
        Rung::Columns,
    ];
}
