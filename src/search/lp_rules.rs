//! The rules of the program of a strategy.

use super::costs::Costs;
use crate::strategy::objective::{Limits, Objective};

/// The rules: costs, objective and limits, loads in the unit of the costs.
#[derive(Debug, Clone)]
pub(super) struct LpRules {
    pub(super) costs: Costs,
    pub(super) objective: Objective,
    pub(super) limits: Limits,
}
