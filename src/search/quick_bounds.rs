//! What a system can serve, at a glance: from one number for each part and direction, before its region is made.
//!
//! In a direction (x, y) an operation of the mix is worth x + y, and a part is worth the most that it can serve. A gate `k of m`
//! hands out k times its reads and m - k + 1 times its writes, to no part more than its own; so for any z parts that are
//! left out, the rate is at most what the others are worth together over (k - z) x + (m - k + 1 - z) y.

use super::node_classes::{Counts, NodeClasses};
use super::progress::TIE;
use super::rate_region::{Rates, Region};
use super::read_once_forms::FormId;

/// Weights of reads and writes.
const DIRECTIONS: [Rates; 5] = [[1.0, 0.0], [0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0.0, 1.0]];

/// Parts of a gate that are looked at.
const PARTS_MAX: usize = 16;

/// A worth in every direction.
type Worth = [f64; DIRECTIONS.len()];

/// The worths of formulas that are built upon.
#[derive(Debug)]
pub(super) struct Glance {
    mix: Rates,
    /// Of a node of each class.
    rates: Vec<Rates>,
    worths: Vec<Worth>,
}

impl Glance {
    /// Nothing is known yet of formulas over nodes with these rates, which are to serve this mix.
    pub(super) fn new(rates: Vec<Rates>, mix: Rates) -> Self {
        Glance { mix, rates, worths: Vec::new() }
    }

    /// Forgets the formulas.
    pub(super) fn clear(&mut self) {
        self.worths.clear();
    }

    /// The next formula that is built upon; nothing is known of one without a region.
    pub(super) fn keep(&mut self, region: Option<&Region>) {
        // What is not in the mix has no price.
        let price = |weight: f64, share: f64| if share > 0.0 { weight / share } else { 0.0 };
        let worth = |[x, y]: Rates| {
            let prices = [price(x, self.mix[0]), price(y, self.mix[1])];
            region.map_or(f64::INFINITY, |region| region.worth(prices))
        };
        self.worths.push(DIRECTIONS.map(worth));
    }

    /// Whether `k of` these parts cannot serve this rate of operations.
    pub(super) fn is_short(&self, k: usize, parts: &[FormId], rate: f64) -> bool {
        let (count, each) = (parts.len(), parts.len() - k + 1);
        if count > PARTS_MAX {
            return false;
        }
        let mut rising = [0.0; PARTS_MAX];
        DIRECTIONS.iter().enumerate().any(|(direction, weights)| {
            for (worth, part) in rising.iter_mut().zip(parts) {
                *worth = self.worths[*part as usize][direction];
            }
            rising[..count].sort_unstable_by(f64::total_cmp);
            let [x, y] = self.used(*weights);
            let mut sum = 0.0;
            // Without the largest: first all but the smallest, at last none.
            (0..count).rev().any(|without| {
                sum += rising[count - 1 - without];
                let times = |times: usize| times.saturating_sub(without) as f64;
                let needed = times(k) * x + times(each) * y;
                needed * rate * (1.0 - TIE) > sum
            })
        })
    }

    /// Whether no formula with a part that leaves these nodes to others can serve this rate of operations.
    ///
    /// The top `k of m` serves everything, and hands out k - 1 times its reads and m - k times its writes to others than the
    /// one that contains the part: at least one of the two, and they can do no more than all of their nodes.
    pub(super) fn is_too_much(&self, classes: &NodeClasses, left: Counts, rate: f64) -> bool {
        let most = |kind: usize| {
            let of = |(class, rates): (usize, &Rates)| classes.count(left, class) as f64 * rates[kind];
            self.rates.iter().enumerate().map(of).sum::<f64>() / self.mix[kind]
        };
        rate * (1.0 - TIE) > most(0).max(most(1))
    }

    /// The weights, without those of what is not in the mix.
    fn used(&self, weights: Rates) -> Rates {
        [0, 1].map(|kind| if self.mix[kind] > 0.0 { weights[kind] } else { 0.0 })
    }
}
