//! Which nodes and zones are the same, and where do the definitions contradict each other?

use rustc_hash::FxHashMap;

use crate::model::{
    About, Capacity, Formula, FormulaBuilder, FormulaError, Kind, Node, NodeId, NodeSet, Pair, Repair, System,
    SystemError, Zone, ZoneId,
};

/// Why two systems have no joint one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// Their formulas are too large together.
    #[error("the joint system is too large: {0}")]
    Formula(#[from] FormulaError),
    /// They have too many nodes together.
    #[error("the joint system is too large: {0}")]
    System(#[from] SystemError),
}

/// A property of a node or zone of both systems that they give differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The node or zone.
    pub name: String,
    /// The key of the definition.
    pub property: &'static str,
    /// What the old system says.
    pub old: String,
    /// What the new system says, which counts in the joint one.
    pub new: String,
}

/// Both systems over the same nodes.
#[derive(Debug)]
pub(super) struct United {
    pub(super) joint: System,
    /// The quorums of each over the nodes of the joint system, and the fast ones.
    pub(super) old: Quorums,
    pub(super) new: Quorums,
    /// Nodes of the new system only, and of the old one only.
    pub(super) added: NodeSet,
    pub(super) removed: NodeSet,
    pub(super) conflicts: Vec<Conflict>,
}

/// The quorums of one system.
#[derive(Debug)]
pub(super) struct Quorums {
    pub(super) of: Pair<Formula>,
    pub(super) fast: Formula,
}

impl United {
    /// Unites two systems: the nodes and zones of the old one, then those that only the new one has.
    ///
    /// # Method
    /// The same name is the same node. What both definitions say of it and do differently is a conflict, in which the new one counts; what
    /// one of them says alone, counts.
    pub(super) fn of(old: &System, new: &System) -> Result<United, TransitionError> {
        let mut conflicts = Vec::new();
        let (zones, zone_of_new) = united_zones(old, new, &mut conflicts);
        let by_name: FxHashMap<&str, usize> =
            old.nodes().iter().enumerate().map(|(at, node)| (node.name.as_str(), at)).collect();
        let mut nodes: Vec<Node> = old.nodes().to_vec();
        let mut removed = NodeSet::first(nodes.len());
        let mut added = NodeSet::new();
        let mut number = Vec::with_capacity(new.nodes().len());
        for node in new.nodes() {
            let place = |zone: ZoneId| zone_of_new[zone.index()];
            let also_in = node.also_in.iter().copied().map(place).collect();
            let node = Node { zone: node.zone.map(place), also_in, ..node.clone() };
            match by_name.get(node.name.as_str()) {
                Some(at) => {
                    nodes[*at] = united_node(&nodes[*at], &node, &zones, &mut conflicts);
                    removed.remove(NodeId::new(*at));
                    number.push(NodeId::new(*at));
                }
                None => {
                    number.push(NodeId::new(nodes.len()));
                    added.insert(NodeId::new(nodes.len()));
                    nodes.push(node);
                }
            }
        }
        let renumbered = |formula: &Formula| {
            if formula.is_never() {
                return Formula::never();
            }
            let mut builder = FormulaBuilder::new();
            let root = builder.import(formula, |builder, node| builder.leaf(number[node.index()]));
            builder.finish(root)
        };
        let fast = |system: &System| system.about().fast.as_ref().unwrap_or(system.formula(Kind::Write)).clone();
        let old_quorums = Quorums { of: old.formulas().clone(), fast: fast(old) };
        let new_quorums = Quorums { of: new.formulas().as_ref().map(renumbered), fast: renumbered(&fast(new)) };
        let joint = joint((old, &old_quorums), (new, &new_quorums), nodes, zones)?;
        Ok(United { joint, old: old_quorums, new: new_quorums, added, removed, conflicts })
    }
}

/// The system whose quorums hold one of each.
fn joint(
    (old, old_quorums): (&System, &Quorums),
    (new, new_quorums): (&System, &Quorums),
    nodes: Vec<Node>,
    zones: Vec<Zone>,
) -> Result<System, TransitionError> {
    let both = |kind: Kind| both(old_quorums.of.of(kind), new_quorums.of.of(kind));
    let formulas = Pair { reads: both(Kind::Read)?, writes: both(Kind::Write)? };
    let has_fast = old.about().fast.is_some() || new.about().fast.is_some();
    let fast = if has_fast { self::both(&old_quorums.fast, &new_quorums.fast)? } else { None };
    let liars = [old, new].into_iter().filter_map(|system| system.about().byzantine).max_by_key(|(liars, _)| *liars);
    let failed = new.about().failed.iter().filter(|name| !old.about().failed.contains(name));
    let about = About {
        name: format!("{} and {}", old.about().name, new.about().name),
        family: "joint".into(),
        symmetric: old.about().symmetric && new.about().symmetric,
        failed: old.about().failed.iter().chain(failed).cloned().collect(),
        byzantine: liars,
        fast,
        ..About::default()
    };
    Ok(System::remaining(about, (nodes, zones), formulas, new.workload().clone())?)
}

