//! An optimum as JSON.

use super::shared::{ByNode, Names, Worth};
use crate::model::{Choice, System, Workload};
use crate::report::{finite, positive};
use crate::strategy::objective::Objective;
use crate::strategy::{LoadMethod, StrategyAnswer, worth};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Optimum<'a> {
    pub(super) objective: &'static str,
    pub(super) read_fraction: ReadFraction,
    pub(super) value: Option<f64>,
    pub(super) exact: Option<String>,
    pub(super) lower_bound: Option<f64>,
    pub(super) upper_bound: Option<f64>,
    pub(super) certified: bool,
    pub(super) method: &'static str,
    pub(super) load: Option<f64>,
    pub(super) capacity: Option<f64>,
    pub(super) network: Option<f64>,
    pub(super) latency_ms: Option<f64>,
    pub(super) node_load: ByNode<'a>,
    pub(super) strategy: Option<Strategy<'a>>,
    pub(super) mean_capacity: Option<f64>,
    pub(super) node_weight: Vec<ByNode<'a>>,
    pub(super) price: Option<Price>,
    pub(super) capacity_worth: Option<Worth<'a>>,
    /// Where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<Option<super::certificate::Certificate<'a>>>,
}

#[derive(Serialize)]
pub(super) struct Price {
    pub(super) load: Option<f64>,
    pub(super) network: Option<f64>,
    pub(super) latency_ms: Option<f64>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ReadFraction {
    Single(f64),
    Distribution(Vec<Share>),
}

#[derive(Serialize)]
pub(super) struct Share {
    pub(super) fraction: f64,
    pub(super) weight: f64,
}

#[derive(Serialize)]
pub(super) struct Strategy<'a> {
    pub(super) reads: Vec<Chosen<'a>>,
    pub(super) writes: Vec<Chosen<'a>>,
}

#[derive(Serialize)]
pub(super) struct Chosen<'a> {
    pub(super) quorum: Names<'a>,
    pub(super) probability: f64,
}

impl<'a> Optimum<'a> {
    pub(super) fn answering(system: &'a System, answer: &'a StrategyAnswer, certified: bool) -> Self {
        match &answer.best {
            Ok(optimum) => Optimum::of(system, optimum, certified),
            Err(_) => Optimum::none(system, answer, certified),
        }
    }

    /// There is no strategy; a note says why.
    pub(super) fn none(system: &'a System, answer: &'a StrategyAnswer, certified: bool) -> Self {
        Optimum {
            objective: answer.objective.name(),
            read_fraction: ReadFraction::of(&answer.workload),
            value: None,
            exact: None,
            lower_bound: None,
            upper_bound: None,
            certified: false,
            method: LoadMethod::Bounds.name(),
            load: None,
            capacity: None,
            network: None,
            latency_ms: None,
            node_load: ByNode { system, values: &[] },
            strategy: None,
            mean_capacity: None,
            node_weight: Vec::new(),
            price: None,
            capacity_worth: None,
            certificate: certified.then_some(None),
        }
    }

    pub(super) fn of(system: &'a System, optimum: &'a crate::strategy::Optimum, certified: bool) -> Self {
        let chosen = |choice: &'a Choice| Chosen {
            quorum: Names { system, set: &choice.quorum },
            probability: choice.probability,
        };
        let strategy = optimum.strategy.as_ref();
        Optimum {
            objective: optimum.objective.name(),
            read_fraction: ReadFraction::of(&optimum.workload),
            value: match optimum.objective {
                Objective::Load => positive(optimum.value()),
                _ => finite(optimum.value()),
            },
            exact: optimum.exact.as_ref().map(ToString::to_string),
            lower_bound: finite(optimum.lower_bound),
            upper_bound: finite(optimum.upper_bound),
            certified: optimum.is_certified(),
            method: optimum.method.name(),
            load: positive(optimum.load()),
            capacity: positive(optimum.capacity()),
            network: finite(optimum.network),
            latency_ms: optimum.latency_ms.and_then(finite),
            node_load: ByNode { system, values: &optimum.node_load },
            strategy: strategy.map(|strategy| Strategy {
                reads: strategy.reads.iter().map(chosen).collect(),
                writes: strategy.writes.iter().map(chosen).collect(),
            }),
            mean_capacity: positive(optimum.mean_capacity),
            node_weight: optimum.node_weight.iter().map(|values| ByNode { system, values }).collect(),
            price: Some(Price {
                load: finite(optimum.price.load),
                network: finite(optimum.price.network),
                latency_ms: finite(optimum.price.latency_ms),
            }),
            capacity_worth: worth(system, optimum).map(|worth| Worth { system, worth }),
            certificate: certified.then(|| {
                optimum.certificate.as_ref().map(|certificate| super::certificate::Certificate::of(system, certificate))
            }),
        }
    }
}

impl ReadFraction {
    pub(super) fn of(workload: &Workload) -> Self {
        match workload.shares() {
            [share] => ReadFraction::Single(share.read_fraction.get()),
            shares => ReadFraction::Distribution(
                shares
                    .iter()
                    .map(|share| Share { fraction: share.read_fraction.get(), weight: share.given_weight.get() })
                    .collect(),
            ),
        }
    }
}
