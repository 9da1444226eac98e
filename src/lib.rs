//! quorate analyses quorum systems: which quorums meet, how much load they can carry, how many failures they survive and
//! how probable it is that none is left; every answer with a witness or a certificate, and quorums are listed only where nothing else helps.
//!
//! There are two questions, and an arrow for each:
//!
//! ```text
//! definition --spec--> model::System --analysis--> Analysis --report--> text, JSON, CSV, Markdown, pictures
//! execution  --history--> History    --checker---> Report   --report--> the same
//! ```
//!
//! # One question
//!
//! ```
//! use quorate::System;
//! let system = System::from_expression("a*b + c*d")?;
//! let load = system.load().expect("there are quorums");
//! assert_eq!(load.exact.map(|load| load.to_string()), Some("1/2".into()));
//! assert_eq!(system.resilience().reads.value(), Some(1));
//! # Ok::<(), quorate::spec::Diagnostics>(())
//! ```
//!
//! # The best strategy within limits, and its proof
//!
//! ```
//! use quorate::strategy::objective::{Limits, Objective};
//! use quorate::Family;
//! let wheel = Family::Wheel { n: 4 }.system()?;
//! let limits = Limits { network: Some(2.25), ..Limits::default() };
//! let best = wheel.best(Objective::Load, &limits).expect("limits that can be kept");
//! let certificate = best.certificate.expect("small enough to be proven in fractions");
//! assert_eq!(certificate.value.to_string(), "3/4");
//! // Checked by its definition, without the solver.
//! assert!(certificate.verify(&wheel, wheel.workload()).is_ok());
//! # Ok::<(), quorate::families::FamilyError>(())
//! ```
//!
//! # Choosing quorums while a program runs
//!
//! ```
//! use quorate::model::Kind;
//! use quorate::{Family, Picker};
//! let system = Family::Majority { n: 5 }.system()?;
//! let best = system.load().expect("a majority has quorums");
//! let mut picker = Picker::of(&system, &best.strategy.expect("a short strategy"))?;
//! picker.fail(picker.node("n1").expect("a node of the system"));
//! let quorum = picker.draw(Kind::Write, 0x0123_4567_89ab_cdef).expect("four nodes are left");
//! assert_eq!(quorum.len(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Is this system any good?
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
//! let load = answer.optimum[0].best.as_ref().expect("a grid has quorums");
//! assert_eq!(load.exact.as_ref().map(|load| load.to_string()), Some("23/57".into()));
//! # Ok::<(), quorate::spec::Diagnostics>(())
//! ```
//!
//! Systems are also built in code, by [`families::Family`] or gate by gate with [`model::FormulaBuilder`]; single
//! questions are functions of [`structure`], [`strategy`] and [`availability`], and [`report::plot::picture`] draws the answers.
//!
//! # Did this execution behave like a register?
//!
//! ```
//! use quorate::checker::{Options, check};
//! use quorate::history::Recorder;
//!
//! let recorder = Recorder::new();
//! let mut client = recorder.client();
//! client.write(17, || ());
//! client.read(|| 17);
//! client.read(|| 0);
//! drop(client);
//! let report = check(&recorder.finish(), &Options::default());
//!
//! // The second read goes back behind the first, and the witness names the operations that prove it.
//! assert!(!report.atomic().holds());
//! assert!(report.atomic().witness.is_some());
//! ```
//!
//! # What always holds
//!
//! - A number says how it was obtained: exactly, between bounds, or as an estimate with an interval and its seed. What is not
//!   known is absent, never 0.
//! - A "no" has a witness, an optimum a certificate that was checked in exact fractions.
//! - The same input gives the same bytes: budgets count steps, and threads change nothing. (Only the solver of linear programs has a stop by the
//!   clock, for numbers that make it go round in circles: two minutes, a hundred times what it takes otherwise.)
//! - Nothing but [`cli`] touches files, the terminal or the environment (`net`, which is a feature, has the disks and sockets of replicas), and no input
//!   makes the library panic.
//!
//! # Where to start
//!
//! | to | begin with |
//! | --- | --- |
//! | learn the words | [`model`] |
//! | ask everything of a system | [`analysis::analyze`] |
//! | ask one thing | the methods of [`System`], as [`System::load`]; with a budget of one's own, the functions of [`structure::intersection`], [`structure::resilience`], [`strategy`], [`availability`] |
//! | write definitions | [`spec`], and the commented ones in `quorum-defs/` |
//! | add a family | [`families`], where each has a file |
//! | record and check executions | [`history::Recorder`], [`checker::check`], [`checker::assert_linearizable`] |
//! | check them while they happen | [`checker::Checker`] |
//! | see programs that do this | `examples/define.rs`, `choose.rs`, `plot.rs`, `check_your_store.rs`, `check_async_store.rs` |
//!
//! # What is promised
//!
//! What this documentation lists stays, or changes with a new version; answers may gain fields and variants. What is public without being
//! listed is there for the program and the tests: the rooms `circuit`, `protocol`, `consensus`, `sim`, `net`, `verify`, `explorer` and `cli`, and the questions of
//! operators (`operations`, `transition`, imported files), whose answers are read from the JSON, which has a version of its own.
//!
//! The rest of this page is how it is built.
//!
#![doc = include_str!("ARCHITECTURE.md")]
#![deny(missing_docs, clippy::print_stdout, clippy::print_stderr)]
#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod analysis;
pub mod availability;
pub mod budget;
pub mod checker;
#[doc(hidden)]
pub mod circuit;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod consensus;
#[cfg(feature = "report")]
#[doc(hidden)]
pub mod explorer;
pub mod families;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod flp;
pub mod history;
pub mod model;
#[cfg(all(feature = "net", unix))]
#[doc(hidden)]
pub mod net;
pub mod number;
#[doc(hidden)]
pub mod operations;
pub mod picker;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod protocol;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod replay;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod replication;
#[cfg(feature = "report")]
pub mod report;
pub mod search;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod sim;
pub mod spec;
pub mod strategy;
pub mod structure;
#[doc(hidden)]
pub mod transition;
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub mod verify;

pub use analysis::{Analysis, Options, analyze};
pub use checker::check;
pub use families::{Family, FamilyError};
pub use history::{History, Recorder};
pub use model::System;
pub use picker::{Picker, PickerError};
pub use spec::Diagnostics;
pub use strategy::objective::Infeasible;
pub use strategy::{Optimum, optimise};
