//! The theorem as JSON.

use serde::Serialize;

use super::wording;
use crate::flp::{Known, Lasso, NeighbourPair, Outcome, RegisterRun, Rounds, Ways};
use crate::report::json::missing::null;

#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: &'static str,
    protocol: &'static str,
    nodes: usize,
    seed: u64,
    gives_up: &'static str,
    initial: Initial<'a>,
    initial_configurations: Vec<Named>,
    neighbours: Option<Neighbours<'a>>,
    lemma_3: Option<Detour<'a>>,
    steps: usize,
    decided: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<u8>,
    verified: bool,
    undelivered_longer_than: u64,
    stages: Option<usize>,
    lasso: Option<Turn>,
    last: Standing<'a>,
    remedies: Remedies,
    register: Register,
    trade_offs: Vec<TradeOff<'a>>,
    schedule: &'a [String],
    notes: Vec<String>,
}

type Inputs = Vec<u8>;

#[derive(Serialize)]
struct Initial<'a> {
    inputs: Inputs,
    #[serde(flatten)]
    standing: Standing<'a>,
}

/// What can be reached, and how that is known.
#[derive(Serialize)]
struct Standing<'a> {
    valence: &'static str,
    evidence: &'static str,
    to_0: Option<&'a [String]>,
    to_1: Option<&'a [String]>,
}

#[derive(Serialize)]
struct Named {
    inputs: Inputs,
    valence: &'static str,
}

#[derive(Serialize)]
struct Neighbours<'a> {
    configurations: [Named; 2],
    process: &'a str,
    decision_without: Option<u8>,
    schedule_without: Option<&'a [String]>,
}

#[derive(Serialize)]
struct Detour<'a> {
    after: usize,
    event: &'a str,
    settles: &'static str,
    schedule: &'a [String],
}

#[derive(Serialize)]
struct Turn {
    prefix: usize,
    period: usize,
    rounds: u32,
}

#[derive(Serialize)]
struct Remedies {
    random: Remedy,
    #[serde(rename = "partial-synchrony")]
    partial_synchrony: Remedy,
    #[serde(rename = "relaxed-agreement")]
    relaxed_agreement: Remedy,
}

#[derive(Serialize)]
struct Remedy {
    protocol: &'static str,
    rounds: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    confidence: f64,
    largest: Option<u32>,
    decided: u64,
    trials: u64,
    seed: u64,
}

#[derive(Serialize)]
struct Register {
    terminates: bool,
    steps: Option<u64>,
    bound: u64,
    steps_with_crash: Option<u64>,
}

#[derive(Serialize)]
struct TradeOff<'a> {
    protocol: &'static str,
    gives_up: &'static str,
    shown_by: &'static str,
    inputs: Inputs,
    schedule: &'a [String],
}

fn inputs(inputs: &[bool]) -> Inputs {
    inputs.iter().copied().map(u8::from).collect()
}

fn standing(known: Known, ways: &Ways) -> Standing<'_> {
    let [to_0, to_1] = ways.each_ref().map(Option::as_deref);
    Standing { valence: known.name(), evidence: wording::evidence(known), to_0, to_1 }
}

