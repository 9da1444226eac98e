//! A ring is many systems at once, one for each range of keys: how many of them are unavailable, and how often some one is.
//!
//! | question | file |
//! | --- | --- |
//! | how probable is it that one range is unavailable or lost? | `chances` |
//! | which ranges are, of what is left now and after each zone? | `ranges` |
//! | how many different sets of replicas are there, and how soon is one of them gone? | `copysets`, with the pairs of `overlaps` |
//! | all of it | this one |

mod chances;
mod copysets;
mod overlaps;
mod ranges;

use self::chances::Chances;
use super::{AvailabilityMethod, FailureProbability, Failures, Interval, SamplingOptions, failure_probability};
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Formula, Pair, RangeQuorum, Ring, System, ZoneId};
use crate::number::Scaled;

#[doc(hidden)]
pub use self::copysets::{AtOnce, Copysets};
#[doc(hidden)]
pub use self::ranges::{Affected, RangeLosses};

/// Replica sets above which the exact methods have a small part of their budget: they would only end later.
pub(crate) const EXACT_COPYSETS_MAX: usize = 2_000;

/// The part.
const SMALL_PART: u64 = 64;

/// What holds of the ranges of a ring.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct RingAnswer {
    /// How its replicas are placed; absent for what is left of a ring.
    pub copysets: Option<Copysets>,
    /// The ranges that are unavailable and lost as it stands.
    pub now: RangeLosses,
    /// The same after the loss of each zone.
    pub zone_losses: Vec<(ZoneId, RangeLosses)>,
    /// For each choice of failure probabilities how often ranges are unavailable and lost, or why that is not known.
    pub chances: Vec<Result<RangeChances, Exhausted>>,
    /// For each share of reads the load of the busiest node, and one that no choice of replicas can go below.
    pub load: Vec<RingLoad>,
}

/// One of the ways in which a range can be missing.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RangeChance {
    /// `read`, `write`, `lost` or `write_lost`.
    pub event: RangeEvent,
    /// That it happens to some range; absent where it was not computed, or where a sample saw none.
    pub some: Option<Scaled>,
    /// How that was found.
    pub method: AvailabilityMethod,
    /// Of an estimate, or of bounds: lower and upper end.
    pub between: Option<(f64, f64)>,
    /// The sample, where there is one.
    pub interval: Option<Interval>,
    /// The expected share of the ranges; exact.
    pub ranges: Scaled,
    /// The expected share of the keys; exact.
    pub keys: Scaled,
}

/// What can happen to a range.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum RangeEvent {
    /// No read quorum is alive.
    Read,
    /// No write quorum is alive.
    Write,
    /// No replica is left.
    Lost,
    /// No node is left of some write quorum, so that an acknowledged write can be gone.
    WriteLost,
}

impl RangeEvent {
    /// All of them.
    pub const ALL: [RangeEvent; 4] = [RangeEvent::Read, RangeEvent::Write, RangeEvent::Lost, RangeEvent::WriteLost];

    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            RangeEvent::Read => "read",
            RangeEvent::Write => "write",
            RangeEvent::Lost => "lost",
            RangeEvent::WriteLost => "write_lost",
        }
    }
}

/// How often ranges are missing, in the order of [`RangeEvent::ALL`].
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RangeChances {
    /// The failure probability of every node, when they all have the same.
    pub node_failure_probability: Option<crate::model::Probability>,
    /// Each event.
    pub each: Vec<RangeChance>,
}

/// The load of the busiest node, where each operation asks the replicas of a range evenly, with keys in proportion to the ranges' shares.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RingLoad {
    /// The share of reads.
    pub read_fraction: f64,
    /// That load.
    pub even: f64,
    /// However replicas are chosen, some node has at least this load.
    pub lower_bound: f64,
}

/// What holds of the ranges of a ring; `None` for other systems.
///
/// `some` is known of the whole: the answers of [`failure_probability`] at the same failures are taken for reads and writes.
///
/// # Errors
/// [`Exhausted`] inside, where the states of the zones around one range are too many.
///
/// # Complexity
/// Linear in the sets of replicas, times 2^z for those of which z zones can fail; charged to the pass steps.
#[doc(hidden)]
pub fn ring_answer(
    compiled: &Compiled<'_>,
    known: &[(Failures, FailureProbability)],
    read_fractions: &[f64],
    options: &SamplingOptions,
) -> Option<RingAnswer> {
    let system = compiled.system();
    let ring = system.about().ring.as_ref()?;
    let is_whole = system.about().failed.is_empty();
    let losing = System::clone(system).with_formulas(lost(ring));
    let losing = losing.expect("formulas over the nodes of the ring");
    let budget = budget_for(ring, *compiled.budget());
    let losing = Compiled::new(&losing, budget);
    let placement = is_whole.then(|| copysets::copysets(ring, system.nodes().len()));
    let pairs = placement.as_ref().and_then(|(_, pairs)| pairs.as_deref());
    let chances = known.iter().map(|(failures, answer)| {
        let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps.max(Budget::default().pass_steps / 8));
        let each = chances::of_ranges(ring, failures, &mut meter)?;
        let (mut lost, _) = failure_probability(&losing, failures, options);
        bounded(&mut lost, [each.some_at_most[2], each.some_at_most[3]]);
        let mut found = together(answer, &lost, &each);
        let at_most = each.some_at_most[2].to_f64().unwrap_or(f64::MIN_POSITIVE).min(1.0);
        if let Some(at_least) = pairs.and_then(|pairs| lost_at_least(ring, pairs, failures)) {
            found
                .each
                .iter_mut()
                .filter(|one| one.event == RangeEvent::Lost)
                .for_each(|one| sharpen(one, at_least, at_most));
        }
        Ok(found)
    });
    let chances = chances.collect();
    Some(RingAnswer {
        copysets: placement.map(|(copysets, _)| copysets),
        now: ranges::losses(ring, &vec![false; system.nodes().len()]),
        zone_losses: ranges::zone_losses(system, ring),
        chances,
        load: read_fractions.iter().map(|fraction| load(system, ring, *fraction)).collect(),
    })
}

