//! Which failures are survived, and the smallest ones that are not.

use super::super::Analysed;
use super::super::number::whole;
use super::{capital, members};
use crate::model::{Formula, Kind, NodeSet, System};
use crate::report::listing::listed;
use crate::report::names;
use crate::structure::resilience::Resilience;
use crate::structure::zone_loss::{ZoneResilience, ZoneSurvival};

/// Whether anything can be done at all.
pub(super) fn has_quorum(analysed: &Analysed, kind: Kind) -> bool {
    let transversal = &analysed.analysis.resilience.of(kind).transversal;
    analysed.system.has_quorum(kind) && transversal.as_ref().is_none_or(|set| !set.is_empty())
}

/// What it survives, and what stops it.
pub(super) fn sentence(analysed: &Analysed) -> String {
    let survived = survived(analysed);
    let stopped = stopped(analysed);
    let separator = if stopped.is_empty() { "" } else { "; " };
    format!("{}{separator}{stopped}.", capital(&survived))
}

/// Of whom a clause says something: the noun, and whether it takes the plural.
#[derive(Clone, Copy, PartialEq)]
struct Subject {
    noun: &'static str,
    plural: bool,
}

const SYSTEM: Subject = Subject { noun: "the system", plural: false };

const READS: Subject = Subject { noun: "reads", plural: true };

const WRITES: Subject = Subject { noun: "writes", plural: true };

const READS_AND_WRITES: Subject = Subject { noun: "reads and writes", plural: true };

/// What is survived: one clause where it is the same for reads and writes, two where it is not.
fn survived(analysed: &Analysed) -> String {
    if names::is_symmetric(&analysed.system) {
        return clause(analysed, Kind::Read, SYSTEM);
    }
    let together = clause(analysed, Kind::Read, READS_AND_WRITES);
    if together == clause(analysed, Kind::Write, READS_AND_WRITES) {
        return together;
    }
    let (reads, writes) = (clause(analysed, Kind::Read, READS), clause(analysed, Kind::Write, WRITES));
    let of_all = of_all(&analysed.system);
    let writes = if reads.contains(&of_all) { writes.replacen(&of_all, "", 1) } else { writes };
    let survives = |kind| known(analysed.analysis.resilience.of(kind)) > 0;
    let joint = if survives(Kind::Read) == survives(Kind::Write) { "and" } else { "but" };
    format!("{reads}, {joint} {writes}")
}

/// Of how many nodes.
fn of_all(system: &System) -> String {
    let left = if system.about().failed.is_empty() { "" } else { " that are left" };
    format!(" of the {} nodes{left}", whole(system.nodes().len()))
}

/// Failures that are survived for certain.
fn known(resilience: &Resilience) -> usize {
    resilience.value().unwrap_or_else(|| resilience.lower_bound.saturating_sub(1))
}

fn clause(analysed: &Analysed, kind: Kind, subject: Subject) -> String {
    let Subject { noun, plural } = subject;
    if !has_quorum(analysed, kind) {
        let state = if plural { "are impossible" } else { "is down" };
        return format!("{noun} {state}: the nodes that are left hold no {}", names::quorum(&analysed.system, kind));
    }
    let resilience = analysed.analysis.resilience.of(kind);
    let is_settled = resilience.value().is_some();
    let verb = if plural { "survive" } else { "survives" };
    match (known(resilience), is_settled) {
        (0, true) => format!("a single failure can stop {noun}"),
        (0, false) => format!("how many failures {noun} {verb} was not settled within the limits"),
        (failures, _) => {
            let of_all = of_all(&analysed.system);
            let more = if is_settled { "" } else { ", perhaps of more" };
            format!("{noun} {verb} the loss of any {}{of_all}{more}{}", whole(failures), zones(analysed, kind))
        }
    }
}

/// Which zones may be lost as a whole, as the end of a clause; empty where no zone may.
fn zones(analysed: &Analysed, kind: Kind) -> String {
    let levels = &analysed.analysis.reliability.zones;
    let each = levels.iter().filter_map(|level| {
        let all = level.zones.len();
        let noun = zone_noun(level, levels.len());
        match level.survival.of(kind) {
            ZoneSurvival::All if all == 1 => Some(format!(", or of the only {noun}")),
            ZoneSurvival::All => Some(format!(", or of all {} {noun}s at once", whole(all))),
            ZoneSurvival::Some(resilience) => match (known(resilience), resilience.value()) {
                (0, _) => None,
                (lost, Some(_)) => Some(format!(", or of any {} of the {} {noun}s", whole(lost), whole(all))),
                (lost, None) => {
                    Some(format!(", or of any {} of the {} {noun}s, perhaps more", whole(lost), whole(all)))
                }
            },
        }
    });
    each.collect()
}

