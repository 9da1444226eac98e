//! quorate analyses quorum systems: which quorums meet, how much load they can carry, how many failures they survive and
//! how probable it is that none is left; every answer with a witness or a certificate, and none by listing quorums.
//!
//! Data goes one way, `spec -> model -> analysis -> report`:
//!
//! ```
//! use quorate::analysis::{Options, analyze};
//!
//! let definition = r#"
//!     name = "three lines of three"
//!     [system]
//!     family = "grid"
//!     rows = 3
//!     cols = 3
//! "#;
//! let system = quorate::spec::read("grid.toml", definition.as_bytes())?;
//! let answer = analyze(&system, &Options::default());
//!
//! // Every read quorum meets every write quorum, and two writes always meet.
//! assert_eq!(answer.intersections.read_write.verdict.known(), Some(true));
//! assert_eq!(answer.intersections.write_write.smallest, Some(1));
//! // Any two nodes may fail; losing a whole line of three stops the reads.
//! assert_eq!(answer.resilience.reads.value(), Some(2));
//! // Half reads, half writes: the busiest node serves 23 of 57 operations, and both bounds prove it.
//! assert_eq!(answer.optimum[0].exact.as_ref().map(|load| load.to_string()), Some("23/57".into()));
//! # Ok::<(), quorate::spec::Diagnostics>(())
//! ```
//!
//! Systems are also built in code, by [`families::Family`] or gate by gate with [`model::FormulaBuilder`]; single
//! questions are functions of [`analysis`]. The words are explained in [`model`].
//!
#![doc = include_str!("ARCHITECTURE.md")]
#![deny(missing_docs, clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod analysis;
pub mod budget;
pub mod checker;
pub mod circuit;
pub mod cli;
pub mod families;
pub mod history;
pub mod model;
pub mod picker;
pub mod protocol;
pub mod report;
pub mod sim;
pub mod spec;
