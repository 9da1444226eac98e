//! Where every message takes a millisecond, a command takes exactly as long as its round trips.

use super::super::cluster::Members;
use super::super::{Chain, Cluster, FastPaxos, MultiPaxos, Paxos, PrimaryBackup, Raft, Timing, Viewstamped};
use super::run;
use crate::families::Family;
use crate::protocol::register::Patience;
use crate::sim::{FaultPlan, Latency, Scenario, Traffic};

/// The time that most commands take, in milliseconds, beyond the way from the client and back to it.
fn beyond_the_client<C: Members>(consensus: C, family: &Family) -> f64 {
    let system = family.system().unwrap();
    let cluster = Cluster::new(&system, consensus, Patience::default(), Timing::default());
    let latency = Latency::Constant { ms: 1.0 };
    let plan = FaultPlan::scripted(Scenario { latency, ..Scenario::default() });
    let traffic = Traffic { clients: 1, operations: 200, read_fraction: 0.5, cas_fraction: 0.3, ..Traffic::default() };
    let counts = run(&cluster, &plan, &traffic, 1).counts;
    let medians = [&counts.latency_ns.reads, &counts.latency_ns.writes].map(|kind| kind.value_at_quantile(0.5));
    // The histogram keeps three digits.
    medians.map(|ns| (ns as f64 / 1e4).round() / 1e2).into_iter().fold(0.0, f64::max) - 2.0
}

#[test]
fn round_trips_of_a_command_are_those_of_the_lecture() {
    let majority = Family::Majority { n: 5 };
    assert_eq!(beyond_the_client(Paxos, &majority), 4.0, "two round trips");
    assert_eq!(beyond_the_client(MultiPaxos, &majority), 2.0, "one");
    assert_eq!(beyond_the_client(Raft, &majority), 2.0, "one");
    assert_eq!(beyond_the_client(Viewstamped, &majority), 2.0, "one");
    assert_eq!(beyond_the_client(PrimaryBackup, &majority), 2.0, "one");
    assert_eq!(beyond_the_client(Chain, &majority), 5.0, "through five nodes and back to the first");
    let fast = Family::Threshold { n: 5, read: 3, write: 4 };
    assert_eq!(beyond_the_client(FastPaxos, &fast), 2.0, "one");
    let flexible = Family::Threshold { n: 8, read: 7, write: 2 };
    assert_eq!(beyond_the_client(MultiPaxos, &flexible), 2.0, "one, to one other node");
}
