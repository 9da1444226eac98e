//! What is known of a front while it is found: points on it, and lines of which no strategy lies below.

use super::program::linear_program::DualPrices;
use crate::strategy::tolerance::SAME_SUM;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// A strategy, where it lies, and the line that it was found on.
#[derive(Debug, Clone)]
pub(super) struct Point<S> {
    /// Both quantities, x and y.
    pub(super) at: [BigRational; 2],
    pub(super) found: S,
    pub(super) line: Supporting,
}

/// No strategy lies below this line: `slope x + y >= bound`, or `x >= bound` where it is upright.
#[derive(Debug, Clone)]
pub(super) struct Supporting {
    pub(super) slope: Option<BigRational>,
    pub(super) bound: BigRational,
    /// What proves it.
    pub(super) prices: DualPrices,
    /// Whether it is proven in fractions, and a strategy lies on it.
    pub(super) is_exact: bool,
}

impl Supporting {
    /// The line through a point with the least weighted sum, which is proven.
    pub(super) fn through(at: &[BigRational; 2], [x, y]: [&BigRational; 2], prices: DualPrices) -> Self {
        let bound = x * &at[0] + y * &at[1];
        Supporting { slope: (!y.is_zero()).then(|| x / y), bound, prices, is_exact: true }
    }

    /// The least y on or above the line, unless it is upright.
    fn above(&self, x: f64) -> Option<f64> {
        self.slope.as_ref().map(|slope| float(&self.bound) - float(slope) * x)
    }

    /// Where two lines cross.
    fn crossing(&self, other: &Supporting) -> Option<f64> {
        match (&self.slope, &other.slope) {
            (None, _) => Some(float(&self.bound)),
            (_, None) => Some(float(&other.bound)),
            (Some(own), Some(others)) => {
                let turn = own - others;
                (!turn.is_zero()).then(|| float(&((&self.bound - &other.bound) / turn)))
            }
        }
    }
}

/// Points by rising x and falling y. Between each two of them stands the line below both, once it is known that no point lies between.
pub(super) struct Chain<S> {
    pub(super) points: Vec<Point<S>>,
    pub(super) lines: Vec<Option<Supporting>>,
    /// The lines to the left of all points, and below all of them.
    ends: [Supporting; 2],
}

impl<S> Chain<S> {
    /// From a point with the least x and one with the least y.
    pub(super) fn new(first: Point<S>, last: Point<S>) -> Self {
        let ends = [first.line.clone(), last.line.clone()];
        // One strategy may be best at both.
        let points = match () {
            () if first.at[1] <= last.at[1] => vec![first],
            () if last.at[0] <= first.at[0] => vec![last],
            () => vec![first, last],
        };
        Chain { lines: vec![None; points.len() - 1], points, ends }
    }

    /// Adds the point with the least weighted sum between two neighbours, or the line that passes through both.
    pub(super) fn insert(&mut self, position: usize, slope: &BigRational, found: Point<S>) {
        let [left, right] = [&self.points[position].at, &self.points[position + 1].at];
        let sum = |at: &[BigRational; 2]| slope * &at[0] + &at[1];
        let between =
            left[0] <= found.at[0] && found.at[0] <= right[0] && right[1] <= found.at[1] && found.at[1] <= left[1];
        let (on_left, on_right) = (found.at[0] == left[0], found.at[1] == right[1]);
        if !between || is_same(&sum(&found.at), &sum(left), found.line.is_exact) {
            self.lines[position] = Some(found.line);
            return;
        }
        self.points.insert(position + 1, found);
        self.lines.insert(position, None);
        // A neighbour that is as good at one quantity and worse at the other is no corner.
        if on_right {
            self.points.remove(position + 2);
            self.lines.remove(position + 1);
        }
        if on_left {
            self.points.remove(position);
            self.lines.remove(position);
        }
    }

    /// Leaves out points between others on one edge.
    pub(super) fn straighten(&mut self) {
        let mut position = 1;
        while position + 1 < self.points.len() {
            let [before, own, after] = [position - 1, position, position + 1].map(|position| &self.points[position].at);
            let slope = (&before[1] - &after[1]) / (&after[0] - &before[0]);
            let sum = |at: &[BigRational; 2]| &slope * &at[0] + &at[1];
            if is_same(&sum(own), &sum(before), self.points[position].line.is_exact) {
                self.points.remove(position);
                self.lines.remove(position);
            } else {
                position += 1;
            }
        }
    }

    /// Whether all of it is proven in fractions.
    pub(super) fn is_proven(&self) -> bool {
        let lines = self.lines.iter().all(|line| line.as_ref().is_some_and(|line| line.is_exact));
        lines && self.ends.iter().chain(self.points.iter().map(|point| &point.line)).all(|line| line.is_exact)
    }

