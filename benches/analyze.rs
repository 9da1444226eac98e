//! `quorate analyze` on each shipped definition, start-up included.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of each definition; the median is printed.
const RUNS: usize = 21;

fn main() {
    let definitions = definitions(&Path::new(env!("CARGO_MANIFEST_DIR")).join("quorum-defs"));
    if definitions.is_empty() {
        return;
    }
    println!("{:<48} {:>12}", "quorate analyze FILE --format json", "median");
    let mut slowest = Duration::ZERO;
    for definition in &definitions {
        let median = median_time(definition);
        slowest = slowest.max(median);
        let name = definition.file_name().map(|name| name.to_string_lossy().into_owned());
        println!("{:<48} {:>9.2} ms", name.unwrap_or_default(), milliseconds(median));
    }
    println!("{:<48} {:>9.2} ms", "slowest", milliseconds(slowest));
}

/// The definitions of a folder, by name; none when there is no such folder.
fn definitions(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn median_time(definition: &Path) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run_time(definition)).collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn run_time(definition: &Path) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.arg("analyze").arg(definition).args(["--format", "json"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the program starts");
    let time = start.elapsed();
    // 1 says that quorums miss each other, which is an answer too.
    assert!(matches!(status.code(), Some(0 | 1)), "{}: {status}", definition.display());
    time
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
