//! A system that is read back from a part of a divided run: what no constructor would make is refused.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::formula::Formula;
use super::kind::{Kind, Pair};
use super::node::{Node, NodeId, Zone};
use super::system::{About, System};
use super::workload::Workload;
use super::{Leader, Place, RangeQuorum, Ring};

/// A system as it was written.
#[derive(Deserialize)]
struct WrittenSystem {
    about: About,
    nodes: Vec<Node>,
    zones: Vec<Zone>,
    formulas: Pair<Formula>,
    workload: Workload,
}

/// Why what was written is no system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is said about a system names a node or zone that it does not have")]
struct UnknownMember;

impl WrittenSystem {
    /// Whether everything that is said about it is about nodes and zones that there are.
    fn is_about_itself(&self) -> bool {
        let (nodes, zones, about) = (self.nodes.len(), self.zones.len(), &self.about);
        let is_node = |node: NodeId| node.index() < nodes;
        let is_place = |place: &Place| match place {
            Place::Zone(zone) => zone.index() < zones,
            Place::Node(node) => is_node(*node),
        };
        let fits = |formula: &Formula| formula.support().iter().all(is_node);
        let lists = Kind::BOTH.into_iter().filter_map(|kind| about.listed.of(kind).as_ref());
        let clients = &about.clients;
        let mut places = clients.each.iter().filter_map(|client| client.place.as_ref());
        lists.flatten().all(|quorum| quorum.iter().all(is_node))
            && about.fast.iter().chain(about.quorum_sets.iter().flatten()).all(fits)
            && (about.quorum_sets.is_empty() || about.quorum_sets.len() == nodes)
            && places.all(is_place)
            && clients.links.iter().all(|link| link.between.iter().all(is_place))
            && !matches!(clients.leader, Some(Leader::At(node)) if !is_node(node))
            // Of what is left after failures nothing is said of how its votes change.
            && about.dynamic.as_ref().filter(|_| about.failed.is_empty()).is_none_or(|dynamic| {
                dynamic.votes.len() == nodes
                    && [dynamic.witness, dynamic.tie_breaker].into_iter().flatten().all(is_node)
            })
            && about.ring.as_ref().is_none_or(|ring| is_ring(ring, is_node))
            && about.shape.fits(nodes)
    }
}

/// Whether the groups of a ring are those of each set of replicas, and their nodes there.
fn is_ring(ring: &Ring, is_node: impl Fn(NodeId) -> bool) -> bool {
    let groups = ring.groups.len();
    let fits = |quorum: &RangeQuorum| match quorum {
        RangeQuorum::Any(_) => true,
        RangeQuorum::Each(each) => each.iter().all(|(group, _)| *group < groups),
    };
    Kind::BOTH.into_iter().all(|kind| fits(ring.quorums.of(kind)))
        && ring.copysets.iter().all(|copyset| copyset.groups.len() == groups && copyset.nodes().all(&is_node))
}

impl<'de> Deserialize<'de> for System {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<System, D::Error> {
        let written = WrittenSystem::deserialize(reader)?;
        if !written.is_about_itself() {
            return Err(D::Error::custom(UnknownMember));
        }
        let WrittenSystem { about, nodes, zones, formulas, workload } = written;
        let formulas = formulas.map(|formula| Some(formula).filter(|formula| !formula.is_never()));
        System::remaining(about, (nodes, zones), formulas, workload).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use crate::model::System;

    /// Each change of a system that was written, and why it is refused.
    #[test]
    fn what_is_forged_is_refused() {
        let definition = "name = 'x'\nzone = [{ name = 'z' }]\nnode = [{ name = 'n1', zone = 'z' }]\n\
            [system]\nfamily = 'majority'\nn = 3\n";
        let system = crate::spec::read("x.toml", definition.as_bytes()).unwrap();
        let written = serde_json::to_value(&system).unwrap();
        assert_eq!(serde_json::from_value::<System>(written.clone()).unwrap(), system);
        let forged = |change: &dyn Fn(&mut serde_json::Value), why: &str| {
            let mut value = written.clone();
            change(&mut value);
            assert_ne!(value, written, "{why}: nothing was changed");
            let error = serde_json::from_value::<System>(value).unwrap_err().to_string();
            assert!(error.contains(why), "{why}: {error}");
        };
        forged(&|value| value["nodes"][1]["name"] = "n1".into(), "two nodes are called");
        forged(&|value| drop(value["nodes"].as_array_mut().map(Vec::pop)), "mentions node number 2");
        forged(&|value| value["nodes"] = serde_json::json!([]), "nodes");
        forged(&|value| value["nodes"][0]["zone"] = 7.into(), "zone number 7");
        forged(&|value| value["zones"][0]["parent"] = 0.into(), "stands in itself");
        forged(
            &|value| value["about"]["fast"] = serde_json::json!({"gates":[{"Leaf":9}],"edges":[],"votes":[]}),
            "does not have",
        );
        forged(&|value| value["about"]["clients"]["leader"] = serde_json::json!({"At": 3}), "does not have");
        forged(&|value| value["about"]["quorum_sets"] = serde_json::json!([null]), "does not have");
        forged(&|value| value["workload"]["shares"] = serde_json::json!([]), "weights");
        forged(&|value| value["workload"]["shares"][0]["weight"] = serde_json::json!([[1, [2]], [1, [1]]]), "weights");
    }
}
