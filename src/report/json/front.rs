//! Fronts as JSON.

use serde::Serialize;

use super::{Optimum, ReadFraction};
use crate::model::System;
use crate::strategy;

/// `pareto` of a system: the corners of the front of two quantities.
#[derive(Serialize)]
pub(super) struct Front<'a> {
    axes: [&'static str; 2],
    read_fraction: ReadFraction,
    complete: bool,
    gap: Option<f64>,
    corners: Vec<Corner<'a>>,
}

/// A corner: the best strategy for the second quantity, and both quantities as fractions where they are proven.
#[derive(Serialize)]
struct Corner<'a> {
    #[serde(flatten)]
    optimum: Optimum<'a>,
    exact_corner: Option<[String; 2]>,
}

impl<'a> Corner<'a> {
    fn of(system: &'a System, corner: &'a strategy::Corner) -> Self {
        let exact = corner.exact.as_ref().map(|exact| exact.each_ref().map(ToString::to_string));
        Corner { optimum: Optimum::of(system, &corner.optimum, false), exact_corner: exact }
    }
}

impl<'a> Front<'a> {
    pub(super) fn of(system: &'a System, front: &'a strategy::Front) -> Self {
        Front {
            axes: front.axes.map(crate::strategy::objective::Objective::name),
            read_fraction: ReadFraction::of(&front.workload),
            complete: front.complete,
            gap: super::finite(front.gap),
            corners: front.corners.iter().map(|corner| Corner::of(system, corner)).collect(),
        }
    }
}
