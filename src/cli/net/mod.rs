//! Processes that talk to each other: what their commands have in common.

pub(super) mod client;
mod common;
mod peers;
pub(super) mod serve;
