//! Why keys are `null`, where no key beside them says so: notes for programs, whose readers see no table.
//!
//! One rule holds for all documents: a `null` is explained by the key beside it that this table names, or else by a note.
//!
//! | `null` | is explained by |
//! | --- | --- |
//! | `witness`, `smallest` of two kinds of quorums | `holds` |
//! | `exact`, `exact_corner` | `certified` |
//! | `improvement` | `non_dominated` |
//! | `lower`, `upper`, `confidence`, `trials`, `seed`, `shortfall`, `read_lower` and its like, `states` | `method` |
//! | `hours` of a first loss, `mean_first_loss_hours` | `method` of `first_loss` |
//! | `nines`, `minutes_down_per_year` | `system`, which is 0 or `null` itself |
//! | `read_scaled` and its like | `read` and its like: a number, or `null` with a note |
//! | `value` of an epsilon and its like | `value_scaled` |
//! | `cut_off_by` | `cut_off` |
//! | `remark` | `verdict`, to which there is nothing to add |

use super::super::names::without_certificate;
use super::super::{Analysed, View};
use crate::analysis::staleness::PartialQuorums;
use crate::availability::repair::{Losses, RepairAnswer};
use crate::availability::{Event, FailureProbability};
use crate::checker::{Staleness, Unmeasured};
use crate::model::{Kind, System};
use crate::number::Scaled;
use crate::operations::{self, Nodes, Splits};
use crate::strategy::{Optimum, StrategyAnswer, worth};
use crate::structure::zone_loss::ZoneSurvival;

/// The note that keys are `null`: they stand between backticks, so that they can be searched for.
pub(in super::super) fn null(keys: &[&str], why: &str) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    match &quoted[..] {
        [] => String::new(),
        [key] => format!("{key} is null: {why}."),
        [first @ .., last] => format!("{} and {last} are null: {why}.", first.join(", ")),
    }
}

/// Those of the notes that hold.
pub(in super::super) fn nulls(each: &[(&str, bool, &str)]) -> Vec<String> {
    each.iter().filter(|(_, is_null, _)| *is_null).map(|(key, _, why)| null(&[key], why)).collect()
}

/// What the notes for people do not say about the missing values of an analysis.
pub(super) fn of_analysis(analysed: &Analysed, view: View) -> Vec<String> {
    let mut notes = of_findings(analysed);
    notes.extend(of_optima(analysed, view));
    notes.extend(of_certificates(analysed, view));
    notes.extend(of_failure(analysed));
    notes.extend(of_reliability(analysed));
    notes.extend(of_operations(analysed));
    let sizes = PartialQuorums::of(&analysed.system);
    let is_long = sizes.is_some_and(|sizes| !sizes.has_short_fraction());
    notes.extend(nulls(&[("exact", is_long, "in `epsilon` it would be a fraction of too many digits")]));
    notes
}

/// What is missing for a reason that the notes for people give, in other words than those of the keys.
fn of_findings(analysed: &Analysed) -> Vec<String> {
    let analysis = &analysed.analysis;
    let meetings = &analysis.intersections;
    let meetings = [&meetings.read_write, &meetings.write_write, &meetings.read_read];
    let minimal = [&analysis.minimal.reads, &analysis.minimal.writes];
    let resilience = [&analysis.resilience.reads, &analysis.resilience.writes];
    let optima = || analysis.optimum.iter().filter_map(StrategyAnswer::optimum);
    let is_dominated = analysis.domination.non_dominated.known() == Some(false);
    let no_overlap = meetings.iter().any(|meeting| meeting.smallest.is_none());
    let mut keys = vec![
        ("holds", meetings.iter().any(|meeting| meeting.verdict.known().is_none())),
        ("smallest", no_overlap || minimal.iter().any(|all| all.smallest.is_none())),
        ("count", minimal.iter().any(|all| all.count.is_none())),
        ("largest", minimal.iter().any(|all| all.largest.is_none())),
        ("resilience", resilience.iter().any(|known| known.value().is_none())),
        ("transversal", resilience.iter().any(|known| known.exhausted.is_some() || known.transversal.is_none())),
        ("non_dominated", analysis.domination.non_dominated.known().is_none()),
        ("improvement", is_dominated && analysis.domination.improvement.is_none()),
        ("load", optima().any(|optimum| !optimum.load().is_normal())),
        ("capacity", optima().any(|optimum| !optimum.capacity().is_normal())),
        ("strategy", optima().any(|optimum| optimum.strategy.is_none())),
    ];
    let named = analysis.failure_probability.iter().flat_map(FailureProbability::named);
    keys.extend(named.map(|(key, value)| (key, value.and_then(Scaled::to_f64).is_none())));
    let mut missing: Vec<&str> = Vec::new();
    for (key, _) in keys.into_iter().filter(|(_, is_null)| *is_null) {
        if !missing.contains(&key) {
            missing.push(key);
        }
    }
    let why = if missing.len() == 1 { "another note says why" } else { "other notes say why" };
    if missing.is_empty() { Vec::new() } else { vec![null(&missing, why)] }
}

