//! What protocols need of the quorums, in sentences.

use super::super::names::{self, counted};
use crate::model::System;
use crate::operations::{Condition, Protocol, ProtocolDemand};
use crate::report::Analysed;

/// A sentence for each condition of each protocol that was asked for.
pub(super) fn sentences(analysed: &Analysed) -> Vec<String> {
    let (system, demands) = (&analysed.system, &analysed.analysis.protocols);
    let mut sentences: Vec<String> = demands.iter().map(|demand| sentence(system, demand)).collect();
    if let Some(size) = analysed.analysis.smallest_fast_quorum {
        sentences.push(format!(
            "fast-paxos: the smallest fast quorums are any {} of the {}.",
            size,
            counted(system.nodes().len(), "node")
        ));
    }
    sentences
}

fn sentence(system: &System, demand: &ProtocolDemand) -> String {
    let protocol = demand.protocol.name();
    let needs = needs(demand);
    match demand.holds {
        Some(true) => format!("{protocol}: {needs}."),
        None => format!("{protocol}: whether {needs} is not settled."),
        Some(false) if !demand.faulty.is_empty() => {
            format!("{protocol}: not met: {needs}; {} can stop it.", names::set(system, &demand.faulty))
        }
        Some(false) => {
            let quorums: Vec<String> = demand.quorums.iter().map(|set| names::set(system, set)).collect();
            let why =
                if quorums.is_empty() { "some do not".into() } else { format!("{} do not", quorums.join(" and ")) };
            format!("{protocol}: not met: {needs}; {why}.{}", consequence(demand.protocol, demand.condition))
        }
    }
}

fn needs(demand: &ProtocolDemand) -> String {
    let shared = counted(demand.required, "node");
    match demand.condition {
        Condition::Phase1Phase2 => {
            format!("every quorum of phase 1 shares {shared} or more with every quorum of phase 2")
        }
        Condition::Phase1Phase1 => format!("any two quorums of phase 1 share {shared} or more"),
        Condition::Phase2Phase2 => format!("any two quorums of phase 2 share {shared} or more"),
        Condition::Phase1FastFast => "every quorum of phase 1 and any two fast ones have a node in common".into(),
        Condition::QuorumQuorum => format!("any two quorums share {shared} or more"),
        Condition::Availability => {
            format!("quorums of both phases are left when any {} fail", counted(demand.required, "node"))
        }
    }
}

/// What goes wrong without it.
fn consequence(protocol: Protocol, condition: Condition) -> &'static str {
    match (protocol, condition) {
        (Protocol::Raft, Condition::Phase1Phase1) => " Two leaders of one term could be elected.",
        (Protocol::Viewstamped, _) => " What was committed could be lost in a view change.",
        (Protocol::Pbft, _) => " The nodes that lie could make two values decided.",
        (Protocol::FastPaxos, Condition::Phase1FastFast) => " A coordinator could not tell which value was chosen.",
        _ => " Two values could be decided.",
    }
}
