//! Looking on while a sample grows or a search goes on: how far it is on the terminal, and Ctrl-C to take what there is.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::temporary;
use crate::analysis::availability::Watch;
use crate::report;

/// Set by the first Ctrl-C while somebody looks.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Milliseconds from the start of the program to the last look, plus one; 0 before the first.
static LAST_LOOK: AtomicU64 = AtomicU64::new(0);
static START: OnceLock<Instant> = OnceLock::new();
/// After a look, Ctrl-C is taken for a request to end with what there is for this long; later it ends the program.
const LOOK_AGE_MAX: Duration = Duration::from_secs(5);
/// As shells say it: ended by the signal of that number.
const EXIT_INTERRUPTED: i32 = 128 + 2;

/// Shows the trials, the failures and the interval so far behind this bar, and ends samples after Ctrl-C.
///
/// While nothing is sampled, and the second time, Ctrl-C ends the program as it does everywhere.
pub(super) fn samples(bar: &ProgressBar) -> Watch {
    begin();
    let bar = bar.clone();
    Watch::new(move |progress| {
        bar.set_message(report::progress(progress));
        goes_on()
    })
}

/// From here on Ctrl-C, soon after a look, is a request to end with what there is.
pub(super) fn begin() {
    let start = *START.get_or_init(Instant::now);
    let pressed = move || {
        let last = LAST_LOOK.load(Ordering::SeqCst);
        let recent = last > 0 && start.elapsed() < Duration::from_millis(last - 1) + LOOK_AGE_MAX;
        if !recent || INTERRUPTED.swap(true, Ordering::SeqCst) {
            temporary::remove_unfinished();
            std::process::exit(EXIT_INTERRUPTED);
        }
    };
    // Where no handler can be set, or one is set already, Ctrl-C does what it did before.
    let _ = ctrlc::set_handler(pressed);
}

/// A look: whether nobody asked for the end.
pub(super) fn goes_on() -> bool {
    let elapsed = u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX - 1);
    LAST_LOOK.store(elapsed + 1, Ordering::SeqCst);
    !INTERRUPTED.load(Ordering::SeqCst)
}
