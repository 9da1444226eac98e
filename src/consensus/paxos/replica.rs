//! A replica: proposer, acceptor and learner.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fast::{FAST, FastVotes};
use super::instances::Instances;
use super::message::{Batch, PaxosMessage, PaxosRecord};
use crate::consensus::flaw::Flaw;
use crate::consensus::machine::replica_machine;
use crate::consensus::message::{ConsensusRecord, Out, tell_peer, tell_peers};
use crate::consensus::plan::Plan;
use crate::consensus::replica_state::ReplicaState;
use crate::protocol::{Command, Disk, Event, ProcessId, Shared, Standing, Tally, TimerId, next_word};

/// The attempt has come to nothing, or it is time for one.
const ATTEMPT: TimerId = TimerId(0);

/// Commands of one batch.
const COMMANDS_MAX: usize = 64;

/// The longest wait is so many times the shortest.
const PATIENCE_MAX: u32 = 5;

/// How commands come to be proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// By whoever was asked, in both phases.
    Single,
    /// By everybody, after a broadcast.
    Broadcast,
    /// By whoever was asked, first in a fast round.
    Fast,
}

/// A replica of Paxos.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PaxosReplica {
    plan: Shared<Plan>,
    id: ProcessId,
    way: Way,
    instances: Instances,
    state: ReplicaState,
    /// Commands received and not carried out, in the order in which they came.
    pool: Vec<Command>,
    /// Those of them whose clients asked this replica.
    own: BTreeSet<(ProcessId, u64, u64)>,
    attempt: Option<Attempt>,
    /// Whether the timer says when to begin.
    is_waiting: bool,
    /// The highest ballot that anybody spoke of.
    seen: u64,
    failures: u32,
    draw: u64,
}

/// A ballot in progress.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Attempt {
    instance: u64,
    ballot: u64,
    /// What acceptors accepted in the highest ballot that was told; in phase 2 what is proposed.
    value: Option<(u64, Batch)>,
    /// Who accepted what in the fast round.
    fast: FastVotes,
    is_accepting: bool,
    answered: Tally,
}

type PaxosOut = Out<PaxosMessage, PaxosRecord>;

