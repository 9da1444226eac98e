//! Ben-Or's randomised consensus over any quorum system that meets itself, an instance for each place of a log.
//!
//! Commands are broadcast. The instances belong to the replicas in turn; the owner of one puts a command forward, and all decide
//! whether it is taken: a replica begins with it if it has come in time, and else with nothing. In each round replicas report
//! their values; what a quorum (of phase 1) reports alike is proposed; what a quorum (of phase 2) proposes is decided, what one proposes is
//! taken over, and where nobody proposes, a coin decides with what the replica goes on. No clock is needed for that to end with probability 1:
//! timers only say when to send something again.
//!
//! Two quorums of phase 1 meet, so at most one value is proposed in a round. Two of phase 2 meet, so that when one value is decided, everybody
//! goes on with it.
//!
//! # Source
//! Ben-Or, Another advantage of free choice: completely asynchronous agreement protocols, PODC 1983.

mod instance;
mod message;
mod replica;

pub use message::{BenOrMessage, BenOrRecord, Said, Value, Vote};
pub use replica::BenOrReplica;

use super::cluster::{Consensus, Members};
use super::plan::Plan;
use super::watcher::Watched;
use crate::protocol::{Invariant, ProcessId, Shared};

/// Ben-Or's protocol, an instance for each place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BenOr;

impl Consensus for BenOr {
    type Peer = BenOrMessage;
    type Record = BenOrRecord;
    type Replica = BenOrReplica;
}

impl Members for BenOr {
    fn member(self, plan: Shared<Plan>, id: ProcessId) -> BenOrReplica {
        BenOrReplica::new(plan, id)
    }

    fn watched(self) -> Watched {
        Watched {
            has_logs: false,
            has_leaders: false,
            is_held: false,
            decisions: Invariant::Agreement,
            order: Invariant::StateMachineSafety,
        }
    }
}
