//! WHAT a quorum system is.
//!
//! # Glossary
//! One word for one thing, as in the literature (Naor and Wool, The load, capacity and availability of quorum
//! systems, 1998).
//!
//! | word | meaning |
//! | --- | --- |
//! | quorum | a set of nodes that an operation may use |
//! | minimal quorum | a quorum of which no proper subset is one |
//! | transversal | a set of nodes that meets every quorum; when it fails, no quorum is left |
//! | dual | the system whose quorums are the transversals |
//! | non-dominated | no other system is at least as good for every set of live nodes and better for one |
//! | resilience | the largest number of arbitrary failures that always leave a quorum: size of a smallest transversal, minus 1 |
//! | strategy | how often each quorum is chosen |
//! | load | the share of its capacity that the busiest node spends per operation, under the best strategy |
//! | capacity | operations per second that the system can serve, or how many times one node where none is given: 1 / load |
//! | failure probability | the probability that no quorum is alive |

mod answer_times;
mod client;
mod distances;
mod dynamic;
mod formula;
mod kind;
mod lying;
mod node;
mod node_set;
mod quantity;
mod ring;
mod shape;
mod shown;
mod strategy;
mod subsets;
mod system;
mod workload;
mod written;

pub use self::kind::{Kind, Pair};
pub(crate) use answer_times::AnswerTimes;
pub use client::Clients;
#[doc(hidden)]
pub use client::{Client, Leader, LeaderReads, Link, Place};
pub(crate) use distances::ordered;
#[doc(hidden)]
pub use distances::{Distance, Distances};
#[doc(hidden)]
pub use dynamic::{Dynamic, DynamicRule};
#[doc(hidden)]
pub use formula::EDGES_MAX;
pub use formula::{Formula, FormulaBuilder, FormulaError, Gate, GateId};
#[doc(hidden)]
pub use lying::Lying;
#[doc(hidden)]
pub use node::ZONE_KIND;
pub use node::{Node, NodeId, Repair, Zone, ZoneId};
pub use node_set::NodeSet;
pub use quantity::{Capacity, CapacityUnit, Fraction, Hours, LatencyMs, OutOfRange, Probability, Weight};
#[doc(hidden)]
pub use quantity::{exact_decimal, underflows};
pub(crate) use ring::chosen;
#[doc(hidden)]
pub use ring::{Copyset, Part, RangeQuorum, ReplicaGroup, Ring};
#[doc(hidden)]
pub use shape::{Shape, Vertex};
#[doc(hidden)]
pub use shown::{grouped, is_hidden, plain, visible};
pub use strategy::{Choice, Strategy};
pub(crate) use subsets::next_subset;
#[doc(hidden)]
pub use system::{About, NODES_MAX};
pub use system::{System, SystemError};
#[doc(hidden)]
pub use workload::Share;
pub use workload::Workload;
