//! A search over nodes in zones of several kinds: demands are about those of one, which is named.

use super::requirements::bare;
use super::{Cluster, SearchError};
use crate::model::{Node, Zone};

/// The kinds of the zones that nodes stand in.
fn kinds(cluster: &Cluster) -> Vec<String> {
    let mut kinds: Vec<String> = Vec::new();
    for zone in &cluster.zones {
        if !kinds.contains(&zone.kind) {
            kinds.push(zone.kind.clone());
        }
    }
    kinds
}

/// Refuses zones of several kinds, of which none was named.
pub(super) fn check(cluster: &Cluster) -> Result<(), SearchError> {
    let with_nodes = cluster.nodes.iter().flat_map(Node::zones).filter_map(|zone| cluster.zones.get(zone.index()));
    let mut kinds: Vec<String> = with_nodes.map(|zone| zone.kind.clone()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() > 1 { Err(SearchError::ZoneKinds { kinds }) } else { Ok(()) }
}

impl Cluster {
    /// The same nodes in zones of one kind alone.
    ///
    /// # Errors
    /// [`SearchError::UnknownZoneKind`], and [`SearchError::OtherZonesFail`] where zones that are left out fail, which would change every
    /// failure probability.
    ///
    /// # Examples
    /// ```
    /// use quorate::search::Cluster;
    /// let text = "node = [{ name = 'a', zones = ['z', 'r'] }, { name = 'b', zone = 'z' }]\n\
    ///     zone = [{ name = 'z' }, { name = 'r', kind = 'rack' }]\n";
    /// let file = quorate::spec::read_nodes("nodes.toml", text.as_bytes())?;
    /// let cluster = Cluster { nodes: file.nodes, zones: file.zones, workload: file.workload };
    /// assert_eq!(cluster.of_zone_kind("rack")?.zones.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_zone_kind(&self, kind: &str) -> Result<Cluster, SearchError> {
        let fails = |zone: &&Zone| zone.kind != kind && (zone.failure.get() > 0.0 || zone.repair.is_some());
        if !self.zones.iter().any(|zone| zone.kind == kind) {
            return Err(SearchError::UnknownZoneKind { kind: kind.to_owned(), kinds: kinds(self) });
        }
        if let Some(zone) = self.zones.iter().find(fails) {
            return Err(SearchError::OtherZonesFail { zone: zone.name.clone(), kind: zone.kind.clone() });
        }
        let Some(system) = bare(self) else { return Err(SearchError::NoNodes) };
        let (alone, _) = system.of_zone_kind(kind);
        Ok(Cluster { nodes: alone.nodes().to_vec(), zones: alone.zones().to_vec(), workload: self.workload.clone() })
    }

    /// Puts the nodes of what was found back into all of their zones.
    #[cfg(feature = "cli")]
    pub(crate) fn put_back(&self, found: &mut super::Found) {
        for winner in &mut found.winners {
            let own = |node: &Node| {
                let known = self.nodes.iter().find(|known| known.name == node.name);
                let (zone, also_in) = known.map_or((None, Vec::new()), |known| (known.zone, known.also_in.clone()));
                Node { zone, also_in, ..node.clone() }
            };
            let nodes = winner.system.nodes().iter().map(own).collect();
            let workload = winner.system.workload().clone();
            if let Ok(system) = winner.system.clone().with(nodes, self.zones.clone(), workload) {
                winner.system = system;
            }
        }
    }
}
