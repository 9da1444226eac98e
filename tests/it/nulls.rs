//! Every `null` in the JSON has a reason: another key beside it, or a note.

use std::process::Command;

use serde_json::Value;

use crate::support::files::{entries_of, path};

/// Why a value is missing.
enum Reason {
    /// What stands beside it, or above it in its system, says so.
    Beside(fn(&Place<'_>) -> bool),
    /// A note with one of these words.
    Noted(&'static [&'static str]),
}

/// A `null`, what it is part of, and its system.
struct Place<'a> {
    parent: &'a Value,
    system: &'a Value,
}

use Reason::{Beside, Noted};

/// The methods that draw.
const SAMPLES: &[&str] = &["monte-carlo", "karp-luby", "stratified", "simulation"];

/// By the end of the path, in `analyze`: any of the reasons is enough.
const REASONS: &[(&[&str], &[Reason])] = &[
    (&["witness"], &[Beside(|at| at.parent["holds"] != false)]),
    (&["read_write.holds", "write_write.holds", "read_read.holds"], &[Noted(&["Not settled: whether"])]),
    (
        &["read_write.smallest", "write_write.smallest", "read_read.smallest"],
        &[
            Noted(&["Not settled: the fewest nodes that", "No quorum is left", "quorum is left"]),
            Beside(|at| at.parent["holds"].is_null()),
        ],
    ),
    (&["reads.count", "writes.count"], &[Noted(&["Not settled: the minimal", "Not settled: the number of minimal"])]),
    (
        &["reads.largest", "writes.largest", "reads.smallest", "writes.smallest"],
        &[Noted(&["Not settled: the minimal", "Not settled: the nodes in a largest", "quorum is left"])],
    ),
    (
        &["reads.resilience", "writes.resilience", "resilience", "transversal"],
        &[Noted(&["resilience is not settled", "resilience of the", "quorum is left"])],
    ),
    (&["non_dominated"], &[Noted(&["Not settled: whether the system is non-dominated"])]),
    (&["improvement"], &[Beside(is_undominated_or_misses), Noted(&["Not settled: a set that", "quorum is left"])]),
    (&["repair"], &[Beside(|_| true)]),
    (&["latency_ms"], &[Beside(has_no_latency), Noted(&["latency was not computed", "infeasible", "cannot be"])]),
    (&["optimum.exact"], &[Beside(|at| at.parent["certified"] == false), Noted(&["beyond the range"])]),
    (&["optimum.strategy"], &[Noted(&["The strategy is not listed"])]),
    (&["optimum.price", "capacity_worth"], &[Noted(&["Not settled: the optimal", "Not settled", "beyond the range"])]),
    (
        &["read", "write", "system", "total"],
        &[Noted(&["below the range of a 64-bit float", "in none of", "Not settled: the exact failure probability"])],
    ),
    (&["_scaled"], &[Beside(|_| true)]),
    (
        &["lower", "upper", "confidence", "trials", "seed", "shortfall"],
        &[
            Beside(|at| at.parent["method"].as_str().is_none_or(|method| !SAMPLES.contains(&method))),
            Beside(|at| at.parent["shortfall"].is_null() && !at.parent["lower"].is_null()),
        ],
    ),
    (&["node_failure_probability"], &[Beside(|_| true)]),
    (&["nines", "minutes_down_per_year"], &[Beside(|at| at.parent["system"].is_null() || at.parent["system"] == 0.0)]),
];

/// There is no better system, or the quorums miss each other and better ones are not looked for.
fn is_undominated_or_misses(at: &Place<'_>) -> bool {
    at.system["non_dominated"] != false || at.system["intersection"]["read_write"]["holds"] == false
}

fn has_no_latency(at: &Place<'_>) -> bool {
    at.system["notes"].as_array().is_some_and(|notes| !notes.iter().any(|note| says(note, "latency was not computed")))
        && at.system["optimum"].as_array().is_some_and(|all| all.iter().all(|one| one["latency_ms"].is_null()))
}

fn says(note: &Value, words: &str) -> bool {
    note.as_str().is_some_and(|note| note.contains(words))
}

/// Every path to a `null`, without positions.
fn unexplained(value: &Value, at: &str, parent: &Value, system: &Value, found: &mut Vec<String>) {
    match value {
        Value::Null => {
            let place = Place { parent, system };
            let noted = |words: &[&str]| {
                let notes = system["notes"].as_array().into_iter().flatten();
                notes.into_iter().any(|note| words.iter().any(|words| says(note, words)))
            };
            let explains = |reason: &Reason| match reason {
                Beside(says_so) => says_so(&place),
                Noted(words) => noted(words),
            };
            let left = noted(&["quorum is left"]) && at.contains("optimum");
            let here = |end: &&str| at.ends_with(*end);
            let mut reasons = REASONS.iter().filter(|(ends, _)| ends.iter().any(here));
            if !left && !reasons.any(|(_, reasons)| reasons.iter().any(explains)) {
                found.push(at.to_owned());
            }
        }
        Value::Array(all) => all.iter().for_each(|one| unexplained(one, at, value, system, found)),
        Value::Object(all) => {
            for (key, one) in all {
                unexplained(one, &format!("{at}.{key}"), value, system, found);
            }
        }
        _ => {}
    }
}

