//! Beside the protocols that need not end: a register, which always does.

use crate::families::Family;
use crate::protocol::register::{Client, Guarantee, Patience, RegisterMessage, Registers, Replica};
use crate::protocol::{Input, Key, Machine, Operation, Output, Outputs, Pick, ProcessId, Protocol};

/// A write and a read of the atomic register of Attiya, Bar-Noy and Dolev, under a scheduler that puts their ends off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterRun {
    /// Messages that were delivered until both operations had ended; absent: they had not when nothing was on its way any more.
    pub steps: Option<u64>,
    /// The most that any schedule can deliver: each of two phases of each operation asks every node, which answers.
    pub bound: u64,
    /// The same with one node that has crashed.
    pub steps_with_crash: Option<u64>,
}

type Outbox = Outputs<RegisterMessage, crate::protocol::register::RegisterRecord>;

struct Cluster {
    replicas: Vec<Replica>,
    clients: Vec<Client>,
    /// From, to, message; in the order of sending.
    buffer: Vec<(ProcessId, ProcessId, RegisterMessage)>,
    ended: Vec<bool>,
}

/// Operations: one client writes, the other one reads.
const CLIENTS: usize = 2;

/// Runs both operations over majorities of so many nodes.
pub(crate) fn run(nodes: usize) -> RegisterRun {
    let bound = (CLIENTS * 2 * 2 * nodes) as u64;
    RegisterRun { steps: ended_after(nodes, None), bound, steps_with_crash: ended_after(nodes, Some(nodes - 1)) }
}

fn ended_after(nodes: usize, crashed: Option<usize>) -> Option<u64> {
    let system = Family::Majority { n: nodes as u64 }.system().ok()?;
    // Timers never run out: nothing is asked twice.
    let registers = Registers::new(&system, Guarantee::Atomic, &Pick::All, Patience::default());
    let id = |index: usize| ProcessId(index as u32);
    let mut cluster = Cluster {
        replicas: (0..nodes).map(|index| registers.replica(id(index))).collect(),
        clients: (0..CLIENTS).map(|client| registers.client(id(nodes + client))).collect(),
        buffer: Vec::new(),
        ended: vec![false; CLIENTS],
    };
    let operations = [Operation::Write { key: Key(0), value: 1 }, Operation::Read { key: Key(0) }];
    for (client, operation) in operations.into_iter().enumerate() {
        cluster.step(id(nodes + client), Input::Call { operation, draw: 0 });
    }
    let mut steps = 0;
    while !cluster.ended.iter().all(|ended| *ended) {
        let position = cluster.least_useful(crashed)?;
        let (from, to, message) = cluster.buffer.remove(position);
        cluster.step(to, Input::Message { from, message });
        steps += 1;
    }
    Some(steps)
}

impl Cluster {
    fn step(&mut self, process: ProcessId, input: Input<RegisterMessage, crate::protocol::register::RegisterRecord>) {
        let mut out = Outbox::default();
        match process.index().checked_sub(self.replicas.len()) {
            None => self.replicas[process.index()].step(0, input, &mut out),
            Some(client) => self.clients[client].step(0, input, &mut out),
        }
        for output in out.drain() {
            match output {
                Output::Send { to, message } => self.buffer.push((process, to, message)),
                Output::Complete { .. } => self.ended[process.index() - self.replicas.len()] = true,
                _ => {}
            }
        }
    }

    /// The oldest message to a node, as those end nothing; else the oldest answer after which no client goes on; else the oldest.
    fn least_useful(&self, crashed: Option<usize>) -> Option<usize> {
        let may = |to: ProcessId| crashed != Some(to.index());
        let all = || self.buffer.iter().enumerate().filter(|(_, (_, to, _))| may(*to));
        let to_node = all().find(|(_, (_, to, _))| to.index() < self.replicas.len());
        let is_useless = |(from, to, message): &(ProcessId, ProcessId, RegisterMessage)| {
            let (mut client, mut out) = (self.clients[to.index() - self.replicas.len()].clone(), Outbox::default());
            client.step(0, Input::Message { from: *from, message: *message }, &mut out);
            out.as_slice().is_empty()
        };
        to_node.or_else(|| all().find(|(_, letter)| is_useless(letter))).or_else(|| all().next()).map(|(at, _)| at)
    }
}
