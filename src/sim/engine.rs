//! Runs machines in virtual time, one event after the other.

use super::counts::Counts;
use super::fate::Fate;
use super::fault::{Fault, ProcessSet, Scenario};
use super::network::{Network, Route};
use super::process::{Process, Ring};
use super::queue::{Happening, Mail, Queue};
use super::random::{Purpose, Random};
use super::sessions::Desk;
use super::space_time::{Flight, Happened, Recorder, Window, numbered};
use super::trace_hash::Trace;
use super::traffic::Traffic;
use super::{CutOff, Run, RunLimits};
use crate::budget::is_stopped;
use crate::protocol::{
    Broken, Disk, Input, Machine, Message, Outcome, Output, Outputs, ProcessId, Protocol, Role, TimerId, Watch,
};
use std::collections::BTreeMap;

/// A run in progress.
pub(super) struct Engine<'a, P: Protocol> {
    protocol: &'a P,
    scenario: &'a Scenario,
    traffic: &'a Traffic,
    seed: u64,
    pub(super) now_ns: u64,
    pub(super) queue: Queue,
    mail: Mail<Letter<P::Message>>,
    pub(super) network: Network<'a>,
    pub(super) replicas: Vec<P::Replica>,
    clients: Vec<P::Client>,
    pub(super) processes: Vec<Process<P::Record>>,
    desk: Desk,
    pub(super) torn: Vec<Option<&'a ProcessSet>>,
    /// Recoveries of the schedule that have not happened yet.
    recoveries: usize,
    /// What became of every message, if that is wanted.
    fates: Option<BTreeMap<(ProcessId, u64), Fate>>,
    pub(super) counts: Counts,
    /// Who watches, and what is broken.
    pub(super) watch: Option<Box<dyn Watch>>,
    pub(super) broken: Option<Broken>,
    /// Clients that are asked, after the faults, whether operations are answered.
    pub(super) probing: Vec<bool>,
    /// Those of them that gave up.
    pub(super) again: Vec<usize>,
    trace: Trace,
    /// What is drawn, if that is wanted.
    drawn: Option<Recorder>,
    out: Outputs<P::Message, P::Record>,
}

/// A message on its way.
struct Letter<M> {
    from: ProcessId,
    to: ProcessId,
    message: M,
    /// Which of the messages that are drawn it is.
    number: u64,
}

/// Steps after which it is told how far a run is.
const STEPS_TOLD: u64 = 1 << 14;

impl<'a, P: Protocol> Engine<'a, P> {
    pub(super) fn new(protocol: &'a P, scenario: &'a Scenario, traffic: &'a Traffic, seed: u64) -> Self {
        let replicas = protocol.replicas();
        let clients = traffic.clients as usize;
        let id = |index: usize| ProcessId(index as u32);
        Engine {
            protocol,
            scenario,
            traffic,
            seed,
            now_ns: 0,
            queue: Queue::default(),
            mail: Mail::default(),
            network: Network::new(scenario, seed, replicas + clients),
            replicas: (0..replicas).map(|index| protocol.replica(id(index))).collect(),
            clients: (0..clients).map(|index| protocol.client(id(replicas + index))).collect(),
            processes: (0..replicas + clients).map(|_| Process::new()).collect(),
            desk: Desk::new(traffic),
            torn: vec![None; clients],
            recoveries: 0,
            fates: None,
            counts: Counts::new(replicas),
            watch: protocol.watch(),
            broken: None,
            probing: vec![false; clients],
            again: Vec::new(),
            trace: Trace::new(),
            drawn: None,
            out: Outputs::default(),
        }
    }

    /// Writes down what becomes of every message, if that is wanted.
    pub(super) fn recording(mut self, is_wanted: bool) -> Self {
        self.fates = is_wanted.then(BTreeMap::new);
        self
    }

    /// Takes down what is drawn.
    pub(super) fn drawing(mut self, window: Window) -> Self {
        self.drawn = Some(Recorder::new(window));
        self
    }

    /// Runs until every client is done, nothing is left to happen, or a limit is reached.
    ///
    /// Now and then `told` of how many operations have ended.
    pub(super) fn run(self, limits: RunLimits, told: &dyn Fn(u64)) -> Run {
        self.run_drawn(limits, told).0
    }

