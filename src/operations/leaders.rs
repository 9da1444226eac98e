//! Where does a leader stand best?

use super::fastest::Fastest;
use super::surroundings::Surroundings;
use crate::budget::{Budget, Exhausted, Meter};
use crate::model::{Kind, Leader, LeaderReads, NodeId, NodeSet, Place, Workload, ZoneId};

/// A node as the leader.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LeaderAnswer {
    /// The node.
    pub node: NodeId,
    /// The mean time of a write over clients, by their weights and shares of writes; absent where it cannot write, a link is
    /// missing, or no client writes.
    pub mean_write_ms: Option<f64>,
    /// The longest time of a write of any client.
    pub worst_write_ms: Option<f64>,
    /// Whether some time is not known because a link is missing.
    pub lacks_link: bool,
    /// What comes after the loss of each zone.
    pub after: Vec<LeaderAfter>,
}

/// The leader after the loss of a zone.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct LeaderAfter {
    /// The zone.
    pub zone: ZoneId,
    /// The same one, or the best one left where that is gone; absent where none is known to be any good.
    pub leader: Option<NodeId>,
    /// The mean time of a write then.
    pub mean_write_ms: Option<f64>,
}

/// How long writes take with a leader.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Write {
    mean_ms: Option<f64>,
    worst_ms: f64,
}

/// All nodes as leaders.
#[derive(Debug)]
pub(super) struct Leaders<'a> {
    around: &'a Surroundings<'a>,
    /// Milliseconds from each client to each node; not a number where that is not known.
    to_leader: Vec<Vec<f64>>,
    /// How long the fastest quorum of phase 2 takes each node, for each loss; infinite where there is none.
    quorum: Vec<Vec<f64>>,
    /// Writes with each node as the leader, for each loss; absent where it is lost, cannot write or lacks a link.
    write: Vec<Vec<Option<Write>>>,
    /// The best node for each loss.
    best: Vec<Option<usize>>,
}

