//! One exchange of inputs: who waits for all gives up termination, who does not gives up agreement.

use std::fmt;

use crate::flp::protocol::{Protocol, Sent, majority};

/// Everybody tells everybody its input, and decides what most of those it waited for have said, 0 where they are as many.
#[derive(Debug, Clone)]
pub(crate) struct Eager {
    processes: usize,
    wait: Wait,
}

/// For whom a process waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// For everybody.
    All,
    /// For the first of them that are a majority with itself.
    Majority,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Input(bool);

impl fmt::Display for Input {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "input {}", u8::from(self.0))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    has_started: bool,
    input: bool,
    /// How many said 0, and how many 1, itself included.
    heard: [usize; 2],
    decided: Option<bool>,
}

impl Eager {
    pub(crate) fn new(processes: usize, wait: Wait) -> Self {
        Eager { processes, wait }
    }
}

impl Protocol for Eager {
    type State = Member;
    type Message = Input;

    fn processes(&self) -> usize {
        self.processes
    }

    fn start(&self, _: usize, input: bool) -> Member {
        Member { has_started: false, input, heard: [0; 2], decided: None }
    }

    fn step(&self, process: usize, state: &mut Member, received: Option<(usize, &Input)>, sent: &mut Sent<Input>) {
        if !std::mem::replace(&mut state.has_started, true) {
            state.heard[usize::from(state.input)] += 1;
            sent.tell_others(process, self.processes, &Input(state.input));
        }
        if let Some((_, Input(value))) = received {
            state.heard[usize::from(*value)] += 1;
        }
        let [zeros, ones] = state.heard;
        let enough = if self.wait == Wait::All { self.processes } else { majority(self.processes) };
        if zeros + ones >= enough && state.decided.is_none() {
            state.decided = Some(ones > zeros);
        }
    }

    fn decision(&self, state: &Member) -> Option<bool> {
        state.decided
    }

    fn round(&self, _: &Member) -> u32 {
        1
    }

    fn leaning(&self, message: &Input) -> Option<bool> {
        Some(message.0)
    }

    fn period(&self) -> Option<u32> {
        Some(1)
    }

    fn oldest_round(&self, _: &Member) -> u32 {
        0
    }

    fn rounds_in_state<'a>(&self, _: &'a mut Member) -> Vec<&'a mut u32> {
        Vec::new()
    }

    fn rounds_in_message<'a>(&self, _: &'a mut Input) -> Vec<&'a mut u32> {
        Vec::new()
    }
}
