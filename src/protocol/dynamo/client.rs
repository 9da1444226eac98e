//! A client, which coordinates its own reads and writes.

use std::collections::BTreeMap;

use super::Plan;
use super::message::{DynamoMessage, DynamoRecord};
use crate::protocol::machine::{Disk, Event, Input, Key, Machine, Operation, Outcome, Outputs, ProcessId, TimerId};
use crate::protocol::shared::Shared;
use crate::protocol::version::{Timestamp, Version};

/// The only timer: nodes have not answered.
const RETRY: TimerId = TimerId(0);

/// The only slot.
const SLOT: u64 = 0;

/// Requests of one incarnation, as a power of two.
const ROUND_BITS: u32 = 32;

type Out = Outputs<DynamoMessage, DynamoRecord>;

/// A client, which does one operation at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client {
    plan: Shared<Plan>,
    id: ProcessId,
    incarnation: u64,
    /// The last request; answers to others are ignored.
    round: u64,
    /// The counter of its last write.
    counter: u64,
    /// The operation that is open or, for the sake of late answers, was open last.
    work: Option<Work>,
    /// Nodes that did not answer, and until when they are avoided, by the client's own clock.
    suspected: BTreeMap<ProcessId, u64>,
    retries: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Work {
    operation: Operation,
    /// That of a write, or the newest that a read has seen.
    version: Version,
    contacts: Vec<Contact>,
    is_open: bool,
}

/// A node that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Contact {
    node: ProcessId,
    /// The home that it stands in for.
    home: Option<ProcessId>,
    /// What it answered: its version, or that of the write.
    answer: Option<Version>,
}

