//! Two quorums that have few nodes in common.

use crate::circuit::Compiled;
use crate::model::{Kind, NodeId, NodeSet};
use crate::structure::given;
use crate::structure::intersection::{Intersection, intersection, sharing_few};
use crate::structure::minimise::shrink;
use crate::structure::ranges;

/// Nodes of a system whose closest pair is searched for.
const NODES_MAX: usize = 400;

/// A read and a write quorum that have as few nodes in common as any two have, of which it is known how they meet; `None` beyond the limits.
///
/// # Method
/// A node that is given away to both costs 1, and is one of those that a closest pair shares exactly when the others then share one less.
/// In the end nothing is shared, and the pair is disjoint but for those nodes.
pub(super) fn closest_pair(compiled: &Compiled<'_>, meeting: &Intersection) -> Option<[NodeSet; 2]> {
    if let Some(disjoint) = &meeting.witness {
        return Some(disjoint.clone());
    }
    if let Some(ring) = &compiled.system().about().ring {
        return ranges::closest(ring, Kind::Read, Kind::Write).map(|(_, pair)| pair);
    }
    let shared = meeting.fewest()?;
    let system = compiled.system();
    let count = system.nodes().len();
    let minimal = |kind: Kind, set: NodeSet| shrink(system.formula(kind), set, compiled.budget());
    // Any two quorums that were chosen to share few nodes will do, where votes are all alike.
    let [first, second] = sharing_few(compiled, Kind::Read, Kind::Write);
    let second = minimal(Kind::Write, second);
    if first.overlap(&second) == shared {
        return Some([first, second]);
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

/// The fewest nodes that two quorums share besides those that are given; 0 where one kind needs no others.
fn smallest_given(compiled: &Compiled<'_>, nodes: &NodeSet) -> Option<usize> {
    match given(compiled.system(), nodes) {
        None => Some(0),
        Some(system) => intersection(&Compiled::new(&system, *compiled.budget()), Kind::Read, Kind::Write).smallest,
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
        Some(left) => intersection(&Compiled::new(&left, *compiled.budget()), Kind::Read, Kind::Write).witness,
    }
}
