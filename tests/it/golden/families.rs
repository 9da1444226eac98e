//! `families.json`: counts, sizes, transversals, domination and failure probabilities of the families.

use num_bigint::BigUint;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::availability::{AvailabilityMethod, FailureProbability};
use quorate::families::{Family, GridVariant};
use quorate::model::{About, Formula, FormulaBuilder, Kind, Node, NodeId, Pair, System};
use rayon::prelude::*;
use serde_json::Value;

use crate::support::files::{entries, flag, golden, rows, whole, word};
use crate::support::systems::{analyze_at, both, close, nearest, plain_nodes, probability, rational, system, value};

/// Sets that are worth listing one by one.
const LISTED: u64 = 7_000;

/// The formulas of an entry, built from its definition.
fn formulas(entry: &Value) -> Pair<Formula> {
    let params = &entry["params"];
    let number = |key: &str| whole(params, key);
    let numbers = |key: &str| rows(&params[key]).iter().map(|x| x.as_u64().expect("whole")).collect::<Vec<u64>>();
    let grid = |variant| Family::Grid { rows: number("rows"), cols: number("cols"), variant };
    let family = match word(entry, "family") {
        "majority" => Family::Majority { n: number("n") },
        "threshold" => Family::Threshold { n: number("n"), read: number("k"), write: number("k") },
        "weighted_majority" => {
            let votes = numbers("weights");
            let quota = votes.iter().sum::<u64>() / 2 + 1;
            Family::Weighted { votes, read_votes: quota, write_votes: quota }
        }
        "rowa" => Family::Rowa { n: number("n") },
        "grid_caa" => grid(GridVariant::Cover),
        "grid_maekawa" => grid(GridVariant::RowColumn),
        "grid_slide" => grid(GridVariant::LinesBelow),
        "grid_quoracle" => grid(GridVariant::Lines),
        "wheel" => Family::Wheel { n: number("n") },
        "hqs" => {
            let levels = |k| vec![k; number("height") as usize];
            Family::Hierarchical { branching: levels(number("branching")), read: levels(2), write: levels(2) }
        }
        "org_threshold" => {
            let needed = vec![number("outer"), number("inner")];
            let branching = vec![number("orgs"), number("per_org")];
            Family::Hierarchical { branching, read: needed.clone(), write: needed }
        }
        "crumbling_wall" => wall(word(params, "name"), numbers("widths")),
        "fpp" => Family::Fpp { order: number("order") },
        "y" => Family::Y { size: number("rows") },
        "paths" => Family::Paths { size: number("l") },
        "bgrid" => Family::BGrid { width: number("d"), bands: number("h"), band_rows: number("r") },
        "tree" => return both(&heap_ordered(&Family::Tree { height: number("height"), degree: 2 })),
        other => panic!("{other} is not a family"),
    };
    family.formulas().expect("golden parameters are in range")
}

/// The family that the wall is called after.
fn wall(name: &str, widths: Vec<u64>) -> Family {
    let rows = widths.len() as u64;
    let family = match name {
        "triangular" => Family::Triangle { rows },
        "cwlog" => Family::Cwlog { rows },
        _ => Family::Wall { widths: widths.clone() },
    };
    assert_eq!(family.formulas(), Family::Wall { widths }.formulas());
    family
}

/// The system of an entry, which says of what family it is.
fn built(entry: &Value) -> System {
    let formulas = formulas(entry);
    let symmetric = formulas.reads == formulas.writes;
    let about = About { name: "golden".into(), family: word(entry, "family").into(), symmetric, ..About::default() };
    System::new(about, plain_nodes(whole(entry, "n") as usize), formulas).expect("a golden system is valid")
}

