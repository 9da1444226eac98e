//! Small scopes, exhausted: every order of every message, with loss, repetition and one crash.
//!
//! Messages that were sent stay in the network for ever. One that is never delivered is lost, one that is delivered
//! again is repeated, and any order is possible, so that nothing has to be said about these three. A retry sends what is
//! in the network already, and is left out. What can change nothing any more is taken out of the network: answers that
//! their client ignores, and requests that a replica would only answer with such.

use std::collections::BTreeSet;

use quorate::checker::{self, check};
use quorate::families::Family;
use quorate::history::{Builder, Operation as Recorded, Value};
use quorate::protocol::register::{Client, Guarantee, Patience, RegisterMessage, RegisterRecord, Registers, Replica};
use quorate::protocol::{Disk, Input, Key, Machine, Operation, Outcome, Output, Outputs, Pick, ProcessId, Protocol};
use stateright::{Checker, Model, Property};

const KEY: Key = Key(0);

/// A register, and what each of its clients does in turn; `None` is a read.
struct Scope {
    registers: Registers,
    tasks: Vec<Vec<Option<u64>>>,
    crashes: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    replicas: Vec<Replica>,
    disks: Vec<Disk<RegisterRecord>>,
    is_up: Vec<bool>,
    crashes: usize,
    clients: Vec<Client>,
    /// Operations that each client has started, and whether the last one is over.
    started: Vec<(usize, bool)>,
    network: BTreeSet<(ProcessId, ProcessId, RegisterMessage)>,
    /// Who started or ended an operation, in order.
    events: Vec<(usize, Option<Outcome>)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Action {
    Deliver(ProcessId, ProcessId, RegisterMessage),
    Call(usize),
    Crash(usize),
    Recover(usize),
}

impl Scope {
    fn new(guarantee: Guarantee, tasks: &[&[Option<u64>]]) -> Self {
        let system = Family::Majority { n: 3 }.system().unwrap();
        let registers = Registers::new(&system, guarantee, &Pick::All, Patience::default());
        Scope { registers, tasks: tasks.iter().map(|tasks| tasks.to_vec()).collect(), crashes: 1 }
    }

    /// Carries out what a machine asks for.
    fn apply(&self, state: &mut State, from: ProcessId, out: &mut Outputs<RegisterMessage, RegisterRecord>) {
        for output in out.drain() {
            match output {
                Output::Send { to, message } => {
                    state.network.insert((from, to, message));
                }
                Output::Complete { outcome } => {
                    let client = from.index() - state.replicas.len();
                    state.started[client].1 = true;
                    state.events.push((client, Some(outcome)));
                }
                Output::Persist { slot, record } => {
                    if let Some(disk) = state.disks.get_mut(from.index()) {
                        disk.put(slot, record);
                    }
                }
                Output::SetTimer { .. } | Output::CancelTimer { .. } | Output::Count { .. } | Output::Tell { .. } => {}
            }
        }
    }

    fn step(&self, state: &mut State, process: ProcessId, input: Input<RegisterMessage, RegisterRecord>) {
        let mut out = Outputs::default();
        match process.index().checked_sub(state.replicas.len()) {
            None => state.replicas[process.index()].step(0, input, &mut out),
            Some(client) => state.clients[client].step(0, input, &mut out),
        }
        self.apply(state, process, &mut out);
    }

    /// Whether a message can change nothing, now or later: within a round clients only ever note more answers, and
    /// replicas only ever hold newer versions.
    fn is_idle(&self, state: &State, (from, to, message): (ProcessId, ProcessId, RegisterMessage)) -> bool {
        let mut out = Outputs::default();
        let input = Input::Message { from, message };
        match to.index().checked_sub(state.replicas.len()) {
            Some(client) => {
                let mut machine = state.clients[client].clone();
                machine.step(0, input, &mut out);
                machine == state.clients[client]
            }
            None => {
                let mut machine = state.replicas[to.index()].clone();
                machine.step(0, input, &mut out);
                let is_idle_answer = |output: &Output<RegisterMessage, RegisterRecord>| match output {
                    Output::Send { to: client, message } => self.is_idle(state, (to, *client, *message)),
                    _ => false,
                };
                machine == state.replicas[to.index()] && out.as_slice().iter().all(is_idle_answer)
            }
        }
    }

