//! Fronts held against the definition: every corner, and every edge between two of them, is an optimum of a program over all sets, which is
//! solved a second time in exact fractions.

use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::custom::from_sets;
use quorate::model::{Formula, Kind, Node, NodeId, NodeSet, Pair, System, Workload};
use quorate::strategy::objective::{Limits, Objective};
use quorate::strategy::{Corner, Front, front};
use rayon::prelude::*;

use crate::random::Random;
use crate::support::files::text;
use crate::support::print::definition;
use crate::support::strategies::{Question, Set, least_over, sets, survives};
use crate::support::systems::{capacity, close, latency, plain_nodes, system, workload};

/// Capacities over nine orders of magnitude, and latencies of which some are equal and some 0.
fn random_nodes(random: &mut Random, count: usize) -> Vec<Node> {
    let mut nodes = plain_nodes(count);
    let similar = random.below(2) == 0;
    for node in &mut nodes {
        let mut any = || match similar {
            true => capacity([500.0, 1000.0, 1500.0, 2000.0, 4000.0][random.below(5) as usize]),
            false => capacity((1 + random.below(9)) as f64 * 10f64.powi(random.below(10) as i32 - 3)),
        };
        (node.read_capacity, node.write_capacity) = (any(), any());
        node.latency_ms = Some(latency([0.0, 0.5, 2.0, 3.0, 7.5, 100.0][random.below(6) as usize]));
    }
    nodes
}

fn random_formula(random: &mut Random, nodes: usize) -> Formula {
    let set = |random: &mut Random| {
        let mask = random.next() | 1 << random.below(nodes as u64);
        (0..nodes).filter(|node| mask >> node & 1 == 1).map(NodeId::new).collect()
    };
    let sets: Vec<NodeSet> = (0..2 + random.below(6)).map(|_| set(random)).collect();
    from_sets(&sets).expect("sets that are not empty")
}

fn random_system(random: &mut Random, nodes: usize) -> System {
    let reads = random_formula(random, nodes);
    let writes = if random.below(2) == 0 { reads.dual() } else { random_formula(random, nodes) };
    system("random", random_nodes(random, nodes), Pair { reads, writes })
}

/// One to ten read fractions.
fn random_workload(random: &mut Random, shares_max: u64) -> Workload {
    let count = 1 + random.below(shares_max);
    let share = |random: &mut Random| (random.below(11) as f64 / 10.0, (1 + random.below(9)) as f64);
    workload(&(0..count).map(|_| share(random)).collect::<Vec<_>>())
}

/// What is asked of a front, the sets that may be contacted, and the axes as positions.
struct Truth<'a> {
    system: &'a System,
    asked: &'a Workload,
    sets: Pair<Vec<Set>>,
    limits: &'a Limits,
    axes: [usize; 2],
}

