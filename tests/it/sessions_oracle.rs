//! Promises that leave real time out, against their definitions, by brute force over all orders of small histories.

use quorate::checker::{Model, Options, Report, Unanswered, Verdict, Witness, check, is_enough};
use quorate::history::{Builder, History, Operation, Value, write};
use rayon::prelude::*;

pub(crate) use crate::history_oracle::{INITIAL, Kind};

/// An operation; those of a process stand in their order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Op {
    pub(crate) process: usize,
    pub(crate) register: usize,
    pub(crate) kind: Kind,
    pub(crate) is_pending: bool,
}

impl Op {
    fn asked(&self) -> Option<i64> {
        match self.kind {
            Kind::Read(value) | Kind::Cas(value, _) => Some(value),
            Kind::Write(_) => None,
        }
    }

    fn written(&self) -> Option<i64> {
        match self.kind {
            Kind::Write(value) | Kind::Cas(_, value) => Some(value),
            Kind::Read(_) => None,
        }
    }

    fn is_read(&self) -> bool {
        self.written().is_none()
    }
}

const SESSIONS: [Model; 6] = [
    Model::Sequential,
    Model::Causal,
    Model::ReadYourWrites,
    Model::MonotonicReads,
    Model::MonotonicWrites,
    Model::WritesFollowReads,
];

/// A small history, by the words of the definitions.
struct Oracle {
    ops: Vec<Op>,
}

impl Oracle {
    /// A read that never returned says nothing, and a write that never returned counts if its value was read.
    fn new(ops: &[Op]) -> Oracle {
        let is_seen = |op: &Op| {
            let found = |other: &&Op| other.register == op.register && !other.is_pending;
            ops.iter().filter(found).any(|other| other.asked().is_some() && other.asked() == op.written())
        };
        Oracle { ops: ops.iter().copied().filter(|op| !op.is_pending || (!op.is_read() && is_seen(op))).collect() }
    }

    fn session_order(&self, a: usize, b: usize) -> bool {
        a < b && self.ops[a].process == self.ops[b].process && !self.ops[a].is_pending
    }

    /// The write that a read returned, where values are unique; absent for the initial value.
    fn source(&self, read: usize) -> Option<usize> {
        let (register, value) = (self.ops[read].register, self.ops[read].asked());
        (0..self.ops.len()).find(|other| {
            self.ops[*other].register == register && self.ops[*other].written() == value && value.is_some()
        })
    }

    /// Whether something found a value that nothing else wrote.
    fn has_orphan(&self) -> bool {
        (0..self.ops.len()).any(|at| {
            let op = &self.ops[at];
            let is_source = |other: &usize| {
                *other != at && self.ops[*other].register == op.register && self.ops[*other].written() == op.asked()
            };
            !op.is_pending
                && op.asked().is_some_and(|value| value != INITIAL)
                && !(0..self.ops.len()).any(|other| is_source(&other))
        })
    }

    fn has_cas(&self) -> bool {
        self.ops.iter().any(|op| matches!(op.kind, Kind::Cas(..)))
    }

    fn is_repeated(&self) -> bool {
        let mut written: Vec<(usize, i64)> =
            self.ops.iter().filter_map(|op| Some((op.register, op.written()?))).collect();
        let registers: std::collections::BTreeSet<usize> = self.ops.iter().map(|op| op.register).collect();
        written.extend(registers.into_iter().map(|register| (register, INITIAL)));
        let count = written.len();
        written.sort_unstable();
        written.dedup();
        written.len() < count
    }

    /// Whether these operations have an order that extends a relation and in which each finds the last write of its
    /// register; those that never returned may be left out.
    fn has_order(&self, of: &[usize], before: &dyn Fn(usize, usize) -> bool) -> bool {
        self.extend(of, before, &mut Vec::new(), &mut vec![INITIAL; 8])
    }

    fn extend(
        &self,
        of: &[usize],
        before: &dyn Fn(usize, usize) -> bool,
        order: &mut Vec<usize>,
        holds: &mut Vec<i64>,
    ) -> bool {
        let left = || of.iter().copied().filter(|op| !order.contains(op));
        if left().all(|op| self.ops[op].is_pending) {
            return true;
        }
        let ready: Vec<usize> = left().filter(|next| left().all(|other| !before(other, *next))).collect();
        for next in ready {
            let op = &self.ops[next];
            let held = holds[op.register];
            if op.asked().is_some_and(|asked| asked != held) {
                continue;
            }
            holds[op.register] = op.written().unwrap_or(held);
            order.push(next);
            let is_found = self.extend(of, before, order, holds);
            order.pop();
            holds[op.register] = held;
            if is_found {
                return true;
            }
        }
        false
    }

