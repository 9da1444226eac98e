//! From a goal to the best strategies of clients.

use num_rational::BigRational;
use num_traits::ToPrimitive;

use super::answer::{ClientCorner, ClientFront, ClientOptimum, ClientPrices, ClientStrategy};
use super::commodity::{Commodity, commodities};
use super::corner::corner;
use super::generation::{Found, Generation};
use super::goal::{ClientGoal, ClientLatency};
use super::parts::{Part, Parts, Prices};
use super::proof::Exactly;
use super::trade_off::{Point, corners, place, weighing};
use crate::budget::{Meter, Resource};
use crate::circuit::Compiled;
use crate::model::{Choice, Kind, Pair, System, Workload};
use crate::strategy::objective::{Infeasible, Objective};
use crate::strategy::tolerance::{EXCESS_MAX, GAP_MAX, LIMIT_ROUNDING};

/// The best strategies of all clients that are not lost, sharing the capacities of the nodes; `None` where there is no such client.
///
/// Each client draws its own quorums, the workload's mean share of them reads unless it has one of its own. Of all strategies that are
/// best, those with the least of the other quantity are chosen: the least mean latency for a load or a worst latency, the least load for a
/// mean latency.
///
/// # Method
/// Column generation, all commodities sharing one program; see the module.
///
/// # Errors
/// [`Infeasible`] where there are no such strategies, or that is not known.
///
/// # Units
/// Milliseconds, and seconds of a node per operation of all clients.
///
/// # Complexity
/// In each round, for each place and kind, a pass over the formula for each time at which a node answers; charged to the meter.
///
/// # Source
/// Dantzig and Wolfe, Decomposition principle for linear programs, 1960.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::strategy::objective::Objective;
/// use quorate::strategy::{ClientGoal, ClientLatency, client_strategies};
/// let text = "name = 'x'\nclient = [{ name = 'web', zone = 'eu' }]\n\
///     link = [{ between = ['eu', 'us'], round_trip_ms = 80 }]\n\
///     zone = [{ name = 'eu', nodes = ['n1', 'n2'] }, { name = 'us', nodes = ['n3'] }]\n\
///     [system]\nfamily = 'majority'\nn = 3\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let goal = ClientGoal {
///     objective: Objective::Latency,
///     latency: ClientLatency::Mean,
///     load_max: Some(0.75),
///     latency_ms_max: None,
///     leader: None,
///     has_front: false,
/// };
/// let compiled = Compiled::new(&system, Budget::default());
/// let best = client_strategies(&compiled, system.workload(), &goal).expect("0.75 can be kept").expect("a client");
/// // Half of the operations have to ask a node in America.
/// assert_eq!(best.exact.map(|ms| ms.to_string()), Some("40".to_owned()));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn client_strategies(
    compiled: &Compiled<'_>,
    workload: &Workload,
    goal: &ClientGoal,
) -> Result<Option<ClientOptimum>, Infeasible> {
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    let commodities = commodities(compiled, workload, goal, &mut meter)?;
    if commodities.is_empty() {
        return Ok(None);
    }
    let system = compiled.system();
    let generation =
        Generation::begin(&commodities, system.nodes().len(), &mut meter).map_err(Infeasible::Undecided)?;
    Asking { system, goal, commodities: &commodities, generation, meter }.answer().map(Some)
}

/// A question about clients on its way.
struct Asking<'a> {
    system: &'a System,
    goal: &'a ClientGoal,
    commodities: &'a [Commodity],
    generation: Generation<'a>,
    meter: Meter,
}

