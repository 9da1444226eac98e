//! A replica: acceptor, learner, and sometimes the leader.

use std::collections::{BTreeMap, BTreeSet};

use super::acceptor::Acceptor;
use super::message::{Accepted, CHOSEN, MultiPaxosMessage, MultiPaxosRecord};
use crate::consensus::flaw::Flaw;
use crate::consensus::machine::replica_machine;
use crate::consensus::message::{ConsensusMessage, ConsensusRecord, Out, tell_peer, tell_peers};
use crate::consensus::plan::Plan;
use crate::consensus::replica_state::ReplicaState;
use crate::protocol::{Command, Disk, Event, Fact, ProcessId, Shared, Standing, Tally, TimerId, next_word};

/// No leader was heard of; or, of a leader: no quorum was.
const ELECTION: TimerId = TimerId(0);

/// A leader says that it leads.
const HEARTBEAT: TimerId = TimerId(1);

/// Places for which a leader asks again at once.
const AGAIN_MAX: usize = 64;

/// A replica of Multi-Paxos.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MultiPaxosReplica {
    plan: Shared<Plan>,
    id: ProcessId,
    acceptor: Acceptor,
    /// The highest ballot that anybody spoke of.
    seen: u64,
    /// All up to this place is chosen.
    chosen: u64,
    state: ReplicaState,
    part: Part,
    leader: Option<ProcessId>,
    /// Who answered of late: promises in phase 1, and then all messages of a leader.
    heard: Tally,
    /// What may have been chosen, as far as promises told.
    found: BTreeMap<u64, Accepted>,
    /// Places that wait for a quorum, and who accepted.
    open: BTreeMap<u64, Tally>,
    /// Places that are chosen though one before them is not.
    ahead: BTreeSet<u64>,
    /// The last place that this leader used.
    last: u64,
    /// The last command of every client that this leader proposed.
    proposed: BTreeMap<ProcessId, (u64, u64)>,
    draw: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Follower,
    /// In phase 1 of a ballot.
    Preparing(u64),
    /// Leads in a ballot.
    Leading(u64),
}

type MultiPaxosOut = Out<MultiPaxosMessage, MultiPaxosRecord>;

