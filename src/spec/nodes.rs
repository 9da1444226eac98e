//! `[nodes]`, `[[node]]` and `[[zone]]`: what nodes can serve, how often they fail and where they stand.

use super::keys::{NODE_KEYS, NODES_KEYS, ZONE_KEYS};
use super::lies;
use super::problem::{Problem, Problems};
use super::table::{Table, Value};
use super::wording::{name_problem, quoted, suggestion};
use super::{NodeNames, elsewhere};
use crate::model::{Capacity, Hours, LatencyMs, Node, NodeId, Probability, Repair, Zone, ZoneId};
use rustc_hash::FxHashMap;
use std::ops::Range;
use toml::de::DeValue;

/// Zones inside each other, the outermost included.
pub const ZONES_NESTED_MAX: usize = 32;

/// Who the nodes are: those of a family are given, those of a custom system may be joined by others.
#[derive(Debug)]
pub(super) struct Members {
    pub(super) names: NodeNames,
    /// Whether `[[node]]` may bring in nodes that no quorum has.
    pub(super) open: bool,
}

/// All nodes and zones; `members` is `None` when the system could not be read, and then no name is unknown.
pub(super) fn read(
    root: &Table<'_>,
    members: Option<Members>,
    problems: &mut Problems,
) -> Option<(Vec<Node>, Vec<Zone>)> {
    let is_federated = is_federated(root);
    let defaults = defaults(root, problems);
    let mut zones = Zones::read(root, problems);
    let known = members.is_some();
    let mut members = members.unwrap_or_else(|| Members { names: NodeNames::new(), open: true });
    let mut exceptions: FxHashMap<usize, Numbers> = FxHashMap::default();
    let mut placed = Placed::default();
    let mut places: FxHashMap<&str, Range<usize>> = FxHashMap::default();
    let tables = root.get("node").map(|value| value.tables("[[node]]", problems)).unwrap_or_default();
    for table in tables {
        table.refuse_unknown(NODE_KEYS, |key| elsewhere(key, "[[node]]"), problems);
        if let Some(set) = table.get("quorum_set").filter(|_| !is_federated) {
            problems.push(set.unused("quorum sets are those of `family = \"federated\"`"));
        }
        let numbers = Numbers::read(&table, problems);
        let all = numbers.or(&defaults);
        all.failing.refuse_half(&table, problems);
        lies::refuse(&table, all.failing.both().1, all.lies, problems);
        let given = zones.places(&table, problems);
        let Some((name, span)) = unique_name(&table, &mut places, problems) else {
            continue;
        };
        if !members.open && members.names.get(name).is_none() {
            problems.push_with(|| unknown_node(name, span, &members.names));
        } else {
            match members.names.intern_at(name, &span) {
                Ok(node) => {
                    exceptions.insert(node.index(), numbers);
                    for (zone, span) in given {
                        zones.put((node, name), (zone, &span), &mut placed, problems);
                    }
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    zones.take_in(&members.names, known, &mut placed, problems);
    let node = |(index, name): (usize, &String)| {
        let exception = exceptions.remove(&index).unwrap_or_default();
        let (zone, also_in) = zones.sorted(placed.get(&index));
        Node { zone, also_in, ..exception.or(&defaults).node(name) }
    };
    let nodes = members.names.names().iter().enumerate().map(node).collect();
    known.then_some((nodes, zones.zones))
}

/// Whether the nodes say whom they trust.
fn is_federated(root: &Table<'_>) -> bool {
    let mut unread = Problems::default();
    let system = root.get("system").and_then(|value| value.table("[system]", &mut unread));
    let family = system.and_then(|table| table.get("family")?.text(&mut unread).map(str::to_owned));
    family.as_deref() == Some(crate::families::federated::INFO.name)
}

/// The problem that a name is not that of a node.
pub(super) fn unknown_node(name: &str, span: Range<usize>, names: &NodeNames) -> Problem {
    let known = names.names().iter().map(String::as_str);
    let help = suggestion(name, "the nodes are", known);
    Problem::new(span, format!("unknown node {}", quoted(name))).label("no node has this name").help(help)
}

/// How often something fails, in either of the two ways to say it.
#[derive(Debug, Clone, Copy, Default)]
struct Failing {
    failure: Option<Probability>,
    mttf_hours: Option<Hours>,
    mttr_hours: Option<Hours>,
    replace_hours: Option<Hours>,
}

impl Failing {
    fn read(table: &Table<'_>, problems: &mut Problems) -> Self {
        table.refuse_together("failure_probability", "mttf_hours", problems);
        table.refuse_together("failure_probability", "mttr_hours", problems);
        table.refuse_together("failure_probability", "replace_hours", problems);
        let mut hours = |key| table.get(key).and_then(|value| value.quantity(Hours::new, problems));
        let (mttf_hours, mttr_hours) = (hours("mttf_hours"), hours("mttr_hours"));
        let replace_hours = hours("replace_hours");
        Failing { failure: failure(table, problems), mttf_hours, mttr_hours, replace_hours }
    }

    /// Reports one of the two times without the other.
    fn refuse_half(&self, table: &Table<'_>, problems: &mut Problems) {
        match (self.mttf_hours, self.mttr_hours) {
            (Some(_), None) if table.get("mttr_hours").is_none() => {
                problems.push(table.missing_beside("mttr_hours", "mttf_hours", "mttr_hours = 4"))
            }
            (None, Some(_)) if table.get("mttf_hours").is_none() => {
                problems.push(table.missing_beside("mttf_hours", "mttr_hours", "mttf_hours = 8760"))
            }
            (None, None) if self.replace_hours.is_some() && table.get("mttf_hours").is_none() => {
                problems.push(table.missing_beside("mttf_hours", "replace_hours", "mttf_hours = 8760"))
            }
            _ => {}
        }
    }

    /// These numbers, and `others` where there are none.
    fn or(self, others: &Failing) -> Self {
        let own_times = self.mttf_hours.or(self.mttr_hours).or(self.replace_hours).is_some();
        Failing {
            // A probability of its own takes the place of the times of all nodes, and the other way round.
            failure: if own_times { None } else { self.failure.or(others.failure) },
            mttf_hours: if self.failure.is_some() { None } else { self.mttf_hours.or(others.mttf_hours) },
            mttr_hours: if self.failure.is_some() { None } else { self.mttr_hours.or(others.mttr_hours) },
            replace_hours: if self.failure.is_some() { None } else { self.replace_hours.or(others.replace_hours) },
        }
    }

    /// Both times, and the probability that follows from them, or that is given.
    fn both(self) -> (Option<Repair>, Option<Probability>) {
        let times = self.mttf_hours.zip(self.mttr_hours);
        let repair =
            times.map(|(mttf_hours, mttr_hours)| Repair { mttf_hours, mttr_hours, replace_hours: self.replace_hours });
        (repair, repair.map_or(self.failure, Repair::failure_probability))
    }
}

/// What `[nodes]` or a `[[node]]` says in numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Numbers {
    read_capacity: Option<Capacity>,
    write_capacity: Option<Capacity>,
    latency_ms: Option<LatencyMs>,
    failing: Failing,
    lies: Option<Probability>,
}

impl Numbers {
    fn read(table: &Table<'_>, problems: &mut Problems) -> Self {
        table.refuse_together("capacity", "read_capacity", problems);
        table.refuse_together("capacity", "write_capacity", problems);
        let failing = Failing::read(table, problems);
        let mut capacity = |key| table.get(key).and_then(|value| value.quantity(Capacity::new, problems));
        let both = capacity("capacity");
        Numbers {
            read_capacity: capacity("read_capacity").or(both),
            write_capacity: capacity("write_capacity").or(both),
            latency_ms: table.get("latency_ms").and_then(|value| value.quantity(LatencyMs::new, problems)),
            failing,
            lies: lies::read(table, problems),
        }
    }

    /// These numbers, and `others` where there are none.
    fn or(self, others: &Numbers) -> Self {
        Numbers {
            read_capacity: self.read_capacity.or(others.read_capacity),
            write_capacity: self.write_capacity.or(others.write_capacity),
            latency_ms: self.latency_ms.or(others.latency_ms),
            failing: self.failing.or(&others.failing),
            lies: self.lies.or(others.lies),
        }
    }

    fn node(self, name: &str) -> Node {
        let bare = Node::new(name);
        let (repair, failure) = self.failing.both();
        Node {
            read_capacity: self.read_capacity.unwrap_or(bare.read_capacity),
            write_capacity: self.write_capacity.unwrap_or(bare.write_capacity),
            is_capacity_given: self.read_capacity.or(self.write_capacity).is_some(),
            latency_ms: self.latency_ms,
            failure,
            lies: self.lies,
            repair,
            ..bare
        }
    }
}

fn defaults(root: &Table<'_>, problems: &mut Problems) -> Numbers {
    let Some(table) = root.get("nodes").and_then(|value| value.table("[nodes]", problems)) else {
        return Numbers::default();
    };
    let of_one = |key: &str| {
        let is_table = table.get(key).is_some_and(|value| matches!(value.raw(), DeValue::Table(_)));
        is_table.then(|| "what differs for one node stands in a [[node]] table of its own, with its `name`".into())
    };
    table.refuse_unknown(NODES_KEYS, |key| elsewhere(key, "[nodes]").or_else(|| of_one(key)), problems);
    let numbers = Numbers::read(&table, problems);
    numbers.failing.refuse_half(&table, problems);
    lies::refuse(&table, numbers.failing.both().1, numbers.lies, problems);
    numbers
}

fn failure(table: &Table<'_>, problems: &mut Problems) -> Option<Probability> {
    table.get("failure_probability").and_then(|value| value.quantity(Probability::new, problems))
}

/// The kind of a zone.
fn kind(value: &Value<'_>, problems: &mut Problems) -> Option<String> {
    let name = value.text(problems)?;
    match name_problem(name, &value.span()) {
        Some(problem) => {
            problems.push(problem);
            None
        }
        None => Some(name.to_owned()),
    }
}

/// The `name` of a table, if it is a good one and no table before has it.
pub(super) fn unique_name<'a>(
    table: &Table<'a>,
    places: &mut FxHashMap<&'a str, Range<usize>>,
    problems: &mut Problems,
) -> Option<(&'a str, Range<usize>)> {
    let value = table.require("name", "name = \"a\"", problems)?;
    let name = value.text(problems)?;
    if let Some(problem) = name_problem(name, &value.span()) {
        problems.push(problem);
        return None;
    }
    if let Some(first) = places.get(name) {
        let message = format!("{} {} is described twice", table.place, quoted(name));
        let problem = Problem::new(value.span(), message).label("not the first one").first(first.start);
        problems.push(problem.help("put all of its keys into one table".to_string()));
        return None;
    }
    places.insert(name, value.span());
    Some((name, value.span()))
}

/// The zones of each node that has some, and where that is said.
type Placed = FxHashMap<usize, Vec<(ZoneId, usize)>>;

/// The failure domains: those of the `[[zone]]` tables, or, without any, one for every label.
#[derive(Debug)]
struct Zones<'a> {
    zones: Vec<Zone>,
    ids: FxHashMap<String, ZoneId>,
    /// The lists of nodes that stand in the tables of their zones.
    lists: Vec<(ZoneId, Value<'a>)>,
    /// Whether a label that is not known yet makes a zone.
    open: bool,
}

impl<'a> Zones<'a> {
    fn read(root: &Table<'a>, problems: &mut Problems) -> Self {
        let given = root.get("zone");
        let (ids, open) = (FxHashMap::default(), given.is_none());
        let mut zones = Zones { zones: Vec::new(), ids, lists: Vec::new(), open };
        let mut places = FxHashMap::default();
        let mut parents = Vec::new();
        for table in given.map(|value| value.tables("[[zone]]", problems)).unwrap_or_default() {
            table.refuse_unknown(ZONE_KEYS, |key| elsewhere(key, "[[zone]]"), problems);
            let failing = Failing::read(&table, problems);
            failing.refuse_half(&table, problems);
            let (repair, failure) = failing.both();
            if let Some((name, _)) = unique_name(&table, &mut places, problems) {
                let zone = zones.add(name, failure.unwrap_or(Probability::ZERO));
                zones.zones[zone.index()].repair = repair;
                if let Some(kind) = table.get("kind").and_then(|value| kind(&value, problems)) {
                    zones.zones[zone.index()].kind = kind;
                }
                parents.extend(table.get("parent").map(|value| (zone, value)));
                zones.lists.extend(table.get("nodes").map(|value| (zone, value)));
            }
        }
        zones.nest(&parents, problems);
        zones
    }

    /// Puts zones into the zones that they name, which may stand further down.
    fn nest(&mut self, parents: &[(ZoneId, Value<'_>)], problems: &mut Problems) {
        for (zone, value) in parents {
            let Some(name) = value.text(problems) else { continue };
            let Some(parent) = self.ids.get(name).copied() else {
                problems.push_with(|| self.unknown(name, value));
                continue;
            };
            if self.around(parent).any(|around| around == *zone) {
                let own = quoted(&self.zones[zone.index()].name);
                let message = format!("zone {own} stands in itself");
                let label = if parent == *zone {
                    "this is the zone itself".into()
                } else {
                    format!("{} stands in {own}", quoted(name))
                };
                let help =
                    "zones nest like racks in data centres in regions: the outermost has no `parent`".to_string();
                problems.push(value.problem(message).label(label).help(help));
                continue;
            }
            self.zones[zone.index()].parent = Some(parent);
        }
        let too_deep = |(zone, _): &&(ZoneId, Value<'_>)| self.around(*zone).count() > ZONES_NESTED_MAX;
        if let Some((_, value)) = parents.iter().find(too_deep) {
            let message = format!("zones nested deeper than {ZONES_NESTED_MAX}");
            problems.push(value.problem(message).label("one zone too far inside"));
        }
    }

    /// Puts the nodes that zones list into them; every node has one place, and one alone says which.
    fn take_in(&self, names: &NodeNames, known: bool, placed: &mut Placed, problems: &mut Problems) {
        for (zone, list) in &self.lists {
            for value in list.list("a list of names of nodes", problems).into_iter().flatten() {
                let Some(name) = value.text(problems) else { continue };
                let Some(node) = names.get(name) else {
                    if known {
                        problems.push_with(|| unknown_node(name, value.span(), names));
                    }
                    continue;
                };
                self.put((node, name), (*zone, &value.span()), placed, problems);
            }
        }
    }

    /// Puts a node into a zone, unless it is in another one of a kind already.
    fn put(
        &self,
        (node, name): (NodeId, &str),
        (zone, span): (ZoneId, &Range<usize>),
        placed: &mut Placed,
        problems: &mut Problems,
    ) {
        let known = placed.entry(node.index()).or_default();
        let Some((other, first)) = known.iter().find(|(other, _)| self.exclude(*other, zone)) else {
            known.push((zone, span.start));
            return;
        };
        problems.push_with(|| {
            let of_a_kind = self.zones[other.index()].kind == self.zones[zone.index()].kind;
            let other = quoted(&self.zones[other.index()].name);
            let problem = Problem::new(span.clone(), format!("node {} is in zone {other} already", quoted(name)));
            let problem = problem.label("put into a zone a second time").first(*first);
            problem.help(if of_a_kind {
                "name each node once: in the `nodes` of its zone, or by a `zone` of its own; zones of another `kind` may have it, too"
                    .to_string()
            } else {
                "the two stand in different zones of one kind, or one zone in the other".to_string()
            })
        });
    }

    /// Whether no node is in both: they are of one kind, or around them are zones of one kind that do not stand in each other.
    fn exclude(&self, a: ZoneId, b: ZoneId) -> bool {
        let kind = |zone: ZoneId| &self.zones[zone.index()].kind;
        if kind(a) == kind(b) {
            return true;
        }
        if self.around(a).any(|zone| zone == b) || self.around(b).any(|zone| zone == a) {
            return false;
        }
        self.around(a)
            .any(|one| self.around(b).any(|other| one != other && kind(one) == kind(other) && !self.nested(one, other)))
    }

    fn nested(&self, a: ZoneId, b: ZoneId) -> bool {
        self.around(a).any(|zone| zone == b) || self.around(b).any(|zone| zone == a)
    }

    /// The zone of the first kind, and those of others, without those that stand around another.
    fn sorted(&self, placed: Option<&Vec<(ZoneId, usize)>>) -> (Option<ZoneId>, Vec<ZoneId>) {
        let all: Vec<ZoneId> = placed.into_iter().flatten().map(|(zone, _)| *zone).collect();
        let is_inner =
            |zone: &ZoneId| !all.iter().any(|other| other != zone && self.around(*other).any(|at| at == *zone));
        let mut inner: Vec<ZoneId> = all.iter().copied().filter(is_inner).collect();
        inner.sort_unstable();
        let Some(first_kind) = self.zones.first().map(|zone| &zone.kind) else { return (None, Vec::new()) };
        let is_first = |zone: &ZoneId| self.around(*zone).any(|at| self.zones[at.index()].kind == *first_kind);
        let first = inner.iter().position(is_first).map(|at| inner.remove(at));
        (first, inner)
    }

    /// A zone and those around it, outwards; one more than there may be at most.
    fn around(&self, zone: ZoneId) -> impl Iterator<Item = ZoneId> + '_ {
        std::iter::successors(Some(zone), |zone| self.zones[zone.index()].parent).take(ZONES_NESTED_MAX + 1)
    }

    /// The problem that no zone has a name.
    fn unknown(&self, name: &str, value: &Value<'_>) -> Problem {
        let known = self.zones.iter().map(|zone| zone.name.as_str());
        let problem = value.problem(format!("unknown zone {}", quoted(name))).label("no [[zone]] has this name");
        problem.help(suggestion(name, "the [[zone]] tables are", known))
    }

    fn add(&mut self, name: &str, failure: Probability) -> ZoneId {
        let id = ZoneId::new(self.zones.len());
        self.zones.push(Zone::new(name, failure));
        self.ids.insert(name.into(), id);
        id
    }

    /// The zones that a node names, and where.
    fn places(&mut self, table: &Table<'_>, problems: &mut Problems) -> Vec<(ZoneId, Range<usize>)> {
        table.refuse_together("zone", "zones", problems);
        let mut all: Vec<Value<'_>> = table.get("zone").into_iter().collect();
        if let Some(list) = table.get("zones").and_then(|value| value.list("a list of names of zones", problems)) {
            all.extend(list);
        }
        all.iter().filter_map(|value| Some((self.place(value, problems)?, value.span()))).collect()
    }

    /// The zone that a node names.
    fn place(&mut self, value: &Value<'_>, problems: &mut Problems) -> Option<ZoneId> {
        let name = value.text(problems)?;
        if let Some(id) = self.ids.get(name) {
            return Some(*id);
        }
        if let Some(problem) = name_problem(name, &value.span()) {
            problems.push(problem);
            return None;
        }
        if self.open {
            return Some(self.add(name, Probability::ZERO));
        }
        problems.push_with(|| self.unknown(name, value));
        None
    }
}
