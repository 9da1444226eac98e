//! No output replaces anything unasked: not what is there, not what appears during the run, not another output or an input.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use assert_cmd::assert::{Assert, OutputAssertExt};
use tempfile::TempDir;

const MAJORITY: &str = "name = \"five\"\n[system]\nfamily = \"majority\"\nn = 5\n";
const NODES: &str = "[nodes]\nlatency_ms = 1\n[[node]]\nname = \"a\"\n[[node]]\nname = \"b\"\n[[node]]\nname = \"c\"\n";
const FAULTS: &str = "[network]\nloss = 0.01\n";
/// Two reads go back in time.
const VIOLATION: &str = "{\"process\":1,\"op\":\"write\",\"value\":1,\"start\":1,\"end\":9}\n\
                         {\"process\":2,\"op\":\"read\",\"value\":1,\"start\":2,\"end\":3}\n\
                         {\"process\":2,\"op\":\"read\",\"value\":0,\"start\":4,\"end\":5}\n";
const ATOMIC: &str = "{\"process\":1,\"op\":\"write\",\"value\":1,\"start\":1,\"end\":9}\n";
/// What is in the way of an output.
const OLD: &str = "of somebody else";

/// A command with an output: what stands on the command line, with `IN` for the file that is read and `OUT` for that which
/// is written; what is read; the files that are written, relative to `OUT`.
struct Case {
    arguments: &'static str,
    input: &'static str,
    files: &'static [&'static str],
    /// The output is a folder.
    is_folder: bool,
}

const TABLES: &[&str] = &["systems.csv", "curves.csv", "sweep.csv", "failure_probability.csv"];

const fn file(arguments: &'static str, input: &'static str) -> Case {
    Case { arguments, input, files: &[""], is_folder: false }
}

const fn folder(arguments: &'static str, files: &'static [&'static str]) -> Case {
    Case { arguments, input: MAJORITY, files, is_folder: true }
}

const PARTIAL: &str = "name = \"partial\"\n[system]\nfamily = \"threshold\"\nn = 3\nread = 1\nwrite = 1\n";

const CASES: &[Case] = &[
    file("analyze IN --output OUT", MAJORITY),
    file("analyze IN --pareto load,network --plot OUT", MAJORITY),
    file("compare IN -o OUT", MAJORITY),
    file("report IN --output OUT", MAJORITY),
    file("search --nodes IN --output OUT", NODES),
    file("verify IN --operations 500 --epochs 20 --executions 1 --sets 2 -o OUT", MAJORITY),
    file("check IN --output OUT", VIOLATION),
    file("check IN --plot OUT", VIOLATION),
    file("check IN --linearization OUT", ATOMIC),
    file("check IN --html OUT", ATOMIC),
    file("simulate IN --ops 20 --html OUT", MAJORITY),
    file("simulate IN --ops 20 --output OUT", MAJORITY),
    file("simulate IN --ops 20 --history OUT", MAJORITY),
    file("simulate IN --ops 200 --unsafe --seed 1 --shrink=OUT", PARTIAL),
    file("sweep majority --n 3 --output OUT", ""),
    file("families --output OUT", ""),
    file("completions bash --output OUT", ""),
    file("man --output OUT", ""),
    folder("export IN --out OUT", TABLES),
    folder("compare IN --csv=OUT", TABLES),
    folder("compare IN --crossovers --csv=OUT", &["crossovers.csv", "systems.csv"]),
    folder("compare IN --plots=OUT", &["trade-off.svg", "trade-off.png"]),
    folder("verify IN --operations 500 --epochs 20 --executions 1 --sets 2 --csv=OUT", &["verification.csv"]),
];

impl Case {
    fn command(&self, directory: &Path, input: &str, output: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.current_dir(directory);
        command.args(self.arguments.split(' ').map(|word| word.replace("IN", input).replace("OUT", output)));
        command
    }

    /// The name of the output: pictures are known by their ending.
    fn output(&self) -> &'static str {
        if self.is_folder { "out" } else { "out.svg" }
    }

    /// A directory with the file that is read.
    fn directory(&self) -> TempDir {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("in"), self.input).unwrap();
        directory
    }

    /// The paths of the files that are written.
    fn written(&self) -> impl Iterator<Item = String> {
        let output = self.output();
        self.files.iter().map(move |file| if file.is_empty() { output.into() } else { format!("{output}/{file}") })
    }
}

fn stderr(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

/// The files of a directory and of the folders in it, with their content.
fn tree(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap_or_default()));
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_there_stays_without_force() {
    for case in CASES {
        for written in case.written() {
            let directory = case.directory();
            if case.is_folder {
                std::fs::create_dir(directory.path().join("out")).unwrap();
            }
            std::fs::write(directory.path().join(&written), OLD).unwrap();
            let before = tree(directory.path());
            let assert = case.command(directory.path(), "in", case.output()).assert().code(2);
            let error = stderr(&assert);
            assert!(error.contains(&format!("{written:?} is there already; --force replaces it")), "{error}");
            assert!(assert.get_output().stdout.is_empty(), "{}", case.arguments);
            assert_eq!(tree(directory.path()), before, "{}", case.arguments);
            let output = case.command(directory.path(), "in", case.output()).arg("--force").output().unwrap();
            assert!(output.status.code() < Some(2), "{}: {output:?}", case.arguments);
            assert!(std::fs::read(directory.path().join(&written)).unwrap() != OLD.as_bytes(), "{}", case.arguments);
        }
    }
}

