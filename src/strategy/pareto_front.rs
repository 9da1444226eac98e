//! How much of one quantity must be given up for another: the front of the best strategies.
//!
//! What strategies can reach is a convex region with straight edges, and the front is its lower left side. The least weighted sum of both
//! quantities touches it at a corner; with the weights at which two known corners cost the same, it either finds a corner between them or
//! proves that there is none. So every corner is found, with about two programs for each edge, and nothing has to be perturbed.
//! Weights, corners and proofs are exact fractions where the program is small or its solution can be made exact.
//!
//! # Source
//! Cohon, Church and Sheer, Generating multiobjective trade-offs: an algorithm for bicriterion problems, 1979; Aneja and Nair, Bicriteria
//! transportation problem, 1979.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::chain::{Chain, Point, Supporting, float, fraction};
use super::ground::{Ground, Least};
use super::methods::weighted_sums::{Extreme, WeightedSums};
use super::objective::{Infeasible, Limits, Objective};
use super::one_kind::{one_kind, only};
use super::optimum::Optimum;
use super::program::orbits::NodeOrbits;
use super::question::{EligibleSets, StrategyQuestion};
use super::rung::Rung;
use super::solution::Solution;
use crate::budget::{Exhausted, Resource};
use crate::circuit::Compiled;
use crate::model::Workload;

/// The front of two quantities.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Front {
    /// The mix of reads and writes.
    pub workload: Workload,
    /// The quantities, x and y.
    pub axes: [Objective; 2],
    /// The corners, by rising x and falling y: each the best strategy for y within a limit on x. Between neighbours the front is
    /// straight, and mixing their strategies reaches it.
    pub corners: Vec<Corner>,
    /// Whether it is proven that these are all corners, each of them in exact fractions; otherwise the front may bend a little between
    /// those that were found.
    pub complete: bool,
    /// How far below the line between two neighbours the front may lie, as a share of y or of x there, whichever is less; the largest
    /// of all pairs, and 0 where the front is complete.
    pub gap: f64,
    /// What ended before the front was complete.
    pub exhausted: Option<Exhausted>,
    /// Why there is no front.
    pub infeasible: Option<Infeasible>,
}

/// A corner of a front.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Corner {
    /// The first quantity.
    pub x: f64,
    /// The second one.
    pub y: f64,
    /// Both in exact fractions, where the corner is proven.
    pub exact: Option<[BigRational; 2]>,
    /// The strategy, and all that is known about it.
    pub optimum: Optimum,
}

/// Programs that one front may take: of those that are solved in fractions from the start, and of others.
const PROGRAMS_MAX: [usize; 2] = [2_000, 96];

/// The front of two different quantities within the other limits, which must not limit these two.
///
/// # Complexity
/// About two programs for each edge; up to 2,000 in exact fractions and 96 others.
///
/// # Examples
/// ```
/// use quorate::strategy::objective::{Limits, Objective};
/// use quorate::strategy::front;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 5 }.system()?;
/// let compiled = Compiled::new(&majority, Budget::default());
/// let front = front(&compiled, majority.workload(), [Objective::Load, Objective::Network], &Limits::default());
/// // All nodes are alike: the least load has the smallest quorums too.
/// assert_eq!((front.corners.len(), front.corners[0].x, front.corners[0].y), (1, 0.6, 3.0));
/// assert!(front.complete);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn front(compiled: &Compiled<'_>, workload: &Workload, axes: [Objective; 2], limits: &Limits) -> Front {
    let question = StrategyQuestion { compiled, workload, limits, whole_strategy: false, rungs: &Rung::ALL };
    let mut front = Front {
        workload: workload.clone(),
        axes,
        corners: Vec::new(),
        complete: false,
        gap: 0.0,
        exhausted: None,
        infeasible: None,
    };
    if compiled.system().about().ring.is_some() {
        front.infeasible = Some(Infeasible::Ranges);
        return front;
    }
    let whole = |front: &mut Front| match one_kind(compiled, workload)? {
        Some((kind, alone)) => {
            *front = self::front(&Compiled::new(&alone, *compiled.budget()), workload, axes, limits);
            let corners = std::mem::take(&mut front.corners).into_iter();
            front.corners = corners.map(|corner| Corner { optimum: only(kind, corner.optimum), ..corner }).collect();
            Ok(())
        }
        None => trace(&question, &question.eligible()?, front),
    };
    if let Err(infeasible) = whole(&mut front) {
        front.infeasible = Some(infeasible);
    }
    front
}