fn of_optima(analysed: &Analysed, view: View) -> Vec<String> {
    let Analysed { system, analysis, .. } = analysed;
    let corners = || analysis.fronts.iter().flat_map(|front| &front.corners);
    let answers = &analysis.optimum;
    let found = answers.iter().filter_map(StrategyAnswer::optimum);
    let optima: Vec<&Optimum> = found.chain(corners().map(|corner| &corner.optimum)).collect();
    let is_empty = answers.is_empty() && optima.is_empty();
    let mut notes = nulls(&[
        ("latency_ms", !is_empty && is_without_latencies(system), "no node has a `latency_ms`"),
        (
            "capacity_worth",
            optima.iter().any(|optimum| worth(system, optimum).is_none()),
            "capacities play no part in what was optimised, or the strategy is not listed",
        ),
        ("exact_corner", corners().any(|corner| corner.exact.is_none()), "that corner is not proven in fractions"),
    ]);
    if answers.iter().any(|answer| answer.best.is_err()) {
        let mut keys = vec![
            "value",
            "exact",
            "load",
            "capacity",
            "mean_capacity",
            "network",
            "latency_ms",
            "strategy",
            "price",
            "capacity_worth",
        ];
        keys.extend(view.certificate.then_some("certificate"));
        keys.extend(["lower_bound", "upper_bound"]);
        notes
            .push(null(&keys, "no strategy is known that does what was asked, for the reason that another note gives"));
    }
    notes
}

/// What is missing where certificates are asked for.
fn of_certificates(analysed: &Analysed, view: View) -> Vec<String> {
    if !view.certificate {
        return Vec::new();
    }
    let Analysed { system, analysis, .. } = analysed;
    let missing = analysis
        .optimum
        .iter()
        .filter_map(StrategyAnswer::optimum)
        .filter(|optimum| optimum.certificate.is_none())
        .map(Optimum::is_certified)
        .collect::<Vec<bool>>();
    let lacks_latency = system.nodes().iter().any(|node| node.latency_ms.is_none());
    let is_noted = !analysis.optimum.is_empty() && is_without_latencies(system);
    let listed = [&analysis.minimal.reads, &analysis.minimal.writes];
    let cut = listed.iter().any(|minimal| minimal.listing.as_ref().is_some_and(|listing| !listing.complete));
    let mut notes = nulls(&[
        ("certificate", missing.contains(&false), without_certificate(false)),
        ("certificate", missing.contains(&true), without_certificate(true)),
        ("latency_ms", lacks_latency && !is_noted, "in `node`, that node has none"),
    ]);
    if cut {
        notes.push(
            "`quorums` are not all of them: to check a certificate with this file alone, list them all with --quorums."
                .into(),
        );
    }
    notes
}

/// Whether no node has a latency.
pub(in super::super) fn is_without_latencies(system: &System) -> bool {
    system.nodes().iter().all(|node| node.latency_ms.is_none())
}

