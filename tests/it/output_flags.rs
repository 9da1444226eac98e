//! Flags that say what is written, and where: the same in every command.

use assert_cmd::assert::{Assert, OutputAssertExt};
use tempfile::TempDir;

use crate::support::files::entries_of;

const MAJORITY: &str = "name = \"five\"\n[system]\nfamily = \"majority\"\nn = 5\n";
const GRID: &str = "name = \"grid\"\n[system]\nfamily = \"grid\"\nrows = 2\ncols = 3\n[nodes]\nlatency_ms = 2\n";
const NODES: &str = "[[node]]\nname = \"a\"\n[[node]]\nname = \"b\"\n[[node]]\nname = \"c\"\n";
const FINE: &str = r#"{"process": 1, "op": "write", "value": 1, "start": 0, "end": 1}"#;
const STALE: &str = r#"{"process": 1, "op": "write", "value": 1, "start": 0, "end": 1}
{"process": 2, "op": "read", "value": 0, "start": 2, "end": 3}"#;

/// Every command that has flags of its own.
const COMMANDS: [&str; 12] = [
    "analyze",
    "check",
    "compare",
    "export",
    "report",
    "search",
    "simulate",
    "sweep",
    "verify",
    "families",
    "completions",
    "man",
];

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let files = [("five.toml", MAJORITY), ("grid.toml", GRID), ("nodes.toml", NODES), ("fine.jsonl", FINE)];
    for (name, text) in files.into_iter().chain([("stale.jsonl", STALE)]) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(folder: &TempDir, arguments: &[&str]) -> Assert {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("COLUMNS").current_dir(folder.path()).args(arguments).assert()
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

#[track_caller]
fn refused(folder: &TempDir, arguments: &[&str], message: &str) {
    let before = entries_of(folder.path());
    let assert = run(folder, arguments).code(2);
    let error = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(error.contains(message), "{arguments:?}: {error}");
    assert_eq!(stdout(&assert), "");
    assert_eq!(entries_of(folder.path()), before, "{arguments:?} wrote something");
}

#[test]
fn a_system_is_never_taken_for_a_folder_or_a_picture() {
    for flag in ["--plots", "--csv"] {
        let folder = folder();
        let mut arguments = vec!["compare", flag, "five.toml", "grid.toml"];
        if flag == "--plots" {
            arguments.extend(["--pictures", "load,capacity,trade-off"]);
        }
        let text = stdout(&run(&folder, &arguments).code(0));
        assert!(text.contains("  five ") && text.contains("  grid "), "{flag}: {text}");
        let written = if flag == "--plots" { "plots" } else { "notebooks-data" };
        assert!(entries_of(&folder.path().join(written)).len() > 4, "{flag}");
    }
    let folder = folder();
    let few = ["--operations", "100", "--epochs", "100", "--executions", "4", "--sets", "10"];
    run(&folder, &[&["verify", "--csv", "five.toml"][..], &few].concat());
    assert_eq!(entries_of(&folder.path().join("notebooks-data")), ["verification.csv"]);
    run(&folder, &["check", "--plots", "stale.jsonl"]).code(1);
    let pictures = ["stale-ages.png", "stale-ages.svg", "violation.png", "violation.svg"];
    assert_eq!(entries_of(&folder.path().join("plots")), pictures);
    run(&folder, &["analyze", "--plots", "five.toml", "--pictures", "node-load"]).code(0);
    assert!(entries_of(&folder.path().join("plots")).contains(&"node-load.svg".to_owned()));
}

#[test]
fn a_folder_without_its_sign_is_explained() {
    for (flag, name, command) in [
        ("--plots", "figures", &["compare", "--pictures", "load"][..]),
        ("--plots", "figures", &["analyze", "--pictures", "load"]),
        ("--csv", "tables", &["compare"]),
    ] {
        let folder = folder();
        std::fs::create_dir(folder.path().join("figures")).unwrap();
        let arguments = [command, &["five.toml", flag, name]].concat();
        let error = run(&folder, &arguments).code(2).get_output().stderr.clone();
        let error = String::from_utf8(error).unwrap();
        assert!(error.contains(&format!("write {flag}={name}")), "{error}");
    }
}

#[test]
fn one_picture_is_a_file_and_all_are_a_folder() {
    let folder = folder();
    let has = |file: &str, part: &str| {
        let svg = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains(part), "{file}: {part}");
    };
    run(&folder, &["compare", "five.toml", "grid.toml", "--plot", "a.svg"]).code(0);
    has("a.svg", "resilience");
    run(&folder, &["compare", "five.toml", "--pictures", "load", "--plot", "b.svg"]).code(0);
    has("b.svg", "How busy the busiest node is");
    run(&folder, &["analyze", "five.toml", "--plot=c.svg", "--pictures", "failure-probability"]).code(0);
    has("c.svg", "How often systems fail");
    run(&folder, &["analyze", "grid.toml", "--pareto", "load,latency", "--plots=all"]).code(0);
    assert!(entries_of(&folder.path().join("all")).contains(&"front.svg".to_owned()));
    assert_eq!(entries_of(&folder.path().join("all")).len(), 18);
    run(&folder, &["compare", "five.toml", "--pictures", "load,quorums"]).code(0);
    assert_eq!(entries_of(&folder.path().join("plots")), ["load.png", "load.svg", "quorums.png", "quorums.svg"]);
    run(&folder, &["compare", "five.toml", "--plot", "d.PNG", "--dark"]).code(0);
    assert!(std::fs::read(folder.path().join("d.PNG")).unwrap().starts_with(b"\x89PNG"));
    // The list that a picture of quorums needs is no part of the text.
    let text = stdout(&run(&folder, &["analyze", "five.toml", "--pictures=quorums", "--plots=sets"]).code(0));
    assert!(!text.contains("Minimal quorums, by size"), "{text}");
    run(&folder, &["check", "fine.jsonl", "stale.jsonl", "--plots=seen"]).code(1);
    let pictures = ["stale-ages-2.png", "stale-ages-2.svg", "violation-2.png", "violation-2.svg"];
    assert_eq!(entries_of(&folder.path().join("seen")), pictures);
}

