//! All answers about one register.

use std::cell::OnceCell;

use super::clusters::{self, Clusters};
use super::decide::{self, Obstacle, Proof};
use super::illegal_reads::IllegalReads;
use super::options::Options;
use super::precedence::{NONE, Ops, is_cas};
use super::regular::{Legality, Reading};
use super::report::{Answers, Finding, RegisterReport, Rule, Unanswered, Verdict};
use super::single_order::single_order;
use super::stale_reads::{inversions, stale_reads};
use super::staleness;
use super::staleness_report::{OldRead, Staleness, Unmeasured};
use super::steps::meter;
use super::witness;
use super::witness::Scene;
use crate::budget::{Exhausted, Meter};
use crate::history::{Register, Value};

/// All answers about a register that starts with this value.
pub(super) fn check(register: &Register, index: usize, initial: &Value, options: &Options) -> Answers {
    let ops = Ops::new(register, initial);
    let scene = Scene { ops: &ops, register: index, initial, budget: &options.budget };
    let mut meter = meter(&options.budget, ops.entries.len());
    let mut answers =
        Answers { report: RegisterReport::of_nothing(register, index, Some(initial.clone())), order: None };
    if !ops.entries.iter().any(|entry| !entry.is_pending()) {
        answers.order = options.linearization.then(Vec::new);
        return answers;
    }
    let report = &mut answers.report;
    (report.safe, report.regular, report.atomic) = (Finding::yes(), Finding::yes(), Finding::yes());
    let mut single_order = Finding::yes();
    report.staleness = Staleness::none();
    let has_cas = ops.entries.iter().any(|entry| is_cas(&entry.action));
    let decided = decide::atomic(&ops, &mut meter);
    let judged = OnceCell::new();
    let judged = || judged.get_or_init(|| Judged::new(&scene));
    match decided {
        Ok(Ok(proof)) => answers.order = options.linearization.then(|| order(&ops, proof)).flatten(),
        Ok(Err(obstacle)) => {
            report.staleness = Staleness::unknown(Unmeasured::Repeated);
            if !has_cas {
                single_order = weaker(judged(), report, &obstacle, &mut meter);
            }
            // What one read alone breaks is the simplest reason.
            report.atomic = match report.regular.verdict {
                Verdict::Violated => report.regular.clone(),
                _ => Finding::violated(scene.obstacle(&obstacle)),
            };
        }
        Err(stopped) => {
            report.staleness = Staleness { k_lower: Some(1), ..Staleness::unknown(Unmeasured::Budget) };
            reads_alone(judged(), report);
            // What is not regular is neither.
            report.atomic = match report.regular.verdict {
                Verdict::Violated => report.regular.clone(),
                _ => Finding::unanswered(Unanswered::Budget(stopped)),
            };
            single_order = report.atomic.clone();
        }
    }
    if !report.atomic.holds() {
        old_reads(judged(), &mut report.staleness);
    }
    // A compare-and-set needs more than a register that is only regular.
    if has_cas {
        for finding in [&mut report.safe, &mut report.regular, &mut single_order] {
            *finding = Finding::unanswered(Unanswered::CompareAndSet);
        }
    }
    report.single_order = (report.writers > 1).then_some(single_order);
    answers
}

/// A register, what each of its reads may return, and which of them may return nothing.
struct Judged<'s, 'a> {
    scene: &'s Scene<'s, 'a>,
    legality: Legality<'s, 'a>,
    illegal: IllegalReads,
}

impl<'s, 'a> Judged<'s, 'a> {
    fn new(scene: &'s Scene<'s, 'a>) -> Self {
        let legality = Legality::new(scene.ops);
        let illegal = IllegalReads::new(&legality, &mut meter(scene.budget, scene.ops.entries.len()));
        Judged { scene, legality, illegal }
    }
}

