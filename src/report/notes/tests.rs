use super::super::fixture;
use super::*;
use crate::availability::repair::MissingTimes;
use crate::budget::{Exhausted, Resource};
use crate::model::{NodeId, NodeSet, Pair, Probability, Workload, Zone, ZoneId};
use crate::number::Scaled;
use crate::strategy::objective::Objective;

#[track_caller]
fn check(finding: &Note, expected: &str) {
    let system = fixture::grid().system;
    let zones = vec![Zone::new("eu west", Probability::ZERO)];
    let nodes = system.nodes().to_vec();
    let system = system.with(nodes, zones, Workload::default()).unwrap();
    assert_eq!(note(&system, finding), expected);
    assert!(!super::super::explained(expected).is_empty(), "{expected}");
}

fn set(indices: &[usize]) -> NodeSet {
    fixture::set(indices)
}

const EXHAUSTED: Exhausted = Exhausted { resource: Resource::SearchSteps, limit: 4_000_000 };

#[test]
fn intersections() {
    check(&Note::ReadsMissWrites, "Some read quorum misses some write quorum: a read need not see the latest write.");
    check(
        &Note::StaleReads { sizes: PartialQuorums { nodes: 3, read: 1, write: 1 } },
        "A read of 1 node misses a write that has reached just 1 of the 3 with probability 0.6667 = 2/3 when the \
         nodes are drawn alike.",
    );
    check(
        &Note::WritesMissWrites,
        "Two write quorums can miss each other: writers need unique timestamps, or must read before they write.",
    );
}

#[test]
fn nodes() {
    let lost = |kinds: &[Kind]| Note::SinglePointOfFailure { node: NodeId::new(2), kinds: kinds.to_vec() };
    check(&lost(&[Kind::Write]), "Node n3 is a single point of failure: without it there is no write quorum.");
    check(
        &lost(&Kind::BOTH),
        "Node n3 is a single point of failure: without it there is no read quorum and no write quorum.",
    );
    check(&Note::UnusedNodes { nodes: set(&[8]) }, "Node n9 is in no minimal quorum: it adds nothing.");
    check(&Note::UnusedNodes { nodes: set(&[7, 8]) }, "Nodes {n8, n9} are in no minimal quorum: they add nothing.");
    check(&Note::UnknownQuorumSets { nodes: set(&[8]) }, "The quorum set of node n9 is not known: it is in no quorum.");
    check(
        &Note::UnknownQuorumSets { nodes: set(&[7, 8]) },
        "The quorum sets of nodes {n8, n9} are not known: they are in no quorum.",
    );
    check(
        &Note::PartialFailureProbabilities { node: NodeId::new(0) },
        "Failure probabilities were not computed: node n1 has no failure_probability, but other nodes have one.",
    );
}

#[test]
fn quorums() {
    let redundant = |kind, redundant| Note::RedundantQuorums { kind, redundant, listed: 5 };
    check(&redundant(None, 2), "2 of the 5 listed quorums contain another one and change nothing.");
    check(&redundant(Some(Kind::Read), 1), "1 of the 5 listed read quorums contains another one and changes nothing.");
    check(
        &Note::RangesOfARing,
        "In a ring quorums are those of each range of keys, and meet others of the same range only; what is survived, and \
         how often it is not, is about every range at once. Strategies, fronts and probes have no answer.",
    );
    check(
        &Note::ZonesNotLookedAt,
        "The replicas of a range are placed without regard to zones; spread in [system] names the kind of zones over which \
         they are to be spread.",
    );
    check(&Note::EvenMajority { nodes: 4 }, "A majority of 4 nodes survives no more failures than a majority of 3.");
    check(&Note::EvenMajority { nodes: 2 }, "A majority of 2 nodes survives no more failures than a single node.");
    let dominated = |symmetric| Note::Dominated { kind: Kind::Read, quorum: set(&[0, 4]), symmetric };
    check(
        &dominated(false),
        "The system is dominated: {n1, n5} could be a read quorum as well, and everything would still intersect.",
    );
    check(
        &dominated(true),
        "The system is dominated: {n1, n5} could be a quorum as well, and everything would still intersect.",
    );
}

#[test]
fn zones() {
    let zone = ZoneId::new(0);
    let stops = |kinds: &[Kind]| Note::ZoneStopsQuorums { zone, kinds: kinds.to_vec() };
    check(&stops(&[Kind::Read]), "Losing zone \"eu west\" stops all reads.");
    check(&stops(&Kind::BOTH), "Losing zone \"eu west\" stops all reads and writes.");
    check(
        &Note::MeetButForEpsilon,
        "Quorums are drawn evenly and meet but for epsilon: that two can miss each other is no fault.",
    );
    check(&Note::MoreEmptyZones { more: 2 }, "2 more zones have no nodes.");
    check(&Note::MoreZonesStopQuorums { more: 1 }, "1 more zone stops reads or writes when it fails.");
    check(&Note::EmptyZone { zone }, "Zone \"eu west\" has no nodes.");
    check(
        &Note::ZonesNeverFail { zones: vec![zone] },
        "Never failing as a whole, since their failure_probability is 0 or not given: \"eu west\".",
    );
}

