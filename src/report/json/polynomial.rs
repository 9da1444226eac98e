//! The availability polynomial as JSON.

use num_bigint::BigUint;
use serde::Serialize;

use super::super::Analysed;
use crate::availability::{AvailabilityPolynomial, Event};

/// Counts as decimal digits in strings, since they outgrow any float.
#[derive(Serialize)]
pub(super) struct Counts {
    nodes: usize,
    /// How many sets of 0, 1, ... live nodes have a read quorum, a write quorum, both, one of them.
    working: Four<Vec<String>>,
    smallest_transversals: Four<Option<Transversals>>,
    /// One for each failure probability that all nodes share.
    exact: Vec<Exact>,
}

/// One value for each event: the same names as in `failure_probability`.
#[derive(Serialize)]
struct Four<T> {
    read: T,
    write: T,
    system: T,
    total: T,
}

impl<T> Four<T> {
    fn of(of: impl Fn(Event) -> T) -> Self {
        Four { read: of(Event::Read), write: of(Event::Write), system: of(Event::System), total: of(Event::Total) }
    }
}

#[derive(Serialize)]
struct Transversals {
    nodes: usize,
    count: String,
}

#[derive(Serialize)]
struct Exact {
    node_failure_probability: f64,
    #[serde(flatten)]
    values: Four<String>,
}

/// What was counted, where it was asked for.
pub(super) fn counts(analysed: &Analysed) -> Option<Counts> {
    let polynomial: &AvailabilityPolynomial = analysed.analysis.reliability.polynomial.as_ref()?.as_ref().ok()?;
    let smallest = |event| {
        let (nodes, count) = polynomial.smallest_transversals(event)?;
        Some(Transversals { nodes, count: count.to_string() })
    };
    // The counts are over nodes: zones that fail have no part in them.
    let zones_fail = analysed.system.zones().iter().any(|zone| zone.failure.get() > 0.0);
    let exact = |answer: &crate::availability::FailureProbability| {
        let p = answer.node_failure_probability.filter(|_| !zones_fail)?;
        let values = Four::of(|event| polynomial.at(event, &p.exact()).to_string());
        Some(Exact { node_failure_probability: p.get(), values })
    };
    Some(Counts {
        nodes: polynomial.nodes(),
        working: Four::of(|event| polynomial.working(event).iter().map(BigUint::to_string).collect()),
        smallest_transversals: Four::of(smallest),
        exact: analysed.analysis.failure_probability.iter().filter_map(exact).collect(),
    })
}
