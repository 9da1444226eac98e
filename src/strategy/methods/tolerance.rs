//! When numbers in floating point count as equal, and why.

/// A limit passed by this share of it counts as kept: a rounding error of the solver.
pub(crate) const EXCESS_MAX: f64 = 1e-9;
/// A relative gap between the bounds of a strategy that counts as none: the solver's rounding errors, added up over a program.
pub(crate) const GAP_MAX: f64 = 1e-9;
