//! Which peers know the disk of a replica, and whether it may answer yet.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::log::Log;
use super::peers::PeerEvent;
use super::setup::{NetError, Setup};
use crate::model::{Formula, Kind, NodeId, NodeSet, System};
use crate::protocol::ProcessId;

/// How long a replica waits for its peers before it serves without having met them.
const INTRODUCTION_TIME: Duration = Duration::from_secs(1);

/// Which peers know this disk.
pub(super) struct Introductions<'a> {
    system: &'a System,
    reads: &'a Formula,
    log: Log,
    known: NodeSet,
    is_needed: bool,
}

impl<'a> Introductions<'a> {
    pub(super) fn new(setup: &Setup<'a>, is_needed: bool) -> Introductions<'a> {
        let known = [NodeId::new(setup.node.index())].into_iter().collect();
        let system = setup.system;
        Introductions { system, reads: system.formula(Kind::Read), log: setup.log.clone(), known, is_needed }
    }

    /// A new disk answers when those who know it are a read quorum together with it; one that was there before, at once.
    pub(super) fn are_enough(&self) -> bool {
        !self.is_needed || self.reads.holds(&self.known)
    }

    /// Takes note of what a peer said.
    pub(super) fn hear(&mut self, peer: ProcessId, event: PeerEvent) -> Result<(), NetError> {
        let name = self.system.nodes()[peer.index()].name.clone();
        match event {
            PeerEvent::Welcomed => {
                self.known.insert(NodeId::new(peer.index()));
                self.log.say("met", &[("peer", name)]);
                Ok(())
            }
            PeerEvent::Away => Ok(()),
            PeerEvent::Refused(reason) => Err(NetError::Refused { peer: name, reason }),
        }
    }

    /// Waits until each peer was called once, but not for long.
    pub(super) async fn first_round(
        &mut self,
        events: &mut UnboundedReceiver<(ProcessId, PeerEvent)>,
        peers: usize,
    ) -> Result<(), NetError> {
        let mut called = BTreeSet::new();
        let end = Instant::now() + INTRODUCTION_TIME;
        while called.len() < peers {
            tokio::select! {
                Some((peer, event)) = events.recv() => {
                    called.insert(peer);
                    self.hear(peer, event)?;
                }
                () = sleep_until(end) => break,
            }
        }
        Ok(())
    }
}
