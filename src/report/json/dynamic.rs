//! Votes that are given anew after each failure, as JSON.

use serde::Serialize;

use super::super::{Analysed, names};
use super::missing::nulls;
use crate::availability::{DynamicAnswer, Survived};
use crate::model::System;
use crate::number::Scaled;

/// How many failures one after another.
#[derive(Serialize)]
pub(super) struct Dynamic<'a> {
    rule: &'static str,
    source: &'static str,
    nodes: Option<Failures<'a>>,
    zones: Option<Failures<'a>>,
    mean_first_loss_hours: Option<f64>,
    states: Option<usize>,
}

#[derive(Serialize)]
struct Failures<'a> {
    at_once: usize,
    any_order: usize,
    best_order: usize,
    lost_at_once: Vec<&'a str>,
    bad_order: Vec<&'a str>,
    good_order: Vec<&'a str>,
    surviving: &'a [f64],
}

impl<'a> Failures<'a> {
    fn of(system: &'a System, survived: &'a Survived) -> Self {
        let names = |order: &[usize]| order.iter().map(|component| names::component(system, *component)).collect();
        Failures {
            at_once: survived.at_once,
            any_order: survived.any_order,
            best_order: survived.best_order,
            lost_at_once: names(&survived.lost_at_once),
            bad_order: names(&survived.bad_order),
            good_order: names(&survived.good_order),
            surviving: &survived.surviving,
        }
    }
}

fn known(analysed: &Analysed) -> Option<&DynamicAnswer> {
    analysed.analysis.reliability.dynamic.as_ref()?.as_ref().ok()
}

/// The answer, where votes are given anew.
pub(super) fn dynamic(analysed: &Analysed) -> Option<Dynamic<'_>> {
    let answer = known(analysed)?;
    let system = &analysed.system;
    let nodes = answer.nodes.as_ref().ok().and_then(Option::as_ref);
    let zones = answer.zones.as_ref().and_then(|found| found.as_ref().ok()).and_then(Option::as_ref);
    let loss = answer.first_loss.as_ref().and_then(|loss| loss.as_ref().ok()).and_then(|loss| loss.as_ref().ok());
    Some(Dynamic {
        rule: answer.rule.name(),
        source: answer.rule.source(),
        nodes: nodes.map(|found| Failures::of(system, found)),
        zones: zones.map(|found| Failures::of(system, found)),
        mean_first_loss_hours: loss.and_then(|loss| loss.hours).and_then(Scaled::to_f64),
        states: loss.map(|loss| loss.states),
    })
}

/// Why some of it is missing.
pub(super) fn missing(analysed: &Analysed) -> Vec<String> {
    let Some(answer) = known(analysed) else { return Vec::new() };
    let zones = answer.zones.as_ref();
    let is_without_quorum = matches!(answer.nodes, Ok(None));
    let loss = answer.first_loss.as_ref();
    let loss_known = loss.and_then(|loss| loss.as_ref().ok());
    let is_never = loss_known.and_then(|loss| loss.as_ref().ok()).is_some_and(|loss| loss.hours.is_none());
    nulls(&[
        ("nodes", is_without_quorum, "there is no quorum even with everything up"),
        ("nodes", answer.nodes.is_err(), "in `dynamic` the budget of the search ended"),
        ("zones", zones.is_none(), "in `dynamic` it is about the loss of zones, and there is none"),
        ("zones", zones.is_some_and(Result::is_err), "in `dynamic` the budget of the search ended"),
        ("zones", matches!(zones, Some(Ok(None))), "there is no quorum even with everything up"),
        ("mean_first_loss_hours", is_never, "in `dynamic` nothing that fails can cause a loss"),
        ("mean_first_loss_hours", loss.is_none(), "in `dynamic` it needs `mttf_hours` and `mttr_hours`"),
        ("states", loss.is_none(), "in `dynamic` there is no chain without `mttf_hours` and `mttr_hours`"),
        ("mean_first_loss_hours", matches!(loss, Some(Err(_))), "in `dynamic` it needs the times of all that fails"),
        ("states", matches!(loss, Some(Err(_))), "in `dynamic` there is no chain without the times of all that fails"),
        ("mean_first_loss_hours", matches!(loss_known, Some(Err(_))), "in `dynamic` the chain is too long"),
        ("states", matches!(loss_known, Some(Err(_))), "in `dynamic` the chain is too long"),
    ])
}