fn of_failure(analysed: &Analysed) -> Vec<String> {
    let reliability = &analysed.analysis.reliability;
    let answers = &analysed.analysis.failure_probability;
    let is_tiny = |value: &Scaled| value.to_f64().is_none();
    let underflows = |at| reliability.importance_at(at).is_some_and(|each| each.iter().any(is_tiny));
    nulls(&[
        (
            "node_failure_probability",
            answers.iter().any(|answer| answer.node_failure_probability.is_none()),
            "not all nodes have the same",
        ),
        (
            "importance",
            reliability.importance.iter().any(Option::is_none),
            "it is given only where the failure probability is exact",
        ),
        (
            "importance",
            (0..reliability.importance.len()).any(underflows),
            "that of some node is below the range of a 64-bit float",
        ),
    ])
}

fn of_reliability(analysed: &Analysed) -> Vec<String> {
    let reliability = &analysed.analysis.reliability;
    let data = || reliability.data_loss.iter().flatten().map(|losses| ("data_loss", losses));
    let losses = || reliability.repair.iter().flatten().flat_map(RepairAnswer::named).chain(data());
    let never = |losses: &Losses| losses.long_run.is_some_and(|run| run.mean_up_hours.is_none());
    let levels = || reliability.zones.iter().chain(reliability.further_zones.iter().flatten());
    let survivals = || levels().flat_map(|level| [&level.survival.reads, &level.survival.writes]);
    let gave_up = |survival: &ZoneSurvival| matches!(survival, ZoneSurvival::Some(known) if known.exhausted.is_some());
    let counts = reliability.polynomial.as_ref().and_then(|counts| counts.as_ref().ok());
    let mut notes = nulls(&[
        ("repair", reliability.repair.is_none(), "neither a node nor a zone has `mttf_hours` and `mttr_hours`"),
        (
            "data_loss",
            matches!(reliability.repair, Some(Ok(_))) && reliability.data_loss.is_none(),
            "no write quorum is left whose copies could be lost",
        ),
        (
            "transversal",
            survivals().any(|survival| *survival == ZoneSurvival::All),
            "after the loss of all zones of that level there still is a quorum",
        ),
        (
            "smallest_transversals",
            counts.is_some_and(|counts| {
                let events = [Event::Read, Event::Write, Event::System, Event::Total];
                events.iter().any(|event| counts.smallest_transversals(*event).is_none())
            }),
            "no set of failed nodes brings that about",
        ),
    ]);
    if losses().any(|(_, losses)| never(losses)) {
        notes.push(null(&["mean_up_hours", "mean_down_hours"], "what is never lost has no stretches between losses"));
    }
    if survivals().any(gave_up) {
        notes.push(null(&["resilience", "transversal"], "for the zones of some level they are beyond the limits"));
    }
    notes
}

/// What is missing of the answers for those who run a system.
fn of_operations(analysed: &Analysed) -> Vec<String> {
    let mut notes = of_zones(analysed);
    let zones = [&analysed.analysis.operations.zone_resilience, &analysed.analysis.operations.zone_durability];
    let is_open = zones.into_iter().flatten().any(|demand| demand.holds.is_none());
    let is_bare = zones
        .into_iter()
        .flatten()
        .any(|demand| demand.holds == Some(false) && demand.zones.is_empty() && demand.write.is_none());
    notes.extend(nulls(&[
        ("holds", is_open, "a demand on zones is beyond the limits"),
        ("witness", is_bare, "no node stands in a zone"),
    ]));
    notes.extend(of_overlap(analysed));
    notes.extend(of_liars(analysed));
    notes.extend(of_protocols(analysed));
    notes
}