/// What the exact methods may spend on a ring.
pub(crate) fn budget_for(ring: &Ring, budget: Budget) -> Budget {
    if ring.copysets.len() <= EXACT_COPYSETS_MAX {
        return budget;
    }
    let part = |all: u64| all / SMALL_PART;
    Budget {
        diagram_nodes: part(budget.diagram_nodes),
        sweep_states: part(budget.sweep_states),
        search_steps: part(budget.search_steps),
        explicit_sets: part(budget.explicit_sets),
        pass_steps: part(budget.pass_steps),
        enumeration_steps: part(budget.enumeration_steps),
        ..budget
    }
}

/// As reads "every range has a replica left", as writes "every write quorum of every range has a node left".
fn lost(ring: &Ring) -> Pair<Formula> {
    let fits = "no more gates than its quorums have";
    Pair { reads: ring.kept().expect(fits), writes: ring.writes_kept().expect(fits) }
}

/// Where a sample saw nothing, what holds without one: the chances of all ranges together are no less than that of some one.
fn bounded(answer: &mut FailureProbability, at_most: [Scaled; 2]) {
    let Some(ranges) = &mut answer.ranges else { return };
    for (range, bound) in ranges.iter_mut().zip(at_most) {
        let bound = bound.to_f64().unwrap_or(f64::MIN_POSITIVE).min(1.0);
        range.1 = range.1.min(bound).max(range.0);
    }
}

/// Where nodes fail independently and alike: some range is lost at least this often, by the pairs of sets of replicas that share 0, 1, ...
/// nodes (Chung and Erdos, 1952).
fn lost_at_least(ring: &Ring, pairs: &[f64], failures: &Failures) -> Option<f64> {
    let p = failures.common()?.get();
    if failures.zones.iter().any(|zone| zone.get() > 0.0) {
        return None;
    }
    let replicas = ring.replicas() as i32;
    let mean = ring.copysets.len() as f64 * p.powi(replicas);
    let of_pair = |(shared, count): (usize, &f64)| count * p.powi(2 * replicas - shared as i32);
    let second = mean + 2.0 * pairs.iter().enumerate().map(of_pair).sum::<f64>();
    (second > 0.0).then(|| (mean * mean / second).min(1.0))
}

/// Takes bounds in the place of a sample that says less.
fn sharpen(chance: &mut RangeChance, lower: f64, upper: f64) {
    let (lower, upper) = (lower.min(upper), upper);
    if chance.between.is_none_or(|(from, to)| upper - lower >= to - from) {
        return;
    }
    chance.method = AvailabilityMethod::Bounds;
    chance.between = Some((lower, upper));
    chance.interval = Some(Interval { lower, upper, confidence: None, trials: None, seed: None, shortfall: None });
    chance.some = (upper <= lower * NEAR).then(|| Scaled::from(f64::midpoint(lower, upper)));
}

/// Bounds whose middle is said, too.
const NEAR: f64 = 1.1;

fn together(either: &FailureProbability, lost: &FailureProbability, each: &Chances) -> RangeChances {
    let of = |(at, event): (usize, RangeEvent)| {
        let (answer, place) = if at < 2 { (either, at) } else { (lost, at - 2) };
        let some = [answer.read, answer.write][place];
        RangeChance {
            event,
            some,
            method: answer.method,
            between: answer.ranges.map(|ranges| ranges[place]),
            interval: answer.interval,
            ranges: each.ranges[at],
            keys: each.keys[at],
        }
    };
    RangeChances {
        node_failure_probability: either.node_failure_probability,
        each: RangeEvent::ALL.into_iter().enumerate().map(of).collect(),
    }
}

/// The load where each quorum draws its replicas evenly.
fn load(system: &System, ring: &Ring, read_fraction: f64) -> RingLoad {
    let kinds = [(read_fraction, &ring.quorums.reads), (1.0 - read_fraction, &ring.quorums.writes)];
    let capacity = |node: usize| {
        let node = &system.nodes()[node];
        [node.read_capacity.get(), node.write_capacity.get()]
    };
    let mut loads = vec![0.0; system.nodes().len()];
    let mut work = [0.0; 2];
    for copyset in &ring.copysets {
        for (kind, (share, quorum)) in kinds.iter().enumerate() {
            work[kind] += share * copyset.keys * needed(quorum) as f64;
            for part in copyset.parts(quorum) {
                let own = share * copyset.keys * part.needed as f64 / part.nodes.len().max(part.needed) as f64;
                part.nodes.iter().for_each(|node| loads[node.index()] += own / capacity(node.index())[kind]);
            }
        }
    }
    // The nodes together do all of the work at their best rate.
    let most = |kind: usize| (0..loads.len()).map(|node| capacity(node)[kind]).sum::<f64>();
    let best = (0..loads.len()).map(|node| capacity(node).into_iter().fold(0.0, f64::max)).sum::<f64>();
    let lower_bound = (work[0] / most(0)).max(work[1] / most(1)).max((work[0] + work[1]) / best);
    RingLoad { read_fraction, even: loads.into_iter().fold(0.0, f64::max), lower_bound }
}

/// Nodes of a quorum.
fn needed(quorum: &RangeQuorum) -> usize {
    match quorum {
        RangeQuorum::Any(needed) => *needed,
        RangeQuorum::Each(groups) => groups.iter().map(|(_, needed)| needed).sum(),
    }
}
