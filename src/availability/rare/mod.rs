//! Failures too rare to be met by chance: draw them, and weigh what was drawn.

mod cover;
mod parts;
mod relaxed;
mod taken;

use std::borrow::Cow;
use std::sync::Arc;

use super::Failures;
use super::bernoulli_words::Numbers;
use super::independent_events::Variables;
use super::monte_carlo::Counts;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Compiled, ZonePlan, is_decomposable};
use crate::model::{Formula, Gate, Kind, NodeId, NodeSet, Probability};
use crate::number::Scaled;

use super::rare::cover::{Cover, DrawSpace};
use super::rare::parts::{Drawn, Parts};
pub(super) use super::rare::relaxed::{Group, Space};

/// Draws in one block; every block has a random stream of its own.
pub(super) const BLOCK_DRAWS: u64 = 256;

/// Ways to lose the quorums of one kind, or of either.
///
/// F = `settled` + `weight` P(a draw falls on heads).
#[derive(Debug, Clone)]
pub(super) struct RareEvent {
    sources: Vec<Source>,
    /// The probability of ways that need no drawing.
    pub(super) settled: Scaled,
    /// What the share of heads is to be multiplied with.
    pub(super) weight: Scaled,
    /// The quorums are lost at least this often.
    pub(super) lower: Scaled,
    /// Whether settled ways are drawn too.
    from: Drawn,
}

/// The quorums of one kind, and what is drawn from when they are to be lost.
#[derive(Debug, Clone)]
struct Source {
    kind: Kind,
    ways: Ways,
    weight: Scaled,
}

#[derive(Debug, Clone)]
enum Ways {
    /// A formula over failures, decomposable, or read-once with zones in it.
    Proofs(Arc<(Formula, ZonePlan)>),
    /// A list of quorums, divided by a search tree.
    Parts(Arc<Parts>),
}

impl RareEvent {
    /// No quorum of this kind is alive; absent when neither the ways can be told apart nor the quorums be listed.
    pub(super) fn of(
        compiled: &Compiled<'_>,
        kind: Kind,
        variables: &Variables<'_>,
        failures: &Failures,
    ) -> Option<Self> {
        let dual = match variables.formulas.of(kind) {
            // No zone is a variable: the formula is that of the system.
            Cow::Borrowed(_) => Cow::Borrowed(compiled.dual(kind)),
            Cow::Owned(formula) => Cow::Owned(formula.dual()),
        };
        let budget = compiled.budget();
        let proofs = decomposable(dual, budget).or_else(|| read_once(compiled, kind, failures));
        if let Some(ways) = proofs
            && let Ok(cover) = weigh(&ways, &variables.failure, budget)
        {
            let (weight, lower) = (cover.weight(), likeliest(&ways.0, &variables.failure));
            let sources = vec![Source { kind, ways: Ways::Proofs(Arc::new(ways)), weight }];
            return Some(RareEvent { sources, settled: Scaled::ZERO, weight, lower, from: Drawn::All });
        }
        let quorums = compiled.short_list(kind).or_else(|| compiled.list(kind).ok())?;
        let with_zones = |quorum: &NodeSet| {
            let zones = quorum.iter().flat_map(|node| failures.zones_of(node.index()));
            let zones = zones.filter(|zone| failures.zones[*zone].get() > 0.0).map(|zone| failures.variable(zone));
            quorum.iter().chain(zones).collect::<NodeSet>()
        };
        let sets: Vec<NodeSet> = quorums.sets().iter().map(with_zones).collect();
        let parts = Parts::new(&sets, &variables.failure, budget.sample_draws.saturating_mul(DIVISION_STEPS));
        let (settled, weight) = (parts.settled, parts.weight);
        let lower = if parts.likeliest > settled { parts.likeliest } else { settled };
        Some(RareEvent {
            sources: vec![Source { kind, ways: Ways::Parts(Arc::new(parts)), weight }],
            settled,
            weight,
            lower,
            from: Drawn::Open,
        })
    }

    /// The same event, with all ways to be drawn: where not all of them count.
    pub(super) fn whole(&self) -> Self {
        let weight = self.settled + self.weight;
        let sources = self.sources.iter().map(|source| Source { weight, ..source.clone() }).collect();
        RareEvent { sources, settled: Scaled::ZERO, weight, lower: Scaled::ZERO, from: Drawn::All }
    }

    /// One event or the other happens.
    pub(super) fn or(&self, other: &RareEvent) -> Self {
        let lower = if self.lower > other.lower { self.lower } else { other.lower };
        // Settled ways of both kinds may happen together, so they are drawn too.
        let (one, two) = (self.whole(), other.whole());
        let weight = one.weight + two.weight;
        let sources = one.sources.into_iter().chain(two.sources).collect();
        RareEvent { sources, settled: Scaled::ZERO, weight, lower, from: Drawn::All }
    }

    /// Operations of one draw.
    pub(super) fn cost(&self) -> u64 {
        let of = |source: &Source| match &source.ways {
            // A bound that needs no second weighing: what a draw touches.
            Ways::Proofs(ways) => (ways.0.edge_count() * 2 + ways.0.gate_count()) as u64,
            Ways::Parts(parts) => parts.cost(),
        };
        self.sources.iter().map(of).max().unwrap_or(0)
    }
}

/// Word operations of dividing the ways to lose the quorums, for each draw of a node that a sample may take.
const DIVISION_STEPS: u64 = 2;

