//! Ctrl-C, and the other requests to end: what was found so far is reported, and nothing unfinished stays behind.
//!
//! The first one asks the work to end, the second ends the program at once. While there is no work to end, as when the inputs
//! are still read, the first one ends it too. Nobody who ignores the end of a session, as under `nohup`, is told of it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use super::{Status, temporary};
use crate::budget;

/// How work is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Work {
    /// There is none.
    None,
    /// It looks at [`asked`] itself, and needs its budgets for what comes after.
    Watchful,
    /// Its budgets run out.
    Budgeted,
}

/// The [`Work`] that goes on.
static WORK: AtomicU8 = AtomicU8::new(Work::None as u8);
/// When somebody first asked for the end.
static ASKED: OnceLock<Instant> = OnceLock::new();
/// Whether a program that calls this one wants the end of what it called.
static CALLED_OFF: AtomicBool = AtomicBool::new(false);

/// Requests that are no further apart are one: `timeout` sends its signal to the program and to its group, which the program is in.
const ONE_REQUEST: Duration = Duration::from_millis(100);

/// From here on requests to end are heard.
pub(super) fn listen() {
    // Where nobody can listen, a signal does what it always did.
    let _ = signals::listen(heard);
}

/// From here on the first request asks this work to end.
pub(super) fn begin(work: Work) {
    WORK.store(work as u8, Ordering::SeqCst);
}

/// Whether somebody asked for the end.
pub(super) fn asked() -> bool {
    ASKED.get().is_some() || CALLED_OFF.load(Ordering::SeqCst)
}

/// The work has ended; what is still to be said about it has all its budgets.
pub(super) fn is_over() {
    begin(Work::Watchful);
    budget::go_on();
}

/// Asks all work of this process to end, for a program that calls it; until [`go_on`] nothing more is begun.
pub fn ask_to_end() {
    CALLED_OFF.store(true, Ordering::SeqCst);
    budget::stop();
}

/// Lets work go on that is begun from here on: what was asked to end has ended.
pub fn go_on() {
    CALLED_OFF.store(false, Ordering::SeqCst);
    begin(Work::None);
    budget::go_on();
}

/// What a request does; `number` is that of its signal.
fn heard(number: i32) {
    let now = Instant::now();
    let is_first = now.saturating_duration_since(*ASKED.get_or_init(|| now)) < ONE_REQUEST;
    match WORK.load(Ordering::SeqCst) {
        work if is_first && work == Work::Budgeted as u8 => budget::stop(),
        work if is_first && work == Work::Watchful as u8 => {}
        _ => {
            temporary::remove_unfinished();
            // Where standard error is closed there is nobody to tell.
            let _ = std::io::Write::write_all(&mut std::io::stderr(), b"interrupted: nothing is written\n");
            // As shells say it for who does not wait: ended by the signal of that number.
            std::process::exit(if is_first { Status::Undecided.code().into() } else { 128 + number });
        }
    }
}

#[cfg(unix)]
mod signals {
    use std::io;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    pub(super) fn listen(heard: fn(i32)) -> io::Result<()> {
        let ends_session = (!is_ignored(SIGHUP)).then_some(SIGHUP);
        let mut signals = Signals::new([SIGINT, SIGTERM].into_iter().chain(ends_session))?;
        std::thread::Builder::new().name("signals".into()).spawn(move || signals.forever().for_each(heard))?;
        Ok(())
    }

    /// Whether whoever started the program has it ignore a signal; known on Linux only.
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        mask >> (signal - 1) & 1 == 1
    }
}

#[cfg(not(unix))]
mod signals {
    pub(super) fn listen(heard: fn(i32)) -> Result<(), ctrlc::Error> {
        const INTERRUPT: i32 = 2;
        ctrlc::set_handler(move || heard(INTERRUPT))
    }
}
