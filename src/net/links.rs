//! The connections of a client, one to each replica, opened when there is something to send.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel};
use tokio::task::JoinHandle;

use super::channel::{Reader, Writer};
use super::frame::{FRAME_BYTES_MAX, FrameKind, content, kind_of};
use super::letter::Refused;
use super::peers::{CallError, Caller};
use crate::protocol::{ProcessId, Role};

/// Frames that may wait for a connection; what does not fit is lost, and asked again later.
const WAITING_MAX: usize = 64;

/// What came from a replica.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A letter.
    Letter(Vec<u8>),
    /// It does not do what it was asked for.
    Refused(String),
    /// It cannot be reached.
    Away(String),
}

/// What all links of a client share, to tell what was certainly not sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// The operation that goes on; frames of others are not sent any more.
    operation: AtomicU64,
    /// Frames that may change something, counted before they are sent.
    changing: AtomicU64,
}

impl Sent {
    /// An operation begins.
    pub(super) fn begin(&self, operation: u64) {
        self.operation.store(operation, Ordering::SeqCst);
    }

    /// The operation is over: none of its frames are sent from now on. Says how many that may change something ever were.
    pub(super) fn end(&self) -> u64 {
        self.operation.store(0, Ordering::SeqCst);
        self.changing()
    }

    pub(super) fn changing(&self) -> u64 {
        self.changing.load(Ordering::SeqCst)
    }

    /// Whether a frame of an operation may be sent now.
    ///
    /// It is counted first: either the end of the operation sees the count, or this sees the end.
    fn may_go(&self, operation: u64, frame: &[u8]) -> bool {
        if !matches!(kind_of(frame), Some(FrameKind::Letter(Role::Query))) {
            self.changing.fetch_add(1, Ordering::SeqCst);
        }
        self.operation.load(Ordering::SeqCst) == operation
    }
}

/// A frame of an operation.
pub(super) type Outgoing = (u64, Vec<u8>);

/// A connection to one replica.
#[derive(Debug)]
pub(super) struct Link {
    queue: Sender<Outgoing>,
    task: JoinHandle<()>,
}

impl Link {
    /// A link that is not connected yet.
    pub(super) fn new(
        caller: Caller,
        to: (ProcessId, String),
        sent: &Arc<Sent>,
        arrivals: UnboundedSender<(ProcessId, Arrival)>,
    ) -> Link {
        let (queue, frames) = channel(WAITING_MAX);
        let sent = Arc::clone(sent);
        Link { queue, task: tokio::spawn(run(caller, to, (frames, sent), arrivals)) }
    }

    /// Queues a frame of an operation.
    pub(super) fn post(&self, operation: u64, frame: Vec<u8>) {
        // What has no room is lost, as messages may be.
        let _ = self.queue.try_send((operation, frame));
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn run(
    caller: Caller,
    (to, address): (ProcessId, String),
    (mut frames, sent): (Receiver<Outgoing>, Arc<Sent>),
    arrivals: UnboundedSender<(ProcessId, Arrival)>,
) {
    while let Some(first) = frames.recv().await {
        let event = match caller.call(to, &address).await {
            Ok(channel) => {
                if pump(channel, first, (&mut frames, &sent), (to, &arrivals)).await {
                    return;
                }
                continue;
            }
            Err(CallError::Refused(refused)) => Arrival::Refused(refused.reason),
            Err(error) => Arrival::Away(error.to_string()),
        };
        if arrivals.send((to, event)).is_err() {
            return;
        }
        while frames.try_recv().is_ok() {}
    }
}

/// Sends and receives until the connection ends; says whether the client is gone.
async fn pump(
    (mut reader, mut writer): (Reader, Writer),
    first: Outgoing,
    (frames, sent): (&mut Receiver<Outgoing>, &Sent),
    (to, arrivals): (ProcessId, &UnboundedSender<(ProcessId, Arrival)>),
) -> bool {
    let receive = async {
        loop {
            let arrival = match reader.frame(FRAME_BYTES_MAX, None).await {
                Ok(Some((FrameKind::Letter(_), rest))) => Arrival::Letter(rest),
                Ok(Some((FrameKind::Refused, rest))) => match content::<Refused>(&rest) {
                    Ok(refused) => Arrival::Refused(refused.reason),
                    Err(_) => return,
                },
                _ => return,
            };
            if arrivals.send((to, arrival)).is_err() {
                return;
            }
        }
    };
    let send = async {
        let mut next = Some(first);
        loop {
            let Some((operation, frame)) = next else {
                writer.close().await;
                return true;
            };
            if sent.may_go(operation, &frame) && writer.send(&frame).await.is_err() {
                return false;
            }
            next = frames.recv().await;
        }
    };
    tokio::select! {
        () = receive => false,
        is_gone = send => is_gone,
    }
}
