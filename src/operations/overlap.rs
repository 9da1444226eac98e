//! In how many nodes and votes does every read quorum meet every write quorum?

use super::closest_pair::closest_pair;
use super::shared_votes::fewest_shared;
use crate::budget::{Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Kind, NodeSet};
use crate::structure::intersection::Intersection;

/// How closely reads meet writes, and whether that is enough.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Overlap {
    /// Nodes that are asked for.
    pub required: usize,
    /// Whether every read quorum has so many in common with every write quorum; absent when the budget ended.
    pub holds: Option<bool>,
    /// The fewest nodes; absent when the budget ended.
    pub smallest_nodes: Option<usize>,
    /// The fewest votes, of systems of votes.
    pub smallest_votes: Option<u64>,
    /// Whether the quorums are votes.
    pub is_weighted: bool,
    /// A read and a write quorum with fewer, where it does not hold.
    pub witness: Option<[NodeSet; 2]>,
}

/// Whether reads meet writes in `required` nodes, given how they meet.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// use quorate::operations::overlap;
/// use quorate::structure::intersection::intersections;
/// let five = Family::Majority { n: 5 }.system()?;
/// let compiled = Compiled::new(&five, Budget::default());
/// let answer = overlap(&compiled, &intersections(&compiled).read_write, 2);
/// assert_eq!((answer.holds, answer.smallest_nodes), (Some(false), Some(1)));
/// let [read, write] = answer.witness.expect("a pair");
/// assert_eq!(read.overlap(&write), 1);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn overlap(compiled: &Compiled<'_>, meeting: &Intersection, required: usize) -> Overlap {
    let formulas = compiled.system().formulas();
    let has_quorums = Kind::BOTH.iter().all(|kind| compiled.system().has_quorum(*kind));
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    // Votes that stand in every range are no votes of the whole.
    let is_ring = compiled.system().about().ring.is_some();
    let votes =
        (has_quorums && !is_ring).then(|| fewest_shared(&formulas.reads, &formulas.writes, &mut meter)).flatten();
    // Of a kind without quorums none misses another.
    let holds = if has_quorums { meeting.shares(required) } else { Some(true) };
    let witness = if holds == Some(false) { closest_pair(compiled, meeting) } else { None };
    Overlap {
        required,
        holds,
        smallest_nodes: meeting.fewest(),
        smallest_votes: votes.and_then(Result::ok),
        is_weighted: votes.is_some(),
        witness,
    }
}
