//! Makes a violation small: as few faults, operations and odd messages as still break the same rule.

use super::engine::Engine;
use super::fate::Fate;
use super::fault::{FaultEvent, Scenario};
use super::latency::Latency;
use super::traffic::{Task, Traffic};
use super::{Run, RunLimits};
use crate::budget::is_stopped;
use crate::checker::{self, Model, Rule, check};
use crate::protocol::{Invariant, ProcessId, Protocol};
use std::fmt;

/// An execution written out: nothing in it is drawn any more, but for the words in the inputs of machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Faults, and the fate of every message that is not the usual one.
    pub scenario: Scenario,
    /// The operations of every client, in [`Traffic::script`].
    pub traffic: Traffic,
}

/// How large an execution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Faults.
    pub faults: usize,
    /// Operations.
    pub operations: usize,
    /// Messages with a fate of their own: lost, repeated, or not as fast as the others.
    pub messages: usize,
}

/// What an execution breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offence {
    /// A rule of the checker, by its history.
    Rule(Rule),
    /// An invariant of its protocol, at one of its steps.
    Invariant(Invariant),
}

impl Offence {
    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Offence::Rule(rule) => rule.name(),
            Offence::Invariant(invariant) => invariant.name(),
        }
    }
}

impl fmt::Display for Offence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A violation made small.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// What to run.
    pub script: Script,
    /// What is left of the history.
    pub run: Run,
    /// The rule that is broken, now as before.
    pub rule: Offence,
    /// Executions that were tried.
    pub tries: u64,
    /// How large it was, with every message counted.
    pub before: Size,
    /// How large it is.
    pub after: Size,
}

/// An execution that breaks its promise.
#[derive(Debug, Clone, Copy)]
pub struct Violation<'a> {
    /// Network and faults.
    pub scenario: &'a Scenario,
    /// The operations.
    pub traffic: &'a Traffic,
    /// The seed.
    pub seed: u64,
    /// What was promised.
    pub promise: Model,
}

/// Steps of all executions that may be tried.
const STEPS_MAX: u64 = 200_000_000;

/// Delay of every message whose fate is not given, in a script.
const USUAL_MS: f64 = 1.0;

/// The same in nanoseconds.
const USUAL_NS: u64 = 1_000_000;

/// Makes an execution small, if its history breaks the promise.
///
/// # Method
/// Delta debugging: whole chunks, then single faults and operations are taken out as long as the history still breaks
/// the promise by the same rule. Then what happened to every message is written down, and messages become ordinary,
/// arriving once after a millisecond, as far as the rule stays broken; then faults and operations once more. Ends where
/// nothing more can go, or when the executions tried took 200 million steps.
///
/// # Source
/// Zeller and Hildebrandt, Simplifying and isolating failure-inducing input, 2002.
pub fn shrink<P: Protocol>(protocol: &P, violation: Violation<'_>) -> Option<Shrunk> {
    let Violation { scenario, traffic, seed, promise } = violation;
    let mut shrinker = Shrinker {
        protocol,
        promise,
        rule: Offence::Rule(Rule::NoOrder),
        seed,
        tries: 0,
        left: STEPS_MAX,
        kept: None,
        is_plain: false,
    };
    let script = Script { scenario: scenario.clone(), traffic: traffic.scripted(seed, protocol.is_single_writer()) };
    let first = shrinker.run(&script, true);
    shrinker.rule = broken(&first, promise)?;
    let before = Size { messages: first.fates.len(), ..size(&script) };
    let fewer_faults = shrinker.faults(&script);
    let mut script = shrinker.operations(&fewer_faults);
    let recorded = shrinker.run(&script, true);
    let fates = recorded.fates.into_iter().filter(|(_, fate)| *fate != Fate::after(USUAL_NS)).collect();
    let plain = Scenario {
        latency: Latency::Constant { ms: USUAL_MS },
        faults: script.scenario.faults.clone(),
        fates,
        ..Scenario::default()
    };
    script.scenario = plain;
    shrinker.is_plain = true;
    script = shrinker.messages(&script);
    script = shrinker.faults(&script);
    script = shrinker.operations(&script);
    script = shrinker.draws(script);
    script = shrinker.messages(&script);
    let (script, run) = if is_stopped() {
        // The smallest until somebody asked for the end.
        shrinker.kept?
    } else {
        let run = shrinker.run(&script, false);
        // Nothing was kept that did not break the rule.
        broken(&run, promise)?;
        (script, run)
    };
    Some(Shrunk { rule: shrinker.rule, tries: shrinker.tries, before, after: size(&script), script, run })
}

