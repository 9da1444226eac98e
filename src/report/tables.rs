//! Answers as tidy CSV tables: one header line, one row per fact, empty for missing.
//!
//! Each table is one list of columns, which serves the header and the rows, so the two cannot disagree.

use super::Analysed;
use super::columns::{Column, log10, maybe, scaled, shortest, table, text};
use crate::availability::FailureProbability;
use crate::model::{Choice, Kind, Workload};
use crate::strategy::{Optimum, StrategyAnswer};

/// A table that can be exported: the name of its file, and what it says.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// The stable name of the file.
    pub file: &'static str,
    /// The text of the file.
    pub csv: fn(&[Analysed]) -> String,
}

/// All tables about analysed systems.
#[doc(hidden)]
pub const TABLES: &[Table] = &[
    Table { file: "systems.csv", csv: systems },
    Table { file: "optimum.csv", csv: optimum },
    Table { file: "node_load.csv", csv: node_load },
    Table { file: "strategy.csv", csv: strategy },
    Table { file: "failure_probability.csv", csv: failure_probability },
    Table { file: "importance.csv", csv: super::series::importance },
    Table { file: "repair.csv", csv: super::repair_table::repair },
    Table { file: "zone_losses.csv", csv: super::repair_table::zone_losses },
    Table { file: "splits.csv", csv: super::repair_table::splits },
    Table { file: "byzantine.csv", csv: super::consensus_tables::byzantine },
    Table { file: "demands.csv", csv: super::consensus_tables::demands },
    Table { file: "federated.csv", csv: super::consensus_tables::federated },
    Table { file: "clients.csv", csv: super::client_tables::clients },
    Table { file: "leaders.csv", csv: super::client_tables::leaders },
    Table { file: "client_strategies.csv", csv: super::client_tables::strategies },
    Table { file: "client_fronts.csv", csv: super::client_tables::fronts },
    Table { file: "ranges.csv", csv: super::ring_tables::ranges },
    Table { file: "copysets.csv", csv: super::ring_tables::copysets },
];

macro_rules! columns {
    ($($name:literal => $value:expr),+ $(,)?) => { vec![$(Column { name: $name, value: $value }),+] };
}

/// A system, and one of its optima if there is any.
struct SystemRow<'a> {
    analysed: &'a Analysed,
    answer: Option<&'a StrategyAnswer>,
    optimum: Option<&'a Optimum>,
}

impl<'a> SystemRow<'a> {
    fn new(analysed: &'a Analysed, answer: Option<&'a StrategyAnswer>) -> Self {
        SystemRow { analysed, answer, optimum: answer.and_then(StrategyAnswer::optimum) }
    }
}

struct NodeRow<'a> {
    analysed: &'a Analysed,
    optimum: &'a Optimum,
    node: usize,
}

struct ChoiceRow<'a> {
    analysed: &'a Analysed,
    optimum: &'a Optimum,
    kind: Kind,
    choice: &'a Choice,
}

struct FailureRow<'a> {
    analysed: &'a Analysed,
    answer: &'a FailureProbability,
}

/// `systems.csv`: one row per system.
///
/// # Examples
/// ```
/// assert!(quorate::report::tables::systems(&[]).starts_with("system,family,nodes,read_count,write_count,"));
/// ```
#[doc(hidden)]
pub fn systems(systems: &[Analysed]) -> String {
    let columns = [system_columns(), operations_columns(), failed_column(systems)];
    let rows = systems.iter().map(|analysed| SystemRow::new(analysed, None));
    table(&columns.into_iter().flatten().collect::<Vec<_>>(), rows)
}

/// What has failed, where anything has.
fn failed_column<'a>(systems: &[Analysed]) -> Vec<Column<SystemRow<'a>>> {
    if systems.iter().all(|analysed| analysed.system.about().failed.is_empty()) {
        return Vec::new();
    }
    columns! { "failed" => |row| row.analysed.system.about().failed.join(" ") }
}

