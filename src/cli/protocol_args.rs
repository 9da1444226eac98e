//! Which store `quorate simulate` runs.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::args::{self, heading};
use super::consensus_args::Algorithm;
use super::error::Failure;
use crate::analysis::staleness::PartialQuorums;
use crate::checker::Model;
use crate::model::System;
use crate::protocol::Operation;
use crate::protocol::dynamo::{Dynamo, Placement, Settings};
use crate::protocol::register::{Guarantee, Patience};
use crate::sim::FaultPlan;

/// A register with a guarantee, or a store in the style of Dynamo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Store {
    Register(Guarantee),
    Dynamo,
    Consensus(Algorithm),
}

impl Store {
    const ALL: [Store; 4 + Algorithm::ALL.len()] = [
        Store::Register(Guarantee::Regular),
        Store::Register(Guarantee::AtomicSingleWriter),
        Store::Register(Guarantee::Atomic),
        Store::Dynamo,
        Store::Consensus(Algorithm::Paxos),
        Store::Consensus(Algorithm::FastPaxos),
        Store::Consensus(Algorithm::MultiPaxos),
        Store::Consensus(Algorithm::Viewstamped),
        Store::Consensus(Algorithm::Raft),
        Store::Consensus(Algorithm::BenOr),
        Store::Consensus(Algorithm::TotalOrder),
        Store::Consensus(Algorithm::PrimaryBackup),
        Store::Consensus(Algorithm::Chain),
    ];

    /// The word on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Store::Register(guarantee) => guarantee.name(),
            Store::Dynamo => "dynamo",
            Store::Consensus(consensus) => consensus.name(),
        }
    }

    /// Whether every register has one writer.
    #[cfg(all(feature = "net", unix))]
    pub(super) fn is_single_writer(self) -> bool {
        matches!(self, Store::Register(guarantee) if guarantee.is_single_writer())
    }

    /// Whether it asks the quorums of the definition, and not the homes of a ring.
    #[cfg(all(feature = "net", unix))]
    pub(super) fn is_register(self) -> bool {
        matches!(self, Store::Register(_))
    }

    /// What its histories are held against.
    pub(super) fn promise(self) -> Model {
        match self {
            Store::Register(Guarantee::AtomicSingleWriter | Guarantee::Atomic) | Store::Consensus(_) => Model::Atomic,
            Store::Register(Guarantee::Regular) | Store::Dynamo => Model::Regular,
        }
    }
}

impl Store {
    /// Whether clients may compare and set.
    pub(super) fn has_cas(self) -> bool {
        matches!(self, Store::Consensus(_))
    }

    /// Refuses compare-and-set where there is none.
    pub(super) fn check_unused(self, has_fraction: bool, plan: &FaultPlan) -> Result<(), Failure> {
        let scripted = plan.script.iter().flatten().flatten();
        let is_scripted = scripted.into_iter().any(|task| matches!(task.operation, Operation::Cas { .. }));
        match (self.has_cas(), has_fraction, is_scripted) {
            (false, true, _) => Err(Failure::OnlyConsensus { flag: "--cas-fraction" }),
            (false, _, true) => Err(Failure::OnlyConsensus { flag: "action = \"cas\" in the file of faults" }),
            _ => Ok(()),
        }
    }
}

impl ValueEnum for Store {
    fn value_variants<'a>() -> &'a [Self] {
        &Store::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Store::Register(Guarantee::Regular) => "One writer; reads see the last write or one that is going on",
            Store::Register(Guarantee::AtomicSingleWriter) => "One writer; and no read sees less than one before it",
            Store::Register(Guarantee::Atomic) => "Any writers; as if operations happened one at a time",
            Store::Consensus(consensus) => consensus.help(),
            Store::Dynamo => "Homes on a ring, R and W of them, hints and repairs; regular if R + W > N and not sloppy",
        }))
    }
}

/// How nodes are placed on the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RingOrder {
    /// 64 tokens a node at hashed places, keys too
    Hashed,
    /// In the order of the definition, and key k from node k onwards
    InOrder,
}

/// What `--protocol dynamo` takes.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::DYNAMO)]
pub(super) struct RingArgs {
    /// N: nodes that keep a register, the first on the ring from its key onwards [default: all]
    #[arg(long, value_name = "N", value_parser = args::at_least_one, allow_negative_numbers = true)]
    homes: Option<usize>,
    /// Let other nodes stand in for homes that do not answer; reads may then miss writes, whatever R + W is
    #[arg(long)]
    sloppy: bool,
    /// How nodes are placed on the ring [default: hashed]
    #[arg(long, value_enum, value_name = "ORDER")]
    ring: Option<RingOrder>,
    /// Milliseconds between two attempts to hand a version to its home [default: 500]
    #[arg(long, value_name = "MS", value_parser = super::numbers::positive, allow_negative_numbers = true)]
    hand_off_ms: Option<f64>,
}

impl RingArgs {
    /// Refuses what only a ring has a use for.
    pub(super) fn check_unused(&self) -> Result<(), Failure> {
        let given = [
            ("--homes", self.homes.is_some()),
            ("--sloppy", self.sloppy),
            ("--ring", self.ring.is_some()),
            ("--hand-off-ms", self.hand_off_ms.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(Failure::OnlyDynamo { flag }),
            None => Ok(()),
        }
    }

    /// The store over the nodes of a system whose reads and writes are any R and any W of them.
    pub(super) fn store(&self, system: &System, patience: Patience, allows_unfit: bool) -> Result<Dynamo, Failure> {
        let PartialQuorums { nodes, read, write } = PartialQuorums::of(system).ok_or(Failure::NotCounted)?;
        let homes = self.homes.unwrap_or(nodes);
        let mut settings = Settings::new(nodes, homes, read, write);
        settings.sloppy = self.sloppy;
        settings.patience = patience;
        if self.ring == Some(RingOrder::InOrder) {
            settings.placement = Placement::InOrder;
        }
        if let Some(ms) = self.hand_off_ms {
            settings.hand_off_every_ns = (ms * 1e6) as u64;
        }
        let store = Dynamo::new(settings).map_err(|reason| Failure::Ring { reason })?;
        if !allows_unfit && (self.sloppy || read + write <= homes) {
            return Err(Failure::MayMiss { homes, read, write, sloppy: self.sloppy });
        }
        Ok(store)
    }

    /// The flags again, for a command that repeats a run.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        if let Some(homes) = self.homes {
            words.push_str(&format!(" --homes {homes}"));
        }
        if self.sloppy {
            words.push_str(" --sloppy");
        }
        if let Some(order) = self.ring {
            words.push_str(if order == RingOrder::InOrder { " --ring in-order" } else { " --ring hashed" });
        }
        if let Some(ms) = self.hand_off_ms {
            words.push_str(&format!(" --hand-off-ms {ms}"));
        }
        words
    }
}

/// Which nodes a client contacts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PickBy {
    /// All, and the first quorum to answer counts
    All,
    /// One quorum, drawn from the load-optimal strategy; all others if it does not answer
    Optimal,
}
