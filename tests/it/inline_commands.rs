//! Definitions on the command line: `-e` and `--writes` wherever a definition is asked for.

use std::process::{Command, Output};

use tempfile::TempDir;

/// What the program answers in an empty folder.
fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(folder.path()).args(arguments).output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[track_caller]
fn succeeds(folder: &TempDir, arguments: &[&str], status: i32) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[track_caller]
fn refused(arguments: &[&str], message: &str) {
    let output = run(&TempDir::new().expect("a folder"), arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(text(&output.stderr).contains(message), "{arguments:?}: {}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn an_expression_is_the_system_of_a_file_that_says_the_same() {
    let folder = TempDir::new().expect("a folder");
    for (flags, keys) in [
        (&["-e", "a*b + c*d*e"][..], "reads = 'a*b + c*d*e'"),
        (&["-e", "a + b", "--writes", "b*a"], "reads = 'a + b'\nwrites = 'b*a'"),
        (&["--writes", "choose(2, z, y, x)"], "writes = 'choose(2, z, y, x)'"),
        (&["--reads", "\"a b\" + c"], "reads = '\"a b\" + c'"),
    ] {
        let definition = format!("name = 'x'\n[system]\nfamily = 'custom'\n{keys}\n");
        std::fs::write(folder.path().join("x.toml"), definition).expect("a file");
        let answer = |arguments: &[&str]| {
            let all: Vec<&str> = ["analyze", "--format", "json"].iter().chain(arguments).copied().collect();
            let mut json: serde_json::Value = serde_json::from_str(&succeeds(&folder, &all, 0)).expect("JSON");
            let system = json["systems"][0].as_object_mut().expect("a system");
            (system.remove("name").expect("a name"), system.remove("file").expect("a file"), json)
        };
        let (_, _, from_file) = answer(&["x.toml"]);
        let (_, file, from_flags) = answer(flags);
        assert_eq!((file, from_flags), ("-e".into(), from_file), "{flags:?}");
    }
}

#[test]
fn errors_have_their_place_in_the_expression() {
    refused(&["analyze", "-e", "a * * b"], "-e:1:5");
    refused(&["analyze", "-e", "a*b", "--writes", "a + (c"], "--writes:1:5");
    refused(&["compare", "-e", "choose(3, a, b)"], "-e:1:8");
    refused(&["simulate", "-e", ""], "-e:1:1");
    refused(&["analyze", "-e", "a +\nb +"], "-e:2:4");
    refused(&["simulate", "x.toml", "-e", "a"], "cannot be used with");
    refused(&["compare", "--writes", "a", "-e", "a", "-e", "b"], "--writes a belongs to no -e");
    // Forgotten, the flag is advised; a file that is just not there is not taken for an expression.
    refused(&["analyze", "a*b + c"], "as in -e 'a*b + c'");
    refused(&["analyze", "grid.toml"], "No such file");
}

#[test]
fn every_command_that_asks_for_a_definition_takes_one() {
    let folder = TempDir::new().expect("a folder");
    let e = ["-e", "majority(a, b, c)"];
    for (before, after) in [
        (&["analyze"][..], &[][..]),
        (&["compare"], &["-e", "a*b + c", "--columns", "nodes"]),
        (&["export"], &["--out", "tables"]),
        (&["report"], &["--output", "page.html"]),
        (&["simulate"], &["--ops", "50"]),
        (&["verify"], &["--executions", "5", "--epochs", "100", "--operations", "2000"]),
    ] {
        let arguments: Vec<&str> = before.iter().chain(&e).chain(after).copied().collect();
        succeeds(&folder, &arguments, 0);
    }
    let table = std::fs::read_to_string(folder.path().join("tables/systems.csv")).expect("a table");
    assert!(table.contains("\n\"majority(a, b, c)\",custom,3,"), "{table}");
    assert!(std::fs::read_to_string(folder.path().join("page.html")).expect("a page").contains("majority(a, b, c)"));
}

#[test]
fn several_stand_in_the_order_of_the_command_line_under_their_own_names() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("x.toml"), "name = 'x'\n[system]\nfamily = 'majority'\nn = 3\n").expect("a file");
    let arguments = ["compare", "-e", "a*b", "x.toml", "-e", "a + b", "--writes", "a*b", "--format", "csv"];
    let csv = succeeds(&folder, &arguments, 0);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names: Vec<String> = reader.records().map(|record| record.expect("a row")[0].to_owned()).collect();
    assert_eq!(names, ["a*b", "x", "a + b, writes a*b"]);
    refused(&["compare", "-e", "a*b", "-e", "a*b"], "two systems are called");
}

#[test]
fn a_simulation_is_repeated_by_the_command_that_it_prints() {
    let folder = TempDir::new().expect("a folder");
    let arguments = ["simulate", "-e", "a + b", "--writes", "a + b", "--unsafe", "--seeds", "1..20", "--ops", "40"];
    let report = succeeds(&folder, &arguments, 1);
    assert!(report.contains("quorate simulate -e 'a + b' --writes 'a + b' --protocol atomic"), "{report}");
}
