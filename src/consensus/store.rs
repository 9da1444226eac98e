//! The replicated state machine: a key-value store that carries out every command once.

use std::collections::BTreeMap;

use crate::protocol::{Command, Key, Operation, Outcome, ProcessId};

/// What a client was answered last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Session {
    number: u64,
    outcome: Outcome,
}

/// Values by key, and what every session was answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Store {
    values: BTreeMap<Key, u64>,
    sessions: BTreeMap<(ProcessId, u64), Session>,
}

impl Store {
    /// Carries a command out, unless it or a later one of its session was carried out before; whether it did.
    pub(super) fn apply(&mut self, command: &Command) -> bool {
        let Some(operation) = command.operation else { return false };
        if self.sessions.get(&(command.client, command.session)).is_some_and(|last| last.number >= command.number) {
            return false;
        }
        let outcome = self.execute(operation);
        self.sessions.insert((command.client, command.session), Session { number: command.number, outcome });
        true
    }

    /// Takes over what came of a command elsewhere, unless it was carried out before; whether it did.
    pub(super) fn adopt(&mut self, command: &Command, outcome: Outcome) -> bool {
        if self.is_done(command) {
            return false;
        }
        match (command.operation, outcome) {
            (Some(Operation::Write { key, value }), Outcome::Written)
            | (Some(Operation::Cas { key, value, .. }), Outcome::Swapped) => _ = self.values.insert(key, value),
            _ => {}
        }
        self.sessions.insert((command.client, command.session), Session { number: command.number, outcome });
        true
    }

    /// Forgets what a session was answered, as it should not.
    pub(super) fn forget(&mut self, command: &Command) {
        self.sessions.remove(&(command.client, command.session));
    }

    fn execute(&mut self, operation: Operation) -> Outcome {
        let held = self.values.get(&operation.key()).copied().unwrap_or(0);
        match operation {
            Operation::Read { .. } => Outcome::Read(held),
            Operation::Write { key, value } => {
                self.values.insert(key, value);
                Outcome::Written
            }
            Operation::Cas { key, expected, value } if held == expected => {
                self.values.insert(key, value);
                Outcome::Swapped
            }
            Operation::Cas { .. } => Outcome::NotSwapped(held),
        }
    }

    /// What came of a command, if it is the last one of its session.
    pub(super) fn outcome(&self, command: &Command) -> Option<Outcome> {
        let last = self.sessions.get(&(command.client, command.session))?;
        (last.number == command.number).then_some(last.outcome)
    }

    /// What a read would return now.
    pub(super) fn read(&self, command: &Command) -> Option<Outcome> {
        let Some(Operation::Read { key }) = command.operation else { return None };
        Some(Outcome::Read(self.values.get(&key).copied().unwrap_or(0)))
    }

    /// Whether a command, or a later one of its session, was carried out.
    pub(super) fn is_done(&self, command: &Command) -> bool {
        self.sessions.get(&(command.client, command.session)).is_some_and(|last| last.number >= command.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_carried_out_once() {
        let mut store = Store::default();
        let key = Key(0);
        let command =
            |number, operation| Command { client: ProcessId(5), session: 1, number, operation: Some(operation) };
        let write = command(1, Operation::Write { key, value: 3 });
        assert!(store.apply(&write) && !store.apply(&write));
        let swap = command(2, Operation::Cas { key, expected: 3, value: 4 });
        assert!(store.apply(&swap) && !store.apply(&swap), "a second time it would find 4");
        assert_eq!(store.outcome(&swap), Some(Outcome::Swapped));
        assert!(!store.apply(&write), "an old command that comes late");
        assert!(store.apply(&command(3, Operation::Cas { key, expected: 3, value: 5 })));
        assert_eq!(store.outcome(&command(3, Operation::Read { key })), Some(Outcome::NotSwapped(4)));
        let other_life = Command { session: 2, ..command(1, Operation::Read { key }) };
        assert!(store.apply(&other_life) && !store.apply(&Command::NOTHING));
        assert_eq!(store.outcome(&other_life), Some(Outcome::Read(4)));
    }
}
