//! A question about strategies with its answer, which may be that there is none.

use super::objective::{Infeasible, Limits, Objective};
use super::optimum::Optimum;
use crate::circuit::Compiled;
use crate::model::Workload;

/// What was asked for, and the best strategy or why there is none.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct StrategyAnswer {
    /// The mix of reads and writes.
    pub workload: Workload,
    /// What the strategy is to be best at.
    pub objective: Objective,
    /// The best strategy.
    pub best: Result<Optimum, Infeasible>,
}

impl StrategyAnswer {
    /// Asks as [`best`](super::best()).
    pub fn of(
        compiled: &Compiled<'_>,
        workload: &Workload,
        (objective, limits): (Objective, &Limits),
        whole_strategy: bool,
    ) -> Self {
        let best = super::best::best(compiled, workload, (objective, limits), whole_strategy);
        StrategyAnswer { workload: workload.clone(), objective, best }
    }

    /// The best strategy, where there is one.
    pub fn optimum(&self) -> Option<&Optimum> {
        self.best.as_ref().ok()
    }

    /// Why there is none.
    pub fn infeasible(&self) -> Option<&Infeasible> {
        self.best.as_ref().err()
    }
}
