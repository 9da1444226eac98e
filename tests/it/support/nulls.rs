//! What explains a `null` in the JSON: another key beside it, or a note that names it.

use std::process::Command;

use serde_json::Value;

use super::files::path;

/// Why a value is missing.
enum Reason {
    /// What stands beside it says so.
    Beside(fn(&Value) -> bool),
    /// A note with these words.
    Noted(&'static str),
}

use Reason::{Beside, Noted};

/// The methods that draw.
const SAMPLES: &[&str] = &["monte-carlo", "karp-luby", "stratified", "simulation"];

/// By the end of the path, the reasons beside a note that names the key: any of them is enough.
const REASONS: &[(&[&str], &[Reason])] = &[
    (&["witness"], &[Beside(|beside| beside["holds"] != false)]),
    (
        &["improvement"],
        // Where the quorums miss each other, better ones are not looked for.
        &[Beside(|system| system["non_dominated"] != false || system["intersection"]["read_write"]["holds"] == false)],
    ),
    (&["latency_ms"], &[Noted("latency was not computed")]),
    (&["optimum.exact", "corners.exact"], &[Beside(|beside| beside["certified"] == false)]),
    (&["pareto.gap"], &[Beside(|beside| beside["complete"] == false)]),
    (
        &["lower", "upper", "confidence", "trials", "seed", "shortfall", "states"],
        &[
            Beside(|beside| beside["method"].as_str().is_some_and(|method| !SAMPLES.contains(&method))),
            Beside(|beside| {
                beside["method"].is_string() && beside["shortfall"].is_null() && !beside["lower"].is_null()
            }),
        ],
    ),
    (
        &["read_lower", "read_upper", "write_lower", "write_upper", "total_lower", "total_upper"],
        &[Beside(|beside| beside["method"].as_str().is_some_and(|method| !SAMPLES.contains(&method)))],
    ),
    (
        &["first_loss.hours"],
        &[Beside(|beside| ["never", "bounds", "gave-up"].iter().any(|word| beside["method"] == *word))],
    ),
    (&["mean_first_loss_hours"], &[Beside(|beside| beside["first_loss"]["hours"].is_null())]),
    (
        &["losses_per_year", "unavailability", "minutes_down_per_year", "mean_up_hours", "mean_down_hours", "method"],
        &[Noted("Not settled: how often quorums are lost")],
    ),
    (&["nines", "minutes_down_per_year"], &[Beside(|beside| beside["system"].is_null() || beside["system"] == 0.0)]),
    (&["values.value"], &[Noted("has no value for")]),
    (&["cut_off_by"], &[Beside(|beside| beside["cut_off"] == false)]),
];

/// A number is in the place of its mantissa and exponent, or the other way round.
fn is_scaled(key: &str, beside: &Value) -> bool {
    let given = |key: &str| beside.get(key).is_some_and(|value| !value.is_null());
    match key.strip_suffix("_scaled") {
        // Neither is there: of the number itself a reason is asked for.
        Some(plain) => beside.get(plain).is_some(),
        None => given(&format!("{key}_scaled")),
    }
}

/// Every path to a `null` that nothing explains, without positions; `notes` are those of everything around it.
pub(crate) fn unexplained<'a>(value: &'a Value, at: &str, parent: &Value, notes: &[&'a str], found: &mut Vec<String>) {
    match value {
        Value::Null => {
            // Below these keys stand the names of nodes.
            let by_node = ["importance", "node_load", "node_weight", "capacity_worth"];
            let of_node = by_node.into_iter().find(|key| at.contains(&format!(".{key}.")));
            let key = of_node.or(at.rsplit('.').next()).unwrap_or_default();
            let quoted = format!("`{key}`");
            let named = |note: &&str| {
                note.split_once(" null: ").is_some_and(|(keys, _)| keys.contains(&quoted) && keys.starts_with('`'))
            };
            let explains = |reason: &Reason| match reason {
                Beside(says_so) => says_so(parent),
                Noted(words) => notes.iter().any(|note| note.contains(words)),
            };
            let here = |(ends, _): &&(&[&str], _)| ends.iter().any(|end| at.ends_with(&format!(".{end}")));
            let mut reasons = REASONS.iter().filter(here).flat_map(|(_, reasons)| *reasons);
            if !notes.iter().any(named) && !is_scaled(key, parent) && !reasons.any(explains) {
                found.push(at.to_owned());
            }
        }
        Value::Array(all) => all.iter().for_each(|one| unexplained(one, at, parent, notes, found)),
        Value::Object(all) => {
            let own = all.get("notes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let notes: Vec<&str> = notes.iter().copied().chain(own).collect();
            for (key, one) in all {
                unexplained(one, &format!("{at}.{key}"), value, &notes, found);
            }
        }
        _ => {}
    }
}

pub(crate) fn document(arguments: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path(".")).args(arguments).args(["--format", "json"]);
    let output = command.output().expect("it runs");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Every `null` of a document has a reason, and no note is about a key that is not `null` anywhere.
#[track_caller]
pub(crate) fn every_null_of(arguments: &[&str]) {
    let json = document(arguments);
    let mut found = Vec::new();
    unexplained(&json, "", &Value::Null, &[], &mut found);
    assert!(found.is_empty(), "{arguments:?}: no note says why these are null: {found:?}\n{json:#}");
    no_idle_note(arguments, &json);
}

fn is_null_somewhere(value: &Value, key: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|one| is_null_somewhere(one, key)),
        Value::Object(all) => all.iter().any(|(name, one)| {
            let holds_null = || one.is_null() || one.as_array().is_some_and(|all| all.iter().any(Value::is_null));
            // The importances have the names of nodes for keys.
            let of_nodes = || name == "importance" && one.to_string().contains("null");
            name == key && (holds_null() || of_nodes()) || is_null_somewhere(one, key)
        }),
        _ => false,
    }
}

pub(crate) fn no_idle_note(arguments: &[&str], value: &Value) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| no_idle_note(arguments, one)),
        Value::Object(all) => {
            for note in all.get("notes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
                let Some((keys, _)) = note.split_once(" null: ").filter(|(keys, _)| keys.starts_with('`')) else {
                    continue;
                };
                for key in keys.split('`').skip(1).step_by(2) {
                    assert!(is_null_somewhere(value, key), "{arguments:?}: {note}\n{value:#}");
                }
            }
            all.values().for_each(|one| no_idle_note(arguments, one));
        }
        _ => {}
    }
}
