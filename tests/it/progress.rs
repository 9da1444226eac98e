//! What somebody sees who waits in front of a terminal: nothing at once, and then something that moves.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use tempfile::TempDir;

/// What was written to the terminal, and when it began, from the start of the program.
struct Seen {
    text: String,
    first: Option<Duration>,
}

impl Seen {
    /// The lines that were drawn over each other, without codes.
    fn frames(&self) -> Vec<String> {
        let plain = anstream::adapter::strip_str(&self.text).to_string();
        let frames = plain.split(['\r', '\n']).map(|frame| frame.trim_end().to_owned());
        frames.filter(|frame| !frame.is_empty()).collect()
    }
}

/// Runs the program with a terminal of 100 columns as its standard error.
fn watched(folder: &TempDir, arguments: &[&str]) -> Seen {
    let size = Winsize { ws_row: 24, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).expect("a terminal");
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env("TERM", "xterm").env_remove("NO_COLOR").current_dir(folder.path()).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::from(terminal.slave));
    let start = Instant::now();
    let mut child = command.spawn().expect("it starts");
    // The command holds an end of the terminal as well.
    drop(command);
    let mut master = File::from(terminal.master);
    let (mut text, mut first, mut buffer) = (Vec::new(), None, [0; 4096]);
    // At its end a terminal gives an error where a file gives nothing.
    while let Ok(count) = master.read(&mut buffer) {
        if count == 0 {
            break;
        }
        first.get_or_insert_with(|| start.elapsed());
        text.extend_from_slice(&buffer[..count]);
    }
    child.wait().expect("it ends");
    Seen { text: String::from_utf8_lossy(&text).into_owned(), first }
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("five.toml", "name = 'five'\n[system]\nfamily = 'majority'\nn = 5\n");
    put("large.toml", "name = 'large'\n[system]\nfamily = 'y'\nsize = 10\n");
    put("nodes.toml", "[[node]]\nname = 'a'\n[[node]]\nname = 'b'\n");
    folder
}

/// What no watcher is ever to see.
fn is_sound(seen: &Seen, what: &str) {
    if let Some(first) = seen.first {
        assert!(first >= Duration::from_millis(200), "{what}: something after {first:?}: {}", seen.text);
    }
    for frame in seen.frames() {
        assert!(!frame.contains("0/0") && !frame.contains(", ,"), "{what}: {frame}");
        assert!(frame.chars().count() <= 100, "{what}: {frame}");
    }
}

#[test]
fn nothing_is_shown_at_once() {
    let folder = folder();
    for arguments in [
        &["analyze", "five.toml"][..],
        &["compare", "five.toml"],
        &["simulate", "five.toml", "--ops", "10"],
        &["simulate", "five.toml", "--ops", "10", "--seeds", "1..3"],
        &["sweep", "majority", "--n", "3"],
        &["search", "--nodes", "nodes.toml"],
    ] {
        is_sound(&watched(&folder, arguments), &format!("{arguments:?}"));
    }
}

#[test]
fn it_moves_within_one_long_simulation_and_one_large_system() {
    let folder = folder();
    let bars = |frames: &[String]| -> BTreeSet<String> {
        frames.iter().map(|frame| frame.chars().take(12).collect()).collect()
    };
    // Machines differ in speed: what was over too soon for a second frame is done again, four times as long.
    let moves = |command: &dyn Fn(u64) -> Vec<String>| {
        for times in [1, 4, 16] {
            let arguments = command(times);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let seen = watched(&folder, &arguments);
            is_sound(&seen, &format!("{arguments:?}"));
            let frames = seen.frames();
            if bars(&frames).len() > 2 {
                assert!(frames.iter().any(|frame| frame.contains("0/1 ")), "{arguments:?}: {frames:?}");
                return;
            }
            assert!(times < 16, "{arguments:?}: {frames:?}");
        }
    };
    let words = |text: String| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    moves(&|times| words(format!("simulate five.toml --ops {}", 150_000 * times)));
    moves(&|times| words(format!("simulate five.toml --ops {} --seeds 1..1", 150_000 * times)));
    moves(&|times| {
        let (operations, executions) = (20_000 * times, 60 * times);
        words(format!("verify five.toml --operations {operations} --epochs 2000 --executions {executions} --sets 50"))
    });
    let seen = watched(&folder, &["analyze", "large.toml"]);
    is_sound(&seen, "a large system");
    let frames = seen.frames();
    // The steps of a computation move while it goes on, whatever it is.
    let steps: BTreeSet<&str> =
        frames.iter().filter_map(|frame| frame.split(", ").find(|part| part.contains("million steps"))).collect();
    assert!(bars(&frames).len() + steps.len() > 3, "{frames:?}");
    assert!(frames.iter().any(|frame| frame.contains("0/1 systems") && frame.contains("large: ")), "{frames:?}");
    // Elsewhere, and for those who do not want it, there is nothing.
    assert_eq!(watched(&folder, &["simulate", "five.toml", "--ops", "20000", "--quiet"]).text, "");
}
