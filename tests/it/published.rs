//! Tables from papers, documentation and blogs, computed again: `tests/golden/published.json`.
//!
//! Not yet: tables of staleness, Byzantine quorums and searched systems, which ask for more than an analysis answers.

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive};
use quorate::analysis::{Analysis, Options, analyze};
use quorate::families::{Family, GridVariant};
use quorate::model::{Formula, Node, Pair, System, Workload, Zone, ZoneId};
use quorate::strategy::Optimum;
use serde_json::Value;

use crate::support::expression;
use crate::support::files::{entries, golden, number, rows, whole, word};
use crate::support::shapes;
use crate::support::systems::{
    analyze_at, both, capacity, close, fraction, nearest, plain_nodes, probability, rational, symmetric, system, value,
    workload,
};

fn table(key: &str) -> Value {
    let published = golden("published.json");
    if published[key]["rows"].is_array() { published[key]["rows"].clone() } else { published[key].clone() }
}

fn majority(n: u64) -> System {
    Family::Majority { n }.system().expect("a majority")
}

/// Any `quorum` of `n` nodes.
fn k_of_n(n: u64, quorum: u64) -> System {
    Family::Threshold { n, read: quorum, write: quorum }.system().expect("a threshold")
}

/// The probability that no quorum is alive when every node fails with probability `p`.
fn failure(system: &System, p: f64) -> f64 {
    value(analyze_at(system, &[p]).failure_probability[0].system)
}

/// Raft clusters of 3 to 9 nodes: the table of a HotOS 2025 paper on probabilistic views of consensus.
#[test]
fn raft_clusters_are_as_live_as_published() {
    for row in rows(&table("hotos25_raft")) {
        let expected = BigRational::one() - rational(word(row, "live_exact"));
        let given = failure(&majority(whole(row, "n")), number(row, "p"));
        assert!(close(given, nearest(&expected), 1e-9), "{row}: {given:e}");
    }
}

/// The liveness of PBFT clusters: any q of n nodes must answer.
#[test]
fn pbft_clusters_are_as_live_as_published() {
    for row in rows(&table("hotos25_pbft")) {
        let given = 100.0 * (1.0 - failure(&k_of_n(whole(row, "n"), whole(row, "q")), number(row, "p")));
        // The file has twelve decimals of a percentage.
        assert!((given - number(row, "live")).abs() < 1e-11, "{row}: {given}");
    }
}

#[test]
fn nines_of_a_blog_as_recomputed() {
    for row in rows(&table("nines_ayende")) {
        let given = 100.0 * (1.0 - failure(&k_of_n(whole(row, "n"), whole(row, "q")), number(row, "p")));
        // The file has nine decimals of a percentage.
        assert!((given - number(row, "exact_pct")).abs() < 1e-9, "{row}: {given}");
    }
}

#[test]
fn failure_tolerance_of_etcd() {
    for row in rows(&table("etcd_failure_tolerance")) {
        let analysis = analyze_at(&majority(whole(row, "n")), &[0.1]);
        assert_eq!(analysis.minimal.reads.smallest, Some(whole(row, "majority") as usize), "{row}");
        assert_eq!(analysis.total_resilience(), Some(whole(row, "tolerance") as usize), "{row}");
    }
}

#[test]
fn majorities_fail_as_tabulated() {
    for row in rows(&table("majority_F")) {
        let system = majority(whole(row, "n"));
        for (p, expected) in entries(row).iter().filter_map(|(key, value)| Some((key.strip_prefix("p=")?, value))) {
            let given = failure(&system, nearest(&rational(p)));
            assert!(close(given, expected.as_f64().expect("a number"), 1e-9), "{row} at {p}: {given:e}");
        }
    }
}

/// Nodes of one failure probability spread over zones in this order.
fn zoned(formula: &Formula, zones: &[usize], zone_failure: f64) -> System {
    let place = |(zone, size): (usize, &usize)| vec![zone; *size];
    let places: Vec<usize> = zones.iter().enumerate().flat_map(place).collect();
    let into_zone = |(node, zone): (Node, &usize)| Node {
        zone: Some(ZoneId::new(*zone)),
        failure: Some(probability(0.01)),
        ..node
    };
    let nodes: Vec<Node> = plain_nodes(places.len()).into_iter().zip(&places).map(into_zone).collect();
    let zone = |number| Zone::new(format!("z{number}"), probability(zone_failure));
    let bare = system("zoned", plain_nodes(places.len()), both(formula));
    bare.with(nodes, (0..zones.len()).map(zone).collect(), Workload::default()).expect("zones that exist")
}

