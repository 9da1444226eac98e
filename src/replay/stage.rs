//! Machines that do nothing until a step of a scenario says what happens to them.

use std::collections::BTreeMap;

use super::document::Arrow;
use super::sight::Sight;
use crate::protocol::{
    Broken, Disk, Input, Machine, Message, Operation, Output, Outputs, ProcessId, Protocol, Standing, TimerId, Watch,
    next_word,
};
use crate::sim::{Flight, Happened, Recorder, SpaceTime, Window};

/// A message on its way.
pub(super) struct Letter<M> {
    pub(super) from: ProcessId,
    pub(super) to: ProcessId,
    pub(super) message: M,
    /// Which of the messages that are drawn it is.
    number: u64,
}

impl<M: Message> Letter<M> {
    /// Whether it is one of those that are meant.
    pub(super) fn fits(&self, arrow: &Arrow) -> bool {
        let is_of = |set: &Option<Vec<ProcessId>>, process| set.as_ref().is_none_or(|set| set.contains(&process));
        arrow.name.as_ref().is_none_or(|name| name == self.message.name())
            && is_of(&arrow.from, self.from)
            && is_of(&arrow.to, self.to)
    }

    /// The same message once more, which is drawn as another one.
    fn again(&self, number: u64) -> Self {
        Letter { from: self.from, to: self.to, message: self.message.clone(), number }
    }
}

/// What belongs to a process beside its machine.
struct Process<R> {
    is_up: bool,
    has_begun: bool,
    disk: Disk<R>,
    /// When each timer is due.
    timers: BTreeMap<u16, u64>,
}

/// All machines, and what is on its way between them.
pub(super) struct Stage<'a, P: Protocol> {
    protocol: &'a P,
    /// By process.
    pub(super) names: Vec<String>,
    replicas: Vec<P::Replica>,
    clients: Vec<P::Client>,
    processes: Vec<Process<P::Record>>,
    /// In the order in which they were sent.
    pub(super) letters: Vec<Letter<P::Message>>,
    /// Within which messages pass, while there are cuts.
    pub(super) groups: Option<Vec<Vec<ProcessId>>>,
    pub(super) sight: Sight,
    watch: Option<Box<dyn Watch>>,
    pub(super) broken: Option<Broken>,
    now: u64,
    drawn: Recorder,
    word: u64,
    /// What happened in the step.
    pub(super) lines: Vec<String>,
    pub(super) delivered: u64,
    pub(super) lost: u64,
}

/// Nanoseconds between two steps of machines.
const STEP_NS: u64 = 1_000_000;

/// What is drawn of a scenario: all of it, where it is one that a person reads.
const DRAWN: Window = Window { messages: 2_000, is_end: false };

impl<'a, P: Protocol> Stage<'a, P> {
    pub(super) fn new(protocol: &'a P, mut names: Vec<String>, clients: u32, is_keyed: bool) -> Self {
        let replicas = protocol.replicas();
        names.extend((1..=clients).map(|number| format!("@client-{number}")));
        let id = |index: usize| ProcessId(index as u32);
        let process = || Process { is_up: true, has_begun: false, disk: Disk::default(), timers: BTreeMap::new() };
        Stage {
            protocol,
            replicas: (0..replicas).map(|index| protocol.replica(id(index))).collect(),
            clients: (0..clients as usize).map(|index| protocol.client(id(replicas + index))).collect(),
            processes: names.iter().map(|_| process()).collect(),
            names,
            letters: Vec::new(),
            groups: None,
            sight: Sight::new(is_keyed),
            watch: protocol.watch(),
            broken: None,
            now: 0,
            drawn: Recorder::new(DRAWN),
            word: 1,
            lines: Vec::new(),
            delivered: 0,
            lost: 0,
        }
    }

    pub(super) fn name(&self, process: ProcessId) -> String {
        self.names.get(process.index()).cloned().unwrap_or_default()
    }

    pub(super) fn replicas(&self) -> impl Iterator<Item = ProcessId> + use<P> {
        (0..self.replicas.len() as u32).map(ProcessId)
    }

