//! Ctrl-C and its kin, sent to the running program: what there is comes out, the exit status is 3, and nothing stays behind.
#![cfg(unix)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a run may take to end, on a machine that has other things to do: the work itself would take hours.
const PATIENCE: Duration = Duration::from_secs(60);

const MAJORITY: &str = "name = \"five\"\n[system]\nfamily = \"majority\"\nn = 5\n";

/// What the commands read: definitions, nodes that differ, histories.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("systems")).unwrap();
    std::fs::write(at("systems/a.toml"), MAJORITY).unwrap();
    std::fs::write(at("systems/b.toml"), MAJORITY.replace("five", "other")).unwrap();
    std::fs::write(at("five.toml"), MAJORITY).unwrap();
    let nodes: String = (1..=10)
        .map(|node| format!("[[node]]\nname = \"n{node}\"\ncapacity = {}\nlatency_ms = {}\n", node * node, 11 - node))
        .collect();
    std::fs::write(at("nodes.toml"), nodes).unwrap();
    std::fs::create_dir(at("histories")).unwrap();
    std::fs::write(at("histories/a.jsonl"), "{\"process\":1,\"op\":\"write\",\"value\":1,\"start\":1,\"end\":9}\n")
        .unwrap();
    std::fs::write(at("histories/b.jsonl"), tangled()).unwrap();
    folder
}

/// A history of few values that are written again and again by many at once, long enough to take a while.
fn tangled() -> String {
    let mut text = String::new();
    for number in 0..60_000u64 {
        let (op, value) = if number % 2 == 0 { ("write", number * 7 % 5) } else { ("read", number * 3 % 5) };
        let (process, start) = (number % 24, number * 10);
        let _ = writeln!(
            text,
            "{{\"process\":{process},\"op\":\"{op}\",\"value\":{value},\"start\":{start},\"end\":{}}}",
            start + 235
        );
    }
    text
}

/// Commands that would go on for hours, with `OUT` for what they write.
const COMMANDS: &[&str] = &[
    "analyze systems --method monte-carlo --trials 1000000000000000",
    "analyze systems --method monte-carlo --trials 1000000000000000 -o OUT.json",
    "compare systems --method monte-carlo --trials 1000000000000000",
    "compare systems --method monte-carlo --trials 1000000000000000 --csv=OUT --plots=OUT",
    "export systems --method monte-carlo --trials 1000000000000000 --out OUT",
    "report systems --method monte-carlo --trials 1000000000000000 -o OUT.html",
    "sweep threshold --n 61 --read 1..61 --write 1..61 --threads 1",
    "simulate five.toml --ops 100000000",
    "simulate five.toml --ops 100000000 --format json --history OUT",
    "simulate five.toml --seeds 1..100000000 --ops 200 --shrink=OUT",
    "verify systems --executions 100000000 --epochs 100000000",
    "verify systems --executions 100000000 --format json --csv=OUT",
    "search --nodes nodes.toml --objective latency --max-load 0.5 --budget 1000000000000 -o OUT",
];

fn start(folder: &Path, command: &str) -> Child {
    let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
    quorate.current_dir(folder).args(command.split(' ').map(|word| word.replace("OUT", "out")));
    quorate.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The signal that the end of a session sends; another one where these tests themselves are told to outlive it, as by `nohup`: the
/// programs that they start then are, too.
fn hang_up() -> &'static str {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let is_ignored =
        ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1);
    if is_ignored { "TERM" } else { "HUP" }
}

fn send(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).output().unwrap();
    // Whoever has ended already hears nothing.
    drop(sent);
}

/// The output of a program that is expected to end soon.
#[track_caller]
fn ended(mut child: Child, what: &str) -> Output {
    let begin = Instant::now();
    // What it writes must be read meanwhile, or a full pipe would hold it up.
    let reader = |stream: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stream.map(|mut stream| stream.read_to_end(&mut bytes));
            bytes
        })
    };
    let stdout = reader(child.stdout.take().map(|stream| Box::new(stream) as _));
    let stderr = reader(child.stderr.take().map(|stream| Box::new(stream) as _));
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Output { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() };
        }
        if begin.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{what} goes on");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// How long a program may take to begin with its work, the first time and the next ones: on a busy machine that is not known.
