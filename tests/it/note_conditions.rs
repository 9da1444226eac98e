//! Each note stands where it is true, and not in a system near by where it is not.

use std::process::Command;

use crate::support::files::path;

/// The notes of one definition, as one text.
fn notes(definition: &str, flags: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.toml");
    std::fs::write(&file, format!("name = 'x'\n{definition}\n")).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path(".")).arg("analyze").arg(&file).args(["--format", "json"]).args(flags);
    let output = command.output().expect("it runs");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{definition}: {error}: {}", String::from_utf8_lossy(&output.stderr)));
    json["systems"][0]["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .filter_map(|note| note.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

#[track_caller]
fn says(words: &str, expected: bool, definition: &str, flags: &[&str]) {
    let notes = notes(definition, flags);
    assert_eq!(notes.contains(words), expected, "{definition} {flags:?}: {words}\n{notes}");
}

/// A system in which the note is true, and some near it in which it is not.
#[track_caller]
fn only(words: &str, holds: &str, others: &[&str]) {
    says(words, true, holds, &[]);
    others.iter().for_each(|other| says(words, false, other, &[]));
}

const MAJORITY_4: &str = "system = { family = 'majority', n = 4 }";
const MAJORITY_3: &str = "system = { family = 'majority', n = 3 }";

#[test]
fn advice_about_majorities_is_for_majorities() {
    let advice = "survives no more failures than";
    only(
        advice,
        MAJORITY_4,
        &[
            MAJORITY_3,
            "system = { family = 'majority', n = 2 }",
            "system = { family = 'threshold', n = 4, read = 3, write = 3 }",
            "system = { family = 'weighted', votes = [1, 1, 1, 1], quota = 3 }",
            "system = { family = 'weighted', votes = [2, 1, 1, 1, 1], quota = 4 }",
            "system = { family = 'custom', quorums = 'choose(3, a, b, c, d)' }",
            "system = { family = 'custom', quorums = 'choose(4, a, b, c, d, e, f)' }",
            "system = { family = 'custom', quorums = 'majority(choose(3, a, b, c, d))' }",
            "system = { family = 'custom', quorums = 'weighted(3, a=1, b=1, c=1, d=1)' }",
            "system = { family = 'custom', quorums = 'majority(a*b, c, d, e)' }",
            "system = { family = 'custom', quorums = 'majority(a, a, b, c)' }",
            "system = { family = 'custom', reads = 'majority(a, b, c, d)' }",
            "system = { family = 'hierarchical', branching = [2, 2], quorum = [2, 2] }",
        ],
    );
    says(advice, true, "system = { family = 'custom', quorums = ' majority( a, b, c, d ) ' }", &[]);
    says(advice, false, "system = { family = 'majority', n = 5 }", &["--failed", "n1"]);
    // One that is in no quorum is no voter.
    says(
        "A majority of 4 nodes",
        true,
        "system = { family = 'custom', quorums = 'majority(a, b, c, d)' }\nnode = [{ name = 'e' }]",
        &[],
    );
}

#[test]
fn quorums_that_miss_each_other() {
    let threshold = |n: u64, read: u64, write: u64| {
        format!("system = {{ family = 'threshold', n = {n}, read = {read}, write = {write} }}")
    };
    only("Some read quorum misses some write quorum", &threshold(5, 2, 3), &[&threshold(5, 3, 3), MAJORITY_4]);
    only("Two write quorums can miss each other", &threshold(4, 3, 2), &[&threshold(4, 2, 3), MAJORITY_4]);
    only(
        "misses a write that has reached just 3",
        &threshold(5, 2, 3),
        &[&threshold(5, 3, 3), "system = { family = 'custom', reads = 'a + b*c', writes = 'a*b + d' }"],
    );
    only(
        "Two quorums can miss each other",
        "system = { family = 'custom', quorums = 'choose(2, a, b, c, d)' }",
        &[MAJORITY_4],
    );
}

#[test]
fn nodes_that_are_needed_by_all_or_by_none() {
    let custom = |quorums: &str| format!("system = {{ family = 'custom', quorums = '{quorums}' }}");
    only("Node a is a single point of failure", &custom("a*b + a*c"), &[&custom("a*b + a*c + b*c")]);
    only("1 more node is a single point", &custom("a*b*c*d"), &[&custom("a*b*c"), MAJORITY_4]);
    only("is in no minimal quorum", &custom("a + a*b"), &[&custom("a*c + a*b"), MAJORITY_3]);
    only(
        "contain another one and change nothing",
        "system = { family = 'custom', quorums = [['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'd']] }",
        &["system = { family = 'custom', quorums = [['a', 'b'], ['a', 'c']] }"],
    );
    only("The system is dominated", MAJORITY_4, &[MAJORITY_3, &custom("choose(2, a, b, c, d)")]);
    says("quorum is left", true, "system = { family = 'rowa', n = 3 }", &["--failed", "n1"]);
    says("quorum is left", false, "system = { family = 'rowa', n = 3 }", &[]);
    says("quorum is left", false, MAJORITY_4, &["--failed", "n1"]);
}

/// A majority of three, of which so many stand in one zone, and what the tables of the zones say further.
fn zoned(inside: usize, zones: &str) -> String {
    let node = |number: usize| format!("[[node]]\nname = 'n{number}'\nzone = 'eu'\n");
    let nodes: String = (1..=inside).map(node).collect();
    format!("{MAJORITY_3}\n{nodes}{zones}")
}

#[test]
fn zones_that_stop_or_never_fail() {
    let (fails, never) = ("[[zone]]\nname = 'eu'\nfailure_probability = 0.1", "[[zone]]\nname = 'eu'");
    only("Losing zone eu stops", &zoned(2, fails), &[&zoned(1, fails)]);
    only("Zone eu has no nodes", &zoned(0, fails), &[&zoned(1, fails)]);
    let within = |probability: &str| {
        let outer = format!("\nparent = 'earth'\n[[zone]]\nname = 'earth'\nfailure_probability = {probability}");
        zoned(1, &format!("{never}{outer}"))
    };
    // What fails with the zone around it does fail as a whole.
    only("Never failing as a whole", &zoned(1, never), &[&zoned(1, fails), &within("0.1")]);
    says("Never failing as a whole", true, &within("0"), &[]);
}

#[test]
fn numbers_that_need_a_word() {
    let nodes = |keys: &str| format!("{MAJORITY_3}\n{keys}");
    let one = |key: &str| nodes(&format!("[[node]]\nname = 'n1'\n{key}"));
    let all = |key: &str| nodes(&format!("[nodes]\n{key}"));
    let failing = "failure_probability = 0.1";
    only("Failure probabilities were not computed", &one(failing), &[&all(failing), MAJORITY_3]);
    only("count for one operation/s", &one("capacity = 10"), &[&all("capacity = 10"), MAJORITY_3]);
    // Three pairs of failures: 3e-310, and 3e-308, which is a normal number still.
    only(
        "JSON has it as `system_scaled`",
        &all("failure_probability = 1e-155"),
        &[&all("failure_probability = 1e-154"), &all("failure_probability = 0"), MAJORITY_3],
    );
    let times = |mttf: &str, mttr: &str| all(&format!("mttf_hours = {mttf}\nmttr_hours = {mttr}"));
    only(
        "it counts as 0",
        &times("1e200", "1e-200"),
        &[&times("1e150", "1e-150"), &all("failure_probability = 0"), &all("failure_probability = 1e-200")],
    );
    // The load is 2/3 over the capacity.
    only(
        "beyond the range of a 64-bit float, so its value is left empty",
        &all("capacity = 1e308"),
        &[&all("capacity = 1e307"), &all("capacity = 1e-300"), &all("failure_probability = 1e-200")],
    );
    let latency = "latency_ms = 2.0";
    only("The latency was not computed: node n2 has no latency_ms", &one(latency), &[&all(latency), MAJORITY_3]);
    let times = "mttf_hours = 100\nmttr_hours = 1";
    only(
        "How often quorums are lost was not computed",
        &nodes(&format!("[nodes]\nfailure_probability = 0.1\n[[node]]\nname = 'n1'\n{times}")),
        &[&all(times), &all(failing)],
    );
    says("follow the definition's mttf_hours", true, &all(times), &["--failure-probability", "0.1"]);
    says("follow the definition's mttf_hours", false, &all(times), &[]);
    only(
        "To improve first: node a",
        "system = { family = 'custom', quorums = 'a*b + a*c' }\nnodes = { failure_probability = 0.1 }",
        &[&all(failing)],
    );
    let fractions = "workload = { read_fractions = [{ fraction = 0.1, weight = 1 }, { fraction = 0.9, weight = 1 }] }";
    let rowa = "system = { family = 'rowa', n = 3 }";
    only(
        "which is not 1 / (mean load)",
        &format!("{fractions}\n{rowa}"),
        &[rowa, &format!("{fractions}\n{MAJORITY_3}")],
    );
}

#[test]
fn strategies_that_are_too_long_are_listed_for_whoever_asks() {
    let majority = |n: u64| format!("system = {{ family = 'majority', n = {n} }}");
    let words = "it would name more than 200,000 nodes; --strategy lists up to 20,000,000";
    only(words, &majority(1_001), &[&majority(301), MAJORITY_4]);
    says("not listed", false, &majority(1_001), &["--strategy"]);
}

#[test]
fn answers_that_are_open_or_drawn() {
    let plane = "system = { family = 'fpp', order = 3 }";
    let sampled = ["--method", "monte-carlo", "--trials", "512", "--failure-probability"];
    says("in none of 512 trials", true, plane, &[&sampled[..], &["0.0001"]].concat());
    says("in none of 512 trials", false, plane, &[&sampled[..], &["0.5"]].concat());
    says("in none of", false, plane, &["--failure-probability", "0.0001"]);
    says("Not settled", false, plane, &[]);
}