impl Client {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId) -> Self {
        let suspected = BTreeMap::new();
        Client { plan, id, incarnation: 0, round: 0, counter: 0, work: None, suspected, retries: 0 }
    }

    fn restart(&mut self, disk: &Disk<DynamoRecord>, out: &mut Out) {
        if let Some(DynamoRecord::Client { incarnation, counter }) = disk.get(SLOT) {
            (self.incarnation, self.counter) = (incarnation.wrapping_add(1), *counter);
        }
        self.round = self.incarnation << ROUND_BITS;
        self.persist(out);
    }

    fn persist(&self, out: &mut Out) {
        let Client { incarnation, counter, .. } = *self;
        out.persist(SLOT, Some(DynamoRecord::Client { incarnation, counter }));
    }

    fn call(&mut self, clock_ns: u64, operation: Operation, out: &mut Out) {
        let version = match operation {
            Operation::Cas { .. } => return out.complete(Outcome::GaveUp),
            Operation::Read { .. } => Version::INITIAL,
            Operation::Write { value, .. } => {
                // Clocks may stand still or go back; timestamps of one client never do.
                self.counter = clock_ns.max(self.counter.saturating_add(1));
                self.persist(out);
                Version { timestamp: Timestamp { counter: self.counter, writer: self.id }, value }
            }
        };
        self.round += 1;
        self.retries = 0;
        self.suspected.retain(|_, until| *until > clock_ns);
        self.work = Some(Work { operation, version, contacts: Vec::new(), is_open: true });
        self.contact_more(out);
        out.set_timer(RETRY, self.plan.settings.patience.retry_after_ns);
    }

    /// Asks the nodes that should be asked by now and were not; says whether there were any.
    fn contact_more(&mut self, out: &mut Out) -> bool {
        let Some(mut work) = self.work.take() else { return false };
        let before = work.contacts.len();
        for (node, home) in self.wanted(work.operation.key()) {
            if work.contacts.iter().all(|contact| contact.node != node) {
                let contact = Contact { node, home, answer: None };
                self.request(&work, contact, out);
                work.contacts.push(contact);
            }
        }
        let more = work.contacts.len() > before;
        self.work = Some(work);
        more
    }

    /// The homes of a key or, with sloppy quorums, the first N nodes of the ring that are not suspected, each that is
    /// no home with the home it stands in for. Where too few are left, suspected homes are asked all the same.
    fn wanted(&self, key: Key) -> Vec<(ProcessId, Option<ProcessId>)> {
        let homes: Vec<ProcessId> = self.plan.homes(key).collect();
        if !self.plan.settings.sloppy {
            return homes.into_iter().map(|home| (home, None)).collect();
        }
        let healthy = |node: &ProcessId| !self.suspected.contains_key(node);
        let asked: Vec<ProcessId> = self.plan.ring.walk(key).filter(healthy).take(homes.len()).collect();
        let mut absent = homes.iter().copied().filter(|home| !asked.contains(home));
        let mut wanted: Vec<_> =
            asked.iter().map(|node| (*node, if homes.contains(node) { None } else { absent.next() })).collect();
        let spare = homes.len() - asked.len();
        wanted.extend(homes.iter().filter(|home| !asked.contains(home)).take(spare).map(|home| (*home, None)));
        wanted
    }

    fn request(&self, work: &Work, contact: Contact, out: &mut Out) {
        let round = self.round;
        out.send(
            contact.node,
            match work.operation {
                Operation::Read { key } => DynamoMessage::Query { round, key },
                Operation::Write { key, .. } | Operation::Cas { key, .. } => {
                    DynamoMessage::Store { round, key, version: work.version, home: contact.home }
                }
            },
        );
    }

    /// Suspects who has not answered, asks them again and others in their place, or gives up.
    fn retry(&mut self, clock_ns: u64, out: &mut Out) {
        let settings = self.plan.settings;
        let Some(work) = self.work.as_ref().filter(|work| work.is_open) else { return };
        let silent: Vec<Contact> = work.contacts.iter().filter(|contact| contact.answer.is_none()).copied().collect();
        let until = clock_ns.saturating_add(settings.suspicion_ns);
        self.suspected.extend(silent.iter().map(|contact| (contact.node, until)));
        if settings.patience.retries.is_some_and(|most| self.retries >= most) {
            return self.finish(Outcome::GaveUp, out);
        }
        self.retries = self.retries.saturating_add(1);
        for contact in silent {
            self.request(work, contact, out);
        }
        if self.contact_more(out) {
            out.count(Event::Fallback);
        }
        out.set_timer(RETRY, settings.patience.retry_after_ns);
    }

    /// Notes an answer: the version of a replica, or `None` for an acknowledgement.
    fn answered(&mut self, from: ProcessId, answer: Option<Version>, out: &mut Out) {
        self.suspected.remove(&from);
        let settings = self.plan.settings;
        let Some(work) = &mut self.work else { return };
        let answer = answer.unwrap_or(work.version);
        let Some(contact) = work.contacts.iter_mut().find(|contact| contact.node == from) else { return };
        if contact.answer.is_some() {
            return;
        }
        contact.answer = Some(answer);
        let (needed, outcome) = match work.operation {
            Operation::Write { .. } | Operation::Cas { .. } => (settings.write, Outcome::Written),
            Operation::Read { .. } => {
                work.version = work.version.max(answer);
                (settings.read, Outcome::Read(work.version.value))
            }
        };
        let answers = work.contacts.iter().filter(|contact| contact.answer.is_some()).count();
        if work.is_open && answers >= needed {
            self.finish(outcome, out);
        }
        self.repair(out);
    }

    /// Sends the newest version to the homes that answered a finished read with an older one.
    fn repair(&mut self, out: &mut Out) {
        let Some(work) = &mut self.work else { return };
        let Operation::Read { key } = work.operation else { return };
        if work.is_open || !self.plan.settings.read_repair {
            return;
        }
        let version = work.version;
        for contact in work.contacts.iter_mut().filter(|contact| contact.home.is_none()) {
            if contact.answer.is_some_and(|answer| answer < version) {
                // A repair may get lost; the next read sees.
                contact.answer = Some(version);
                out.send(contact.node, DynamoMessage::Repair { key, version });
                out.count(Event::ReadRepair);
            }
        }
    }

    fn finish(&mut self, outcome: Outcome, out: &mut Out) {
        if let Some(work) = &mut self.work {
            work.is_open = false;
        }
        out.cancel_timer(RETRY);
        out.complete(outcome);
    }
}

impl Machine for Client {
    type Message = DynamoMessage;
    type Record = DynamoRecord;

    fn step(&mut self, clock_ns: u64, input: Input<DynamoMessage, DynamoRecord>, out: &mut Out) {
        match input {
            Input::Start { .. } => self.restart(&Disk::default(), out),
            Input::Restart { disk, .. } => self.restart(&disk, out),
            Input::Call { operation, .. } => self.call(clock_ns, operation, out),
            Input::Timer { .. } => self.retry(clock_ns, out),
            Input::Message { from, message } => match message {
                DynamoMessage::Version { round, version } if round == self.round => {
                    self.answered(from, Some(version), out);
                }
                DynamoMessage::Stored { round } if round == self.round => self.answered(from, None, out),
                // Late answers, and requests, which are for replicas.
                _ => {}
            },
        }
    }
}
