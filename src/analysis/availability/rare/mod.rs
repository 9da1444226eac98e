//! Failures too rare to be met by chance: draw them, and weigh what was drawn.

mod cover;
mod transversals;

use super::Failures;
use super::draws::Numbers;
use super::sampled::Counts;
use super::variables::Variables;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Compiled, Scaled, is_decomposable, pass};
use crate::families::custom::from_sets;
use crate::model::{Formula, FormulaBuilder, Kind, NodeId, NodeSet, Probability};

use cover::Cover;
use transversals::smallest_transversals;

/// Draws in one block; every block has a random stream of its own.
pub(super) const BLOCK_DRAWS: u64 = 256;

/// Ways to lose the quorums of some kind, most of them listed.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// A decomposable formula over failures that holds only when the quorums are lost.
    ways: Formula,
    /// P(the quorums are lost in another way) is at most this.
    pub(super) tail: Scaled,
    /// The probability of the likeliest way listed: the quorums are lost at least as often.
    pub(super) lower: Scaled,
    /// The sum of the probabilities of all ways listed.
    pub(super) weight: Scaled,
}

impl Event {
    /// No quorum of this kind is alive; absent when neither the ways can be told apart nor the quorums be listed.
    pub(super) fn of(
        compiled: &Compiled<'_>,
        kind: Kind,
        variables: &Variables<'_>,
        failures: &Failures,
    ) -> Option<Self> {
        let dual = variables.formulas.of(kind).dual();
        let budget = compiled.budget();
        let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps / 8);
        if is_decomposable(&dual, &mut meter) == Ok(true)
            && let Ok(event) = Event::new(dual, Scaled::ZERO, Scaled::ZERO, variables, budget)
        {
            return Some(event);
        }
        let quorums = compiled.short_list(kind).or_else(|| compiled.list(kind).ok())?;
        let with_zones = |quorum: &NodeSet| {
            let zones = quorum.iter().flat_map(|node| failures.zones_of(node.index()));
            let zones = zones.filter(|zone| failures.zones[*zone].get() > 0.0).map(|zone| failures.variable(zone));
            quorum.iter().chain(zones).collect::<NodeSet>()
        };
        let sets: Vec<NodeSet> = quorums.sets().iter().map(with_zones).collect();
        let listed = smallest_transversals(&sets, LISTED_MAX, budget.search_steps.saturating_mul(16));
        let tail = match listed.complete_to {
            None => Scaled::ZERO,
            Some(size) => more_failures_than(size, variables, &sets, budget),
        };
        let ways = from_sets(&if listed.sets.is_empty() { vec![some_transversal(&sets)] } else { listed.sets }).ok()?;
        let lower = likeliest(&ways, variables);
        Event::new(ways, tail, lower, variables, budget).ok()
    }

    fn new(
        ways: Formula,
        tail: Scaled,
        lower: Scaled,
        variables: &Variables<'_>,
        budget: &Budget,
    ) -> Result<Self, Exhausted> {
        let weight = weigh(&ways, &variables.failure, budget)?.weight();
        Ok(Event { ways, tail, lower, weight })
    }

    /// One event or the other happens.
    pub(super) fn or(&self, other: &Event, variables: &Variables<'_>, budget: &Budget) -> Option<Self> {
        let mut builder = FormulaBuilder::new();
        let leaf = |builder: &mut FormulaBuilder, node| builder.leaf(node);
        let roots = [self, other].map(|event| builder.import(&event.ways, leaf));
        let root = builder.or(&roots).ok()?;
        let larger = |a: Scaled, b: Scaled| if a > b { a } else { b };
        let (tail, lower) = (larger(self.tail, other.tail), larger(self.lower, other.lower));
        Event::new(builder.finish(root), tail, lower, variables, budget).ok()
    }

    /// Operations of one draw.
    pub(super) fn cost(&self) -> u64 {
        // A bound that needs no second weighing: what a draw touches.
        (self.ways.edge_count() * 2 + self.ways.gate_count()) as u64
    }
}

/// Sets of failures that are listed.
const LISTED_MAX: usize = 20_000;

