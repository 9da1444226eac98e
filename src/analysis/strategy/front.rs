//! How much of one quantity must be given up for another: the front of the best strategies.
//!
//! The least y within a limit on x is a convex function of that limit, a chain of straight edges. At any limit the program
//! gives its value, and the price of the limit gives a line below the whole chain. Where two such lines cross, either the
//! chain has a corner there, or one more line is found: so every corner is found with about two programs for each edge.

use super::best;
use crate::analysis::goal::{Infeasible, Limits, Objective};
use crate::analysis::load::Optimum;
use crate::circuit::Compiled;
use crate::model::Workload;

/// The front of two quantities.
#[derive(Debug, Clone, PartialEq)]
pub struct Front {
    /// The mix of reads and writes.
    pub workload: Workload,
    /// The quantities, x and y.
    pub axes: [Objective; 2],
    /// The corners, by rising x and falling y: each the best strategy for y within a limit on x. Between neighbours the front is
    /// straight, and mixing their strategies reaches it.
    pub corners: Vec<Corner>,
    /// Whether every corner was found; otherwise the front may bend a little between those that were.
    pub complete: bool,
    /// Why there is no front.
    pub infeasible: Option<Infeasible>,
}

/// A corner of a front.
#[derive(Debug, Clone, PartialEq)]
pub struct Corner {
    /// The first quantity.
    pub x: f64,
    /// The second one.
    pub y: f64,
    /// The strategy, and all that is known about it.
    pub optimum: Optimum,
}

/// Programs that one front may take.
const PROGRAMS_MAX: usize = 96;
/// Values that differ by this share are one.
const SAME: f64 = 1e-9;
/// A limit at the least value of its quantity is given this much room, so that rounding does not close it.
const ROOM: f64 = 1e-12;

/// The front of two different quantities within the other limits, which must not limit these two.
///
/// # Complexity
/// About two programs for each edge, at most 96.
///
/// # Examples
/// ```
/// use quorate::analysis::goal::{Limits, Objective};
/// use quorate::analysis::strategy::front;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 5 }.system()?;
/// let compiled = Compiled::new(&majority, Budget::default());
/// let front = front(&compiled, majority.workload(), [Objective::Load, Objective::Network], &Limits::default());
/// // All nodes are alike: the least load has the smallest quorums too.
/// assert_eq!((front.corners.len(), front.corners[0].x, front.corners[0].y), (1, 0.6, 3.0));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn front(compiled: &Compiled<'_>, workload: &Workload, axes: [Objective; 2], limits: &Limits) -> Front {
    let mut search = Search { compiled, workload, axes, limits, left: PROGRAMS_MAX };
    let mut front = Front { workload: workload.clone(), axes, corners: Vec::new(), complete: true, infeasible: None };
    match search.ends() {
        Ok([first, last]) => {
            if last.x - first.x <= SAME * last.x.abs() || first.y - last.y <= SAME * first.y.abs() {
                front.corners = vec![if last.x <= first.x { last } else { first }];
                return front;
            }
            front.corners.push(first);
            front.corners.push(last);
            front.complete = search.refine(&mut front.corners);
            front.corners.sort_by(|a, b| a.x.total_cmp(&b.x));
        }
        Err(infeasible) => front.infeasible = Some(infeasible),
    }
    front
}

struct Search<'a> {
    compiled: &'a Compiled<'a>,
    workload: &'a Workload,
    axes: [Objective; 2],
    limits: &'a Limits,
    left: usize,
}

impl Search<'_> {
    /// The least x with the least y that it allows, and the least y with the least x that it allows.
    fn ends(&mut self) -> Result<[Corner; 2], Infeasible> {
        let [x, y] = self.axes;
        let least = |objective: Objective| {
            let optimum = best(self.compiled, self.workload, (objective, self.limits), false);
            optimum.infeasible.clone().map_or(Ok(optimum.value()), Err)
        };
        let (least_x, least_y) = (least(x)?, least(y)?);
        let first = self.within(x, y, least_x)?;
        let last = self.within(y, x, least_y)?;
        Ok([self.corner(first), self.corner(last)])
    }

    /// The best for `objective` within a limit on the other quantity.
    fn within(&mut self, limited: Objective, objective: Objective, limit: f64) -> Result<Optimum, Infeasible> {
        let mut limits = self.limits.clone();
        let limit = Some(limit * (1.0 + ROOM));
        match limited {
            Objective::Load => limits.load = limit,
            Objective::Network => limits.network = limit,
            Objective::Latency => limits.latency_ms = limit,
        }
        let optimum = best(self.compiled, self.workload, (objective, &limits), false);
        optimum.infeasible.clone().map_or(Ok(optimum), Err)
    }

    fn corner(&self, optimum: Optimum) -> Corner {
        let of = |quantity: Objective| match quantity {
            Objective::Load => optimum.load(),
            Objective::Network => optimum.network,
            Objective::Latency => optimum.latency_ms.unwrap_or(f64::NAN),
        };
        Corner { x: of(self.axes[0]), y: of(self.axes[1]), optimum }
    }

    /// Adds the corners between the two ends; whether all of them were found.
    fn refine(&mut self, corners: &mut Vec<Corner>) -> bool {
        let (first, last) = (corners[0].clone(), corners[1].clone());
        // The last one is flat: no strategy has a smaller y.
        let slope = |corner: &Corner| -price(&corner.optimum, self.axes[0]);
        let left = Line { x: first.x, y: first.y, slope: slope(&first) };
        let right = Line { x: last.x, y: last.y, slope: 0.0 };
        let (width, height) = (last.x - first.x, first.y - last.y);
        let mut open = vec![(left, right)];
        while let Some((left, right)) = open.pop() {
            let Some(x) = left.crossing(&right) else { continue };
            if x - left.x <= SAME * width || right.x - x <= SAME * width {
                continue;
            }
            if self.left == 0 {
                return false;
            }
            self.left -= 1;
            let Ok(optimum) = self.within(self.axes[0], self.axes[1], x) else { return false };
            let below = left.at(x);
            let (y, slope) = (optimum.value(), -price(&optimum, self.axes[0]));
            let corner = self.corner(optimum);
            let line = Line { x, y, slope };
            if y - below <= SAME * height {
                corners.push(Corner { x, y, ..corner });
            } else {
                open.push((left, line));
                open.push((line, right));
            }
        }
        true
    }
}

fn price(optimum: &Optimum, quantity: Objective) -> f64 {
    match quantity {
        Objective::Load => optimum.price.load,
        Objective::Network => optimum.price.network,
        Objective::Latency => optimum.price.latency_ms,
    }
}

/// A line that touches the front at a point.
#[derive(Debug, Clone, Copy)]
struct Line {
    x: f64,
    y: f64,
    slope: f64,
}

impl Line {
    fn at(&self, x: f64) -> f64 {
        self.y + self.slope * (x - self.x)
    }

    /// Where two lines meet between their points; `None` when they are one.
    fn crossing(&self, other: &Line) -> Option<f64> {
        let turn = other.slope - self.slope;
        let x = self.x + (other.at(self.x) - self.y) / -turn;
        Some(x).filter(|x| turn > 0.0 && x.is_finite())
    }
}
