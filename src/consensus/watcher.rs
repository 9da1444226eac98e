//! Holds every step of a run against what consensus promises.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use crate::protocol::{Broken, Command, Fact, Invariant, Outcome, ProcessId, Shared, Tally, Watch};

/// What is watched beside what all protocols promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watched {
    /// Logs without holes, in which a term and a place say what stands before.
    pub(super) has_logs: bool,
    /// A leader has everything that was committed before.
    pub(super) has_leaders: bool,
    /// What is decided is held by a quorum of phase 2, or a fast one.
    pub(super) is_held: bool,
    /// The name of two decisions for one place.
    pub(super) decisions: Invariant,
    /// The name of two orders.
    pub(super) order: Invariant,
}

/// What a replica has, as far as it said so.
#[derive(Debug, Default)]
struct Seen {
    /// By place, from 1: the term, the command, and a hash of all up to there.
    log: BTreeMap<u64, (u64, Command, u64)>,
    applied: u64,
    executed: u64,
    done: BTreeSet<Id>,
    is_down: bool,
}

/// Client, session and number of a command.
type Id = (ProcessId, u64, u64);

/// Watches over one run.
pub(super) struct Watcher {
    plan: Shared<Plan>,
    watched: Watched,
    replicas: Vec<Seen>,
    proposed: BTreeMap<Id, Command>,
    /// The last command of each client.
    asked: BTreeMap<ProcessId, Command>,
    leaders: BTreeMap<u64, ProcessId>,
    /// By place: what was decided first, and by whom, in which term.
    decided: Vec<Option<(Command, ProcessId, u64)>>,
    /// The last term in which each replica led.
    led: BTreeMap<ProcessId, u64>,
    decided_ids: BTreeSet<Id>,
    acknowledged: BTreeSet<Id>,
    /// By place: the hashes that a term has there.
    written: Vec<Vec<(u64, u64, ProcessId)>>,
    /// What was carried out, in order.
    order: Vec<(Command, ProcessId)>,
}

/// How many heartbeats, elections and attempts of clients may pass before everything has to be answered.
const ELECTIONS_MAX: u64 = 60;

impl Watcher {
    pub(super) fn new(plan: Shared<Plan>, watched: Watched) -> Self {
        let replicas = (0..plan.phases.nodes()).map(|_| Seen::default()).collect();
        Watcher {
            plan,
            watched,
            replicas,
            proposed: BTreeMap::new(),
            asked: BTreeMap::new(),
            leaders: BTreeMap::new(),
            decided: Vec::new(),
            led: BTreeMap::new(),
            decided_ids: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            written: Vec::new(),
            order: Vec::new(),
        }
    }

    fn name(&self, process: ProcessId) -> &str {
        self.plan.names.get(process.index()).map_or("a client", String::as_str)
    }

    /// A command for people.
    fn words(&self, command: &Command) -> String {
        match command.operation {
            None => "nothing".to_owned(),
            Some(operation) => {
                let client = command.client.index() + 1 - self.plan.names.len();
                let what = match operation {
                    crate::protocol::Operation::Read { .. } => "read".to_owned(),
                    crate::protocol::Operation::Write { value, .. } => format!("write {value}"),
                    crate::protocol::Operation::Cas { expected, value, .. } => format!("cas {expected} to {value}"),
                };
                format!("{what} ({}. of client {client})", command.number)
            }
        }
    }

    fn leads(&mut self, process: ProcessId, term: u64) -> Option<Broken> {
        let leader = *self.leaders.entry(term).or_insert(process);
        if leader != process {
            return broken(
                Invariant::ElectionSafety,
                format!("{} and {} both lead in term {term}", self.name(leader), self.name(process)),
            );
        }
        if !self.watched.has_leaders {
            return None;
        }
        self.led.insert(process, term);
        // Of what was committed in later terms a leader that is late knows nothing, and need not.
        let log = &self.replicas[process.index()].log;
        let lacks = self.decided.iter().enumerate().find_map(|(at, decided)| {
            let (command, ..) = decided.as_ref().filter(|(.., committed)| *committed < term)?;
            let held = log.get(&(at as u64 + 1)).map(|(_, held, _)| held);
            (held != Some(command)).then_some((at + 1, command, held))
        });
        let (index, command, held) = lacks?;
        let held = held.map_or_else(|| "nothing there".to_owned(), |held| self.words(held));
        broken(
            Invariant::LeaderCompleteness,
            format!(
                "{} leads in term {term} with {held} in place {index}, where {} was committed",
                self.name(process),
                self.words(command)
            ),
        )
    }

