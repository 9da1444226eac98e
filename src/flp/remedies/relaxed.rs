//! Agreement later: everybody answers at once, and all answers become the same.

use super::rounds::Rounds;
use crate::sim::{Purpose, Random};

/// What a replica knows: the inputs of some processes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Replica {
    known: Vec<bool>,
    /// How many hands the last news went through.
    hops: u32,
}

/// Replicas that answer, at any time, with the input of the last process that they have heard of, tell others what is new to them, and
/// differ until everybody has heard of everybody. Under a scheduler that delivers the oldest message or any one, by a coin; the rounds are
/// the hands that the last news went through.
///
/// # Source
/// Saito and Shapiro, Optimistic replication, ACM Computing Surveys 37, 2005, section 1: the last writer wins.
pub(crate) fn relaxed_agreement(processes: usize, trials: u64, seed: u64) -> Rounds {
    let one = |trial: u64| {
        let mut random = Random::new(seed, Purpose::Order, 1, trial);
        let mut replicas: Vec<Replica> = (0..processes)
            .map(|own| Replica { known: (0..processes).map(|other| other == own).collect(), hops: 0 })
            .collect();
        let others = |from: usize| (0..processes).filter(move |to| *to != from);
        let mut buffer: Vec<(usize, Replica)> = (0..processes)
            .flat_map(|from| others(from).map(move |to| (to, from)))
            .map(|(to, from)| (to, replicas[from].clone()))
            .collect();
        while replicas.iter().any(|replica| replica.known.contains(&false)) {
            let place = if random.chance(0.5) { 0 } else { random.below(buffer.len() as u64) as usize };
            let (to, news) = buffer.remove(place);
            let replica = &mut replicas[to];
            let is_new = news.known.iter().zip(&replica.known).any(|(theirs, own)| *theirs && !own);
            if is_new {
                replica.known.iter_mut().zip(&news.known).for_each(|(own, theirs)| *own |= theirs);
                replica.hops = replica.hops.max(news.hops + 1);
                let told = replica.clone();
                buffer.extend(others(to).map(|other| (other, told.clone())));
            }
        }
        replicas.iter().map(|replica| replica.hops).max()
    };
    Rounds::of(&(0..trials).map(one).collect::<Vec<_>>())
}
