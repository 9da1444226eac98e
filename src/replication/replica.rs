//! A replica: takes requests and updates, and answers when the strategy says so.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::message::{Record, Request, Say, Stamp, Store, Write};
use super::shared::Shared;
use super::strategy::{Execution, Shape, Timing};
use crate::model::Kind;
use crate::protocol::{Key, Operation, Outcome, Outputs, ProcessId};

pub(super) type Out = Outputs<Say, Record>;

/// Who waits for a write at the end of a chain, and for which of its requests.
pub(super) type Waiting = Option<(ProcessId, u64)>;

/// A write that is not answered yet, or that others have not taken yet.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) write: Write,
    /// Who waits for it, and for which of its requests.
    pub(super) waiting: Vec<(ProcessId, u64)>,
    pub(super) taken_by: BTreeSet<usize>,
    /// When it was sent to others the last time.
    pub(super) sent_ns: u64,
}

/// What a request still has to ask others for.
#[derive(Debug)]
struct Fetching {
    request: Request,
    from: BTreeSet<usize>,
    last: (Stamp, u64),
}

/// A replica; who is alive and who is the master is in `membership.rs`.
#[derive(Debug)]
pub(super) struct Replica {
    pub(super) shared: Rc<Shared>,
    pub(super) own: usize,
    /// The master of view v is replica v modulo n.
    pub(super) view: u64,
    /// Whether it holds what the view began with, and may answer.
    pub(super) is_current: bool,
    pub(super) restarted_ns: u64,
    /// When each replica was heard last, by the own clock.
    pub(super) heard_ns: Vec<u64>,
    /// Writes that were taken in this view, in case the beginning of the view comes later.
    pub(super) recent: Vec<Write>,
    pub(super) open: BTreeMap<u64, Open>,
    /// As a new master: what others hold.
    pub(super) collected: BTreeSet<usize>,
    pub(super) counter: u64,
    fetching: BTreeMap<u64, Fetching>,
    fetches: u64,
    pub(super) slot: u64,
}

impl Replica {
    pub(super) fn new(shared: Rc<Shared>, id: ProcessId) -> Self {
        let replicas = shared.replicas();
        Replica {
            shared,
            own: id.index(),
            view: 0,
            is_current: true,
            restarted_ns: 0,
            heard_ns: vec![0; replicas],
            recent: Vec::new(),
            open: BTreeMap::new(),
            collected: BTreeSet::new(),
            counter: 0,
            fetching: BTreeMap::new(),
            fetches: 0,
            slot: 0,
        }
    }

    pub(super) fn send(&self, to: usize, message: Say, out: &mut Out) {
        self.send_to(ProcessId(to as u32), message, out);
    }

    pub(super) fn send_to(&self, to: ProcessId, message: Say, out: &mut Out) {
        if message.is_work() {
            self.shared.messages.set(self.shared.messages.get() + 1);
        }
        out.send(to, message);
    }

    pub(super) fn others(&self) -> impl Iterator<Item = usize> + use<> {
        let own = self.own;
        (0..self.shared.replicas()).filter(move |other| *other != own)
    }

    /// Another replica, or a client: a request to be done or handed on.
    pub(super) fn ask(&mut self, request: Request, now_ns: u64, out: &mut Out) {
        let strategy = self.shared.strategy;
        match request.operation {
            Operation::Write { .. } if strategy.has_master() && self.master() != self.own => {
                self.send(self.master(), Say::Ask(request), out);
            }
            _ if !self.is_current => {}
            Operation::Write { key, value } => {
                let is_known = self.shared.stores[self.own].borrow().applied.contains(&value);
                match self.open.get_mut(&value) {
                    Some(open) => open.waiting.push((request.reply_to, request.id)),
                    None if is_known => self.reply(&request, Outcome::Written, out),
                    None if !strategy.has_master() && strategy.timing == Timing::Quorum => {
                        self.fetch(request, key, out)
                    }
                    None => self.write(request, 0, now_ns, out),
                }
                self.answer_if_enough(value, now_ns, out);
            }
            // The load has none: a client gets no answer.
            Operation::Cas { .. } => {}
            Operation::Read { key } => match (strategy.shape, strategy.timing) {
                (Shape::Chain, _) if self.tail(now_ns) != self.own => {
                    self.send(self.tail(now_ns), Say::Ask(request), out);
                }
                (Shape::TotalOrder, _) if self.master() != self.own => self.send(self.master(), Say::Ask(request), out),
                (Shape::Fan, Timing::Quorum) => self.fetch(request, key, out),
                _ => self.read(&request, self.last(key).1, out),
            },
        }
    }