impl Asking<'_> {
    fn answer(mut self) -> Result<ClientOptimum, Infeasible> {
        self.check_limits()?;
        let parts = self.parts();
        let found = self.solve(&parts)?;
        let polished = self.polished(&parts, &found);
        let front = if self.goal.has_front { Some(self.front()?) } else { None };
        Ok(self.optimum(&parts, (found, polished), front))
    }

    fn solve(&mut self, parts: &Parts) -> Result<Found, Infeasible> {
        self.generation.solve(parts, None, &mut self.meter).map_err(Infeasible::Undecided)
    }

    /// The objective, and the limits.
    fn parts(&self) -> Parts {
        let limit = |limit: Option<f64>| limit.map_or(Part::Free, Part::Limit);
        let (load, latency) = match self.goal.objective {
            Objective::Latency => (limit(self.goal.load_max), Part::Objective(1.0)),
            _ => (Part::Objective(1.0), limit(self.goal.latency_ms_max)),
        };
        match self.goal.latency {
            ClientLatency::Mean => Parts { load, mean: latency, worst: Part::Free },
            ClientLatency::Worst => Parts { load, mean: Part::Free, worst: latency },
        }
    }

    /// Whether the limit can be kept: a latency by the fastest quorums, a load by the strategies with the least one.
    fn check_limits(&mut self) -> Result<(), Infeasible> {
        let above = |quantity, limit: f64, least: f64| {
            let is_above = least > limit * (1.0 + LIMIT_ROUNDING);
            if is_above { Err(Infeasible::Limit { quantity, limit, least, beside: None }) } else { Ok(()) }
        };
        if let Some(limit) = self.goal.latency_ms_max.filter(|_| self.goal.objective != Objective::Latency) {
            let each = self.commodities.iter();
            let least = match self.goal.latency {
                ClientLatency::Mean => each.map(|each| each.rate * each.fastest_ms()).sum(),
                ClientLatency::Worst => each.map(Commodity::fastest_ms).fold(0.0, f64::max),
            };
            above(Objective::Latency, limit, least)?;
        }
        if let Some(limit) = self.goal.load_max.filter(|_| self.goal.objective == Objective::Latency) {
            let parts = weighing(self.goal.latency, [1.0, 0.0]);
            let found = self.generation.solve(&parts, Some(limit), &mut self.meter).map_err(Infeasible::Undecided)?;
            if found.reached.load() > limit * (1.0 + EXCESS_MAX) {
                above(Objective::Load, limit, found.lower)?;
                let none = found.exhausted.map(Infeasible::Undecided);
                // The bounds are nearer to each other than to the limit, or the search ended.
                return Err(none.unwrap_or(Infeasible::Limit {
                    quantity: Objective::Load,
                    limit,
                    least: found.reached.load(),
                    beside: None,
                }));
            }
        }
        Ok(())
    }

    /// Of the strategies that are as good, those with the least of the other quantity; absent where none were found.
    fn polished(&mut self, parts: &Parts, found: &Found) -> Option<Found> {
        if found.exhausted.is_some() {
            return None;
        }
        let value = parts.value(&found.reached);
        let keep = |part: Part| if part.weight() > 0.0 { Part::Limit(value) } else { part };
        let kept = Parts { load: keep(parts.load), mean: keep(parts.mean), worst: keep(parts.worst) };
        let other = match kept.mean {
            Part::Limit(_) if parts.mean.weight() > 0.0 => Parts { load: Part::Objective(1.0), ..kept },
            _ => Parts { mean: Part::Objective(1.0), ..kept },
        };
        let better = self.generation.solve(&other, None, &mut self.meter).ok()?;
        let is_as_good = parts.value(&better.reached) <= value * (1.0 + EXCESS_MAX);
        (is_as_good && parts.excess(&better.reached) <= EXCESS_MAX).then_some(better)
    }

    fn front(&mut self) -> Result<ClientFront, Infeasible> {
        let latency = self.goal.latency;
        let mut ends = Vec::new();
        for weights in [[1.0, 0.0], [0.0, 1.0]] {
            let parts = weighing(latency, weights);
            let found = self.solve(&parts)?;
            let at = place(latency, &found);
            let limit = |weight: f64, value: f64| if weight > 0.0 { Part::Limit(value) } else { Part::Objective(1.0) };
            let (load, time) = (limit(weights[0], at[0]), limit(weights[1], at[1]));
            let beside = match latency {
                ClientLatency::Mean => Parts { load, mean: time, ..Parts::FREE },
                ClientLatency::Worst => Parts { load, worst: time, ..Parts::FREE },
            };
            let found = self.solve(&beside)?;
            ends.push(Point { at: place(latency, &found), found });
        }
        let ends = <[Point; 2]>::try_from(ends).expect("two ends");
        let mut found = corners(&mut self.generation, latency, ends, &mut self.meter);
        // A worst latency leaves open what the others see.
        for point in found.points.iter_mut().filter(|_| latency == ClientLatency::Worst) {
            let [load, worst] = point.at.map(Part::Limit);
            let kept = Parts { load, mean: Part::Objective(1.0), worst };
            if let Ok(better) = self.generation.solve(&kept, None, &mut self.meter)
                && kept.excess(&better.reached) <= EXCESS_MAX
            {
                point.found = better;
            }
        }
        let corner = |point: &Point| ClientCorner {
            load: point.at[0],
            latency_ms: point.at[1],
            clients: self.latencies(&point.found.reached.each_ms),
        };
        Ok(ClientFront {
            corners: found.points.iter().map(corner).collect(),
            complete: found.exhausted.is_none(),
            exhausted: found.exhausted,
        })
    }

    /// The mean times of clients.
    fn latencies(&self, each_ms: &[f64]) -> Vec<Pair<Option<f64>>> {
        let mut all = vec![Pair { reads: None, writes: None }; self.system.about().clients.each.len()];
        for (commodity, ms) in self.commodities.iter().zip(each_ms) {
            commodity.clients.iter().for_each(|(client, _)| *of_kind(&mut all[*client], commodity.kind) = Some(*ms));
        }
        all
    }

    fn optimum(
        mut self,
        parts: &Parts,
        (found, polished): (Found, Option<Found>),
        front: Option<ClientFront>,
    ) -> ClientOptimum {
        let exactly = Exactly { system: self.system, commodities: self.commodities, parts };
        let best = polished.as_ref().unwrap_or(&found);
        let columns = &self.generation.columns;
        // Quorums that were found later are not in strategies that were found before.
        let padded = |found: &Found| {
            let mut drawn = found.drawn.clone();
            drawn.resize(columns.len(), 0.0);
            drawn
        };
        let place = (self.commodities, self.system.nodes().len());
        let drawn = self.generation.whole(corner(place, columns, padded(best), parts));
        let prices = &found.prices;
        let exact = exactly.value((columns, &drawn), prices, &mut self.meter);
        let proof = exactly.bounds((columns, &drawn), prices, &mut self.meter).ok();
        let reached = self.generation.reached(&drawn);
        let value = parts.value(&reached);
        let float = |bound: &BigRational, otherwise: f64| bound.to_f64().unwrap_or(otherwise);
        let (lower, upper) = match (&exact, &proof) {
            (Some(exact), _) => (float(exact, value), float(exact, value)),
            (None, Some(proof)) => (float(&proof.lower, found.lower), float(&proof.upper, value)),
            (None, None) => (found.lower, value),
        };
        let is_near = upper - lower <= GAP_MAX * upper.abs();
        let certified = exact.is_some() || proof.is_some_and(|proof| proof.keeps_limits) && is_near;
        let clients = self.strategies(&drawn, &reached.each_ms);
        let slowest = clients.iter().flat_map(|client| [client.slowest_ms.reads, client.slowest_ms.writes]);
        ClientOptimum {
            objective: self.goal.objective,
            latency: self.goal.latency,
            upper_bound: upper,
            lower_bound: lower.min(upper),
            exact,
            certified,
            load: reached.load(),
            mean_ms: reached.mean_ms,
            worst_ms: reached.worst_ms(),
            slowest_ms: slowest.flatten().fold(0.0, f64::max),
            prices: self.prices(prices),
            node_load: reached.loads,
            clients,
            columns: columns.len(),
            exhausted: found.exhausted,
            front,
        }
    }

    fn strategies(&self, drawn: &[f64], each_ms: &[f64]) -> Vec<ClientStrategy> {
        let none = || Pair { reads: None, writes: None };
        let of = |(client, latency_ms): (usize, Pair<Option<f64>>)| ClientStrategy {
            client,
            latency_ms,
            slowest_ms: none(),
            strategy: Pair { reads: Vec::new(), writes: Vec::new() },
        };
        let mut all: Vec<ClientStrategy> = self.latencies(each_ms).into_iter().enumerate().map(of).collect();
        for (column, share) in self.generation.columns.iter().zip(drawn).filter(|(_, share)| **share > 0.0) {
            let commodity = &self.commodities[column.commodity];
            for (client, _) in &commodity.clients {
                let choice = Choice { quorum: column.quorum.clone(), probability: *share };
                of_kind(&mut all[*client].strategy, commodity.kind).push(choice);
                let slowest = of_kind(&mut all[*client].slowest_ms, commodity.kind);
                *slowest = Some(slowest.unwrap_or(0.0).max(column.latency_ms));
            }
        }
        for choices in all.iter_mut().flat_map(|client| [&mut client.strategy.reads, &mut client.strategy.writes]) {
            choices.sort_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.quorum.cmp(&b.quorum)));
        }
        all
    }

    /// The prices, those of a commodity divided among its clients by what they ask for.
    fn prices(&self, prices: &Prices) -> ClientPrices {
        let clients = &self.system.about().clients.each;
        let mut each = vec![Pair { reads: 0.0, writes: 0.0 }; clients.len()];
        for (commodity, price) in self.commodities.iter().zip(&prices.worst) {
            for (client, rate) in &commodity.clients {
                *of_kind(&mut each[*client], commodity.kind) = price * rate / commodity.rate;
            }
        }
        ClientPrices { nodes: prices.nodes.clone(), mean: prices.mean, clients: each }
    }
}

fn of_kind<T>(pair: &mut Pair<T>, kind: Kind) -> &mut T {
    match kind {
        Kind::Read => &mut pair.reads,
        Kind::Write => &mut pair.writes,
    }
}
