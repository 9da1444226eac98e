//! `family = "ring"`: replicas and quorums of each range, tokens, and zones that replicas are spread over.

use toml::de::DeValue;

use super::nodes::Members;
use super::parameters::Parameters;
use super::problem::{Problem, Problems};
use super::quorums::Quorums;
use super::table::{Table, Value};
use super::wording::{quoted, suggestion};
use crate::families::ring::{INFO, Placing, TOKENS_MAX, Tokens, drawn_tokens, even_tokens, placed};
use crate::families::{FamilyError, FamilyInfo};
use crate::model::{Formula, Kind, NODES_MAX, Node, NodeId, Pair, RangeQuorum, ReplicaGroup, Ring, Zone, grouped};

/// Tables and keys that say nothing about a ring, and why.
const NOT_OF_A_RING: [(&str, &str); 4] = [
    ("client", "a client of a ring asks another range with every key, and which one is not known"),
    ("link", "distances are for clients, of which a ring knows none"),
    ("links", "distances are for clients, of which a ring knows none"),
    ("consensus", "each range of a ring would have a leader and fast quorums of its own"),
];

/// The nodes; the quorums follow when it is known where those stand.
pub(super) fn members(table: &Table<'_>, info: &'static FamilyInfo, problems: &mut Problems) -> Option<Quorums> {
    let count = table.require("n", "n = 12", problems)?;
    let nodes = count.size(problems)?;
    if nodes > NODES_MAX as u64 {
        problems.push(count.problem(FamilyError::TooManyNodes { nodes }.to_string()).label("too many"));
        return None;
    }
    let names = Parameters::new(table, info, problems).names(nodes as usize)?;
    Some(Quorums { symmetric: false, ..Quorums::alike(info.name, Members { names, open: false }, Formula::never()) })
}

/// The ring of a definition, and whether every range has its quorums; `None` for other families, and where something is wrong.
pub(super) fn read(
    root: &Table<'_>,
    (nodes, zones): (&[Node], &[Zone]),
    problems: &mut Problems,
) -> Option<(Ring, Pair<Formula>)> {
    let mut unread = Problems::default();
    let table = root.get("system")?.table("[system]", &mut unread)?;
    if table.get("family")?.text(&mut unread)? != INFO.name {
        return None;
    }
    for (key, why) in NOT_OF_A_RING {
        if let Some(value) = root.get(key) {
            problems.push(value.unused(why));
        }
    }
    if nodes.iter().any(|node| node.lies.is_some()) {
        let message = "`byzantine_probability` in a ring: how often liars deceive some range is not computed";
        problems.push(Problem::new(table.span.clone(), message).help("take one range, as a `threshold`".to_owned()));
    }
    let before = problems.count();
    let given = Given { table: &table, nodes, zones };
    let tokens = given.tokens(problems);
    let groups = given.groups(problems);
    let zone_of = given.spread_over(groups.as_deref(), problems);
    let groups = groups?;
    let read = given.quorum("read", &groups, problems);
    let write = given.quorum("write", &groups, problems);
    if problems.count() > before {
        return None;
    }
    let (tokens, quorums) = (tokens?, Pair { reads: read?, writes: write? });
    given.placed((tokens, groups, zone_of), quorums, problems)
}

/// Replicas that are placed together, and the value that says how many.
struct Group<'a> {
    zone: Option<(usize, &'a str)>,
    replicas: usize,
    group_of: Vec<bool>,
}

struct Given<'a, 'b> {
    table: &'b Table<'a>,
    nodes: &'b [Node],
    zones: &'b [Zone],
}