    fn held(&mut self, process: ProcessId, (index, term): (u64, u64), command: Command) -> Option<Broken> {
        let before = match index {
            _ if !self.watched.has_logs => 0,
            1 => 0,
            _ => self.replicas[process.index()].log.get(&(index - 1)).map_or(0, |(.., hash)| *hash),
        };
        let hash = mix(before, term, &command);
        self.replicas[process.index()].log.insert(index, (term, command, hash));
        let place = index as usize - 1;
        if self.written.len() <= place {
            self.written.resize(place + 1, Vec::new());
        }
        if term == 0 && !self.watched.has_logs {
            // A fast round, in which acceptors may take different values.
            return None;
        }
        let Some((_, known, other)) = self.written[place].iter().find(|(known, ..)| *known == term).copied() else {
            self.written[place].push((term, hash, process));
            return None;
        };
        if known == hash {
            return None;
        }
        let (one, two) = (self.name(other), self.name(process));
        if self.watched.has_logs {
            let text = format!("{one} and {two} have place {index} from term {term}, and differ there or before");
            return broken(Invariant::LogMatching, text);
        }
        broken(
            self.watched.decisions,
            format!("{one} and {two} accepted different values for place {index} in ballot {term}"),
        )
    }

    fn decides(&mut self, process: ProcessId, index: u64, command: Command) -> Option<Broken> {
        let place = index as usize - 1;
        if self.decided.len() <= place {
            self.decided.resize(place + 1, None);
        }
        if let Some((other, by, _)) = &self.decided[place] {
            return if *other == command {
                None
            } else {
                broken(
                    self.watched.decisions,
                    format!(
                        "{} decided {} for place {index}, and {} decided {}",
                        self.name(*by),
                        self.words(other),
                        self.name(process),
                        self.words(&command)
                    ),
                )
            };
        }
        let committed = self.led.get(&process).copied().unwrap_or(0);
        self.decided[place] = Some((command, process, committed));
        self.decided_ids.insert(command.id());
        if command.operation.is_some() && self.proposed.get(&command.id()) != Some(&command) {
            let text = format!("{} decided {}, which nobody proposed", self.name(process), self.words(&command));
            return broken(Invariant::Validity, text);
        }
        if self.watched.is_held && !self.is_held(index, &command) {
            let text = format!(
                "{} decided {} for place {index}, which no quorum of phase 2 has on its disks",
                self.name(process),
                self.words(&command)
            );
            return broken(Invariant::Durability, text);
        }
        None
    }

    /// Whether a quorum has a command in its place.
    fn is_held(&self, index: u64, command: &Command) -> bool {
        let phases = &self.plan.phases;
        let (mut commit, mut fast) = (Tally::new(&phases.commit), Tally::new(&phases.fast));
        let holds = |replica: &Seen| replica.log.get(&index).is_some_and(|(_, held, _)| held == command);
        let holders = self.replicas.iter().enumerate().filter(|(_, replica)| holds(replica));
        for (node, _) in holders {
            commit.add(&phases.commit, node);
            fast.add(&phases.fast, node);
        }
        commit.is_complete() || fast.is_complete()
    }

    fn applies(&mut self, process: ProcessId, index: u64, command: &Command) -> Option<Broken> {
        self.replicas[process.index()].applied = index;
        let decided = self.decided.get(index as usize - 1).and_then(Option::as_ref);
        let (other, by, _) = decided.filter(|(other, ..)| other != command)?;
        let text = format!(
            "{} applied {} in place {index}, and {} {}",
            self.name(process),
            self.words(command),
            self.name(*by),
            self.words(other)
        );
        broken(self.watched.order, text)
    }

