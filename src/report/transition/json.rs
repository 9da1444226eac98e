//! Changes as JSON.

use std::collections::BTreeSet;

use serde::Serialize;

use super::by_zone::by_zone;
use super::changed::{Changed, worst_change};
use super::plan::{self, Planning};
use super::wording;
use crate::number::Scaled;
use crate::report::json::{self, Names};
use crate::report::{Analysed, View, finite};
use crate::structure::zone_loss::ZoneResilience;
use crate::transition::{Between, Stage};

/// One step stands at the top; several stand in a list.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    verdict: &'static str,
    #[serde(flatten)]
    step: Option<Step<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Judged<'a>>,
}

#[derive(Serialize)]
struct Judged<'a> {
    verdict: &'static str,
    #[serde(flatten)]
    step: Step<'a>,
}

#[derive(Serialize)]
struct Step<'a> {
    #[serde(flatten)]
    facts: Facts<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<plan::PlanDocument<'a>>,
    joint: json::Answers<'a>,
    notes: Vec<String>,
}

/// What is said of a change beside the answers about the joint system.
#[derive(Serialize)]
struct Facts<'a> {
    old: &'a str,
    new: &'a str,
    reasons: Vec<String>,
    added: Names<'a>,
    removed: Names<'a>,
    conflicts: Vec<Conflict<'a>>,
    old_reads_new_writes: Option<Meeting<'a>>,
    new_reads_old_writes: Option<Meeting<'a>>,
    old_reads_new_reads: Option<Meeting<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_writes_new_writes: Option<Meeting<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_reads_new_fast: Option<Meeting<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_reads_old_fast: Option<Meeting<'a>>,
    stages: [Standing<'a>; 3],
    zone_losses: Vec<Loss<'a>>,
}

#[derive(Serialize)]
struct Conflict<'a> {
    name: &'a str,
    property: &'static str,
    old: &'a str,
    new: &'a str,
}

#[derive(Serialize)]
struct Meeting<'a> {
    needed: bool,
    required: usize,
    holds: Option<bool>,
    smallest_nodes: Option<usize>,
    witness: Option<Vec<Names<'a>>>,
}

/// A system that stands for a while.
#[derive(Serialize)]
struct Standing<'a> {
    stage: &'static str,
    name: &'a str,
    file: &'a str,
    nodes: usize,
    resilience: Option<usize>,
    zone_resilience: Option<usize>,
    load: Option<f64>,
    failure_probability: Vec<Fails>,
}

#[derive(Serialize)]
struct Fails {
    node_failure_probability: Option<f64>,
    system: Option<f64>,
}

#[derive(Serialize)]
struct Loss<'a> {
    zone: &'a str,
    old: Option<json::ZoneLeft>,
    joint: Option<json::ZoneLeft>,
    new: Option<json::ZoneLeft>,
}

/// The document about changes, one after the other.
pub(super) fn document<'a>(steps: &'a [Changed], plan: Option<&'a Planning>, view: View) -> Document<'a> {
    let of = |change| step(change, plan, view);
    let judged = |change: &Changed| change.verdict.name();
    let verdict = worst_change(steps).name();
    let schema = "quorate/transition/1";
    match steps {
        [change] => Document { schema, verdict, step: Some(of(change)), steps: Vec::new() },
        all => {
            let steps = all.iter().map(|change| Judged { verdict: judged(change), step: of(change) }).collect();
            Document { schema, verdict, step: None, steps }
        }
    }
}

fn step<'a>(change: &'a Changed, plan: Option<&'a Planning>, view: View) -> Step<'a> {
    let facts = facts(change);
    let notes = wording::notes(change).into_iter().chain(missing(&facts)).collect::<Vec<String>>();
    let more = plan.into_iter().flat_map(plan::missing).filter(|note| !notes.contains(note)).collect::<Vec<String>>();
    let notes = notes.iter().cloned().chain(more).collect();
    let plan = plan.map(plan::document);
    Step { facts, plan, joint: json::Answers::of(change.of(Stage::Joint), view), notes }
}