/// In `compare`: a column without a parameter has none, a system that nothing dominates no dominator, and a note names the column.
#[test]
fn of_comparisons() {
    for arguments in [
        &["quorum-defs"][..],
        &["quorum-defs/case-study"],
        &[
            "quorum-defs/rowa-3.toml",
            "quorum-defs/grid-3x3.toml",
            "--failed",
            "n1",
            "--columns",
            "nodes,read,write,resilience,load,failure",
        ],
        &["-e", "a*b", "-e", "a + b", "quorum-defs/three-zones.toml"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.current_dir(path(".")).arg("compare").args(arguments).args(["--format", "json"]);
        let output = command.output().expect("it runs");
        let json: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
        let notes: Vec<&str> = json["notes"].as_array().expect("notes").iter().filter_map(Value::as_str).collect();
        for system in json["systems"].as_array().expect("systems") {
            let values = system["values"].as_array().expect("values").iter();
            for missing in values.filter(|value| value["value"].is_null()) {
                let column = missing["column"].as_str().expect("a name");
                assert!(notes.iter().any(|note| note.contains(&format!("`{column}`"))), "{column}: {notes:?}");
            }
        }
    }
}

#[track_caller]
fn every_null_is_explained(arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path(".")).arg("analyze").args(arguments).args(["--format", "json"]);
    let output = command.output().expect("it runs");
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    for system in json["systems"].as_array().expect("systems") {
        let mut found = Vec::new();
        unexplained(system, "", &Value::Null, system, &mut found);
        assert!(found.is_empty(), "{arguments:?}: no note says why these are null: {found:?}\n{:#}", system["notes"]);
    }
}

#[test]
fn of_all_shipped_definitions() {
    every_null_is_explained(&["quorum-defs", "quorum-defs/case-study"]);
}

#[test]
fn of_definitions_that_were_once_wrong() {
    let is_definition = |name: &String| {
        name.ends_with(".toml") && !name.starts_with("faults-") && !name.starts_with("control") && name.contains('-')
    };
    for name in entries_of(&path("tests/golden/edges")).into_iter().filter(is_definition) {
        let file = format!("tests/golden/edges/{name}");
        let text = std::fs::read_to_string(path(&file)).expect("a file");
        if text.contains("[system]") {
            every_null_is_explained(&[&file]);
        }
    }
}

#[test]
fn of_systems_without_some_nodes() {
    for file in ["rowa-3", "rawo-3", "singleton", "grid-3x3", "majority-5", "wheel-6"] {
        every_null_is_explained(&[&format!("quorum-defs/{file}.toml"), "--failed", "n1"]);
    }
}

#[test]
fn of_large_expressions() {
    let grid = |side: usize, taken: usize| {
        let line = |cell: &dyn Fn(usize) -> String| (0..side).map(cell).collect::<Vec<_>>().join("*");
        let lines = |cell: &dyn Fn(usize, usize) -> String| {
            (0..side).map(|at| line(&|other| cell(at, other))).collect::<Vec<_>>().join(", ")
        };
        let rows = lines(&|row, column| format!("x{row}.{column}"));
        let columns = lines(&|column, row| format!("x{row}.{column}"));
        format!("choose({taken}, {rows})*choose({taken}, {columns})")
    };
    for (side, taken) in [(4, 2), (7, 2), (9, 3)] {
        let quorums = grid(side, taken);
        every_null_is_explained(&["-e", &quorums, "--writes", &quorums, "--method", "exact"]);
    }
    every_null_is_explained(&["-e", "choose(2, a*b*c, d*e*f, g*h*i)*(a*d*g + b*e*h + c*f*i)"]);
}

/// 441 quorums, of which two share 8 nodes: one takes two rows, the other two columns of each.
#[test]
fn the_smallest_overlap_of_a_masking_grid() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let file = path("tests/golden/edges/masking-grid-7x7.toml");
    let output = command.arg("analyze").arg(file).args(["--format", "json"]).output().expect("it runs");
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let system = &json["systems"][0];
    assert_eq!(system["reads"]["count"], "441");
    for pair in ["read_write", "write_write", "read_read"] {
        assert_eq!(system["intersection"][pair]["smallest"], 8, "{pair}");
    }
}
