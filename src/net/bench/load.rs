//! Clients that work at the same time, in a closed or an open loop.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use super::operation::{Did, Store, Task};
use crate::history::{Client, History, Recorder};
use crate::sim::{Latency, Purpose, Random};

/// When a client starts its next operation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// When the last one has ended.
    Closed,
    /// At random times that do not depend on the answers; what is due while the client is busy waits, and its latency counts from
    /// when it was due.
    Open {
        /// Operations of all clients together, on average.
        per_second: f64,
    },
}

/// What clients do.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// How long.
    pub duration: Duration,
    /// When operations start.
    pub pace: Pace,
    /// Probability that an operation is a read.
    pub read_fraction: f64,
    /// Number of keys: k0, k1, ...
    pub keys: u32,
    /// What stands before the names of keys, so that nobody has written to them before.
    pub prefix: String,
    /// Whether each key is written by one client only: key k by client k mod clients.
    pub single_writer: bool,
    /// Seed of the operations.
    pub seed: u64,
}

/// Which clients are there; faults stop and start them.
#[derive(Debug, Clone)]
pub struct Clients {
    up: Rc<RefCell<Vec<bool>>>,
    ended: Rc<Cell<bool>>,
}

impl Clients {
    /// So many, all of which are up.
    pub fn new(count: usize) -> Self {
        Clients { up: Rc::new(RefCell::new(vec![true; count])), ended: Rc::new(Cell::new(false)) }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.up.borrow().len()
    }

    /// Stops or starts one.
    pub fn set(&self, client: usize, is_up: bool) {
        if let Some(up) = self.up.borrow_mut().get_mut(client) {
            *up = is_up;
        }
    }

    /// Whether one is up.
    pub fn is_up(&self, client: usize) -> bool {
        self.up.borrow().get(client).copied().unwrap_or(false)
    }

    /// No operation starts from now on.
    pub fn end(&self) {
        self.ended.set(true);
    }

    /// Whether no operation starts any more.
    pub fn are_ended(&self) -> bool {
        self.ended.get()
    }
}

/// What was measured.
#[derive(Debug)]
pub struct Measured {
    /// Everything that the clients saw, in nanoseconds since the start.
    pub history: History,
    /// Reads that returned.
    pub reads: u64,
    /// Writes that returned.
    pub writes: u64,
    /// Operations that may or may not have taken effect.
    pub unknown: u64,
    /// Operations that certainly have no effect.
    pub failed: u64,
    /// Nanoseconds from when an operation was due to its end.
    pub latency_ns: Histogram<u64>,
    /// How long it took.
    pub elapsed: Duration,
    /// Why operations failed or stayed unknown, and how often.
    pub reasons: BTreeMap<String, u64>,
}

/// Reasons that are told apart.
const REASONS_MAX: usize = 20;

impl Measured {
    /// Operations that returned.
    pub fn operations(&self) -> u64 {
        self.reads + self.writes
    }

    fn new() -> Self {
        let latency_ns = Histogram::new(3).unwrap_or_else(|_| unreachable!("three digits are possible"));
        Measured {
            history: Recorder::new().finish(),
            reads: 0,
            writes: 0,
            unknown: 0,
            failed: 0,
            latency_ns,
            elapsed: Duration::ZERO,
            reasons: BTreeMap::new(),
        }
    }

    fn because(&mut self, reason: &str) {
        // What differs in numbers only, such as ports, is one reason.
        let reason: String = reason.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
        if self.reasons.len() < REASONS_MAX || self.reasons.contains_key(&reason) {
            *self.reasons.entry(reason).or_default() += 1;
        }
    }
}

/// Runs clients until the time is over, and hands their stores back; `start` is the instant that all times count from.
pub async fn run<S: Store + 'static>(
    stores: Vec<S>,
    load: &Load,
    clients: &Clients,
    start: Instant,
) -> (Measured, Vec<S>) {
    let recorder = Recorder::with_clock(move || i64::try_from(start.elapsed().as_nanos()).unwrap_or(i64::MAX));
    let measured = Rc::new(RefCell::new(Measured::new()));
    let mut working = JoinSet::new();
    let count = stores.len() as u32;
    for (index, store) in stores.into_iter().enumerate() {
        let worker = Worker {
            index: index as u32,
            count,
            store,
            recorded: recorder.client(),
            clients: clients.clone(),
            load: load.clone(),
            measured: Rc::clone(&measured),
        };
        working.spawn_local(worker.run(start));
    }
    let mut stores = Vec::new();
    while let Some(store) = working.join_next().await {
        stores.extend(store.ok());
    }
    let elapsed = start.elapsed();
    let mut measured = measured.replace(Measured::new());
    measured.history = recorder.finish();
    measured.elapsed = elapsed;
    (measured, stores)
}

