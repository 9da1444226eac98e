//! The best strategy over listed quorums, with a bound from both sides.
//!
//! Given are read and write quorums, an objective out of load, network and latency, and limits on the others. A strategy
//! proves an upper bound of the objective. Prices prove a lower one: y on each read fraction and node, which add up to
//! what the load weighs in the objective and in its limit, and a price on each limit. Whatever the strategy, its
//! objective is at least the cheapest read quorum plus the cheapest write quorum, minus the price of the limits.

use super::costs::Quorum;
use super::lp_layout::Layout;
use super::lp_rules::LpRules;
use super::mask::members;
use super::tableau::{End, Simplex};
use crate::model::{Kind, Pair};
use crate::strategy::objective::Objective;

/// Pivots between two looks at the lower bound.
const PIVOTS_BETWEEN_BOUNDS: usize = 3;

/// Roundings of one term of a proof: of a fraction, a capacity, the unit, a price, and their products.
const ROUNDINGS: f64 = 8.0;

/// By how much a limit may be missed in the small program: a rounding error, which is looked at again before it counts.
pub(super) const LIMIT_TOLERANCE: f64 = 1e-9;

/// Prices of nodes under each read fraction, and of the limits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Prices {
    /// One list for each read fraction.
    pub(super) nodes: Vec<Vec<f64>>,
    /// Of load, network and latency, in this order.
    pub(super) limits: [f64; 3],
}

/// What a strategy costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measures {
    /// Mean over the read fractions of the largest load of a node, in the unit of the costs.
    pub(super) load: f64,
    /// Mean over the read fractions of 1 / load, in the inverse unit.
    pub(super) capacity: f64,
    pub(super) network: f64,
    pub(super) latency_ms: f64,
}

impl Measures {
    pub(super) fn of(&self, objective: Objective) -> f64 {
        match objective {
            Objective::Load => self.load,
            Objective::Network => self.network,
            Objective::Latency => self.latency_ms,
        }
    }
}

/// The outcome of a rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Played {
    /// Not better than what was asked to be beaten.
    Worse,
    /// No strategy meets the limits: these prices prove it.
    Infeasible(Prices),
    /// The strategy that was found misses a limit, and no prices prove that every one does.
    Doubtful,
    /// A strategy and prices.
    Solved { measures: Measures, lower: f64, prices: Prices },
}

impl LpRules {
    /// The limit on load, network or latency.
    pub(super) fn limit(&self, measure: usize) -> Option<f64> {
        [self.limits.load, self.limits.network, self.limits.latency_ms][measure]
    }

    fn weight(&self, measure: Objective) -> f64 {
        f64::from(u8::from(self.objective == measure))
    }

    /// Whether loads matter at all.
    pub(super) fn has_load(&self) -> bool {
        self.objective == Objective::Load || self.limits.load.is_some()
    }

    /// The price of every node for one kind of operation.
    fn node_prices(&self, prices: &Prices, kind: Kind) -> Vec<f64> {
        let mut sums = vec![0.0; self.costs.nodes];
        for (share, prices) in self.costs.shares.iter().zip(&prices.nodes) {
            let costs = share.cost.of(kind);
            sums.iter_mut().zip(prices).zip(costs).for_each(|((sum, price), cost)| *sum += price * cost);
        }
        sums
    }

    /// The cheapest quorum of a kind under the prices, and what it costs.
    fn cheapest(&self, prices: &Prices, kind: Kind, quorums: &[Quorum]) -> (f64, usize) {
        let beside = |measure| self.weight(measure);
        self.cheapest_beside(prices, kind, quorums, [beside(Objective::Network), beside(Objective::Latency)])
    }

    /// As [`LpRules::cheapest`], where a contact and a millisecond cost so much beside their limits.
    fn cheapest_beside(
        &self,
        prices: &Prices,
        kind: Kind,
        quorums: &[Quorum],
        [contact, wait]: [f64; 2],
    ) -> (f64, usize) {
        let nodes = self.node_prices(prices, kind);
        let mean = self.costs.mean.of(kind);
        let contact = mean * (contact + prices.limits[1]);
        let wait = mean * (wait + prices.limits[2]);
        let mut best = (f64::INFINITY, 0);
        for (index, quorum) in quorums.iter().enumerate() {
            let cost = members(quorum.nodes).map(|node| nodes[node] + contact).sum::<f64>() + wait * quorum.latency_ms;
            if cost < best.0 {
                best = (cost, index);
            }
        }
        best
    }