    /// Everything that may have caused something: the order of sessions, and from writes to their reads.
    fn causes(&self) -> Vec<Vec<bool>> {
        let all = || 0..self.ops.len();
        let is_returned = |a: usize, b: usize| self.ops[b].is_read() && self.source(b) == Some(a);
        let mut causes: Vec<Vec<bool>> =
            all().map(|a| all().map(|b| self.session_order(a, b) || is_returned(a, b)).collect()).collect();
        for middle in all() {
            for a in all() {
                for b in all() {
                    causes[a][b] |= causes[a][middle] && causes[middle][b];
                }
            }
        }
        causes
    }

    /// Whether a model is kept; absent where that is not asked.
    fn keeps(&self, model: Model) -> Option<bool> {
        let all: Vec<usize> = (0..self.ops.len()).collect();
        if self.has_orphan() {
            return Some(false);
        }
        if model == Model::Sequential {
            return Some(self.has_order(&all, &|a, b| self.session_order(a, b)));
        }
        if self.has_cas() || self.is_repeated() {
            return None;
        }
        let causes = self.causes();
        if model == Model::Causal && all.iter().any(|op| causes[*op][*op]) {
            return Some(false);
        }
        let is_read = |op: usize| self.ops[op].is_read();
        let has_view = |process: usize| {
            let own = |op: usize| self.ops[op].process == process;
            let seen: Vec<usize> = all.iter().copied().filter(|op| !is_read(*op) || own(*op)).collect();
            let before = |a: usize, b: usize| match model {
                Model::Causal => causes[a][b],
                Model::ReadYourWrites => own(a) && !is_read(a) && self.session_order(a, b),
                Model::MonotonicReads => is_read(a) && is_read(b) && self.session_order(a, b),
                Model::MonotonicWrites => is_read(a) == is_read(b) && self.session_order(a, b),
                _ if is_read(a) => is_read(b) && self.session_order(a, b),
                _ => {
                    let is_follower = |read: &usize| {
                        is_read(*read) && self.source(*read) == Some(a) && self.session_order(*read, b) && !is_read(b)
                    };
                    all.iter().any(is_follower)
                }
            };
            // A write must not come before itself.
            seen.iter().all(|op| !before(*op, *op)) && self.has_order(&seen, &before)
        };
        let mut processes: Vec<usize> = self.ops.iter().map(|op| op.process).collect();
        processes.sort_unstable();
        processes.dedup();
        Some(processes.into_iter().all(has_view))
    }
}

fn history(ops: &[Op]) -> History {
    let mut builder = Builder::new();
    for (at, op) in ops.iter().enumerate() {
        let action = op.kind.action();
        let key = Some(format!("k{}", op.register).into());
        let end = Some(2 * at as i64 + 1).filter(|_| !op.is_pending);
        let operation = Operation { process: op.process as i64, key, action, start: 2 * at as i64, end };
        builder.push(&operation).expect("processes do one thing at a time");
    }
    builder.finish()
}

/// Compares what the checker says with the definitions.
pub(crate) fn compare(ops: &[Op]) {
    let history = history(ops);
    let options = Options { initial: Some(Value::from(INITIAL)), models: Model::ALL.to_vec(), ..Options::default() };
    let report = check(&history, &options);
    let outcome = std::panic::catch_unwind(|| verify(ops, &history, &report));
    assert!(outcome.is_ok(), "{report:#?}\n{}", write::json_lines(&history));
}

fn verify(ops: &[Op], history: &History, report: &Report) {
    if ops.iter().all(|op| op.is_pending) {
        for model in SESSIONS {
            assert_eq!(report.model(model).unanswered, Some(Unanswered::NothingCompleted));
        }
        return;
    }
    let oracle = Oracle::new(ops);
    for model in SESSIONS {
        let finding = report.model(model);
        let expected = match oracle.keeps(model) {
            None => Verdict::NotApplicable,
            Some(true) => Verdict::Holds,
            Some(false) => Verdict::Violated,
        };
        assert_eq!(finding.verdict, expected, "{model:?}");
        assert_eq!(finding.witness.is_some(), expected == Verdict::Violated);
        if let Some(found) = &finding.witness {
            assert!(is_enough(history, found, model, &report.initial), "{model:?}: {found:?}");
            witness(ops, history, model, found);
        }
    }
    // What is stronger implies what is weaker.
    for stronger in Model::ALL {
        for weaker in SESSIONS.into_iter().filter(|weaker| stronger.is_stronger_than(*weaker)) {
            let is_excluded = report.model(weaker).verdict == Verdict::Violated;
            assert!(!(report.model(stronger).holds() && is_excluded), "{stronger:?} without {weaker:?}");
        }
    }
}

