//! How each configuration came about: steps, each with the one before it.

use super::configurations::Configurations;
use super::configurations::START;
use super::unanswered::Pending;
use rustc_hash::FxHashMap;

/// What took effect in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Operation(u32),
    /// An operation without an answer, of some kind.
    Pending(u32),
    /// A write that is open could take effect here, unseen.
    Hides(u32),
    /// A write that returned took effect unseen: where it could, or just before the last write.
    Hidden(u32),
}

/// Steps that may be dead before they are looked for.
const DEAD_MIN: usize = 1 << 16;

/// All steps that lead to a configuration that is left, and some that do not.
#[derive(Debug, Default)]
pub(super) struct Steps {
    /// The step before, and what took effect.
    all: Vec<(u32, What)>,
    /// How many there were when dead ones were last taken away.
    live: usize,
}

impl Steps {
    pub(super) fn add(&mut self, before: u32, what: What) -> u32 {
        self.all.push((before, what));
        self.all.len() as u32 - 1
    }

    /// Takes away the steps that lead to no configuration, once they are many.
    pub(super) fn tidy(&mut self, left: &mut Configurations) {
        if self.all.len() < 2 * self.live + DEAD_MIN {
            return;
        }
        let mut is_live = vec![false; self.all.len()];
        for configuration in left.iter_mut() {
            let mut step = configuration.step;
            while step != START && !std::mem::replace(&mut is_live[step as usize], true) {
                step = self.all[step as usize].0;
            }
        }
        let mut moved = vec![START; self.all.len()];
        let mut kept = Vec::new();
        for (place, &(before, what)) in self.all.iter().enumerate().filter(|(place, _)| is_live[*place]) {
            moved[place] = kept.len() as u32;
            // A step stands behind the one before it.
            kept.push((if before == START { START } else { moved[before as usize] }, what));
        }
        for configuration in left.iter_mut().filter(|configuration| configuration.step != START) {
            configuration.step = moved[configuration.step as usize];
        }
        self.live = kept.len();
        self.all = kept;
    }

    /// The operations on the way to a step, in their order.
    pub(super) fn order(&self, last: u32, unanswered: &Pending, is_write: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut way = Vec::new();
        let mut step = last;
        while step != START {
            let (before, what) = self.all[step as usize];
            way.push(what);
            step = before;
        }
        way.reverse();
        let mut used = vec![0; unanswered.len()];
        let mut found: Vec<u32> = Vec::with_capacity(way.len());
        // Operations that take effect unseen, and before which place.
        let mut unseen: Vec<(usize, u32)> = Vec::new();
        let mut places: FxHashMap<u32, usize> = FxHashMap::default();
        let mut last_write = 0;
        for what in way {
            let (position, is_write) = match what {
                What::Operation(position) => (position, is_write(position)),
                What::Pending(kind) => {
                    used[kind as usize] += 1;
                    (unanswered.nth(kind, used[kind as usize] - 1), unanswered.is_write(kind))
                }
                What::Hides(position) => {
                    places.insert(position, found.len());
                    continue;
                }
                What::Hidden(position) => {
                    unseen.push((places.get(&position).copied().unwrap_or(last_write), position));
                    continue;
                }
            };
            if is_write {
                last_write = found.len();
            }
            found.push(position);
        }
        merged(&found, unseen)
    }
}

/// Operations with others between them, each before some place.
fn merged(seen: &[u32], mut unseen: Vec<(usize, u32)>) -> Vec<u32> {
    unseen.sort_by_key(|(place, _)| *place);
    let mut all = Vec::with_capacity(seen.len() + unseen.len());
    let mut rest = unseen.into_iter().peekable();
    for place in 0..=seen.len() {
        while let Some((_, position)) = rest.next_if(|(before, _)| *before == place) {
            all.push(position);
        }
        all.extend(seen.get(place));
    }
    all
}
