//! stellarbeat: the nodes of a Stellar network, each with its own quorum set, as the crate fbas_analyzer reads them too.

use std::collections::BTreeMap;

use super::draft::{Draft, Member, origin};
use super::expression;
use super::literal::{self, Item};
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::{name_problem, quoted};

/// Inner sets inside each other.
const NESTING_MAX: usize = 32;

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let item = literal::whole(text, problems)?;
    let Some(list) = item.get("nodes").unwrap_or(&item).list() else {
        problems.push(Problem::new(item.span.start..item.span.start + 1, "no list of nodes"));
        return None;
    };
    let mut draft = Draft { family: Some("federated"), ..Draft::default() };
    for node in list {
        let Some(key) = node.get("publicKey").filter(|key| key.text().is_some()) else {
            problems.push(Problem::new(node.span.start..node.span.start + 1, "a node without publicKey"));
            continue;
        };
        let name = key.text().unwrap_or_default();
        let shown = node.get("name").and_then(Item::text).unwrap_or("a node");
        let before = draft.members.len();
        draft.member(name, key.span.clone(), shown, problems);
        let set = node.any(&["quorumSet", "quorum_set"]).filter(|set| !set.is_null());
        if let Some(member) = draft.members.get_mut(before) {
            member.quorum_set = set.and_then(|set| quorum_set(set, 0, problems));
        }
    }
    draft.refuse_doubles("each node stands once", problems);
    if list.is_empty() {
        problems.push(Problem::new(item.span.start..item.span.start + 1, "a network without nodes"));
    }
    if problems.count() > 0 {
        return None;
    }
    strangers(list, &mut draft, problems);
    let unknown = draft.members.iter().filter(|member| member.quorum_set.is_none()).count();
    if unknown > 0 {
        draft.note(format!(
            "{unknown} nodes have no quorum set that is known or can be satisfied: they are in no quorum"
        ));
    }
    draft.note("every node chooses whom it trusts: a quorum is a set of nodes that satisfies the quorum set of each of its members");
    (problems.count() == 0).then_some(draft)
}

/// Nodes that quorum sets name, and that are not in the list.
fn strangers(list: &[Item], draft: &mut Draft, problems: &mut Problems) {
    let mut named: BTreeMap<&str, &Item> = BTreeMap::new();
    let mut sets: Vec<&Item> = list.iter().filter_map(|node| node.any(&["quorumSet", "quorum_set"])).collect();
    while let Some(set) = sets.pop() {
        for validator in set.get("validators").and_then(Item::list).unwrap_or_default() {
            if let Some(name) = validator.text() {
                named.entry(name).or_insert(validator);
            }
        }
        sets.extend(set.any(&["innerQuorumSets", "inner_quorum_sets"]).and_then(Item::list).unwrap_or_default());
    }
    let known: std::collections::BTreeSet<String> = draft.members.iter().map(|member| member.name.clone()).collect();
    for (name, item) in named.into_iter().filter(|(name, _)| !known.contains(*name)) {
        if let Some(problem) = name_problem(name, &item.span) {
            problems.push(problem);
            continue;
        }
        let origin = origin(item.span.start, "named by a quorum set, and not in the list");
        draft.members.push(Member { name: name.to_owned(), origin, zone: None, quorum_set: None });
    }
}

/// The expression of a quorum set; nothing where none can satisfy it, as with the threshold that stands for an unknown one.
fn quorum_set(set: &Item, depth: usize, problems: &mut Problems) -> Option<String> {
    if depth > NESTING_MAX {
        problems
            .push(Problem::new(set.span.start..set.span.start + 1, format!("sets nested deeper than {NESTING_MAX}")));
        return None;
    }
    let Some(threshold) = set.get("threshold") else {
        problems.push(Problem::new(set.span.start..set.span.start + 1, "a quorum set without threshold"));
        return None;
    };
    let Some(number) = threshold.number().filter(|number| *number >= 0.0 && number.fract() == 0.0) else {
        problems.push(Problem::new(threshold.span.clone(), "a threshold is a whole number"));
        return None;
    };
    let mut parts = Vec::new();
    let validators = set.get("validators").filter(|one| !one.is_null());
    for validator in validators.map(|one| one.list().unwrap_or_default()).unwrap_or_default() {
        match validator.text() {
            Some(name) => parts.push(expression::name(name)),
            None => problems.push(Problem::new(validator.span.clone(), "a validator is the publicKey of a node")),
        }
    }
    let inner = set.any(&["innerQuorumSets", "inner_quorum_sets"]).filter(|one| !one.is_null());
    let inner = inner.map(|one| one.list().unwrap_or_default()).unwrap_or_default();
    let members = parts.len() + inner.len();
    if number == 0.0 && members > 0 {
        let message = format!("a threshold of {} of {members} members", quoted("0"));
        problems.push(Problem::new(threshold.span.clone(), message).help("it is at least 1".to_owned()));
        return None;
    }
    // An inner set that nothing satisfies is a member that never helps.
    parts.extend(inner.iter().filter_map(|set| quorum_set(set, depth + 1, problems)));
    let needed = number as usize;
    (needed >= 1 && needed <= parts.len()).then(|| expression::choose(needed, &parts))
}
