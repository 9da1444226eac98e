//! Can commands be answered with these nodes down: from the beginning, and under a leader that stands?

use rayon::prelude::*;

use super::course::{Course, Leading};
use super::stand::{Asked, CRASH_NS, Stand, leader};
use crate::availability::{AvailabilityMethod, Failures, Method, SamplingOptions, failure_probability};
use crate::circuit::Compiled;
use crate::consensus::Timing;
use crate::model::{Kind, Probability};
use crate::protocol::register::Patience;
use crate::protocol::{ProcessId, Protocol};
use crate::sim::ProcessSet;
use crate::structure::resilience::resilience;
use crate::verify::availability::{draw_down, sets_of};
use crate::verify::claim::{Claim, Options, Quantity};
use crate::verify::evidence::{Evidence, Part};

/// Node failure probabilities that are tried where the definition has none, or none is asked for.
const FAILURE_PROBABILITIES: [f64; 2] = [0.05, 0.3];

/// A command takes more here than an operation of a register does: epochs are fewer by so much.
const EPOCHS_DIVISOR: u64 = 20;

/// Epochs and sets are fewer by so much.
fn fewer(options: &Options) -> Options {
    Options { epochs: (options.epochs / EPOCHS_DIVISOR).max(1), sets: (options.sets / 4).max(1), ..options.clone() }
}

/// The failures that are tried, and what they are called.
fn choices<M>(stand: &Stand<'_, M>, options: &Options) -> Vec<(Failures, String)> {
    let named = |p: Probability| (Failures::uniform(stand.system, p), format!("node p = {}", p.get()));
    if !options.failure_probabilities.is_empty() {
        return options.failure_probabilities.iter().copied().map(named).collect();
    }
    let own = Failures::of(stand.system).map(|failures| (failures, "as defined".to_owned()));
    let usual = FAILURE_PROBABILITIES.iter().filter_map(|p| Probability::new(*p).ok()).map(named);
    own.into_iter().chain(usual).collect()
}

/// The probability that nothing can be written, and that one of both phases has no quorum, exactly.
fn exact(compiled: &Compiled<'_>, failures: &Failures) -> Option<(f64, f64)> {
    let sampling = SamplingOptions { method: Method::Exact, ..SamplingOptions::default() };
    let (found, _) = failure_probability(compiled, failures, &sampling);
    let value = |value: Option<crate::number::Scaled>| value.map(|value| value.to_f64().unwrap_or(0.0));
    (found.method == AvailabilityMethod::Exact).then_some(())?;
    Some((value(found.write)?, value(found.system)?))
}

/// The same failures, where a node never fails or always does.
fn with(failures: &Failures, node: usize, is_down: bool) -> Failures {
    let mut failures = failures.clone();
    let zones: Vec<usize> = failures.zones_of(node).collect();
    failures.nodes[node] = if is_down { Probability::ONE } else { Probability::ZERO };
    if !is_down {
        zones.into_iter().for_each(|zone| failures.zones[zone] = Probability::ZERO);
    }
    failures
}

/// How often a node is down, whatever the reason.
fn alone(failures: &Failures, node: usize) -> f64 {
    let up = failures.zones_of(node).map(|zone| 1.0 - failures.zones[zone].get()).product::<f64>();
    1.0 - (1.0 - failures.nodes[node].get()) * up
}

fn share(subject: String, predicted: Option<f64>, (count, trials): (u64, u64), remark: &str) -> Claim {
    let evidence = match predicted {
        Some(_) => Evidence::Sum(vec![(1.0, Part::Share { count, trials })]),
        None => Evidence::None,
    };
    let remark = if predicted.is_some() { remark } else { "there is no exact failure probability within the limits" };
    Claim { quantity: Quantity::FailureProbability, subject, predicted, evidence, remark: Some(remark.to_owned()) }
}

/// From the beginning: a leader has to be elected, and a command committed.
pub(super) fn of_elections<P: Protocol + Sync>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>,
    compiled: &Compiled<'_>,
    options: &Options,
) -> Vec<Claim> {
    let epochs = fewer(options).epochs_of(stand.nodes());
    let claim = |(failures, at): &(Failures, String)| {
        let missed = |epoch: &u64| {
            let down = draw_down(failures, stand.seed, *epoch);
            !stand.completes(&Asked { down, seed: stand.seed.wrapping_add(*epoch), ..stand.commands(1) })
        };
        let count = (0..epochs).into_par_iter().filter(missed).count() as u64;
        let predicted = match stand.nature.leading {
            Leading::First => first_leads(compiled, failures),
            Leading::Elected | Leading::Nobody => exact(compiled, failures).map(|(_, either)| either),
        };
        share(format!("election and commit, {at}"), predicted, (count, epochs), "nodes are down from the beginning")
    };
    choices(stand, options).iter().map(claim).collect()
}