    /// What no strategy can go below, and the quorums that the prices recommend.
    pub(super) fn bound(&self, prices: &Prices, quorums: &Pair<Vec<Quorum>>) -> (f64, Pair<usize>) {
        let mut lower = 0.0;
        let mut chosen = Pair { reads: 0, writes: 0 };
        for kind in Kind::BOTH.into_iter().filter(|kind| self.costs.has(*kind)) {
            let (cost, index) = self.cheapest(prices, kind, quorums.of(kind));
            lower += cost;
            match kind {
                Kind::Read => chosen.reads = index,
                Kind::Write => chosen.writes = index,
            }
        }
        (lower - self.limits_worth(prices), chosen)
    }

    /// Whether the prices prove that no strategy meets the limits (Farkas): then already the cheapest quorums cost more than
    /// the limits are worth.
    ///
    /// All terms are positive and each is rounded a few times, so that either sum is off by at most its length times the
    /// precision of a float: what is more than that apart is so in exact numbers.
    pub(super) fn refutes(&self, prices: &Prices, quorums: &Pair<Vec<Quorum>>) -> bool {
        let kinds = Kind::BOTH.into_iter().filter(|kind| self.costs.has(*kind));
        let least: f64 = kinds.map(|kind| self.cheapest_beside(prices, kind, quorums.of(kind), [0.0; 2]).0).sum();
        let worth = self.limits_worth(prices);
        let terms = 2 * self.costs.nodes * (self.costs.shares.len() + 2) + 32;
        let slack = ROUNDINGS * terms as f64 * f64::EPSILON;
        least * (1.0 - slack) > worth * (1.0 + slack)
    }

    /// What the limits are worth at these prices.
    fn limits_worth(&self, prices: &Prices) -> f64 {
        (0..3).filter_map(|measure| Some(prices.limits[measure] * self.limit(measure)?)).sum()
    }

    /// Every node the same price for the load, nothing for the limits.
    pub(super) fn equal_prices(&self) -> Prices {
        let node = self.weight(Objective::Load) / self.costs.nodes as f64;
        let of = |share: &super::costs::Share| vec![node * share.weight; self.costs.nodes];
        Prices { nodes: self.costs.shares.iter().map(of).collect(), limits: [0.0; 3] }
    }

    /// The best strategy, unless its objective is provably above `beat`.
    pub(super) fn play(
        &self,
        quorums: &Pair<Vec<Quorum>>,
        beat: f64,
        known: &[Prices],
        simplex: &mut Simplex,
    ) -> Played {
        let mut start = (f64::NEG_INFINITY, Pair { reads: 0, writes: 0 }, None);
        for prices in known {
            let (lower, chosen) = self.bound(prices, quorums);
            if lower > beat {
                return Played::Worse;
            }
            if lower > start.0 {
                start = (lower, chosen, Some(prices));
            }
        }
        if !self.has_load() && !self.limits.is_limited() {
            let prices = self.equal_prices();
            let (lower, chosen) = self.bound(&prices, quorums);
            let alone = chosen.map(|index| vec![(index, 1.0)]);
            return Played::Solved { measures: self.measure(quorums, &alone), lower, prices };
        }
        Round { rules: self, quorums, simplex }.play(start.1, beat)
    }

    /// What a mix of quorums costs.
    fn measure(&self, quorums: &Pair<Vec<Quorum>>, mix: &Pair<Vec<(usize, f64)>>) -> Measures {
        let mut used = Pair { reads: vec![0.0; self.costs.nodes], writes: vec![0.0; self.costs.nodes] };
        let (mut network, mut latency_ms) = (0.0, 0.0);
        for kind in Kind::BOTH.into_iter().filter(|kind| self.costs.has(*kind)) {
            let mean = self.costs.mean.of(kind);
            let used = if kind == Kind::Read { &mut used.reads } else { &mut used.writes };
            for (index, probability) in mix.of(kind) {
                let quorum = quorums.of(kind)[*index];
                members(quorum.nodes).for_each(|node| used[node] += probability);
                network += mean * probability * f64::from(quorum.nodes.count_ones());
                latency_ms += mean * probability * quorum.latency_ms;
            }
        }
        let (mut load, mut capacity) = (0.0, 0.0);
        for share in &self.costs.shares {
            let of =
                |node: usize| used.reads[node] * share.cost.reads[node] + used.writes[node] * share.cost.writes[node];
            let busiest = (0..self.costs.nodes).map(of).fold(0.0, f64::max);
            load += share.weight * busiest;
            capacity += share.weight / busiest;
        }
        Measures { load, capacity, network, latency_ms }
    }
}