fn of_zones(analysed: &Analysed) -> Vec<String> {
    let Analysed { system, analysis, .. } = analysed;
    let answers = &analysis.operations;
    let losses = || answers.zone_losses.iter();
    let each = || losses().flat_map(|loss| Kind::BOTH.map(|kind| (loss, kind)));
    let numbers = || losses().flat_map(|loss| &loss.failure_probability).flat_map(|answer| [answer.read, answer.write]);
    let splits = match &answers.splits {
        Splits::All(_) => None,
        Splits::NodeOutside { node } => {
            let name = &system.nodes()[node.index()].name;
            Some(format!("node {name} stands in no zone, so that nobody knows on which side it is"))
        }
        Splits::TooMany { zones } => {
            Some(format!("{zones} zones are more than the {} whose cuts are listed", operations::SPLIT_ZONES_MAX))
        }
        Splits::Open => Some("the budget ended first".to_owned()),
    };
    let mut notes = nulls(&[
        (
            "resilience",
            each().any(|(loss, kind)| !loss.alive.of(kind)),
            "after the loss of some zone nothing is left of a kind of quorums",
        ),
        (
            "resilience",
            each().any(|(loss, kind)| *loss.alive.of(kind) && loss.resilience.of(kind).value().is_none()),
            "of what is left of some zone's loss it is beyond the limits",
        ),
        (
            "nodes",
            answers.zones_and_nodes.iter().any(|one| one.nodes == Nodes::Open),
            "for so many zones it is beyond the limits",
        ),
        ("splits", splits.is_some(), splits.as_deref().unwrap_or_default()),
    ]);
    if numbers().any(|number| number.and_then(Scaled::to_f64).is_none()) {
        let why = "in `zone_losses`, they are below the range of a 64-bit float, or beyond the limits";
        notes.push(null(&["read", "write"], why));
    }
    notes
}

fn of_overlap(analysed: &Analysed) -> Vec<String> {
    let Analysed { system, analysis, .. } = analysed;
    let (durability, overlap) = (&analysis.operations.durability, &analysis.operations.overlap);
    let has_writes = system.has_quorum(Kind::Write);
    let has_zones = !system.zones().is_empty();
    let mut notes = nulls(&[
        ("zones", has_writes && !has_zones, "there are no zones that a write could be on"),
        (
            "zones",
            has_writes && has_zones && durability.zones.is_none(),
            "the fewest zones of a write are beyond the limits",
        ),
        (
            "smallest_nodes",
            overlap.smallest_nodes.is_none(),
            "in how few nodes reads meet writes is not settled, or there are no two quorums",
        ),
        ("smallest_votes", !overlap.is_weighted, "reads and writes are not votes of the same voters"),
        (
            "smallest_votes",
            overlap.is_weighted && overlap.smallest_votes.is_none(),
            "the sums of votes are beyond the limits",
        ),
        (
            "witness",
            overlap.holds == Some(false) && overlap.witness.is_none(),
            "a pair of quorums with so few common nodes is beyond the limits",
        ),
        ("holds", overlap.holds.is_none(), "whether reads meet writes in so many nodes is beyond the limits"),
    ]);
    match (has_writes, durability.nodes) {
        (false, _) => notes.push(null(&["nodes", "zones", "write"], "there is no write quorum")),
        (true, None) => notes.push(null(&["nodes", "write"], "the smallest write quorum is beyond the limits")),
        (true, Some(_)) => {}
    }
    notes
}

fn of_protocols(analysed: &Analysed) -> Vec<String> {
    let demands = &analysed.analysis.protocols;
    let is_silent = |demand: &operations::ProtocolDemand| demand.quorums.is_empty() && demand.faulty.is_empty();
    let mut notes = Vec::new();
    if demands.iter().any(|demand| demand.holds.is_none()) {
        notes.push(null(&["holds", "witness"], "whether a protocol's demand is met is beyond the limits"));
    }
    if demands.iter().any(|demand| demand.holds == Some(false) && is_silent(demand)) {
        notes.push(null(&["witness"], "quorums that show it are beyond the limits"));
    }
    notes
}

fn of_liars(analysed: &Analysed) -> Vec<String> {
    let byzantine = &analysed.analysis.operations.byzantine;
    let is_asked = byzantine.tolerate.is_some();
    let any = |is: fn(&operations::Lies) -> bool| byzantine.each.iter().any(is);
    let each: [(&[&str], bool, &str); 6] = [
        (&["tolerate", "holds"], !is_asked, "no number of liars is asked for, by [byzantine] or --byzantine"),
        (
            &["largest", "consistency"],
            any(|lies| lies.is_none),
            "not even without liars do quorums meet closely enough",
        ),
        (
            &["largest", "consistency"],
            any(|lies| lies.consistency.is_none() && !lies.is_none),
            "how many liars quorums stand is beyond the limits",
        ),
        (&["largest", "availability"], any(|lies| lies.availability.is_none()), "the resilience is not known"),
        (
            &["holds"],
            is_asked && any(|lies| lies.holds.is_none()),
            "whether so many liars are stood is beyond the limits",
        ),
        (
            &["witness"],
            any(|lies| lies.holds == Some(false) && lies.witness.is_none()),
            "liars that show it are beyond the limits",
        ),
    ];
    each.iter().filter(|(_, is_null, _)| *is_null).map(|(keys, _, why)| null(keys, why)).collect()
}

