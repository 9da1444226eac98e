//! Which nodes trust each other, by way of others or at once?
//!
//! A smallest side lies within one of these components: of the nodes of a side, those that trust nobody else of it go on by themselves.

use super::trust::Trust;
use crate::model::{NodeId, NodeSet};

/// Nodes that trust each other by way of others, or one that nobody trusts who is trusted by it.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) nodes: NodeSet,
    /// Another node just like its only one: with the same quorum set, and neither of them named by any.
    pub(super) twin: Option<NodeId>,
}

/// The components of the nodes whose quorum sets are known, large ones first; of those that are alike, one.
pub(super) fn components(trust: &Trust) -> Vec<Component> {
    let named = trust.named();
    let mut first: Vec<Option<usize>> = vec![None; trust.classes.len()];
    let mut found: Vec<Component> = Vec::new();
    for nodes in strongly_connected(trust) {
        let unnamed = nodes.iter().next().filter(|node| nodes.len() == 1 && !named.contains(*node));
        if let Some((node, class)) = unnamed.and_then(|node| Some((node, trust.class[node.index()]?))) {
            if let Some(like) = first[class] {
                found[like].twin = Some(node);
                continue;
            }
            first[class] = Some(found.len());
        }
        found.push(Component { nodes, twin: None });
    }
    found.sort_by_key(|component| (usize::MAX - component.nodes.len(), component.nodes.iter().next()));
    found
}

/// Where the walk is with a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the way, found as the so-many-th.
    Open(usize),
    Done,
}

/// The strongly connected components of who trusts whom (Tarjan), with a stack of its own.
fn strongly_connected(trust: &Trust) -> Vec<NodeSet> {
    let nodes = trust.class.len();
    let named: Vec<Vec<usize>> =
        trust.classes.iter().map(|set| set.support().iter().map(NodeId::index).collect()).collect();
    let next = |node: usize, at: usize| -> Option<usize> {
        named[trust.class[node]?][at..].iter().position(|other| trust.class[*other].is_some()).map(|skip| at + skip)
    };
    let mut state = vec![State::New; nodes];
    let mut lowest = vec![0; nodes];
    let (mut count, mut open, mut found) = (0, Vec::new(), Vec::new());
    for root in (0..nodes).filter(|node| trust.class[*node].is_some()) {
        if state[root] != State::New {
            continue;
        }
        let mut way = vec![(root, 0)];
        while let Some((node, at)) = way.pop() {
            if state[node] == State::New {
                (state[node], lowest[node]) = (State::Open(count), count);
                count += 1;
                open.push(node);
            }
            if let Some(at) = next(node, at) {
                let other = trust.class[node].map_or(node, |class| named[class][at]);
                match state[other] {
                    // It is looked at again when it is done, for what it reaches.
                    State::New => way.extend([(node, at), (other, 0)]),
                    State::Open(_) => {
                        lowest[node] = lowest[node].min(lowest[other]);
                        way.push((node, at + 1));
                    }
                    State::Done => way.push((node, at + 1)),
                }
                continue;
            }
            if state[node] == State::Open(lowest[node]) {
                let begin = open.iter().rposition(|other| *other == node).unwrap_or(0);
                let members = open.split_off(begin);
                members.iter().for_each(|member| state[*member] = State::Done);
                found.push(members.into_iter().map(NodeId::new).collect());
            }
        }
    }
    found
}
