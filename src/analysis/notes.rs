//! What a designer should see: findings that follow from the answers.

use std::borrow::Cow;

use super::Analysis;
pub use super::note::{Bounds, Note};
use super::staleness::PartialQuorums;
use crate::budget::{Exhausted, Resource};
use crate::circuit::Compiled;
use crate::model::{Kind, Node, NodeId, NodeSet, Pair, Probability, ZoneId};
use crate::operations::two_zones;
use crate::strategy::{ASKED_FOR, StrategyAnswer};
use crate::structure::intersection::Verdict;
use crate::structure::stopping_zones;

/// All findings about a system, given its answers.
pub(super) fn notes(compiled: &Compiled<'_>, analysis: &Analysis) -> Vec<Note> {
    let mut notes = Vec::new();
    let missing = |kind: &Kind| !compiled.system().has_quorum(*kind);
    let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(missing).collect();
    if !kinds.is_empty() {
        notes.push(Note::NoQuorumLeft { kinds });
    }
    if let Some(ring) = &compiled.system().about().ring {
        notes.push(Note::RangesOfARing);
        let is_blind = !compiled.system().zones().is_empty() && !ring.is_spread && ring.groups.len() == 1;
        notes.extend(is_blind.then_some(Note::ZonesNotLookedAt));
    }
    intersection_notes(compiled, analysis, &mut notes);
    quorum_notes(compiled, analysis, &mut notes);
    zone_notes(compiled, &mut notes);
    if analysis.intersections.read_write.verdict == Verdict::Holds {
        notes.extend(two_zones(compiled.system()).map(|thirds| Note::TwoZones { thirds }));
    }
    if let Some(better) = &analysis.domination.improvement {
        let (kind, quorum) = (better.kind, better.quorum.clone());
        notes.push(Note::Dominated { kind, quorum, symmetric: compiled.is_symmetric() });
    }
    number_notes(compiled, analysis, &mut notes);
    importance_notes(analysis, &mut notes);
    let repair = analysis.reliability.repair.as_ref();
    notes.extend(repair.and_then(|repair| repair.as_ref().err()).map(|untimed| Note::MissingTimes(*untimed)));
    notes.extend(open_front(analysis));
    bounds_notes(compiled, analysis, &mut notes);
    gave_up_notes(compiled, analysis, &mut notes);
    let mut seen: Vec<Note> = Vec::new();
    notes.retain(|note| {
        let new = !seen.contains(note);
        seen.extend(new.then(|| note.clone()));
        new
    });
    notes
}

fn intersection_notes(compiled: &Compiled<'_>, analysis: &Analysis, notes: &mut Vec<Note>) {
    if analysis.intersections.read_write.verdict == Verdict::Fails {
        let is_drawn = compiled.system().is_probabilistic();
        notes.push(if is_drawn { Note::MeetButForEpsilon } else { Note::ReadsMissWrites });
        notes.extend(PartialQuorums::of(compiled.system()).map(|sizes| Note::StaleReads { sizes }));
    }
    if analysis.intersections.write_write.verdict == Verdict::Fails {
        notes.push(Note::WritesMissWrites);
    }
}

fn quorum_notes(compiled: &Compiled<'_>, analysis: &Analysis, notes: &mut Vec<Note>) {
    let minimal = &analysis.minimal;
    let needed = minimal.as_ref().map(|minimal| minimal.indispensable.clone().unwrap_or_default());
    let mut all = needed.reads.clone();
    all.union_with(&needed.writes);
    // A long list of such nodes (read all) says less than the resilience of 0 does.
    for node in all.iter().take(SINGLE_POINTS_MAX) {
        let kinds = Kind::BOTH.into_iter().filter(|kind| needed.of(*kind).contains(node)).collect();
        notes.push(Note::SinglePointOfFailure { node, kinds });
    }
    if all.len() > SINGLE_POINTS_MAX {
        notes.push(Note::MoreSinglePoints { more: all.len() - SINGLE_POINTS_MAX });
    }
    let listed = &compiled.system().about().listed;
    let redundant = |kind: Kind| minimal.of(kind).redundant.len();
    let one_list = compiled.system().about().symmetric;
    let kinds: &[Kind] = if one_list { &[Kind::Read] } else { &Kind::BOTH };
    for kind in kinds.iter().copied().filter(|kind| redundant(*kind) > 0) {
        let listed = listed.of(kind).as_ref().map_or(0, Vec::len);
        let kind_named = if one_list { None } else { Some(kind) };
        notes.push(Note::RedundantQuorums { kind: kind_named, redundant: redundant(kind), listed });
    }
    if let (Some(reads), Some(writes)) = (&minimal.reads.unused, &minimal.writes.unused) {
        let nodes: NodeSet = reads.iter().filter(|node| writes.contains(*node)).collect();
        if !nodes.is_empty() {
            notes.push(Note::UnusedNodes { nodes });
        }
    }
    let unknown = analysis.federated.as_ref().map(|found| found.unknown.clone()).filter(|nodes| !nodes.is_empty());
    notes.extend(unknown.map(|nodes| Note::UnknownQuorumSets { nodes }));
    notes.extend(even_majority(compiled).map(|nodes| Note::EvenMajority { nodes }));
}

