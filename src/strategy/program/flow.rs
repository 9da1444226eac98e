//! From a flow to quorums: how often each gate is used says how often each quorum is drawn.

use crate::budget::{Exhausted, Meter};
use crate::model::{Choice, Formula, Gate, GateId, Kind, NodeSet, Pair, Strategy};
use crate::strategy::tolerance::FLOW_NOISE;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// For each gate the flow to each of its children, in their order.
pub(crate) type EdgeFlow<T> = Vec<Vec<T>>;

/// A flow and the decomposable formula that it runs through.
pub(crate) type FormulaFlow<'a> = (Cow<'a, Formula>, EdgeFlow<f64>);

/// A flow over a decomposable formula: the root is used once, a gate `k of m` used x times uses its children k x times in
/// all and none more than x times.
#[derive(Debug, Clone)]
pub(crate) struct Flow<'a> {
    formula: &'a Formula,
    edges: EdgeFlow<f64>,
    gates: Vec<f64>,
}

impl<'a> Flow<'a> {
    /// The flow nearest to `edges` that keeps all the rules exactly, up to the last bit.
    pub(crate) fn repaired(formula: &'a Formula, mut edges: EdgeFlow<f64>) -> Self {
        let mut gates = vec![0.0; formula.gate_count()];
        gates[formula.root().index()] = 1.0;
        for (id, gate) in formula.gates().rev() {
            let Gate::Threshold { k, children } = gate else { continue };
            let each = &mut edges[id.index()];
            each.resize(children.len(), 0.0);
            repair(k, gates[id.index()], each);
            children.iter().zip(each).for_each(|(child, share)| gates[child.index()] += *share);
        }
        Flow { formula, edges, gates }
    }

    /// How often each node is used, in node order.
    pub(crate) fn node_use(&self, nodes: usize) -> Vec<f64> {
        let mut used = vec![0.0; nodes];
        for (id, gate) in self.formula.gates() {
            if let Gate::Leaf(node) = gate {
                used[node.index()] = self.gates[id.index()];
            }
        }
        used
    }

    /// The formula and the flows of its edges.
    pub(crate) fn into_parts(self) -> (Cow<'a, Formula>, EdgeFlow<f64>) {
        (Cow::Borrowed(self.formula), self.edges)
    }

    /// The flow as quorums with probabilities: as few as the flow has edges, at most.
    ///
    /// # Method
    /// Walk down from the root, at every gate to the children with the largest flow; draw that quorum as often as every
    /// gate on the way allows (a child that was left out must still fit below its gate); take it off, and repeat.
    ///
    /// # Errors
    /// [`Exhausted`] when the quorums would name more nodes than the meter allows, or the walks take too many steps.
    pub(crate) fn quorums(mut self, meter: &mut Meter, steps: &mut Meter) -> Result<Vec<Choice>, Exhausted> {
        let mut rest = 1.0;
        let mut drawn: FxHashMap<NodeSet, f64> = FxHashMap::default();
        while rest > FLOW_NOISE {
            steps.charge(self.formula.edge_count() as u64)?;
            let (quorum, used, step) = self.walk(rest);
            if step <= FLOW_NOISE * 1e-3 {
                break;
            }
            // A set of few nodes among very many takes its space all the same.
            meter.charge((quorum.len() as u64).max(quorum.width() as u64 / 64))?;
            self.take_off(&used, step);
            *drawn.entry(quorum).or_default() += step;
            rest -= step;
        }
        let total: f64 = drawn.values().sum();
        let mut choices: Vec<Choice> =
            drawn.into_iter().map(|(quorum, drawn)| Choice { quorum, probability: drawn / total }).collect();
        choices.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.quorum.cmp(&b.quorum)));
        Ok(choices)
    }

    /// A quorum along the largest flows, the gates it uses with the positions of the children taken, and how often it
    /// can be drawn.
    fn walk(&self, rest: f64) -> (NodeSet, Vec<(GateId, Vec<usize>)>, f64) {
        let (mut quorum, mut used, mut step) = (NodeSet::new(), Vec::new(), rest);
        let mut stack = vec![self.formula.root()];
        while let Some(id) = stack.pop() {
            match self.formula.gate(id) {
                Gate::Leaf(node) => quorum.insert(node),
                Gate::Threshold { k, children } => {
                    let each = &self.edges[id.index()];
                    let mut order: Vec<usize> = (0..children.len()).collect();
                    if k < order.len() {
                        let larger = |a: &usize, b: &usize| each[*b].total_cmp(&each[*a]).then(a.cmp(b));
                        let (_, _, left_out) = order.select_nth_unstable_by(k - 1, larger);
                        let most = left_out.iter().map(|position| each[*position]).fold(0.0, f64::max);
                        step = if k > 1 { step.min(self.gates[id.index()] - most) } else { step };
                        order.truncate(k);
                    }
                    step = order.iter().fold(step, |step, taken| step.min(each[*taken]));
                    stack.extend(order.iter().map(|position| children[*position]));
                    used.push((id, order));
                }
                Gate::Weighted { .. } => {}
            }
        }
        (quorum, used, step)
    }

    fn take_off(&mut self, used: &[(GateId, Vec<usize>)], step: f64) {
        for (id, taken) in used {
            self.gates[id.index()] -= step;
            for position in taken {
                let flow = &mut self.edges[id.index()][*position];
                *flow -= step;
                if *flow < FLOW_NOISE {
                    *flow = flow.max(0.0);
                }
            }
        }
    }
}