    pub(super) fn clients(&self) -> impl Iterator<Item = ProcessId> + use<P> {
        (self.replicas.len() as u32..self.names.len() as u32).map(ProcessId)
    }

    pub(super) fn is_up(&self, process: ProcessId) -> bool {
        self.processes[process.index()].is_up
    }

    /// What a replica is; absent for one that is down, and where there are no terms.
    pub(super) fn standing(&self, process: ProcessId) -> Option<Standing> {
        let replica = self.replicas.get(process.index()).filter(|_| self.is_up(process))?;
        replica.standing()
    }

    pub(super) fn say(&mut self, line: String) {
        self.lines.push(line);
    }

    /// A step begins: the instant at which it does.
    pub(super) fn next_instant(&mut self) -> u64 {
        self.now += STEP_NS;
        self.now
    }

    /// What was drawn.
    pub(super) fn drawn(self, steps: Vec<(u64, String)>) -> SpaceTime {
        self.drawn.with_steps(self.names, steps)
    }

    fn happens(&mut self, process: ProcessId, what: Happened) {
        self.drawn.happened(process, self.now, what);
    }

    fn draw(&mut self) -> u64 {
        self.word = next_word(self.word);
        self.word
    }

    /// Lets every process begin that has not.
    pub(super) fn begin(&mut self) {
        for process in (0..self.names.len() as u32).map(ProcessId) {
            let state = &mut self.processes[process.index()];
            if std::mem::replace(&mut state.has_begun, true) {
                continue;
            }
            let disk = state.disk.clone();
            let draw = self.draw();
            let is_new = disk == Disk::default();
            let input = if is_new { Input::Start { draw } } else { Input::Restart { disk, draw } };
            self.step(process, input);
        }
    }

    /// Whether processes have begun.
    pub(super) fn has_begun(&self) -> bool {
        self.processes.iter().any(|process| process.has_begun)
    }

    /// Puts a log on the disk of a replica that has not begun; whether the protocol can write it down.
    pub(super) fn write_disk(
        &mut self,
        process: ProcessId,
        term: u64,
        entries: &[(u64, crate::protocol::Command)],
    ) -> bool {
        let Some(disk) = self.protocol.disk_of(term, entries) else { return false };
        if let Some(watch) = &mut self.watch {
            // What stands there somebody wanted once.
            for (_, command) in entries.iter().filter(|(_, command)| command.operation.is_some()) {
                watch.told(command.client, &crate::protocol::Fact::Proposed { command: *command });
            }
        }
        self.processes[process.index()].disk = disk;
        true
    }

    /// Hands an input to a machine, and does what it asks for.
    fn step(&mut self, process: ProcessId, input: Input<P::Message, P::Record>) {
        self.now += STEP_NS;
        let before = self.standing(process);
        let mut out = Outputs::default();
        match process.index().checked_sub(self.replicas.len()) {
            None => self.replicas[process.index()].step(self.now, input, &mut out),
            Some(client) => self.clients[client].step(self.now, input, &mut out),
        }
        let name = self.name(process);
        let after = self.standing(process);
        if let Some(Standing { part, term, .. }) = after
            && before.is_none_or(|before| (before.part, before.term) != (part, term))
            && (before.is_some() || term > 0)
        {
            self.say(format!("{name} is {part} in {term}"));
        }
        let outputs: Vec<_> = out.drain().collect();
        let mut sent: Vec<(ProcessId, P::Message)> = Vec::new();
        for output in outputs {
            match output {
                Output::Send { to, message } => sent.push((to, message)),
                Output::SetTimer { timer, after_ns } => {
                    self.processes[process.index()].timers.insert(timer.0, self.now.saturating_add(after_ns));
                }
                Output::CancelTimer { timer } => _ = self.processes[process.index()].timers.remove(&timer.0),
                Output::Persist { slot, record } => self.processes[process.index()].disk.put(slot, record),
                Output::Tell { fact } => {
                    if let Some(what) = Happened::of(&fact) {
                        self.happens(process, what);
                    }
                    if let Some(words) = self.sight.told(process, &fact) {
                        self.say(format!("{name} {words}"));
                    }
                    let broken = self.watch.as_mut().and_then(|watch| watch.told(process, &fact));
                    self.breaks(process, broken);
                }
                Output::Complete { outcome } => {
                    self.say(format!("{name} is answered: {outcome}"));
                    self.happens(process, Happened::Returns(outcome));
                    self.sight.ended(process, outcome, self.now);
                    let broken = self.watch.as_mut().and_then(|watch| watch.ended(process, outcome));
                    self.breaks(process, broken);
                }
                Output::Count { .. } => {}
            }
        }
        self.send(process, sent);
    }