impl<'a> Leaders<'a> {
    pub(super) fn of(
        around: &'a Surroundings<'a>,
        workload: &Workload,
        meter: &mut Meter,
    ) -> Result<Leaders<'a>, Exhausted> {
        let (nodes, clients) = (around.system.nodes().len(), &around.clients.each);
        let losses = around.losses.len();
        meter.charge((nodes as u64).saturating_mul((nodes + clients.len() * losses) as u64))?;
        let nowhere = || vec![f64::NAN; nodes];
        let to_leader: Vec<Vec<f64>> =
            clients.iter().map(|client| client.place.map_or_else(nowhere, |place| around.times_from(place))).collect();
        let mut fastest = Fastest::new(around.system.formula(Kind::Write));
        let mut quorum = Vec::new();
        for node in 0..nodes {
            let far = around.times_from(Place::Node(NodeId::new(node)));
            let is_unknown = far.iter().any(|time| time.is_nan());
            let mut of_node = vec![f64::NAN; losses];
            for (loss, time) in of_node.iter_mut().enumerate().filter(|_| !is_unknown) {
                let is_left = around.losses[loss].is_left[node];
                *time = if is_left { fastest.time(&around.losses[loss].times(&far), meter)? } else { f64::INFINITY };
            }
            quorum.push(of_node);
        }
        let weights: Vec<f64> = clients.iter().map(|client| client.weight_of(Kind::Write, workload)).collect();
        let mut leaders = Leaders { around, to_leader, quorum, write: Vec::new(), best: Vec::new() };
        leaders.write =
            (0..nodes).map(|node| (0..losses).map(|loss| leaders.written(node, loss, &weights)).collect()).collect();
        leaders.best = (0..losses).map(|loss| leaders.ranking(loss).first().copied()).collect();
        Ok(leaders)
    }

    /// How long writes take with this leader after this loss.
    fn written(&self, node: usize, loss: usize, weights: &[f64]) -> Option<Write> {
        let quorum = self.quorum[node][loss];
        if !quorum.is_finite() {
            return None;
        }
        let (mut sum, mut total, mut worst, mut is_anyone) = (0.0, 0.0, 0.0f64, false);
        for (client, weight) in weights.iter().enumerate() {
            if self.around.is_client_lost(client, loss) {
                continue;
            }
            let time = self.to_leader[client][node] + quorum;
            if time.is_nan() {
                return None;
            }
            (sum, total) = (sum + weight * time, total + weight);
            worst = worst.max(time);
            is_anyone = true;
        }
        is_anyone.then(|| Write { mean_ms: (total > 0.0).then(|| sum / total), worst_ms: worst })
    }

    /// The nodes that can lead after a loss, the best first: by the mean, then by the worst time, then in their order.
    fn ranking(&self, loss: usize) -> Vec<usize> {
        let key = |node: usize| {
            let write = self.write[node][loss]?;
            Some((rounded(write.mean_ms.unwrap_or(0.0)), rounded(write.worst_ms)))
        };
        let mut able: Vec<(usize, (f64, f64))> =
            (0..self.write.len()).filter_map(|node| Some((node, key(node)?))).collect();
        able.sort_by(|(_, a), (_, b)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        able.into_iter().map(|(node, _)| node).collect()
    }

    /// The leader for each loss: the one that is asked for as long as it is left, else the best.
    pub(super) fn chosen(&self, leader: Leader) -> Vec<Option<usize>> {
        let first = match leader {
            Leader::At(node) => Some(node.index()),
            Leader::Best => self.best[0],
        };
        (0..self.best.len()).map(|loss| first.and_then(|first| self.after(first, loss))).collect()
    }

    /// Who leads after a loss when this node did.
    fn after(&self, node: usize, loss: usize) -> Option<usize> {
        if self.around.losses[loss].is_left[node] { Some(node) } else { self.best[loss] }
    }

    /// How long a client waits for the leader after a loss.
    pub(super) fn latency(&self, client: usize, leader: usize, (kind, loss): (Kind, usize)) -> Option<f64> {
        let alone = kind == Kind::Read && self.around.clients.leader_reads == LeaderReads::Leader;
        let quorum = if alone { 0.0 } else { self.quorum[leader][loss] };
        Some(self.to_leader[client][leader] + quorum).filter(|time| time.is_finite())
    }

    /// The nodes that this leader waits for.
    pub(super) fn quorum(
        &self,
        leader: usize,
        kind: Kind,
        (budget, meter): (&Budget, &mut Meter),
    ) -> Result<Option<NodeSet>, Exhausted> {
        let node = NodeId::new(leader);
        if kind == Kind::Read && self.around.clients.leader_reads == LeaderReads::Leader {
            return Ok(Some(std::iter::once(node).collect()));
        }
        if !self.quorum[leader][0].is_finite() {
            return Ok(None);
        }
        let times = self.around.losses[0].times(&self.around.times_from(Place::Node(node)));
        Fastest::new(self.around.system.formula(Kind::Write)).quorum(&times, budget, meter)
    }

    /// All of them, the best first; those that cannot lead stand last, in their order.
    pub(super) fn ranked(&self, zones: &[ZoneId]) -> Vec<LeaderAnswer> {
        let able = self.ranking(0);
        let unable = (0..self.write.len()).filter(|node| self.write[*node][0].is_none());
        let answer = |node: usize| {
            let write = self.write[node][0];
            let after = |(at, zone): (usize, &ZoneId)| {
                let leader = self.after(node, at + 1);
                let write = leader.and_then(|leader| self.write[leader][at + 1]);
                let leader = leader.map(NodeId::new);
                LeaderAfter { zone: *zone, leader, mean_write_ms: write.and_then(|write| write.mean_ms) }
            };
            LeaderAnswer {
                node: NodeId::new(node),
                mean_write_ms: write.and_then(|write| write.mean_ms),
                worst_write_ms: write.map(|write| write.worst_ms),
                lacks_link: self.quorum[node][0].is_nan(),
                after: zones.iter().enumerate().map(after).collect(),
            }
        };
        able.into_iter().chain(unable).map(answer).collect()
    }
}

/// Milliseconds without the rounding of sums, so that leaders that are as good as each other stay in their order.
fn rounded(ms: f64) -> f64 {
    let step = 1e-9;
    if ms < 1e6 { (ms / step).round() } else { ms / step }
}
