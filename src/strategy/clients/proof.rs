//! What strategies and prices prove, without rounding.
//!
//! Prices are taken as the fractions that their floating-point numbers are; what quorums cost is rounded down to whole numbers of a tiny
//! unit, which only lowers the lower bound, and added up exactly. The shares of draws are whole numbers of another one.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::commodity::Commodity;
use super::layer::cheapest;
use super::parts::{Parts, Prices};
use crate::budget::{Exhausted, Meter};
use crate::model::{Kind, System, exact_decimal};
use crate::strategy::certify::rounded::simplest;
use crate::strategy::solver::ClientColumn;

/// Bits after the point of what quorums cost, relative to the objective.
const COST_BITS: u64 = 100;

/// Bits after the point of shares.
const SHARE_BITS: u32 = 60;

/// Names in a strategy of which simple fractions are tried.
const SIMPLE_NAMES_MAX: usize = 4_000;

/// What is proven.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Proof {
    pub(super) lower: BigRational,
    pub(super) upper: BigRational,
    /// Whether the strategies keep all limits.
    pub(super) keeps_limits: bool,
}

/// A program and a system in fractions.
pub(super) struct Exactly<'a> {
    pub(super) system: &'a System,
    pub(super) commodities: &'a [Commodity],
    pub(super) parts: &'a Parts,
}

/// Prices in fractions.
struct ExactPrices {
    nodes: Vec<BigRational>,
    mean: BigRational,
    worst: Vec<BigRational>,
}