    /// The same, with what was taken down.
    pub(super) fn run_drawn(mut self, limits: RunLimits, told: &dyn Fn(u64)) -> (Run, Option<Recorder>) {
        for (index, event) in self.scenario.faults.iter().enumerate() {
            self.queue.push(event.at_ns, Happening::Fault(index as u32));
            self.recoveries += usize::from(matches!(event.fault, Fault::Recover { .. }));
        }
        for process in 0..self.processes.len() as u32 {
            let draw = self.word(ProcessId(process));
            self.step(ProcessId(process), Input::Start { draw });
        }
        for client in 0..self.traffic.clients {
            self.plan_next(client);
        }
        let each = limits.steps_each.saturating_mul(self.processes.len() as u64);
        let mut cut_off = None;
        while self.broken.is_none() && (self.desk.is_busy() || (self.recoveries > 0 && self.desk.is_waiting())) {
            let Some((at_ns, happening)) = self.queue.pop() else { break };
            let steps = limits.steps.saturating_add(each.saturating_mul(self.desk.ended()));
            let reason = match () {
                () if is_stopped() => Some(CutOff::Request),
                () if self.counts.steps >= steps => Some(CutOff::Steps),
                () if at_ns > limits.until_ns => Some(CutOff::Time),
                () => None,
            };
            if reason.is_some() {
                cut_off = reason;
                break;
            }
            self.now_ns = at_ns;
            self.counts.steps += 1;
            if self.counts.steps.is_multiple_of(STEPS_TOLD) {
                told(self.counts.operations());
            }
            match happening {
                Happening::Arrival(place) => self.arrive(place),
                Happening::Timer(process, timer) => self.ring(ProcessId(process), TimerId(timer)),
                Happening::Next(client) => self.start_next(client),
                Happening::Fault(index) => self.fault(&self.scenario.faults[index as usize].fault),
            }
        }
        self.counts.end_ns = self.now_ns;
        if cut_off.is_none() {
            self.rest();
        }
        let (history, open, not_started) = self.desk.finish();
        self.counts.interrupted += open;
        self.counts.not_started = not_started;
        let run = Run {
            seed: self.seed,
            trace: self.trace.value(),
            history,
            counts: self.counts,
            broken: self.broken,
            cut_off,
            fates: self.fates.unwrap_or_default(),
        };
        (run, self.drawn)
    }

    fn draws(&mut self, process: ProcessId, what: impl FnOnce() -> Option<Happened>) {
        if let Some(drawn) = &mut self.drawn
            && let Some(what) = what()
        {
            drawn.happened(process, self.now_ns, what);
        }
    }

    pub(super) fn arrive(&mut self, place: u32) {
        let Some(Letter { from, to, message, number }) = self.mail.take(place) else { return };
        let role = message.role();
        let has_arrived = self.processes[to.index()].is_up && !self.network.is_cut(from, to, role);
        if let Some(drawn) = &mut self.drawn {
            drawn.ended(number, self.now_ns, has_arrived);
        }
        if !has_arrived {
            self.counts.messages_dropped += 1;
            return;
        }
        self.counts.arrived(to, role);
        self.step(to, Input::Message { from, message });
    }

    pub(super) fn ring(&mut self, process: ProcessId, timer: TimerId) {
        match self.processes[process.index()].ring(timer, self.now_ns) {
            Ring::Never => {}
            Ring::Later(at_ns) => self.queue.push(at_ns, Happening::Timer(process.0, timer.0)),
            Ring::Due => {
                self.counts.timers += 1;
                self.draws(process, || Some(Happened::Timer));
                let draw = self.word(process);
                self.step(process, Input::Timer { timer, draw });
            }
        }
    }

    /// A random word for the next input of a process.
    pub(super) fn word(&mut self, process: ProcessId) -> u64 {
        let words = &mut self.processes[process.index()].words;
        *words += 1;
        Random::new(self.seed, Purpose::Input, process.0, *words).word()
    }

