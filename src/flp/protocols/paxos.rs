//! Paxos for one decision, with two processes that propose.

use std::collections::VecDeque;
use std::fmt;

use crate::flp::protocol::{Protocol, Sent, majority};

/// The first two processes propose their inputs, all accept. Ballots of process i are i, n + i, 2n + i, ... but for 0, which is none. A step
/// without a message is a timer of a proposer: it begins a new ballot, higher than all that it knows of, as it does in its first step.
///
/// # Source
/// Lamport, Paxos made simple, 2001, section 2.
#[derive(Debug, Clone)]
pub(crate) struct Paxos {
    processes: usize,
}

/// Who propose.
const PROPOSERS: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Say {
    Prepare {
        ballot: u32,
    },
    /// What was accepted, and in which ballot; 0: nothing.
    Promise {
        ballot: u32,
        accepted: u32,
        value: bool,
    },
    Accept {
        ballot: u32,
        value: bool,
    },
    Accepted {
        ballot: u32,
    },
    /// A higher ballot was promised.
    Refused {
        ballot: u32,
        promised: u32,
    },
    Decided {
        value: bool,
    },
}

impl fmt::Display for Say {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Say::Prepare { ballot } => write!(out, "prepare {ballot}"),
            Say::Promise { ballot, accepted: 0, .. } => write!(out, "promise {ballot}"),
            Say::Promise { ballot, accepted, value } => {
                write!(out, "promise {ballot} accepted {accepted} {}", u8::from(value))
            }
            Say::Accept { ballot, value } => write!(out, "accept {ballot} {}", u8::from(value)),
            Say::Accepted { ballot } => write!(out, "accepted {ballot}"),
            Say::Refused { ballot, promised } => write!(out, "refused {ballot} promised {promised}"),
            Say::Decided { value } => write!(out, "decided {}", u8::from(value)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    input: bool,
    // As an acceptor.
    promised: u32,
    accepted: u32,
    value: bool,
    // As a proposer.
    proposes: bool,
    has_started: bool,
    ballot: u32,
    /// The highest ballot that a proposer knows of.
    known: u32,
    /// From whom, and what they had accepted, until there is a majority.
    promises: Vec<(usize, u32, bool)>,
    proposal: Option<bool>,
    acceptors: Vec<usize>,
    decided: Option<bool>,
}

impl Paxos {
    pub(crate) fn new(processes: usize) -> Self {
        Paxos { processes }
    }

    /// The lowest ballot of a process above another one.
    fn above(&self, process: usize, known: u32) -> u32 {
        let (n, process) = (self.processes as u32, process as u32);
        let next = known + 1;
        next + (process + n - next % n) % n
    }

    fn begin(&self, process: usize, state: &mut Member) -> Say {
        state.ballot = self.above(process, state.known);
        state.known = state.ballot;
        state.promises.clear();
        state.proposal = None;
        state.acceptors.clear();
        Say::Prepare { ballot: state.ballot }
    }

    /// What an acceptor answers.
    fn answer(state: &mut Member, say: Say) -> Option<Say> {
        match say {
            Say::Prepare { ballot } | Say::Accept { ballot, .. } if ballot < state.promised => {
                Some(Say::Refused { ballot, promised: state.promised })
            }
            Say::Prepare { ballot } => {
                state.promised = ballot;
                Some(Say::Promise { ballot, accepted: state.accepted, value: state.value })
            }
            Say::Accept { ballot, value } => {
                (state.promised, state.accepted, state.value) = (ballot, ballot, value);
                Some(Say::Accepted { ballot })
            }
            _ => None,
        }
    }

