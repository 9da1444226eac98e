//! A replica.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::message::{ViewEntry, ViewMessage, ViewRecord};
use crate::consensus::flaw::Flaw;
use crate::consensus::log::Log;
use crate::consensus::machine::replica_machine;
use crate::consensus::message::{ConsensusMessage, ConsensusRecord, Out, keep, tell_peer, tell_peers};
use crate::consensus::plan::Plan;
use crate::consensus::replica_state::ReplicaState;
use crate::consensus::store::Store;
use crate::protocol::{Command, Disk, Event, Fact, ProcessId, Shared, Standing, Tally, TimerId, next_word};

/// The primary was not heard of; or, of a primary: no quorum was.
const ELECTION: TimerId = TimerId(0);

/// A primary sends what is missing.
const HEARTBEAT: TimerId = TimerId(1);

/// Where the views are kept.
const VIEWS_SLOT: u64 = 0;

/// How commands get to the replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// To all, and all carry them out.
    Active,
    /// To all, with what came of them at the primary.
    Passive,
    /// From one to the next.
    Chain,
}

/// A replica of Viewstamped Replication, primary-backup or chain replication.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ViewReplica {
    state: ReplicaState,
    plan: Shared<Plan>,
    id: ProcessId,
    way: Way,
    view: u64,
    /// The last view in which it worked as usual; the same as `view` where it does.
    normal: u64,
    log: Log<ViewEntry>,
    commit: u64,
    /// Who wants the view.
    wanting: Tally,
    /// Whose logs the primary of a view to come has, and the best of them.
    logs: Tally,
    best: (u64, Arc<[ViewEntry]>),
    best_commit: u64,
    /// How far each replica's log is like the primary's.
    matched: Vec<u64>,
    /// Who answered the primary of late.
    heard: Tally,
    /// The nodes through which commands go, the primary first.
    chain: Arc<[ProcessId]>,
    /// The last command of every client in the log of this primary.
    accepted: BTreeMap<ProcessId, (u64, u64)>,
    /// In passive replication the primary's store, ahead of what is committed.
    ahead: Store,
    draw: u64,
}

type ViewOut = Out<ViewMessage, ViewRecord>;