    /// Hands an input to a machine and does what it asks for.
    pub(super) fn step(&mut self, process: ProcessId, input: Input<P::Message, P::Record>) {
        self.trace.put(&(self.now_ns, process, &input));
        let clock_ns = self.processes[process.index()].clock_ns(self.now_ns);
        let mut out = std::mem::take(&mut self.out);
        match process.index().checked_sub(self.replicas.len()) {
            None => self.replicas[process.index()].step(clock_ns, input, &mut out),
            Some(client) => self.clients[client].step(clock_ns, input, &mut out),
        }
        let mut has_stored = false;
        for output in out.drain() {
            match output {
                Output::Send { to, message } => {
                    has_stored |= matches!(message.role(), Role::Store | Role::Request);
                    self.send(process, to, message);
                }
                Output::SetTimer { timer, after_ns } => {
                    if let Some(at_ns) = self.processes[process.index()].set_timer(timer, self.now_ns, after_ns) {
                        self.queue.push(at_ns, Happening::Timer(process.0, timer.0));
                    }
                }
                Output::CancelTimer { timer } => self.processes[process.index()].cancel_timer(timer),
                Output::Complete { outcome } => self.complete(process, outcome),
                Output::Persist { slot, record } => self.processes[process.index()].disk.put(slot, record),
                Output::Count { event } => *self.counts.events.entry(event).or_default() += 1,
                Output::Tell { fact } => {
                    self.draws(process, || Happened::of(&fact));
                    let broken = self.watch.as_mut().and_then(|watch| watch.told(process, &fact));
                    self.breaks(process, broken);
                }
            }
        }
        self.out = out;
        if has_stored {
            self.tear(process);
        }
    }

    fn breaks(&mut self, process: ProcessId, broken: Option<Broken>) {
        if let Some(broken) = broken.filter(|_| self.broken.is_none()) {
            self.draws(process, || Some(Happened::Breaks(broken.invariant.name().to_owned())));
            self.broken = Some(broken);
        }
    }

    /// Takes down that a message is sent; the number that it has.
    fn departs(&mut self, (from, to): (ProcessId, ProcessId), message: &P::Message) -> u64 {
        let (replicas, sent_ns) = (self.replicas.len(), self.now_ns);
        let Some(drawn) = &mut self.drawn else { return 0 };
        let details = message.details(&|process| numbered(process, replicas));
        let name = message.name();
        drawn.sent(Flight { from, to, sent_ns, ends_ns: None, has_arrived: false, name, details })
    }

    fn send(&mut self, from: ProcessId, to: ProcessId, message: P::Message) {
        self.counts.messages_sent += 1;
        let number = if to.index() < self.processes.len() { self.departs((from, to), &message) } else { 0 };
        let sender = &mut self.processes[from.index()];
        sender.sent += 1;
        let role = message.role();
        if to.index() >= self.processes.len() || self.is_kept_back((from, to), role) {
            return self.loses(number);
        }
        let sent = self.processes[from.index()].sent;
        if self.network.is_cut(from, to, role) {
            return self.loses(number);
        }
        let fate = self.network.fate(Route { from, number: sent, to, role });
        if let Some(fates) = &mut self.fates {
            fates.insert((from, sent), fate);
        }
        self.counts.messages_duplicated += u64::from(fate.first_ns.is_some() && fate.second_ns.is_some());
        if fate.first_ns.is_none() && fate.second_ns.is_none() {
            self.loses(number);
        }
        if let Some(delay_ns) = fate.second_ns {
            // A copy is an arrow of its own.
            let number = if fate.first_ns.is_some() { self.departs((from, to), &message) } else { number };
            self.post(delay_ns, Letter { from, to, message: message.clone(), number });
        }
        if let Some(delay_ns) = fate.first_ns {
            self.post(delay_ns, Letter { from, to, message, number });
        }
    }

    fn post(&mut self, delay_ns: u64, letter: Letter<P::Message>) {
        let number = letter.number;
        match self.mail.keep(letter) {
            Some(place) => self.queue.push(self.now_ns.saturating_add(delay_ns), Happening::Arrival(place)),
            None => self.loses(number),
        }
    }

    fn loses(&mut self, number: u64) {
        self.counts.messages_lost += 1;
        if let Some(drawn) = &mut self.drawn {
            drawn.ended(number, self.now_ns, false);
        }
    }

    /// Whether a write is torn, and this part of it goes nowhere.
    fn is_kept_back(&self, (from, to): (ProcessId, ProcessId), role: Role) -> bool {
        if !matches!(role, Role::Store | Role::Request) {
            return false;
        }
        let client = from.index().checked_sub(self.replicas.len());
        client.is_some_and(|client| {
            self.torn[client].is_some_and(|reaches| self.desk.is_writing(client) && !reaches.contains(to))
        })
    }

