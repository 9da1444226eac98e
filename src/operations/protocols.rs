//! What does each protocol of consensus need of the quorums?

use super::closest_pair::closest_pair;
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{FormulaBuilder, Kind, Lying, NodeId, NodeSet, Pair, System};
use crate::structure::intersection::{Intersection, Intersections, intersections};
use crate::structure::ranges::loosest;
use crate::structure::resilience::Resilience;
use crate::structure::three_way::three_apart;

/// A protocol; its phase 1 takes the read quorums, its phase 2 the write quorums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Protocol {
    /// Lamport's, of one decision.
    Paxos,
    /// The same for a log.
    MultiPaxos,
    /// With quorums of two kinds, by Howard, Malkhi and Spiegelman.
    FlexiblePaxos,
    /// Oki's and Liskov's.
    Viewstamped,
    /// Ongaro's and Ousterhout's.
    Raft,
    /// Lamport's, with quorums of a third kind.
    FastPaxos,
    /// Castro's and Liskov's.
    Pbft,
    /// Ben-Or's, with coins.
    BenOr,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Protocol; 8] = [
        Protocol::Paxos,
        Protocol::MultiPaxos,
        Protocol::FlexiblePaxos,
        Protocol::Viewstamped,
        Protocol::Raft,
        Protocol::FastPaxos,
        Protocol::Pbft,
        Protocol::BenOr,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Paxos => "paxos",
            Protocol::MultiPaxos => "multi-paxos",
            Protocol::FlexiblePaxos => "flexible-paxos",
            Protocol::Viewstamped => "viewstamped",
            Protocol::Raft => "raft",
            Protocol::FastPaxos => "fast-paxos",
            Protocol::Pbft => "pbft",
            Protocol::BenOr => "ben-or",
        }
    }

    /// The protocol of this name.
    pub fn from_name(name: &str) -> Option<Protocol> {
        Protocol::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    fn conditions(self) -> &'static [Condition] {
        match self {
            Protocol::Paxos | Protocol::MultiPaxos | Protocol::FlexiblePaxos | Protocol::Viewstamped => {
                &[Condition::Phase1Phase2]
            }
            Protocol::Raft => &[Condition::Phase1Phase2, Condition::Phase1Phase1],
            Protocol::FastPaxos => &[Condition::Phase1Phase2, Condition::Phase1FastFast],
            Protocol::Pbft => &[Condition::Phase1Phase2, Condition::Phase2Phase2, Condition::Availability],
            Protocol::BenOr => &[Condition::QuorumQuorum],
        }
    }
}

/// What has to meet, or to survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Condition {
    /// Every quorum of phase 1 and every one of phase 2: a leader learns what was decided.
    Phase1Phase2,
    /// Two of phase 1: no two leaders of one term.
    Phase1Phase1,
    /// Two of phase 2: no two decisions in one view.
    Phase2Phase2,
    /// One of phase 1 and any two fast ones, all three: a coordinator tells which value may have been chosen.
    Phase1FastFast,
    /// Any two of either kind.
    QuorumQuorum,
    /// So many failures leave a quorum of each kind.
    Availability,
}

impl Condition {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Condition::Phase1Phase2 => "phase1-phase2",
            Condition::Phase1Phase1 => "phase1-phase1",
            Condition::Phase2Phase2 => "phase2-phase2",
            Condition::Phase1FastFast => "phase1-fast-fast",
            Condition::QuorumQuorum => "quorum-quorum",
            Condition::Availability => "availability",
        }
    }
}

/// Whether one condition of a protocol holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProtocolDemand {
    /// The protocol.
    pub protocol: Protocol,
    /// What it needs.
    pub condition: Condition,
    /// In how many common nodes; for availability after how many failures.
    pub required: usize,
    /// Whether it holds; absent when the budget ended.
    pub holds: Option<bool>,
    /// Quorums that have too few nodes in common, where it does not hold.
    pub quorums: Vec<NodeSet>,
    /// Nodes whose failure leaves no quorum of a kind, where that is why.
    pub faulty: NodeSet,
}

