//! Nodes that a symmetry takes to each other: some optimal strategy uses them equally.
//!
//! Let a group of permutations of the nodes change neither the functions of a system nor its capacities. Averaging an optimal strategy
//! over the group keeps it optimal, and so does averaging optimal node weights: a program needs one row for every orbit.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::formulas::Formulas;
use super::interchangeable::Interchangeable;
use crate::circuit::Compiled;
use crate::model::{FormulaBuilder, FormulaError, GateId, Node, NodeId, NodeSet};

/// The orbits of the nodes.
#[derive(Debug, Clone)]
pub(crate) struct NodeOrbits {
    orbit_of: Vec<usize>,
    members: Vec<Vec<usize>>,
    /// The group, where it is small; otherwise all nodes of an orbit can be exchanged.
    group: Option<Vec<Vec<NodeId>>>,
}

impl NodeOrbits {
    /// The orbits of a system, as far as its symmetries are known; where time plays a part, nodes that answer at different times
    /// are unlike.
    pub(crate) fn of(compiled: &Compiled<'_>, timed: bool) -> Self {
        NodeOrbits::of_symmetries(compiled, timed).unwrap_or_else(|| {
            NodeOrbits::exchangeable(compiled.system().nodes(), compiled.system().formulas().as_ref().map(Some))
        })
    }

    /// Those of its symmetries other than exchanges of two nodes, where any are known.
    pub(crate) fn of_symmetries(compiled: &Compiled<'_>, timed: bool) -> Option<Self> {
        let group = compiled.symmetries();
        (group.len() > 1).then(|| NodeOrbits::of_group(&group, compiled.system().nodes(), timed))
    }

    /// Nodes that can be exchanged one by one, as far as these formulas show them.
    pub(crate) fn exchangeable(nodes: &[Node], formulas: Formulas<'_>) -> Self {
        NodeOrbits::of_twins(&Interchangeable::of(nodes, formulas), nodes.len())
    }

    /// Nodes that can be exchanged one by one.
    pub(crate) fn of_twins(twins: &Interchangeable, nodes: usize) -> Self {
        NodeOrbits {
            orbit_of: (0..nodes).map(|node| twins.class_of(node)).collect(),
            members: twins.classes().to_vec(),
            group: None,
        }
    }

    /// The orbits of those of these permutations that keep capacities and, where they count, latencies; the permutations must be a
    /// group.
    ///
    /// # Complexity
    /// O(permutations x nodes).
    pub(crate) fn of_group(group: &[Vec<NodeId>], nodes: &[Node], timed: bool) -> Self {
        let alike = |a: &Node, b: &Node| {
            let in_time = !timed || a.latency_ms == b.latency_ms;
            in_time && a.read_capacity == b.read_capacity && a.write_capacity == b.write_capacity
        };
        let keeps = |to: &&Vec<NodeId>| nodes.iter().zip(to.iter()).all(|(node, to)| alike(node, &nodes[to.index()]));
        let group: Vec<Vec<NodeId>> = group.iter().filter(keeps).cloned().collect();
        let mut orbits =
            NodeOrbits { orbit_of: vec![usize::MAX; nodes.len()], members: Vec::new(), group: Some(Vec::new()) };
        for node in 0..nodes.len() {
            if orbits.orbit_of[node] != usize::MAX {
                continue;
            }
            let mut members: Vec<usize> = group.iter().map(|to| to[node].index()).chain([node]).collect();
            members.sort_unstable();
            members.dedup();
            members.iter().for_each(|member| orbits.orbit_of[*member] = orbits.members.len());
            orbits.members.push(members);
        }
        orbits.group = Some(group);
        orbits
    }