    /// What a proposer does with an answer: something for everybody, itself included.
    fn proceed(&self, state: &mut Member, from: usize, say: Say) -> Option<Say> {
        match say {
            Say::Refused { promised, .. } => {
                state.known = state.known.max(promised);
                None
            }
            Say::Promise { ballot, accepted, value } if ballot == state.ballot && state.proposal.is_none() => {
                state.promises.push((from, accepted, value));
                state.promises.sort_unstable();
                if state.promises.len() < majority(self.processes) {
                    return None;
                }
                let latest = state.promises.iter().max_by_key(|(_, accepted, _)| *accepted);
                let value = latest.filter(|(_, accepted, _)| *accepted > 0).map_or(state.input, |(_, _, value)| *value);
                state.promises.clear();
                state.proposal = Some(value);
                Some(Say::Accept { ballot, value })
            }
            Say::Accepted { ballot } if ballot == state.ballot && !state.acceptors.contains(&from) => {
                state.acceptors.push(from);
                state.acceptors.sort_unstable();
                if state.acceptors.len() < majority(self.processes) || state.decided.is_some() {
                    return None;
                }
                state.decided = state.proposal;
                state.decided.map(|value| Say::Decided { value })
            }
            _ => None,
        }
    }
}

impl Protocol for Paxos {
    type State = Member;
    type Message = Say;

    fn processes(&self) -> usize {
        self.processes
    }

    fn start(&self, process: usize, input: bool) -> Member {
        Member {
            input,
            proposes: process < PROPOSERS,
            has_started: false,
            promised: 0,
            accepted: 0,
            value: false,
            ballot: 0,
            known: 0,
            promises: Vec::new(),
            proposal: None,
            acceptors: Vec::new(),
            decided: None,
        }
    }

    fn step(&self, process: usize, state: &mut Member, received: Option<(usize, &Say)>, sent: &mut Sent<Say>) {
        // What it says to itself arrives at once.
        let mut inbox = VecDeque::new();
        let is_first = !std::mem::replace(&mut state.has_started, true);
        if state.proposes && (is_first || received.is_none()) {
            let prepare = self.begin(process, state);
            sent.tell_others(process, self.processes, &prepare);
            inbox.push_back((process, prepare));
        }
        match received {
            Some((_, Say::Decided { value })) => _ = state.decided.get_or_insert(*value),
            Some((from, say)) => inbox.push_back((from, *say)),
            None => {}
        }
        while let Some((from, say)) = inbox.pop_front() {
            if let Some(answer) = Self::answer(state, say) {
                // What a proposer promises as an acceptor, it knows of.
                state.known = if state.proposes { state.known.max(state.promised) } else { 0 };
                match from {
                    own if own == process => inbox.push_back((process, answer)),
                    other => sent.to(other, answer),
                }
            } else if let Some(say) = self.proceed(state, from, say) {
                sent.tell_others(process, self.processes, &say);
                if !matches!(say, Say::Decided { .. }) {
                    inbox.push_back((process, say));
                }
            }
        }
    }

    fn decision(&self, state: &Member) -> Option<bool> {
        state.decided
    }

    fn round(&self, state: &Member) -> u32 {
        state.ballot / self.processes as u32
    }

    fn leaning(&self, message: &Say) -> Option<bool> {
        match *message {
            Say::Promise { accepted, value, .. } => (accepted > 0).then_some(value),
            Say::Accept { value, .. } | Say::Decided { value } => Some(value),
            Say::Prepare { .. } | Say::Accepted { .. } | Say::Refused { .. } => None,
        }
    }

    fn period(&self) -> Option<u32> {
        Some(self.processes as u32)
    }

    fn oldest_round(&self, state: &Member) -> u32 {
        if state.proposes { state.known } else { u32::MAX }
    }

    fn rounds_in_state<'a>(&self, state: &'a mut Member) -> Vec<&'a mut u32> {
        let promises = state.promises.iter_mut().map(|(_, accepted, _)| accepted);
        [&mut state.promised, &mut state.accepted, &mut state.ballot, &mut state.known]
            .into_iter()
            .chain(promises)
            .collect()
    }

    fn rounds_in_message<'a>(&self, message: &'a mut Say) -> Vec<&'a mut u32> {
        match message {
            Say::Promise { ballot, accepted, .. } => vec![ballot, accepted],
            Say::Refused { ballot, promised } => vec![ballot, promised],
            Say::Prepare { ballot } | Say::Accept { ballot, .. } | Say::Accepted { ballot } => vec![ballot],
            Say::Decided { .. } => Vec::new(),
        }
    }
}