    /// What proves that a point has the least y within its x: the line to its right, or the one that it was found on.
    pub(super) fn prices(&self, position: usize) -> DualPrices {
        let own = &self.points[position].line;
        let right = match self.lines.get(position) {
            Some(line) => line.as_ref(),
            None => Some(&self.ends[1]),
        };
        let proves = |line: &&Supporting| line.is_exact || !own.is_exact;
        right.filter(proves).unwrap_or(own).prices.clone()
    }

    /// The least y that is possible within x, as far as the lines say.
    pub(super) fn below(&self, x: &BigRational) -> f64 {
        let lines = self.lines.iter().flatten().chain(self.points.iter().map(|point| &point.line)).chain(&self.ends);
        lines.filter_map(|line| line.above(float(x))).fold(0.0, f64::max)
    }

    /// How far below the points and what lies between them the front may lie, as a share of y or of x, whichever is less.
    pub(super) fn gap(&self) -> f64 {
        let between = (0..self.lines.len()).map(|position| self.gap_after(position));
        let [x, y] = [&self.points[0].at[0], &self.points[self.points.len() - 1].at[1]].map(float);
        let ends = [(x, float(&self.ends[0].bound)), (y, float(&self.ends[1].bound))];
        between.chain(ends.map(|(upper, lower)| share(upper - lower, lower))).fold(0.0, f64::max)
    }

    fn gap_after(&self, position: usize) -> f64 {
        let [left, right] = [position, position + 1].map(|position| &self.points[position]);
        let [[a, b], [c, d]] = [&left.at, &right.at].map(|at| at.each_ref().map(float));
        let slope = (b - d) / (c - a);
        if let Some(line) = &self.lines[position] {
            let apart = b + slope * a - float(&line.bound);
            return share(apart, d).min(share(apart / slope, a));
        }
        // The corner that may be missing is where the lines of both neighbours cross.
        let Some(x) = left.line.crossing(&right.line) else { return f64::INFINITY };
        let Some(y) = right.line.above(x).or_else(|| left.line.above(x)) else { return f64::INFINITY };
        let apart = b - slope * (x - a) - y;
        share(apart, y).min(share(apart / slope, x))
    }
}

/// A difference as a share; nothing where it is a rounding error below 0.
fn share(apart: f64, of: f64) -> f64 {
    if apart <= 0.0 { 0.0 } else { apart / of.max(0.0) }
}

/// Whether two weighted sums are one.
fn is_same(sum: &BigRational, known: &BigRational, is_exact: bool) -> bool {
    sum >= known || !is_exact && float(&((known - sum) / known.abs())) <= SAME_SUM
}

pub(super) fn float(number: &BigRational) -> f64 {
    number.to_f64().unwrap_or(f64::MAX)
}

/// The number itself, as a fraction.
pub(super) fn fraction(number: f64) -> BigRational {
    BigRational::from_float(number).unwrap_or_else(BigRational::zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64, (slope, bound): (Option<f64>, f64)) -> Point<()> {
        let line = Supporting {
            slope: slope.map(fraction),
            bound: fraction(bound),
            prices: DualPrices::default(),
            is_exact: false,
        };
        Point { at: [x, y].map(fraction), found: (), line }
    }

    #[test]
    fn gaps_are_judged_where_they_are() {
        // From (1, 1000) to (3, 1): the line below both has the same slope, and one tenth of y less.
        let ends = || (point(1.0, 1000.0, (None, 1.0)), point(3.0, 1.0, (Some(0.0), 1.0)));
        let (first, last) = ends();
        let mut chain = Chain::new(first, last);
        let slope = fraction(499.5);
        assert!(chain.gap() > 0.5, "the corner at (1, 1) is possible");
        chain.insert(0, &slope, point(2.0, 500.5, (Some(499.5), 1499.4)));
        assert_eq!((chain.points.len(), chain.lines.len()), (2, 1));
        // One tenth of the y on the right, but x is known to 0.1 / 499.5.
        assert!((chain.gap() - 0.1 / 499.5).abs() < 1e-9 && !chain.is_proven(), "{}", chain.gap());
    }

    #[test]
    fn neighbours_that_are_dominated_are_left_out() {
        let mut chain = Chain::new(point(1.0, 10.0, (None, 1.0)), point(9.0, 2.0, (Some(0.0), 2.0)));
        chain.insert(0, &fraction(1.0), point(1.0, 4.0, (Some(1.0), 5.0)));
        assert_eq!((chain.points.len(), chain.lines.len()), (2, 1));
        chain.insert(0, &fraction(0.25), point(3.0, 2.0, (Some(0.25), 2.75)));
        assert_eq!((chain.points.len(), chain.lines.len()), (2, 1));
        assert_eq!([0, 1].map(|place: usize| float(&chain.points[place].at[0])), [1.0, 3.0]);
    }
}
