//! Promises to processes, which leave real time out: causal consistency and the four session guarantees.

mod decide;
mod derivation;
mod direct;
mod finding;
mod operations;
mod relations;
mod shrink;
mod view;

pub(super) use finding::finding;
pub(super) use operations::{INITIAL, Initial, Operation, Sessions};