/// A binary tree with the children of node v at 2v + 1 and 2v + 2 instead of depth first.
fn heap_ordered(tree: &Family) -> Formula {
    let formula = tree.formulas().expect("golden parameters are in range").reads;
    let (mut place, mut open) = (Vec::new(), vec![0]);
    while let Some(v) = open.pop() {
        place.push(v);
        if (2 * v + 2) < tree.node_count() as usize {
            open.extend([2 * v + 2, 2 * v + 1]);
        }
    }
    let mut builder = FormulaBuilder::new();
    let root = builder.import(&formula, |builder, node| builder.leaf(NodeId::new(place[node.index()])));
    builder.finish(root)
}

fn kind(entry: &Value) -> Kind {
    if word(entry, "role") == "write" { Kind::Write } else { Kind::Read }
}

fn label(entry: &Value) -> String {
    format!("{} {}", word(entry, "family"), entry["params"])
}

/// Fails with the entry unless two values agree.
#[track_caller]
fn same<T: PartialEq + std::fmt::Debug>(entry: &Value, what: &str, given: &T, expected: &T) {
    assert!(given == expected, "{} {}: {what} is {given:?} instead of {expected:?}", label(entry), word(entry, "role"));
}

#[test]
fn families_have_their_golden_facts() {
    let golden = golden("families.json");
    assert_eq!(rows(&golden["entries"]).len(), 87);
    rows(&golden["entries"]).par_iter().for_each(|entry| {
        let probabilities: Vec<f64> = entries(&entry["F"]).keys().map(|p| nearest(&rational(p))).collect();
        let failure_probabilities = probabilities.iter().map(|p| probability(*p)).collect();
        let quorums = entry["minimal_quorum_sizes"].is_object().then_some(LISTED as usize);
        let options = Options { failure_probabilities, quorums, ..Options::default() };
        let analysis = analyze(&built(entry), &options);
        check_quorums(entry, &analysis);
        check_intersections(entry, &analysis);
        let answers = probabilities.iter().zip(&analysis.failure_probability);
        for ((p, answer), expected) in answers.zip(entries(&entry["F"]).values()) {
            check_failure(entry, (*p, answer), expected);
        }
    });
}

fn check_quorums(entry: &Value, analysis: &Analysis) {
    let minimal = analysis.minimal.of(kind(entry));
    let resilience = analysis.resilience.of(kind(entry));
    if !entry["num_minimal_quorums"].is_null() {
        let digits = entry["num_minimal_quorums"].to_string();
        let count: BigUint = digits.trim_matches('"').parse().expect("a count");
        same(entry, "count", &minimal.count, &Some(count));
    }
    let transversal = whole(entry, "min_transversal") as usize;
    same(entry, "transversal", &resilience.transversal.as_ref().map(quorate::model::NodeSet::len), &Some(transversal));
    same(entry, "resilience", &resilience.value(), &Some(whole(entry, "resilience") as usize));
    let Some(sizes) = entry["minimal_quorum_sizes"].as_object() else { return };
    let sizes: Vec<(usize, u64)> =
        sizes.iter().map(|(size, count)| (size.parse().expect("a size"), count.as_u64().expect("a count"))).collect();
    let each = || sizes.iter().map(|(size, _)| *size);
    same(entry, "smallest", &minimal.smallest, &each().min());
    same(entry, "largest", &minimal.largest, &each().max());
    if sizes.iter().map(|(_, count)| count).sum::<u64>() <= LISTED {
        let listing = minimal.listing.as_ref().expect("a list was asked for");
        assert!(listing.complete, "{}: the list is cut", label(entry));
        for (size, count) in sizes {
            let listed = listing.quorums.iter().filter(|quorum| quorum.len() == size).count() as u64;
            same(entry, &format!("number of quorums of size {size}"), &listed, &count);
        }
    }
}

fn check_intersections(entry: &Value, analysis: &Analysis) {
    let meets = &analysis.intersections;
    if entry["self_intersecting"].is_boolean() {
        let own = if kind(entry) == Kind::Write { &meets.write_write } else { &meets.read_read };
        same(entry, "self-intersection", &own.verdict.known(), &Some(flag(entry, "self_intersecting")));
    }
    if entry["intersects_partner"].is_boolean() {
        let expected = Some(flag(entry, "intersects_partner"));
        same(entry, "intersection of reads and writes", &meets.read_write.verdict.known(), &expected);
    }
}