pub(super) fn document(outcome: &Outcome) -> Document<'_> {
    let remedies = &outcome.remedies;
    let remedy = |protocol, rounds: &Rounds| Remedy {
        protocol,
        rounds: rounds.mean,
        lower: rounds.interval.map(|interval| interval[0]),
        upper: rounds.interval.map(|interval| interval[1]),
        confidence: 0.95,
        largest: rounds.most,
        decided: rounds.decided,
        trials: rounds.trials,
        seed: outcome.seed,
    };
    Document {
        schema: "quorate/flp/1",
        protocol: outcome.protocol.name(),
        nodes: outcome.processes,
        seed: outcome.seed,
        gives_up: outcome.protocol.gives_up(),
        initial: Initial { inputs: inputs(&outcome.inputs), standing: standing(outcome.valence, &outcome.ways) },
        initial_configurations: outcome.initials.iter().map(|(of, known)| named(of, *known)).collect(),
        neighbours: outcome.neighbours.as_ref().map(neighbours),
        lemma_3: outcome.detour.as_ref().map(|detour| Detour {
            after: detour.after,
            event: &detour.event,
            settles: detour.settles.name(),
            schedule: &detour.schedule,
        }),
        steps: outcome.schedule.len(),
        decided: outcome.decision.is_some(),
        decision: outcome.decision.map(u8::from),
        verified: outcome.is_verified,
        undelivered_longer_than: outcome.undelivered_longer_than,
        stages: outcome.stages,
        lasso: outcome.lasso.map(|Lasso { prefix, period, rounds }| Turn { prefix, period, rounds }),
        last: standing(outcome.last_valence, &outcome.last_ways),
        remedies: Remedies {
            random: remedy("ben-or", &remedies.random),
            partial_synchrony: remedy(outcome.protocol.name(), &remedies.partial_synchrony),
            relaxed_agreement: remedy("last-writer-wins", &remedies.relaxed_agreement),
        },
        register: register(outcome.register),
        trade_offs: (outcome.trade_offs.iter())
            .map(|one| TradeOff {
                protocol: one.protocol,
                gives_up: one.gives_up,
                shown_by: one.shown_by,
                inputs: inputs(&one.inputs),
                schedule: &one.schedule,
            })
            .collect(),
        schedule: &outcome.schedule,
        notes: wording::notes(outcome).into_iter().chain(missing(outcome)).collect(),
    }
}

fn named(of: &[bool], known: Known) -> Named {
    Named { inputs: inputs(of), valence: known.name() }
}

fn neighbours(pair: &NeighbourPair) -> Neighbours<'_> {
    Neighbours {
        configurations: [0, 1].map(|at| named(&pair.inputs[at], pair.valences[at])),
        process: &pair.process,
        decision_without: pair.without.as_ref().map(|(value, _)| u8::from(*value)),
        schedule_without: pair.without.as_ref().map(|(_, schedule)| schedule.as_slice()),
    }
}

fn register(run: RegisterRun) -> Register {
    Register {
        terminates: run.steps.is_some() && run.steps_with_crash.is_some(),
        steps: run.steps,
        bound: run.bound,
        steps_with_crash: run.steps_with_crash,
    }
}

/// Why keys are `null`.
fn missing(outcome: &Outcome) -> Vec<String> {
    let (first, last) = (&outcome.ways, &outcome.last_ways);
    let without = outcome.neighbours.as_ref().map(|pair| pair.without.is_some());
    let remedies = &outcome.remedies;
    let each = [&remedies.random, &remedies.partial_synchrony, &remedies.relaxed_agreement];
    let never = each.iter().any(|rounds| rounds.mean.is_none());
    let once = each.iter().any(|rounds| rounds.mean.is_some() && rounds.interval.is_none());
    let reasons: [(&[&str], bool, &str); 9] = [
        (&["to_0"], first[0].is_none() || last[0].is_none(), "no schedule that was tried decides 0 from there"),
        (&["to_1"], first[1].is_none() || last[1].is_none(), "no schedule that was tried decides 1 from there"),
        (&["neighbours"], without.is_none(), "all initial configurations have the same valence"),
        (
            &["decision_without", "schedule_without"],
            without == Some(false),
            "without that process no schedule that was tried decides anything",
        ),
        (
            &["lemma_3"],
            outcome.detour.is_none(),
            "the oldest event could happen at once in every stage, or there were no stages",
        ),
        (&["stages"], outcome.stages.is_none(), "the schedule was given, or drawn by a scheduler that knows no coins"),
        (&["lasso"], outcome.lasso.is_none(), "no configuration came twice but for the names of its rounds"),
        (&["rounds", "largest"], never, "no trial came to a decision"),
        (&["lower", "upper"], never || once, "fewer than two trials came to a decision"),
    ];
    let known = reasons.iter().filter(|(_, is_null, _)| *is_null).map(|(keys, _, why)| null(keys, why));
    known.collect()
}
