//! What those ask who run a system, as JSON.

use serde::Serialize;

use super::shared::{Names, Witness};
use crate::availability;
use crate::model::{Kind, Lying, NodeSet, System, ZoneId};
use crate::number::Scaled;
use crate::operations::{self, Lies, Nodes, Splits};

/// The keys beside those of all analyses.
#[derive(Serialize)]
pub(super) struct Operations<'a> {
    zone_losses: Vec<Loss<'a>>,
    zone_and_node_resilience: Vec<ZonesAndNodes>,
    splits: Option<Vec<Split<'a>>>,
    /// Where there are several kinds of zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    zone_kinds: Vec<OfZoneKind<'a>>,
    durability: Durability<'a>,
    overlap: Overlap<'a>,
    byzantine: Byzantine<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_resilience_demand: Option<ZoneDemand<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_durability_demand: Option<ZoneDemand<'a>>,
}

#[derive(Serialize)]
struct ZoneDemand<'a> {
    required: usize,
    holds: Option<bool>,
    /// Zones that stop it, or a write quorum in too few of them.
    witness: Option<Vec<&'a str>>,
}

#[derive(Serialize)]
struct Loss<'a> {
    zone: &'a str,
    kind: &'a str,
    #[serde(flatten)]
    left: ZoneLeft,
}

/// What is left without a zone.
#[derive(Serialize)]
pub(in super::super) struct ZoneLeft {
    nodes_left: usize,
    reads: Left,
    writes: Left,
    failure_probability: Given,
}

#[derive(Serialize)]
struct Left {
    alive: bool,
    resilience: Option<usize>,
}

/// One answer, or a list in the order of the probabilities that were asked for.
#[derive(Serialize)]
#[serde(untagged)]
enum Given {
    One(ReadWrite),
    Several(Vec<ReadWrite>),
}

#[derive(Serialize)]
struct ReadWrite {
    read: Option<f64>,
    write: Option<f64>,
}

#[derive(Serialize)]
struct ZonesAndNodes {
    zones: usize,
    /// Not there after the last number of zones, which stops reads or writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<Option<usize>>,
}

/// What is asked about zones of one kind.
#[derive(Serialize)]
struct OfZoneKind<'a> {
    kind: &'a str,
    zone_and_node_resilience: Vec<ZonesAndNodes>,
    splits: Option<Vec<Split<'a>>>,
    durability_zones: Option<usize>,
}

#[derive(Serialize)]
struct Split<'a> {
    side: Vec<&'a str>,
    reads: &'static str,
    writes: &'static str,
}

#[derive(Serialize)]
struct Durability<'a> {
    nodes: Option<usize>,
    zones: Option<usize>,
    write: Option<Names<'a>>,
}

#[derive(Serialize)]
struct Overlap<'a> {
    required: usize,
    holds: Option<bool>,
    smallest_nodes: Option<usize>,
    smallest_votes: Option<u64>,
    witness: Option<[Names<'a>; 2]>,
}

#[derive(Serialize)]
struct Byzantine<'a> {
    tolerate: Option<usize>,
    dissemination: Option<Kinded<'a>>,
    masking: Option<Kinded<'a>>,
    opaque: Option<Kinded<'a>>,
}

#[derive(Serialize)]
struct Kinded<'a> {
    largest: Option<usize>,
    consistency: Option<usize>,
    availability: Option<usize>,
    holds: Option<bool>,
    witness: Option<Witness<'a>>,
}

