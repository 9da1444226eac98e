//! Right predictions hold, wrong ones are caught.

use super::*;
use crate::consensus::{BenOr, Chain, Cluster, Consensus, FastPaxos, MultiPaxos, Paxos, Raft, TotalOrder, Viewstamped};
use crate::families::{Family, GridVariant};
use crate::model::System;
use crate::verify::{Quantity, Verdict};

fn quick() -> Options {
    Options { epochs: 600, executions: 4, sets: 24, ..Options::default() }
}

fn verified<C: Consensus>(family: &Family, consensus: C, nature: Nature) -> Verification
where
    Cluster<C>: Protocol + Sync,
{
    let system = family.system().unwrap();
    let make = |patience, timing| Cluster::new(&system, consensus, patience, timing);
    of_consensus(&system, &make, nature, &quick(), &|_| {})
}

#[track_caller]
fn holds(verification: &Verification, quantities: &[Quantity]) {
    let missed: Vec<_> = verification.comparisons.iter().filter(|one| one.verdict != Verdict::Holds).collect();
    assert!(missed.is_empty(), "{:?}: {missed:#?}", verification.protocol);
    for quantity in quantities {
        assert!(verification.comparisons.iter().any(|one| one.quantity == *quantity), "{quantity:?} is measured");
    }
}

const ALL: [Quantity; 7] = [
    Quantity::CommitLatencyMs,
    Quantity::RoundTrips,
    Quantity::Messages,
    Quantity::MessagesHandled,
    Quantity::FailureProbability,
    Quantity::Resilience,
    Quantity::Consistency,
];

fn weighted() -> Family {
    Family::Weighted { votes: vec![3, 2, 2, 1, 1], read_votes: 5, write_votes: 5 }
}

#[test]
fn predictions_of_leaders_hold() {
    holds(&verified(&Family::Majority { n: 5 }, Raft, Nature::RAFT), &ALL);
    holds(&verified(&weighted(), Raft, Nature::RAFT), &ALL);
    holds(&verified(&Family::Threshold { n: 6, read: 5, write: 2 }, MultiPaxos, Nature::MULTI_PAXOS), &ALL);
    let grid = Family::Grid { rows: 2, cols: 3, variant: GridVariant::Cover };
    holds(&verified(&grid, MultiPaxos, Nature::MULTI_PAXOS), &ALL);
    holds(&verified(&Family::BGrid { width: 2, bands: 2, band_rows: 2 }, MultiPaxos, Nature::MULTI_PAXOS), &ALL);
}

#[test]
fn predictions_of_primaries_hold() {
    holds(&verified(&Family::Majority { n: 3 }, Viewstamped, Nature::VIEWSTAMPED), &ALL);
    holds(&verified(&weighted(), Viewstamped, Nature::VIEWSTAMPED), &ALL);
    holds(&verified(&Family::Majority { n: 3 }, Chain, Nature::CHAIN), &ALL);
}

#[test]
fn predictions_without_a_leader_hold() {
    holds(&verified(&Family::Majority { n: 3 }, Paxos, Nature::PAXOS), &ALL);
    holds(&verified(&Family::Threshold { n: 5, read: 4, write: 2 }, Paxos, Nature::PAXOS), &ALL);
    let few = [Quantity::FailureProbability, Quantity::Resilience, Quantity::Consistency];
    holds(&verified(&Family::Majority { n: 3 }, TotalOrder, Nature::TOTAL_ORDER), &few);
    holds(&verified(&Family::Majority { n: 3 }, BenOr, Nature::BEN_OR), &few);
    holds(&verified(&Family::Threshold { n: 5, read: 3, write: 4 }, FastPaxos, Nature::FAST_PAXOS), &few);
}

fn missed(verification: &Verification) -> Vec<Quantity> {
    let mut found: Vec<Quantity> =
        verification.comparisons.iter().filter(|one| one.verdict == Verdict::Missed).map(|one| one.quantity).collect();
    found.dedup();
    found
}

#[test]
fn another_protocol_than_the_one_that_is_predicted_is_caught() {
    // Two round trips are predicted of a protocol that needs one.
    let wrong = missed(&verified(
        &Family::Majority { n: 3 },
        MultiPaxos,
        Nature { leading: Leading::Elected, ..Nature::PAXOS },
    ));
    for quantity in [Quantity::RoundTrips, Quantity::Messages, Quantity::MessagesHandled, Quantity::CommitLatencyMs] {
        assert!(wrong.contains(&quantity), "{quantity:?}: {wrong:?}");
    }
}

#[test]
fn another_system_than_the_one_that_is_predicted_is_caught() {
    // What is predicted of any four of five is measured on majorities.
    let predicted = Family::Threshold { n: 5, read: 4, write: 4 }.system().unwrap();
    let running: System = Family::Majority { n: 5 }.system().unwrap();
    let make = |patience, timing| Cluster::new(&running, MultiPaxos, patience, timing);
    let p = crate::model::Probability::new(0.3).unwrap();
    let options = Options { epochs: 4_000, failure_probabilities: vec![p], ..quick() };
    let wrong = missed(&of_consensus(&predicted, &make, Nature::MULTI_PAXOS, &options, &|_| {}));
    for quantity in [Quantity::CommitLatencyMs, Quantity::FailureProbability, Quantity::Resilience] {
        assert!(wrong.contains(&quantity), "{quantity:?}: {wrong:?}");
    }
}

/// Quorums that miss each other show it where the network is cut between them.
#[test]
fn a_definition_that_lacks_a_demand_has_a_split_decision() {
    let apart = Family::Threshold { n: 4, read: 2, write: 2 };
    let broken = |verification: &Verification| {
        let cut = verification.comparisons.iter().find(|one| one.subject.starts_with("cut between"));
        let cut = cut.expect("the network is cut between the quorums of the witness");
        (cut.verdict, cut.remark.clone().unwrap_or_default())
    };
    for (verdict, remark) in [
        broken(&verified(&apart, Raft, Nature::RAFT)),
        broken(&verified(&apart, MultiPaxos, Nature::MULTI_PAXOS)),
        broken(&verified(&apart, Paxos, Nature::PAXOS)),
        broken(&verified(&apart, Viewstamped, Nature::VIEWSTAMPED)),
    ] {
        assert_eq!(verdict, Verdict::Missed, "{remark}");
        assert!(remark.contains("with seed"), "{remark}");
    }
}