    fn executes(&mut self, process: ProcessId, command: Command) -> Option<Broken> {
        let replica = &mut self.replicas[process.index()];
        if !replica.done.insert(command.id()) {
            let text = format!("{} carried out {} twice", self.name(process), self.words(&command));
            return broken(Invariant::Integrity, text);
        }
        let place = replica.executed as usize;
        replica.executed += 1;
        match self.order.get(place) {
            None => {
                self.order.push((command, process));
                None
            }
            Some((other, _)) if *other == command => None,
            Some((other, by)) => {
                let text = format!(
                    "the {}. command that {} carried out was {}, and of {} it was {}",
                    place + 1,
                    self.name(*by),
                    self.words(other),
                    self.name(process),
                    self.words(&command)
                );
                broken(self.watched.order, text)
            }
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the answer of a question whether something is broken")]
fn broken(invariant: Invariant, explanation: String) -> Option<Broken> {
    Some(Broken { invariant, explanation })
}

/// A hash of a log from that of all before its last place.
fn mix(before: u64, term: u64, command: &Command) -> u64 {
    use std::hash::{Hash, Hasher};
    let mut hasher = rustc_hash::FxHasher::default();
    (before, term, command).hash(&mut hasher);
    crate::protocol::next_word(hasher.finish())
}

impl Watch for Watcher {
    fn told(&mut self, process: ProcessId, fact: &Fact) -> Option<Broken> {
        match *fact {
            Fact::Proposed { command } => {
                self.proposed.insert(command.id(), command);
                self.asked.insert(process, command);
                None
            }
            Fact::Leads { term } => self.leads(process, term),
            Fact::Held { index, term, command } => self.held(process, (index, term), command),
            Fact::Cut { from } => {
                self.replicas[process.index()].log.split_off(&from);
                None
            }
            Fact::Decided { index, command } => self.decides(process, index, command),
            Fact::Applied { index, command } => self.applies(process, index, &command),
            Fact::Executed { command } => self.executes(process, command),
        }
    }

    fn crashed(&mut self, process: ProcessId) {
        if let Some(replica) = self.replicas.get_mut(process.index()) {
            // What it carried out was in its memory; its log is on the disk.
            let log = std::mem::take(&mut replica.log);
            *replica = Seen { log, is_down: true, ..Seen::default() };
        }
    }

    fn restarts(&mut self, process: ProcessId) {
        if let Some(replica) = self.replicas.get_mut(process.index()) {
            *replica = Seen::default();
        }
    }

    fn ended(&mut self, client: ProcessId, outcome: Outcome) -> Option<Broken> {
        if outcome == Outcome::GaveUp {
            return None;
        }
        let command = *self.asked.get(&client)?;
        // A read may be answered from the state alone; whether it may is for the history to show.
        let is_read = matches!(command.operation, Some(crate::protocol::Operation::Read { .. }));
        if is_read && !self.decided_ids.contains(&command.id()) {
            return None;
        }
        if !self.decided_ids.contains(&command.id()) {
            let text = format!("{} was answered, and nobody had decided it", self.words(&command));
            return broken(Invariant::Durability, text);
        }
        self.acknowledged.insert(command.id());
        None
    }

    fn is_at_rest(&self) -> bool {
        let most = self.decided.len() as u64;
        self.replicas.iter().all(|replica| !replica.is_down && replica.applied == most)
    }

    fn unrest(&self, unanswered: usize, after_ms: u64) -> Option<Broken> {
        if unanswered > 0 {
            let text = format!(
                "{unanswered} clients were not answered in {after_ms} ms after the last fault, with all replicas up and no \
                 message lost"
            );
            return broken(Invariant::LivenessAfterFaults, text);
        }
        let behind =
            (0..self.replicas.len()).find(|replica| self.replicas[*replica].applied < self.decided.len() as u64)?;
        let lost = self.acknowledged.iter().find(|id| !self.replicas[behind].done.contains(id));
        let name = self.name(ProcessId(behind as u32));
        let text = format!(
            "{name} has applied {} of {} commands {after_ms} ms after the last fault",
            self.replicas[behind].applied,
            self.decided.len()
        );
        match lost.and_then(|id| self.proposed.get(id)) {
            Some(command) => broken(
                Invariant::Durability,
                format!("{text}, and not {}, which was acknowledged", self.words(command)),
            ),
            None => broken(Invariant::LivenessAfterFaults, text),
        }
    }

    fn patience_ns(&self) -> u64 {
        let client =
            self.plan.patience.retry_after_ns.saturating_mul(u64::from(self.plan.patience.retries.unwrap_or(10)));
        self.plan.timing.election_ns.saturating_mul(ELECTIONS_MAX).saturating_add(client.saturating_mul(4))
    }
}
