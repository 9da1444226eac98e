//! All questions about one system, in the order in which the answers need each other.

use super::notes::{Note, notes};
use super::options::usual_failure_probabilities;
use super::per_client::of_clients;
use super::reliability::Reliability;
use super::{Analysis, Options};
use crate::availability::{FailureProbability, Failures, Liars, budget_for, failure_probability};
use crate::budget::{Budget, Exhausted};
use crate::circuit::Compiled;
use crate::model::{Pair, Probability, System, Workload};
use crate::operations::{Operations, Protocol, protocol_demands, smallest_fast_quorum};
use crate::strategy;
use crate::strategy::StrategyAnswer;
use crate::structure::federated::federated;
use crate::structure::intersection::{Verdict, intersections};
use crate::structure::minimal_quorums::MinimalQuorums;
use crate::structure::resilience::Resilience;
use crate::structure::{Probes, probes};
use crate::structure::{domination, minimal_quorums, resilience};

/// What is found, in this order, for those who look on.
const STAGES: [&str; 9] = [
    "which quorums meet",
    "resilience",
    "minimal quorums",
    "the best strategies",
    "fronts",
    "failure probabilities",
    "domination",
    "importance, zones and repair",
    "losses of zones",
];

/// The stages that may have many parts.
const BEST: usize = 3;

const FAILURES: usize = 5;

/// Tells those who look on that a part of a stage begins, of as many.
fn begins_part(options: &Options, stage: usize, part: usize, of: usize) {
    let share = part as f64 / of.max(1) as f64;
    options.sampling.watch.begins(STAGES[stage], (stage as f64 + share) / STAGES.len() as f64);
}

/// Answers every question about a system.
///
/// Never fails: what the budget does not allow is absent from the answer, and a note says why.
///
/// # Examples
/// ```
/// use quorate::analysis::{Options, analyze};
/// use quorate::families::Family;
/// let answer = analyze(&Family::Majority { n: 5 }.system()?, &Options::default());
/// assert_eq!(answer.total_resilience(), Some(2));
/// let load = answer.optimum[0].best.as_ref().expect("a majority has quorums");
/// assert_eq!(load.exact.as_ref().map(|load| load.to_string()), Some("3/5".into()));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn analyze(system: &System, options: &Options) -> Analysis {
    let compiled = Compiled::new(system, budget(system, options));
    let begins = |at: usize| options.sampling.watch.begins(STAGES[at], at as f64 / STAGES.len() as f64);
    begins(0);
    let intersections = intersections(&compiled);
    let intersects = intersections.read_write.verdict == Verdict::Holds;
    begins(1);
    let resilience = compiled.of_both(|kind| resilience::resilience(&compiled, kind));
    begins(2);
    let minimal = compiled
        .of_both(|kind| minimal_quorums::minimal_quorums(&compiled, kind, resilience.of(kind), options.quorums));
    let mut cut: Vec<Note> = Vec::new();
    let asked = workloads(system, options);
    let for_everybody = options.for_everybody(system);
    let whole = options.strategy || options.certificate;
    let best = |(part, workload): (usize, &Workload)| {
        begins_part(options, BEST, part, asked.len());
        StrategyAnswer::of(&compiled, workload, (for_everybody.objective, &for_everybody.limits), whole)
    };
    let optimum = asked.iter().enumerate().map(best).collect();
    let front_of = |workload, axes| strategy::front(&compiled, workload, axes, &for_everybody.limits);
    let front = |axes| asked.iter().map(|workload| front_of(workload, axes)).collect();
    begins(4);
    let fronts = for_everybody.pareto.map_or_else(Vec::new, front);
    let uniform = uniform_probabilities(system, options);
    let failure_probability = failure_probabilities(&compiled, options, &uniform, &mut cut);
    begins(6);
    let domination = domination::domination(&compiled, intersects, &resilience);
    begins(7);
    let read_fractions: Vec<f64> = asked.iter().map(Workload::mean_read_fraction).collect();
    let reliability = Reliability::of(&compiled, &failure_probability, &read_fractions, options);
    begins(8);
    // Where several workloads are asked about, clients have that of the definition.
    let workload = if let [one] = &asked[..] { one } else { system.workload() };
    let given = (&uniform[..], workload);
    let operations = Operations::of(&compiled, &intersections.read_write, &resilience, given, options.demands);
    let client_strategies = of_clients(&compiled, workload, options, &operations.clients);
    // Without another number, one node may lie.
    let liars = operations.byzantine.tolerate.unwrap_or(1);
    let protocols = protocol_demands(&compiled, &options.protocols, &intersections, &resilience, liars);
    let is_fast = options.protocols.contains(&Protocol::FastPaxos);
    let smallest_fast_quorum = if is_fast { smallest_fast_quorum(system, options.budget) } else { None };
    let trusted = (&intersections.read_write, &minimal.reads, &resilience.reads);
    let mut analysis = Analysis {
        probes: (options.probes && system.about().ring.is_none()).then(|| probed(&compiled, &minimal, &resilience)),
        federated: federated(&compiled, trusted, options.quorums),
        domination,
        operations,
        protocols,
        smallest_fast_quorum,
        intersections,
        minimal,
        resilience,
        optimum,
        client_strategies,
        fronts,
        reliability,
        failure_probability: failure_probability.into_iter().map(|(_, answer)| answer).collect(),
        notes: Vec::new(),
    };
    analysis.notes = notes(&compiled, &analysis);
    if whole {
        // Whoever has asked for all of it need not be told to.
        analysis.notes.retain(|note| !matches!(note, Note::StrategyTooLong { .. }));
    }
    if !options.failure_probabilities.is_empty() && matches!(analysis.reliability.repair, Some(Ok(_))) {
        analysis.notes.push(Note::TimesOfTheirOwn);
    }
    for note in cut {
        if !analysis.notes.contains(&note) {
            analysis.notes.push(note);
        }
    }
    analysis
}

