//! Answers.

use std::fmt;

use crate::budget::Exhausted;
use crate::history::{History, Value};

/// What an execution of a register may be asked to be; each is stronger than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Model {
    /// A read that overlaps no write returns the last value written.
    Safe,
    /// Every read, taken alone, returns the last value written or one that is being written.
    Regular,
    /// All operations happen one at a time, each at an instant between its start and its end.
    #[default]
    Atomic,
}

impl Model {
    /// `safe`, `regular` or `atomic`.
    pub fn name(self) -> &'static str {
        match self {
            Model::Safe => "safe",
            Model::Regular => "regular",
            Model::Atomic => "atomic",
        }
    }
}

/// Whether a history is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is.
    Holds,
    /// It is not.
    Violated,
    /// Nothing completed, or the budget ended before that was known.
    Undecided,
    /// The question makes no sense for such a history.
    NotApplicable,
}

impl Verdict {
    /// As programs read it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Violated => "violated",
            Verdict::Undecided => "undecided",
            Verdict::NotApplicable => "not-applicable",
        }
    }

    /// What is true of two registers together.
    fn and(self, other: Verdict) -> Verdict {
        let rank = |verdict| match verdict {
            Verdict::Holds => 0,
            Verdict::NotApplicable => 1,
            Verdict::Undecided => 2,
            Verdict::Violated => 3,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

/// What a witness breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A read returned a value that nobody wrote.
    NeverWritten,
    /// A read returned a value before its write started.
    Future,
    /// A read returned a value that was overwritten before it started.
    Stale,
    /// A read returned an older value after another read had returned a newer one.
    Inversion,
    /// Of some values, each would have to come before the next, and the last one before the first.
    Cycle,
    /// Of the writes of some values, each would have to come before the next, and the last one before the first.
    WriteCycle,
    /// No order of the operations is allowed.
    NoOrder,
    /// An order that is given is not allowed at this point.
    Order,
}

impl Rule {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Rule::NeverWritten => "value never written",
            Rule::Future => "read from the future",
            Rule::Stale => "stale read",
            Rule::Inversion => "new-old inversion",
            Rule::Cycle => "no order of the values",
            Rule::WriteCycle => "no single order of the writes",
            Rule::NoOrder => "no order of the operations",
            Rule::Order => "order not allowed",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A few operations that break a rule by themselves, whatever else happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What they break.
    pub rule: Rule,
    /// The position of their register in the history.
    pub register: usize,
    /// Their positions in the register, ascending.
    pub entries: Vec<usize>,
    /// Their lines, ascending.
    pub lines: Vec<u32>,
    /// Why they cannot be, in words.
    pub explanation: String,
}

/// Why a question has neither a yes nor a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// No operation of the history returned, so nothing is proved.
    NothingCompleted,
    /// The budget ended.
    Budget(Exhausted),
    /// A register with compare-and-set is atomic or nothing.
    CompareAndSet,
    /// A value is written more than once, so it is open which write a read returned.
    RepeatedValues,
    /// Only one given order was looked at, and it proves nothing.
    OneOrder,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Yes, no, or neither.
    pub verdict: Verdict,
    /// Present iff the verdict is no.
    pub witness: Option<Witness>,
    /// Present iff the verdict is neither.
    pub unanswered: Option<Unanswered>,
}

impl Finding {
    pub(super) fn yes() -> Finding {
        Finding { verdict: Verdict::Holds, witness: None, unanswered: None }
    }

    pub(super) fn violated(witness: Witness) -> Finding {
        Finding { verdict: Verdict::Violated, witness: Some(witness), unanswered: None }
    }

    pub(super) fn unanswered(why: Unanswered) -> Finding {
        let verdict = match why {
            Unanswered::NothingCompleted | Unanswered::Budget(_) => Verdict::Undecided,
            Unanswered::CompareAndSet | Unanswered::RepeatedValues | Unanswered::OneOrder => Verdict::NotApplicable,
        };
        Finding { verdict, witness: None, unanswered: Some(why) }
    }