    fn breaks(&mut self, process: ProcessId, broken: Option<Broken>) {
        let Some(broken) = broken.filter(|_| self.broken.is_none()) else { return };
        self.happens(process, Happened::Breaks(broken.invariant.name().to_owned()));
        self.say(format!("broken: {}: {}", broken.invariant, broken.explanation));
        self.broken = Some(broken);
    }

    /// Puts messages on their way, and says so: the same message to several in one line.
    fn send(&mut self, from: ProcessId, sent: Vec<(ProcessId, P::Message)>) {
        let mut said: Vec<(Vec<String>, P::Message)> = Vec::new();
        for (to, message) in sent {
            if to.index() >= self.names.len() {
                continue;
            }
            let number = self.departs((from, to), &message);
            if !self.passes(from, to) {
                self.lost += 1;
                self.drawn.ended(number, self.now, false);
                self.say(format!("{} from {} to {} is cut off", message.name(), self.name(from), self.name(to)));
                continue;
            }
            let to_name = self.name(to);
            match said.iter_mut().find(|(_, known)| *known == message) {
                Some((names, _)) => names.push(to_name),
                None => said.push((vec![to_name], message.clone())),
            }
            self.letters.push(Letter { from, to, message, number });
        }
        for (names, message) in said {
            let line = format!(
                "{} sends {} to {}{}",
                self.name(from),
                message.name(),
                names.join(" "),
                self.details(&message)
            );
            self.say(line);
        }
    }

    /// Draws that a message is sent; its number.
    fn departs(&mut self, (from, to): (ProcessId, ProcessId), message: &P::Message) -> u64 {
        let (name, details) = (message.name(), message.details(&|process| self.name(process)));
        self.drawn.sent(Flight { from, to, sent_ns: self.now, ends_ns: None, has_arrived: false, name, details })
    }

    /// A message is on its way once more.
    pub(super) fn duplicate(&mut self, at: usize) {
        let (from, to, message) = (self.letters[at].from, self.letters[at].to, self.letters[at].message.clone());
        let number = self.departs((from, to), &message);
        let copy = self.letters[at].again(number);
        self.letters.push(copy);
    }

    /// A message is lost, and it is said why.
    pub(super) fn lose(&mut self, letter: &Letter<P::Message>, why: &str) {
        self.lost += 1;
        self.drawn.ended(letter.number, self.now, false);
        let line = format!("{} is lost{why}", self.words(letter));
        self.say(line);
    }

    fn details(&self, message: &P::Message) -> String {
        let details = message.details(&|process| self.name(process));
        if details.is_empty() { details } else { format!(" ({details})") }
    }

    /// A message in words: what, from whom, to whom.
    pub(super) fn words(&self, letter: &Letter<P::Message>) -> String {
        let Letter { from, to, message, .. } = letter;
        format!("{} {} -> {}{}", message.name(), self.name(*from), self.name(*to), self.details(message))
    }

    /// Whether messages pass: they do not between two groups, and who is in none is reached by all.
    fn passes(&self, from: ProcessId, to: ProcessId) -> bool {
        let group = |process| self.groups.as_ref()?.iter().position(|group| group.contains(&process));
        match (group(from), group(to)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        }
    }

