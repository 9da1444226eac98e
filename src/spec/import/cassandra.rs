//! Cassandra and Scylla: the replication of a keyspace, with consistency levels that no file has.
//!
//! # Source
//! Apache Cassandra, ConsistencyLevel.java; ScyllaDB issue 8299 on `LOCAL_*` without data centres.

use std::ops::Range;

use super::definition::quoted as quoted_toml;
use super::draft::{Draft, Member, Origin, origin};
use super::expression;
use super::literal::{self, Item};
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::{quoted, suggestion};

/// Nodes of a ring.
const RING_MAX: usize = 1_000;

/// The replication of one keyspace.
#[derive(Debug)]
struct Keyspace {
    name: Option<String>,
    at: usize,
    /// Data centres with the number of replicas in each; one without a name where there are none.
    centres: Vec<Centre>,
}

#[derive(Debug, Clone)]
struct Centre {
    name: Option<String>,
    replicas: usize,
    at: usize,
}

/// A consistency level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Count(usize),
    Quorum,
    All,
    LocalQuorum,
    LocalOne,
    EachQuorum,
}

const LEVELS: &[&str] =
    &["ONE", "TWO", "THREE", "QUORUM", "ALL", "LOCAL_QUORUM", "LOCAL_ONE", "EACH_QUORUM", "SERIAL", "LOCAL_SERIAL"];

pub(super) fn read(text: &str, options: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let mut draft = Draft::default();
    let keyspace = keyspace(text, options, &mut draft, problems)?;
    draft.name = keyspace.name.clone();
    let at = keyspace.at;
    let levels = [("--read-level", &options.read_level), ("--write-level", &options.write_level)];
    let missing: Vec<&str> = levels.iter().filter(|(_, given)| given.is_none()).map(|(flag, _)| *flag).collect();
    if !missing.is_empty() {
        let problem =
            Problem::new(at..at, format!("a keyspace has no consistency levels: {} missing", missing.join(" and ")));
        problems.push(
            problem.help("say what clients ask for, as in --read-level QUORUM --write-level LOCAL_QUORUM".to_owned()),
        );
        return None;
    }
    let mut level =
        |flag: &str, given: &Option<String>| level(flag, given.as_deref().unwrap_or_default(), at, problems);
    let (read, write) = (level("--read-level", &options.read_level), level("--write-level", &options.write_level));
    let (read, write) = (read?, write?);
    let local = local(&keyspace, options, [read, write], problems)?;
    if keyspace.centres.iter().all(|centre| centre.name.is_none()) && [read, write].iter().any(|level| is_local(*level))
    {
        draft.note("without data centres, LOCAL_QUORUM and EACH_QUORUM ask a quorum of all replicas");
    }
    if read == Level::EachQuorum {
        draft.note("EACH_QUORUM is for writes only before Cassandra 4");
    }
    let levels = [("read", read, &options.read_level), ("write", write, &options.write_level)];
    match options.nodes {
        Some(nodes) => ring(&keyspace, (nodes, local), levels, &mut draft, problems)?,
        None => {
            draft.note("this is one partition: of a cluster, --nodes N gives the ring, which serves all partitions");
            partition(&keyspace, local, levels, &mut draft, problems);
        }
    }
    Some(draft)
}

/// What is asked for by one kind of operation: its key, its level, and what the flag said.
type Asked<'a> = (&'static str, Level, &'a Option<String>);

/// Where the quorums of a level come from.
fn origins(keyspace: &Keyspace, said: &Option<String>) -> Vec<Origin> {
    let says = said.as_deref().unwrap_or_default().to_ascii_uppercase();
    let each = keyspace.centres.iter().map(|centre| {
        let name = centre.name.as_deref().map(|name| format!(" in {name}")).unwrap_or_default();
        origin(centre.at, format!("{says} of {} replicas{name}", centre.replicas))
    });
    each.collect()
}

fn members(nodes: impl Iterator<Item = Member>, draft: &mut Draft, problems: &mut Problems) {
    for node in nodes {
        let before = draft.members.len();
        draft.member(&node.name, node.origin.at..node.origin.at, &*node.origin.says, problems);
        if let Some(member) = draft.members.get_mut(before) {
            member.zone.clone_from(&node.zone);
        }
    }
}

fn is_local(level: Level) -> bool {
    matches!(level, Level::LocalQuorum | Level::LocalOne | Level::EachQuorum)
}

