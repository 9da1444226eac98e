//! From a formula to its chain: the states in which the quorums are there, up to symmetry.

use rustc_hash::FxHashMap;

use super::chain::{Chain, Level};
use super::quotient::Quotient;
use super::symmetry::{Swap, representative};
use crate::budget::{Exhausted, Meter};
use crate::number::Scaled;

/// How many of each class have failed.
type FailedOfClass = Box<[u32]>;

/// Where a state stands: how many failures it has, and its number among those with as many.
#[derive(Debug, Clone, Copy)]
struct Place {
    level: usize,
    number: usize,
}

/// Explores all states that are reached from "nothing has failed" before the quorums are lost.
///
/// A state is how many of each class have failed, and of states that swaps make of each other only one is kept: they have
/// the same future up to names. Where two of them are kept after all, the chain is longer than it need be, and as right.
///
/// `word` is what an operation of the elimination costs, in steps of the meter.
///
/// # Errors
/// [`Exhausted`] when finding the states, or solving the chain later, takes more steps than the meter has.
pub(super) fn explore(quotient: &Quotient, swaps: &[Swap], word: u64, meter: &mut Meter) -> Result<Chain, Exhausted> {
    let classes = quotient.classes.len() as u64;
    let each = 2 * classes * (quotient.edges() + (1 + swaps.len() as u64) * classes);
    let mut found = Found { known: FxHashMap::default(), waiting: Vec::new(), chain: Chain::default() };
    found.place(vec![0; quotient.classes.len()].into());
    let (mut scratch, mut charged) = (Vec::new(), 0u64);
    // A chain that is worth solving is found with a part of the budget.
    let mut finding = meter.part(4);
    while let Some((state, place)) = found.waiting.pop() {
        finding.charge(each)?;
        found.leave(quotient, swaps, (&state, place), &mut scratch);
        // Solving the chain so far; it only grows.
        let solving = found.chain.operations(place.level).saturating_mul(word);
        if solving > charged {
            meter.charge(solving - charged)?;
            charged = solving;
        }
    }
    meter.charge((0..found.chain.levels.len()).map(|level| found.chain.operations(level)).sum::<u64>() * word)?;
    Ok(found.chain)
}

impl Chain {
    /// Operations of eliminating a level: filling its matrices, taking out its states, walking back.
    fn operations(&self, level: usize) -> u64 {
        let size = |level: usize| self.levels.get(level).map_or(0, |level| level.losses.len() as u64);
        let (states, before) = (size(level), if level == 0 { 0 } else { size(level - 1) } + 2);
        states.saturating_mul(states).saturating_mul(states / 3 + before + 8)
    }
}

/// The chain as far as it is known.
struct Found {
    known: FxHashMap<FailedOfClass, Place>,
    /// States whose transitions are not known yet.
    waiting: Vec<(FailedOfClass, Place)>,
    chain: Chain,
}

impl Found {
    fn place(&mut self, state: FailedOfClass) -> Place {
        if let Some(place) = self.known.get(&state) {
            return *place;
        }
        let at = state.iter().map(|failed| *failed as usize).sum();
        while self.chain.levels.len() <= at {
            self.chain.levels.push(Level::default());
        }
        let level = &mut self.chain.levels[at];
        let place = Place { level: at, number: level.losses.len() };
        level.failures.push(Vec::new());
        level.repairs.push(Vec::new());
        level.losses.push(Scaled::ZERO);
        self.known.insert(state.clone(), place);
        self.waiting.push((state, place));
        place
    }

    /// The transitions out of a state.
    fn leave(
        &mut self,
        quotient: &Quotient,
        swaps: &[Swap],
        (state, place): (&FailedOfClass, Place),
        scratch: &mut Vec<bool>,
    ) {
        let times = |count: u32| Scaled::from(f64::from(count));
        let mut other = state.to_vec();
        for (class, failed) in state.iter().enumerate() {
            let Some((failure, repair)) = quotient.classes[class].rates else { continue };
            let live = quotient.classes[class].size - failed;
            if live > 0 {
                let rate = times(live) * failure;
                other[class] = failed + 1;
                if quotient.holds(&other, scratch) {
                    let to = self.place(representative(&other, swaps)).number;
                    self.chain.levels[place.level].failures[place.number].push((to, rate));
                } else {
                    let losses = &mut self.chain.levels[place.level].losses[place.number];
                    *losses = *losses + rate;
                }
            }
            if *failed > 0 {
                other[class] = failed - 1;
                let to = self.place(representative(&other, swaps)).number;
                self.chain.levels[place.level].repairs[place.number].push((to, times(*failed) * repair));
            }
            other[class] = *failed;
        }
    }
}