/// Whether a system is what these protocols need, protocol by protocol and condition by condition.
///
/// How its quorums meet and how many failures they survive is known; the fast quorums are the definition's, or those of the writes;
/// `liars` may lie.
///
/// # Source
/// Lamport, The part-time parliament, 1998; Howard, Malkhi and Spiegelman, Flexible Paxos, OPODIS 2016; Ongaro and Ousterhout, In search of an
/// understandable consensus algorithm, 2014; Lamport, Fast Paxos, 2006; Castro and Liskov, Practical Byzantine fault tolerance, 1999; Ben-Or,
/// Another advantage of free choice, 1983.
///
/// # Examples
/// ```
/// use quorate::analysis::{Options, analyze};
/// use quorate::families::Family;
/// use quorate::operations::Protocol;
/// let flexible = Family::Threshold { n: 10, read: 3, write: 8 }.system()?;
/// let asked = Options { protocols: vec![Protocol::Paxos, Protocol::Raft], ..Options::default() };
/// let holds: Vec<Option<bool>> = analyze(&flexible, &asked).protocols.iter().map(|demand| demand.holds).collect();
/// assert_eq!(holds, [Some(true), Some(true), Some(false)]); // two leaders of one term
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn protocol_demands(
    compiled: &Compiled<'_>,
    protocols: &[Protocol],
    meetings: &Intersections,
    resilience: &Pair<Resilience>,
    liars: usize,
) -> Vec<ProtocolDemand> {
    // A ring runs a protocol for each range.
    let range = loosest(compiled.system());
    let of_range = range.as_ref().map(|range| Compiled::new(range, *compiled.budget()));
    let compiled = of_range.as_ref().unwrap_or(compiled);
    let asked = Asked { compiled, meetings, resilience: Some(resilience), liars };
    let each = |protocol: &Protocol| {
        let protocol = *protocol;
        protocol.conditions().iter().map(move |condition| (protocol, *condition))
    };
    protocols.iter().flat_map(each).map(|(protocol, condition)| asked.demand(protocol, condition)).collect()
}

/// The first condition of a protocol that does not hold, or of which it is not known; protocols that count liars are refused as not
/// known.
///
/// # Complexity
/// That of [`intersections`], and for fast quorums of a walk down three diagrams at once.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::families::Family;
/// use quorate::operations::{Protocol, lacking};
/// let flexible = Family::Threshold { n: 4, read: 2, write: 3 }.system()?;
/// assert!(lacking(&flexible, Protocol::Paxos, Budget::default()).is_none());
/// assert!(lacking(&flexible, Protocol::Raft, Budget::default()).is_some());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn lacking(system: &System, protocol: Protocol, budget: Budget) -> Option<ProtocolDemand> {
    let compiled = Compiled::new(system, budget);
    let meetings = intersections(&compiled);
    let asked = Asked { compiled: &compiled, meetings: &meetings, resilience: None, liars: 0 };
    let each = protocol.conditions().iter().map(|condition| asked.demand(protocol, *condition));
    each.into_iter().find(|demand| demand.holds != Some(true))
}

struct Asked<'a> {
    compiled: &'a Compiled<'a>,
    meetings: &'a Intersections,
    /// Absent where nobody asks about failures.
    resilience: Option<&'a Pair<Resilience>>,
    liars: usize,
}

/// Whether something holds, and why not.
type Found = (Option<bool>, Vec<NodeSet>, NodeSet);