    /// Whether the answer is yes.
    pub fn holds(&self) -> bool {
        self.verdict == Verdict::Holds
    }

    /// The answer about two registers; of two witnesses, the first.
    fn and(self, other: Finding) -> Finding {
        if self.verdict.and(other.verdict) == self.verdict { self } else { other }
    }
}

/// A read that returned a value that was too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldRead {
    /// The position of its register in the history.
    pub register: usize,
    /// Its position in the register.
    pub entry: usize,
    /// Its line.
    pub line: u32,
    /// The time from the end of the first operation that made the value too old to the start of this read: of a write
    /// that overwrote the value, or of a read that returned a newer one.
    pub age: i64,
}

/// Why the versions or the time by which reads lag are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unmeasured {
    /// A value is written twice, or by compare-and-set, so it is open which write a read returned.
    Repeated,
    /// No operation returned.
    NothingCompleted,
    /// A read returned what nobody had written by then, which no number of versions and no time explains.
    NoVersion,
    /// Only one given order was looked at, and it proves nothing.
    OneOrder,
    /// The budget ended.
    Budget,
}

/// How old the values were that reads returned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Staleness {
    /// Every read returns one of the last k writes in some order: no smaller k is enough than this. Absent if no k is.
    pub k_lower: Option<u64>,
    /// For this k it is known to be true. Absent if unknown, or if no k is enough.
    pub k_upper: Option<u64>,
    /// The smallest D such that the history is atomic once reads have started D earlier; absent if none is known.
    pub delta: Option<i64>,
    /// The reads that break [`Rule::Stale`]: their value was overwritten before they started. Absent if the budget ended.
    pub stale_reads: Option<Vec<OldRead>>,
    /// The other reads that break [`Rule::Inversion`]: they returned an older value after another read had returned a
    /// newer one, whose write came later. Absent if the budget ended, and where a value is written twice or by
    /// compare-and-set.
    pub inversions: Option<Vec<OldRead>>,
    /// Why some of this is absent, of the first register of which it is.
    pub unmeasured: Option<Unmeasured>,
}

impl Staleness {
    /// The smallest k, where it is known.
    pub fn k_atomic(&self) -> Option<u64> {
        self.k_lower.filter(|lower| self.k_upper == Some(*lower))
    }

    /// The largest age of a stale read, if there is one.
    pub fn longest(&self) -> Option<i64> {
        self.stale_reads.iter().flatten().map(|read| read.age).max()
    }

    /// Of an atomic history.
    pub(super) fn none() -> Staleness {
        Staleness {
            k_lower: Some(1),
            k_upper: Some(1),
            delta: Some(0),
            stale_reads: Some(Vec::new()),
            inversions: Some(Vec::new()),
            unmeasured: None,
        }
    }

    /// Nothing is known, for that reason.
    pub(super) fn unknown(reason: Unmeasured) -> Staleness {
        Staleness { unmeasured: Some(reason), ..Staleness::default() }
    }

    fn and(self, other: &Staleness) -> Staleness {
        let both = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.max(b));
        let all = |a: Option<Vec<OldRead>>, b: &Option<Vec<OldRead>>| {
            let mut all = a?;
            all.extend(b.as_ref()?);
            Some(all)
        };
        Staleness {
            k_lower: both(self.k_lower, other.k_lower),
            k_upper: both(self.k_upper, other.k_upper),
            delta: self.delta.zip(other.delta).map(|(a, b)| a.max(b)),
            stale_reads: all(self.stale_reads, &other.stale_reads),
            inversions: all(self.inversions, &other.inversions),
            unmeasured: self.unmeasured.or(other.unmeasured),
        }
    }
}