/// One linear program over one pair of lists.
struct Round<'a> {
    rules: &'a LpRules,
    quorums: &'a Pair<Vec<Quorum>>,
    simplex: &'a mut Simplex,
}

impl Round<'_> {
    fn play(mut self, start: Pair<usize>, beat: f64) -> Played {
        let layout = Layout::of(self.rules, self.quorums);
        self.fill(&layout);
        self.begin(&layout, start);
        let exceeded: Vec<usize> = self.exceeded(&layout);
        if !exceeded.is_empty() {
            let mut costs = vec![0.0; layout.columns()];
            exceeded.iter().for_each(|limit| costs[layout.excess(*limit)] = 1.0);
            self.simplex.objective(&costs);
            let end = self.simplex.minimise(layout.excess(0), |simplex| simplex.value() <= 0.0);
            if end == End::Optimal && self.simplex.value() > LIMIT_TOLERANCE {
                let prices = prices(self.rules, &layout, self.simplex, 0.0);
                let is_proven = self.rules.refutes(&prices, self.quorums);
                return if is_proven { Played::Infeasible(prices) } else { Played::Doubtful };
            }
        }
        self.simplex.objective(&self.objective(&layout));
        let (rules, quorums) = (self.rules, self.quorums);
        let mut pivots = 0;
        let worse = |simplex: &Simplex| {
            pivots += 1;
            pivots % PIVOTS_BETWEEN_BOUNDS == 0
                && beat.is_finite()
                && rules.bound(&prices(rules, &layout, simplex, 1.0), quorums).0 > beat
        };
        if self.simplex.minimise(layout.excess(0), worse) == End::Stopped {
            return Played::Worse;
        }
        let prices = prices(rules, &layout, self.simplex, 1.0);
        let lower = rules.bound(&prices, quorums).0;
        if lower > beat {
            return Played::Worse;
        }
        let measures = rules.measure(quorums, &self.mix(&layout));
        let met = layout.limits.iter().all(|(measure, limit, scale)| {
            let objective = [Objective::Load, Objective::Network, Objective::Latency][*measure];
            measures.of(objective) <= limit + LIMIT_TOLERANCE * limit.max(*scale)
        });
        if met { Played::Solved { measures, lower, prices } } else { Played::Doubtful }
    }

    fn fill(&mut self, layout: &Layout) {
        let Round { rules, quorums, simplex } = self;
        let columns = layout.columns();
        simplex.reset(layout.rows(), columns);
        for share in 0..layout.shares {
            for (position, node) in layout.nodes.iter().enumerate() {
                let row = share * layout.nodes.len() + position;
                for kind in &layout.kinds {
                    let cost = rules.costs.shares[share].cost.of(*kind)[*node];
                    for (index, quorum) in quorums.of(*kind).iter().enumerate() {
                        if quorum.nodes >> node & 1 == 1 {
                            simplex.set(row, layout.first(*kind) + index, cost);
                        }
                    }
                }
                simplex.set(row, layout.load(share), -1.0);
            }
        }
        for (number, (measure, limit, scale)) in layout.limits.iter().enumerate() {
            let row = layout.load_rows() + number;
            if *measure == 0 {
                (0..layout.shares)
                    .for_each(|share| simplex.set(row, layout.load(share), rules.costs.shares[share].weight));
            } else {
                for kind in &layout.kinds {
                    for (index, quorum) in quorums.of(*kind).iter().enumerate() {
                        let each = if *measure == 1 { f64::from(quorum.nodes.count_ones()) } else { quorum.latency_ms };
                        simplex.set(row, layout.first(*kind) + index, rules.costs.mean.of(*kind) * each / scale);
                    }
                }
            }
            simplex.set(row, layout.excess(number), -1.0);
            simplex.set(row, columns, limit / scale);
        }
        for row in 0..layout.load_rows() + layout.limits.len() {
            simplex.set(row, layout.slack(row), 1.0);
            simplex.set_basic(row, layout.slack(row));
        }
        for (number, kind) in layout.kinds.iter().enumerate() {
            let row = layout.load_rows() + layout.limits.len() + number;
            (0..quorums.of(*kind).len()).for_each(|index| simplex.set(row, layout.first(*kind) + index, 1.0));
            simplex.set(row, columns, 1.0);
        }
    }

    /// Makes one quorum of each kind and the loads that they cause basic.
    fn begin(&mut self, layout: &Layout, start: Pair<usize>) {
        for (number, kind) in layout.kinds.iter().enumerate() {
            let row = layout.load_rows() + layout.limits.len() + number;
            self.simplex.pivot(row, layout.first(*kind) + start.of(*kind));
        }
        let nodes = layout.nodes.len();
        for share in 0..layout.shares {
            // The right-hand side of a load row is minus the load of the node.
            let busiest = (share * nodes..(share + 1) * nodes)
                .min_by(|a, b| self.simplex.right(*a).total_cmp(&self.simplex.right(*b)));
            if let Some(row) = busiest {
                self.simplex.pivot(row, layout.load(share));
            }
        }
    }

    /// The limits that the start misses; what they are exceeded by becomes basic.
    fn exceeded(&mut self, layout: &Layout) -> Vec<usize> {
        let row = |limit: usize| layout.load_rows() + limit;
        let exceeded: Vec<usize> =
            (0..layout.limits.len()).filter(|limit| self.simplex.right(row(*limit)) < 0.0).collect();
        for limit in &exceeded {
            self.simplex.negate(row(*limit));
            self.simplex.set_basic(row(*limit), layout.excess(*limit));
        }
        exceeded
    }

    fn objective(&self, layout: &Layout) -> Vec<f64> {
        let (rules, mut costs) = (self.rules, vec![0.0; layout.columns()]);
        if rules.objective == Objective::Load {
            (0..layout.shares).for_each(|share| costs[layout.load(share)] = rules.costs.shares[share].weight);
            return costs;
        }
        for kind in &layout.kinds {
            for (index, quorum) in self.quorums.of(*kind).iter().enumerate() {
                let network = rules.objective == Objective::Network;
                let each = if network { f64::from(quorum.nodes.count_ones()) } else { quorum.latency_ms };
                costs[layout.first(*kind) + index] = rules.costs.mean.of(*kind) * each;
            }
        }
        costs
    }

    /// The probabilities of the quorums, as the basis has them, adding up to 1.
    fn mix(&self, layout: &Layout) -> Pair<Vec<(usize, f64)>> {
        let of = |kind: Kind, count: usize| {
            let first = layout.first(kind);
            let mine =
                self.simplex.basic().filter(|(column, value)| (first..first + count).contains(column) && *value > 0.0);
            let mine: Vec<(usize, f64)> = mine.map(|(column, value)| (column - first, value)).collect();
            let sum: f64 = mine.iter().map(|(_, value)| value).sum();
            mine.into_iter().map(|(index, value)| (index, value / sum)).collect()
        };
        Pair { reads: of(Kind::Read, layout.reads), writes: of(Kind::Write, layout.writes) }
    }
}

/// The prices that the reduced costs of the slacks are, cut to what makes them a proof; `objective` is 0 where only the
/// limits matter.
fn prices(rules: &LpRules, layout: &Layout, simplex: &Simplex, objective: f64) -> Prices {
    let mut limits = [0.0; 3];
    for (number, (measure, _, scale)) in layout.limits.iter().enumerate() {
        limits[*measure] = simplex.cost(layout.slack(layout.load_rows() + number)).max(0.0) / scale;
    }
    let mut nodes = vec![vec![0.0; rules.costs.nodes]; rules.costs.shares.len()];
    for (share, prices) in nodes.iter_mut().enumerate().take(layout.shares) {
        for (position, node) in layout.nodes.iter().enumerate() {
            prices[*node] = simplex.cost(layout.slack(share * layout.nodes.len() + position)).max(0.0);
        }
        // What a fraction's load weighs, in the objective and in its limit, is what its nodes may cost together.
        let weighs = rules.costs.shares[share].weight * (objective * rules.weight(Objective::Load) + limits[0]);
        let sum: f64 = prices.iter().sum();
        if sum > 0.0 {
            prices.iter_mut().for_each(|price| *price *= weighs / sum);
        }
    }
    Prices { nodes, limits }
}