/// The conjunction; absent where one of the two has no quorum.
fn both(old: &Formula, new: &Formula) -> Result<Option<Formula>, FormulaError> {
    if old.is_never() || new.is_never() {
        return Ok(None);
    }
    let mut builder = FormulaBuilder::new();
    let parts = [old, new].map(|formula| builder.import(formula, FormulaBuilder::leaf));
    // What is asked for twice is asked for once.
    let root = if parts[0] == parts[1] { parts[0] } else { builder.and(&parts)? };
    Ok(Some(builder.finish(root)))
}

/// The zones of both, and the number of each zone of the new system among them.
fn united_zones(old: &System, new: &System, conflicts: &mut Vec<Conflict>) -> (Vec<Zone>, Vec<ZoneId>) {
    let mut zones: Vec<Zone> = old.zones().to_vec();
    let by_name: FxHashMap<&str, usize> =
        old.zones().iter().enumerate().map(|(at, zone)| (zone.name.as_str(), at)).collect();
    let mut more = zones.len();
    let place = |zone: &Zone| {
        let at = by_name.get(zone.name.as_str()).copied().unwrap_or(more);
        more += usize::from(at == more);
        ZoneId::new(at)
    };
    let number: Vec<ZoneId> = new.zones().iter().map(place).collect();
    // Some zones nested as the one says and some as the other could stand in each other.
    let is_nested = new.zones().iter().any(|zone| zone.parent.is_some());
    let name_of = |zone: ZoneId| {
        let of_new = number.iter().position(|at| *at == zone).map(|at| &new.zones()[at]);
        of_new.unwrap_or_else(|| &old.zones()[zone.index()]).name.clone()
    };
    for (zone, at) in new.zones().iter().zip(&number) {
        let zone = Zone { parent: zone.parent.map(|parent| number[parent.index()]), ..zone.clone() };
        let Some(known) = zones.get(at.index()).cloned() else {
            zones.push(zone);
            continue;
        };
        let mut differs = Differs { name: &zone.name, conflicts };
        let given = |zone: &Zone| Some(zone.failure).filter(|failure| failure.get() > 0.0);
        let failure = differs.newer("failure_probability", [given(&known), given(&zone)], |p| p.get().to_string());
        let repair = differs.newer("mttf_hours and mttr_hours", [known.repair, zone.repair], |repair| hours(*repair));
        let parent = differs.newer("parent", [known.parent, zone.parent], |parent| name_of(*parent));
        zones[at.index()] = Zone {
            failure: failure.unwrap_or(zone.failure),
            repair,
            parent: if is_nested { zone.parent } else { parent },
            ..zone
        };
    }
    (zones, number)
}

/// A node that both systems have.
fn united_node(old: &Node, new: &Node, zones: &[Zone], conflicts: &mut Vec<Conflict>) -> Node {
    let mut differs = Differs { name: &new.name, conflicts };
    let capacities = |node: &Node| {
        let given = Some([node.read_capacity, node.write_capacity]);
        if node.has_capacity() { given } else { None }
    };
    let shown = |[read, write]: &[Capacity; 2]| match read == write {
        true => read.get().to_string(),
        false => format!("{} and {}", read.get(), write.get()),
    };
    let capacity = differs.newer("capacity", [capacities(old), capacities(new)], shown);
    let [read_capacity, write_capacity] = capacity.unwrap_or([new.read_capacity, new.write_capacity]);
    Node {
        name: new.name.clone(),
        read_capacity,
        write_capacity,
        is_capacity_given: old.is_capacity_given || new.is_capacity_given,
        latency_ms: differs.newer("latency_ms", [old.latency_ms, new.latency_ms], |latency| latency.get().to_string()),
        failure: differs.newer("failure_probability", [old.failure, new.failure], |p| p.get().to_string()),
        lies: differs.newer("byzantine_probability", [old.lies, new.lies], |p| p.get().to_string()),
        repair: differs.newer("mttf_hours and mttr_hours", [old.repair, new.repair], |repair| hours(*repair)),
        zone: differs.newer("zone", [old.zone, new.zone], |zone| zones[zone.index()].name.clone()),
        also_in: if new.also_in.is_empty() { old.also_in.clone() } else { new.also_in.clone() },
    }
}

fn hours(repair: Repair) -> String {
    let replaced = repair.replace_hours.map(|hours| format!(", replaced in {}", hours.get())).unwrap_or_default();
    format!("{} and {}{replaced}", repair.mttf_hours.get(), repair.mttr_hours.get())
}

/// Where two definitions differ about one name.
struct Differs<'a> {
    name: &'a str,
    conflicts: &'a mut Vec<Conflict>,
}

impl Differs<'_> {
    /// What counts of an old and a new value: the new one, or the only one; two that differ are written down.
    fn newer<T: PartialEq>(
        &mut self,
        property: &'static str,
        [old, new]: [Option<T>; 2],
        shown: impl Fn(&T) -> String,
    ) -> Option<T> {
        if let (Some(old), Some(new)) = (&old, &new)
            && old != new
        {
            let (old, new) = (shown(old), shown(new));
            self.conflicts.push(Conflict { name: self.name.to_owned(), property, old, new });
        }
        new.or(old)
    }
}
