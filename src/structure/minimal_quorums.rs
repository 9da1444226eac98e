//! How many minimal quorums are there, how large are they, and which nodes are in none?

use num_bigint::BigUint;

use super::minimise::indispensable;
use super::ranges::{QUORUMS_MAX, RangeQuorums, range_quorums};
use super::resilience::Resilience;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Antichain, Compiled, Counted, Ref, least_used, minimal_sets, pass};
use crate::model::{Formula, Gate, GateId, Kind, NodeId, NodeSet};
use crate::number::Scaled;

/// The minimal quorums of one kind.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct MinimalQuorums {
    /// How many there are; absent when the budget ended.
    pub count: Option<BigUint>,
    /// Where that is absent: no fewer and no more than these, as far as that is known.
    pub count_bounds: Option<[Scaled; 2]>,
    /// Size of a smallest one; absent where there is none, as for the largest.
    pub smallest: Option<usize>,
    /// Size of a largest one.
    pub largest: Option<usize>,
    /// Where that is absent: no smaller and no larger than these, as far as that is known.
    pub largest_bounds: Option<[usize; 2]>,
    /// Nodes that are in none of them.
    pub unused: Option<NodeSet>,
    /// Nodes that are in all of them: without one of these there is no quorum. Absent when the budget ended.
    pub indispensable: Option<NodeSet>,
    /// Explicitly listed quorums that contain another listed one, or stand twice: their positions, counted from 0.
    pub redundant: Vec<usize>,
    /// The first minimal quorums by size, then in the order in which the formula names their members; absent unless
    /// asked for.
    pub listing: Option<Listing>,
    /// What ended, where something is absent.
    pub exhausted: Option<Exhausted>,
}

impl MinimalQuorums {
    /// The bounds of the count, outwards by what five digits may lose.
    pub fn count_between(&self) -> Option<[Scaled; 2]> {
        let [least, most] = self.count_bounds?;
        Some([least * Scaled::from(1.0 - 5e-5), most * Scaled::from(1.0 + 5e-5)])
    }
}

/// The beginning of the list of minimal quorums.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Listing {
    /// Quorums, by size, then in the order in which the formula names their members.
    pub quorums: Vec<NodeSet>,
    /// Whether these are all.
    pub complete: bool,
}

/// What is said where there is no quorum, over that many nodes.
fn none(nodes: usize, is_listed: bool) -> MinimalQuorums {
    MinimalQuorums {
        count: Some(BigUint::ZERO),
        count_bounds: None,
        smallest: None,
        largest: None,
        largest_bounds: None,
        unused: Some(NodeSet::first(nodes)),
        indispensable: Some(NodeSet::new()),
        redundant: Vec::new(),
        listing: is_listed.then(|| Listing { quorums: Vec::new(), complete: true }),
        exhausted: None,
    }
}

/// The quorums of the ranges of a ring, of so many nodes.
fn of_ranges(found: RangeQuorums, nodes: usize, list: Option<usize>) -> MinimalQuorums {
    let RangeQuorums { listed, is_complete, smallest, largest, used, needed } = found;
    let first = |count: usize| Listing {
        quorums: listed.iter().take(count).cloned().collect(),
        complete: is_complete && listed.len() <= count,
    };
    MinimalQuorums {
        count: is_complete.then(|| BigUint::from(listed.len())),
        count_bounds: None,
        smallest,
        largest,
        largest_bounds: None,
        unused: Some((0..nodes).map(NodeId::new).filter(|node| !used.contains(*node)).collect()),
        indispensable: Some(needed),
        redundant: Vec::new(),
        listing: list.map(first),
        exhausted: (!is_complete).then_some(Exhausted { resource: Resource::ExplicitSets, limit: QUORUMS_MAX as u64 }),
    }
}

