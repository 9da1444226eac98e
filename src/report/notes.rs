//! The words for findings.

use super::names::{self, counted, is_symmetric};
use super::{Analysed, number};
use crate::analysis::notes::Note;
use crate::analysis::staleness::PartialQuorums;
use crate::availability::repair::MissingTimes;
use crate::budget::Resource;
use crate::model::{Kind, System};
use crate::strategy::{Optimum, StrategyAnswer};

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
    let zone = |zone: &crate::model::ZoneId| names::name(&system.zones()[zone.index()].name);
    match note {
        Note::ReadsMissWrites if is_symmetric(system) => {
            "Two quorums can miss each other: a read need not see the latest write, and two writes need not see each \
             other."
                .into()
        }
        Note::ReadsMissWrites => {
            "Some read quorum misses some write quorum: a read need not see the latest write.".into()
        }
        Note::StaleReads { sizes } => stale_reads(*sizes),
        Note::WritesMissWrites => {
            "Two write quorums can miss each other: writers need unique timestamps, or must read \
                                   before they write."
                .into()
        }
        Note::SinglePointOfFailure { node, kinds } => {
            let (node, lost) = (names::node(system, *node), kinds_of_quorum(system, kinds));
            format!("Node {node} is a single point of failure: without it there is no {lost}.")
        }
        Note::RedundantQuorums { kind, redundant, listed } => redundant_quorums(*kind, *redundant, *listed),
        Note::UnusedNodes { nodes } => unused_nodes(system, nodes),
        Note::EvenMajority { nodes } => format!(
            "A majority of {} nodes survives no more failures than {}.",
            number::whole(*nodes),
            if *nodes <= 2 { "a single node".into() } else { format!("a majority of {}", number::whole(nodes - 1)) }
        ),
        Note::Dominated { kind, quorum, symmetric } => {
            let kind = if *symmetric { "quorum".into() } else { names::quorum(system, *kind) };
            format!(
                "The system is dominated: {} could be a {kind} as well, and everything would still intersect.",
                names::set(system, quorum)
            )
        }
        Note::ZoneStopsQuorums { zone: id, kinds } => {
            format!("Losing zone {} stops all {}.", zone(id), kinds_of_operation(kinds))
        }
        Note::ZonesNeverFail { zones } => format!(
            "Never failing as a whole, since their failure_probability is 0 or not given: {}.",
            names::first_few(zones.iter().map(zone)),
        ),
        Note::NoQuorumLeft { kinds } => {
            let (quorum, operations) = match kinds[..] {
                [kind] if !is_symmetric(system) => (format!("{} quorum", kind.name()), format!("{}s", kind.name())),
                _ => ("quorum".into(), "operations".into()),
            };
            format!("No {quorum} is left: it has no size and no resilience, and {operations} always fail.")
        }
        Note::FailsTooRarely { nodes } => format!(
            "By its times the failure probability of each of {} is below the range of a 64-bit float: it counts as 0.",
            names::set(system, nodes)
        ),
        Note::TwoZones { thirds } => two_zones(*thirds),
        Note::EmptyZone { zone: id } => format!("Zone {} has no nodes.", zone(id)),
        Note::PartialFailureProbabilities { node } => format!(
            "Failure probabilities were not computed: node {} has no failure_probability, but other nodes have one.",
            names::node(system, *node)
        ),
        Note::MissingTimes(untimed) => format!(
            "How often quorums are lost was not computed: {} fails, but has no mttf_hours and mttr_hours.",
            match untimed {
                MissingTimes::Node(node) => format!("node {}", names::node(system, *node)),
                MissingTimes::Zone(id) => format!("zone {}", zone(id)),
            }
        ),
        Note::FixFirst { nodes, importance, node_p } => fix_first(system, nodes, importance, node_p.as_deref()),
        _ => how_it_was_computed(system, note),
    }
}

fn fix_first(system: &System, nodes: &crate::model::NodeSet, importance: &str, node_p: Option<&str>) -> String {
    let (nodes, its) = match nodes.iter().collect::<Vec<_>>()[..] {
        [node] => (format!("node {}", names::node(system, node)), "its"),
        _ => (format!("any of {}", names::set(system, nodes)), "the node's"),
    };
    let importance = short(importance);
    let at = node_p.map_or_else(String::new, |p| format!(" (at node failure probability {})", short(p)));
    format!(
        "To improve first: {nodes}. What {its} own failure probability falls by, times {importance}, is what that of the \
         system falls by{at}."
    )
}

