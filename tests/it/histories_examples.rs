//! Files as people have them, read by `quorate check`: the known examples, and the rules of each format.

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/histories-as-they-come");

fn check(directory: &Path, arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(directory).arg("check").args(arguments).args(["--format", "json"]).assert()
}

fn answer(assert: &Assert) -> Json {
    serde_json::from_slice(&assert.get_output().stdout).unwrap()
}

/// The answer about one file of some text.
#[track_caller]
fn of(name: &str, text: &str, arguments: &[&str], code: i32) -> Json {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join(name), text).unwrap();
    answer(&check(directory.path(), &[&[name], arguments].concat()).code(code))
}

/// What is said of the first problem of a file that is refused.
#[track_caller]
fn refused(name: &str, text: &str, arguments: &[&str]) -> (Json, String) {
    let json = of(name, text, arguments, 2);
    let refused = &json["refused"][0];
    (refused["operations"].clone(), refused["problems"][0]["message"].as_str().unwrap_or_default().to_owned())
}

fn index() -> Vec<Json> {
    let text = std::fs::read_to_string(PathBuf::from(EXAMPLES).join("index.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_examples_are_read_right_or_refused_rightly() {
    for example in index() {
        let strings = |list: &Json| -> Vec<String> {
            list.as_array().unwrap().iter().map(|flag| flag.as_str().unwrap().to_owned()).collect()
        };
        let (file, flags) = (example["file"].as_str().unwrap(), strings(&example["flags"]));
        let mut arguments = vec![file];
        arguments.extend(flags.iter().map(String::as_str));
        let code = example["exit"].as_i64().unwrap() as i32;
        let json = answer(&check(Path::new(EXAMPLES), &arguments).code(code));
        if code == 2 {
            assert_eq!(json["refused"][0]["file"], file, "{json}");
            continue;
        }
        let history = &json["histories"][0];
        assert_eq!(history["atomic"]["verdict"], example["verdict"], "{file}: {}", example["why"]);
        for (key, verdict) in example["registers"].as_object().into_iter().flatten() {
            let registers = history["registers"].as_array().unwrap();
            let register = registers.iter().find(|register| register["key"] == *key).unwrap();
            assert_eq!(register["atomic"]["verdict"], *verdict, "{file}, {key}");
        }
    }
}

/// An invocation and its completion as EDN.
fn edn(process: &str, f: &str, invoked: &str, kind: &str, completed: &str) -> String {
    format!(
        "{{:process {process}, :type :invoke, :f :{f}, :value {invoked}}}\n\
         {{:process {process}, :type :{kind}, :f :{f}, :value {completed}}}\n"
    )
}

/// A write and a read of what it did not write, in one order and in the other.
#[test]
fn process_ids_of_any_kind_are_processes() {
    for process in ["7", "\"7\"", ":n7", "\"worker 7\""] {
        let fine = edn(process, "write", "3", "ok", "3") + &edn(process, "read", "nil", "ok", "3");
        let json = of("h.edn", &fine, &[], 0);
        assert_eq!(json["histories"][0]["operations"], 2, "{process}");
        let wrong = edn(process, "write", "3", "ok", "3") + &edn(process, "read", "nil", "ok", "4");
        of("h.edn", &wrong, &[], 1);
    }
    // 1 and "1" are two processes, so their operations may overlap.
    let overlapping = "{:process 1, :type :invoke, :f :write, :value 3}\n{:process \"1\", :type :invoke, :f :read}\n\
                       {:process \"1\", :type :ok, :f :read, :value 3}\n{:process 1, :type :ok, :f :write, :value 3}\n";
    of("h.edn", overlapping, &[], 0);
    let same = overlapping.replace("\"1\"", "1");
    let (_, reason) = refused("h.edn", &same, &[]);
    assert!(reason.contains("still open") || reason.contains("process 1"), "{reason}");
    let lines = "{\"process\": \"a\", \"op\": \"write\", \"value\": 3, \"start\": 0, \"end\": 5}\n\
                 {\"process\": 1, \"op\": \"read\", \"value\": 4, \"start\": 6, \"end\": 7}\n";
    of("h.jsonl", lines, &[], 1);
    let (_, reason) = refused("h.edn", &edn("1.5", "write", "3", "ok", "3"), &[]);
    assert!(reason.contains("process"), "{reason}");
}

#[test]
fn pairs_are_read_by_all_operations_together() {
    // A key and a value: x is 1 and y is 2, and nobody wrote 2 to x.
    let keyed = edn("0", "write", "[:x 1]", "ok", "[:x 1]")
        + &edn("0", "write", "[:y 2]", "ok", "[:y 2]")
        + &edn("1", "read", "[:x nil]", "ok", "[:x 1]");
    let json = of("h.edn", &keyed, &[], 0);
    assert_eq!(json["histories"][0]["keys"], 2);
    assert!(json["histories"][0]["notes"].to_string().contains("a key and a value"), "{json}");
    // One read of nil without a key says that pairs are values.
    let plain = keyed.replace("[:x nil]", "nil");
    let json = of("h.edn", &plain, &[], 1);
    assert_eq!(json["histories"][0]["keys"], 1);
    let json = of("h.edn", &keyed, &["--values", "plain"], 1);
    assert_eq!(json["histories"][0]["keys"], 1);
    let (_, reason) = refused("h.edn", &plain, &["--values", "keyed"]);
    assert!(reason.contains("keyed"), "{reason}");
    for cas in ["[:x 1 2]", "[:x [1 2]]"] {
        let text = keyed.clone() + &edn("0", "cas", cas, "ok", cas) + &edn("0", "read", "[:x nil]", "ok", "[:x 2]");
        of("h.edn", &text, &[], 0);
        of("h.edn", &text.replace("[:x 2]}", "[:x 1]}"), &[], 1);
    }
    let versioned = edn("0", "write", "[:x [nil 1]]", "ok", "[:x [1 1]]")
        + &edn("0", "cas", "[:x [nil [1 2]]]", "ok", "[:x [2 [1 2]]]")
        + &edn("1", "read", "[:x [nil nil]]", "ok", "[:x [2 2]]");
    of("h.edn", &versioned, &[], 0);
    of("h.edn", &versioned.replace("[:x [2 2]]", "[:x [2 1]]"), &[], 1);
}

#[test]
fn every_operation_is_counted() {
    let nemesis = "{:process :nemesis, :type :info, :f :start, :value nil}\n";
    let text = format!("{nemesis}{}{nemesis}", edn("0", "write", "1", "ok", "1"));
    let json = of("h.edn", &text, &[], 0);
    let skipped = json["histories"][0]["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 1, "{json}");
    assert_eq!(skipped[0]["count"], 2, "{json}");
    // Nothing but skipped events is not a yes.
    let json = of("h.edn", nemesis, &[], 3);
    assert_eq!(json["histories"][0]["atomic"], json!({ "verdict": "undecided", "reason": "no completed operation" }));
    let (operations, reason) = refused("h.edn", &edn("0", "enqueue", "1", "ok", "1"), &[]);
    assert_eq!(operations, 1);
    assert!(reason.contains("\"enqueue\""), "{reason}");
    // A completion whose name is no operation, or another one, is no completion.
    for other in ["enqueue", "cas", "write"] {
        let text = edn("0", "write", "1", "ok", "1") + &edn("0", "read", "nil", "ok", "1");
        let text = text.replace(":type :ok, :f :read", &format!(":type :ok, :f :{other}"));
        let (_, reason) = refused("h.edn", &text, &[]);
        assert!(reason.contains("operation"), "{reason}");
    }
    for several in ["[[:w :x 1] [:w :y 2]]", "[[:append :x 1]]", "[]"] {
        let (_, reason) = refused("h.edn", &edn("0", "txn", several, "ok", several), &[]);
        assert!(!reason.is_empty());
    }
}

#[test]
fn an_empty_file_beside_a_good_one_decides_nothing() {
    let directory = TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("empty.edn", "");
    write("good.edn", &edn("0", "write", "1", "ok", "1"));
    check(directory.path(), &["empty.edn", "good.edn"]).code(3);
    check(directory.path(), &["good.edn"]).code(0);
}

#[test]
fn what_is_no_history_is_named() {
    for (name, text) in [
        ("a.jsonl", "<html><body>Not found</body></html>\n"),
        ("a.edn", "\u{7f}ELF\u{1}\u{2}"),
        ("a.csv", "name,age\nAda,36\n"),
        ("a.txt", "The quick brown fox\njumps over the lazy dog\n"),
        ("a.toml", "[system]\nfamily = \"majority\"\n"),
        ("a.json", "{\"schema\": \"quorate/analysis/1\"}\n"),
    ] {
        let (_, reason) = refused(name, text, &[]);
        assert!(reason.contains("no history") || reason.contains("seems"), "{name}: {reason}");
    }
}

#[test]
fn porcupine_operations_are_read() {
    let text = r#"[{"ClientId": 0, "Input": {"op": "put", "key": "x", "value": "a"}, "Call": 0, "Output": {}, "Return": 10},
                   {"client_id": 1, "input": {"op": "get", "key": "x"}, "call": 5, "output": {"value": "a"}, "return": 20},
                   {"ClientId": 2, "Input": {"op": "cas", "key": "x", "value": ["a", "b"]}, "Call": 21, "Return": null}]"#;
    let json = of("p.json", text, &["--initial", "null"], 0);
    assert_eq!(json["histories"][0]["format"], "porcupine");
    assert_eq!(json["histories"][0]["operations"], 3);
    of("p.json", &text.replace(r#"{"value": "a"}"#, r#"{"value": "c"}"#), &["--initial", "null"], 1);
    let (_, reason) = refused("p.json", &text.replace("\"get\"", "\"append\""), &[]);
    assert!(reason.contains("append"), "{reason}");
}

#[test]
fn tables_are_read() {
    let text = "\u{feff}value,process,op,end,start,node\n1,0,write,5,0,n1\n1,c,read,8,6,n2\n\"[1,2]\",0,cas,,9,n1\n";
    let json = of("t.csv", text, &[], 0);
    assert_eq!(json["histories"][0]["operations"], 3);
    assert!(json["histories"][0]["notes"].to_string().contains("node"), "{json}");
    of("t.csv", text, &["--strict"], 2);
    of("t.csv", &text.replace("1,c,read", "2,c,read"), &[], 1);
    let (_, reason) = refused("t.csv", &text.replace(",8,6,", ",6,8,"), &[]);
    assert!(reason.contains("end"), "{reason}");
    refused("t.csv", &text.replace("1,c,read,8,6,n2", "1,c,read,8"), &[]);
}

#[test]
fn initial_values_and_nil_may_be_unknown() {
    let read = |first: &str, then: &str| edn("0", "read", "nil", "ok", first) + &edn("1", "read", "nil", "ok", then);
    of("h.edn", &read("5", "5"), &["--initial", "unknown"], 0);
    of("h.edn", &read("5", "5"), &[], 1);
    of("h.edn", &read("5", "6"), &["--initial", "unknown"], 1);
    of("h.edn", &read("5", "nil"), &["--initial", "5", "--nil", "unknown"], 0);
    of("h.edn", &read("5", "nil"), &["--initial", "5"], 1);
    // What is left proves nothing.
    of("h.edn", &read("nil", "nil"), &["--nil", "unknown"], 3);
}

#[test]
fn aborted_reads_and_failed_operations_are_explained() {
    let text = edn("0", "write", "1", "fail", "1") + &edn("1", "read", "nil", "ok", "1");
    let json = of("h.edn", &text, &[], 1);
    let explanation = json["histories"][0]["atomic"]["witness"].to_string();
    assert!(explanation.contains("failed") || explanation.contains("aborted"), "{explanation}");
    let cas = edn("0", "write", "1", "ok", "1") + &edn("1", "cas", "[1 2]", "fail", "[1 2]");
    of("h.edn", &cas, &[], 0);
    of("h.edn", &cas, &["--failed-cas", "read"], 1);
    of("h.edn", &cas.replace("[1 2]", "[3 2]"), &["--failed-cas", "read"], 0);
}

#[test]
fn a_byte_order_mark_is_no_part_of_any_format() {
    let edn = edn("0", "write", "1", "ok", "1");
    let json = r#"[{"process": 0, "op": "write", "value": 1, "start": 0, "end": 5}]"#;
    for (name, text) in [
        ("h.edn", edn.as_str()),
        ("h.json", json),
        ("h.jsonl", &json[1..json.len() - 1]),
        ("h.csv", "process,op,value,start,end\n0,write,1,0,5\n"),
        ("history.txt", "0\t:invoke\t:write\t1\n0\t:ok\t:write\t1\n"),
    ] {
        let marked = of(name, &format!("\u{feff}{text}"), &[], 0);
        assert_eq!(marked, of(name, text, &[], 0), "{name}");
    }
}

#[test]
fn a_proof_may_come_from_standard_input() {
    let directory = TempDir::new().unwrap();
    let history = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 0, \"end\": 5}\n";
    std::fs::write(directory.path().join("h.jsonl"), history).unwrap();
    check(directory.path(), &["h.jsonl", "--linearization", "proof.jsonl"]).code(0);
    let proof = std::fs::File::open(directory.path().join("proof.jsonl")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(directory.path()).args(["check", "h.jsonl", "--proof", "-"]).stdin(proof).assert().code(0);
}