/// Runs a command that reads standard input, and does something while it does: by then it has looked at its outputs.
fn meanwhile(command: &mut Command, input: &str, act: impl FnOnce()) -> Output {
    let mut child: Child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // More than a pipe holds: when it is written, somebody has begun to read. Blank lines mean nothing in any input.
    stdin.write_all("\n".repeat(1 << 18).as_bytes()).unwrap();
    act();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

#[test]
fn what_appears_during_the_run_stays_without_force() {
    for case in CASES.iter().filter(|case| !case.input.is_empty()) {
        for written in case.written() {
            let directory = case.directory();
            let path = directory.path().join(&written);
            let appears = || std::fs::write(&path, OLD).unwrap();
            let output = meanwhile(&mut case.command(directory.path(), "-", case.output()), case.input, appears);
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{}: {error}", case.arguments);
            assert!(error.contains("appeared while the program ran"), "{}: {error}", case.arguments);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), OLD, "{}", case.arguments);
            // Nothing else has come, neither half of a folder nor a file that nobody knows.
            assert_eq!(tree(directory.path()).len(), 2, "{}: {:?}", case.arguments, tree(directory.path()));
        }
    }
}

#[cfg(unix)]
#[test]
fn links_stay_links() {
    for case in CASES.iter().filter(|case| !case.is_folder) {
        let directory = case.directory();
        let at = |name: &str| directory.path().join(name);
        std::os::unix::fs::symlink("nothing", at("out.svg")).unwrap();
        let assert = case.command(directory.path(), "in", "out.svg").assert().code(2);
        assert!(stderr(&assert).contains("is there already"), "{}", case.arguments);
        assert!(!at("nothing").exists(), "{}", case.arguments);
        let output = case.command(directory.path(), "in", "out.svg").arg("--force").output().unwrap();
        assert!(output.status.code() < Some(2), "{}: {output:?}", case.arguments);
        assert!(at("nothing").exists() && at("out.svg").is_symlink(), "{}", case.arguments);
    }
}

#[cfg(unix)]
#[test]
fn no_output_goes_onto_an_input() {
    for case in CASES.iter().filter(|case| !case.input.is_empty() && !case.is_folder) {
        for (target, is_there) in [("in", true), ("./in", true), ("link", true), ("hard", true), ("folder/../in", true)]
        {
            let directory = case.directory();
            let at = |name: &str| directory.path().join(name);
            std::fs::create_dir(at("folder")).unwrap();
            std::fs::rename(at("in"), at("in.svg")).unwrap();
            std::os::unix::fs::symlink("in.svg", at("link.svg")).unwrap();
            std::fs::hard_link(at("in.svg"), at("hard.svg")).unwrap();
            let mut command = case.command(directory.path(), "in.svg", &format!("{target}.svg"));
            let assert = command.arg("--force").assert().code(2);
            assert!(stderr(&assert).contains("which is read"), "{} {target}: {}", case.arguments, stderr(&assert));
            assert_eq!(std::fs::read_to_string(at("in.svg")).is_ok_and(|text| text == case.input), is_there);
        }
    }
}

