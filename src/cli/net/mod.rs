//! Processes that talk to each other: what their commands have in common.

pub(super) mod bench;
pub(super) mod client;
mod common;
mod load_args;
mod outcome;
mod peers;
pub(super) mod record;
pub(super) mod serve;
