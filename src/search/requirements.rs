//! What every system that is found must meet beside its limits: overlap, liars, lost zones, writes in several zones.
//!
//! Given the reads, all these allow more writes the smaller the reads are to be met by, and what they allow is a monotone function: the largest
//! writes that keep them. Others are subsets of those, and no better. So the space stays one of reads, each with its largest writes; without
//! such demands those are the dual.

use super::candidate::Candidate;
use super::mask::{Mask, members};
use super::truth_table::Table;
use super::{Cluster, Query};
use crate::circuit::Compiled;
use crate::model::{About, FormulaBuilder, Kind, Lying, Node, NodeId, Pair, System, ZoneId, next_subset};
use crate::operations::{Demands, byzantine, durability, places, zone_durability_demand, zone_resilience_demand};
use crate::structure::intersection::intersection;
use crate::structure::resilience::resilience;

/// Demands on reads and writes together, over few nodes.
#[derive(Debug)]
pub(super) struct Requirements {
    nodes: usize,
    /// Nodes that every read quorum shares with every write quorum.
    shared: usize,
    /// Liars of whose number nobody knows.
    opaque: Option<usize>,
    /// Failures that leave both kinds of quorums.
    resilience: usize,
    /// What is left after each loss of as many zones as must be survived.
    left: Vec<Mask>,
    /// The zone of each node, or a number of its own; and how many of them a write quorum stands in.
    place: Vec<usize>,
    durable: usize,
}

/// The nodes that quorums must share, the failures that they must survive, and the opaque liars.
pub(super) fn asked(ask: &Query) -> (usize, usize, Option<usize>) {
    let overlap = ask.demands.min_overlap.unwrap_or(1).max(1);
    let Some((liars, kind)) = ask.demands.byzantine else { return (overlap, ask.min_resilience, None) };
    let kind = kind.unwrap_or_default();
    (overlap.max(kind.shared(liars)), ask.min_resilience.max(liars), Some(liars).filter(|_| kind == Lying::Opaque))
}

/// Whether anything is demanded that reads with their dual need not meet.
pub(super) fn is_asked(ask: &Query) -> bool {
    let demands = ask.demands;
    let zones = demands.min_zone_resilience.unwrap_or(0) > 0 || demands.min_durability_zones.unwrap_or(0) > 1;
    let (shared, _, opaque) = asked(ask);
    zones || shared > 1 || opaque.is_some()
}

