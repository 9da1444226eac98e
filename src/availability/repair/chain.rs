//! A Markov chain of levels, solved without a subtraction.

use std::ops::{Add, Div, Mul};

use nalgebra::{DMatrix, Scalar};
use num_traits::{One, Zero};

use crate::number::Scaled;

/// The states with equally many failures: the chain goes from here to the next level, to the one before, or is lost.
#[derive(Debug, Default)]
pub(in super::super) struct Level {
    /// For each state, the states of the next level that it fails to, with rates.
    pub(in super::super) failures: Vec<Vec<(usize, Scaled)>>,
    /// For each state, the states of the level before that it is repaired to, with rates.
    pub(in super::super) repairs: Vec<Vec<(usize, Scaled)>>,
    /// For each state, the rate at which a failure loses the quorums.
    pub(in super::super) losses: Vec<Scaled>,
}

/// A chain that starts in the only state of its first level.
#[derive(Debug, Default)]
pub(in super::super) struct Chain {
    pub(in super::super) levels: Vec<Level>,
}

/// Numbers in which a chain can be solved.
pub(in super::super) trait Rate:
    Scalar + Copy + Zero + One + Add<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    fn of(value: Scaled) -> Self;
}

impl Rate for Scaled {
    fn of(value: Scaled) -> Self {
        value
    }
}

impl Rate for f64 {
    fn of(value: Scaled) -> Self {
        value.ratio(Scaled::ONE)
    }
}

impl Chain {
    pub(in super::super) fn states(&self) -> usize {
        self.levels.iter().map(|level| level.losses.len()).sum()
    }

    /// The mean time until it is lost, of a chain that ends.
    ///
    /// # Method
    /// Elimination of states, from the level with the most failures to the first. A state s that is left at rates q(s, j),
    /// S in all, is taken out: whoever goes to s at rate q then goes to j at rate q q(s, j) / S instead, and each visit
    /// costs the time 1 / S more. The rate of the diagonal is never formed as a difference: it is S, the sum of the rates
    /// that are left. All terms are positive, so that no digit is lost however rare the loss is: the relative error is at
    /// most about the number of operations behind a number, times 2^-53, in practice below 1e-12.
    ///
    /// # Source
    /// Grassmann, Taksar and Heyman, Regenerative analysis and steady state distributions for Markov chains, 1985;
    /// O'Cinneide, Entrywise perturbation theory and error analysis for Markov chains, 1993.
    ///
    /// # Complexity
    /// O(m^2 (m + l)) for a level of m states after one of l.
    pub(in super::super) fn mean_time<T: Rate>(&self) -> T {
        let mut exits: DMatrix<T> = DMatrix::zeros(0, 0);
        for (at, level) in self.levels.iter().enumerate().rev() {
            let before = if at == 0 { 0 } else { self.levels[at - 1].losses.len() };
            exits = level.exits(before, &exits);
        }
        // The first level has one state, which is left for good only.
        exits[(1, 0)]
    }
}

impl Level {
    /// What happens until the chain leaves a level and all levels after it: in column s, for a start in state s, the
    /// probability of each of the `before` states of the level before, that of a loss, and the mean time.
    fn exits<T: Rate>(&self, before: usize, next: &DMatrix<T>) -> DMatrix<T> {
        let states = self.losses.len();
        // Column s: the rates from s to the states of this level, by way of later levels, and out of it.
        let mut within: DMatrix<T> = DMatrix::zeros(states, states);
        let mut exits: DMatrix<T> = DMatrix::zeros(before + 2, states);
        for state in 0..states {
            let mut exit = exits.column_mut(state);
            self.repairs[state].iter().for_each(|(to, rate)| exit[*to] = exit[*to] + T::of(*rate));
            exit[before] = T::of(self.losses[state]);
            exit[before + 1] = T::one();
            let mut inside = within.column_mut(state);
            for (to, rate) in &self.failures[state] {
                let (rate, after) = (T::of(*rate), next.column(*to));
                // A way back to the state itself adds to the diagonal, which is never read.
                (0..states).for_each(|back| inside[back] = inside[back] + rate * after[back]);
                (0..2).for_each(|last| exit[before + last] = exit[before + last] + rate * after[states + last]);
            }
        }
        eliminate(&mut within, &mut exits);
        exits
    }
}

/// Takes out all states of a level, first to last, and then says of each how the level is left.
fn eliminate<T: Rate>(within: &mut DMatrix<T>, exits: &mut DMatrix<T>) {
    let states = within.ncols();
    let height = exits.nrows();
    // The last row is time and not a way out.
    let ways = height - 1;
    let total = |rates: &[T]| rates.iter().fold(T::zero(), |sum, rate| sum + *rate);
    let mut leaving: Vec<T> = (0..states).map(|state| total(&exits.as_slice()[state * height..][..ways])).collect();
    for state in 0..states {
        let (done, rest) = within.as_mut_slice().split_at_mut((state + 1) * states);
        let own = &mut done[state * states..][state + 1..];
        let sum = leaving[state] + total(own);
        own.iter_mut().for_each(|rate| *rate = *rate / sum);
        leaving[state] = leaving[state] / sum;
        let (exits_done, exits_rest) = exits.as_mut_slice().split_at_mut((state + 1) * height);
        let own_exits = &mut exits_done[state * height..];
        own_exits.iter_mut().for_each(|rate| *rate = *rate / sum);
        for other in state + 1..states {
            let column = &mut rest[(other - state - 1) * states..][..states];
            let rate = column[state];
            if rate.is_zero() {
                continue;
            }
            add_times(&mut column[state + 1..], rate, own);
            add_times(&mut exits_rest[(other - state - 1) * height..][..height], rate, own_exits);
            leaving[other] = leaving[other] + rate * leaving[state];
        }
    }
    for state in (0..states).rev() {
        let (before, after) = exits.as_mut_slice().split_at_mut((state + 1) * height);
        let own = &mut before[state * height..];
        for other in state + 1..states {
            let share = within[(other, state)];
            if !share.is_zero() {
                add_times(own, share, &after[(other - state - 1) * height..][..height]);
            }
        }
    }
}

fn add_times<T: Rate>(to: &mut [T], factor: T, from: &[T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *to + factor * *from;
    }
}