const WAITS_MS: [u64; 4] = [700, 3_000, 10_000, 30_000];

/// The output of a program that is sent signals while it is at work, which `is_begun` tells from its output.
#[track_caller]
fn signalled(spawn: &dyn Fn() -> Child, signals: &[&str], is_begun: &dyn Fn(&Output) -> bool, what: &str) -> Output {
    for wait_ms in WAITS_MS {
        let child = spawn();
        std::thread::sleep(Duration::from_millis(wait_ms));
        for (number, signal) in signals.iter().enumerate() {
            // Two of a kind that come together are one.
            std::thread::sleep(Duration::from_millis(if number > 0 { 300 } else { 0 }));
            send(&child, signal);
        }
        let output = ended(child, what);
        if is_begun(&output) {
            return output;
        }
    }
    panic!("{what} does not begin");
}

/// Whether a program listened when it was told to end: otherwise the system ends it.
fn has_listened(output: &Output) -> bool {
    output.status.code().is_some()
}

/// Whether a program was at work when it was told to end.
fn has_worked(output: &Output) -> bool {
    has_listened(output) && !String::from_utf8_lossy(&output.stderr).contains("nothing is written")
}

/// Everything in a folder and below.
fn entries(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        found.push(entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(entries(&entry.path()));
        }
    }
    found
}

#[track_caller]
fn nothing_hidden(folder: &Path, what: &str) {
    let hidden: Vec<_> = entries(folder).into_iter().filter(|name| name.starts_with('.')).collect();
    assert!(hidden.is_empty(), "{what} left {hidden:?}");
}

#[test]
fn long_commands_answer_with_what_they_have() {
    for (number, command) in COMMANDS.iter().enumerate() {
        let folder = folder();
        let signal = ["INT", "TERM", hang_up()][number % 3];
        let output = signalled(&|| start(folder.path(), command), &[signal], &has_worked, command);
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(3), "{command}: {stderr}");
        let said = stderr.to_lowercase().contains("interrupted") || stdout.to_lowercase().contains("interrupted");
        assert!(said, "{command} says nothing\n{stdout}\n{stderr}");
        nothing_hidden(folder.path(), command);
        if command.contains("--format json") {
            let json: serde_json::Value = serde_json::from_str(&stdout).unwrap();
            assert_eq!(json["interrupted"], true, "{command}");
        }
        let out = folder.path().join("out");
        if command.contains("OUT.json") {
            let text = std::fs::read_to_string(folder.path().join("out.json")).unwrap();
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["interrupted"], true, "{command}");
            assert!(json["systems"].is_array(), "{command}");
        }
        if command.contains("OUT.html") {
            let page = std::fs::read_to_string(folder.path().join("out.html")).unwrap();
            assert!(page.contains("Interrupted.") && page.trim_end().ends_with("</html>"), "{command}");
        }
        if out.is_dir() {
            // Tables that are not about everything have a file beside them that says so.
            assert!(entries(&out).contains(&"interrupted.txt".to_owned()), "{command}: {:?}", entries(&out));
        }
        if command.contains("--history") {
            let mut check = Command::new(env!("CARGO_BIN_EXE_quorate"));
            let checked = check.current_dir(folder.path()).args(["check", "out"]).output().unwrap();
            assert_eq!(checked.status.code(), Some(0), "{command}: {checked:?}");
        }
    }
}

#[test]
fn a_history_that_is_searched_or_read_stays_undecided() {
    let folder = folder();
    let command = "check histories --format json";
    let output = signalled(&|| start(folder.path(), command), &["INT"], &has_worked, command);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    // The short one is done in any case; the long one is done, or missing, or has said as much as it could.
    assert_eq!(json["histories"][0]["file"], "histories/a.jsonl", "{json}");
    assert!(output.status.code() == Some(3) || json["interrupted"].is_null(), "{json}");
    nothing_hidden(folder.path(), "check");
}

