//! The words for findings.

mod sentences;

use super::names::{self, counted, is_symmetric};
use super::{Analysed, number};
use crate::analysis::notes::Note;
use crate::analysis::staleness::PartialQuorums;
use crate::budget::Resource;
use crate::model::{Kind, Probability, System, ZoneId};
use crate::number::Scaled;
use crate::strategy::{Optimum, StrategyAnswer};
use sentences::{
    LOAD_BEYOND_FLOAT, MEET_BUT_FOR_EPSILON, RANGES_OF_A_RING, TIMES_OF_THEIR_OWN, WRITES_MISS_WRITES,
    ZONES_NOT_LOOKED_AT, below_float_range, between, capacity_missing, dominated, even_majority, missing_times,
    more_of, no_failure_sampled, no_quorum_left, of_mean_capacity, open_front, reads_miss_writes, short, single_point,
    strategy_too_long,
};

/// Everything that a reader should be told: the findings, and why something is missing where no finding says so.
pub fn notes(analysed: &Analysed) -> Vec<String> {
    notes_where(analysed, |_| true)
}

/// As [`notes`], without the findings that are not wanted.
pub(super) fn notes_where(analysed: &Analysed, wanted: impl Fn(&Note) -> bool) -> Vec<String> {
    let Analysed { system, analysis, .. } = analysed;
    let findings = analysis.notes.iter().filter(|finding| wanted(finding));
    let mut sentences: Vec<String> = findings.map(|finding| note(system, finding)).collect();
    let explained = analysis.notes.iter().any(|note| matches!(note, Note::StrategyTooLong { .. }));
    let alone = analysis.optimum.len() == 1;
    sentences.extend(analysis.optimum.iter().filter_map(|optimum| super::goal::sentence(system, optimum, alone)));
    let is_too_long =
        |optimum: &Optimum| optimum.unlisted.is_some_and(|ended| ended.resource == Resource::StrategyNames);
    let optima = || analysis.optimum.iter().filter_map(StrategyAnswer::optimum);
    if optima().any(|optimum| optimum.strategy.is_none() && !(explained && is_too_long(optimum))) {
        sentences.push("The strategy is not listed: finding it was beyond the limits.".into());
    }
    sentences.extend(optima().find_map(|optimum| partial_latency(system, optimum)));
    sentences.extend(Kind::BOTH.into_iter().filter_map(|kind| open_resilience(analysed, kind)));
    sentences
}

