//! A replica.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::instance::{Instance, Step};
use super::message::{BenOrMessage, BenOrRecord, Said, Value, Vote};
use crate::consensus::flaw::Flaw;
use crate::consensus::machine::replica_machine;
use crate::consensus::message::{ConsensusRecord, Out, keep, tell_peer, tell_peers};
use crate::consensus::plan::Plan;
use crate::consensus::replica_state::ReplicaState;
use crate::protocol::{Command, Disk, Event, ProcessId, Shared, Standing, TimerId, next_word};

/// The owner has put nothing forward, or answers do not come.
const PATIENCE: TimerId = TimerId(0);

/// Instances in one message of what is decided.
const VALUES_MAX: u64 = 64;

/// A replica of Ben-Or's protocol.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BenOrReplica {
    state: ReplicaState,
    plan: Shared<Plan>,
    id: ProcessId,
    /// What is decided in instances 1, 2, ... without a hole.
    decided: Vec<Value>,
    /// Later ones.
    later: BTreeMap<u64, Value>,
    /// The next one, once there is something to decide.
    instance: Option<Instance>,
    /// Commands received and not carried out, in the order in which they came.
    pool: Vec<Command>,
    /// Those of them whose clients asked this replica.
    own: BTreeSet<(ProcessId, u64, u64)>,
    draw: u64,
}

type BenOrOut = Out<BenOrMessage, BenOrRecord>;