#[test]
fn pictures_that_cannot_be_meant_are_refused() {
    let folder = folder();
    for (arguments, message) in [
        (&["compare", "--plot", "load", "five.toml"][..], "write --pictures load --plot FILE.svg"),
        (&["compare", "five.toml", "--plot", "x.gif"], ".svg, a .png or a .pdf"),
        (&["compare", "five.toml", "--plot", "x.svg", "--pictures", "load,quorums"], "--pictures names 2"),
        (&["compare", "five.toml", "--pictures", "load,load"], "--pictures has load twice"),
        (&["compare", "five.toml", "--pictures", "front"], "possible values: failure-probability, load"),
        (&["compare", "five.toml", "--dark"], "--dark is about pictures"),
        (&["analyze", "five.toml", "--size", "900x600"], "--size is about pictures"),
        (&["analyze", "five.toml", "--plot", "x.svg"], "--pareto"),
        (&["analyze", "five.toml", "--pictures", "front", "--plot", "x.svg"], "--pareto"),
    ] {
        refused(&folder, arguments, message);
    }
}

#[test]
fn the_ending_of_the_file_is_the_format() {
    let few = ["--operations", "100", "--epochs", "100", "--executions", "4", "--sets", "10"];
    let verify = [&["verify", "five.toml"][..], &few].concat();
    let commands: [&[&str]; 7] = [
        &["analyze", "five.toml"],
        &["compare", "five.toml", "grid.toml"],
        &["check", "fine.jsonl"],
        &["simulate", "five.toml", "--ops", "50"],
        &["sweep", "majority", "--n", "3..5:2"],
        &["families"],
        &verify,
    ];
    let folder = folder();
    let starts = |name: &str, format: &str, text: &str| match format {
        "json" => assert!(text.starts_with("{\n  \"schema\": \"quorate/"), "{name}: {text}"),
        "csv" => assert!(text.lines().next().is_some_and(|line| line.contains(',')), "{name}: {text}"),
        "markdown" => assert!(text.contains("| --- |"), "{name}: {text}"),
        "html" => {
            assert!(text.starts_with("<!DOCTYPE html>") && text.trim_end().ends_with("</html>"), "{name}: {text}");
        }
        _ => assert!(!text.contains("| ---") && !text.starts_with(['{', '<']), "{name}: {text}"),
    };
    for (at, command) in commands.iter().enumerate() {
        for (ending, format) in
            [("json", "json"), ("csv", "csv"), ("md", "markdown"), ("HTML", "html"), ("txt", "text"), ("out", "text")]
        {
            let name = format!("report-{at}.{ending}");
            run(&folder, &[command, &["-o", &name][..]].concat()).code(0);
            let written = std::fs::read_to_string(folder.path().join(&name)).unwrap();
            starts(&name, format, &written);
            // The same as when it is asked for by its word.
            assert_eq!(written, stdout(&run(&folder, &[command, &["--format", format][..]].concat())), "{name}");
            run(&folder, &[command, &["-o", &name, "--force", "--format", "json"][..]].concat()).code(0);
            starts(&name, "json", &std::fs::read_to_string(folder.path().join(&name)).unwrap());
        }
    }
}

#[test]
fn a_format_that_a_command_does_not_have_is_refused() {
    let folder = folder();
    refused(&folder, &["report", "five.toml", "-o", "x.json"], "the page is HTML");
    refused(&folder, &["search", "--nodes", "nodes.toml", "-o", "best.json"], "a .toml file");
    run(&folder, &["report", "five.toml", "-o", "x.html", "--quiet"]).code(0);
    run(&folder, &["search", "--nodes", "nodes.toml", "-o", "best.toml"]).code(0);
    for contradiction in [&["--format", "json"][..], &["--format", "text"], &["-o", "x.json"], &["-o", "x.md"]] {
        let arguments = [&["analyze", "five.toml", "--table", "systems"][..], contradiction].concat();
        refused(&folder, &arguments, "--table prints CSV, which contradicts");
    }
    for fine in
        [&[][..], &["--format", "csv"], &["-o", "x.csv"], &["-o", "x.txt"], &["-o", "y.json", "--format", "csv"]]
    {
        run(&folder, &[&["analyze", "five.toml", "--table", "systems"][..], fine].concat()).code(0);
    }
}

