//! Under all faults at once nothing that is promised is broken.

use super::super::cluster::Members;
use super::super::{
    BenOr, Chain, Cluster, FastPaxos, MultiPaxos, Paxos, PrimaryBackup, Raft, Timing, TotalOrder, Viewstamped,
};
use super::{campaign, impatient, restarts, run, storm, traffic};
use crate::families::Family;
use crate::protocol::register::Patience;

/// How many seeds of each; `QUORATE_SEEDS` asks for more.
fn seeds() -> u64 {
    std::env::var("QUORATE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(3)
}

fn survives<C: Members>(consensus: C, families: &[Family]) {
    for family in families {
        let system = family.system().unwrap();
        let schedules = [(storm(), Timing::default()), (restarts(), impatient()), (storm(), impatient())];
        for (at, (plan, timing)) in schedules.iter().enumerate() {
            let cluster = Cluster::new(&system, consensus, Patience::default(), *timing);
            let traffic = traffic(60);
            let came = campaign(&cluster, plan, &traffic, seeds());
            if let Some(seed) = came.violations.first() {
                let broken = run(&cluster, plan, &traffic, *seed).broken;
                panic!(
                    "{consensus:?} over {family:?}, {at}: {} seeds, first {seed}: {broken:?}",
                    came.violations.len()
                );
            }
            assert_eq!((came.seeds, came.cut_off), (seeds(), 0));
            // Where everybody is impatient there may be no progress until the storm is over.
            assert!(at > 0 || came.operations > 30 * seeds(), "{consensus:?} over {family:?}: {came:?}");
        }
    }
}

/// Quorums whose reads meet reads and writes.
fn meeting() -> Vec<Family> {
    vec![
        Family::Majority { n: 5 },
        Family::Majority { n: 3 },
        Family::Threshold { n: 8, read: 7, write: 2 },
        Family::Weighted { votes: vec![3, 2, 2, 1, 1], read_votes: 5, write_votes: 5 },
    ]
}

/// Quorums whose reads meet writes only.
fn flexible() -> Vec<Family> {
    vec![
        Family::Grid { rows: 3, cols: 3, variant: crate::families::GridVariant::Cover },
        Family::Threshold { n: 4, read: 2, write: 3 },
    ]
}

#[test]
fn raft_survives_storms() {
    survives(Raft, &meeting());
}

#[test]
fn multi_paxos_survives_storms() {
    survives(MultiPaxos, &[meeting(), flexible()].concat());
}

#[test]
fn paxos_survives_storms() {
    survives(Paxos, &[meeting(), flexible()].concat());
}

#[test]
fn total_order_survives_storms() {
    survives(TotalOrder, &[meeting(), flexible()].concat());
}

#[test]
fn viewstamped_replication_survives_storms() {
    survives(Viewstamped, &[meeting(), flexible()].concat());
}

#[test]
fn primary_backup_survives_storms() {
    survives(PrimaryBackup, &[meeting(), flexible()].concat());
    // Write all, read one: nothing is committed while a node is down, and nothing is lost.
    let all = Family::Threshold { n: 3, read: 1, write: 3 }.system().unwrap();
    let cluster = Cluster::new(&all, PrimaryBackup, Patience::default(), Timing::default());
    assert!(campaign(&cluster, &storm(), &traffic(60), seeds()).violations.is_empty());
}

#[test]
fn chain_replication_survives_storms() {
    survives(Chain, &[meeting(), flexible()].concat());
}

#[test]
fn ben_or_survives_storms() {
    survives(BenOr, &[&meeting()[..2], &meeting()[3..]].concat());
}

#[test]
fn fast_paxos_survives_storms() {
    survives(
        FastPaxos,
        &[
            Family::Threshold { n: 5, read: 3, write: 4 },
            Family::Threshold { n: 8, read: 3, write: 7 },
            Family::Threshold { n: 3, read: 2, write: 3 },
        ],
    );
}
