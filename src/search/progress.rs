//! How far a search is, and when values count as equal.

use std::ops::ControlFlow;

/// Values closer than this are equal: a rounding error. Then the system with fewer nodes wins, then the simpler one.
pub(super) const TIE: f64 = 1e-9;

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Candidates seen.
    pub seen: u64,
    /// The objective of the best system so far.
    pub best: Option<f64>,
}

/// Somebody who looks on, and lets the search go on or not.
pub(super) type Watch<'a> = dyn Fn(Progress) -> ControlFlow<()> + Sync + 'a;
