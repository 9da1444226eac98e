//! `quorate bench` and `quorate record`: clusters of processes under load and faults, and stores behind a driver.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::files::path;
use crate::support::replicas::{quorate, signal};

/// A command with temporary files in a folder of its own.
fn command(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = quorate();
    command.current_dir(path(".")).env("TMPDIR", folder.path()).args(arguments);
    command
}

fn document(folder: &TempDir, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = command(folder, arguments).args(["--format", "json"]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    let document =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|reason| panic!("{arguments:?}: {reason}\n{error}"));
    (output.status.code(), document)
}

/// Processes whose environment or arguments name a folder.
fn processes_of(folder: &Path) -> Vec<String> {
    let name = folder.display().to_string();
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let names = |process: &std::path::PathBuf| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&environment).contains(&name)
    };
    entries.filter(names).map(|process| process.display().to_string()).collect()
}

/// Waits until nothing of a run is left.
fn nothing_is_left(folder: &TempDir) {
    let begun = Instant::now();
    loop {
        let left = processes_of(folder.path());
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{left:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_cluster_keeps_its_promise_and_the_predictions_hold() {
    let folder = TempDir::new().unwrap();
    let history = folder.path().join("run.jsonl");
    let arguments = ["bench", "quorum-defs/grid-3x3.toml", "--memory", "--seconds", "1", "--keys", "3", "--history"];
    let (status, document) = document(&folder, &[&arguments[..], &[history.to_str().unwrap()]].concat());
    assert_eq!((status, &document["schema"]), (Some(0), &Value::from("quorate/bench/1")), "{document}");
    assert_eq!(document["atomic"]["verdict"], "holds");
    assert_eq!((&document["unknown"], &document["failed"]), (&Value::from(0), &Value::from(0)), "{document}");
    let operations = document["operations"].as_u64().unwrap();
    assert!(operations > 50, "{operations}");
    for key in ["p50", "p99", "max"] {
        assert!(document["latency_ms"][key].as_f64().unwrap() > 0.0, "{document}");
    }
    let predictions = document["predictions"].as_array().unwrap();
    // The system, its nine nodes, both kinds of quorums, and how many nodes an operation asks.
    assert_eq!(predictions.len(), 13);
    assert!(predictions.iter().all(|one| one["verdict"] == "holds"), "{predictions:?}");
    let checked = quorate().arg("check").arg(&history).args(["--format", "json"]).output().unwrap();
    let checked: Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!(checked["histories"][0]["operations"].as_u64(), Some(operations));
    nothing_is_left(&folder);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["run.jsonl"]);
}

#[test]
fn crashes_cuts_losses_and_a_lost_disk_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let arguments = ["bench", "quorum-defs/majority-5.toml", "--seconds", "2.2", "--clients", "4", "--faults"];
    let (status, document) = document(&folder, &[&arguments[..], &["quorum-defs/faults/processes.toml"]].concat());
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
    let faults = document["faults"].as_array().unwrap();
    let actions: Vec<&str> = faults.iter().map(|fault| fault["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["crash", "recover", "cut", "mend", "loss", "loss", "crash", "recover"]);
    assert!(faults.iter().all(|fault| fault["done"] == true), "{faults:?}");
    assert_eq!(faults[7]["processes"], "n2 without disk");
    assert_eq!(
        document["notes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|note| note.as_str().unwrap().contains("ended by itself"))
            .count(),
        0
    );
    nothing_is_left(&folder);
}

/// The controls: what breaks the promise is found out.
#[test]
fn quorums_that_miss_each_other_and_replicas_that_forget_are_found_out() {
    let folder = TempDir::new().unwrap();
    let split = ["bench", "-e", "n1 + n2", "--writes", "n1 + n2", "--memory", "--seconds", "0.5"];
    assert_eq!(command(&folder, &split).output().unwrap().status.code(), Some(2), "only with --unsafe");
    let (status, document) = self::document(&folder, &[&split[..], &["--unsafe"]].concat());
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(1), &Value::from("violated")));
    assert!(document["atomic"]["witness"]["explanation"].is_string());

    let faults = folder.path().join("amnesia.toml");
    let text = "[[fault]]\nat_ms = 300\naction = \"crash\"\nnodes = [\"n1\", \"n2\"]\nfor_ms = 50\ndisk = false\n";
    std::fs::write(&faults, text).unwrap();
    let forget = [
        "bench",
        "-e",
        "majority(n1, n2, n3)",
        "--seconds",
        "1.2",
        "--clients",
        "2",
        "--keys",
        "40",
        "--faults",
        faults.to_str().unwrap(),
    ];
    let (status, document) = self::document(&folder, &[&forget[..], &["--unsafe"]].concat());
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(1), &Value::from("violated")), "{document}");
    // Without --unsafe both ask the third, which alone is no quorum: nothing is answered any more, and nothing is lost.
    let (_, document) = self::document(&folder, &forget);
    assert_eq!(document["atomic"]["verdict"], "holds", "{document}");
    nothing_is_left(&folder);
}

