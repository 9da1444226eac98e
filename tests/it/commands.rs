//! The program from outside: arguments, files, streams and exit status.

use std::process::{Command, Stdio};

use assert_cmd::assert::{Assert, OutputAssertExt};
use tempfile::TempDir;

use crate::support::files::entries_of;

const MAJORITY: &str = "name = \"five\"\n[system]\nfamily = \"majority\"\nn = 5\n";
const PARTIAL: &str = "name = \"partial\"\n[system]\nfamily = \"threshold\"\nn = 3\nread = 1\nwrite = 2\n";
const BROKEN: &str = "name = \"broken\"\n[system]\nfamily = \"no-such-family\"\n";

fn quorate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

/// Runs the program in a directory.
fn run(directory: &TempDir, arguments: &[&str]) -> Assert {
    quorate().current_dir(directory.path()).args(arguments).assert()
}

/// A directory with the three definitions, of which the last cannot be read.
fn definitions() -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, text) in [("five.toml", MAJORITY), ("partial.toml", PARTIAL), ("broken.toml", BROKEN)] {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn stdout(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn help_has_examples_and_every_command() {
    let help = stdout(&quorate().arg("--help").assert().code(0));
    assert!(help.contains("analyze") && help.contains("families"), "{help}");
    for command in [
        "analyze",
        "compare",
        "export",
        "report",
        "search",
        "sweep",
        "families",
        "new",
        "explain",
        "completions",
        "man",
    ] {
        let help = stdout(&quorate().args([command, "--help"]).assert().code(0));
        assert!(help.contains("Examples:") && help.contains("--out"), "{help}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = stdout(&quorate().arg("--version").assert().code(0));
    assert_eq!(version, format!("quorate {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn usage_errors_exit_with_2_and_say_why() {
    for (arguments, message) in [
        (&["analyze"][..], "<SPEC>"),
        (&["analyse", "x.toml"], "unrecognized subcommand"),
        (&["analyze", "x.toml", "--read-fraction", "1.5"], "1.5 is not a fraction in [0, 1]"),
        (&["analyze", "x.toml", "--read-fraction", "NaN"], "NaN is not a fraction in [0, 1]"),
        (&["analyze", "x.toml", "--failure-probability", "-1"], "-1 is not a probability in [0, 1]"),
        (&["analyze", "x.toml", "--failure-probability", "1e-400"], "too small for a 64-bit float"),
        (&["analyze", "x.toml", "--failure-probability", "0.1,0.2,0.1"], "--failure-probability has 0.1 twice"),
        (&["analyze", "x.toml", "--failed", "n1,n1"], "--failed has n1 twice"),
        (&["sweep", "majority"], "the family majority needs --n, as in --n 5"),
        (&["analyze", "x.toml", "--threads", "0"], "at least 1"),
        (&["analyze", "x.toml", "--confidence", "1"], "between 0 and 1"),
        (&["analyze", "x.toml", "--format", "xml"], "possible values: text, json, csv, markdown"),
    ] {
        let assert = quorate().args(arguments).assert().code(2);
        assert!(stderr(&assert).contains(message), "{arguments:?}: {}", stderr(&assert));
        assert_eq!(stdout(&assert), "");
    }
}

#[test]
fn families_in_every_format() {
    let text = stdout(&quorate().arg("families").assert().code(0));
    assert!(text.contains("majority\n========\n") && text.contains("family = \"grid\""), "{text}");
    let json = stdout(&quorate().args(["families", "--format", "json"]).assert().code(0));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "quorate/families/1");
    assert_eq!(json["families"][0]["name"], "majority");
    let csv = stdout(&quorate().args(["families", "--format", "csv"]).assert().code(0));
    assert!(csv.starts_with("family,parameters,quorums,source,example\nmajority,n,"), "{csv}");
    let markdown = stdout(&quorate().args(["families", "--format", "markdown"]).assert().code(0));
    assert!(markdown.contains("## grid\n") && markdown.contains("```toml\n"), "{markdown}");
}

#[test]
fn one_family_and_unknown_ones() {
    let text = stdout(&quorate().args(["families", "grid"]).assert().code(0));
    assert!(text.starts_with("grid\n====\n") && !text.contains("majority"), "{text}");
    let assert = quorate().args(["families", "gird"]).assert().code(2);
    assert_eq!(stderr(&assert), "error: unknown family \"gird\"; did you mean \"grid\"?\n");
}

#[test]
fn every_example_of_a_family_can_be_analysed() {
    for family in quorate::families::ALBUM {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("x.toml"), format!("name = \"x\"\n{}", family.example)).unwrap();
        let assert = run(&directory, &["analyze", "x.toml", "--format", "json"]);
        let status = assert.get_output().status.code();
        assert!(matches!(status, Some(0 | 1)), "{}: {status:?} {}", family.name, stderr(&assert));
    }
}

#[test]
fn the_status_says_whether_reads_meet_writes() {
    let directory = definitions();
    let text = stdout(&run(&directory, &["analyze", "five.toml"]).code(0));
    for heading in ["five\n====\n", "\nIntersection\n", "\nResilience\n", "\nLoad at read fraction 0.5\n"] {
        assert!(text.contains(heading), "{text}");
    }
    run(&directory, &["analyze", "partial.toml"]).code(1);
    run(&directory, &["analyze", "five.toml", "partial.toml"]).code(1);
}

#[test]
fn a_broken_definition_does_not_hide_the_others() {
    let directory = definitions();
    let assert = run(&directory, &["analyze", "partial.toml", "broken.toml", "five.toml", "--format", "json"]).code(2);
    let json: serde_json::Value = serde_json::from_str(&stdout(&assert)).unwrap();
    let names: Vec<_> = json["systems"].as_array().unwrap().iter().map(|system| &system["name"]).collect();
    assert_eq!(names, ["partial", "five"]);
    assert!(stderr(&assert).contains("broken.toml"), "{}", stderr(&assert));
    let assert = run(&directory, &["analyze", "broken.toml", "--format", "json"]).code(2);
    assert_eq!(stdout(&assert), "");
}

#[test]
fn files_that_cannot_be_read() {
    let directory = definitions();
    let assert = run(&directory, &["analyze", "none.toml"]).code(2);
    assert!(stderr(&assert).starts_with("error: cannot read \"none.toml\": "), "{}", stderr(&assert));
    std::fs::create_dir(directory.path().join("empty")).unwrap();
    let assert = run(&directory, &["analyze", "empty"]).code(2);
    assert_eq!(stderr(&assert), "error: \"empty\" has no definitions: there is no *.toml file in it\n");
    let large = "#".repeat(quorate::spec::FILE_BYTES_MAX + 1);
    std::fs::write(directory.path().join("large.toml"), large).unwrap();
    let assert = run(&directory, &["analyze", "large.toml"]).code(2);
    assert!(stderr(&assert).starts_with("error: cannot read \"large.toml\": it is larger than"), "{}", stderr(&assert));
}

#[test]
fn a_directory_is_its_definitions_by_name() {
    let directory = definitions();
    std::fs::remove_file(directory.path().join("broken.toml")).unwrap();
    std::fs::write(directory.path().join("a.toml"), MAJORITY).unwrap();
    let assert = run(&directory, &["analyze", ".", "--format", "csv"]).code(1);
    let rows = stdout(&assert);
    let names: Vec<_> = rows.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(names, ["system", "five", "five", "partial"]);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let directory = definitions();
    let report = |threads| {
        let arguments = ["analyze", "five.toml", "partial.toml", "five.toml", "--format", "json", "--threads", threads];
        stdout(&run(&directory, &arguments).code(1))
    };
    assert_eq!(report("1"), report("3"));
}

#[test]
fn standard_input_is_a_definition() {
    let mut command = assert_cmd::Command::from_std(quorate());
    let assert = command.args(["analyze", "-", "--format", "json"]).write_stdin(MAJORITY).assert().code(0);
    let json: serde_json::Value = serde_json::from_str(&stdout(&assert)).unwrap();
    assert_eq!(json["systems"][0]["file"], "-");
    let mut command = assert_cmd::Command::from_std(quorate());
    let assert = command.args(["analyze", "-", "-"]).write_stdin(MAJORITY).assert().code(2);
    assert!(stderr(&assert).contains("standard input can be read only once"), "{}", stderr(&assert));
}

#[test]
fn a_report_into_a_file_replaces_it_at_once() {
    let directory = definitions();
    let report = directory.path().join("report.md");
    std::fs::write(&report, "old").unwrap();
    let assert = run(&directory, &["analyze", "five.toml", "-o", "report.md"]).code(2);
    assert_eq!(stderr(&assert), "error: \"report.md\" is there already; --force replaces it\n");
    assert_eq!(std::fs::read_to_string(&report).unwrap(), "old");
    let arguments = ["analyze", "five.toml", "--format", "markdown", "-o", "report.md", "--force"];
    let assert = run(&directory, &arguments).code(0);
    assert_eq!(stdout(&assert), "");
    assert!(std::fs::read_to_string(&report).unwrap().starts_with("## five\n"));
    run(&directory, &["analyze", "broken.toml", "-o", "report.md", "--force"]).code(2);
    assert!(std::fs::read_to_string(&report).unwrap().starts_with("## five\n"));
    assert_eq!(entries_of(directory.path()), ["broken.toml", "five.toml", "partial.toml", "report.md"]);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let directory = definitions();
    for target in ["none/report.txt", "."] {
        let assert = run(&directory, &["analyze", "five.toml", "--output", target]).code(2);
        assert!(stderr(&assert).starts_with(&format!("error: cannot write {target:?}: ")), "{}", stderr(&assert));
    }
}

#[test]
fn a_comparison_needs_unique_names_and_ends_as_the_analyses_do() {
    let directory = definitions();
    let assert = run(&directory, &["compare", "five.toml", "five.toml"]).code(2);
    let message =
        "error: two systems are called \"five\", in five.toml and five.toml: a comparison needs unique names\n";
    assert_eq!(stderr(&assert), message);
    let table = stdout(&run(&directory, &["compare", "five.toml", "partial.toml", "--sort", "load"]).code(1));
    assert!(table.find("partial ") < table.find("five "), "{table}");
    let assert = run(&directory, &["compare", ".", "--format", "csv", "--columns", "nodes,load"]).code(2);
    let expected = "system,family,intersects,nodes,load_0.5,dominated_by\nfive,majority,true,5,0.6,\n\
                    partial,threshold,false,3,0.5,\n";
    assert_eq!(stdout(&assert), expected);
    assert!(stderr(&assert).contains("broken.toml"), "{}", stderr(&assert));
    let assert = run(&directory, &["compare", "five.toml", "--sort", "load@0.7"]).code(2);
    assert!(stderr(&assert).starts_with("error: there is no column \"load@0.7\"; there are name, "));
    run(&directory, &["compare", "five.toml", "--sort", "size"]).code(2);
}

#[test]
fn colours_appear_only_where_they_are_wanted() {
    let directory = definitions();
    let colored = |arguments: &[&str]| stdout(&run(&directory, arguments).code(0)).contains('\u{1b}');
    assert!(!colored(&["analyze", "five.toml"]));
    assert!(colored(&["analyze", "five.toml", "--color", "always"]));
    assert!(!colored(&["analyze", "five.toml", "--color", "never"]));
    let mut command = quorate();
    command.env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1").current_dir(directory.path());
    let assert = command.args(["analyze", "five.toml"]).assert().code(0);
    assert!(!stdout(&assert).contains('\u{1b}'));
    run(&directory, &["analyze", "five.toml", "--color", "always", "-o", "report.txt"]).code(0);
    assert!(!std::fs::read_to_string(directory.path().join("report.txt")).unwrap().contains('\u{1b}'));
}

#[test]
fn nothing_moves_on_a_stream_that_is_no_terminal() {
    let directory = definitions();
    assert_eq!(stderr(&run(&directory, &["analyze", "five.toml", "five.toml"]).code(0)), "");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let directory = definitions();
    for arguments in [&["analyze", "five.toml"][..], &["families"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = quorate();
        command.current_dir(directory.path()).args(arguments).stdout(writer).stderr(Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn sampling_says_its_seed() {
    let directory = definitions();
    let arguments = ["analyze", "five.toml", "--method", "monte-carlo", "--trials", "1000", "--seed", "42"];
    let text = stdout(&run(&directory, &arguments).code(0));
    assert!(text.contains("seed 42"), "{text}");
}

#[test]
fn what_is_left_out_is_said() {
    let directory = definitions();
    let asked = |arguments: &[&str], status: i32| {
        let assert = run(&directory, &[&["analyze", "five.toml"][..], arguments].concat()).code(status);
        (stdout(&assert).split_whitespace().collect::<Vec<_>>().join(" "), stderr(&assert))
    };
    for goal in [["--objective", "latency"], ["--pareto", "load,latency"]] {
        let (_, error) = asked(&goal, 2);
        assert!(error.contains("\"five.toml\": node \"n1\" has no latency_ms"), "{error}");
    }
    let (text, _) = asked(&["--failed", "n1"], 0);
    assert!(text.starts_with("five without n1"), "{text}");
    let timed = format!("{MAJORITY}[nodes]\nmttf_hours = 1000\nmttr_hours = 1\n");
    std::fs::write(directory.path().join("timed.toml"), timed).unwrap();
    let text = stdout(&run(&directory, &["analyze", "timed.toml", "--failure-probability", "0.1"]).code(0));
    assert!(text.contains("follow the definition's mttf_hours"), "{text}");
    let text = stdout(&run(&directory, &["analyze", "timed.toml"]).code(0));
    assert!(!text.contains("follow the definition's mttf_hours"), "{text}");
}

#[test]
fn a_relative_error_beyond_the_trials_ends_with_them() {
    let directory = definitions();
    let arguments = ["--method", "monte-carlo", "--relative-error", "1e-9", "--trials", "1000"];
    let text = stdout(&run(&directory, &[&["analyze", "five.toml"][..], &arguments].concat()).code(3));
    assert!(text.contains("1,000 trials, too few for the relative error"), "{text}");
}

#[test]
fn a_certain_failure_is_estimated_within_its_interval() {
    let directory = definitions();
    let grid = "name = \"g\"\n[system]\nfamily = \"grid\"\nrows = 3\ncols = 3\n";
    std::fs::write(directory.path().join("grid.toml"), grid).unwrap();
    let arguments = ["analyze", "grid.toml", "--failure-probability", "1", "--method", "karp-luby", "--format", "json"];
    let json: serde_json::Value = serde_json::from_str(&stdout(&run(&directory, &arguments).code(0))).unwrap();
    let row = &json["systems"][0]["failure_probability"][0];
    for quantity in ["read", "write", "system", "total"] {
        let value = row[quantity].as_f64().unwrap();
        assert!((0.9..=1.0).contains(&value), "{quantity}: {row}");
    }
    assert_eq!(row["system"].as_f64(), Some(1.0), "{row}");
}
