//! From one system to another: verdicts and witnesses by a second way, the shipped traps, and what the command prints.

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};

use quorate::analysis::{Options, analyze};
use quorate::model::{Kind, NodeSet, System};
use quorate::transition::{Between, Verdict, step};
use serde_json::Value;

use crate::random::Random;
use crate::support::files::{entries_of, path, text};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path("quorum-defs/transitions")).arg("transition").args(arguments).stdin(Stdio::null());
    command.output().expect("it runs")
}

fn json(arguments: &[&str]) -> Value {
    let output = run(&[arguments, &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", String::from_utf8_lossy(&output.stderr)))
}

type Names = BTreeSet<String>;

/// A system of explicit quorums over some of the nodes a to f, drawn.
fn drawn(random: &mut Random, symmetric: bool) -> (System, [Vec<Names>; 2]) {
    let all: Vec<String> = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
    let nodes: Vec<String> = all.into_iter().filter(|_| random.below(3) > 0).collect();
    let nodes = if nodes.is_empty() { vec!["a".to_owned()] } else { nodes };
    let mut quorums = || {
        let many = 1 + random.below(4);
        (0..many)
            .map(|_| {
                let some: Names = nodes.iter().filter(|_| random.below(2) == 0).cloned().collect();
                if some.is_empty() { nodes.iter().cloned().collect() } else { some }
            })
            .collect::<Vec<Names>>()
    };
    let reads = quorums();
    let writes = if symmetric { reads.clone() } else { quorums() };
    let listed = |quorums: &[Names]| format!("{quorums:?}").replace('{', "[").replace('}', "]");
    let text =
        format!("name = 'x'\n[system]\nfamily = 'custom'\nreads = {}\nwrites = {}\n", listed(&reads), listed(&writes));
    let system = quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    (system, [reads, writes])
}

fn smallest(ones: &[Names], others: &[Names]) -> usize {
    ones.iter().flat_map(|one| others.iter().map(|other| one.intersection(other).count())).min().expect("quorums")
}

#[test]
fn drawn_changes_are_judged_as_their_lists_of_quorums_say() {
    let mut random = Random::new(7);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for round in 0..240 {
        let symmetric = round % 2 == 0;
        let ((old, old_quorums), (new, new_quorums)) = (drawn(&mut random, symmetric), drawn(&mut random, symmetric));
        let required = 1 + round % 3 / 2;
        let mut asked = Options::default();
        asked.demands.min_overlap = Some(required).filter(|required| *required > 1);
        let step = step(&old, &new, &asked).expect("small");
        let [old_reads, old_writes] = &old_quorums;
        let [new_reads, new_writes] = &new_quorums;
        let expected = [
            (Between::OldReadsNewWrites, old_reads, new_writes, required),
            (Between::NewReadsOldWrites, new_reads, old_writes, required),
            (Between::OldReadsNewReads, old_reads, new_reads, 1),
        ];
        for (between, ones, others, required) in expected {
            let crossing = step.crossing(between).expect("asked");
            let fewest = smallest(ones, others);
            assert_eq!(crossing.required, required);
            assert_eq!(crossing.holds, Some(fewest >= required), "{between:?} {ones:?} {others:?}");
            assert_eq!(crossing.smallest, Some(fewest), "{between:?} {ones:?} {others:?}");
            if fewest < required {
                let [one, other] = &crossing.witness[..] else { panic!("{crossing:?}") };
                assert_eq!(one.overlap(other), fewest);
                let is_quorum = |quorums: &[Names], set: &NodeSet| {
                    let names: Names = step.joint.names(set).map(str::to_owned).collect();
                    quorums.iter().any(|quorum| quorum.is_subset(&names))
                };
                assert!(is_quorum(ones, one) && is_quorum(others, other), "{crossing:?}");
            }
        }
        joint_holds_both(&step.joint, &old_quorums, &new_quorums);
        let answers = [&old, &step.joint, &new].map(|system| analyze(system, &asked));
        let stages = [(&old, &answers[0]), (&step.joint, &answers[1]), (&new, &answers[2])];
        let (verdict, _) = step.verdict(stages, &asked);
        let alone = smallest(old_reads, old_writes).min(smallest(new_reads, new_writes));
        let across = smallest(old_reads, new_writes).min(smallest(new_reads, old_writes));
        let expected = match (alone >= required, across >= required) {
            (false, _) => Verdict::Unsafe,
            (true, true) => Verdict::Direct,
            (true, false) => Verdict::JointOnly,
        };
        assert_eq!(verdict, expected, "{old_quorums:?} {new_quorums:?} {required}");
        seen.insert(verdict.name());
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

/// On every set of nodes the joint system says what the lists of quorums say.
fn joint_holds_both(joint: &System, old: &[Vec<Names>; 2], new: &[Vec<Names>; 2]) {
    for members in 0..1u32 << joint.nodes().len() {
        let alive: NodeSet =
            (0..joint.nodes().len()).filter(|node| members >> node & 1 == 1).map(quorate::model::NodeId::new).collect();
        let names: Names = joint.names(&alive).map(str::to_owned).collect();
        for (at, kind) in Kind::BOTH.into_iter().enumerate() {
            let holds = |quorums: &[Names]| quorums.iter().any(|quorum| quorum.is_subset(&names));
            assert_eq!(
                joint.formula(kind).holds(&alive),
                holds(&old[at]) && holds(&new[at]),
                "{old:?} {new:?} {names:?}"
            );
        }
    }
}

/// The traps, with what is said of them; each step of a longer way.
const TRAPS: &[(&[&str], &str)] = &[
    (&["three", "five"], "joint only"),
    (&["three", "four", "five"], "direct"),
    (&["four", "others"], "direct"),
    (&["five", "others"], "joint only"),
    (&["three", "replaced"], "joint only"),
    (&["three", "four", "replaced"], "direct"),
    (&["three", "renamed"], "joint only"),
    (&["cheap-reads", "cheap-writes"], "joint only"),
    (&["cheap-reads", "all-four", "cheap-writes"], "direct"),
    (&["east-heavy", "west-heavy"], "joint only"),
    (&["one-vote", "three-votes"], "joint only"),
    (&["one-vote", "two-votes", "three-votes"], "direct"),
];

#[test]
fn the_shipped_traps_are_what_they_say() {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (way, verdict) in TRAPS {
        let files: Vec<String> = way.iter().map(|stem| format!("{stem}.toml")).collect();
        let output = json(&files.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(output["verdict"], *verdict, "{way:?}");
        used.extend(files);
    }
    for (old, new, verdict) in [("two-node.conf", "three-node.conf", "unsafe"), ("zoo.cfg", "zoo-groups.cfg", "direct")]
    {
        assert_eq!(json(&[old, new])["verdict"], verdict, "{old} {new}");
        used.extend([old, new].map(str::to_owned));
    }
    let shipped: BTreeSet<String> = entries_of(&path("quorum-defs/transitions")).into_iter().collect();
    assert_eq!(shipped, used, "every definition belongs to a trap");
    for file in shipped {
        let text = text(&format!("quorum-defs/transitions/{file}"));
        for part in ["# Source: ", "# Look at: "] {
            assert!(text.contains(part), "{file} has no {part:?}");
        }
        if let Some(stem) = file.strip_suffix(".toml") {
            let system = quorate::spec::read(&file, text.as_bytes()).expect("a definition");
            assert_eq!(system.about().name, stem);
            assert!(system.about().description.is_some(), "{file}");
        }
    }
}

#[test]
fn a_change_says_everything_in_json() {
    let change = json(&["three.toml", "five.toml"]);
    assert_eq!(change["schema"], "quorate/transition/1");
    assert_eq!(change["added"], serde_json::json!(["d", "e"]));
    let old_new = &change["old_reads_new_writes"];
    assert_eq!(old_new["holds"], false);
    assert_eq!(old_new["witness"], serde_json::json!([["a", "b"], ["c", "d", "e"]]));
    // A majority of three and one of five: two of {a, b, c} and any third node.
    assert_eq!(change["joint"]["reads"]["count"], "7");
    assert_eq!(change["joint"]["resilience"], 1);
    assert!(change["old_reads_new_reads"]["needed"] == false);
    let raft = json(&["three.toml", "five.toml", "--demands", "raft"]);
    assert!(raft["old_reads_new_reads"]["needed"] == true);
    assert_eq!(raft["joint"]["demands"][0]["protocol"], "raft");
}

#[test]
fn a_zone_may_be_lost_before_and_after_and_not_on_the_way() {
    let change = json(&["east-heavy.toml", "west-heavy.toml"]);
    let alive: Vec<(String, Vec<bool>)> = (change["zone_losses"].as_array().expect("zones").iter())
        .map(|loss| {
            let alive = |stage: &str| loss[stage]["reads"]["alive"].as_bool().expect("a verdict");
            (loss["zone"].as_str().expect("a name").to_owned(), ["old", "joint", "new"].map(alive).to_vec())
        })
        .collect();
    let expected = [("east", [false, false, true]), ("west", [true, false, false])];
    assert_eq!(alive, expected.map(|(zone, alive)| (zone.to_owned(), alive.to_vec())));
}

#[test]
fn steps_one_after_the_other_have_their_verdicts_and_the_worst() {
    let steps = json(&["three.toml", "four.toml", "others.toml", "five.toml"]);
    let verdicts: Vec<&str> =
        steps["steps"].as_array().expect("steps").iter().filter_map(|step| step["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["direct", "direct", "joint only"]);
    assert_eq!(steps["verdict"], "joint only");
    let text = String::from_utf8(run(&["three.toml", "four.toml", "five.toml"]).stdout).expect("text");
    assert!(text.starts_with("three to four to five\n"), "{text}");
}

#[test]
fn names_that_say_different_things_are_conflicts() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let write = |name: &str, extra: &str| {
        let file = folder.path().join(name);
        let text = format!(
            "name = '{name}'\n[system]\nfamily = 'majority'\nn = 3\n[[zone]]\nname = 'x'\nfailure_probability = 0.1\n\
             [[zone]]\nname = 'y'\n{extra}"
        );
        std::fs::write(&file, text).expect("written");
        file.to_str().expect("a name").to_owned()
    };
    let node = |zone: &str, p: &str, more: &str| {
        format!("[[node]]\nname = 'n1'\nzone = '{zone}'\nfailure_probability = {p}\n{more}")
    };
    let old = write("old", &node("x", "0.01", "capacity = 5\n"));
    let new = write("new", &node("y", "0.02", "latency_ms = 3\n"));
    let change = json(&[&old, &new]);
    let conflicts: Vec<String> = (change["conflicts"].as_array().expect("conflicts").iter())
        .map(|it| format!("{} {} {} {}", it["name"], it["property"], it["old"], it["new"]).replace('"', ""))
        .collect();
    // What only one of them says is no contradiction.
    assert_eq!(conflicts, ["n1 failure_probability 0.01 0.02", "n1 zone x y"]);
}

#[test]
fn what_has_failed_is_left_out_where_it_stands() {
    // e is in the new system only, z in none.
    let change = json(&["three.toml", "five.toml", "--failed", "e"]);
    assert_eq!(change["stages"][0]["nodes"], 3);
    assert_eq!(change["stages"][2]["nodes"], 4);
    let output = run(&["three.toml", "five.toml", "--failed", "z"]);
    assert_eq!(output.status.code(), Some(2));
    let change = json(&["three.toml", "five.toml", "--failed", "a,b"]);
    assert_eq!(change["verdict"], "unsafe");
}

#[test]
fn the_exit_status_is_the_verdict() {
    for (arguments, status) in [
        (&["three.toml", "four.toml"][..], 0),
        (&["three.toml", "five.toml"], 1),
        (&["two-node.conf", "three-node.conf"], 1),
        (&["three.toml"], 2),
        (&["three.toml", "nowhere.toml"], 2),
        (&["three.toml", "four.toml", "--min-overlap", "2"], 1),
    ] {
        assert_eq!(run(arguments).status.code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn a_report_goes_where_it_is_sent_in_its_format() {
    let folder = tempfile::TempDir::new().expect("a folder");
    for (ending, begins) in [("md", "## three to five"), ("csv", "old,new,verdict"), ("json", "{"), ("html", "<!")] {
        let file = folder.path().join(format!("change.{ending}"));
        let name = file.to_str().expect("a name");
        let output = run(&["three.toml", "five.toml", "-o", name]);
        assert!(output.stdout.is_empty());
        let text = std::fs::read_to_string(&file).expect("written");
        assert!(text.starts_with(begins), "{ending}: {text}");
        assert_eq!(run(&["three.toml", "five.toml", "-o", name]).status.code(), Some(2), "it stays");
    }
}

#[test]
fn three_quorums_of_fast_paxos_meet_across_the_change() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let write = |name: &str, n: usize, fast: &str| {
        let file = folder.path().join(name);
        let text =
            format!("name = '{name}'\n[system]\nfamily = 'majority'\nn = {n}\n[consensus]\nfast = 'choose({fast})'\n");
        std::fs::write(&file, text).expect("written");
        file.to_str().expect("a name").to_owned()
    };
    let four = write("four", 4, "3, n1, n2, n3, n4");
    let five = write("five", 5, "4, n1, n2, n3, n4, n5");
    let change = json(&[&four, &five, "--demands", "fast-paxos"]);
    // Three of four, and any two of four of five: 3 + 4 + 4 > 2 * 5.
    assert_eq!(change["old_reads_new_fast"]["holds"], true);
    // Three of five and any two of three of four: {n3, n4, n5}, {n1, n2, n3} and {n1, n2, n4}.
    let across = &change["new_reads_old_fast"];
    assert_eq!(across["holds"], false);
    let sets: Vec<BTreeSet<&str>> = (across["witness"].as_array().expect("three").iter())
        .map(|set| set.as_array().expect("a set").iter().filter_map(Value::as_str).collect())
        .collect();
    assert_eq!(sets.len(), 3);
    assert!(sets[0].iter().all(|node| !sets[1].contains(node) || !sets[2].contains(node)), "{sets:?}");
}