    /// Messages into a cut are lost.
    pub(super) fn lose_across(&mut self) {
        let letters = std::mem::take(&mut self.letters);
        let (kept, lost): (Vec<_>, Vec<_>) =
            letters.into_iter().partition(|letter| self.passes(letter.from, letter.to));
        self.letters = kept;
        lost.iter().for_each(|letter| self.lose(letter, ""));
    }

    /// A message arrives.
    pub(super) fn arrive(&mut self, letter: Letter<P::Message>) {
        if !self.is_up(letter.to) {
            let why = format!(": {} is down", self.name(letter.to));
            return self.lose(&letter, &why);
        }
        self.delivered += 1;
        // The machine takes its step at that very instant.
        self.drawn.ended(letter.number, self.now + STEP_NS, true);
        let Letter { from, to, message, .. } = letter;
        let line =
            format!("{} gets {} from {}{}", self.name(to), message.name(), self.name(from), self.details(&message));
        self.say(line);
        self.step(to, Input::Message { from, message });
    }

    /// The timers of a process that are set, the next one first.
    pub(super) fn timers(&self, process: ProcessId) -> Vec<u16> {
        let mut timers: Vec<(u64, u16)> =
            self.processes[process.index()].timers.iter().map(|(timer, due)| (*due, *timer)).collect();
        timers.sort_unstable();
        timers.into_iter().map(|(_, timer)| timer).collect()
    }

    /// A timer goes off.
    pub(super) fn ring(&mut self, process: ProcessId, timer: u16) {
        let state = &mut self.processes[process.index()];
        let due = state.timers.remove(&timer).unwrap_or_default();
        self.now = self.now.max(due);
        self.drawn.happened(process, self.now + STEP_NS, Happened::Timer);
        let draw = self.draw();
        self.step(process, Input::Timer { timer: TimerId(timer), draw });
    }

    pub(super) fn crash(&mut self, process: ProcessId) {
        let state = &mut self.processes[process.index()];
        state.is_up = false;
        state.timers.clear();
        self.happens(process, Happened::Crash);
        if let Some(watch) = &mut self.watch {
            watch.crashed(process);
        }
        match process.index().checked_sub(self.replicas.len()) {
            None => self.replicas[process.index()] = self.protocol.replica(process),
            Some(client) => {
                self.clients[client] = self.protocol.client(process);
                self.sight.crashed(process);
            }
        }
        let line = format!("{} crashes", self.name(process));
        self.say(line);
    }

    pub(super) fn restart(&mut self, process: ProcessId, has_disk: bool) {
        let state = &mut self.processes[process.index()];
        state.is_up = true;
        if !has_disk {
            state.disk = Disk::default();
            self.sight.lost_disk(process);
        }
        let disk = self.processes[process.index()].disk.clone();
        self.happens(process, Happened::Restart);
        if let Some(watch) = &mut self.watch {
            watch.restarts(process);
        }
        let line = format!("{} starts again{}", self.name(process), if has_disk { "" } else { " without its disk" });
        self.say(line);
        let draw = self.draw();
        self.step(process, Input::Restart { disk, draw });
    }

    /// A client is asked for an operation; what it asks goes to one replica at once, if that is wanted.
    pub(super) fn call(&mut self, client: ProcessId, operation: Operation, at: Option<ProcessId>) {
        let sent_before = self.letters.len();
        // After whatever ended in the step before.
        self.now += STEP_NS;
        self.sight.called(client, operation, self.now);
        self.happens(client, Happened::Calls(operation));
        let draw = self.draw();
        // Of what it says itself only the message matters where the scenario says whom it asks.
        let kept = self.lines.len();
        self.step(client, Input::Call { operation, draw });
        let Some(at) = at else { return };
        self.lines.truncate(kept);
        let mut sent = self.letters.split_off(sent_before);
        if let Some(mut letter) = sent.pop() {
            letter.to = at;
            self.drawn.goes_to(letter.number, at);
            self.arrive(letter);
        }
    }
}
