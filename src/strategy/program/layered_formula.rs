//! Quorums in layers by the time at which they answer, and one formula that chooses a layer and then a quorum of it.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::interchangeable::Twins;
use super::linear_program::{Quantity, Task};
use super::orbits::Orbits;
use super::whole_rows::WholeProgram;
use crate::budget::{Meter, Resource};
use crate::circuit::pass;
use crate::model::{Choice, Formula, FormulaBuilder, Kind, Node, NodeId, NodeSet, Pair, Strategy};
use crate::strategy::certify::proof::{Proof, WholeSolution};
use crate::strategy::solution::merged;
use crate::strategy::solver::Formulas;

/// Quorums that can be chosen, all of which answer by a certain time.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    /// The variable whose use costs that time; absent where time plays no part.
    pub(crate) clock: Option<NodeId>,
    /// Decomposable.
    pub(crate) formula: Formula,
}

/// One formula for each kind that chooses a layer and then a quorum of it, and which nodes can be exchanged there.
#[derive(Debug)]
pub(crate) struct Combined {
    formulas: Pair<Option<Formula>>,
    orbits: Orbits,
}

impl Combined {
    pub(crate) fn new(layers: &Pair<Vec<Layer>>, nodes: &[Node]) -> Self {
        let formulas = Pair { reads: combined(&layers.reads, None), writes: combined(&layers.writes, None) };
        let orbits = Orbits::of_twins(&Twins::of(nodes, formulas.as_ref().map(Option::as_ref)), nodes.len());
        Combined { formulas, orbits }
    }

    pub(crate) fn formulas(&self) -> Formulas<'_> {
        self.formulas.as_ref().map(Option::as_ref)
    }

    pub(crate) fn orbits(&self) -> &Orbits {
        &self.orbits
    }

    /// Two quantities of the strategy of a proof, exactly.
    pub(crate) fn quantities(&self, task: &Task<'_>, proof: &Proof, axes: [Quantity; 2]) -> Option<[BigRational; 2]> {
        let program = WholeProgram::<BigInt>::new(self.formulas(), task, &self.orbits)?;
        WholeSolution::drawn_in(&program, proof)?.quantities(&program, task, axes)
    }

    /// Some quorums of each kind to start from: the smallest, the fastest, and those of the fastest nodes.
    pub(crate) fn starts(&self, task: &Task<'_>) -> Option<Strategy> {
        starts(self.formulas(), task)
    }
}

/// The cheapest quorums of each kind by every measure alone.
fn starts(formulas: Formulas<'_>, task: &Task<'_>) -> Option<Strategy> {
    let of = |kind: Kind| -> Option<Vec<Choice>> {
        let Some(formula) = formulas.of(kind) else { return Some(Vec::new()) };
        let sums =
            task.sums.iter().map(|sum| (0..task.variables()).map(|variable| sum.scaled(kind, variable)).collect());
        let cost = |node: usize| if node < task.demand.nodes() { task.demand.cost(kind, 0, node) } else { 0.0 };
        let load: Vec<f64> = (0..task.variables()).map(cost).collect();
        let each = sums.chain([load]).map(|costs: Vec<f64>| {
            let mut meter = Meter::new(Resource::PassSteps, 1 << 20);
            let quorum = pass::cheapest_quorum(formula, &costs, &mut meter).ok()?.1;
            Some(Choice { quorum, probability: 1.0 })
        });
        Some(merged(each.collect::<Option<Vec<_>>>()?))
    };
    Some(Pair { reads: of(Kind::Read)?, writes: of(Kind::Write)? })
}

/// Any quorum of any of these layers, with its clock; `None` without layers.
pub(crate) fn combined(layers: &[Layer], chosen: Option<&[usize]>) -> Option<Formula> {
    let mut builder = FormulaBuilder::new();
    let mut ways = Vec::new();
    let all: Vec<usize> = (0..layers.len()).collect();
    for layer in chosen.unwrap_or(&all).iter().map(|index| &layers[*index]) {
        let root = builder.import(&layer.formula, FormulaBuilder::leaf);
        let clock = layer.clock.map(|clock| builder.leaf(clock));
        let parts: Vec<_> = clock.into_iter().chain([root]).collect();
        ways.push(builder.and(&parts).ok()?);
    }
    let root = builder.or(&ways).ok()?;
    Some(builder.finish(root))
}

/// A quorum without its clocks.
pub(crate) fn nodes_of(quorum: &NodeSet, nodes: usize) -> NodeSet {
    quorum.iter().filter(|node| node.index() < nodes).collect()
}
