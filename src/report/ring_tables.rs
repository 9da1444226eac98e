//! The tables of rings.

use super::Analysed;
use super::columns::{Column, maybe, scaled, shortest, table};
use crate::availability::{Copysets, RangeChance, RangeChances};
use crate::model::Ring;

struct ChanceRow<'a> {
    analysed: &'a Analysed,
    at: &'a RangeChances,
    chance: &'a RangeChance,
}

struct PlacementRow<'a> {
    analysed: &'a Analysed,
    ring: &'a Ring,
    copysets: &'a Copysets,
}

/// `ranges.csv`: one row for each ring, node failure probability and event of a range.
pub(super) fn ranges(systems: &[Analysed]) -> String {
    let columns: Vec<Column<ChanceRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column {
            name: "node_failure_probability",
            value: |row| maybe(row.at.node_failure_probability, |p| shortest(p.get())),
        },
        Column { name: "event", value: |row| row.chance.event.name().to_owned() },
        Column { name: "some_range", value: |row| scaled(row.chance.some) },
        Column { name: "method", value: |row| row.chance.method.name().to_owned() },
        Column { name: "lower", value: |row| maybe(row.chance.between, |between| shortest(between.0)) },
        Column { name: "upper", value: |row| maybe(row.chance.between, |between| shortest(between.1)) },
        Column {
            name: "confidence",
            value: |row| maybe(row.chance.interval.and_then(|interval| interval.confidence), shortest),
        },
        Column {
            name: "trials",
            value: |row| maybe(row.chance.interval.and_then(|interval| interval.trials), |trials| trials.to_string()),
        },
        Column {
            name: "seed",
            value: |row| maybe(row.chance.interval.and_then(|interval| interval.seed), |seed| seed.to_string()),
        },
        Column { name: "expected_ranges", value: |row| scaled(Some(row.chance.ranges)) },
        Column { name: "expected_keys", value: |row| scaled(Some(row.chance.keys)) },
    ];
    let rows = systems.iter().flat_map(|analysed| {
        let answer = analysed.analysis.reliability.ring.iter();
        let known = answer.flat_map(|answer| answer.chances.iter().filter_map(|chances| chances.as_ref().ok()));
        known.flat_map(move |at| at.each.iter().map(move |chance| ChanceRow { analysed, at, chance }))
    });
    table(&columns, rows)
}

/// `copysets.csv`: one row for each whole ring.
pub(super) fn copysets(systems: &[Analysed]) -> String {
    let columns: Vec<Column<PlacementRow<'_>>> = vec![
        Column { name: "system", value: |row| row.analysed.system.about().name.clone() },
        Column { name: "ranges", value: |row| row.ring.ranges.to_string() },
        Column { name: "replicas", value: |row| row.ring.replicas().to_string() },
        Column { name: "virtual_nodes", value: |row| maybe(row.ring.virtual_nodes, |each| each.to_string()) },
        Column { name: "seed", value: |row| maybe(row.ring.seed, |seed| seed.to_string()) },
        Column { name: "copysets", value: |row| row.copysets.count.to_string() },
        Column { name: "random", value: |row| shortest(row.copysets.random) },
        Column { name: "fewest", value: |row| row.copysets.fewest.to_string() },
        Column { name: "scatter_width", value: |row| maybe(row.copysets.scatter_width, shortest) },
        Column { name: "smallest_key_share", value: |row| shortest(row.copysets.key_shares[0]) },
        Column { name: "largest_key_share", value: |row| shortest(row.copysets.key_shares[1]) },
        Column { name: "failed_nodes", value: |row| row.copysets.at_once.nodes.to_string() },
        Column { name: "lower", value: |row| shortest(row.copysets.at_once.lower) },
        Column { name: "upper", value: |row| shortest(row.copysets.at_once.upper) },
        Column { name: "random_placement", value: |row| shortest(row.copysets.at_once.random) },
    ];
    let rows = systems.iter().filter_map(|analysed| {
        let ring = analysed.system.about().ring.as_ref()?;
        let copysets = analysed.analysis.reliability.ring.as_ref()?.copysets.as_ref()?;
        Some(PlacementRow { analysed, ring, copysets })
    });
    table(&columns, rows)
}
