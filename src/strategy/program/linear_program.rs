//! What a program minimises and what it must keep to: the load, and sums over the nodes that an operation uses.
//!
//! A formula may have variables after the last node. A *clock* is one of them: it stands beside the quorums that answer by a
//! certain time, so that using it costs that time. Network and latency are then both sums over variables.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::demand::Demand;
use crate::model::{Kind, Pair};
use crate::strategy::program::demand::Weights;

/// The part that a quantity plays.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Role {
    /// None.
    Free,
    /// It is made as small as possible: one of it counts so much, which is 1 where it is all that is.
    Objective(BigRational),
    /// It must not be larger than this.
    Limit(BigRational),
}

impl Role {
    /// The only thing that is made as small as possible.
    pub(crate) fn objective() -> Self {
        Role::Objective(BigRational::one())
    }

    /// How much one of it counts in the objective.
    pub(crate) fn weight(&self) -> f64 {
        if let Role::Objective(weight) = self { weight.to_f64().unwrap_or(f64::MAX) } else { 0.0 }
    }

    /// The limit, in units of `unit`.
    pub(crate) fn limit(&self, unit: f64) -> Option<f64> {
        if let Role::Limit(limit) = self { Some(limit.to_f64().unwrap_or(f64::MAX) / unit) } else { None }
    }
}

/// Which quantity of a program: the load, or the sum at a position.
pub(crate) type Quantity = Option<usize>;

/// A sum of costs over the variables that an operation uses, averaged over operations.
#[derive(Debug, Clone)]
pub(crate) struct Sum {
    /// What using each variable costs, the share of this kind of operation included.
    pub(crate) cost: Pair<Vec<BigRational>>,
    /// What it is measured in inside the program, so that it is near 1.
    pub(crate) unit: f64,
    pub(crate) part: Role,
    /// The costs in units of `unit`.
    scaled: Pair<Vec<f64>>,
}

impl Sum {
    pub(crate) fn new(cost: Pair<Vec<BigRational>>, unit: f64, part: Role) -> Self {
        let scaled = cost.as_ref().map(|cost| cost.iter().map(|cost| cost.to_f64().unwrap_or(0.0) / unit).collect());
        Sum { cost, unit, part, scaled }
    }

    /// The exact costs of both kinds, reads first.
    pub(crate) fn costs(&self) -> [&[BigRational]; 2] {
        [&self.cost.reads, &self.cost.writes]
    }

    /// What using a variable costs, in units of `unit`.
    pub(crate) fn scaled(&self, kind: Kind, variable: usize) -> f64 {
        self.scaled.of(kind).get(variable).copied().unwrap_or(0.0)
    }

    /// The value of the sum when each variable is used so often; not scaled.
    pub(crate) fn value(&self, used: &Pair<Vec<f64>>) -> f64 {
        let of = |kind: Kind| -> f64 {
            used.of(kind).iter().zip(self.scaled.of(kind)).map(|(used, cost)| used * cost).sum()
        };
        (of(Kind::Read) + of(Kind::Write)) * self.unit
    }
}

/// A program: one quantity is the objective, and any others have limits.
#[derive(Debug, Clone)]
pub(crate) struct LinearProgram<'a> {
    pub(crate) demand: Demand<'a>,
    pub(crate) load: Role,
    pub(crate) sums: Vec<Sum>,
}

/// What proves a lower bound: node weights for each read fraction, and a price for each limit.
///
/// The weights of a read fraction add up to its share times the price of load, which is 1 where load is the objective.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct DualPrices {
    /// `weights[share][node]`; none where load plays no part.
    pub(crate) weights: Weights<f64>,
    /// The price of load.
    pub(crate) load: f64,
    /// The prices of network and latency, as far as they play a part: 1 for the objective.
    pub(crate) sums: Vec<f64>,
}

impl DualPrices {
    /// Those of a program in which the load is everything.
    pub(crate) fn of_load(weights: Weights<f64>) -> Self {
        DualPrices { weights, load: 1.0, sums: Vec::new() }
    }