fn level(flag: &str, given: &str, at: usize, problems: &mut Problems) -> Option<Level> {
    Some(match given.to_ascii_uppercase().replace('-', "_").as_str() {
        "ONE" => Level::Count(1),
        "TWO" => Level::Count(2),
        "THREE" => Level::Count(3),
        "QUORUM" | "SERIAL" => Level::Quorum,
        "ALL" => Level::All,
        "LOCAL_QUORUM" | "LOCAL_SERIAL" => Level::LocalQuorum,
        "LOCAL_ONE" => Level::LocalOne,
        "EACH_QUORUM" => Level::EachQuorum,
        "ANY" => {
            let problem = Problem::new(
                at..at,
                format!("{flag} ANY: a hint is no replica, so that such a write may be on no replica at all"),
            );
            problems.push(problem.help("no quorum says that; ONE is the weakest level that does".to_owned()));
            return None;
        }
        _ => {
            let problem = Problem::new(at..at, format!("{flag} {} is no consistency level", quoted(given)));
            problems.push(problem.help(suggestion(given, "the levels are", LEVELS.iter().copied())));
            return None;
        }
    })
}

/// The data centre of the client, where a level asks for it.
fn local(keyspace: &Keyspace, options: &ImportOptions, levels: [Level; 2], problems: &mut Problems) -> Option<usize> {
    let names: Vec<&str> = keyspace.centres.iter().filter_map(|centre| centre.name.as_deref()).collect();
    let help = suggestion(options.client_zone.as_deref().unwrap_or(""), "the data centres are", names.iter().copied());
    if let Some(zone) = &options.client_zone {
        let found = keyspace.centres.iter().position(|centre| centre.name.as_ref() == Some(zone));
        if found.is_none() {
            let message = format!("--client-zone {} is no data centre of the keyspace", quoted(zone));
            problems.push(Problem::new(keyspace.at..keyspace.at, message).help(help));
        }
        return found;
    }
    let asks = levels.iter().any(|level| matches!(level, Level::LocalQuorum | Level::LocalOne));
    if asks && names.len() > 1 {
        let problem = Problem::new(
            keyspace.at..keyspace.at,
            "LOCAL_* is about the data centre of the client, which the file does not say",
        );
        problems.push(problem.help(format!("say --client-zone; {help}")));
        return None;
    }
    Some(0)
}

fn node(centre: &Centre, number: usize) -> Member {
    let name = match &centre.name {
        Some(name) => format!("{name}-{number}"),
        None => format!("replica-{number}"),
    };
    let says = match &centre.name {
        Some(name) => format!("a replica in {name}"),
        None => "a replica".to_owned(),
    };
    Member { name, origin: origin(centre.at, says), zone: centre.name.clone(), quorum_set: None }
}

