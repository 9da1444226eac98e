//! What comes in on the connections of a replica, and what is refused there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::channel::{ChannelError, FRAME_TIME, Reader, Side, Writer, open};
use super::frame::{FRAME_BYTES_MAX, FrameError, FrameKind, GREETING_BYTES_MAX, content, frame};
use super::journal::{Journal, WAITING_MAX};
use super::key::SharedKey;
use super::letter::{Hello, Refused, Welcome};
use super::log::Log;
use super::metrics::Metrics;
use super::node::Node;
use super::outbox::{Line, LineEnd, Outbox, Parcel, To, line};
use super::replicated::Replicated;
use super::setup::{ServerLimits, Setup};
use crate::protocol::ProcessId;

/// Everything that the tasks of a replica share.
pub(super) struct Serving<P: Replicated> {
    node: Mutex<Node<P>>,
    pub(super) journal: Journal,
    pub(super) outbox: Arc<Outbox>,
    pub(super) metrics: Arc<Metrics>,
    cluster: [u8; 16],
    replicas: u32,
    /// Whether enough peers know this disk for it to answer.
    pub(super) is_known: AtomicBool,
    timers: Notify,
    limits: ServerLimits,
    /// Kilobytes of frames that may still be read at once.
    room: Semaphore,
    key: Option<SharedKey>,
    log: Log,
}

impl<P: Replicated> Serving<P> {
    pub(super) fn new(
        node: Node<P>,
        (journal, outbox, metrics): (Journal, Arc<Outbox>, Arc<Metrics>),
        (cluster, replicas): ([u8; 16], u32),
        setup: &Setup<'_>,
    ) -> Self {
        Serving {
            node: Mutex::new(node),
            journal,
            outbox,
            metrics,
            cluster,
            replicas,
            is_known: AtomicBool::new(false),
            timers: Notify::new(),
            limits: setup.limits,
            room: Semaphore::new(setup.limits.bytes.max(FRAME_BYTES_MAX)),
            key: setup.key.clone(),
            log: setup.log.clone(),
        }
    }

    /// A step that panicked has sent nothing.
    fn node(&self) -> MutexGuard<'_, Node<P>> {
        self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes connections, as many as there may be.
pub(super) async fn accept<P: Replicated>(serving: Arc<Serving<P>>, listener: TcpListener, most: usize) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let Ok((stream, from)) = accepted else {
                    // No file descriptors are left: later there may be.
                    sleep(Duration::from_millis(50)).await;
                    continue;
                };
                if connections.len() >= most {
                    serving.metrics.connections_refused.add(1);
                    drop(stream);
                    continue;
                }
                let serving = Arc::clone(&serving);
                connections.spawn(async move {
                    serving.metrics.connections_opened.add(1);
                    serving.metrics.connections.add(1);
                    if let Err(error) = connection(&serving, stream).await {
                        serving.metrics.connections_refused.add(1);
                        serving.log.say("refused", &[("from", from.to_string()), ("because", error.to_string())]);
                    }
                    serving.metrics.connections.subtract(1);
                });
            }
        }
    }
}

/// Hands timers that run out to the machine.
pub(super) async fn ring<P: Replicated>(serving: Arc<Serving<P>>) {
    loop {
        let next = serving.node().next_alarm();
        match next {
            None => serving.timers.notified().await,
            Some(at) => {
                tokio::select! {
                    () = tokio::time::sleep_until(at.into()) => {}
                    () = serving.timers.notified() => {}
                }
                let mut node = serving.node();
                let steps = node.ring(Instant::now());
                steps.into_iter().for_each(|step| serving.journal.carry_out(step));
            }
        }
    }
}

