//! Nothing leaves a replica before what it rests on is on the disk.
//!
//! A step of a replica may change records and send messages. Messages wait until everything that the replica had changed by then
//! is committed: also an answer to a query, which tells what the replica holds in memory. One thread commits all steps that wait
//! together, with one sync, so that the disk is as slow as it is but not once for each step.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::disk::{Changes, Disk, DiskError};
use super::metrics::Metrics;
use super::outbox::{Outbox, Parcel};

/// Steps that one commit takes at most.
const TOGETHER_MAX: usize = 10_000;

/// Steps that may wait; whoever brings more has to wait, too.
pub(super) const WAITING_MAX: usize = 10_000;

/// What a step of a replica asks for.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) changes: Changes,
    pub(super) parcels: Vec<Parcel>,
}

/// When messages leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acknowledge {
    /// When everything that they rest on is on the disk.
    #[default]
    AfterCommit,
    /// At once: a replica that must be found out.
    BeforeCommit,
}

/// Carries out steps in their order.
#[derive(Debug)]
pub(super) struct Journal {
    outbox: Arc<Outbox>,
    waiting: Arc<AtomicUsize>,
    acknowledge: Acknowledge,
    queue: Mutex<Option<Sender<Step>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// A journal on a disk, or in memory; `failed` hears of the first failure of the disk, after which nothing is sent.
    pub(super) fn new(
        disk: Option<Disk>,
        outbox: &Arc<Outbox>,
        metrics: &Arc<Metrics>,
        acknowledge: Acknowledge,
        failed: impl FnOnce(DiskError) + Send + 'static,
    ) -> std::io::Result<Journal> {
        let waiting = Arc::new(AtomicUsize::new(0));
        let (mut queue, mut thread) = (None, None);
        if let Some(disk) = disk {
            let (sender, receiver) = channel();
            let writer = Writing {
                disk,
                outbox: Arc::clone(outbox),
                metrics: Arc::clone(metrics),
                waiting: Arc::clone(&waiting),
            };
            let run = move || {
                if let Err(error) = writer.run(&receiver) {
                    failed(error);
                }
            };
            thread = Some(std::thread::Builder::new().name("journal".into()).spawn(run)?);
            queue = Some(sender);
        }
        let outbox = Arc::clone(outbox);
        Ok(Journal { outbox, waiting, acknowledge, queue: Mutex::new(queue), thread: Mutex::new(thread) })
    }

    /// Carries out a step after all before it; callers hand steps in, in the order in which they were made.
    pub(super) fn carry_out(&self, mut step: Step) {
        if self.acknowledge == Acknowledge::BeforeCommit {
            self.outbox.post_all(std::mem::take(&mut step.parcels));
        }
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = &*queue else { return self.outbox.post_all(step.parcels) };
        if step.changes.is_empty() && self.waiting.load(Ordering::SeqCst) == 0 {
            return self.outbox.post_all(step.parcels);
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        // Where the disk has failed, nothing is acknowledged any more.
        let _ = queue.send(step);
    }

    /// Steps that wait for the disk.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Whether the disk has failed, so that nothing that waits is ever carried out.
    #[cfg(test)]
    pub(super) fn is_over(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until all steps are carried out.
    pub(super) fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A writer that panicked has acknowledged nothing that it should not have.
        drop(thread.map(JoinHandle::join));
    }
}

/// The one writer of a disk.
struct Writing {
    disk: Disk,
    outbox: Arc<Outbox>,
    metrics: Arc<Metrics>,
    waiting: Arc<AtomicUsize>,
}

impl Writing {
    fn run(&self, queue: &Receiver<Step>) -> Result<(), DiskError> {
        while let Ok(first) = queue.recv() {
            let steps: Vec<Step> = std::iter::once(first).chain(queue.try_iter().take(TOGETHER_MAX - 1)).collect();
            let count = steps.len();
            let (changes, parcels): (Vec<Changes>, Vec<Vec<Parcel>>) =
                steps.into_iter().map(|step| (step.changes, step.parcels)).unzip();
            let changed: Vec<Changes> = changes.into_iter().filter(|changes| !changes.is_empty()).collect();
            if !changed.is_empty() {
                self.metrics.commits.add(1);
                self.metrics.committed_steps.add(changed.len() as u64);
                self.disk.commit(changed)?;
            }
            self.outbox.post_all(parcels.into_iter().flatten());
            // Only now may a step without changes overtake nothing.
            self.waiting.fetch_sub(count, Ordering::SeqCst);
        }
        Ok(())
    }
}
