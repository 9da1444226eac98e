//! Which protocol of consensus is run, and whether a definition suits it.

use super::error::Failure;
use crate::availability::Stage;
use crate::budget::Budget;
use crate::consensus::{
    BenOr, Chain, Cluster, Consensus, FastPaxos, MultiPaxos, Paxos, PrimaryBackup, Raft, Remedy, Timing, TotalOrder,
    Viewstamped,
};
use crate::model::{Kind, System};
use crate::operations::{Condition, lacking};
use crate::protocol::register::Patience;
use crate::protocol::{Message, Protocol};
use crate::sim::{FaultPlan, Latency};
use crate::verify::{Nature, Options, Verification, of_consensus};

/// A protocol of consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Paxos,
    FastPaxos,
    MultiPaxos,
    Viewstamped,
    Raft,
    BenOr,
    TotalOrder,
    PrimaryBackup,
    Chain,
}

impl Algorithm {
    /// All of them.
    pub(super) const ALL: [Algorithm; 9] = [
        Algorithm::Paxos,
        Algorithm::FastPaxos,
        Algorithm::MultiPaxos,
        Algorithm::Viewstamped,
        Algorithm::Raft,
        Algorithm::BenOr,
        Algorithm::TotalOrder,
        Algorithm::PrimaryBackup,
        Algorithm::Chain,
    ];

    /// The word on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Algorithm::Paxos => "paxos",
            Algorithm::FastPaxos => "fast-paxos",
            Algorithm::MultiPaxos => "multi-paxos",
            Algorithm::Viewstamped => "viewstamped",
            Algorithm::Raft => "raft",
            Algorithm::BenOr => "ben-or",
            Algorithm::TotalOrder => "total-order",
            Algorithm::PrimaryBackup => "primary-backup",
            Algorithm::Chain => "chain",
        }
    }

    /// What the help says.
    pub(super) fn help(self) -> &'static str {
        match self {
            Algorithm::Paxos => "A key-value store: an instance for each command, in two round trips",
            Algorithm::FastPaxos => {
                "A key-value store: an instance for each command, in one round trip where no two meet"
            }
            Algorithm::MultiPaxos => "A key-value store: a leader, and one round trip a command",
            Algorithm::Viewstamped => "A key-value store: a primary fixed by the view, and one round trip a command",
            Algorithm::Raft => "A key-value store: a leader, one round trip a command, logs that match",
            Algorithm::BenOr => "A key-value store: no leader and no clock: coins",
            Algorithm::TotalOrder => "A key-value store: commands broadcast, and delivered in one order by Paxos",
            Algorithm::PrimaryBackup => "A key-value store: a primary executes, and backups take over what came of it",
            Algorithm::Chain => "A key-value store: commands go from node to node",
        }
    }

    /// What its messages are called.
    pub(super) fn messages(self) -> &'static [&'static str] {
        match self {
            Algorithm::Paxos | Algorithm::FastPaxos | Algorithm::TotalOrder => names_of::<Paxos>(),
            Algorithm::MultiPaxos => names_of::<MultiPaxos>(),
            Algorithm::Viewstamped | Algorithm::PrimaryBackup | Algorithm::Chain => names_of::<Viewstamped>(),
            Algorithm::Raft => names_of::<Raft>(),
            Algorithm::BenOr => names_of::<BenOr>(),
        }
    }

    /// What is known of it before it runs.
    pub(super) fn nature(self) -> Nature {
        match self {
            Algorithm::Paxos => Nature::PAXOS,
            Algorithm::FastPaxos => Nature::FAST_PAXOS,
            Algorithm::MultiPaxos => Nature::MULTI_PAXOS,
            Algorithm::Viewstamped => Nature::VIEWSTAMPED,
            Algorithm::Raft => Nature::RAFT,
            Algorithm::BenOr => Nature::BEN_OR,
            Algorithm::TotalOrder => Nature::TOTAL_ORDER,
            Algorithm::PrimaryBackup => Nature::PRIMARY_BACKUP,
            Algorithm::Chain => Nature::CHAIN,
        }
    }

    /// Holds what is predicted of it over a system against one that runs.
    pub(super) fn verified(self, system: &System, options: &Options, told: &dyn Fn(Stage)) -> Verification {
        match self {
            Algorithm::Paxos => verified(system, Paxos, self.nature(), (options, told)),
            Algorithm::FastPaxos => verified(system, FastPaxos, self.nature(), (options, told)),
            Algorithm::MultiPaxos => verified(system, MultiPaxos, self.nature(), (options, told)),
            Algorithm::Viewstamped => verified(system, Viewstamped, self.nature(), (options, told)),
            Algorithm::Raft => verified(system, Raft, self.nature(), (options, told)),
            Algorithm::BenOr => verified(system, BenOr, self.nature(), (options, told)),
            Algorithm::TotalOrder => verified(system, TotalOrder, self.nature(), (options, told)),
            Algorithm::PrimaryBackup => verified(system, PrimaryBackup, self.nature(), (options, told)),
            Algorithm::Chain => verified(system, Chain, self.nature(), (options, told)),
        }
    }
}

