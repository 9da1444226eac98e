//! What the limits allow at most: a million nodes in every family, the largest parameters that are accepted, as many zones and sets as fit
//! into a file. Each is answered within 20 s of one processor and 1 GiB, or refused with the limit named.
//!
//! Each question is a run of the program on one thread; time is that of the processor, which other programs do not change. Both are
//! read from `/proc`, and missing elsewhere.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Seconds of a processor that an answer may take.
const SECONDS_MAX: f64 = 20.0;
/// Memory that an answer may take, in KiB.
const KIB_MAX: u64 = 1 << 20;
/// No run goes on for longer than this.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at a run.
const LOOK: Duration = Duration::from_millis(5);
/// Ticks of the processor time in `/proc`, on Linux.
const TICKS_A_SECOND: f64 = 100.0;

fn main() {
    // `cargo test --benches` only asks whether this runs.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder for the definitions");
    println!("{:<28} {:>9} {:>9} {:>9}  answer", "definition", "CPU s", "wall s", "MiB");
    let mut within = true;
    for (name, body) in definitions() {
        within &= asked(folder.path(), name, &body);
    }
    println!("{}", if within { "all within 20 s and 1 GiB" } else { "NOT all within 20 s and 1 GiB" });
}

/// Names and what stands in the files.
fn definitions() -> Vec<(&'static str, String)> {
    let family = |lines: &str| format!("name = \"extreme\"\n[system]\nfamily = {lines}\n");
    let repeated = |item: &dyn Fn(usize) -> String, count: usize| (1..=count).map(item).collect::<Vec<_>>().join(", ");
    let grid = |variant: &str| family(&format!("\"grid\"\nrows = 1000\ncols = 1000\nvariant = \"{variant}\""));
    let votes = |most: usize, count: usize| repeated(&|node| (1 + node % most).to_string(), count);
    let zones: String =
        (1..=140_000).map(|zone| format!("[[zone]]\nname = \"z{zone}\"\nnodes = [\"n{zone}\"]\n")).collect();
    let nodes: String = (1..=1_000_000).map(|node| format!("[[node]]\nname = \"n{node}\"\n")).collect();
    let pairs = |count: usize| {
        let nodes = 1_001;
        let pair = |pair: usize| format!("[\"{}\", \"{}\"]", pair / nodes, nodes + pair % nodes);
        repeated(&pair, count)
    };
    vec![
        ("majority", family("\"majority\"\nn = 1000000")),
        ("threshold", family("\"threshold\"\nn = 1000000\nread = 400000\nwrite = 600001")),
        ("rowa", family("\"rowa\"\nn = 1000000")),
        ("rawo", family("\"rawo\"\nn = 1000000")),
        ("singleton", family("\"singleton\"\nn = 1000000")),
        ("weighted, few votes", family(&format!("\"weighted\"\nvotes = [{}]\nquota = 1500001", votes(5, 1_000_000)))),
        ("weighted, unlike votes", family(&format!("\"weighted\"\nvotes = [{}]\nquota = 500001", votes(1_000, 2_000)))),
        ("grid, lines-below", grid("lines-below")),
        ("grid, cover", grid("cover")),
        ("grid, row-column", grid("row-column")),
        ("grid, lines", grid("lines")),
        ("b-grid", family("\"b-grid\"\nwidth = 100\nbands = 100\nband_rows = 100")),
        ("tree", family("\"tree\"\nheight = 18")),
        ("hierarchical", family("\"hierarchical\"\nbranching = [10, 10, 10, 10, 10, 10]\nquorum = [6, 6, 6, 6, 6, 6]")),
        ("wall", family(&format!("\"wall\"\nwidths = [{}]", repeated(&|_| "1000".into(), 1_000)))),
        ("triangle", family("\"triangle\"\nrows = 1413")),
        ("cwlog", family("\"cwlog\"\nrows = 58000")),
        ("wheel", family("\"wheel\"\nn = 1000000")),
        ("fpp", family("\"fpp\"\norder = 131")),
        ("paths", family("\"paths\"\nsize = 30")),
        ("y", family("\"y\"\nsize = 150")),
        ("zones, one a node", format!("{}{zones}", family("\"majority\"\nn = 140000"))),
        ("sets, 100,000", family(&format!("\"custom\"\nreads = [{}]", pairs(100_000)))),
        ("sets, a million", family(&format!("\"custom\"\nreads = [{}]", pairs(1_000_000)))),
        ("nodes, a million by name", format!("{}{nodes}", family("\"majority\"\nn = 1000000"))),
        ("nodes, a million and one", family("\"majority\"\nn = 1000001")),
    ]
}

/// Asks the program everything about a definition, and whether the answer came within the limits.
fn asked(folder: &Path, name: &str, definition: &str) -> bool {
    let file = folder.join("extreme.toml");
    fs::write(&file, definition).expect("a definition is written");
    let begin = Instant::now();
    let mut run = Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(["analyze", "--threads", "1", "--quiet"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stderr = run.stderr.take().expect("standard error is a pipe");
    let said = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = stderr.read_to_string(&mut text);
        text
    });
    let (seconds, kib, code) = watched(&mut run, begin);
    let said = said.join().unwrap_or_default();
    let answer = match code {
        Some(0) => "answered".to_owned(),
        Some(1) => "answered, negative".to_owned(),
        Some(3) => "answered in part".to_owned(),
        Some(2) => format!("refused: {}", said.lines().next().unwrap_or_default()),
        _ => "ended".to_owned(),
    };
    let shown = |value: Option<f64>| value.map_or_else(|| "-".into(), |value| format!("{value:.2}"));
    let mib = kib.map(|kib| kib as f64 / 1024.0);
    let wall = begin.elapsed().as_secs_f64();
    println!("{name:<28} {:>9} {wall:>9.2} {:>9}  {answer}", shown(seconds), shown(mib));
    let is_named = code != Some(2) || said.contains("limit");
    code.is_some() && is_named && seconds.unwrap_or(wall) <= SECONDS_MAX && kib.is_none_or(|kib| kib <= KIB_MAX)
}

/// Waits for a run: the time of the processor, in seconds, its largest memory, in KiB, and its exit status.
fn watched(run: &mut Child, begin: Instant) -> (Option<f64>, Option<u64>, Option<i32>) {
    let (mut seconds, mut kib) = (None, None);
    loop {
        seconds = seconds_of(run.id()).or(seconds);
        kib = kib_of(run.id()).or(kib);
        match run.try_wait() {
            Ok(Some(status)) => return (seconds, kib, status.code()),
            Ok(None) if begin.elapsed() < PATIENCE => std::thread::sleep(LOOK),
            _ => {
                // It has ended by then, or is ended now.
                let _ = run.kill().and_then(|()| run.wait().map(|_| ()));
                return (seconds, kib, None);
            }
        }
    }
}

/// Of the process itself and of the system for it.
fn seconds_of(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before may have blanks.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_A_SECOND)
}

fn kib_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
