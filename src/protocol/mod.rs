//! Replicated registers as state machines: an input goes in, outputs come out.
//!
//! A [`Machine`] knows no clock, socket, thread or generator: time comes in as a reading of its clock and as timers
//! that run out, randomness as words in its inputs. The simulator, a model checker and a network driver therefore run
//! the very same code. A [`Protocol`] makes the replicas and clients of a store; [`Wrapped`] puts something around them.

pub mod dynamo;
mod machine;
mod pick;
pub mod register;
mod shared;
mod tally;
mod version;
mod wrapped;

pub use machine::{
    Disk, Event, Input, Key, Machine, Message, Operation, Outcome, Output, Outputs, ProcessId, Protocol, Role, TimerId,
};
pub use pick::{Contacts, Pick, next_word};
pub use tally::{Rule, Rules, Tally};
pub use version::{Timestamp, Version};
pub use wrapped::Wrapped;
