//! The impossibility theorem by its command: schedules without a decision, followed again by an interpreter that knows nothing of the
//! library.

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::nulls::every_null_of;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.arg("flp").args(arguments).stdin(Stdio::null()).output().expect("it runs")
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    let output = run(&[arguments, &["--format", "json", "--trials", "20"]].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn lines(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|event| event.as_str().expect("an event").to_owned()).collect()
}

fn bits(list: &Value) -> Vec<u8> {
    list.as_array().expect("a list").iter().map(|bit| bit.as_u64().expect("a bit") as u8).collect()
}

/// Majority voting in rounds, written anew: votes are texts, and what was heard is a table.
struct Voters {
    values: Vec<u8>,
    rounds: Vec<u32>,
    /// Whether the proposal phase has begun.
    proposing: Vec<bool>,
    started: Vec<bool>,
    heard: Vec<BTreeMap<String, String>>,
    /// To, from, text, when.
    buffer: Vec<(usize, usize, String, usize)>,
    decided: Option<u8>,
    stepped: Vec<usize>,
    time: usize,
    longest: usize,
}

impl Voters {
    fn new(inputs: &[u8]) -> Self {
        let n = inputs.len();
        Voters {
            values: inputs.to_vec(),
            rounds: vec![1; n],
            proposing: vec![false; n],
            started: vec![false; n],
            heard: vec![BTreeMap::new(); n],
            buffer: Vec::new(),
            decided: None,
            stepped: vec![0; n],
            time: 0,
            longest: 0,
        }
    }

    fn phase(&self, p: usize) -> String {
        format!("{} {}", if self.proposing[p] { "proposal" } else { "report" }, self.rounds[p])
    }

    fn tell(&mut self, p: usize, value: &str) {
        let phase = self.phase(p);
        let text = format!("{phase} {value}");
        self.heard[p].insert(format!("{phase} from {p}"), value.to_owned());
        (0..self.values.len()).filter(|to| *to != p).for_each(|to| self.buffer.push((to, p, text.clone(), self.time)));
    }

    #[track_caller]
    fn follow(&mut self, line: &str) {
        let (to, received) = line.split_once(" <- ").expect("an event");
        let number = |name: &str| name[1..].parse::<usize>().expect("a process") - 1;
        let to = number(to);
        let found = (received != "nothing").then(|| {
            let (from, text) = received.split_once(' ').expect("a message");
            let is_it =
                |entry: &&(usize, usize, String, usize)| (entry.0, entry.1, &entry.2[..]) == (to, number(from), text);
            let place = self.buffer.iter().position(|entry| is_it(&entry)).expect("it is on its way");
            self.buffer.remove(place)
        });
        self.longest = self.longest.max(self.time - found.as_ref().map_or(self.stepped[to], |entry| entry.3));
        self.time += 1;
        self.stepped[to] = self.time;
        if !std::mem::replace(&mut self.started[to], true) {
            let own = self.values[to].to_string();
            self.tell(to, &own);
        }
        if let Some((_, from, text, _)) = found {
            let (phase, value) = text.rsplit_once(' ').expect("a value");
            self.heard[to].insert(format!("{phase} from {from}"), value.to_owned());
        }
        while self.go_on(to) {}
    }

    fn go_on(&mut self, p: usize) -> bool {
        let (n, prefix) = (self.values.len(), format!("{} from ", self.phase(p)));
        let values: Vec<&String> =
            self.heard[p].iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(_, it)| it).collect();
        let count = |wanted: &str| values.iter().filter(|value| **value == wanted).count();
        let (zeros, ones, needed) = (count("0"), count("1"), n / 2 + 1);
        if values.len() < needed {
            return false;
        }
        if self.proposing[p] {
            if zeros > n - needed || ones > n - needed {
                self.decided.get_or_insert(u8::from(ones > 0));
            }
            let turn = (self.rounds[p] % 2) as u8;
            self.values[p] = if zeros > 0 {
                0
            } else if ones > 0 {
                1
            } else {
                turn
            };
            self.rounds[p] += 1;
            self.proposing[p] = false;
            let own = self.values[p].to_string();
            self.tell(p, &own);
        } else {
            let proposal = if 2 * zeros > n {
                "0"
            } else if 2 * ones > n {
                "1"
            } else {
                "?"
            };
            self.proposing[p] = true;
            self.tell(p, proposal);
        }
        true
    }

    fn waits(&self) -> usize {
        let pending = self.buffer.iter().map(|entry| self.time - entry.3);
        pending.chain(self.stepped.iter().map(|stepped| self.time - stepped)).fold(self.longest, usize::max)
    }
}

