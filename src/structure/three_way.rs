//! Has every quorum of one kind, with every two quorums of another, a node in common to all three?

use rustc_hash::FxHashSet;

use super::minimise::shrink;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Diagram, Ref};
use crate::model::{Formula, NodeId, NodeSet};

/// A quorum of the first formula and two of the second with no node in all three; `None` when there are none.
///
/// # Method
/// Three such quorums exist exactly when each node can be taken away from one of the three sets of all nodes so that what is left of each
/// contains a quorum: a walk down three decision diagrams at once, in which every triple of functions is visited once. Thresholds over the
/// same nodes are compared by q + 2 f > 2 n.
///
/// # Source
/// Lamport, Fast Paxos, 2006: the condition; q + 2 f > 2 n is its case of thresholds.
///
/// # Complexity
/// O(abb) for diagrams of a and b nodes.
///
/// # Errors
/// [`Exhausted`] when the diagrams or the walk are beyond the budget.
pub(crate) fn three_apart(
    first: &Formula,
    second: &Formula,
    budget: &Budget,
) -> Result<Option<[NodeSet; 3]>, Exhausted> {
    if first.is_never() || second.is_never() {
        return Ok(None);
    }
    let away = match (first.as_threshold(), second.as_threshold()) {
        (Some((one, nodes)), Some((two, others))) if nodes == others => thresholds_apart(one, two, &nodes),
        _ => by_diagrams(first, second, budget)?,
    };
    let mut all = first.support();
    all.union_with(&second.support());
    let quorum = |formula: &Formula, away: &NodeSet| {
        let left = all.iter().filter(|node| !away.contains(*node)).collect();
        shrink(formula, left, budget)
    };
    Ok(away.map(|[one, two, three]| [quorum(first, &one), quorum(second, &two), quorum(second, &three)]))
}

/// What to take away from each of three sets of all nodes.
fn thresholds_apart(first: usize, second: usize, nodes: &NodeSet) -> Option<[NodeSet; 3]> {
    let spare = [first, second, second].map(|quorum| nodes.len() - quorum);
    if spare.iter().sum::<usize>() < nodes.len() {
        return None;
    }
    let mut left = nodes.iter();
    Some(spare.map(|spare| left.by_ref().take(spare).collect()))
}

type Triple = [Ref; 3];

/// From which of the three a node is taken, and what is left of them then.
type Way = (usize, Triple);

fn by_diagrams(first: &Formula, second: &Formula, budget: &Budget) -> Result<Option<[NodeSet; 3]>, Exhausted> {
    let mut order = first.reading_order();
    order.extend(second.reading_order());
    let mut diagram = Diagram::new(&order, budget);
    let (first, second) = (diagram.compile(first)?, diagram.compile(second)?);
    let mut meter = Meter::new(Resource::SearchSteps, budget.search_steps);
    let mut seen: FxHashSet<Triple> = FxHashSet::default();
    // What was taken from which of the three, and what is left to try after that.
    let mut path: Vec<(NodeId, usize, Vec<Way>)> = Vec::new();
    let mut here = [first, second, second];
    loop {
        if here.iter().all(|function| *function == Ref::TRUE) {
            // Nodes that nothing was decided about are needed by none of the three.
            let all: NodeSet = diagram.order().iter().copied().collect();
            let mut away = [all.clone(), all.clone(), all];
            for (node, from, _) in &path {
                (0..3).filter(|of| of != from).for_each(|of| away[of].remove(*node));
            }
            return Ok(Some(away));
        }
        meter.charge(1)?;
        let is_dead = here.contains(&Ref::FALSE) || !seen.insert(in_order(here));
        let mut open = if is_dead { None } else { Some(ways(&diagram, here)) };
        loop {
            let next = open.as_mut().and_then(|(node, ways)| Some((*node, ways.pop()?)));
            if let Some((node, (from, triple))) = next {
                path.push((node, from, open.take().map(|(_, ways)| ways).unwrap_or_default()));
                here = triple;
                break;
            }
            let Some((node, _, ways)) = path.pop() else { return Ok(None) };
            open = Some((node, ways));
        }
    }
}

/// The second and the third are of one kind.
fn in_order([first, second, third]: Triple) -> Triple {
    [first, second.min(third), second.max(third)]
}

