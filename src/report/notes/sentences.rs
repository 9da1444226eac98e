//! Sentences of findings that take more than a line.

use std::borrow::Cow;

use crate::analysis::notes::Bounds;
use crate::availability::repair::MissingTimes;
use crate::budget::Exhausted;
use crate::model::{Kind, NodeId, NodeSet, Probability, System};
use crate::number::Scaled;
use crate::report::names::{self, is_symmetric};
use crate::report::number;
use crate::strategy::objective::Objective;

pub(super) const MEET_BUT_FOR_EPSILON: &str =
    "Quorums are drawn evenly and meet but for epsilon: that two can miss each other is no fault.";

pub(super) const WRITES_MISS_WRITES: &str =
    "Two write quorums can miss each other: writers need unique timestamps, or must read before they write.";

pub(super) const RANGES_OF_A_RING: &str = "In a ring quorums are those of each range of keys, and meet others of the same range only; what is survived, \
                                  and how often it is not, is about every range at once. Strategies, fronts and probes have no answer.";

pub(super) const ZONES_NOT_LOOKED_AT: &str = "The replicas of a range are placed without regard to zones; spread in [system] names the kind of zones over \
                                  which they are to be spread.";

pub(super) const TIMES_OF_THEIR_OWN: &str = "The failure probabilities are at the node p that was asked for; failure and repair over \
                                  time follow the definition's mttf_hours and mttr_hours.";

pub(super) const LOAD_BEYOND_FLOAT: &str =
    "The load or the capacity is beyond the range of a 64-bit float, so its value is left empty.";

pub(super) fn reads_miss_writes(system: &System) -> &'static str {
    if is_symmetric(system) {
        "Two quorums can miss each other: a read need not see the latest write, and two writes need not see each other."
    } else {
        "Some read quorum misses some write quorum: a read need not see the latest write."
    }
}

pub(super) fn single_point(system: &System, node: NodeId, kinds: &[Kind]) -> String {
    let (node, lost) = (names::node(system, node), kinds_of_quorum(system, kinds));
    format!("Node {node} is a single point of failure: without it there is no {lost}.")
}

/// What holds of one more, or of so many more.
pub(super) fn more_of(more: usize, one: &str, many: &str) -> String {
    match more {
        1 => format!("1 more {one}."),
        more => format!("{} more {many}.", number::whole(more)),
    }
}

pub(super) fn even_majority(nodes: usize) -> String {
    let fewer = if nodes <= 2 { "a single node".into() } else { format!("a majority of {}", number::whole(nodes - 1)) };
    format!("A majority of {} nodes survives no more failures than {fewer}.", number::whole(nodes))
}

pub(super) fn dominated(system: &System, (kind, is_either): (Kind, bool), quorum: &NodeSet) -> String {
    let kind = if is_either { "quorum".into() } else { names::quorum(system, kind) };
    format!(
        "The system is dominated: {} could be a {kind} as well, and everything would still intersect.",
        names::set(system, quorum)
    )
}

pub(super) fn no_quorum_left(system: &System, kinds: &[Kind]) -> String {
    let (quorum, operations) = match kinds[..] {
        [kind] if !is_symmetric(system) => (format!("{} quorum", kind.name()), format!("{}s", kind.name())),
        _ => ("quorum".into(), "operations".into()),
    };
    format!("No {quorum} is left: it has no size and no resilience, and {operations} always fail.")
}

pub(super) fn missing_times(system: &System, missing: &MissingTimes) -> String {
    let what = match missing {
        MissingTimes::Node(node) => format!("node {}", names::node(system, *node)),
        MissingTimes::Zone(zone) => format!("zone {}", names::zone(system, *zone)),
    };
    format!("How often quorums are lost was not computed: {what} fails, but has no mttf_hours and mttr_hours.")
}

pub(super) fn no_failure_sampled(trials: u64, quantities: &[Cow<'static, str>], node_p: Option<Probability>) -> String {
    format!(
        "{}in none of {} was there a failure of {}: its probability is not estimated, only bounded from above.",
        node_p.map_or_else(String::new, |p| format!("At node failure probability {}, ", number::probability(p.get()))),
        names::many(trials, "trial"),
        quantities.iter().map(|quantity| format!("`{quantity}`")).collect::<Vec<_>>().join(", "),
    )
}

pub(super) fn below_float_range(quantity: &str, value: Scaled) -> String {
    format!(
        "The failure probability `{quantity}` is {value}: below the range of a 64-bit float. JSON has it as \
         `{quantity}_scaled`, mantissa and power of ten, and failure_probability.csv as `{quantity}_log10`."
    )
}

pub(super) fn open_front([x, y]: &[Objective; 2], gap: Option<f64>, exhausted: Option<Exhausted>) -> String {
    let ended = exhausted.map_or_else(String::new, |exhausted| format!("; {}", number::gave_up(exhausted)));
    let apart = gap.map_or_else(|| "an unknown share".into(), |gap| format!("a share of up to {gap:.0e}"));
    format!(
        "Not proven: that the front of {x} and {y} has no other corners. Not all of its programs were solved in \
         fractions{ended}. Between its corners it may lie lower by {apart}."
    )
}

pub(super) fn of_mean_capacity(system: &System, mean_capacity: f64) -> String {
    format!(
        "Over the distribution of read fractions the mean of the capacities is {} {}, which is not 1 / (mean load).",
        number::quantity(mean_capacity),
        system.capacity_unit().name(),
    )
}

pub(super) fn capacity_missing(system: &System, nodes: &NodeSet) -> String {
    let (has, counts) = if nodes.len() == 1 { ("has", "counts") } else { ("have", "count") };
    format!(
        "{} {has} no capacity and {counts} for one operation/s beside the capacities that are given.",
        names::set(system, nodes),
    )
}

pub(super) fn strategy_too_long(names_max: u64, asked_max: u64) -> String {
    format!(
        "The strategy is not listed because it would name more than {} nodes; --strategy lists up to {}.",
        number::whole(names_max),
        number::whole(asked_max)
    )
}

/// A probability in few digits; one that an `f64` does not reach stays as it is.
pub(super) fn short(value: Scaled) -> String {
    let normal = value.to_f64().filter(|value| value.is_normal());
    normal.map_or_else(|| value.to_string(), number::probability)
}

pub(super) fn between(bounds: Bounds) -> String {
    match bounds {
        Bounds::Whole([least, most]) => format!("between {least} and {most}"),
        Bounds::Rounded([least, most]) => format!("between {least} and {most}"),
    }
}

pub(super) fn kinds_of_quorum(system: &System, kinds: &[Kind]) -> String {
    match kinds {
        _ if is_symmetric(system) => "quorum".into(),
        [kind] => format!("{} quorum", kind.name()),
        _ => "read quorum and no write quorum".into(),
    }
}