impl Truth<'_> {
    /// The least value of one quantity within a limit on the other.
    fn least(&self, axis: usize, other: Option<&BigRational>) -> BigRational {
        let mut question = Question::of(Objective::ALL[self.axes[axis]], self.limits);
        question.limits[self.axes[1 - axis]] = other.cloned();
        least_over(self.system, self.asked, &self.sets, &question).expect("a strategy")
    }

    fn check(&self, front: &Front) -> Result<usize, String> {
        if !front.complete || front.gap != 0.0 {
            return Err("the front is not complete".into());
        }
        let corners: Vec<[BigRational; 2]> = front.corners.iter().filter_map(|corner| corner.exact.clone()).collect();
        if corners.len() < front.corners.len() || corners.is_empty() {
            return Err("a corner is not exact".into());
        }
        let ([least_x, _], [_, least_y]) = (&corners[0], &corners[corners.len() - 1]);
        for (axis, least) in [least_x, least_y].into_iter().enumerate() {
            let expected = self.least(axis, None);
            if *least != expected {
                return Err(format!("the front ends at {least} instead of {expected}"));
            }
        }
        if self.least(0, Some(least_y)) != corners[corners.len() - 1][0] {
            return Err("the last corner has not the least x".into());
        }
        let mut steepest: Option<BigRational> = None;
        for pair in corners.windows(2) {
            let [[a, b], [c, d]] = [&pair[0], &pair[1]];
            let slope = (d - b) / (c - a);
            if c <= a || !slope.is_negative() || steepest.as_ref().is_some_and(|before| *before >= slope) {
                return Err(format!("the front does not bend to the right at {pair:?}"));
            }
            steepest = Some(slope);
            let two = BigRational::from_integer(2.into());
            let (x, y) = ((a + c) / &two, (b + d) / &two);
            let expected = self.least(1, Some(&x));
            if y != expected {
                return Err(format!("at {x} the front says {y}, and {expected} is possible"));
            }
        }
        for (corner, [x, y]) in front.corners.iter().zip(&corners) {
            let expected = self.least(1, Some(x));
            if *y != expected {
                return Err(format!("the corner at {x} has {y}, and {expected} is possible"));
            }
            self.check_corner(corner, [x, y])?;
        }
        Ok(corners.len())
    }

    /// The strategy reaches the corner, keeps the limits and contacts only what may be contacted; the prices prove it.
    fn check_corner(&self, corner: &Corner, exact: [&BigRational; 2]) -> Result<(), String> {
        let optimum = &corner.optimum;
        let [x, y] = exact.map(|exact| exact.to_f64().expect("a value in range"));
        let quantities = [optimum.load(), optimum.network, optimum.latency_ms.ok_or("no latency")?];
        let reached = [corner.x, corner.y, quantities[self.axes[0]], quantities[self.axes[1]]];
        if optimum.exact.as_ref() != Some(exact[1])
            || !reached.into_iter().zip([x, y, x, y]).all(|(a, b)| close(a, b, 1e-9))
        {
            return Err(format!("the corner at {x}, {y} is said to be {reached:?}, {:?}", optimum.exact));
        }
        let strategy = optimum.strategy.as_ref().ok_or("no strategy")?;
        for kind in Kind::BOTH {
            let formula = self.system.formula(kind);
            if strategy.of(kind).iter().any(|choice| !survives(formula, &choice.quorum, self.limits.survive)) {
                return Err("a set that may not be contacted".into());
            }
        }
        for (quantity, value) in Objective::ALL.into_iter().zip(quantities) {
            if self.limits.of(quantity).is_some_and(|limit| value > limit * (1.0 + 1e-9)) {
                return Err(format!("the {quantity} is {value}"));
            }
        }
        let proven = self.proven(corner, x);
        if close(proven, y, 1e-6) {
            Ok(())
        } else {
            Err(format!("the prices prove {proven} of {y} at {x}: {optimum:?}"))
        }
    }

    /// What the prices of a corner prove about its y.
    fn proven(&self, corner: &Corner, x: f64) -> f64 {
        let (optimum, price) = (&corner.optimum, corner.optimum.price);
        let prices = [price.load, price.network, price.latency_ms];
        let mut bound = -prices[self.axes[0]] * x;
        for quantity in Objective::ALL {
            bound -= self.limits.of(quantity).map_or(0.0, |limit| limit * prices[quantity as usize]);
        }
        let reads = self.asked.mean_read_fraction();
        for (kind, part) in
            [(Kind::Read, reads), (Kind::Write, 1.0 - reads)].into_iter().filter(|(_, part)| *part > 0.0)
        {
            let cost = |set: &Set| -> f64 {
                let members = || (0..self.system.nodes().len()).filter(|node| set.members >> node & 1 == 1);
                let shares = self.asked.shares().iter().zip(&optimum.node_weight);
                let load = shares.map(|(share, weights)| -> f64 {
                    let fraction = share.read_fraction.get();
                    let each = members().map(|node| {
                        let of = &self.system.nodes()[node];
                        weights[node]
                            * match kind {
                                Kind::Read => fraction / of.read_capacity.get(),
                                Kind::Write => (1.0 - fraction) / of.write_capacity.get(),
                            }
                    });
                    each.sum()
                });
                let size = part * f64::from(set.members.count_ones());
                load.sum::<f64>()
                    + price.network * size
                    + price.latency_ms * part * set.time.to_f64().unwrap_or(f64::NAN)
            };
            bound += self.sets.of(kind).iter().map(cost).fold(f64::INFINITY, f64::min);
        }
        bound
    }
}

const PAIRS: [[usize; 2]; 6] = [[0, 1], [1, 0], [0, 2], [2, 0], [1, 2], [2, 1]];

/// Asks for a front, sometimes with losses to survive and within a limit on the third quantity; the number of corners.
fn examine(random: &mut Random, system: &System, shares_max: u64) -> Result<usize, String> {
    let asked = random_workload(random, shares_max);
    let mut limits = Limits { survive: [0, 0, 0, 1, 2][random.below(5) as usize], ..Limits::default() };
    let axes = PAIRS[random.below(6) as usize];
    let each = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| sets(system, kind, &limits));
    let reads = asked.mean_read_fraction();
    let possible = (reads == 0.0 || !each.reads.is_empty()) && (reads == 1.0 || !each.writes.is_empty());
    if possible && random.below(3) == 0 {
        let third = Objective::ALL[3 - axes[0] - axes[1]];
        let least = least_over(system, &asked, &each, &Question::of(third, &limits)).expect("a strategy");
        let limit = least.to_f64().expect("a value in range") * [1.01, 1.2, 3.0][random.below(3) as usize];
        let limit = Some(if least.is_zero() { 0.25 } else { limit });
        match third {
            Objective::Load => limits.load = limit,
            Objective::Network => limits.network = limit,
            Objective::Latency => limits.latency_ms = limit,
        }
    }
    let compiled = Compiled::new(system, Budget::default());
    let given = front(&compiled, &asked, axes.map(|axis| Objective::ALL[axis]), &limits);
    if possible == given.infeasible.is_some() {
        return Err(format!("{limits:?}: {:?}", given.infeasible));
    }
    if !possible {
        return Ok(0);
    }
    let truth = Truth { system, asked: &asked, sets: each, limits: &limits, axes };
    truth.check(&given).map_err(|what| format!("{:?} of {asked:?} within {limits:?}: {what}\n{given:?}", given.axes))
}