/// Number, sizes and members of the minimal quorums of one kind, and the first `list` of them.
///
/// A quorum is minimal when no proper subset is one.
///
/// # Method
/// Read-once formulas are counted gate by gate; others through the family of minimal sets of the decision diagram;
/// where that is too wide, the quorums are expanded one by one. Listings come from the diagram or the list.
///
/// # Complexity
/// Linear in the formula times the length of the numbers, or linear in the diagram of the family.
///
/// # Examples
/// ```
/// use quorate::structure::{minimal_quorums::minimal_quorums, resilience::resilience};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// use quorate::model::Kind;
/// let system = Family::Majority { n: 101 }.system()?;
/// let compiled = Compiled::new(&system, Budget::default());
/// let answer = minimal_quorums(&compiled, Kind::Read, &resilience(&compiled, Kind::Read), None);
/// assert_eq!(answer.count.map(|count| count.to_string()), Some("199804427433372226016001220056".into()));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn minimal_quorums(
    compiled: &Compiled<'_>,
    kind: Kind,
    resilience: &Resilience,
    list: Option<usize>,
) -> MinimalQuorums {
    if !compiled.system().has_quorum(kind) {
        return none(compiled.system().nodes().len(), list.is_some());
    }
    if let Some(ring) = &compiled.system().about().ring {
        return of_ranges(range_quorums(ring, kind), compiled.system().nodes().len(), list);
    }
    let mut answer = MinimalQuorums {
        count: None,
        count_bounds: None,
        smallest: None,
        largest: None,
        largest_bounds: None,
        unused: None,
        indispensable: match resilience.lower_bound {
            0 | 1 => indispensable(compiled, kind),
            _ => Some(NodeSet::new()),
        },
        redundant: Vec::new(),
        listing: None,
        exhausted: None,
    };
    let counted = count_read_once(compiled, kind, &mut answer);
    if !counted || list.is_some() {
        let enumerated = match compiled.short_list(kind) {
            Some(short) => {
                by_list(compiled, short, list, &mut answer);
                Ok(())
            }
            None => by_diagram(compiled, kind, list, &mut answer)
                .or_else(|_| compiled.list(kind).map(|all| by_list(compiled, all, list, &mut answer))),
        };
        match enumerated {
            Ok(()) => (answer.exhausted, answer.count_bounds, answer.largest_bounds) = (None, None, None),
            Err(exhausted) => answer.exhausted = Some(exhausted),
        }
        if answer.smallest.is_none() {
            answer.smallest = smallest(compiled, kind);
        }
    }
    if let Some(listed) = compiled.system().about().listed.of(kind) {
        let comparisons = (listed.len() as u64).saturating_mul(listed.len() as u64);
        let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps.saturating_mul(16));
        match meter.charge(comparisons) {
            Ok(()) => answer.redundant = redundant(listed),
            Err(exhausted) => answer.exhausted = Some(exhausted),
        }
    }
    answer
}

fn count_read_once(compiled: &Compiled<'_>, kind: Kind, answer: &mut MinimalQuorums) -> bool {
    let formula = compiled.system().formula(kind);
    if !compiled.read_once(kind) {
        return false;
    }
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let unit = vec![1usize; compiled.system().nodes().len()];
    answer.smallest = pass::cheapest_quorum(formula, &unit, &mut meter).ok().map(|(size, _)| size);
    answer.unused = unused(formula, &mut meter).map(|unused| {
        let mut all = complement(compiled, &formula.support());
        all.union_with(&unused);
        all
    });
    if let Some(counted) = count_votes(formula, answer, &mut meter) {
        return counted;
    }
    match pass::count_minimal(formula, &mut meter) {
        Ok((count, largest)) => {
            (answer.count, answer.largest) = (Some(count), Some(largest));
            answer.smallest.is_some() && answer.unused.is_some()
        }
        Err(_) => false,
    }
}

/// Nodes below a gate of votes, in a read-once formula, that matter to no quorum: every child of a threshold does, a voter may not.
/// `None` where that is not settled.
fn unused(formula: &Formula, meter: &mut Meter) -> Option<NodeSet> {
    let mut unused = NodeSet::new();
    let mut below: Vec<GateId> = Vec::new();
    for (_, gate) in formula.gates() {
        let Gate::Weighted { quota, children, votes } = gate else { continue };
        let least = least_used(votes, quota, meter)?;
        below.extend(children.iter().zip(votes).filter(|(_, votes)| **votes < least).map(|(child, _)| *child));
    }
    while let Some(id) = below.pop() {
        match formula.gate(id) {
            Gate::Leaf(node) => unused.insert(node),
            Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => below.extend(children),
        }
    }
    Some(unused)
}

