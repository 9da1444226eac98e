//! How many nodes may lie?

use super::closest_pair::closest_pair;
use crate::budget::{Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Formula, Kind, Lying, NodeSet, Pair};
use crate::structure::intersection::Intersection;
use crate::structure::ranges::loosest;
use crate::structure::resilience::Resilience;

/// What holds of one kind of lies.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Lies {
    /// The kind.
    pub kind: Lying,
    /// The largest number of liars by the overlap of quorums alone; absent where none holds or it is not known.
    pub consistency: Option<usize>,
    /// The largest by availability alone: the failures that are always survived.
    pub availability: Option<usize>,
    /// Whether `consistency` is absent because not even 0 liars are tolerated.
    pub is_none: bool,
    /// Whether the number that is asked for is tolerated; absent without one, and where it is not known.
    pub holds: Option<bool>,
    /// Why not.
    pub witness: Option<LiesWitness>,
}

impl Lies {
    /// The largest number of liars that is tolerated.
    pub fn largest(&self) -> Option<usize> {
        Some(self.consistency?.min(self.availability?))
    }
}

/// Liars, and two quorums that they deceive; without quorums, some kind of quorum needs one of the liars.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LiesWitness {
    /// A read and a write quorum.
    pub quorums: Option<[NodeSet; 2]>,
    /// The liars.
    pub faulty: NodeSet,
}

/// The three kinds of lies.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Byzantine {
    /// What is asked for.
    pub tolerate: Option<usize>,
    /// The kind that is asked for.
    pub kind: Lying,
    /// Dissemination, masking and opaque.
    pub each: Vec<Lies>,
}

impl Byzantine {
    /// Whether what is asked for holds; absent where nothing is.
    pub fn verdict(&self) -> Option<Option<bool>> {
        self.tolerate?;
        self.each.iter().find(|lies| lies.kind == self.kind).map(|lies| lies.holds)
    }
}

/// How many nodes may lie, given how reads meet writes and how many failures each kind survives.
///
/// # Method
/// Dissemination asks for b + 1 common nodes, masking for 2b + 1. Opaque asks that the common nodes but for b liars are no fewer than the
/// liars and those of R alone, and more than the liars: 2 |R and W| - |R| >= 2b for the liars among the common ones, which are the worst,
/// and again 2b + 1; where it `is_strict`, they are more than those, 2 |R and W| - |R| > 2b. That is found in closed form for nodes that are all alike, and from the lists of minimal quorums otherwise.
///
/// # Source
/// Malkhi and Reiter, Byzantine quorum systems, 1998.
pub fn byzantine(
    compiled: &Compiled<'_>,
    meeting: &Intersection,
    resilience: &Pair<Resilience>,
    asked: Option<(usize, Lying)>,
    is_strict: bool,
) -> Byzantine {
    let availability = resilience.reads.value().zip(resilience.writes.value()).map(|(reads, writes)| reads.min(writes));
    let smallest = meeting.fewest();
    let opaque = smallest.filter(|smallest| *smallest > 0).map(|_| least_surplus(compiled));
    let each = Lying::ALL.into_iter().map(|kind| {
        let by_overlap = |needed: fn(usize) -> Option<usize>| smallest.map(needed);
        let consistency: Option<Option<usize>> = match kind {
            Lying::Dissemination => by_overlap(|shared| shared.checked_sub(1)),
            Lying::Masking => by_overlap(|shared| Some(shared.checked_sub(1)? / 2)),
            Lying::Opaque => match (smallest, &opaque) {
                (Some(0), _) => Some(None),
                (Some(shared), Some(Some((surplus, _)))) => Some(
                    usize::try_from((surplus - i64::from(is_strict)).div_euclid(2))
                        .ok()
                        .map(|most| most.min((shared - 1) / 2)),
                ),
                _ => None,
            },
        };
        let mut lies = Lies {
            kind,
            consistency: consistency.flatten(),
            availability,
            is_none: consistency == Some(None),
            holds: None,
            witness: None,
        };
        if let Some((liars, _)) = asked {
            judge(&mut lies, liars, compiled, meeting, (resilience, opaque.as_ref().and_then(Option::as_ref)));
        }
        lies
    });
    Byzantine {
        tolerate: asked.map(|(liars, _)| liars),
        kind: asked.map_or(Lying::default(), |(_, kind)| kind),
        each: each.collect(),
    }
}

/// Whether so many liars are tolerated, and why not.
fn judge(
    lies: &mut Lies,
    liars: usize,
    compiled: &Compiled<'_>,
    meeting: &Intersection,
    (resilience, opaque): (&Pair<Resilience>, Option<&Surplus>),
) {
    let consistent = if lies.is_none { Some(false) } else { lies.consistency.map(|most| most >= liars) };
    let available = lies.availability.map(|most| most >= liars);
    lies.holds = match (consistent, available) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    };
    if consistent == Some(false) {
        let pair = match (lies.kind, opaque) {
            // Of those that have too few in common any closest pair will do; else the pair with the least surplus.
            (Lying::Opaque, Some((_, Some(pair)))) if meeting.shares(lies.kind.shared(liars)) == Some(true) => {
                Some(pair.clone())
            }
            _ => closest_pair(compiled, meeting),
        };
        lies.witness = pair.map(|[read, write]| {
            let faulty = read.iter().filter(|node| write.contains(*node)).take(liars).collect();
            LiesWitness { quorums: Some([read, write]), faulty }
        });
    } else if available == Some(false) {
        let few = |one: &Resilience| one.transversal.clone().filter(|set| set.len() <= liars);
        lies.witness = few(&resilience.reads)
            .or_else(|| few(&resilience.writes))
            .map(|faulty| LiesWitness { quorums: None, faulty });
    }
}

/// The least 2 |R and W| - |R|, and a pair that has it.
type Surplus = (i64, Option<[NodeSet; 2]>);

fn least_surplus(compiled: &Compiled<'_>) -> Option<Surplus> {
    // Quorums of a range are as large everywhere, so that the range where they share the fewest nodes is the worst.
    if let Some(range) = loosest(compiled.system()) {
        return least_surplus(&Compiled::new(&range, *compiled.budget()));
    }
    let formulas = compiled.system().formulas();
    let sizes = formulas.as_ref().map(Formula::as_threshold);
    if let (Some((r, all)), Some((w, others))) = (&sizes.reads, &sizes.writes)
        && all == others
    {
        let shared = (r + w).saturating_sub(all.len());
        let (read, write) = (all.iter().take(*r).collect(), all.iter().skip(all.len() - w).collect());
        return Some((2 * shared as i64 - *r as i64, Some([read, write])));
    }
    let (reads, writes) = (compiled.list(Kind::Read).ok()?, compiled.list(Kind::Write).ok()?);
    let mut meter = Meter::new(Resource::SearchSteps, compiled.budget().search_steps.saturating_mul(16));
    let mut least: Option<(i64, (&NodeSet, &NodeSet))> = None;
    for read in reads.sets() {
        meter.charge(writes.sets().len() as u64).ok()?;
        for write in writes.sets() {
            let surplus = 2 * read.overlap(write) as i64 - read.len() as i64;
            if least.as_ref().is_none_or(|(known, _)| surplus < *known) {
                least = Some((surplus, (read, write)));
            }
        }
    }
    least.map(|(surplus, (read, write))| (surplus, Some([read.clone(), write.clone()])))
}
