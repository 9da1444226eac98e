//! From an exact flow to quorums: how often each gate is used says how often each quorum is drawn.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::proof::together;
use super::rounded::over_common_denominator;
use crate::budget::Meter;
use crate::model::{Formula, Gate, GateId, NodeSet};

/// A flow as quorums with probabilities; `None` when they are too long for the meter. The formula has no gates of votes.
///
/// # Method
/// As for flows in floating point: down from the root, at every gate to the children with the largest flow, as often as every gate
/// on the way allows; take it off, and repeat. Each walk empties an edge or fills a child up to its gate, so that it ends.
///
/// # Complexity
/// O(edges^2) at most.
pub(super) fn quorums(
    formula: &Formula,
    edges: &[Vec<BigRational>],
    meter: &mut Meter,
) -> Option<Vec<(NodeSet, BigRational)>> {
    let all: Vec<BigRational> = edges.iter().flatten().cloned().collect();
    meter.charge(all.len() as u64).ok()?;
    let (whole, one) = over_common_denominator(&all);
    let mut numbers = whole.into_iter();
    let edges: Vec<Vec<BigInt>> = edges.iter().map(|each| numbers.by_ref().take(each.len()).collect()).collect();
    let mut gates = vec![BigInt::zero(); formula.gate_count()];
    gates[formula.root().index()] = one.clone();
    for (id, gate) in formula.gates().rev() {
        let Gate::Threshold { children, .. } = gate else { continue };
        children.iter().zip(&edges[id.index()]).for_each(|(child, flow)| gates[child.index()] += flow);
    }
    let mut walker = Walker { formula, edges, gates };
    let mut drawn = Vec::new();
    let mut rest = one.clone();
    while rest.is_positive() {
        let words = rest.bits() / 64 + 1;
        meter.charge(words * formula.edge_count() as u64).ok()?;
        let (quorum, used, step) = walker.walk(&rest)?;
        if !step.is_positive() {
            return None;
        }
        walker.take_off(&used, &step);
        rest -= &step;
        drawn.push((quorum, BigRational::new(step, one.clone())));
    }
    Some(together(drawn))
}

/// The gates that a quorum uses, with the positions of the children taken.
type Used = Vec<(GateId, Vec<usize>)>;

struct Walker<'a> {
    formula: &'a Formula,
    edges: Vec<Vec<BigInt>>,
    gates: Vec<BigInt>,
}

impl Walker<'_> {
    /// A quorum along the largest flows, the gates it uses, and how often it can be drawn.
    fn walk(&self, rest: &BigInt) -> Option<(NodeSet, Used, BigInt)> {
        let (mut quorum, mut used, mut step) = (NodeSet::new(), Vec::new(), rest.clone());
        let mut stack = vec![self.formula.root()];
        while let Some(id) = stack.pop() {
            match self.formula.gate(id) {
                Gate::Leaf(node) => quorum.insert(node),
                Gate::Threshold { k, children } => {
                    let each = &self.edges[id.index()];
                    let mut order: Vec<usize> = (0..children.len()).collect();
                    if k < order.len() {
                        order.select_nth_unstable_by(k, |a, b| each[*b].cmp(&each[*a]).then(a.cmp(b)));
                        // A child that is left out must still fit below its gate.
                        step = step.min(&self.gates[id.index()] - &each[order[k]]);
                        order.truncate(k);
                    }
                    for taken in &order {
                        step = step.min(each[*taken].clone());
                        stack.push(children[*taken]);
                    }
                    used.push((id, order));
                }
                Gate::Weighted { .. } => return None,
            }
        }
        Some((quorum, used, step))
    }

    fn take_off(&mut self, used: &[(GateId, Vec<usize>)], step: &BigInt) {
        for (id, taken) in used {
            self.gates[id.index()] -= step;
            taken.iter().for_each(|position| self.edges[id.index()][*position] -= step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::families::Family;
    use crate::strategy::methods::read_once::optimum;

    /// Capacities without common measure: no fraction near a float is the right one.
    #[test]
    fn draws_use_nodes_as_the_flow_says() {
        let majority = Family::Majority { n: 7 }.formulas().unwrap().reads;
        let capacities: Vec<BigRational> =
            (0..7).map(|i| BigRational::new((1_000_003 + 7919 * i * i).into(), (999_983 - 31 * i).into())).collect();
        let answer = optimum(&majority, &capacities);
        let mut meter = Meter::new(Resource::PassSteps, 1 << 20);
        let drawn = quorums(&majority, &answer.flow, &mut meter).expect("a short list");
        let root = &answer.flow[majority.root().index()];
        for (node, flow) in root.iter().enumerate() {
            let with = drawn.iter().filter(|(quorum, _)| quorum.contains(crate::model::NodeId::new(node)));
            assert_eq!(with.map(|(_, share)| share).sum::<BigRational>(), *flow);
        }
        assert!(drawn.iter().all(|(quorum, share)| quorum.len() == 4 && share.is_positive()));
        assert_eq!(drawn.iter().map(|(_, share)| share).sum::<BigRational>(), BigRational::from_integer(1.into()));
        assert_eq!(quorums(&majority, &answer.flow, &mut Meter::new(Resource::PassSteps, 20)), None);
    }
}
