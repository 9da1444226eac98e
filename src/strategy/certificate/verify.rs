//! Does a certificate hold? Its definition, computed: sums of fractions, and the cheapest sets at its prices.

use crate::budget::shares::VERIFY_STEPS;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::additive;
use super::cheapest_set::CheapestSet;
use super::claim::{Certificate, ExactChoice};
use super::flaw::Flaw;
use crate::budget::{Exhausted, Meter, Resource};
use crate::model::{Capacity, Formula, Kind, LatencyMs, NodeId, NodeSet, Pair, System, Workload};
use crate::strategy::objective::Objective;

impl Certificate {
    /// Checks the certificate as an answer about a system under a workload, and nothing else: every sum in fractions, every set of the
    /// strategy by its definition, and the cheapest sets at the prices by a search that no method of this library uses.
    ///
    /// # Errors
    /// [`Flaw`] says what does not hold; [`Flaw::Undecided`] that it was not found out.
    ///
    /// # Complexity
    /// Linear in the strategy and the formula where no node stands twice below one gate; otherwise exponential in the nodes that
    /// do, at worst.
    pub fn verify(&self, system: &System, workload: &Workload) -> Result<(), Flaw> {
        Check { certificate: self, system, workload }.all()
    }

    /// A quantity of the strategy.
    ///
    /// # Errors
    /// [`Flaw::NoLatency`] where it is a latency that is not known.
    pub fn quantity(&self, system: &System, workload: &Workload, quantity: Objective) -> Result<BigRational, Flaw> {
        Check { certificate: self, system, workload }.reached(quantity)
    }
}

struct Check<'a> {
    certificate: &'a Certificate,
    system: &'a System,
    workload: &'a Workload,
}

