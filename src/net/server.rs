//! A replica that serves.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::cluster::fingerprint;
use super::connections::{Serving, accept, ring};
use super::disk::{Contents, Disk, DiskError, Owner};
use super::introductions::Introductions;
use super::journal::Journal;
use super::metrics::{self, Metrics};
use super::node::Node;
use super::outbox::{Outbox, line};
use super::peers::{Caller, keep, others};
use super::rejoin;
use super::replicated::Replicated;
use super::setup::{NetError, Setup, Storage, io};

/// Serves until `stop` is ready; `ready` is called once it listens.
///
/// # Errors
/// [`NetError`] when it cannot begin, when another replica knows another disk of this one, and when the disk fails.
pub async fn serve<P: Replicated>(
    protocol: &P,
    setup: Setup<'_>,
    ready: impl FnOnce(),
    stop: impl Future<Output = ()>,
) -> Result<(), NetError> {
    let cluster = fingerprint(setup.system, setup.protocol);
    let (disk, mut contents) = storage(&setup, cluster)?;
    let caller = |disk| Caller { cluster, from: setup.node, disk: Some(disk), key: setup.key.clone() };
    let mut stop = std::pin::pin!(stop);
    if setup.rejoin {
        let caller = caller(contents.identity.disk);
        tokio::select! {
            joined = rejoin::rejoin::<P>(&setup, &caller, &mut contents) => joined?,
            () = &mut stop => return Err(NetError::Stopped),
        }
        if let Some(disk) = &disk {
            disk.commit([rejoin::changes(&contents)])?;
        }
    }
    let is_first = contents.identity.starts == 1 && !setup.rejoin;
    let caller = caller(contents.identity.disk);
    let (failures, mut failed) = unbounded_channel();
    let serving = Arc::new(begin(protocol, &setup, (disk, contents), (cluster, failures))?);
    let (told, mut events) = unbounded_channel();
    let mut tasks = JoinSet::new();
    let peers: Vec<_> = others(&setup.peers, setup.node).filter(|_| !setup.forgets).collect();
    let mut introductions = Introductions::new(&setup, is_first && !peers.is_empty());
    let called = peers.len();
    for (peer, address) in peers {
        let (line, end) = line();
        serving.outbox.connect(peer, &line);
        tasks.spawn(keep(caller.clone(), (peer, address), end, told.clone()));
    }
    introductions.first_round(&mut events, called).await?;
    serving.is_known.store(introductions.are_enough(), Ordering::SeqCst);
    if let Some(listener) = setup.metrics {
        tasks.spawn(metrics::answer(listener_of(listener)?, Arc::clone(&serving.metrics)));
    }
    tasks.spawn(accept(Arc::clone(&serving), listener_of(setup.listener)?, setup.limits.connections));
    tasks.spawn(ring(Arc::clone(&serving)));
    ready();
    let ended = loop {
        tokio::select! {
            () = &mut stop => break Ok(()),
            Some(error) = failed.recv() => break Err(error),
            Some((peer, event)) = events.recv() => {
                if let Err(error) = introductions.hear(peer, event) {
                    break Err(error);
                }
                serving.is_known.store(introductions.are_enough(), Ordering::SeqCst);
            }
        }
    };
    tasks.shutdown().await;
    serving.journal.close();
    ended
}

/// The disk, if there is one, and what it holds.
fn storage(setup: &Setup<'_>, cluster: [u8; 16]) -> Result<(Option<Disk>, Contents), NetError> {
    let name = setup.system.nodes()[setup.node.index()].name.clone();
    let owner = Owner { cluster, node: setup.node.0, name, rejoins: setup.rejoin };
    Ok(match &setup.storage {
        Storage::Memory => (None, Contents::of(owner.new_identity())),
        Storage::Folder(folder) => {
            let (disk, contents) = Disk::open(folder, &owner)?;
            (Some(disk), contents)
        }
    })
}

fn begin<P: Replicated>(
    protocol: &P,
    setup: &Setup<'_>,
    (disk, contents): (Option<Disk>, Contents),
    (cluster, failures): ([u8; 16], UnboundedSender<NetError>),
) -> Result<Serving<P>, NetError> {
    let metrics = Arc::new(Metrics::default());
    let outbox = Arc::new(Outbox::new(&metrics));
    // Nobody listens any more where the replica has ended.
    let failed = move |error: DiskError| drop(failures.send(error.into()));
    let journal =
        Journal::new(disk, &outbox, &metrics, setup.acknowledge, failed).map_err(io("cannot start a thread"))?;
    let (node, first) = Node::begin(protocol, contents)?;
    journal.carry_out(first);
    let replicas = setup.system.nodes().len() as u32;
    Ok(Serving::new(node, (journal, outbox, metrics), (cluster, replicas), setup))
}

fn listener_of(listener: std::net::TcpListener) -> Result<TcpListener, NetError> {
    listener.set_nonblocking(true).and_then(|()| TcpListener::from_std(listener)).map_err(io("cannot listen"))
}
