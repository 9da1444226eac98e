//! Answers made by hand, for the tests of the reports.

use num_bigint::BigUint;
use num_rational::BigRational;

use super::Analysed;
use crate::analysis::Analysis;
use crate::analysis::notes::Note;
use crate::availability::{AvailabilityMethod, FailureProbability, Interval};
use crate::budget::{Exhausted, Resource};
use crate::families::{Family, GridVariant};
use crate::model::{Choice, Kind, NodeId, NodeSet, Pair, Probability, Workload};
use crate::number::Scaled;
use crate::strategy::objective::Objective;
use crate::strategy::{LoadMethod, Optimum, Price, StrategyAnswer};
use crate::structure::domination::{Domination, Improvement};
use crate::structure::intersection::{Intersection, Intersections, Verdict};
use crate::structure::minimal_quorums::MinimalQuorums;
use crate::structure::resilience::Resilience;

pub(super) const EXHAUSTED: Exhausted = Exhausted { resource: Resource::SearchSteps, limit: 4_000_000 };

pub(super) fn set(indices: &[usize]) -> NodeSet {
    indices.iter().copied().map(NodeId::new).collect()
}

/// A grid of 3 by 3 on which everything is known.
pub(super) fn grid() -> Analysed {
    let family = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow };
    let description = Some("Nine replicas in three lines of three".into());
    let system = family.system().unwrap().named("grid-3x3", description);
    let meet = Intersection { verdict: Verdict::Holds, smallest: Some(1), bounds: None, witness: None };
    let miss = Intersection {
        verdict: Verdict::Fails,
        smallest: Some(0),
        bounds: None,
        witness: Some([set(&[0, 3, 6]), set(&[1, 4, 7])]),
    };
    let resilience =
        |nodes: &[usize]| Resilience { transversal: Some(set(nodes)), lower_bound: nodes.len(), exhausted: None };
    let improvement = Improvement { kind: Kind::Read, quorum: set(&[0, 1, 2]) };
    let both = Pair { reads: resilience(&[0, 1, 2]), writes: resilience(&[0, 3, 6]) };
    let compiled = crate::circuit::Compiled::new(&system, crate::budget::Budget::default());
    let operations =
        crate::operations::Operations::of(&compiled, &meet, &both, (&[], system.workload()), Default::default());
    let analysis = Analysis {
        operations,
        probes: None,
        federated: None,
        protocols: Vec::new(),
        smallest_fast_quorum: None,
        intersections: Intersections { read_write: meet.clone(), write_write: meet, read_read: miss },
        minimal: Pair { reads: minimal(27, 3, 3), writes: minimal(13, 3, 5) },
        resilience: both,
        domination: Domination { non_dominated: Verdict::Fails, improvement: Some(improvement.clone()) },
        optimum: vec![StrategyAnswer {
            workload: Workload::default(),
            objective: Objective::Load,
            best: Ok(optimum()),
        }],
        client_strategies: None,
        fronts: Vec::new(),
        failure_probability: failure_probabilities(),
        reliability: crate::analysis::reliability::Reliability::default(),
        notes: vec![Note::Dominated { kind: Kind::Read, quorum: improvement.quorum, symmetric: false }],
    };
    Analysed { file: "quorum-defs/grid-3x3.toml".into(), system, analysis }
}

fn minimal(count: u32, smallest: usize, largest: usize) -> MinimalQuorums {
    MinimalQuorums {
        count: Some(count.into()),
        count_bounds: None,
        smallest: Some(smallest),
        largest: Some(largest),
        largest_bounds: None,
        unused: Some(NodeSet::new()),
        indispensable: Some(NodeSet::new()),
        redundant: Vec::new(),
        listing: None,
        exhausted: None,
    }
}

fn optimum() -> Optimum {
    let load = 23.0 / 57.0;
    let choice = |nodes: &[usize], probability| Choice { quorum: set(nodes), probability };
    Optimum {
        workload: Workload::default(),
        objective: Objective::Load,
        upper_bound: load,
        lower_bound: load,
        exact: Some(BigRational::new(23.into(), 57.into())),
        method: LoadMethod::FlowProgram,
        node_load: vec![0.25, 0.25, 0.25, 0.3, 0.3, 0.3, load, load, load],
        node_weight: vec![vec![0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.25, 0.25]],
        certificate: None,
        unlisted: None,
        exhausted: None,
        price: Price { load: 1.0, ..Price::default() },
        mean_load: load,
        mean_capacity: 1.0 / load,
        network: 3.8,
        latency_ms: None,
        strategy: Some(Pair {
            reads: vec![choice(&[0, 3, 6], 0.25), choice(&[1, 4, 7], 0.75)],
            writes: vec![choice(&[6, 7, 8], 1.0)],
        }),
    }
}

