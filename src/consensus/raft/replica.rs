//! A replica.

use std::collections::BTreeMap;

use super::leader::Followers;
use super::message::{Entry, RaftMessage, RaftRecord};
use crate::consensus::flaw::Flaw;
use crate::consensus::log::Log;
use crate::consensus::machine::replica_machine;
use crate::consensus::message::{ConsensusMessage, ConsensusRecord, Out, keep, tell_peer, tell_peers};
use crate::consensus::plan::{Plan, Remedy};
use crate::consensus::replica_state::ReplicaState;
use crate::protocol::{Command, Disk, Event, Fact, ProcessId, Shared, Standing, Tally, TimerId, next_word};

/// No leader was heard of.
const ELECTION: TimerId = TimerId(0);

/// A leader says that it leads.
const HEARTBEAT: TimerId = TimerId(1);

/// Where the vote is kept.
const VOTE_SLOT: u64 = 0;

/// A replica of Raft.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RaftReplica {
    plan: Shared<Plan>,
    id: ProcessId,
    term: u64,
    voted: Option<ProcessId>,
    log: Log<Entry>,
    commit: u64,
    state: ReplicaState,
    part: Part,
    leader: Option<ProcessId>,
    /// Who would vote, or has voted, for this replica.
    votes: Tally,
    followers: Followers,
    /// Who answered this leader of late.
    heard: Tally,
    /// The last command of every client that is in the log of this leader.
    accepted: BTreeMap<ProcessId, (u64, u64)>,
    draw: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Follower,
    /// Asks whether it would be elected.
    Asking,
    Candidate,
    Leader,
}

type RaftOut = Out<RaftMessage, RaftRecord>;