fn weigh<'a>(ways: &'a Formula, failure: &'a [Probability], budget: &Budget) -> Result<Cover<'a>, Exhausted> {
    Cover::new(ways, failure, &mut Meter::new(Resource::PassSteps, budget.pass_steps / 64))
}

/// P(more than `size` of the variables in these sets fail), or an upper bound of 1.
///
/// A way to lose the quorums that contains none of the listed transversals has more members than that.
fn more_failures_than(size: usize, variables: &Variables<'_>, sets: &[NodeSet], budget: &Budget) -> Scaled {
    let mut support = NodeSet::new();
    sets.iter().for_each(|set| support.union_with(set));
    if size >= support.len() {
        return Scaled::ZERO;
    }
    let mut builder = FormulaBuilder::new();
    let leaves: Vec<_> = support.iter().map(|node| builder.leaf(node)).collect();
    let Ok(root) = builder.threshold((leaves.len() - size) as u64, &leaves) else { return Scaled::ONE };
    let each = |f: fn(Probability) -> f64| variables.failure.iter().map(|p| Scaled::from(f(*p))).collect::<Vec<_>>();
    let (live, dead) = (each(Probability::complement), each(Probability::get));
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps);
    pass::probabilities(&builder.finish(root), &live, &dead, &mut meter).map_or(Scaled::ONE, |both| both.0)
}

/// A transversal: the member of most open sets, again and again.
fn some_transversal(sets: &[NodeSet]) -> NodeSet {
    let mut open: Vec<&NodeSet> = sets.iter().collect();
    let mut taken = NodeSet::new();
    while let Some(first) = open.first() {
        let reach = |node: &NodeId| open.iter().filter(|set| set.contains(*node)).count();
        let Some(best) = first.iter().max_by_key(reach) else { break };
        open.retain(|set| !set.contains(best));
        taken.insert(best);
    }
    taken
}

/// The probability of the likeliest of the listed sets.
fn likeliest(ways: &Formula, variables: &Variables<'_>) -> Scaled {
    let mut value: Vec<Scaled> = Vec::with_capacity(ways.gate_count());
    for (_, gate) in ways.gates() {
        value.push(match gate {
            crate::model::Gate::Leaf(node) => Scaled::from(variables.failure[node.index()].get()),
            crate::model::Gate::Threshold { k: 1, children } => {
                let larger = |a: Scaled, b: Scaled| if a > b { a } else { b };
                children.iter().map(|child| value[child.index()]).fold(Scaled::ZERO, larger)
            }
            crate::model::Gate::Threshold { children, .. } => {
                children.iter().map(|child| value[child.index()]).fold(Scaled::ONE, |a, b| a * b)
            }
            crate::model::Gate::Weighted { .. } => Scaled::ZERO,
        });
    }
    value[ways.root().index()]
}

/// Draws of one event, made ready once.
#[derive(Debug)]
pub(super) struct Drawer<'a> {
    cover: Cover<'a>,
    /// Count only draws that leave no quorum of this formula either.
    also: Option<&'a Formula>,
    nodes: usize,
    seed: u64,
    first_stream: u64,
}

impl<'a> Drawer<'a> {
    /// `number` keeps the streams of different events apart, and from those of plain sampling.
    pub(super) fn new(
        event: &'a Event,
        also: Option<&'a Formula>,
        variables: &'a Variables<'_>,
        budget: &Budget,
        (seed, number): (u64, u64),
    ) -> Result<Self, Exhausted> {
        let cover = weigh(&event.ways, &variables.failure, budget)?;
        Ok(Drawer { cover, also, nodes: variables.failure.len(), seed, first_stream: (number + 1) << 56 })
    }

    /// In how many of the first `draws` draws of a block the coin fell on heads.
    pub(super) fn block(&self, block: u64, draws: u64) -> Counts {
        let mut random = Numbers::new(self.seed, self.first_stream + block);
        let mut space = self.cover.space();
        let mut heads = 0;
        for _ in 0..draws {
            let mut head = self.cover.draw(&mut space, &mut random);
            if head && let Some(also) = self.also {
                let live = (0..self.nodes).filter(|node| !space.failed[*node]).map(NodeId::new).collect();
                head = !also.holds(&live);
            }
            heads += u64::from(head);
        }
        [heads; 4]
    }
}
