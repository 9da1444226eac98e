//! Registers that are wrong on purpose: the checker catches every one of them within a stated number of seeds.

use quorate::checker::{self, Model, check};
use quorate::families::Family;
use quorate::protocol::register::{Client, Guarantee, Patience, RegisterMessage, RegisterRecord, Registers, Replica};
use quorate::protocol::{
    Disk, Input, Machine, Operation, Output, Outputs, Pick, ProcessId, Protocol, Version, Wrapped,
};
use quorate::sim::{Drawn, FaultPlan, Latency, RunLimits, Scenario, Traffic, Trial, Wave};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutant {
    /// Nothing: the control.
    None,
    /// A read returns what it found although others may not find it.
    SkipWriteBack,
    /// A write does not ask for the highest timestamp.
    SkipQuery,
    /// The first replica to store a write is taken for a quorum.
    AnswerEarly,
    /// What was acknowledged is gone after a crash.
    LoseDisk,
    /// Of two writes with one counter, the later to arrive wins.
    TieByArrival,
}

struct MutantReplica {
    inner: Replica,
    mutant: Mutant,
    arrivals: u32,
}

struct MutantClient {
    inner: Client,
    mutant: Mutant,
    replicas: u32,
    is_reading: bool,
}

type In = Input<RegisterMessage, RegisterRecord>;
type Out = Outputs<RegisterMessage, RegisterRecord>;

impl Machine for MutantReplica {
    type Message = RegisterMessage;
    type Record = RegisterRecord;

    fn step(&mut self, clock_ns: u64, mut input: In, out: &mut Out) {
        match &mut input {
            Input::Restart { disk, .. } if self.mutant == Mutant::LoseDisk => *disk = Disk::default(),
            Input::Message { message: RegisterMessage::Store { version, .. }, .. }
                if self.mutant == Mutant::TieByArrival =>
            {
                self.arrivals += 1;
                version.timestamp.writer = ProcessId(self.arrivals);
            }
            _ => {}
        }
        self.inner.step(clock_ns, input, out);
    }
}

impl MutantClient {
    /// What the mutant takes for answered without having asked.
    fn invented(&self, message: &RegisterMessage) -> Option<RegisterMessage> {
        match (self.mutant, *message) {
            (Mutant::SkipWriteBack, RegisterMessage::Store { round, .. }) if self.is_reading => {
                Some(RegisterMessage::Stored { round })
            }
            (Mutant::SkipQuery, RegisterMessage::Query { round, .. }) if !self.is_reading => {
                Some(RegisterMessage::Version { round, version: Version::INITIAL })
            }
            _ => None,
        }
    }
}

impl Machine for MutantClient {
    type Message = RegisterMessage;
    type Record = RegisterRecord;

    fn step(&mut self, clock_ns: u64, input: In, out: &mut Out) {
        if let Input::Call { operation, .. } = &input {
            self.is_reading = matches!(operation, Operation::Read { .. });
        }
        let mut inputs = vec![input];
        if self.mutant == Mutant::AnswerEarly
            && let Input::Message { message: message @ RegisterMessage::Stored { .. }, .. } = &inputs[0]
        {
            let message = *message;
            inputs.extend((0..self.replicas).map(|from| Input::Message { from: ProcessId(from), message }));
        }
        while !inputs.is_empty() {
            let mut outputs = Out::default();
            self.inner.step(clock_ns, inputs.remove(0), &mut outputs);
            for output in outputs.drain() {
                match &output {
                    Output::Send { to, message } => match self.invented(message) {
                        Some(message) => inputs.push(Input::Message { from: *to, message }),
                        None => out.push(output),
                    },
                    _ => out.push(output),
                }
            }
        }
    }
}

/// Slow and lossy messages, and crashes of one replica at a time.
fn plan() -> FaultPlan {
    let base = Scenario {
        latency: Latency::Pareto { scale_ms: 0.2, shape: 0.9 },
        loss: 0.1,
        duplication: 0.05,
        ..Scenario::default()
    };
    let crashes = Wave { every_ns: 5_000_000, for_ns: 2_000_000, at_most: 1, disk: true };
    FaultPlan {
        base,
        drawn: Drawn { until_ns: 1_000_000_000, crashes: Some(crashes), ..Drawn::default() },
        ..FaultPlan::default()
    }
}

/// Whether one of the first seeds shows that a mutant is wrong.
fn is_caught(mutant: Mutant, guarantee: Guarantee, seeds: u64) -> bool {
    let system = Family::Majority { n: 3 }.system().unwrap();
    let patience = Patience { retry_after_ns: 10_000_000, retries: Some(100) };
    let registers = Registers::new(&system, guarantee, &Pick::All, patience);
    let replicas = registers.replicas() as u32;
    let protocol = Wrapped::new(
        registers,
        |inner, _| MutantReplica { inner, mutant, arrivals: 0 },
        |inner, _| MutantClient { inner, mutant, replicas, is_reading: false },
    );
    let traffic = Traffic { clients: 4, operations: 60, ..Traffic::default() };
    let plan = plan();
    let trial = Trial { plan: &plan, traffic: &traffic, promise: Model::Atomic, limits: RunLimits::default() };
    (1..=seeds).any(|seed| {
        let run = trial.run(&protocol, seed);
        !check(&run.history, &checker::Options::default()).atomic().holds()
    })
}

#[test]
fn the_registers_themselves_are_never_caught() {
    for guarantee in [Guarantee::AtomicSingleWriter, Guarantee::Atomic] {
        assert!(!is_caught(Mutant::None, guarantee, 300));
    }
}

#[test]
fn every_mutant_is_caught_within_fifty_seeds() {
    for mutant in
        [Mutant::SkipWriteBack, Mutant::SkipQuery, Mutant::AnswerEarly, Mutant::LoseDisk, Mutant::TieByArrival]
    {
        assert!(is_caught(mutant, Guarantee::Atomic, 50), "{mutant:?}");
    }
}

#[test]
fn single_writers_need_the_write_back_too() {
    assert!(is_caught(Mutant::SkipWriteBack, Guarantee::AtomicSingleWriter, 200));
}