impl Check<'_> {
    fn all(&self) -> Result<(), Flaw> {
        let Certificate { objective, value, limits, .. } = self.certificate;
        self.check_prices()?;
        let mut meter = Meter::new(Resource::SearchSteps, VERIFY_STEPS);
        Kind::BOTH.into_iter().try_for_each(|kind| self.check_strategy(kind, &mut meter))?;
        for quantity in Objective::ALL {
            let Some(limit) = limits.exact(quantity) else { continue };
            let reached = self.reached(quantity)?;
            if reached > limit {
                return Err(Flaw::AboveLimit { quantity, reached: reached.into(), limit: limit.into() });
            }
        }
        let reached = self.reached(*objective)?;
        if reached != *value {
            return Err(Flaw::Strategy { reached: reached.into(), claimed: value.clone().into() });
        }
        let proven = self.proven(&mut meter)?;
        if proven != *value {
            return Err(Flaw::Prices { proven: proven.into(), claimed: value.clone().into() });
        }
        Ok(())
    }

    /// What one unit of a quantity costs.
    fn price(&self, quantity: Objective) -> BigRational {
        let limit_price = self.certificate.limit_prices.of(quantity).cloned();
        if quantity == self.certificate.objective { BigRational::one() } else { limit_price.unwrap_or_default() }
    }

    fn check_prices(&self) -> Result<(), Flaw> {
        let Certificate { limits, limit_prices, prices, objective, .. } = self.certificate;
        let shares = self.workload.shares();
        let fits = |quantity: Objective| limits.of(quantity).is_some() == limit_prices.of(quantity).is_some();
        let of_nodes = prices.iter().all(|prices| prices.len() == self.system.nodes().len());
        if prices.len() != shares.len()
            || !of_nodes
            || !Objective::ALL.into_iter().all(fits)
            || limits.of(*objective).is_some()
        {
            return Err(Flaw::Shape);
        }
        let of_limits = Objective::ALL.iter().filter_map(|quantity| limit_prices.of(*quantity));
        if let Some(price) = prices.iter().flatten().chain(of_limits).find(|price| price.is_negative()) {
            return Err(Flaw::Negative { price: price.clone() });
        }
        for (share, (prices, of_workload)) in prices.iter().zip(shares).enumerate() {
            let (sum, expected) = (sum(prices), &of_workload.weight * self.price(Objective::Load));
            if sum != expected {
                return Err(Flaw::PriceSum { share, sum: sum.into(), expected: expected.into() });
            }
        }
        Ok(())
    }

    /// Whether the sets of a kind may be contacted, and are drawn with probabilities.
    fn check_strategy(&self, kind: Kind, meter: &mut Meter) -> Result<(), Flaw> {
        let choices = self.certificate.strategy.of(kind);
        let total = sum(choices.iter().map(|choice| &choice.probability));
        let expected = if self.workload.has(kind) { BigRational::one() } else { BigRational::zero() };
        if total != expected || choices.iter().any(|choice| !choice.probability.is_positive()) {
            return Err(Flaw::NoDistribution { kind, sum: total });
        }
        let limits = &self.certificate.limits;
        let formula = self.system.formula(kind);
        for ExactChoice { quorum, .. } in choices {
            let known = quorum.iter().all(|node| node.index() < self.system.nodes().len());
            let allowed = known && quorum.is_disjoint(&limits.failed);
            if !allowed || !holds_after(formula, quorum, limits.survive, meter).map_err(Flaw::Undecided)? {
                return Err(Flaw::NoQuorum { kind, quorum: quorum.clone() });
            }
        }
        Ok(())
    }

    /// The share of operations of a kind, under one read fraction or under all.
    fn part(&self, kind: Kind, share: Option<usize>) -> BigRational {
        let shares = self.workload.shares();
        let reads = match share {
            Some(share) => shares[share].read_fraction.exact(),
            None => shares.iter().map(|share| &share.weight * share.read_fraction.exact()).sum(),
        };
        if kind == Kind::Read { reads } else { BigRational::one() - reads }
    }

    fn capacity(&self, kind: Kind, node: usize) -> Capacity {
        let node = &self.system.nodes()[node];
        if kind == Kind::Read { node.read_capacity } else { node.write_capacity }
    }

    /// A quantity of the strategy.
    fn reached(&self, quantity: Objective) -> Result<BigRational, Flaw> {
        let mean = |of: &dyn Fn(Kind, &ExactChoice) -> Result<BigRational, Flaw>| -> Result<BigRational, Flaw> {
            let mut mean = BigRational::zero();
            for kind in Kind::BOTH {
                let part = self.part(kind, None);
                for choice in self.certificate.strategy.of(kind) {
                    mean += &part * &choice.probability * of(kind, choice)?;
                }
            }
            Ok(mean)
        };
        match quantity {
            Objective::Load => Ok(self.load()),
            Objective::Network => mean(&|_, choice| Ok(BigRational::from_integer(choice.quorum.len().into()))),
            Objective::Latency => mean(&|kind, choice| self.time(kind, &choice.quorum)),
        }
    }

    fn load(&self) -> BigRational {
        let nodes = self.system.nodes().len();
        let used = Pair::by_kind(|kind| {
            let mut used = vec![BigRational::zero(); nodes];
            for ExactChoice { quorum, probability } in self.certificate.strategy.of(kind) {
                quorum.iter().for_each(|node| used[node.index()] += probability);
            }
            used
        });
        let busiest = |share: usize| {
            let load = |node: usize| -> BigRational {
                let each = Kind::BOTH.into_iter().filter(|kind| !used.of(*kind)[node].is_zero());
                each.map(|kind| self.part(kind, Some(share)) / self.capacity(kind, node).exact() * &used.of(kind)[node])
                    .sum()
            };
            (0..nodes).map(load).max().unwrap_or_default()
        };
        self.workload.shares().iter().enumerate().map(|(share, of)| &of.weight * busiest(share)).sum()
    }

    fn latency(&self, node: NodeId) -> Result<LatencyMs, Flaw> {
        self.system.nodes()[node.index()].latency_ms.ok_or(Flaw::NoLatency { node })
    }

    /// When the answers of a set first contain a quorum.
    fn time(&self, kind: Kind, quorum: &NodeSet) -> Result<BigRational, Flaw> {
        let mut answers = quorum
            .iter()
            .map(|node| Ok((self.latency(node)?.exact(), node)))
            .collect::<Result<Vec<(BigRational, NodeId)>, Flaw>>()?;
        answers.sort();
        let mut heard = NodeSet::new();
        for (time, node) in answers {
            heard.insert(node);
            if self.system.formula(kind).holds(&heard) {
                return Ok(time);
            }
        }
        Err(Flaw::NoQuorum { kind, quorum: quorum.clone() })
    }

    /// What no strategy that keeps the limits is below, at the prices.
    fn proven(&self, meter: &mut Meter) -> Result<BigRational, Flaw> {
        let mut bound = BigRational::zero();
        for kind in Kind::BOTH.into_iter().filter(|kind| self.workload.has(*kind)) {
            bound += self.cheapest(kind, meter)?;
        }
        for quantity in Objective::ALL {
            if let Some(limit) = self.certificate.limits.exact(quantity) {
                bound -= self.price(quantity) * limit;
            }
        }
        Ok(bound)
    }

    /// What contacting each node costs an operation of a kind at the prices.
    fn node_costs(&self, kind: Kind) -> Vec<BigRational> {
        let of_network = self.price(Objective::Network) * self.part(kind, None);
        let parts: Vec<BigRational> =
            (0..self.workload.shares().len()).map(|share| self.part(kind, Some(share))).collect();
        let cost = |node: usize| {
            let each = self.certificate.prices.iter().zip(&parts).filter(|(prices, _)| !prices[node].is_zero());
            let load: BigRational = each.map(|(prices, part)| &prices[node] * part).sum();
            let load = if load.is_zero() { load } else { load / self.capacity(kind, node).exact() };
            load + &of_network
        };
        (0..self.system.nodes().len()).map(cost).collect()
    }

    /// What a set of a kind costs at least: its nodes, and the time at which it answers.
    fn cheapest(&self, kind: Kind, meter: &mut Meter) -> Result<BigRational, Flaw> {
        let costs = self.node_costs(kind);
        let common = costs.iter().fold(BigInt::one(), |common, cost| common.lcm(cost.denom()));
        let whole: Vec<BigInt> = costs.iter().map(|cost| cost.numer() * (&common / cost.denom())).collect();
        let mut search = CheapestSet::new(&whole);
        let of_time = self.price(Objective::Latency) * self.part(kind, None);
        let mut least: Option<BigRational> = None;
        for (time, slow) in self.moments(kind, !of_time.is_zero())? {
            let cost = self.cheapest_by((kind, &slow), &mut search, &whole, meter).map_err(Flaw::Undecided)?;
            let Some(cost) = cost else { continue };
            let cost = BigRational::new(cost, common.clone()) + time * &of_time;
            least = Some(least.map_or_else(|| cost.clone(), |least| least.min(cost.clone())));
        }
        // A strategy was checked before, so there are sets.
        least.ok_or_else(|| Flaw::NoQuorum { kind, quorum: NodeSet::new() })
    }

    /// The times at which answers may be complete, each with the nodes that answer later; one moment for all where time costs nothing.
    fn moments(&self, kind: Kind, timed: bool) -> Result<Vec<(BigRational, NodeSet)>, Flaw> {
        if !timed {
            return Ok(vec![(BigRational::zero(), NodeSet::new())]);
        }
        let failed = &self.certificate.limits.failed;
        let mut nodes = self
            .system
            .formula(kind)
            .support()
            .iter()
            .filter(|node| !failed.contains(*node))
            .map(|node| Ok((self.latency(node)?.exact(), node)))
            .collect::<Result<Vec<(BigRational, NodeId)>, Flaw>>()?;
        nodes.sort();
        let mut moments: Vec<(BigRational, NodeSet)> = Vec::new();
        let mut slow: NodeSet = nodes.iter().map(|(_, node)| *node).collect();
        for (time, node) in nodes {
            slow.remove(node);
            match moments.last_mut().filter(|(last, _)| *last == time) {
                Some((_, later)) => later.clone_from(&slow),
                None => moments.push((time, slow.clone())),
            }
        }
        Ok(moments)
    }

    /// What the nodes of a set cost at least whose answers contain a quorum without those that are slow.
    fn cheapest_by(
        &self,
        (kind, slow): (Kind, &NodeSet),
        search: &mut CheapestSet<'_>,
        costs: &[BigInt],
        meter: &mut Meter,
    ) -> Result<Option<BigInt>, Exhausted> {
        let limits = &self.certificate.limits;
        let formula = self.system.formula(kind);
        let mut without = slow.clone();
        without.union_with(&limits.failed);
        if limits.survive == 0 {
            let to_be_had = |node: usize| !without.contains(NodeId::new(node));
            let of_each = costs.iter().enumerate().map(|(node, cost)| to_be_had(node).then(|| cost.clone()));
            if let Some(cheapest) = additive::cheapest(formula, &of_each.collect::<Vec<_>>(), meter)? {
                return Ok(cheapest);
            }
        }
        let surviving = search.import(formula, &limits.failed, meter)?;
        let in_time = search.import(formula, &without, meter)?;
        search.least(vec![(surviving, limits.survive), (in_time, 0)], meter)
    }
}

fn sum<'n>(numbers: impl IntoIterator<Item = &'n BigRational>) -> BigRational {
    numbers.into_iter().fold(BigRational::zero(), |sum, number| sum + number)
}

/// Whether a set satisfies a formula after losing any so many of its members.
fn holds_after(formula: &Formula, set: &NodeSet, losses: usize, meter: &mut Meter) -> Result<bool, Exhausted> {
    let members: Vec<NodeId> = set.iter().collect();
    let mut lost: Vec<usize> = (0..losses).collect();
    if losses > members.len() {
        return Ok(false);
    }
    loop {
        meter.charge(1 + formula.edge_count() as u64)?;
        let mut left = set.clone();
        lost.iter().for_each(|position| left.remove(members[*position]));
        if !formula.holds(&left) {
            return Ok(false);
        }
        // The next choice of members, in order.
        let Some(moving) = (0..losses).rev().find(|at| lost[*at] < members.len() - losses + at) else {
            return Ok(true);
        };
        lost[moving] += 1;
        for at in moving + 1..losses {
            lost[at] = lost[at - 1] + 1;
        }
    }
}