/// A probability in few digits; one that an `f64` does not reach stays as it is.
fn short(text: &str) -> String {
    let value = text.parse().ok().filter(|value: &f64| value.is_normal());
    value.map_or_else(|| text.to_owned(), number::probability)
}

/// The findings about the computation rather than the system.
fn how_it_was_computed(system: &System, note: &Note) -> String {
    match note {
        Note::BelowFloatRange { quantity, value } => format!(
            "The failure probability `{quantity}` is {value}: below the range of a 64-bit float. JSON has it as \
             `{quantity}_scaled`, mantissa and power of ten, and failure_probability.csv as `{quantity}_log10`."
        ),
        Note::GaveUp { question, exhausted } => format!("Not settled: {question}; {}.", number::gave_up(*exhausted)),
        Note::OpenFront { axes: [x, y], gap, exhausted } => {
            let ended = exhausted.map_or_else(String::new, |exhausted| format!("; {}", number::gave_up(exhausted)));
            let apart = gap.as_ref().map_or_else(|| "an unknown share".into(), |gap| format!("a share of up to {gap}"));
            format!(
                "Not proven: that the front of {x} and {y} has no other corners. Not all of its programs were solved in \
                 fractions{ended}. Between its corners it may lie lower by {apart}."
            )
        }
        Note::Between { question, least, most } => format!("Not settled: {question}, between {least} and {most}."),
        Note::NoFailureSampled { trials, quantities, node_p } => format!(
            "{}in none of {} was there a failure of {}: its probability is not estimated, only bounded from above.",
            node_p.as_ref().map_or_else(String::new, |p| format!("At node failure probability {}, ", short(p))),
            names::many(*trials, "trial"),
            quantities.iter().map(|quantity| format!("`{quantity}`")).collect::<Vec<_>>().join(", "),
        ),
        Note::MoreSinglePoints { more: 1 } => "1 more node is a single point of failure.".into(),
        Note::MoreSinglePoints { more } => format!("{} more nodes are single points of failure.", number::whole(*more)),
        Note::MeetButForEpsilon => {
            "Quorums are drawn evenly and meet but for epsilon: that two can miss each other is no fault.".into()
        }
        Note::MoreEmptyZones { more: 1 } => "1 more zone has no nodes.".into(),
        Note::MoreEmptyZones { more } => format!("{} more zones have no nodes.", number::whole(*more)),
        Note::MoreZonesStopQuorums { more: 1 } => "1 more zone stops reads or writes when it fails.".into(),
        Note::MoreZonesStopQuorums { more } => {
            format!("{} more zones stop reads or writes when one of them fails.", number::whole(*more))
        }
        Note::TimesOfTheirOwn => {
            "The failure probabilities are at the node p that was asked for; failure and repair over \
                                  time follow the definition's mttf_hours and mttr_hours."
                .into()
        }
        Note::LoadBeyondFloat => {
            "The load or the capacity is beyond the range of a 64-bit float, so its value is left empty.".into()
        }
        Note::MeanCapacity { mean_capacity } => format!(
            "Over the distribution of read fractions the mean of the capacities is {} {}, which is not \
             1 / (mean load).",
            mean_capacity.parse().map_or_else(|_| mean_capacity.clone(), number::quantity),
            system.capacity_unit().name(),
        ),
        Note::CapacityMissing { nodes } => format!(
            "{} {} no capacity and {} for one operation/s beside the capacities that are given.",
            names::set(system, nodes),
            if nodes.len() == 1 { "has" } else { "have" },
            if nodes.len() == 1 { "counts" } else { "count" },
        ),
        Note::StrategyTooLong { names_max, asked_max } => format!(
            "The strategy is not listed because it would name more than {} nodes; --strategy lists up to {}.",
            number::whole(*names_max),
            number::whole(*asked_max)
        ),
        // All other findings have their words in `note`.
        _ => String::new(),
    }
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

fn kinds_of_quorum(system: &System, kinds: &[Kind]) -> String {
    match kinds {
        _ if is_symmetric(system) => "quorum".into(),
        [kind] => format!("{} quorum", kind.name()),
        _ => "read quorum and no write quorum".into(),
    }
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