/// Where the first node leads as long as it is up, and commits alone ask for phase 2.
fn first_leads(compiled: &Compiled<'_>, failures: &Failures) -> Option<f64> {
    if !failures.zones.is_empty() {
        return None;
    }
    let down = alone(failures, 0);
    let (write, _) = exact(compiled, &with(failures, 0, false))?;
    let (_, either) = exact(compiled, &with(failures, 0, true))?;
    Some((1.0 - down) * write + down * either)
}

/// Under a leader that stands: other nodes fail, and commands have to be committed.
pub(super) fn of_commits<P: Protocol + Sync>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>,
    compiled: &Compiled<'_>,
    options: &Options,
) -> Vec<Claim> {
    if stand.nature.leading == Leading::Nobody {
        return Vec::new();
    }
    let (run, drawn) = stand.drawn(&Asked { think_ms: 3_000.0, ..stand.commands(1) });
    let Some(node) = leader(&drawn, run.counts.end_ns) else { return Vec::new() };
    let epochs = fewer(options).epochs_of(stand.nodes());
    let claim = |(failures, at): &(Failures, String)| {
        let failures = with(failures, node, false);
        let missed = |epoch: &u64| {
            let down = draw_down(&failures, stand.seed, *epoch);
            !stand.completes(&Asked { down, crash_ns: CRASH_NS, think_ms: 3_000.0, ..stand.commands(1) })
        };
        let count = (0..epochs).into_par_iter().filter(missed).count() as u64;
        let predicted = exact(compiled, &failures).map(|(write, _)| write);
        let remark = format!("under {}, which stays up", stand.system.nodes()[node].name);
        share(format!("commit, {at}"), predicted, (count, epochs), &remark)
    };
    choices(stand, options).iter().map(claim).collect()
}

/// The worst that can fail, both ways.
pub(super) fn of_resilience<P: Protocol + Sync>(
    stand: &Stand<'_, impl Fn(Patience, Timing) -> P + Sync>,
    compiled: &Compiled<'_>,
    options: &Options,
) -> Vec<Claim> {
    // A fast round that has no fast quorum is settled by a classic one, and coins take their time: both end.
    let answers = [Kind::Read, Kind::Write].map(|kind| resilience(compiled, kind));
    let survived = answers.iter().map(|answer| answer.lower_bound.saturating_sub(1)).min().unwrap_or(0);
    let nodes = stand.nodes();
    let (sets, are_all) = sets_of(nodes, survived.min(nodes), &fewer(options));
    let completes = |down: &ProcessSet| stand.completes(&Asked { down: down.clone(), ..stand.commands(1) });
    let completed = sets.par_iter().filter(|down| completes(down)).count();
    let mut claims = vec![Claim {
        quantity: Quantity::Resilience,
        subject: format!("commands survive {survived}"),
        predicted: Some(1.0),
        evidence: Evidence::Certain { measured: completed as f64 / sets.len().max(1) as f64 },
        remark: Some(format!(
            "{} {} of {survived} nodes",
            if are_all { "all" } else { "a sample of" },
            counted(sets.len())
        )),
    }];
    for (kind, answer) in [Kind::Read, Kind::Write].into_iter().zip(answers) {
        let Some(transversal) = answer.transversal else { continue };
        let down: ProcessSet = transversal.iter().map(ProcessId::from).collect();
        // Without phase 1 the first node goes on as long as it is up.
        let needs_no_election = stand.nature.leading == Leading::First && !down.contains(ProcessId(0));
        let is_fast = stand.nature.course == Course::Fast;
        if kind == Kind::Read && (needs_no_election || is_fast) {
            continue;
        }
        let phase = if kind == Kind::Read { "phase 1" } else { "phase 2" };
        claims.push(Claim {
            quantity: Quantity::Resilience,
            subject: format!("commands stopped by {}, {phase}", transversal.len()),
            predicted: Some(1.0),
            evidence: Evidence::Certain { measured: f64::from(u8::from(!completes(&down))) },
            remark: Some("the transversal of the analysis".into()),
        });
    }
    claims
}

fn counted(sets: usize) -> String {
    if sets == 1 { "1 set".into() } else { format!("{sets} sets") }
}
