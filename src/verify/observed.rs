//! Clients that are watched: which nodes does each operation contact first?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Kind, Pair};
use crate::protocol::{Input, Machine, Operation, Output, Outputs, ProcessId};

/// How often each set of nodes was contacted first, by reads and by writes.
pub type Contacts = Pair<BTreeMap<Vec<ProcessId>, u64>>;

/// A client that behaves like another one, and notes what it sends when it is called.
#[derive(Debug)]
pub(super) struct Watched<C> {
    inner: C,
    contacts: Arc<Mutex<Contacts>>,
}

impl<C> Watched<C> {
    pub(super) fn new(inner: C, contacts: &Arc<Mutex<Contacts>>) -> Self {
        Watched { inner, contacts: Arc::clone(contacts) }
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
