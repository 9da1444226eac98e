//! After the faults: does what is left come to rest, and is it answered?

use super::engine::Engine;
use super::queue::Happening;
use crate::budget::is_stopped;
use crate::protocol::{Input, Key, Operation, Outcome, ProcessId, Protocol, TimerId};

/// Nanoseconds of a millisecond.
const NS_PER_MS: u64 = 1_000_000;

impl<P: Protocol> Engine<'_, P> {
    /// The liveness phase, where somebody watches: every fault is over, every replica is up, and every client that is up
    /// asks once more. None of this is counted, nor in the history.
    pub(super) fn rest(&mut self) {
        let Some(patience_ns) = self.watch.as_ref().map(|watch| watch.patience_ns()) else { return };
        if self.broken.is_some() {
            return;
        }
        let counts = self.counts.clone();
        self.network.calm();
        self.torn.fill(None);
        for process in 0..self.processes.len() {
            self.processes[process].set_clock(self.now_ns, 0, 1.0);
        }
        (0..self.replicas.len() as u32).for_each(|replica| self.recover(ProcessId(replica), true));
        for client in 0..self.probing.len() {
            self.probing[client] = self.processes[self.replicas.len() + client].is_up;
        }
        for client in 0..self.probing.len() {
            self.probe(client);
        }
        let since_ns = self.now_ns;
        while self.broken.is_none() && !self.is_over() && !is_stopped() {
            let next = self.queue.pop().filter(|(at_ns, _)| *at_ns - since_ns <= patience_ns);
            let Some((at_ns, happening)) = next else {
                let unanswered = self.probing.iter().filter(|probing| **probing).count();
                let unrest = |watch: &dyn crate::protocol::Watch| watch.unrest(unanswered, patience_ns / NS_PER_MS);
                self.broken = self.watch.as_deref().and_then(unrest);
                break;
            };
            self.now_ns = at_ns;
            match happening {
                Happening::Arrival(place) => self.arrive(place),
                Happening::Timer(process, timer) => self.ring(ProcessId(process), TimerId(timer)),
                Happening::Next(_) | Happening::Fault(_) => {}
            }
            std::mem::take(&mut self.again).into_iter().for_each(|client| self.probe(client));
        }
        self.probing.fill(false);
        self.counts = counts;
    }

    /// Whether everything was answered and nobody lacks anything.
    fn is_over(&self) -> bool {
        !self.probing.contains(&true) && self.watch.as_ref().is_none_or(|watch| watch.is_at_rest())
    }

    /// A client asks once more.
    fn probe(&mut self, client: usize) {
        if self.probing[client] {
            let process = ProcessId((self.replicas.len() + client) as u32);
            let draw = self.word(process);
            self.step(process, Input::Call { operation: Operation::Read { key: Key(0) }, draw });
        }
    }

    /// It was answered, or will ask again.
    pub(super) fn probed(&mut self, client: usize, outcome: Outcome) {
        if outcome == Outcome::GaveUp && self.broken.is_none() {
            // Not at once, which would be in the middle of the step that gave up.
            self.again.push(client);
        } else {
            self.probing[client] = false;
        }
    }
}