struct Worker<S> {
    index: u32,
    count: u32,
    store: S,
    recorded: Client,
    clients: Clients,
    load: Load,
    measured: Rc<RefCell<Measured>>,
}

/// How often a client that is down looks whether it is up again.
const LOOK: Duration = Duration::from_millis(5);

/// How long a client waits that was told that nothing was done, so that it does not ask in circles.
const AFTER_FAILURE: Duration = Duration::from_millis(1);

impl<S: Store> Worker<S> {
    async fn run(mut self, start: Instant) -> S {
        let end = start + self.load.duration;
        let (mut due, mut number) = (start, 0);
        loop {
            let task = self.task(number);
            if let Pace::Open { per_second } = self.load.pace {
                let mut random = Random::new(self.load.seed, Purpose::Delay, self.index, number);
                let mean_ms = 1e3 * f64::from(self.count) / per_second;
                let wait_ms = Latency::Exponential { mean_ms }.quantile_ms(|| random.unit());
                due += Duration::from_secs_f64((wait_ms / 1e3).min(1e6));
                if due < end {
                    sleep_until(due.into()).await;
                }
            }
            while !self.clients.is_up(self.index as usize) && Instant::now() < end && !self.clients.are_ended() {
                tokio::time::sleep(LOOK).await;
            }
            let now = Instant::now();
            if now >= end || due >= end || self.clients.are_ended() {
                return self.store;
            }
            let from = if self.load.pace == Pace::Closed { now } else { due };
            self.operate(&task, from).await;
            number += 1;
        }
    }

    async fn operate(&mut self, task: &Task, from: Instant) {
        let (did, is_read) = match task {
            Task::Read { key } => {
                let begun = self.recorded.on(key).begin_read();
                let did = self.store.operate(task).await;
                if let Did::Read(value) = &did {
                    begun.returned(value.clone());
                }
                (did, true)
            }
            Task::Write { key, value } => {
                let value = i64::try_from(*value).unwrap_or(i64::MAX);
                let begun = self.recorded.on(key).begin_write(value);
                let did = self.store.operate(task).await;
                match &did {
                    Did::Written => begun.succeeded(),
                    Did::CertainlyNot(_) => begun.failed(),
                    Did::Unknown(_) | Did::Read(_) => begun.unknown(),
                }
                (did, false)
            }
        };
        let took = from.elapsed();
        let is_failed = matches!(did, Did::CertainlyNot(_));
        {
            let mut measured = self.measured.borrow_mut();
            match did {
                Did::Read(_) | Did::Written => {
                    *(if is_read { &mut measured.reads } else { &mut measured.writes }) += 1;
                    // It grows with what it records, up to centuries.
                    let _ = measured.latency_ns.record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
                }
                Did::CertainlyNot(reason) => {
                    measured.failed += 1;
                    measured.because(&reason);
                }
                Did::Unknown(reason) => {
                    measured.unknown += 1;
                    measured.because(&reason);
                }
            }
        }
        if is_failed {
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }

    /// The n-th operation of this client; values are unique because no two clients share a remainder.
    fn task(&self, number: u64) -> Task {
        let mut random = Random::new(self.load.seed, Purpose::Operation, self.index, number);
        let is_read = random.chance(self.load.read_fraction);
        let any = random.below(u64::from(self.load.keys)) as u32;
        let own = (self.index < self.load.keys).then(|| {
            let own = any - any % self.count + self.index;
            if own < self.load.keys { own } else { own - self.count }
        });
        let key = |key: u32| format!("{}k{key}", self.load.prefix);
        match if self.load.single_writer { own } else { Some(any) } {
            Some(written) if !is_read => {
                let value = number * u64::from(self.count) + u64::from(self.index) + 1;
                Task::Write { key: key(written), value }
            }
            _ => Task::Read { key: key(any) },
        }
    }
}
