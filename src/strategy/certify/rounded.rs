//! An optimum in fractions from one in floating point, by rounding.
//!
//! Any strategy proves an upper bound and any node weights prove a lower one, so rounding can never make a false claim:
//! at worst the two bounds stay apart and nothing is certified.

use crate::strategy::program::context::Asked;
use crate::strategy::tolerance::NEAR_FRACTION;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::proof::ExactStrategy;
use crate::budget::Meter;
use crate::circuit::pass;
use crate::model::{Choice, Formula, Kind, NodeSet, Pair, Strategy};
use crate::strategy::program::demand::Weights;

/// Largest number of edges, and of names in a strategy, for which exact sums are worth their time.
pub(crate) const EDGES_MAX: usize = 20_000;

/// Edges of the formulas, or names in the strategy.
pub(crate) fn terms(asked: Asked<'_>, strategy: &Strategy) -> usize {
    let Asked { formulas, demand } = asked;
    let edges: usize = Kind::BOTH.iter().filter_map(|kind| formulas.of(*kind).map(Formula::edge_count)).sum();
    let drawn = strategy.reads.len() + strategy.writes.len();
    edges.max(drawn * demand.nodes())
}

/// A load with the strategy and the weights that prove it.
#[derive(Debug, Clone)]
pub(crate) struct Near {
    pub(crate) load: BigRational,
    pub(crate) strategy: ExactStrategy,
    pub(crate) weights: Weights<BigRational>,
}

/// Probabilities and weights rounded to the simplest fractions nearby; `None` where these bounds differ.
pub(crate) fn near(asked: Asked<'_>, strategy: &Strategy, weights: &Weights<f64>) -> Option<Near> {
    let weights: Weights<BigRational> =
        weights.iter().map(|weights| weights.iter().map(|y| simplest(*y)).collect()).collect();
    Rounded::new(asked, strategy).proof(&weights)
}

/// The same where the weights are known in fractions: the strategy rounded to the simplest fractions nearby; `None` where that is not
/// optimal, or where it is long and `however_long` does not say that it may be.
pub(crate) fn rounded_strategy(
    asked: Asked<'_>,
    strategy: &Strategy,
    weights: &Weights<BigRational>,
    however_long: bool,
) -> Option<Near> {
    if !however_long && terms(asked, strategy) > EDGES_MAX {
        return None;
    }
    Rounded::new(asked, strategy).proof(weights)
}

type Distributions = Pair<Vec<BigRational>>;

struct Rounded<'a> {
    asked: Asked<'a>,
    strategy: &'a Strategy,
    /// What an operation costs: `costs.of(kind)[share][node]`.
    costs: Pair<Weights<BigRational>>,
}

impl<'a> Rounded<'a> {
    fn new(asked: Asked<'a>, strategy: &'a Strategy) -> Self {
        let demand = asked.demand;
        let costs = Pair { reads: Kind::Read, writes: Kind::Write }
            .map(|kind| (0..demand.shares().len()).map(|share| demand.exact_costs(kind, share)).collect());
        Rounded { asked, strategy, costs }
    }

    /// The load of the strategy with these probabilities, scaled to add up to 1.
    fn upper_bound(&self, drawn: &Distributions) -> Option<BigRational> {
        // Whole numbers of draws; a node's load is the sum over both kinds of (draws that use it) cost / (all draws).
        let mut used = self.kinds().map(|kind| self.node_use(kind, drawn.of(kind))).collect::<Option<Vec<_>>>()?;
        let totals: Vec<BigInt> = used.iter().map(|(_, total)| total.clone()).collect();
        for (position, (used, _)) in used.iter_mut().enumerate() {
            let others = totals.iter().enumerate().filter(|(other, total)| *other != position && !total.is_one());
            others.for_each(|(_, total)| used.iter_mut().for_each(|used| *used *= total));
        }
        let load = |share: usize, node: usize| -> Option<BigRational> {
            let each = self.kinds().zip(&used).filter(|(_, (used, _))| !used[node].is_zero());
            each.map(|(kind, (used, _))| &self.costs.of(kind)[share][node] * &used[node]).reduce(|a, b| a + b)
        };
        let largest = |share: usize| (0..self.asked.demand.nodes()).filter_map(|node| load(share, node)).max();
        let busiest = (0..self.asked.demand.shares().len())
            .map(|share| Some(largest(share)? * self.asked.demand.exact_share(share)))
            .sum::<Option<BigRational>>()?;
        Some(busiest / totals.iter().product::<BigInt>())
    }

    /// How many draws use each node, and how many there are, if probabilities are fractions of so many draws.
    fn node_use(&self, kind: Kind, drawn: &[BigRational]) -> Option<(Vec<BigInt>, BigInt)> {
        let (drawn, _) = over_common_denominator(drawn);
        let total: BigInt = drawn.iter().sum();
        if total.is_zero() || drawn.iter().any(Signed::is_negative) {
            return None;
        }
        let mut used = vec![BigInt::zero(); self.asked.demand.nodes()];
        for (choice, draws) in self.choices(kind).iter().zip(&drawn) {
            choice.quorum.iter().for_each(|node| used[node.index()] += draws);
        }
        Some((used, total))
    }