#[test]
fn correlated_zones() {
    for row in rows(&table("zone_correlated")) {
        let majority = |n: u64| Family::Majority { n }.formulas().expect("a majority").reads;
        let (formula, zones): (Formula, &[usize]) = match (word(row, "layout"), word(row, "system")) {
            ("9 nodes 3x3", "flat 5 of 9") => (majority(9), &[3, 3, 3]),
            ("9 nodes 3x3", _) => (shapes::hierarchy(&[(2, 3), (2, 3)]), &[3, 3, 3]),
            ("5 in 2 zones 3+2", _) => (majority(5), &[3, 2]),
            ("5 in 3 zones 2+2+1", _) => (majority(5), &[2, 2, 1]),
            ("3 in 2 zones 2+1", _) => (majority(3), &[2, 1]),
            ("3 in 3 zones", _) => (majority(3), &[1, 1, 1]),
            other => panic!("{other:?} is not known to this test"),
        };
        for (zone_failure, expected) in entries(&row["F"]) {
            let system = zoned(&formula, zones, zone_failure.parse().expect("a probability"));
            let given = value(analyze(&system, &Options::default()).failure_probability[0].system);
            // The file has five digits or more.
            assert!(close(given, expected.as_f64().expect("a number"), 2e-5), "{row} at {zone_failure}: {given:e}");
        }
    }
}

/// Under writes alone, or reads alone.
fn optimum_at(system: &System, read_fraction: f64) -> Optimum {
    let options = Options { read_fractions: vec![fraction(read_fraction)], ..Options::default() };
    analyze(system, &options).optimum.swap_remove(0).best.expect("a strategy")
}

#[test]
fn the_lecture_grid_has_the_loads_of_its_closed_form() {
    for (size, load) in entries(&golden("published.json")["slides_grid"]["L_write_checks"]) {
        let (rows, cols) = size.split_once('x').expect("rows and columns");
        let (rows, cols) = (rows.parse().expect("rows"), cols.parse().expect("columns"));
        let grid = Family::Grid { rows, cols, variant: GridVariant::LinesBelow }.system().expect("a grid");
        let load = rational(load.as_str().expect("a fraction"));
        assert_eq!(optimum_at(&grid, 0.0).exact, Some(load), "{size}");
        assert_eq!(optimum_at(&grid, 1.0).exact, Some(rational(&format!("1/{cols}"))), "{size}");
    }
}

#[test]
fn b_grids_are_as_tabulated() {
    for row in rows(&table("bgrid")) {
        let family = Family::BGrid { width: whole(row, "d"), bands: whole(row, "h"), band_rows: whole(row, "r") };
        let probabilities: Vec<f64> = entries(&row["F"]).keys().map(|p| p.parse().expect("a probability")).collect();
        let analysis = analyze_at(&family.system().expect("a B-grid"), &probabilities);
        let count = analysis.minimal.reads.count.as_ref().and_then(BigUint::to_f64).expect("a count");
        // Counts above 2^53 are numbers of the file like any other, and lose their last digits.
        assert!(close(count, number(row, "m"), 1e-15), "{row}: {count}");
        assert_eq!(analysis.minimal.writes.smallest, Some(whole(row, "c") as usize), "{row}");
        assert_eq!(analysis.total_resilience(), Some(whole(row, "res") as usize), "{row}");
        let load = rational(word(row, "load"));
        assert!(
            close(analysis.optimum[0].best.as_ref().expect("a strategy").load(), nearest(&load), 1e-9),
            "{row}: {}",
            analysis.optimum[0].best.as_ref().expect("a strategy").load()
        );
        for (answer, expected) in analysis.failure_probability.iter().zip(entries(&row["F"]).values()) {
            // The table subtracts from 1, which leaves it twelve digits after the point.
            let expected = expected.as_f64().expect("a number");
            assert!((value(answer.system) - expected).abs() < 1e-12, "{row}: {:?}", answer.system);
        }
    }
}

/// Walls whose rows have floor(log2 2i) nodes. The rows above 50 need a family of walls: as a sum over rows they are
/// too long.
#[test]
fn logarithmic_walls_fail_as_tabulated() {
    let table = table("cwlog");
    let small = rows(&table).iter().filter(|row| whole(row, "rows") <= 50);
    assert_eq!(small.clone().count(), 6);
    for row in small {
        let widths: Vec<usize> = (1..=whole(row, "rows")).map(|i| (2 * i).ilog2() as usize).collect();
        let system = symmetric("cwlog", whole(row, "n") as usize, &shapes::wall(&widths));
        for (p, expected) in entries(&row["F"]) {
            let given = failure(&system, p.parse().expect("a probability"));
            let expected = expected.as_f64().expect("a number");
            // The recursion of the table subtracts, so it is accurate to a few 1e-16 of 1 and not of the value.
            assert!((given - expected).abs() < 1e-9 * expected + 1e-14, "{row} at {p}: {given:e}");
        }
    }
}

