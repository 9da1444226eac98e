//! Who does which operation, and what came of it.

use super::pause::Pause;
use super::traffic::Traffic;
use crate::history::{Action, Builder, History, Operation as Recorded, Ticket, Value};
use crate::model::Kind;
use crate::protocol::{Key, Operation, Outcome};
use std::collections::BTreeMap;

/// The operations of all clients, and the history that they make.
#[derive(Debug)]
pub(super) struct Desk {
    clients: Vec<Client>,
    builder: Builder,
    has_keys: bool,
    lines: u32,
    /// Operations that are not over, of clients that may go on.
    left: u64,
    /// Operations that are over.
    ended: u64,
}

#[derive(Debug, Default)]
struct Client {
    /// Operations started so far.
    number: u64,
    quota: u64,
    /// When the next operation was meant to start.
    due_ns: u64,
    /// When it will start; absent while one is open or nothing is planned.
    next_ns: Option<u64>,
    open: Option<Open>,
    is_up: bool,
    /// What it saw last of each register: what its next compare-and-set expects.
    seen: BTreeMap<Key, u64>,
}

#[derive(Debug)]
struct Open {
    /// Absent where the history is full.
    ticket: Option<Ticket>,
    operation: Operation,
}

impl Desk {
    pub(super) fn new(traffic: &Traffic) -> Self {
        let client = |client: u32| Client { quota: traffic.quota(client), is_up: true, ..Client::default() };
        Desk {
            clients: (0..traffic.clients).map(client).collect(),
            builder: Builder::new(),
            has_keys: traffic.keys > 1,
            lines: 0,
            left: traffic.operations,
            ended: 0,
        }
    }

    /// Whether some client that is up has something left to do.
    pub(super) fn is_busy(&self) -> bool {
        self.left > 0
    }

    /// Operations that have ended, one way or another.
    pub(super) fn ended(&self) -> u64 {
        self.ended
    }

    /// Whether some client that is down has something left to do.
    pub(super) fn is_waiting(&self) -> bool {
        self.clients.iter().any(|client| !client.is_up && client.number < client.quota)
    }

    /// How many operations a client has started.
    pub(super) fn number(&self, client: usize) -> u64 {
        self.clients[client].number
    }

    /// Whether a client's open operation is a write.
    pub(super) fn is_writing(&self, client: usize) -> bool {
        let open = self.clients[client].open.as_ref();
        open.is_some_and(|open| matches!(open.operation, Operation::Write { .. } | Operation::Cas { .. }))
    }

    /// Plans the next operation of a client `pause_ns` after the one before was due, or, in a closed loop, after now.
    pub(super) fn plan(&mut self, client: usize, now_ns: u64, pause: Pause) -> Option<u64> {
        let state = &mut self.clients[client];
        if state.number >= state.quota || state.open.is_some() {
            return None;
        }
        state.due_ns = match pause {
            Pause::SinceDue(ns) => state.due_ns.saturating_add(ns),
            Pause::SinceNow(ns) => now_ns.saturating_add(ns),
        };
        state.next_ns = Some(state.due_ns.max(now_ns));
        state.next_ns
    }

    /// Whether a client is to start an operation now.
    pub(super) fn is_due(&self, client: usize, now_ns: u64) -> bool {
        self.clients[client].next_ns == Some(now_ns)
    }

    /// A client starts an operation; a compare-and-set expects what the client saw last.
    pub(super) fn start(&mut self, client: usize, mut operation: Operation, now_ns: u64) -> Operation {
        if let Operation::Cas { key, expected, .. } = &mut operation {
            *expected = self.clients[client].seen.get(key).copied().unwrap_or(0);
        }
        let action = match operation {
            Operation::Read { .. } => Action::Read(Value::Null),
            Operation::Write { value, .. } => Action::Write(Value::from(value)),
            Operation::Cas { expected, value, .. } => {
                Action::Cas { expected: Value::from(expected), new: Value::from(value) }
            }
        };
        let recorded = Recorded {
            process: client as i64,
            key: self.has_keys.then(|| key_name(operation.key())),
            action,
            start: stamp(now_ns),
            end: None,
        };
        self.lines = self.lines.saturating_add(1);
        let ticket = self.builder.start(&recorded, self.lines).ok();
        let state = &mut self.clients[client];
        state.number += 1;
        state.next_ns = None;
        state.open = Some(Open { ticket, operation });
        operation
    }

    /// A client's operation has ended; its kind, and how long it took since it was due.
    pub(super) fn end(&mut self, client: usize, outcome: Outcome, now_ns: u64) -> Option<(Kind, u64)> {
        let state = &mut self.clients[client];
        let open = state.open.take()?;
        (self.left, self.ended) = (self.left - 1, self.ended + 1);
        let (kind, action) = match (open.operation, outcome) {
            (Operation::Read { .. }, Outcome::Read(value)) => (Kind::Read, Some(Action::Read(Value::from(value)))),
            (Operation::Read { .. }, _) => (Kind::Read, None),
            (Operation::Write { value, .. }, Outcome::Written) => {
                (Kind::Write, Some(Action::Write(Value::from(value))))
            }
            (Operation::Cas { expected, value, .. }, Outcome::Swapped) => {
                (Kind::Write, Some(Action::Cas { expected: Value::from(expected), new: Value::from(value) }))
            }
            (Operation::Cas { expected, value, .. }, Outcome::NotSwapped(_)) => {
                (Kind::Write, Some(Action::FailedCas { expected: Value::from(expected), new: Value::from(value) }))
            }
            (Operation::Write { .. } | Operation::Cas { .. }, _) => (Kind::Write, None),
        };
        let key = open.operation.key();
        match (open.operation, outcome) {
            (_, Outcome::Read(value) | Outcome::NotSwapped(value))
            | (Operation::Write { value, .. }, Outcome::Written)
            | (Operation::Cas { value, .. }, Outcome::Swapped) => _ = state.seen.insert(key, value),
            _ => {}
        }
        if let Some(ticket) = open.ticket {
            // Refused only beyond the range of instants; the operation then counts as one that never returned.
            let ended = action.is_some_and(|action| self.builder.end(ticket, &action, stamp(now_ns)).is_ok());
            if !ended {
                self.builder.abandon(ticket);
            }
        }
        Some((kind, now_ns.saturating_sub(state.due_ns)))
    }

    /// A client has crashed; whether it was in the middle of an operation.
    pub(super) fn crash(&mut self, client: usize) -> bool {
        let state = &mut self.clients[client];
        state.next_ns = None;
        state.is_up = false;
        let open = state.open.take();
        self.left -= state.quota - state.number + u64::from(open.is_some());
        self.ended += u64::from(open.is_some());
        if let Some(ticket) = open.as_ref().and_then(|open| open.ticket) {
            self.builder.abandon(ticket);
        }
        open.is_some()
    }

    /// A client has come back.
    pub(super) fn recover(&mut self, client: usize) {
        let state = &mut self.clients[client];
        state.is_up = true;
        self.left += state.quota - state.number;
    }

    /// The history, how many operations are open, and how many were never started.
    pub(super) fn finish(self) -> (History, u64, u64) {
        let open = self.clients.iter().filter(|client| client.open.is_some()).count() as u64;
        let not_started = self.clients.iter().map(|client| client.quota - client.number).sum();
        (self.builder.finish(), open, not_started)
    }
}

fn key_name(key: Key) -> Box<str> {
    format!("k{}", key.0).into()
}

/// An instant of a history; a run ends long before instants run out.
fn stamp(now_ns: u64) -> i64 {
    i64::try_from(now_ns).unwrap_or(i64::MAX)
}