fn facts(change: &Changed) -> Facts<'_> {
    let system = &change.step.joint;
    let names = |set| Names { system, set };
    let crossing = |between| {
        let crossing = change.step.crossing(between)?;
        let witness: Vec<Names<'_>> = crossing.witness.iter().map(names).collect();
        Some(Meeting {
            needed: crossing.is_needed,
            required: crossing.required,
            holds: crossing.holds,
            smallest_nodes: crossing.smallest,
            witness: Some(witness).filter(|sets| !sets.is_empty()),
        })
    };
    Facts {
        old: &change.of(Stage::Old).system.about().name,
        new: &change.of(Stage::New).system.about().name,
        reasons: change.reasons.iter().map(|reason| wording::reason(change, *reason)).collect(),
        added: names(&change.step.added),
        removed: names(&change.step.removed),
        conflicts: (change.step.conflicts.iter())
            .map(|it| Conflict { name: &it.name, property: it.property, old: &it.old, new: &it.new })
            .collect(),
        old_reads_new_writes: crossing(Between::OldReadsNewWrites),
        new_reads_old_writes: crossing(Between::NewReadsOldWrites),
        old_reads_new_reads: crossing(Between::OldReadsNewReads),
        old_writes_new_writes: crossing(Between::OldWritesNewWrites),
        old_reads_new_fast: crossing(Between::OldReadsNewFast),
        new_reads_old_fast: crossing(Between::NewReadsOldFast),
        stages: Stage::ALL.map(|stage| standing(stage, change.of(stage))),
        zone_losses: by_zone(change)
            .into_iter()
            .map(|(zone, losses)| {
                let [old, joint, new] = losses.map(|loss| loss.map(json::ZoneLeft::of));
                Loss { zone, old, joint, new }
            })
            .collect(),
    }
}

fn standing(stage: Stage, analysed: &Analysed) -> Standing<'_> {
    let analysis = &analysed.analysis;
    let best = analysis.optimum.first().and_then(|answer| answer.best.as_ref().ok());
    Standing {
        stage: stage.name(),
        name: &analysed.system.about().name,
        file: &analysed.file,
        nodes: analysed.system.nodes().len(),
        resilience: analysis.total_resilience(),
        zone_resilience: analysis.reliability.zones.last().and_then(ZoneResilience::value),
        load: best.and_then(|best| finite(best.load())),
        failure_probability: (analysis.failure_probability.iter())
            .map(|answer| Fails {
                node_failure_probability: answer.node_failure_probability.map(crate::model::Probability::get),
                system: answer.system.and_then(Scaled::to_f64),
            })
            .collect(),
    }
}

/// Why keys are `null`.
const WHY: [(&str, &str); 11] = [
    ("holds", "the budget ended before it was settled"),
    ("smallest_nodes", "there are no two such quorums, or the budget ended"),
    ("old", "the old system has no such zone"),
    ("new", "the new system has no such zone"),
    ("resilience", "no quorum is left that could lose more, or the budget ended"),
    ("zone_resilience", "there are no zones, or the budget ended"),
    ("load", "there is no strategy, or the budget ended"),
    ("node_failure_probability", "nodes fail with their own probabilities"),
    ("system", "it is too small for a float, or was not found within the limits"),
    ("read", "it is too small for a float, or was not found within the limits"),
    ("write", "it is too small for a float, or was not found within the limits"),
];

fn missing(facts: &Facts<'_>) -> Vec<String> {
    let mut found = BTreeSet::new();
    let value = serde_json::to_value(facts).expect("keys are strings and nothing else can fail");
    null_keys(&value, &mut found);
    let named = WHY.iter().filter(|(key, _)| found.contains(*key));
    named.map(|(key, why)| json::missing::null(&[key], why)).collect()
}

fn null_keys(value: &serde_json::Value, found: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Array(all) => all.iter().for_each(|one| null_keys(one, found)),
        serde_json::Value::Object(all) => {
            for (key, one) in all {
                if one.is_null() {
                    found.insert(key.clone());
                }
                null_keys(one, found);
            }
        }
        _ => {}
    }
}
