//! Our decision diagrams against those of oxidd, over the same order of the variables.
//!
//! Reduced ordered diagrams are canonical: two correct stores must agree on the number of nodes, whatever they do on the
//! way. oxidd counts assignments and builds the dual by its own operations, so nothing here is shared but the formula.

use num_bigint::BigInt;
use num_rational::BigRational;
use oxidd::bdd::{BDDFunction, BDDManagerRef};
use oxidd::util::SatCountCache;
use oxidd::util::num::Natural;
use oxidd::{BooleanFunction, Function, Manager, ManagerRef};
use quorate::budget::Budget;
use quorate::circuit::{Diagram, Ref};
use quorate::families::{Family, GridVariant};
use quorate::model::{Formula, FormulaBuilder, Gate, GateId, NodeId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::support::draws::below;

/// The other store: a variable for each node, numbered by its place in the order.
struct Peer {
    manager: BDDManagerRef,
    order: Vec<NodeId>,
}

impl Peer {
    fn new(order: Vec<NodeId>) -> Self {
        let manager = oxidd::bdd::new_manager(1 << 18, 1 << 16, 1);
        manager.with_manager_exclusive(|manager| manager.add_vars(order.len() as u32));
        Peer { manager, order }
    }

    fn variable(&self, node: NodeId) -> BDDFunction {
        let place = self.order.iter().position(|other| *other == node).expect("the order has every node");
        self.manager.with_manager_shared(|manager| BDDFunction::var(manager, place as u32)).expect("room for a node")
    }

    fn constant(&self, value: bool) -> BDDFunction {
        self.manager.with_manager_shared(|manager| match value {
            true => BDDFunction::t(manager),
            false => BDDFunction::f(manager),
        })
    }

    /// The function of a formula, every gate from the meaning of votes: all sums of votes that may still be needed.
    fn compile(&self, formula: &Formula) -> BDDFunction {
        let mut compiled: Vec<BDDFunction> = Vec::new();
        for (_, gate) in formula.gates() {
            let function = match gate {
                Gate::Leaf(node) => self.variable(node),
                Gate::Threshold { k, children } => self.votes(k, children, &vec![1; children.len()], &compiled),
                Gate::Weighted { quota, children, votes } => self.votes(quota as usize, children, votes, &compiled),
            };
            compiled.push(function);
        }
        compiled.swap_remove(formula.root().index())
    }

    fn votes(&self, quota: usize, children: &[GateId], votes: &[u64], compiled: &[BDDFunction]) -> BDDFunction {
        // needed[t]: the children behind have t votes or more.
        let mut needed = vec![self.constant(false); quota + 1];
        needed[0] = self.constant(true);
        for (child, votes) in children.iter().zip(votes).rev() {
            for open in (1..=quota).rev() {
                let with = &needed[open.saturating_sub(*votes as usize)];
                needed[open] = compiled[child.index()].ite(with, &needed[open]).expect("room for the diagram");
            }
        }
        needed.swap_remove(quota)
    }

    /// not f(not x): by complementing every variable of the formula, and the result.
    fn dual(&self, formula: &Formula) -> BDDFunction {
        let complemented = |node: NodeId| self.variable(node).not().expect("room for a node");
        let mut compiled: Vec<BDDFunction> = Vec::new();
        for (_, gate) in formula.gates() {
            let function = match gate {
                Gate::Leaf(node) => complemented(node),
                Gate::Threshold { k, children } => self.votes(k, children, &vec![1; children.len()], &compiled),
                Gate::Weighted { quota, children, votes } => self.votes(quota as usize, children, votes, &compiled),
            };
            compiled.push(function);
        }
        compiled.swap_remove(formula.root().index()).not().expect("room for the diagram")
    }

    fn models(&self, function: &BDDFunction) -> String {
        let mut cache = SatCountCache::<Natural, std::collections::hash_map::RandomState>::default();
        function.sat_count(self.order.len() as u32, &mut cache).to_string()
    }
}

/// Assignments that satisfy a function: 2^n times its probability under fair coins.
fn models(diagram: &Diagram, function: Ref) -> String {
    let size = diagram.order().iter().map(|node| node.index() + 1).max().unwrap_or(0);
    let half = vec![BigRational::new(1.into(), 2.into()); size];
    let (_, holds) = diagram.probabilities(function, &half, &half);
    (holds * BigRational::from_integer(BigInt::from(2).pow(diagram.order().len() as u32))).to_string()
}

/// Builds the formula in both stores and compares what they say; the size of its diagram without the constants.
#[track_caller]
fn check(name: &str, formula: &Formula) -> usize {
    let order = formula.reading_order();
    let mut ours = Diagram::new(&order, &Budget::default());
    let root = ours.compile(formula).expect("the budget is large enough");
    let dual = ours.dual(root).expect("the budget is large enough");
    let peer = Peer::new(order);
    let (peer_root, peer_dual) = (peer.compile(formula), peer.dual(formula));
    assert_eq!(ours.size(root), peer_root.node_count(), "{name}: nodes");
    assert_eq!(models(&ours, root), peer.models(&peer_root), "{name}: satisfying assignments");
    assert_eq!(ours.size(dual), peer_dual.node_count(), "{name}: nodes of the dual");
    assert_eq!(models(&ours, dual), peer.models(&peer_dual), "{name}: satisfying assignments of the dual");
    assert_eq!(dual == root, peer_dual == peer_root, "{name}: self-dual");
    let by_formula = ours.compile(&formula.dual()).expect("the budget is large enough");
    assert_eq!(dual, by_formula, "{name}: dual of the diagram and diagram of the dual");
    assert_eq!(ours.dual(dual).expect("the budget is large enough"), root, "{name}: dual of the dual");
    ours.size(root) - 2
}

/// A formula of random gates over all the gates before, so that many are shared and nodes occur many times.
fn random_formula(generator: &mut ChaCha8Rng) -> Formula {
    let mut builder = FormulaBuilder::new();
    let nodes = 2 + below(generator, 10);
    let mut gates: Vec<GateId> = (0..nodes).map(|node| builder.leaf(NodeId::new(node))).collect();
    for _ in 0..2 + below(generator, 6) {
        let members = 2 + below(generator, 5);
        let children: Vec<GateId> = (0..members).map(|_| gates[below(generator, gates.len())]).collect();
        let gate = if below(generator, 3) == 0 {
            let voters: Vec<(GateId, u64)> =
                children.iter().map(|child| (*child, 1 + below(generator, 9) as u64)).collect();
            let total: u64 = voters.iter().map(|(_, votes)| votes).sum();
            builder.weighted(1 + below(generator, total as usize) as u64, &voters)
        } else {
            builder.threshold(1 + below(generator, members) as u64, &children)
        };
        gates.push(gate.expect("the quota is valid"));
    }
    let root = gates[gates.len() - 1];
    builder.finish(root)
}

/// Any of `count` random sets.
fn random_list(generator: &mut ChaCha8Rng, nodes: usize, count: usize) -> Formula {
    let mut builder = FormulaBuilder::new();
    let mut sets: Vec<GateId> = Vec::new();
    for _ in 0..count {
        let members: Vec<usize> = (0..nodes).filter(|_| below(generator, 3) == 0).collect();
        let leaves: Vec<GateId> = members.into_iter().map(|node| builder.leaf(NodeId::new(node))).collect();
        sets.extend(builder.and(&leaves));
    }
    let root = builder.or(&sets).expect("some set has members");
    builder.finish(root)
}

/// 2 of 3 of 2 of 3 of ..., `levels` deep.
fn hierarchical(levels: u32) -> Formula {
    let mut builder = FormulaBuilder::new();
    let mut gates: Vec<GateId> = (0..3usize.pow(levels)).map(|node| builder.leaf(NodeId::new(node))).collect();
    while gates.len() > 1 {
        gates = gates.chunks(3).map(|three| builder.threshold(2, three).expect("2 of 3 is valid")).collect();
    }
    builder.finish(gates[0])
}

#[test]
fn random_formulas() {
    for seed in 0..300 {
        check(&format!("seed {seed}"), &random_formula(&mut ChaCha8Rng::seed_from_u64(seed)));
    }
}

#[test]
fn random_lists() {
    for seed in 0..30 {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let (nodes, count) = (4 + below(&mut generator, 12), 3 + below(&mut generator, 20));
        check(&format!("seed {seed}"), &random_list(&mut generator, nodes, count));
    }
}

#[test]
fn families() {
    let grids = GridVariant::ALL.into_iter().flat_map(|variant| {
        [(1, 1), (1, 4), (4, 1), (3, 3), (3, 5), (5, 4)].map(|(rows, cols)| Family::Grid { rows, cols, variant })
    });
    let b_grids = [(2, 2, 2), (5, 3, 3), (8, 4, 3), (3, 1, 4), (1, 3, 2), (4, 3, 1)]
        .map(|(width, bands, band_rows)| Family::BGrid { width, bands, band_rows });
    let votes = vec![9, 7, 5, 5, 3, 3, 2, 1, 1, 0];
    let others = [
        Family::Threshold { n: 12, read: 4, write: 9 },
        Family::Rowa { n: 6 },
        Family::Weighted { votes: votes.clone(), read_votes: 19, write_votes: 19 },
        Family::Weighted { votes, read_votes: 6, write_votes: 31 },
        Family::Weighted { votes: (1..=40).collect(), read_votes: 411, write_votes: 410 },
    ];
    for family in grids.chain(b_grids).chain(others) {
        let formulas = family.formulas().expect("the parameters are valid");
        check(&format!("reads of {family:?}"), &formulas.reads);
        check(&format!("writes of {family:?}"), &formulas.writes);
    }
}

/// Sizes on which oxidd 0.13, biodivine 0.6 and an earlier diagram of our own agreed; constants not counted.
#[test]
fn known_sizes() {
    // Row by row, as the elements are numbered.
    let row_column = |k| Family::Grid { rows: k, cols: k, variant: GridVariant::RowColumn };
    let b_grid = |width, bands, band_rows| Family::BGrid { width, bands, band_rows };
    let reads = |family: Family| family.formulas().expect("the parameters are valid").reads;
    let cases = [
        ("row and column 3", reads(row_column(3)), 43),
        ("row and column 4", reads(row_column(4)), 214),
        ("row and column 5", reads(row_column(5)), 817),
        ("row and column 6", reads(row_column(6)), 2672),
        ("majority of 101", reads(Family::Majority { n: 101 }), 2601),
        ("B-grid 5, 3, 3", reads(b_grid(5, 3, 3)), 152),
        ("B-grid 8, 4, 3", reads(b_grid(8, 4, 3)), 361),
        ("2 of 3, four levels", hierarchical(4), 256),
        ("2 of 3, five levels", hierarchical(5), 1024),
        ("2 of 3, six levels", hierarchical(6), 4096),
    ];
    for (name, formula, nodes) in cases {
        assert_eq!(check(name, &formula), nodes, "{name}");
    }
}
