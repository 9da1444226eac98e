//! The best strategy on a triangular board whose nodes are all as fast: a full row, and a way down from it.
//!
//! Row m has m cells, of k rows. Draw a row: the first one twice as often as any other, 2 / (k + 1). It touches the left and the right side. From
//! any of its cells, all as likely, go down to the last row: from cell i of row m to cell i of the next one with probability
//! (m + 1 - i) / (m + 1), else to cell i + 1. A way that comes to every cell of row m as often, 1 / m, does so in row m + 1 too:
//! (m + 1 - i) / (m (m + 1)) + (i - 1) / (m (m + 1)) = 1 / (m + 1). Rows above m are drawn with probability m / (k + 1) together, so that
//! a cell is used with probability 1 / (k + 1) in its own row and m / (k + 1) 1 / m from above: 2 / (k + 1) in every row, and in the first.
//!
//! No strategy is better: with the price 2 / (k (k + 1)) for each of the k (k + 1) / 2 cells, a quorum costs 2 / (k + 1) at least, since a connected
//! set that touches all three sides has k cells at least.

use std::borrow::Cow;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, Kind, NodeId, Pair};
use crate::strategy::certify::known::{Draws, Known};
use crate::strategy::certify::proof::ExactPrices;
use crate::strategy::optimum::LoadMethod;
use crate::strategy::program::demand::Demand;
use crate::strategy::program::formulas::Formulas;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram};
use crate::strategy::solution::Solution;

/// A fraction of small whole numbers.
type Share = (u64, u64);

/// The optimum on a board of so many rows; `None` unless all nodes are as fast.
///
/// # Complexity
/// Linear in the nodes.
pub(crate) fn solve<'a, 'd>(rows: usize, demand: &Demand<'d>) -> Option<Solution<'a, 'd>> {
    let is_alike = |kind: Kind| (1..demand.nodes()).all(|node| demand.capacity(kind, node) == demand.capacity(kind, 0));
    if !Kind::BOTH.into_iter().filter(|kind| demand.has(*kind)).all(is_alike) {
        return None;
    }
    let cost = |share: usize| -> BigRational {
        let of = Kind::BOTH.into_iter().filter(|kind| demand.has(*kind));
        of.map(|kind| demand.exact_cost(kind, share, 0)).sum::<BigRational>() * demand.exact_share(share)
    };
    let load = (0..demand.shares().len()).map(cost).sum::<BigRational>() * fraction((2, rows as u64 + 1));
    let (formula, parts) = row_and_way_down(rows).ok()?;
    let edges: Vec<Vec<f64>> =
        parts.iter().map(|parts| parts.iter().map(|(part, of)| *part as f64 / *of as f64).collect()).collect();
    let flow = |kind: Kind| demand.has(kind).then(|| (Cow::Owned(formula.clone()), edges.clone()));
    let nodes = demand.nodes();
    let weights = demand.shares().iter().map(|share| vec![share / nodes as f64; nodes]).collect();
    let part_of = |share: usize| demand.exact_share(share) / BigRational::from_integer(nodes.into());
    let known = Known {
        value: load.clone(),
        prices: ExactPrices::of_load((0..demand.shares().len()).map(|share| vec![part_of(share); nodes]).collect()),
        draws: Draws::Flow(
            Cow::Owned(formula.clone()),
            parts.iter().map(|parts| parts.iter().map(|part| fraction(*part)).collect()).collect(),
        ),
    };
    let flows = Pair { reads: flow(Kind::Read), writes: flow(Kind::Write) };
    let lp = LinearProgram::load(&demand.in_units_of(load.to_f64()?));
    let place = (Formulas::default(), flows);
    let found = Solution::of_flows(lp, place, (1.0, DualPrices::of_load(weights)), LoadMethod::Symmetry);
    Some(found.proven(known))
}

fn fraction((part, of): Share) -> BigRational {
    BigRational::new(part.into(), of.into())
}

/// The formula of a full row and a way down, of which every set is a smallest quorum, and the flow of each edge.
fn row_and_way_down(rows: usize) -> Result<(Formula, Vec<Vec<Share>>), FormulaError> {
    let k = rows as u64;
    let (mut builder, mut flow) = (FormulaBuilder::new(), Vec::new());
    let mut note = |gate: GateId, parts: Vec<Share>| {
        flow.resize(flow.len().max(gate.index() + 1), Vec::new());
        flow[gate.index()] = parts;
    };
    // From the last row up: what is drawn when a row is, and what a way draws from each cell on.
    let (mut drawn, mut on): (Vec<GateId>, Vec<GateId>) = (Vec::new(), Vec::new());
    for row in (1..=rows).rev() {
        let m = row as u64;
        let cells: Vec<GateId> = (0..row).map(|cell| builder.leaf(NodeId::new(row * (row - 1) / 2 + cell))).collect();
        let used = if row == 1 { (2, k + 1) } else { (1, k + 1) };
        let mut below = Vec::new();
        for (i, pair) in (1..).zip(on.windows(2)) {
            let way = builder.or(pair)?;
            note(way, vec![(m + 1 - i, (k + 1) * m), (i, (k + 1) * m)]);
            below.push(way);
        }
        let mut whole = cells.clone();
        if !below.is_empty() {
            let ways = builder.or(&below)?;
            if row > 1 {
                note(ways, vec![(1, (k + 1) * m); row]);
            }
            whole.push(ways);
            on = cells.iter().zip(&below).map(|(cell, way)| builder.and(&[*cell, *way])).collect::<Result<_, _>>()?;
            on.iter().for_each(|gate| note(*gate, vec![used; 2]));
        } else {
            on = cells;
        }
        let gate = builder.and(&whole)?;
        note(gate, vec![used; if row == 1 && rows == 1 { 0 } else { whole.len() }]);
        drawn.push(gate);
    }
    let root = builder.or(&drawn)?;
    if rows > 1 {
        let share = |row: usize| if row + 1 == rows { (2, k + 1) } else { (1, k + 1) };
        note(root, (0..rows).map(share).collect());
    }
    Ok((builder.finish(root), flow))
}