/// Single points of failure that are listed one by one.
const SINGLE_POINTS_MAX: usize = 3;

/// The nodes of a majority of an even number of them.
fn even_majority(compiled: &Compiled<'_>) -> Option<usize> {
    let about = compiled.system().about();
    if !(about.majority && about.failed.is_empty() && compiled.is_symmetric()) {
        return None;
    }
    let (k, members) = compiled.system().formula(Kind::Read).as_threshold()?;
    let nodes = members.len();
    (nodes.is_multiple_of(2) && nodes > 2 && k == nodes / 2 + 1).then_some(nodes)
}

fn zone_notes(compiled: &Compiled<'_>, notes: &mut Vec<Note>) {
    let system = compiled.system();
    let never_fails =
        |zone: &ZoneId| system.zones_around(*zone).all(|around| system.zones()[around.index()].failure.get() == 0.0);
    let never: Vec<ZoneId> = (0..system.zones().len()).map(ZoneId::new).filter(never_fails).collect();
    if !never.is_empty() {
        notes.push(Note::ZonesNeverFail { zones: never });
    }
    let members = system.zone_members();
    let stopped = compiled.of_both(|kind| stopping_zones(system, kind, &members));
    let empty = (0..members.len()).filter(|zone| members[*zone].is_empty());
    let empty = empty.map(|zone| Note::EmptyZone { zone: ZoneId::new(zone) });
    extend_by_few(notes, empty, |more| Note::MoreEmptyZones { more });
    let kinds = |zone: usize| Kind::BOTH.into_iter().filter(|kind| stopped.of(*kind)[zone]).collect::<Vec<_>>();
    let stopping = (0..members.len()).map(|zone| (zone, kinds(zone))).filter(|(_, kinds)| !kinds.is_empty());
    let stopping = stopping.map(|(zone, kinds)| Note::ZoneStopsQuorums { zone: ZoneId::new(zone), kinds });
    extend_by_few(notes, stopping, |more| Note::MoreZonesStopQuorums { more });
}

/// Zones that are named one by one.
const ZONES_MAX: usize = 16;

fn extend_by_few(notes: &mut Vec<Note>, mut found: impl Iterator<Item = Note>, more: fn(usize) -> Note) {
    notes.extend(found.by_ref().take(ZONES_MAX));
    let left = found.count();
    notes.extend((left > 0).then(|| more(left)));
}

fn number_notes(compiled: &Compiled<'_>, analysis: &Analysis, notes: &mut Vec<Note>) {
    let system = compiled.system();
    if analysis.failure_probability.is_empty()
        && let Some(node) = system.nodes().iter().position(|node| node.failure.is_none())
    {
        notes.push(Note::PartialFailureProbabilities { node: NodeId::new(node) });
    }
    let too_rarely = |node: &&Node| node.repair.is_some() && node.failure == Some(Probability::ZERO);
    let rare = system.nodes().iter().enumerate().filter(|(_, node)| too_rarely(node));
    let nodes: NodeSet = rare.map(|(node, _)| NodeId::new(node)).collect();
    if !nodes.is_empty() {
        notes.push(Note::FailsTooRarely { nodes });
    }
    for row in &analysis.failure_probability {
        // Of one kind of quorums all four are the same.
        let named = row.named();
        let different = if compiled.is_symmetric() { &named[2..3] } else { &named[..] };
        for (quantity, value) in different.iter().copied() {
            if let Some(value) = value.filter(|value| value.to_f64().is_none()) {
                notes.push(Note::BelowFloatRange { quantity: quantity.into(), value });
            }
        }
        let unseen = different.iter().filter(|(_, value)| value.is_none()).map(|(quantity, _)| *quantity);
        if let Some(trials) = row.interval.and_then(|interval| interval.trials) {
            let quantities: Vec<Cow<'static, str>> = unseen.map(Cow::Borrowed).collect();
            let node_p = row.node_failure_probability;
            if !quantities.is_empty() {
                notes.push(Note::NoFailureSampled { trials, quantities, node_p });
            }
        }
    }
    for optimum in analysis.optimum.iter().filter_map(StrategyAnswer::optimum) {
        // Equal up to rounding, the two need no explanation.
        if (optimum.mean_capacity * optimum.load() - 1.0).abs() > 1e-9 && optimum.load().is_finite() {
            notes.push(Note::MeanCapacity { mean_capacity: optimum.mean_capacity });
        }
        if !optimum.load().is_normal() || !optimum.capacity().is_normal() {
            notes.push(Note::LoadBeyondFloat);
        }
    }
    let nodes = compiled.system().nodes();
    let bare: NodeSet = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| !node.has_capacity())
        .map(|(index, _)| NodeId::new(index))
        .collect();
    if (1..nodes.len()).contains(&bare.len()) {
        notes.push(Note::CapacityMissing { nodes: bare });
    }
    let mut ended = analysis.optimum.iter().filter_map(|answer| answer.optimum()?.unlisted);
    if let Some(ended) = ended.find(|ended| ended.resource == Resource::StrategyNames) {
        notes.push(Note::StrategyTooLong { names_max: ended.limit, asked_max: ended.limit.saturating_mul(ASKED_FOR) });
    }
}

