//! Predicted against measured: every number of the analysis is held against a running register.
//!
//! [`verify`] analyses a system, runs the replicated register over it in virtual time, and compares. Where chance is
//! involved, an interval around the measurement must hold the prediction; the intervals are wide enough that a run in which
//! everything is right fails less than once in a thousand runs, however many comparisons it makes.
//!
//! | quantity | predicted by | measured as |
//! | --- | --- | --- |
//! | load | the optimal strategy | accesses of each node, and quorums drawn (chi-square) |
//! | network, latency | the optimal strategy | nodes contacted and time taken by an operation |
//! | latency and load of clients | their fastest quorums, and their strategies of the least load | the same over the links of the definition |
//! | failure probability | the exact pass | share of epochs with random failures in which operations do not complete |
//! | resilience | the smallest transversal | operations with any R nodes down, and with the transversal down |
//! | consistency | the intersection of quorums | executions under faults, each decided by the checker |
//! | stale and fresh reads | closed forms; the model of PBS | versions and time by which reads lag |
//!
//! [`of_consensus`] does the same for a protocol of consensus.

mod attempt;
mod availability;
mod claim;
mod clients;
mod consensus;
mod consistency;
mod evidence;
mod load;
mod observed;
pub mod pbs;
mod staleness;
pub mod statistics;
mod verification;

use crate::availability::Stage;
use crate::budget::is_stopped;
use crate::circuit::Compiled;
use crate::model::System;
use crate::strategy::optimum;
use crate::structure::intersection::{Verdict as Meeting, intersections};
use claim::Claim;
pub use claim::{Options, Quantity};
pub use consensus::{Course, Leading, Nature, of_consensus};
pub use evidence::{Evidence, Part, Sum, Verdict};
pub use observed::Contacts;
pub use statistics::{ConfidenceInterval, Level};
use verification::judge;
pub use verification::{Comparison, Verification};

#[cfg(test)]
mod tests;

/// What is measured, in this order, for those who look on.
const STAGES: [&str; 7] =
    ["predictions", "load", "failure probability", "resilience", "consistency", "staleness", "clients"];

/// Holds every prediction about a system against a running register.
///
/// # Complexity
/// O((operations + epochs + executions + sets) q) messages, with q nodes in a quorum; all but `operations` are in
/// proportion fewer where there are more than 25 nodes.
///
/// # Examples
/// ```
/// use quorate::families::Family;
/// use quorate::verify::{Options, verify};
/// let quick = Options { operations: 2_000, epochs: 500, executions: 20, ..Options::default() };
/// assert!(verify(&Family::Majority { n: 3 }.system()?, &quick).holds());
/// assert!(!verify(&Family::Threshold { n: 3, read: 1, write: 1 }.system()?, &quick).holds());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn verify(system: &System, options: &Options) -> Verification {
    verify_watched(system, options, &|_| {})
}

/// As [`verify`], and `told` of what is being measured.
pub fn verify_watched(system: &System, options: &Options, told: &dyn Fn(Stage)) -> Verification {
    let begins = |at: usize| told(Stage { name: STAGES[at], share: at as f64 / STAGES.len() as f64 });
    begins(0);
    let compiled = Compiled::new(system, options.budget);
    let optimum = optimum(&compiled, system.workload(), true);
    let optimum = optimum.as_ref().ok();
    let strategy = optimum.and_then(|optimum| optimum.strategy.as_ref());
    let mut claims = Vec::new();
    let mut missing = Vec::new();
    let mut measure = |at: usize, measured: &dyn Fn() -> Vec<Claim>| {
        begins(at);
        let found = if is_stopped() { Vec::new() } else { measured() };
        // What was stopped on its way was measured on registers that stopped, too.
        if is_stopped() { missing.push(STAGES[at]) } else { claims.extend(found) }
    };
    measure(1, &|| load::claims(system, optimum, options));
    measure(2, &|| availability::failure_claims(system, &compiled, options));
    measure(3, &|| availability::resilience_claims(system, &compiled, options));
    measure(4, &|| consistency::claims(system, strategy, options));
    if intersections(&compiled).read_write.verdict == Meeting::Fails {
        measure(5, &|| staleness::claims(system, strategy, options));
    }
    if !system.about().clients.each.is_empty() {
        measure(6, &|| clients::claims(system, &compiled, options));
    }
    judge(claims, missing, options.seed)
}

/// Holds what the optimal strategy predicts against the nodes that clients of a register asked first, wherever it ran: load, quorums
/// drawn and network.
///
/// # Complexity
/// That of the strategy, and linear in the sets that were asked.
pub fn of_contacts(system: &System, contacts: &Contacts, seed: u64) -> Verification {
    let optimum = optimum(&Compiled::new(system, Options::default().budget), system.workload(), true);
    judge(load::of_contacts(system, optimum.as_ref().ok(), contacts), Vec::new(), seed)
}
