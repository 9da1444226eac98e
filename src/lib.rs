//! quorate
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
pub mod report;
pub mod spec;
