//! Edge out, too: histories as one page that a person explores in a browser.
//!
//! The page needs nothing else: it carries all operations as columns of numbers, draws those that are in view, and shows
//! the answers as tables where no script runs. What histories say is data there, and never markup or script.
//!
//! # Examples
//! ```
//! use quorate::checker::{Model, Options, check};
//! use quorate::explorer::{Explored, page};
//! use quorate::history::{Builder, Operation, Value};
//! use quorate::report::Checked;
//! let mut builder = Builder::new();
//! builder.push(&Operation::write(0, Value::from(17), 1200, Some(1850)))?;
//! let history = builder.finish();
//! let report = check(&history, &Options { linearization: true, ..Options::default() });
//! let explored = Explored::new("run.jsonl", &history, &report, Model::Atomic);
//! let checked = Checked::new("run.jsonl".into(), &history, report, Model::Atomic);
//! assert!(page(&[(&checked, &explored)], &[], None).starts_with("<!DOCTYPE html>"));
//! # Ok::<(), quorate::history::InvalidOperation>(())
//! ```

mod bands;
mod columns;
mod explored;
mod packed;
mod page;
mod shown;
mod witnesses;

pub use bands::{Band, of_faults};
pub use explored::Explored;
pub use page::page;
