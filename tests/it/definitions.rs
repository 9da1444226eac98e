//! Every shipped definition: it reads, it is called what its file is called, and it has the facts that it teaches.

use std::collections::BTreeSet;

use num_bigint::BigUint;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::model::{NodeId, Pair, System};
use quorate::structure::resilience::Resilience;

use crate::support::files;
use crate::support::systems::{close, nearest, rational, value};

/// What the answer about a definition must say; loads are those of the definition's own workload.
struct Row {
    name: &'static str,
    nodes: usize,
    /// Minimal read and write quorums.
    counts: [u32; 2],
    /// Resilience of reads and of writes.
    resilience: [usize; 2],
    load: &'static str,
    /// Whether every read meets every write.
    intersects: bool,
}

/// Counts, resiliences and loads by enumeration of all sets of nodes and the linear program over all minimal quorums
/// in exact fractions.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row { name: "and-or-16",            nodes: 16, counts: [256, 256], resilience: [3, 3], load: "7/16",         intersects: true },
    Row { name: "b-grid-3-2-2",         nodes: 12, counts: [72, 72], resilience: [2, 2], load: "1/2",          intersects: true },
    Row { name: "bridge",               nodes:  5, counts: [4, 4],   resilience: [1, 1], load: "1/2",          intersects: true },
    Row { name: "case-study",           nodes:  5, counts: [2, 6],   resilience: [1, 1], load: "1823/7520000", intersects: true },
    Row { name: "cwlog-5",              nodes: 11, counts: [67, 67], resilience: [2, 2], load: "9/22",         intersects: true },
    Row { name: "dynamo-3-1-1",         nodes:  3, counts: [3, 3],   resilience: [2, 2], load: "1/3",          intersects: false },
    Row { name: "dynamo-3-2-2",         nodes:  3, counts: [3, 3],   resilience: [1, 1], load: "2/3",          intersects: true },
    Row { name: "fano",                 nodes:  7, counts: [7, 7],   resilience: [2, 2], load: "3/7",          intersects: true },
    Row { name: "flexible-5",           nodes:  5, counts: [10, 5],  resilience: [3, 1], load: "11/25",        intersects: true },
    Row { name: "grid-3x3",             nodes:  9, counts: [27, 13], resilience: [2, 2], load: "23/57",        intersects: true },
    Row { name: "grid-3x3-cover",       nodes:  9, counts: [27, 27], resilience: [2, 2], load: "4/9",          intersects: true },
    Row { name: "grid-3x3-lines",       nodes:  9, counts: [3, 27],  resilience: [2, 2], load: "1/3",          intersects: true },
    Row { name: "grid-3x3-row-column",  nodes:  9, counts: [9, 9],   resilience: [2, 2], load: "5/9",          intersects: true },
    Row { name: "hierarchical-3x5",     nodes: 15, counts: [75, 3],  resilience: [9, 1], load: "6/25",         intersects: true },
    Row { name: "hierarchy-9",          nodes:  9, counts: [27, 27], resilience: [3, 3], load: "4/9",          intersects: true },
    Row { name: "lecture-q1",           nodes:  3, counts: [3, 3],   resilience: [1, 1], load: "2/3",          intersects: true },
    Row { name: "lecture-q2",           nodes:  3, counts: [1, 1],   resilience: [0, 0], load: "1",            intersects: true },
    Row { name: "majority-4",           nodes:  4, counts: [4, 4],   resilience: [1, 1], load: "3/4",          intersects: true },
    Row { name: "majority-5",           nodes:  5, counts: [10, 10], resilience: [2, 2], load: "3/5",          intersects: true },
    Row { name: "paths-13",             nodes: 13, counts: [99, 99], resilience: [2, 2], load: "11/27",        intersects: true },
    Row { name: "rawo-3",               nodes:  3, counts: [1, 3],   resilience: [0, 2], load: "11/30",        intersects: true },
    Row { name: "rowa-3",               nodes:  3, counts: [3, 1],   resilience: [2, 0], load: "11/30",        intersects: true },
    Row { name: "singleton",            nodes:  3, counts: [1, 1],   resilience: [0, 0], load: "1",            intersects: true },
    Row { name: "three-regions",        nodes:  5, counts: [10, 10], resilience: [2, 2], load: "3/5",          intersects: true },
    Row { name: "three-zones",          nodes:  5, counts: [10, 10], resilience: [2, 2], load: "3/5",          intersects: true },
    Row { name: "tree-7",               nodes:  7, counts: [15, 15], resilience: [2, 2], load: "1/2",          intersects: true },
    Row { name: "triangle-4",           nodes: 10, counts: [41, 41], resilience: [3, 3], load: "2/5",          intersects: true },
    Row { name: "two-zones",            nodes:  5, counts: [10, 10], resilience: [2, 2], load: "3/5",          intersects: true },
    Row { name: "wall-2-3-2",           nodes:  7, counts: [9, 9],   resilience: [1, 1], load: "6/11",         intersects: true },
    Row { name: "weak-representative",  nodes:  4, counts: [2, 2],   resilience: [1, 0], load: "5/8",          intersects: true },
    Row { name: "weighted-5",           nodes:  5, counts: [5, 5],   resilience: [1, 1], load: "4/7",          intersects: true },
    Row { name: "wheel-6",              nodes:  6, counts: [6, 6],   resilience: [1, 1], load: "5/9",          intersects: true },
    Row { name: "masking-9",            nodes:  9, counts: [36, 36], resilience: [2, 2], load: "7/9",          intersects: true },
    Row { name: "m-grid-16",            nodes: 16, counts: [36, 36], resilience: [2, 2], load: "3/4",          intersects: true },
    Row { name: "nucleus-7",            nodes:  7, counts: [10, 10], resilience: [2, 2], load: "1/2",          intersects: true },
    Row { name: "federated-6",          nodes:  6, counts: [4, 4],   resilience: [1, 1], load: "3/4",          intersects: true },
    Row { name: "pbft-4",               nodes:  4, counts: [4, 4],   resilience: [1, 1], load: "3/4",          intersects: true },
    Row { name: "y-10",                 nodes: 10, counts: [32, 32], resilience: [3, 3], load: "2/5",          intersects: true },
];