/// One finding in plain words, as a sentence or two.
///
/// # Examples
/// ```
/// use quorate::{analysis::notes::Note, families::Family};
/// let system = Family::Majority { n: 4 }.system()?;
/// let words = quorate::report::note(&system, &Note::EvenMajority { nodes: 4 });
/// assert_eq!(words, "A majority of 4 nodes survives no more failures than a majority of 3.");
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn note(system: &System, note: &Note) -> String {
    let zone = |zone: &ZoneId| names::zone(system, *zone);
    match note {
        Note::ReadsMissWrites => reads_miss_writes(system).into(),
        Note::StaleReads { sizes } => stale_reads(*sizes),
        Note::MeetButForEpsilon => MEET_BUT_FOR_EPSILON.into(),
        Note::WritesMissWrites => WRITES_MISS_WRITES.into(),
        Note::SinglePointOfFailure { node, kinds } => single_point(system, *node, kinds),
        Note::MoreSinglePoints { more } => {
            more_of(*more, "node is a single point of failure", "nodes are single points of failure")
        }
        Note::RedundantQuorums { kind, redundant, listed } => redundant_quorums(*kind, *redundant, *listed),
        Note::RangesOfARing => RANGES_OF_A_RING.into(),
        Note::ZonesNotLookedAt => ZONES_NOT_LOOKED_AT.into(),
        Note::UnusedNodes { nodes } => unused_nodes(system, nodes),
        Note::UnknownQuorumSets { nodes } => unknown_quorum_sets(system, nodes),
        Note::EvenMajority { nodes } => even_majority(*nodes),
        Note::Dominated { kind, quorum, symmetric } => dominated(system, (*kind, *symmetric), quorum),
        Note::NoQuorumLeft { kinds } => no_quorum_left(system, kinds),
        Note::TwoZones { thirds } => two_zones(*thirds),
        Note::ZoneStopsQuorums { zone: id, kinds } => {
            format!("Losing zone {} stops all {}.", zone(id), kinds_of_operation(kinds))
        }
        Note::MoreZonesStopQuorums { more } => {
            let (one, many) =
                ("zone stops reads or writes when it fails", "zones stop reads or writes when one of them fails");
            more_of(*more, one, many)
        }
        Note::EmptyZone { zone: id } => format!("Zone {} has no nodes.", zone(id)),
        Note::MoreEmptyZones { more } => more_of(*more, "zone has no nodes", "zones have no nodes"),
        Note::ZonesNeverFail { zones } => format!(
            "Never failing as a whole, since their failure_probability is 0 or not given: {}.",
            names::first_few(zones.iter().map(zone)),
        ),
        Note::PartialFailureProbabilities { node } => format!(
            "Failure probabilities were not computed: node {} has no failure_probability, but other nodes have one.",
            names::node(system, *node)
        ),
        Note::FailsTooRarely { nodes } => format!(
            "By its times the failure probability of each of {} is below the range of a 64-bit float: it counts as 0.",
            names::set(system, nodes)
        ),
        Note::MissingTimes(missing) => missing_times(system, missing),
        Note::TimesOfTheirOwn => TIMES_OF_THEIR_OWN.into(),
        Note::FixFirst { nodes, importance, node_p } => fix_first(system, nodes, *importance, *node_p),
        Note::NoFailureSampled { trials, quantities, node_p } => no_failure_sampled(*trials, quantities, *node_p),
        Note::BelowFloatRange { quantity, value } => below_float_range(quantity, *value),
        Note::GaveUp { question, exhausted } => format!("Not settled: {question}; {}.", number::gave_up(*exhausted)),
        Note::Between { question, bounds } => format!("Not settled: {question}, {}.", between(*bounds)),
        Note::OpenFront { axes, gap, exhausted } => open_front(axes, *gap, *exhausted),
        Note::LoadBeyondFloat => LOAD_BEYOND_FLOAT.into(),
        Note::MeanCapacity { mean_capacity } => of_mean_capacity(system, *mean_capacity),
        Note::CapacityMissing { nodes } => capacity_missing(system, nodes),
        Note::StrategyTooLong { names_max, asked_max } => strategy_too_long(*names_max, *asked_max),
    }
}

fn fix_first(
    system: &System,
    nodes: &crate::model::NodeSet,
    importance: Scaled,
    node_p: Option<Probability>,
) -> String {
    let (nodes, its) = match nodes.iter().collect::<Vec<_>>()[..] {
        [node] => (format!("node {}", names::node(system, node)), "its"),
        _ => (format!("any of {}", names::set(system, nodes)), "the node's"),
    };
    let importance = short(importance);
    let at =
        node_p.map_or_else(String::new, |p| format!(" (at node failure probability {})", number::probability(p.get())));
    format!(
        "To improve first: {nodes}. What {its} own failure probability falls by, times {importance}, is what that of the \
         system falls by{at}."
    )
}

/// Sizes up to which the fraction is written out.
const FRACTION_NODES_MAX: usize = 30;

fn stale_reads(sizes: PartialQuorums) -> String {
    let PartialQuorums { nodes, read, write } = sizes;
    let exact = match nodes {
        0..=FRACTION_NODES_MAX => format!(" = {}", sizes.miss_probability()),
        _ if sizes.has_short_fraction() => String::new(),
        _ => " (a fraction of too many digits to be written out)".into(),
    };
    format!(
        "A read of {} misses a write that has reached just {} of the {} with probability {}{} when the nodes are drawn \
         alike.",
        counted(read, "node"),
        number::whole(write),
        number::whole(nodes),
        number::scaled(sizes.scaled_miss_probability()),
        exact,
    )
}

