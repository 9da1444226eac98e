//! What a store is asked for, and what came of it.

use std::future::Future;

use crate::history::Value;

/// An operation on a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Return the value.
    Read {
        /// The key.
        key: String,
    },
    /// Replace the value.
    Write {
        /// The key.
        key: String,
        /// The new value, which no other write has.
        value: u64,
    },
}

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// It read this value.
    Read(Value),
    /// It wrote its value.
    Written,
    /// It has certainly no effect, now and later.
    CertainlyNot(String),
    /// It may have an effect, now or later.
    Unknown(String),
}

/// A client of a store, which does one operation at a time.
pub trait Store {
    /// Does an operation.
    fn operate(&mut self, task: &Task) -> impl Future<Output = Did>;
}
