//! Mistakes that implementations have made: each is caught within so many seeds.

use super::super::cluster::Members;
use super::super::flaw::Flaw;
use super::super::{BenOr, FastPaxos, MultiPaxos, Raft, Timing, Viewstamped};
use super::{campaign, elections, flawed, impatient, restarts, storm, traffic};
use crate::families::Family;
use crate::sim::FaultPlan;

/// A schedule of faults, and how long replicas wait for a leader in it.
#[derive(Debug, Clone, Copy)]
enum Schedule {
    Storm,
    Elections,
    Restarts,
}

impl Schedule {
    fn plan(self) -> (FaultPlan, Timing, u64) {
        match self {
            Schedule::Storm => (storm(), Timing::default(), 60),
            Schedule::Elections => (elections(), Timing::default(), 150),
            Schedule::Restarts => (restarts(), impatient(), 100),
        }
    }
}

/// The mistake is caught within so many seeds.
#[track_caller]
fn dies<C: Members>(consensus: C, flaw: Flaw, (schedule, seeds): (Schedule, u64)) {
    // Fast quorums of four of five, any two of which any three nodes meet.
    let is_fast = format!("{consensus:?}") == "FastPaxos" && flaw == Flaw::SettleBlindly;
    let family = if is_fast { Family::Threshold { n: 5, read: 3, write: 4 } } else { Family::Majority { n: 5 } };
    let (plan, timing, operations) = schedule.plan();
    let cluster = flawed(&family.system().unwrap(), consensus, timing, flaw);
    let came = campaign(&cluster, &plan, &traffic(operations), seeds);
    assert!(!came.violations.is_empty(), "{consensus:?} with {flaw:?} lives through {seeds} seeds of {schedule:?}");
}

#[test]
fn mistakes_of_raft_are_caught() {
    dies(Raft, Flaw::ForgetTerm, (Schedule::Elections, 60));
    dies(Raft, Flaw::CutAlways, (Schedule::Storm, 5));
    dies(Raft, Flaw::VoteBlindly, (Schedule::Elections, 10));
    dies(Raft, Flaw::ApplyEarly, (Schedule::Storm, 5));
    dies(Raft, Flaw::TakeStale, (Schedule::Elections, 40));
    dies(Raft, Flaw::ReadLocally, (Schedule::Elections, 10));
    dies(Raft, Flaw::ForgetSessions, (Schedule::Elections, 10));
}

#[test]
fn mistakes_of_multi_paxos_are_caught() {
    dies(MultiPaxos, Flaw::TakeFirst, (Schedule::Elections, 20));
    dies(MultiPaxos, Flaw::HideAccepted, (Schedule::Storm, 5));
    dies(MultiPaxos, Flaw::SkipHoles, (Schedule::Elections, 20));
    dies(MultiPaxos, Flaw::ReadLocally, (Schedule::Elections, 10));
    dies(MultiPaxos, Flaw::ForgetSessions, (Schedule::Elections, 10));
}

#[test]
fn mistakes_of_fast_paxos_and_ben_or_are_caught() {
    dies(FastPaxos, Flaw::SettleBlindly, (Schedule::Storm, 20));
    dies(BenOr, Flaw::DecideByOne, (Schedule::Elections, 5));
}

/// Some mistakes need hundreds of seeds.
#[test]
#[ignore = "takes minutes"]
fn rarer_mistakes_are_caught() {
    dies(Raft, Flaw::ForgetVote, (Schedule::Restarts, 400));
    dies(Raft, Flaw::VoteByLength, (Schedule::Storm, 400));
    dies(MultiPaxos, Flaw::ForgetPromise, (Schedule::Elections, 400));
    dies(Viewstamped, Flaw::TakeLongest, (Schedule::Elections, 400));
    dies(Viewstamped, Flaw::PrepareEarly, (Schedule::Storm, 20));
}

#[test]
fn what_is_not_wrong_raises_no_alarm() {
    let system = Family::Majority { n: 5 }.system().unwrap();
    for schedule in [Schedule::Storm, Schedule::Elections] {
        let (plan, timing, operations) = schedule.plan();
        let (paxos, raft) =
            (flawed(&system, MultiPaxos, timing, Flaw::SendTwice), flawed(&system, Raft, timing, Flaw::SendTwice));
        let newer = flawed(&system, Raft, timing, Flaw::VoteForNewer);
        assert!(campaign(&paxos, &plan, &traffic(operations), 5).violations.is_empty());
        assert!(campaign(&raft, &plan, &traffic(operations), 5).violations.is_empty());
        // Equal logs get no vote: slower at best, and never unsafe.
        let came = campaign(&newer, &plan, &traffic(operations), 5);
        let is_alive =
            |invariant: &crate::protocol::Invariant| *invariant == crate::protocol::Invariant::LivenessAfterFaults;
        assert!(came.invariants.keys().all(is_alive), "{:?}", came.invariants);
    }
}
