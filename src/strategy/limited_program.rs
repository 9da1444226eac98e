//! The program of a question with limits, or with several objectives.

use num_rational::BigRational;
use num_traits::Zero;

use super::finish::About;
use super::objective::{Infeasible, Objective};
use super::program::demand::Demand;
use super::program::layered_formula::Layers;
use super::program::linear_program::{LinearProgram, Quantity, Role, Sum};
use super::question::{CompiledSets, EligibleSets, StrategyQuestion};
use super::time_layers::TimeLayers;
use crate::model::{Kind, Pair};

/// What can be chosen, what is minimised, and what has a limit.
pub(super) struct LimitedProgram<'a> {
    compiled: CompiledSets<'a>,
    timed: Option<TimeLayers>,
    pub(super) lp: LinearProgram<'a>,
}

/// Where a quantity stands in the program.
pub(super) fn position(quantity: Objective) -> Quantity {
    match quantity {
        Objective::Load => None,
        Objective::Network => Some(0),
        Objective::Latency => Some(1),
    }
}

impl<'a> LimitedProgram<'a> {
    /// The program whose objective is the sum of these quantities, each with a value that is possible; for limits that can be kept.
    ///
    /// # Errors
    /// [`Infeasible`] where no formula of the quorums fits the budget.
    pub(super) fn new(
        question: &'a StrategyQuestion<'a>,
        eligible: &'a EligibleSets<'a>,
        objectives: &[(Objective, f64)],
    ) -> Result<Self, Infeasible> {
        let plays = |quantity: Objective| objectives.iter().find(|(objective, _)| *objective == quantity);
        let is_timed = plays(Objective::Latency).is_some() || question.limits.latency_ms.is_some();
        let compiled = eligible.compiled(question);
        let timed = match is_timed {
            true => Some(TimeLayers::new(question, eligible, &compiled).map_err(Infeasible::Undecided)?),
            false => None,
        };
        let part = |quantity: Objective| match question.limits.exact(quantity) {
            _ if plays(quantity).is_some() => Role::objective(),
            Some(limit) => Role::Limit(limit),
            None => Role::Free,
        };
        // Every quantity is measured in what is known to be possible, or in its limit.
        let unit = |quantity: Objective| {
            let unit = plays(quantity).map(|(_, possible)| *possible).or(question.limits.of(quantity));
            unit.filter(|unit| *unit > 0.0 && unit.is_finite()).unwrap_or(1.0)
        };
        let nodes = question.system().nodes();
        let count = |kind: Kind| vec![question.share(kind); nodes.len()];
        let time = |kind: Kind| {
            let times = timed.iter().flat_map(|timed| timed.times.of(kind)).map(|time| time * question.share(kind));
            vec![BigRational::zero(); nodes.len()].into_iter().chain(times).collect::<Vec<_>>()
        };
        let demand = Demand::new(nodes, question.workload, unit(Objective::Load));
        let network = Sum::new(Pair::by_kind(count), unit(Objective::Network), part(Objective::Network));
        let latency = Sum::new(Pair::by_kind(time), unit(Objective::Latency), part(Objective::Latency));
        let lp = LinearProgram { demand, load: part(Objective::Load), sums: vec![network, latency] };
        Ok(LimitedProgram { compiled, timed, lp })
    }

    /// The layers of quorums, where time plays a part.
    pub(super) fn layers(&self) -> Option<&Layers<'static>> {
        self.timed.as_ref().map(|timed| &timed.layers)
    }

    /// What an answer is about; its objective is still to be said.
    pub(super) fn about<'s>(&'s self, question: &StrategyQuestion<'s>) -> About<'s> {
        About {
            compiled: &self.compiled,
            system: question.system(),
            workload: question.workload,
            objective: Objective::Load,
            limits: question.limits,
            timed: self.timed.is_some(),
            whole_strategy: question.whole_strategy,
        }
    }
}
