//! A protocol whose clients are watched: which nodes does each operation contact first?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Kind, Pair};
use crate::protocol::{Input, Machine, Operation, Output, Outputs, ProcessId, Protocol};

/// How often each set of nodes was contacted first, by reads and by writes.
pub(super) type Contacts = Pair<BTreeMap<Vec<ProcessId>, u64>>;

/// A protocol that behaves like another one, and notes what its clients send when they are called.
#[derive(Debug)]
pub(super) struct Observed<P> {
    inner: P,
    contacts: Arc<Mutex<Contacts>>,
}

/// A client that is watched.
#[derive(Debug)]
pub(super) struct Watched<C> {
    inner: C,
    contacts: Arc<Mutex<Contacts>>,
}

impl<P> Observed<P> {
    pub(super) fn new(inner: P) -> Self {
        Observed { inner, contacts: Arc::default() }
    }

    /// What was seen.
    pub(super) fn contacts(&self) -> Contacts {
        self.contacts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<P: Protocol> Protocol for Observed<P> {
    type Message = P::Message;
    type Record = P::Record;
    type Replica = P::Replica;
    type Client = Watched<P::Client>;

    fn replicas(&self) -> usize {
        self.inner.replicas()
    }

    fn is_single_writer(&self) -> bool {
        self.inner.is_single_writer()
    }

    fn replica(&self, id: ProcessId) -> P::Replica {
        self.inner.replica(id)
    }

    fn client(&self, id: ProcessId) -> Watched<P::Client> {
        Watched { inner: self.inner.client(id), contacts: Arc::clone(&self.contacts) }
    }
}

impl<C: Machine> Machine for Watched<C> {
    type Message = C::Message;
    type Record = C::Record;

    fn step(&mut self, clock_ns: u64, input: Input<C::Message, C::Record>, out: &mut Outputs<C::Message, C::Record>) {
        let called = match input {
            Input::Call { operation: Operation::Read { .. }, .. } => Some(Kind::Read),
            Input::Call { operation: Operation::Write { .. }, .. } => Some(Kind::Write),
            _ => None,
        };
        self.inner.step(clock_ns, input, out);
        let Some(kind) = called else { return };
        let receiver = |output: &Output<C::Message, C::Record>| match output {
            Output::Send { to, .. } => Some(*to),
            _ => None,
        };
        let mut contacted: Vec<ProcessId> = out.as_slice().iter().filter_map(receiver).collect();
        contacted.sort_unstable();
        let mut contacts = self.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = match kind {
            Kind::Read => &mut contacts.reads,
            Kind::Write => &mut contacts.writes,
        };
        *counts.entry(contacted).or_default() += 1;
    }
}