/// What `quorate analyze --format csv` prints: the columns of [`systems`], then its load; one row per system and
/// read fraction.
#[doc(hidden)]
pub fn overview(systems: &[Analysed]) -> String {
    let load: Vec<Column<SystemRow<'_>>> = columns! {
        "read_fraction" => |row| maybe(row.answer, |answer| read_fraction(&answer.workload)),
        "load" => |row| maybe(row.optimum, |optimum| shortest(optimum.load())),
    };
    let goal: Vec<Column<SystemRow<'_>>> = columns! {
        "objective" => |row| maybe(row.answer, |answer| answer.objective.name().to_owned()),
        "value" => |row| maybe(row.optimum, |optimum| shortest(optimum.value())),
    };
    let columns = [system_columns(), load, certificate_columns(), cost_columns(), goal, failed_column(systems)];
    let rows = systems.iter().flat_map(|analysed| {
        let none = analysed.analysis.optimum.is_empty().then_some(None);
        none.into_iter()
            .chain(analysed.analysis.optimum.iter().map(Some))
            .map(move |answer| SystemRow::new(analysed, answer))
    });
    table(&columns.into_iter().flatten().collect::<Vec<_>>(), rows)
}

/// `optimum.csv`: one row per system and read fraction.
#[doc(hidden)]
pub fn optimum(systems: &[Analysed]) -> String {
    let question: Vec<Column<SystemRow<'_>>> = columns! {
        "system" => |row| system_name(row.analysed),
        "objective" => |row| maybe(row.answer, |answer| answer.objective.name().to_owned()),
        "read_fraction" => |row| maybe(row.answer, |answer| read_fraction(&answer.workload)),
        "value" => |row| maybe(row.optimum, |optimum| shortest(optimum.value())),
    };
    let load: Vec<Column<SystemRow<'_>>> = columns! {
        "load" => |row| maybe(row.optimum, |optimum| shortest(optimum.load())),
    };
    let columns = [question, certificate_columns(), load, cost_columns()];
    let rows = systems.iter().flat_map(|analysed| {
        analysed.analysis.optimum.iter().map(move |answer| SystemRow::new(analysed, Some(answer)))
    });
    table(&columns.into_iter().flatten().collect::<Vec<_>>(), rows)
}

/// `node_load.csv`: one row per system, read fraction and node.
#[doc(hidden)]
pub fn node_load(systems: &[Analysed]) -> String {
    let columns: Vec<Column<NodeRow<'_>>> = columns! {
        "system" => |row| system_name(row.analysed),
        "read_fraction" => |row| read_fraction(&row.optimum.workload),
        "node" => |row| row.analysed.system.nodes()[row.node].name.clone(),
        "load" => |row| shortest(row.optimum.node_load[row.node]),
    };
    let rows = optima(systems).flat_map(|(analysed, optimum)| {
        (0..optimum.node_load.len()).map(move |node| NodeRow { analysed, optimum, node })
    });
    table(&columns, rows)
}

/// `strategy.csv`: one row per system, read fraction and quorum in use; a quorum's nodes are joined by a space.
#[doc(hidden)]
pub fn strategy(systems: &[Analysed]) -> String {
    let columns: Vec<Column<ChoiceRow<'_>>> = columns! {
        "system" => |row| system_name(row.analysed),
        "read_fraction" => |row| read_fraction(&row.optimum.workload),
        "kind" => |row| row.kind.name().to_owned(),
        "quorum" => |row| row.analysed.system.names(&row.choice.quorum).collect::<Vec<_>>().join(" "),
        "probability" => |row| shortest(row.choice.probability),
    };
    let rows = optima(systems).flat_map(|(analysed, optimum)| {
        Kind::BOTH.into_iter().flat_map(move |kind| {
            let choices = optimum.strategy.iter().flat_map(move |strategy| strategy.of(kind));
            choices.map(move |choice| ChoiceRow { analysed, optimum, kind, choice })
        })
    });
    table(&columns, rows)
}

/// `failure_probability.csv`: one row per system and node failure probability.
///
/// The columns that end in `log10` go on where an `f64` ends; they are empty for missing and for zero.
#[doc(hidden)]
pub fn failure_probability(systems: &[Analysed]) -> String {
    let columns: Vec<Column<FailureRow<'_>>> = columns! {
        "system" => |row| system_name(row.analysed),
        "node_failure_probability" => |row| maybe(row.answer.node_failure_probability, |value| shortest(value.get())),
        "read" => |row| scaled(row.answer.read),
        "write" => |row| scaled(row.answer.write),
        "either" => |row| scaled(row.answer.system),
        "total" => |row| scaled(row.answer.total),
        "method" => |row| row.answer.method.name().to_owned(),
        "lower" => |row| maybe(row.answer.interval, |interval| shortest(interval.lower)),
        "upper" => |row| maybe(row.answer.interval, |interval| shortest(interval.upper)),
        "confidence" => |row| maybe(row.answer.interval.and_then(|interval| interval.confidence), shortest),
        "trials" => |row| text(row.answer.interval.and_then(|interval| interval.trials)),
        "seed" => |row| text(row.answer.interval.and_then(|interval| interval.seed)),
        "read_log10" => |row| log10(row.answer.read),
        "write_log10" => |row| log10(row.answer.write),
        "either_log10" => |row| log10(row.answer.system),
        "total_log10" => |row| log10(row.answer.total),
    };
    let rows = systems.iter().flat_map(|analysed| {
        analysed.analysis.failure_probability.iter().map(move |answer| FailureRow { analysed, answer })
    });
    table(&columns, rows)
}

