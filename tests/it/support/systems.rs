//! Systems, numbers and comparisons.

use num_rational::BigRational;
use num_traits::ToPrimitive;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::families::Family;
use quorate::model::{
    About, Capacity, Formula, Fraction, LatencyMs, Node, NodeId, NodeSet, Pair, Probability, System, Weight, Workload,
};
use quorate::number::Scaled;

/// Nodes n1, n2, ... of capacity 1.
pub(crate) fn plain_nodes(count: usize) -> Vec<Node> {
    (1..=count).map(|number| Node::new(format!("n{number}"))).collect()
}

/// The system of a family with these read and write capacities.
#[track_caller]
pub(crate) fn with_capacities(family: &Family, of: impl Fn(usize) -> (f64, f64)) -> System {
    let system = family.system().expect("the family is valid");
    let nodes = system.nodes().iter().enumerate().map(|(index, node)| {
        let (read, write) = of(index);
        Node { read_capacity: capacity(read), write_capacity: capacity(write), ..node.clone() }
    });
    let nodes = nodes.collect();
    system.with(nodes, Vec::new(), Workload::default()).expect("the nodes fit")
}

/// The system of these nodes and formulas.
#[track_caller]
pub(crate) fn system(name: &str, nodes: Vec<Node>, formulas: Pair<Formula>) -> System {
    let symmetric = formulas.reads == formulas.writes;
    let about = About { name: name.into(), family: "custom".into(), symmetric, ..About::default() };
    System::new(about, nodes, formulas).expect("a system of the tests is valid")
}

/// One kind of quorum over nodes of capacity 1.
#[track_caller]
pub(crate) fn symmetric(name: &str, nodes: usize, formula: &Formula) -> System {
    system(name, plain_nodes(nodes), both(formula))
}

/// The same formula for reads and writes.
pub(crate) fn both(formula: &Formula) -> Pair<Formula> {
    Pair { reads: formula.clone(), writes: formula.clone() }
}

/// Everything about `system` at these failure probabilities.
pub(crate) fn analyze_at(system: &System, failure_probabilities: &[f64]) -> Analysis {
    let failure_probabilities = failure_probabilities.iter().map(|p| probability(*p)).collect();
    analyze(system, &Options { failure_probabilities, ..Options::default() })
}

#[track_caller]
pub(crate) fn probability(value: f64) -> Probability {
    Probability::new(value).expect("a probability")
}

#[track_caller]
pub(crate) fn fraction(value: f64) -> Fraction {
    Fraction::new(value).expect("a fraction")
}

#[track_caller]
pub(crate) fn capacity(value: f64) -> Capacity {
    Capacity::new(value).expect("a capacity")
}

#[track_caller]
pub(crate) fn latency(ms: f64) -> LatencyMs {
    LatencyMs::new(ms).expect("a latency")
}

/// Read fractions with weights.
#[track_caller]
pub(crate) fn workload(shares: &[(f64, f64)]) -> Workload {
    let share = |(value, weight): &(f64, f64)| (fraction(*value), Weight::new(*weight).expect("a weight"));
    Workload::distribution(&shares.iter().map(share).collect::<Vec<_>>()).expect("at least one share")
}

/// The set of these positions.
pub(crate) fn set(members: impl IntoIterator<Item = usize>) -> NodeSet {
    members.into_iter().map(NodeId::new).collect()
}

/// A fraction such as `9/19`, or an integer.
#[track_caller]
pub(crate) fn rational(text: &str) -> BigRational {
    text.parse().unwrap_or_else(|error| panic!("{text:?} is no fraction: {error}"))
}

/// The nearest `f64`.
pub(crate) fn nearest(exact: &BigRational) -> f64 {
    exact.to_f64().expect("a fraction within the range of an f64")
}

/// Whether `actual` is within `relative` of `expected`; equal zeros are close.
pub(crate) fn close(actual: f64, expected: f64, relative: f64) -> bool {
    (actual - expected).abs() <= relative * expected.abs()
}

/// A probability that the answer must contain, as an `f64`.
#[track_caller]
pub(crate) fn value(answer: Option<Scaled>) -> f64 {
    answer.expect("the probability was computed").to_f64().expect("the probability is within the range of an f64")
}
