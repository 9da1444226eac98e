//! What every program of a system is solved within.

use super::demand::Demand;
use super::formulas::Formulas;
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::Node;

/// Whose quorums are drawn, and what that may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) nodes: &'a [Node],
    pub(crate) budget: &'a Budget,
}

impl<'a> Context<'a> {
    pub(crate) fn of(compiled: &'a Compiled<'_>) -> Self {
        Context { nodes: compiled.system().nodes(), budget: compiled.budget() }
    }
}

/// Which quorums may be drawn, and how often they are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) formulas: Formulas<'a>,
    pub(crate) demand: &'a Demand<'a>,
}