impl BenOrReplica {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId) -> Self {
        BenOrReplica {
            state: ReplicaState::new(&plan),
            plan,
            id,
            decided: Vec::new(),
            later: BTreeMap::new(),
            instance: None,
            pool: Vec::new(),
            own: BTreeSet::new(),
            draw: 0,
        }
    }

    fn begin(&mut self, disk: &Disk<ConsensusRecord<BenOrRecord>>, draw: u64, out: &mut BenOrOut) {
        self.draw = draw;
        for (slot, record) in disk.iter() {
            if let ConsensusRecord::Replica { record: BenOrRecord::Decided(value) } = record {
                self.later.insert(slot, *value);
            }
        }
        self.advance(out);
        let open = disk.get(self.next());
        if let Some(ConsensusRecord::Replica { record: BenOrRecord::Open { candidate, said } }) = open {
            let mut instance = Instance::default();
            (instance.candidate, instance.said) = (*candidate, said.to_vec());
            for (round, said) in (1..).zip(said.iter()) {
                instance.report(self.id.index(), round, said.report);
                said.vote.into_iter().for_each(|vote| instance.vote(self.id.index(), round, vote));
            }
            self.instance = Some(instance);
            self.again(out);
        }
    }

    fn nodes(&self) -> usize {
        self.plan.phases.nodes()
    }

    /// The first instance that is not known to be decided.
    fn next(&self) -> u64 {
        self.decided.len() as u64 + 1
    }

    fn is_owner(&self) -> bool {
        self.next() % self.nodes() as u64 == u64::from(self.id.0)
    }

    fn others(&self, message: &BenOrMessage, out: &mut BenOrOut) {
        tell_peers(out, (self.id, self.nodes()), message);
    }

    /// A random time between once and twice what a phase may take.
    fn wait(&mut self, out: &mut BenOrOut) {
        self.draw = next_word(self.draw);
        out.set_timer(PATIENCE, self.plan.timing.election(self.draw) / 6);
    }

    /// Takes a command in; whether it is news.
    fn take(&mut self, command: Command) -> bool {
        let is_new = !self.state.is_done(&command) && self.pool.iter().all(|known| known.id() != command.id());
        if is_new {
            self.pool.push(command);
        }
        is_new
    }

    fn request(&mut self, command: Command, out: &mut BenOrOut) {
        if self.state.is_done(&command) {
            self.state.answer(&command, out);
            return self.proceed(out);
        }
        self.own.insert(command.id());
        if self.take(command) {
            self.others(&BenOrMessage::Broadcast { command }, out);
        }
        self.open(out);
        self.proceed(out);
    }

    /// Opens the next instance if there is something to decide; its owner puts the first command forward.
    fn open(&mut self, out: &mut BenOrOut) {
        let first = self.pool.first().copied();
        if self.instance.is_none() && first.is_some() {
            self.instance.get_or_insert_default().is_waiting = true;
            self.wait(out);
        }
        let is_owner = self.is_owner();
        let instance_number = self.next();
        let Some(instance) = &mut self.instance else { return };
        if is_owner && instance.round() == 0 && instance.candidate.is_none() && first.is_some() {
            instance.candidate = first;
        }
        if instance.round() == 0
            && let Some(command) = instance.candidate
        {
            if is_owner {
                self.others(&BenOrMessage::Candidate { instance: instance_number, command }, out);
            }
            self.enter(Some(command), out);
        }
    }

    /// Begins a round with a value.
    fn enter(&mut self, value: Value, out: &mut BenOrOut) {
        let number = self.next();
        let Some(instance) = &mut self.instance else { return };
        instance.said.push(Said { report: value, vote: None });
        let round = instance.round();
        instance.report(self.id.index(), round, value);
        out.count(Event::Election);
        self.keep(out);
        self.others(&BenOrMessage::Report { instance: number, round, value }, out);
        self.wait(out);
    }

    fn keep(&self, out: &mut BenOrOut) {
        if let Some(instance) = &self.instance {
            let candidate = instance.candidate.filter(|_| self.is_owner());
            keep(out, self.next(), BenOrRecord::Open { candidate, said: instance.said[..].into() });
        }
    }

    /// Goes on as far as what was said allows.
    fn proceed(&mut self, out: &mut BenOrOut) {
        let plan = self.plan.clone();
        let by_one = plan.has(Flaw::DecideByOne);
        while let Some(step) = self.instance.as_ref().and_then(|instance| instance.step(&plan.phases, by_one)) {
            match step {
                Step::Vote(vote) => self.propose(vote, out),
                Step::Next(value) => {
                    let value = value.unwrap_or_else(|| self.coin());
                    self.enter(value, out);
                }
                Step::Decide(value) => {
                    let (from, values) = (self.next(), Arc::from([value]));
                    self.others(&BenOrMessage::Decided { from, values }, out);
                    self.decide(from, value, out);
                    self.advance(out);
                }
            }
        }
    }

    /// The candidate or nothing, with equal probability; who does not know the candidate has no choice.
    fn coin(&mut self) -> Value {
        self.draw = next_word(self.draw);
        let is_head = self.draw >> 63 == 1;
        self.instance.as_ref().and_then(|instance| instance.candidate).filter(|_| is_head)
    }

    fn propose(&mut self, vote: Vote, out: &mut BenOrOut) {
        let number = self.next();
        let Some(instance) = &mut self.instance else { return };
        let round = instance.round();
        if let Some(said) = instance.said.last_mut() {
            said.vote = Some(vote);
        }
        instance.vote(self.id.index(), round, vote);
        self.keep(out);
        self.others(&BenOrMessage::Propose { instance: number, round, vote }, out);
        self.wait(out);
    }

    fn decide(&mut self, instance: u64, value: Value, out: &mut BenOrOut) {
        if instance >= self.next() && !self.later.contains_key(&instance) {
            keep(out, instance, BenOrRecord::Decided(value));
            self.later.insert(instance, value);
        }
    }

    /// Carries out what is decided, and goes on with the next instance.
    fn advance(&mut self, out: &mut BenOrOut) {
        let before = self.next();
        while let Some(value) = self.later.remove(&self.next()) {
            self.decided.push(value);
            let command = value.unwrap_or(Command::NOTHING);
            let is_own = self.own.remove(&command.id());
            self.state.decide(&command, is_own, out);
        }
        if self.next() == before {
            return;
        }
        self.instance = None;
        out.cancel_timer(PATIENCE);
        let state = &self.state;
        self.pool.retain(|command| !state.is_done(command));
        self.open(out);
    }

    /// Says again what it said last.
    fn again(&mut self, out: &mut BenOrOut) {
        self.say(None, out);
        self.wait(out);
    }

    /// Says what it said in a round, or in the last one, to one or all.
    fn say(&self, to: Option<(ProcessId, u64)>, out: &mut BenOrOut) {
        let (number, Some(instance)) = (self.next(), &self.instance) else { return };
        let round = to.map_or(instance.round(), |(_, round)| round);
        let Some(said) = round.checked_sub(1).and_then(|at| instance.said.get(at as usize)) else { return };
        let report = BenOrMessage::Report { instance: number, round, value: said.report };
        let propose = said.vote.map(|vote| BenOrMessage::Propose { instance: number, round, vote });
        for message in std::iter::once(report).chain(propose) {
            match to {
                Some((to, _)) => tell_peer(out, to, message),
                None => self.others(&message, out),
            }
        }
    }

    /// The answer to a message that is not about the next instance: what is decided, or a question.
    fn other_instance(&mut self, instance: u64) -> Option<BenOrMessage> {
        let next = self.next();
        if instance == next {
            self.instance.get_or_insert_default();
            return None;
        }
        if instance > next {
            return Some(BenOrMessage::Behind { from: next });
        }
        Some(BenOrMessage::Decided { from: instance, values: self.decided_from(instance) })
    }

    fn decided_from(&self, from: u64) -> Arc<[Value]> {
        let last = self.decided.len().min((from + VALUES_MAX - 1) as usize);
        self.decided[(from as usize - 1).min(last)..last].into()
    }

    fn hear(&mut self, from: ProcessId, message: BenOrMessage, out: &mut BenOrOut) {
        if let BenOrMessage::Candidate { instance, .. }
        | BenOrMessage::Report { instance, .. }
        | BenOrMessage::Propose { instance, .. } = message
            && let Some(answer) = self.other_instance(instance)
        {
            return tell_peer(out, from, answer);
        }
        let node = from.index();
        match message {
            BenOrMessage::Candidate { command, .. } => {
                if let Some(instance) = &mut self.instance {
                    instance.candidate = instance.candidate.or(Some(command));
                }
            }
            BenOrMessage::Report { round, value, .. } => {
                let own = self.instance.as_ref().map_or(0, Instance::round);
                if let Some(instance) = &mut self.instance {
                    instance.report(node, round, value);
                }
                if round < own {
                    // Who is behind needs what was said then.
                    self.say(Some((from, round)), out);
                }
            }
            BenOrMessage::Propose { round, vote, .. } => {
                if let Some(instance) = &mut self.instance {
                    instance.vote(node, round, vote);
                }
            }
            BenOrMessage::Decided { from: first, values } => {
                for (instance, value) in (first..).zip(values.iter()) {
                    self.decide(instance, *value, out);
                }
                if first > self.next() {
                    tell_peer(out, from, BenOrMessage::Behind { from: self.next() });
                }
                self.advance(out);
            }
            BenOrMessage::Behind { from: first } => {
                let values = self.decided_from(first);
                if !values.is_empty() {
                    tell_peer(out, from, BenOrMessage::Decided { from: first, values });
                }
            }
            BenOrMessage::Broadcast { command } => {
                if self.take(command) {
                    self.others(&BenOrMessage::Broadcast { command }, out);
                }
            }
        }
        self.open(out);
        self.join(out);
        self.proceed(out);
    }

    /// An instance that others opened waits for its candidate, too.
    fn join(&mut self, out: &mut BenOrOut) {
        if let Some(instance) = self.instance.as_mut().filter(|instance| instance.round() == 0 && !instance.is_waiting)
        {
            instance.is_waiting = true;
            self.wait(out);
        }
    }

    fn timer(&mut self, _: TimerId, draw: u64, out: &mut BenOrOut) {
        self.draw ^= draw;
        match self.instance.as_ref().map(Instance::round) {
            None => {}
            // The owner may be down.
            Some(0) => {
                self.enter(None, out);
                self.proceed(out);
            }
            Some(_) => self.again(out),
        }
    }

    fn stands(&self) -> Standing {
        let part = if self.instance.is_some() { "deciding" } else { "idle" };
        let term = self.instance.as_ref().map_or(0, |instance| instance.said.len() as u64);
        Standing { part, term, committed: self.next() - 1 }
    }
}

replica_machine!(BenOrReplica, BenOrMessage, BenOrRecord);
