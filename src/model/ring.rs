//! A ring: keys in ranges, each of which is on some nodes of many.

use rustc_hash::FxHashSet;

use super::formula::{Formula, FormulaBuilder, FormulaError, GateId};
use super::kind::{Kind, Pair};
use super::node::NodeId;
use super::node_set::NodeSet;

/// How many replicas of a range a quorum needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum RangeQuorum {
    /// So many of all replicas.
    Any(usize),
    /// So many of the replicas in each of these groups, by number.
    Each(Vec<(usize, usize)>),
}

/// Replicas that are placed together: all of them, or those of one zone.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReplicaGroup {
    /// The zone, where each zone has a number of replicas of its own.
    pub zone: Option<String>,
    /// Replicas of each range.
    pub replicas: usize,
}

/// A set of nodes that has all replicas of some ranges.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Copyset {
    /// The nodes of each group that are left, in node order.
    pub groups: Vec<Vec<NodeId>>,
    /// Ranges with just these replicas.
    pub ranges: usize,
    /// The share of the keys that are in them.
    pub keys: f64,
}

/// Where the ranges of a ring are. Its formulas say whether *every* range has a quorum.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Ring {
    /// Ranges.
    pub ranges: usize,
    /// Tokens of a node, where all have as many.
    pub virtual_nodes: Option<usize>,
    /// What tokens were drawn with; absent where they are evenly spaced or given.
    pub seed: Option<u64>,
    /// Whether replicas are spread over zones.
    pub is_spread: bool,
    /// The groups of replicas.
    pub groups: Vec<ReplicaGroup>,
    /// Quorums of a range.
    pub quorums: Pair<RangeQuorum>,
    /// The different sets of replicas, in the order in which they first occur on the ring.
    pub copysets: Vec<Copyset>,
}

/// Nodes, and how many of them a quorum needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The nodes.
    pub nodes: Vec<NodeId>,
    /// How many.
    pub needed: usize,
}

impl Copyset {
    /// All nodes.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + Clone + '_ {
        self.groups.iter().flatten().copied()
    }

    /// What a quorum needs: so many nodes of each of these parts, which have no node in common.
    pub fn parts(&self, quorum: &RangeQuorum) -> Vec<Part> {
        match quorum {
            RangeQuorum::Any(needed) => vec![Part { nodes: self.nodes().collect(), needed: *needed }],
            RangeQuorum::Each(groups) => groups
                .iter()
                .map(|(group, needed)| Part { nodes: self.groups[*group].clone(), needed: *needed })
                .collect(),
        }
    }

    /// Whether a quorum is left.
    pub fn has(&self, quorum: &RangeQuorum) -> bool {
        match quorum {
            RangeQuorum::Any(needed) => self.nodes().count() >= *needed,
            RangeQuorum::Each(groups) => groups.iter().all(|(group, needed)| self.groups[*group].len() >= *needed),
        }
    }
}

impl Ring {
    /// Replicas of each range.
    pub fn replicas(&self) -> usize {
        self.groups.iter().map(|group| group.replicas).sum()
    }

    /// One set of replicas for each way in which so many are left of each group.
    pub fn shapes(&self) -> impl Iterator<Item = &Copyset> {
        let mut seen: FxHashSet<Vec<usize>> = FxHashSet::default();
        self.copysets.iter().filter(move |copyset| seen.insert(copyset.groups.iter().map(Vec::len).collect()))
    }

    /// Holds where every range has a quorum; of none, where some range cannot have one, it is [`Formula::never`].
    ///
    /// # Errors
    /// [`FormulaError::TooLarge`].
    pub fn formula(&self, kind: Kind) -> Result<Formula, FormulaError> {
        let quorum = self.quorums.of(kind);
        self.of_every_range(|copyset, builder| {
            if !copyset.has(quorum) {
                return Ok(None);
            }
            let parts = copyset.parts(quorum);
            let gates: Result<Vec<GateId>, FormulaError> =
                parts.iter().map(|part| threshold(part, part.needed, builder)).collect();
            builder.and(&gates?).map(Some)
        })
    }

    /// Holds where every range has a replica left.
    ///
    /// # Errors
    /// [`FormulaError::TooLarge`].
    pub fn kept(&self) -> Result<Formula, FormulaError> {
        self.of_every_range(|copyset, builder| {
            let leaves: Vec<GateId> = copyset.nodes().map(|node| builder.leaf(node)).collect();
            if leaves.is_empty() { Ok(None) } else { builder.or(&leaves).map(Some) }
        })
    }

    /// Holds where every write quorum of every range has a node left.
    ///
    /// # Errors
    /// [`FormulaError::TooLarge`].
    pub fn writes_kept(&self) -> Result<Formula, FormulaError> {
        let quorum = &self.quorums.writes;
        let open: Vec<&Copyset> = self.copysets.iter().filter(|copyset| copyset.has(quorum)).collect();
        let mut builder = FormulaBuilder::new();
        let mut gates = Vec::with_capacity(open.len());
        for copyset in open {
            let parts = copyset.parts(quorum);
            let kept: Result<Vec<GateId>, FormulaError> =
                parts.iter().map(|part| threshold(part, part.nodes.len() - part.needed + 1, &mut builder)).collect();
            gates.push(builder.or(&kept?)?);
        }
        if gates.is_empty() {
            return Ok(Formula::never());
        }
        let root = builder.and(&gates)?;
        Ok(builder.finish(root))
    }

    fn of_every_range(
        &self,
        of: impl Fn(&Copyset, &mut FormulaBuilder) -> Result<Option<GateId>, FormulaError>,
    ) -> Result<Formula, FormulaError> {
        let mut builder = FormulaBuilder::new();
        let mut gates = Vec::with_capacity(self.copysets.len());
        for copyset in &self.copysets {
            match of(copyset, &mut builder)? {
                Some(gate) => gates.push(gate),
                None => return Ok(Formula::never()),
            }
        }
        let root = builder.and(&gates)?;
        Ok(builder.finish(root))
    }

    /// What is left of it, given the number that each node has from now on; `None` for a node that has failed.
    pub(crate) fn remaining(&self, moved: impl Fn(NodeId) -> Option<NodeId>) -> Ring {
        let group = |group: &Vec<NodeId>| group.iter().copied().filter_map(&moved).collect();
        let copyset = |copyset: &Copyset| Copyset { groups: copyset.groups.iter().map(group).collect(), ..*copyset };
        Ring { copysets: self.copysets.iter().map(copyset).collect(), ..self.clone() }
    }
}

fn threshold(part: &Part, needed: usize, builder: &mut FormulaBuilder) -> Result<GateId, FormulaError> {
    let leaves: Vec<GateId> = part.nodes.iter().map(|node| builder.leaf(*node)).collect();
    builder.threshold(needed as u64, &leaves)
}

/// A quorum of these parts, with as few of the nodes to avoid as there can be in one.
pub(crate) fn chosen(parts: &[Part], avoid: &NodeSet) -> NodeSet {
    let each = parts.iter().flat_map(|part| {
        let (avoided, free): (Vec<NodeId>, Vec<NodeId>) = part.nodes.iter().partition(|node| avoid.contains(**node));
        free.into_iter().chain(avoided).take(part.needed).collect::<Vec<_>>()
    });
    each.collect()
}