fn check_failure(entry: &Value, (p, answer): (f64, &FailureProbability), expected: &Value) {
    let expected = expected_failure(expected);
    let is_exact = matches!(answer.method, AvailabilityMethod::Exact | AvailabilityMethod::Enumeration);
    same(entry, &format!("exactness at p = {p}"), &is_exact, &true);
    let given = value(if kind(entry) == Kind::Write { answer.write } else { answer.read });
    // Sums of positive terms: the number of roundings times 1e-16; the entries of most nodes have 10,000.
    assert!(close(given, expected, 1e-9), "{}: F({p}) is {given:e} instead of {expected:e}", label(entry));
}

/// The fraction where there is one, else the decimal.
fn expected_failure(value: &Value) -> f64 {
    match value["exact"].as_str() {
        Some(exact) => nearest(&rational(exact)),
        None => word(value, "decimal").parse().expect("a decimal"),
    }
}

/// Domination, the dual and unequal nodes: questions about one kind of quorum alone.
#[test]
fn families_have_their_golden_duals() {
    let golden = golden("families.json");
    rows(&golden["entries"]).par_iter().for_each(|entry| {
        if !entry["non_dominated"].is_boolean() {
            return;
        }
        let formulas = formulas(entry);
        let formula = formulas.of(kind(entry));
        let count = whole(entry, "n") as usize;
        let alone = analyze_at(&system("alone", plain_nodes(count), both(formula)), &[0.1]);
        let non_dominated = Some(flag(entry, "non_dominated"));
        same(entry, "non-dominated", &alone.domination.non_dominated.known(), &non_dominated);
        let self_intersecting = Some(flag(entry, "self_intersecting"));
        same(entry, "self-intersection", &alone.intersections.read_write.verdict.known(), &self_intersecting);
        check_transversals(entry, formula);
        if entry["F_heterogeneous"].is_object() {
            check_unequal(entry, formula);
        }
    });
}

/// The minimal quorums of the dual are the minimal transversals.
fn check_transversals(entry: &Value, formula: &Formula) {
    let pair = Pair { reads: formula.clone(), writes: formula.dual() };
    let options = Options { quorums: Some(usize::MAX), ..Options::default() };
    let analysis = analyze(&system("with dual", plain_nodes(whole(entry, "n") as usize), pair), &options);
    same(entry, "the dual pair is non-dominated", &analysis.domination.non_dominated.known(), &Some(true));
    let dual = &analysis.minimal.writes;
    let count = BigUint::from(whole(entry, "num_minimal_transversals"));
    same(entry, "minimal transversals", &dual.count, &Some(count));
    let Some(listing) = dual.listing.as_ref().filter(|listing| listing.complete) else { return };
    let smallest = listing.quorums.iter().filter(|set| Some(set.len()) == dual.smallest).count() as u64;
    same(entry, "smallest transversals", &smallest, &whole(entry, "num_minimum_transversals"));
}

/// Node i fails with probability 1/(i + 3).
fn check_unequal(entry: &Value, formula: &Formula) {
    let fails = |(i, node)| Node { failure: Some(probability(1.0 / (i as f64 + 3.0))), ..node };
    let nodes = plain_nodes(whole(entry, "n") as usize).into_iter().enumerate().map(fails).collect();
    let analysis = analyze(&system("unequal", nodes, both(formula)), &Options::default());
    let [answer] = &analysis.failure_probability[..] else {
        panic!("{}: {} answers for the nodes' own probabilities", label(entry), analysis.failure_probability.len());
    };
    same(entry, "node failure probability", &answer.node_failure_probability, &None);
    let expected = expected_failure(&entry["F_heterogeneous"]);
    for given in [answer.read, answer.write, answer.system, answer.total].map(value) {
        assert!(close(given, expected, 1e-9), "{}: F is {given:e} instead of {expected:e}", label(entry));
    }
}
