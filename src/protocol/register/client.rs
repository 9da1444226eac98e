//! A client: asks a quorum, tells a quorum, or both.

use super::message::{RegisterMessage, RegisterRecord};
use super::{Guarantee, Plan};
use crate::model::Kind;
use crate::protocol::machine::{Disk, Event, Input, Machine, Operation, Outcome, Outputs, ProcessId, TimerId};
use crate::protocol::pick::next_word;
use crate::protocol::shared::Shared;
use crate::protocol::tally::Tally;
use crate::protocol::version::{Timestamp, Version};

/// The only timer: nodes have not answered.
const RETRY: TimerId = TimerId(0);

/// Where a client persists how often it has started.
const INCARNATION_SLOT: u64 = 0;

/// Where a client persists the counter of its last write.
const COUNTER_SLOT: u64 = 1;

/// Requests of one incarnation, as a power of two.
const ROUND_BITS: u32 = 32;

/// A client, which does one operation at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client {
    plan: Shared<Plan>,
    id: ProcessId,
    /// The last request; answers to others are ignored.
    round: u64,
    /// The counter of its last write: timestamps must not repeat, also where a write was given up.
    counter: u64,
    phase: Phase,
    /// Who answered the last request.
    answered: Tally,
    /// Who answered the query with the newest version.
    agreeing: Tally,
    newest: Version,
    draw: u64,
    retries: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Phase {
    Idle,
    /// Waits for versions from a read quorum.
    Query(Operation),
    /// Waits until a write quorum holds the version.
    Store(Operation, Version),
}

type Out = Outputs<RegisterMessage, RegisterRecord>;

