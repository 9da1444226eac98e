//! Both bounds of an optimum, in floating point and, where rounding succeeds, as one exact fraction.
//!
//! Any strategy proves an upper bound and any node weights prove a lower one, so rounding can never make a false claim:
//! at worst the two bounds stay apart and nothing is certified.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::demand::Demand;
use super::exact_system::solve_consistent;
use super::program::Formulas;
use crate::budget::{Exhausted, Meter};
use crate::circuit::pass;
use crate::model::{Choice, Formula, Kind, NodeId, NodeSet, Pair, Strategy};

/// Node weights for every read fraction of the workload: `weights[share][node]`.
pub(super) type Weights<T> = Vec<Vec<T>>;

/// The largest load of each read fraction, averaged; in units of the scale.
pub(super) fn upper_bound(demand: &Demand<'_>, used: &Pair<Vec<f64>>) -> f64 {
    let loads = demand.node_loads(used);
    loads.iter().zip(demand.shares()).map(|(loads, weight)| weight * loads.iter().copied().fold(0.0, f64::max)).sum()
}

/// What the cheapest quorums cost under node weights; the weights are first scaled to add up to the share of each read
/// fraction. In units of the scale.
pub(super) fn lower_bound(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    weights: &mut Weights<f64>,
    meter: &mut Meter,
) -> Result<f64, Exhausted> {
    Ok(cheapest_quorums(formulas, demand, weights, meter)?.0)
}

/// The same with the quorums.
pub(super) fn cheapest_quorums(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    weights: &mut Weights<f64>,
    meter: &mut Meter,
) -> Result<(f64, Vec<(Kind, NodeSet)>), Exhausted> {
    let mut proves = true;
    for (weights, share) in weights.iter_mut().zip(demand.shares()) {
        let total: f64 = weights.iter().sum();
        proves &= total > 0.0;
        weights.iter_mut().filter(|_| total > 0.0).for_each(|weight| *weight *= share / total);
    }
    let (mut bound, mut quorums) = (0.0, Vec::with_capacity(2));
    for kind in Kind::BOTH {
        let Some(formula) = formulas.of(kind) else { continue };
        let price = |node| (0..weights.len()).map(|share| weights[share][node] * demand.cost(kind, share, node)).sum();
        let prices: Vec<f64> = (0..demand.nodes()).map(price).collect();
        let (cost, quorum) = pass::cheapest_quorum(formula, &prices, meter)?;
        bound += cost;
        quorums.push((kind, quorum));
    }
    Ok((if proves { bound } else { 0.0 }, quorums))
}

/// Largest number of unknowns for which the exact equations are solved.
const UNKNOWNS_MAX: usize = 48;
/// Largest number of edges for which exact prices are worth their time.
const EDGES_MAX: usize = 20_000;

/// The load as an exact fraction, proven by an exact strategy and exact node weights; `None` where rounding fails.
///
/// # Method
/// Probabilities and weights are rounded to the simplest fractions nearby. Where that leaves a gap, the equations that
/// hold at the optimum are solved exactly instead: a quorum that is drawn costs as little as possible, and a node with
/// weight is as busy as any.
pub(super) fn exact_load(
    formulas: Formulas<'_>,
    demand: &Demand<'_>,
    strategy: &Strategy,
    weights: &Weights<f64>,
) -> Option<BigRational> {
    let edges: usize = Kind::BOTH.iter().filter_map(|kind| formulas.of(*kind).map(Formula::edge_count)).sum();
    let drawn = strategy.reads.len() + strategy.writes.len();
    if edges > EDGES_MAX || drawn * demand.nodes() > EDGES_MAX {
        return None;
    }
    let exact = Exact::new(formulas, demand, strategy);
    let drawn = strategy.as_ref().map(|choices| choices.iter().map(|choice| simplest(choice.probability)).collect());
    let y: Weights<BigRational> =
        weights.iter().map(|weights| weights.iter().map(|y| simplest(*y)).collect()).collect();
    let mut upper = exact.upper_bound(&drawn);
    let mut lower = exact.lower_bound(&y);
    if upper != lower {
        if let Some(better) = exact.solve_strategy(&drawn, weights).and_then(|drawn| exact.upper_bound(&drawn)) {
            upper = Some(upper.map_or(better.clone(), |known| known.min(better)));
        }
        if upper != lower
            && let Some(better) = exact.solve_weights(&y, weights).and_then(|y| exact.lower_bound(&y))
        {
            lower = Some(lower.map_or(better.clone(), |known| known.max(better)));
        }
    }
    debug_assert!(upper.as_ref().zip(lower.as_ref()).is_none_or(|(upper, lower)| upper >= lower));
    upper.filter(|upper| Some(upper) == lower.as_ref())
}