fn verified<C: Consensus>(
    system: &System,
    consensus: C,
    nature: Nature,
    (options, told): (&Options, &dyn Fn(Stage)),
) -> Verification
where
    Cluster<C>: Protocol + Sync,
{
    let make = |patience, timing| Cluster::new(system, consensus, patience, timing);
    of_consensus(system, &make, nature, options, told)
}

fn names_of<C: Consensus>() -> &'static [&'static str] {
    <C::Peer as Message>::NAMES
}

/// Refuses a definition whose quorums do not meet as the protocol needs.
pub(super) fn check_demands(algorithm: Algorithm, system: &System) -> Result<(), Failure> {
    let protocol = algorithm.name();
    if let Some(kind) = Kind::BOTH.into_iter().find(|kind| !system.has_quorum(*kind)) {
        return Err(Failure::Demand { protocol, needs: format!("a {} quorum, and there is none", kind.name()) });
    }
    let Some(demand) = lacking(system, algorithm.nature().demanding, Budget::default()) else { return Ok(()) };
    let what = match demand.condition {
        Condition::Phase1Phase1 => "any two quorums of phase 1 (reads) to meet",
        Condition::Phase1FastFast => "every quorum of phase 1 (reads) and any two fast ones to have a node in common",
        Condition::QuorumQuorum => "any two quorums to meet",
        _ => "every quorum of phase 1 (reads) to meet every one of phase 2 (writes)",
    };
    let set = |set| format!("{{{}}}", system.names(set).collect::<Vec<_>>().join(", "));
    let sets: Vec<String> = demand.quorums.iter().map(set).collect();
    let why = match (demand.holds, &sets[..]) {
        (None, _) => "whether they do is not known within the limits".to_owned(),
        (_, [one, other]) => format!("{one} misses {other}"),
        _ => format!("there is none in {}", sets.join(", ")),
    };
    let condition = demand.condition.name();
    Err(Failure::Demand { protocol, needs: format!("{what} ({condition}), and {why}") })
}

/// How long replicas wait, where messages take as long as in this plan.
pub(super) fn timing(plan: &FaultPlan) -> Timing {
    let laws = std::iter::once(&plan.base.latency).chain(plan.base.links.iter().map(|link| &link.latency));
    let usual = |law: &Latency| law.quantile_ms(|| 0.99);
    let longest_ms = laws.map(usual).fold(0.0, f64::max);
    Timing::for_delay((longest_ms * 1e6) as u64)
}

/// What all clusters are made of.
pub(super) struct Ready<'a> {
    pub(super) system: &'a System,
    pub(super) patience: Patience,
    pub(super) timing: Timing,
    /// What is left out of the protocol.
    pub(super) without: Option<Remedy>,
    /// Entries in one message, where that is said.
    pub(super) batch: Option<usize>,
}

/// What is done with a store, whatever its protocol is.
pub(super) trait OnStore {
    /// What comes of it.
    type Output;

    /// Does it.
    fn on(self, protocol: &(impl Protocol + Sync)) -> Self::Output;
}

impl<'a> Ready<'a> {
    /// All of every protocol.
    pub(super) fn new(system: &'a System, patience: Patience, timing: Timing) -> Self {
        Ready { system, patience, timing, without: None, batch: None }
    }

    /// The store by a protocol.
    fn cluster<C: Consensus>(&self, consensus: C) -> Cluster<C> {
        let cluster = Cluster::new(self.system, consensus, self.patience, self.timing);
        let cluster = match self.without {
            Some(remedy) => cluster.without(remedy),
            None => cluster,
        };
        match self.batch {
            Some(entries) => cluster.with_batches(entries),
            None => cluster,
        }
    }

    /// Does something with the store by a protocol.
    pub(super) fn with<W: OnStore>(&self, algorithm: Algorithm, what: W) -> W::Output {
        match algorithm {
            Algorithm::Paxos => what.on(&self.cluster(Paxos)),
            Algorithm::FastPaxos => what.on(&self.cluster(FastPaxos)),
            Algorithm::MultiPaxos => what.on(&self.cluster(MultiPaxos)),
            Algorithm::Viewstamped => what.on(&self.cluster(Viewstamped)),
            Algorithm::Raft => what.on(&self.cluster(Raft)),
            Algorithm::BenOr => what.on(&self.cluster(BenOr)),
            Algorithm::TotalOrder => what.on(&self.cluster(TotalOrder)),
            Algorithm::PrimaryBackup => what.on(&self.cluster(PrimaryBackup)),
            Algorithm::Chain => what.on(&self.cluster(Chain)),
        }
    }
}
