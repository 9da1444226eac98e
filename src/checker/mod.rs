//! Is the execution of a register allowed? Safe, regular and atomic, and how stale it was.
//!
//! Where every value is written once (the rule for test suites), all answers take O(n log n); [`check()`] falls back to
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
//! # Ok::<(), quorate::history::InvalidOperation>(())
//! ```

mod assertion;
mod check;
mod clusters;
mod decide;
mod enough;
mod exact_versions;
mod explain;
mod illegal_reads;
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

#[doc(hidden)]
pub use assertion::Shown;
pub use assertion::{Violation, assert_linearizable, require};
pub use check::check;
#[doc(hidden)]
pub use enough::is_enough;
#[doc(hidden)]
pub use linearization::{NotOfHistory, belongs};
pub use model::Model;
pub use online::Checker;
pub use options::Options;
pub use report::{Finding, RegisterReport, Report, Verdict, Witness};
#[doc(hidden)]
pub use report::{Place, Reached, Rule, Stopped, Unanswered};
pub use staleness_report::Staleness;
#[doc(hidden)]
pub use staleness_report::{OldRead, Unmeasured};
