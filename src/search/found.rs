//! What a search found.

use crate::budget::Exhausted;
use crate::model::System;
use num_rational::BigRational;

/// A system that was found.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
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
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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
#[non_exhaustive]
#[derive(serde::Serialize, serde::Deserialize)]
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
    /// Whether the writes of all systems are the dual of their reads; otherwise they are the largest that the demands allow.
    pub has_dual_writes: bool,
    /// Where too few zones are why there is no system: how many it takes, and how the nodes can stand in them.
    pub advice: Option<String>,
}

/// A limit, and the best that any system of the space can do about it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Nearest {
    /// What is limited.
    pub what: std::borrow::Cow<'static, str>,
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
            self.winners.first().is_none_or(|best| self.lower_bound >= best.value * (1.0 - super::progress::TIE));
        self.is_complete() && bounds_agree
    }
}