type Drawn = Pair<Vec<BigRational>>;

struct Exact<'a> {
    formulas: Formulas<'a>,
    demand: &'a Demand<'a>,
    strategy: &'a Strategy,
    /// What an operation costs: `costs.of(kind)[share][node]`.
    costs: Pair<Weights<BigRational>>,
}

impl<'a> Exact<'a> {
    fn new(formulas: Formulas<'a>, demand: &'a Demand<'a>, strategy: &'a Strategy) -> Self {
        let costs = Pair { reads: Kind::Read, writes: Kind::Write }
            .map(|kind| (0..demand.shares().len()).map(|share| demand.exact_costs(kind, share)).collect());
        Exact { formulas, demand, strategy, costs }
    }

    /// The load of the strategy with these probabilities, scaled to add up to 1.
    fn upper_bound(&self, drawn: &Drawn) -> Option<BigRational> {
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
        let largest = |share: usize| (0..self.demand.nodes()).filter_map(|node| load(share, node)).max();
        let busiest = (0..self.demand.shares().len())
            .map(|share| Some(largest(share)? * self.demand.exact_share(share)))
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
        let mut used = vec![BigInt::zero(); self.demand.nodes()];
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
            let factor = self.demand.exact_share(share) / total;
            scaled.push(y.into_iter().map(|y| if y.is_zero() { BigRational::zero() } else { &factor * y }).collect());
        }
        let mut bound = BigRational::zero();
        for kind in self.kinds() {
            let price = |node: usize| -> BigRational {
                let weighted = scaled.iter().zip(self.costs.of(kind)).filter(|(y, _)| !y[node].is_zero());
                weighted.map(|(y, cost)| &y[node] * &cost[node]).reduce(|a, b| a + b).unwrap_or_else(BigRational::zero)
            };
            let (prices, denominator) =
                over_common_denominator(&(0..self.demand.nodes()).map(price).collect::<Vec<_>>());
            let mut meter = Meter::new(crate::budget::Resource::PassSteps, EDGES_MAX as u64 * 4);
            let cheapest = pass::cheapest_quorum((*self.formulas.of(kind))?, &prices, &mut meter).ok()?.0;
            bound += BigRational::new(cheapest, denominator);
        }
        Some(bound)
    }

    /// Probabilities that make every node with weight equally busy.
    ///
    /// Unknowns: the probability of each drawn quorum, and the load under each read fraction.
    fn solve_strategy(&self, guess: &Drawn, weights: &Weights<f64>) -> Option<Drawn> {
        let choices: Vec<(Kind, &Choice)> =
            self.kinds().flat_map(|kind| self.choices(kind).iter().map(move |choice| (kind, choice))).collect();
        let shares = self.demand.shares().len();
        let unknowns = choices.len() + shares;
        if unknowns > UNKNOWNS_MAX {
            return None;
        }
        let mut rows: Vec<(Vec<BigRational>, BigRational)> = Vec::new();
        for kind in self.kinds() {
            let is = |(of, _): &(Kind, &Choice)| if *of == kind { BigRational::one() } else { BigRational::zero() };
            let row = choices.iter().map(is).chain((0..shares).map(|_| BigRational::zero())).collect();
            rows.push((row, BigRational::one()));
        }
        for (share, node) in significant(weights) {
            let in_units = self.in_units(share, node);
            let busy = |(kind, choice): &(Kind, &Choice)| match choice.quorum.contains(NodeId::new(node)) {
                true => in_units.cost.of(*kind).clone(),
                false => BigRational::zero(),
            };
            let load = |other: usize| if other == share { -&in_units.one } else { BigRational::zero() };
            rows.push((choices.iter().map(busy).chain((0..shares).map(load)).collect(), BigRational::zero()));
        }
        let guess: Vec<BigRational> = self
            .kinds()
            .flat_map(|kind| guess.of(kind).iter().cloned())
            .chain((0..shares).map(|_| BigRational::zero()))
            .collect();
        let solved = solve_consistent(rows, &guess);
        let reads = if self.formulas.reads.is_some() { self.strategy.reads.len() } else { 0 };
        Some(Pair { reads: solved[..reads].to_vec(), writes: solved[reads..choices.len()].to_vec() })
    }

    /// Weights under which every drawn quorum is a cheapest one.
    ///
    /// Unknowns: what each node with weight asks in its own unit, and the price of a cheapest quorum of each kind.
    fn solve_weights(&self, guess: &Weights<BigRational>, weights: &Weights<f64>) -> Option<Weights<BigRational>> {
        let places: Vec<(usize, usize)> = significant(weights).collect();
        let kinds: Vec<Kind> = self.kinds().collect();
        if places.len() + kinds.len() > UNKNOWNS_MAX {
            return None;
        }
        let units: Vec<InUnits> = places.iter().map(|(share, node)| self.in_units(*share, *node)).collect();
        let mut rows: Vec<(Vec<BigRational>, BigRational)> = Vec::new();
        for share in 0..weights.len() {
            let of = |((other, _), units): (&(usize, usize), &InUnits)| {
                if *other == share { units.one.clone() } else { BigRational::zero() }
            };
            let row = places.iter().zip(&units).map(of).chain(kinds.iter().map(|_| BigRational::zero())).collect();
            rows.push((row, self.demand.exact_share(share).clone()));
        }
        for kind in &kinds {
            for choice in self.choices(*kind) {
                let cost = |((_, node), units): (&(usize, usize), &InUnits)| {
                    let pays = choice.quorum.contains(NodeId::new(*node));
                    if pays { units.cost.of(*kind).clone() } else { BigRational::zero() }
                };
                let price = |other: &Kind| if other == kind { -BigRational::one() } else { BigRational::zero() };
                let row = places.iter().zip(&units).map(cost).chain(kinds.iter().map(price)).collect();
                rows.push((row, BigRational::zero()));
            }
        }
        let each = places.iter().zip(&units);
        let mut start: Vec<BigRational> =
            each.clone().map(|((share, node), units)| &guess[*share][*node] / &units.one).collect();
        start.extend(kinds.iter().map(|_| BigRational::zero()));
        let solved = solve_consistent(rows, &start);
        let mut y = vec![vec![BigRational::zero(); self.demand.nodes()]; weights.len()];
        each.zip(solved).for_each(|(((share, node), units), weight)| y[*share][*node] = weight * &units.one);
        Some(y)
    }

    /// The costs of a node in units of one of them: capacities may have many digits, but the ratio of the costs of reads
    /// and writes mostly has few, which keeps the exact equations short.
    fn in_units(&self, share: usize, node: usize) -> InUnits {
        let cost = self.costs.as_ref().map(|costs| &costs[share][node]);
        let unit = if cost.reads.is_zero() { cost.writes } else { cost.reads };
        InUnits { cost: cost.map(|cost| cost / unit), one: unit.recip() }
    }

    fn choices(&self, kind: Kind) -> &[Choice] {
        self.strategy.of(kind)
    }

    fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        Kind::BOTH.into_iter().filter(|kind| self.formulas.of(*kind).is_some())
    }
}

