//! How soon is there no quorum, with repairs in between?

use rustc_hash::FxHashMap;

use super::super::repair::{Chain, Components, Level};
use super::states::{Space, State};
use crate::budget::{Exhausted, Meter};
use crate::number::Scaled;

/// The mean time until the first loss.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct DynamicLoss {
    /// In hours; `None`: it is never lost.
    pub hours: Option<Scaled>,
    /// States of the chain.
    pub states: usize,
}

/// The chain whose states are who is up and who votes, solved without a subtraction.
///
/// # Errors
/// [`Exhausted`].
pub(super) fn first_loss(
    space: &Space<'_>,
    components: &Components,
    meter: &mut Meter,
) -> Result<DynamicLoss, Exhausted> {
    let mut found = Found { known: FxHashMap::default(), waiting: Vec::new(), chain: Chain::default() };
    let start = space.start();
    if !space.is_quorate(&start) {
        return Ok(DynamicLoss { hours: Some(Scaled::ZERO), states: 0 });
    }
    found.place(start, 0);
    while let Some((state, level, number)) = found.waiting.pop() {
        meter.charge(space.cost())?;
        found.leave(space, components, (&state, level, number));
        // The elimination of a level takes the cube of its states.
        let states = found.chain.levels[level].losses.len() as u64;
        meter.charge(states * states / 64)?;
    }
    let can_be_lost = found.chain.levels.iter().any(|level| level.losses.iter().any(|rate| *rate != Scaled::ZERO));
    for level in &found.chain.levels {
        let states = level.losses.len() as u64;
        meter.charge(states * states * states)?;
    }
    let states = found.chain.states();
    Ok(DynamicLoss { hours: can_be_lost.then(|| found.chain.mean_time::<Scaled>()), states })
}

/// The chain as far as it is known.
struct Found {
    known: FxHashMap<State, (usize, usize)>,
    waiting: Vec<(State, usize, usize)>,
    chain: Chain,
}

impl Found {
    fn place(&mut self, state: State, failures: usize) -> usize {
        if let Some((_, number)) = self.known.get(&state) {
            return *number;
        }
        while self.chain.levels.len() <= failures {
            self.chain.levels.push(Level::default());
        }
        let level = &mut self.chain.levels[failures];
        let number = level.losses.len();
        level.failures.push(Vec::new());
        level.repairs.push(Vec::new());
        level.losses.push(Scaled::ZERO);
        self.known.insert(state.clone(), (failures, number));
        self.waiting.push((state, failures, number));
        number
    }

    fn leave(&mut self, space: &Space<'_>, components: &Components, (state, level, number): (&State, usize, usize)) {
        let fails = |component: usize| components.times[component].is_some();
        for step in space.steps(state, true, fails) {
            let rate = Scaled::from(step.alike as f64) * components.failure_rate(step.component);
            match step.to {
                Some(to) => {
                    let to = self.place(space.ordered(to), level + 1);
                    self.chain.levels[level].failures[number].push((to, rate));
                }
                None => {
                    let losses = &mut self.chain.levels[level].losses[number];
                    *losses = *losses + rate;
                }
            }
        }
        for step in space.steps(state, false, fails) {
            let rate = Scaled::from(step.alike as f64) * components.repair_rate(step.component);
            let to = step.to.expect("those that are up have a quorum, and one more does not take it from them");
            let to = self.place(space.ordered(to), level - 1);
            self.chain.levels[level].repairs[number].push((to, rate));
        }
    }
}
