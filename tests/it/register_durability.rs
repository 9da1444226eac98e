//! Nothing is lost: every acknowledged write survives all schedules within the fault model.
//!
//! The machines are watched from outside: what each replica has on its disk, and which version a write had when it was
//! acknowledged. At the end every read quorum must hold every acknowledged write or something newer, whether or not
//! anybody has read it.

use std::sync::{Arc, Mutex};

use quorate::checker::Model;
use quorate::families::{Family, GridVariant};
use quorate::model::{Kind, NodeId, NodeSet, System};
use quorate::protocol::register::{Client, Guarantee, Patience, RegisterMessage, RegisterRecord, Registers, Replica};
use quorate::protocol::{Input, Machine, Outcome, Output, Outputs, Pick, Version, Wrapped};
use quorate::sim::{Drawn, FaultPlan, Latency, RunLimits, Scenario, Traffic, Trial, Wave};

/// What is seen from outside.
#[derive(Debug, Default)]
struct Seen {
    held: Vec<Version>,
    acknowledged: Vec<Version>,
}

struct WatchedReplica(Replica, usize, Arc<Mutex<Seen>>);

struct WatchedClient {
    inner: Client,
    /// The version that the client stores, if it writes.
    storing: Option<Version>,
    seen: Arc<Mutex<Seen>>,
}

type In = Input<RegisterMessage, RegisterRecord>;
type Out = Outputs<RegisterMessage, RegisterRecord>;

impl Machine for WatchedReplica {
    type Message = RegisterMessage;
    type Record = RegisterRecord;

    fn step(&mut self, clock_ns: u64, input: In, out: &mut Out) {
        self.0.step(clock_ns, input, out);
        for output in out.as_slice() {
            if let Output::Persist { record: Some(RegisterRecord::Held(version)), .. } = output {
                self.2.lock().unwrap().held[self.1] = *version;
            }
        }
    }
}

impl Machine for WatchedClient {
    type Message = RegisterMessage;
    type Record = RegisterRecord;

    fn step(&mut self, clock_ns: u64, input: In, out: &mut Out) {
        self.inner.step(clock_ns, input, out);
        for output in out.as_slice() {
            match output {
                Output::Send { message: RegisterMessage::Store { version, .. }, .. } => self.storing = Some(*version),
                Output::Complete { outcome: Outcome::Written } => {
                    self.seen.lock().unwrap().acknowledged.extend(self.storing);
                }
                _ => {}
            }
        }
    }
}

fn systems() -> Vec<System> {
    [
        Family::Majority { n: 3 },
        Family::Rowa { n: 2 },
        Family::Grid { rows: 2, cols: 2, variant: GridVariant::LinesBelow },
        Family::Weighted { votes: vec![2, 1, 1], read_votes: 2, write_votes: 3 },
    ]
    .iter()
    .map(|family| family.system().unwrap())
    .collect()
}

/// Everything that the registers survive, at a high rate.
fn storm() -> FaultPlan {
    let wave = |every_ms: u64, for_ms: u64, at_most| Wave {
        every_ns: every_ms * 1_000_000,
        for_ns: for_ms * 1_000_000,
        at_most,
        disk: true,
    };
    let base =
        Scenario { latency: Latency::Exponential { mean_ms: 1.0 }, loss: 0.1, duplication: 0.1, ..Scenario::default() };
    let drawn = Drawn {
        until_ns: 60_000_000,
        crashes: Some(wave(6, 4, 3)),
        client_crashes: Some(wave(20, 5, 2)),
        partitions: Some(wave(15, 5, 1)),
        slow: Some((wave(15, 5, 1), 10.0)),
        torn_writes: Some(wave(10, 5, 2)),
    };
    FaultPlan { base, drawn, ..FaultPlan::default() }
}

/// Runs a seed: how many writes were acknowledged, none of which may be missing from any read quorum.
fn acknowledged(system: &System, guarantee: Guarantee, plan: &FaultPlan, seed: u64) -> usize {
    let seen = Arc::new(Mutex::new(Seen { held: vec![Version::INITIAL; system.nodes().len()], ..Seen::default() }));
    let patience = Patience { retry_after_ns: 5_000_000, retries: Some(30) };
    let protocol = Wrapped::new(
        Registers::new(system, guarantee, &Pick::All, patience),
        |replica, id| WatchedReplica(replica, id.index(), Arc::clone(&seen)),
        |inner, _| WatchedClient { inner, storing: None, seen: Arc::clone(&seen) },
    );
    let traffic = Traffic { clients: 3, operations: 12, read_fraction: 0.4, ..Traffic::default() };
    let trial = Trial { plan, traffic: &traffic, promise: Model::Atomic, limits: RunLimits::default() };
    trial.run(&protocol, seed);
    let seen = seen.lock().unwrap();
    for version in &seen.acknowledged {
        // The nodes without it must not contain a read quorum.
        let without = (0..seen.held.len()).filter(|node| seen.held[*node] < *version);
        let without: NodeSet = without.map(NodeId::new).collect();
        let name = &system.about().family;
        assert!(!system.formula(Kind::Read).holds(&without), "{name} {guarantee:?} {seed}: {version:?} {seen:?}");
    }
    seen.acknowledged.len()
}

#[test]
fn every_acknowledged_write_survives_ten_thousand_seeds() {
    let plan = storm();
    let mut total = 0;
    for system in &systems() {
        for guarantee in Guarantee::ALL {
            total += (0..850).map(|seed| acknowledged(system, guarantee, &plan, seed)).sum::<usize>();
        }
    }
    // 10,200 executions; most writes are acknowledged in spite of the storm.
    assert!(total > 20_000, "{total}");
}
