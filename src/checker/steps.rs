//! How much one question about a register may cost.

use crate::budget::{Budget, Meter, Resource};

/// Steps for every operation that are not worth counting: what is linear is always allowed.
const FREE_STEPS: u64 = 16;

/// A meter for a question about so many operations.
pub(super) fn meter(budget: &Budget, operations: usize) -> Meter {
    let free = (operations as u64).saturating_mul(FREE_STEPS);
    Meter::new(Resource::SearchSteps, budget.search_steps.saturating_add(free))
}
