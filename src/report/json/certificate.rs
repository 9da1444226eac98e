//! Certificates as JSON: everything that a stranger needs to check an optimum, in fractions.

use std::collections::BTreeMap;

use num_rational::BigRational;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::model::System;
use crate::strategy::objective::Objective;
use crate::strategy::{self, ExactChoice};

/// `certificate` of an optimum.
#[derive(Serialize)]
pub(super) struct Certificate<'a> {
    strategy: Strategy<'a>,
    prices: Prices<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: ByQuantity,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limit_prices: ByQuantity,
    #[serde(skip_serializing_if = "is_zero")]
    survive: usize,
}

/// Fractions by the key of their quantity.
type ByQuantity = BTreeMap<&'static str, String>;

#[derive(Serialize)]
struct Strategy<'a> {
    reads: Vec<Chosen<'a>>,
    writes: Vec<Chosen<'a>>,
}

#[derive(Serialize)]
struct Chosen<'a> {
    quorum: Vec<&'a str>,
    probability: String,
}

/// One table for one read fraction, else a list of them.
#[derive(Serialize)]
#[serde(untagged)]
enum Prices<'a> {
    Single(ByNode<'a>),
    Distribution(Vec<ByNode<'a>>),
}

struct ByNode<'a> {
    system: &'a System,
    prices: &'a [BigRational],
}

impl Serialize for ByNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.prices.len()))?;
        for (node, price) in self.system.nodes().iter().zip(self.prices) {
            map.serialize_entry(&node.name, &price.to_string())?;
        }
        map.end()
    }
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl<'a> Certificate<'a> {
    pub(super) fn of(system: &'a System, certificate: &'a strategy::Certificate) -> Self {
        let chosen = |choice: &'a ExactChoice| Chosen {
            quorum: system.names(&choice.quorum).collect(),
            probability: choice.probability.to_string(),
        };
        let table = |prices: &'a Vec<BigRational>| ByNode { system, prices };
        let limits = &certificate.limits;
        Certificate {
            strategy: Strategy {
                reads: certificate.strategy.reads.iter().map(chosen).collect(),
                writes: certificate.strategy.writes.iter().map(chosen).collect(),
            },
            prices: match &certificate.prices[..] {
                [prices] => Prices::Single(table(prices)),
                all => Prices::Distribution(all.iter().map(table).collect()),
            },
            limits: by_quantity(|quantity| limits.exact(quantity)),
            limit_prices: by_quantity(|quantity| certificate.limit_prices.of(quantity).cloned()),
            survive: limits.survive,
        }
    }
}

fn by_quantity(value: impl Fn(Objective) -> Option<BigRational>) -> ByQuantity {
    let key = |quantity: Objective| match quantity {
        Objective::Load => "load",
        Objective::Network => "network",
        Objective::Latency => "latency_ms",
    };
    let of = |quantity: Objective| Some((key(quantity), value(quantity)?.to_string()));
    Objective::ALL.into_iter().filter_map(of).collect()
}

/// `node` of a system: what the optima were told about each node.
pub(super) struct NodeFacts<'a>(pub(super) &'a System);

#[derive(Serialize)]
struct Facts {
    read_capacity: f64,
    write_capacity: f64,
    latency_ms: Option<f64>,
}

impl Serialize for NodeFacts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let facts = |node: &crate::model::Node| Facts {
            read_capacity: node.read_capacity.get(),
            write_capacity: node.write_capacity.get(),
            latency_ms: node.latency_ms.map(crate::model::LatencyMs::get),
        };
        serializer.collect_map(self.0.nodes().iter().map(|node| (&node.name, facts(node))))
    }
}