/// All answers about a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Number of operations.
    pub operations: usize,
    /// Number of registers.
    pub keys: usize,
    /// The largest number of processes that write to one register.
    pub writers: usize,
    /// The value that registers were taken to hold before the first write.
    pub initial: Value,
    pub(super) safe: Finding,
    pub(super) regular: Finding,
    pub(super) single_order: Option<Finding>,
    pub(super) atomic: Finding,
    /// How stale reads were.
    pub staleness: Staleness,
    /// For each register in turn, its operations in an order that proves that it is atomic. Present if asked for and
    /// if the history is atomic.
    pub linearization: Option<Vec<(usize, Vec<usize>)>>,
}

impl Report {
    /// Whether every read that overlaps no write returns the last value written.
    pub fn safe(&self) -> &Finding {
        &self.safe
    }

    /// Whether every read, taken alone, returns the last value written or one that is being written: Lamport's
    /// regularity for one writer, weak regularity for several.
    pub fn regular(&self) -> &Finding {
        &self.regular
    }

    /// With several writers: whether one order of the writes explains all reads, each taken alone.
    pub fn single_order(&self) -> Option<&Finding> {
        self.single_order.as_ref()
    }

    /// Whether all operations can be put in one order that extends what precedes what, in which every read returns
    /// the last value written.
    pub fn atomic(&self) -> &Finding {
        &self.atomic
    }

    /// The answer for a model.
    pub fn model(&self, model: Model) -> &Finding {
        match model {
            Model::Safe => &self.safe,
            Model::Regular => &self.regular,
            Model::Atomic => &self.atomic,
        }
    }
}

/// Answers about one register.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) register: usize,
    pub(super) writers: usize,
    pub(super) safe: Finding,
    pub(super) regular: Finding,
    pub(super) single_order: Finding,
    pub(super) atomic: Finding,
    pub(super) staleness: Staleness,
    pub(super) order: Option<Vec<usize>>,
}

/// The answers about a history in which no operation returned.
pub(super) fn of_nothing(history: &History, initial: Value) -> Report {
    let nothing = || Finding::unanswered(Unanswered::NothingCompleted);
    Report {
        operations: history.len(),
        keys: history.registers().len(),
        writers: history
            .registers()
            .iter()
            .map(|register| super::register::writers(register.entries()))
            .max()
            .unwrap_or(0),
        initial,
        safe: nothing(),
        regular: nothing(),
        single_order: None,
        atomic: nothing(),
        staleness: Staleness::unknown(Unmeasured::NothingCompleted),
        linearization: None,
    }
}

/// The answers about all registers together.
pub(super) fn merged(history: &History, initial: Value, answers: Vec<Answers>) -> Report {
    let holds = Finding::yes;
    let mut report = Report {
        operations: history.len(),
        keys: history.registers().len(),
        writers: answers.iter().map(|answer| answer.writers).max().unwrap_or(0),
        initial,
        safe: holds(),
        regular: holds(),
        single_order: None,
        atomic: holds(),
        staleness: Staleness::none(),
        linearization: Some(Vec::with_capacity(answers.len())),
    };
    let mut single_order = holds();
    for answer in answers {
        report.safe = report.safe.and(answer.safe);
        report.regular = report.regular.and(answer.regular);
        single_order = single_order.and(answer.single_order);
        report.atomic = report.atomic.and(answer.atomic);
        report.staleness = report.staleness.and(&answer.staleness);
        match (&mut report.linearization, answer.order) {
            (Some(orders), Some(order)) => orders.push((answer.register, order)),
            _ => report.linearization = None,
        }
    }
    if report.writers > 1 {
        report.single_order = Some(single_order);
    }
    for reads in [&mut report.staleness.stale_reads, &mut report.staleness.inversions].into_iter().flatten() {
        reads.sort_unstable_by_key(|read| (read.line, read.register, read.entry));
    }
    report.linearization = report.linearization.filter(|_| report.atomic.holds());
    report
}
