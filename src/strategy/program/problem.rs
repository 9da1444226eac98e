//! A linear program and the quorums that may be drawn in it.

use super::formulas::Formulas;
use super::linear_program::LinearProgram;
use super::orbits::NodeOrbits;

/// What is minimised over which quorums, and which nodes can be exchanged there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Problem<'a> {
    /// Decomposable formulas of the quorums that may be drawn.
    pub(crate) formulas: Formulas<'a>,
    pub(crate) lp: &'a LinearProgram<'a>,
    pub(crate) orbits: &'a NodeOrbits,
}

impl Problem<'_> {
    /// Rows of the nodes: one for each orbit under every read fraction whose load has a part.
    pub(crate) fn node_rows(self) -> usize {
        let shares = if self.lp.has_load() { self.lp.demand.shares().len() } else { 0 };
        shares * self.orbits.len()
    }

    /// All rows: of the nodes, of what may have a limit, and of the kinds.
    pub(crate) fn rows(self) -> usize {
        self.node_rows() + self.lp.sums.len() + 3
    }
}