#[test]
fn numbers_are_short_and_one_is_one() {
    let fix = |importance: Scaled, node_p: Option<f64>| Note::FixFirst {
        nodes: set(&[0]),
        importance,
        node_p: node_p.map(|p| Probability::new(p).unwrap()),
    };
    check(
        &fix(Scaled::from(0.011882), Some(0.04317110613674458)),
        "To improve first: node n1. What its own failure probability falls by, times 0.01188, is what that of the \
         system falls by (at node failure probability 0.04317).",
    );
    check(
        &fix(Scaled::from(1e-200) * Scaled::from(1e-200), None),
        "To improve first: node n1. What its own failure probability falls by, times 1.0000e-400, is what that of the \
         system falls by.",
    );
    check(&Note::MoreSinglePoints { more: 1 }, "1 more node is a single point of failure.");
    let unseen = Note::NoFailureSampled { trials: 1, quantities: vec!["total".into()], node_p: None };
    check(
        &unseen,
        "in none of 1 trial was there a failure of `total`: its probability is not estimated, only bounded from above.",
    );
    check(
        &Note::NoQuorumLeft { kinds: vec![Kind::Write] },
        "No write quorum is left: it has no size and no resilience, and writes always fail.",
    );
}

#[test]
fn computations() {
    check(
        &Note::BelowFloatRange { quantity: "total".into(), value: Scaled::from(1e-200) * Scaled::from(1e-200) },
        "The failure probability `total` is 1.0000e-400: below the range of a 64-bit float. JSON has it \
         as `total_scaled`, mantissa and power of ten, and failure_probability.csv as `total_log10`.",
    );
    check(
        &Note::GaveUp { question: "the number of read quorums".into(), exhausted: EXHAUSTED },
        "Not settled: the number of read quorums; gave up after 4,000,000 search steps.",
    );
    check(
        &Note::OpenFront { axes: [Objective::Load, Objective::Latency], gap: Some(3e-7), exhausted: Some(EXHAUSTED) },
        "Not proven: that the front of load and latency has no other corners. Not all of its programs were solved in \
         fractions; gave up after 4,000,000 search steps. Between its corners it may lie lower by a share of up to 3e-7.",
    );
    check(
        &Note::NoFailureSampled {
            trials: 1_000_000,
            quantities: vec!["write".into(), "total".into()],
            node_p: Some(Probability::new(0.1).unwrap()),
        },
        "At node failure probability 0.1, in none of 1,000,000 trials was there a failure of `write`, `total`: its \
         probability is not estimated, only bounded from above.",
    );
    check(
        &Note::MeanCapacity { mean_capacity: 2.5 },
        "Over the distribution of read fractions the mean of the capacities is 2.5 x one node, which is not \
         1 / (mean load).",
    );
    check(
        &Note::StrategyTooLong { names_max: 200_000, asked_max: 20_000_000 },
        "The strategy is not listed because it would name more than 200,000 nodes; --strategy lists up to 20,000,000.",
    );
}

#[test]
fn numbers_that_are_missing_or_out_of_range() {
    check(
        &Note::MissingTimes(MissingTimes::Zone(ZoneId::new(0))),
        "How often quorums are lost was not computed: zone \"eu west\" fails, but has no mttf_hours and mttr_hours.",
    );
    check(
        &Note::TimesOfTheirOwn,
        "The failure probabilities are at the node p that was asked for; failure and repair over time follow the \
         definition's mttf_hours and mttr_hours.",
    );
    check(
        &Note::FailsTooRarely { nodes: set(&[0]) },
        "By its times the failure probability of each of {n1} is below the range of a 64-bit float: it counts as 0.",
    );
    check(
        &Note::LoadBeyondFloat,
        "The load or the capacity is beyond the range of a 64-bit float, so its value is left empty.",
    );
    check(
        &Note::CapacityMissing { nodes: set(&[0, 1]) },
        "{n1, n2} have no capacity and count for one operation/s beside the capacities that are given.",
    );
}

#[test]
fn what_is_missing_is_explained_once() {
    let mut analysed = fixture::grid();
    assert_eq!(notes(&analysed).len(), analysed.analysis.notes.len());
    analysed.analysis.optimum[0].best.as_mut().unwrap().strategy = None;
    assert_eq!(notes(&analysed).last().unwrap(), "The strategy is not listed: finding it was beyond the limits.");
    analysed.analysis.notes = vec![Note::StrategyTooLong { names_max: 1, asked_max: 100 }];
    assert_eq!(notes(&analysed).len(), 2);
    let ended = Exhausted { resource: Resource::StrategyNames, limit: 1 };
    analysed.analysis.optimum[0].best.as_mut().unwrap().unlisted = Some(ended);
    assert_eq!(notes(&analysed).len(), 1);
}

#[test]
fn an_open_resilience_gives_its_bounds() {
    let mut analysed = fixture::grid();
    analysed.analysis.notes.clear();
    let open = crate::structure::resilience::Resilience {
        transversal: Some(set(&[0, 1, 2])),
        lower_bound: 2,
        exhausted: Some(EXHAUSTED),
    };
    analysed.analysis.resilience = Pair { reads: open, ..analysed.analysis.resilience };
    assert_eq!(
        notes(&analysed),
        ["The resilience is not settled: reads survive any 1 failure, and losing the 3 nodes {n1, n2, n3} does \
          stop them; gave up after 4,000,000 search steps."]
    );
}