/// Ways to fail, if these are decomposable.
fn decomposable(ways: Cow<'_, Formula>, budget: &Budget) -> Option<(Formula, ZonePlan)> {
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
    (is_decomposable(&ways, &mut meter) == Ok(true)).then(|| (ways.into_owned(), ZonePlan::default()))
}

/// Ways of nodes and zones to fail, where the formula of the nodes is read-once and no zone cuts through its gates.
fn read_once(compiled: &Compiled<'_>, kind: Kind, failures: &Failures) -> Option<(Formula, ZonePlan)> {
    if failures.is_overlapping() {
        return None;
    }
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 8);
    let ways = compiled.read_once(kind).then(|| compiled.dual(kind))?;
    let zones = failures.zone_members(|p| p.get() > 0.0);
    let plan = ZonePlan::of(ways, &zones, &mut meter).ok().filter(|plan| plan.cutting().is_empty())?;
    Some((ways.clone(), plan))
}

fn weigh<'a>(
    (ways, zones): &'a (Formula, ZonePlan),
    failure: &'a [Probability],
    budget: &Budget,
) -> Result<Cover<'a>, Exhausted> {
    Cover::new(ways, zones, failure, &mut Meter::new(Resource::PassSteps, budget.pass_steps / 64))
}

/// The probability of the likeliest set of failures that makes a decomposable formula hold, or less.
fn likeliest(ways: &Formula, failure: &[Probability]) -> Scaled {
    let mut value: Vec<Scaled> = Vec::with_capacity(ways.gate_count());
    for (_, gate) in ways.gates() {
        let best = |k: usize, children: &[crate::model::GateId]| {
            let mut each: Vec<Scaled> = children.iter().map(|child| value[child.index()]).collect();
            each.sort_by(|a, b| b.partial_cmp(a).unwrap_or(std::cmp::Ordering::Equal));
            each[..k].iter().fold(Scaled::ONE, |a, b| a * *b)
        };
        let value_here = match gate {
            Gate::Leaf(node) => Scaled::from(failure[node.index()].get()),
            Gate::Threshold { k, children } => best(k, children),
            // All children are enough.
            Gate::Weighted { children, .. } => best(children.len(), children),
        };
        value.push(value_here);
    }
    value[ways.root().index()]
}

/// Draws of one event, made ready once.
#[derive(Debug)]
pub(super) struct Drawer<'a> {
    event: &'a RareEvent,
    /// For each source, its proofs weighed.
    covers: Vec<Option<Cover<'a>>>,
    /// Count only draws that leave no quorum of this kind either.
    also: Option<Kind>,
    variables: &'a Variables<'a>,
    seed: u64,
    first_stream: u64,
}

/// What one draw writes to: a space for each source.
struct Spaces(Vec<(Option<DrawSpace>, Space)>);

impl<'a> Drawer<'a> {
    /// `number` keeps the streams of different events apart, and from those of plain sampling.
    pub(super) fn new(
        event: &'a RareEvent,
        also: Option<Kind>,
        variables: &'a Variables<'_>,
        budget: &Budget,
        (seed, number): (u64, u64),
    ) -> Result<Self, Exhausted> {
        let cover = |source: &'a Source| match &source.ways {
            Ways::Proofs(ways) => weigh(ways, &variables.failure, budget).map(Some),
            Ways::Parts(_) => Ok(None),
        };
        let covers = event.sources.iter().map(cover).collect::<Result<_, _>>()?;
        Ok(Drawer { event, covers, also, variables, seed, first_stream: (number + 1) << 56 })
    }

    /// In how many of the first `draws` draws of a block the coin fell on heads.
    pub(super) fn block(&self, block: u64, draws: u64) -> Counts {
        let mut random = Numbers::new(self.seed, self.first_stream + block);
        let variables = self.variables.failure.len();
        let space = |cover: &Option<Cover<'_>>| (cover.as_ref().map(Cover::space), Space::new(variables));
        let mut spaces = Spaces(self.covers.iter().map(space).collect());
        let heads = (0..draws).filter(|_| self.draw(&mut spaces, &mut random)).count() as u64;
        [heads; 4]
    }

    /// Draws a source in proportion to its weight, and one of its ways; a state in which the quorums of both sources
    /// are lost can come from either, and counts half.
    fn draw(&self, spaces: &mut Spaces, random: &mut Numbers) -> bool {
        let sources = &self.event.sources;
        let second = sources.len() > 1 && random.unit() >= sources[0].weight.ratio(self.event.weight);
        let drawn = usize::from(second);
        let source = &sources[drawn];
        let (cover_space, space) = &mut spaces.0[drawn];
        let (heads, failed) = match (&source.ways, &self.covers[drawn], cover_space) {
            (Ways::Parts(parts), ..) => (parts.draw(self.event.from, space, random), &space.failed),
            (_, Some(cover), Some(space)) => (cover.draw(space, random), &space.failed),
            _ => return false,
        };
        if !heads {
            return false;
        }
        let also_lost = |kind: Kind| !self.variables.formulas.of(kind).holds(&live(failed));
        if let Some(kind) = self.also {
            return also_lost(kind);
        }
        let other = (sources.len() > 1).then(|| &sources[usize::from(!second)]);
        other.is_none_or(|other| random.unit() < 0.5 || !also_lost(other.kind))
    }
}

fn live(failed: &[bool]) -> NodeSet {
    (0..failed.len()).filter(|node| !failed[*node]).map(NodeId::new).collect()
}
