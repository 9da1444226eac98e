//! Which quorum system over given nodes is the best?
//!
//! A system is better the more its reads and writes may do with what they have, so only *optimal pairs* need to be
//! looked at: reads f, and as writes the dual of f, the smallest sets that meet every read quorum. Any other writes that
//! meet the reads contain those, hence have at least their load, their size, their latency and their failure probability.
//! So the space is one of monotone functions f, and it has these parts:
//!
//! * every read-once formula of thresholds `k of (...)`, nested at will, over any of the nodes: each function once up to
//!   exchanging equal nodes (the module `read_once_forms`). Thresholds, read one and write all, its reverse, singletons and
//!   hierarchies of any shape are among them;
//! * weighted voting: every threshold function that small votes give, each once up to exchanging equal nodes (`weighted_voting`);
//! * the families whose quorums no such formula has, with every choice of parameters that fits: grids in all variants,
//!   B-grids, walls of all widths (with them triangles, CWlogs and wheels), trees, projective planes, Paths and Y; on any of
//!   the nodes and in every placement, up to symmetry, within a limit (`placements`).
//!
//! Up to five nodes every monotone function is looked at, whatever it looks like (`every_function`): then no system of any sort is
//! better. Over more than a dozen nodes there are too many functions: then the space is that of the families over the fastest and
//! over the slowest nodes (the module `by_family`), and the answer says so.
//!
//! Nodes need not be used: a slow one that some quorum must contain may do more harm than good.
//!
//! Every candidate that is left out is left out by a proof. Of a formula: the region of rates that it can serve
//! bounds its load, at first by a few of its directions (`quick_bounds`), its parts bound its network, its latency and its failure
//! probability (`form_bounds`), and a part whose region others cover, or that leaves too few nodes to others, is not built upon
//! (`prune`). Of votes and placements: prices in proportion to capacities. Of single systems: prices of the nodes that prove that they are not among the best; or, for
//! limits, that no strategy meets them (Farkas), with more to spare than rounding can take. A search that came to its end
//! therefore has the best system of its space, up to a relative 1e-9, and says so.
//!
//! | question | file |
//! | --- | --- |
//! | can this be asked, and how is it answered? | `validate`, `run` |
//! | which systems are there? | `enumerate`, with `read_once_forms`, `weighted_voting`, `placements`, `every_function`, `by_family`, `family_members` |
//! | what is a candidate? | `candidate`, `sketch`, `form_tree`, `truth_table`, `node_classes`, `expression` |
//! | what can be left out before its quorums are listed? | `quick_bounds`, `rate_region`, `form_bounds`, `prune` |
//! | how good is it? | `evaluate`, with `costs`, `live_sets`, `strategy_lp` on `lp_layout` and `tableau`, and `exact` where these do not reach |
//! | which are the best so far? | `ranking` |

mod by_family;
mod candidate;
mod costs;
mod enumerate;
mod evaluate;
mod every_function;
mod exact;
mod expression;
mod family_members;
mod form_bounds;
mod form_tree;
mod live_sets;
mod lp_layout;
mod node_classes;
mod placements;
mod prune;
mod quick_bounds;
mod ranking;
mod rate_region;
mod read_once_forms;
mod run;
mod sketch;
mod strategy_lp;
mod tableau;
#[cfg(test)]
mod tests;
mod truth_table;
mod validate;
mod weighted_voting;

use num_rational::BigRational;

use crate::budget::Exhausted;
use crate::families::FamilyError;
use crate::model::{Node, Probability, System, Workload, Zone};
use crate::strategy::objective::{Limits, Objective};

pub use enumerate::Progress;
pub use run::{search, search_while};

/// The nodes to build a system from.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The nodes, of unique names.
    pub nodes: Vec<Node>,
    /// The zones that they stand in.
    pub zones: Vec<Zone>,
    /// The mix of reads and writes.
    pub workload: Workload,
}

/// What is asked of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// What it should be best at.
    pub objective: Objective,
    /// What its strategy may cost, and which losses the quorums that it uses must survive. Nothing is asked of quorums of a
    /// kind of operation that the workload does not have.
    pub limits: Limits,
    /// Any this many failures must leave a read and a write quorum, whether or not the workload has reads and writes.
    pub min_resilience: usize,
    /// The probability that a read or a write quorum is missing must be at most this.
    pub max_failure_probability: Option<Probability>,
    /// Failure probability of every node, instead of its own.
    pub failure_probability: Option<Probability>,
    /// How many systems to find.
    pub top: usize,
    /// Candidates that may be looked at.
    pub candidates_max: u64,
}

