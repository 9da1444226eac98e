//! A configuration: the states of all processes, and what is on its way.

use super::protocol::{Protocol, Sent};

/// A message by its sender and which of the sender's messages it is.
///
/// That does not depend on what others do in between, so that schedules of different processes commute event by event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MessageId {
    sender: u32,
    number: u32,
}

/// A process takes a step and receives a message, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Event {
    /// Who takes the step.
    pub(crate) process: usize,
    /// What is received.
    pub(crate) message: Option<MessageId>,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending<M> {
    pub(crate) id: MessageId,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) message: M,
    /// The number of steps before it was sent.
    pub(crate) sent_at: u64,
}

impl<M> Pending<M> {
    /// Its delivery.
    pub(crate) fn event(&self) -> Event {
        Event { process: self.to, message: Some(self.id) }
    }
}

/// States, and messages with their receivers and senders.
pub(crate) type Content<P> = (Vec<<P as Protocol>::State>, Vec<(usize, usize, <P as Protocol>::Message)>);

/// The states of all processes, and the buffer in the order in which messages were sent.
#[derive(Debug)]
pub(crate) struct Configuration<P: Protocol> {
    pub(super) states: Vec<P::State>,
    pub(super) buffer: Vec<Pending<P::Message>>,
    /// Messages that each process has sent.
    sent: Vec<u32>,
    /// Steps so far.
    pub(super) time: u64,
    /// When each process took its last step.
    pub(super) stepped_at: Vec<u64>,
    /// The longest that a message or a process has waited, in steps.
    pub(super) longest_wait: u64,
}

impl<P: Protocol> Clone for Configuration<P> {
    fn clone(&self) -> Self {
        Configuration {
            states: self.states.clone(),
            buffer: self.buffer.clone(),
            sent: self.sent.clone(),
            time: self.time,
            stepped_at: self.stepped_at.clone(),
            longest_wait: self.longest_wait,
        }
    }
}

impl<P: Protocol> Configuration<P> {
    /// An initial configuration: nothing is on its way.
    pub(crate) fn initial(protocol: &P, inputs: &[bool]) -> Self {
        let states: Vec<_> =
            inputs.iter().enumerate().map(|(process, input)| protocol.start(process, *input)).collect();
        let processes = states.len();
        Configuration {
            states,
            buffer: Vec::new(),
            sent: vec![0; processes],
            time: 0,
            stepped_at: vec![0; processes],
            longest_wait: 0,
        }
    }

    /// What has been decided by somebody.
    pub(crate) fn decision(&self, protocol: &P) -> Option<bool> {
        self.states.iter().find_map(|state| protocol.decision(state))
    }

    /// Whether 0 was decided by somebody, and 1.
    pub(crate) fn decisions(&self, protocol: &P) -> [bool; 2] {
        [false, true].map(|value| self.states.iter().any(|state| protocol.decision(state) == Some(value)))
    }

    /// The latest round in which a process is.
    pub(crate) fn round(&self, protocol: &P) -> u32 {
        self.states.iter().map(|state| protocol.round(state)).max().unwrap_or(0)
    }

    /// The place of a message in the buffer.
    pub(crate) fn position(&self, id: MessageId) -> Option<usize> {
        self.buffer.iter().position(|pending| pending.id == id)
    }

    /// Whether an event can happen; receiving nothing always can.
    pub(crate) fn allows(&self, event: Event) -> bool {
        event.process < self.states.len()
            && event
                .message
                .is_none_or(|id| self.position(id).is_some_and(|position| self.buffer[position].to == event.process))
    }

    /// Lets an event happen, which must be possible.
    pub(crate) fn apply(&mut self, protocol: &P, event: Event) {
        let received = event.message.map(|id| {
            let position = self.position(id).expect("an event that is possible");
            self.buffer.remove(position)
        });
        let waited_since = received.as_ref().map_or(self.stepped_at[event.process], |pending| pending.sent_at);
        self.longest_wait = self.longest_wait.max(self.time - waited_since);
        self.time += 1;
        self.stepped_at[event.process] = self.time;
        let mut sent = Sent::default();
        let received = received.as_ref().map(|pending| (pending.from, &pending.message));
        protocol.step(event.process, &mut self.states[event.process], received, &mut sent);
        for (to, message) in sent.drain() {
            self.sent[event.process] += 1;
            let id = MessageId { sender: event.process as u32, number: self.sent[event.process] };
            self.buffer.push(Pending { id, from: event.process, to, message, sent_at: self.time });
        }
    }

    /// Lets a schedule happen.
    pub(crate) fn apply_all(&mut self, protocol: &P, schedule: &[Event]) {
        schedule.iter().for_each(|event| self.apply(protocol, *event));
    }

    /// The event that has been pending for longest: the oldest message, or the step of a process for which there is none and that has
    /// not taken one for even longer.
    pub(crate) fn oldest_event(&self) -> Event {
        let idle = (0..self.states.len())
            .filter(|process| self.buffer.iter().all(|pending| pending.to != *process))
            .min_by_key(|process| self.stepped_at[*process]);
        match (self.buffer.first(), idle) {
            (Some(oldest), Some(process)) if self.stepped_at[process] < oldest.sent_at => {
                Event { process, message: None }
            }
            (Some(oldest), _) => oldest.event(),
            (None, process) => Event { process: process.unwrap_or(0), message: None },
        }
    }

    /// The longest that anything has waited, what is still pending included.
    pub(crate) fn undelivered_longer_than(&self) -> u64 {
        let messages = self.buffer.iter().map(|pending| self.time - pending.sent_at);
        let processes = self.stepped_at.iter().map(|stepped| self.time - stepped);
        messages.chain(processes).fold(self.longest_wait, u64::max)
    }

    /// States and messages on their way, whatever their order and age.
    pub(crate) fn content(&self) -> Content<P> {
        let mut messages: Vec<_> =
            self.buffer.iter().map(|pending| (pending.to, pending.from, pending.message.clone())).collect();
        messages.sort_unstable();
        (self.states.clone(), messages)
    }
}
