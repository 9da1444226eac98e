//! How many whole zones can always be lost?

use std::collections::BTreeMap;

use super::resilience::{Resilience, resilience};
use crate::circuit::Compiled;
use crate::model::{About, Formula, FormulaBuilder, Gate, GateId, Kind, Node, NodeId, NodeSet, Pair, System, ZoneId};

/// Resilience against the loss of whole zones of one level of nesting.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ZoneResilience {
    /// 1 for the zones that stand in no other, 2 for those inside them, and so on.
    pub level: usize,
    /// The zones of this level that have nodes.
    pub zones: Vec<ZoneId>,
    /// What reads and writes survive.
    pub survival: Pair<ZoneSurvival>,
}

impl ZoneResilience {
    /// The largest number of zones whose loss is always survived by reads and writes; absent when the budget ended.
    pub fn value(&self) -> Option<usize> {
        let of = |survival: &ZoneSurvival| survival.value(self.zones.len());
        Some(of(&self.survival.reads)?.min(of(&self.survival.writes)?))
    }
}

/// What one kind of quorum survives.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum ZoneSurvival {
    /// The loss of all of them: enough nodes stand in no zone of this level.
    All,
    /// A smallest set of zones, by position in [`ZoneResilience::zones`], whose loss leaves no quorum.
    Some(Resilience),
}

impl ZoneSurvival {
    /// The largest number of zones, of `zones`, whose loss is always survived; absent when the budget ended.
    pub fn value(&self, zones: usize) -> Option<usize> {
        match self {
            ZoneSurvival::All => Some(zones),
            ZoneSurvival::Some(resilience) => resilience.value(),
        }
    }
}

/// Resilience against the loss of whole zones of each kind, in the order of [`System::zone_kinds`].
pub(crate) fn zone_resilience_of_kinds(compiled: &Compiled<'_>) -> Vec<Vec<ZoneResilience>> {
    let system = compiled.system();
    let kinds = system.zone_kinds();
    if kinds.len() < 2 {
        return vec![zone_resilience(compiled)];
    }
    let of_kind = |kind: &&str| {
        let (alone, numbers) = system.of_zone_kind(kind);
        let mut levels = zone_resilience(&Compiled::new(&alone, *compiled.budget()));
        for zone in levels.iter_mut().flat_map(|level| &mut level.zones) {
            *zone = numbers[zone.index()];
        }
        levels
    };
    kinds.iter().map(of_kind).collect()
}

/// Resilience against the loss of whole zones, level by level, from the outside inwards; empty without zones. Zones of other
/// kinds than the first one count only where they stand around it.
///
/// A lost zone loses all nodes and zones inside it. The answer of a level is the largest f such that after the loss of
/// any f of its zones some quorum is intact, with a set of f + 1 zones whose loss leaves none as a witness.
///
/// # Method
/// Every node of the formula is replaced by its zone of that level, a node outside them by *true*; what is left is a
/// formula over zones, whose resilience is found as that of any other.
///
/// # Examples
/// ```
/// use quorate::structure::zone_loss::zone_resilience;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// let text = "name = 'x'\nnode = [{ name = 'n1', zone = 'a' }, { name = 'n2', zone = 'a' }]\n\
///     [system]\nfamily = 'majority'\nn = 3\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let levels = zone_resilience(&Compiled::new(&system, Budget::default()));
/// assert_eq!(levels[0].value(), Some(0)); // the loss of zone a stops everything
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn zone_resilience(compiled: &Compiled<'_>) -> Vec<ZoneResilience> {
    let system = compiled.system();
    let depth = |zone: usize| system.zones_around(ZoneId::new(zone)).count();
    let levels = (0..system.zones().len()).map(depth).max().unwrap_or(0);
    (1..=levels).filter_map(|level| of_level(compiled, level)).collect()
}

