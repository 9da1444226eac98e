//! What the simulator keeps for every process beside its machine.

use crate::protocol::{Disk, TimerId};

/// A replica or a client as the simulator sees it.
#[derive(Debug)]
pub(super) struct Process<R> {
    pub(super) is_up: bool,
    pub(super) disk: Disk<R>,
    /// Messages sent so far.
    pub(super) sent: u64,
    /// Random words handed out so far.
    pub(super) words: u64,
    clock: Clock,
    timers: Vec<Timer>,
}

/// Reads `ahead_ns` more than the true time at `since_ns`, and goes `rate` times as fast from there.
#[derive(Debug, Clone, Copy)]
struct Clock {
    since_ns: u64,
    shows_ns: u64,
    rate: f64,
}

/// A timer has at most one event that counts, which may come before the timer is due: setting a timer again and again
/// then costs nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Timer {
    due_ns: Option<u64>,
    queued_ns: Option<u64>,
}

/// What to do about the event of a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ring {
    /// The timer runs out now.
    Due,
    /// Come back then.
    Later(u64),
    /// Nothing.
    Never,
}

impl<R> Process<R> {
    pub(super) fn new() -> Self {
        Process {
            is_up: true,
            disk: Disk::default(),
            sent: 0,
            words: 0,
            clock: Clock { since_ns: 0, shows_ns: 0, rate: 1.0 },
            timers: Vec::new(),
        }
    }

    /// What the clock shows.
    pub(super) fn clock_ns(&self, now_ns: u64) -> u64 {
        let passed = now_ns - self.clock.since_ns;
        let passed = if self.clock.rate == 1.0 { passed } else { (passed as f64 * self.clock.rate) as u64 };
        self.clock.shows_ns.saturating_add(passed)
    }

    /// Sets the clock wrong.
    pub(super) fn set_clock(&mut self, now_ns: u64, ahead_ns: i64, rate: f64) {
        self.clock = Clock { since_ns: now_ns, shows_ns: now_ns.saturating_add_signed(ahead_ns), rate };
    }

    /// Sets a timer; the instant for an event, if one is needed.
    pub(super) fn set_timer(&mut self, timer: TimerId, now_ns: u64, after_ns: u64) -> Option<u64> {
        let rate = self.clock.rate;
        let after_ns = if rate == 1.0 { after_ns } else { (after_ns as f64 / rate) as u64 };
        let due_ns = now_ns.saturating_add(after_ns);
        let place = usize::from(timer.0);
        if place >= self.timers.len() {
            self.timers.resize(place + 1, Timer::default());
        }
        let slot = &mut self.timers[place];
        slot.due_ns = Some(due_ns);
        if slot.queued_ns.is_some_and(|queued_ns| queued_ns <= due_ns) {
            return None;
        }
        slot.queued_ns = Some(due_ns);
        Some(due_ns)
    }

    pub(super) fn cancel_timer(&mut self, timer: TimerId) {
        if let Some(slot) = self.timers.get_mut(usize::from(timer.0)) {
            slot.due_ns = None;
        }
    }

    pub(super) fn cancel_all(&mut self) {
        self.timers.iter_mut().for_each(|timer| timer.due_ns = None);
    }

    /// The event of a timer has come.
    pub(super) fn ring(&mut self, timer: TimerId, now_ns: u64) -> Ring {
        let slot = &mut self.timers[usize::from(timer.0)];
        if slot.queued_ns != Some(now_ns) {
            return Ring::Never;
        }
        slot.queued_ns = None;
        match slot.due_ns {
            None => Ring::Never,
            Some(due_ns) if due_ns > now_ns => {
                slot.queued_ns = Some(due_ns);
                Ring::Later(due_ns)
            }
            Some(_) => {
                slot.due_ns = None;
                Ring::Due
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMER: TimerId = TimerId(2);

    #[test]
    fn a_timer_that_is_set_again_has_one_event() {
        let mut process = Process::<u8>::new();
        assert_eq!(process.set_timer(TIMER, 0, 100), Some(100));
        assert_eq!(process.set_timer(TIMER, 10, 100), None);
        assert_eq!(process.ring(TIMER, 100), Ring::Later(110));
        assert_eq!(process.set_timer(TIMER, 105, 1), Some(106), "sooner than the event");
        assert_eq!(process.ring(TIMER, 106), Ring::Due);
        assert_eq!(process.ring(TIMER, 110), Ring::Never);
        assert_eq!(process.set_timer(TIMER, 110, 5), Some(115));
        process.cancel_timer(TIMER);
        assert_eq!(process.ring(TIMER, 115), Ring::Never);
    }

    #[test]
    fn clocks_go_wrong_and_timers_with_them() {
        let mut process = Process::<u8>::new();
        process.set_clock(1_000, -400, 0.5);
        assert_eq!(process.clock_ns(1_000), 600);
        assert_eq!(process.clock_ns(1_100), 650);
        assert_eq!(process.set_timer(TIMER, 1_000, 10), Some(1_020));
        process.set_clock(1_000, i64::MIN, 1.0);
        assert_eq!(process.clock_ns(1_000), 0);
    }
}
