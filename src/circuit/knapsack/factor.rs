//! What voters that are alike are in a characteristic function.

/// Voters that are alike: what all of them are multiplied with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Factor {
    /// What one of them turns: its votes, or from one point to the next in parts of 2^128 of a turn.
    pub(super) turn: u128,
    /// How often it counts.
    pub(super) counted: f64,
    /// How many they are.
    pub(super) times: u32,
}

impl Factor {
    /// What it takes to multiply with it, in products.
    pub(super) fn cost(&self) -> usize {
        1 + 2 * self.times.ilog2() as usize
    }
}