impl Default for Ask {
    fn default() -> Self {
        Ask {
            objective: Objective::Load,
            limits: Limits::default(),
            min_resilience: 0,
            max_failure_probability: None,
            failure_probability: None,
            top: 5,
            candidates_max: 60_000_000,
        }
    }
}

/// Why a search cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Nothing to build a system from.
    #[error("a search over no nodes")]
    NoNodes,
    /// More nodes than a search can take.
    #[error("a search over {nodes} nodes: the limit is {limit}")]
    TooManyNodes {
        /// How many there are.
        nodes: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Nodes that are known to have failed.
    #[error("a search has no failed nodes: leave them out of the nodes to search over")]
    Failed,
    /// A limit on what is optimised.
    #[error("a limit on the {objective}, which is the objective: leave out the limit, or choose another objective")]
    LimitOnObjective {
        /// The objective.
        objective: &'static str,
    },
    /// A latency is needed that is not known.
    #[error("node {node:?} has no `latency_ms`, which this question needs for every node")]
    NoLatency {
        /// The node's name.
        node: String,
    },
    /// A failure probability is needed that is not known.
    #[error("node {node:?} has no `failure_probability`, which this question needs for every node")]
    NoFailureProbability {
        /// The node's name.
        node: String,
    },
    /// The system that was found cannot be built.
    #[error(transparent)]
    System(#[from] FamilyError),
}

/// A system that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Winner {
    /// The system over all nodes of the cluster, used or not.
    pub system: System,
    /// Its reads in the language of definitions.
    pub reads: String,
    /// Its writes.
    pub writes: String,
    /// How many nodes it uses.
    pub nodes_used: usize,
    /// The objective of its best strategy.
    pub value: f64,
    /// The objective as a fraction, where both bounds are certified to be that fraction.
    pub exact: Option<BigRational>,
    /// Load of that strategy: its mean over the read fractions.
    pub load: f64,
    /// Operations per second: the mean of 1 / load over the read fractions.
    pub capacity: f64,
    /// Expected number of nodes that it contacts.
    pub network: f64,
    /// Expected time until its answers contain a quorum; absent when a node has no latency.
    pub latency_ms: Option<f64>,
    /// Any this many failures leave a read and a write quorum.
    pub resilience: usize,
    /// The probability that a read or a write quorum is missing; absent when a node's is not known.
    pub failure_probability: Option<f64>,
}

/// One part of the space, and how much of it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What its systems are.
    pub name: String,
    /// Systems seen.
    pub seen: u64,
    /// Of these, how many bounds or limits excluded before their best strategy was found.
    pub excluded: u64,
    /// Whether these are all.
    pub complete: bool,
}

/// What a search came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The best systems, the best first.
    pub winners: Vec<Winner>,
    /// The parts of the space.
    pub parts: Vec<Part>,
    /// No system of the space that was seen has an objective below this.
    pub lower_bound: f64,
    /// What ended the search early.
    pub exhausted: Option<Exhausted>,
    /// Whether somebody who looked on ended it.
    pub interrupted: bool,
    /// Where no system meets the limits: what each limit could be at least, were it the only one of its sort.
    pub nearest: Vec<Nearest>,
}

/// A limit, and the best that any system of the space can do about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest {
    /// What is limited.
    pub what: &'static str,
    /// The limit that was asked for.
    pub limit: f64,
    /// The best value of any system without the other limits.
    pub best: f64,
}

impl Found {
    /// Whether nothing ended the search early, and no question about a system was beyond its limits.
    pub fn is_complete(&self) -> bool {
        self.exhausted.is_none() && !self.interrupted && self.parts.iter().all(|part| part.complete)
    }

    /// Whether the winner is the best of the whole space: every part was seen to its end, and the bounds agree.
    pub fn is_proven(&self) -> bool {
        let bounds_agree =
            self.winners.first().is_none_or(|best| self.lower_bound >= best.value * (1.0 - enumerate::TIE));
        self.is_complete() && bounds_agree
    }
}