/// A single gate of votes over nodes: numbers, or bounds; whether all is known that can be. `None` for other formulas.
fn count_votes(formula: &Formula, answer: &mut MinimalQuorums, meter: &mut Meter) -> Option<bool> {
    let Gate::Weighted { quota, children, votes } = formula.gate(formula.root()) else { return None };
    if children.iter().any(|child| !matches!(formula.gate(*child), Gate::Leaf(_))) {
        return None;
    }
    let known = match minimal_sets(votes, quota, meter) {
        Ok(known) => known,
        Err(exhausted) => {
            answer.exhausted = Some(exhausted);
            return Some(answer.unused.is_some());
        }
    };
    match known.count {
        Counted::Exactly(count) => answer.count = Some(count),
        Counted::Between(bounds) => answer.count_bounds = Some(bounds),
    }
    match known.largest {
        [least, most] if least == most => answer.largest = Some(most),
        bounds => answer.largest_bounds = Some(bounds),
    }
    if answer.count.is_none() || answer.largest.is_none() || answer.unused.is_none() {
        answer.exhausted = Some(Exhausted { resource: Resource::PassSteps, limit: meter.spent() });
    }
    Some(true)
}

/// The size of a smallest quorum, where it can be found without a list of all.
fn smallest(compiled: &Compiled<'_>, kind: Kind) -> Option<usize> {
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let nodes = compiled.system().nodes().len();
    if let Some(prices) = compiled.lattice_prices() {
        let (floor, quorum) = prices.cheapest(&vec![1.0; nodes], &mut meter).ok()?;
        return Some(quorum.len()).filter(|size| *size as f64 <= floor);
    }
    let unit = vec![1usize; nodes];
    pass::cheapest_quorum(compiled.decomposable(kind).ok()?, &unit, &mut meter).ok().map(|(size, _)| size)
}

fn by_diagram(
    compiled: &Compiled<'_>,
    kind: Kind,
    list: Option<usize>,
    answer: &mut MinimalQuorums,
) -> Result<(), Exhausted> {
    let diagram = compiled.diagram()?;
    let function: Ref = *diagram.functions.of(kind);
    let mut store = diagram.store.borrow_mut();
    answer.unused = Some(complement(compiled, &store.support(function)));
    if answer.count.is_some() && list.is_none() {
        return Ok(());
    }
    let family = store.minimal_sets(function)?;
    let size = store.family_size(family);
    let (count, smallest, largest) = size.map(|size| (size.count, size.smallest, size.largest)).unwrap_or_default();
    if let Some(limit) = list {
        let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps.saturating_mul(16));
        let quorums = store.list_family(family, limit, &mut meter)?;
        answer.listing = Some(Listing { complete: count == quorums.len().into(), quorums });
    }
    (answer.count, answer.smallest, answer.largest) = (Some(count), Some(smallest), Some(largest));
    Ok(())
}

fn by_list(compiled: &Compiled<'_>, all: &Antichain, list: Option<usize>, answer: &mut MinimalQuorums) {
    let sets = all.sets();
    let mut used = NodeSet::new();
    sets.iter().for_each(|set| used.union_with(set));
    answer.unused = Some(complement(compiled, &used));
    answer.count = Some(sets.len().into());
    answer.smallest = sets.first().map(NodeSet::len);
    answer.largest = sets.last().map(NodeSet::len);
    answer.listing = list
        .map(|limit| Listing { quorums: sets.iter().take(limit).cloned().collect(), complete: limit >= sets.len() });
}

fn complement(compiled: &Compiled<'_>, set: &NodeSet) -> NodeSet {
    let mut rest = NodeSet::first(compiled.system().nodes().len());
    set.iter().for_each(|node| rest.remove(node));
    rest
}

/// Positions of listed quorums that contain another one, or repeat an earlier one.
fn redundant(listed: &[NodeSet]) -> Vec<usize> {
    let contains_another = |position: usize| {
        let quorum = &listed[position];
        listed.iter().enumerate().any(|(other, smaller)| {
            other != position && smaller.is_subset(quorum) && (smaller.len() < quorum.len() || other < position)
        })
    };
    (0..listed.len()).filter(|position| contains_another(*position)).collect()
}
