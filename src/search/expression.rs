//! Words of the language of definitions.

use crate::model::{Formula, Gate, GateId, Node};

/// A node's name in an expression: as it is where it cannot be mistaken for anything else, between quotes elsewhere.
pub(super) fn name(name: &str) -> String {
    const FUNCTIONS: [&str; 3] = ["choose", "majority", "weighted"];
    let mut characters = name.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let plain = starts && characters.all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '.' | '-' | ':'));
    if plain && !FUNCTIONS.contains(&name) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A gate of votes.
pub(super) fn weighted<'a>(quota: u64, votes: impl Iterator<Item = (&'a str, u64)>) -> String {
    let voters: Vec<String> = votes.map(|(node, votes)| format!("{}={votes}", name(node))).collect();
    format!("weighted({quota}, {})", voters.join(", "))
}

/// Quorums one by one.
pub(super) fn sets<'a>(quorums: impl Iterator<Item = Vec<&'a str>>) -> String {
    let all = |quorum: Vec<&str>| quorum.into_iter().map(name).collect::<Vec<_>>().join("*");
    quorums.map(all).collect::<Vec<_>>().join(" + ")
}

/// Votes of parts, written out as the smallest coalitions that have enough of them; `None` for many parts.
fn coalitions(quota: u64, votes: &[u64], parts: &[&(String, bool)]) -> Option<String> {
    if parts.len() > COALITION_PARTS_MAX {
        return None;
    }
    let of = |set: u32| (0..parts.len()).filter(move |part| set >> part & 1 == 1);
    let sum = |set: u32| of(set).map(|part| votes[part]).sum::<u64>();
    let smallest = |set: &u32| sum(*set) >= quota && of(*set).all(|part| sum(*set) - votes[part] < quota);
    let wrapped = |part: usize| match parts[part] {
        (text, true) => format!("({text})"),
        (text, false) => text.clone(),
    };
    let all = (0..1u32 << parts.len()).filter(smallest);
    Some(all.map(|set| of(set).map(wrapped).collect::<Vec<_>>().join("*")).collect::<Vec<_>>().join(" + "))
}

/// Parts of a vote that are more than nodes.
const COALITION_PARTS_MAX: usize = 10;
/// Bytes of an expression: what fits into a definition, which has two of them.
const TEXT_MAX: usize = 2 * 1024 * 1024;

/// A formula in the language of definitions, its shared parts written out wherever they stand; `None` when that is too
/// long, or when many parts that are no nodes have votes.
pub(crate) fn formula(formula: &Formula, nodes: &[Node]) -> Option<String> {
    let mut texts: Vec<(String, bool)> = Vec::with_capacity(formula.gate_count());
    let mut written = 0;
    for (_, gate) in formula.gates() {
        let (text, either) = match gate {
            Gate::Leaf(node) => (name(&nodes[node.index()].name), false),
            Gate::Threshold { k, children } => {
                let parts = || children.iter().map(|child| texts[child.index()].0.as_str());
                if k == 1 {
                    (parts().collect::<Vec<_>>().join(" + "), true)
                } else if k == children.len() {
                    let part = |child: &GateId| match &texts[child.index()] {
                        (text, true) => format!("({text})"),
                        (text, false) => text.clone(),
                    };
                    (children.iter().map(part).collect::<Vec<_>>().join("*"), false)
                } else {
                    (format!("choose({k}, {})", parts().collect::<Vec<_>>().join(", ")), false)
                }
            }
            Gate::Weighted { quota, children, votes } => {
                let node = |child: &GateId| match formula.gate(*child) {
                    Gate::Leaf(node) => Some(nodes[node.index()].name.as_str()),
                    _ => None,
                };
                match children.iter().map(node).collect::<Option<Vec<_>>>() {
                    Some(voters) => (weighted(quota, voters.into_iter().zip(votes.iter().copied())), false),
                    None => {
                        let parts: Vec<&(String, bool)> = children.iter().map(|child| &texts[child.index()]).collect();
                        (coalitions(quota, votes, &parts)?, true)
                    }
                }
            }
        };
        written += text.len();
        if written > TEXT_MAX {
            return None;
        }
        texts.push((text, either));
    }
    texts.pop().map(|(text, _)| text)
}
