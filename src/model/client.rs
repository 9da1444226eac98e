//! Where operations come from, how far it is to the nodes, and where a leader stands.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive};

use super::kind::Kind;
use super::node::{NodeId, ZoneId};
use super::quantity::{Fraction, LatencyMs, Weight};
use super::workload::Workload;

/// Where something stands: in a zone, or at a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum Place {
    /// Anywhere in a zone.
    Zone(ZoneId),
    /// At a node.
    Node(NodeId),
}

/// A source of operations.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Client {
    /// The unique name.
    pub name: String,
    /// Where it stands; absent once that place has failed.
    pub place: Option<Place>,
    /// Its share of all operations, relative to that of other clients.
    pub weight: Weight,
    /// The share of reads among its operations; absent: that of the workload.
    pub read_fraction: Option<Fraction>,
}

impl Client {
    /// How much its operations of a kind count in a mean: its weight times its share of them.
    pub fn weight_of(&self, kind: Kind, workload: &Workload) -> f64 {
        let share = match (self.read_fraction, kind) {
            (None, _) => workload.mean_share(kind),
            (Some(fraction), Kind::Read) => fraction.get(),
            // However close to 1 the fraction is, nothing is lost.
            (Some(fraction), Kind::Write) => (BigRational::one() - fraction.exact()).to_f64().unwrap_or(0.0),
        };
        self.weight.get() * share
    }
}

/// The round trip between two places, both ways.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Link {
    /// The places; the same zone twice for the round trips within it.
    pub between: [Place; 2],
    /// The time there and back.
    pub round_trip_ms: LatencyMs,
}

/// Where the leader of a protocol of consensus stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Leader {
    /// At this node.
    At(NodeId),
    /// At the node from which writes take the least time on the mean.
    Best,
}

/// How reads are answered where there is a leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum LeaderReads {
    /// By the leader, once a quorum of phase 2 has confirmed that it still is the leader.
    #[default]
    Quorum,
    /// By the leader alone, as under a lease.
    Leader,
    /// By the client's own read quorum, past the leader.
    Direct,
}

impl LeaderReads {
    /// All of them.
    pub const ALL: [LeaderReads; 3] = [LeaderReads::Quorum, LeaderReads::Leader, LeaderReads::Direct];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            LeaderReads::Quorum => "quorum",
            LeaderReads::Leader => "leader",
            LeaderReads::Direct => "direct",
        }
    }

    /// What a word stands for.
    pub fn from_name(name: &str) -> Option<LeaderReads> {
        LeaderReads::ALL.into_iter().find(|reads| reads.name() == name)
    }
}

/// The clients of a system, the distances, and the leader.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Clients {
    /// In the order of the definition.
    pub each: Vec<Client>,
    /// At most one between any two places.
    pub links: Vec<Link>,
    /// Absent: clients ask quorums themselves.
    pub leader: Option<Leader>,
    /// What a leader does for reads.
    pub leader_reads: LeaderReads,
}

impl Clients {
    /// What is left when nodes and zones have failed, those that are left having other numbers: clients at failed places stand
    /// nowhere, links to them are gone, and instead of a failed leader there is the best one.
    pub(crate) fn remaining(
        &self,
        node: impl Fn(NodeId) -> Option<NodeId>,
        zone: impl Fn(ZoneId) -> Option<ZoneId>,
    ) -> Clients {
        let moved = |place: Place| match place {
            Place::Zone(at) => zone(at).map(Place::Zone),
            Place::Node(at) => node(at).map(Place::Node),
        };
        let link = |link: &Link| {
            let [a, b] = link.between;
            Some(Link { between: [moved(a)?, moved(b)?], ..*link })
        };
        Clients {
            each: self
                .each
                .iter()
                .map(|client| Client { place: client.place.and_then(moved), ..client.clone() })
                .collect(),
            links: self.links.iter().filter_map(link).collect(),
            leader: self.leader.map(|leader| match leader {
                Leader::At(at) => node(at).map_or(Leader::Best, Leader::At),
                Leader::Best => Leader::Best,
            }),
            leader_reads: self.leader_reads,
        }
    }
}
