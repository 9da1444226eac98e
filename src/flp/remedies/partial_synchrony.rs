//! Time: after some moment, which nobody knows, messages arrive in the order in which they were sent, before any timer runs out.

use super::rounds::Rounds;
use crate::flp::configuration::{Configuration, Event};
use crate::flp::protocol::Protocol;
use crate::flp::valence::{Policy, Search};
use crate::sim::{Purpose, Random};

/// The same protocol after the same schedule, of which a beginning is drawn for each trial; from there the network is timely.
///
/// # Source
/// Dwork, Lynch and Stockmeyer, Consensus in the presence of partial synchrony, Journal of the ACM 35, 1988.
pub(crate) fn partial_synchrony<P: Protocol>(
    search: &mut Search<'_, P>,
    from: &Configuration<P>,
    schedule: &[Event],
    (trials, seed): (u64, u64),
) -> Rounds {
    let begins = |trial: u64| Random::new(seed, Purpose::Order, 0, trial).below(schedule.len() as u64 + 1);
    let mut begins: Vec<u64> = (0..trials).map(begins).collect();
    begins.sort_unstable();
    let mut now = from.clone();
    let mut done = 0;
    let rounds: Vec<Option<u32>> = (begins.into_iter())
        .map(|begin| {
            now.apply_all(search.protocol, &schedule[done..begin as usize]);
            done = begin as usize;
            timely(search, &now)
        })
        .collect();
    Rounds::of(&rounds)
}

/// Rounds until somebody decides, the one that is going on included.
fn timely<P: Protocol>(search: &mut Search<'_, P>, from: &Configuration<P>) -> Option<u32> {
    if from.decision(search.protocol).is_some() {
        return Some(0);
    }
    let (_, schedule) = search.follow(from, Policy::FIRST_SENT)?;
    let mut now = from.clone();
    let (_, before) = schedule.split_last()?;
    now.apply_all(search.protocol, before);
    Some(now.round(search.protocol) - from.round(search.protocol) + 1)
}
