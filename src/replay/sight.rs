//! What one can see of the replicas: their logs, what is decided, what clients were answered.

use std::collections::BTreeMap;

use crate::history::{Action, Builder, History, Operation as Recorded, Value};
use crate::protocol::{Command, Fact, Operation, Outcome, ProcessId};

/// What was said so far.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// What is on each replica's disk, by place: the term and the command.
    logs: BTreeMap<ProcessId, BTreeMap<u64, (u64, Command)>>,
    decided: BTreeMap<u64, Command>,
    answers: BTreeMap<ProcessId, Outcome>,
    /// By client, which of the calls is not over.
    open: BTreeMap<ProcessId, usize>,
    calls: Vec<Call>,
    is_keyed: bool,
}

/// An operation of a client, when it began and how it ended.
#[derive(Debug)]
struct Call {
    operation: Operation,
    start: u64,
    end: Option<(Outcome, u64)>,
}

impl Sight {
    pub(super) fn new(is_keyed: bool) -> Self {
        Sight { is_keyed, ..Sight::default() }
    }

    /// Takes note of what a replica says; in words, where it is news.
    pub(super) fn told(&mut self, process: ProcessId, fact: &Fact) -> Option<String> {
        match *fact {
            Fact::Held { index, term, command } => {
                let log = self.logs.entry(process).or_default();
                let entry = entry((term, &command));
                (log.insert(index, (term, command)) != Some((term, command))).then(|| format!("holds {index}={entry}"))
            }
            Fact::Cut { from } => {
                let cut = self.logs.entry(process).or_default().split_off(&from);
                (!cut.is_empty()).then(|| format!("cuts its log off from place {from} on"))
            }
            Fact::Decided { index, command } => {
                self.decided.entry(index).or_insert(command);
                Some(format!("decides {index}={command}"))
            }
            // Said otherwise, or carried out at the same moment.
            Fact::Leads { .. } | Fact::Proposed { .. } | Fact::Applied { .. } | Fact::Executed { .. } => None,
        }
    }

    /// A replica's disk is gone.
    pub(super) fn lost_disk(&mut self, process: ProcessId) {
        self.logs.remove(&process);
    }

    /// A replica's log, place by place.
    pub(super) fn log(&self, process: ProcessId) -> Vec<(u64, u64, Command)> {
        let log = self.logs.get(&process);
        log.into_iter().flatten().map(|(index, (term, command))| (*index, *term, *command)).collect()
    }

    /// What is decided in a place.
    pub(super) fn decided(&self, index: u64) -> Option<Command> {
        self.decided.get(&index).copied()
    }

    /// A client is asked for an operation.
    pub(super) fn called(&mut self, client: ProcessId, operation: Operation, now: u64) {
        self.answers.remove(&client);
        self.open.insert(client, self.calls.len());
        self.calls.push(Call { operation, start: now, end: None });
    }

    /// A client's operation is over.
    pub(super) fn ended(&mut self, client: ProcessId, outcome: Outcome, now: u64) {
        self.answers.insert(client, outcome);
        if let Some(call) = self.open.remove(&client) {
            self.calls[call].end = Some((outcome, now));
        }
    }

    /// A client has crashed.
    pub(super) fn crashed(&mut self, client: ProcessId) {
        self.answers.remove(&client);
        self.open.remove(&client);
    }

    /// What a client does now, or was answered last.
    pub(super) fn answer(&self, client: ProcessId) -> String {
        match (self.open.contains_key(&client), self.answers.get(&client)) {
            (true, _) => "waiting".to_owned(),
            (false, Some(outcome)) => outcome.to_string(),
            (false, None) => "idle".to_owned(),
        }
    }

    /// Whether a client has an operation open.
    pub(super) fn is_open(&self, client: ProcessId) -> bool {
        self.open.contains_key(&client)
    }

    /// What the clients saw so far.
    pub(super) fn history(&self) -> History {
        let mut builder = Builder::new();
        for (number, call) in self.calls.iter().enumerate() {
            // Never refused: every operation is of a process of its own, and time goes on.
            let _ = builder.push(&call.recorded(number as i64, self.is_keyed));
        }
        builder.finish()
    }
}

impl Call {
    fn recorded(&self, process: i64, is_keyed: bool) -> Recorded {
        let outcome = self.end.map(|(outcome, _)| outcome).filter(|outcome| *outcome != Outcome::GaveUp);
        let action = match (self.operation, outcome) {
            (Operation::Read { .. }, Some(Outcome::Read(value))) => Action::Read(Value::from(value)),
            (Operation::Read { .. }, _) => Action::Read(Value::Null),
            (Operation::Write { value, .. }, _) => Action::Write(Value::from(value)),
            (Operation::Cas { expected, value, .. }, Some(Outcome::NotSwapped(_))) => {
                Action::FailedCas { expected: Value::from(expected), new: Value::from(value) }
            }
            (Operation::Cas { expected, value, .. }, _) => {
                Action::Cas { expected: Value::from(expected), new: Value::from(value) }
            }
        };
        let end = outcome.and(self.end).map(|(_, end)| end as i64);
        let key = is_keyed.then(|| format!("k{}", self.operation.key().0).into());
        Recorded { process, key, action, start: self.start as i64, end }
    }
}

/// An entry in few letters: its term and its command; `*` where a value is decided, whatever its ballot was.
pub(super) fn entry((term, command): (u64, &Command)) -> String {
    if term == u64::MAX { format!("*:{command}") } else { format!("{term}:{command}") }
}
