//! Replication strategies side by side: who may write, when a write is answered, who executes it; on the same load and under the same faults,
//! in virtual time.
//!
//! `strategy` lists them. A replica is a machine for the simulator: `replica` takes requests and updates, `membership` says who is alive
//! and who is the master, by a detector that can be wrong. `measure` runs a strategy and says what was lost, how stale and how fast it was.
//!
//! # Source
//! Wiesmann, Pedone, Schiper, Kemme and Alonso, Understanding replication in databases and distributed systems, ICDCS 2000; van Renesse and
//! Schneider, Chain replication for supporting high throughput and availability, OSDI 2004.

mod client;
mod group;
mod measure;
mod membership;
mod message;
mod replica;
mod shared;
mod strategy;

pub use measure::{Load, Measured, NODES_MAX, measure, usual_faults};
pub use strategy::{Access, Execution, Masters, Shape, Strategy, Timing};

#[cfg(test)]
mod tests;
