//! Every `null` in the JSON has a reason: another key beside it, or a note that names it.

use std::process::Command;

use serde_json::Value;

use crate::support::files::{entries_of, path};
use crate::support::nulls::{document, every_null_of, no_idle_note, unexplained};

/// In `compare`, the columns in which a value is missing are named.
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
        &["quorum-defs/grid-3x3.toml", "quorum-defs/majority-5.toml", "--crossovers"],
    ] {
        let arguments: Vec<&str> = ["compare"].iter().chain(arguments).copied().collect();
        let json = document(&arguments);
        let notes: Vec<&str> = json["notes"].as_array().expect("notes").iter().filter_map(Value::as_str).collect();
        for system in json["systems"].as_array().expect("systems") {
            let values = system["values"].as_array().expect("values").iter();
            for missing in values.filter(|value| value["value"].is_null()) {
                let column = missing["column"].as_str().expect("a name");
                assert!(notes.iter().any(|note| note.contains(&format!("`{column}`"))), "{column}: {notes:?}");
            }
        }
        // Those have just been seen to.
        let mut rest = json;
        for system in rest["systems"].as_array_mut().expect("systems") {
            system["values"] = Value::Array(Vec::new());
        }
        let mut found = Vec::new();
        unexplained(&rest, "", &Value::Null, &[], &mut found);
        assert!(found.is_empty(), "{arguments:?}: {found:?}");
        no_idle_note(&arguments, &rest);
    }
}

#[track_caller]
fn every_null_is_explained(arguments: &[&str]) {
    every_null_of(&["analyze"].iter().chain(arguments).copied().collect::<Vec<_>>());
}