#[cfg(test)]
mod tests {
    use num_traits::{One, Zero};

    use super::*;
    use crate::budget::{Budget, Meter, Resource};
    use crate::circuit::Compiled;
    use crate::families::Family;
    use crate::model::{Capacity, Fraction, Gate, Node, System, Workload};
    use crate::strategy::optimum;

    fn board(size: u64) -> System {
        Family::Y { size }.system().unwrap()
    }

    /// Every gate gives on what it gets, and every cell gets 2 / (k + 1), in fractions.
    #[test]
    fn all_cells_are_used_equally() {
        for rows in 1..=12 {
            let (formula, flow) = row_and_way_down(rows).unwrap();
            let mut into = vec![BigRational::zero(); formula.gate_count()];
            into[formula.root().index()] = BigRational::one();
            for (id, gate) in formula.gates().rev() {
                let Gate::Threshold { k, children } = gate else { continue };
                let each: Vec<BigRational> = flow[id.index()].iter().map(|part| fraction(*part)).collect();
                assert_eq!(each.len(), children.len(), "{rows}");
                assert!(each.iter().all(|part| *part <= into[id.index()]), "{rows}");
                assert_eq!(
                    each.iter().sum::<BigRational>(),
                    &into[id.index()] * BigRational::from_integer(k.into()),
                    "{rows}"
                );
                children.iter().zip(each).for_each(|(child, part)| into[child.index()] += part);
            }
            let leaves = formula.gates().filter(|(_, gate)| matches!(gate, Gate::Leaf(_)));
            let used: Vec<BigRational> = leaves.map(|(id, _)| into[id.index()].clone()).collect();
            assert_eq!(used, vec![fraction((2, rows as u64 + 1)); rows * (rows + 1) / 2], "{rows}");
        }
    }

    /// Every set of the formula is a quorum of k cells, and shortest paths find none that costs less.
    #[test]
    fn no_quorum_is_smaller_than_those_drawn() {
        for size in 1..=5 {
            let (system, (formula, _)) = (board(size), row_and_way_down(size as usize).unwrap());
            let order: Vec<NodeId> = (0..system.nodes().len()).map(NodeId::new).collect();
            let all = crate::circuit::Antichain::expand(&formula, &order, &Budget::default()).unwrap();
            for quorum in all.sets() {
                assert!(
                    quorum.len() == size as usize && system.formula(Kind::Read).holds(quorum),
                    "{size}: {quorum:?}"
                );
            }
        }
        for size in 1..=40 {
            let system = board(size);
            let compiled = Compiled::new(&system, Budget::default());
            let mut meter = Meter::new(Resource::PassSteps, u64::MAX);
            let cost = vec![1.0; system.nodes().len()];
            let (least, _) = compiled.lattice_prices().unwrap().cheapest(&cost, &mut meter).unwrap();
            assert_eq!(least, size as f64);
        }
    }

    #[test]
    fn boards_of_any_size_have_their_load_as_a_fraction() {
        let workload = Workload::of(Fraction::new(0.25).unwrap());
        for (size, load) in [(1, "1"), (4, "2/5"), (5, "1/3"), (9, "1/5"), (30, "2/31"), (150, "2/151")] {
            let system = board(size);
            let answer = optimum(&Compiled::new(&system, Budget::default()), &workload, false).unwrap();
            assert_eq!(answer.exact.as_ref().map(ToString::to_string), Some(load.into()), "{size}");
            let busiest = answer.node_load.iter().copied().fold(0.0, f64::max);
            assert!((busiest / answer.upper_bound - 1.0).abs() < 1e-12, "{size}: {busiest}");
            assert_eq!(answer.strategy.is_some(), size <= 30, "{size}");
            assert_eq!(answer.certificate.is_some(), size <= 30, "{size}");
        }
    }

    #[test]
    fn capacities_count_and_unlike_ones_have_no_closed_form() {
        let with = |capacity: &dyn Fn(usize) -> (f64, f64)| {
            let system = board(7);
            let capacity = |number: usize| {
                let (reads, writes) = capacity(number);
                [reads, writes].map(|capacity| Capacity::new(capacity).unwrap())
            };
            let nodes = system.nodes().iter().enumerate().map(|(number, node)| {
                let [read_capacity, write_capacity] = capacity(number);
                Node { read_capacity, write_capacity, ..node.clone() }
            });
            let nodes = nodes.collect();
            let system = system.with(nodes, Vec::new(), Workload::default()).unwrap();
            let workload = Workload::of(Fraction::new(0.25).unwrap());
            optimum(&Compiled::new(&system, Budget::default()), &workload, false).unwrap()
        };
        // 1/4 (1/4 / 10 + 3/4 / 4).
        let alike = with(&|_| (10.0, 4.0));
        assert_eq!(alike.exact.map(|load| load.to_string()), Some("17/320".into()));
        let faster = with(&|number| if number == 3 { (20.0, 8.0) } else { (10.0, 4.0) });
        assert!(faster.method != LoadMethod::Symmetry && faster.upper_bound < 17.0 / 320.0, "{faster:?}");
    }
}
