//! Majority voting in rounds, with a rule where there is no majority: by turns, or by coins (Ben-Or).

use std::fmt;

use crate::flp::protocol::{Protocol, Sent, majority};
use crate::sim::{Purpose, Random};

/// Rounds of two phases. *Report*: everybody tells its value and waits for a majority of reports; if more than half of all processes
/// report one value, it is proposed. *Proposal*: everybody waits for a majority of proposals; a value that so many propose that nobody can
/// miss all of them is decided, a value that somebody proposes is taken on, and otherwise the rule says which value to take on.
///
/// # Source
/// Ben-Or, Another advantage of free choice, PODC 1983, protocol A; with turns in the place of the coins it is deterministic.
#[derive(Debug, Clone)]
pub(crate) struct Voting {
    pub(super) processes: usize,
    pub(super) coins: Coins,
}

/// What to take on where nobody proposes anything.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Coins {
    /// 1 in odd rounds, 0 in even ones.
    ByTurns,
    /// A coin of each process and round, drawn from this seed.
    Tossed(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Phase {
    Report,
    Proposal,
}

/// What somebody says in a phase of a round; a proposal may be of nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Vote {
    pub(crate) round: u32,
    pub(crate) phase: Phase,
    pub(crate) value: Option<bool>,
}

impl fmt::Display for Vote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = if self.phase == Phase::Report { "report" } else { "proposal" };
        let value = self.value.map_or("?", |value| if value { "1" } else { "0" });
        write!(out, "{phase} {} {value}", self.round)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Voter {
    has_started: bool,
    pub(crate) round: u32,
    pub(crate) phase: Phase,
    value: bool,
    /// Votes of this round and of later ones, in order.
    heard: Vec<(Vote, usize)>,
    decided: Option<bool>,
}

impl Voting {
    pub(crate) fn new(processes: usize, coins: Coins) -> Self {
        Voting { processes, coins }
    }

    fn coin(&self, process: usize, round: u32) -> bool {
        match self.coins {
            Coins::ByTurns => round % 2 == 1,
            Coins::Tossed(seed) => Random::new(seed, Purpose::Coin, process as u32, u64::from(round)).word() >> 63 == 1,
        }
    }

    fn say(&self, process: usize, state: &mut Voter, value: Option<bool>, sent: &mut Sent<Vote>) {
        let vote = Vote { round: state.round, phase: state.phase, value };
        state.hear(vote, process);
        sent.tell_others(process, self.processes, &vote);
    }

    /// Ends the phase if enough was heard of it.
    fn has_ended(&self, process: usize, state: &mut Voter, sent: &mut Sent<Vote>) -> bool {
        let [zeros, ones, nothing] = state.counts();
        if zeros + ones + nothing < majority(self.processes) {
            return false;
        }
        match state.phase {
            Phase::Report => {
                let more_than_half = |count: usize| 2 * count > self.processes;
                let value = if more_than_half(zeros) { Some(false) } else { more_than_half(ones).then_some(true) };
                state.phase = Phase::Proposal;
                self.say(process, state, value, sent);
            }
            Phase::Proposal => {
                let proposed = if zeros > 0 { Some(false) } else { (ones > 0).then_some(true) };
                // Whoever hears a majority of proposals misses at most the others.
                let missed = self.processes - majority(self.processes);
                if zeros.max(ones) > missed && state.decided.is_none() {
                    state.decided = proposed;
                }
                state.value = proposed.unwrap_or_else(|| self.coin(process, state.round));
                state.round += 1;
                state.phase = Phase::Report;
                let round = state.round;
                state.heard.retain(|(vote, _)| vote.round >= round);
                self.say(process, state, Some(state.value), sent);
            }
        }
        true
    }
}

impl Voter {
    fn hear(&mut self, vote: Vote, from: usize) {
        let place = self.heard.binary_search(&(vote, from)).unwrap_or_else(|place| place);
        self.heard.insert(place, (vote, from));
    }

    /// How many said 0, 1 and nothing in this phase.
    pub(crate) fn counts(&self) -> [usize; 3] {
        let now = self.heard.iter().filter(|(vote, _)| (vote.round, vote.phase) == (self.round, self.phase));
        let mut counts = [0; 3];
        now.for_each(|(vote, _)| counts[vote.value.map_or(2, usize::from)] += 1);
        counts
    }
}

impl Protocol for Voting {
    type State = Voter;
    type Message = Vote;

    fn processes(&self) -> usize {
        self.processes
    }

    fn start(&self, _: usize, input: bool) -> Voter {
        Voter { has_started: false, round: 1, phase: Phase::Report, value: input, heard: Vec::new(), decided: None }
    }

    fn step(&self, process: usize, state: &mut Voter, received: Option<(usize, &Vote)>, sent: &mut Sent<Vote>) {
        if !state.has_started {
            state.has_started = true;
            self.say(process, state, Some(state.value), sent);
        }
        if let Some((from, vote)) = received.filter(|(_, vote)| vote.round >= state.round) {
            state.hear(*vote, from);
        }
        while self.has_ended(process, state, sent) {}
    }

    fn decision(&self, state: &Voter) -> Option<bool> {
        state.decided
    }

    fn round(&self, state: &Voter) -> u32 {
        state.round
    }

    fn leaning(&self, message: &Vote) -> Option<bool> {
        message.value
    }

    fn period(&self) -> Option<u32> {
        match self.coins {
            Coins::ByTurns => Some(2),
            Coins::Tossed(_) => None,
        }
    }

    fn oldest_round(&self, state: &Voter) -> u32 {
        state.round
    }

    fn rounds_in_state<'a>(&self, state: &'a mut Voter) -> Vec<&'a mut u32> {
        let heard = state.heard.iter_mut().map(|(vote, _)| &mut vote.round);
        std::iter::once(&mut state.round).chain(heard).collect()
    }

    fn rounds_in_message<'a>(&self, message: &'a mut Vote) -> Vec<&'a mut u32> {
        vec![&mut message.round]
    }
}
