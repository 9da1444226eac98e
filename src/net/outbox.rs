//! Where frames go: each process has a line, whose queue is bounded; what does not fit is lost, as messages may be.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::metrics::Metrics;
use crate::protocol::ProcessId;

/// Bytes that may wait on a line.
const LINE_BYTES_MAX: usize = 4 << 20;

/// The queue of a connection.
#[derive(Debug, Clone)]
pub(super) struct Line {
    sender: UnboundedSender<Vec<u8>>,
    bytes: Arc<AtomicUsize>,
}

/// The end of a line at which frames are taken.
#[derive(Debug)]
pub(super) struct LineEnd {
    receiver: UnboundedReceiver<Vec<u8>>,
    bytes: Arc<AtomicUsize>,
}

/// A line, and its end.
pub(super) fn line() -> (Line, LineEnd) {
    let (sender, receiver) = unbounded_channel();
    let bytes = Arc::new(AtomicUsize::new(0));
    (Line { sender, bytes: Arc::clone(&bytes) }, LineEnd { receiver, bytes })
}

impl Line {
    /// Queues a frame; says whether there was room.
    pub(super) fn post(&self, frame: Vec<u8>) -> bool {
        if self.bytes.load(Ordering::Relaxed) > LINE_BYTES_MAX {
            return false;
        }
        self.bytes.fetch_add(frame.len(), Ordering::Relaxed);
        self.sender.send(frame).is_ok()
    }

    fn is(&self, other: &Line) -> bool {
        self.sender.same_channel(&other.sender)
    }
}

impl LineEnd {
    /// The next frames, joined; nothing when nobody can queue any more.
    pub(super) async fn next(&mut self, joined: &mut Vec<u8>) -> bool {
        joined.clear();
        let Some(first) = self.receiver.recv().await else { return false };
        self.take(first, joined);
        while joined.len() < (64 << 10)
            && let Ok(more) = self.receiver.try_recv()
        {
            self.take(more, joined);
        }
        true
    }

    /// Forgets what is queued.
    pub(super) fn clear(&mut self) {
        let mut lost = Vec::new();
        while let Ok(frame) = self.receiver.try_recv() {
            self.take(frame, &mut lost);
            lost.clear();
        }
    }

    fn take(&self, frame: Vec<u8>, joined: &mut Vec<u8>) {
        self.bytes.fetch_sub(frame.len(), Ordering::Relaxed);
        if joined.is_empty() {
            *joined = frame;
        } else {
            joined.extend(frame);
        }
    }
}

/// To whom.
#[derive(Debug, Clone)]
pub(super) enum To {
    /// Whoever has this name now.
    Process(ProcessId),
    /// Whoever is at the end of this line.
    Line(Line),
}

/// A frame with its receiver.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) to: To,
    pub(super) frame: Vec<u8>,
}

/// The lines of a replica by process.
#[derive(Debug)]
pub(super) struct Outbox {
    lines: Mutex<FxHashMap<u32, Line>>,
    metrics: Arc<Metrics>,
}

impl Outbox {
    pub(super) fn new(metrics: &Arc<Metrics>) -> Self {
        Outbox { lines: Mutex::new(FxHashMap::default()), metrics: Arc::clone(metrics) }
    }

    /// From now on frames for a process go there.
    pub(super) fn connect(&self, process: ProcessId, line: &Line) {
        self.lines().insert(process.0, line.clone());
    }

    /// From now on they go nowhere, unless another line has taken over.
    pub(super) fn disconnect(&self, process: ProcessId, line: &Line) {
        let mut lines = self.lines();
        if lines.get(&process.0).is_some_and(|known| known.is(line)) {
            lines.remove(&process.0);
        }
    }

    /// Queues frames.
    pub(super) fn post_all(&self, parcels: impl IntoIterator<Item = Parcel>) {
        for Parcel { to, frame } in parcels {
            let posted = match to {
                To::Line(line) => line.post(frame),
                To::Process(process) => {
                    let line = self.lines().get(&process.0).cloned();
                    line.is_some_and(|line| line.post(frame))
                }
            };
            let counter = if posted { &self.metrics.frames_sent } else { &self.metrics.frames_dropped };
            counter.add(1);
        }
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, FxHashMap<u32, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