#[test]
fn another_interpreter_follows_the_schedules() {
    for (nodes, steps) in [("3", 700), ("4", 500), ("5", 600)] {
        let json = json(&["--protocol", "voting", "--nodes", nodes, "--steps", &steps.to_string()]);
        let inputs = bits(&json["initial"]["inputs"]);
        let mut voters = Voters::new(&inputs);
        let schedule = lines(&json["schedule"]);
        assert_eq!(schedule.len(), steps);
        for line in &schedule {
            voters.follow(line);
            assert_eq!(voters.decided, None, "{line}");
        }
        assert_eq!(json["undelivered_longer_than"], voters.waits());
        for (value, key) in [(0, "to_0"), (1, "to_1")] {
            let mut fresh = Voters::new(&inputs);
            lines(&json["initial"][key]).iter().for_each(|line| fresh.follow(line));
            assert_eq!(fresh.decided, Some(value), "{nodes}: {key}");
            let mut end = Voters::new(&inputs);
            schedule.iter().chain(&lines(&json["last"][key])).for_each(|line| end.follow(line));
            assert_eq!(end.decided, Some(value), "{nodes}: {key} at the end");
        }
        let without = &json["neighbours"]["schedule_without"];
        for configuration in json["neighbours"]["configurations"].as_array().expect("two") {
            let mut both = Voters::new(&bits(&configuration["inputs"]));
            lines(without).iter().for_each(|line| both.follow(line));
            assert_eq!(both.decided.map(Value::from), Some(json["neighbours"]["decision_without"].clone()));
            let silent = format!("{} <-", json["neighbours"]["process"].as_str().expect("a name"));
            assert!(lines(without).iter().all(|line| !line.starts_with(&silent)));
        }
    }
}

#[test]
fn deterministic_protocols_never_decide_and_coins_do() {
    for protocol in ["rotating", "voting", "paxos"] {
        for (nodes, steps) in [(3, 1), (3, 20_000), (5, 1000), (6, 137)] {
            let json = json(&["--protocol", protocol, "--nodes", &nodes.to_string(), "--steps", &steps.to_string()]);
            assert_eq!((json["schema"].as_str(), json["protocol"].as_str()), (Some("quorate/flp/1"), Some(protocol)));
            assert_eq!(
                (&json["steps"], &json["decided"], &json["verified"]),
                (&steps.into(), &false.into(), &true.into())
            );
            assert_eq!(
                (&json["initial"]["valence"], &json["last"]["valence"]),
                (&"bivalent".into(), &"bivalent".into())
            );
            assert_eq!(json["gives_up"], "termination");
            assert!(json["undelivered_longer_than"].as_u64().expect("steps") < 200);
            assert!(steps < 20_000 || json["lasso"]["period"].as_u64() > Some(0), "{json:#}");
        }
    }
    for seed in ["1", "2", "3"] {
        let json = json(&["--protocol", "ben-or", "--seed", seed, "--steps", "100000"]);
        assert_eq!((&json["decided"], &json["seed"]), (&true.into(), &seed.parse::<u64>().expect("a number").into()));
        for remedy in ["random", "partial-synchrony", "relaxed-agreement"] {
            let rounds = &json["remedies"][remedy];
            assert_eq!((&rounds["decided"], &rounds["trials"]), (&20.into(), &20.into()), "{remedy}");
            let [lower, mean, upper] = ["lower", "rounds", "upper"].map(|key| rounds[key].as_f64().expect("a number"));
            assert!(lower <= mean && mean <= upper && mean >= 1.0, "{remedy}: {rounds}");
        }
        assert_eq!(json["register"]["terminates"], true);
    }
}

