//! `read-write.json`: read-write systems of the algebra, their loads, resilience and quorums.

use num_bigint::BigUint;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::model::{Kind, Node, NodeSet, Pair, System};
use quorate::strategy::StrategyAnswer;
use rayon::prelude::*;
use serde_json::Value;

use crate::support::files::{entries, golden, number, rows, whole, word};
use crate::support::print::definition;
use crate::support::systems::{
    capacity, close, fraction, latency, nearest, probability, rational, set, system, value, workload,
};
use crate::support::{certificate, expression};

/// The system of an entry; latencies are seconds in the file.
fn system_of(entry: &Value) -> System {
    let nodes: Vec<Node> = entries(&entry["nodes"]).iter().map(node).collect();
    let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    let read = |key: &str| entry[key].as_str().map(|text| expression::formula(text, &names));
    let formulas = match (read("reads"), read("writes")) {
        (Some(reads), Some(writes)) => Pair { reads, writes },
        (Some(reads), None) => Pair { writes: reads.dual(), reads },
        (None, Some(writes)) => Pair { reads: writes.dual(), writes },
        (None, None) => panic!("neither reads nor writes in {entry}"),
    };
    system(word(entry, "id"), nodes.clone(), formulas)
}

fn node((name, numbers): (&String, &Value)) -> Node {
    Node {
        read_capacity: capacity(number(numbers, "read_capacity")),
        write_capacity: capacity(number(numbers, "write_capacity")),
        latency_ms: Some(latency(1000.0 * number(numbers, "latency_s"))),
        ..Node::new(name)
    }
}

/// Runs `check` on every entry and shows the definition of the first that fails.
pub(super) fn for_each(check: impl Fn(&Value, &System) -> Result<(), String> + Sync) {
    let golden = golden("read-write.json");
    assert_eq!(rows(&golden["systems"]).len(), 36);
    rows(&golden["systems"]).par_iter().for_each(|entry| {
        let system = system_of(entry);
        check(entry, &system).unwrap_or_else(|what| panic!("{what}\n\n{}", definition(&system)));
    });
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, given: &T, expected: &T) -> Result<(), String> {
    if given == expected { Ok(()) } else { Err(format!("{what} is {given:?} instead of {expected:?}")) }
}

fn listing(analysis: &Analysis, kind: Kind) -> &[NodeSet] {
    let listing = analysis.minimal.of(kind).listing.as_ref().expect("a list was asked for");
    assert!(listing.complete, "the list is cut");
    &listing.quorums
}

fn list_all() -> Options {
    Options { quorums: Some(usize::MAX), ..Options::default() }
}

#[test]
fn quorums_and_resilience() {
    for_each(|entry, system| {
        let analysis = analyze(system, &list_all());
        for (kind, name) in [(Kind::Read, "read"), (Kind::Write, "write")] {
            let count = BigUint::from(whole(entry, &format!("min_{name}_quorums")));
            expect(name, &analysis.minimal.of(kind).count, &Some(count))?;
            let resilience = whole(entry, &format!("{name}_resilience")) as usize;
            expect(name, &analysis.resilience.of(kind).value(), &Some(resilience))?;
            if let Some(quorums) = entry[format!("minimal_{name}_quorums")].as_array() {
                let mut expected: Vec<NodeSet> = quorums.iter().map(|quorum| letters(quorum, system)).collect();
                expected.sort();
                let mut given = listing(&analysis, kind).to_vec();
                given.sort();
                expect(name, &given, &expected)?;
            }
        }
        expect("resilience", &analysis.total_resilience(), &Some(whole(entry, "resilience") as usize))?;
        expect("validity", &analysis.intersections.read_write.verdict.known(), &entry["valid"].as_bool())
    });
}

/// The set of a word such as `abd`.
fn letters(word: &Value, system: &System) -> NodeSet {
    let names = word.as_str().expect("a word").chars();
    let position = |name: char| system.nodes().iter().position(|node| node.name == name.to_string());
    set(names.map(|name| position(name).expect("a node of the system")))
}

