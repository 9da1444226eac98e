//! How many failures one after another, in the worst order and in the best one, and how many at once?

use rustc_hash::FxHashMap;

use super::states::{Space, State};
use crate::budget::{Exhausted, Meter};

/// Failures that a system survives whose votes are given anew.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Survived {
    /// Of any so many at once.
    pub at_once: usize,
    /// Of any so many one after another, in whatever order.
    pub any_order: usize,
    /// The most, in the best order.
    pub best_order: usize,
    /// So few at once that there is no quorum any more; nodes, or zones.
    pub lost_at_once: Vec<usize>,
    /// An order of so few that there is none after the last.
    pub bad_order: Vec<usize>,
    /// An order of the most that are survived.
    pub good_order: Vec<usize>,
    /// Of each number of failures, from one on, how probable it is that they are survived in a random order.
    pub surviving: Vec<f64>,
}

/// A state with the way to it.
#[derive(Debug)]
struct Reached {
    state: State,
    /// The state before, in the level before, and the component that failed, as it stood there.
    from: Option<(usize, usize)>,
    /// The probability that random failures lead here.
    chance: f64,
}

/// All that can be reached by failures alone, level by level.
struct Levels<'a, 'b> {
    space: &'b Space<'a>,
    levels: Vec<Vec<Reached>>,
    /// The first failure without a quorum: its level, state and component.
    loss: Option<(usize, usize, usize)>,
}

impl<'a, 'b> Levels<'a, 'b> {
    fn explore(
        space: &'b Space<'a>,
        components: usize,
        first_loss_only: bool,
        meter: &mut Meter,
    ) -> Result<Self, Exhausted> {
        let start = Reached { state: space.start(), from: None, chance: 1.0 };
        let mut found = Levels { space, levels: vec![vec![start]], loss: None };
        let mut failed = 0;
        while failed < components && !(first_loss_only && found.loss.is_some()) {
            let next = found.next(components - failed, meter)?;
            if next.is_empty() {
                break;
            }
            found.levels.push(next);
            failed += 1;
        }
        Ok(found)
    }

    /// The level after the last one.
    fn next(&mut self, left: usize, meter: &mut Meter) -> Result<Vec<Reached>, Exhausted> {
        let level = self.levels.len() - 1;
        let mut known: FxHashMap<State, usize> = FxHashMap::default();
        let mut next: Vec<Reached> = Vec::new();
        for (at, reached) in self.levels[level].iter().enumerate() {
            meter.charge(self.space.cost())?;
            for step in self.space.steps(&reached.state, true, |_| true) {
                let Some(to) = step.to else {
                    self.loss = self.loss.or(Some((level, at, step.component)));
                    continue;
                };
                let chance = reached.chance * step.alike as f64 / left as f64;
                let to = self.space.ordered(to);
                match known.get(&to) {
                    Some(place) => next[*place].chance += chance,
                    None => {
                        known.insert(to.clone(), next.len());
                        next.push(Reached { state: to, from: Some((at, step.component)), chance });
                    }
                }
            }
        }
        Ok(next)
    }

    /// The components that fail on the way to a state, as they stand in the states before.
    fn way(&self, level: usize, at: usize) -> Vec<(usize, u32)> {
        let (mut level, mut at, mut way) = (level, at, Vec::new());
        while let Some((before, component)) = self.levels[level][at].from {
            level -= 1;
            way.push((component, self.levels[level][before].state[component]));
            at = before;
        }
        way.reverse();
        way
    }

    /// The same with real components: those of the states are up to ones that are alike.
    fn real(&self, way: &[(usize, u32)]) -> Vec<usize> {
        let mut state = self.space.start();
        let mut order = Vec::new();
        for (component, value) in way {
            let real = self.space.like(*component, *value, &state).expect("a way of states that are alike");
            order.push(real);
            match self.space.changed(&state, real) {
                Some(next) => state = next,
                None => break,
            }
        }
        order
    }

    /// The shortest way to a loss.
    fn shortest_loss(&self) -> Vec<usize> {
        let Some((level, at, component)) = self.loss else { return Vec::new() };
        let mut way = self.way(level, at);
        way.push((component, self.levels[level][at].state[component]));
        self.real(&way)
    }
}

/// Failures of `components` nodes or zones; `None` where there is no quorum at the start.
///
/// # Errors
/// [`Exhausted`].
pub(super) fn survived(space: &Space<'_>, components: usize, meter: &mut Meter) -> Result<Option<Survived>, Exhausted> {
    if !space.is_quorate(&space.start()) {
        return Ok(None);
    }
    let standing = space.standing();
    let at_once = Levels::explore(&standing, components, true, meter)?;
    let found = Levels::explore(space, components, false, meter)?;
    let most = found.levels.len() - 1;
    let lost_at_once = at_once.shortest_loss();
    let bad_order = found.shortest_loss();
    let count = |order: &[usize]| if order.is_empty() { most } else { order.len() - 1 };
    let any_order = count(&bad_order);
    let surviving = |(at, level): (usize, &Vec<Reached>)| {
        // Where every order is survived, rounding is not to say otherwise.
        if at < any_order { 1.0 } else { level.iter().map(|one| one.chance).sum() }
    };
    Ok(Some(Survived {
        at_once: count(&lost_at_once),
        any_order,
        best_order: most,
        lost_at_once,
        good_order: found.real(&found.way(most, 0)),
        bad_order,
        surviving: found.levels[1..].iter().enumerate().map(surviving).collect(),
    }))
}