#[test]
fn columns_are_asked_for_as_they_are_shown() {
    let folder = folder();
    let questions: [&[&str]; 4] = [
        &[],
        &["--read-fraction", "0,0.25,0.333333333333", "--failure-probability", "0.004728708045,1e-7,0.5"],
        // The same to four digits.
        &["--failure-probability", "0.12345678,0.12345679,0.1234"],
        &["--columns", "nines,minutes,capacity,nodes"],
    ];
    for question in questions {
        let compare = [&["compare", "five.toml", "grid.toml"][..], question].concat();
        let header = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.trim_start().starts_with("system "));
            lines.flat_map(|line| line.split_whitespace().skip(1).map(str::to_owned)).collect()
        };
        let shown = header(&stdout(&run(&folder, &compare).code(0)));
        assert!(shown.iter().all(|name| name.chars().filter(char::is_ascii_digit).count() < 10), "{shown:?}");
        let question = question.strip_prefix(&["--columns"][..]).map_or(question, |_| &[]);
        let compare = [&["compare", "five.toml", "grid.toml"][..], question].concat();
        let again = |columns: &[String]| {
            let columns = columns.join(",");
            header(&stdout(&run(&folder, &[&compare[..], &["--columns", &columns]].concat()).code(0)))
        };
        assert_eq!(again(&shown), shown);
        let reversed: Vec<String> = shown.iter().rev().cloned().collect();
        assert_eq!(again(&reversed), reversed);
        for name in &shown {
            assert_eq!(again(std::slice::from_ref(name)), std::slice::from_ref(name));
            run(&folder, &[&compare[..], &["--sort", name]].concat()).code(0);
        }
        // So are those of the CSV.
        let csv = stdout(&run(&folder, &[&compare[..], &["--format", "csv"]].concat()).code(0));
        let names: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
        let names = &names[3..names.len() - 1];
        let columns = names.join(",");
        let again =
            stdout(&run(&folder, &[&compare[..], &["--format", "csv", "--columns", &columns]].concat()).code(0));
        assert_eq!(again, csv);
    }
    let compare = ["compare", "five.toml", "--columns"];
    refused(
        &folder,
        &[&compare[..], &["load@0.7"]].concat(),
        "there is no column \"load@0.7\"; there are name, load@0.5",
    );
    refused(&folder, &[&compare[..], &["speed"]].concat(), "there is no column \"speed\"");
    refused(&folder, &[&compare[..], &["load,load@0.5"]].concat(), "\"load@0.5\" is asked for twice");
    let text = stdout(&run(&folder, &[&compare[..], &["system,first-loss"]].concat()).code(0));
    assert!(text.starts_with("  system  first-loss\n  five             –\n"), "{text}");
}

#[test]
fn flags_stand_under_headings_and_those_of_every_command_last() {
    let folder = folder();
    for command in COMMANDS {
        for (help, columns) in
            [("-h", "60"), ("-h", "80"), ("-h", "160"), ("--help", "60"), ("--help", "80"), ("--help", "160")]
        {
            let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
            let assert =
                program.env("COLUMNS", columns).current_dir(folder.path()).args([command, help]).assert().code(0);
            let text = stdout(&assert);
            let width = columns.parse::<usize>().unwrap().min(100);
            let example = |line: &&str| {
                line.starts_with("  quorate ") || line.starts_with("  printf") || line.contains("| quorate")
            };
            for line in text.lines().filter(|line| !example(line)) {
                assert!(line.chars().count() <= width, "{command} {help} at {columns}: {line}");
            }
            let headings: Vec<&str> =
                text.lines().filter(|line| line.ends_with(':') && !line.starts_with(' ')).collect();
            assert!(!headings.contains(&"Options:"), "{command}: {headings:?}");
            let flags = text.split("\nExamples:").next().unwrap();
            let general = flags.split_once("\nGeneral:\n").unwrap_or_else(|| panic!("{command}: {text}")).1;
            assert!(
                !general.contains("\n\n  -o") && general.contains("--color") && general.contains("--help"),
                "{general}"
            );
            assert!(!general.lines().any(|line| line.ends_with(':') && !line.starts_with(' ')), "{command}: {general}");
            assert!(general.find("--color") < general.find("--help"), "{general}");
            if let Some((_, dynamo)) = flags.split_once("\nWith --protocol dynamo:\n") {
                let dynamo = dynamo.split("\n\nOperations:").next().unwrap();
                let of_dynamo = ["--homes", "--sloppy", "--ring", "--hand-off-ms"];
                let named: Vec<&str> =
                    dynamo.lines().map(str::trim_start).filter(|line| line.starts_with("--")).collect();
                assert_eq!(named.len(), of_dynamo.len(), "{named:?}");
                assert!(named.iter().zip(of_dynamo).all(|(line, flag)| line.starts_with(flag)), "{named:?}");
            }
        }
    }
}
