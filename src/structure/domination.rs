//! Is there a better system, or is this one non-dominated?

use super::common_tree::{Order, Skeleton};
pub use super::improvement::Improvement;
use super::intersection::Verdict;
use super::resilience::Resilience;
use super::two_colouring;
use super::vote_sums::{Answer, Ballot};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Compiled, Count, Ref};
use crate::model::{Kind, Pair};

/// Whether the reads are exactly the dual of the writes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Domination {
    /// [`Verdict::Holds`] when the system is non-dominated.
    pub non_dominated: Verdict,
    /// A set that could be added as a quorum, when the system intersects and is dominated.
    pub improvement: Option<Improvement>,
}

/// Whether the reads are exactly the dual of the writes; with a set that improves the system when they are not.
///
/// `intersects` says whether reads and writes meet: only then is a set that meets every quorum an improvement.
///
/// # Method
/// Read-once formulas of one shape are equal exactly when their thresholds are. A smallest transversal that is not a
/// quorum of the other kind is an improvement, and a smallest one. Otherwise one comparison of references on the decision
/// diagram; the improvement is a cheapest path to `true` of "in the dual, and not yet a quorum". Where the diagram is too wide, a
/// colouring of the nodes that makes no listed quorum of one colour is one more proof that the system is dominated.
///
/// # Source
/// Garcia-Molina and Barbara, How to assign votes in a distributed system, 1985; Ibaraki and Kameda 1993 (self-dual).
///
/// # Examples
/// ```
/// use quorate::structure::domination::domination;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// use quorate::structure::resilience::resilience;
/// use quorate::model::{Kind, Pair};
/// let even = Family::Majority { n: 4 }.system()?;
/// let compiled = Compiled::new(&even, Budget::default());
/// let resilience = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| resilience(&compiled, kind));
/// let answer = domination(&compiled, true, &resilience);
/// assert_eq!(answer.non_dominated.known(), Some(false));
/// assert_eq!(answer.improvement.map(|better| better.quorum.len()), Some(2)); // two of four, for instance {n1, n2}
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn domination(compiled: &Compiled<'_>, intersects: bool, resilience: &Pair<Resilience>) -> Domination {
    if let Some(ring) = &compiled.system().about().ring {
        let non_dominated = if super::ranges::is_dual(ring) { Verdict::Holds } else { Verdict::Fails };
        return Domination { non_dominated, improvement: None };
    }
    if Kind::BOTH.iter().any(|kind| !compiled.system().has_quorum(*kind)) {
        // Every set would be a quorum of the dual.
        return Domination { non_dominated: Verdict::Fails, improvement: None };
    }
    let reads = compiled.system().formula(Kind::Read);
    let dual = compiled.dual(Kind::Write);
    let shape = if compiled.read_once(Kind::Read) && compiled.read_once(Kind::Write) {
        Skeleton::of(reads, dual)
    } else {
        None
    };
    if reads == dual || shape.as_ref().is_some_and(|shape| shape.order() == Order::Equal) {
        return Domination { non_dominated: Verdict::Holds, improvement: None };
    }
    let improvement = if intersects { transversal_as_quorum(compiled, resilience) } else { None };
    if improvement.is_some() {
        return Domination { non_dominated: Verdict::Fails, improvement };
    }
    let ballot = Ballot::of(reads, compiled.system().formula(Kind::Write)).filter(|_| intersects);
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 4);
    let between = ballot.as_ref().map_or(Answer::Open, |ballot| ballot.between(&mut meter));
    if between == Answer::No {
        return Domination { non_dominated: Verdict::Holds, improvement: None };
    }
    let is_wide = ballot.as_ref().is_some_and(|ballot| ballot.table() > compiled.budget().diagram_nodes);
    let exhausted = match is_wide {
        true => Exhausted { resource: Resource::PassSteps, limit: meter.spent() },
        false => match compare_on_diagram(compiled, intersects) {
            Ok(answer) => return answer,
            Err(exhausted) => exhausted,
        },
    };
    let improvement = match between {
        Answer::Yes(quorum) => Some(Improvement { kind: Kind::Read, quorum }),
        _ if intersects && !is_wide => two_colouring::improvement(compiled),
        _ => None,
    };
    let known = shape.is_some() || improvement.is_some();
    let non_dominated = if known { Verdict::Fails } else { Verdict::Undecided(exhausted) };
    Domination { non_dominated, improvement }
}

fn compare_on_diagram(compiled: &Compiled<'_>, intersects: bool) -> Result<Domination, Exhausted> {
    let diagram = compiled.diagram()?;
    let mut store = diagram.store.borrow_mut();
    let dual = store.dual(diagram.functions.writes)?;
    if dual == diagram.functions.reads {
        return Ok(Domination { non_dominated: Verdict::Holds, improvement: None });
    }
    if !intersects {
        return Ok(Domination { non_dominated: Verdict::Fails, improvement: None });
    }
    let mut best: Option<Improvement> = None;
    for (kind, other) in [(Kind::Read, Kind::Write), (Kind::Write, Kind::Read)] {
        let dual = store.dual(*diagram.functions.of(other))?;
        let better = store.and_not(dual, *diagram.functions.of(kind))?;
        if let Some(quorum) = store.cheapest_path(better, Ref::TRUE, Count::Live)
            && best.as_ref().is_none_or(|best| quorum.len() < best.quorum.len())
        {
            best = Some(Improvement { kind, quorum });
        }
    }
    Ok(Domination { non_dominated: Verdict::Fails, improvement: best })
}

/// A smallest transversal of either kind, when it contains no quorum of the other kind yet.
///
/// Every improvement is a transversal, so none is smaller than the smallest transversal of both kinds; only that one is
/// tried, since a larger one need not be a smallest improvement.
fn transversal_as_quorum(compiled: &Compiled<'_>, resilience: &Pair<Resilience>) -> Option<Improvement> {
    let smallest = resilience.writes.lower_bound.min(resilience.reads.lower_bound);
    let new = [(Kind::Read, Kind::Write), (Kind::Write, Kind::Read)].into_iter().filter_map(|(kind, other)| {
        let answer = resilience.of(other);
        let transversal = answer.transversal.as_ref().filter(|_| answer.exhausted.is_none())?;
        let new = transversal.len() == smallest && !compiled.system().formula(kind).holds(transversal);
        new.then(|| Improvement { kind, quorum: transversal.clone() })
    });
    new.into_iter().next()
}