impl RaftReplica {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId) -> Self {
        RaftReplica {
            state: ReplicaState::new(&plan),
            votes: Tally::new(&plan.phases.elect),
            heard: Tally::new(&plan.phases.commit),
            plan,
            id,
            term: 0,
            voted: None,
            log: Log::default(),
            commit: 0,
            part: Part::Follower,
            leader: None,
            followers: Followers::default(),
            accepted: BTreeMap::new(),
            draw: 0,
        }
    }

    fn begin(&mut self, disk: &Disk<ConsensusRecord<RaftRecord>>, draw: u64, out: &mut RaftOut) {
        self.draw = draw;
        if let Some(ConsensusRecord::Replica { record: RaftRecord::Vote { term, voted } }) = disk.get(VOTE_SLOT) {
            self.term = if self.plan.has(Flaw::ForgetTerm) { 0 } else { *term };
            self.voted = if self.plan.has(Flaw::ForgetVote) { None } else { *voted };
        }
        self.log = Log::restore(disk, out);
        if self.plan.has(Flaw::ForgetTerm) {
            self.term = self.log.last_term();
        }
        self.wait(out);
    }

    /// Waits for a leader, for a random time.
    fn wait(&mut self, out: &mut RaftOut) {
        self.draw = next_word(self.draw);
        out.set_timer(ELECTION, self.plan.timing.election(self.draw));
    }

    fn keep_vote(&self, out: &mut RaftOut) {
        keep(out, VOTE_SLOT, RaftRecord::Vote { term: self.term, voted: self.voted });
    }

    /// Follows in a term.
    fn follow(&mut self, term: u64, leader: Option<ProcessId>, out: &mut RaftOut) {
        if term > self.term {
            (self.term, self.voted) = (term, None);
            self.keep_vote(out);
            self.leader = None;
        }
        self.leader = leader.or(self.leader);
        if self.part == Part::Leader {
            out.cancel_timer(HEARTBEAT);
            self.wait(out);
        }
        self.part = Part::Follower;
    }

    /// Asks for votes, or first whether it would get them.
    fn campaign(&mut self, is_pre: bool, out: &mut RaftOut) {
        self.leader = None;
        if is_pre {
            self.part = Part::Asking;
        } else {
            self.part = Part::Candidate;
            (self.term, self.voted) = (self.term + 1, Some(self.id));
            self.keep_vote(out);
            out.count(Event::Election);
        }
        let plan = self.plan.clone();
        self.votes.clear(&plan.phases.elect);
        self.wait(out);
        let term = if is_pre { self.term + 1 } else { self.term };
        let vote = RaftMessage::Vote { term, last: self.log.last(), last_term: self.log.last_term(), is_pre };
        tell_peers(out, (self.id, plan.phases.nodes()), &vote);
        self.voted_by(self.id, out);
    }

    fn voted_by(&mut self, voter: ProcessId, out: &mut RaftOut) {
        let plan = self.plan.clone();
        if self.votes.add(&plan.phases.elect, voter.index()) {
            match self.part {
                Part::Asking => self.campaign(false, out),
                Part::Candidate => self.lead(out),
                Part::Follower | Part::Leader => {}
            }
        }
    }

    fn lead(&mut self, out: &mut RaftOut) {
        self.part = Part::Leader;
        self.leader = Some(self.id);
        self.accepted.clear();
        self.followers = Followers::new(self.plan.phases.nodes(), self.log.last());
        self.heard.clear(&self.plan.clone().phases.commit);
        self.wait(out);
        out.count(Event::Leader);
        out.tell(Fact::Leads { term: self.term });
        self.append(Command::NOTHING, out);
        out.set_timer(HEARTBEAT, self.plan.timing.heartbeat_ns);
    }

    /// Puts a command into the log and sends it.
    fn append(&mut self, command: Command, out: &mut RaftOut) {
        self.log.push(Entry { term: self.term, command }, out);
        self.followers.matched(self.id, self.log.last());
        if self.plan.has(Flaw::ApplyEarly) {
            self.commit = self.log.last();
            self.apply(out);
        }
        for to in self.others() {
            // One that is behind is sent entries when it answers, or at the next heartbeat.
            if !self.followers.of(to).is_probing || command == Command::NOTHING {
                self.send(to, out);
            }
        }
        self.advance(out);
    }

    fn others(&self) -> impl Iterator<Item = ProcessId> + use<> {
        let id = self.id;
        (0..self.plan.phases.nodes() as u32).map(ProcessId).filter(move |to| *to != id)
    }

    /// Sends a follower what it lacks.
    fn send(&mut self, to: ProcessId, out: &mut RaftOut) {
        let next = self.followers.of(to).next;
        let before = next - 1;
        let entries = self.log.from(next, self.plan.batch);
        let last = before + entries.len() as u64;
        let Some(before_term) = self.log.term(before) else { return };
        self.followers.sent(to, last);
        let append = RaftMessage::Append { term: self.term, before, before_term, entries, commit: self.commit };
        if self.plan.has(Flaw::SendTwice) {
            tell_peer(out, to, append.clone());
        }
        tell_peer(out, to, append);
    }

    /// Commits what a quorum of phase 2 has, if an entry of this term is among it.
    fn advance(&mut self, out: &mut RaftOut) {
        let reached = self.plan.phases.committed(&self.followers.positions());
        let is_own = self.log.term(reached) == Some(self.term) || self.plan.has(Flaw::CountOldTerms);
        if reached > self.commit && is_own {
            self.commit = reached;
            self.apply(out);
        }
    }

    fn apply(&mut self, out: &mut RaftOut) {
        while self.state.applied() < self.commit {
            let Some(Entry { command, .. }) = self.log.at(self.state.applied() + 1) else { return };
            self.state.decide(&command, self.part == Part::Leader, out);
        }
    }

    fn request(&mut self, command: Command, out: &mut RaftOut) {
        if self.part != Part::Leader {
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
        if self.accepted.insert(command.client, this) != Some(this) {
            self.append(command, out);
        }
    }

    /// Whether another log is at least as up to date as this one.
    fn is_behind(&self, (last_term, last): (u64, u64)) -> bool {
        let own = (self.log.last_term(), self.log.last());
        match () {
            () if self.plan.has(Flaw::VoteBlindly) => true,
            () if self.plan.has(Flaw::VoteByLength) => last >= own.1,
            () if self.plan.has(Flaw::VoteForNewer) => (last_term, last) > own || own == (0, 0),
            () => (last_term, last) >= own,
        }
    }

    fn vote(&mut self, candidate: ProcessId, (term, log): (u64, (u64, u64)), out: &mut RaftOut) {
        if term > self.term {
            self.follow(term, None, out);
        }
        let is_free = self.voted.is_none_or(|voted| voted == candidate);
        let is_granted = term == self.term && self.part != Part::Leader && is_free && self.is_behind(log);
        if is_granted {
            self.part = Part::Follower;
            self.voted = Some(candidate);
            self.keep_vote(out);
            self.wait(out);
        }
        tell_peer(out, candidate, RaftMessage::Voted { term: self.term, is_granted, is_pre: false });
    }

    /// Would vote for a candidate, unless there is a leader.
    fn promise(&self, candidate: ProcessId, (term, log): (u64, (u64, u64)), out: &mut RaftOut) {
        let is_granted = term > self.term && self.leader.is_none() && self.is_behind(log);
        let term = if is_granted { term } else { self.term };
        tell_peer(out, candidate, RaftMessage::Voted { term, is_granted, is_pre: true });
    }

    fn voted(&mut self, voter: ProcessId, (term, is_granted, is_pre): (u64, bool, bool), out: &mut RaftOut) {
        let (part, asked) = if is_pre { (Part::Asking, self.term + 1) } else { (Part::Candidate, self.term) };
        if is_granted {
            if self.part == part && term == asked {
                self.voted_by(voter, out);
            }
        } else if term > self.term {
            self.follow(term, None, out);
        }
    }

    fn entries(&mut self, leader: ProcessId, (before, before_term): (u64, u64), entries: &[Entry], out: &mut RaftOut) {
        let is_like = self.log.term(before) == Some(before_term);
        let last = before + entries.len() as u64;
        if is_like {
            for (index, entry) in (before + 1..).zip(entries) {
                if self.log.term(index) != Some(entry.term) {
                    self.log.cut(index, out);
                    self.log.push(*entry, out);
                }
            }
            if self.plan.has(Flaw::CutAlways) {
                self.log.cut(last + 1, out);
            }
        }
        // Where to look: before all entries of the term that does not fit.
        let hint = if before > self.log.last() { self.log.last() } else { self.log.first_of_term(before).max(1) - 1 };
        let last = if is_like { last } else { hint };
        tell_peer(out, leader, RaftMessage::Appended { term: self.term, is_done: is_like, last });
    }

    fn appended(&mut self, from: ProcessId, (term, is_done, last): (u64, bool, u64), out: &mut RaftOut) {
        if term > self.term {
            return self.follow(term, None, out);
        }
        if self.part != Part::Leader || term < self.term {
            return;
        }
        let plan = self.plan.clone();
        self.heard.add(&plan.phases.commit, from.index());
        if is_done {
            self.followers.matched(from, last);
            self.advance(out);
            if self.followers.of(from).next <= self.log.last() {
                self.send(from, out);
            }
        } else if self.followers.missed(from, last) {
            self.send(from, out);
        }
    }

    fn hear(&mut self, from: ProcessId, message: RaftMessage, out: &mut RaftOut) {
        match message {
            RaftMessage::Vote { term, last, last_term, is_pre: false } => {
                self.vote(from, (term, (last_term, last)), out)
            }
            RaftMessage::Vote { term, last, last_term, .. } => self.promise(from, (term, (last_term, last)), out),
            RaftMessage::Voted { term, is_granted, is_pre } => self.voted(from, (term, is_granted, is_pre), out),
            RaftMessage::Append { term, before, before_term, entries, commit } => {
                if term < self.term && !self.plan.has(Flaw::TakeStale) {
                    let refusal = RaftMessage::Appended { term: self.term, is_done: false, last: 0 };
                    return tell_peer(out, from, refusal);
                }
                self.follow(term, Some(from), out);
                self.wait(out);
                self.entries(from, (before, before_term), &entries, out);
                // Only what is known to be like the leader's.
                let known = before + entries.len() as u64;
                if self.log.term(before) == Some(before_term) {
                    self.commit = self.commit.max(commit.min(known));
                    self.apply(out);
                }
            }
            RaftMessage::Appended { term, is_done, last } => self.appended(from, (term, is_done, last), out),
        }
    }

    /// Leads no longer if no quorum of phase 2 answers: followers that hear it, but whom it does not hear, would wait for ever.
    fn check(&mut self, out: &mut RaftOut) {
        let plan = self.plan.clone();
        if self.heard.add(&plan.phases.commit, self.id.index()) {
            self.heard.clear(&plan.phases.commit);
            self.wait(out);
        } else {
            self.follow(self.term, None, out);
            self.leader = None;
        }
    }

    fn timer(&mut self, timer: TimerId, draw: u64, out: &mut RaftOut) {
        self.draw ^= draw;
        match timer {
            HEARTBEAT if self.part == Part::Leader => {
                self.others().for_each(|to| self.send(to, out));
                out.set_timer(HEARTBEAT, self.plan.timing.heartbeat_ns);
            }
            ELECTION if self.part == Part::Leader => self.check(out),
            ELECTION => self.campaign(self.plan.without != Some(Remedy::PreVote), out),
            _ => {}
        }
    }

    fn stands(&self) -> Standing {
        let part = match self.part {
            Part::Follower => "follower",
            Part::Asking => "asking",
            Part::Candidate => "candidate",
            Part::Leader => "leader",
        };
        Standing { part, term: self.term, committed: self.commit }
    }
}

replica_machine!(RaftReplica, RaftMessage, RaftRecord);