fn kinds_of_operation(kinds: &[Kind]) -> &'static str {
    match kinds {
        [Kind::Read] => "reads",
        [Kind::Write] => "writes",
        _ => "reads and writes",
    }
}

fn redundant_quorums(kind: Option<Kind>, redundant: usize, listed: usize) -> String {
    let quorums = kind.map_or_else(|| "quorum".into(), |kind| format!("{} quorum", kind.name()));
    let (contain, change) = if redundant == 1 { ("contains", "changes") } else { ("contain", "change") };
    format!(
        "{} of the {} listed {quorums}s {contain} another one and {change} nothing.",
        number::whole(redundant),
        number::whole(listed)
    )
}

fn unused_nodes(system: &System, nodes: &crate::model::NodeSet) -> String {
    match nodes.iter().collect::<Vec<_>>()[..] {
        [node] => format!("Node {} is in no minimal quorum: it adds nothing.", names::node(system, node)),
        _ => format!("Nodes {} are in no minimal quorum: they add nothing.", names::set(system, nodes)),
    }
}

fn unknown_quorum_sets(system: &System, nodes: &crate::model::NodeSet) -> String {
    let (nodes, it_is) = match nodes.iter().collect::<Vec<_>>()[..] {
        [node] => (format!("The quorum set of node {} is", names::node(system, node)), "it is in no quorum"),
        _ => (format!("The quorum sets of nodes {} are", names::set(system, nodes)), "they are in no quorum"),
    };
    format!("{nodes} not known: {it_is}.")
}

/// Why a latency is missing though some node has one.
fn partial_latency(system: &System, optimum: &Optimum) -> Option<String> {
    let without = system.nodes().iter().find(|node| node.latency_ms.is_none());
    match without {
        _ if optimum.latency_ms.is_some() => None,
        Some(_) if system.nodes().iter().all(|node| node.latency_ms.is_none()) => None,
        Some(node) => {
            Some(format!("The latency was not computed: node {} has no latency_ms.", names::name(&node.name)))
        }
        None if optimum.strategy.is_none() => {
            Some("The latency was not computed: it needs the strategy as a list of quorums.".into())
        }
        None => None,
    }
}

/// What is known of a resilience that was not settled.
fn open_resilience(analysed: &Analysed, kind: Kind) -> Option<String> {
    let Analysed { system, analysis, .. } = analysed;
    if is_symmetric(system) && kind == Kind::Write {
        return None;
    }
    let resilience = analysis.resilience.of(kind);
    let exhausted = resilience.exhausted?;
    let found = resilience.transversal.as_ref().map_or_else(String::new, |set| {
        format!(", and losing the {} {} does stop them", counted(set.len(), "node"), names::set(system, set))
    });
    let operations = if is_symmetric(system) { "operations" } else { kinds_of_operation(std::slice::from_ref(&kind)) };
    let lower = counted(resilience.lower_bound.saturating_sub(1), "failure");
    Some(format!(
        "The resilience is not settled: {operations} survive any {lower}{found}; {}.",
        number::gave_up(exhausted)
    ))
}

/// That two zones are too few, and what would do.
fn two_zones(thirds: Option<[usize; 3]>) -> String {
    let placed = match thirds {
        Some([first, second, third]) => {
            format!("In three zones of {first}, {second} and {third} nodes these quorums survive the loss of any one.")
        }
        None => "Three zones can survive the loss of any one.".into(),
    };
    format!(
        "Two zones never survive the loss of either, whatever the quorums: what goes on in one would not meet what goes on in the \
         other. {placed}"
    )
}

#[cfg(test)]
mod tests;