impl Asked<'_> {
    fn demand(&self, protocol: Protocol, condition: Condition) -> ProtocolDemand {
        let required = match (protocol, condition) {
            (_, Condition::Availability) => self.liars,
            (Protocol::Pbft, _) => Lying::Dissemination.shared(self.liars),
            _ => 1,
        };
        let (reads, writes) = (Kind::Read, Kind::Write);
        let (holds, quorums, faulty) = match condition {
            Condition::Phase1Phase2 => self.meet(reads, writes, required),
            Condition::Phase1Phase1 => self.meet(reads, reads, required),
            Condition::Phase2Phase2 => self.meet(writes, writes, required),
            Condition::QuorumQuorum => {
                let pairs = [(reads, writes), (reads, reads), (writes, writes)];
                let all: Vec<Found> = pairs.into_iter().map(|(one, other)| self.meet(one, other, required)).collect();
                let failed = all.iter().find(|found| found.0 == Some(false));
                failed.or_else(|| all.iter().find(|found| found.0.is_none())).unwrap_or(&all[0]).clone()
            }
            Condition::Phase1FastFast => self.meet_fast(),
            Condition::Availability => self.survive(),
        };
        ProtocolDemand { protocol, condition, required, holds, quorums, faulty }
    }

    /// Whether any two quorums of two kinds have so many nodes in common.
    fn meet(&self, one: Kind, other: Kind, required: usize) -> Found {
        let system = self.compiled.system();
        let meeting = match (one, other) {
            (Kind::Read, Kind::Read) => &self.meetings.read_read,
            (Kind::Write, Kind::Write) => &self.meetings.write_write,
            _ => &self.meetings.read_write,
        };
        // Of a kind without quorums none misses another.
        let has_quorums = system.has_quorum(one) && system.has_quorum(other);
        let holds = if has_quorums { meeting.shares(required) } else { Some(true) };
        let pair = if holds == Some(false) { self.closest(one, other, meeting) } else { None };
        (holds, pair.map(Vec::from).unwrap_or_default(), NodeSet::new())
    }

    fn closest(&self, one: Kind, other: Kind, meeting: &Intersection) -> Option<[NodeSet; 2]> {
        let system = self.compiled.system();
        let formulas = Pair { reads: system.formula(one).clone(), writes: system.formula(other).clone() };
        let of_both = System::new(system.about().clone(), system.nodes().to_vec(), formulas).ok()?;
        closest_pair(&Compiled::new(&of_both, *self.compiled.budget()), meeting)
    }

    /// Whether every quorum of phase 1 and any two fast ones have a node in common.
    fn meet_fast(&self) -> Found {
        let system = self.compiled.system();
        let fast = system.about().fast.as_ref().unwrap_or(system.formula(Kind::Write));
        match three_apart(system.formula(Kind::Read), fast, self.compiled.budget()) {
            Ok(None) => (Some(true), Vec::new(), NodeSet::new()),
            Ok(Some(quorums)) => (Some(false), quorums.into(), NodeSet::new()),
            Err(_) => (None, Vec::new(), NodeSet::new()),
        }
    }

    /// Whether quorums of both kinds are left after so many failures.
    fn survive(&self) -> Found {
        let Some(resilience) = self.resilience else { return (None, Vec::new(), NodeSet::new()) };
        let each = [&resilience.reads, &resilience.writes];
        let stops = each.iter().filter_map(|one| one.transversal.as_ref()).find(|set| set.len() <= self.liars);
        if let Some(faulty) = stops {
            return (Some(false), Vec::new(), faulty.clone());
        }
        let survived = each.iter().all(|one| one.lower_bound > self.liars);
        (survived.then_some(true), Vec::new(), NodeSet::new())
    }
}

/// The size of the smallest fast quorums that are any so many of all nodes: with these reads, any two of them have a node in common with
/// every read quorum; `None` where the budget ends, or none is large enough.
///
/// # Complexity
/// A logarithm of the number of nodes times a walk down three diagrams at once.
pub fn smallest_fast_quorum(system: &System, budget: Budget) -> Option<usize> {
    let nodes = system.nodes().len();
    let is_enough = |size: usize| {
        let mut builder = FormulaBuilder::new();
        let leaves: Vec<_> = (0..nodes).map(|node| builder.leaf(NodeId::new(node))).collect();
        let root = builder.threshold(size as u64, &leaves).ok()?;
        let fast = builder.finish(root);
        Some(three_apart(system.formula(Kind::Read), &fast, &budget).ok()?.is_none())
    };
    if !is_enough(nodes)? {
        return None;
    }
    let (mut few, mut enough) = (0, nodes);
    while enough - few > 1 {
        let middle = usize::midpoint(few, enough);
        if is_enough(middle)? { enough = middle } else { few = middle }
    }
    Some(enough)
}