    pub(super) fn last(&self, key: Key) -> (Stamp, u64) {
        self.shared.stores[self.own].borrow().data.get(&key).copied().unwrap_or_default()
    }

    fn reply(&self, request: &Request, outcome: Outcome, out: &mut Out) {
        self.send_to(request.reply_to, Say::Reply { id: request.id, outcome }, out);
    }

    fn read(&self, request: &Request, result: u64, out: &mut Out) {
        self.shared.executions.set(self.shared.executions.get() + 1);
        self.reply(request, Outcome::Read(result), out);
    }

    /// Asks all what they hold of a register.
    fn fetch(&mut self, request: Request, key: Key, out: &mut Out) {
        self.fetches += 1;
        let id = self.fetches << 8 | self.own as u64;
        let fetching = Fetching { request, from: BTreeSet::from([self.own]), last: self.last(key) };
        self.fetching.insert(id, fetching);
        self.others().for_each(|other| self.send(other, Say::Fetch { id, key }, out));
        self.go_on(id, 0, out);
    }

    pub(super) fn fetched(&mut self, from: usize, (id, last): (u64, (Stamp, u64)), now_ns: u64, out: &mut Out) {
        if let Some(fetching) = self.fetching.get_mut(&id) {
            fetching.from.insert(from);
            fetching.last = fetching.last.max(last);
            self.go_on(id, now_ns, out);
        }
    }

    /// Reads or writes once a read quorum has said what it holds.
    fn go_on(&mut self, id: u64, now_ns: u64, out: &mut Out) {
        let Some(fetching) = self.fetching.get(&id) else { return };
        if !self.shared.has_quorum(Kind::Read, fetching.from.iter().copied()) {
            return;
        }
        let Some(Fetching { request, last, .. }) = self.fetching.remove(&id) else { return };
        match request.operation {
            Operation::Read { .. } => self.read(&request, last.1, out),
            Operation::Cas { .. } => {}
            Operation::Write { value, .. } => {
                // Asked again meanwhile, and done.
                let is_known = self.shared.stores[self.own].borrow().applied.contains(&value);
                if !is_known {
                    self.write(request, last.0.counter, now_ns, out);
                    self.answer_if_enough(value, now_ns, out);
                }
            }
        }
    }

    /// Executes a write as the first replica, and tells the others.
    fn write(&mut self, request: Request, above: u64, now_ns: u64, out: &mut Out) {
        let Operation::Write { key, value } = request.operation else { return };
        self.counter = self.counter.max(above) + 1;
        let counter = if self.shared.strategy.has_master() { self.view << 32 | self.counter } else { self.counter };
        let stamp = Stamp { counter, replica: self.own as u32 };
        let result = self.execute(value);
        let write = Write { value, key, stamp, result };
        self.take(write, result, out);
        let waiting = vec![(request.reply_to, request.id)];
        self.open.insert(value, Open { write, waiting, taken_by: BTreeSet::from([self.own]), sent_ns: now_ns });
        match self.shared.strategy.shape {
            Shape::Chain => self.pass_on(write, Some((request.reply_to, request.id)), now_ns, out),
            _ => self
                .others()
                .for_each(|other| self.send(other, Say::Update { view: self.view, write, waiting: None }, out)),
        }
    }

