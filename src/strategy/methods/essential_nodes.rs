//! A node without which no quorum is left is busy with every operation, whatever the strategy.

use crate::circuit::Compiled;
use crate::model::{Kind, NodeSet, Pair};
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::demand::Demand;
use crate::strategy::program::demand::Weights;
use crate::strategy::program::linear_program::DualPrices;
use crate::strategy::solution::Solution;
use crate::strategy::tolerance::GAP_OF_SUMS;
use crate::structure::minimise::indispensable;

/// Raises the lower bound to the load of the busiest node that is in every quorum, where the bounds have not met.
///
/// # Complexity
/// That of finding the nodes without which no quorum is left.
pub(crate) fn raise(solution: &mut Solution<'_, '_>, compiled: &Compiled<'_>) {
    if solution.exact.is_some() || solution.exhausted.is_none() {
        return;
    }
    let demand = &solution.lp.demand;
    let needed = |kind: Kind| if demand.has(kind) { indispensable(compiled, kind) } else { None };
    let needed = Pair { reads: needed(Kind::Read), writes: needed(Kind::Write) }.map(Option::unwrap_or_default);
    let (lower, weights) = busiest(&needed, demand);
    if lower <= solution.lower {
        return;
    }
    (solution.lower, solution.prices) = (lower, DualPrices::of_load(weights));
    let upper = solution.upper() / solution.lp.unit();
    if upper - lower <= GAP_OF_SUMS * upper {
        solution.method = LoadMethod::Columns;
        solution.exhausted = None;
    }
}

/// For each read fraction all weight on the node that is busiest because it is needed; what that proves.
fn busiest(needed: &Pair<NodeSet>, demand: &Demand<'_>) -> (f64, Weights<f64>) {
    let (mut bound, mut weights) = (0.0, Vec::with_capacity(demand.shares().len()));
    for (share, weight) in demand.shares().iter().enumerate() {
        let mut busy = vec![0.0; demand.nodes()];
        for kind in Kind::BOTH {
            needed.of(kind).iter().for_each(|node| busy[node.index()] += demand.cost(kind, share, node.index()));
        }
        let first = (0..busy.len()).max_by(|a, b| busy[*a].total_cmp(&busy[*b]).then(b.cmp(a))).unwrap_or(0);
        let mut on_one = vec![0.0; busy.len()];
        on_one[first] = *weight;
        bound += weight * busy[first];
        weights.push(on_one);
    }
    (bound, weights)
}

#[cfg(test)]
mod tests {
    use crate::budget::Budget;
    use crate::circuit::Compiled;
    use crate::families::Family;
    use crate::model::{Capacity, Fraction, Node, System, Workload};
    use crate::strategy::load::optimum;
    use crate::strategy::optimum::LoadMethod;

    /// The first voter has more votes than all others together and one to spare.
    fn dictated(voters: u64) -> System {
        let mut votes: Vec<u64> = (0..voters).map(|i| 1 + (i * i * 7919 + 31 * i) % 1_000_003).collect();
        votes[0] = votes.iter().sum();
        let quota = votes.iter().sum::<u64>() / 2 + 1;
        let system = Family::Weighted { votes, read_votes: quota, write_votes: quota }.system().unwrap();
        let capacity = |value| Capacity::new(value).unwrap();
        let nodes = system.nodes().iter().enumerate().map(|(i, node)| Node {
            read_capacity: capacity(3.0 + i as f64),
            write_capacity: capacity(2.0 + (i * 37 % 101) as f64),
            ..node.clone()
        });
        let nodes = nodes.collect();
        system.with(nodes, Vec::new(), Workload::default()).unwrap()
    }

    #[test]
    fn a_node_in_every_quorum_sets_the_load() {
        let system = dictated(60);
        let workload = Workload::of(Fraction::new(0.25).unwrap());
        for steps in [Budget::default().pass_steps, 4_000, 100] {
            let budget = Budget { pass_steps: steps, program_terms: steps, ..Budget::default() };
            let answer = optimum(&Compiled::new(&system, budget), &workload, false).unwrap();
            let expected = 0.25 / 3.0 + 0.75 / 2.0;
            assert!(answer.lower_bound >= expected * (1.0 - 1e-12), "{steps}: {answer:?}");
            assert_eq!(answer.upper_bound <= expected * (1.0 + 1e-9), answer.method != LoadMethod::Bounds, "{steps}");
        }
    }

    #[test]
    fn doubling_votes_are_a_dictatorship() {
        let votes: Vec<u64> = (0..24).map(|i| 1 << i).collect();
        let system = Family::Weighted { votes, read_votes: 1 << 23, write_votes: 1 << 23 }.system().unwrap();
        let answer =
            optimum(&Compiled::new(&system, Budget::default()), &Workload::of(Fraction::new(0.5).unwrap()), false)
                .unwrap();
        assert_eq!(answer.exact.map(|load| load.to_string()), Some("1".into()));
    }
}