#[test]
fn failure_probabilities() {
    for_each(|entry, system| {
        for (p, expected) in entries(&entry["brute_force_failure_probability"]) {
            let failure_probabilities = vec![probability(nearest(&rational(p)))];
            let analysis = analyze(system, &Options { failure_probabilities, ..Options::default() });
            let answer = &analysis.failure_probability[0];
            for (kind, given) in [("read", answer.read), ("write", answer.write)] {
                let (given, expected) = (value(given), number(expected, kind));
                // The file has values of plain sums of up to 2^12 terms.
                if !close(given, expected, 1e-9) {
                    return Err(format!("F({p}) of {kind} is {given:e} instead of {expected:e}"));
                }
            }
        }
        Ok(())
    });
}

/// The values that are unbounded optima of load: no limit on anything else, no demand on the quorums.
fn is_plain_load(value: &&Value) -> bool {
    let limits = ["f", "network_limit", "latency_limit_s", "load_limit"];
    word(value, "optimize") == "load"
        && word(value, "measure") == "load"
        && limits.iter().all(|key| value[key].is_null())
}

#[test]
fn optimal_loads() {
    let golden = golden("read-write.json");
    let plain = rows(&golden["systems"]).iter().flat_map(|entry| rows(&entry["values"])).filter(is_plain_load).count();
    assert_eq!(plain, 6 * 36, "optimal loads in the file");
    for_each(|entry, system| {
        for value in rows(&entry["values"]).iter().filter(is_plain_load) {
            let analysis = match value["read_fraction"].as_f64() {
                Some(read_fraction) => {
                    analyze(system, &Options { read_fractions: vec![fraction(read_fraction)], ..list_all() })
                }
                None => analyze(&with_distribution(system, &value["read_fraction"]), &list_all()),
            };
            let quorums = [listing(&analysis, Kind::Read), listing(&analysis, Kind::Write)];
            check_load(system, &analysis.optimum, value, quorums)?;
        }
        Ok(())
    });
}

pub(super) fn with_distribution(system: &System, read_fraction: &Value) -> System {
    let share = |(fraction, weight): (&String, &Value)| {
        (fraction.parse().expect("a fraction"), weight.as_f64().expect("a weight"))
    };
    let shares: Vec<(f64, f64)> = entries(read_fraction).iter().map(share).collect();
    let (nodes, zones) = (system.nodes().to_vec(), system.zones().to_vec());
    system.clone().with(nodes, zones, workload(&shares)).expect("the same nodes")
}

fn check_load(
    system: &System,
    optima: &[StrategyAnswer],
    value: &Value,
    quorums: [&[NodeSet]; 2],
) -> Result<(), String> {
    let id = word(value, "id");
    let [answer] = optima else { return Err(format!("{} optima for {id}", optima.len())) };
    let optimum = answer.best.as_ref().expect("a strategy");
    let expected = number(value, "value");
    if !close(optimum.load(), expected, 1e-9) {
        return Err(format!("{id} is {} instead of {expected}", optimum.load()));
    }
    // Some values are certified in floating point only.
    if let (Some(exact), Some(expected)) = (&optimum.exact, value["exact"].as_str()) {
        expect(id, exact, &rational(expected))?;
    }
    if let Some(capacity) = value["capacity"].as_f64().filter(|capacity| !close(optimum.capacity(), *capacity, 1e-9)) {
        return Err(format!("capacity for {id} is {} instead of {capacity}", optimum.capacity()));
    }
    certificate::check(system, optimum, quorums).map_err(|what| format!("{id}: {what}"))
}

/// The load of choosing every minimal quorum equally often, from our list of them.
#[test]
fn uniform_loads() {
    for_each(|entry, system| {
        let analysis = analyze(system, &list_all());
        for value in rows(&entry["values"]).iter().filter(|value| word(value, "optimize") == "uniform") {
            let read_fraction = number(value, "read_fraction");
            let use_of = |kind: Kind, node: usize| {
                let quorums = listing(&analysis, kind);
                let member = |quorum: &&NodeSet| quorum.contains(quorate::model::NodeId::new(node));
                quorums.iter().filter(member).count() as f64 / quorums.len() as f64
            };
            let load = |(i, node): (usize, &Node)| {
                read_fraction * use_of(Kind::Read, i) / node.read_capacity.get()
                    + (1.0 - read_fraction) * use_of(Kind::Write, i) / node.write_capacity.get()
            };
            let busiest = system.nodes().iter().enumerate().map(load).fold(0.0, f64::max);
            let expected = nearest(&rational(word(value, "exact")));
            if !close(busiest, expected, 1e-9) {
                return Err(format!("the uniform load is {busiest} instead of {expected}"));
            }
        }
        Ok(())
    });
}
