//! The checker against the definitions, by brute force over all orders of small histories.

use quorate::checker::{Finding, Model, OldRead, Options, Report, Rule, Verdict, Witness, check, is_enough};
use quorate::history::{Action, Builder, History, Operation, Value, write};
use rayon::prelude::*;

pub(crate) const INITIAL: i64 = 0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Read(i64),
    Write(i64),
    Cas(i64, i64),
}

impl Kind {
    pub(crate) fn action(self) -> Action<Value> {
        match self {
            Kind::Read(value) => Action::Read(Value::from(value)),
            Kind::Write(value) => Action::Write(Value::from(value)),
            Kind::Cas(from, to) => Action::Cas { expected: Value::from(from), new: Value::from(to) },
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Op {
    pub(crate) process: i64,
    pub(crate) kind: Kind,
    pub(crate) start: i64,
    pub(crate) end: Option<i64>,
}

impl Op {
    fn is_read(&self) -> bool {
        matches!(self.kind, Kind::Read(_))
    }
}

/// A small history, by the words of the definitions.
struct Oracle {
    ops: Vec<Op>,
    /// For each operation, those that precede it, as bits.
    before: Vec<u32>,
}

impl Oracle {
    /// Operations of one process stand in their order; reads that never returned say nothing.
    fn new(ops: &[Op]) -> Self {
        let ops: Vec<Op> = ops.iter().copied().filter(|op| !op.is_read() || op.end.is_some()).collect();
        let mut oracle = Oracle { before: vec![0; ops.len()], ops };
        for b in 0..oracle.ops.len() {
            for a in 0..oracle.ops.len() {
                oracle.before[b] |= u32::from(oracle.precedes(a, b)) << a;
            }
        }
        oracle
    }

    fn precedes(&self, a: usize, b: usize) -> bool {
        let (x, y) = (&self.ops[a], &self.ops[b]);
        x.end.is_some_and(|end| end < y.start || (end == y.start && x.process == y.process && a < b))
    }

    fn is_handed_over(&self) -> bool {
        (0..self.ops.len())
            .any(|a| (0..self.ops.len()).any(|b| self.precedes(a, b) && self.ops[a].end == Some(self.ops[b].start)))
    }

    fn completed(&self) -> u32 {
        (0..self.ops.len()).filter(|i| self.ops[*i].end.is_some()).map(|i| 1 << i).sum()
    }

    /// Some order of all completed operations and some pending ones in which each read returns one of the last k
    /// writes, and a compare-and-set finds the last one.
    fn is_k_atomic(&self, k: usize) -> bool {
        self.extend(0, &mut vec![INITIAL], k)
    }

    fn extend(&self, taken: u32, written: &mut Vec<i64>, k: usize) -> bool {
        if taken & self.completed() == self.completed() {
            return true;
        }
        for next in 0..self.ops.len() {
            if taken >> next & 1 == 1 || self.before[next] & !taken != 0 {
                continue;
            }
            let last = *written.last().unwrap();
            let (is_legal, new) = match self.ops[next].kind {
                Kind::Read(value) => (written.iter().rev().take(k).any(|other| *other == value), None),
                Kind::Write(value) => (true, Some(value)),
                Kind::Cas(from, to) => (last == from, Some(to)),
            };
            if !is_legal {
                continue;
            }
            written.extend(new);
            let found = self.extend(taken | 1 << next, written, k);
            if new.is_some() {
                written.pop();
            }
            if found {
                return true;
            }
        }
        false
    }

    /// All orders of the writes that extend what precedes what.
    fn write_orders(&self) -> Vec<Vec<usize>> {
        let writes: Vec<usize> = (0..self.ops.len()).filter(|i| !self.ops[*i].is_read()).collect();
        let mut orders = vec![vec![]];
        for _ in 0..writes.len() {
            orders = orders
                .into_iter()
                .flat_map(|order: Vec<usize>| {
                    let free = |w: &usize| {
                        !order.contains(w) && writes.iter().all(|v| order.contains(v) || !self.precedes(*v, *w))
                    };
                    let next: Vec<_> = writes.iter().copied().filter(free).collect();
                    next.into_iter().map(move |w| [&order[..], &[w]].concat()).collect::<Vec<_>>()
                })
                .collect();
        }
        orders
    }

    /// Whether the read fits somewhere into an order of the writes.
    fn fits(&self, read: usize, order: &[usize]) -> bool {
        let Kind::Read(value) = self.ops[read].kind else { unreachable!("asked for reads") };
        (0..=order.len()).any(|place| {
            let current = match place.checked_sub(1).map(|last| self.ops[order[last]].kind) {
                Some(Kind::Write(value)) => value,
                _ => INITIAL,
            };
            current == value
                && order[..place].iter().all(|w| !self.precedes(read, *w))
                && order[place..].iter().all(|w| !self.precedes(*w, read))
        })
    }

    fn reads(&self) -> Vec<usize> {
        (0..self.ops.len()).filter(|i| self.ops[*i].is_read()).collect()
    }

    /// The value that an operation writes.
    fn written(&self, op: usize) -> Option<i64> {
        match self.ops[op].kind {
            Kind::Write(value) | Kind::Cas(_, value) => Some(value),
            Kind::Read(_) => None,
        }
    }

    /// The stale reads with their ages: each write that the read may have returned, the initial one being before
    /// everything, was overwritten by one that ended before the read.
    fn stale_reads(&self) -> Vec<(usize, i64)> {
        let all = || 0..self.ops.len();
        let first_overwriter = |read: usize, write: Option<usize>| {
            let is_between = |other: &usize| {
                self.written(*other).is_some()
                    && write.is_none_or(|write| self.precedes(write, *other))
                    && self.precedes(*other, read)
            };
            all().filter(is_between).filter_map(|other| self.ops[other].end).min()
        };
        let age = |read: usize| {
            let Kind::Read(value) = self.ops[read].kind else { return None };
            let writes = all().filter(|write| self.written(*write) == Some(value) && !self.precedes(read, *write));
            let started = writes.filter(|write| self.ops[*write].start <= self.ops[read].end.unwrap_or(i64::MAX));
            let candidates = started.map(Some).chain((value == INITIAL).then_some(None));
            let overwritten: Option<Vec<i64>> = candidates.map(|write| first_overwriter(read, write)).collect();
            Some(self.ops[read].start - overwritten?.into_iter().max()?)
        };
        all().filter_map(|read| Some((read, age(read)?))).collect()
    }

    /// For unique values, the other reads that returned a value after a read had returned one whose write came later.
    fn inversions(&self, stale: &[(usize, i64)]) -> Vec<usize> {
        let write_of = |value: i64| (0..self.ops.len()).find(|op| self.written(*op) == Some(value));
        let is_inverted = |read: usize| {
            let Kind::Read(value) = self.ops[read].kind else { return false };
            let older = write_of(value);
            (older.is_some() || value == INITIAL)
                && self.reads().into_iter().any(|other| {
                    let Kind::Read(value) = self.ops[other].kind else { unreachable!("asked for reads") };
                    let is_later = |newer: usize| older.is_none_or(|older| self.precedes(older, newer));
                    self.precedes(other, read) && write_of(value).is_some_and(is_later)
                })
        };
        let is_stale = |read: &usize| stale.iter().any(|(other, _)| other == read);
        self.reads().into_iter().filter(|read| !is_stale(read) && is_inverted(*read)).collect()
    }

    /// The same once reads have started earlier: a read that has moved is no longer handed over to.
    fn moved(&self, delta: i64) -> Oracle {
        let shift = |op: &Op| Op { start: op.start - if op.is_read() { delta } else { 0 }, ..*op };
        let mut moved = Oracle { before: vec![0; self.ops.len()], ops: self.ops.iter().map(shift).collect() };
        for b in 0..self.ops.len() {
            for a in 0..self.ops.len() {
                let is_kept = self.precedes(a, b) && !(self.ops[b].is_read() && delta > 0);
                let is_before = is_kept || moved.ops[a].end.is_some_and(|end| end < moved.ops[b].start);
                moved.before[b] |= u32::from(is_before) << a;
            }
        }
        moved
    }

    fn is_alone(&self, read: usize) -> bool {
        (0..self.ops.len()).all(|w| self.ops[w].is_read() || self.precedes(w, read) || self.precedes(read, w))
    }
}

fn history(ops: &[Op]) -> History {
    let mut builder = Builder::new();
    for op in ops {
        let action = op.kind.action();
        let operation = Operation { process: op.process, key: None, action, start: op.start, end: op.end };
        builder.push(&operation).expect("the generator respects processes");
    }
    builder.finish()
}

/// Compares everything that the checker says with the definitions.
pub(crate) fn compare(ops: &[Op]) {
    let history = history(ops);
    let options = Options { initial: Some(Value::from(INITIAL)), linearization: true, ..Options::default() };
    let report = check(&history, &options);
    let outcome = std::panic::catch_unwind(|| verify(ops, &history, &report));
    assert!(outcome.is_ok(), "{report:#?}\n{}", write::json_lines(&history));
}

fn verify(ops: &[Op], history: &History, report: &Report) {
    let oracle = Oracle::new(ops);
    if oracle.completed() == 0 {
        let models = [report.safe(), report.regular(), report.atomic()];
        assert!(models.iter().all(|finding| finding.verdict == Verdict::Undecided), "nothing completed");
        return;
    }
    let verdict = |holds: bool| if holds { Verdict::Holds } else { Verdict::Violated };
    let is_atomic = oracle.is_k_atomic(1);
    assert_eq!(report.atomic().verdict, verdict(is_atomic), "atomic");
    let mut written: Vec<i64> = vec![INITIAL];
    written.extend(oracle.ops.iter().filter_map(|op| match op.kind {
        Kind::Write(value) | Kind::Cas(_, value) => Some(value),
        Kind::Read(_) => None,
    }));
    let count = written.len();
    written.sort_unstable();
    written.dedup();
    let is_unique = written.len() == count;
    let has_cas = ops.iter().any(|op| matches!(op.kind, Kind::Cas(..)));
    if !has_cas {
        let orders = oracle.write_orders();
        let is_legal = |read: usize| orders.iter().any(|order| oracle.fits(read, order));
        let reads = oracle.reads();
        assert_eq!(report.regular().verdict, verdict(reads.iter().all(|read| is_legal(*read))), "regular");
        let is_safe = reads.iter().all(|read| !oracle.is_alone(*read) || is_legal(*read));
        assert_eq!(report.safe().verdict, verdict(is_safe), "safe");
        if let Some(finding) = report.single_order().filter(|finding| finding.verdict != Verdict::NotApplicable) {
            let one = orders.iter().any(|order| reads.iter().all(|read| oracle.fits(*read, order)));
            assert_eq!(finding.verdict, verdict(one), "single order");
        }
        if is_unique {
            assert_ne!(report.single_order().map(|finding| finding.verdict), Some(Verdict::NotApplicable));
            staleness(&oracle, report);
        }
    }
    if !is_atomic {
        old_reads(ops, &oracle, report, is_unique && !has_cas);
    }
    witnesses(ops, history, report, is_unique && !has_cas);
    if is_atomic {
        let order = &report.linearization.as_ref().expect("asked for")[..];
        proof(ops, order.first().map_or(&[], |(_, order)| order));
        let text = write::linearization(history, &report.initial, order);
        let again = quorate::history::read(text.as_bytes(), None).expect("it was written by this program");
        assert!(check(&again, &Options::default()).atomic().holds(), "re-checked: {text}");
    }
}

fn staleness(oracle: &Oracle, report: &Report) {
    let smallest = (1..=oracle.ops.len() + 1).find(|k| oracle.is_k_atomic(*k)).map(|k| k as u64);
    let staleness = &report.staleness;
    assert!(staleness.k_lower <= smallest || smallest.is_none(), "k at least");
    assert_eq!(staleness.k_lower.is_none(), smallest.is_none(), "no k");
    assert!(staleness.k_upper.is_none() || staleness.k_upper >= smallest, "k at most");
    assert_eq!(staleness.k_upper.is_none(), smallest.is_none(), "k at most is known");
    assert_eq!(staleness.k_atomic(), smallest, "k");
    let latest = oracle.ops.iter().flat_map(|op| [Some(op.start), op.end]).flatten().max().unwrap_or(0);
    let delta = (0..=latest + 1).find(|delta| oracle.moved(*delta).is_k_atomic(1));
    assert_eq!(staleness.delta, delta, "delta");
    assert_eq!(staleness.unmeasured.is_some(), smallest.is_none(), "a reason");
}

/// One meaning of stale reads and of inversions: that of the rules.
fn old_reads(ops: &[Op], oracle: &Oracle, report: &Report, is_unique: bool) {
    // The oracle has no reads that never returned.
    let told: Vec<usize> = (0..ops.len()).filter(|i| !ops[*i].is_read() || ops[*i].end.is_some()).collect();
    let stale = oracle.stale_reads();
    let found = report.staleness.stale_reads.as_ref().expect("there are few operations");
    let expected: Vec<(usize, i64)> = stale.iter().map(|(read, age)| (told[*read], *age)).collect();
    assert_eq!(found.iter().map(|read| (read.entry, read.age)).collect::<Vec<_>>(), expected, "stale reads");
    let inversions = report.staleness.inversions.as_ref();
    if is_unique {
        let expected: Vec<usize> = oracle.inversions(&stale).into_iter().map(|read| told[read]).collect();
        let found: Vec<usize> = inversions.expect("values are unique").iter().map(|read| read.entry).collect();
        assert_eq!(found, expected, "inversions");
    }
    for model in [Model::Safe, Model::Regular, Model::Atomic] {
        let Some(witness) = &report.model(model).witness else { continue };
        let entries: Vec<usize> = witness.operations.iter().map(|place| place.entry).collect();
        let listed = match witness.rule {
            Rule::Stale => &report.staleness.stale_reads,
            Rule::Inversion => &report.staleness.inversions,
            _ => continue,
        };
        let is_listed = |reads: &Vec<OldRead>| reads.iter().any(|read| entries.contains(&read.entry));
        assert!(listed.as_ref().is_none_or(is_listed), "{model:?}: the list lacks what the witness names");
        assert!(is_unique <= listed.is_some());
    }
}

/// Witnesses break their rule by themselves, by the definitions, and are short or as short as they can be.
fn witnesses(ops: &[Op], history: &History, report: &Report, is_unique: bool) {
    let models = [Model::Safe, Model::Regular, Model::Atomic];
    let findings = models.iter().map(|model| (Some(*model), report.model(*model)));
    for (model, finding) in findings.chain(report.single_order().map(|finding| (None, finding))) {
        assert_eq!(finding.witness.is_some(), finding.verdict == Verdict::Violated);
        let Finding { witness: Some(witness), .. } = finding else { continue };
        let is_proof = model.is_none_or(|model| is_enough(history, witness, model, &report.initial));
        assert!(is_proof, "{model:?} is not broken by its witness");
        let alone: Vec<Op> = witness.operations.iter().map(|place| ops[place.entry]).collect();
        assert!(!is_allowed(&alone, model), "{model:?} is not broken by its witness: {witness:?}");
        short(&alone, model, witness, is_unique);
        assert!(!witness.explanation.is_empty());
    }
}

/// At most six operations where values are unique and nothing is handed over at one instant; elsewhere none that
/// could be left out, but for writes of a value that is asked for.
fn short(alone: &[Op], model: Option<Model>, witness: &Witness, is_unique: bool) {
    if alone.len() <= 6 {
        return;
    }
    let is_handed_over = Oracle::new(alone).is_handed_over();
    assert!(!is_unique || is_handed_over, "{model:?} needs a shorter witness: {witness:?}");
    assert!(witness.explanation.contains("can be left out"), "{witness:?}");
    for left_out in 0..alone.len() {
        let rest = [&alone[..left_out], &alone[left_out + 1..]].concat();
        let is_asked_for = rest.iter().any(|op| match (op.kind, alone[left_out].kind) {
            (Kind::Read(value) | Kind::Cas(value, _), Kind::Write(new) | Kind::Cas(_, new)) => value == new,
            _ => false,
        });
        assert!(is_asked_for || is_allowed(&rest, model), "operation {left_out} is not needed: {witness:?}");
    }
}

/// Whether a history is allowed; no model stands for a single order of the writes.
fn is_allowed(ops: &[Op], model: Option<Model>) -> bool {
    let oracle = Oracle::new(ops);
    let is_legal = |orders: &[Vec<usize>], read: usize| orders.iter().any(|order| oracle.fits(read, order));
    let reads = oracle.reads();
    match model {
        Some(Model::Atomic) => oracle.is_k_atomic(1),
        Some(Model::Regular) => reads.iter().all(|read| is_legal(&oracle.write_orders(), *read)),
        Some(Model::Safe) => {
            reads.iter().all(|read| !oracle.is_alone(*read) || is_legal(&oracle.write_orders(), *read))
        }
        None => oracle.write_orders().iter().any(|order| reads.iter().all(|read| oracle.fits(*read, order))),
        Some(other) => unreachable!("{other:?} is not asked here"),
    }
}

/// The order has every completed operation once, extends what precedes what, and explains every read.
fn proof(ops: &[Op], order: &[usize]) {
    let mut value = INITIAL;
    for (place, position) in order.iter().enumerate() {
        assert!(!order[..place].contains(position));
        match ops[*position].kind {
            Kind::Read(found) => assert_eq!(found, value),
            Kind::Write(new) => value = new,
            Kind::Cas(from, to) => {
                assert_eq!(from, value);
                value = to;
            }
        }
        for later in &order[place + 1..] {
            let (x, y) = (&ops[*later], &ops[*position]);
            let is_before = x
                .end
                .is_some_and(|end| end < y.start || (end == y.start && x.process == y.process && later < position));
            assert!(!is_before, "{later} precedes {position}");
        }
    }
    let missing = (0..ops.len()).find(|i| ops[*i].end.is_some() && !order.contains(i));
    assert_eq!(missing, None);
}

/// All histories of `count` operations, each of a process of its own, at instants up to `last`.
fn all(count: usize, last: i64) {
    let intervals: Vec<(i64, i64)> = (0..=last).flat_map(|start| (start..=last).map(move |end| (start, end))).collect();
    let mut choices: Vec<Vec<(i64, i64)>> = vec![vec![]];
    for _ in 0..count {
        let longer = |choice: &Vec<(i64, i64)>| {
            let from = choice.last().map_or(0, |last| intervals.iter().position(|other| other == last).unwrap_or(0));
            intervals[from..].iter().map(|interval| [&choice[..], &[*interval]].concat()).collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(longer).collect();
    }
    let kinds = count + 2;
    choices.par_iter().for_each(|choice| {
        for mut code in 0..kinds.pow(count as u32) {
            let mut op = |position: usize| {
                let kind = code % kinds;
                code /= kinds;
                let number = position as i64 + 1;
                let kind = if kind > count { Kind::Write(number) } else { Kind::Read(kind as i64) };
                Op { process: number, kind, start: choice[position].0, end: Some(choice[position].1) }
            };
            let ops: Vec<Op> = (0..count).map(&mut op).collect();
            compare(&ops);
        }
    });
}

#[test]
fn every_history_of_up_to_four_operations() {
    all(1, 1);
    all(2, 3);
    all(3, 3);
    all(4, 2);
    if std::env::var_os("QUORATE_EXHAUSTIVE").is_some() {
        all(4, 4);
        all(5, 2);
    }
}