fn system_columns<'a>() -> Vec<Column<SystemRow<'a>>> {
    columns! {
        "system" => |row| system_name(row.analysed),
        "family" => |row| row.analysed.system.about().family.clone(),
        "nodes" => |row| row.analysed.system.nodes().len().to_string(),
        "read_count" => |row| text(row.analysed.analysis.minimal.reads.count.as_ref()),
        "write_count" => |row| text(row.analysed.analysis.minimal.writes.count.as_ref()),
        "smallest_read" => |row| text(row.analysed.analysis.minimal.reads.smallest),
        "smallest_write" => |row| text(row.analysed.analysis.minimal.writes.smallest),
        "read_resilience" => |row| text(row.analysed.analysis.resilience.reads.value()),
        "write_resilience" => |row| text(row.analysed.analysis.resilience.writes.value()),
        "resilience" => |row| text(row.analysed.analysis.total_resilience()),
        "intersects" => |row| text(row.analysed.analysis.intersections.read_write.verdict.known()),
        "non_dominated" => |row| text(row.analysed.analysis.domination.non_dominated.known()),
    }
}

/// What those ask who run a system.
fn operations_columns<'a>() -> Vec<Column<SystemRow<'a>>> {
    columns! {
        "zone_resilience" => |row| {
            text(row.analysed.analysis.reliability.zones.last().and_then(crate::structure::zone_loss::ZoneResilience::value))
        },
        "durability_nodes" => |row| text(row.analysed.analysis.operations.durability.nodes),
        "durability_zones" => |row| text(row.analysed.analysis.operations.durability.zones),
        "smallest_overlap" => |row| text(row.analysed.analysis.operations.overlap.smallest_nodes),
    }
}

/// The columns of an optimum's certificate, for a row that may have none.
fn certificate_columns<'a>() -> Vec<Column<SystemRow<'a>>> {
    columns! {
        "exact" => |row| text(row.optimum.and_then(|optimum| optimum.exact.as_ref())),
        "lower_bound" => |row| maybe(row.optimum, |optimum| shortest(optimum.lower_bound)),
        "upper_bound" => |row| maybe(row.optimum, |optimum| shortest(optimum.upper_bound)),
        "certified" => |row| text(row.answer.map(|_| row.optimum.is_some_and(Optimum::is_certified))),
    }
}

/// The columns of what a strategy costs, for a row that may have none.
fn cost_columns<'a>() -> Vec<Column<SystemRow<'a>>> {
    columns! {
        "capacity" => |row| maybe(row.optimum, |optimum| shortest(optimum.capacity())),
        "network" => |row| maybe(row.optimum, |optimum| shortest(optimum.network)),
        "latency_ms" => |row| maybe(row.optimum.and_then(|optimum| optimum.latency_ms), shortest),
    }
}

fn optima(systems: &[Analysed]) -> impl Iterator<Item = (&Analysed, &Optimum)> {
    systems.iter().flat_map(|analysed| {
        let optima = analysed.analysis.optimum.iter().filter_map(StrategyAnswer::optimum);
        optima.map(move |optimum| (analysed, optimum))
    })
}

fn system_name(analysed: &Analysed) -> String {
    analysed.system.about().name.clone()
}

