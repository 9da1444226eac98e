//! A run in space and time: who sent what to whom, when it arrived, and what happened where.

use std::collections::VecDeque;

use crate::protocol::{Fact, Operation, Outcome, ProcessId};

/// A run, or a part of one, as it is drawn in space and time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpaceTime {
    /// What processes are called: replicas, then clients.
    pub names: Vec<String>,
    /// Messages, in the order in which they were sent.
    pub messages: Vec<Flight>,
    /// What happened at processes, in its order.
    pub moments: Vec<Moment>,
    /// What was done when, where somebody wrote that down.
    pub steps: Vec<(u64, String)>,
    /// Messages that are left out, before the first or after the last.
    pub left_out: u64,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flight {
    /// Who sent it.
    pub from: ProcessId,
    /// To whom.
    pub to: ProcessId,
    /// When, in nanoseconds.
    pub sent_ns: u64,
    /// When it arrived or was lost; absent: it is still on its way.
    pub ends_ns: Option<u64>,
    /// Whether it arrived.
    pub has_arrived: bool,
    /// What it is called.
    pub name: &'static str,
    /// What it says, in a few words.
    pub details: String,
}

/// Something that happened at a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Where.
    pub process: ProcessId,
    /// When, in nanoseconds.
    pub at_ns: u64,
    /// What.
    pub what: Happened,
}

/// What happened at a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// It crashed.
    Crash,
    /// It started again.
    Restart,
    /// A timer went off.
    Timer,
    /// It leads, in this term.
    Leads(u64),
    /// It knows that this is decided, in words.
    Decides(String),
    /// A client is asked for this.
    Calls(Operation),
    /// This came of it.
    Returns(Outcome),
    /// It broke an invariant, which is named.
    Breaks(String),
}

impl Happened {
    /// What a machine says, where it is worth a word.
    pub(crate) fn of(fact: &Fact) -> Option<Happened> {
        match fact {
            Fact::Leads { term } => Some(Happened::Leads(*term)),
            Fact::Decided { index, command } => Some(Happened::Decides(format!("{index}={command}"))),
            Fact::Proposed { .. }
            | Fact::Held { .. }
            | Fact::Cut { .. }
            | Fact::Applied { .. }
            | Fact::Executed { .. } => None,
        }
    }
}

/// Which messages of a long run are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// At most so many.
    pub messages: usize,
    /// Whether they are the last ones, and not the first.
    pub is_end: bool,
}

/// Takes down what is drawn.
#[derive(Debug)]
pub(crate) struct Recorder {
    window: Window,
    flights: VecDeque<Flight>,
    moments: VecDeque<Moment>,
    /// Messages so far, and those of them that went out at the front.
    sent: u64,
    gone: u64,
}

impl Recorder {
    pub(crate) fn new(window: Window) -> Self {
        Recorder { window, flights: VecDeque::new(), moments: VecDeque::new(), sent: 0, gone: 0 }
    }

    fn is_full(&self) -> bool {
        !self.window.is_end && self.flights.len() >= self.window.messages
    }

    /// A message is sent; the number that it has.
    pub(crate) fn sent(&mut self, flight: Flight) -> u64 {
        let number = self.sent;
        self.sent += 1;
        if self.is_full() {
            return number;
        }
        self.flights.push_back(flight);
        if self.flights.len() > self.window.messages {
            self.flights.pop_front();
            self.gone += 1;
        }
        number
    }

    /// A message that was just sent goes to another one.
    pub(crate) fn goes_to(&mut self, number: u64, to: ProcessId) {
        let place = number.checked_sub(self.gone).and_then(|place| self.flights.get_mut(place as usize));
        if let Some(flight) = place {
            flight.to = to;
        }
    }

    /// A message has come to its end.
    pub(crate) fn ended(&mut self, number: u64, at_ns: u64, has_arrived: bool) {
        let place = number.checked_sub(self.gone).and_then(|place| self.flights.get_mut(place as usize));
        if let Some(flight) = place {
            (flight.ends_ns, flight.has_arrived) = (Some(at_ns), has_arrived);
        }
    }

    /// Something happened at a process.
    pub(crate) fn happened(&mut self, process: ProcessId, at_ns: u64, what: Happened) {
        if self.is_full() && what != Happened::Crash {
            return;
        }
        self.moments.push_back(Moment { process, at_ns, what });
        // Moments are fewer than messages; timers of replicas that wait may be more.
        if self.moments.len() > self.window.messages.saturating_mul(4) {
            self.moments.pop_front();
        }
    }

    /// What was taken down, with what was done when.
    pub(crate) fn with_steps(self, names: Vec<String>, steps: Vec<(u64, String)>) -> SpaceTime {
        SpaceTime { steps, ..self.finish(names) }
    }

    /// What was taken down, without what happened before the first message or after the last one that is kept.
    pub(crate) fn finish(self, names: Vec<String>) -> SpaceTime {
        let left_out = self.sent - self.flights.len() as u64;
        let messages: Vec<Flight> = self.flights.into();
        let is_end = self.window.is_end;
        let first = messages.iter().map(|flight| flight.sent_ns).min().filter(|_| is_end && left_out > 0);
        let last = messages.iter().map(|flight| flight.ends_ns.unwrap_or(flight.sent_ns)).max();
        let last = last.filter(|_| !is_end && left_out > 0);
        let is_kept = |moment: &Moment| {
            first.is_none_or(|first| moment.at_ns >= first) && last.is_none_or(|last| moment.at_ns <= last)
        };
        let moments = self.moments.into_iter().filter(is_kept).collect();
        SpaceTime { names, messages, moments, steps: Vec::new(), left_out }
    }
}

/// What a process is called where only its number is known.
pub(super) fn numbered(process: ProcessId, replicas: usize) -> String {
    match process.index().checked_sub(replicas) {
        None => format!("node {}", process.index() + 1),
        Some(client) => format!("@client-{}", client + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight(at: u64) -> Flight {
        let (from, to) = (ProcessId(0), ProcessId(1));
        Flight { from, to, sent_ns: at, ends_ns: None, has_arrived: false, name: "vote", details: String::new() }
    }

    #[test]
    fn the_first_or_the_last_messages_are_kept() {
        for (is_end, kept) in [(false, [0, 1]), (true, [3, 4])] {
            let mut recorder = Recorder::new(Window { messages: 2, is_end });
            for at in 0..5 {
                let number = recorder.sent(flight(at));
                recorder.ended(number, at + 10, true);
                recorder.happened(ProcessId(1), at, Happened::Timer);
            }
            let drawn = recorder.finish(Vec::new());
            let sent: Vec<u64> = drawn.messages.iter().map(|flight| flight.sent_ns).collect();
            assert_eq!((sent, drawn.left_out), (kept.to_vec(), 3));
            assert!(drawn.messages.iter().all(|flight| flight.ends_ns == Some(flight.sent_ns + 10)));
            assert!(drawn.moments.iter().all(|moment| !is_end || moment.at_ns >= 3));
        }
    }
}
