//! Consensus over any quorum system, and a replicated key-value store on top.
//!
//! Every protocol is a [`Consensus`]: replicas that agree on a log of commands, as machines on the same drivers as the registers. A
//! [`Cluster`] is a key-value store (`read`, `write`, `cas`) on such a log, in which the commands of a client's session are carried
//! out once. Quorums come in through [`Phases`] only.
//!
//! | protocol | what must meet | a command takes, beyond its client's round trip |
//! | --- | --- | --- |
//! | [`Raft`] | phase 1 and phase 2; two of phase 1 | one round trip |
//! | [`MultiPaxos`] | phase 1 and phase 2 | one round trip |
//! | [`Paxos`] | phase 1 and phase 2 | two round trips |
//! | [`Viewstamped`] | phase 1 and phase 2 | one round trip |
//! | [`PrimaryBackup`] | phase 1 and phase 2 | one round trip |
//! | [`Chain`] | phase 1 and phase 2 | a way through all nodes of the chain |
//! | [`BenOr`] | all quorums | a broadcast and two messages a round, until coins agree |
//! | [`FastPaxos`] | phase 1 and phase 2; phase 1 and any two fast ones | one round trip, three after a collision |
//! | [`TotalOrder`] | phase 1 and phase 2 | a broadcast and two round trips, for all commands that were waiting |

pub mod ben_or;
mod client;
mod cluster;
mod flaw;
mod log;
mod machine;
mod message;
pub mod multi_paxos;
pub mod paxos;
mod phases;
mod plan;
pub mod raft;
mod replica_state;
mod store;
#[cfg(test)]
mod tests;
pub mod viewstamped;
mod watcher;
mod wording;

pub use ben_or::BenOr;
pub use client::Client;
pub use cluster::{Cluster, Consensus};
#[cfg(test)]
pub(crate) use flaw::Flaw;
pub use message::{ConsensusMessage, ConsensusRecord};
pub use multi_paxos::MultiPaxos;
pub use paxos::{FastPaxos, Paxos, TotalOrder};
pub use phases::Phases;
pub use plan::{Remedy, Timing};
pub use raft::Raft;
pub use viewstamped::{Chain, PrimaryBackup, Viewstamped};
