//! Nodes that are well, down or lying: the six probabilities of `failure_probability`, against known values.

use num_rational::BigRational;
use num_traits::ToPrimitive;
use serde_json::Value;

use crate::support::files::{golden, rows, word};
use crate::support::program;

fn analyzed(definition: &str, arguments: &[&str]) -> Result<Value, String> {
    program::analyzed(definition, arguments).map(|(report, _)| report)
}

fn first_row(report: &Value) -> &Value {
    &report["systems"][0]["failure_probability"][0]
}

#[test]
fn known_values_are_found() {
    for case in rows(&golden("three-state.json")["three_state"]) {
        let id = word(case, "id");
        let report = analyzed(word(case, "toml"), &[]).unwrap_or_else(|error| panic!("{id}: {error}"));
        let row = first_row(&report);
        for (key, expected) in case["expect"].as_object().unwrap() {
            let expected: BigRational = expected.as_str().unwrap().parse().unwrap();
            let expected = expected.to_f64().unwrap();
            let found = row[key].as_f64().unwrap_or_else(|| panic!("{id}: no {key} in {row}"));
            assert!((found - expected).abs() <= 1e-13 * expected, "{id}: {key} is {found}, not {expected}");
        }
        let (system, not_live) = (row["system"].as_f64().unwrap(), row["not_live"].as_f64().unwrap());
        assert!((system - not_live).abs() <= 1e-13 * not_live, "{id}: a liar counts as failed");
    }
}

#[test]
fn definitions_without_liars_have_no_such_keys() {
    let plain = "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n[nodes]\nfailure_probability = 0.1\n";
    let report = analyzed(plain, &[]).unwrap();
    let row = first_row(&report).as_object().unwrap();
    assert!(!row.contains_key("safe") && !row.contains_key("node_byzantine_probability"));
}

#[test]
fn what_cannot_be_is_refused_or_missing_with_a_note() {
    let of = |nodes: &str| format!("name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n[nodes]\n{nodes}\n");
    let more = analyzed(&of("failure_probability = 0.7\nbyzantine_probability = 0.4"), &[]).unwrap_err();
    assert!(more.contains("together more than 1") && more.contains("case.toml:7:"), "{more}");
    let alone = analyzed(&of("byzantine_probability = 0.4"), &[]).unwrap_err();
    assert!(alone.contains("failure_probability"), "{alone}");
    let beyond = analyzed(&of("failure_probability = 0.7\nbyzantine_probability = -1"), &[]).unwrap_err();
    assert!(beyond.contains("out of range"), "{beyond}");
    let later = of("failure_probability = 0.7") + "[[node]]\nname = \"n1\"\nbyzantine_probability = 0.4\n";
    let later = analyzed(&later, &[]).unwrap_err();
    assert!(later.contains("case.toml:9:"), "{later}");
    // 0.9 and 0.1 are together 1.
    let whole = analyzed(&of("failure_probability = 0.9\nbyzantine_probability = 0.1"), &[]).unwrap();
    assert_eq!(first_row(&whole)["live"], 0.0);
    let report =
        analyzed(&of("failure_probability = 0.1\nbyzantine_probability = 0.4"), &["--failure-probability", "0.9"])
            .unwrap();
    assert!(first_row(&report)["safe"].is_null());
    let notes = report["systems"][0]["notes"].to_string();
    assert!(notes.contains("`safe`") && notes.contains("more often than always"), "{notes}");
}
