//! How far long work is, on the terminal of somebody who waits: nothing for what is over at once, and something that moves
//! for the rest.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::availability::Stage;
use crate::budget;
use crate::model::grouped;

/// Nothing is shown of what takes less: it would only flicker.
const DELAY: Duration = Duration::from_millis(200);

/// Between two drawings of a bar.
const TICK: Duration = Duration::from_millis(200);

/// Parts of a thing that is counted, so that a bar moves within a single one.
pub(super) const PARTS: u64 = 1000;

/// A bar on standard error for somebody who waits, and nothing otherwise: how many things are done, the time, the steps of the
/// computation so far, and what it is about now.
pub(super) fn bar(is_watched: bool) -> ProgressBar {
    let bar = ProgressBar::hidden().with_style(style("{bar:12} {counted}{prefix}{elapsed}{work}  {wide_msg}"));
    if is_watched {
        appear_after(&bar, DELAY, ProgressDrawTarget::stderr);
    }
    bar
}

/// The same for a search, which does not know how much there is to look at.
pub(super) fn search(is_watched: bool) -> ProgressBar {
    let bar = ProgressBar::hidden().with_style(style("{spinner} {human_pos} candidates, {elapsed}  {wide_msg}"));
    if is_watched {
        appear_after(&bar, DELAY, ProgressDrawTarget::stderr);
    }
    bar
}

/// Several bars below each other, for files that are read at the same time.
pub(super) fn several(is_watched: bool) -> Option<MultiProgress> {
    is_watched.then(|| {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let shown = bars.clone();
        std::thread::spawn(move || {
            std::thread::sleep(DELAY);
            shown.set_draw_target(ProgressDrawTarget::stderr());
        });
        bars
    })
}

/// How a bar looks; `counted` are things that are done, whole and all together, and `work` the steps so far.
fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let counted = |state: &ProgressState, out: &mut dyn Write| {
        // Before it is known how many there are, there is nothing to count.
        let Some(all) = state.len().map(|parts| parts / PARTS).filter(|all| *all > 0) else { return };
        let _ = write!(out, "{}/{} ", grouped(state.pos() / PARTS), grouped(all));
    };
    let work = |_: &ProgressState, out: &mut dyn Write| {
        let steps = budget::work();
        if steps > 0 {
            let _ = write!(out, ", {} million steps", grouped(steps.div_ceil(1_000_000)));
        }
    };
    style.with_key("counted", counted).with_key("work", work).progress_chars("█▓░")
}

/// Draws the bar there, from that moment on and as long as it is not finished.
fn appear_after(
    bar: &ProgressBar,
    delay: Duration,
    target: impl FnOnce() -> ProgressDrawTarget + Send + 'static,
) -> std::thread::JoinHandle<()> {
    let bar = bar.downgrade();
    std::thread::spawn(move || {
        std::thread::sleep(delay);
        if let Some(bar) = bar.upgrade().filter(|bar| !bar.is_finished()) {
            bar.set_draw_target(target());
            bar.enable_steady_tick(TICK);
        }
    })
}

/// Begins to count as many things of a kind.
pub(super) fn stage(bar: &ProgressBar, what: &'static str, count: u64) {
    bar.set_position(0);
    bar.set_length(count.saturating_mul(PARTS));
    bar.set_prefix(if count == 0 { String::new() } else { format!("{what}, ") });
    bar.set_message("");
}

/// One of the things that are counted: its share moves the bar, and it is done when this is dropped.
#[derive(Debug)]
pub(super) struct Thing {
    bar: ProgressBar,
    name: String,
    given: std::sync::atomic::AtomicU64,
}

impl Thing {
    /// Begins with this one.
    pub(super) fn begin(bar: &ProgressBar, name: impl Into<String>) -> Thing {
        let name = name.into();
        bar.set_message(name.clone());
        Thing { bar: bar.clone(), name, given: std::sync::atomic::AtomicU64::new(0) }
    }

    /// It is at a stage.
    pub(super) fn at(&self, stage: Stage) {
        self.bar.set_message(format!("{}: {}", self.name, stage.name));
        self.share(stage.share);
    }

    /// This share of it is done; a share that is smaller than one before counts for nothing.
    pub(super) fn share(&self, share: f64) {
        let parts = (share.clamp(0.0, 1.0) * PARTS as f64) as u64;
        let before = self.given.fetch_max(parts, std::sync::atomic::Ordering::Relaxed);
        self.bar.inc(parts.saturating_sub(before));
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.share(1.0);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was written.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<Vec<String>>>);

    impl Screen {
        fn lines(&self) -> Vec<String> {
            self.0.lock().unwrap().iter().filter(|line| !line.trim().is_empty()).cloned().collect()
        }

        fn put(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push(text.to_owned());
            Ok(())
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.put(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.put(text)
        }
        fn clear_line(&self) -> io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A bar that is drawn on the screen after a delay, and the thread that sees to that.
    fn drawn(delay: Duration) -> (ProgressBar, Screen, std::thread::JoinHandle<()>) {
        let (bar, screen) = (bar(false), Screen::default());
        let copy = screen.clone();
        let waits = appear_after(&bar, delay, move || ProgressDrawTarget::term_like(Box::new(copy)));
        (bar, screen, waits)
    }

    #[test]
    fn what_is_over_at_once_shows_nothing() {
        let (bar, screen, waits) = drawn(DELAY);
        stage(&bar, "systems", 1);
        drop(Thing::begin(&bar, "quick"));
        bar.finish_and_clear();
        waits.join().unwrap();
        std::thread::sleep(TICK);
        assert_eq!(screen.lines(), Vec::<String>::new());
    }

    #[test]
    fn a_bar_moves_within_one_thing_and_never_counts_to_nothing() {
        let (bar, screen, waits) = drawn(Duration::ZERO);
        waits.join().unwrap();
        bar.tick();
        stage(&bar, "systems", 1);
        let thing = Thing::begin(&bar, "large");
        for (name, share) in [("resilience", 0.25), ("the load", 0.5), ("back", 0.3)] {
            thing.at(Stage { name, share });
            bar.tick();
            std::thread::sleep(Duration::from_millis(60));
        }
        assert_eq!(bar.position(), PARTS / 2);
        drop(thing);
        assert_eq!(bar.position(), PARTS);
        bar.tick();
        bar.finish_and_clear();
        let lines = screen.lines();
        assert!(lines.iter().all(|line| !line.contains("0/0")), "{lines:?}");
        assert!(
            lines.iter().any(|line| line.contains("0/1 systems") && line.contains("large: resilience")),
            "{lines:?}"
        );
        assert!(lines.iter().any(|line| line.contains("large: the load")), "{lines:?}");
        let bars: std::collections::BTreeSet<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
        assert!(bars.len() > 2, "the bar itself moves: {bars:?}");
    }
}
