//! What is predicted of a replicated state machine over a system, and measured on one that runs.
//!
//! | quantity | predicted by | measured as |
//! | --- | --- | --- |
//! | commit latency | the fastest quorums of phase 2 around each leader | the time of commands, exactly, where messages take constant times |
//! | messages, load | the protocol's rounds | messages of a command, and those that each node handles |
//! | failure probability | the exact pass | epochs in which nothing is elected, or nothing committed under a leader that stands |
//! | resilience | the smallest transversals | commands with any R nodes down, and with a transversal down |
//! | consistency | the intersection of quorums | executions under faults, with all invariants |
//! | split decisions | a witness of quorums that miss each other | executions in which the network is cut between them |

mod commits;
mod course;
mod elections;
mod executions;
mod stand;
#[cfg(test)]
mod tests;

pub use course::{Course, Leading, Nature};

use super::claim::{Claim, Options};
use super::verification::{Verification, judge};
use crate::availability::Stage;
use crate::budget::is_stopped;
use crate::circuit::Compiled;
use crate::consensus::Timing;
use crate::model::System;
use crate::protocol::Protocol;
use crate::protocol::register::Patience;
use stand::Stand;

/// What is measured, in this order.
const STAGES: [&str; 5] = ["latency and messages", "elections", "commits", "resilience", "consistency"];

/// Holds every prediction about a protocol of consensus over a system against one that runs; `make` gives the store with its patience
/// and its times.
///
/// # Complexity
/// O((epochs + executions + sets) n) messages a command, with n nodes; in proportion fewer of each beyond 25 nodes.
///
/// # Examples
/// ```
/// use quorate::consensus::{Cluster, Raft};
/// use quorate::families::Family;
/// use quorate::verify::{Nature, Options, of_consensus};
/// let system = Family::Majority { n: 3 }.system()?;
/// let raft = |patience, timing| Cluster::new(&system, Raft, patience, timing);
/// let quick = Options { epochs: 50, executions: 5, sets: 10, ..Options::default() };
/// assert!(of_consensus(&system, &raft, Nature::RAFT, &quick, &|_| {}).holds());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn of_consensus<P: Protocol + Sync>(
    system: &System,
    make: &(impl Fn(Patience, Timing) -> P + Sync),
    nature: Nature,
    options: &Options,
    told: &dyn Fn(Stage),
) -> Verification {
    let stand = Stand { system, make, nature, seed: options.seed };
    let compiled = Compiled::new(system, options.budget);
    let (mut claims, mut missing) = (Vec::new(), Vec::new());
    let mut measure = |at: usize, measured: &dyn Fn() -> Vec<Claim>| {
        told(Stage { name: STAGES[at], share: at as f64 / STAGES.len() as f64 });
        let found = if is_stopped() { Vec::new() } else { measured() };
        if is_stopped() { missing.push(STAGES[at]) } else { claims.extend(found) }
    };
    measure(0, &|| commits::claims(&stand));
    measure(1, &|| elections::of_elections(&stand, &compiled, options));
    measure(2, &|| elections::of_commits(&stand, &compiled, options));
    measure(3, &|| elections::of_resilience(&stand, &compiled, options));
    measure(4, &|| executions::claims(&stand, options));
    Verification { protocol: Some(nature.name.to_owned()), ..judge(claims, missing, options.seed) }
}