#[test]
fn of_all_shipped_definitions() {
    every_null_is_explained(&["quorum-defs", "quorum-defs/case-study", "quorum-defs/rings"]);
    every_null_is_explained(&["quorum-defs/rings/racks-12.toml", "--failed", "r1,n2"]);
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

/// Families from small to large, and what is asked of them.
#[test]
fn of_families_at_several_sizes() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut files = Vec::new();
    for (at, system) in [
        "family = 'majority'\nn = 1",
        "family = 'majority'\nn = 2",
        "family = 'majority'\nn = 101",
        "family = 'threshold'\nn = 60\nread = 7\nwrite = 9",
        "family = 'rowa'\nn = 12",
        "family = 'weighted'\nvotes = [3, 2, 2, 1, 1]\nquota = 5",
        "family = 'grid'\nrows = 8\ncols = 9",
        "family = 'grid'\nrows = 6\ncols = 6\nvariant = 'row-column'",
        "family = 'b-grid'\nwidth = 4\nbands = 3\nband_rows = 2",
        "family = 'tree'\nheight = 5",
        "family = 'hierarchical'\nbranching = [3, 3, 3]\nquorum = [2, 2, 2]",
        "family = 'wheel'\nn = 30",
        "family = 'cwlog'\nrows = 9",
        "family = 'fpp'\norder = 5",
        "family = 'paths'\nsize = 3",
        "family = 'y'\nsize = 6",
    ]
    .iter()
    .enumerate()
    {
        let file = folder.path().join(format!("{at}.toml"));
        std::fs::write(&file, format!("name = 's{at}'\n[system]\n{system}\n")).expect("written");
        files.push(file.to_str().expect("a name").to_owned());
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for flags in [
        &["--polynomial"][..],
        &["--survive", "1", "--objective", "network"],
        &["--read-fraction", "0,0.3,1", "--failure-probability", "0,1e-200,1"],
        &["--method", "monte-carlo", "--trials", "100"],
    ] {
        every_null_is_explained(&[&files[..], flags].concat());
    }
}

#[test]
fn of_goals_fronts_and_repair() {
    for arguments in [
        &["quorum-defs/case-study", "--pareto", "load,latency"][..],
        &["quorum-defs/case-study", "--objective", "latency", "--max-load", "0.0005"],
        &["quorum-defs/case-study", "--objective", "network", "--max-load", "0.00001"],
        &["quorum-defs/grid-3x3.toml", "--objective", "latency"],
        &["quorum-defs/grid-3x3.toml", "--pareto", "network,load"],
        &["quorum-defs/three-zones.toml", "--failure-probability", "1e-300", "--strategy"],
        &["quorum-defs/three-zones.toml", "--failed", "a"],
        &["-e", "a*b + c"],
        &["quorum-defs/grid-3x3.toml", "--certificate"],
        &["quorum-defs/grid-3x3.toml", "--certificate", "--objective", "latency"],
        &["quorum-defs/grid-3x3.toml", "--certificate", "--max-network", "1"],
        &["quorum-defs/case-study", "--certificate", "--max-latency", "4000", "--survive", "1"],
        &["quorum-defs/three-zones.toml", "--certificate", "--quorums", "1"],
    ] {
        every_null_is_explained(arguments);
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let (never, differing) = (folder.path().join("never.toml"), folder.path().join("differing.toml"));
    let text = "name = 'x'\n[system]\nfamily = 'threshold'\nn = 3\nread = 1\nwrite = 3\n[nodes]\nmttf_hours = 100\n\
                mttr_hours = 1\n[[node]]\nname = 'n1'\nfailure_probability = 0\n";
    std::fs::write(&never, text).expect("written");
    let text = "name = 'x'\n[system]\nfamily = 'majority'\nn = 3\n[nodes]\nfailure_probability = 0.1\n[[node]]\n\
                name = 'n1'\nfailure_probability = 0.2\nlatency_ms = 3\n";
    std::fs::write(&differing, text).expect("written");
    every_null_is_explained(&[never.to_str().expect("a name")]);
    every_null_is_explained(&[differing.to_str().expect("a name")]);
    every_null_is_explained(&[differing.to_str().expect("a name"), "--certificate"]);
}

#[test]
fn of_sweeps_searches_and_words() {
    for command in [
        "sweep grid --rows 2..4",
        "sweep majority --n 1..9:2 --read-fraction 0,0.5 --failure-probability 0,0.1",
        "sweep threshold --n 4 --read 1..4 --write 1..4",
        "search --nodes examples/case-study-nodes.toml --budget 2000",
        "search --nodes examples/case-study-nodes.toml --objective latency --max-load 0.00001",
        "search --nodes examples/case-study-nodes.toml --min-resilience 1 --max-network 4 --budget 1",
        "search --nodes examples/case-study-nodes.toml --min-overlap 2 --byzantine 1",
        "analyze quorum-defs/two-zones.toml --min-zone-resilience 1 --min-durability-zones 3",
        "analyze quorum-defs/majority-5.toml --min-zone-resilience 1 --min-durability-zones 3",
        "explain load",
        "families",
    ] {
        every_null_of(&command.split(' ').collect::<Vec<_>>());
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("nodes.toml");
    for (nodes, flags) in [
        ("[[node]]\nname = 'a'\n[[node]]\nname = 'b'\n[[node]]\nname = 'c'\n", &[][..]),
        ("[nodes]\nfailure_probability = 0.1\n[[node]]\nname = 'a'\n[[node]]\nname = 'b'\n", &["--survive", "1"]),
        (
            "[nodes]\nlatency_ms = 2\n[[node]]\nname = 'a'\ncapacity = 7\n[[node]]\nname = 'b'\n",
            &["--objective", "latency", "--max-load", "0.001"],
        ),
    ] {
        std::fs::write(&file, nodes).expect("written");
        every_null_of(&[&["search", "--nodes", file.to_str().expect("a name")], flags].concat());
    }
}

#[test]
fn of_transitions() {
    for arguments in [
        &["three.toml", "five.toml"][..],
        &["three.toml", "four.toml", "renamed.toml", "--demands", "fast-paxos,pbft"],
        &["east-heavy.toml", "west-heavy.toml", "--failed", "a,d"],
        &["three.toml", "east-heavy.toml", "--failed", "a,b"],
        &["one-vote.toml", "three-votes.toml", "--failure-probability", "1e-300"],
        &["cheap-reads.toml", "cheap-writes.toml", "--plan"],
        &["east-heavy.toml", "west-heavy.toml", "--plan"],
        &["three.toml", "five.toml", "--plan", "--demands", "fast-paxos"],
    ] {
        let file = |argument: &&str| match argument.strip_suffix(".toml") {
            Some(_) => format!("quorum-defs/transitions/{argument}"),
            None => (*argument).to_owned(),
        };
        let arguments: Vec<String> = ["transition".to_owned()].into_iter().chain(arguments.iter().map(file)).collect();
        every_null_of(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn of_simulations() {
    for command in [
        "simulate quorum-defs/majority-5.toml --ops 60",
        "simulate quorum-defs/majority-5.toml --ops 60 --read-fraction 0",
        "simulate quorum-defs/majority-5.toml --ops 60 --read-fraction 1",
        "simulate quorum-defs/majority-5.toml --ops 60 --seeds 1..3",
        "simulate quorum-defs/majority-5.toml --ops 1000 --max-steps 50",
        "simulate quorum-defs/majority-5.toml --protocol raft --ops 60",
        "simulate examples/split-brain.toml --protocol multi-paxos --unsafe --clients 4 --ops 60 --faults examples/split-brain-faults.toml",
        "simulate quorum-defs/dynamo-3-1-1.toml --unsafe --ops 300",
        "simulate quorum-defs/dynamo-3-1-1.toml --unsafe --ops 50 --seeds 1..20",
        "simulate quorum-defs/dynamo-3-2-2.toml --protocol dynamo --ops 100",
    ] {
        every_null_of(&command.split(' ').collect::<Vec<_>>());
    }
}

#[test]
fn of_verifications() {
    for file in ["majority-5", "dynamo-3-1-1", "three-zones", "singleton"] {
        let file = format!("quorum-defs/{file}.toml");
        every_null_of(&["verify", &file, "--epochs", "50", "--executions", "2", "--operations", "1000", "--sets", "5"]);
    }
}

#[test]
fn of_histories() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let write = |name: &str, lines: &[&str]| {
        let file = folder.path().join(name);
        std::fs::write(&file, lines.join("\n")).expect("written");
        file.to_str().expect("a name").to_owned()
    };
    let stale = "{\"process\":2,\"op\":\"read\",\"value\":1,\"start\":50,\"end\":60}";
    let first = "{\"process\":0,\"op\":\"write\",\"value\":1,\"start\":0,\"end\":10}";
    let second = "{\"process\":1,\"op\":\"write\",\"value\":2,\"start\":20,\"end\":30}";
    let again = "{\"process\":1,\"op\":\"write\",\"value\":1,\"start\":70,\"end\":80}";
    let unheard = "{\"process\":2,\"op\":\"read\",\"value\":9,\"start\":50,\"end\":60}";
    let pending = "{\"process\":0,\"op\":\"write\",\"value\":1,\"start\":0,\"end\":null}";
    let cas = "[{:process 0, :type :invoke, :f :cas, :value [0 1]} {:process 0, :type :ok, :f :cas, :value [0 1]} \
               {:process 0, :type :invoke, :f :cas, :value [0 1]} {:process 0, :type :ok, :f :cas, :value [0 1]}]";
    for file in [
        write("fine.jsonl", &[first, second]),
        write("stale.jsonl", &[first, second, stale]),
        write("repeated.jsonl", &[first, second, stale, again]),
        write("unheard.jsonl", &[first, second, unheard]),
        write("pending.jsonl", &[pending]),
        write("cas.edn", &[cas]),
        write("keys.jsonl", &[&first.replace('}', ",\"key\":\"x\"}"), &second.replace('}', ",\"key\":null}"), stale]),
        "tests/golden/histories".to_owned(),
        "tests/golden/edges/stale-by-tie.jsonl".to_owned(),
    ] {
        let refused = write("refused.jsonl", &["{\"process\":0"]);
        every_null_of(&["check", &file, &refused]);
        every_null_of(&["check", &file]);
        every_null_of(&["check", &file, "--initial", "null"]);
        every_null_of(&["check", &file, "--initial", "unknown"]);
    }
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

#[test]
fn of_nodes_that_choose_whom_they_trust() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    let sets = [["choose(3, a, b, c)"; 3], ["a", "choose(2, b, z)", "c"], ["choose(1, z)", "choose(2, a, z)", "z"]];
    for sets in sets {
        let mut text = "name = 'x'\n[system]\nfamily = 'federated'\n[[node]]\nname = 'z'\n".to_owned();
        for (name, set) in ["a", "b", "c"].iter().zip(sets) {
            text.push_str(&format!("[[node]]\nname = '{name}'\nquorum_set = '{set}'\n"));
        }
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        every_null_is_explained(&[file]);
        every_null_is_explained(&[file, "--quorums", "1"]);
        every_null_is_explained(&[file, "--failed", "a"]);
    }
}