    fn forget_idle_messages(&self, state: &mut State) {
        let network = std::mem::take(&mut state.network);
        state.network = network.iter().copied().filter(|message| !self.is_idle(state, *message)).collect();
    }
}

impl Model for Scope {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let replicas = self.registers.replicas();
        let id = |index: usize| ProcessId(index as u32);
        let clients = self.tasks.len();
        vec![State {
            replicas: (0..replicas).map(|index| self.registers.replica(id(index))).collect(),
            disks: vec![Disk::default(); replicas],
            is_up: vec![true; replicas],
            crashes: 0,
            clients: (0..clients).map(|index| self.registers.client(id(replicas + index))).collect(),
            started: vec![(0, true); clients],
            network: BTreeSet::new(),
            events: Vec::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let is_up = |process: ProcessId| state.is_up.get(process.index()).copied().unwrap_or(true);
        let arriving = state.network.iter().filter(|(_, to, _)| is_up(*to));
        actions.extend(arriving.map(|(from, to, message)| Action::Deliver(*from, *to, *message)));
        for (client, (started, is_over)) in state.started.iter().enumerate() {
            if *is_over && *started < self.tasks[client].len() {
                actions.push(Action::Call(client));
            }
        }
        for (replica, is_up) in state.is_up.iter().enumerate() {
            if !is_up {
                actions.push(Action::Recover(replica));
            } else if state.crashes < self.crashes {
                actions.push(Action::Crash(replica));
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Deliver(from, to, message) => self.step(&mut state, to, Input::Message { from, message }),
            Action::Call(client) => {
                let task = self.tasks[client][state.started[client].0];
                let operation = match task {
                    None => Operation::Read { key: KEY },
                    Some(value) => Operation::Write { key: KEY, value },
                };
                state.started[client] = (state.started[client].0 + 1, false);
                state.events.push((client, None));
                let process = ProcessId((state.replicas.len() + client) as u32);
                self.step(&mut state, process, Input::Call { operation, draw: 0 });
            }
            Action::Crash(replica) => {
                state.crashes += 1;
                state.is_up[replica] = false;
                state.replicas[replica] = self.registers.replica(ProcessId(replica as u32));
            }
            Action::Recover(replica) => {
                state.is_up[replica] = true;
                let disk = state.disks[replica].clone();
                self.step(&mut state, ProcessId(replica as u32), Input::Restart { disk, draw: 0 });
            }
        }
        self.forget_idle_messages(&mut state);
        // Repeated messages that change nothing are no steps.
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("atomic", |scope: &Scope, state: &State| is_atomic(scope, state)),
            Property::sometimes("all done", |scope: &Scope, state: &State| {
                let tasks = scope.tasks.iter().map(Vec::len);
                state.started.iter().zip(tasks).all(|((started, is_over), tasks)| *is_over && *started == tasks)
            }),
        ]
    }
}

/// Whether the history so far is atomic; only a read that has just returned can make it otherwise.
fn is_atomic(scope: &Scope, state: &State) -> bool {
    if !matches!(state.events.last(), Some((_, Some(Outcome::Read(_))))) {
        return true;
    }
    let mut builder = Builder::new();
    let mut numbers = vec![0; scope.tasks.len()];
    for (at, (client, outcome)) in state.events.iter().enumerate() {
        if outcome.is_some() {
            continue;
        }
        let end = state.events[at + 1..].iter().position(|(other, outcome)| other == client && outcome.is_some());
        let end = end.map(|after| at + 1 + after);
        let task = scope.tasks[*client][numbers[*client]];
        numbers[*client] += 1;
        let (process, start, stamp) = (*client as i64, at as i64, end.map(|end| end as i64));
        let operation = match (task, end.and_then(|end| state.events[end].1)) {
            (Some(value), _) => Recorded::write(process, Value::from(value), start, stamp),
            (None, Some(Outcome::Read(value))) => Recorded::read(process, Value::from(value), start, stamp),
            (None, _) => Recorded::read(process, Value::Null, start, None),
        };
        builder.push(&operation).expect("operations of a client follow each other");
    }
    check(&builder.finish(), &checker::Options::default()).atomic().holds()
}

/// Exhausts a scope: the number of states, if the register is atomic in all of them.
fn states(scope: Scope) -> usize {
    let checker = scope.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    checker.unique_state_count()
}

// The numbers of states are pinned: a change of the machines, or of what the network may do, shows here.

#[test]
fn a_writer_and_a_reader_that_reads_twice() {
    assert_eq!(states(Scope::new(Guarantee::AtomicSingleWriter, &[&[Some(1)], &[None, None]])), 276_060);
}

#[test]
fn a_writer_among_many_and_a_reader() {
    assert_eq!(states(Scope::new(Guarantee::Atomic, &[&[Some(1)], &[None]])), 160_085);
}

#[test]
fn two_writers_at_once() {
    let scope = Scope { crashes: 0, ..Scope::new(Guarantee::Atomic, &[&[Some(1)], &[Some(2)]]) };
    assert_eq!(states(scope), 70_387);
}

/// The exploration can fail: without a write-back it finds the second of two reads returning the older value.
#[test]
fn without_write_back_a_new_old_inversion_is_found() {
    let checker = Scope::new(Guarantee::Regular, &[&[Some(1)], &[None, None]]).checker().spawn_bfs().join();
    assert!(checker.discovery("atomic").is_some());
}