#[track_caller]
fn read(name: &str) -> System {
    let file = format!("quorum-defs/{name}.toml");
    quorate::spec::read(&file, files::text(&file).as_bytes()).unwrap_or_else(|error| panic!("{file}: {error:?}"))
}

/// The stems of all definitions; those in folders belong to a case of their own.
fn stems() -> BTreeSet<String> {
    let folder = files::path("quorum-defs");
    let entries = std::fs::read_dir(&folder).expect("the folder of definitions").map(|entry| entry.expect("an entry"));
    // Beside the definitions stand the folders of faults and scenarios.
    let entries = entries.filter(|entry| !entry.path().is_dir());
    let stem = |path: std::path::PathBuf| {
        assert_eq!(path.extension().and_then(|end| end.to_str()), Some("toml"), "{}", path.display());
        path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned()
    };
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).map(stem).collect()
}

#[test]
fn every_definition_has_a_row_and_every_row_a_definition() {
    let rows: BTreeSet<String> = TABLE.iter().map(|row| row.name.to_owned()).collect();
    assert_eq!(rows.len(), TABLE.len(), "a name stands twice");
    assert_eq!(stems(), rows);
}

#[test]
fn every_definition_is_called_what_its_file_is_called() {
    for stem in stems() {
        assert_eq!(read(&stem).about().name, stem);
    }
}

#[test]
fn every_definition_teaches() {
    for stem in stems() {
        assert!(read(&stem).about().description.is_some(), "{stem} has no description");
        let text = files::text(&format!("quorum-defs/{stem}.toml"));
        for part in ["# Source: ", "# Look at: "] {
            assert!(text.contains(part), "{stem} has no {part:?}");
        }
    }
}

