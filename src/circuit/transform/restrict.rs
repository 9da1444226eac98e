//! Formulas over fewer nodes, and formulas of cheapest quorums only.

use num_traits::Zero;

use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, FormulaBuilder, Gate, GateId, NodeSet};

/// The quorums that need only these nodes; `None` when there is none.
///
/// # Complexity
/// Linear in gates and edges.
///
/// # Examples
/// ```
/// use quorate::circuit::restricted;
/// use quorate::families::Family;
/// use quorate::model::NodeSet;
/// let majority = Family::Majority { n: 5 }.formulas()?.reads;
/// let three = restricted(&majority, &NodeSet::first(3)).expect("three of five are a majority");
/// assert_eq!(three, Family::Rowa { n: 3 }.formulas()?.writes);
/// assert_eq!(restricted(&majority, &NodeSet::first(2)), None);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn restricted(formula: &Formula, nodes: &NodeSet) -> Option<Formula> {
    let mut builder = FormulaBuilder::new();
    let root = import_restricted(&mut builder, formula, nodes)?;
    Some(builder.finish(root))
}

/// The same inside a formula that is being built.
pub fn import_restricted(builder: &mut FormulaBuilder, formula: &Formula, nodes: &NodeSet) -> Option<GateId> {
    let mut copy: Vec<Option<GateId>> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let id = match gate {
            Gate::Leaf(node) => nodes.contains(node).then(|| builder.leaf(node)),
            Gate::Threshold { k, children } => {
                let left: Vec<GateId> = children.iter().filter_map(|child| copy[child.index()]).collect();
                builder.threshold(k as u64, &left).ok()
            }
            Gate::Weighted { quota, children, votes } => {
                let voters =
                    children.iter().zip(votes).filter_map(|(child, votes)| Some((copy[child.index()]?, *votes)));
                builder.weighted(quota, &voters.collect::<Vec<_>>()).ok()
            }
        };
        copy.push(id);
    }
    copy.pop().flatten()
}

/// What a cheapest quorum of a decomposable formula without votes costs, and the formula of all cheapest quorums.
///
/// Of a gate `k of m`, children cheaper than the k-th cheapest are in every cheapest choice, and any of those that cost
/// as much as it fill up. The result is decomposable too.
///
/// # Complexity
/// O(edges log edges).
///
/// # Errors
/// [`Exhausted`] when the meter ends.
///
/// # Panics
/// Never for formulas without weighted gates ([`crate::circuit::without_votes`]).
///
/// # Examples
/// ```
/// use quorate::budget::{Meter, Resource};
/// use quorate::circuit::cheapest_only;
/// use quorate::families::Family;
/// use quorate::model::NodeSet;
/// // Lines of one and two nodes: a line and one node of every line below; the smallest are the second line, or ...
/// let majority = Family::Majority { n: 3 }.formulas()?.reads;
/// let (cost, cheapest) = cheapest_only(&majority, &[1u64, 2, 2], &mut Meter::new(Resource::PassSteps, 100))?;
/// assert_eq!(cost, 3);
/// assert!(!cheapest.holds(&[1, 2].map(quorate::model::NodeId::new).into_iter().collect::<NodeSet>()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cheapest_only<T>(formula: &Formula, cost: &[T], meter: &mut Meter) -> Result<(T, Formula), Exhausted>
where
    T: Clone + Zero + PartialOrd,
{
    let mut builder = FormulaBuilder::new();
    let mut value: Vec<(T, GateId)> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let both = match gate {
            Gate::Leaf(node) => (cost[node.index()].clone(), builder.leaf(node)),
            Gate::Threshold { k, children } => {
                meter.charge(children.len() as u64)?;
                let each: Vec<(T, GateId)> = children.iter().map(|child| value[child.index()].clone()).collect();
                cheapest_of(&mut builder, k, each)
            }
            Gate::Weighted { .. } => unreachable!("the caller expands votes"),
        };
        value.push(both);
    }
    let (cost, root) = value.swap_remove(formula.root().index());
    Ok((cost, builder.finish(root)))
}

/// The cheapest choices of k children.
fn cheapest_of<T: Clone + Zero + PartialOrd>(
    builder: &mut FormulaBuilder,
    k: usize,
    mut each: Vec<(T, GateId)>,
) -> (T, GateId) {
    each.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    let last = each[k - 1].0.clone();
    let total = each[..k].iter().fold(T::zero(), |sum, (cost, _)| sum + cost.clone());
    let always: Vec<GateId> = each.iter().filter(|(cost, _)| *cost < last).map(|(_, gate)| *gate).collect();
    let tied: Vec<GateId> = each.iter().filter(|(cost, _)| *cost == last).map(|(_, gate)| *gate).collect();
    let valid = "some of the children of a valid gate make a valid gate";
    let filling = builder.threshold((k - always.len()) as u64, &tied).expect(valid);
    let parts: Vec<GateId> = always.into_iter().chain([filling]).collect();
    (total, builder.and(&parts).expect(valid))
}