fn trace(question: &StrategyQuestion<'_>, eligible: &EligibleSets<'_>, front: &mut Front) -> Result<(), Infeasible> {
    let ground = Ground::new(question, eligible, front.axes)?;
    let orbits = ground.orbits();
    let problem = orbits.as_ref().and_then(|orbits| ground.problem(orbits));
    let exact = problem.and_then(|problem| WeightedSums::new(problem, ground.quantities()));
    let mut search = LeastSums { ground: &ground, orbits: orbits.as_ref(), exact, programs: [0; 2] };
    let (zero, one) = (BigRational::zero(), BigRational::one());
    let first = search.least([&one, &zero]).map_err(Infeasible::Undecided)?;
    let last = search.least([&zero, &one]).map_err(Infeasible::Undecided)?;
    let mut chain = Chain::new(first, last);
    front.exhausted = search.refine(&mut chain).err();
    chain.straighten();
    front.complete = front.exhausted.is_none() && chain.is_proven();
    front.gap = if front.complete { 0.0 } else { chain.gap() };
    for position in 0..chain.points.len() {
        let point = &chain.points[position];
        let [x, y] = point.at.each_ref().map(float);
        let proof = (chain.below(&point.at[0]), chain.prices(position), point.line.is_exact);
        let optimum = ground.answer((&point.at[0], &point.at[1]), point.found.clone(), proof);
        let exact = point.line.is_exact.then(|| point.at.clone());
        front.corners.push(Corner { x, y, exact, optimum });
    }
    Ok(())
}

/// Finds least weighted sums: in exact fractions while that goes, then by other programs.
struct LeastSums<'a> {
    ground: &'a Ground<'a>,
    orbits: Option<&'a NodeOrbits>,
    exact: Option<WeightedSums<'a>>,
    programs: [usize; 2],
}

impl<'a> LeastSums<'a> {
    /// A strategy with the least weighted sum.
    fn least(&mut self, weights: [&BigRational; 2]) -> Result<Point<Solution<'a, 'a>>, Exhausted> {
        if self.programs[0] < PROGRAMS_MAX[0]
            && let (Some(exact), Some(orbits)) = (&mut self.exact, self.orbits)
        {
            self.programs[0] += 1;
            match exact.least(weights) {
                Some(Extreme { point, proof }) => {
                    let line = Supporting::through(&point, weights, proof.prices.rounded());
                    return Ok(Point { at: point, found: self.ground.proven(proof, orbits), line });
                }
                None => self.exact = None,
            }
        }
        let limit = PROGRAMS_MAX[1];
        if self.programs[1] >= limit {
            return Err(Exhausted { resource: Resource::Programs, limit: limit as u64 });
        }
        self.programs[1] += 1;
        let Least { solution: found, exactly } = self.ground.least(weights)?;
        let is_exact = exactly.is_some();
        let at = exactly.unwrap_or_else(|| self.ground.about_where(&found).map(fraction));
        let mut line = Supporting::through(&at, weights, found.plain_prices());
        if !is_exact {
            (line.bound, line.is_exact) = (fraction(found.lower * found.lp.unit()), is_exact);
        }
        Ok(Point { at, found, line })
    }

    /// Finds the points between those of a chain, or the lines that prove that there is none.
    fn refine(&mut self, chain: &mut Chain<Solution<'a, 'a>>) -> Result<(), Exhausted> {
        while let Some(position) = chain.lines.iter().position(Option::is_none) {
            let [left, right] = [&chain.points[position].at, &chain.points[position + 1].at];
            let slope = (&left[1] - &right[1]) / (&right[0] - &left[0]);
            let found = self.least([&slope, &BigRational::one()])?;
            chain.insert(position, &slope, found);
        }
        Ok(())
    }
}
