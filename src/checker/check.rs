//! All answers about a history.

use rayon::prelude::*;

use super::model::Model;
use super::options::Options;
use super::report::{self, Finding, Report, Verdict};
use super::sessions::{self, Initial};
use super::{linearization, per_register, unknown_initial};
use crate::history::{History, Value};

/// Decides whether a history is safe, regular and atomic, register by register, and measures how stale it was.
///
/// A history in which no operation returned proves nothing: its verdicts are [`Verdict::Undecided`].
///
/// # Complexity
/// O(n log n) for n operations where values are unique; elsewhere the search may use up the budget, and the verdict is
/// then [`Verdict::Undecided`]. Registers are checked in parallel, on the threads of the pool this is called in.
///
/// # Examples
/// See the [module](super).
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