/// What is missing about the age of what reads returned; of all keys of `staleness`, those that a document has.
pub(in super::super) fn of_staleness(staleness: &Staleness, keys: &[&str]) -> Vec<String> {
    let is_null = |key: &str| match key {
        "k_atomic" => staleness.k_atomic().is_none(),
        "k_lower" => staleness.k_lower.is_none(),
        "k_upper" => staleness.k_upper.is_none(),
        "delta" => staleness.delta.is_none(),
        "stale_reads" => staleness.stale_reads.is_none(),
        "inversions" => staleness.inversions.is_none(),
        // Ages are there or not, all of them.
        _ => staleness.longest().is_none(),
    };
    let between = staleness.k_lower.zip(staleness.k_upper).filter(|_| staleness.k_atomic().is_none());
    let no_stale_read = staleness.stale_reads.as_ref().is_some_and(Vec::is_empty);
    let ages: Vec<&str> =
        keys.iter().copied().filter(|key| ["longest", "age_p50", "age_p99"].contains(key) && no_stale_read).collect();
    let is_special = |key: &str| key == "k_atomic" && between.is_some() || ages.contains(&key);
    let rest: Vec<&str> = keys.iter().copied().filter(|key| is_null(key) && !is_special(key)).collect();
    let why = match staleness.unmeasured {
        Some(Unmeasured::Repeated) => "it is open which write each read returned",
        Some(Unmeasured::NothingCompleted) => "no operation completed",
        Some(Unmeasured::NoVersion) => "some read returned what no number of versions and no time explains",
        Some(Unmeasured::OneOrder) => "only the order that is given was looked at",
        Some(Unmeasured::Budget) | None => "the budget ended before they were known",
    };
    let mut notes: Vec<String> = (!ages.is_empty()).then(|| null(&ages, "no read is stale")).into_iter().collect();
    if let Some((lower, upper)) = between.filter(|_| keys.contains(&"k_atomic")) {
        let ends = if keys.contains(&"k_lower") {
            "`k_lower` and `k_upper`".to_owned()
        } else {
            format!("{lower} and {upper}")
        };
        notes.push(null(&["k_atomic"], &format!("it is only known to be between {ends}")));
    }
    notes.extend((!rest.is_empty()).then(|| null(&rest, why)));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_or_several() {
        assert_eq!(null(&["a"], "there is none"), "`a` is null: there is none.");
        assert_eq!(null(&["a", "b"], "there is none"), "`a` and `b` are null: there is none.");
        assert_eq!(null(&["a", "b", "c"], "there is none"), "`a`, `b` and `c` are null: there is none.");
    }

    #[test]
    fn bounds_are_not_a_budget() {
        let staleness = Staleness { k_lower: Some(3), k_upper: Some(5), delta: Some(7), ..Staleness::default() };
        let notes = of_staleness(&staleness, &["k_atomic", "k_lower", "k_upper", "delta"]);
        assert_eq!(notes, ["`k_atomic` is null: it is only known to be between `k_lower` and `k_upper`."]);
        let notes = of_staleness(&staleness, &["k_atomic"]);
        assert_eq!(notes, ["`k_atomic` is null: it is only known to be between 3 and 5."]);
        assert!(of_staleness(&staleness, &["delta"]).is_empty());
        let unknown = Staleness { unmeasured: Some(Unmeasured::Repeated), ..Staleness::default() };
        let notes = of_staleness(&unknown, &["k_atomic", "longest"]);
        assert_eq!(notes, ["`k_atomic` and `longest` are null: it is open which write each read returned."]);
    }
}