impl MultiPaxosReplica {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId) -> Self {
        MultiPaxosReplica {
            state: ReplicaState::new(&plan),
            heard: Tally::new(&plan.phases.elect),
            plan,
            id,
            acceptor: Acceptor::default(),
            seen: 0,
            chosen: 0,
            part: Part::Follower,
            leader: None,
            found: BTreeMap::new(),
            open: BTreeMap::new(),
            ahead: BTreeSet::new(),
            last: 0,
            proposed: BTreeMap::new(),
            draw: 0,
        }
    }

    fn begin(&mut self, disk: &Disk<ConsensusRecord<MultiPaxosRecord>>, draw: u64, out: &mut MultiPaxosOut) {
        self.draw = draw;
        self.acceptor = Acceptor::restore(disk, out);
        if self.plan.has(Flaw::ForgetPromise) {
            self.acceptor.forget_promise();
        }
        self.seen = self.acceptor.promised();
        if self.plan.has(Flaw::ReuseBallot) && self.owner(self.seen) == self.id {
            self.seen = self.seen.saturating_sub(self.nodes());
        }
        self.wait(out);
    }

    fn nodes(&self) -> u64 {
        self.plan.phases.nodes() as u64
    }

    /// Whose a ballot is.
    fn owner(&self, ballot: u64) -> ProcessId {
        ProcessId((ballot % self.nodes()) as u32)
    }

    fn others(&self, message: &MultiPaxosMessage, out: &mut MultiPaxosOut) {
        tell_peers(out, (self.id, self.plan.phases.nodes()), message);
    }

    /// Waits for a leader, for a random time.
    fn wait(&mut self, out: &mut MultiPaxosOut) {
        self.draw = next_word(self.draw);
        out.set_timer(ELECTION, self.plan.timing.election(self.draw));
    }

    /// Phase 1 with a ballot of its own, higher than all it knows.
    fn prepare(&mut self, out: &mut MultiPaxosOut) {
        let ballot = (self.seen / self.nodes() + 1) * self.nodes() + u64::from(self.id.0);
        self.seen = ballot;
        (self.part, self.leader) = (Part::Preparing(ballot), None);
        self.acceptor.promise(ballot, out);
        out.count(Event::Election);
        let plan = self.plan.clone();
        self.heard.clear(&plan.phases.elect);
        let from = self.chosen + 1;
        self.found = self.acceptor.accepted_from(from, self.chosen).iter().copied().collect();
        self.others(&MultiPaxosMessage::Prepare { ballot, from }, out);
        self.wait(out);
        self.promised_by(self.id, out);
    }

    fn promised_by(&mut self, acceptor: ProcessId, out: &mut MultiPaxosOut) {
        let Part::Preparing(ballot) = self.part else { return };
        let plan = self.plan.clone();
        if self.heard.add(&plan.phases.elect, acceptor.index()) {
            self.lead(ballot, out);
        }
    }

    /// A quorum of phase 1 has promised: what may have been chosen is proposed again, and nothing in the holes.
    fn lead(&mut self, ballot: u64, out: &mut MultiPaxosOut) {
        (self.part, self.leader) = (Part::Leading(ballot), Some(self.id));
        self.heard.clear(&self.plan.clone().phases.commit);
        self.open.clear();
        self.ahead.clear();
        self.proposed.clear();
        out.count(Event::Leader);
        let found = std::mem::take(&mut self.found);
        let last = found.keys().next_back().copied().unwrap_or(0).max(self.chosen);
        self.last = self.chosen;
        for index in self.chosen + 1..=last {
            let command = found.get(&index).map(|accepted| accepted.command);
            self.last = index;
            if command.is_none() && self.plan.has(Flaw::SkipHoles) {
                self.ahead.insert(index);
                continue;
            }
            self.propose(index, command.unwrap_or(Command::NOTHING), out);
        }
        out.tell(Fact::Leads { term: ballot });
        self.wait(out);
        self.beat(out);
    }

    /// Phase 2 of a place.
    fn propose(&mut self, index: u64, command: Command, out: &mut MultiPaxosOut) {
        let Part::Leading(ballot) = self.part else { return };
        self.acceptor.accept(index, Accepted { ballot, command }, out);
        self.open.insert(index, Tally::new(&self.plan.phases.commit));
        let accept = MultiPaxosMessage::Accept { ballot, index, command, chosen: self.chosen };
        self.others(&accept, out);
        if self.plan.has(Flaw::SendTwice) {
            self.others(&accept, out);
        }
        self.accepted_by(self.id, index, out);
    }

    fn accepted_by(&mut self, acceptor: ProcessId, index: u64, out: &mut MultiPaxosOut) {
        let plan = self.plan.clone();
        let Some(tally) = self.open.get_mut(&index) else { return };
        if tally.add(&plan.phases.commit, acceptor.index()) {
            self.open.remove(&index);
            self.ahead.insert(index);
            while self.ahead.remove(&(self.chosen + 1)) {
                self.chosen += 1;
            }
            self.apply(out);
        }
    }

    fn apply(&mut self, out: &mut MultiPaxosOut) {
        while self.state.applied() < self.chosen {
            let accepted = self.acceptor.at(self.state.applied() + 1);
            let command = accepted.map_or(Command::NOTHING, |accepted| accepted.command);
            self.state.decide(&command, matches!(self.part, Part::Leading(_)), out);
        }
    }

    /// Says that it leads, and asks again for what was not accepted.
    fn beat(&mut self, out: &mut MultiPaxosOut) {
        let Part::Leading(ballot) = self.part else { return };
        self.others(&MultiPaxosMessage::Heartbeat { ballot, chosen: self.chosen }, out);
        for (index, tally) in self.open.iter().take(AGAIN_MAX) {
            let Some(Accepted { command, .. }) = self.acceptor.at(*index) else { continue };
            let accept = MultiPaxosMessage::Accept { ballot, index: *index, command, chosen: self.chosen };
            let silent = (0..self.plan.phases.nodes()).filter(|node| !tally.has(*node) && *node != self.id.index());
            silent.for_each(|node| tell_peer(out, ProcessId(node as u32), accept.clone()));
        }
        out.set_timer(HEARTBEAT, self.plan.timing.heartbeat_ns);
    }

    /// Follows whoever has a ballot that is not older than its own promise; whether it is so.
    fn follow(&mut self, ballot: u64, out: &mut MultiPaxosOut) -> bool {
        if ballot < self.acceptor.promised() {
            tell_peer(out, self.owner(ballot), MultiPaxosMessage::Refuse { promised: self.acceptor.promised() });
            return false;
        }
        self.acceptor.promise(ballot, out);
        self.step_down(ballot, out);
        self.wait(out);
        true
    }

    /// Gives up a ballot of its own for a higher one.
    fn step_down(&mut self, ballot: u64, out: &mut MultiPaxosOut) {
        self.seen = self.seen.max(ballot);
        if let Part::Preparing(own) | Part::Leading(own) = self.part
            && own < ballot
        {
            self.part = Part::Follower;
            self.leader = None;
            out.cancel_timer(HEARTBEAT);
            self.wait(out);
        }
    }

    fn request(&mut self, command: Command, out: &mut MultiPaxosOut) {
        if !matches!(self.part, Part::Leading(_)) {
            let to = self.leader.filter(|leader| *leader != self.id);
            return out.send(command.client, ConsensusMessage::Redirect { number: command.number, to });
        }
        if self.state.is_done(&command) {
            return self.state.answer(&command, out);
        }
        if self.plan.has(Flaw::ReadLocally) && self.state.read_locally(&command, out) {
            return;
        }
        let this = (command.session, command.number);
        if self.proposed.insert(command.client, this) != Some(this) {
            self.last += 1;
            self.propose(self.last, command, out);
        }
    }

    /// What an acceptor accepted is news to a proposer in phase 1.
    fn found(&mut self, accepted: &[(u64, Accepted)]) {
        let is_first = self.plan.has(Flaw::TakeFirst);
        for (index, accepted) in accepted {
            let known = self.found.entry(*index).or_insert(*accepted);
            if accepted.ballot > known.ballot && !is_first {
                *known = *accepted;
            }
        }
    }

    /// Takes for chosen what the leader of a ballot says is, where it accepted that very ballot; whether that was all.
    fn learn(&mut self, (ballot, chosen): (u64, u64), out: &mut MultiPaxosOut) -> bool {
        let is_known = |accepted: &Accepted| accepted.ballot == ballot || accepted.ballot == CHOSEN;
        while self.chosen < chosen && self.acceptor.at(self.chosen + 1).as_ref().is_some_and(is_known) {
            self.chosen += 1;
        }
        self.apply(out);
        self.chosen >= chosen
    }

    fn chosen(&mut self, (from, commands): (u64, &[Command]), out: &mut MultiPaxosOut) {
        for (index, command) in (from..).zip(commands) {
            if index == self.chosen + 1 {
                self.acceptor.accept(index, Accepted { ballot: CHOSEN, command: *command }, out);
                self.chosen = index;
                self.open.remove(&index);
            }
        }
        self.apply(out);
    }

    fn heard_from(&mut self, from: ProcessId, ballot: u64) -> bool {
        let is_own = self.part == Part::Leading(ballot) || self.plan.has(Flaw::MixBallots);
        if is_own && matches!(self.part, Part::Leading(_)) {
            let plan = self.plan.clone();
            self.heard.add(&plan.phases.commit, from.index());
        }
        is_own
    }

    fn hear(&mut self, from: ProcessId, message: MultiPaxosMessage, out: &mut MultiPaxosOut) {
        match message {
            MultiPaxosMessage::Prepare { ballot, from: first } => {
                if self.follow(ballot, out) {
                    self.leader = None;
                    let hides = self.plan.has(Flaw::HideAccepted);
                    let accepted = self.acceptor.accepted_from(if hides { u64::MAX } else { first }, self.chosen);
                    tell_peer(out, from, MultiPaxosMessage::Promise { ballot, accepted });
                }
            }
            MultiPaxosMessage::Promise { ballot, accepted } => {
                if self.part == Part::Preparing(ballot) {
                    self.found(&accepted);
                    self.promised_by(from, out);
                }
            }
            MultiPaxosMessage::Accept { ballot, index, command, chosen } => {
                if self.follow(ballot, out) {
                    self.leader = Some(from);
                    self.acceptor.accept(index, Accepted { ballot, command }, out);
                    tell_peer(out, from, MultiPaxosMessage::Accepted { ballot, index });
                    self.learn((ballot, chosen), out);
                }
            }
            MultiPaxosMessage::Accepted { ballot, index } => {
                if self.heard_from(from, ballot) {
                    self.accepted_by(from, index, out);
                }
            }
            MultiPaxosMessage::Refuse { promised } => self.step_down(promised, out),
            MultiPaxosMessage::Heartbeat { ballot, chosen } => {
                if self.follow(ballot, out) {
                    self.leader = Some(from);
                    tell_peer(out, from, MultiPaxosMessage::Heard { ballot });
                    if !self.learn((ballot, chosen), out) {
                        tell_peer(out, from, MultiPaxosMessage::Missing { from: self.chosen + 1 });
                    }
                }
            }
            MultiPaxosMessage::Heard { ballot } => _ = self.heard_from(from, ballot),
            MultiPaxosMessage::Missing { from: first } => {
                let commands = self.acceptor.chosen_from(first, self.chosen);
                tell_peer(out, from, MultiPaxosMessage::Chosen { from: first, commands });
            }
            MultiPaxosMessage::Chosen { from: first, commands } => self.chosen((first, &commands), out),
        }
    }

    fn timer(&mut self, timer: TimerId, draw: u64, out: &mut MultiPaxosOut) {
        self.draw ^= draw;
        match (timer, self.part) {
            (HEARTBEAT, Part::Leading(_)) => self.beat(out),
            (ELECTION, Part::Leading(_)) => {
                let plan = self.plan.clone();
                if !self.heard.add(&plan.phases.commit, self.id.index()) {
                    // Followers that hear it, but whom it does not hear, would wait for ever.
                    (self.part, self.leader) = (Part::Follower, None);
                }
                self.heard.clear(&plan.phases.commit);
                self.wait(out);
            }
            (ELECTION, _) => self.prepare(out),
            _ => {}
        }
    }

    fn stands(&self) -> Standing {
        let part = match self.part {
            Part::Follower => "follower",
            Part::Preparing(_) => "preparing",
            Part::Leading(_) => "leader",
        };
        Standing { part, term: self.acceptor.promised(), committed: self.chosen }
    }
}

replica_machine!(MultiPaxosReplica, MultiPaxosMessage, MultiPaxosRecord);