impl Exactly<'_> {
    /// Both bounds, from shares and prices as they are.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(super) fn bounds(
        &self,
        draws: (&[ClientColumn], &[f64]),
        prices: &Prices,
        meter: &mut Meter,
    ) -> Result<Proof, Exhausted> {
        let exact = |price: &f64| BigRational::from_float(*price).unwrap_or_else(BigRational::zero);
        let prices = ExactPrices {
            nodes: prices.nodes.iter().map(exact).collect(),
            mean: exact(&prices.mean),
            worst: prices.worst.iter().map(exact).collect(),
        };
        let (upper, keeps_limits) = self.reached(draws, &self.whole_shares(draws));
        let unit = upper.to_f64().filter(|value| *value > 0.0).map_or(0, |value| value.log2().floor() as i64);
        let bits = COST_BITS as i64 - unit;
        let shift = |number: BigRational| -> BigInt {
            match u64::try_from(bits) {
                Ok(bits) => (number.numer() << bits).div_floor(number.denom()),
                Err(_) => number.numer().div_floor(&(number.denom() << bits.unsigned_abs())),
            }
        };
        let total = self.cheapest(&prices, shift, meter)?;
        let total = match u64::try_from(bits) {
            Ok(bits) => BigRational::new(total, BigInt::one() << bits),
            Err(_) => BigRational::from_integer(total << bits.unsigned_abs()),
        };
        Ok(Proof { lower: self.less_limits(total, &prices), upper, keeps_limits })
    }

    /// The value, where the simplest fractions near shares and prices prove it from both sides.
    pub(super) fn value(
        &self,
        draws: (&[ClientColumn], &[f64]),
        prices: &Prices,
        meter: &mut Meter,
    ) -> Option<BigRational> {
        let names: usize =
            draws.0.iter().zip(draws.1).filter(|(_, share)| **share > 0.0).map(|(c, _)| c.quorum.len()).sum();
        if names > SIMPLE_NAMES_MAX || self.commodities.len() * prices.nodes.len() > SIMPLE_NAMES_MAX {
            return None;
        }
        let shares: Vec<BigRational> = draws.1.iter().map(|share| simplest(*share)).collect();
        let mut totals = vec![BigRational::zero(); self.commodities.len()];
        draws.0.iter().zip(&shares).for_each(|(column, share)| totals[column.commodity] += share);
        if totals.iter().any(Zero::is_zero) {
            return None;
        }
        let shares: Vec<BigRational> =
            draws.0.iter().zip(shares).map(|(column, share)| share / &totals[column.commodity]).collect();
        let (upper, keeps_limits) = self.reached(draws, &shares);
        let prices = ExactPrices {
            nodes: prices.nodes.iter().map(|price| simplest(*price)).collect(),
            mean: simplest(prices.mean),
            worst: prices.worst.iter().map(|price| simplest(*price)).collect(),
        };
        let total = self.cheapest(&prices, |number| number, meter).ok()?;
        let lower = self.less_limits(total, &prices);
        (keeps_limits && lower == upper).then_some(upper)
    }

    /// Shares as whole numbers of one unit that add up to 1.
    fn whole_shares(&self, (columns, drawn): (&[ClientColumn], &[f64])) -> Vec<BigRational> {
        let unit = f64::from(SHARE_BITS).exp2();
        let mut whole: Vec<BigInt> = drawn.iter().map(|share| BigInt::from((share * unit) as u64)).collect();
        let mut left = vec![BigInt::one() << SHARE_BITS; self.commodities.len()];
        let mut largest: Vec<Option<usize>> = vec![None; self.commodities.len()];
        for (at, column) in columns.iter().enumerate() {
            left[column.commodity] -= &whole[at];
            let known = &mut largest[column.commodity];
            *known = Some(known.filter(|known| whole[*known] >= whole[at]).unwrap_or(at));
        }
        for (at, left) in largest.into_iter().zip(left).filter_map(|(at, left)| Some((at?, left))) {
            whole[at] += left;
        }
        let one = BigInt::one() << SHARE_BITS;
        whole.into_iter().map(|share| BigRational::new(share, one.clone())).collect()
    }

    /// The objective's value, and whether the limits are kept.
    fn reached(&self, (columns, _): (&[ClientColumn], &[f64]), shares: &[BigRational]) -> (BigRational, bool) {
        let nodes = self.system.nodes().len();
        let mut used = vec![vec![BigRational::zero(); nodes]; self.commodities.len()];
        let mut each = vec![BigRational::zero(); self.commodities.len()];
        for (column, share) in columns.iter().zip(shares).filter(|(_, share)| !share.is_zero()) {
            column.quorum.iter().for_each(|node| used[column.commodity][node.index()] += share);
            each[column.commodity] += share * exact_decimal(column.latency_ms);
        }
        let mut loads = vec![BigRational::zero(); nodes];
        for (commodity, used) in self.commodities.iter().zip(&used) {
            for (node, used) in used.iter().enumerate().filter(|(_, used)| !used.is_zero()) {
                loads[node] += used * self.cost(commodity, node);
            }
        }
        let zero = BigRational::zero;
        let load = loads.into_iter().max().unwrap_or_else(zero);
        let mean: BigRational = self.commodities.iter().zip(&each).map(|(each, ms)| &each.share * ms).sum();
        let worst = each.into_iter().max().unwrap_or_else(zero);
        let quantities = [(self.parts.load, load), (self.parts.mean, mean), (self.parts.worst, worst)];
        let keeps =
            quantities.iter().all(|(part, value)| part.limit().is_none_or(|limit| *value <= exact_decimal(limit)));
        let weighed = quantities.into_iter().map(|(part, value)| weight(part.weight()) * value);
        (weighed.sum(), keeps)
    }

    /// What it costs a node that all operations of a commodity use it.
    fn cost(&self, commodity: &Commodity, node: usize) -> BigRational {
        let node = &self.system.nodes()[node];
        let capacity = if commodity.kind == Kind::Read { node.read_capacity } else { node.write_capacity };
        &commodity.share / capacity.exact()
    }

    /// What the cheapest quorums of all commodities cost together, in numbers that are made of fractions.
    fn cheapest<T: crate::circuit::pass::Cost>(
        &self,
        prices: &ExactPrices,
        number: impl Fn(BigRational) -> T,
        meter: &mut Meter,
    ) -> Result<T, Exhausted> {
        let mut total = T::zero();
        for (commodity, slow) in self.commodities.iter().zip(&prices.worst) {
            let cost = |(node, price): (usize, &BigRational)| match price.is_zero() {
                true => T::zero(),
                false => number(price * self.cost(commodity, node)),
            };
            let costs: Vec<T> = prices.nodes.iter().enumerate().map(cost).collect();
            let of_ms = &prices.mean * &commodity.share + slow;
            let of_time = |ms: f64| number(&of_ms * exact_decimal(commodity.offset_ms + ms));
            if let Some(found) = cheapest(&commodity.layers, &costs, of_time, meter)? {
                total = total + found.cost;
            }
        }
        Ok(total)
    }

    /// The lower bound: less what the limits cost, for prices of the objective that add up to its weight.
    fn less_limits(&self, total: BigRational, prices: &ExactPrices) -> BigRational {
        let sums = [
            (self.parts.load, prices.nodes.iter().sum::<BigRational>()),
            (self.parts.mean, prices.mean.clone()),
            (self.parts.worst, prices.worst.iter().sum()),
        ];
        let limits: BigRational =
            sums.iter().filter_map(|(part, price)| Some(exact_decimal(part.limit()?) * price)).sum();
        // Of one objective: prices that add up to s prove a bound of s times it.
        let factor = sums.iter().find(|(part, _)| part.weight() > 0.0).map(|(part, sum)| sum / weight(part.weight()));
        match factor.filter(Signed::is_positive) {
            Some(factor) => (total - limits) / factor,
            None => BigRational::zero(),
        }
    }
}

fn weight(weight: f64) -> BigRational {
    BigRational::from_float(weight).unwrap_or_else(BigRational::zero)
}
