//! The ranges of a ring as JSON.

use serde::Serialize;

use super::super::Analysed;
use super::Decimal;
use super::missing::nulls;
use crate::availability::{Affected, Copysets, RangeChance, RangeChances, RangeEvent, RangeLosses, RingAnswer};
use crate::model::System;
use crate::number::Scaled;

/// How the replicas of a ring are placed, and how often its ranges are unavailable and lost.
#[derive(Serialize)]
pub(super) struct Ring<'a> {
    ranges: usize,
    replicas: usize,
    virtual_nodes: Option<usize>,
    seed: Option<u64>,
    copysets: Option<Placement>,
    now: Losses,
    zone_losses: Vec<ZoneLoss<'a>>,
    chances: Vec<Option<Chances>>,
    load: Vec<Load>,
}

#[derive(Serialize)]
struct Placement {
    count: usize,
    random: f64,
    fewest: usize,
    scatter_width: Option<f64>,
    smallest_key_share: f64,
    largest_key_share: f64,
    simultaneous_failures: AtOnce,
}

#[derive(Serialize)]
struct AtOnce {
    nodes: usize,
    lower: f64,
    upper: f64,
    random: f64,
}

#[derive(Serialize)]
struct Losses {
    reads: Share,
    writes: Share,
    lost: Share,
}

#[derive(Serialize)]
struct Share {
    ranges: usize,
    keys: f64,
}

#[derive(Serialize)]
struct ZoneLoss<'a> {
    zone: &'a str,
    #[serde(flatten)]
    losses: Losses,
}

#[derive(Serialize)]
struct Chances {
    node_failure_probability: Option<f64>,
    read: Chance,
    write: Chance,
    lost: Chance,
    write_lost: Chance,
}

/// That it happens to some range, and to what share of the ranges and keys in expectation.
#[derive(Serialize)]
struct Chance {
    some_range: Option<f64>,
    some_range_scaled: Option<Decimal>,
    method: &'static str,
    lower: Option<f64>,
    upper: Option<f64>,
    confidence: Option<f64>,
    trials: Option<u64>,
    seed: Option<u64>,
    expected_ranges: Option<f64>,
    expected_keys: Option<f64>,
}

#[derive(Serialize)]
struct Load {
    read_fraction: f64,
    even: f64,
    lower_bound: f64,
}

impl Losses {
    fn of(losses: &RangeLosses) -> Self {
        let share = |affected: Affected| Share { ranges: affected.ranges, keys: affected.keys };
        Losses { reads: share(losses.reads), writes: share(losses.writes), lost: share(losses.lost) }
    }
}

impl Placement {
    fn of(copysets: &Copysets) -> Self {
        let at_once = copysets.at_once;
        Placement {
            count: copysets.count,
            random: copysets.random,
            fewest: copysets.fewest,
            scatter_width: copysets.scatter_width,
            smallest_key_share: copysets.key_shares[0],
            largest_key_share: copysets.key_shares[1],
            simultaneous_failures: AtOnce {
                nodes: at_once.nodes,
                lower: at_once.lower,
                upper: at_once.upper,
                random: at_once.random,
            },
        }
    }
}

impl Chance {
    fn of(chance: &RangeChance) -> Self {
        Chance {
            some_range: chance.some.and_then(Scaled::to_f64),
            some_range_scaled: Decimal::of(chance.some),
            method: chance.method.name(),
            lower: chance.between.map(|between| between.0),
            upper: chance.between.map(|between| between.1),
            confidence: chance.interval.and_then(|interval| interval.confidence),
            trials: chance.interval.and_then(|interval| interval.trials),
            seed: chance.interval.and_then(|interval| interval.seed),
            expected_ranges: chance.ranges.to_f64(),
            expected_keys: chance.keys.to_f64(),
        }
    }
}

impl Chances {
    fn of(chances: &RangeChances) -> Option<Self> {
        let of = |event: RangeEvent| chances.each.iter().find(|chance| chance.event == event).map(Chance::of);
        Some(Chances {
            node_failure_probability: chances.node_failure_probability.map(crate::model::Probability::get),
            read: of(RangeEvent::Read)?,
            write: of(RangeEvent::Write)?,
            lost: of(RangeEvent::Lost)?,
            write_lost: of(RangeEvent::WriteLost)?,
        })
    }
}

fn known(analysed: &Analysed) -> Option<(&crate::model::Ring, &RingAnswer)> {
    analysed.system.about().ring.as_ref().zip(analysed.analysis.reliability.ring.as_ref())
}

/// The answer, of a ring.
pub(super) fn ring(analysed: &Analysed) -> Option<Ring<'_>> {
    let (ring, answer) = known(analysed)?;
    let system: &System = &analysed.system;
    let zone_loss = |(zone, losses): &(crate::model::ZoneId, RangeLosses)| ZoneLoss {
        zone: &system.zones()[zone.index()].name,
        losses: Losses::of(losses),
    };
    Some(Ring {
        ranges: ring.ranges,
        replicas: ring.replicas(),
        virtual_nodes: ring.virtual_nodes,
        seed: ring.seed,
        copysets: answer.copysets.as_ref().map(Placement::of),
        now: Losses::of(&answer.now),
        zone_losses: answer.zone_losses.iter().map(zone_loss).collect(),
        chances: answer.chances.iter().map(|chances| Chances::of(chances.as_ref().ok()?)).collect(),
        load: answer
            .load
            .iter()
            .map(|load| Load { read_fraction: load.read_fraction, even: load.even, lower_bound: load.lower_bound })
            .collect(),
    })
}

/// Why some of it is missing.
pub(super) fn missing(analysed: &Analysed) -> Vec<String> {
    let Some((ring, answer)) = known(analysed) else { return Vec::new() };
    let chances =
        || answer.chances.iter().filter_map(|chances| chances.as_ref().ok()).flat_map(|chances| &chances.each);
    let is_tiny = |value: Scaled| value.to_f64().is_none();
    let width = answer.copysets.as_ref().map(|copysets| copysets.scatter_width);
    nulls(&[
        ("virtual_nodes", ring.virtual_nodes.is_none(), "in `ring` the definition gives the tokens"),
        ("seed", ring.seed.is_none(), "in `ring` no token was drawn"),
        ("copysets", answer.copysets.is_none(), "in `ring` it is about the whole ring, and some of it has failed"),
        ("scatter_width", width == Some(None), "there are too many pairs of nodes that share a range"),
        (
            "chances",
            answer.chances.iter().any(Result::is_err),
            "in `ring` some are too many states of the zones around a range",
        ),
        (
            "some_range",
            chances().any(|chance| chance.some.is_none()),
            "its `method` and its bounds say what is known of it",
        ),
        (
            "some_range",
            chances().any(|chance| chance.some.is_some_and(is_tiny)),
            "a 64-bit float does not hold it; `some_range_scaled` does",
        ),
        ("some_range_scaled", chances().any(|chance| chance.some.is_none()), "as `some_range` is"),
        ("expected_ranges", chances().any(|chance| is_tiny(chance.ranges)), "a 64-bit float does not hold it"),
        ("expected_keys", chances().any(|chance| is_tiny(chance.keys)), "a 64-bit float does not hold it"),
    ])
}