impl ViewReplica {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId, way: Way) -> Self {
        let nodes = plan.phases.nodes();
        ViewReplica {
            state: ReplicaState::new(&plan),
            wanting: Tally::new(&plan.phases.elect),
            logs: Tally::new(&plan.phases.elect),
            heard: Tally::new(&plan.phases.commit),
            plan,
            id,
            way,
            view: 0,
            normal: 0,
            log: Log::default(),
            commit: 0,
            best: (0, Arc::from([])),
            best_commit: 0,
            matched: vec![0; nodes],
            chain: Arc::from([]),
            accepted: BTreeMap::new(),
            ahead: Store::default(),
            draw: 0,
        }
    }

    fn begin(&mut self, disk: &Disk<ConsensusRecord<ViewRecord>>, draw: u64, out: &mut ViewOut) {
        self.draw = draw;
        if let Some(ConsensusRecord::Replica { record: ViewRecord::Views { view, normal } }) = disk.get(VIEWS_SLOT) {
            (self.view, self.normal) = (*view, *normal);
        }
        self.log = Log::restore(disk, out);
        if self.is_primary() {
            self.lead(out);
        }
        self.wait(out);
    }

    fn nodes(&self) -> usize {
        self.plan.phases.nodes()
    }

    /// Whose a view is.
    fn primary(&self, view: u64) -> ProcessId {
        ProcessId((view % self.nodes() as u64) as u32)
    }

    fn is_normal(&self) -> bool {
        self.view == self.normal
    }

    fn is_primary(&self) -> bool {
        self.is_normal() && self.primary(self.view) == self.id
    }

    fn others(&self, message: &ViewMessage, out: &mut ViewOut) {
        tell_peers(out, (self.id, self.nodes()), message);
    }

    fn wait(&mut self, out: &mut ViewOut) {
        self.draw = next_word(self.draw);
        out.set_timer(ELECTION, self.plan.timing.election(self.draw));
    }

    fn keep_views(&self, out: &mut ViewOut) {
        keep(out, VIEWS_SLOT, ViewRecord::Views { view: self.view, normal: self.normal });
    }

    /// All nodes, from this one on.
    fn ring(&self) -> impl Iterator<Item = ProcessId> + use<> {
        let (first, nodes) = (self.id.0, self.nodes() as u32);
        (0..nodes).map(move |place| ProcessId((first + place) % nodes))
    }

    /// Begins to work as the primary of its view; what is in its log it sends to everybody.
    fn lead(&mut self, out: &mut ViewOut) {
        let plan = self.plan.clone();
        self.matched = vec![0; self.nodes()];
        self.matched[self.id.index()] = self.log.last();
        self.heard.clear(&plan.phases.commit);
        self.accepted.clear();
        self.ahead = self.state.ahead();
        for index in self.state.applied() + 1..=self.log.last() {
            if let Some(entry) = self.log.at(index) {
                self.ahead.apply(&entry.command);
            }
        }
        out.count(Event::Leader);
        out.tell(Fact::Leads { term: self.view });
        self.chain = self.ring().collect();
        out.set_timer(HEARTBEAT, plan.timing.heartbeat_ns);
        self.advance(out);
    }

    /// Wants a view: works as usual no longer.
    fn want(&mut self, view: u64, out: &mut ViewOut) {
        let plan = self.plan.clone();
        self.view = view;
        self.keep_views(out);
        out.count(Event::Election);
        out.cancel_timer(HEARTBEAT);
        self.wanting.clear(&plan.phases.elect);
        self.logs.clear(&plan.phases.elect);
        self.best = (0, Arc::from([]));
        self.best_commit = 0;
        self.others(&ViewMessage::StartViewChange { view }, out);
        self.wait(out);
        self.wanted_by(self.id, out);
    }

    fn wanted_by(&mut self, node: ProcessId, out: &mut ViewOut) {
        let plan = self.plan.clone();
        let was_enough = self.wanting.is_complete();
        if !self.wanting.add(&plan.phases.elect, node.index()) || was_enough {
            return;
        }
        let (view, normal, log) = (self.view, self.normal, self.log.rest(1));
        let primary = self.primary(view);
        if primary == self.id {
            self.log_of(self.id, (normal, log, self.commit), out);
        } else {
            tell_peer(out, primary, ViewMessage::DoViewChange { view, normal, log, commit: self.commit });
        }
    }

    /// The log of a replica has come to the primary of a view to be.
    fn log_of(&mut self, node: ProcessId, (normal, log, commit): (u64, Arc<[ViewEntry]>, u64), out: &mut ViewOut) {
        let plan = self.plan.clone();
        let is_longest = plan.has(Flaw::TakeLongest);
        let key = |normal: u64, log: &[ViewEntry]| if is_longest { (0, log.len()) } else { (normal, log.len()) };
        if key(normal, &log) >= key(self.best.0, &self.best.1) {
            self.best = (normal, log);
        }
        self.best_commit = self.best_commit.max(commit);
        if self.logs.add(&plan.phases.elect, node.index()) {
            let (_, log) = std::mem::replace(&mut self.best, (0, Arc::from([])));
            self.log.become_like(0, &log, out);
            self.normal = self.view;
            self.keep_views(out);
            self.commit = self.commit.max(self.best_commit);
            self.lead(out);
            let start = ViewMessage::StartView { view: self.view, before: 0, entries: log, commit: self.commit };
            self.others(&start, out);
            self.wait(out);
            self.apply(out);
        }
    }

    /// Works as usual in a view, with the log of its primary.
    fn start(&mut self, (view, before): (u64, u64), (rest, commit): (&[ViewEntry], u64), out: &mut ViewOut) {
        if view < self.view || (view == self.view && self.is_normal()) || before > self.log.last() {
            return;
        }
        out.cancel_timer(HEARTBEAT);
        self.log.become_like(before, rest, out);
        (self.view, self.normal) = (view, view);
        self.keep_views(out);
        self.learn(commit, out);
        self.wait(out);
        let last = self.log.last();
        tell_peer(out, self.primary(view), ViewMessage::Prepared { view, last, others: Arc::from([]) });
    }

    fn learn(&mut self, commit: u64, out: &mut ViewOut) {
        self.commit = self.commit.max(commit.min(self.log.last()));
        self.apply(out);
    }

    fn apply(&mut self, out: &mut ViewOut) {
        while self.state.applied() < self.commit {
            let Some(entry) = self.log.at(self.state.applied() + 1) else { return };
            self.state.decide_as(&entry.command, (entry.outcome, self.is_primary()), out);
        }
    }

    fn request(&mut self, command: Command, out: &mut ViewOut) {
        if !self.is_primary() {
            let to = self.is_normal().then(|| self.primary(self.view));
            return out.send(command.client, ConsensusMessage::Redirect { number: command.number, to });
        }
        if self.state.is_done(&command) {
            return self.state.answer(&command, out);
        }
        let this = (command.session, command.number);
        if self.accepted.insert(command.client, this) == Some(this) {
            return;
        }
        let outcome = if self.way == Way::Passive {
            self.ahead.apply(&command);
            self.ahead.outcome(&command)
        } else {
            None
        };
        let before = self.log.last();
        self.log.push(ViewEntry { view: self.view, command, outcome }, out);
        self.matched[self.id.index()] = before + 1;
        let prepare = |chain: Arc<[ProcessId]>, this: &Self| ViewMessage::Prepare {
            view: this.view,
            before,
            entries: this.log.from(before + 1, this.plan.batch),
            commit: this.commit,
            chain,
        };
        match (self.way, self.chain.get(1)) {
            (Way::Chain, Some(next)) => tell_peer(out, *next, prepare(Arc::clone(&self.chain), self)),
            (Way::Chain, None) => {}
            _ => self.others(&prepare(Arc::from([]), self), out),
        }
        self.advance(out);
    }

    /// Commits what a quorum of phase 2 has.
    fn advance(&mut self, out: &mut ViewOut) {
        let reached = self.plan.phases.committed(&self.matched);
        if reached > self.commit {
            self.commit = reached;
            self.apply(out);
        }
    }

    fn prepare(
        &mut self,
        from: ProcessId,
        (before, entries, commit): (u64, &[ViewEntry], u64),
        chain: &Arc<[ProcessId]>,
        out: &mut ViewOut,
    ) {
        let (view, primary) = (self.view, self.primary(self.view));
        let own = self.log.last();
        if before > own && !self.plan.has(Flaw::PrepareEarly) {
            // In a chain whoever comes after waits until the primary has sent what is missing.
            return tell_peer(out, primary, ViewMessage::Lacking { view, from: own + 1 });
        }
        if before <= own {
            entries.iter().skip((own - before) as usize).for_each(|entry| self.log.push(*entry, out));
        }
        let last = before + entries.len() as u64;
        self.learn(commit, out);
        let place = chain.iter().position(|node| *node == self.id);
        match place.and_then(|place| chain.get(place + 1)) {
            Some(next) => {
                let entries = Arc::from(entries);
                let prepare = ViewMessage::Prepare { view, before, entries, commit, chain: Arc::clone(chain) };
                tell_peer(out, *next, prepare);
            }
            None => {
                let to = if chain.is_empty() { from } else { primary };
                tell_peer(out, to, ViewMessage::Prepared { view, last, others: Arc::clone(chain) });
            }
        }
    }

    fn prepared(&mut self, from: ProcessId, last: u64, others: &[ProcessId], out: &mut ViewOut) {
        let plan = self.plan.clone();
        for node in others.iter().chain([&from]) {
            self.heard.add(&plan.phases.commit, node.index());
            let matched = &mut self.matched[node.index()];
            *matched = (*matched).max(last);
        }
        self.advance(out);
    }

    /// Sends everybody what it is not known to have.
    fn beat(&mut self, out: &mut ViewOut) {
        for node in (0..self.nodes()).filter(|node| *node != self.id.index()) {
            self.send(ProcessId(node as u32), self.matched[node] + 1, out);
        }
        out.set_timer(HEARTBEAT, self.plan.timing.heartbeat_ns);
    }

    fn send(&self, to: ProcessId, from: u64, out: &mut ViewOut) {
        let entries = self.log.from(from, self.plan.batch);
        let (view, commit, chain) = (self.view, self.commit, Arc::from([]));
        tell_peer(out, to, ViewMessage::Prepare { view, before: from - 1, entries, commit, chain });
    }

    /// Whether a message is of the view in which this replica works as usual; else the sender or this replica is behind.
    fn is_current(&self, from: ProcessId, view: u64, out: &mut ViewOut) -> bool {
        if view < self.view {
            tell_peer(out, from, ViewMessage::NewerView { view: self.view });
        } else if view > self.view || !self.is_normal() {
            tell_peer(out, self.primary(view), ViewMessage::Outside { view, from: self.commit + 1 });
        }
        view == self.view && self.is_normal()
    }

    fn hear(&mut self, from: ProcessId, message: ViewMessage, out: &mut ViewOut) {
        match message {
            ViewMessage::Prepare { view, before, entries, commit, chain } if self.is_current(from, view, out) => {
                self.wait(out);
                self.prepare(from, (before, &entries, commit), &chain, out);
            }
            ViewMessage::Prepared { view, last, others } if self.is_primary() && view == self.view => {
                self.prepared(from, last, &others, out);
            }
            ViewMessage::Lacking { view, from: first } if self.is_primary() && view == self.view => {
                self.send(from, first, out);
            }
            ViewMessage::Outside { view, from: first } if self.is_primary() && view == self.view => {
                let (before, entries, commit) = (first - 1, self.log.rest(first), self.commit);
                tell_peer(out, from, ViewMessage::StartView { view, before, entries, commit });
            }
            ViewMessage::StartViewChange { view } => self.view_change(from, view, out),
            ViewMessage::DoViewChange { view, normal, log, commit } => {
                if view > self.view {
                    self.want(view, out);
                }
                if view == self.view && !self.is_normal() && self.primary(view) == self.id {
                    self.log_of(from, (normal, log, commit), out);
                }
            }
            ViewMessage::StartView { view, before, entries, commit } => {
                self.start((view, before), (&entries, commit), out);
            }
            ViewMessage::NewerView { view } if view > self.view => self.want(view, out),
            _ => {}
        }
    }

    fn view_change(&mut self, from: ProcessId, view: u64, out: &mut ViewOut) {
        match view.cmp(&self.view) {
            std::cmp::Ordering::Less => tell_peer(out, from, ViewMessage::NewerView { view: self.view }),
            std::cmp::Ordering::Equal if self.is_primary() => {
                // It has begun already.
                let (before, entries, commit) = (0, self.log.rest(1), self.commit);
                tell_peer(out, from, ViewMessage::StartView { view, before, entries, commit });
            }
            std::cmp::Ordering::Equal => {
                if !self.is_normal() {
                    self.wanted_by(from, out);
                }
            }
            std::cmp::Ordering::Greater => {
                self.want(view, out);
                self.wanted_by(from, out);
            }
        }
    }

    fn timer(&mut self, timer: TimerId, draw: u64, out: &mut ViewOut) {
        self.draw ^= draw;
        match timer {
            HEARTBEAT if self.is_primary() => self.beat(out),
            ELECTION if self.is_primary() => {
                let plan = self.plan.clone();
                if self.heard.add(&plan.phases.commit, self.id.index()) {
                    // Those that answered of late are enough: the chain goes through them.
                    self.chain = self.ring().filter(|node| self.heard.has(node.index())).collect();
                    self.heard.clear(&plan.phases.commit);
                    self.wait(out);
                } else {
                    self.want(self.view + 1, out);
                }
            }
            ELECTION => self.want(self.view + 1, out),
            _ => {}
        }
    }

    fn stands(&self) -> Standing {
        let part = match () {
            () if self.is_primary() => "primary",
            () if self.is_normal() => "backup",
            () => "view-change",
        };
        Standing { part, term: self.view, committed: self.commit }
    }
}

replica_machine!(ViewReplica, ViewMessage, ViewRecord);
