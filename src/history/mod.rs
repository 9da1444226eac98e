//! What happened: reads and writes of a register, each with the instants at which it started and ended.
//!
//! A [`History`] comes from a [`Recorder`] around a running store, from a [`Builder`] that takes finished operations,
//! or from a file through [`read()`], which knows the JSON Lines of this program, Jepsen's EDN, and the plain-text logs
//! of Jepsen's etcd tests.
//!
//! Two operations overlap unless one ended strictly before the other started (intervals are closed), except that the
//! operations of one process keep their order also where one starts at the instant at which the one before ended. An
//! operation without an end never returned: a write may have taken effect at any time after its start, or never; a
//! read says nothing. Each key is a register of its own.
//!
//! # Examples
//! ```
//! use quorate::history::{Builder, Operation, Value};
//! let mut builder = Builder::new();
//! builder.push(&Operation::write(0, Value::from(17), 1200, Some(1850)))?;
//! builder.push(&Operation::read(1, Value::from(17), 1900, Some(2100)))?;
//! let history = builder.finish();
//! assert_eq!(history.len(), 2);
//! # Ok::<(), quorate::history::InvalidOperation>(())
//! ```

mod builder;
mod format;
mod nemesis;
mod operation;
#[cfg(feature = "formats")]
pub mod read;
mod recorder;
mod value;
#[cfg(feature = "formats")]
pub mod write;

#[doc(hidden)]
pub use builder::Ticket;
pub use builder::{Builder, InvalidOperation};
pub use format::Format;
#[doc(hidden)]
pub use nemesis::NemesisEvent;
pub use operation::{Action, History, Operation};
#[doc(hidden)]
pub use operation::{Entry, PENDING, Register, STAMP_MAX, Skipped};
#[cfg(feature = "formats")]
#[doc(hidden)]
pub use read::{Problem, ValueShape, read_with, recognised};
#[cfg(feature = "formats")]
pub use read::{ReadError, ReadOptions, read};
pub use recorder::{BegunRead, BegunWrite, Client, Observer, Outcome, Recorder};
pub use value::Value;
#[doc(hidden)]
pub use value::ValueId;
