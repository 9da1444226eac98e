//! How many nodes more can be lost, after so many whole zones?

use super::places::{place_of_nodes, places};
use super::worst_zones::fewest_nodes;
use crate::budget::{Budget, Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Kind, System, ZoneId, next_subset};
use crate::structure::ranges::nodes_beside_zones;
use crate::structure::resilience::resilience;
use crate::structure::without_zones;

/// An answer for so many lost zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ZonesAndNodes {
    /// Whole zones that are lost, the worst ones.
    pub zones: usize,
    /// Nodes that can be lost besides, whichever they are, so that reads and writes go on.
    pub nodes: Nodes,
}

/// How many nodes more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Nodes {
    /// So many, always.
    Survives(usize),
    /// The zones alone stop reads or writes.
    Stopped,
    /// The budget ended first.
    Open,
}

/// For each number of zones the nodes that can be lost besides, until the zones alone stop reads or writes; empty without zones.
///
/// # Method
/// Of nodes with one vote each the largest zones are the worst. Of read-once formulas, where zones have whole children of gates, passes
/// find them. Of others every set of zones is tried, within the search steps.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::operations::{Nodes, zones_and_nodes};
/// let text = "name = 'x'\nzone = [{ name = 'a', nodes = ['n1', 'n2'] }, { name = 'b', nodes = ['n3', 'n4'] }]\n\
///     [system]\nfamily = 'majority'\nn = 5\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let answers: Vec<Nodes> = zones_and_nodes(&system, Budget::default()).iter().map(|one| one.nodes).collect();
/// assert_eq!(answers, [Nodes::Survives(2), Nodes::Survives(0), Nodes::Stopped]);
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn zones_and_nodes(system: &System, budget: Budget) -> Vec<ZonesAndNodes> {
    let places = places(system);
    let mut answers = Vec::new();
    if places.is_empty() {
        return answers;
    }
    let counts = Counts::of(system, &places).filter(|_| system.about().ring.is_none());
    let fewest = if counts.is_none() { fewest_of_both(system, &places, budget) } else { None };
    let mut meter = Meter::new(Resource::SearchSteps, budget.search_steps);
    for zones in 0..=places.len() {
        let nodes = match (&counts, &fewest) {
            (Some(counts), _) => counts.after(zones),
            (None, Some(fewest)) => after(fewest, zones),
            (None, None) => worst_of_all(system, &places, zones, budget, &mut meter),
        };
        answers.push(ZonesAndNodes { zones, nodes });
        if !matches!(nodes, Nodes::Survives(_)) {
            break;
        }
    }
    answers
}

/// Quorums of so many nodes, whichever they are.
struct Counts {
    /// Sizes of the zones, counted in nodes that count, the largest first.
    sizes: Vec<usize>,
    nodes: usize,
    needed: usize,
}

impl Counts {
    fn of(system: &System, places: &[ZoneId]) -> Option<Counts> {
        let (reads, support) = system.formula(Kind::Read).as_threshold()?;
        let (writes, _) = system.formula(Kind::Write).as_threshold().filter(|(_, others)| *others == support)?;
        if is_nested(system, places) {
            return None;
        }
        let mut sizes = vec![0; places.len()];
        let place_of = place_of_nodes(system, places);
        support.iter().filter_map(|node| place_of[node.index()]).for_each(|place| sizes[place] += 1);
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        Some(Counts { sizes, nodes: support.len(), needed: reads.max(writes) })
    }

    fn after(&self, zones: usize) -> Nodes {
        let lost: usize = self.sizes.iter().take(zones).sum();
        (self.nodes - lost).checked_sub(self.needed).map_or(Nodes::Stopped, Nodes::Survives)
    }
}

/// Whether some of these zones stand in others of them: those take them along.
fn is_nested(system: &System, places: &[ZoneId]) -> bool {
    let is_place = |zone: ZoneId| places.binary_search(&zone).is_ok();
    system.zones().iter().any(|zone| zone.parent.is_some_and(is_place))
}

/// For each number of zones, as far as it matters, the fewest nodes besides whose loss stops reads or writes; `None` where passes do not
/// tell.
fn fewest_of_both(system: &System, places: &[ZoneId], budget: Budget) -> Option<Vec<usize>> {
    if is_nested(system, places) {
        return None;
    }
    let place_of = place_of_nodes(system, places);
    if let Some(ring) = &system.about().ring {
        return Some(nodes_beside_zones(ring, &place_of));
    }
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps);
    let mut of = |kind: Kind| fewest_nodes(system.formula(kind), (&place_of, places.len()), &mut meter)?.ok();
    let reads = of(Kind::Read)?;
    let writes = if system.is_symmetric() { reads.clone() } else { of(Kind::Write)? };
    // Beyond its end a list goes on as it ended.
    let at = |list: &[usize], zones: usize| list[zones.min(list.len() - 1)];
    let longest = reads.len().max(writes.len());
    Some((0..longest).map(|zones| at(&reads, zones).min(at(&writes, zones))).collect())
}

fn after(fewest: &[usize], zones: usize) -> Nodes {
    fewest[zones.min(fewest.len() - 1)].checked_sub(1).map_or(Nodes::Stopped, Nodes::Survives)
}

/// The least resilience after the loss of any so many zones.
fn worst_of_all(system: &System, places: &[ZoneId], zones: usize, budget: Budget, meter: &mut Meter) -> Nodes {
    let mut chosen: Vec<usize> = (0..zones).collect();
    let mut worst: Option<usize> = None;
    loop {
        let edges = system.formula(Kind::Read).edge_count() + system.formula(Kind::Write).edge_count();
        if meter.charge((edges + system.nodes().len()) as u64 + 100).is_err() {
            return Nodes::Open;
        }
        let lost: Vec<ZoneId> = chosen.iter().map(|place| places[*place]).collect();
        let left = without_zones(system, &lost);
        if Kind::BOTH.iter().any(|kind| !left.has_quorum(*kind)) {
            return Nodes::Stopped;
        }
        let compiled = Compiled::new(&left, budget);
        let kinds = if compiled.is_symmetric() { &Kind::BOTH[..1] } else { &Kind::BOTH[..] };
        for kind in kinds.iter().copied() {
            let Some(nodes) = resilience(&compiled, kind).value() else { return Nodes::Open };
            worst = Some(worst.map_or(nodes, |worst| worst.min(nodes)));
        }
        if !next_subset(&mut chosen, places.len()) {
            return worst.map_or(Nodes::Open, Nodes::Survives);
        }
    }
}