#[test]
fn definitions_have_the_facts_of_the_table() {
    for row in TABLE {
        let system = read(row.name);
        let analysis = analyze(&system, &Options::default());
        check(row, &system, &analysis);
    }
}

fn check(row: &Row, system: &System, analysis: &Analysis) {
    let name = row.name;
    assert_eq!(system.nodes().len(), row.nodes, "{name}: nodes");
    let counts = analysis.minimal.as_ref().map(|minimal| minimal.count.clone());
    let [reads, writes] = row.counts.map(|count| Some(BigUint::from(count)));
    assert_eq!(counts, Pair { reads, writes }, "{name}: minimal quorums");
    let resilience = analysis.resilience.as_ref().map(Resilience::value);
    let [reads, writes] = row.resilience.map(Some);
    assert_eq!(resilience, Pair { reads, writes }, "{name}: resilience");
    assert_eq!(analysis.intersections.read_write.verdict.known(), Some(row.intersects), "{name}: intersection");
    let [optimum] = &analysis.optimum[..] else { panic!("{name}: {} optima", analysis.optimum.len()) };
    let optimum = optimum.best.as_ref().expect("a strategy");
    let load = rational(row.load);
    assert!(close(optimum.load(), nearest(&load), 1e-9), "{name}: load {} instead of {load}", optimum.load());
    assert_eq!(optimum.exact, Some(load), "{name}: exact load");
}

/// The numbers that the comments of the definitions promise.
#[test]
fn comments_of_definitions_tell_the_truth() {
    let failure = |name: &str| value(analyze(&read(name), &Options::default()).failure_probability[0].system);
    // Node failures of 1 %, zone failures of 0.1 %: the golden table of correlated zones, five digits.
    assert!(close(failure("three-zones"), 7.2693e-5, 1e-5));
    assert!(close(failure("two-zones"), 1.0395e-3, 1e-5));
    let over_time = analyze(&read("three-zones"), &Options::default()).reliability.repair.expect("times").expect("all");
    assert!(close(value(over_time.system.first_loss.hours), 11_459.145_547_7, 1e-12));
    let regions = analyze(&read("three-regions"), &Options::default()).operations.clients;
    let leaders = regions.leaders.expect("leaders");
    let mean = |name: &str| {
        let node = |node: NodeId| read("three-regions").nodes()[node.index()].name == name;
        leaders.iter().find(|leader| node(leader.node)).and_then(|leader| leader.mean_write_ms).expect("a mean")
    };
    assert!(close(mean("n1"), 347.0 / 2.6, 1e-12) && close(mean("n3"), 311.5 / 2.6, 1e-12));
    assert_eq!(regions.each[0].after[1].latency_ms.writes, Some(181.0));
    let case_study = analyze(&read("case-study"), &Options::default());
    // The published capacity has eight digits.
    assert!(close(case_study.optimum[0].best.as_ref().expect("a strategy").mean_capacity, 4200.2161, 1e-7));
    assert!(
        case_study.optimum[0].best.as_ref().expect("a strategy").capacity()
            < case_study.optimum[0].best.as_ref().expect("a strategy").mean_capacity
    );
    let non_dominated = |name: &str| analyze(&read(name), &Options::default()).domination.non_dominated.known();
    let self_dual = ["cwlog-5", "fano", "tree-7", "triangle-4", "wheel-6", "y-10"];
    for name in ["singleton", "grid-3x3-lines", "hierarchy-9", "weighted-5", "bridge"].into_iter().chain(self_dual) {
        assert_eq!(non_dominated(name), Some(true), "{name}");
    }
    assert_eq!(non_dominated("majority-4"), Some(false));
    assert_eq!(non_dominated("wall-2-3-2"), Some(false));
    assert_eq!(analyze(&read("lecture-q2"), &Options::default()).minimal.reads.redundant, [1, 2]);
}
