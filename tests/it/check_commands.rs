//! `quorate check` as a user sees it.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use assert_cmd::assert::{Assert, OutputAssertExt};
use serde_json::Value as Json;
use tempfile::TempDir;

const FINE: &str = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 0, \"end\": 10}\n\
                    {\"process\": 1, \"op\": \"read\", \"value\": 1, \"start\": 2, \"end\": 8}\n";
const INVERTED: &str = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 0, \"end\": 10}\n\
                        {\"process\": 1, \"op\": \"read\", \"value\": 1, \"start\": 2, \"end\": 3}\n\
                        {\"process\": 2, \"op\": \"read\", \"value\": 0, \"start\": 4, \"end\": 5}\n";
const BROKEN: &str = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 0, \"end\": 10}\n\
                      {\"process\": 0, \"op\": \"read\", \"value\": 1, \"start\": 2, \"end\": 8}\n";
const LOG: &str = "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\n";
const EDN: &str = "[{:process 0, :type :invoke, :f :cas, :value [0 1]} {:process 0, :type :ok, :f :cas, :value [0 1]}]";

fn directory() -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, text) in [
        ("fine.jsonl", FINE),
        ("inverted.jsonl", INVERTED),
        ("broken.jsonl", BROKEN),
        ("etcd.log", LOG),
        ("cas.edn", EDN),
    ] {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn check(directory: &TempDir, arguments: &[&str]) -> Assert {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(directory.path()).arg("check").args(arguments).assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

fn json(assert: &Assert) -> Json {
    serde_json::from_str(&stdout(assert)).unwrap()
}

#[test]
fn the_status_is_that_of_the_model() {
    let directory = directory();
    check(&directory, &["fine.jsonl"]).code(0);
    check(&directory, &["inverted.jsonl"]).code(1);
    check(&directory, &["inverted.jsonl", "--model", "regular"]).code(0);
    check(&directory, &["inverted.jsonl", "--model", "safe"]).code(0);
    check(&directory, &["broken.jsonl"]).code(2);
    check(&directory, &["fine.jsonl", "inverted.jsonl", "broken.jsonl"]).code(2);
    check(&directory, &["cas.edn", "etcd.log"]).code(0);
    check(&directory, &["cas.edn", "--model", "regular"]).code(3);
    check(&directory, &["fine.jsonl", "--initial", "1"]).code(0);
    check(&directory, &["etcd.log", "--initial", "0"]).code(1);
    check(&directory, &["fine.jsonl", "--from", "edn"]).code(2);
    check(&directory, &["none.jsonl"]).code(2);
    check(&directory, &["fine.jsonl", "--model", "linear"]).code(2);
}

#[test]
fn json_has_the_keys_of_the_contract() {
    let directory = directory();
    let json = json(&check(&directory, &["fine.jsonl", "inverted.jsonl", "--format", "json"]).code(1));
    assert_eq!(json["schema"], "quorate/check/1");
    let [fine, inverted] = &json["histories"].as_array().unwrap()[..] else { panic!("{json}") };
    assert_eq!(fine["file"], "fine.jsonl");
    assert_eq!(fine["operations"], 2);
    assert_eq!(fine["staleness"]["k_atomic"], 1);
    assert_eq!(inverted["keys"], 1);
    assert_eq!(inverted["writers"], 1);
    assert_eq!(inverted["safe"], serde_json::json!({ "verdict": "holds" }));
    let witness = &inverted["atomic"]["witness"];
    assert_eq!(witness["rule"], "new-old inversion");
    assert_eq!(witness["operations"], serde_json::json!([1, 2, 3]));
    assert!(witness["explanation"].as_str().unwrap().contains("0 must come wholly before 1"), "{witness}");
    assert_eq!(inverted["staleness"]["k_atomic"], 2);
    assert_eq!(inverted["staleness"]["delta"], 1);
    assert_eq!(inverted["staleness"]["stale_reads"], 0);
    assert_eq!(inverted["staleness"]["inverted_operations"], serde_json::json!([3]));
    assert!(inverted.get("regular_single_order").is_none());
}

#[test]
fn bad_lines_are_named_with_file_and_reason() {
    let directory = directory();
    let assert = check(&directory, &["broken.jsonl", "fine.jsonl"]).code(2);
    let expected =
        "error: broken.jsonl:2: process 0 starts this operation at 2, before its operation of line 1 ended at 10\n";
    assert_eq!(stderr(&assert), expected);
    assert!(stdout(&assert).contains("fine.jsonl"));
}

#[test]
fn folders_and_standard_input() {
    let directory = directory();
    let assert = check(&directory, &[".", "--format", "csv"]).code(2);
    let files: Vec<String> = stdout(&assert).lines().map(|line| line.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(files, ["file", "./cas.edn", "./etcd.log", "./fine.jsonl", "./inverted.jsonl"]);
    let empty = TempDir::new().unwrap();
    assert!(stderr(&check(&empty, &["."]).code(2)).contains("has no histories"));
    let mut command = assert_cmd::Command::cargo_bin("quorate").unwrap();
    let assert = command.args(["check", "-", "--format", "json"]).write_stdin(INVERTED).assert().code(1);
    assert_eq!(json(&assert)["histories"][0]["file"], "-");
}

#[test]
fn a_linearization_can_be_checked_again() {
    let directory = directory();
    check(&directory, &["fine.jsonl", "--linearization", "proof.jsonl"]).code(0);
    check(&directory, &["proof.jsonl"]).code(0);
    let path = directory.path().join("proof.jsonl");
    let proof = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = proof.lines().collect();
    assert_eq!(lines.len(), 3);
    std::fs::write(&path, [lines[0], lines[2], lines[1]].join("\n")).unwrap();
    let text = stdout(&check(&directory, &["proof.jsonl"]).code(1));
    assert!(text.contains("order not allowed"), "{text}");
    check(&directory, &["inverted.jsonl", "--linearization", "none.jsonl"]).code(1);
    assert!(!directory.path().join("none.jsonl").exists());
    check(&directory, &["fine.jsonl", "cas.edn", "--linearization", "none.jsonl"]).code(2);
}

#[test]
fn a_proof_belongs_to_its_history() {
    let directory = directory();
    check(&directory, &["fine.jsonl", "--linearization", "proof.jsonl"]).code(0);
    check(&directory, &["fine.jsonl", "--proof", "proof.jsonl"]).code(0);
    let refused = |history: &str, proof: &str, reason: &str| {
        let text = stderr(&check(&directory, &[history, "--proof", proof]).code(2));
        assert!(
            text.contains(&format!("{proof:?} proves nothing about {history}: ")) && text.contains(reason),
            "{text}"
        );
    };
    refused("inverted.jsonl", "proof.jsonl", "no such operation");
    refused("fine.jsonl", "fine.jsonl", "no linearization");
    let path = directory.path().join("proof.jsonl");
    let proof = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<_> = proof.lines().collect();
    let changed = |name: &str, lines: &[&str]| std::fs::write(directory.path().join(name), lines.join("\n")).unwrap();
    changed("short.jsonl", &lines[..2]);
    refused("fine.jsonl", "short.jsonl", "which returned");
    changed("twice.jsonl", &[lines[0], lines[1], lines[2], lines[2]]);
    refused("fine.jsonl", "twice.jsonl", "has it once only");
    changed("swapped.jsonl", &[lines[0], lines[2], lines[1]]);
    check(&directory, &["fine.jsonl", "--proof", "swapped.jsonl"]).code(1);
    let other = stderr(&check(&directory, &["fine.jsonl", "--initial", "8", "--proof", "proof.jsonl"]).code(2));
    assert!(other.contains("starts from 0"), "{other}");
    check(&directory, &["fine.jsonl", "inverted.jsonl", "--proof", "proof.jsonl"]).code(2);
}

#[test]
fn violations_are_drawn() {
    let directory = directory();
    let text = stdout(&check(&directory, &["inverted.jsonl", "--timeline"]).code(1));
    assert!(text.contains("1 read 1   ") && text.contains('┣'), "{text}");
    let drawn = |name: &str| {
        check(&directory, &["inverted.jsonl", "--plot", name]).code(1);
        std::fs::read(Path::new(directory.path()).join(name)).unwrap()
    };
    let svg = String::from_utf8(drawn("x.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("new-old inversion"), "{svg}");
    for part in
        ["\n0\n", "\n10\n", "\ntime, in the unit of the history\n", "\nmust come before\n", "\nof the violation\n"]
    {
        assert!(svg.contains(part), "{part}: {svg}");
    }
    assert!(drawn("x.png").starts_with(b"\x89PNG"));
    // With a clock in its unit, and far from zero since the first instant.
    let events = ["write 1 0", "read 1 5", "read nil 9"].map(|event| {
        let [f, value, ms] = event.split(' ').collect::<Vec<_>>()[..] else { unreachable!() };
        let (from, to) = (format!("17000000000{ms}0000000"), format!("17000000000{ms}2000000"));
        let event = |kind, time| format!("{{:process {ms} :type {kind} :f :{f} :value {value} :time {time}}}\n");
        event(":invoke", from) + &event(":ok", to)
    });
    std::fs::write(directory.path().join("clock.edn"), events.concat()).unwrap();
    check(&directory, &["clock.edn", "--plot", "clock.svg"]).code(1);
    let svg = std::fs::read_to_string(directory.path().join("clock.svg")).unwrap();
    assert!(svg.contains("\nmilliseconds since 1700000000000000000 ns\n") && svg.contains("\n80\n"), "{svg}");
    assert!(stderr(&check(&directory, &["fine.jsonl", "--plot", "x.gif"]).code(2)).contains(".svg, a .png or a .pdf"));
    check(&directory, &["fine.jsonl", "--plot", "none.svg"]).code(0);
    assert!(!directory.path().join("none.svg").exists());
}

#[test]
fn text_and_markdown_say_why() {
    let directory = directory();
    let text = stdout(&check(&directory, &["inverted.jsonl"]).code(1));
    for part in
        ["inverted.jsonl\n====", "Why not atomic: new-old inversion\n", "Staleness\n", "one of the last 2 writes"]
    {
        assert!(text.contains(part), "{text}");
    }
    let markdown = stdout(&check(&directory, &["inverted.jsonl", "--format", "markdown"]).code(1));
    assert!(markdown.contains("| atomic | violated | new-old inversion |"), "{markdown}");
}

#[test]
fn threads_change_nothing() {
    let directory = directory();
    let report = |threads| {
        stdout(&check(&directory, &["fine.jsonl", "inverted.jsonl", "cas.edn", "--threads", threads]).code(1))
    };
    assert_eq!(report("1"), report("3"));
}

#[test]
fn a_stale_read_is_one_thing_on_the_whole_page() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/edges/stale-by-tie.jsonl");
    let directory = directory();
    let json = json(&check(&directory, &[path, "--format", "json"]).code(1));
    let history = &json["histories"][0];
    assert_eq!(history["regular"]["witness"]["rule"], "stale read");
    let staleness = &history["staleness"];
    assert_eq!(staleness["stale_reads"], 1);
    assert_eq!(staleness["stale_operations"], serde_json::json!([3]));
    assert_eq!((&staleness["k_atomic"], &staleness["delta"]), (&2.into(), &1.into()));
    let text = stdout(&check(&directory, &[path]).code(1));
    assert!(text.contains("stale reads         1, up to 0 after the value was overwritten, line 3\n"), "{text}");

    // An inversion comes first, and is none: safety and regularity name the first stale read, and so does the list.
    let mut lines = INVERTED.to_owned();
    lines.push_str("{\"process\": 1, \"op\": \"read\", \"value\": 0, \"start\": 12, \"end\": 13}\n");
    lines.push_str("{\"process\": 2, \"op\": \"read\", \"value\": 0, \"start\": 15, \"end\": 16}\n");
    std::fs::write(directory.path().join("both.jsonl"), lines).unwrap();
    let text = stdout(&check(&directory, &["both.jsonl"]).code(1));
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains("stale read The value was overwritten before it was read"), "{text}");
    assert!(flowing.contains("before the read of 0 (line 4) started"), "{text}");
    assert!(text.contains("2, up to 5 after the value was overwritten, lines 4, 5\n"), "{text}");
    assert!(text.contains("1, up to 1 after a newer value was read, line 3\n"), "{text}");
}

#[test]
fn a_proof_has_the_writers_of_its_history() {
    let directory = directory();
    check(&directory, &["fine.jsonl", "--linearization", "proof.jsonl"]).code(0);
    for arguments in [&["fine.jsonl", "--proof", "proof.jsonl"][..], &["proof.jsonl"]] {
        let text = stdout(&check(&directory, arguments).code(0));
        assert!(text.contains("2 operations, 1 key, 1 writer,"), "{text}");
    }
}

#[test]
fn what_is_not_measured_is_said() {
    let directory = directory();
    let twice = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 11, \"end\": 12}\n";
    let late = "{\"process\": 1, \"op\": \"read\", \"value\": 0, \"start\": 20, \"end\": 21}\n";
    let bogus = "{\"process\": 1, \"op\": \"read\", \"value\": 7, \"start\": 20, \"end\": 21}\n";
    for (name, text, note) in [
        ("twice.jsonl", format!("{FINE}{twice}{late}"), "a value is written more than once"),
        ("bogus.jsonl", format!("{FINE}{bogus}"), "what nobody had written by then"),
    ] {
        std::fs::write(directory.path().join(name), text).unwrap();
        let json = json(&check(&directory, &[name, "--format", "json"]).code(1));
        let history = &json["histories"][0];
        assert!(history["staleness"]["k_atomic"].is_null() && history["staleness"]["delta"].is_null());
        assert!(history["notes"][0].as_str().unwrap().contains(note), "{history}");
    }
}

#[test]
fn a_history_in_which_nothing_completed_proves_nothing() {
    let directory = directory();
    let pending = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 0, \"end\": null}\n\
                   {\"process\": 1, \"op\": \"read\", \"value\": null, \"start\": 5, \"end\": null, \"key\": \"x\"}\n";
    let failed = "{:process 0, :type :invoke, :f :cas, :value [0 1]}{:process 0, :type :fail, :f :cas, :value [0 1]}";
    for (name, text) in [
        ("empty.jsonl", ""),
        ("blank.jsonl", "\n \n"),
        ("pending.jsonl", pending),
        ("failed.edn", failed),
        ("empty.edn", "[]"),
        ("proof.jsonl", "{\"schema\":\"quorate/linearization/1\",\"initial\":0}\n"),
    ] {
        std::fs::write(directory.path().join(name), text).unwrap();
        for model in ["safe", "regular", "atomic"] {
            let json = json(&check(&directory, &[name, "--model", model, "--format", "json"]).code(3));
            let history = &json["histories"][0];
            let undecided = serde_json::json!({ "verdict": "undecided", "reason": "no completed operation" });
            assert_eq!(history[model], undecided, "{name}");
            assert!(history["staleness"]["k_atomic"].is_null() && history["staleness"]["stale_reads"].is_null());
        }
        let text = stdout(&check(&directory, &[name]).code(3));
        assert!(text.contains("undecided  no completed operation"), "{text}");
        check(&directory, &["fine.jsonl", name]).code(3);
        check(&directory, &["fine.jsonl", name, "inverted.jsonl"]).code(3);
        check(&directory, &[name, "broken.jsonl"]).code(2);
        check(&directory, &[name, "--linearization", "order.jsonl"]).code(3);
        assert!(!directory.path().join("order.jsonl").exists());
    }
}

#[test]
fn models_are_explained_and_have_their_other_names() {
    let directory = directory();
    check(&directory, &["fine.jsonl", "--model", "linearizable"]).code(0);
    let json = json(&check(&directory, &["inverted.jsonl", "--model", "linearizable", "--format", "json"]).code(1));
    assert_eq!(json["histories"][0]["atomic"]["verdict"], "violated");
    let help = stdout(&check(&directory, &["--help"]).code(0));
    for part in ["- safe: ", "- regular: ", "- atomic: ", "`linearizable`"] {
        assert!(help.split_whitespace().collect::<Vec<_>>().join(" ").contains(part), "{part}: {help}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// What unpacks to far more than it is, in one part or in many, is refused before it is read.
#[test]
fn what_unpacks_to_too_much_is_refused() {
    let directory = TempDir::new().unwrap();
    let line = br#"{"process": 1, "op": "write", "value": 1, "start": 1, "end": 2}"#;
    let blank = |mebibytes: usize| format!("{:>1024}", "\n").repeat(mebibytes << 10).into_bytes();
    let operation = |rest: Vec<u8>| [line.as_slice(), &rest].concat();
    for (name, bytes, flags, status, said) in [
        ("one.jsonl.gz", gzip(&operation(blank(65))), &[][..], 2, "one.jsonl.gz unpacks to more than 64 MiB"),
        ("one.jsonl.zst", zstd(&operation(blank(65))), &[], 2, "one.jsonl.zst unpacks to more than 64 MiB"),
        ("parts.jsonl.gz", [gzip(&operation(blank(1))), gzip(&blank(32)), gzip(&blank(32))].concat(), &[], 2, "64 MiB"),
        (
            "parts.jsonl.zst",
            [zstd(&operation(blank(1))), zstd(&blank(32)), zstd(&blank(32))].concat(),
            &[],
            2,
            "64 MiB",
        ),
        ("told.jsonl.gz", gzip(&operation(blank(65))), &["--max-unpacked", "66M"], 0, ""),
        ("small.jsonl.zst", zstd(line), &["--max-unpacked", "62"], 2, "unpacks to more than 62 bytes"),
        ("small.jsonl.zst", zstd(line), &["--max-unpacked", "63"], 0, ""),
        ("plain.jsonl", line.to_vec(), &["--max-unpacked", "1"], 0, ""),
        ("twice.jsonl.gz", gzip(&zstd(line)), &[], 2, "it is compressed twice"),
        ("twice.jsonl.gz", gzip(&gzip(line)), &[], 2, "it is compressed twice"),
    ] {
        std::fs::write(directory.path().join(name), bytes).unwrap();
        let error = stderr(&check(&directory, &[&[name], flags].concat()).code(status));
        assert!(error.contains(said) && (said.is_empty() || error.contains(name)), "{name}: {error}");
        assert!(!error.contains("unpacks") || error.contains("--max-unpacked "), "{error}");
    }
    // Much that is packed may unpack to much: here 65 MiB and a comment that is not.
    let mut random = 1u64;
    let mut noise = |_| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("; {random:016x}\n")
    };
    let comments: String = (0..1 << 16).map(&mut noise).collect();
    let packed = gzip(&[comments.as_bytes(), &blank(65)].concat());
    assert!(packed.len() * 200 > 66 << 20, "{}", packed.len());
    std::fs::write(directory.path().join("large.edn.gz"), packed).unwrap();
    check(&directory, &["large.edn.gz"]).code(3);
}