async fn connection<P: Replicated>(serving: &Arc<Serving<P>>, stream: TcpStream) -> Result<(), ChannelError> {
    let (mut reader, mut writer) = open(stream, Side::Called, serving.key.as_ref()).await?;
    let Some((kind, rest)) = reader.frame(GREETING_BYTES_MAX, Some(FRAME_TIME)).await? else { return Ok(()) };
    let hello: Hello = content(&rest)?;
    let (line, end) = line();
    match greet(serving, kind, &hello, &line) {
        Ok(true) => {}
        Ok(false) => {
            // All that was asked for is on the line, and its end follows.
            drop(line);
            write(&mut writer, end).await;
            return Ok(());
        }
        Err(refused) => {
            serving.log.say("refused", &[("process", hello.from.to_string()), ("because", refused.reason.clone())]);
            writer.send(&frame(FrameKind::Refused, &refused)?).await?;
            writer.close().await;
            serving.metrics.connections_refused.add(1);
            return Ok(());
        }
    }
    let from = ProcessId(hello.from);
    let is_client = hello.from >= serving.replicas;
    if is_client {
        serving.outbox.connect(from, &line);
    }
    let read = async {
        let read = letters(serving, &mut reader, from, &line).await;
        serving.outbox.disconnect(from, &line);
        read
    };
    tokio::select! {
        read = read => read,
        () = write(&mut writer, end) => Ok(()),
    }
}

async fn write(writer: &mut Writer, mut end: LineEnd) {
    let mut joined = Vec::new();
    while end.next(&mut joined).await {
        // Whoever does not take what it asked for is as good as gone.
        if !matches!(timeout(FRAME_TIME, writer.send(&joined)).await, Ok(Ok(()))) {
            return;
        }
    }
    writer.close().await;
}

/// Answers who somebody is; says whether letters follow.
fn greet<P: Replicated>(serving: &Serving<P>, kind: FrameKind, hello: &Hello, line: &Line) -> Result<bool, Refused> {
    let refuse = |reason: &str| Err(Refused { reason: reason.to_owned(), for_ever: true });
    let mut node = serving.node();
    if hello.cluster != serving.cluster {
        return refuse("the definition or the protocol is another one here");
    }
    if hello.to != node.id().0 {
        return refuse("this is another node of the definition: the addresses are mixed up");
    }
    let unreadable = |_: FrameError| Refused { reason: "too much to be told".into(), for_ever: true };
    let from = ProcessId(hello.from);
    let is_replica = hello.from < serving.replicas && from != node.id();
    match (kind, hello.disk) {
        (FrameKind::Hello, None) if hello.from >= serving.replicas => {
            let parcel = welcome(&node, line).map_err(unreadable)?;
            serving.outbox.post_all([parcel]);
            Ok(true)
        }
        (FrameKind::Hello, Some(disk)) if is_replica => {
            let mut step = node.introduce(from, disk)?;
            step.parcels.push(welcome(&node, line).map_err(unreadable)?);
            serving.journal.carry_out(step);
            Ok(true)
        }
        (FrameKind::Recover, Some(disk)) if is_replica => {
            if !serving.is_known.load(Ordering::SeqCst) {
                return Err(Refused { reason: "this replica is new itself".into(), for_ever: false });
            }
            let step = node.tell(from, disk, line).map_err(unreadable)?;
            serving.journal.carry_out(step);
            Ok(false)
        }
        _ => refuse("no greeting"),
    }
}

fn welcome<P: Replicated>(node: &Node<P>, line: &Line) -> Result<Parcel, FrameError> {
    let frame = frame(FrameKind::Welcome, &Welcome { disk: node.disk() })?;
    Ok(Parcel { to: To::Line(line.clone()), frame })
}

/// Hands letters to the machine until there are no more.
async fn letters<P: Replicated>(
    serving: &Arc<Serving<P>>,
    reader: &mut Reader,
    from: ProcessId,
    line: &Line,
) -> Result<(), ChannelError> {
    loop {
        let next = reader.frame_within(FRAME_BYTES_MAX, Some(serving.limits.idle), &serving.room).await?;
        let Some((kind, rest)) = next else { return Ok(()) };
        if !matches!(kind, FrameKind::Letter(_)) {
            return Err(FrameError::Content.into());
        }
        serving.metrics.frames_received.add(1);
        while serving.journal.waiting() > WAITING_MAX {
            sleep(Duration::from_millis(1)).await;
        }
        // Nobody may count on the answers of a disk that nobody knows.
        if !serving.is_known.load(Ordering::SeqCst) {
            continue;
        }
        let mut node = serving.node();
        let step = node.receive(from, &rest, line)?;
        serving.metrics.records.set(node.record_count() as u64);
        serving.journal.carry_out(step);
        if node.next_alarm().is_some() {
            serving.timers.notify_one();
        }
    }
}
