//! Systems whose nodes fail and are repaired, random ones among them.

use quorate::analysis::Options;
use quorate::availability::repair::{RepairAnswer, repair};
use quorate::circuit::Compiled;
use quorate::model::{Formula, FormulaBuilder, Hours, Node, NodeId, Repair, System, Workload};

/// The same quorums over nodes with these mean times of failure and repair, in hours.
pub(crate) fn with_times(system: System, times: &[(u32, u32)]) -> System {
    let hours = |hours: u32| Hours::new(f64::from(hours)).expect("positive");
    let repaired = |(node, (mttf, mttr)): (&Node, &(u32, u32))| {
        let repair = Repair { mttf_hours: hours(*mttf), mttr_hours: hours(*mttr), replace_hours: None };
        Node { failure: repair.failure_probability(), repair: Some(repair), ..node.clone() }
    };
    let nodes = system.nodes().iter().zip(times).map(repaired).collect();
    system.with(nodes, Vec::new(), Workload::default()).expect("the same nodes")
}

/// What repair makes of a system.
pub(crate) fn answer(system: &System) -> RepairAnswer {
    answer_with(system, &Options::default())
}

/// The same, asked in a particular way.
pub(crate) fn answer_with(system: &System, options: &Options) -> RepairAnswer {
    repair(&Compiled::new(system, options.budget), &options.sampling).expect("nothing without times").expect("times")
}

/// Random numbers for formulas.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A formula of nested thresholds and votes; nodes may stand in several places, and groups of nodes are often alike.
pub(crate) fn random_formula(numbers: &mut Numbers, nodes: usize) -> Formula {
    let mut builder = FormulaBuilder::new();
    let mut gates: Vec<_> = (0..nodes).map(|node| builder.leaf(NodeId::new(node))).collect();
    // Equal gates over neighbouring nodes: often symmetric.
    let (width, k) = (2 + numbers.below(3) as usize, 1 + numbers.below(2));
    let groups: Vec<_> =
        gates.chunks(width).map(|group| builder.threshold(k.min(group.len() as u64), group).expect("valid")).collect();
    if numbers.below(2) == 0 {
        gates = groups;
    } else {
        gates.extend(groups);
    }
    for _ in 0..numbers.below(4) {
        let size = 2 + numbers.below(3) as usize;
        let chosen: Vec<_> = (0..size).map(|_| gates[numbers.below(gates.len() as u64) as usize]).collect();
        let gate = match numbers.below(3) {
            0 => {
                let voters: Vec<_> = chosen.iter().map(|gate| (*gate, 1 + numbers.below(3))).collect();
                let total: u64 = voters.iter().map(|(_, votes)| votes).sum();
                builder.weighted(1 + numbers.below(total), &voters)
            }
            _ => builder.threshold(1 + numbers.below(size as u64), &chosen),
        };
        gates.push(gate.expect("valid"));
    }
    let root = builder.threshold(1 + numbers.below(gates.len() as u64), &gates).expect("valid");
    builder.finish(root)
}

/// The mean time to the first loss from the matrix of all states, solved by nalgebra: by subtractions, so that it is
/// good for losses that are not rare.
pub(crate) fn from_all_states(formula: &Formula, times: &[(u32, u32)]) -> f64 {
    let nodes = times.len();
    let set = |live: usize| (0..nodes).filter(|node| live >> node & 1 == 1).map(NodeId::new).collect();
    let states: Vec<usize> = (0..1usize << nodes).filter(|live| formula.holds(&set(*live))).collect();
    let mut matrix = nalgebra::DMatrix::zeros(states.len(), states.len());
    for (row, live) in states.iter().enumerate() {
        for (node, (mttf, mttr)) in times.iter().enumerate() {
            let rate = 1.0 / f64::from(if live >> node & 1 == 1 { *mttf } else { *mttr });
            matrix[(row, row)] += rate;
            if let Ok(other) = states.binary_search(&(live ^ 1 << node)) {
                matrix[(row, other)] -= rate;
            }
        }
    }
    let ones = nalgebra::DVector::from_element(states.len(), 1.0);
    let solved = matrix.lu().solve(&ones).expect("the chain ends");
    solved[states.len() - 1]
}

/// Times of up to three kinds; losses are not rare.
pub(crate) fn random_times(numbers: &mut Numbers, nodes: usize) -> Vec<(u32, u32)> {
    let kinds = 1 + numbers.below(3);
    (0..nodes).map(|_| [(40, 3), (15, 2), (7, 9)][numbers.below(kinds) as usize]).collect()
}
