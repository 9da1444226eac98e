//! Replicated registers as state machines: an input goes in, outputs come out.
//!
//! A [`Machine`] knows no clock, socket, thread or generator: time comes in as a reading of its clock and as timers
//! that run out, randomness as words in its inputs. The simulator, a model checker and a network driver therefore run
//! the very same code. A [`Protocol`] makes the replicas and clients of a store; [`Wrapped`] puts something around them.

pub mod dynamo;
mod event;
mod fact;
mod machine;
mod operation;
mod pick;
pub mod register;
mod shared;
mod standing;
mod tally;
mod version;
mod watch;
mod wrapped;

pub use event::Event;
pub use fact::{Command, Fact};
pub use machine::{Disk, Input, Machine, Message, Output, Outputs, Protocol, Role, TimerId};
pub use operation::{Key, Operation, Outcome, ProcessId};
pub use pick::{Contacts, Pick, next_word};
pub(crate) use shared::Shared;
pub use standing::Standing;
pub use tally::{Rule, Rules, Tally};
pub use version::{Timestamp, Version};
pub use watch::{Broken, Invariant, Watch};
pub use wrapped::Wrapped;
