//! In what the times of a history count.

use crate::history::{Format, History};

/// In what the times of a history count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Nanoseconds of some clock.
    Nanoseconds,
    /// Events, whose order is all that is known.
    Events,
    /// Whatever the file has.
    Unknown,
}

impl TimeUnit {
    /// As the script of the page knows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            TimeUnit::Nanoseconds => "ns",
            TimeUnit::Events => "events",
            TimeUnit::Unknown => "",
        }
    }

    /// That of a history, as far as it is known.
    pub fn of(history: &History) -> TimeUnit {
        let has_events =
            matches!(history.format(), Some(Format::Edn | Format::HistoryTxt | Format::JepsenLog | Format::JsonEvents));
        match has_events {
            _ if history.has_clock() => TimeUnit::Nanoseconds,
            true => TimeUnit::Events,
            false => TimeUnit::Unknown,
        }
    }
}