impl<'a> Given<'a, '_> {
    fn tokens(&self, problems: &mut Problems) -> Option<Tokens> {
        let nodes = self.nodes.len();
        self.table.refuse_together("tokens", "virtual_nodes", problems);
        self.table.refuse_together("tokens", "seed", problems);
        if let Some(value) = self.table.get("tokens") {
            return given_tokens(&value, nodes, problems);
        }
        let value = self.table.get("virtual_nodes");
        let each = value.as_ref().map_or(Some(1), |value| value.size(problems));
        let seed = self.table.get("seed");
        let drawn_with = seed.as_ref().map_or(Some(1), |value| value.whole(problems));
        let (each, drawn_with) = (each?, drawn_with?);
        if each.saturating_mul(nodes as u64) > TOKENS_MAX as u64 {
            let message = format!("{} tokens of {} nodes each", grouped(each as usize), grouped(nodes));
            let problem = value.as_ref().map_or_else(
                || Problem::new(self.table.span.clone(), message.clone()),
                |value| value.problem(message.clone()),
            );
            problems.push(problem.label(format!("all together at most {}", grouped(TOKENS_MAX))));
            return None;
        }
        if each > 1 {
            return Some(drawn_tokens(nodes, each as usize, drawn_with));
        }
        if let Some(seed) = seed {
            problems.push(seed.unused("one token of each node is not drawn: they are evenly spaced"));
        }
        Some(even_tokens(nodes))
    }

    fn groups(&self, problems: &mut Problems) -> Option<Vec<Group<'a>>> {
        let value = self.table.require("replicas", "replicas = 3", problems)?;
        let DeValue::Table(_) = value.raw() else {
            let replicas = value.size(problems)? as usize;
            self.at_most(&value, replicas, (self.nodes.len(), "nodes"), problems)?;
            return Some(vec![Group { zone: None, replicas, group_of: vec![true; self.nodes.len()] }]);
        };
        let mut groups: Vec<Group<'a>> = Vec::new();
        for (name, value) in value.entries() {
            let zone = self.zone(name, &value, problems)?;
            let inside = |node: &Node| self.around(node).any(|around| around == zone);
            let group_of: Vec<bool> = self.nodes.iter().map(inside).collect();
            let replicas = value.size(problems)? as usize;
            let members = group_of.iter().filter(|is_inside| **is_inside).count();
            self.at_most(&value, replicas, (members, "nodes of that zone"), problems)?;
            let shares = |other: &&Group<'_>| other.group_of.iter().zip(&group_of).any(|(one, other)| *one && *other);
            if let Some(other) = groups.iter().find(shares) {
                let message =
                    format!("zone {} has nodes of zone {}", quoted(name), quoted(other.zone.map_or("", |zone| zone.1)));
                problems.push(value.problem(message).label("one node would be counted twice"));
                return None;
            }
            groups.push(Group { zone: Some((zone, name)), replicas, group_of });
        }
        if groups.is_empty() {
            problems
                .push(value.problem("replicas in no zone").help("for example `replicas = { east = 3 }`".to_owned()));
            return None;
        }
        Some(groups)
    }

    /// All zones around a node.
    fn around(&self, node: &Node) -> impl Iterator<Item = usize> {
        let own = node.zones().map(crate::model::ZoneId::index);
        own.flat_map(|zone| {
            std::iter::successors(Some(zone), |zone| self.zones[*zone].parent.map(crate::model::ZoneId::index))
        })
        .collect::<Vec<_>>()
        .into_iter()
    }

    fn zone(&self, name: &str, value: &Value<'_>, problems: &mut Problems) -> Option<usize> {
        let found = self.zones.iter().position(|zone| zone.name == name);
        if found.is_none() {
            let names = self.zones.iter().map(|zone| zone.name.as_str());
            let help = if self.zones.is_empty() {
                "put the nodes into a [[zone]]".to_owned()
            } else {
                suggestion(name, "the zones are", names)
            };
            problems.push(value.problem(format!("there is no zone {}", quoted(name))).label("no such zone").help(help));
        }
        found
    }

    fn at_most(
        &self,
        value: &Value<'_>,
        count: usize,
        (limit, of): (usize, &str),
        problems: &mut Problems,
    ) -> Option<()> {
        if count <= limit {
            return Some(());
        }
        let message = format!("{} is {}, of {} {of}", value.what(), grouped(count), grouped(limit));
        problems.push(value.problem(message).label(format!("must be at most {}", grouped(limit))));
        None
    }

    fn quorum(&self, key: &str, groups: &[Group<'_>], problems: &mut Problems) -> Option<RangeQuorum> {
        let value = self.table.require(key, &format!("{key} = 2"), problems)?;
        let DeValue::Table(_) = value.raw() else {
            let needed = value.size(problems)? as usize;
            let replicas = groups.iter().map(|group| group.replicas).sum();
            self.at_most(&value, needed, (replicas, "replicas"), problems)?;
            return Some(RangeQuorum::Any(needed));
        };
        let mut each = Vec::new();
        for (name, value) in value.entries() {
            let Some(group) = groups.iter().position(|group| group.zone.is_some_and(|zone| zone.1 == name)) else {
                let names: Vec<&str> = groups.iter().filter_map(|group| Some(group.zone?.1)).collect();
                let help = if names.is_empty() {
                    "say the `replicas` of each zone, too, as in { east = 3 }".to_owned()
                } else {
                    suggestion(name, "the zones with replicas are", names.into_iter())
                };
                let message = format!("no replicas in zone {}", quoted(name));
                problems.push(value.problem(message).label("no replicas there").help(help));
                return None;
            };
            let needed = value.size(problems)? as usize;
            self.at_most(&value, needed, (groups[group].replicas, "replicas in that zone"), problems)?;
            each.push((group, needed));
        }
        if each.is_empty() {
            problems.push(value.problem("a quorum of no zone").help(format!("for example `{key} = {{ east = 2 }}`")));
            return None;
        }
        each.sort_unstable();
        Some(RangeQuorum::Each(each))
    }

    /// The zone of each node over which replicas are spread, where they are.
    fn spread_over(&self, groups: Option<&[Group<'_>]>, problems: &mut Problems) -> Option<Vec<usize>> {
        let value = self.table.get("spread")?;
        let kind = value.text(problems)?;
        if !self.zones.iter().any(|zone| zone.kind == kind) {
            let mut kinds: Vec<&str> = self.zones.iter().map(|zone| zone.kind.as_str()).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let help = if kinds.is_empty() {
                "put each node into a [[zone]]".to_owned()
            } else {
                suggestion(kind, "the kinds of zones are", kinds.into_iter())
            };
            let problem = value.problem(format!("there are no zones of the kind {}", quoted(kind)));
            problems.push(problem.label("no such kind").help(help));
            return None;
        }
        let zone_of =
            |node: &Node| node.zones().map(crate::model::ZoneId::index).find(|zone| self.zones[*zone].kind == kind);
        let has_replicas = |at: usize| groups.is_none_or(|groups| groups.iter().any(|group| group.group_of[at]));
        let mut found = Vec::with_capacity(self.nodes.len());
        for (at, node) in self.nodes.iter().enumerate() {
            match zone_of(node) {
                Some(zone) => found.push(zone),
                None if !has_replicas(at) => found.push(0),
                None => {
                    let message = format!("node {} stands in no zone of the kind {}", quoted(&node.name), quoted(kind));
                    problems.push(
                        value
                            .problem(message)
                            .label("nothing to spread over")
                            .help("put each node into one".to_owned()),
                    );
                    return None;
                }
            }
        }
        Some(found)
    }

    fn placed(
        &self,
        (tokens, groups, zone_of): (Tokens, Vec<Group<'a>>, Option<Vec<usize>>),
        quorums: Pair<RangeQuorum>,
        problems: &mut Problems,
    ) -> Option<(Ring, Pair<Formula>)> {
        let group_of: Vec<Option<usize>> =
            (0..self.nodes.len()).map(|node| groups.iter().position(|group| group.group_of[node])).collect();
        let replicas: Vec<usize> = groups.iter().map(|group| group.replicas).collect();
        let placing = Placing { replicas: &replicas, group_of: &group_of, spread_over: zone_of.as_deref() };
        let here = || Problem::new(self.table.span.clone(), "the replicas are too far from their tokens");
        let Some(copysets) = placed(&tokens, &placing) else {
            problems.push(here().help("give the nodes of different zones tokens by turns".to_owned()));
            return None;
        };
        let group = |group: &Group<'_>| ReplicaGroup {
            zone: group.zone.map(|(_, name)| name.to_owned()),
            replicas: group.replicas,
        };
        let each = tokens.len() / self.nodes.len();
        let is_drawn = self.table.get("tokens").is_none() && each > 1;
        let mut unread = Problems::default();
        let mut seed = || self.table.get("seed").map_or(Some(1), |value| value.whole(&mut unread));
        let ring = Ring {
            ranges: tokens.len(),
            virtual_nodes: (self.table.get("tokens").is_none()).then_some(each),
            seed: if is_drawn { seed() } else { None },
            is_spread: zone_of.is_some(),
            groups: groups.iter().map(group).collect(),
            quorums,
            copysets,
        };
        match (ring.formula(Kind::Read), ring.formula(Kind::Write)) {
            (Ok(reads), Ok(writes)) => Some((ring, Pair { reads, writes })),
            (Err(error), _) | (_, Err(error)) => {
                problems.push(Problem::new(self.table.span.clone(), error.to_string()));
                None
            }
        }
    }
}

/// The tokens that a definition gives: a number for each node, or a list of numbers.
fn given_tokens(value: &Value<'_>, nodes: usize, problems: &mut Problems) -> Option<Tokens> {
    let expected = "a list with the tokens of each node";
    let list = value.list(expected, problems)?;
    if list.len() != nodes {
        let message = format!("tokens of {} nodes, but there are {}", grouped(list.len()), grouped(nodes));
        problems.push(value.problem(message).label("one token for each node, or a list of them"));
        return None;
    }
    let mut tokens: Tokens = Vec::new();
    for (node, own) in list.enumerate() {
        let each: Vec<Value<'_>> =
            if own.raw().is_array() { own.list(expected, problems)?.collect() } else { vec![own.clone()] };
        if each.is_empty() {
            problems.push(own.problem("a node without a token").label("has no range"));
            return None;
        }
        for token in each {
            // Signed numbers in their order.
            let place = (token.signed(problems)? as u64) ^ (1 << 63);
            tokens.push((place, NodeId::new(node)));
        }
    }
    tokens.sort_unstable();
    if let Some(same) = tokens.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let token = (same[0].0 ^ (1 << 63)) as i64;
        problems.push(value.problem(format!("the token {token} stands twice")).label("two ranges would end there"));
        return None;
    }
    if tokens.len() > TOKENS_MAX {
        let message = format!("{} tokens", grouped(tokens.len()));
        problems.push(value.problem(message).label(format!("at most {}", grouped(TOKENS_MAX))));
        return None;
    }
    Some(tokens)
}