/// Examines random systems of these sizes; the number of corners of all fronts.
fn examine_all(cases: usize, sizes: [u64; 2], shares_max: u64, seed: u64) -> usize {
    let corners = |case: usize| -> Result<usize, String> {
        let mut random = Random::new(seed + case as u64);
        let nodes = sizes[0] + random.below(sizes[1] - sizes[0] + 1);
        let system = random_system(&mut random, nodes as usize);
        let examined = examine(&mut random, &system, shares_max);
        examined.map_err(|what| format!("case {case}: {what}\n\n{}", definition(&system)))
    };
    let (found, complaints): (Vec<_>, Vec<_>) = (0..cases).into_par_iter().map(corners).partition(Result::is_ok);
    let complaints: Vec<String> = complaints.into_iter().filter_map(Result::err).collect();
    assert!(complaints.is_empty(), "{} of {cases} failed:\n{}", complaints.len(), complaints[0]);
    found.into_iter().filter_map(Result::ok).sum()
}

#[test]
fn random_fronts_are_those_of_the_definition() {
    let corners = examine_all(80, [3, 4], 3, 0x5eed_0100);
    assert!(corners > 100, "only {corners} corners: the fronts are trivial");
    examine_all(10, [5, 6], 2, 0x5eed_0200);
    examine_all(6, [3, 4], 10, 0x5eed_0300);
}

/// `QUORATE_CASES=2000 cargo test --release --test it many_random_fronts -- --ignored`.
#[test]
#[ignore = "takes minutes; the same as above, on as many systems as one likes"]
fn many_random_fronts() {
    let cases = std::env::var("QUORATE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000);
    let corners = examine_all(cases, [3, 6], 10, 0x5eed_0400);
    println!("{cases} fronts with {corners} corners");
}

/// At 4.8 ms a front of three corners said 0.0018750771, and 0.001875072411 is possible: its corners are far apart in load, and two of them
/// very near.
#[test]
fn corners_near_each_other_are_not_left_out() {
    let source = text("tests/golden/edges/pareto-missing-corner.toml");
    let system =
        quorate::spec::read("edge", source.as_bytes()).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    let limits = Limits::default();
    let compiled = Compiled::new(&system, Budget::default());
    for axes in PAIRS {
        let sets = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| sets(&system, kind, &limits));
        let truth = Truth { system: &system, asked: system.workload(), sets, limits: &limits, axes };
        let given = front(&compiled, system.workload(), axes.map(|axis| Objective::ALL[axis]), &limits);
        let corners = truth.check(&given).unwrap_or_else(|what| panic!("{what}"));
        if axes == [2, 0] {
            assert_eq!(corners, 4);
            let after = given.corners.iter().position(|corner| corner.x > 4.8).expect("a corner after 4.8 ms");
            let [left, right] = [&given.corners[after - 1], &given.corners[after]];
            let at = left.y + (right.y - left.y) * (4.8 - left.x) / (right.x - left.x);
            assert!(close(at, 0.001_875_072_411, 1e-9), "{at}");
        }
    }
}

/// More nodes than the simplex method in whole numbers takes: programs in floating point, whose solutions are made exact.
#[test]
fn large_fronts_are_proven_too() {
    let family = quorate::families::Family::Grid { rows: 17, cols: 17, variant: quorate::families::GridVariant::Lines };
    let grid = family.system().expect("a grid");
    let numbered = |(index, node): (usize, &Node)| {
        let factor = 10.0 + (index * 37 % 97) as f64;
        let latency_ms = Some(latency(1.0 + (index * 13 % 5) as f64));
        Node { read_capacity: capacity(factor), write_capacity: capacity(2.0 * factor), latency_ms, ..node.clone() }
    };
    let nodes = grid.nodes().iter().enumerate().map(numbered).collect();
    let grid = grid.with(nodes, Vec::new(), workload(&[(0.5, 1.0)])).expect("the same nodes");
    let compiled = Compiled::new(&grid, Budget::default());
    let given = front(&compiled, grid.workload(), [Objective::Latency, Objective::Load], &Limits::default());
    assert!(given.complete && given.corners.len() > 2, "{} corners, {}", given.corners.len(), given.gap);
    let corners: Vec<&[BigRational; 2]> = given.corners.iter().filter_map(|corner| corner.exact.as_ref()).collect();
    assert_eq!(corners.len(), given.corners.len());
    let slopes = corners.windows(2).map(|pair| (&pair[1][1] - &pair[0][1]) / (&pair[1][0] - &pair[0][0]));
    let slopes: Vec<BigRational> = slopes.collect();
    assert!(slopes.iter().all(Signed::is_negative) && slopes.windows(2).all(|pair| pair[0] < pair[1]), "{slopes:?}");
}