#[test]
fn inputs_in_folders_faults_proofs_and_streams_are_inputs() {
    let directory = TempDir::new().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::create_dir_all(at("all/systems")).unwrap();
    for (name, text) in [
        ("all/a.toml", MAJORITY),
        ("all/h.jsonl", ATOMIC),
        ("all/systems/h.jsonl", ATOMIC),
        ("faults.toml", FAULTS),
        ("five.toml", MAJORITY),
        ("proof", ATOMIC),
    ] {
        std::fs::write(at(name), text).unwrap();
    }
    // A folder of tables that is also a folder of inputs of these names.
    std::fs::create_dir(at("tables")).unwrap();
    std::fs::write(at("tables/systems.csv"), MAJORITY).unwrap();
    let before = tree(directory.path());
    for arguments in [
        "analyze all -o all/a.toml",
        "compare all -o all/a.toml",
        "report all five.toml -o all/a.toml",
        "check all -o all/systems/h.jsonl",
        "check all --plot all/../all/h.jsonl.svg -o all/h.jsonl",
        "simulate five.toml --faults faults.toml --ops 10 --history faults.toml",
        "simulate five.toml --faults faults.toml --ops 10 --shrink=faults.toml",
        "simulate five.toml --faults faults.toml --ops 10 -o five.toml",
        "check all/h.jsonl --proof proof -o proof",
        "export tables/systems.csv --out tables",
        "verify five.toml all --csv=tables -o all/a.toml",
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        let assert = command.current_dir(directory.path()).args(arguments.split(' ')).arg("--force").assert().code(2);
        assert!(stderr(&assert).contains("which is read"), "{arguments}: {}", stderr(&assert));
        assert_eq!(tree(directory.path()), before, "{arguments}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(directory.path()).args(["analyze", "-", "-o", "five.toml", "--force"]);
    let assert = command.stdin(std::fs::File::open(at("five.toml")).unwrap()).assert().code(2);
    assert!(stderr(&assert).contains("onto standard input, which is read"), "{}", stderr(&assert));
    assert_eq!(tree(directory.path()), before);
}

#[cfg(unix)]
#[test]
fn two_outputs_do_not_go_to_one_place() {
    let directory = TempDir::new().unwrap();
    let at = |name: &str| directory.path().join(name);
    for (name, text) in [("five.toml", MAJORITY), ("run.jsonl", VIOLATION), ("nodes.toml", NODES), ("there", OLD)] {
        std::fs::write(at(name), text).unwrap();
    }
    std::fs::create_dir(at("folder")).unwrap();
    std::os::unix::fs::symlink("folder", at("link-to-folder")).unwrap();
    std::os::unix::fs::symlink("new.svg", at("link.svg")).unwrap();
    std::os::unix::fs::symlink("there", at("link-to-there.svg")).unwrap();
    std::fs::hard_link(at("there"), at("hard")).unwrap();
    let before = tree(directory.path());
    for arguments in [
        "check run.jsonl -o new.svg --plot new.svg",
        "check run.jsonl -o new.svg --plot ./new.svg",
        "check run.jsonl -o new.svg --plot link.svg",
        "check run.jsonl -o hard --plot link-to-there.svg",
        "check run.jsonl -o folder/new.svg --plot link-to-folder/new.svg",
        "check run.jsonl --linearization new.svg --plot folder/../new.svg",
        "analyze five.toml --pareto load,network --plot new.svg -o ./new.svg",
        "simulate five.toml --ops 10 --history there -o hard",
        "simulate five.toml --ops 10 --history new -o new",
        "simulate five.toml --ops 10 --history new --shrink=new",
        "simulate five.toml --ops 10 --history -",
        "simulate five.toml --ops 10 --history /dev/stdout -o -",
        "search --nodes nodes.toml -o -",
        "compare five.toml --csv=folder -o link-to-folder/systems.csv",
        "compare five.toml --plots=new --csv=new -o new/systems.csv",
        "compare five.toml --csv=new -o new",
        "verify five.toml --csv=folder -o folder/verification.csv",
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        let assert = command.current_dir(directory.path()).args(arguments.split(' ')).arg("--force").assert().code(2);
        assert!(stderr(&assert).contains("would both go to"), "{arguments}: {}", stderr(&assert));
        assert_eq!(tree(directory.path()), before, "{arguments}");
        assert!(!at("new").exists(), "{arguments}");
    }
}

#[test]
fn two_reports_that_nobody_keeps_may_go_to_one_place() {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("five.toml"), MAJORITY).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(directory.path()).args(["simulate", "five.toml", "--ops", "10", "-o", "/dev/null"]);
    command.args(["--history", "/dev/null"]).assert().code(0);
}

#[test]
fn an_export_asks_where_to() {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("five.toml"), MAJORITY).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let assert = command.current_dir(directory.path()).args(["export", "five.toml"]).assert().code(2);
    assert!(stderr(&assert).contains("--out <DIR>"), "{}", stderr(&assert));
    assert_eq!(tree(directory.path()).len(), 1);
}

#[test]
fn what_was_asked_for_and_is_not_written_is_said() {
    let directory = TempDir::new().unwrap();
    for (name, text) in [("five.toml", MAJORITY), ("good.jsonl", ATOMIC), ("bad.jsonl", VIOLATION), ("n.toml", NODES)] {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    for (arguments, status, note) in [
        ("check good.jsonl --plot new.svg", 0, "note: there is no violation, so --plot is not written\n"),
        ("check bad.jsonl --linearization new", 1, "so --linearization is not written\n"),
        ("simulate five.toml --ops 10 --shrink=new", 0, "so --shrink is not written\n"),
        ("search --nodes n.toml --min-resilience 3 -o new", 1, "so --output is not written\n"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        let assert = command.current_dir(directory.path()).args(arguments.split(' ')).assert().code(status);
        assert!(stderr(&assert).contains(note), "{arguments}: {}", stderr(&assert));
        assert_eq!(tree(directory.path()).len(), 4, "{arguments}");
    }
}

#[test]
fn the_page_shows_definitions_from_standard_input() {
    let directory = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(directory.path()).args(["report", "-", "-o", "page.html"]);
    let output = meanwhile(
        &mut command,
        "# a comment to be found\nname = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n",
        || (),
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let page = std::fs::read_to_string(directory.path().join("page.html")).unwrap();
    assert!(page.contains("a comment to be found"));
}
