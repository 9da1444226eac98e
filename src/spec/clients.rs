//! `[[client]]` and `[consensus]`: where operations come from, and where a leader stands.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::beside::{Beside, Foreign};
use super::keys::{CLIENT_KEYS, CONSENSUS_KEYS};
use super::links::{self, Links};
use super::nodes::unique_name;
use super::places::Places;
use super::problem::{Problem, Problems};
use super::table::{Table, Value};
use super::wording::{quoted, suggestion};
use super::{elsewhere, system};
use crate::model::{
    Client, Clients, Distance, Distances, Formula, Fraction, Leader, LeaderReads, Node, NodeId, Place, Weight, Zone,
    grouped, ordered,
};

/// Clients of one definition.
pub const CLIENTS_MAX: usize = 1_000;

/// Pairs of a place of a client and a place of nodes.
pub const CLIENT_PAIRS_MAX: usize = 10_000_000;

/// Pairs without a link that are named before no more are looked for.
const MISSING_MAX: usize = 100;

/// What a definition says about its clients and about consensus.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) clients: Clients,
    pub(super) fast: Option<Formula>,
    /// What is wrong with a file that the definition names.
    pub(super) foreign: Option<Foreign>,
}

/// The clients, the links and `[consensus]`, over the nodes and zones of the system.
pub(super) fn read(
    root: &Table<'_>,
    (nodes, zones): (&[Node], &[Zone]),
    beside: Beside<'_>,
    problems: &mut Problems,
) -> Asked {
    let places = Places::new(nodes, zones);
    let before = problems.count();
    let (each, at) = clients(root, &places, problems);
    let (links, foreign) = links::read(root, &places, beside, problems);
    let Consensus { fast, leader, leader_reads } = consensus(root, &places, problems);
    let is_good = problems.count() == before && foreign.is_none();
    let clients = Clients { each, links: links.all.clone(), leader: leader.as_ref().map(|it| it.0), leader_reads };
    if is_good {
        Needed { places: &places, links: &links, problems }.check(&clients, &at, leader);
    }
    Asked { clients, fast, foreign }
}

/// The clients, and where the place of each is named.
fn clients(root: &Table<'_>, places: &Places<'_>, problems: &mut Problems) -> (Vec<Client>, Vec<Range<usize>>) {
    let mut each = Vec::new();
    let mut spans = Vec::new();
    let mut names = FxHashMap::default();
    let given = root.get("client");
    let tables = given.as_ref().map(|value| value.tables("[[client]]", problems)).unwrap_or_default();
    if let Some(value) = given.filter(|_| tables.len() > CLIENTS_MAX) {
        let message = format!("{} clients: the limit is {}", grouped(tables.len()), grouped(CLIENTS_MAX));
        problems.push(Problem::new(value.key_span, message).label("too many"));
        return (each, spans);
    }
    for table in tables {
        table.refuse_unknown(CLIENT_KEYS, |key| elsewhere(key, "[[client]]"), problems);
        table.refuse_together("zone", "node", problems);
        let name = unique_name(&table, &mut names, problems);
        let weight = match table.get("weight") {
            None => Weight::new(1.0).ok(),
            Some(value) => value.quantity(Weight::new, problems),
        };
        let read_fraction = table.get("read_fraction").and_then(|value| value.quantity(Fraction::new, problems));
        let (zone, node) = (table.get("zone"), table.get("node"));
        if zone.is_none() && node.is_none() {
            problems.push(table.missing("`zone` or `node`", "zone = \"eu\""));
        }
        let zone = zone.and_then(|value| {
            let found = places.zone(value.text(problems)?, value.span()).map(Place::Zone);
            Some((found.map_err(|problem| problems.push(problem)).ok()?, value.span()))
        });
        let node = node.and_then(|value| {
            let found = places.node(value.text(problems)?, value.span()).map(Place::Node);
            Some((found.map_err(|problem| problems.push(problem)).ok()?, value.span()))
        });
        let (Some((name, _)), Some(weight), Some((place, span))) = (name, weight, zone.or(node)) else { continue };
        each.push(Client { name: name.to_owned(), place: Some(place), weight, read_fraction });
        spans.push(span);
    }
    (each, spans)
}

/// What `[consensus]` says.
#[derive(Debug, Default)]
struct Consensus {
    fast: Option<Formula>,
    /// The leader, and where it is named.
    leader: Option<(Leader, Range<usize>)>,
    leader_reads: LeaderReads,
}

