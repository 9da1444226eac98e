//! How a replica that has lost its disk comes back without forgetting what it acknowledged.
//!
//! It asks the others for all that they know, and serves once those that answered contain a read quorum without it.
//!
//! *Why that is enough.* Let a write be acknowledged by the members of a write quorum W, and let R be the read quorum that
//! answered. R meets W in some m, which is not the replica that rejoins. If m had acknowledged the write before it answered here,
//! the answer has the write. If it acknowledged it later, m knew by then of the rejoining (it is written to the disk before the
//! answer) and said so in the acknowledgement; the client sees that the acknowledgement of the lost disk, which did not say so,
//! does not belong together with it, and does not count the write as done ([`super::client`]).
//!
//! # Source
//! Michael, Ports, Sharma and Szekeres, Recovering shared objects without stable storage, DISC 2017 (crash-consistent quorums);
//! Liskov and Cowling, Viewstamped replication revisited, 2012 (recovery).

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::disk::Contents;
use super::frame::{FRAME_BYTES_MAX, FrameError, FrameKind, content, frame};
use super::letter::{DiskName, Hello, KnownAll, Slot};
use super::node::join;
use super::peers::{CallError, Caller, others};
use super::replicated::Replicated;
use super::setup::{NetError, Setup};
use crate::model::{Kind, NodeId, NodeSet};
use crate::protocol::ProcessId;

/// How long until somebody who could not be reached is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// All that one replica knows.
struct Told {
    records: Vec<Slot>,
    disks: Vec<(u32, DiskName)>,
}

/// Fills a disk with what the others know.
pub(super) async fn rejoin<P: Replicated>(
    setup: &Setup<'_>,
    caller: &Caller,
    contents: &mut Contents,
) -> Result<(), NetError> {
    let reads = setup.system.formula(Kind::Read);
    let holds = |set: &mut dyn Iterator<Item = ProcessId>| {
        reads.holds(&set.map(|process| NodeId::new(process.index())).collect::<NodeSet>())
    };
    if !holds(&mut others(&setup.peers, setup.node).map(|(peer, _)| peer)) {
        return Err(NetError::NobodyKnows);
    }
    let mut asked = JoinSet::new();
    for (peer, address) in others(&setup.peers, setup.node) {
        let (caller, log) = (caller.clone(), setup.log.clone());
        asked.spawn(async move {
            loop {
                match ask(&caller, peer, &address).await {
                    Ok(told) => return (peer, told),
                    Err(error) => log.say("rejoin", &[("peer", address.clone()), ("waits", error.to_string())]),
                }
                sleep(AGAIN).await;
            }
        });
    }
    let mut answered: BTreeMap<ProcessId, ()> = BTreeMap::new();
    while let Some(told) = asked.join_next().await {
        let Ok((peer, told)) = told else { continue };
        join::<P>(&mut contents.records, told.records)?;
        learn_disks(contents, told.disks);
        answered.insert(peer, ());
        if holds(&mut answered.keys().copied()) {
            contents.identity.is_whole = true;
            return Ok(());
        }
    }
    Err(NetError::NobodyKnows)
}

/// Takes over which disks there are, the own one too.
fn learn_disks(contents: &mut Contents, disks: Vec<(u32, DiskName)>) {
    let own = &mut contents.identity;
    for (node, disk) in disks {
        if node != own.node {
            let known = contents.disks.entry(node).or_insert(disk);
            if disk.rejoins > known.rejoins {
                *known = disk;
            }
        } else if disk.number == own.disk.number {
            own.disk.rejoins = own.disk.rejoins.max(disk.rejoins);
        }
    }
}

async fn ask(caller: &Caller, peer: ProcessId, address: &str) -> Result<Told, CallError> {
    let (mut reader, mut writer) = caller.connect(address).await?;
    let hello = Hello { cluster: caller.cluster, from: caller.from.0, to: peer.0, disk: caller.disk };
    writer.send(&frame(FrameKind::Recover, &hello)?).await?;
    let mut told = Told { records: Vec::new(), disks: Vec::new() };
    loop {
        match reader.frame(FRAME_BYTES_MAX, Some(super::channel::FRAME_TIME)).await? {
            Some((FrameKind::Known, rest)) => told.records.extend(content::<Vec<Slot>>(&rest)?),
            Some((FrameKind::KnownAll, rest)) => {
                told.disks = content::<KnownAll>(&rest)?.disks;
                return Ok(told);
            }
            Some((FrameKind::Refused, rest)) => return Err(CallError::Refused(content(&rest)?)),
            Some(_) => return Err(FrameError::Content.into()),
            None => return Err(CallError::Channel(super::channel::ChannelError::Key)),
        }
    }
}

/// What a replica that has rejoined writes down at once.
pub(super) fn changes(contents: &Contents) -> super::disk::Changes {
    super::disk::Changes {
        records: contents.records.iter().map(|(slot, record)| (*slot, Some(record.clone()))).collect(),
        disks: contents.disks.iter().map(|(node, disk)| (*node, *disk)).collect(),
        identity: Some(contents.identity.clone()),
    }
}
