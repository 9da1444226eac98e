//! The tables of failure and repair over time, and of what is lost with zones and cuts between them.

use super::Analysed;
use super::columns::{Column, log10, maybe, shortest, table};
use crate::availability::FailureProbability;
use crate::availability::repair::{HOURS_A_YEAR, LongRun, Losses, RepairAnswer, Sample};
use crate::model::{Kind, ZoneId};
use crate::number::Scaled;
use crate::operations::{Split, Splits, ZoneLoss};

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
/// `quantity` is `read`, `write`, `system` or `total`, as in `failure_probability.csv`, or `data_loss`: all copies of some acknowledged write are gone; times are in hours, `lower` to `seed`
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
        let lost = analysed.analysis.reliability.data_loss.as_ref().and_then(|losses| losses.as_ref().ok());
        four.chain(lost.map(|losses| ("data_loss", losses))).map(move |(quantity, losses)| Row {
            analysed,
            quantity,
            losses,
        })
    });
    table(&columns, rows)
}

struct LossRow<'a> {
    analysed: &'a Analysed,
    loss: &'a ZoneLoss,
    answer: Option<&'a FailureProbability>,
}

struct SplitRow<'a> {
    analysed: &'a Analysed,
    split: &'a Split,
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn number(value: Option<Scaled>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn zone(analysed: &Analysed, zone: ZoneId) -> String {
    analysed.system.zones()[zone.index()].name.clone()
}

fn system(analysed: &Analysed) -> String {
    analysed.system.about().name.clone()
}

/// `zone_losses.csv`: one row per system, lowest zone and node failure probability.
pub(super) fn zone_losses(systems: &[Analysed]) -> String {
    let columns = vec![
        Column { name: "system", value: |row: &LossRow<'_>| system(row.analysed) },
        Column { name: "zone", value: |row| zone(row.analysed, row.loss.zone) },
        Column { name: "nodes_left", value: |row| row.loss.nodes_left.to_string() },
        Column { name: "reads_alive", value: |row| row.loss.alive.reads.to_string() },
        Column { name: "reads_resilience", value: |row| text(row.loss.resilience.of(Kind::Read).value()) },
        Column { name: "writes_alive", value: |row| row.loss.alive.writes.to_string() },
        Column { name: "writes_resilience", value: |row| text(row.loss.resilience.of(Kind::Write).value()) },
        Column {
            name: "node_failure_probability",
            value: |row| {
                text(row.answer.and_then(|answer| answer.node_failure_probability).map(crate::model::Probability::get))
            },
        },
        Column { name: "read", value: |row| number(row.answer.and_then(|answer| answer.read)) },
        Column { name: "write", value: |row| number(row.answer.and_then(|answer| answer.write)) },
        Column { name: "kind", value: |row| row.analysed.system.zones()[row.loss.zone.index()].kind.clone() },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        analysed.analysis.operations.zone_losses.iter().flat_map(move |loss| {
            let none = loss.failure_probability.is_empty().then_some(None);
            let each = none.into_iter().chain(loss.failure_probability.iter().map(Some));
            each.map(move |answer| LossRow { analysed, loss, answer })
        })
    });
    table(&columns, rows)
}

/// `splits.csv`: one row per system, kind of zones and cut of its zones in two.
pub(super) fn splits(systems: &[Analysed]) -> String {
    let columns = vec![
        Column { name: "system", value: |row: &SplitRow<'_>| system(row.analysed) },
        Column {
            name: "side",
            value: |row| row.split.side.iter().map(|side| zone(row.analysed, *side)).collect::<Vec<_>>().join(" "),
        },
        Column { name: "reads", value: |row| row.split.who.reads.name().to_owned() },
        Column { name: "writes", value: |row| row.split.who.writes.name().to_owned() },
        Column {
            name: "kind",
            value: |row| text(row.split.side.first().map(|zone| &row.analysed.system.zones()[zone.index()].kind)),
        },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let operations = &analysed.analysis.operations;
        let further = operations.zone_kinds.iter().skip(1).map(|own| &own.splits);
        let listed = std::iter::once(&operations.splits).chain(further).filter_map(|splits| match splits {
            Splits::All(all) => Some(all),
            _ => None,
        });
        listed.flatten().map(move |split| SplitRow { analysed, split })
    });
    table(&columns, rows)
}
