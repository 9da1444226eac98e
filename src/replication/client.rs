//! Clients, the proxy between them and the replicas, and the client that waits for the rest.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::message::{Record, Request, Say};
use super::shared::Shared;
use super::strategy::Access;
use crate::protocol::{Input, Machine, Operation, Outcome, Outputs, ProcessId, TimerId};

/// Time without an answer after which a client asks again.
const RETRY_NS: u64 = 100_000_000;

/// How often it does.
const RETRIES: u32 = 50;

/// How often the closing client looks whether somebody got an answer, and how often in vain until it closes.
const LOOK_NS: u64 = 100_000_000;
const LOOKS: u32 = 12;

const TIMER: TimerId = TimerId(0);

/// A process that is no replica.
#[derive(Debug)]
pub(super) struct Client {
    shared: Rc<Shared>,
    id: ProcessId,
    number: u64,
    open: Option<Operation>,
    tries: u32,
    /// The replica that is asked; it changes when there is no answer.
    target: usize,
    /// Answers that the closing client has seen.
    seen: u64,
    /// As the proxy: the last request of each client.
    handed_on: BTreeMap<u64, u64>,
}

type Out = Outputs<Say, Record>;

impl Client {
    pub(super) fn new(shared: Rc<Shared>, id: ProcessId) -> Self {
        let target = (id.index() - shared.replicas()) % shared.replicas();
        let target = if id == shared.proxy() { 0 } else { target };
        Client { shared, id, number: 0, open: None, tries: 0, target, seen: 0, handed_on: BTreeMap::new() }
    }

    fn send(&self, to: ProcessId, message: Say, out: &mut Out) {
        self.shared.messages.set(self.shared.messages.get() + 1);
        out.send(to, message);
    }

    fn ask(&mut self, operation: Operation, out: &mut Out) {
        let request = Request { id: self.number, reply_to: self.id, operation };
        let to = match self.shared.strategy.access {
            Access::Replica => ProcessId(self.target as u32),
            Access::Proxy => self.shared.proxy(),
        };
        self.send(to, Say::Ask(request), out);
        out.set_timer(TIMER, RETRY_NS);
    }

    fn end(&mut self, outcome: Outcome, out: &mut Out) {
        self.open = None;
        out.cancel_timer(TIMER);
        out.complete(outcome);
        self.shared.answers.set(self.shared.answers.get() + 1);
    }

    /// The other requests of a client are answered, or given up, before the next.
    fn call(&mut self, operation: Operation, out: &mut Out) {
        self.number += 1;
        self.tries = 0;
        self.open = Some(operation);
        if self.id == self.shared.closer() {
            out.set_timer(TIMER, LOOK_NS);
        } else {
            self.ask(operation, out);
        }
    }

    fn time_out(&mut self, out: &mut Out) {
        let Some(operation) = self.open else { return };
        self.tries += 1;
        if self.id == self.shared.closer() {
            let answers = self.shared.answers.get();
            if answers != self.seen {
                (self.seen, self.tries) = (answers, 0);
            }
            match self.tries {
                LOOKS => out.complete(Outcome::GaveUp),
                _ => out.set_timer(TIMER, LOOK_NS),
            }
        } else if self.tries > RETRIES {
            self.end(Outcome::GaveUp, out);
        } else {
            self.target = (self.target + 1) % self.shared.replicas();
            self.ask(operation, out);
        }
    }

    /// A proxy hands requests on, and answers back; the id of a request says whose it is.
    fn pass(&mut self, from: ProcessId, message: &Say, out: &mut Out) {
        match *message {
            Say::Ask(request) => {
                let client = u64::from(request.reply_to.0);
                if self.handed_on.insert(client, request.id) == Some(request.id) {
                    // Asked again: the replica does not answer.
                    self.target = (self.target + 1) % self.shared.replicas();
                }
                let own = Request { id: client << 32 | request.id, reply_to: self.id, ..request };
                self.send(ProcessId(self.target as u32), Say::Ask(own), out);
            }
            Say::Reply { id, outcome } => {
                if from.index() < self.shared.replicas() && self.shared.strategy.has_master() {
                    self.target = from.index();
                }
                self.send(ProcessId((id >> 32) as u32), Say::Reply { id: id & u64::from(u32::MAX), outcome }, out);
            }
            _ => {}
        }
    }
}

impl Machine for Client {
    type Message = Say;
    type Record = Record;

    fn step(&mut self, _: u64, input: Input<Say, Record>, out: &mut Out) {
        match input {
            Input::Start { .. } => {}
            // Numbers begin elsewhere: answers to a request of before the crash are for none of those that come.
            Input::Restart { draw, .. } => (self.open, self.number) = (None, (draw & 0x7fff) << 16),
            Input::Call { operation, .. } => self.call(operation, out),
            Input::Timer { .. } => self.time_out(out),
            Input::Message { from, message } if self.id == self.shared.proxy() => self.pass(from, &message, out),
            Input::Message { message: Say::Reply { id, outcome }, .. } => {
                if id == self.number && self.open.is_some() {
                    self.end(outcome, out);
                }
            }
            Input::Message { .. } => {}
        }
    }
}