/// The operations of a witness break the model by themselves, and none of them can be left out.
fn witness(ops: &[Op], history: &History, model: Model, witness: &Witness) {
    // An operation stands on the line after its position.
    let kept: Vec<usize> = witness.lines.iter().map(|line| *line as usize - 1).collect();
    assert_eq!(witness.operations.len(), kept.len());
    for (place, at) in witness.operations.iter().zip(&kept) {
        assert_eq!(history.registers()[place.register].entries()[place.entry].line as usize, at + 1);
    }
    let alone = |kept: &[usize]| Oracle::new(&kept.iter().map(|at| ops[*at]).collect::<Vec<_>>()).keeps(model);
    assert_eq!(alone(&kept), Some(false), "{model:?} is not broken by its witness: {witness:?}");
    assert!(!witness.explanation.contains("budget"), "{witness:?}");
    if Oracle::new(ops).has_orphan() {
        return;
    }
    for left_out in &kept {
        let is_gone = |other: &usize| other == left_out;
        let needs = |at: usize, op: &Op| {
            ops[at].asked().is_some() && op.register == ops[at].register && op.written() == ops[at].asked()
        };
        let rest: Vec<usize> = kept.iter().copied().filter(|at| !is_gone(at) && !needs(*at, &ops[*left_out])).collect();
        // Of repeated values it may be that the rest needs what is gone.
        let is_unique = !Oracle::new(ops).has_cas() && !Oracle::new(ops).is_repeated();
        assert!(!is_unique || alone(&rest) != Some(false), "{model:?}: {left_out} is not needed: {witness:?}");
    }
}

/// All histories of some operations by two processes on so many registers, up to names.
fn all(count: usize, registers: usize) -> Vec<Vec<Op>> {
    let mut shapes: Vec<Vec<(usize, usize, u8)>> = vec![vec![]];
    for _ in 0..count {
        let longer = |shape: &Vec<(usize, usize, u8)>| {
            let processes = if shape.is_empty() { 1 } else { 2 };
            let registers = if shape.is_empty() { 1 } else { registers };
            let mut longer = Vec::new();
            for process in 0..processes {
                for register in 0..registers {
                    for kind in 0..3 {
                        longer.push([&shape[..], &[(process, register, kind)]].concat());
                    }
                }
            }
            longer
        };
        shapes = shapes.iter().flat_map(longer).collect();
    }
    shapes.iter().flat_map(|shape| with_values(shape)).collect()
}

/// Every choice of values: writes write their number, and reads return anything that is there, or what is not.
fn with_values(shape: &[(usize, usize, u8)]) -> Vec<Vec<Op>> {
    let mut histories: Vec<Vec<Op>> = vec![vec![]];
    for (at, &(process, register, kind)) in shape.iter().enumerate() {
        let values: Vec<i64> = match kind {
            0 => {
                let written = shape.iter().enumerate().filter(|(_, (_, other, kind))| *other == register && *kind > 0);
                [INITIAL, 99].into_iter().chain(written.map(|(at, _)| at as i64 + 1)).collect()
            }
            _ => vec![at as i64 + 1],
        };
        let op = |value: i64| Op {
            process,
            register,
            kind: if kind == 0 { Kind::Read(value) } else { Kind::Write(value) },
            is_pending: kind == 2,
        };
        let longer =
            |history: &Vec<Op>| values.iter().map(|value| [&history[..], &[op(*value)]].concat()).collect::<Vec<_>>();
        histories = histories.iter().flat_map(longer).collect();
    }
    histories
}

#[test]
fn every_history_of_four_operations() {
    for (count, registers) in [(1, 1), (2, 2), (3, 2), (4, 1), (4, 2)] {
        all(count, registers).par_iter().for_each(|ops| compare(ops));
    }
}