impl PaxosReplica {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId, way: Way) -> Self {
        PaxosReplica {
            state: ReplicaState::new(&plan),
            plan,
            id,
            way,
            instances: Instances::default(),
            pool: Vec::new(),
            own: BTreeSet::new(),
            attempt: None,
            is_waiting: false,
            seen: 0,
            failures: 0,
            draw: 0,
        }
    }

    fn begin(&mut self, disk: &Disk<ConsensusRecord<PaxosRecord>>, draw: u64, out: &mut PaxosOut) {
        self.draw = draw;
        self.instances = Instances::restore(disk, &self.plan, out);
        self.advance(out);
    }

    fn nodes(&self) -> u64 {
        self.plan.phases.nodes() as u64
    }

    fn others(&self, message: &PaxosMessage, out: &mut PaxosOut) {
        tell_peers(out, (self.id, self.plan.phases.nodes()), message);
    }

    /// A random time between once and twice what an attempt may take.
    fn patience(&mut self, times: u32) -> u64 {
        self.draw = next_word(self.draw);
        self.plan.timing.election(self.draw) / 6 * u64::from(times)
    }

    /// Takes a command in; whether it is news.
    fn take(&mut self, command: Command) -> bool {
        let is_new = !self.state.is_done(&command) && self.pool.iter().all(|known| known.id() != command.id());
        if is_new {
            self.pool.push(command);
        }
        is_new
    }

    fn request(&mut self, command: Command, out: &mut PaxosOut) {
        if self.state.is_done(&command) {
            return self.state.answer(&command, out);
        }
        if self.plan.has(Flaw::ReadLocally) && self.state.read_locally(&command, out) {
            return;
        }
        self.own.insert(command.id());
        if self.take(command) && self.way == Way::Broadcast {
            self.others(&PaxosMessage::Broadcast { command }, out);
        }
        self.propose(out);
    }

    /// Begins an attempt, if there is something to propose and none is under way. In a broadcast replicas take turns to be the
    /// first, and the others wait for their turn.
    fn propose(&mut self, out: &mut PaxosOut) {
        if self.pool.is_empty() || self.attempt.is_some() || self.is_waiting {
            return;
        }
        let turn = (u64::from(self.id.0) + self.nodes() - self.instances.next() % self.nodes()) % self.nodes();
        if self.way == Way::Broadcast && turn > 0 {
            self.is_waiting = true;
            let after_ns = self.plan.timing.election_ns / 6 * turn;
            return out.set_timer(ATTEMPT, after_ns);
        }
        if self.way == Way::Fast {
            return self.propose_fast(out);
        }
        self.prepare(out);
    }

    /// Sends a command to all acceptors at once; where this one took another already, that is waited for.
    fn propose_fast(&mut self, out: &mut PaxosOut) {
        let instance = self.instances.next();
        let batch: Batch = self.pool.iter().take(1).copied().collect();
        if self.instances.accept_fast(instance, &batch, out).is_err() {
            self.is_waiting = true;
            let after_ns = self.patience(1);
            return out.set_timer(ATTEMPT, after_ns);
        }
        let answered = Tally::new(&self.plan.phases.fast);
        let value = Some((FAST, Arc::clone(&batch)));
        let fast = FastVotes::default();
        self.attempt = Some(Attempt { instance, ballot: FAST, value, fast, is_accepting: true, answered });
        self.others(&PaxosMessage::Accept { instance, ballot: FAST, batch }, out);
        let after_ns = self.patience(2);
        out.set_timer(ATTEMPT, after_ns);
        self.accepted_by(self.id, (instance, FAST), out);
    }

    /// An acceptor took another command in the fast round: where no fast quorum is left, a classic round settles it.
    fn collided(&mut self, acceptor: ProcessId, instance: u64, out: &mut PaxosOut) {
        let plan = self.plan.clone();
        let is_this = |attempt: &&mut Attempt| attempt.instance == instance && attempt.ballot == FAST;
        let Some(attempt) = self.attempt.as_mut().filter(is_this) else { return };
        attempt.fast.refused(acceptor.index());
        if attempt.fast.is_lost(&plan.phases) {
            out.count(Event::Collision);
            if instance % self.nodes() == u64::from(self.id.0) {
                self.attempt = None;
                self.prepare(out);
            } else {
                self.retreat(out);
            }
        }
    }

    fn prepare(&mut self, out: &mut PaxosOut) {
        let instance = self.instances.next();
        let mut promised = self.instances.promised(instance);
        if self.plan.has(Flaw::ReuseBallot) && promised % self.nodes() == u64::from(self.id.0) {
            promised = promised.saturating_sub(self.nodes());
        }
        let round = self.seen.max(promised) / self.nodes() + 1;
        let ballot = round * self.nodes() + u64::from(self.id.0);
        self.seen = ballot;
        out.count(Event::Election);
        let Ok(value) = self.instances.promise(instance, ballot, out) else { return self.retreat(out) };
        let answered = Tally::new(&self.plan.phases.elect);
        let mut fast = FastVotes::default();
        fast.voted(self.id.index(), value.as_ref());
        self.attempt = Some(Attempt { instance, ballot, value, fast, is_accepting: false, answered });
        self.others(&PaxosMessage::Prepare { instance, ballot }, out);
        let after_ns = self.patience(2);
        out.set_timer(ATTEMPT, after_ns);
        self.promised_by(self.id, (instance, ballot), out);
    }

    fn promised_by(&mut self, acceptor: ProcessId, of: (u64, u64), out: &mut PaxosOut) {
        let plan = self.plan.clone();
        let Some(attempt) = self.attempt.as_mut().filter(|attempt| (attempt.instance, attempt.ballot) == of) else {
            return;
        };
        if attempt.is_accepting || !attempt.answered.add(&plan.phases.elect, acceptor.index()) {
            return;
        }
        if attempt.value.as_ref().is_some_and(|(ballot, _)| *ballot == FAST) {
            let chosen = attempt.fast.settle(&plan.phases, &attempt.answered, plan.has(Flaw::SettleBlindly));
            attempt.value = chosen.map(|batch| (FAST, batch));
        }
        attempt.is_accepting = true;
        attempt.answered.clear(&plan.phases.commit);
        // What may be chosen already, or else what clients want.
        let most = if self.way == Way::Broadcast { COMMANDS_MAX } else { 1 };
        let batch = match attempt.value.take() {
            Some((_, batch)) => batch,
            None => self.pool.iter().take(most).copied().collect(),
        };
        let (instance, ballot) = of;
        attempt.value = Some((ballot, Arc::clone(&batch)));
        if self.instances.accept(instance, (ballot, Arc::clone(&batch)), out).is_err() {
            return self.retreat(out);
        }
        self.others(&PaxosMessage::Accept { instance, ballot, batch }, out);
        self.accepted_by(self.id, of, out);
    }

    fn accepted_by(&mut self, acceptor: ProcessId, of: (u64, u64), out: &mut PaxosOut) {
        let plan = self.plan.clone();
        let mixes = plan.has(Flaw::MixBallots);
        let is_this =
            |attempt: &&mut Attempt| (attempt.instance, attempt.ballot) == of || (mixes && attempt.instance == of.0);
        let Some(attempt) = self.attempt.as_mut().filter(is_this) else { return };
        let rule = if attempt.ballot == FAST { &plan.phases.fast } else { &plan.phases.commit };
        if !attempt.is_accepting || !attempt.answered.add(rule, acceptor.index()) {
            return;
        }
        let Some((_, batch)) = attempt.value.take() else { return };
        let (instance, batches) = (of.0, Arc::from([Arc::clone(&batch)]));
        self.failures = 0;
        self.others(&PaxosMessage::Decided { from: instance, batches }, out);
        self.instances.decide(instance, batch, out);
        self.advance(out);
    }

    /// Gives an attempt up, and begins the next one after a random time that grows.
    fn retreat(&mut self, out: &mut PaxosOut) {
        self.attempt = None;
        self.failures = (self.failures + 1).min(PATIENCE_MAX);
        self.is_waiting = true;
        let after_ns = self.patience(self.failures);
        out.set_timer(ATTEMPT, after_ns);
    }

    /// Carries out what is decided, and goes on with the next instance.
    fn advance(&mut self, out: &mut PaxosOut) {
        let before = self.instances.next();
        while let Some(batch) = self.instances.advance() {
            for command in batch.iter() {
                let is_own = self.own.remove(&command.id());
                self.state.decide(command, is_own, out);
            }
        }
        if self.instances.next() == before {
            return;
        }
        if self.attempt.as_ref().is_some_and(|attempt| self.instances.is_decided(attempt.instance)) {
            self.attempt = None;
        }
        let state = &self.state;
        self.pool.retain(|command| !state.is_done(command));
        if self.attempt.is_none() {
            // Who waited for its turn waits for the next one.
            self.is_waiting &= self.way == Way::Single;
            if !self.is_waiting {
                out.cancel_timer(ATTEMPT);
            }
        }
        self.propose(out);
    }

    /// Whether an instance is still open here; else it tells the sender what is decided, or asks it.
    fn is_open(&self, from: ProcessId, instance: u64, out: &mut PaxosOut) -> bool {
        let next = self.instances.next();
        if instance < next {
            let batches = self.instances.decided_from(instance);
            tell_peer(out, from, PaxosMessage::Decided { from: instance, batches });
        } else if instance > next {
            tell_peer(out, from, PaxosMessage::Behind { from: next });
        }
        !self.instances.is_decided(instance)
    }

    fn hear(&mut self, from: ProcessId, message: PaxosMessage, out: &mut PaxosOut) {
        match message {
            PaxosMessage::Prepare { instance, ballot } if self.is_open(from, instance, out) => {
                let answer = match self.instances.promise(instance, ballot, out) {
                    Ok(accepted) => {
                        let accepted = accepted.filter(|_| !self.plan.has(Flaw::HideAccepted));
                        PaxosMessage::Promise { instance, ballot, accepted }
                    }
                    Err(promised) => PaxosMessage::Refuse { instance, promised },
                };
                tell_peer(out, from, answer);
            }
            PaxosMessage::Accept { instance, ballot, batch } if self.is_open(from, instance, out) => {
                let answer = if ballot == FAST {
                    self.instances.accept_fast(instance, &batch, out)
                } else {
                    self.instances.accept(instance, (ballot, batch), out)
                };
                let answer = match answer {
                    Ok(()) => PaxosMessage::Accepted { instance, ballot },
                    Err(promised) => PaxosMessage::Refuse { instance, promised },
                };
                tell_peer(out, from, answer);
            }
            PaxosMessage::Promise { instance, ballot, accepted } => {
                self.promise(from, (instance, ballot), accepted, out)
            }
            PaxosMessage::Accepted { instance, ballot } => self.accepted_by(from, (instance, ballot), out),
            PaxosMessage::Refuse { instance, promised: FAST } => self.collided(from, instance, out),
            PaxosMessage::Refuse { instance, promised } => {
                self.seen = self.seen.max(promised);
                let is_this = |attempt: &Attempt| attempt.instance == instance && attempt.ballot < promised;
                if self.attempt.as_ref().is_some_and(is_this) {
                    self.retreat(out);
                }
            }
            PaxosMessage::Decided { from: first, batches } => {
                for (instance, batch) in (first..).zip(batches.iter()) {
                    self.instances.decide(instance, Arc::clone(batch), out);
                }
                if first > self.instances.next() {
                    tell_peer(out, from, PaxosMessage::Behind { from: self.instances.next() });
                }
                self.advance(out);
            }
            PaxosMessage::Behind { from: first } => {
                let batches = self.instances.decided_from(first);
                if !batches.is_empty() {
                    tell_peer(out, from, PaxosMessage::Decided { from: first, batches });
                }
            }
            PaxosMessage::Broadcast { command } => {
                if self.take(command) {
                    self.others(&PaxosMessage::Broadcast { command }, out);
                    self.propose(out);
                }
            }
            PaxosMessage::Prepare { .. } | PaxosMessage::Accept { .. } => {}
        }
    }

    fn promise(&mut self, from: ProcessId, of: (u64, u64), accepted: Option<(u64, Batch)>, out: &mut PaxosOut) {
        let is_first = self.plan.has(Flaw::TakeFirst);
        if let Some(attempt) = self.attempt.as_mut().filter(|attempt| (attempt.instance, attempt.ballot) == of) {
            attempt.fast.voted(from.index(), accepted.as_ref());
        }
        if let Some(attempt) = self.attempt.as_mut().filter(|attempt| (attempt.instance, attempt.ballot) == of)
            && !attempt.is_accepting
            && accepted.as_ref().map(|(ballot, _)| ballot) > attempt.value.as_ref().map(|(ballot, _)| ballot)
            && (attempt.value.is_none() || !is_first)
        {
            attempt.value = accepted;
        }
        self.promised_by(from, of, out);
    }

    fn timer(&mut self, _: TimerId, draw: u64, out: &mut PaxosOut) {
        self.draw ^= draw;
        let was_waiting = std::mem::replace(&mut self.is_waiting, false);
        if !self.pool.is_empty() {
            match self.attempt.take() {
                None if was_waiting => self.prepare(out),
                None => self.propose(out),
                // Answers did not come, or the decision was lost: a higher ballot finds it.
                Some(attempt) if attempt.ballot == FAST => self.prepare(out),
                Some(_) => self.retreat(out),
            }
        } else {
            self.attempt = None;
        }
    }

    fn stands(&self) -> Standing {
        let committed = self.instances.next() - 1;
        let part = match &self.attempt {
            None => "acceptor",
            Some(attempt) if attempt.is_accepting => "accepting",
            Some(_) => "preparing",
        };
        let own = self.attempt.as_ref().map_or(0, |attempt| attempt.ballot);
        Standing { part, term: own.max(self.instances.promised(committed + 1)), committed }
    }
}

replica_machine!(PaxosReplica, PaxosMessage, PaxosRecord);