    /// Number of orbits.
    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.orbit_of.len()
    }

    /// The orbit of a node; clocks have none.
    pub(crate) fn known_orbit_of(&self, node: usize) -> Option<usize> {
        self.orbit_of.get(node).copied()
    }

    /// The orbit of a node.
    pub(crate) fn orbit_of(&self, node: usize) -> usize {
        self.orbit_of[node]
    }

    /// The nodes of every orbit.
    pub(crate) fn all(&self) -> &[Vec<usize>] {
        &self.members
    }

    /// The nodes of an orbit, in order.
    pub(crate) fn members(&self, orbit: usize) -> &[usize] {
        &self.members[orbit]
    }

    /// How many nodes of each orbit a quorum has; clocks are in none.
    pub(crate) fn counts(&self, quorum: &NodeSet) -> Vec<u32> {
        let mut counts = vec![0; self.members.len()];
        let orbits = quorum.iter().filter_map(|node| self.orbit_of.get(node.index()));
        orbits.for_each(|orbit| counts[*orbit] += 1);
        counts
    }

    /// The gate of all quorums that symmetries make of this one. Drawn equally, they use the nodes of an orbit equally.
    ///
    /// # Errors
    /// [`FormulaError`] when the formula grows too large.
    pub(crate) fn images(&self, quorum: &NodeSet, builder: &mut FormulaBuilder) -> Result<GateId, FormulaError> {
        if let Some(group) = &self.group {
            let mut images: Vec<NodeSet> = group.iter().map(|to| image(to, quorum)).collect();
            images.sort();
            images.dedup();
            let gates: Result<Vec<GateId>, FormulaError> = images.iter().map(|image| all_of(image, builder)).collect();
            return builder.or(&gates?);
        }
        let mut parts = Vec::new();
        for (orbit, count) in self.members.iter().zip(self.counts(quorum)).filter(|(_, count)| *count > 0) {
            let leaves: Vec<GateId> = orbit.iter().map(|node| builder.leaf(NodeId::new(*node))).collect();
            parts.push(builder.threshold(u64::from(count), &leaves)?);
        }
        let clocks = quorum.iter().filter(|node| node.index() >= self.orbit_of.len());
        parts.extend(clocks.map(|clock| builder.leaf(clock)));
        builder.and(&parts)
    }
}

impl NodeOrbits {
    /// Quorums that symmetries make of this one, drawn so often together that the nodes of an orbit are used equally.
    pub(crate) fn turns(&self, quorum: &NodeSet, share: &BigRational) -> Vec<(NodeSet, BigRational)> {
        if let Some(group) = &self.group {
            let each = share / BigInt::from(group.len());
            return group.iter().map(|to| (image(to, quorum), each.clone())).collect();
        }
        // The nodes of a class stand in a circle. As time goes from 0 to 1, as many of them as the quorum has move on by their number.
        let counts = self.counts(quorum);
        let taking = |count: &usize, size: usize| 0 < *count && *count < size;
        let mut moments = vec![BigRational::zero(), BigRational::one()];
        for (members, count) in self.members.iter().zip(&counts) {
            let (size, count) = (members.len(), *count as usize);
            if taking(&count, size) {
                let rounds = size / count.gcd(&size);
                moments.extend((1..rounds).map(|round| BigRational::new(round.into(), rounds.into())));
            }
        }
        moments.sort();
        moments.dedup();
        let clocks = || quorum.iter().filter(|node| node.index() >= self.orbit_of.len());
        let mut turns = Vec::with_capacity(moments.len() - 1);
        for moment in moments.windows(2) {
            let mut set: NodeSet = clocks().collect();
            for (members, count) in self.members.iter().zip(&counts) {
                let (size, count) = (members.len(), *count as usize);
                let rounds = size / count.gcd(&size);
                let round = (&moment[0] * BigInt::from(rounds)).to_integer().to_usize().unwrap_or(0);
                (0..count).for_each(|place| set.insert(NodeId::new(members[(round * count + place) % size])));
            }
            turns.push((set, (&moment[1] - &moment[0]) * share));
        }
        turns
    }
}

/// What a permutation makes of a quorum; clocks stay.
fn image(to: &[NodeId], quorum: &NodeSet) -> NodeSet {
    quorum.iter().map(|node| to.get(node.index()).copied().unwrap_or(node)).collect()
}

fn all_of(nodes: &NodeSet, builder: &mut FormulaBuilder) -> Result<GateId, FormulaError> {
    let leaves: Vec<GateId> = nodes.iter().map(|node| builder.leaf(node)).collect();
    builder.and(&leaves)
}
