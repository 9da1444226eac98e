//! Which quantity plays which part, and what a strategy reaches.

use super::commodity::Commodity;

/// The part that a quantity plays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Part {
    /// None.
    Free,
    /// One unit of it counts so much in what is made as small as possible.
    Objective(f64),
    /// It must not be larger than this.
    Limit(f64),
}

/// The parts of load, mean latency and worst latency, in seconds of a node per operation and in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Parts {
    pub(crate) load: Part,
    pub(crate) mean: Part,
    pub(crate) worst: Part,
}

/// Prices of the nodes, of the mean latency, and of the latency of each commodity: in units of the objective.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Prices {
    pub(crate) nodes: Vec<f64>,
    pub(crate) mean: f64,
    pub(crate) worst: Vec<f64>,
}

/// What a strategy reaches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reached {
    /// The load of each node.
    pub(crate) loads: Vec<f64>,
    pub(crate) mean_ms: f64,
    /// The mean of each commodity.
    pub(crate) each_ms: Vec<f64>,
}

impl Part {
    pub(crate) fn weight(self) -> f64 {
        if let Part::Objective(weight) = self { weight } else { 0.0 }
    }

    pub(crate) fn limit(self) -> Option<f64> {
        if let Part::Limit(limit) = self { Some(limit) } else { None }
    }

    /// The same in other units, of which one is so many of these.
    fn in_units_of(self, unit: f64) -> Self {
        match self {
            Part::Free => Part::Free,
            Part::Objective(weight) => Part::Objective(weight * unit),
            Part::Limit(limit) => Part::Limit(limit / unit),
        }
    }
}

impl Parts {
    pub(crate) const FREE: Parts = Parts { load: Part::Free, mean: Part::Free, worst: Part::Free };

    /// The same with loads and times measured in these units, and the objective in its own.
    pub(crate) fn in_units_of(self, (load, time): (f64, f64)) -> Self {
        Parts {
            load: self.load.in_units_of(load),
            mean: self.mean.in_units_of(time),
            worst: self.worst.in_units_of(time),
        }
    }

    /// The value of the objective.
    pub(crate) fn value(&self, reached: &Reached) -> f64 {
        let weighed = |part: Part, value: f64| if part.weight() > 0.0 { part.weight() * value } else { 0.0 };
        weighed(self.load, reached.load())
            + weighed(self.mean, reached.mean_ms)
            + weighed(self.worst, reached.worst_ms())
    }

    /// By how much the worst limit is passed, as a share of it; 0 where all are kept.
    pub(crate) fn excess(&self, reached: &Reached) -> f64 {
        let over = |part: Part, value: f64| {
            part.limit().map_or(0.0, |limit| ((value - limit) / limit.max(f64::MIN_POSITIVE)).max(0.0))
        };
        over(self.load, reached.load()).max(over(self.mean, reached.mean_ms)).max(over(self.worst, reached.worst_ms()))
    }

    /// What the limits cost at these prices.
    pub(crate) fn cost_of_limits(&self, prices: &Prices) -> f64 {
        let of = |part: Part, price: f64| part.limit().map_or(0.0, |limit| limit * price);
        of(self.load, prices.nodes.iter().sum())
            + of(self.mean, prices.mean)
            + of(self.worst, prices.worst.iter().sum())
    }
}

impl Prices {
    /// None of them negative, those of the objective adding up to its weight, and nothing for what plays no part; whether they prove
    /// anything.
    pub(crate) fn settle(&mut self, parts: &Parts) -> bool {
        let mut proves = true;
        for (prices, part) in [(&mut self.nodes, parts.load), (&mut self.worst, parts.worst)] {
            prices.iter_mut().for_each(|price| *price = price.max(0.0));
            let total: f64 = prices.iter().sum();
            let factor = match part {
                Part::Free => 0.0,
                Part::Limit(_) => 1.0,
                Part::Objective(weight) if total > 0.0 => weight / total,
                Part::Objective(_) => {
                    proves = false;
                    0.0
                }
            };
            prices.iter_mut().for_each(|price| *price *= factor);
        }
        self.mean = match parts.mean {
            Part::Free => 0.0,
            Part::Limit(_) => self.mean.max(0.0),
            Part::Objective(weight) => weight,
        };
        proves
    }

    /// `share` of these and the rest of others.
    pub(crate) fn mixed(&self, other: &Prices, share: f64) -> Prices {
        let mix = |one: f64, other: f64| share * one + (1.0 - share) * other;
        let all = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(one, other)| mix(*one, *other)).collect();
        Prices {
            nodes: all(&self.nodes, &other.nodes),
            mean: mix(self.mean, other.mean),
            worst: all(&self.worst, &other.worst),
        }
    }
}

impl Reached {
    /// Of draws of commodities: which one, which nodes at which latency, and how often.
    pub(crate) fn of<'q>(
        commodities: &[Commodity],
        nodes: usize,
        drawn: impl Iterator<Item = (usize, &'q crate::model::NodeSet, f64, f64)>,
    ) -> Self {
        let mut reached = Reached { loads: vec![0.0; nodes], mean_ms: 0.0, each_ms: vec![0.0; commodities.len()] };
        for (commodity, quorum, latency_ms, share) in drawn {
            let costs = &commodities[commodity].costs;
            quorum.iter().for_each(|node| reached.loads[node.index()] += share * costs[node.index()]);
            reached.each_ms[commodity] += share * latency_ms;
        }
        reached.mean_ms = commodities.iter().zip(&reached.each_ms).map(|(each, ms)| each.rate * ms).sum();
        reached
    }

    pub(crate) fn load(&self) -> f64 {
        self.loads.iter().copied().fold(0.0, f64::max)
    }

    pub(crate) fn worst_ms(&self) -> f64 {
        self.each_ms.iter().copied().fold(0.0, f64::max)
    }
}