/// The first node that matters, and what is left of the functions when it is taken from one of them.
fn ways(diagram: &Diagram, functions: Triple) -> (NodeId, Vec<Way>) {
    let (node, parts) = diagram.parts_on_top(functions);
    let taken = |from: usize| {
        let mut left = parts.map(|(_, with)| with);
        left[from] = parts[from].0;
        (from, left)
    };
    // Where one of them does not ask for the node, it is taken from that one and from no other.
    match (0..3).find(|at| parts[*at].0 == parts[*at].1) {
        Some(free) => (node, vec![taken(free)]),
        None => (node, (0..3).map(taken).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::FormulaBuilder;

    /// A few pseudo-random numbers.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % bound
        }
    }

    fn random(dice: &mut Dice, nodes: usize) -> Formula {
        let mut builder = FormulaBuilder::new();
        let leaves: Vec<_> = (0..nodes).map(|node| builder.leaf(NodeId::new(node))).collect();
        let mut gates = leaves;
        for _ in 0..4 {
            let children: Vec<_> =
                (0..2 + dice.below(4)).map(|_| gates[dice.below(gates.len() as u64) as usize]).collect();
            let k = 1 + dice.below(children.len() as u64);
            gates.push(builder.threshold(k, &children).unwrap());
        }
        let root = builder.threshold(2, &gates[gates.len() - 3..]).unwrap();
        builder.finish(root)
    }

    fn sets(formula: &Formula, nodes: usize) -> Vec<u32> {
        let set = |mask: u32| (0..nodes).filter(|node| mask >> node & 1 == 1).map(NodeId::new).collect::<NodeSet>();
        (0..1u32 << nodes).filter(|mask| formula.holds(&set(*mask))).collect()
    }

    /// Against all triples of quorums, and each witness is one.
    #[test]
    fn agrees_with_all_triples() {
        let mut dice = Dice(3);
        let mut answers = [0; 2];
        for round in 0..400 {
            let nodes = 3 + dice.below(3) as usize;
            let (first, second) = (random(&mut dice, nodes), random(&mut dice, nodes));
            let (ones, twos) = (sets(&first, nodes), sets(&second, nodes));
            let pair = |one: &u32| twos.iter().any(|two| twos.iter().any(|other| one & two & other == 0));
            let expected = ones.iter().any(pair);
            let found = three_apart(&first, &second, &Budget::default()).unwrap();
            assert_eq!(found.is_some(), expected, "round {round}");
            answers[usize::from(expected)] += 1;
            if let Some([one, two, other]) = found {
                assert!(first.holds(&one) && second.holds(&two) && second.holds(&other), "round {round}");
                assert!(!one.iter().any(|node| two.contains(node) && other.contains(node)), "round {round}");
            }
        }
        assert!(answers.iter().all(|times| *times > 20), "{answers:?}");
    }

    /// A gate over gates is no threshold over nodes: either node alone is a quorum here.
    #[test]
    fn gates_below_a_gate_count() {
        let mut builder = FormulaBuilder::new();
        let (a, b) = (builder.leaf(NodeId::new(0)), builder.leaf(NodeId::new(1)));
        let either = builder.or(&[a, b]).unwrap();
        let root = builder.threshold(2, &[a, b, either]).unwrap();
        let formula = builder.finish(root);
        assert!(three_apart(&formula, &formula, &Budget::default()).unwrap().is_some());
    }

    /// With majorities the smallest fast quorums have 3, 3, 4, 5, 6, 6, 7 of 3 to 9 nodes; and a diagram says the same.
    #[test]
    fn thresholds_are_the_known_ones() {
        for (n, smallest) in (3u64..=9).zip([3, 3, 4, 5, 6, 6, 7]) {
            let majority = Family::Majority { n }.formulas().unwrap().reads;
            for fast in 1..=n {
                let fast_formula = Family::Threshold { n, read: fast, write: n }.formulas().unwrap().reads;
                let found = three_apart(&majority, &fast_formula, &Budget::default()).unwrap();
                assert_eq!(found.is_none(), fast >= smallest, "{fast} of {n}");
                let walked = by_diagrams(&majority, &fast_formula, &Budget::default()).unwrap();
                assert_eq!(walked.is_none(), fast >= smallest, "{fast} of {n}");
            }
        }
    }
}
