//! A client of replicas as a store among others.

use super::operation::{Did, Store, Task};
use crate::history::Value;
use crate::net::client::{Answer, Client, Undone};
use crate::net::replicated::Replicated;
use crate::protocol::{Key, Operation};

/// The register of a key `k7`.
fn register(key: &str) -> Key {
    Key(key.trim_start_matches('k').parse().unwrap_or_default())
}

impl<P: Replicated> Store for Client<P> {
    async fn operate(&mut self, task: &Task) -> Did {
        let operation = match task {
            Task::Read { key } => Operation::Read { key: register(key) },
            Task::Write { key, value } => Operation::Write { key: register(key), value: *value },
        };
        match self.work(operation).await {
            Ok(Answer::Value(value)) => Did::Read(Value::parse(&value)),
            Ok(Answer::Written) => Did::Written,
            Err(Undone::CertainlyNot(reason)) => Did::CertainlyNot(reason),
            Err(Undone::Unknown(reason)) => Did::Unknown(reason),
        }
    }
}