    /// Scales the weights of each read fraction so that they add up to its share of the price of load; whether they could be.
    pub(crate) fn scale_to(&mut self, demand: &Demand<'_>) -> bool {
        let mut proves = true;
        for (weights, share) in self.weights.iter_mut().zip(demand.shares()) {
            let (total, wanted): (f64, f64) = (weights.iter().sum(), share * self.load);
            proves &= total > 0.0 || wanted <= 0.0;
            weights.iter_mut().filter(|_| total > 0.0).for_each(|weight| *weight *= wanted / total);
        }
        proves
    }

    /// The prices per unit of each quantity, instead of the units of the program.
    pub(crate) fn plain(&self, lp: &LinearProgram<'_>) -> DualPrices {
        let objective = lp.unit();
        let load = objective / lp.demand.scale();
        let weights = self.weights.iter().map(|each| each.iter().map(|y| y * load).collect()).collect();
        let sums = lp.sums.iter().zip(&self.sums).map(|(sum, price)| price * objective / sum.unit).collect();
        DualPrices { weights, load: self.load * load, sums }
    }

    /// The same prices in the units of another program over the same quantities.
    pub(crate) fn in_units(&self, own: &LinearProgram<'_>, other: &LinearProgram<'_>) -> DualPrices {
        let plain = self.plain(own);
        let objective = other.unit();
        let load = other.demand.scale() / objective;
        let weights = plain.weights.into_iter().map(|each| each.into_iter().map(|y| y * load).collect()).collect();
        let sums = other.sums.iter().zip(&plain.sums).map(|(sum, price)| price * sum.unit / objective).collect();
        DualPrices { weights, load: plain.load * load, sums }
    }

    /// `share` of these and the rest of others.
    pub(crate) fn mixed(&self, other: &DualPrices, share: f64) -> DualPrices {
        let mix = |(one, other): (&f64, &f64)| share * one + (1.0 - share) * other;
        let all = |one: &Vec<f64>, other: &Vec<f64>| one.iter().zip(other).map(mix).collect();
        DualPrices {
            weights: self.weights.iter().zip(&other.weights).map(|(one, other)| all(one, other)).collect(),
            load: mix((&self.load, &other.load)),
            sums: all(&self.sums, &other.sums),
        }
    }
}

impl<'a> LinearProgram<'a> {
    /// The least load, and nothing else.
    pub(crate) fn load(demand: &Demand<'a>) -> Self {
        LinearProgram { demand: demand.clone(), load: Role::objective(), sums: Vec::new() }
    }

    /// The same with every limit lowered by this share of it.
    pub(crate) fn with_tighter_limits(&self, share: f64) -> Self {
        let lower = |part: &Role| match part {
            Role::Limit(limit) => {
                let less = BigRational::from_float(1.0 - share).unwrap_or_else(BigRational::zero);
                Role::Limit(limit * less)
            }
            part => part.clone(),
        };
        let mut lp = self.clone();
        lp.load = lower(&lp.load);
        lp.sums.iter_mut().for_each(|sum| sum.part = lower(&sum.part));
        lp
    }

    /// The same with the objective measured in another unit.
    pub(crate) fn in_units_of(&self, unit: f64) -> Self {
        let mut lp = self.clone();
        if self.is_load() {
            lp.demand = self.demand.in_units_of(unit);
            return lp;
        }
        let factor = unit / self.unit();
        if lp.load.weight() > 0.0 {
            lp.demand = lp.demand.in_units_of(lp.demand.scale() * factor);
        }
        for sum in lp.sums.iter_mut().filter(|sum| sum.part.weight() > 0.0) {
            *sum = Sum::new(sum.cost.clone(), sum.unit * factor, sum.part.clone());
        }
        lp
    }

    /// The same with a weighted sum of two quantities as its objective.
    pub(crate) fn weighing(&self, axes: [Quantity; 2], weights: [&BigRational; 2]) -> Self {
        let mut lp = self.clone();
        for (axis, weight) in axes.into_iter().zip(weights) {
            let part = Role::Objective(weight.clone());
            match axis {
                None => lp.load = part,
                Some(sum) => lp.sums[sum].part = part,
            }
        }
        lp
    }

    /// The same without quantities that count nothing.
    pub(crate) fn without_idle(mut self) -> Self {
        let parts = std::iter::once(&mut self.load).chain(self.sums.iter_mut().map(|sum| &mut sum.part));
        for part in parts {
            if *part == Role::Objective(BigRational::zero()) {
                *part = Role::Free;
            }
        }
        self
    }

