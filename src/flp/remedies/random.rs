//! Chance: no scheduler knows the coins that have not been tossed.

use super::rounds::Rounds;
use crate::flp::configuration::{Configuration, Event, Pending};
use crate::flp::protocols::{Coins, Phase, Vote, Voter, Voting};

/// Rounds after which a trial is given up.
const ROUNDS_MAX: u32 = 100_000;

/// Ben-Or's protocol from mixed inputs under the balancing scheduler; each trial has coins of its own.
///
/// As long as not all values agree, that scheduler shows everybody both, so that all toss: rounds are 1 + a geometric number with success
/// probability 2^(1-n).
pub(crate) fn random(processes: usize, inputs: &[bool], trials: u64, seed: u64) -> Rounds {
    let one = |trial: u64| {
        let protocol = Voting::new(processes, Coins::Tossed(seed.wrapping_add(trial)));
        let mut now = Configuration::initial(&protocol, inputs);
        loop {
            let round = now.round(&protocol);
            if round > ROUNDS_MAX {
                return None;
            }
            now.apply(&protocol, balanced(&now));
            if now.decision(&protocol).is_some() {
                return Some(round);
            }
        }
    };
    Rounds::of(&(0..trials).map(one).collect::<Vec<_>>())
}

/// The event by which a scheduler that sees all states, and coins once they are tossed, keeps the values mixed: what comes too late to
/// matter at once, and else the process that is behind, which hears first what contradicts it.
pub(crate) fn balanced(now: &Configuration<Voting>) -> Event {
    let at = |voter: &Voter| (voter.round, voter.phase);
    let of = |vote: &Vote| (vote.round, vote.phase);
    if let Some(late) = now.buffer.iter().find(|pending| of(&pending.message) < at(&now.states[pending.to])) {
        return late.event();
    }
    if let Some(process) = now.stepped_at.iter().position(|stepped| *stepped == 0) {
        return Event { process, message: None };
    }
    let counts: Vec<[usize; 3]> = now.states.iter().map(Voter::counts).collect();
    let due = now.buffer.iter().filter(|pending| of(&pending.message) == at(&now.states[pending.to]));
    // Of reports the value that was heard less often; of proposals first those of nothing.
    let next = due.min_by_key(|pending| {
        let value = pending.message.value.map_or(2, usize::from);
        let heard = if pending.message.phase == Phase::Report { counts[pending.to][value] } else { 2 - value };
        (at(&now.states[pending.to]), pending.to, heard)
    });
    next.map_or_else(|| now.oldest_event(), Pending::event)
}
