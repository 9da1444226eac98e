//! What a protocol does with a command: who sees to it, and which quorums it takes.

use crate::operations;

/// How a replica comes to see to all commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leading {
    /// By a quorum of phase 1, from the beginning.
    Elected,
    /// The first node does, and others after a quorum of phase 1 wanted it.
    First,
    /// None does: whoever is asked proposes.
    Nobody,
}

/// Which messages a command takes beyond those of its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Phase 2: to all nodes and back.
    Commit,
    /// Phase 1 and phase 2: to all nodes and back twice, and the decision to all.
    BothPhases,
    /// A fast round: to all nodes and back, and the decision to all.
    Fast,
    /// From node to node, and from the last to the first.
    Chain,
    /// As many as it happens to take.
    Open,
}

/// What is known of a protocol before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nature {
    /// Its name.
    pub name: &'static str,
    /// Who sees to commands.
    pub leading: Leading,
    /// What a command takes.
    pub course: Course,
    /// Whose demands on quorums it has.
    pub demanding: operations::Protocol,
}

impl Nature {
    /// Paxos, an instance for each command.
    pub const PAXOS: Nature = Nature::of("paxos", Leading::Nobody, Course::BothPhases, operations::Protocol::Paxos);
    /// Fast Paxos.
    pub const FAST_PAXOS: Nature =
        Nature::of("fast-paxos", Leading::Nobody, Course::Fast, operations::Protocol::FastPaxos);
    /// Multi-Paxos.
    pub const MULTI_PAXOS: Nature =
        Nature::of("multi-paxos", Leading::Elected, Course::Commit, operations::Protocol::MultiPaxos);
    /// Viewstamped Replication.
    pub const VIEWSTAMPED: Nature =
        Nature::of("viewstamped", Leading::First, Course::Commit, operations::Protocol::Viewstamped);
    /// Raft.
    pub const RAFT: Nature = Nature::of("raft", Leading::Elected, Course::Commit, operations::Protocol::Raft);
    /// Ben-Or.
    pub const BEN_OR: Nature = Nature::of("ben-or", Leading::Nobody, Course::Open, operations::Protocol::BenOr);
    /// Total-order broadcast by Paxos.
    pub const TOTAL_ORDER: Nature =
        Nature::of("total-order", Leading::Nobody, Course::Open, operations::Protocol::Paxos);
    /// A primary with backups.
    pub const PRIMARY_BACKUP: Nature =
        Nature::of("primary-backup", Leading::First, Course::Commit, operations::Protocol::Viewstamped);
    /// Chain replication.
    pub const CHAIN: Nature = Nature::of("chain", Leading::First, Course::Chain, operations::Protocol::Viewstamped);

    const fn of(name: &'static str, leading: Leading, course: Course, demanding: operations::Protocol) -> Nature {
        Nature { name, leading, course, demanding }
    }

    /// Messages of a command between nodes, of which there are so many; absent where that is not fixed.
    pub(super) fn messages(self, nodes: usize) -> Option<usize> {
        let others = nodes.saturating_sub(1);
        match self.course {
            Course::Commit => Some(2 * others),
            Course::BothPhases => Some(5 * others),
            Course::Fast => Some(3 * others),
            Course::Chain if nodes > 1 => Some(nodes),
            Course::Chain => Some(0),
            Course::Open => None,
        }
    }

    /// Messages of a command that a node sends or gets, with those of the client at whoever sees to it.
    pub(super) fn handled(self, nodes: usize, leads: bool) -> Option<usize> {
        let all = self.messages(nodes)?;
        // Each goes between the one that leads and another, but in a chain, where every node gets one and sends one.
        Some(match (self.course, leads) {
            (Course::Chain, true) if nodes > 1 => 4,
            (Course::Chain, false) => 2,
            (_, true) => all + 2,
            (_, false) => all / nodes.saturating_sub(1).max(1),
        })
    }
}
