//! Sequential consistency, by whatever it takes.

use super::chains::Chains;
use super::must_precede::{Found, must_precede};
use super::one_register::each_is_sequential;
use super::search::Search;
use crate::budget::{Budget, Meter};
use crate::checker::report::Stopped;
use crate::checker::sessions::Sessions;
use crate::checker::steps::meter;

/// Steps for each operation of a search that does not look at what must precede what.
const QUICK_STEPS_PER_OPERATION: u64 = 4;

/// Whether some order of all operations keeps the order of each process, and every operation finds what the last write of
/// its register before it left there.
///
/// # Method
/// Where each value is written once, one register is decided by its clusters. Of several, first a search tries the order
/// in which operations returned; then the rules of [`must_precede`] are followed, and a search keeps to what they found.
/// Repeated values and compare-and-set are left to the search.
///
/// # Complexity
/// O(n log n) for one register with unique values. Elsewhere the question is NP-complete (Gibbons and Korach, Testing shared
/// memories, 1997), and the search may use up the budget.
///
/// # Errors
/// [`Stopped`] when the budget ends.
pub(in crate::checker) fn is_sequential(sessions: &Sessions, budget: &Budget) -> Result<bool, Stopped> {
    let mut meter = meter(budget, sessions.ops.len());
    let chains = Chains::new(sessions);
    if !sessions.has_sources() {
        return Search::new(sessions, &chains, None).run(&mut meter);
    }
    let is_each = each_is_sequential(sessions);
    if !is_each || sessions.registers.len() == 1 {
        return Ok(is_each);
    }
    if let Some(answer) = quickly(sessions, &chains, &meter) {
        return Ok(answer);
    }
    match must_precede(sessions, &chains, &mut meter)? {
        Found::Circle => Ok(false),
        Found::Order(known) => Search::new(sessions, &chains, Some(&known)).run(&mut meter),
        Found::TooLarge => Search::new(sessions, &chains, None).run(&mut meter),
    }
}

/// Whether an order of all operations is found at once, where it is known which write each read returned: then whatever
/// follows from that need not be asked.
pub(in crate::checker) fn is_plainly_sequential(sessions: &Sessions, budget: &Budget) -> bool {
    let chains = Chains::new(sessions);
    quickly(sessions, &chains, &meter(budget, sessions.ops.len())) == Some(true)
}

/// The answer of a search that hardly ever goes back.
fn quickly(sessions: &Sessions, chains: &Chains, meter: &Meter) -> Option<bool> {
    let mut quick = meter.at_most(QUICK_STEPS_PER_OPERATION * sessions.ops.len() as u64);
    Search::new(sessions, chains, None).run(&mut quick).ok()
}
