//! What a replica has decided and carried out.

use super::flaw::Flaw;
use super::message::{ConsensusMessage, Out};
use super::plan::Plan;
use super::store::Store;
use crate::protocol::{Command, Fact, Outcome};

/// The state machine of a replica, and how far it has come in the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct ReplicaState {
    store: Store,
    applied: u64,
    /// Whether it forgets what it carried out, which is wrong.
    forgets: bool,
}

impl ReplicaState {
    /// Nothing was carried out yet.
    pub(super) fn new(plan: &Plan) -> Self {
        ReplicaState { forgets: plan.has(Flaw::ForgetSessions), ..ReplicaState::default() }
    }

    /// The last place that was applied.
    pub(super) fn applied(&self) -> u64 {
        self.applied
    }

    /// The command of the next place is known for ever: carries it out, and answers its client if that is this replica's part.
    pub(super) fn decide<M, R>(&mut self, command: &Command, is_answering: bool, out: &mut Out<M, R>) {
        self.applied += 1;
        let (index, command) = (self.applied, *command);
        out.tell(Fact::Decided { index, command });
        self.take(command, is_answering, out);
    }

    /// The same where the primary has carried it out already, and this is what came of it.
    pub(super) fn decide_as<M, R>(
        &mut self,
        command: &Command,
        (outcome, is_answering): (Option<Outcome>, bool),
        out: &mut Out<M, R>,
    ) {
        let Some(outcome) = outcome else { return self.decide(command, is_answering, out) };
        self.applied += 1;
        let (index, command) = (self.applied, *command);
        out.tell(Fact::Decided { index, command });
        out.tell(Fact::Applied { index, command });
        if self.store.adopt(&command, outcome) {
            out.tell(Fact::Executed { command });
        }
        if is_answering {
            self.answer(&command, out);
        }
    }

    /// A store of its own for what is not committed yet.
    pub(super) fn ahead(&self) -> Store {
        self.store.clone()
    }

    /// Carries out a command of the place that was just decided.
    pub(super) fn take<M, R>(&mut self, command: Command, is_answering: bool, out: &mut Out<M, R>) {
        out.tell(Fact::Applied { index: self.applied, command });
        if self.forgets {
            self.store.forget(&command);
        }
        if self.store.apply(&command) {
            out.tell(Fact::Executed { command });
        }
        if is_answering && command.operation.is_some() {
            self.answer(&command, out);
        }
    }

    /// Answers a read from what is here, which may have been overwritten elsewhere: what one must not do.
    pub(super) fn read_locally<M, R>(&self, command: &Command, out: &mut Out<M, R>) -> bool {
        let Some(outcome) = self.store.read(command) else { return false };
        let Command { client, session, number, .. } = *command;
        out.send(client, ConsensusMessage::Answer { session, number, outcome });
        true
    }

    /// Whether a command, or a later one of its session, was carried out.
    pub(super) fn is_done(&self, command: &Command) -> bool {
        self.store.is_done(command)
    }

    /// Tells the client what came of its last command.
    pub(super) fn answer<M, R>(&self, command: &Command, out: &mut Out<M, R>) {
        if let Some(outcome) = self.store.outcome(command) {
            let Command { client, session, number, .. } = *command;
            out.send(client, ConsensusMessage::Answer { session, number, outcome });
        }
    }
}
