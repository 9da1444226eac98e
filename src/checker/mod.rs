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

mod clusters;
mod decide;
mod explain;
mod just_in_time;
mod linearization;
mod per_register;
mod precedence;
mod read_sources;
mod regular;
mod report;
mod search;
mod shape;
mod single_order;
mod single_writer;
mod stale_reads;
mod staleness;
mod staleness_report;
mod topological_order;
mod two_atomic;
mod unknown_initial;
mod witness;
mod zone_conflict;

use rayon::prelude::*;

use crate::budget::Budget;
use crate::history::{History, Value};

pub use linearization::{Stranger, belongs};
pub use report::{Finding, Model, Reached, RegisterReport, Report, Rule, Stopped, Unanswered, Verdict, Witness};
pub use staleness_report::{OldRead, Staleness, Unmeasured};
pub use witness::is_enough;

/// What to ask, and how much may be spent on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The value of every register before the first write; absent: [`History::usual_initial`].
    pub initial: Option<Value>,
    /// Whether that value is not known: each register then starts with whatever explains its reads, if anything does.
    pub unknown_initial: bool,
    /// Limits of the search that repeated values and compare-and-set may need: its `search_steps`.
    pub budget: Budget,
    /// Whether an order is wanted that proves that the history is atomic.
    pub linearization: bool,
}

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
    if history.proof().is_some() {
        return linearization::check(history, &initial);
    }
    let answer = |index: usize| {
        let register = &history.registers()[index];
        if options.unknown_initial {
            unknown_initial::check(register, index, options)
        } else {
            per_register::check(register, index, &initial, options)
        }
    };
    let answers: Vec<_> = (0..history.registers().len()).into_par_iter().map(answer).collect();
    let initial = if options.unknown_initial { unknown_initial::value() } else { initial };
    report::merged(history, initial, answers)
}
