//! Who asks for quorums, and what these cost.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::goal::ClientGoal;
use super::layer::{Layer, layers};
use crate::budget::Meter;
use crate::circuit::Compiled;
use crate::model::{
    AnswerTimes, Client, Formula, FormulaBuilder, Kind, LeaderReads, NodeId, NodeSet, Place, System, Workload,
};
use crate::strategy::objective::Infeasible;

/// The operations of a kind that wait for the same quorums at the same times: some strategy is best for all of them.
#[derive(Debug)]
pub(crate) struct Commodity {
    /// Whose operations they are, and how many of all operations are each one's.
    pub(super) clients: Vec<(usize, f64)>,
    pub(super) kind: Kind,
    /// How many of all operations they are.
    pub(super) share: BigRational,
    pub(super) rate: f64,
    /// What the way to a leader takes.
    pub(super) offset_ms: f64,
    /// When each node has answered, without it.
    pub(super) times_ms: Vec<f64>,
    pub(super) layers: Vec<Layer>,
    /// What it costs each node that all of these operations use it.
    pub(super) costs: Vec<f64>,
}

impl Commodity {
    /// When a quorum has answered.
    pub(super) fn latency_ms(&self, quorum: &NodeSet) -> f64 {
        self.offset_ms + quorum.iter().map(|node| self.times_ms[node.index()]).fold(0.0, f64::max)
    }

    /// The earliest time at which any quorum has answered.
    pub(super) fn fastest_ms(&self) -> f64 {
        self.offset_ms + self.layers.first().map_or(f64::INFINITY, |layer| layer.time_ms)
    }
}

/// Where the quorums of an operation come from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    /// The client asks the quorums of this kind.
    Own(Kind, Place),
    /// The leader asks those of phase 2.
    Leader(NodeId),
    /// The leader answers alone.
    LeaderAlone(NodeId),
}

/// A commodity in the making.
struct Asked {
    clients: Vec<(usize, f64)>,
    kind: Kind,
    share: BigRational,
    source: Source,
    offset_ms: f64,
}

/// The commodities of all clients that are not lost and do something.
///
/// # Errors
/// [`Infeasible::NoQuorum`] where somebody asks for quorums of a kind that there is none of, or none can be reached, and
/// [`Infeasible::Undecided`] when the meter ends.
pub(super) fn commodities(
    compiled: &Compiled<'_>,
    workload: &Workload,
    goal: &ClientGoal,
    meter: &mut Meter,
) -> Result<Vec<Commodity>, Infeasible> {
    let system = compiled.system();
    let times = AnswerTimes::of(system);
    let mut made = Vec::new();
    for asked in asked(system, workload, goal, &times) {
        let kind = match asked.source {
            Source::Own(kind, _) => kind,
            Source::Leader(_) | Source::LeaderAlone(_) => Kind::Write,
        };
        if !system.has_quorum(kind) {
            return Err(Infeasible::NoQuorum { kind });
        }
        let (times_ms, formula) = match asked.source {
            Source::Own(_, place) => (times.from(place), None),
            Source::Leader(leader) => (times.from(Place::Node(leader)), None),
            Source::LeaderAlone(leader) => (times.from(Place::Node(leader)), Some(alone(leader))),
        };
        let formula: &Formula = match &formula {
            Some(formula) => formula,
            None => compiled.decomposable(kind).map_err(Infeasible::Undecided)?,
        };
        let layers = layers(formula, &times_ms, meter).map_err(Infeasible::Undecided)?;
        if layers.is_empty() || asked.offset_ms.is_nan() || times_ms.iter().any(|time| time.is_nan()) {
            return Err(Infeasible::NoQuorum { kind });
        }
        let rate = asked.share.to_f64().unwrap_or(0.0);
        let cost = |node: &crate::model::Node| match asked.kind {
            Kind::Read => rate / node.read_capacity.get(),
            Kind::Write => rate / node.write_capacity.get(),
        };
        let costs = system.nodes().iter().map(cost).collect();
        let Asked { clients, kind, share, offset_ms, .. } = asked;
        made.push(Commodity { clients, kind, share, rate, offset_ms, times_ms, layers, costs });
    }
    Ok(made)
}

/// A single node is the only quorum.
fn alone(node: NodeId) -> Formula {
    let mut builder = FormulaBuilder::new();
    let root = builder.leaf(node);
    builder.finish(root)
}

/// Who asks for what; those who ask for the same are one.
fn asked(system: &System, workload: &Workload, goal: &ClientGoal, times: &AnswerTimes<'_>) -> Vec<Asked> {
    let clients = &system.about().clients;
    let present = || clients.each.iter().enumerate().filter_map(|(at, client)| Some((at, client, client.place?)));
    let total: BigRational = present().map(|(_, client, _)| client.weight.exact()).sum();
    let mut all: Vec<Asked> = Vec::new();
    for (at, client, place) in present() {
        let to_leader = goal.leader.map(|leader| times.from(place)[leader.index()]);
        for kind in Kind::BOTH {
            let share = client.weight.exact() / &total * share_of(client, kind, workload);
            if share.is_zero() {
                continue;
            }
            let is_direct = kind == Kind::Read && clients.leader_reads == LeaderReads::Direct;
            let is_alone = kind == Kind::Read && clients.leader_reads == LeaderReads::Leader;
            let (source, offset_ms) = match goal.leader.zip(to_leader) {
                Some((leader, way)) if is_alone => (Source::LeaderAlone(leader), way),
                Some((leader, way)) if !is_direct => (Source::Leader(leader), way),
                _ => (Source::Own(kind, place), 0.0),
            };
            let same = |other: &&mut Asked| {
                other.kind == kind && other.source == source && other.offset_ms.to_bits() == offset_ms.to_bits()
            };
            let own = (at, share.to_f64().unwrap_or(0.0));
            match all.iter_mut().find(same) {
                Some(other) => {
                    other.clients.push(own);
                    other.share += share;
                }
                None => all.push(Asked { clients: vec![own], kind, share, source, offset_ms }),
            }
        }
    }
    all
}

/// The share of a kind among the operations of a client.
fn share_of(client: &Client, kind: Kind, workload: &Workload) -> BigRational {
    let reads: BigRational = match client.read_fraction {
        Some(fraction) => fraction.exact(),
        None => workload.shares().iter().map(|share| &share.weight * share.read_fraction.exact()).sum(),
    };
    if kind == Kind::Read { reads } else { BigRational::one() - reads }
}
