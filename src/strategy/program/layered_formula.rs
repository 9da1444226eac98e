//! Quorums in layers by the time at which they answer, and one formula that chooses a layer and then a quorum of it.

use std::borrow::Cow;

use super::flow::merged;
use super::formulas::{Formulas, OwnFormulas};
use super::linear_program::LinearProgram;
use crate::budget::{Meter, Resource};
use crate::circuit::pass;
use crate::model::{Choice, Formula, FormulaBuilder, Kind, NodeId, NodeSet, Pair, Strategy};

/// Quorums that can be chosen, all of which answer by a certain time.
#[derive(Debug, Clone)]
pub(crate) struct Layer<'a> {
    /// The variable whose use costs that time; absent where time plays no part.
    pub(crate) clock: Option<NodeId>,
    /// Decomposable.
    pub(crate) formula: Cow<'a, Formula>,
}

/// The layers of both kinds, and for each kind one formula that chooses a layer and then a quorum of it.
#[derive(Debug, Default)]
pub(crate) struct Layers<'a> {
    pub(crate) each: Pair<Vec<Layer<'a>>>,
    formulas: OwnFormulas<'a>,
}

impl<'a> Layers<'a> {
    pub(crate) fn new(each: Pair<Vec<Layer<'a>>>) -> Self {
        let formulas = each.as_ref().map(|layers| combined(layers, None));
        Layers { each, formulas }
    }

    /// One layer of each kind, where time plays no part.
    pub(crate) fn untimed(formulas: Formulas<'a>) -> Self {
        let layer = |formula: &'a Formula| Layer { clock: None, formula: Cow::Borrowed(formula) };
        Layers::new(formulas.map(|formula| formula.map(layer).into_iter().collect()))
    }

    pub(crate) fn formulas(&self) -> Formulas<'_> {
        self.formulas.as_ref().map(Option::as_deref)
    }
}

/// The cheapest quorums of each kind by every measure alone: some to start from.
pub(crate) fn starts(formulas: Formulas<'_>, lp: &LinearProgram<'_>) -> Option<Strategy> {
    let of = |kind: Kind| -> Option<Vec<Choice>> {
        let Some(formula) = formulas.of(kind) else { return Some(Vec::new()) };
        let sums = lp.sums.iter().map(|sum| (0..lp.variables()).map(|variable| sum.scaled(kind, variable)).collect());
        let cost = |node: usize| if node < lp.demand.nodes() { lp.demand.cost(kind, 0, node) } else { 0.0 };
        let load: Vec<f64> = (0..lp.variables()).map(cost).collect();
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
pub(crate) fn combined<'a>(layers: &[Layer<'a>], chosen: Option<&[usize]>) -> Option<Cow<'a, Formula>> {
    if let [Layer { clock: None, formula }] = layers {
        return Some(formula.clone());
    }
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
    Some(Cow::Owned(builder.finish(root)))
}

/// A quorum without its clocks.
pub(crate) fn nodes_of(quorum: &NodeSet, nodes: usize) -> NodeSet {
    quorum.iter().filter(|node| node.index() < nodes).collect()
}