/// A demand: what it is called, how much is asked for, and the same question with less of it.
type Demand = (&'static str, usize, fn(&Query, usize) -> Query);

/// The demands of a question that one may ask less of.
pub(super) fn each(ask: &Query) -> Vec<Demand> {
    let demands = ask.demands;
    type Asked = (&'static str, Option<usize>, fn(&Query, usize) -> Query);
    let all: [Asked; 4] = [
        ("overlap", demands.min_overlap, |ask, less| Query {
            demands: Demands { min_overlap: Some(less), ..ask.demands },
            ..ask.clone()
        }),
        ("liars", demands.byzantine.map(|(liars, _)| liars), |ask, less| {
            let byzantine = ask.demands.byzantine.map(|(_, kind)| (less, kind));
            Query { demands: Demands { byzantine, ..ask.demands }, ..ask.clone() }
        }),
        ("zone resilience", demands.min_zone_resilience, |ask, less| Query {
            demands: Demands { min_zone_resilience: Some(less), ..ask.demands },
            ..ask.clone()
        }),
        ("zones of durable writes", demands.min_durability_zones, |ask, less| Query {
            demands: Demands { min_durability_zones: Some(less), ..ask.demands },
            ..ask.clone()
        }),
    ];
    all.into_iter().filter_map(|(what, asked, with)| Some((what, asked?, with))).collect()
}

/// The cluster as a system, of which only the nodes and zones matter.
pub(super) fn bare(cluster: &Cluster) -> Option<System> {
    let mut builder = FormulaBuilder::new();
    let root = builder.leaf(NodeId::new(0));
    let formula = builder.finish(root);
    let names = cluster.nodes.iter().map(|node| Node::new(node.name.as_str())).collect();
    let system = System::new(About::default(), names, Pair { reads: formula.clone(), writes: formula }).ok()?;
    system.with(cluster.nodes.clone(), cluster.zones.clone(), cluster.workload.clone()).ok()
}

/// Whether a system of many nodes meets what is demanded; absent where that is beyond the limits.
pub(super) fn met(compiled: &Compiled<'_>, ask: &Query) -> Option<bool> {
    if !is_asked(ask) {
        return Some(true);
    }
    let (system, (shared, _, opaque)) = (compiled.system(), asked(ask));
    let meeting = intersection(compiled, Kind::Read, Kind::Write);
    let mut all = vec![meeting.shares(shared)];
    if let Some(liars) = opaque {
        let survives = compiled.of_both(|kind| resilience(compiled, kind));
        let found = byzantine(compiled, &meeting, &survives, Some((liars, Lying::Opaque)), ask.demands.is_strict);
        all.push(found.verdict().flatten());
    }
    if let Some(zones) = ask.demands.min_zone_resilience {
        all.push(zone_resilience_demand(system, zones, *compiled.budget()).holds);
    }
    if let Some(zones) = ask.demands.min_durability_zones {
        all.push(zone_durability_demand(system, &durability(compiled), zones).holds);
    }
    if all.contains(&Some(false)) { Some(false) } else { (!all.contains(&None)).then_some(true) }
}

/// How many zones it takes, and how the nodes can stand in them, where too few are why there is no system: with all nodes in 2 z zones or
/// fewer the loss of z zones leaves all others to be lost next, and a read in the ones would not meet a write in the others.
pub(super) fn advice(cluster: &Cluster, ask: &Query) -> Option<String> {
    let lost = ask.demands.min_zone_resilience.filter(|lost| *lost > 0)?;
    let system = bare(cluster)?;
    let is_used = |zone: &ZoneId| system.nodes().iter().any(|node| node.zone == Some(*zone));
    let zones = places(&system).iter().filter(|zone| is_used(zone)).count();
    let needed = 2 * lost + 1;
    if zones >= needed || system.nodes().iter().any(|node| node.zone.is_none()) {
        return None;
    }
    let nodes = cluster.nodes.len();
    let few = if zones == 2 {
        "Two zones can never survive the loss of either one".to_owned()
    } else {
        format!("{zones} zones can never survive the loss of any {lost}")
    };
    let size = |zone: usize| nodes / needed + usize::from(zone < nodes % needed);
    let largest: usize = (0..lost).map(size).sum();
    let how = match () {
        () if nodes < needed => format!("{needed} nodes in {needed} zones, one in each, with a majority"),
        () if nodes - largest > nodes / 2 => {
            let sizes: Vec<String> = (0..needed).map(|zone| size(zone).to_string()).collect();
            format!("{} in {needed} zones, with a majority of the {nodes} nodes", sizes.join(" + "))
        }
        () => format!("one node in each of {needed} zones, with a majority of those {needed}"),
    };
    Some(format!(
        "{few}, whatever the quorums: a read that goes on in one part would miss a write in the other. What would: {how}."
    ))
}

impl Requirements {
    /// What is demanded of systems over these nodes.
    pub(super) fn of(cluster: &Cluster, ask: &Query) -> Requirements {
        let nodes = cluster.nodes.len();
        let (shared, resilience, opaque) = asked(ask);
        let mut left = Vec::new();
        let mut place: Vec<usize> = (0..nodes).collect();
        if let Some(system) = bare(cluster).filter(|system| !system.zones().is_empty()) {
            let places = places(&system);
            let inside = system.zone_members();
            let mask = |zone: &ZoneId| inside[zone.index()].iter().fold(0, |set: Mask, node| set | 1 << node.index());
            let masks: Vec<Mask> = places.iter().map(mask).collect();
            if let Some(lost) = ask.demands.min_zone_resilience.filter(|lost| *lost > 0) {
                left = remaining(nodes, &masks, lost.min(masks.len()));
            }
            for (at, node) in system.nodes().iter().enumerate() {
                let own = node.zone.and_then(|zone| places.binary_search(&zone).ok());
                place[at] = own.map_or(at, |own| nodes + own);
            }
        }
        Requirements {
            nodes,
            shared,
            opaque,
            resilience,
            left,
            place,
            durable: ask.demands.min_durability_zones.unwrap_or(0),
        }
    }

    /// Whether the writes are the dual of the reads, and nothing else is asked of them.
    pub(super) fn is_plain(&self) -> bool {
        self.shared == 1 && self.opaque.is_none() && self.durable <= 1
    }

    /// The candidate with the largest writes that are allowed beside its reads; nothing where there are none, or where some loss leaves too
    /// little.
    pub(super) fn paired(&self, candidate: Candidate) -> Option<Candidate> {
        if self.is_plain() && self.left.is_empty() {
            return Some(candidate);
        }
        let (reads, dual) = candidate.quorums(self.nodes);
        if self.is_plain() {
            let tables = [Table::of(self.nodes, &reads), Table::of(self.nodes, &dual)];
            return self.survive(&tables).then_some(candidate);
        }
        let writes = self.writes(&reads);
        let tables = [Table::of(self.nodes, &reads), writes];
        if !self.survive(&tables) {
            return None;
        }
        let writes = tables[1].minimal();
        (!writes.is_empty()).then_some(Candidate::Pair(reads, writes))
    }

    /// The largest writes: those that share enough nodes with every read quorum and stand in enough zones.
    ///
    /// A set shares k nodes with every read quorum when it still meets them all after losing any k - 1 of its own.
    fn writes(&self, reads: &[Mask]) -> Table {
        let mut writes = Table::of(self.nodes, reads).dual();
        for _ in 1..self.shared.min(self.nodes + 1) {
            writes = writes.surviving_one();
        }
        let spans = |set: Mask| {
            let mut places: Vec<usize> = members(set).map(|node| self.place[node]).collect();
            places.sort_unstable();
            places.dedup();
            places.len() >= self.durable
        };
        let surplus = |set: Mask, read: Mask| {
            let shared = 2 * i64::from((set & read).count_ones()) - i64::from(read.count_ones());
            self.opaque.is_none_or(|liars| shared >= 2 * liars as i64)
        };
        Table::from_fn(self.nodes, |set| {
            writes.holds(set) && spans(set) && reads.iter().all(|read| surplus(set, *read))
        })
    }

    /// Whether both kinds of quorums are left after every loss.
    fn survive(&self, kinds: &[Table; 2]) -> bool {
        let holds = |left: Mask| kinds.iter().all(|kind| kind.holds(left));
        let all = (1u64 << self.nodes) - 1;
        let most = self.resilience.min(self.nodes);
        let mut lost: Vec<usize> = (0..most).collect();
        loop {
            if !holds(lost.iter().fold(all, |left, node| left & !(1 << node))) {
                return false;
            }
            if !next_subset(&mut lost, self.nodes) {
                break;
            }
        }
        self.left.iter().all(|left| holds(*left))
    }
}

/// What is left of all nodes after the loss of any so many of these sets.
fn remaining(nodes: usize, sets: &[Mask], many: usize) -> Vec<Mask> {
    let all = (1u64 << nodes) - 1;
    let mut chosen: Vec<usize> = (0..many).collect();
    let mut found = Vec::new();
    loop {
        found.push(chosen.iter().fold(all, |left, set| left & !sets[*set]));
        if !next_subset(&mut chosen, sets.len()) {
            return found;
        }
    }
}