/// The rule that a history breaks, or the invariant that a run does.
fn broken(run: &Run, promise: Model) -> Option<Offence> {
    if let Some(broken) = &run.broken {
        return Some(Offence::Invariant(broken.invariant));
    }
    let report = check(&run.history, &checker::Options::default());
    report.model(promise).witness.as_ref().map(|witness| Offence::Rule(witness.rule))
}

fn size(script: &Script) -> Size {
    Size {
        faults: script.scenario.faults.len(),
        operations: script.traffic.script.iter().flatten().map(Vec::len).sum(),
        messages: script.scenario.fates.len(),
    }
}

/// What must stay true, and how much may still be spent on it.
struct Shrinker<'a, P> {
    protocol: &'a P,
    promise: Model,
    rule: Offence,
    seed: u64,
    tries: u64,
    left: u64,
    /// The smallest execution so far, once it is one that can be written out.
    kept: Option<(Script, Run)>,
    /// Whether all that is not as usual is written out.
    is_plain: bool,
}

impl<P: Protocol> Shrinker<'_, P> {
    fn run(&mut self, script: &Script, is_recorded: bool) -> Run {
        let limits = RunLimits::of_steps(self.left);
        let engine = Engine::new(self.protocol, &script.scenario, &script.traffic, self.seed);
        let run = engine.recording(is_recorded).run(limits, &|_| {});
        self.tries += 1;
        self.left = self.left.saturating_sub(run.counts.steps.max(1));
        run
    }

    fn still_breaks(&mut self, script: &Script) -> bool {
        let run = self.run(script, false);
        let still = broken(&run, self.promise) == Some(self.rule);
        if still && self.is_plain {
            self.kept = Some((script.clone(), run));
        }
        still
    }

    /// Takes items out as long as what is built from the others still breaks the rule.
    fn fewer<T: Clone>(&mut self, mut items: Vec<T>, build: impl Fn(&[T]) -> Script) -> Vec<T> {
        let mut chunk = items.len();
        while chunk > 0 {
            let mut at = 0;
            let mut is_smaller = false;
            while at < items.len() {
                if self.left == 0 || is_stopped() {
                    return items;
                }
                let mut others = items.clone();
                others.drain(at..(at + chunk).min(items.len()));
                if self.still_breaks(&build(&others)) {
                    items = others;
                    is_smaller = true;
                } else {
                    at += chunk;
                }
            }
            // Single items are tried until none can go.
            chunk = if chunk == 1 && is_smaller { 1 } else { chunk / 2 };
        }
        items
    }

    fn faults(&mut self, script: &Script) -> Script {
        let with = |faults: &[FaultEvent]| {
            let scenario = Scenario { faults: faults.to_vec(), ..script.scenario.clone() };
            Script { scenario, traffic: script.traffic.clone() }
        };
        let kept = self.fewer(script.scenario.faults.clone(), with);
        with(&kept)
    }

    fn operations(&mut self, script: &Script) -> Script {
        let clients = script.traffic.clients as usize;
        let with = |tasks: &[(usize, Task)]| {
            let mut lists = vec![Vec::new(); clients];
            tasks.iter().for_each(|(client, task)| lists[*client].push(*task));
            Script { scenario: script.scenario.clone(), traffic: script.traffic.with_script(lists) }
        };
        // In the order in which they are likely to start, so that chunks are spans of time.
        let lists = script.traffic.script.clone().unwrap_or_default();
        let mut tasks: Vec<(usize, usize, Task)> = lists
            .into_iter()
            .enumerate()
            .flat_map(|(client, tasks)| tasks.into_iter().enumerate().map(move |(number, task)| (number, client, task)))
            .collect();
        tasks.sort_by_key(|(number, client, _)| (*number, *client));
        let kept = self.fewer(tasks.into_iter().map(|(_, client, task)| (client, task)).collect(), with);
        with(&kept)
    }

    fn messages(&mut self, script: &Script) -> Script {
        let with = |fates: &[((ProcessId, u64), Fate)]| {
            let scenario = Scenario { fates: fates.iter().copied().collect(), ..script.scenario.clone() };
            Script { scenario, traffic: script.traffic.clone() }
        };
        let fates: Vec<_> = script.scenario.fates.iter().map(|(message, fate)| (*message, *fate)).collect();
        let kept = self.fewer(fates, with);
        with(&kept)
    }

    /// Words for machines that do not need them become 0.
    fn draws(&mut self, script: Script) -> Script {
        let plain = |tasks: Vec<Task>| tasks.into_iter().map(|task| Task { draw: 0, ..task }).collect();
        let lists = script.traffic.script.clone().unwrap_or_default().into_iter().map(plain).collect();
        let simpler = Script { traffic: script.traffic.with_script(lists), ..script.clone() };
        if self.still_breaks(&simpler) { simpler } else { script }
    }
}