fn consensus(root: &Table<'_>, places: &Places<'_>, problems: &mut Problems) -> Consensus {
    let Some(table) = root.get("consensus").and_then(|value| value.table("[consensus]", problems)) else {
        return Consensus::default();
    };
    table.refuse_unknown(CONSENSUS_KEYS, |key| elsewhere(key, "[consensus]"), problems);
    let (fast, leader, reads) = (table.get("fast"), table.get("leader"), table.get("reads"));
    if fast.is_none() && leader.is_none() && reads.is_none() {
        problems
            .push(table.missing("`fast` or `leader`", "fast = \"choose(4, a, b, c, d, e)\"` or `leader = \"best\""));
    }
    if let Some(value) = reads.as_ref().filter(|_| leader.is_none()) {
        problems.push(
            value.unused("it says what a `leader` does for reads; add `leader = \"best\"`, or the name of a node"),
        );
    }
    Consensus {
        fast: fast.and_then(|value| system::fast_quorums(&value, places.nodes, problems)),
        leader: leader.and_then(|value| Some((self::leader(&value, places, problems)?, value.span()))),
        leader_reads: reads.and_then(|value| leader_reads(&value, problems)).unwrap_or_default(),
    }
}

/// A node, or the best one; a node that is called `best` is written `node:best`.
fn leader(value: &Value<'_>, places: &Places<'_>, problems: &mut Problems) -> Option<Leader> {
    let name = value.text(problems)?;
    if name == "best" {
        return Some(Leader::Best);
    }
    let node = places.node(name, value.span()).or_else(|problem| {
        let bare = name.strip_prefix("node:").ok_or(problem)?;
        places.node(bare, value.span())
    });
    node.map(Leader::At).map_err(|problem| problems.push(problem)).ok()
}

fn leader_reads(value: &Value<'_>, problems: &mut Problems) -> Option<LeaderReads> {
    let name = value.text(problems)?;
    let known = LeaderReads::from_name(name);
    if known.is_none() {
        let help = suggestion(name, "the ways to read are", LeaderReads::ALL.map(LeaderReads::name).into_iter());
        let problem = value.problem(format!("unknown way to read {}", quoted(name)));
        problems.push(problem.label("no way to read with a leader").help(help));
    }
    known
}

/// Whether every distance is known that some client or the leader needs.
struct Needed<'a> {
    places: &'a Places<'a>,
    links: &'a Links,
    problems: &'a mut Problems,
}

impl Needed<'_> {
    fn check(&mut self, clients: &Clients, at: &[Range<usize>], leader: Option<(Leader, Range<usize>)>) {
        let distances = Distances::of(self.places.nodes, self.places.zones, &self.links.all);
        let mut seen = FxHashSet::default();
        let spots = (0..self.places.nodes.len()).map(|node| distances.spot(NodeId::new(node)));
        let spots: Vec<Place> = spots.filter(|spot| seen.insert(*spot)).collect();
        // Places that ask, each once, and who they are.
        let mut from: Vec<(Place, String, Range<usize>)> = Vec::new();
        let mut asked = FxHashSet::default();
        for (client, span) in clients.each.iter().zip(at) {
            let Some(place) = client.place.filter(|place| asked.insert(*place)) else { continue };
            from.push((place, format!("client {}", quoted(&client.name)), span.clone()));
        }
        // Without clients nobody asks how long anything takes.
        if let Some((leader, span)) = leader.filter(|_| !clients.each.is_empty()) {
            let of_leader = |place: Place| (place, "the leader".to_owned(), span.clone());
            match leader {
                Leader::At(node) => from.push(of_leader(Place::Node(node))),
                Leader::Best => from.extend(spots.iter().copied().map(of_leader)),
            }
        }
        if from.len().saturating_mul(spots.len()) > CLIENT_PAIRS_MAX {
            let message = format!(
                "distances from {} places to {}: the limit is {} pairs",
                grouped(from.len()),
                grouped(spots.len()),
                grouped(CLIENT_PAIRS_MAX)
            );
            self.problems.push(Problem::new(from[0].2.clone(), message).help("put nodes into zones".to_owned()));
            return;
        }
        let mut missing = FxHashSet::default();
        for (place, who, span) in &from {
            for spot in &spots {
                let known = distances.between(*place, *spot);
                if matches!(known, Distance::Known(_)) || !missing.insert(ordered([*place, *spot])) {
                    continue;
                }
                self.refuse([*place, *spot], known, (who, span));
                if missing.len() >= MISSING_MAX {
                    return;
                }
            }
        }
    }

    fn refuse(&mut self, pair: [Place; 2], found: Distance, (who, span): (&str, &Range<usize>)) {
        let [a, b] = pair.map(|place| self.places.shown(place));
        self.problems.push(match found {
            Distance::Ambiguous([first, second]) => {
                let (first, second) = (&self.links.spans[first.min(second)], &self.links.spans[first.max(second)]);
                let problem = Problem::new(second.clone(), format!("two links say how far it is from {a} to {b}"));
                let problem = problem.label("as near to both as another one").first(first.start);
                problem.help("add a link between the two, or give both links the same round trip".to_owned())
            }
            _ => {
                let [from, to] = pair.map(|place| self.places.name(place));
                let problem = Problem::new(span.clone(), format!("no link between {a} and {b}, which {who} needs"));
                let example = format!("between = [\"{from}\", \"{to}\"]");
                let help =
                    format!("add `[[link]]`, and below it `{example}` and `round_trip_ms = 80`, or a cell of `links`");
                problem.label("how far is it?").help(help)
            }
        });
    }
}