/// What the answers may cost; those of a large ring less, where exact methods only end later.
fn budget(system: &System, options: &Options) -> Budget {
    system.about().ring.as_ref().map_or(options.budget, |ring| budget_for(ring, options.budget))
}

fn workloads(system: &System, options: &Options) -> Vec<Workload> {
    if options.read_fractions.is_empty() {
        return vec![system.workload().clone()];
    }
    options.read_fractions.iter().copied().map(Workload::of).collect()
}

/// What every node fails with: what was asked for, else the usual where no node has its own; none where these count.
fn uniform_probabilities(system: &System, options: &Options) -> Vec<Probability> {
    match &options.failure_probabilities[..] {
        [] if system.nodes().iter().all(|node| node.failure.is_none()) => usual_failure_probabilities().collect(),
        given => given.to_vec(),
    }
}

fn failure_probabilities(
    compiled: &Compiled<'_>,
    options: &Options,
    uniform: &[Probability],
    cut: &mut Vec<Note>,
) -> Vec<(Failures, FailureProbability)> {
    let system = compiled.system();
    let choices: Vec<(Option<Probability>, Failures)> = match uniform {
        [] => Failures::of(system).into_iter().map(|failures| (None, failures)).collect(),
        _ => uniform.iter().map(|p| (Some(*p), Failures::uniform(system, *p))).collect(),
    };
    let count = choices.len();
    let is_honest = choices.iter().all(|(_, failures)| failures.states.is_none());
    let liars = (!is_honest).then(|| Liars::of(system, compiled.budget()));
    choices
        .into_iter()
        .enumerate()
        .map(|(part, (p, failures))| {
            begins_part(options, FAILURES, part, count);
            let (mut answer, exhausted) = failure_probability(compiled, &failures, &options.sampling);
            let states = failures.states.as_ref().zip(liars.as_ref());
            answer.three_states = states.map(|(states, liars)| liars.as_ref().map_err(|why| *why)?.answer(states));
            if failures.nodes.is_empty() {
                answer.node_failure_probability = p;
            }
            cut.extend(exhausted.map(|exhausted| gave_up("the exact failure probability", exhausted)));
            (failures, answer)
        })
        .collect()
}

/// The probes of both kinds; all of a largest minimal quorum has to be seen, and all of a smallest transversal.
fn probed(compiled: &Compiled<'_>, minimal: &Pair<MinimalQuorums>, resilience: &Pair<Resilience>) -> Pair<Probes> {
    compiled.of_both(|kind| {
        let seen = minimal.of(kind).largest.unwrap_or(0).max(resilience.of(kind).lower_bound);
        probes(compiled.system().formula(kind), seen, compiled.budget())
    })
}

fn gave_up(question: &str, exhausted: Exhausted) -> Note {
    Note::GaveUp { question: question.into(), exhausted }
}