    /// A client whose write was to be torn has sent it: it crashes.
    fn tear(&mut self, process: ProcessId) {
        let Some(client) = process.index().checked_sub(self.replicas.len()) else { return };
        if self.torn[client].is_some() && self.desk.is_writing(client) {
            self.torn[client] = None;
            self.crash(process);
        }
    }

    fn complete(&mut self, process: ProcessId, outcome: Outcome) {
        let Some(client) = process.index().checked_sub(self.replicas.len()) else { return };
        self.draws(process, || Some(Happened::Returns(outcome)));
        let broken = self.watch.as_mut().and_then(|watch| watch.ended(process, outcome));
        self.breaks(process, broken);
        if self.probing[client] {
            return self.probed(client, outcome);
        }
        if let Some((kind, latency_ns)) = self.desk.end(client, outcome, self.now_ns) {
            self.counts.ended(kind, outcome, latency_ns);
            self.plan_next(client as u32);
        }
    }

    /// Sets the time of a client's next operation, if it has one.
    fn plan_next(&mut self, client: u32) {
        let pause = self.traffic.pause(self.seed, client, self.desk.number(client as usize));
        if let Some(at_ns) = self.desk.plan(client as usize, self.now_ns, pause) {
            self.queue.push(at_ns, Happening::Next(client));
        }
    }

    fn start_next(&mut self, client: u32) {
        let process = ProcessId((self.replicas.len() + client as usize) as u32);
        if !self.processes[process.index()].is_up || !self.desk.is_due(client as usize, self.now_ns) {
            return;
        }
        let number = self.desk.number(client as usize);
        let task = self.traffic.task(self.seed, client, number, self.protocol.is_single_writer());
        let operation = self.desk.start(client as usize, task.operation, self.now_ns);
        self.draws(process, || Some(Happened::Calls(operation)));
        self.step(process, Input::Call { operation, draw: task.draw });
    }

    fn fault(&mut self, fault: &'a Fault) {
        match fault {
            Fault::Crash { processes } => processes.iter().for_each(|process| self.crash(process)),
            Fault::Recover { processes, disk } => {
                self.recoveries -= 1;
                processes.iter().for_each(|process| self.recover(process, *disk));
            }
            Fault::Clock { processes, ahead_ns, rate } => {
                for process in processes.iter() {
                    self.processes[process.index()].set_clock(self.now_ns, *ahead_ns, *rate);
                }
            }
            Fault::TornWrite { client, reaches } => {
                if let Some(torn) =
                    client.index().checked_sub(self.replicas.len()).and_then(|client| self.torn.get_mut(client))
                {
                    *torn = Some(reaches);
                }
            }
            _ => self.network.change(fault),
        }
    }

    fn crash(&mut self, process: ProcessId) {
        let state = &mut self.processes[process.index()];
        if !std::mem::replace(&mut state.is_up, false) {
            return;
        }
        state.cancel_all();
        self.draws(process, || Some(Happened::Crash));
        if let Some(watch) = &mut self.watch {
            watch.crashed(process);
        }
        match process.index().checked_sub(self.replicas.len()) {
            None => self.replicas[process.index()] = self.protocol.replica(process),
            Some(client) => {
                self.clients[client] = self.protocol.client(process);
                self.counts.interrupted += u64::from(self.desk.crash(client));
            }
        }
    }

    pub(super) fn recover(&mut self, process: ProcessId, has_disk: bool) {
        if let Some(torn) =
            process.index().checked_sub(self.replicas.len()).and_then(|client| self.torn.get_mut(client))
        {
            *torn = None;
        }
        let state = &mut self.processes[process.index()];
        if std::mem::replace(&mut state.is_up, true) {
            return;
        }
        if !has_disk {
            state.disk = Disk::default();
        }
        let disk = state.disk.clone();
        self.draws(process, || Some(Happened::Restart));
        if let Some(watch) = &mut self.watch {
            watch.restarts(process);
        }
        let draw = self.word(process);
        self.step(process, Input::Restart { disk, draw });
        if let Some(client) = process.index().checked_sub(self.replicas.len()) {
            self.desk.recover(client);
            self.plan_next(client as u32);
        }
    }
}