/// What the zones of a level are called, of as many levels.
fn zone_noun(level: &ZoneResilience, levels: usize) -> String {
    match (levels, level.level) {
        (1, _) => "zone".into(),
        (_, 1) => "outermost zone".into(),
        (_, depth) => format!("level-{depth} zone"),
    }
}

/// Smallest losses that stop it, of nodes and of whole zones.
fn stopped(analysed: &Analysed) -> String {
    let Analysed { system, analysis, .. } = analysed;
    let kinds: Vec<Kind> = if names::is_symmetric(system) { vec![Kind::Read] } else { Kind::BOTH.to_vec() };
    let kinds: Vec<Kind> = kinds.into_iter().filter(|kind| has_quorum(analysed, *kind)).collect();
    let nodes = kinds.iter().filter_map(|kind| Some((node_loss(analysed, *kind)?, *kind)));
    let mut losses: Vec<(String, Vec<Kind>)> = Vec::new();
    add(&mut losses, nodes);
    for level in &analysis.reliability.zones {
        add(&mut losses, kinds.iter().filter_map(|kind| Some((zone_loss(system, level, *kind)?, *kind))));
    }
    let mut clauses = Vec::new();
    let mut last = None;
    for (loss, stops) in losses {
        let object = object(system, &stops);
        clauses.push(match last.replace(object) {
            Some(same) if same == object => format!("so does losing {loss}"),
            _ => format!("losing {loss} stops {object}"),
        });
    }
    match clauses.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{}, and {last}", rest.join(", ")),
        _ => clauses.concat(),
    }
}

/// Adds losses, one and the same only once.
fn add(losses: &mut Vec<(String, Vec<Kind>)>, more: impl Iterator<Item = (String, Kind)>) {
    for (loss, kind) in more {
        match losses.iter_mut().find(|(known, _)| *known == loss) {
            Some((_, kinds)) => kinds.push(kind),
            None => losses.push((loss, vec![kind])),
        }
    }
}

/// What is stopped.
fn object(system: &System, kinds: &[Kind]) -> &'static str {
    match kinds {
        _ if names::is_symmetric(system) => "it",
        [Kind::Read] => "reads",
        [Kind::Write] => "writes",
        _ => "both",
    }
}

/// The smallest set of nodes whose loss stops operations of a kind, as far as one is known.
fn node_loss(analysed: &Analysed, kind: Kind) -> Option<String> {
    let Analysed { system, analysis, .. } = analysed;
    let set = analysis.resilience.of(kind).transversal.as_ref()?;
    let all = system.nodes().len();
    if set.len() == all {
        return Some(match all {
            1 => "its only node".into(),
            2 => "both nodes".into(),
            _ => format!("all {} nodes", whole(all)),
        });
    }
    let indispensable = analysis.minimal.of(kind).indispensable.as_ref().filter(|needed| needed.len() > 1);
    Some(match indispensable {
        Some(needed) if needed.len() == all => "any one node".into(),
        Some(needed) => members(system, needed, "or"),
        None if is_any(system.formula(kind), all, set) => {
            format!("any {} nodes (such as {})", whole(set.len()), members(system, set, "and"))
        }
        None => members(system, set, "and"),
    })
}

/// Whether any set of nodes of that size does the same: a threshold over all nodes.
fn is_any(formula: &Formula, nodes: usize, set: &NodeSet) -> bool {
    let of_several = formula.as_threshold().filter(|(_, members)| nodes > 1 && members.len() == nodes);
    of_several.is_some_and(|(k, _)| nodes + 1 - k == set.len())
}

/// The smallest set of whole zones whose loss stops operations of a kind.
fn zone_loss(system: &System, level: &ZoneResilience, kind: Kind) -> Option<String> {
    let ZoneSurvival::Some(resilience) = level.survival.of(kind) else { return None };
    let set = resilience.transversal.as_ref().filter(|set| !set.is_empty())?;
    let names = set.iter().map(|position| system.zones()[level.zones[position.index()].index()].name.as_str());
    let noun = if set.len() == 1 { "zone" } else { "zones" };
    Some(format!("{noun} {}", listed(names, set.len(), "and")))
}
