//! A client: finds the replica that sees to its commands, and asks until it is answered.

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

use super::message::{ConsensusMessage, ConsensusRecord, Out, command};
use super::plan::Plan;
use crate::protocol::{Disk, Event, Fact, Input, Machine, Message, Operation, Outcome, ProcessId, Shared, TimerId};

/// The only timer: nobody has answered.
const RETRY: TimerId = TimerId(0);

/// Where a client persists its session.
const SESSION_SLOT: u64 = 0;

/// Replicas that a client is sent to in a row before it waits.
const REDIRECTS_MAX: u32 = 3;

/// A client, which does one operation at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Client<M, R> {
    plan: Shared<Plan>,
    id: ProcessId,
    session: u64,
    number: u64,
    open: Option<Operation>,
    /// Whom it asks.
    target: ProcessId,
    retries: u32,
    redirects: u32,
    of: PhantomData<(M, R)>,
}

impl<M: Message, R> Client<M, R> {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId) -> Self {
        let target = ProcessId(0);
        Client { plan, id, session: 0, number: 0, open: None, target, retries: 0, redirects: 0, of: PhantomData }
    }

    /// Goes on with the session on the disk, or begins one: numbers of a session never come again.
    fn begin(&mut self, disk: &Disk<ConsensusRecord<R>>, draw: u64, out: &mut Out<M, R>) {
        (self.session, self.number) = match disk.get(SESSION_SLOT) {
            Some(ConsensusRecord::Session { session, number }) => (*session, *number),
            _ => (draw, 0),
        };
        self.keep(out);
    }

    fn keep(&self, out: &mut Out<M, R>) {
        let session = ConsensusRecord::Session { session: self.session, number: self.number };
        out.persist(SESSION_SLOT, Some(session));
    }

    fn call(&mut self, operation: Operation, out: &mut Out<M, R>) {
        self.number += 1;
        self.keep(out);
        (self.open, self.retries, self.redirects) = (Some(operation), 0, 0);
        out.tell(Fact::Proposed { command: command(self.id, (self.session, self.number), operation) });
        self.ask(out);
        out.set_timer(RETRY, self.plan.patience.retry_after_ns);
    }

    fn ask(&self, out: &mut Out<M, R>) {
        let Some(operation) = self.open else { return };
        let command = command(self.id, (self.session, self.number), operation);
        out.send(self.target, ConsensusMessage::Request { command });
    }

    /// Asks the next replica, or gives up.
    fn retry(&mut self, out: &mut Out<M, R>) {
        if self.open.is_none() {
            return;
        }
        if self.plan.patience.retries.is_some_and(|most| self.retries >= most) {
            return self.finish(Outcome::GaveUp, out);
        }
        if self.retries == 0 {
            out.count(Event::Fallback);
        }
        self.retries = self.retries.saturating_add(1);
        self.redirects = 0;
        self.target = ProcessId((self.target.0 + 1) % self.plan.phases.nodes() as u32);
        self.ask(out);
        out.set_timer(RETRY, self.plan.patience.retry_after_ns);
    }

    fn redirect(&mut self, to: Option<ProcessId>, out: &mut Out<M, R>) {
        let Some(to) = to.filter(|to| *to != self.target) else { return };
        if self.redirects < REDIRECTS_MAX {
            self.redirects += 1;
            self.target = to;
            self.ask(out);
        }
    }

    fn finish(&mut self, outcome: Outcome, out: &mut Out<M, R>) {
        self.open = None;
        out.cancel_timer(RETRY);
        out.complete(outcome);
    }
}

impl<M: Message, R: Clone + PartialEq + Eq + Hash + Debug> Machine for Client<M, R> {
    type Message = ConsensusMessage<M>;
    type Record = ConsensusRecord<R>;

    fn step(&mut self, _clock_ns: u64, input: Input<ConsensusMessage<M>, ConsensusRecord<R>>, out: &mut Out<M, R>) {
        match input {
            Input::Start { draw } => self.begin(&Disk::default(), draw, out),
            Input::Restart { disk, draw } => self.begin(&disk, draw, out),
            Input::Call { operation, .. } => self.call(operation, out),
            Input::Timer { .. } => self.retry(out),
            Input::Message { from, message } => match message {
                ConsensusMessage::Answer { session, number, outcome }
                    if self.open.is_some() && (session, number) == (self.session, self.number) =>
                {
                    // Whoever answered will see to the next one too.
                    self.target = from;
                    self.finish(outcome, out);
                }
                ConsensusMessage::Redirect { number, to } if self.open.is_some() && number == self.number => {
                    self.redirect(to, out);
                }
                // Late answers, and what is for replicas.
                _ => {}
            },
        }
    }
}
