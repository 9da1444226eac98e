//! What clients are asked to do.

use super::latency::Latency;
use super::pause::Pause;
use super::random::{Purpose, Random};
use crate::protocol::{Key, Operation};

/// The operations of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// Number of clients; each does one operation at a time.
    pub clients: u32,
    /// Number of operations of all clients together.
    pub operations: u64,
    /// Probability that an operation is a read.
    pub read_fraction: f64,
    /// Probability that an operation that is no read is a compare-and-set, where the protocol has it.
    pub cas_fraction: f64,
    /// Number of registers.
    pub keys: u32,
    /// When a client starts its next operation.
    pub pace: Pace,
    /// The operations of every client in their order, instead of drawn ones.
    pub script: Option<Vec<Vec<Task>>>,
}

/// When a client starts its next operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Pace {
    /// A while after the last one ended: a closed loop.
    Closed {
        /// How long after; absent: at once.
        think: Option<Latency>,
    },
    /// At random times that do not depend on the answers: an open loop. An operation that is due while the client is busy
    /// waits, and its latency counts from when it was due.
    Open {
        /// Operations of all clients together, on average.
        per_second: f64,
    },
}

impl Default for Traffic {
    /// A thousand operations of eight clients on one register, half of them reads.
    fn default() -> Self {
        Traffic {
            clients: 8,
            operations: 1_000,
            read_fraction: 0.5,
            cas_fraction: 0.0,
            keys: 1,
            pace: Pace::Closed { think: None },
            script: None,
        }
    }
}

/// An operation, and the word for its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// What to do.
    pub operation: Operation,
    /// The random word that comes with the call.
    pub draw: u64,
}

impl Traffic {
    /// How many operations a client does.
    pub(super) fn quota(&self, client: u32) -> u64 {
        if let Some(script) = &self.script {
            return script.get(client as usize).map_or(0, Vec::len) as u64;
        }
        let clients = u64::from(self.clients.max(1));
        self.operations / clients + u64::from(u64::from(client) < self.operations % clients)
    }

    /// The n-th operation of a client, from 0; values are unique because no two clients share a remainder.
    ///
    /// With a single writer, key k belongs to client k mod clients; a client without a key reads.
    pub(super) fn task(&self, seed: u64, client: u32, number: u64, is_single_writer: bool) -> Task {
        let scripted = self.script.as_ref().and_then(|script| script.get(client as usize));
        if let Some(task) = scripted.and_then(|tasks| tasks.get(number as usize)) {
            return *task;
        }
        let mut random = Random::new(seed, Purpose::Operation, client, number);
        let is_read = random.chance(self.read_fraction);
        let any = random.below(u64::from(self.keys)) as u32;
        let draw = random.word();
        let own = self.own_key(client, any);
        let key = if is_single_writer && !is_read { own } else { Some(any) };
        let operation = match key {
            Some(key) if !is_read => {
                let value = number * u64::from(self.clients) + u64::from(client) + 1;
                // Drawn last, so that other draws are the same without it.
                let is_cas = self.cas_fraction > 0.0 && random.chance(self.cas_fraction);
                let key = Key(key);
                if is_cas { Operation::Cas { key, expected: 0, value } } else { Operation::Write { key, value } }
            }
            _ => Operation::Read { key: Key(any) },
        };
        Task { operation, draw }
    }

    /// The same with these operations, one list for each client.
    #[must_use]
    pub fn with_script(&self, lists: Vec<Vec<Task>>) -> Traffic {
        let operations = lists.iter().map(|tasks| tasks.len() as u64).sum();
        // Registers that are written stay apart, however many there were to be.
        let last = lists.iter().flatten().map(|task| task.operation.key().0).max().unwrap_or(0);
        let keys = self.keys.max(last.saturating_add(1));
        Traffic { operations, keys, script: Some(lists), ..self.clone() }
    }

    /// The same operations, written out.
    pub(super) fn scripted(&self, seed: u64, is_single_writer: bool) -> Traffic {
        let task = |client, number| self.task(seed, client, number, is_single_writer);
        let list = |client| (0..self.quota(client)).map(|number| task(client, number)).collect();
        self.with_script((0..self.clients).map(list).collect())
    }

    /// The key nearest to a drawn one that belongs to a client.
    fn own_key(&self, client: u32, any: u32) -> Option<u32> {
        if client >= self.keys {
            return None;
        }
        let key = any - any % self.clients + client;
        Some(if key < self.keys { key } else { key - self.clients })
    }

    /// How long after which instant the next operation of a client is due.
    pub(super) fn pause(&self, seed: u64, client: u32, number: u64) -> Pause {
        let mut random = Random::new(seed, Purpose::Operation, client, u64::MAX - number);
        match &self.pace {
            Pace::Closed { think: None } => Pause::SinceNow(0),
            Pace::Closed { think: Some(law) } => Pause::SinceNow(law.draw_ns(&mut random)),
            Pace::Open { per_second } => {
                let mean_ms = 1e3 * f64::from(self.clients) / per_second;
                Pause::SinceDue(Latency::Exponential { mean_ms }.draw_ns(&mut random))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_unique_and_single_writers_keep_to_their_keys() {
        for (clients, keys) in [(3, 1), (3, 2), (3, 3), (3, 7), (1, 4)] {
            let traffic = Traffic { clients, keys, operations: 1_000, ..Traffic::default() };
            let mut values = std::collections::BTreeSet::new();
            let mut total = 0;
            for client in 0..clients {
                total += traffic.quota(client);
                for number in 0..traffic.quota(client) {
                    match traffic.task(7, client, number, true).operation {
                        Operation::Write { key, value } | Operation::Cas { key, value, .. } => {
                            assert!(values.insert(value));
                            assert!(key.0 < keys && key.0 % clients == client, "{key:?} of {client}");
                        }
                        Operation::Read { key } => assert!(key.0 < keys),
                    }
                }
            }
            assert_eq!(total, 1_000);
        }
    }
}