    /// What the write makes of the register, here and now.
    fn execute(&self, value: u64) -> u64 {
        self.shared.executions.set(self.shared.executions.get() + 1);
        // A command that asks for the time, or a random number, or the name of the machine.
        if self.shared.is_nondeterministic { value << 8 | self.own as u64 } else { value }
    }

    /// Takes a write into the store and onto the disk.
    fn take(&mut self, write: Write, result: u64, out: &mut Out) {
        let is_ordered = self.shared.strategy.is_ordered();
        let is_new = self.shared.stores[self.own].borrow_mut().apply(&write, result, is_ordered);
        if is_new {
            self.recent.push(write);
            self.slot += 1;
            out.persist(self.slot, Some(Record::Write(write, result)));
        }
    }

    /// Another replica's write.
    pub(super) fn update(&mut self, from: usize, (write, waiting): (Write, Waiting), now_ns: u64, out: &mut Out) {
        let is_known = self.shared.stores[self.own].borrow().applied.contains(&write.value);
        if !is_known {
            let is_active = self.shared.strategy.execution == Execution::Active;
            let result = if is_active { self.execute(write.value) } else { write.result };
            self.counter = self.counter.max(write.stamp.counter & u64::from(u32::MAX));
            self.take(write, result, out);
        }
        match self.shared.strategy.shape {
            Shape::Chain => self.pass_on(write, waiting, now_ns, out),
            _ => self.send(from, Say::Ack { view: self.view, value: write.value }, out),
        }
    }

    /// Along the chain; the tail answers, and tells the head.
    pub(super) fn pass_on(&mut self, write: Write, waiting: Waiting, now_ns: u64, out: &mut Out) {
        match self.next_in_chain(now_ns) {
            Some(next) => self.send(next, Say::Update { view: self.view, write, waiting }, out),
            None => {
                if let Some((reply_to, id)) = waiting {
                    self.send_to(reply_to, Say::Reply { id, outcome: Outcome::Written }, out);
                }
                match self.master() {
                    own if own == self.own => _ = self.open.remove(&write.value),
                    head => self.send(head, Say::Ack { view: self.view, value: write.value }, out),
                }
            }
        }
    }

    pub(super) fn acked(&mut self, from: usize, value: u64, now_ns: u64, out: &mut Out) {
        if self.shared.strategy.shape == Shape::Chain {
            self.open.remove(&value);
        } else if let Some(open) = self.open.get_mut(&value) {
            open.taken_by.insert(from);
            self.answer_if_enough(value, now_ns, out);
        }
    }

    /// Answers a write if enough replicas have it, and forgets it when all have.
    pub(super) fn answer_if_enough(&mut self, value: u64, now_ns: u64, out: &mut Out) {
        if self.shared.strategy.shape == Shape::Chain {
            return;
        }
        let Some(open) = self.open.get(&value) else { return };
        let has = |other: usize| open.taken_by.contains(&other);
        let is_enough = match self.shared.strategy.timing {
            Timing::Asynchronous => true,
            Timing::Synchronous => self.others().all(|other| has(other) || self.suspects(other, now_ns)),
            Timing::Quorum => self.shared.has_quorum(Kind::Write, open.taken_by.iter().copied()),
        };
        let is_everywhere = open.taken_by.len() == self.shared.replicas();
        let Some(open) = self.open.get_mut(&value).filter(|_| is_enough) else { return };
        let waiting = std::mem::take(&mut open.waiting);
        if is_everywhere {
            self.open.remove(&value);
        }
        for (reply_to, id) in waiting {
            self.send_to(reply_to, Say::Reply { id, outcome: Outcome::Written }, out);
        }
    }

    /// What it holds, replaced by what a view begins with; what was taken in this view is taken again.
    pub(super) fn begin_with(&mut self, store: Store, out: &mut Out) {
        *self.shared.stores[self.own].borrow_mut() = store.clone();
        self.slot += 1;
        out.persist(self.slot, Some(Record::Whole(store)));
        for write in std::mem::take(&mut self.recent) {
            self.take(write, write.result, out);
        }
    }
}
