//! Changes as one table, a row for each step.

use super::changed::Changed;
use crate::report::Analysed;
use crate::report::columns::{Column, scaled, shortest, table, text};
use crate::structure::zone_loss::ZoneResilience;
use crate::transition::{Between, Stage};

/// The rows, with full digits.
pub(super) fn csv(steps: &[Changed]) -> String {
    let columns: [Column<&Changed>; 18] = [
        Column { name: "old", value: |step| name(step, Stage::Old) },
        Column { name: "new", value: |step| name(step, Stage::New) },
        Column { name: "verdict", value: |step| step.verdict.name().into() },
        Column { name: "old_reads_new_writes", value: |step| holds(step, Between::OldReadsNewWrites) },
        Column { name: "new_reads_old_writes", value: |step| holds(step, Between::NewReadsOldWrites) },
        Column { name: "old_reads_new_reads", value: |step| holds(step, Between::OldReadsNewReads) },
        Column { name: "old_resilience", value: |step| resilience(step.of(Stage::Old)) },
        Column { name: "joint_resilience", value: |step| resilience(step.of(Stage::Joint)) },
        Column { name: "new_resilience", value: |step| resilience(step.of(Stage::New)) },
        Column { name: "old_zone_resilience", value: |step| zones(step.of(Stage::Old)) },
        Column { name: "joint_zone_resilience", value: |step| zones(step.of(Stage::Joint)) },
        Column { name: "new_zone_resilience", value: |step| zones(step.of(Stage::New)) },
        Column { name: "old_load", value: |step| load(step.of(Stage::Old)) },
        Column { name: "joint_load", value: |step| load(step.of(Stage::Joint)) },
        Column { name: "new_load", value: |step| load(step.of(Stage::New)) },
        Column { name: "old_failure_probability", value: |step| fails(step.of(Stage::Old)) },
        Column { name: "joint_failure_probability", value: |step| fails(step.of(Stage::Joint)) },
        Column { name: "new_failure_probability", value: |step| fails(step.of(Stage::New)) },
    ];
    table(&columns, steps)
}

fn name(step: &Changed, stage: Stage) -> String {
    step.of(stage).system.about().name.clone()
}

fn holds(step: &Changed, between: Between) -> String {
    text(step.step.crossing(between).and_then(|crossing| crossing.holds))
}

fn resilience(analysed: &Analysed) -> String {
    text(analysed.analysis.total_resilience())
}

fn zones(analysed: &Analysed) -> String {
    text(analysed.analysis.reliability.zones.last().and_then(ZoneResilience::value))
}

fn load(analysed: &Analysed) -> String {
    let best = analysed.analysis.optimum.first().and_then(|answer| answer.best.as_ref().ok());
    best.map_or_else(String::new, |best| shortest(best.load()))
}

/// At the first probability that was asked for.
fn fails(analysed: &Analysed) -> String {
    scaled(analysed.analysis.failure_probability.first().and_then(|answer| answer.system))
}
