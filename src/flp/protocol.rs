//! What a protocol is in the model of Fischer, Lynch and Paterson.

use std::fmt::{Debug, Display};
use std::hash::Hash;

/// A deterministic protocol for consensus on one bit: what a process does in one step.
///
/// A step takes one message that is on its way to the process, or none; it changes the state of the process and sends any messages. There
/// is no clock: a step without a message stands for a timer that has run out, and may come at any time.
///
/// # Source
/// Fischer, Lynch and Paterson, Impossibility of distributed consensus with one faulty process, Journal of the ACM 32, 1985, section 2.
pub(crate) trait Protocol {
    /// What a process remembers.
    type State: Clone + Eq + Hash + Debug;
    /// What processes say to each other; written as it stands in schedules, without a comma.
    type Message: Clone + Eq + Ord + Hash + Debug + Display;

    /// How many processes there are.
    fn processes(&self) -> usize;

    /// A process before its first step.
    fn start(&self, process: usize, input: bool) -> Self::State;

    /// One step of a process: a message and who sent it, or nothing.
    fn step(
        &self,
        process: usize,
        state: &mut Self::State,
        received: Option<(usize, &Self::Message)>,
        sent: &mut Sent<Self::Message>,
    );

    /// What a process has decided, which never changes again.
    fn decision(&self, state: &Self::State) -> Option<bool>;

    /// In which round (or with which ballot) a process is.
    fn round(&self, state: &Self::State) -> u32;

    /// The decision that a message speaks for, if any: those who look for a decision deliver it first, or last.
    fn leaning(&self, message: &Self::Message) -> Option<bool>;

    /// How far rounds may be moved so that the protocol does the same as before; absent: not at all.
    fn period(&self) -> Option<u32>;

    /// No round below this one will be begun by the process, which only compares such rounds.
    fn oldest_round(&self, state: &Self::State) -> u32;

    /// Every round in a state.
    fn rounds_in_state<'a>(&self, state: &'a mut Self::State) -> Vec<&'a mut u32>;

    /// Every round in a message.
    fn rounds_in_message<'a>(&self, message: &'a mut Self::Message) -> Vec<&'a mut u32>;
}

/// What one step sends, in order.
#[derive(Debug)]
pub(crate) struct Sent<M> {
    letters: Vec<(usize, M)>,
}

impl<M> Default for Sent<M> {
    fn default() -> Self {
        Sent { letters: Vec::new() }
    }
}

impl<M: Clone> Sent<M> {
    /// To one process.
    pub(super) fn to(&mut self, process: usize, message: M) {
        self.letters.push((process, message));
    }

    /// To all but the sender, who knows already.
    pub(super) fn tell_others(&mut self, sender: usize, processes: usize, message: &M) {
        (0..processes).filter(|other| *other != sender).for_each(|other| self.to(other, message.clone()));
    }

    /// Takes everything out, in order.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (usize, M)> + '_ {
        self.letters.drain(..)
    }
}

/// More than half of the processes.
pub(super) fn majority(processes: usize) -> usize {
    processes / 2 + 1
}
