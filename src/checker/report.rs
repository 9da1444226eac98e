//! Answers.

use std::fmt;

use super::model::Model;
use super::precedence::writers;
use super::staleness_report::{Staleness, Unmeasured};
use crate::budget::Exhausted;
use crate::history::{History, Register, Value};

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
    /// A read returned a value whose write is known not to have happened.
    AbortedRead,
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
    /// A read returned a value that its own process had overwritten before.
    OwnWriteMissed,
    /// A process read a value again, after it had read another one.
    ReadAgain,
    /// No order of all writes and of the reads of one process is allowed.
    NoView,
    /// Operations that each come before the next, and the last one before the first.
    Circle,
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
            Rule::AbortedRead => "aborted read",
            Rule::Future => "read from the future",
            Rule::Stale => "stale read",
            Rule::Inversion => "new-old inversion",
            Rule::Cycle => "no order of the values",
            Rule::WriteCycle => "no single order of the writes",
            Rule::OwnWriteMissed => "own write missed",
            Rule::ReadAgain => "value read again",
            Rule::NoView => "no order for a process",
            Rule::Circle => "circle of causes",
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
    /// Where they stand in the history: ascending in one register, by line in several.
    pub operations: Vec<Place>,
    /// Their lines, ascending.
    pub lines: Vec<u32>,
    /// Why they cannot be, in words.
    pub explanation: String,
}

/// Where an operation stands in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The position of its register.
    pub register: usize,
    /// Its position in the register.
    pub entry: usize,
}

impl Witness {
    /// The register of all its operations, unless there are several.
    pub fn register(&self) -> Option<usize> {
        let first = self.operations.first()?.register;
        self.operations.iter().all(|place| place.register == first).then_some(first)
    }
}

/// Why a question has neither a yes nor a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// It was not asked.
    NotAsked,
    /// No operation of the history returned, so nothing is proved.
    NothingCompleted,
    /// The budget ended.
    Budget(Stopped),
    /// A register with compare-and-set is atomic or nothing.
    CompareAndSet,
    /// A value is written more than once, so it is open which write a read returned.
    RepeatedValues,
    /// Only one given order was looked at, and it proves nothing.
    OneOrder,
}

/// A search that ended before it was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// What ran out.
    pub exhausted: Exhausted,
    /// How far it came, if it had begun.
    pub reached: Option<Reached>,
}

/// How far a search for an order came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Operations that returned, in the longest order that was found.
    pub operations: usize,
    /// Operations that returned, in all.
    pub of: usize,
    /// The line of the operation that returned first among those that were left.
    pub line: u32,
}

impl From<Exhausted> for Stopped {
    fn from(exhausted: Exhausted) -> Self {
        Stopped { exhausted, reached: None }
    }
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

/// To what was not asked.
static NOT_ASKED: Finding =
    Finding { verdict: Verdict::Undecided, witness: None, unanswered: Some(Unanswered::NotAsked) };

impl Finding {
    pub(super) fn yes() -> Finding {
        Finding { verdict: Verdict::Holds, witness: None, unanswered: None }
    }

    pub(super) fn violated(witness: Witness) -> Finding {
        Finding { verdict: Verdict::Violated, witness: Some(witness), unanswered: None }
    }

