//! How probable it is that a system whose nodes may lie is safe and live.

use serde::Serialize;

use super::missing::null;
use super::shared::Decimal;
use crate::availability::{FailureProbability, NoThreeStates};
use crate::model::Probability;
use crate::number::Scaled;

/// What a row of `failure_probability` says where the definition has a `byzantine_probability`.
#[derive(Serialize)]
pub(super) struct ThreeStates {
    node_byzantine_probability: Option<f64>,
    safe: Option<f64>,
    live: Option<f64>,
    safe_and_live: Option<f64>,
    r#unsafe: Option<f64>,
    not_live: Option<f64>,
    unsafe_or_not_live: Option<f64>,
    unsafe_scaled: Option<Decimal>,
    not_live_scaled: Option<Decimal>,
    unsafe_or_not_live_scaled: Option<Decimal>,
}

impl ThreeStates {
    pub(super) fn of(answer: &FailureProbability) -> Option<Self> {
        let known = answer.three_states?.ok();
        let value = |of: fn(&crate::availability::ThreeStates) -> Scaled| known.as_ref().map(of);
        let float = |of| value(of).and_then(Scaled::to_f64);
        let common = known.and_then(|known| known.node_byzantine_probability);
        Some(ThreeStates {
            node_byzantine_probability: common.map(Probability::get),
            safe: float(|known| known.safe),
            live: float(|known| known.live),
            safe_and_live: float(|known| known.safe_and_live),
            r#unsafe: float(|known| known.not_safe),
            not_live: float(|known| known.not_live),
            unsafe_or_not_live: float(|known| known.not_both),
            unsafe_scaled: Decimal::of(value(|known| known.not_safe)),
            not_live_scaled: Decimal::of(value(|known| known.not_live)),
            unsafe_or_not_live_scaled: Decimal::of(value(|known| known.not_both)),
        })
    }
}

/// Why some of it is missing.
pub(super) fn missing(answers: &[FailureProbability]) -> Vec<String> {
    const ALL: [&str; 6] = ["safe", "live", "safe_and_live", "unsafe", "not_live", "unsafe_or_not_live"];
    let states = || answers.iter().filter_map(|answer| answer.three_states);
    let failed = |why: fn(&NoThreeStates) -> bool| states().any(|states| states.is_err_and(|error| why(&error)));
    let mut notes = Vec::new();
    if failed(|why| matches!(why, NoThreeStates::MoreThanAlways)) {
        notes.push(null(&ALL, "some node would be down or lie more often than always"));
    }
    if failed(|why| matches!(why, NoThreeStates::ZonesOverlap)) {
        notes.push(null(&ALL, "nodes stand in zones of several kinds"));
    }
    if failed(|why| matches!(why, NoThreeStates::Exhausted(_))) {
        notes.push(null(&ALL, "the budget ended first"));
    }
    if states().any(|states| states.ok().is_none_or(|known| known.node_byzantine_probability.is_none())) {
        notes.push(null(&["node_byzantine_probability"], "it was not computed, or not all nodes have the same"));
    }
    let tiny = |known: crate::availability::ThreeStates| {
        [known.safe, known.live, known.safe_and_live, known.not_safe, known.not_live, known.not_both]
            .iter()
            .any(|value| value.to_f64().is_none())
    };
    if states().any(|states| states.is_ok_and(tiny)) {
        notes.push(null(&ALL, "it is below the range of a 64-bit float where its `_scaled` is not null"));
    }
    notes
}
