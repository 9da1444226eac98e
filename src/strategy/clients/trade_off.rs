//! What load and latency cost each other: the corners of their front.
//!
//! As for one strategy: the least weighted sum of both touches the front at a corner, and the weights at which two known corners cost the
//! same find one between them or prove that there is none.

use super::generation::{Found, Generation};
use super::goal::ClientLatency;
use super::parts::{Part, Parts};
use crate::budget::{Exhausted, Meter, Resource};
use crate::strategy::tolerance::SAME_SUM;

/// Programs that one front may take.
const PROGRAMS_MAX: usize = 48;

/// A corner: load and latency, and what reaches them.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) at: [f64; 2],
    pub(super) found: Found,
}

/// The corners by rising load, and what ended before all were known.
#[derive(Debug)]
pub(super) struct Corners {
    pub(super) points: Vec<Point>,
    pub(super) exhausted: Option<Exhausted>,
}

/// The parts of a weighted sum of load and latency.
pub(super) fn weighing(latency: ClientLatency, [load, time]: [f64; 2]) -> Parts {
    let part = |weight: f64| if weight > 0.0 { Part::Objective(weight) } else { Part::Free };
    let (mean, worst) = match latency {
        ClientLatency::Mean => (part(time), Part::Free),
        ClientLatency::Worst => (Part::Free, part(time)),
    };
    Parts { load: part(load), mean, worst }
}

/// The front between two ends: the least load with the least latency beside it, and the other way round.
pub(super) fn corners(
    generation: &mut Generation<'_>,
    latency: ClientLatency,
    ends: [Point; 2],
    meter: &mut Meter,
) -> Corners {
    let [first, last] = ends;
    let same = |one: f64, other: f64| (one - other).abs() <= SAME_SUM * one.abs().max(other.abs());
    if same(first.at[0], last.at[0]) || same(first.at[1], last.at[1]) {
        return Corners { points: vec![first], exhausted: None };
    }
    let mut points = vec![first, last];
    let mut open = vec![true];
    for _ in 0..PROGRAMS_MAX {
        let Some(edge) = widest(&points, &open) else {
            return Corners { points, exhausted: None };
        };
        let [a, b] = [&points[edge].at, &points[edge + 1].at];
        let weights = [a[1] - b[1], b[0] - a[0]];
        let known = weights[0] * a[0] + weights[1] * a[1];
        let found = match generation.solve(&weighing(latency, weights), None, meter) {
            Ok(found) if found.exhausted.is_none() => found,
            Ok(Found { exhausted: Some(exhausted), .. }) | Err(exhausted) => {
                return Corners { points, exhausted: Some(exhausted) };
            }
            Ok(_) => break,
        };
        let at = place(latency, &found);
        let sum = weights[0] * at[0] + weights[1] * at[1];
        let between = at[0] > a[0] && at[0] < b[0] && at[1] < a[1] && at[1] > b[1];
        open[edge] = false;
        if sum < known * (1.0 - SAME_SUM) && between {
            points.insert(edge + 1, Point { at, found });
            open[edge] = true;
            open.insert(edge + 1, true);
        }
    }
    let limit = PROGRAMS_MAX as u64;
    let is_open = open.iter().any(|is_open| *is_open);
    Corners { points, exhausted: is_open.then_some(Exhausted { resource: Resource::Programs, limit }) }
}

/// The edge that has not been looked at and spans the largest rectangle.
fn widest(points: &[Point], open: &[bool]) -> Option<usize> {
    let size = |edge: &usize| {
        let [a, b] = [&points[*edge].at, &points[*edge + 1].at];
        (b[0] - a[0]) * (a[1] - b[1])
    };
    (0..open.len()).filter(|edge| open[*edge]).max_by(|a, b| size(a).total_cmp(&size(b)).then(b.cmp(a)))
}

/// Load and latency of what was found.
pub(super) fn place(latency: ClientLatency, found: &Found) -> [f64; 2] {
    let time = match latency {
        ClientLatency::Mean => found.reached.mean_ms,
        ClientLatency::Worst => found.reached.worst_ms(),
    };
    [found.reached.load(), time]
}
