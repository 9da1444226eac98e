//! `dynamic` in `[system]`: votes that are given anew after each failure.

use super::problem::Problems;
use super::table::{Table, Value};
use super::wording::{quoted, suggestion};
use crate::model::{Dynamic, DynamicRule, Formula, Gate, Node, NodeId, Pair};

/// The keys of `[system]` that belong to it.
pub(super) const KEYS: [&str; 3] = ["dynamic", "witness", "tie_breaker"];

/// More votes than that are no votes of a running system.
const VOTES_MAX: u64 = 1_000;

/// What `[system]` says about it, once the nodes and quorums are known.
pub(super) fn read(
    root: &Table<'_>,
    nodes: &[Node],
    formulas: &Pair<Formula>,
    problems: &mut Problems,
) -> Option<Dynamic> {
    let mut unread = Problems::default();
    let system = root.get("system")?.table("[system]", &mut unread)?;
    let Some(value) = system.get("dynamic") else {
        for key in &KEYS[1..] {
            if let Some(value) = system.get(key) {
                problems.push(value.unused("it belongs to `dynamic`, the rule by which votes are given anew"));
            }
        }
        return None;
    };
    let name = value.text(problems)?;
    let Some(rule) = DynamicRule::from_name(name) else {
        let help = suggestion(name, "the rules are", DynamicRule::ALL.map(DynamicRule::name).into_iter());
        problems.push(value.problem(format!("unknown rule {}", quoted(name))).label("no such rule").help(help));
        return None;
    };
    let before = problems.count();
    let witness = node(&system, "witness", (rule, DynamicRule::DynamicWeights), nodes, problems);
    let tie_breaker = node(&system, "tie_breaker", (rule, DynamicRule::LastManStanding), nodes, problems);
    let votes = votes(formulas, nodes.len()).map(|votes| without_tie_breaker(votes, tie_breaker));
    let votes = votes.filter(|votes| rule == DynamicRule::DynamicLinearVoting || votes.iter().all(|own| *own <= 1));
    let Some(mut votes) = votes else {
        let single = if rule == DynamicRule::DynamicLinearVoting { "" } else { ", one vote each" };
        let problem = value.problem(format!("{} is about majorities of votes{single}", quoted(name)));
        let help = "take `family = \"majority\"`, or `majority(...)` of the nodes that vote".to_owned();
        problems.push(problem.label("not for these quorums").help(help));
        return None;
    };
    if rule == DynamicRule::RedundancyZones && nodes.iter().any(|node| node.zone.is_none()) {
        let problem = value.problem("redundancy zones are those of the nodes, and a node has none");
        problems.push(problem.help("put each node into a [[zone]]".to_owned()));
    }
    if let Some(witness) = witness {
        votes[witness.index()] = 0;
    }
    (problems.count() == before).then_some(Dynamic { rule, votes, witness, tie_breaker })
}

/// Single votes, of votes that were doubled so that one more decides between two halves.
fn without_tie_breaker(votes: Vec<u32>, tie_breaker: Option<NodeId>) -> Vec<u32> {
    let is_doubled = tie_breaker.is_some_and(|decides| {
        votes.iter().enumerate().all(|(node, own)| *own == 0 || *own == 2 + u32::from(node == decides.index()))
    });
    if is_doubled { votes.into_iter().map(|own| own.min(1)).collect() } else { votes }
}

/// A node by its name, for a key of one rule.
fn node(
    system: &Table<'_>,
    key: &str,
    (rule, owner): (DynamicRule, DynamicRule),
    nodes: &[Node],
    problems: &mut Problems,
) -> Option<NodeId> {
    let value: Value<'_> = system.get(key)?;
    if rule != owner {
        problems.push(value.unused(format!("it belongs to the rule {}", quoted(owner.name()))));
        return None;
    }
    let name = value.text(problems)?;
    let found = nodes.iter().position(|node| node.name == name);
    if found.is_none() {
        let help = suggestion(name, "the nodes are", nodes.iter().map(|node| node.name.as_str()));
        problems.push(value.problem(format!("there is no node {}", quoted(name))).label("no such node").help(help));
    }
    found.map(NodeId::new)
}

/// The votes of which a quorum of either kind has more than half, if that is what the quorums are.
fn votes(formulas: &Pair<Formula>, nodes: usize) -> Option<Vec<u32>> {
    if formulas.reads != formulas.writes {
        return None;
    }
    let formula = &formulas.reads;
    let of_leaf = |gate| match formula.gate(gate) {
        Gate::Leaf(node) => Some(node.index()),
        _ => None,
    };
    let (quota, voters): (u64, Vec<(usize, u64)>) = match formula.gate(formula.root()) {
        Gate::Leaf(node) => (1, vec![(node.index(), 1)]),
        Gate::Threshold { k, children } => {
            let voters: Option<Vec<_>> = children.iter().map(|child| Some((of_leaf(*child)?, 1))).collect();
            (k as u64, voters?)
        }
        Gate::Weighted { quota, children, votes } => {
            let voters: Option<Vec<_>> =
                children.iter().zip(votes).map(|(child, votes)| Some((of_leaf(*child)?, *votes))).collect();
            (quota, voters?)
        }
    };
    let mut votes = vec![0u32; nodes];
    let mut total = 0u64;
    for (node, own) in voters {
        votes[node] += u32::try_from(own).ok().filter(|own| u64::from(*own) <= VOTES_MAX)?;
        total += own;
    }
    (quota == total / 2 + 1).then_some(votes)
}
