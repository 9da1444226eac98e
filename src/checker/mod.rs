//! Is the execution of a register allowed? Safe, regular and atomic, and how stale it was.
//!
//! Where every value is written once (the rule for test suites), all answers take O(n log n); [`check`] falls back to
//! a search under a budget only for what repeated values or compare-and-set leave open. Every "no" has a [`Witness`]:
//! a handful of operations that break the rule by themselves, and a sentence that says why.
//!
//! # Examples
//! ```
//! use quorate::checker::{Options, Verdict, check};
//! use quorate::history::{Builder, Operation, Value};
//! let mut builder = Builder::new();
//! builder.push(&Operation::write(0, Value::from(1), 0, Some(50)))?;
//! builder.push(&Operation::read(1, Value::from(1), 10, Some(15)))?;
//! builder.push(&Operation::read(2, Value::from(0), 20, Some(25)))?;
//! let report = check(&builder.finish(), &Options::default());
//! assert!(report.regular().holds());
//! let witness = report.atomic().witness.as_ref().expect("a no is explained");
//! assert_eq!(witness.rule.name(), "new-old inversion");
//! assert_eq!(witness.lines, [1, 2, 3]);
//! # Ok::<(), quorate::history::Fault>(())
//! ```

mod assertion;
mod clusters;
mod decide;
mod enough;
mod exact_versions;
mod explain;
mod just_in_time;
mod linearization;
mod model;
mod online;
mod options;
mod per_register;
mod precedence;
mod read_sources;
mod regular;
mod report;
mod search;
mod sequential;
mod sessions;
mod shape;
mod single_order;
mod single_writer;
mod stale_reads;
mod staleness;
mod staleness_report;
mod steps;
mod topological_order;
mod two_atomic;
mod unknown_initial;
mod witness;
mod zone_conflict;

use rayon::prelude::*;

use self::sessions::Initial;
use crate::history::{History, Value};

pub use assertion::{Shown, Violation, assert_linearizable, require};
pub use enough::is_enough;
pub use linearization::{Stranger, belongs};
pub use model::Model;
pub use online::Checker;
pub use options::Options;
pub use report::{Finding, Place, Reached, RegisterReport, Report, Rule, Stopped, Unanswered, Verdict, Witness};
pub use staleness_report::{OldRead, Staleness, Unmeasured};

/// Decides whether a history is safe, regular and atomic, register by register, and measures how stale it was.
///
/// A history in which no operation returned proves nothing: its verdicts are [`Verdict::Undecided`].
///
/// # Complexity
/// O(n log n) for n operations where values are unique; elsewhere the search may use up the budget, and the verdict is
/// then [`Verdict::Undecided`]. Registers are checked in parallel, on the threads of the pool this is called in.
///
/// # Examples
/// See the [module](self).
pub fn check(history: &History, options: &Options) -> Report {
    let initial =
        options.initial.clone().or_else(|| history.proof().cloned()).unwrap_or_else(|| history.usual_initial());
    let mut report = in_real_time(history, &initial, options);
    for &model in options.models.iter().filter(|model| model.leaves_time_out()) {
        leave_time_out(history, model, &initial, options, &mut report);
    }
    report
}

/// The answers for a model that leaves real time out, about each register and about all.
fn leave_time_out(history: &History, model: Model, initial: &Value, options: &Options, report: &mut Report) {
    let start = if options.unknown_initial { Initial::Unknown } else { Initial::Known(initial) };
    let finding = |registers: &[usize]| sessions::finding(history, registers, model, (start, &options.budget));
    let count = history.registers().len();
    let alone: Vec<Finding> = (0..count).into_par_iter().map(|register| finding(&[register])).collect();
    // Where the model does not apply to some register, it does not apply to the history.
    let applies = alone.iter().all(|finding| finding.verdict != Verdict::NotApplicable);
    let violated = alone.iter().find(|finding| applies && finding.verdict == Verdict::Violated);
    let whole = match (violated, &alone[..]) {
        (Some(violated), _) => violated.clone(),
        (None, [only]) => only.clone(),
        (None, _) => finding(&(0..count).collect::<Vec<_>>()),
    };
    report.sessions.push((model, whole));
    for (register, finding) in report.registers.iter_mut().zip(alone) {
        register.sessions.push((model, finding));
    }
}

/// The answers for safe, regular and atomic.
fn in_real_time(history: &History, initial: &Value, options: &Options) -> Report {
    if history.proof().is_some() {
        return linearization::check(history, initial);
    }
    let answer = |index: usize| {
        let register = &history.registers()[index];
        if options.unknown_initial {
            unknown_initial::check(register, index, options)
        } else {
            per_register::check(register, index, initial, options)
        }
    };
    let answers: Vec<_> = (0..history.registers().len()).into_par_iter().map(answer).collect();
    let initial = if options.unknown_initial { unknown_initial::value() } else { initial.clone() };
    report::merged(history, initial, answers)
}