    /// What the cheapest quorums cost under these weights, scaled to add up to the share of each read fraction.
    fn lower_bound(&self, y: &Weights<BigRational>) -> Option<BigRational> {
        let mut scaled: Weights<BigRational> = Vec::with_capacity(y.len());
        for (share, y) in y.iter().enumerate() {
            let (y, _) = over_common_denominator(y);
            let total: BigInt = y.iter().sum();
            if total.is_zero() || y.iter().any(Signed::is_negative) {
                return None;
            }
            let factor = self.asked.demand.exact_share(share) / total;
            scaled.push(y.into_iter().map(|y| if y.is_zero() { BigRational::zero() } else { &factor * y }).collect());
        }
        let mut bound = BigRational::zero();
        for kind in self.kinds() {
            let price = |node: usize| -> BigRational {
                let weighted = scaled.iter().zip(self.costs.of(kind)).filter(|(y, _)| !y[node].is_zero());
                weighted.map(|(y, cost)| &y[node] * &cost[node]).reduce(|a, b| a + b).unwrap_or_else(BigRational::zero)
            };
            let (prices, denominator) =
                over_common_denominator(&(0..self.asked.demand.nodes()).map(price).collect::<Vec<_>>());
            let mut meter = Meter::new(
                crate::budget::Resource::PassSteps,
                4 * (*self.asked.formulas.of(kind))?.edge_count().max(EDGES_MAX) as u64,
            );
            let cheapest = pass::cheapest_quorum((*self.asked.formulas.of(kind))?, &prices, &mut meter).ok()?.0;
            bound += BigRational::new(cheapest, denominator);
        }
        Some(bound)
    }

    /// The strategy rounded to the simplest fractions nearby, if these weights prove that nothing is better.
    fn proof(&self, y: &Weights<BigRational>) -> Option<Near> {
        let simplest = |choices: &Vec<Choice>| choices.iter().map(|choice| simplest(choice.probability)).collect();
        let drawn: Distributions = self.strategy.as_ref().map(simplest);
        let load = self.upper_bound(&drawn)?;
        if self.lower_bound(y)? != load {
            return None;
        }
        let choose = |kind: Kind| -> Vec<(NodeSet, BigRational)> {
            let total: BigRational = drawn.of(kind).iter().sum();
            let positive = self.choices(kind).iter().zip(drawn.of(kind)).filter(|(_, drawn)| drawn.is_positive());
            positive.map(|(choice, drawn)| (choice.quorum.clone(), drawn / &total)).collect()
        };
        let chosen = Pair { reads: Kind::Read, writes: Kind::Write }.map(choose);
        let scaled = |(share, y): (usize, &Vec<BigRational>)| {
            let factor = self.asked.demand.exact_share(share) / y.iter().sum::<BigRational>();
            y.iter().map(|y| y * &factor).collect()
        };
        let weights = y.iter().enumerate().map(scaled).collect();
        Some(Near { load, strategy: chosen, weights })
    }

    fn choices(&self, kind: Kind) -> &[Choice] {
        self.strategy.of(kind)
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        Kind::BOTH.into_iter().filter(|kind| self.asked.formulas.of(*kind).is_some())
    }
}

/// The fractions as whole numbers over one denominator, and the denominator.
pub(crate) fn over_common_denominator(fractions: &[BigRational]) -> (Vec<BigInt>, BigInt) {
    let mut common = BigInt::one();
    for fraction in fractions {
        let own = fraction.denom();
        let rest = &common % own;
        if !rest.is_zero() {
            common *= own / rest.gcd(own);
        }
    }
    let whole = |fraction: &BigRational| match fraction.denom() == &common {
        true => fraction.numer().clone(),
        false => fraction.numer() * (&common / fraction.denom()),
    };
    (fractions.iter().map(whole).collect(), common)
}

/// The simplest fraction near a number: the first convergent of its continued fraction within 1e-10.
pub(crate) fn simplest(value: f64) -> BigRational {
    let (mut before, mut last) = ((BigInt::zero(), BigInt::one()), (BigInt::one(), BigInt::zero()));
    let mut rest = value;
    for _ in 0..40 {
        let whole = rest.floor();
        let digit = BigInt::from(whole as i64);
        let next = (&digit * &last.0 + &before.0, &digit * &last.1 + &before.1);
        before = std::mem::replace(&mut last, next);
        let fraction = BigRational::new(last.0.clone(), last.1.clone());
        let near = fraction.to_f64().is_some_and(|fraction| (fraction - value).abs() <= NEAR_FRACTION);
        if near || rest == whole {
            return fraction;
        }
        rest = 1.0 / (rest - whole);
    }
    BigRational::new(last.0, last.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simplest_fractions() {
        for (value, expected) in
            [(0.0, "0"), (1.0, "1"), (0.4, "2/5"), (1.0 / 3.0 + 1e-13, "1/3"), (625.0 / 2101.0, "625/2101")]
        {
            assert_eq!(simplest(value).to_string(), expected);
        }
    }
}
