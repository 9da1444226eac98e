//! The table of failure and repair over time.

use super::Analysed;
use super::columns::{Column, log10, maybe, shortest, table};
use crate::availability::repair::{HOURS_A_YEAR, LongRun, Losses, RepairAnswer, Sample};
use crate::number::Scaled;

/// One kind of losses of a system.
struct Row<'a> {
    analysed: &'a Analysed,
    quantity: &'static str,
    losses: &'a Losses,
}

impl Row<'_> {
    fn run(&self, of: fn(LongRun) -> Option<Scaled>) -> Option<Scaled> {
        self.losses.long_run.and_then(of)
    }

    fn a_year(&self, of: fn(LongRun) -> Scaled, times: f64) -> Option<Scaled> {
        self.losses.long_run.map(|run| of(run) * Scaled::from(HOURS_A_YEAR * times))
    }

    fn sample(&self) -> Option<Sample> {
        self.losses.first_loss.sample
    }
}

fn float(value: Option<Scaled>) -> String {
    maybe(value.and_then(Scaled::to_f64), shortest)
}

/// `repair.csv`: one row per system and kind of losses, where nodes or zones have times.
///
/// `quantity` is `read`, `write`, `system` or `total`, as in `failure_probability.csv`; times are in hours, `lower` to `seed`
/// belong to `mean_first_loss_hours`. The columns that end in `log10` go on where an `f64` ends.
pub(super) fn repair(systems: &[Analysed]) -> String {
    let columns: Vec<Column<Row<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "quantity", value: |row| row.quantity.to_owned() },
        Column { name: "losses_per_year", value: |row| float(row.a_year(|run| run.losses_per_hour, 1.0)) },
        Column { name: "unavailability", value: |row| float(row.run(|run| Some(run.unavailability))) },
        Column { name: "minutes_down_per_year", value: |row| float(row.a_year(|run| run.unavailability, 60.0)) },
        Column { name: "mean_up_hours", value: |row| float(row.run(|run| run.mean_up_hours)) },
        Column { name: "mean_down_hours", value: |row| float(row.run(|run| run.mean_down_hours)) },
        Column { name: "mean_first_loss_hours", value: |row| float(row.losses.first_loss.hours) },
        Column { name: "method", value: |row| row.losses.first_loss.method.name().to_owned() },
        Column { name: "lower", value: |row| float(row.losses.first_loss.lower) },
        Column { name: "upper", value: |row| float(row.losses.first_loss.upper) },
        Column { name: "confidence", value: |row| maybe(row.sample(), |sample| shortest(sample.confidence)) },
        Column { name: "trials", value: |row| maybe(row.sample(), |sample| sample.trials.to_string()) },
        Column { name: "seed", value: |row| maybe(row.sample(), |sample| sample.seed.to_string()) },
        Column { name: "unavailability_log10", value: |row| log10(row.run(|run| Some(run.unavailability))) },
        Column { name: "mean_up_hours_log10", value: |row| log10(row.run(|run| run.mean_up_hours)) },
        Column { name: "mean_first_loss_hours_log10", value: |row| log10(row.losses.first_loss.hours) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let answer = analysed.analysis.reliability.repair.as_ref().and_then(|answer| answer.as_ref().ok());
        let four = answer.into_iter().flat_map(RepairAnswer::named);
        four.map(move |(quantity, losses)| Row { analysed, quantity, losses })
    });
    table(&columns, rows)
}
