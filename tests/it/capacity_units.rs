//! A capacity that nobody gave is measured in nodes, and is not ranked against operations per second.

use std::path::Path;
use std::process::Command;

use assert_cmd::assert::OutputAssertExt;
use serde_json::Value as Json;

fn run(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let assert = command.env_remove("CLICOLOR_FORCE").current_dir(folder).args(arguments).assert().code(0);
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    let majority = |name: &str, n: usize, nodes: &str| {
        let text = format!("name = '{name}'\n[system]\nfamily = 'majority'\nn = {n}\n{nodes}");
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    };
    majority("bare", 3, "[nodes]\nfailure_probability = 0.01");
    majority("large", 5, "[nodes]\nfailure_probability = 0.01");
    // As fast as a bare one and as good in everything, but its numbers are seconds.
    majority("ones", 5, "[nodes]\ncapacity = 1\nfailure_probability = 0.01");
    majority("real", 5, "[nodes]\ncapacity = 1000\nfailure_probability = 0.01");
    majority("slow", 3, "[nodes]\ncapacity = 10\nfailure_probability = 0.2");
    majority("partly", 3, "[[node]]\nname = 'n1'\nread_capacity = 1000");
    let grid = "name = 'grid'\n[system]\nfamily = 'grid'\nrows = 2\ncols = 3\n";
    std::fs::write(folder.path().join("grid.toml"), grid).unwrap();
    folder
}

#[test]
fn a_capacity_that_nobody_gave_is_so_many_times_one_node() {
    let folder = folder();
    let text = run(folder.path(), &["analyze", "grid.toml", "--pareto", "load,network"]);
    assert!(text.contains("x one node") && !text.contains("operations/s"), "{text}");
    assert!(flowing(&text).contains("x one node per node's capacity added to {"), "{text}");
    let text = run(folder.path(), &["analyze", "grid.toml", "--format", "json"]);
    let json: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(json["systems"][0]["capacity_unit"], "one-node");
    for name in ["ones.toml", "real.toml"] {
        let text = run(folder.path(), &["analyze", name]);
        assert!(text.contains("operations/s") && !text.contains("one node "), "{text}");
        let json: Json = serde_json::from_str(&run(folder.path(), &["analyze", name, "--format", "json"])).unwrap();
        assert_eq!(json["systems"][0]["capacity_unit"], "operations-per-second");
    }
    let text = flowing(&run(folder.path(), &["analyze", "partly.toml"]));
    assert!(text.contains("{n2, n3} have no capacity and count for one operation/s"), "{text}");
    let text = run(folder.path(), &["sweep", "majority", "--n", "3..5"]);
    assert!(!text.contains("operations/s") && text.contains("one node"), "{text}");
}

#[test]
fn a_search_keeps_what_was_not_given() {
    let folder = folder();
    let nodes = "[[node]]\nname = 'a'\n[[node]]\nname = 'b'\n[[node]]\nname = 'c'\n";
    std::fs::write(folder.path().join("nodes.toml"), nodes).unwrap();
    let text = run(folder.path(), &["search", "--nodes", "nodes.toml", "-o", "best.toml"]);
    assert!(text.contains("x one node") && !text.contains("operations/s"), "{text}");
    let text = run(folder.path(), &["analyze", "best.toml"]);
    assert!(text.contains("x one node"), "{text}");
}

#[test]
fn units_are_ranked_apart_and_a_note_says_so() {
    let folder = folder();
    let files = ["bare.toml", "large.toml", "real.toml"];
    let columns = ["--columns", "nodes,load,capacity,failure"];
    let text = run(folder.path(), &[&["compare"][..], &files, &columns].concat());
    let note = "Of real the capacities of nodes are given";
    assert!(flowing(&text).contains(note) && flowing(&text).contains("are ranked apart"), "{text}");
    // Its load is a thousandth of that of the others, and nothing follows.
    let json = run(folder.path(), &[&["compare"][..], &files, &columns, &["--format", "json"]].concat());
    let json: Json = serde_json::from_str(&json).unwrap();
    assert!(json["notes"][0].as_str().unwrap().contains(note));
    let best = |system: usize| -> Vec<bool> {
        let values = json["systems"][system]["values"].as_array().unwrap();
        values.iter().map(|value| value["best"].as_bool().unwrap()).collect()
    };
    assert_eq!(best(0), [true, false, false, false]);
    assert_eq!(best(1), [false, true, true, true]);
    assert_eq!(best(2), [false, false, false, true]);
    assert!(json["systems"].as_array().unwrap().iter().all(|system| system["dominated_by"].is_null()), "{json}");
    // Among themselves they are ranked, and without such a column all are.
    let text = run(folder.path(), &[&["compare", "slow.toml"][..], &files, &columns].concat());
    assert!(text.contains("6.000e-4*") && text.contains("6.000e-1*"), "{text}");
    let text = run(folder.path(), &["compare", "bare.toml", "real.toml", "--columns", "resilience,failure"]);
    assert!(text.contains("bare: real is at least as good in every column"), "{text}");
    assert!(!text.contains("ranked apart"), "{text}");
    // Sorted by load, the units stay apart.
    let sorted = run(folder.path(), &["compare", "bare.toml", "real.toml", "large.toml", "--sort", "load"]);
    let place = |name: &str| sorted.find(&format!("\n  {name} ")).unwrap();
    assert!(place("large") < place("bare") && place("bare") < place("real"), "{sorted}");
}

#[test]
fn pictures_have_an_axis_for_each_unit() {
    let folder = folder();
    let draw = |files: &[&str]| {
        let names = ["--pictures", "load,capacity,trade-off", "--plots=plots", "--force", "--quiet"];
        run(folder.path(), &[&["compare"][..], files, &names].concat());
        ["load", "capacity", "trade-off"]
            .map(|name| std::fs::read_to_string(folder.path().join(format!("plots/{name}.svg"))).unwrap())
    };
    let [load, capacity, trade_off] = draw(&["bare.toml", "large.toml", "real.toml"]);
    for picture in [&load, &trade_off] {
        assert!(picture.contains("operations on it per operation") && picture.contains("seconds per operation"));
    }
    assert!(capacity.contains("times one node") && capacity.contains("operations per second"));
    assert!(trade_off.contains("capacities given") && trade_off.contains("no other dominates"));
    let [load, capacity, _] = draw(&["real.toml", "slow.toml"]);
    assert!(load.contains("seconds per operation") && !load.contains("capacities given"));
    assert!(!capacity.contains("one node"));
}
