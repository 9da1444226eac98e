//! The theorem of Fischer, Lynch and Paterson made concrete: no deterministic protocol for consensus ends in every run if one process may
//! crash.
//!
//! A `protocol` is a step function; a `configuration` the states of all processes and the messages on their way. `valence` looks for
//! schedules to either decision: two of them prove that a configuration is bivalent, and one never proves that it is not. `initial` is
//! Lemma 2 and `adversary` Lemma 3, repeated: a schedule of any length in which every message arrives and nothing is decided.
//! `remedies` are the ways around it.
//!
//! # Source
//! Fischer, Lynch and Paterson, Impossibility of distributed consensus with one faulty process, Journal of the ACM 32, 1985; that the proof can
//! be carried out by a program: Constable, Effectively nonblocking consensus procedures can execute forever, 2008.

mod adversary;
mod configuration;
mod impossibility;
mod initial;
mod outcome;
mod protocol;
mod protocols;
mod register;
mod remedies;
mod renaming;
mod schedule_file;
mod trade_offs;
mod valence;
mod which;
mod written;

pub use adversary::Lasso;
pub use impossibility::{Asked, impossibility};
pub use outcome::{Detour, NeighbourPair, Outcome, Remedies, TradeOff, Ways};
pub use register::RegisterRun;
pub use remedies::Rounds;
pub use schedule_file::{Given, Misread};
pub use valence::Known;
pub use which::{PROCESSES, STEPS_MAX, Which};

#[cfg(test)]
mod tests;
