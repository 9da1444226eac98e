//! Every word that the program prints is explained.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use quorate::report::{Topic, explained, plot::Plot, tables::TABLES};
use serde_json::Value;

use crate::support::files::{entries_of, path};

/// Keys whose value has the names of nodes for keys.
const BY_NODE: [&str; 6] = ["node_load", "node_weight", "capacity_worth", "importance", "prices", "node"];

/// Keys whose value is a word, and not a name or a sentence.
const WORDS: [&str; 12] = [
    "method",
    "verdict",
    "kind",
    "objective",
    "quantity",
    "promise",
    "protocol",
    "rule",
    "shortfall",
    "capacity_unit",
    "better",
    "family",
];

/// What the first column of a table is called where its cells are words.
const WORDED: [&str; 8] = ["", "quorums", "property", "quantity", "model", "what", "measure", "fact"];

/// Commands that together print all there is.
const COMMANDS: [&str; 50] = [
    "analyze quorum-defs/import/zoo.cfg",
    "analyze quorum-defs/rings/tokens-12.toml quorum-defs/rings/two-regions-8.toml",
    "analyze quorum-defs/rings/two-regions-8.toml --failed west,n1",
    "analyze quorum-defs quorum-defs/case-study",
    "analyze quorum-defs/grid-3x3.toml --strategy --quorums 3 --polynomial",
    "analyze quorum-defs/majority-5.toml --strategy --failed n1,n2,n3",
    "analyze quorum-defs/grid-3x3.toml quorum-defs/y-10.toml --certificate --max-network 3.5 --survive 1",
    "analyze quorum-defs/case-study --objective latency --max-load 0.0005 --max-network 3 --certificate",
    "analyze quorum-defs/case-study --pareto load,latency",
    "analyze quorum-defs/three-regions.toml --per-client=worst --objective latency --max-load 0.7 --strategy",
    "analyze quorum-defs/three-regions.toml --per-client --pareto load,latency",
    "analyze quorum-defs/case-study --objective latency --max-load 0.0005",
    "analyze quorum-defs/case-study --objective network --max-load 0.00001",
    "analyze quorum-defs/grid-3x3.toml --method monte-carlo --trials 1000",
    "analyze quorum-defs/grid-3x3.toml --method karp-luby --relative-error 0.001 --trials 1000",
    "analyze quorum-defs/three-zones.toml --read-fraction 0.1,0.9 --survive 1 --failure-probability 1e-300",
    "compare quorum-defs/grid-3x3.toml quorum-defs/majority-5.toml quorum-defs/three-zones.toml --crossovers",
    "compare quorum-defs/grid-3x3.toml quorum-defs/case-study.toml --columns load,nodes",
    "compare quorum-defs/three-zones.toml quorum-defs/two-zones.toml --columns first-loss,minutes,nines,capacity,write,failure",
    "transition quorum-defs/transitions/three.toml quorum-defs/transitions/four.toml quorum-defs/transitions/renamed.toml",
    "transition quorum-defs/two-zones.toml quorum-defs/three-zones.toml --demands ben-or,fast-paxos",
    "transition quorum-defs/transitions/east-heavy.toml quorum-defs/transitions/west-heavy.toml",
    "transition quorum-defs/transitions/east-heavy.toml quorum-defs/transitions/west-heavy.toml --plan",
    "transition quorum-defs/transitions/cheap-reads.toml quorum-defs/transitions/cheap-writes.toml --plan",
    "analyze quorum-defs/three-zones.toml quorum-defs/two-zones.toml --min-zone-resilience 1 --min-durability-zones 3",
    "search --nodes examples/case-study-nodes.toml --min-overlap 2",
    "search --nodes examples/case-study-nodes.toml --byzantine 2:masking",
    "families",
    "sweep grid --rows 2..3",
    "search --nodes examples/case-study-nodes.toml --min-resilience 1",
    "search --nodes examples/case-study-nodes.toml --objective latency --max-load 0.00001",
    "simulate quorum-defs/majority-5.toml --ops 100 --faults quorum-defs/faults/storm.toml",
    "simulate quorum-defs/dynamo-3-1-1.toml --unsafe --seeds 1..20 --ops 50",
    "simulate quorum-defs/dynamo-3-1-1.toml --unsafe --ops 300",
    "simulate quorum-defs/dynamo-3-2-2.toml --protocol dynamo --ops 100",
    "simulate quorum-defs/majority-5.toml --protocol raft --ops 100 --faults quorum-defs/faults/storm.toml",
    "simulate quorum-defs/majority-5.toml --protocol multi-paxos --ops 50 --seeds 1..3",
    "simulate examples/split-brain.toml --protocol raft --unsafe --clients 4 --seeds 1..20 --ops 60 --faults examples/split-brain-faults.toml",
    "simulate examples/split-brain.toml --protocol multi-paxos --unsafe --clients 4 --ops 60 --faults examples/split-brain-faults.toml",
    "verify quorum-defs/dynamo-3-1-1.toml --epochs 50 --executions 3 --operations 1000",
    "verify quorum-defs/case-study.toml --epochs 50 --executions 3 --operations 1000",
    "check tests/golden/histories",
    "check tests/golden/histories --strongest",
    "check tests/golden/histories/a00.jsonl --model regular",
    "simulate --scenario quorum-defs/scenarios/raft-two-leaders.txt",
    "replication quorum-defs/majority-5.toml --ops 60",
    "flp --trials 10",
    "flp --protocol ben-or --trials 10",
    "explain resilience",
    "bench quorum-defs/majority-5.toml --memory --seconds 0.7 --clients 2 --faults quorum-defs/faults/processes.toml",
];

