//! What a front is searched on: everything that can be chosen, with both quantities as one objective.

use num_rational::BigRational;

use super::certify::proof::Proof;
use super::chain::float;
use super::methods::deadline_layers::{Limited, by_program};
use super::objective::{Infeasible, Objective};
use super::optimum::Optimum;
use super::program::layered_formula::Combined;
use super::program::linear_program::{Prices, Quantity, Task};
use super::within_limits::{Menu, answer, checked};
use super::{Offer, Question};
use crate::budget::Exhausted;

/// The layers of quorums, the formulas of all layers together, and the task.
pub(super) struct Ground<'a> {
    menu: Menu,
    pub(super) combined: Combined,
    /// Both quantities are its objective; weights are given to each program.
    pub(super) task: Task<'a>,
    axes: [Objective; 2],
}

impl<'a> Ground<'a> {
    /// For limits that can be kept.
    ///
    /// # Errors
    /// [`Infeasible`] where they cannot, or where a latency is missing.
    pub(super) fn new(question: &Question<'a>, offer: &Offer<'_>, axes: [Objective; 2]) -> Result<Self, Infeasible> {
        let timed = axes.contains(&Objective::Latency) || question.limits.latency_ms.is_some();
        if timed && let Some(node) = question.without_latency(offer) {
            return Err(Infeasible::NoLatency { node });
        }
        checked(question, offer)?;
        let menu = Menu::new(question, offer, timed).map_err(Infeasible::Undecided)?;
        let task = menu.task(question, offer, &axes)?;
        let combined = Combined::new(&menu.layers, question.system().nodes());
        Ok(Ground { menu, combined, task, axes })
    }

    /// The two quantities of the task.
    pub(super) fn quantities(&self) -> [Quantity; 2] {
        self.axes.map(|axis| match axis {
            Objective::Load => None,
            Objective::Network => Some(0),
            Objective::Latency => Some(1),
        })
    }

    /// A strategy with the least weighted sum.
    pub(super) fn least(&self, question: &Question<'_>, weights: [&BigRational; 2]) -> Result<Limited, Exhausted> {
        let task = self.task.weighing(self.quantities(), weights).without_idle();
        by_program((&self.menu.layers, &self.combined), &task, question.system().nodes(), question.budget())
    }

    /// Both quantities of a strategy in fractions.
    pub(super) fn exactly(&self, proof: &Proof) -> Option<[BigRational; 2]> {
        self.combined.quantities(&self.task, proof, self.quantities())
    }

    /// The same in floating point.
    pub(super) fn about(&self, found: &Limited) -> [f64; 2] {
        self.quantities().map(|quantity| self.task.quantity(quantity, &found.used))
    }

    /// The strategy of a proof with the least y, and prices that prove that.
    pub(super) fn proven(&self, proof: &Proof, prices: Prices, y: BigRational) -> Limited {
        Limited::proven(&self.combined, &self.task, (proof, prices), y)
    }

    /// A strategy at x as an answer about y.
    pub(super) fn answer(
        &self,
        question: &Question<'_>,
        offer: &Offer<'_>,
        (x, found): (&BigRational, Limited),
    ) -> Optimum {
        let timed = !self.menu.times.reads.is_empty() || !self.menu.times.writes.is_empty();
        let is_exact = found.exact.is_some();
        let mut optimum = answer(question, offer, (self.axes[1], timed), &self.task, found);
        if is_exact {
            match self.axes[0] {
                Objective::Load => optimum.mean_load = float(x),
                Objective::Network => optimum.network = float(x),
                Objective::Latency => optimum.latency_ms = optimum.latency_ms.map(|_| float(x)),
            }
        }
        optimum
    }
}
