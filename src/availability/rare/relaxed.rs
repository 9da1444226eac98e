//! What must at least have failed where a list of sets is not met yet: bounds, and states drawn under that condition.

use crate::availability::bernoulli_words::Numbers;
use crate::model::Probability;
use crate::number::Scaled;

/// Variables of which at least some number must have failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) members: Vec<usize>,
    pub(crate) needed: usize,
}

impl Group {
    /// P(at least as many of the members fail as are needed).
    ///
    /// # Complexity
    /// O(members needed).
    pub(crate) fn probability(&self, failure: &[Probability]) -> Scaled {
        let mut row = vec![0.0; self.needed + 1];
        row[0] = 1.0;
        let scale = self.scale(failure);
        for member in self.members.iter().rev() {
            add(&mut row, failure[*member], scale);
        }
        // Each failure counts as 1 / scale of its probability, so that a product of many does not leave the range.
        let value = Scaled::from(row[self.needed].min(f64::MAX)) * Scaled::from(scale).powi(self.needed as u64);
        if value < Scaled::ONE { value } else { Scaled::ONE }
    }

    /// Lets members fail as they do when at least as many fail as are needed.
    pub(crate) fn draw(&self, failure: &[Probability], random: &mut Numbers, space: &mut Space) {
        let width = self.needed + 1;
        let scale = self.scale(failure);
        space.rows.clear();
        space.rows.resize((self.members.len() + 1) * width, 0.0);
        // Row i: the chances with the members from i on.
        space.rows[self.members.len() * width] = 1.0;
        for (i, member) in self.members.iter().enumerate().rev() {
            space.rows.copy_within((i + 1) * width..(i + 2) * width, i * width);
            add(&mut space.rows[i * width..(i + 1) * width], failure[*member], scale);
        }
        let mut needed = self.needed;
        for (i, member) in self.members.iter().enumerate() {
            let p = failure[*member].get();
            let share = match needed {
                0 => p,
                _ => p / scale * space.rows[(i + 1) * width + needed - 1] / space.rows[i * width + needed],
            };
            let fails = random.unit() < share;
            space.failed[*member] = fails;
            needed -= usize::from(fails && needed > 0);
        }
    }

    fn scale(&self, failure: &[Probability]) -> f64 {
        self.members.iter().map(|member| failure[*member].get()).fold(f64::MIN_POSITIVE, f64::max)
    }
}

/// One more member, before the others: `row[r]` is P(at least r fail) / scale^r.
fn add(row: &mut [f64], p: Probability, scale: f64) {
    let (fails, works) = (p.get() / scale, p.complement());
    for needed in (1..row.len()).rev() {
        row[needed] = (row[needed] * works + row[needed - 1] * fails).min(f64::MAX);
    }
}

/// What a draw writes to.
#[derive(Debug)]
pub(crate) struct Space {
    /// Which variables failed.
    pub(crate) failed: Vec<bool>,
    rows: Vec<f64>,
}

impl Space {
    pub(crate) fn new(variables: usize) -> Self {
        Space { failed: vec![false; variables], rows: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chances(p: &[f64]) -> Vec<Probability> {
        p.iter().map(|p| Probability::new(*p).unwrap()).collect()
    }

    /// P(exactly these fail), given that enough do, for every set of failures.
    fn conditional(failure: &[Probability], needed: usize) -> (f64, Vec<f64>) {
        let n = failure.len();
        let weight = |set: usize| -> f64 {
            let each = |i: usize| if set >> i & 1 == 1 { failure[i].get() } else { failure[i].complement() };
            (0..n).map(each).product()
        };
        let enough = |set: &usize| set.count_ones() as usize >= needed;
        let total = (0..1 << n).filter(enough).map(weight).sum();
        (total, (0..1 << n).map(|set| if enough(&set) { weight(set) / total } else { 0.0 }).collect())
    }

    #[test]
    fn states_are_drawn_as_often_as_they_are_probable() {
        let failure = chances(&[0.3, 0.01, 0.5, 0.2]);
        for needed in 0..=4 {
            let group = Group { members: vec![0, 1, 2, 3], needed };
            let (total, expected) = conditional(&failure, needed);
            assert!((group.probability(&failure).to_f64().unwrap() / total - 1.0).abs() < 1e-14);
            let (mut random, mut counts) = (Numbers::new(7, needed as u64), [0u32; 16]);
            let mut space = Space::new(4);
            const DRAWS: u32 = 40_000;
            for _ in 0..DRAWS {
                group.draw(&failure, &mut random, &mut space);
                counts[(0..4).map(|i| usize::from(space.failed[i]) << i).sum::<usize>()] += 1;
            }
            for (count, expected) in counts.iter().zip(expected) {
                let mean = f64::from(DRAWS) * expected;
                assert!((f64::from(*count) - mean).abs() <= 5.0 * mean.sqrt() + 1e-9, "{needed}: {count} {mean}");
            }
        }
    }

    #[test]
    fn tiny_chances_neither_vanish_nor_overflow() {
        // 20 of 40 with p = 1e-30: C(40, 20) 1e-600.
        let failure = chances(&[1e-30; 40]);
        let group = Group { members: (0..40).collect(), needed: 20 };
        assert_eq!(group.probability(&failure).to_string(), "1.3785e-589");
        let wide = Group { members: (0..40_000).collect(), needed: 2_000 };
        assert!(wide.probability(&chances(&vec![0.04; 40_000])) <= Scaled::ONE);
    }
}