/// One partition: its replicas, and the quorums of each kind as an expression.
fn partition(keyspace: &Keyspace, local: usize, levels: [Asked<'_>; 2], draft: &mut Draft, problems: &mut Problems) {
    let each: Vec<Vec<Member>> = keyspace
        .centres
        .iter()
        .map(|centre| (1..=centre.replicas).map(|number| node(centre, number)).collect())
        .collect();
    let names: Vec<Vec<String>> =
        each.iter().map(|nodes| nodes.iter().map(|node| expression::name(&node.name)).collect()).collect();
    members(each.into_iter().flatten(), draft, problems);
    for (kind, level, said) in levels {
        let key = if kind == "read" { "reads" } else { "writes" };
        draft.side(key, quorum(level, &names, local), origins(keyspace, said));
    }
}

/// A cluster: the nodes of the data centres have one token each, by turns, and a range is on the next nodes of each from its token on.
fn ring(
    keyspace: &Keyspace,
    (nodes, local): (usize, usize),
    levels: [Asked<'_>; 2],
    draft: &mut Draft,
    problems: &mut Problems,
) -> Option<()> {
    let centres = &keyspace.centres;
    let here = keyspace.at..keyspace.at;
    let each = nodes / centres.len();
    let most = centres.iter().map(|centre| centre.replicas).max().unwrap_or(0);
    if !nodes.is_multiple_of(centres.len()) || each < most {
        let count = centres.len();
        let problem =
            Problem::new(here, format!("--nodes {nodes} in {count} data centres, with up to {most} replicas in one"));
        problems.push(problem.help(format!("a multiple of {count}, at least {most} in each")));
        return None;
    }
    if nodes > RING_MAX {
        problems.push(Problem::new(here, format!("a ring of {nodes} nodes: the limit is {RING_MAX}")));
        return None;
    }
    draft.note(format!(
        "a ring of {each} nodes in each data centre, with one evenly spaced token each, by turns: virtual_nodes and spread in [system] say \
         it of more tokens and of racks"
    ));
    draft.family = Some("ring");
    members((1..=each).flat_map(|number| centres.iter().map(move |centre| node(centre, number))), draft, problems);
    let names: Vec<String> = draft.members.iter().map(|member| quoted_toml(&member.name)).collect();
    draft.plain("n", &nodes, Vec::new());
    draft.plain("names", &format!("[{}]", names.join(", ")), Vec::new());
    let says = |centre: &Centre| origin(centre.at, format!("{} replicas", centre.replicas));
    let replicas: Vec<(&Centre, usize)> = centres.iter().map(|centre| (centre, centre.replicas)).collect();
    draft.plain("replicas", &by_centre(&replicas), centres.iter().map(says).collect());
    for (key, level, said) in levels {
        draft.plain(key, &needed(level, centres, local), origins(keyspace, said));
    }
    Some(())
}

/// Numbers of the data centres as a table; of the only one, where there are none, as a number.
fn by_centre(numbers: &[(&Centre, usize)]) -> String {
    match numbers {
        [(Centre { name: None, .. }, number)] => number.to_string(),
        _ => {
            let name = |centre: &Centre| quoted_toml(centre.name.as_deref().unwrap_or_default());
            let each: Vec<String> =
                numbers.iter().map(|(centre, number)| format!("{} = {number}", name(centre))).collect();
            format!("{{ {} }}", each.join(", "))
        }
    }
}

/// How many replicas a level asks for.
fn needed(level: Level, centres: &[Centre], local: usize) -> String {
    let all: usize = centres.iter().map(|centre| centre.replicas).sum();
    let majority = |replicas: usize| replicas / 2 + 1;
    match level {
        Level::Count(count) => count.min(all).to_string(),
        Level::Quorum => majority(all).to_string(),
        Level::All => all.to_string(),
        Level::LocalQuorum => by_centre(&[(&centres[local], majority(centres[local].replicas))]),
        Level::LocalOne => by_centre(&[(&centres[local], 1)]),
        Level::EachQuorum => {
            by_centre(&centres.iter().map(|centre| (centre, majority(centre.replicas))).collect::<Vec<_>>())
        }
    }
}

/// The quorums of one range.
fn quorum(level: Level, centres: &[Vec<String>], local: usize) -> String {
    let all: Vec<String> = centres.concat();
    match level {
        Level::Count(count) => expression::choose(count.min(all.len()), &all),
        Level::Quorum => expression::majority(&all),
        Level::All => expression::all(&all),
        Level::LocalQuorum => expression::majority(&centres[local]),
        Level::LocalOne => expression::choose(1, &centres[local]),
        Level::EachQuorum if matches!(centres, [_]) => expression::majority(&all),
        Level::EachQuorum => {
            let parts: Vec<String> =
                centres.iter().filter(|centre| !centre.is_empty()).map(|centre| expression::majority(centre)).collect();
            expression::all(&parts)
        }
    }
}

/// The one keyspace of a file that is not of the system itself.
fn keyspace(text: &str, options: &ImportOptions, draft: &mut Draft, problems: &mut Problems) -> Option<Keyspace> {
    let mut found: Vec<(Option<String>, usize, usize)> = Vec::new();
    // One letter for each, so that places are the same in both.
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    while let Some(start) = lower[from..].find("keyspace").map(|at| from + at) {
        from = start + "keyspace".len();
        let before = lower[..start].trim_end();
        if !before.ends_with("create") && !before.ends_with("alter") {
            continue;
        }
        let Some(brace) = text[from..].find('{').map(|at| from + at) else { continue };
        let mut between = text[from..brace].split_whitespace().map(|word| word.trim_matches('"'));
        let name = between.find(|word| !["if", "not", "exists"].contains(&word.to_ascii_lowercase().as_str()));
        found.push((name.map(str::to_owned), start, brace));
        from = brace;
    }
    if found.is_empty()
        && let Some(brace) = text.find('{')
    {
        found.push((None, brace, brace));
    }
    found.retain(|(name, ..)| !name.as_deref().is_some_and(|name| name.to_ascii_lowercase().starts_with("system")));
    // ALTER takes the place of CREATE.
    if let [(first, ..), .., last] = &found[..]
        && found.iter().all(|(name, ..)| name == first)
    {
        draft.note("the keyspace stands more than once, and the last counts");
        found = vec![last.clone()];
    }
    let (name, at, brace) = match &found[..] {
        [one] => one.clone(),
        [] => {
            let problem = Problem::new(0..0, "no replication of a keyspace");
            let help = "CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'east': 3}";
            problems.push(problem.help(format!("for example {help}")));
            return None;
        }
        [(_, first, _), (name, second, _), ..] => {
            let shown = quoted(name.as_deref().unwrap_or("?"));
            let problem = Problem::new(*second..*second + 1, format!("a second keyspace: {shown}"));
            problems.push(problem.first(*first).help("keep the one that is asked about".to_owned()));
            return None;
        }
    };
    let (map, _) = literal::read(text, brace, problems)?;
    let centres = centres(&map, options, draft, problems)?;
    Some(Keyspace { name, at, centres })
}

fn centres(map: &Item, options: &ImportOptions, draft: &mut Draft, problems: &mut Problems) -> Option<Vec<Centre>> {
    let map = map.get("replication").unwrap_or(map);
    let here = map.span.start..map.span.start + 1;
    let Some(class) = map.get("class").filter(|class| class.text().is_some()) else {
        problems.push(
            Problem::new(here, "replication without a class").help("'class': 'NetworkTopologyStrategy'".to_owned()),
        );
        return None;
    };
    let full = class.text().unwrap_or_default();
    match full.rsplit('.').next().unwrap_or(full) {
        "SimpleStrategy" => {
            let Some(item) = map.get("replication_factor") else {
                problems.push(Problem::new(here, "SimpleStrategy without a replication_factor"));
                return None;
            };
            let replicas = factor(item, "the keyspace", draft, problems)?;
            at_least_one(vec![Centre { name: None, replicas, at: item.span.start }], &here, problems)
        }
        "NetworkTopologyStrategy" => {
            let mut centres = Vec::new();
            for (key, item) in map.entries().iter().filter(|(key, _)| key != "class") {
                if key == "replication_factor" {
                    let problem = Problem::new(
                        item.span.clone(),
                        "replication_factor stands for all data centres, which the file does not name",
                    );
                    problems.push(problem.help("DESCRIBE KEYSPACE prints them, with the replicas of each".to_owned()));
                    return None;
                }
                let replicas = factor(item, key, draft, problems)?;
                centres.push(Centre { name: Some(key.clone()), replicas, at: item.span.start });
            }
            at_least_one(centres, &here, problems)
        }
        "EverywhereStrategy" => match options.nodes {
            Some(nodes) if (1..=RING_MAX).contains(&nodes) => {
                Some(vec![Centre { name: None, replicas: nodes, at: class.span.start }])
            }
            _ => {
                let problem = Problem::new(
                    class.span.clone(),
                    "EverywhereStrategy has a replica on every node, and the file does not say how many there are",
                );
                problems.push(problem.help(format!("say it with --nodes N, 1 to {RING_MAX}")));
                None
            }
        },
        other => {
            let problem =
                Problem::new(class.span.clone(), format!("{} replicates nothing that has quorums", quoted(other)));
            problems.push(
                problem
                    .help("SimpleStrategy, NetworkTopologyStrategy and EverywhereStrategy are understood".to_owned()),
            );
            None
        }
    }
}

fn at_least_one(centres: Vec<Centre>, here: &Range<usize>, problems: &mut Problems) -> Option<Vec<Centre>> {
    let kept: Vec<Centre> = centres.into_iter().filter(|centre| centre.replicas > 0).collect();
    if kept.is_empty() {
        problems.push(Problem::new(here.clone(), "no replicas at all").help("'east': 3".to_owned()));
        return None;
    }
    Some(kept)
}

/// `3`, `'3'`, or `'3/1'`: three, of which one is transient.
fn factor(item: &Item, of: &str, draft: &mut Draft, problems: &mut Problems) -> Option<usize> {
    let text = match (item.whole(), item.text()) {
        (Some(number), _) => number.to_string(),
        (None, Some(text)) => text.trim().to_owned(),
        _ => String::new(),
    };
    let (full, transient) = text.split_once('/').unwrap_or((&text, "0"));
    match (full.parse::<usize>(), transient.parse::<usize>()) {
        (Ok(replicas), Ok(transient)) if replicas <= RING_MAX && (transient < replicas || transient == 0) => {
            if transient > 0 {
                draft.note(format!("{of}: {transient} of {replicas} replicas are transient, and keep no data for long; here they count as others do"));
            }
            if replicas == 0 {
                draft.note(format!("{of} has no replicas"));
            }
            Some(replicas)
        }
        _ => {
            let message = format!("{} is no number of replicas", quoted(&text));
            problems.push(Problem::new(item.span.clone(), message).help("write 'east': 3".to_owned()));
            None
        }
    }
}
