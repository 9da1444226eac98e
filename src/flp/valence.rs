//! Which decisions can still be reached? With schedules that reach them.

use super::configuration::{Configuration, Event, Pending};
use super::protocol::Protocol;

/// A schedule to each decision that was found.
///
/// Two of them prove that a configuration is bivalent. One proves nothing about the other decision: no schedule that was tried reaches it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Valence {
    /// To 0 and to 1.
    pub(crate) to: [Option<Vec<Event>>; 2],
}

/// What is known of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Schedules to both decisions are at hand.
    Bivalent,
    /// Only schedules to this decision were found.
    Only(bool),
    /// No schedule to a decision was found.
    Undecided,
}

impl Known {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Known::Bivalent => "bivalent",
            Known::Only(false) => "0-valent",
            Known::Only(true) => "1-valent",
            Known::Undecided => "undecided",
        }
    }
}

impl Valence {
    pub(crate) fn known(&self) -> Known {
        match &self.to {
            [Some(_), Some(_)] => Known::Bivalent,
            [Some(_), None] => Known::Only(false),
            [None, Some(_)] => Known::Only(true),
            [None, None] => Known::Undecided,
        }
    }

    pub(crate) fn is_bivalent(&self) -> bool {
        self.known() == Known::Bivalent
    }
}

/// A way to schedule what is pending: who is silent, as if it had crashed, and which messages are hurried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) silent: Option<usize>,
    /// Whether what that process has sent before is kept back too.
    pub(crate) is_unheard: bool,
    /// Messages that speak for this decision come first, those that speak for the other one last.
    pub(crate) towards: Option<bool>,
}

impl Policy {
    /// In the order in which things were sent.
    pub(crate) const FIRST_SENT: Policy = Policy { silent: None, is_unheard: false, towards: None };

    fn hears(self, process: usize) -> bool {
        self.silent != Some(process)
    }

    fn delivers<M>(self, pending: &Pending<M>) -> bool {
        self.hears(pending.to) && !(self.is_unheard && self.silent == Some(pending.from))
    }

    /// What happens next: a message, or, where nobody waits for one, the step of the process that has waited for longest.
    pub(crate) fn next<P: Protocol>(self, protocol: &P, configuration: &Configuration<P>) -> Option<Event> {
        let heard = configuration.buffer.iter().filter(|pending| self.delivers(pending));
        let haste = |message: &P::Message| match (self.towards, protocol.leaning(message)) {
            (Some(towards), Some(leaning)) => {
                if towards == leaning {
                    0
                } else {
                    2
                }
            }
            _ => 1,
        };
        let message = heard.min_by_key(|pending| haste(&pending.message)).map(Pending::event);
        message.or_else(|| {
            let heard = (0..configuration.states.len()).filter(|process| self.hears(*process));
            let process = heard.min_by_key(|process| configuration.stepped_at[*process])?;
            Some(Event { process, message: None })
        })
    }
}

/// Looks for schedules to decisions, and counts the steps that this takes.
#[derive(Debug)]
pub(crate) struct Search<'a, P: Protocol> {
    pub(crate) protocol: &'a P,
    /// Steps that may still be tried.
    pub(crate) steps_left: u64,
}

impl<'a, P: Protocol> Search<'a, P> {
    pub(crate) fn new(protocol: &'a P, steps: u64) -> Self {
        Search { protocol, steps_left: steps }
    }

    /// The longest schedule that is tried: several rounds in which everybody tells everybody something.
    fn longest(&self) -> usize {
        let processes = self.protocol.processes();
        100 + 12 * processes * processes
    }

    /// What a policy decides, and by which schedule.
    pub(crate) fn follow(&mut self, from: &Configuration<P>, policy: Policy) -> Option<(bool, Vec<Event>)> {
        let (mut now, mut schedule) = (from.clone(), Vec::new());
        loop {
            if let Some(value) = now.decision(self.protocol) {
                return Some((value, schedule));
            }
            if schedule.len() == self.longest() || self.steps_left == 0 {
                return None;
            }
            self.steps_left -= 1;
            let event = policy.next(self.protocol, &now)?;
            now.apply(self.protocol, event);
            schedule.push(event);
        }
    }

    /// What a schedule decides when that of it which is possible happens, and then a policy is followed.
    fn after(&mut self, from: &Configuration<P>, schedule: &[Event], policy: Policy) -> Option<(bool, Vec<Event>)> {
        let (mut now, mut done) = (from.clone(), Vec::new());
        for event in schedule {
            if now.allows(*event) && now.decision(self.protocol).is_none() {
                self.steps_left = self.steps_left.saturating_sub(1);
                now.apply(self.protocol, *event);
                done.push(*event);
            }
        }
        let (value, rest) = self.follow(&now, policy)?;
        done.extend(rest);
        Some((value, done))
    }

    /// The decisions that can be reached; `hints` are schedules that may lead to one, and are tried first.
    pub(crate) fn valence(&mut self, from: &Configuration<P>, hints: &[&[Event]]) -> Valence {
        let mut valence = Valence::default();
        if let Some(value) = from.decision(self.protocol) {
            // Decided is decided: where everybody agrees, nothing else can be reached.
            valence.to[usize::from(value)] = Some(Vec::new());
            return valence;
        }
        for hint in hints {
            self.note(&mut valence, from, Some(hint), Policy::FIRST_SENT);
        }
        let each = || (0..self.protocol.processes()).map(Some);
        let unheard = each().map(|silent| (silent, true));
        let silent = std::iter::once((None, false)).chain(unheard).chain(each().map(|silent| (silent, false)));
        for (silent, is_unheard) in silent {
            for towards in [Some(false), Some(true), None] {
                let is_known = towards.is_some_and(|value| valence.to[usize::from(value)].is_some());
                if valence.is_bivalent() || self.steps_left == 0 {
                    return valence;
                }
                if !is_known {
                    self.note(&mut valence, from, None, Policy { silent, is_unheard, towards });
                }
            }
        }
        valence
    }

    fn note(&mut self, valence: &mut Valence, from: &Configuration<P>, hint: Option<&[Event]>, policy: Policy) {
        let found = match hint {
            Some(hint) => self.after(from, hint, policy),
            None => self.follow(from, policy),
        };
        if let Some((value, schedule)) = found {
            valence.to[usize::from(value)].get_or_insert(schedule);
        }
    }
}
