//! `[system]`: which family, and which keys it takes.

use super::expression;
use super::expression::NodeNames;
use super::nodes::{Members, unknown_node};
use super::parameters::Parameters;
use super::problem::{Problem, Problems};
use super::quorums::Quorums;
use super::table::{Table, Value};
use super::wording::{listing, name_problem, nearest, quoted};
use super::{custom, dynamic, elsewhere};
use crate::families::{ALBUM, FamilyInfo, compose, federated, ring};
use crate::model::{Formula, Node, NodeId};

/// The quorums, or `None` after at least one problem; `source` is the whole file.
pub(super) fn read(source: &str, root: &Table<'_>, problems: &mut Problems) -> Option<Quorums> {
    let Some(value) = root.get("system") else {
        let problem = Problem::new(root.span.clone(), "no [system] table, which says what the quorums are");
        problems
            .push(problem.help("for example `[system]`, and below it `family = \"majority\"` and `n = 5`".to_string()));
        return None;
    };
    let table = value.table("[system]", problems)?;
    let info = family(&table, problems)?;
    if info.name == federated::INFO.name {
        table.refuse_unknown(&["family"], |key| foreign(key, info), problems);
        return federated_quorums(root, &table, problems);
    }
    of_family(source, &table, info, true, problems)
}

/// The quorums of a table whose family is known; only the outermost names its nodes.
fn of_family(
    source: &str,
    table: &Table<'_>,
    info: &'static FamilyInfo,
    is_outermost: bool,
    problems: &mut Problems,
) -> Option<Quorums> {
    let custom = info.name == crate::families::custom::INFO.name;
    let mut known = vec!["family"];
    known.extend(info.parameters.iter().map(|parameter| parameter.key));
    if !custom && is_outermost {
        known.push("names");
    }
    if is_outermost {
        known.extend(dynamic::KEYS);
    }
    let inside =
        |key: &str| (key == "names").then(|| "the nodes of a composition are named once, in [system]".to_owned());
    let help = |key: &str| inside(key).filter(|_| !is_outermost).or_else(|| foreign(key, info));
    table.refuse_unknown(&known, help, problems);
    match info.name {
        _ if custom => custom::read(source, table, problems),
        name if name == compose::INFO.name => super::compose::read(table, problems, &|part, problems| {
            let info = family(part, problems)?;
            let apart = match info.name {
                name if name == federated::INFO.name => {
                    "a federated system is no part of a composition: its quorum sets stand in [[node]] tables"
                }
                name if name == ring::INFO.name => {
                    "a ring is no part of a composition: it is many systems, one for each range"
                }
                _ => "",
            };
            if !apart.is_empty() {
                problems.push(Problem::new(part.span.clone(), apart));
                return None;
            }
            of_family(source, part, info, false, problems)
        }),
        name if name == ring::INFO.name => super::ring::members(table, info, problems),
        "hierarchical" if ["groups", "votes"].iter().any(|key| table.get(key).is_some()) => {
            super::groups::read(table, info, problems)
        }
        _ => Parameters::new(table, info, problems).quorums(),
    }
}

fn family(table: &Table<'_>, problems: &mut Problems) -> Option<&'static FamilyInfo> {
    let families = ALBUM.iter().map(|info| info.name);
    let Some(value) = table.get("family") else {
        let problem = table.missing("`family`", "family = \"majority\"");
        problems.push(problem.help(format!("the families are: {}", all(families))));
        // It may be there under another name.
        let parameters = ALBUM.iter().flat_map(|info| info.parameters.iter().map(|parameter| parameter.key));
        let known: Vec<&'static str> = ["family", "names"].into_iter().chain(parameters).collect();
        table.refuse_unknown(&known, |key| nearest(key, ["family"]).map(|_| "did you mean `family`?".into()), problems);
        return None;
    };
    let name = value.text(problems)?;
    let info = ALBUM.iter().chain([&federated::INFO, &compose::INFO]).find(|info| info.name == name);
    if info.is_none() {
        let near = nearest(name, families.clone()).map(|name| format!("did you mean {}? ", quoted(name)));
        let near = near.unwrap_or_default();
        let problem = value.problem(format!("unknown family {}", quoted(name))).label("no such family");
        problems.push(problem.help(format!("{near}the families are: {}", all(families))));
    }
    info
}

/// The quorums, or `None` after at least one problem.
fn federated_quorums(root: &Table<'_>, table: &Table<'_>, problems: &mut Problems) -> Option<Quorums> {
    let mut names = NodeNames::new();
    let mut sets: Vec<(NodeId, Value<'_>)> = Vec::new();
    let mut unread = Problems::default();
    // What else is wrong with the tables is said where nodes are read.
    for node in root.get("node").map(|value| value.tables("[[node]]", &mut unread)).unwrap_or_default() {
        let Some(value) = node.get("name") else { continue };
        let Some(name) = value.text(&mut unread).filter(|name| name_problem(name, &(0..0)).is_none()) else { continue };
        match names.intern_at(name, &value.span()) {
            Ok(id) => sets.extend(node.get("quorum_set").map(|set| (id, set))),
            Err(problem) => problems.push(problem),
        }
    }
    let before = problems.count();
    let mut given: Vec<Option<Formula>> = vec![None; names.names().len()];
    for (id, value) in sets {
        given[id.index()] = quorum_set(&value, &names, problems);
    }
    if problems.count() > before {
        return None;
    }
    match super::federated::contains_quorum(given.clone()) {
        Ok(formula) => {
            let formula = formula.unwrap_or_else(Formula::never);
            let members = Members { names, open: false };
            Some(Quorums { quorum_sets: given, ..Quorums::alike(federated::INFO.name, members, formula) })
        }
        Err(error) => {
            problems.push(Problem::new(table.span.clone(), error.to_string()));
            None
        }
    }
}

/// The fast quorums of `[consensus]`, over the nodes of the system.
pub(super) fn fast_quorums(value: &Value<'_>, nodes: &[Node], problems: &mut Problems) -> Option<Formula> {
    let mut names = NodeNames::new();
    for node in nodes {
        let _ = names.intern(&node.name);
    }
    quorum_set(value, &names, problems)
}

/// An expression over nodes that there are.
fn quorum_set(value: &Value<'_>, names: &NodeNames, problems: &mut Problems) -> Option<Formula> {
    let text = value.text(problems)?;
    let (mut own, mut found) = (names.clone(), Problems::default());
    let formula = expression::parse(text, &mut own, &mut found);
    problems.absorb(found, |_| value.span());
    if let Some(stranger) = own.names().get(names.names().len()) {
        problems.push(unknown_node(stranger, value.span(), names));
        return None;
    }
    formula
}

/// All names: there are few families, and their list is what someone needs who knows none.
fn all<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Where a key belongs that is not one of this family.
fn foreign(key: &str, info: &FamilyInfo) -> Option<String> {
    if key == "names" {
        return Some("the nodes of a custom system are named where its quorums are".into());
    }
    let owns = |other: &&FamilyInfo| other.parameters.iter().any(|parameter| parameter.key == key);
    let owners: Vec<_> = ALBUM.iter().filter(owns).map(|other| other.name).collect();
    if owners.is_empty() {
        return elsewhere(key, "[system]");
    }
    let own = listing(info.parameters.iter().map(|parameter| parameter.key));
    let owners = listing(owners.into_iter());
    Some(format!("it is a parameter of {owners}; those of {} are: {own}", quoted(info.name)))
}
