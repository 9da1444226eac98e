use crate::model::Workload;
use serde_json::{Value, json};

use super::super::fixture;
use super::*;
use crate::model::{Fraction, Weight};

fn document(analysed: Analysed) -> Value {
    serde_json::from_str(&analyses(&[analysed], View::default())).unwrap()
}

#[test]
fn keys_stand_in_the_order_of_the_contract() {
    let text = analyses(&[fixture::grid()], View::default());
    let mut rest = text.as_str();
    for key in [
        "schema",
        "systems",
        "name",
        "file",
        "family",
        "nodes",
        "intersection",
        "read_write",
        "holds",
        "smallest",
        "witness",
        "write_write",
        "read_read",
        "reads",
        "count",
        "smallest",
        "largest",
        "resilience",
        "transversal",
        "writes",
        "resilience",
        "non_dominated",
        "optimum",
        "objective",
        "read_fraction",
        "value",
        "exact",
        "lower_bound",
        "upper_bound",
        "certified",
        "method",
        "load",
        "capacity",
        "network",
        "latency_ms",
        "node_load",
        "n1",
        "n9",
        "strategy",
        "reads",
        "quorum",
        "probability",
        "writes",
        "failure_probability",
        "node_failure_probability",
        "read",
        "write",
        "system",
        "total",
        "method",
        "lower",
        "upper",
        "confidence",
        "trials",
        "seed",
        "shortfall",
        "notes",
    ] {
        let quoted = format!("\"{key}\":");
        let at = rest.find(&quoted).unwrap_or_else(|| panic!("no {key} in its place"));
        rest = &rest[at + quoted.len()..];
    }
}

#[test]
fn values_are_what_the_answers_say() {
    let document = document(fixture::grid());
    let system = &document["systems"][0];
    assert_eq!(document["schema"], "quorate/analysis/1");
    assert_eq!(system["reads"]["count"], "27");
    assert_eq!(system["intersection"]["read_read"]["witness"], json!([["n1", "n4", "n7"], ["n2", "n5", "n8"]]));
    assert_eq!(system["optimum"][0]["exact"], "23/57");
    assert_eq!(system["optimum"][0]["value"], 23.0 / 57.0);
    assert_eq!(system["optimum"][0]["certified"], true);
    assert_eq!(system["improvement"], json!({"kind": "read", "quorum": ["n1", "n2", "n3"]}));
    assert_eq!(system["failure_probability"][1]["seed"], 1);
    assert!(system["reads"].get("quorums").is_none());
}

#[test]
fn what_is_missing_is_null() {
    let document = document(fixture::undecided());
    let system = &document["systems"][0];
    for path in [
        "/intersection/read_write/holds",
        "/intersection/read_write/smallest",
        "/intersection/read_write/witness",
        "/reads/count",
        "/reads/largest",
        "/reads/resilience",
        "/reads/transversal",
        "/resilience",
        "/non_dominated",
        "/optimum/0/exact",
        "/optimum/0/latency_ms",
        "/optimum/0/strategy",
        "/failure_probability/0/node_failure_probability",
        "/failure_probability/0/read",
        "/failure_probability/0/lower",
        "/improvement",
    ] {
        assert_eq!(system.pointer(path), Some(&Value::Null), "{path}");
    }
    assert_eq!(system["optimum"][0]["certified"], false);
    assert_eq!(system["failure_probability"][0]["method"], "gave-up");
}

#[test]
fn a_distribution_keeps_its_weights_as_given() {
    let mut analysed = fixture::grid();
    let pair = |fraction, weight| (Fraction::new(fraction).unwrap(), Weight::new(weight).unwrap());
    analysed.analysis.optimum[0].best.as_mut().unwrap().workload =
        Workload::distribution(&[pair(0.1, 1.0), pair(0.75, 3.0)]).unwrap();
    assert_eq!(
        document(analysed)["systems"][0]["optimum"][0]["read_fraction"],
        json!([{"fraction": 0.1, "weight": 1.0}, {"fraction": 0.75, "weight": 3.0}])
    );
}

#[test]
fn listed_quorums_appear_when_asked_for() {
    let mut analysed = fixture::grid();
    analysed.analysis.minimal.reads.listing =
        Some(crate::structure::minimal_quorums::Listing { quorums: vec![fixture::set(&[0, 3, 6])], complete: false });
    let document = document(analysed);
    assert_eq!(document["systems"][0]["reads"]["quorums"], json!([["n1", "n4", "n7"]]));
    assert_eq!(document["systems"][0]["reads"]["quorums_complete"], false);
}

#[test]
fn below_the_range_of_a_float_is_null_not_zero() {
    let mut analysed = fixture::grid();
    analysed.analysis.failure_probability[0].total = Some(Scaled::from(1e-200) * Scaled::from(1e-200));
    assert_eq!(document(analysed)["systems"][0]["failure_probability"][0]["total"], Value::Null);
}

#[test]
fn epsilon_is_the_share_of_pairs_that_miss() {
    let of = |n, read, write| {
        let system = crate::families::Family::Threshold { n, read, write }.system().unwrap();
        serde_json::to_value(epsilon::epsilon(&system)).unwrap()
    };
    // Of two nodes out of nine by four, and no pair at all.
    let miss = of(9, 4, 5);
    assert_eq!(miss["exact"], "1/126");
    assert!((miss["value"].as_f64().unwrap() - 1.0 / 126.0).abs() < 1e-15);
    assert!((miss["bound"].as_f64().unwrap() - (-20.0f64 / 9.0).exp()).abs() < 1e-15);
    assert_eq!(of(5, 3, 3)["exact"], "0");
    assert_eq!(of(5, 3, 3)["value"], 0.0);
    // C(6000, 4000) / C(10000, 4000) is about 1e-1269.
    let far = of(10_000, 4_000, 4_000);
    assert_eq!((&far["exact"], &far["value"], &far["bound"]), (&Value::Null, &Value::Null, &Value::Null));
    assert!(far["value_scaled"]["exponent10"].as_i64().unwrap() < far["bound_scaled"]["exponent10"].as_i64().unwrap());
    // Quorums that are more than sizes have none.
    assert_eq!(document(fixture::grid())["systems"][0].get("epsilon"), None);
}