    /// The value of a quantity when each variable is used so often, not scaled.
    pub(crate) fn quantity(&self, quantity: Quantity, used: &Pair<Vec<f64>>) -> f64 {
        match quantity {
            None => self.demand.mean_largest_load(used) * self.demand.scale(),
            Some(sum) => self.sums[sum].value(used),
        }
    }

    /// Whether the load is all there is: no other quantity has a part or a limit.
    pub(crate) fn is_load(&self) -> bool {
        self.sums.is_empty()
    }

    /// Whether anything has a limit.
    pub(crate) fn has_limits(&self) -> bool {
        std::iter::once(&self.load)
            .chain(self.sums.iter().map(|sum| &sum.part))
            .any(|part| matches!(part, Role::Limit(_)))
    }

    /// Whether the load plays a part.
    pub(crate) fn has_load(&self) -> bool {
        self.load != Role::Free
    }

    /// The objective's value when each variable is used so often, not scaled.
    pub(crate) fn value(&self, used: &Pair<Vec<f64>>) -> f64 {
        let weighed = |part: &Role, value: &dyn Fn() -> f64| match part.weight() {
            weight if weight > 0.0 => weight * value(),
            _ => 0.0,
        };
        let load = weighed(&self.load, &|| self.demand.mean_largest_load(used) * self.demand.scale());
        load + self.sums.iter().map(|sum| weighed(&sum.part, &|| sum.value(used))).sum::<f64>()
    }

    /// By how much the worst limit is passed, as a share of it; 0 where all are kept.
    pub(crate) fn excess(&self, used: &Pair<Vec<f64>>) -> f64 {
        let over = |value: f64, limit: f64| ((value - limit) / limit.abs().max(f64::MIN_POSITIVE)).max(0.0);
        let load = self.load.limit(self.demand.scale());
        let load = load.map_or(0.0, |limit| over(self.demand.mean_largest_load(used), limit));
        let sums = self.sums.iter().filter_map(|sum| Some(over(sum.value(used), sum.part.limit(1.0)?)));
        sums.fold(load, f64::max)
    }

    /// What the limits cost at these prices, in units of the objective's scale.
    pub(crate) fn cost_of_limits(&self, prices: &DualPrices) -> f64 {
        let load = self.load.limit(self.demand.scale()).map_or(0.0, |limit| limit * prices.load);
        let sums = self.sums.iter().zip(&prices.sums);
        load + sums.filter_map(|(sum, price)| Some(sum.part.limit(sum.unit)? * price)).sum::<f64>()
    }

    /// The unit of the objective.
    pub(crate) fn unit(&self) -> f64 {
        let sums = self.sums.iter().map(|sum| sum.part.weight() * sum.unit).sum::<f64>();
        self.load.weight() * self.demand.scale() + sums
    }

    /// How much each quantity counts in the objective inside the program, where each is measured in its own unit: the load, then
    /// the sums.
    pub(crate) fn scaled_weights(&self) -> (f64, Vec<f64>) {
        let unit = self.unit();
        let sums = self.sums.iter().map(|sum| sum.part.weight() * sum.unit / unit).collect();
        (self.load.weight() * self.demand.scale() / unit, sums)
    }

    /// What using a variable costs at these prices, in units of the objective's scale.
    pub(crate) fn price(&self, prices: &DualPrices, kind: Kind, variable: usize) -> f64 {
        let weighted = prices.weights.iter().enumerate().filter(|(_, weights)| variable < weights.len());
        let load: f64 =
            weighted.map(|(share, weights)| weights[variable] * self.demand.cost(kind, share, variable)).sum();
        let sums = self.sums.iter().zip(&prices.sums);
        load + sums.map(|(sum, price)| price * sum.scaled(kind, variable)).sum::<f64>()
    }

    /// Number of variables: the nodes, and the clocks after them.
    pub(crate) fn variables(&self) -> usize {
        let of = |sum: &Sum| sum.cost.reads.len().max(sum.cost.writes.len());
        self.sums.iter().map(of).max().unwrap_or(0).max(self.demand.nodes())
    }
}