/// What a register that is not atomic still is.
///
/// Gives the answer about a single order of the writes.
fn weaker(judged: &Judged<'_, '_>, answers: &mut RegisterReport, obstacle: &Obstacle, meter: &mut Meter) -> Finding {
    let scene = judged.scene;
    let ops = scene.ops;
    reads_alone(judged, answers);
    let is_unique = clusters::is_unique(ops);
    let single_order = match (obstacle, answers.regular.verdict) {
        (_, Verdict::Violated | Verdict::Undecided) => answers.regular.clone(),
        // Where values are repeated, reads that several writes allow may have been left out.
        (Obstacle::Cycle(clusters, _), _) if is_unique => match single_order(ops, clusters, meter) {
            Ok(Ok(())) => Finding::yes(),
            Ok(Err(cycle)) => Finding::violated(scene.cycle(clusters, &cycle, Rule::WriteCycle)),
            Err(exhausted) => Finding::unanswered(Unanswered::Budget(exhausted.into())),
        },
        _ => Finding::unanswered(Unanswered::RepeatedValues),
    };
    if !is_unique {
        return single_order;
    }
    let (clusters, orphan) = Clusters::of_values(ops);
    answers.staleness.unmeasured = Some(Unmeasured::NoVersion);
    if orphan.is_some() {
        return single_order;
    }
    let measured = &mut answers.staleness;
    (measured.k_lower, measured.k_upper) = staleness::versions(ops, &clusters, meter);
    measured.delta = staleness::delta(ops, &clusters, meter).and_then(|delta| in_time(scene, delta, meter));
    if measured.k_lower.is_some() {
        // Some number of versions is enough, and then some time is, unless the budget ended.
        let is_whole = measured.k_upper.is_some() && measured.delta.is_some();
        measured.unmeasured = (!is_whole).then_some(Unmeasured::Budget);
    }
    single_order
}

/// The smallest time by which reads would have to start earlier, where it is known in events: by the clock, if there is one.
fn in_time(scene: &Scene<'_, '_>, in_events: i64, meter: &mut Meter) -> Option<i64> {
    if !scene.ops.register.has_clock() {
        return Some(in_events);
    }
    let register = scene.ops.register.in_time();
    let ops = Ops::new(&register, scene.initial);
    let (clusters, orphan) = Clusters::of_values(&ops);
    if orphan.is_some() { None } else { staleness::delta(&ops, &clusters, meter) }
}

/// The reads that returned values that were too old, as far as that is known of each alone.
fn old_reads(judged: &Judged<'_, '_>, staleness: &mut Staleness) {
    let Judged { scene, legality, illegal } = judged;
    let ops = scene.ops;
    let old =
        |(entry, age): (usize, i64)| OldRead { register: scene.register, entry, line: ops.entries[entry].line, age };
    let listed = |found: Vec<(usize, i64)>| found.into_iter().map(old).collect();
    let mut meter = meter(scene.budget, ops.entries.len());
    if let Ok(stale) = stale_reads(legality, illegal, &mut meter) {
        if clusters::is_unique(ops) {
            staleness.inversions = inversions(ops, &stale, &mut meter).ok().map(listed);
        }
        staleness.stale_reads = Some(listed(stale));
    }
    if staleness.stale_reads.is_none() {
        staleness.unmeasured = Some(Unmeasured::Budget);
    }
}

/// Whether every read, taken alone, is allowed: regular, and safe.
fn reads_alone(Judged { scene, legality, illegal }: &Judged<'_, '_>, answers: &mut RegisterReport) {
    let finding = |found: Result<Option<(usize, Reading)>, Exhausted>| match found {
        Ok(None) => Finding::yes(),
        Ok(Some((read, reading))) => Finding::violated(scene.read(read, reading)),
        Err(exhausted) => Finding::unanswered(Unanswered::Budget(exhausted.into())),
    };
    answers.regular = finding(illegal.first(|_| true));
    answers.safe = match answers.regular.verdict {
        Verdict::Holds => Finding::yes(),
        _ => finding(illegal.first(|read| legality.is_alone(read))),
    };
}

/// The operations in an order that proves that the register is atomic.
fn order(ops: &Ops<'_>, proof: Proof) -> Option<Vec<usize>> {
    let clusters = match proof {
        Proof::Order(order) => return Some(order.into_iter().map(|position| position as usize).collect()),
        Proof::Clusters(clusters) => clusters,
    };
    let sorted = decide::sorted(ops, &clusters).ok()?;
    let mut place = vec![0; clusters.len()];
    for (position, cluster) in sorted.into_iter().enumerate() {
        place[cluster as usize] = position;
    }
    let mut order: Vec<_> = ops
        .telling()
        .filter_map(|(position, entry)| {
            let cluster = clusters.of(ops, position);
            let is_read = entry.action.written().is_none();
            (cluster != NONE).then(|| (place[cluster as usize], is_read, entry.start, position))
        })
        .collect();
    order.sort_unstable();
    debug_assert!(witness::is_order(ops, order.iter().map(|(.., position)| *position)).is_ok());
    Some(order.into_iter().map(|(.., position)| position).collect())
}
