//! Which nodes of a component go on when some lie, as a function?

use super::trust::Trust;
use crate::budget::Exhausted;
use crate::circuit::{Diagram, Ref};
use crate::model::{NodeId, NodeSet};

/// Who of a component is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// All that do not lie.
    Whole,
    /// Those of the first side alone.
    FirstSide,
}

/// The variable that says that a node lies.
pub(super) fn faulty(node: NodeId) -> NodeId {
    NodeId::new(2 * node.index())
}

/// The variable that says on which side a node is that does not lie.
pub(super) fn first_side(node: NodeId) -> NodeId {
    NodeId::new(2 * node.index() + 1)
}

pub(super) fn is_faulty(variable: NodeId) -> bool {
    variable.index().is_multiple_of(2)
}

pub(super) fn node_of(variable: NodeId) -> NodeId {
    NodeId::new(variable.index() / 2)
}

/// The function that holds when some node of a component that does not lie goes on, with those that lie and nobody else of other
/// components.
///
/// # Method
/// The greatest fixed point: each quorum set holds at first, and then as far as its members do.
///
/// # Errors
/// [`Exhausted`] when the diagram becomes too large.
pub(super) fn goes_on(trust: &Trust, nodes: &NodeSet, place: Place, store: &mut Diagram) -> Result<Ref, Exhausted> {
    let mut classes: Vec<usize> = nodes.iter().filter_map(|node| trust.class[node.index()]).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut holds = vec![Ref::TRUE; trust.classes.len()];
    let is_there = |store: &mut Diagram, node: NodeId| match place {
        Place::Whole => Ok(Ref::TRUE),
        Place::FirstSide => store.variable(first_side(node)),
    };
    loop {
        let mut is_settled = true;
        for class in classes.iter().copied() {
            let next = store.compile_over(&trust.classes[class], |store, node| {
                let lies = store.variable(faulty(node))?;
                let Some(own) = trust.class[node.index()].filter(|_| nodes.contains(node)) else { return Ok(lies) };
                let there = is_there(store, node)?;
                let well = store.and(there, holds[own])?;
                store.or(lies, well)
            })?;
            is_settled &= next == holds[class];
            holds[class] = next;
        }
        if is_settled {
            break;
        }
    }
    let mut some = Ref::FALSE;
    for node in nodes.iter() {
        let Some(class) = trust.class[node.index()] else { continue };
        let there = is_there(store, node)?;
        let lies = store.variable(faulty(node))?;
        let honest = store.and_not(there, lies)?;
        let well = store.and(honest, holds[class])?;
        some = store.or(some, well)?;
    }
    Ok(some)
}
