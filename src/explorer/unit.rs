//! In what the times of a history count.

use crate::history::{Format, History};

/// In what the times of a history count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds of some clock.
    Nanoseconds,
    /// Events, whose order is all that is known.
    Events,
    /// Whatever the file has.
    Unknown,
}

impl Unit {
    /// As the script of the page knows it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Unit::Nanoseconds => "ns",
            Unit::Events => "events",
            Unit::Unknown => "",
        }
    }

    /// That of a history from a file.
    pub(super) fn of(history: &History) -> Unit {
        let has_events =
            matches!(history.format(), Some(Format::Edn | Format::HistoryTxt | Format::JepsenLog | Format::JsonEvents));
        match has_events {
            _ if history.has_clock() => Unit::Nanoseconds,
            true => Unit::Events,
            false => Unit::Unknown,
        }
    }
}