    pub(super) fn unanswered(why: Unanswered) -> Finding {
        let verdict = match why {
            Unanswered::NotAsked | Unanswered::NothingCompleted | Unanswered::Budget(_) => Verdict::Undecided,
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

/// The answer for one of the models that leave real time out.
fn of_sessions(findings: &[(Model, Finding)], model: Model) -> &Finding {
    findings.iter().find(|(other, _)| *other == model).map_or(&NOT_ASKED, |(_, finding)| finding)
}

/// All answers about a history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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
    /// The answers for models that leave real time out, about all registers together.
    pub(super) sessions: Vec<(Model, Finding)>,
    /// How stale reads were.
    pub staleness: Staleness,
    pub(super) registers: Vec<RegisterReport>,
    /// For each register in turn, its operations in an order that proves that it is atomic. Present if asked for and
    /// if the history is atomic.
    pub linearization: Option<Vec<(usize, Vec<usize>)>>,
    /// The same for the registers that are atomic where not all are.
    pub(super) orders: Vec<(usize, Vec<usize>)>,
}

impl Report {
    /// The operations of a register in an order that proves that it is atomic, if orders were asked for and if it is.
    pub fn order(&self, register: usize) -> Option<&[usize]> {
        let orders = self.linearization.as_ref().unwrap_or(&self.orders);
        let place = orders.binary_search_by_key(&register, |(register, _)| *register).ok()?;
        Some(&orders[place].1)
    }

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

    /// The answer for a model; [`Unanswered::NotAsked`] if it was not asked.
    pub fn model(&self, model: Model) -> &Finding {
        match model {
            Model::Safe => &self.safe,
            Model::Regular => &self.regular,
            Model::Atomic => &self.atomic,
            other => of_sessions(&self.sessions, other),
        }
    }

    /// The models that the history keeps and that no stronger one of those implies which it keeps as well, of those that
    /// were asked.
    pub fn strongest(&self) -> Vec<Model> {
        strongest(|model| self.model(model).holds())
    }

    /// The answers about each register, in the order of the history.
    pub fn registers(&self) -> &[RegisterReport] {
        &self.registers
    }
}

fn strongest(is_kept: impl Fn(Model) -> bool) -> Vec<Model> {
    let kept: Vec<Model> = Model::ALL.into_iter().filter(|model| is_kept(*model)).collect();
    let is_implied = |model: &Model| kept.iter().any(|other| other.is_stronger_than(*model));
    kept.iter().copied().filter(|model| !is_implied(model)).collect()
}

/// All answers about one register.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisterReport {
    /// Its position in the history.
    pub register: usize,
    /// Number of operations.
    pub operations: usize,
    /// Number of processes that write to it.
    pub writers: usize,
    /// The value that it was taken to hold before the first write; absent if that is unknown and was never read.
    pub initial: Option<Value>,
    /// As [`Report::safe`].
    pub safe: Finding,
    /// As [`Report::regular`].
    pub regular: Finding,
    /// As [`Report::single_order`].
    pub single_order: Option<Finding>,
    /// As [`Report::atomic`].
    pub atomic: Finding,
    /// The answers for models that leave real time out, about this register alone.
    pub(super) sessions: Vec<(Model, Finding)>,
    /// How stale reads of it were.
    pub staleness: Staleness,
}

impl RegisterReport {
    /// The answer for a model; [`Unanswered::NotAsked`] if it was not asked.
    pub fn model(&self, model: Model) -> &Finding {
        match model {
            Model::Safe => &self.safe,
            Model::Regular => &self.regular,
            Model::Atomic => &self.atomic,
            other => of_sessions(&self.sessions, other),
        }
    }

    /// As [`Report::strongest`].
    pub fn strongest(&self) -> Vec<Model> {
        strongest(|model| self.model(model).holds())
    }

    /// Of a register of which no operation returned.
    pub(super) fn of_nothing(register: &Register, index: usize, initial: Option<Value>) -> RegisterReport {
        let nothing = || Finding::unanswered(Unanswered::NothingCompleted);
        RegisterReport {
            register: index,
            operations: register.entries().len(),
            writers: writers(register.entries()),
            initial,
            safe: nothing(),
            regular: nothing(),
            single_order: None,
            atomic: nothing(),
            sessions: Vec::new(),
            staleness: Staleness::unknown(Unmeasured::NothingCompleted),
        }
    }

    /// Whether no operation returned, so that the register says nothing about the others.
    fn is_of_nothing(&self) -> bool {
        self.atomic.unanswered == Some(Unanswered::NothingCompleted)
    }
}

/// The answers about one register, and the order that proves that it is atomic.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) report: RegisterReport,
    pub(super) order: Option<Vec<usize>>,
}

/// The answers about all registers together. Those of which no operation returned say nothing about the others.
pub(super) fn merged(history: &History, initial: Value, answers: Vec<Answers>) -> Report {
    let is_nothing = answers.iter().all(|answer| answer.report.is_of_nothing());
    let first = || if is_nothing { Finding::unanswered(Unanswered::NothingCompleted) } else { Finding::yes() };
    let mut report = Report {
        operations: history.len(),
        keys: history.registers().len(),
        writers: answers.iter().map(|answer| answer.report.writers).max().unwrap_or(0),
        initial,
        safe: first(),
        regular: first(),
        single_order: None,
        atomic: first(),
        sessions: Vec::new(),
        staleness: if is_nothing { Staleness::unknown(Unmeasured::NothingCompleted) } else { Staleness::none() },
        registers: Vec::with_capacity(answers.len()),
        linearization: None,
        orders: Vec::new(),
    };
    let all = answers.len();
    let mut single_order = Finding::yes();
    for Answers { report: found, order } in answers {
        if !found.is_of_nothing() {
            report.safe = report.safe.and(found.safe.clone());
            report.regular = report.regular.and(found.regular.clone());
            single_order = single_order.and(found.single_order.clone().unwrap_or_else(Finding::yes));
            report.atomic = report.atomic.and(found.atomic.clone());
            report.staleness = report.staleness.and(&found.staleness);
        }
        report.orders.extend(order.map(|order| (found.register, order)));
        report.registers.push(found);
    }
    if report.writers > 1 && !is_nothing {
        report.single_order = Some(single_order);
    }
    for reads in [&mut report.staleness.stale_reads, &mut report.staleness.inversions].into_iter().flatten() {
        reads.sort_unstable_by_key(|read| (read.line, read.register, read.entry));
    }
    if report.atomic.holds() && report.orders.len() == all {
        report.linearization = Some(std::mem::take(&mut report.orders));
    }
    report
}