impl Client {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId) -> Self {
        let rules = &plan.rules;
        Client {
            answered: Tally::new(&rules.quorums.reads),
            agreeing: Tally::new(&rules.seen_by_reads),
            plan,
            id,
            round: 0,
            counter: 0,
            phase: Phase::Idle,
            newest: Version::INITIAL,
            draw: 0,
            retries: 0,
        }
    }

    fn restart(&mut self, disk: &Disk<RegisterRecord>, out: &mut Out) {
        let incarnation = match disk.get(INCARNATION_SLOT) {
            Some(RegisterRecord::Incarnation(before)) => before.wrapping_add(1),
            _ => 0,
        };
        if let Some(RegisterRecord::Counter(counter)) = disk.get(COUNTER_SLOT) {
            self.counter = *counter;
        }
        self.round = incarnation << ROUND_BITS;
        out.persist(INCARNATION_SLOT, Some(RegisterRecord::Incarnation(incarnation)));
    }

    fn call(&mut self, operation: Operation, draw: u64, out: &mut Out) {
        self.draw = draw;
        match operation {
            // Registers have none: what is asked for is not done.
            Operation::Cas { .. } => out.complete(Outcome::GaveUp),
            Operation::Write { .. } if self.plan.guarantee.is_single_writer() => self.write(operation, out),
            _ => self.query(operation, out),
        }
    }

    fn query(&mut self, operation: Operation, out: &mut Out) {
        self.phase = Phase::Query(operation);
        self.newest = Version::INITIAL;
        let plan = self.plan.clone();
        self.agreeing.clear(&plan.rules.seen_by_reads);
        self.answered.clear(&plan.rules.quorums.reads);
        self.begin(Kind::Read, out);
    }

    /// Gives the value of a write a timestamp above all that may be in use, and stores it.
    fn write(&mut self, operation: Operation, out: &mut Out) {
        let Operation::Write { value, .. } = operation else { return };
        self.counter = self.counter.max(self.newest.timestamp.counter).saturating_add(1);
        out.persist(COUNTER_SLOT, Some(RegisterRecord::Counter(self.counter)));
        let version = Version { timestamp: Timestamp { counter: self.counter, writer: self.id }, value };
        self.store(operation, version, out);
    }

    fn store(&mut self, operation: Operation, version: Version, out: &mut Out) {
        self.phase = Phase::Store(operation, version);
        let plan = self.plan.clone();
        self.answered.clear(&plan.rules.quorums.writes);
        self.begin(Kind::Write, out);
    }

    /// Sends the request of the phase to the nodes that are contacted first.
    fn begin(&mut self, kind: Kind, out: &mut Out) {
        self.round += 1;
        self.retries = 0;
        self.draw = next_word(self.draw);
        let plan = self.plan.clone();
        for node in plan.contacts.first(kind, self.draw) {
            self.request(*node, out);
        }
        out.set_timer(RETRY, plan.patience.retry_after_ns);
    }

    fn request(&self, node: ProcessId, out: &mut Out) {
        let round = self.round;
        match self.phase {
            Phase::Idle => {}
            Phase::Query(operation) => out.send(node, RegisterMessage::Query { round, key: operation.key() }),
            Phase::Store(operation, version) => {
                out.send(node, RegisterMessage::Store { round, key: operation.key(), version });
            }
        }
    }

    /// Asks everybody who has not answered, or gives up.
    fn retry(&mut self, out: &mut Out) {
        let kind = match self.phase {
            Phase::Idle => return,
            Phase::Query(_) => Kind::Read,
            Phase::Store(..) => Kind::Write,
        };
        let plan = self.plan.clone();
        if plan.patience.retries.is_some_and(|most| self.retries >= most) {
            self.finish(Outcome::GaveUp, out);
            return;
        }
        if self.retries == 0 && plan.contacts.is_drawn(kind) {
            out.count(Event::Fallback);
        }
        self.retries = self.retries.saturating_add(1);
        for node in plan.contacts.everyone(kind).iter().filter(|node| !self.answered.has(node.index())) {
            self.request(*node, out);
        }
        out.set_timer(RETRY, plan.patience.retry_after_ns);
    }

    fn version(&mut self, from: ProcessId, version: Version, out: &mut Out) {
        let Phase::Query(operation) = self.phase else { return };
        if self.answered.has(from.index()) {
            return;
        }
        let plan = self.plan.clone();
        if version > self.newest {
            self.newest = version;
            self.agreeing.clear(&plan.rules.seen_by_reads);
        }
        if version == self.newest {
            self.agreeing.add(&plan.rules.seen_by_reads, from.index());
        }
        if self.answered.add(&plan.rules.quorums.reads, from.index()) {
            self.queried(operation, out);
        }
    }

    /// A read quorum has answered.
    fn queried(&mut self, operation: Operation, out: &mut Out) {
        if matches!(operation, Operation::Write { .. }) {
            return self.write(operation, out);
        }
        let read = Outcome::Read(self.newest.value);
        if self.plan.guarantee == Guarantee::Regular {
            return self.finish(read, out);
        }
        if self.agreeing.is_complete() {
            out.count(Event::FastRead);
            return self.finish(read, out);
        }
        out.count(Event::WriteBack);
        self.store(operation, self.newest, out);
    }

    fn stored(&mut self, from: ProcessId, out: &mut Out) {
        let Phase::Store(operation, version) = self.phase else { return };
        if self.answered.add(&self.plan.rules.quorums.writes, from.index()) {
            let outcome = match operation {
                Operation::Read { .. } => Outcome::Read(version.value),
                Operation::Write { .. } | Operation::Cas { .. } => Outcome::Written,
            };
            self.finish(outcome, out);
        }
    }

    fn finish(&mut self, outcome: Outcome, out: &mut Out) {
        self.phase = Phase::Idle;
        out.cancel_timer(RETRY);
        out.complete(outcome);
    }
}

impl Machine for Client {
    type Message = RegisterMessage;
    type Record = RegisterRecord;

    fn step(&mut self, _clock_ns: u64, input: Input<RegisterMessage, RegisterRecord>, out: &mut Out) {
        match input {
            Input::Start { .. } => self.restart(&Disk::default(), out),
            Input::Restart { disk, .. } => self.restart(&disk, out),
            Input::Call { operation, draw } => self.call(operation, draw, out),
            Input::Timer { .. } => self.retry(out),
            Input::Message { from, message } => match message {
                RegisterMessage::Version { round, version } if round == self.round => self.version(from, version, out),
                RegisterMessage::Stored { round } if round == self.round => self.stored(from, out),
                // Late answers, and requests, which are for replicas.
                _ => {}
            },
        }
    }
}