/// The flows, without what a solver leaves of rounding errors in them.
pub(crate) fn repaired<'f>(flows: &'f Pair<Option<FormulaFlow<'_>>>) -> Pair<Option<Flow<'f>>> {
    flows.as_ref().map(|flow| flow.as_ref().map(|(formula, edges)| Flow::repaired(formula, edges.clone())))
}

/// How often each variable is used.
pub(crate) fn variable_use(flows: &Pair<Option<Flow<'_>>>, variables: usize) -> Pair<Vec<f64>> {
    flows.as_ref().map(|flow| flow.as_ref().map_or_else(|| vec![0.0; variables], |flow| flow.node_use(variables)))
}

/// The quorums of a strategy, those of reads first.
pub(crate) fn quorums_of(strategy: &Strategy) -> impl Iterator<Item = (Kind, NodeSet)> + '_ {
    Kind::BOTH.into_iter().flat_map(|kind| strategy.of(kind).iter().map(move |choice| (kind, choice.quorum.clone())))
}

/// The same when these quorums are drawn.
pub(crate) fn drawn_use(choices: &[Choice], variables: usize) -> Vec<f64> {
    let mut used = vec![0.0; variables];
    for choice in choices {
        choice.quorum.iter().for_each(|node| used[node.index()] += choice.probability);
    }
    used
}

/// Equal quorums together, the most probable first.
pub(crate) fn merged(mut choices: Vec<Choice>) -> Vec<Choice> {
    choices.sort_by(|a, b| a.quorum.cmp(&b.quorum));
    choices.dedup_by(|later, first| {
        let same = later.quorum == first.quorum;
        first.probability += if same { later.probability } else { 0.0 };
        same
    });
    choices.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.quorum.cmp(&b.quorum)));
    choices
}

/// Rounds of [`repair`]; each one fills the children that the one before left open, and the last ones only round.
const REPAIRS: usize = 6;

/// Makes the children's flows add up to k x with none below 0 or above x.
pub(crate) fn repair(k: usize, x: f64, each: &mut [f64]) {
    if k == each.len() {
        each.fill(x);
        return;
    }
    each.iter_mut().for_each(|share| *share = share.clamp(0.0, x));
    for _ in 0..REPAIRS {
        let missing = k as f64 * x - each.iter().sum::<f64>();
        // Changing all flows by one factor changes every load by it. Children that are full cannot take more, and where
        // all others are empty the room that is left decides.
        let open: f64 = each.iter().filter(|flow| missing < 0.0 || **flow < x).sum();
        let room: f64 = each.iter().map(|flow| x - flow).sum();
        if missing == 0.0 || (open <= 0.0 && room <= 0.0) {
            return;
        }
        for flow in each.iter_mut() {
            let change = if open > 0.0 { missing * (*flow / open) } else { missing * (x - *flow) / room };
            *flow = (*flow + change).clamp(0.0, x);
        }
    }
}