fn failure_probabilities() -> Vec<FailureProbability> {
    let value = |value: f64| Some(Scaled::from(value));
    let exact = FailureProbability {
        node_failure_probability: Probability::new(0.1).ok(),
        read: value(0.002997),
        write: value(0.020439),
        system: value(0.0209),
        total: value(2.5e-9),
        method: AvailabilityMethod::Exact,
        interval: None,
        ranges: None,
        three_states: None,
    };
    let estimate = FailureProbability {
        node_failure_probability: Probability::new(0.01).ok(),
        read: value(0.003),
        write: value(0.02),
        system: value(0.021),
        total: value(0.0025),
        method: AvailabilityMethod::MonteCarlo,
        interval: Some(Interval {
            lower: 0.0208,
            upper: 0.0212,
            confidence: Some(0.95),
            trials: Some(1_000_000),
            seed: Some(1),
            shortfall: None,
        }),
        ranges: None,
        three_states: None,
    };
    vec![exact, estimate]
}

/// A majority of 20 with an awkward name, on which next to nothing was found out.
pub(super) fn undecided() -> Analysed {
    let Analysed { mut system, mut analysis, .. } = grid();
    system = Family::Majority { n: 20 }.system().unwrap().named("big, odd | name", system.about().description.clone());
    let open = Intersection { verdict: Verdict::Undecided(EXHAUSTED), smallest: None, bounds: None, witness: None };
    analysis.intersections = Intersections { read_write: open.clone(), write_write: open.clone(), read_read: open };
    let quorums = MinimalQuorums { count: None, largest: None, exhausted: Some(EXHAUSTED), ..minimal(0, 11, 0) };
    analysis.minimal = Pair { reads: quorums.clone(), writes: quorums };
    let resilience = Resilience { transversal: Some(NodeSet::first(14)), lower_bound: 5, exhausted: Some(EXHAUSTED) };
    analysis.resilience = Pair { reads: resilience.clone(), writes: resilience };
    analysis.domination = Domination { non_dominated: Verdict::Undecided(EXHAUSTED), improvement: None };
    let optimum = analysis.optimum[0].best.as_mut().unwrap();
    optimum.exact = None;
    optimum.lower_bound = 0.4;
    optimum.strategy = None;
    optimum.node_load = (0..20).map(|node| 0.3 + f64::from(node) / 200.0).collect();
    optimum.node_weight = vec![vec![0.05; 20]];
    analysis.failure_probability = vec![FailureProbability {
        node_failure_probability: None,
        read: None,
        write: None,
        system: None,
        total: None,
        method: AvailabilityMethod::GaveUp,
        interval: None,
        ranges: None,
        three_states: None,
    }];
    analysis.notes = vec![Note::GaveUp { question: "the failure probability".into(), exhausted: EXHAUSTED }];
    Analysed { file: "-".into(), system, analysis }
}

/// A majority of five whose reads and writes are one kind of quorum, with a huge count of them.
pub(super) fn symmetric() -> Analysed {
    let Analysed { mut system, mut analysis, .. } = grid();
    system = Family::Majority { n: 5 }.system().unwrap().named("five", system.about().description.clone());
    analysis.intersections.read_read = analysis.intersections.read_write.clone();
    analysis.minimal.reads.count = Some(BigUint::from(3u8).pow(1000));
    analysis.minimal.writes = analysis.minimal.reads.clone();
    analysis.resilience.writes = analysis.resilience.reads.clone();
    analysis.domination = Domination { non_dominated: Verdict::Holds, improvement: None };
    let optimum = analysis.optimum[0].best.as_mut().unwrap();
    optimum.node_load = vec![0.6; 5];
    optimum.node_weight = vec![vec![0.2; 5]];
    optimum.upper_bound = 0.6;
    optimum.mean_load = 0.6;
    optimum.lower_bound = 0.6;
    optimum.exact = Some(BigRational::new(3.into(), 5.into()));
    optimum.method = LoadMethod::ReadOnce;
    optimum.strategy = Some(Pair {
        reads: vec![Choice { quorum: NodeSet::first(3), probability: 1.0 }],
        writes: vec![Choice { quorum: NodeSet::first(3), probability: 1.0 }],
    });
    analysis.notes.clear();
    Analysed { file: "five.toml".into(), system, analysis }
}