fn printed(command: &str, format: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_quorate"));
    program.current_dir(path(".")).args(command.split(' ')).args(["--format", format]).stdin(Stdio::null());
    let output = program.output().expect("it runs");
    assert_ne!(output.status.code(), Some(2), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The keys of a document, and the values that are words; notes are whole sentences.
fn of_json(value: &Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if !BY_NODE.contains(&key) {
                    found.insert(name.clone());
                }
                of_json(value, name, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| of_json(value, key, found)),
        Value::String(text) if WORDS.contains(&key) || key == "notes" => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

fn cells(line: &str) -> Vec<String> {
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner.split(" | ").map(|cell| cell.trim().replace(['\\', '*'], "")).collect()
}

/// Headings, heads of columns, first columns that name what stands in a row, and how it was obtained.
fn of_markdown(text: &str, found: &mut BTreeSet<String>) {
    let mut header: Vec<String> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(heading) = line.strip_prefix("### ") {
            found.insert(heading.replace('\\', ""));
        }
        if !line.starts_with("| ") {
            header.clear();
        } else if lines.get(at + 1).is_some_and(|next| next.starts_with("| --")) {
            header = cells(line);
            found.extend(header.iter().filter(|name| !name.is_empty() && *name != "#").cloned());
        } else if !header.is_empty() && !line.starts_with("| --") {
            let row = cells(line);
            if WORDED.contains(&header[0].as_str()) {
                found.insert(row[0].clone());
            }
            if let Some(how) = header.iter().position(|name| name == "how") {
                // Sets of nodes are data.
                let words = row[how].split('{').next().unwrap_or_default();
                found.extend(words.split(", ").map(|word| word.trim().to_owned()));
            }
        }
    }
}

#[test]
fn every_word_of_every_output_is_explained() {
    let mut found = BTreeSet::new();
    for command in COMMANDS {
        of_json(&serde_json::from_str(&printed(command, "json")).expect("JSON"), "", &mut found);
        of_markdown(&printed(command, "markdown"), &mut found);
        let csv = printed(command, "csv");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        found.extend(reader.headers().expect("a header").iter().map(str::to_owned));
    }
    found.remove("");
    assert!(found.len() > 300, "{}", found.len());
    let unexplained: Vec<&String> = found.iter().filter(|word| explained(word).is_empty()).collect();
    assert!(unexplained.is_empty(), "these words have no entry in src/WORDS.md: {unexplained:#?}");
}

#[test]
fn pictures_columns_and_tables_are_explained() {
    let pictures = Plot::ALL.iter().map(|plot| plot.name());
    let columns = Topic::ALL.iter().map(|topic| topic.name());
    let tables = TABLES.iter().map(|table| table.file);
    for word in
        pictures.chain(columns).chain(tables).chain(["curves.csv", "sweep.csv", "crossovers.csv", "0", "1", "2", "3"])
    {
        assert!(!explained(word).is_empty(), "{word}");
    }
    // What only large systems, many zones and interrupted runs have.
    for word in [
        "stratified",
        "smallest_bounds",
        "largest_bounds",
        "count_bounds",
        "partial",
        "interrupted",
        "interrupted.txt",
        "Interrupted. Missing: a. Ended early: b.",
        "Not settled: the fewest nodes that two quorums share, between 3 and 5.",
    ] {
        assert!(!explained(word).is_empty(), "{word}");
    }
    for status in ["exit status 3", "exit code", "status"] {
        assert!(explained(status).iter().any(|word| word.name() == "exit status"), "{status}");
    }
}

#[test]
fn columns_of_exported_tables_are_explained() {
    let mut tables = 0;
    for name in entries_of(&path("notebooks-data")).iter().filter(|name| name.ends_with(".csv")) {
        let mut reader = csv::Reader::from_path(path("notebooks-data").join(name)).expect("a table");
        for column in reader.headers().expect("a header") {
            assert!(!explained(column).is_empty(), "{column} of {name}");
        }
        tables += 1;
    }
    assert!(tables > 8, "{tables}");
}

#[test]
fn explanations_in_every_format() {
    let text = printed("explain certified", "text");
    assert!(text.starts_with("certified\n=========\nProven from both sides"), "{text}");
    assert!(text.contains("quorate analyze quorum-defs/grid-3x3.toml"), "{text}");
    let all: Value = serde_json::from_str(&printed("explain", "json")).expect("JSON");
    let words = all["words"].as_array().expect("a list");
    assert!(
        words.len() > 200 && words.iter().all(|word| word["definition"].as_str().is_some_and(|text| !text.is_empty()))
    );
    let list = printed("explain", "text");
    for word in words {
        let name = word["word"].as_str().expect("a word");
        let flowing = list.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(name), "{name}");
    }
    let mut unknown = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = unknown.args(["explain", "resiliance"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).expect("text");
    assert!(error.contains("did you mean \"resilience\"?"), "{error}");
}