#[test]
fn a_schedule_can_be_given_back() {
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("a name").to_owned()
    };
    for protocol in ["rotating", "voting", "paxos", "ben-or"] {
        let asked = ["--protocol", protocol, "--nodes", "4", "--steps", "150", "--seed", "3"];
        let found = json(&asked);
        let csv = String::from_utf8(run(&[&asked[..], &["--format", "csv"]].concat()).stdout).expect("text");
        let inputs: Vec<String> = bits(&found["initial"]["inputs"]).iter().map(u8::to_string).collect();
        let head = format!("protocol: {protocol}\ninputs: {}\nseed: 3\n", inputs.join(" "));
        let whole = file("whole.json", &found.to_string());
        let text = file("run.txt", &format!("# a run\n{head}\n{}\n", lines(&found["schedule"]).join("\n")));
        let list = file("list.json", &found["schedule"].to_string());
        let table = file("run.csv", &csv);
        let same = ["schedule", "decided", "undelivered_longer_than", "steps"];
        for arguments in [
            vec!["--schedule", &whole],
            vec!["--schedule", &text],
            vec!["--protocol", protocol, "--nodes", "4", "--seed", "3", "--schedule", &list],
            vec!["--protocol", protocol, "--nodes", "4", "--seed", "3", "--schedule", &table],
        ] {
            let again = json(&arguments);
            same.iter().for_each(|key| assert_eq!(again[key], found[key], "{arguments:?}: {key}"));
        }
        // What decides is followed too, and is no schedule without a decision.
        let mut deciding = found.clone();
        deciding["schedule"] = found["initial"]["to_1"].clone();
        deciding["decided"] = false.into();
        assert_eq!(run(&["--schedule", &file("d.json", &deciding.to_string())]).status.code(), Some(1));
        deciding["decided"] = true.into();
        assert_eq!(json(&["--schedule", &file("d.json", &deciding.to_string())])["decision"], 1);
    }
}

#[test]
fn what_cannot_happen_is_refused_with_its_line() {
    let folder = TempDir::new().expect("a folder");
    let refused = |text: &str, more: &[&str]| {
        let path = folder.path().join("schedule.txt");
        std::fs::write(&path, text).expect("written");
        let output = run(&[&["--schedule", path.to_str().expect("a name")], more].concat());
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).expect("text")
    };
    let head = "protocol: voting\ninputs: 0 0 1\n";
    for (text, more, words) in [
        ("", &[][..], "there is no event in it"),
        (
            &format!("{head}p1 <- nothing\np2 <- p1 report 1 1\n"),
            &[],
            "line 4: \"p2 <- p1 report 1 1\": no such message",
        ),
        (&format!("{head}p1 <- nothing\np2 <- p1 report 1 1\n"), &[], "there is p1 report 1 0"),
        (&format!("{head}p4 <- nothing\n"), &[], "there are p1 to p3"),
        (&format!("{head}p1 nothing\n"), &[], "line 3"),
        ("protocol: raft\np1 <- nothing\n", &[], "no protocol is called \"raft\""),
        ("inputs: 0 2 1\np1 <- nothing\n", &[], "\"2\" is no input"),
        ("inputs: 0 1\np1 <- nothing\n", &[], "--nodes"),
        ("rounds: 1\np1 <- nothing\n", &[], "\"rounds\" is not known"),
        (&format!("{head}p1 <- nothing\n"), &["--protocol", "paxos"], "--protocol does not go with the schedule"),
        (&format!("{head}p1 <- nothing\n"), &["--nodes", "5"], "--nodes does not go with the schedule"),
        (&format!("{head}p1 <- nothing\n"), &["--steps", "5"], "cannot be used with"),
        ("{\"schedule\": 5}", &[], "there is no list"),
        ("[\"p1 <- nothing\", 5]", &[], "an event is a string"),
        ("[\"p1 <- nothing\"", &[], "line 1"),
    ] {
        let error = refused(text, more);
        assert!(error.contains(words), "{text:?}: {error}");
    }
    for (arguments, words) in [
        (&["--nodes", "2"][..], "no majority survives a crash"),
        (&["--nodes", "9"], "from 3 to 8"),
        (&["--nodes", "-1"], "from 3 to 8"),
        (&["--steps", "0"], "from 1 to 1000000"),
        (&["--protocol", "raft"], "rotating, voting, paxos, ben-or"),
        (&["--schedule", "missing.json"], "missing.json"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error = String::from_utf8(output.stderr).expect("text");
        assert!(error.contains(words), "{arguments:?}: {error}");
    }
}

#[test]
fn every_null_has_a_note() {
    for arguments in [
        &["flp", "--trials", "5"][..],
        &["flp", "--trials", "1", "--steps", "1"],
        &["flp", "--protocol", "ben-or", "--trials", "5", "--steps", "1000"],
        &["flp", "--protocol", "paxos", "--trials", "5", "--nodes", "4", "--steps", "9"],
    ] {
        every_null_of(arguments);
    }
}