/// A fraction, or `fraction:weight` for each of a distribution, joined by spaces.
fn read_fraction(workload: &Workload) -> String {
    match workload.shares() {
        [share] => shortest(share.read_fraction.get()),
        shares => {
            let share =
                |share: &crate::model::Share| format!("{}:{}", share.read_fraction.get(), share.given_weight.get());
            shares.iter().map(share).collect::<Vec<_>>().join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::number::Scaled;

    #[track_caller]
    fn check(csv: &str, expected: &[&str]) {
        assert_eq!(csv.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn systems_table() {
        check(
            &systems(&[fixture::grid(), fixture::undecided()]),
            &[
                "system,family,nodes,read_count,write_count,smallest_read,smallest_write,read_resilience,\
                 write_resilience,resilience,intersects,non_dominated,zone_resilience,durability_nodes,\
                 durability_zones,smallest_overlap",
                "grid-3x3,grid,9,27,13,3,3,2,2,2,true,false,,3,,1",
                "\"big, odd | name\",majority,20,,,11,11,,,,,,,3,,1",
            ],
        );
    }

    #[test]
    fn optimum_table() {
        let rows = optimum(&[fixture::grid()]);
        let load = 23.0 / 57.0;
        check(
            &rows,
            &[
                "system,objective,read_fraction,value,exact,lower_bound,upper_bound,certified,load,capacity,network,\
                 latency_ms",
                &format!("grid-3x3,load,0.5,{load},23/57,{load},{load},true,{load},{},3.8,", 1.0 / load),
            ],
        );
    }

    #[test]
    fn overview_table() {
        let rows = overview(&[fixture::grid()]);
        let load = 23.0 / 57.0;
        check(
            &rows,
            &[
                "system,family,nodes,read_count,write_count,smallest_read,smallest_write,read_resilience,\
                 write_resilience,resilience,intersects,non_dominated,read_fraction,load,exact,lower_bound,\
                 upper_bound,certified,capacity,network,latency_ms,objective,value",
                &format!(
                    "grid-3x3,grid,9,27,13,3,3,2,2,2,true,false,0.5,{load},23/57,{load},{load},true,{},3.8,,load,{load}",
                    1.0 / load
                ),
            ],
        );
        let mut none = fixture::grid();
        none.analysis.optimum.clear();
        assert!(overview(&[none]).ends_with(",false,,,,,,,,,,,\n"));
    }

    #[test]
    fn node_load_table() {
        let csv = node_load(&[fixture::grid()]);
        assert_eq!(csv.lines().count(), 10);
        check(
            &csv.lines().take(2).collect::<Vec<_>>().join("\n"),
            &["system,read_fraction,node,load", "grid-3x3,0.5,n1,0.25"],
        );
    }

    #[test]
    fn strategy_table() {
        check(
            &strategy(&[fixture::grid(), fixture::undecided()]),
            &[
                "system,read_fraction,kind,quorum,probability",
                "grid-3x3,0.5,read,n1 n4 n7,0.25",
                "grid-3x3,0.5,read,n2 n5 n8,0.75",
                "grid-3x3,0.5,write,n7 n8 n9,1",
            ],
        );
    }

    fn logs(values: &[f64]) -> String {
        values.iter().map(|value| log10(Some(Scaled::from(*value)))).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn failure_probability_table() {
        check(
            &failure_probability(&[fixture::grid(), fixture::undecided()]),
            &[
                "system,node_failure_probability,read,write,either,total,method,lower,upper,confidence,trials,seed,\
                 read_log10,write_log10,either_log10,total_log10",
                &format!(
                    "grid-3x3,0.1,0.002997,0.020439,0.0209,2.5e-9,exact,,,,,,{}",
                    logs(&[0.002997, 0.020439, 0.0209, 2.5e-9])
                ),
                &format!(
                    "grid-3x3,0.01,0.003,0.02,0.021,0.0025,monte-carlo,0.0208,0.0212,0.95,1000000,1,{}",
                    logs(&[0.003, 0.02, 0.021, 0.0025])
                ),
                "\"big, odd | name\",,,,,,gave-up,,,,,,,,,",
            ],
        );
    }

    #[test]
    fn files_are_named_by_the_contract() {
        let names: Vec<_> = TABLES.iter().map(|table| table.file).collect();
        assert_eq!(
            names,
            [
                "systems.csv",
                "optimum.csv",
                "node_load.csv",
                "strategy.csv",
                "failure_probability.csv",
                "importance.csv",
                "repair.csv",
                "zone_losses.csv",
                "splits.csv",
                "byzantine.csv",
                "demands.csv",
                "federated.csv",
                "clients.csv",
                "leaders.csv",
                "client_strategies.csv",
                "client_fronts.csv",
                "ranges.csv",
                "copysets.csv",
            ]
        );
    }
}
