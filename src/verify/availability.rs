//! Failure probability and resilience: does the running register fail when, and only when, it should?

use rayon::prelude::*;

use super::attempt::Attempts;
use super::evidence::{Evidence, Part};
use super::{Claim, Options, Quantity};
use crate::availability::{AvailabilityMethod, Failures, Method, SamplingOptions, failure_probability};
use crate::circuit::Compiled;
use crate::model::{Kind, NodeId, Probability, System};
use crate::protocol::ProcessId;
use crate::sim::{ProcessSet, Purpose, Random};
use crate::structure::resilience::resilience;

/// Node failure probabilities that are tried beside those of the definition: rare, and often enough to see something.
const FAILURE_PROBABILITIES: [f64; 2] = [0.05, 0.3];

/// What is predicted and measured about nodes that fail independently of each other.
pub(super) fn failure_claims(system: &System, compiled: &Compiled<'_>, options: &Options) -> Vec<Claim> {
    let asked = options.failure_probabilities.iter().copied();
    let usual = FAILURE_PROBABILITIES.iter().filter_map(|p| Probability::new(*p).ok());
    let mut choices: Vec<Failures> = Vec::new();
    if options.failure_probabilities.is_empty() {
        choices.extend(Failures::of(system));
        choices.extend(usual.map(|p| Failures::uniform(system, p)));
    } else {
        choices.extend(asked.map(|p| Failures::uniform(system, p)));
    }
    let attempts = Attempts::new(system);
    choices.iter().flat_map(|failures| claims_at(compiled, &attempts, failures, options)).collect()
}

fn claims_at(compiled: &Compiled<'_>, attempts: &Attempts, failures: &Failures, options: &Options) -> Vec<Claim> {
    let exact = SamplingOptions { method: Method::Exact, ..SamplingOptions::default() };
    let (predicted, _) = failure_probability(compiled, failures, &exact);
    let at = failures.common().map_or_else(|| "as defined".into(), |p| format!("node p = {}", p.get()));
    if predicted.method != AvailabilityMethod::Exact {
        let why = "there is no exact failure probability within the limits";
        return vec![Claim::undecided(Quantity::FailureProbability, &at, why)];
    }
    let epochs = options.epochs_of(compiled.system().nodes().len());
    // Missed reads, missed writes, one of them, both: of each epoch.
    let missed = (0..epochs)
        .into_par_iter()
        .map(|epoch| {
            let completed = attempts.complete(&draw_down(failures, options.seed, epoch));
            let (read, write) = (!completed.reads, !completed.writes);
            [read, write, read || write, read && write].map(u64::from)
        })
        .reduce(|| [0; 4], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]]);
    let named = predicted.named();
    let claim = |(count, (name, value)): (u64, (&str, Option<crate::number::Scaled>))| Claim {
        quantity: Quantity::FailureProbability,
        subject: format!("{name}, {at}"),
        // Below the range of a float nothing can be measured, and 0 is as good.
        predicted: value.map(|value| value.to_f64().unwrap_or(0.0)),
        evidence: Evidence::Sum(vec![(1.0, Part::Share { count, trials: epochs })]),
        remark: None,
    };
    missed.into_iter().zip(named).map(claim).collect()
}

/// The nodes that are down in an epoch: each by itself, or because a zone around it is.
pub(super) fn draw_down(failures: &Failures, seed: u64, epoch: u64) -> ProcessSet {
    let mut random = Random::new(seed, Purpose::Down, 0, epoch);
    let failed: Vec<bool> = failures.zones.iter().map(|p| random.chance(p.get())).collect();
    let is_down = |(index, p): (usize, &Probability)| {
        let alone = random.chance(p.get());
        (alone || failures.zones_of(index).any(|zone| failed[zone])).then_some(ProcessId(index as u32))
    };
    failures.nodes.iter().enumerate().filter_map(is_down).collect()
}

/// What is predicted and measured about the worst that can fail.
pub(super) fn resilience_claims(system: &System, compiled: &Compiled<'_>, options: &Options) -> Vec<Claim> {
    let attempts = Attempts::new(system);
    Kind::BOTH.into_iter().flat_map(|kind| of_kind(kind, compiled, &attempts, options)).collect()
}