/// All of them.
pub(super) fn operations<'a>(system: &'a System, answers: &'a operations::Operations) -> Operations<'a> {
    let zone = |zone: ZoneId| system.zones()[zone.index()].name.as_str();
    let names = |set: &'a NodeSet| Names { system, set };
    let kind = |zone: ZoneId| system.zones()[zone.index()].kind.as_str();
    let loss =
        |loss: &operations::ZoneLoss| Loss { zone: zone(loss.zone), kind: kind(loss.zone), left: ZoneLeft::of(loss) };
    let durability = &answers.durability;
    let overlap = &answers.overlap;
    Operations {
        zone_losses: answers.zone_losses.iter().map(loss).collect(),
        zone_and_node_resilience: answers.zones_and_nodes.iter().map(ZonesAndNodes::of).collect(),
        splits: splits(system, &answers.splits),
        zone_kinds: answers
            .zone_kinds
            .iter()
            .map(|own| OfZoneKind {
                kind: &own.kind,
                zone_and_node_resilience: own.zones_and_nodes.iter().map(ZonesAndNodes::of).collect(),
                splits: splits(system, &own.splits),
                durability_zones: own.durability_zones,
            })
            .collect(),
        durability: Durability {
            nodes: durability.nodes,
            zones: durability.zones,
            write: durability.write.as_ref().map(names),
        },
        overlap: Overlap {
            required: overlap.required,
            holds: overlap.holds,
            smallest_nodes: overlap.smallest_nodes,
            smallest_votes: overlap.smallest_votes,
            witness: overlap.witness.as_ref().map(|[read, write]| [names(read), names(write)]),
        },
        byzantine: Byzantine::of(system, &answers.byzantine),
        zone_resilience_demand: answers.zone_resilience.as_ref().map(|demand| ZoneDemand::of(system, demand)),
        zone_durability_demand: answers.zone_durability.as_ref().map(|demand| ZoneDemand::of(system, demand)),
    }
}

/// All cuts, if they are listed.
fn splits<'a>(system: &'a System, splits: &Splits) -> Option<Vec<Split<'a>>> {
    let Splits::All(all) = splits else { return None };
    let zone = |zone: &ZoneId| system.zones()[zone.index()].name.as_str();
    let split = |split: &operations::Split| Split {
        side: split.side.iter().map(zone).collect(),
        reads: split.who.reads.name(),
        writes: split.who.writes.name(),
    };
    Some(all.iter().map(split).collect())
}

impl ZoneLeft {
    /// The answer about the loss of a zone.
    pub(in super::super) fn of(loss: &operations::ZoneLoss) -> Self {
        let left = |kind: Kind| Left { alive: *loss.alive.of(kind), resilience: loss.resilience.of(kind).value() };
        let value = |value: Option<Scaled>| value.and_then(Scaled::to_f64);
        let given = |answer: &availability::FailureProbability| ReadWrite {
            read: value(answer.read),
            write: value(answer.write),
        };
        ZoneLeft {
            nodes_left: loss.nodes_left,
            reads: left(Kind::Read),
            writes: left(Kind::Write),
            failure_probability: match &loss.failure_probability[..] {
                [one] => Given::One(given(one)),
                several => Given::Several(several.iter().map(given).collect()),
            },
        }
    }
}

impl<'a> ZoneDemand<'a> {
    fn of(system: &'a System, demand: &'a operations::ZoneDemand) -> Self {
        let zones = demand.zones.iter().map(|zone| system.zones()[zone.index()].name.as_str());
        let names: Vec<&str> = zones.chain(demand.write.iter().flat_map(|write| system.names(write))).collect();
        let witness = Some(names).filter(|names| !names.is_empty());
        ZoneDemand { required: demand.required, holds: demand.holds, witness }
    }
}

impl ZonesAndNodes {
    fn of(answer: &operations::ZonesAndNodes) -> Self {
        let nodes = match answer.nodes {
            Nodes::Survives(nodes) => Some(Some(nodes)),
            Nodes::Open => Some(None),
            Nodes::Stopped => None,
        };
        ZonesAndNodes { zones: answer.zones, nodes }
    }
}

impl<'a> Byzantine<'a> {
    fn of(system: &'a System, byzantine: &'a operations::Byzantine) -> Self {
        let names = |set: &'a NodeSet| Names { system, set };
        let kinded = |lies: &'a Lies| Kinded {
            largest: lies.largest(),
            consistency: lies.consistency,
            availability: lies.availability,
            holds: lies.holds,
            witness: lies.witness.as_ref().map(|witness| Witness {
                quorums: witness.quorums.iter().flatten().map(names).collect(),
                faulty: names(&witness.faulty),
            }),
        };
        let of = |kind: Lying| byzantine.each.iter().find(|lies| lies.kind == kind).map(kinded);
        Byzantine {
            tolerate: byzantine.tolerate,
            dissemination: of(Lying::Dissemination),
            masking: of(Lying::Masking),
            opaque: of(Lying::Opaque),
        }
    }
}
