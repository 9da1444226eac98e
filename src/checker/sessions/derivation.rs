//! Why a few operations cannot be put in an order, step by step.

use super::operations::{INITIAL, Operation, Sessions};
use super::relations::previous;
use crate::checker::explain::named;
use crate::checker::model::Model;
use crate::checker::precedence::NONE;
use crate::history::{History, Value};

/// Operations that an explanation is about at most.
const OPERATIONS_MAX: usize = 64;

/// Why an operation must precede another one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reason {
    /// Its process did it first.
    Session,
    /// Its value was returned.
    Returned,
    /// It returned the initial value, which the other one overwrites.
    Initial,
    /// It precedes this read of the other one's value by these steps.
    BeforeRead(u32, Vec<usize>),
    /// It returned the value of this write, which precedes the other one by these steps.
    Overwritten(u32, Vec<usize>),
}

#[derive(Debug)]
struct Derived {
    from: u32,
    to: u32,
    reason: Reason,
}

/// What follows from what, for few operations.
struct Derivation<'a> {
    sessions: &'a Sessions,
    steps: Vec<Derived>,
}

/// How operations are named.
pub(in crate::checker) struct Names<'a> {
    pub(in crate::checker) history: &'a History,
    pub(in crate::checker) sessions: &'a Sessions,
}

impl Names<'_> {
    /// `the write of 17 to x (line 4)`.
    pub(in crate::checker) fn operation(&self, op: &Operation) -> String {
        let register = &self.history.registers()[self.sessions.registers[op.register as usize] as usize];
        let key = register.key().filter(|_| self.sessions.registers.len() > 1);
        named(register, &op.action, op.line, key.map(shown).as_deref())
    }

    fn of(&self, op: u32) -> String {
        self.operation(&self.sessions.ops[op as usize])
    }

    pub(in crate::checker) fn process(&self, process: u32) -> String {
        shown(&self.history.processes()[process as usize])
    }
}

/// A key or a process without the quotes of a string.
fn shown(value: &Value) -> String {
    value.text().unwrap_or_else(|| value.to_string())
}

/// The steps by which an operation would have to precede itself, in words: for a process, or with none, in one order for
/// all. Absent if the rules do not say so.
pub(in crate::checker) fn derived(names: &Names<'_>, model: Model, process: Option<u32>) -> Option<String> {
    let sessions = names.sessions;
    if sessions.ops.len() > OPERATIONS_MAX || !sessions.has_sources() {
        return None;
    }
    let mut derivation = Derivation { sessions, steps: Vec::new() };
    let circle = derivation.run(model, process)?;
    let mut told = Vec::new();
    for step in &circle {
        derivation.tell(*step, &mut told);
    }
    let sentences: Vec<String> = told.iter().map(|step| derivation.sentence(names, *step)).collect();
    let mut around: Vec<String> = circle.iter().map(|step| names.of(derivation.steps[*step].from)).collect();
    around.push(around.first()?.clone());
    let chain = around.join(" before ");
    Some(format!("{}. That is a circle: {chain}.", sentences.join("; ")))
}

impl Derivation<'_> {
    /// The steps of a circle.
    fn run(&mut self, model: Model, process: Option<u32>) -> Option<Vec<usize>> {
        let is_seen = |op: &Operation| process.is_none_or(|process| op.process == process);
        let is_followed = |op: &Operation| match model {
            Model::ReadYourWrites | Model::MonotonicReads => is_seen(op),
            Model::MonotonicWrites => op.is_write() || is_seen(op),
            _ => true,
        };
        for (position, (op, before)) in self.sessions.ops.iter().zip(previous(self.sessions, model)).enumerate() {
            if before != NONE && is_followed(op) {
                self.steps.push(Derived { from: before, to: position as u32, reason: Reason::Session });
            }
            if let Some(writer) = op.writer().filter(|_| is_followed(op)) {
                self.steps.push(Derived { from: writer, to: position as u32, reason: Reason::Returned });
            }
        }
        let reads: Vec<u32> = (0..self.sessions.ops.len() as u32)
            .filter(|op| self.sessions.ops[*op as usize].is_read() && is_seen(&self.sessions.ops[*op as usize]))
            .collect();
        loop {
            let ops = 0..self.sessions.ops.len() as u32;
            if let Some(circle) = ops.filter_map(|op| self.path(op, op)).min_by_key(Vec::len) {
                return Some(circle);
            }
            let before = self.steps.len();
            for &read in &reads {
                self.follow(read);
            }
            if self.steps.len() == before {
                return None;
            }
        }
    }

    /// What a read says about the other writes of its register.
    fn follow(&mut self, read: u32) {
        let op = &self.sessions.ops[read as usize];
        for other in 0..self.sessions.ops.len() as u32 {
            let rival = &self.sessions.ops[other as usize];
            if !rival.is_write() || rival.register != op.register || op.source == other {
                continue;
            }
            let reason = match op.writer() {
                None if op.source == INITIAL && self.path(read, other).is_none() => {
                    Some((read, other, Reason::Initial))
                }
                None => None,
                Some(source) => {
                    let before = self.path(other, read).filter(|_| self.path(other, source).is_none());
                    let after = || self.path(source, other).filter(|_| self.path(read, other).is_none());
                    let before = before.map(|steps| (other, source, Reason::BeforeRead(read, steps)));
                    before.or_else(|| after().map(|steps| (read, other, Reason::Overwritten(source, steps))))
                }
            };
            if let Some((from, to, reason)) = reason {
                self.steps.push(Derived { from, to, reason });
            }
        }
    }

    /// The fewest steps from one operation to another, at least one.
    fn path(&self, from: u32, to: u32) -> Option<Vec<usize>> {
        let mut came_by = vec![usize::MAX; self.sessions.ops.len()];
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(op) = queue.pop_front() {
            for (number, step) in self.steps.iter().enumerate().filter(|(_, step)| step.from == op) {
                if came_by[step.to as usize] != usize::MAX {
                    continue;
                }
                came_by[step.to as usize] = number;
                if step.to == to {
                    let mut steps = vec![number];
                    while self.steps[steps[steps.len() - 1]].from != from {
                        steps.push(came_by[self.steps[steps[steps.len() - 1]].from as usize]);
                    }
                    steps.reverse();
                    return Some(steps);
                }
                queue.push_back(step.to);
            }
        }
        None
    }

    /// A step, after those that it follows from.
    fn tell(&self, step: usize, told: &mut Vec<usize>) {
        if let Reason::BeforeRead(_, steps) | Reason::Overwritten(_, steps) = &self.steps[step].reason {
            steps.iter().for_each(|step| self.tell(*step, told));
        }
        if !told.contains(&step) {
            told.push(step);
        }
    }

    fn sentence(&self, names: &Names<'_>, step: usize) -> String {
        let Derived { from, to, reason } = &self.steps[step];
        let (first, second) = (names.of(*from), names.of(*to));
        match reason {
            Reason::Session => {
                let process = names.process(self.sessions.ops[*from as usize].process);
                format!("process {process} did {first} before {second}")
            }
            Reason::Returned => format!("{first} comes before {second}, which returned it"),
            Reason::Initial => format!("{first} found the initial value, so it comes before {second}"),
            Reason::BeforeRead(read, _) => {
                format!(
                    "{first} comes before {}, which returned another value, so it comes before {second}",
                    names.of(*read)
                )
            }
            Reason::Overwritten(write, _) => {
                format!("{} comes before {second}, so {first}, which returned it, does too", names.of(*write))
            }
        }
    }
}
