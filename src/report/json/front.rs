//! Fronts as JSON.

use serde::Serialize;

use super::{Optimum, ReadFraction};
use crate::analysis::strategy;
use crate::model::System;

/// `pareto` of a system: the corners of the front of two quantities.
#[derive(Serialize)]
pub(super) struct Front<'a> {
    axes: [&'static str; 2],
    read_fraction: ReadFraction,
    complete: bool,
    corners: Vec<Optimum<'a>>,
}

impl<'a> Front<'a> {
    pub(super) fn of(system: &'a System, front: &'a strategy::Front) -> Self {
        Front {
            axes: front.axes.map(crate::analysis::goal::Objective::name),
            read_fraction: ReadFraction::of(&front.workload),
            complete: front.complete,
            corners: front.corners.iter().map(|corner| Optimum::of(system, &corner.optimum)).collect(),
        }
    }
}