/// Peleg and Wool: the non-dominated walls over n nodes are counted by the Fibonacci numbers; they have one node on
/// top and two or more in every row below.
#[test]
fn non_dominated_walls_are_fibonacci_many() {
    let published = golden("published.json");
    let known = &published["nd_walls_fibonacci"];
    for (n, expected) in rows(&known["n"]).iter().zip(rows(&known["count"])) {
        let n = n.as_u64().expect("nodes") as usize;
        let proper = |widths: &&Vec<usize>| {
            let analysis = analyze_at(&symmetric("wall", n, &shapes::wall(widths)), &[0.1]);
            let all_used = analysis.minimal.reads.unused.is_some_and(|unused| unused.is_empty());
            let non_dominated = all_used && analysis.domination.non_dominated.known() == Some(true);
            assert_eq!(non_dominated, widths[0] == 1 && widths[1..].iter().all(|width| *width >= 2), "{widths:?}");
            non_dominated
        };
        let count = compositions(n).iter().filter(proper).count();
        assert_eq!(Some(count as u64), expected.as_u64(), "{n} nodes");
    }
}

/// All sequences of positive numbers with this sum.
fn compositions(sum: usize) -> Vec<Vec<usize>> {
    if sum == 0 {
        return vec![Vec::new()];
    }
    let first = |first: usize| compositions(sum - first).into_iter().map(move |rest| [vec![first], rest].concat());
    (1..=sum).flat_map(first).collect()
}

