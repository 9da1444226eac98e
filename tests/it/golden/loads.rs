//! `loads.json`: loads as fractions, and what goes with them.

use num_bigint::BigUint;
use quorate::analysis::{Options, analyze};
use quorate::families::Family;
use quorate::model::{Formula, NodeSet};
use serde_json::Value;

use crate::support::files::{entries, flag, golden, rows, whole, word};
use crate::support::systems::{close, nearest, probability, rational, symmetric, value};
use crate::support::{certificate, shapes};

/// The quorums of a row by its name.
#[track_caller]
fn formula(name: &str) -> Formula {
    let of = |family: Family| family.formulas().expect("golden parameters are in range").reads;
    let b_grid = |width, bands, band_rows| of(Family::BGrid { width, bands, band_rows });
    if let Some(widths) = name.strip_prefix("wall[").and_then(|rest| rest.strip_suffix(']')) {
        let widths: Vec<usize> = widths.split(", ").map(|width| width.parse().expect("a width")).collect();
        return shapes::wall(&widths);
    }
    match name {
        "majority(1)" => of(Family::Majority { n: 1 }),
        "majority(5)" => of(Family::Majority { n: 5 }),
        "majority(9)" => of(Family::Majority { n: 9 }),
        "singleton" => of(Family::Singleton { n: 3, node: 0 }),
        "tree(h=1)" => shapes::tree(1),
        "tree(h=3)" => shapes::tree(3),
        "HQS(3^1)" => shapes::hierarchy(&[(2, 3)]),
        "HQS(3^2)" => shapes::hierarchy(&[(2, 3), (2, 3)]),
        "nucleus(r=2)" => shapes::nucleus(2).1,
        "bgrid(d=2,h=2,r=1)" => b_grid(2, 2, 1),
        "bgrid(d=3,h=3,r=2)" => b_grid(3, 3, 2),
        "weighted(3,1,1,1,1;T=4)" => of(Family::Weighted { votes: vec![3, 1, 1, 1, 1], read_votes: 4, write_votes: 4 }),
        "Y(k=3)" => shapes::y_board(3),
        _ => panic!("{name:?} is not known to this test"),
    }
}

#[test]
fn loads_are_the_golden_fractions() {
    let golden = golden("loads.json");
    assert_eq!(rows(&golden["rows"]).len(), 17);
    rows(&golden["rows"]).iter().for_each(check);
}

/// Literature: the nucleus for r = 3 has 7 nodes, 10 quorums, load 1/2 and resilience 2.
#[test]
fn the_nucleus_of_seven_nodes() {
    let (nodes, formula) = shapes::nucleus(3);
    let analysis = analyze(&symmetric("nucleus", nodes, &formula), &Options::default());
    assert_eq!((nodes, &analysis.minimal.reads.count), (7, &Some(BigUint::from(10u32))));
    assert_eq!(analysis.optimum[0].best.as_ref().expect("a strategy").exact, Some(rational("1/2")));
    assert_eq!(analysis.total_resilience(), Some(2));
    assert_eq!(analysis.domination.non_dominated.known(), Some(true));
}

fn check(row: &Value) {
    let name = word(row, "name");
    let system = symmetric(name, whole(row, "n") as usize, &formula(name));
    let probabilities: Vec<f64> = entries(&row["F"]).keys().map(|p| nearest(&rational(p))).collect();
    let failure_probabilities = probabilities.iter().map(|p| probability(*p)).collect();
    let analysis =
        analyze(&system, &Options { failure_probabilities, quorums: Some(usize::MAX), ..Options::default() });

    let minimal = &analysis.minimal.reads;
    assert_eq!(minimal.count, Some(BigUint::from(whole(row, "m"))), "{name}: count");
    assert_eq!(minimal.smallest, Some(whole(row, "c") as usize), "{name}: smallest");
    assert_eq!(minimal.largest, Some(whole(row, "cmax") as usize), "{name}: largest");
    assert_eq!(analysis.total_resilience(), Some(whole(row, "resilience") as usize), "{name}: resilience");
    assert_eq!(analysis.domination.non_dominated.known(), Some(flag(row, "nd")), "{name}: non-dominated");
    assert_eq!(analysis.intersections.read_write.verdict.known(), Some(flag(row, "inter")), "{name}: intersection");

    let optimum = analysis.optimum[0].best.as_ref().expect("a strategy");
    let load = rational(word(row, "load"));
    assert!(close(optimum.load(), nearest(&load), 1e-9), "{name}: load {} instead of {load}", optimum.load());
    if let Some(exact) = &optimum.exact {
        assert_eq!(exact.to_string(), load.to_string(), "{name}: exact load");
    }
    let listed: &[NodeSet] = &minimal.listing.as_ref().expect("a list was asked for").quorums;
    certificate::check(&system, optimum, [listed, listed]).unwrap_or_else(|what| panic!("{name}: {what}"));

    let answers = probabilities.iter().zip(&analysis.failure_probability);
    for ((p, answer), expected) in answers.zip(entries(&row["F"]).values()) {
        let expected = expected.as_str().map(|text| nearest(&rational(text))).or(expected.as_f64()).expect("a number");
        let given = value(answer.system);
        assert!(close(given, expected, 1e-9), "{name}: F({p}) is {given:e} instead of {expected:e}");
    }
}