/// The control for the write-back: reads that do not write back what they saw go back to an older value.
#[test]
fn reads_without_a_write_back_are_found_out() {
    let folder = TempDir::new().unwrap();
    let faults = folder.path().join("slow-stores.toml");
    // While a write is on its way to n2 and n3, a read that asks n1 sees it, and a later one that asks the others does not.
    let text = "[[link]]\nfrom = \"@clients\"\nto = [\"n2\", \"n3\"]\nonly = \"stores\"\nlatency = { law = \"constant\", ms = 40 }\n";
    std::fs::write(&faults, text).unwrap();
    for (protocol, atomic) in [("regular", "violated"), ("atomic-single-writer", "holds")] {
        let arguments = ["bench", "-e", "majority(n1, n2, n3)", "--memory", "--seconds", "1", "--clients", "4"];
        let more = ["--protocol", protocol, "--faults", faults.to_str().unwrap()];
        let (status, document) = document(&folder, &[&arguments[..], &more].concat());
        assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from(atomic)), "{document}");
        assert_eq!(document["regular"]["verdict"], "holds", "{document}");
    }
    nothing_is_left(&folder);
}

#[test]
fn an_open_loop_counts_from_when_an_operation_was_due() {
    let folder = TempDir::new().unwrap();
    let faults = folder.path().join("pause.toml");
    // Nobody is heard for a third of the time.
    let text = "[[fault]]\nat_ms = 300\naction = \"cut\"\nfrom = \"@nodes\"\nto = \"@clients\"\nfor_ms = 400\n";
    std::fs::write(&faults, text).unwrap();
    let arguments = [
        "bench",
        "-e",
        "majority(a, b, c)",
        "--memory",
        "--seconds",
        "1.2",
        "--rate",
        "200",
        "--clients",
        "2",
        "--faults",
    ];
    let (_, document) = document(&folder, &[&arguments[..], &[faults.to_str().unwrap()]].concat());
    let at = |key: &str| document["latency_ms"][key].as_f64().unwrap();
    // Of some 240 operations a third was due meanwhile: with a closed loop, only two would have been late.
    assert!(at("p50") < at("p99") && at("p99") > 200.0, "{}", document["latency_ms"]);
    assert_eq!(document["atomic"]["verdict"], "holds");
    nothing_is_left(&folder);
}

#[test]
fn nothing_is_left_however_it_ends() {
    for (ends, status) in [(Signal::SIGTERM, Some(3)), (Signal::SIGKILL, None)] {
        let folder = TempDir::new().unwrap();
        let mut run = command(&folder, &["bench", "-e", "majority(a, b, c)", "--seconds", "60", "--format", "json"]);
        let mut child = run.stdout(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        // The program and its three replicas.
        while processes_of(folder.path()).len() < 4 {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        signal(child.id(), ends);
        assert_eq!(child.wait().unwrap().code(), status, "{ends}");
        nothing_is_left(&folder);
    }
}

fn recorded(arguments: &[&str], program: &[&str]) -> (Option<i32>, Value) {
    let folder = TempDir::new().unwrap();
    let arguments =
        [&["record", "driver", "--seconds", "0.6", "--format", "json"], arguments, &["--"], program].concat();
    let output = command(&folder, &arguments).output().unwrap();
    nothing_is_left(&folder);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or(Value::from(error)))
}

#[test]
fn any_store_is_driven_by_a_program() {
    for program in [&["python3", "examples/drivers/memory.py"][..], &["bash", "examples/drivers/files.sh", "/tmp"]] {
        let (status, document) = recorded(&["--clients", "3", "--keys", "2"], program);
        assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
        assert!(document["operations"].as_u64().unwrap() > 20, "{document}");
    }
    let (status, error) = recorded(&[], &["/no/such/program"]);
    assert_eq!(status, Some(2), "{error}");
    assert!(error.as_str().unwrap().contains("cannot start"), "{error}");
}

#[test]
fn stores_that_forget_and_drivers_that_say_nothing_are_found_out() {
    let program = |text: &'static str| ["python3", "-uc", text];
    // A store that answers every read with what it held before the last write.
    let stale = "import sys, json
old = new = 0
for line in sys.stdin:
    asked = json.loads(line)
    if asked['op'] == 'write': old, new = new, asked['value']
    print(json.dumps({'id': asked['id'], 'ok': True, 'value': old}))";
    let (status, document) = recorded(&["--clients", "1"], &program(stale));
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(1), &Value::from("violated")), "{document}");
    // One that never answers, one that says that nothing is done, one that talks nonsense and goes away.
    let silent = "import sys\nfor line in sys.stdin: pass";
    let (status, document) = recorded(&["--clients", "2", "--timeout-ms", "200"], &program(silent));
    assert_eq!((status, &document["operations"]), (Some(3), &Value::from(0)), "{document}");
    assert!(document["unknown"].as_u64().unwrap() >= 2 && document["failed"] == 0, "{document}");
    let refuses =
        "import sys, json\nfor line in sys.stdin: print(json.dumps({'id': json.loads(line)['id'], 'ok': False}))";
    let (status, document) = recorded(&[], &program(refuses));
    assert_eq!((status, &document["unknown"]), (Some(3), &Value::from(0)), "{document}");
    let (_, document) = recorded(&[], &program("print('hello')"));
    let notes = document["notes"].to_string();
    assert!(notes.contains("the driver has ended"), "{notes}");
}
