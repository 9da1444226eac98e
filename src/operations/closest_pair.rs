//! Two quorums that have few nodes in common.

use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Formula, Kind, NodeId, NodeSet};
use crate::structure::given;
use crate::structure::intersection::intersections;
use crate::structure::minimise::shrink;

/// Nodes of a system whose closest pair is searched for.
const NODES_MAX: usize = 400;

/// A read and a write quorum that have `shared` nodes in common, the fewest that any two have; `None` beyond the limits.
///
/// # Method
/// A node that is given away to both costs 1, and is one of those that a closest pair shares exactly when the others then share one less.
/// In the end nothing is shared, and the pair is disjoint but for those nodes.
pub(super) fn closest_pair(compiled: &Compiled<'_>, shared: usize) -> Option<[NodeSet; 2]> {
    let system = compiled.system();
    let count = system.nodes().len();
    let minimal = |kind: Kind, set: NodeSet| shrink(system.formula(kind), set, compiled.budget());
    // Any two quorums where the first and the last nodes will do, as with votes that are all alike.
    let first = minimal(Kind::Read, NodeSet::first(count));
    let reversed: NodeSet = NodeSet::first(count);
    let last = without_while(system.formula(Kind::Write), reversed, &first, compiled).ok()?;
    if first.overlap(&last) == shared {
        return Some([first, last]);
    }
    if count > NODES_MAX {
        return None;
    }
    let mut given_away = NodeSet::new();
    let mut left = shared;
    for node in (0..count).map(NodeId::new) {
        if left == 0 {
            break;
        }
        let mut more = given_away.clone();
        more.insert(node);
        match smallest_given(compiled, &more)? {
            fewer if fewer < left => {
                given_away = more;
                left = fewer;
            }
            _ => {}
        }
    }
    if left > 0 {
        return None;
    }
    let [reads, writes] = disjoint_given(compiled, &given_away)?;
    let whole = |kind: Kind, set: NodeSet| minimal(kind, set.iter().chain(given_away.iter()).collect());
    Some([whole(Kind::Read, reads), whole(Kind::Write, writes)])
}

/// A minimal quorum that leaves out nodes of another set where it can.
fn without_while(
    formula: &Formula,
    all: NodeSet,
    other: &NodeSet,
    compiled: &Compiled<'_>,
) -> Result<NodeSet, Exhausted> {
    let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps);
    let mut set = all;
    for node in other.iter() {
        meter.charge(formula.edge_count() as u64)?;
        set.remove(node);
        if !formula.holds(&set) {
            set.insert(node);
        }
    }
    Ok(shrink(formula, set, compiled.budget()))
}

/// The fewest nodes that two quorums share besides those that are given; 0 where one kind needs no others.
fn smallest_given(compiled: &Compiled<'_>, nodes: &NodeSet) -> Option<usize> {
    match given(compiled.system(), nodes) {
        None => Some(0),
        Some(system) => intersections(&Compiled::new(&system, *compiled.budget())).read_write.smallest,
    }
}

/// A read and a write quorum that share nothing but what is given, without that.
fn disjoint_given(compiled: &Compiled<'_>, nodes: &NodeSet) -> Option<[NodeSet; 2]> {
    let system = compiled.system();
    match given(system, nodes) {
        None => {
            let all = NodeSet::first(system.nodes().len());
            let own = |kind: Kind| if system.formula(kind).holds(nodes) { NodeSet::new() } else { all.clone() };
            Some([own(Kind::Read), own(Kind::Write)])
        }
        Some(left) => intersections(&Compiled::new(&left, *compiled.budget())).read_write.witness,
    }
}