/// The costs of a node in a unit of its own.
struct InUnits {
    cost: Pair<BigRational>,
    /// One second of the node in that unit.
    one: BigRational,
}

/// The fractions as whole numbers over one denominator, and the denominator.
fn over_common_denominator(fractions: &[BigRational]) -> (Vec<BigInt>, BigInt) {
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

/// The places of weights that are more than rounding errors.
fn significant(weights: &Weights<f64>) -> impl Iterator<Item = (usize, usize)> + '_ {
    let each = weights.iter().enumerate();
    each.flat_map(|(share, y)| y.iter().enumerate().filter(|(_, y)| **y > 1e-9).map(move |(node, _)| (share, node)))
}

/// The simplest fraction near a number: the first convergent of its continued fraction within 1e-10.
pub(super) fn simplest(value: f64) -> BigRational {
    let (mut before, mut last) = ((BigInt::zero(), BigInt::one()), (BigInt::one(), BigInt::zero()));
    let mut rest = value;
    for _ in 0..40 {
        let whole = rest.floor();
        let digit = BigInt::from(whole as i64);
        let next = (&digit * &last.0 + &before.0, &digit * &last.1 + &before.1);
        before = std::mem::replace(&mut last, next);
        let fraction = BigRational::new(last.0.clone(), last.1.clone());
        let near = fraction.to_f64().is_some_and(|fraction| (fraction - value).abs() <= 1e-10);
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