/// Which nodes to improve first; where that changes with the failure probability of the nodes, at each.
fn importance_notes(analysis: &Analysis, notes: &mut Vec<Note>) {
    let mut last = None;
    for (position, answer) in analysis.failure_probability.iter().enumerate() {
        let Some((nodes, importance)) = analysis.reliability.most_important(position) else { continue };
        if last.replace(nodes.clone()).as_ref() != Some(&nodes) {
            let node_p = answer.node_failure_probability;
            notes.push(Note::FixFirst { nodes, importance, node_p });
        }
    }
}

/// The first front that is not proven.
fn open_front(analysis: &Analysis) -> Option<Note> {
    let open = analysis.fronts.iter().find(|front| !front.complete && front.infeasible.is_none())?;
    let gap = Some(open.gap).filter(|gap| gap.is_finite());
    Some(Note::OpenFront { axes: open.axes, gap, exhausted: open.exhausted })
}

/// Numbers of which only bounds are known.
fn bounds_notes(compiled: &Compiled<'_>, analysis: &Analysis, notes: &mut Vec<Note>) {
    let mut between = |question: String, bounds: Bounds| notes.push(Note::Between { question, bounds });
    let meetings = &analysis.intersections;
    let meetings = [
        (&meetings.read_write, "a read quorum and a write quorum"),
        (&meetings.write_write, "two write quorums"),
        (&meetings.read_read, "two read quorums"),
    ];
    let is_symmetric = compiled.is_symmetric();
    for (meeting, who) in if is_symmetric { &meetings[..1] } else { &meetings[..] } {
        if let Some(bounds) = meeting.bounds {
            let who = if is_symmetric { "two quorums" } else { who };
            between(format!("the fewest nodes that {who} share"), Bounds::Whole(bounds.map(|bound| bound as u64)));
        }
    }
    for kind in if is_symmetric { &Kind::BOTH[..1] } else { &Kind::BOTH } {
        let minimal = analysis.minimal.of(*kind);
        let name = if is_symmetric { "minimal quorum".into() } else { format!("minimal {} quorum", kind.name()) };
        if let Some(bounds) = minimal.count_between() {
            between(format!("the number of {name}s"), Bounds::Rounded(bounds));
        }
        if let Some(bounds) = minimal.largest_bounds {
            between(format!("the nodes in a largest {name}"), Bounds::Whole(bounds.map(|bound| bound as u64)));
        }
    }
}

fn gave_up_notes(compiled: &Compiled<'_>, analysis: &Analysis, notes: &mut Vec<Note>) {
    let mut gave_up = |question: &str, exhausted: Option<Exhausted>| {
        if let Some(exhausted) = exhausted {
            notes.push(Note::GaveUp { question: question.into(), exhausted });
        }
    };
    let cut = |verdict: Verdict| if let Verdict::Undecided(exhausted) = verdict { Some(exhausted) } else { None };
    gave_up("whether reads meet writes", cut(analysis.intersections.read_write.verdict));
    if !compiled.is_symmetric() {
        gave_up("whether writes meet writes", cut(analysis.intersections.write_write.verdict));
        gave_up("whether reads meet reads", cut(analysis.intersections.read_read.verdict));
    }
    gave_up("whether the system is non-dominated", cut(analysis.domination.non_dominated));
    let open = analysis.optimum.iter().filter_map(StrategyAnswer::optimum).find(|optimum| optimum.exhausted.is_some());
    if let Some(optimum) = open {
        gave_up(&format!("the optimal {}, of which only bounds are known", optimum.objective), optimum.exhausted);
    }
    let importance = analysis.reliability.importance.iter().flatten().find_map(|each| each.as_ref().err().copied());
    gave_up("the importance of the nodes", importance);
    let counts = analysis.reliability.polynomial.as_ref();
    gave_up("the availability polynomial", counts.and_then(|counts| counts.as_ref().err().copied()));
    if let Some(Ok(repair)) = &analysis.reliability.repair {
        gave_up("how often quorums are lost", repair.exhausted);
        let inexact = repair.named().into_iter().find_map(|(_, losses)| losses.exhausted);
        gave_up("the exact mean time to the first loss", inexact);
    }
    let names: Pair<&str> = Pair { reads: "read quorums", writes: "write quorums" };
    for kind in if compiled.is_symmetric() { &Kind::BOTH[..1] } else { &Kind::BOTH } {
        let name = if compiled.is_symmetric() { "quorums" } else { names.of(*kind) };
        let (minimal, resilience) = (analysis.minimal.of(*kind), analysis.resilience.of(*kind));
        let is_bounded = minimal.count_bounds.is_some() || minimal.largest_bounds.is_some();
        gave_up(&format!("the minimal {name}"), minimal.exhausted.filter(|_| !is_bounded));
        gave_up(&format!("the resilience of the {name}"), resilience.exhausted);
    }
}

#[cfg(test)]
mod tests;