/// Who waits for a person to type must not wait on when the person has left.
#[test]
fn waiting_for_input_ends() {
    for command in ["check -", "analyze -", "simulate five.toml --faults -", "search --nodes -", "compare five.toml -"]
    {
        let folder = folder();
        let open = std::cell::Cell::new(None);
        let spawn = || {
            let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
            quorate.current_dir(folder.path()).args(command.split(' '));
            quorate.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = quorate.spawn().unwrap();
            open.set(child.stdin.take());
            child
        };
        let output = signalled(&spawn, &["INT"], &has_listened, command);
        assert_eq!(output.status.code(), Some(3), "{command}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).to_lowercase().contains("interrupted"), "{command}");
    }
}

#[test]
fn at_any_moment_nothing_stays_behind() {
    let folder = folder();
    for (number, wait_ms) in [0, 5, 10, 20, 40, 80, 160, 320, 640].into_iter().enumerate() {
        for command in [
            "simulate five.toml --ops 30000 -o OUT.txt --history OUT --force",
            "compare systems --csv=OUT-tables --plots=OUT-plots --pictures load --force",
            "analyze systems -o OUT.txt --force",
        ] {
            let child = start(folder.path(), command);
            std::thread::sleep(Duration::from_millis(wait_ms));
            send(&child, ["INT", "TERM", hang_up()][number % 3]);
            let output = ended(child, command);
            // Before the program can hear anything, the system ends it.
            let status = output.status.code();
            assert!(matches!(status, Some(0 | 3) | None), "{command} after {wait_ms} ms: {output:?}");
            nothing_hidden(folder.path(), command);
        }
    }
}

#[test]
fn the_second_time_ends_at_once() {
    for (first, second, status) in [("INT", "INT", 130), ("TERM", "TERM", 143), ("INT", "TERM", 143)] {
        for command in ["simulate five.toml --ops 100000000 --history OUT", "verify systems --executions 100000000"] {
            let folder = folder();
            let output = signalled(&|| start(folder.path(), command), &[first, second], &has_listened, command);
            // Work that has ended by then is reported all the same.
            assert!(matches!(output.status.code(), Some(code) if code == status || code == 3), "{command}: {output:?}");
            nothing_hidden(folder.path(), command);
        }
    }
}

/// As `timeout` asks: it sends its signal to the program and to its group.
#[test]
fn what_comes_at_once_is_one_request() {
    let folder = folder();
    let command = "simulate five.toml --ops 100000000 --history OUT";
    let at_once = |child: &Child| {
        let kills = format!("kill -INT {0}; kill -TERM {0}", child.id());
        Command::new("sh").args(["-c", &kills]).status().unwrap()
    };
    for wait_ms in WAITS_MS {
        let child = start(folder.path(), command);
        std::thread::sleep(Duration::from_millis(wait_ms));
        at_once(&child);
        let output = ended(child, command);
        if has_worked(&output) {
            assert_eq!(output.status.code(), Some(3), "{output:?}");
            return;
        }
    }
    panic!("{command} does not begin");
}

/// Somebody whose program is stuck, here because nobody reads what it writes, is rid of it the second time.
#[test]
fn the_second_time_ends_what_is_stuck() {
    let command = "sweep threshold --n 30 --read 1..30 --write 1..30 --format csv";
    for (signals, status) in [(["INT", "INT"], 130), ([hang_up(), "TERM"], 143)] {
        let folder = folder();
        let is_stuck = |output: &Output| output.status.code() == Some(status);
        signalled(&|| start(folder.path(), command), &signals, &is_stuck, command);
    }
}

/// What `nohup` starts goes on when its terminal is closed.
#[cfg(target_os = "linux")]
#[test]
fn who_ignores_the_end_of_the_session_goes_on() {
    let folder = folder();
    let program = env!("CARGO_BIN_EXE_quorate");
    let script = format!("trap '' HUP; exec {program} simulate five.toml --ops 60000 -o out.txt --force");
    let spawn = || Command::new("sh").current_dir(folder.path()).args(["-c", &script]).spawn().unwrap();
    let output = signalled(&spawn, &["HUP"], &has_listened, "simulate under nohup");
    assert_eq!(output.status.code(), Some(0));
    assert!(std::fs::read_to_string(folder.path().join("out.txt")).unwrap().contains("atomic"));
}
