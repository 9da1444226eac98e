//! Viewstamped Replication over any pair of quorum systems, and two ways to replicate that change views like it.
//!
//! The primary of a view is fixed by the view's number. It sends commands in order, and what a quorum of phase 2 has prepared is
//! committed. Who hears nothing of the primary wants the next view; when a quorum of phase 1 wants it, its primary takes the
//! log of the latest usual view among those of a quorum of phase 1, which meets every quorum of phase 2.
//!
//! Views, the last usual view and the log are on the disk before anybody hears of them, as implementations do it; the recovery without disks
//! of the paper is left out, because a replica that forgets what it said in a view change may undo it.
//!
//! | protocol | the primary | what goes around |
//! | --- | --- | --- |
//! | [`Viewstamped`] | sends to all | commands, which every replica carries out (active) |
//! | [`PrimaryBackup`] | sends to all | what came of them at the primary, which backups take over (passive) |
//! | [`Chain`] | sends to the next node, which sends on; the last one's answer counts | commands |
//!
//! Where writes are all nodes and reads any one, [`PrimaryBackup`] is the synchronous primary with backups of the textbooks, and
//! [`Chain`] is chain replication with all nodes; with other definitions the answers of a quorum of phase 2 are enough. A chain goes through
//! the nodes that answered in the view change, so that one that is down does not break it.
//!
//! # Source
//! Oki and Liskov, Viewstamped replication, PODC 1988; Liskov and Cowling, Viewstamped replication revisited, 2012; van Renesse and
//! Schneider, Chain replication for supporting high throughput and availability, OSDI 2004.

mod log;
mod message;
mod replica;

pub use message::{ViewEntry, ViewMessage, ViewRecord};
pub use replica::ViewReplica;

use super::cluster::{Consensus, Members};
use super::plan::Plan;
use super::watcher::Watched;
use crate::protocol::{Command, Invariant, ProcessId, Shared};
use replica::Way;

/// Oki's and Liskov's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Viewstamped;

/// A primary that executes, and backups that take over what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct PrimaryBackup;

/// Commands go from node to node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Chain;

macro_rules! by_views {
    ($name:ident, $way:expr) => {
        impl Consensus for $name {
            type Peer = ViewMessage;
            type Record = ViewRecord;
            type Replica = ViewReplica;
        }

        impl Members for $name {
            fn member(self, plan: Shared<Plan>, id: ProcessId) -> ViewReplica {
                ViewReplica::new(plan, id, $way)
            }

            fn watched(self) -> Watched {
                Watched {
                    has_logs: true,
                    has_leaders: true,
                    is_held: true,
                    decisions: Invariant::Agreement,
                    order: Invariant::StateMachineSafety,
                }
            }

            fn slots_of(self, term: u64, entries: &[(u64, Command)]) -> Option<Vec<(u64, ViewRecord)>> {
                // What the primary's execution gave is not known here.
                if $way == Way::Passive {
                    return None;
                }
                let entry = |(index, (view, command)): (u64, &(u64, Command))| {
                    (index, ViewRecord::Entry(ViewEntry { view: *view, command: *command, outcome: None }))
                };
                let normal = entries.last().map_or(0, |(view, _)| *view);
                let views = ViewRecord::Views { view: term, normal };
                Some(std::iter::once((0, views)).chain((1..).zip(entries).map(entry)).collect())
            }
        }
    };
}

by_views!(Viewstamped, Way::Active);
by_views!(PrimaryBackup, Way::Passive);
by_views!(Chain, Way::Chain);
