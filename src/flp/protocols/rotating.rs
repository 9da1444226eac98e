//! Consensus by a coordinator that changes from round to round.

use std::fmt;

use crate::flp::protocol::{Protocol, Sent, majority};

/// In round r, process r modulo n coordinates: it waits for the estimates of a majority, proposes the one that was adopted last, and decides
/// it when a majority has adopted it. Who waits for the proposal may suspect the coordinator at any time, by a step without a message; it
/// then says so, and goes on to the next round.
///
/// # Source
/// Chandra and Toueg, Unreliable failure detectors for reliable distributed systems, Journal of the ACM 43, 1996, figure 6.
#[derive(Debug, Clone)]
pub(crate) struct Rotating {
    processes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Say {
    /// What the sender would decide, and in which round it adopted that; 0 is its input.
    Estimate { round: u32, value: bool, adopted: u32 },
    /// What the coordinator proposes.
    Propose { round: u32, value: bool },
    /// The sender has adopted the proposal.
    Adopted { round: u32 },
    /// The sender waits no longer for the coordinator.
    Suspect { round: u32 },
    /// It is decided.
    Decide { value: bool },
}

impl Say {
    fn round(self) -> Option<u32> {
        match self {
            Say::Estimate { round, .. }
            | Say::Propose { round, .. }
            | Say::Adopted { round }
            | Say::Suspect { round } => Some(round),
            Say::Decide { .. } => None,
        }
    }
}

impl fmt::Display for Say {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Say::Estimate { round, value, adopted } => {
                write!(out, "estimate {round} {} of {adopted}", u8::from(value))
            }
            Say::Propose { round, value } => write!(out, "propose {round} {}", u8::from(value)),
            Say::Adopted { round } => write!(out, "adopted {round}"),
            Say::Suspect { round } => write!(out, "suspect {round}"),
            Say::Decide { value } => write!(out, "decide {}", u8::from(value)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    has_started: bool,
    round: u32,
    estimate: bool,
    adopted: u32,
    has_proposed: bool,
    /// What was said of this round and of later ones, in order.
    heard: Vec<(Say, usize)>,
    decided: Option<bool>,
}

impl Rotating {
    pub(crate) fn new(processes: usize) -> Self {
        Rotating { processes }
    }

    fn coordinator(&self, round: u32) -> usize {
        round as usize % self.processes
    }

    /// Begins the round in which the process is.
    fn begin(&self, process: usize, state: &mut Member, sent: &mut Sent<Say>) {
        let round = state.round;
        state.has_proposed = false;
        state.heard.retain(|(say, _)| say.round().is_some_and(|other| other >= round));
        let estimate = Say::Estimate { round, value: state.estimate, adopted: state.adopted };
        match self.coordinator(round) {
            own if own == process => state.hear(estimate, process),
            other => sent.to(other, estimate),
        }
    }

    /// Does what can be done now; false when there is nothing.
    fn has_moved(&self, process: usize, state: &mut Member, sent: &mut Sent<Say>) -> bool {
        let round = state.round;
        if self.coordinator(round) != process {
            let value = state.heard.iter().find_map(|(say, _)| match *say {
                Say::Propose { round: of, value } if of == round => Some(value),
                _ => None,
            });
            let Some(value) = value else { return false };
            (state.estimate, state.adopted) = (value, round);
            sent.to(self.coordinator(round), Say::Adopted { round });
        } else if !state.has_proposed {
            let Some(value) = self.latest_estimate(state) else { return false };
            (state.estimate, state.adopted, state.has_proposed) = (value, round, true);
            sent.tell_others(process, self.processes, &Say::Propose { round, value });
            state.hear(Say::Adopted { round }, process);
            return true;
        } else {
            let count = |wanted: Say| state.heard.iter().filter(|(say, _)| *say == wanted).count();
            let (adopted, suspected) = (count(Say::Adopted { round }), count(Say::Suspect { round }));
            if adopted + suspected < majority(self.processes) {
                return false;
            }
            if adopted >= majority(self.processes) && state.decided.is_none() {
                state.decided = Some(state.estimate);
                sent.tell_others(process, self.processes, &Say::Decide { value: state.estimate });
            }
        }
        state.round += 1;
        self.begin(process, state, sent);
        true
    }

    /// Of a majority of estimates the one adopted last; of several, that of the first process.
    fn latest_estimate(&self, state: &Member) -> Option<bool> {
        let estimates: Vec<(u32, usize, bool)> = (state.heard.iter())
            .filter_map(|(say, from)| match *say {
                Say::Estimate { round, value, adopted } if round == state.round => Some((adopted, *from, value)),
                _ => None,
            })
            .collect();
        let latest = estimates.iter().max_by_key(|(adopted, from, _)| (*adopted, std::cmp::Reverse(*from)))?;
        (estimates.len() >= majority(self.processes)).then_some(latest.2)
    }
}

impl Member {
    fn hear(&mut self, say: Say, from: usize) {
        let place = self.heard.binary_search(&(say, from)).unwrap_or_else(|place| place);
        self.heard.insert(place, (say, from));
    }
}

impl Protocol for Rotating {
    type State = Member;
    type Message = Say;

    fn processes(&self) -> usize {
        self.processes
    }

    fn start(&self, _: usize, input: bool) -> Member {
        Member {
            has_started: false,
            round: 1,
            estimate: input,
            adopted: 0,
            has_proposed: false,
            heard: Vec::new(),
            decided: None,
        }
    }

    fn step(&self, process: usize, state: &mut Member, received: Option<(usize, &Say)>, sent: &mut Sent<Say>) {
        let is_first = !std::mem::replace(&mut state.has_started, true);
        if is_first {
            self.begin(process, state, sent);
        }
        match received {
            Some((_, Say::Decide { value })) => _ = state.decided.get_or_insert(*value),
            Some((from, say)) if say.round() >= Some(state.round) => state.hear(*say, from),
            Some(_) => {}
            None if !is_first && self.coordinator(state.round) != process => {
                sent.to(self.coordinator(state.round), Say::Suspect { round: state.round });
                state.round += 1;
                self.begin(process, state, sent);
            }
            None => {}
        }
        while self.has_moved(process, state, sent) {}
    }

    fn decision(&self, state: &Member) -> Option<bool> {
        state.decided
    }

    fn round(&self, state: &Member) -> u32 {
        state.round
    }

    fn leaning(&self, message: &Say) -> Option<bool> {
        match *message {
            Say::Estimate { value, .. } | Say::Propose { value, .. } | Say::Decide { value } => Some(value),
            Say::Adopted { .. } | Say::Suspect { .. } => None,
        }
    }

    fn period(&self) -> Option<u32> {
        Some(self.processes as u32)
    }

    fn oldest_round(&self, state: &Member) -> u32 {
        state.round
    }

    fn rounds_in_state<'a>(&self, state: &'a mut Member) -> Vec<&'a mut u32> {
        let heard = state.heard.iter_mut().flat_map(|(say, _)| rounds(say));
        [&mut state.round, &mut state.adopted].into_iter().chain(heard).collect()
    }

    fn rounds_in_message<'a>(&self, message: &'a mut Say) -> Vec<&'a mut u32> {
        rounds(message)
    }
}

fn rounds(say: &mut Say) -> Vec<&mut u32> {
    match say {
        Say::Estimate { round, adopted, .. } => vec![round, adopted],
        Say::Propose { round, .. } | Say::Adopted { round } | Say::Suspect { round } => vec![round],
        Say::Decide { .. } => Vec::new(),
    }
}