fn of_kind(kind: Kind, compiled: &Compiled<'_>, attempts: &Attempts, options: &Options) -> Vec<Claim> {
    let answer = resilience(compiled, kind);
    let nodes = compiled.system().nodes().len();
    let mut claims = Vec::new();
    // A lower bound is a promise as well.
    let survived = answer.lower_bound.saturating_sub(1).min(nodes);
    let (sets, are_all) = sets_of(nodes, survived, options);
    let completed = sets.par_iter().filter(|down| attempts.completes(kind, down)).count();
    claims.push(Claim {
        quantity: Quantity::Resilience,
        subject: format!("{}s survive {survived}", kind.name()),
        predicted: Some(1.0),
        evidence: Evidence::Certain { measured: completed as f64 / sets.len() as f64 },
        remark: Some(format!(
            "{} {} of {survived} nodes",
            if are_all { "all" } else { "a sample of" },
            counted(sets.len())
        )),
    });
    claims.extend(answer.transversal.map(|transversal| {
        let down: ProcessSet = transversal.iter().map(ProcessId::from).collect();
        let stopped = !attempts.completes(kind, &down);
        Claim {
            quantity: Quantity::Resilience,
            subject: format!("{}s stopped by {}", kind.name(), transversal.len()),
            predicted: Some(1.0),
            evidence: Evidence::Certain { measured: f64::from(u8::from(stopped)) },
            remark: Some("the transversal of the analysis".into()),
        }
    }));
    claims
}

fn counted(sets: usize) -> String {
    if sets == 1 { "1 set".into() } else { format!("{sets} sets") }
}

/// Every set of so many nodes, or as many different draws as the options allow; and whether these are all.
pub(super) fn sets_of(nodes: usize, size: usize, options: &Options) -> (Vec<ProcessSet>, bool) {
    let limit = options.sets_of(nodes);
    let mut count = 1u128;
    for i in 0..size as u128 {
        count = count.saturating_mul(nodes as u128 - i) / (i + 1);
    }
    if count <= limit as u128 {
        return (all_sets(nodes, size), true);
    }
    let draw = |number: u64| {
        let mut random = Random::new(options.seed, Purpose::Sample, 0, number);
        let mut order: Vec<u32> = (0..nodes as u32).collect();
        (0..size).for_each(|at| order.swap(at, at + random.below((nodes - at) as u64) as usize));
        order[..size].iter().copied().map(ProcessId).collect()
    };
    ((0..limit as u64).map(draw).collect(), false)
}

/// Every set of `size` of `nodes` nodes, in lexicographic order.
fn all_sets(nodes: usize, size: usize) -> Vec<ProcessSet> {
    let mut members: Vec<usize> = (0..size).collect();
    let mut sets = Vec::new();
    loop {
        sets.push(members.iter().map(|node| ProcessId::from(NodeId::new(*node))).collect());
        let Some(at) = (0..size).rev().find(|at| members[*at] < nodes - size + at) else { return sets };
        members[at] += 1;
        (at + 1..size).for_each(|next| members[next] = members[next - 1] + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sets_are_all_sets() {
        for (nodes, size, count) in [(5, 2, 10), (4, 4, 1), (4, 0, 1), (6, 3, 20), (1, 1, 1)] {
            let sets = all_sets(nodes, size);
            let different: std::collections::BTreeSet<Vec<ProcessId>> =
                sets.iter().map(|set| set.iter().collect()).collect();
            assert_eq!((sets.len(), different.len()), (count, count));
            assert!(sets.iter().all(|set| set.len() == size));
        }
    }

    #[test]
    fn draws_have_the_size_asked_for() {
        let options = Options { sets: 50, ..Options::default() };
        let (sets, are_all) = sets_of(40, 7, &options);
        assert!(!are_all && sets.len() == 50 && sets.iter().all(|set| set.len() == 7));
    }

    #[test]
    fn zones_take_their_nodes_along() {
        let p = |p: f64| Probability::new(p).unwrap();
        let failures = Failures {
            nodes: vec![p(0.0); 3],
            zones: vec![p(0.0), p(0.5)],
            zone_of: vec![Some(0), Some(0), None],
            parent_of: vec![Some(1), None],
            states: None,
            also_in: Vec::new(),
        };
        let downs: Vec<usize> = (0..200).map(|epoch| draw_down(&failures, 1, epoch).len()).collect();
        assert!(downs.iter().all(|down| [0, 2].contains(down)) && downs.contains(&0) && downs.contains(&2));
    }
}