/// Reads by an expression, writes its dual, nodes with (read, write) capacities.
fn algebra(reads: &str, capacities: &[(f64, f64)], shares: &[(f64, f64)]) -> Analysis {
    let names: Vec<String> = ('a'..='z').take(capacities.len()).map(String::from).collect();
    let node = |(name, (read, write)): (&String, &(f64, f64))| Node {
        read_capacity: capacity(*read),
        write_capacity: capacity(*write),
        ..Node::new(name)
    };
    let nodes: Vec<Node> = names.iter().zip(capacities).map(node).collect();
    let reads = expression::formula(reads, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let bare = system("algebra", nodes.clone(), Pair { writes: reads.dual(), reads });
    analyze(&bare.with(nodes, Vec::new(), workload(shares)).expect("the same nodes"), &Options::default())
}

/// The value in the row of this name.
#[track_caller]
fn row_value(table: &Value, name: &str) -> Value {
    let row = rows(table).iter().find(|row| row[0] == *name);
    row.unwrap_or_else(|| panic!("no row {name:?}"))[1].clone()
}

#[test]
fn examples_of_the_read_write_paper() {
    let table = table("quoracle_paper_examples");
    let expected = |name: &str| row_value(&table, name).as_f64().expect("a number");
    let ones = [(1.0, 1.0); 3];
    let majority = algebra("choose2(a, b, c)", &ones, &[(1.0, 1.0)]);
    assert_eq!(majority.total_resilience(), Some(expected("maj3 resilience") as usize));
    assert!(close(
        majority.optimum[0].best.as_ref().expect("a strategy").capacity(),
        expected("maj3 capacity fr=1"),
        1e-9
    ));

    let capacity = |reads: &str, capacities: &[(f64, f64)], read_fraction: f64| {
        algebra(reads, capacities, &[(read_fraction, 1.0)]).optimum[0].best.as_ref().expect("a strategy").capacity()
    };
    let equal = [(100.0, 100.0), (100.0, 100.0), (50.0, 50.0), (50.0, 50.0)];
    assert!(close(capacity("a*b + c*d", &equal, 1.0), expected("2x2 grid caps 100,100,50,50 fr=1"), 1e-9));
    let faster_reads = [(200.0, 100.0), (200.0, 100.0), (100.0, 50.0), (100.0, 50.0)];
    for (name, read_fraction) in [("rw caps fr=1", 1.0), ("rw caps fr=.5", 0.5), ("rw caps fr=0", 0.0)] {
        assert!(close(capacity("a*b + c*d", &faster_reads, read_fraction), expected(name), 1e-9), "{name}");
    }
    assert!(close(capacity("choose2(a, b, c, d)", &faster_reads, 1.0), expected("choose2of4 f=0 fr=1"), 1e-9));

    let shares = [(0.0, 10.0), (0.25, 4.0), (0.5, 2.0), (0.75, 1.0), (1.0, 1.0)];
    let name = "reads=ac+bd, fr dist {0:10/18,.25:4/18,.5:2/18,.75:1/18,1:1/18}";
    let mean_capacity =
        algebra("a*c + b*d", &faster_reads, &shares).optimum[0].best.as_ref().expect("a strategy").mean_capacity;
    // The paper prints six digits.
    assert!(close(mean_capacity, expected(name), 1e-5), "{mean_capacity}");
}

#[test]
fn examples_of_the_read_write_manual() {
    let table = table("quoracle_readme_goldens");
    let grid = "a*b*c + d*e*f";
    let at = |capacities: &[(f64, f64)], shares: &[(f64, f64)]| algebra(grid, capacities, shares);
    let ones = [(1.0, 1.0); 6];
    let quarter = at(&ones, &[(0.25, 1.0)]);
    let resilience = [quarter.resilience.reads.value(), quarter.resilience.writes.value(), quarter.total_resilience()];
    let expected: Vec<Option<usize>> = rows(&row_value(&table, "2x3 grid reads=abc+def resilience r,w,total"))
        .iter()
        .map(|value| value.as_u64().map(|value| value as usize))
        .collect();
    assert_eq!(resilience.to_vec(), expected);
    assert_eq!(row_value(&table, "load fr=.25 optimal"), "3/8");
    assert_eq!(quarter.optimum[0].best.as_ref().expect("a strategy").exact, Some(rational("3/8")));
    assert!(close(quarter.optimum[0].best.as_ref().expect("a strategy").capacity(), 8.0 / 3.0, 1e-9));

    let distribution = at(&ones, &[(0.1, 1.0), (0.75, 1.0)]);
    // 0.404166... in the manual.
    assert_eq!(distribution.optimum[0].best.as_ref().expect("a strategy").exact, Some(rational("97/240")));

    let alternating = |read: f64, write: f64| {
        let slow = (read / 2.0, write / 2.0);
        [(read, write), slow, (read, write), slow, (read, write), slow]
    };
    let equal = at(&alternating(1000.0, 1000.0), &[(0.75, 1.0)]);
    assert!(close(equal.optimum[0].best.as_ref().expect("a strategy").capacity(), 4000.0 / 3.0, 1e-9));
    for (read_fraction, expected) in [(1.0, 10_000.0), (0.5, 90_000.0 / 23.0), (0.0, 2000.0)] {
        let given = at(&alternating(10_000.0, 1000.0), &[(read_fraction, 1.0)]).optimum[0]
            .best
            .as_ref()
            .expect("a strategy")
            .capacity();
        assert!(close(given, expected, 1e-9), "at {read_fraction}: {given} instead of {expected}");
    }
}

/// Mean capacities of the case study for systems that were not searched for.
#[test]
fn capacities_of_the_case_study() {
    let study = &golden("published.json")["quoracle_case_study"];
    let node = |numbers: &Value| (number(numbers, "rcap"), number(numbers, "wcap"));
    let capacities: Vec<(f64, f64)> = entries(&study["nodes"]).values().map(node).collect();
    let weight = |(fraction, weight): (&String, &Value)| {
        (fraction.parse::<f64>().expect("a fraction"), weight.as_f64().expect("a weight"))
    };
    let shares: Vec<(f64, f64)> = entries(&study["read_fraction_weights"]).iter().map(weight).collect();
    let shares: Vec<(f64, f64)> = shares.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
    for (name, reads) in [
        ("majority", "choose3(a, b, c, d, e)"),
        ("grid ab+cde", "a*b + c*d*e"),
        ("paths ab+ace+de+dcb", "a*b + a*c*e + d*e + d*c*b"),
    ] {
        let given = algebra(reads, &capacities, &shares).optimum[0].best.as_ref().expect("a strategy").mean_capacity;
        // Six digits are printed.
        assert!(close(given, number(&study["f0"], name), 1e-5), "{name}: {given}");
    }
    let searched = &study["f0"]["searched"];
    let given = algebra(word(searched, "reads"), &capacities, &shares).optimum[0]
        .best
        .as_ref()
        .expect("a strategy")
        .mean_capacity;
    assert!(close(given, number(searched, "capacity"), 1e-5), "searched: {given}");
}