fn of_level(compiled: &Compiled<'_>, level: usize) -> Option<ZoneResilience> {
    let system = compiled.system();
    // The zone of a node at this level is the one around it with `level - 1` zones around itself.
    let around = |node: &Node| {
        let mut chain: Vec<ZoneId> = node.zone.into_iter().flat_map(|zone| system.zones_around(zone)).collect();
        chain.reverse();
        chain.get(level - 1).copied()
    };
    let zone_of: Vec<Option<ZoneId>> = system.nodes().iter().map(around).collect();
    let mut zones: Vec<ZoneId> = zone_of.iter().flatten().copied().collect();
    zones.sort_unstable();
    zones.dedup();
    if zones.is_empty() {
        return None;
    }
    let place = |zone: &ZoneId| zones.binary_search(zone).ok();
    let variable: Vec<Option<usize>> = zone_of.iter().map(|zone| zone.as_ref().and_then(place)).collect();
    let survival = compiled.of_both(|kind| survival(compiled, kind, &variable, zones.len()));
    Some(ZoneResilience { level, zones, survival })
}

/// What the loss of any of so many zones does to a kind, given the zone of each node.
pub(crate) fn survival(compiled: &Compiled<'_>, kind: Kind, variable: &[Option<usize>], zones: usize) -> ZoneSurvival {
    if !compiled.system().has_quorum(kind) {
        return ZoneSurvival::Some(resilience(compiled, kind));
    }
    if let Some(ring) = &compiled.system().about().ring {
        let proven = |transversal: NodeSet| Resilience {
            lower_bound: transversal.len(),
            transversal: Some(transversal),
            exhausted: None,
        };
        let fewest = super::ranges::fewest_stopping_zones(ring, kind, variable);
        return fewest.map_or(ZoneSurvival::All, |zones| ZoneSurvival::Some(proven(zones)));
    }
    let Some(formula) = over_zones(compiled.system().formula(kind), variable) else { return ZoneSurvival::All };
    let nodes = (0..zones).map(|zone| Node::new(format!("z{zone}"))).collect();
    let pair = Pair { reads: formula.clone(), writes: formula };
    // The zones are as many as the names, so nothing can be wrong with this system.
    match System::new(About::default(), nodes, pair) {
        Ok(system) => ZoneSurvival::Some(resilience(&Compiled::new(&system, *compiled.budget()), Kind::Read)),
        Err(_) => ZoneSurvival::All,
    }
}

/// The formula with nodes replaced by variables, or, where there is none, by *true*; `None` when all of it is true.
pub(crate) fn over_zones(formula: &Formula, variable: &[Option<usize>]) -> Option<Formula> {
    let mut builder = FormulaBuilder::new();
    let mut copy: Vec<Option<GateId>> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let id = match gate {
            Gate::Leaf(node) => variable[node.index()].map(|zone| builder.leaf(NodeId::new(zone))),
            Gate::Threshold { k, children } => {
                let votes = vec![1; children.len()];
                still_open(k as u64, (children, &votes), &copy, &mut builder)
            }
            Gate::Weighted { quota, children, votes } => still_open(quota, (children, votes), &copy, &mut builder),
        };
        copy.push(id);
    }
    let root = copy[formula.root().index()]?;
    Some(builder.finish(root))
}

/// What a gate still asks of the zones; `None` when it asks nothing. Children that are the same put their votes together.
fn still_open(
    quota: u64,
    (children, votes): (&[GateId], &[u64]),
    copy: &[Option<GateId>],
    builder: &mut FormulaBuilder,
) -> Option<GateId> {
    let mut open: BTreeMap<GateId, u64> = BTreeMap::new();
    let mut had = 0;
    for (child, votes) in children.iter().zip(votes) {
        match copy[child.index()] {
            Some(child) => *open.entry(child).or_default() += votes,
            None => had += votes,
        }
    }
    let voters: Vec<(GateId, u64)> = open.into_iter().collect();
    let still = quota.saturating_sub(had);
    if still == 0 { None } else { builder.weighted(still, &voters).ok() }
}
