//! On how many nodes and zones is an acknowledged write?

use super::places::{place_of_nodes, places};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{About, Formula, FormulaBuilder, Kind, Node, NodeId, NodeSet, Pair, System};
use crate::structure::resilience::resilience;

/// The fewest nodes and the fewest zones that hold an acknowledged write: two minima, each over all write quorums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Durability {
    /// Nodes of the smallest write quorum; absent when the budget ended, and where there is none.
    pub nodes: Option<usize>,
    /// Fewest zones that a write quorum fits into, of which a node outside of all counts as one; absent without zones too.
    pub zones: Option<usize>,
    /// A write quorum with so few nodes.
    pub write: Option<NodeSet>,
}

/// How many places hold an acknowledged write at least.
///
/// # Method
/// A smallest quorum is a smallest transversal of the dual; of zones, that of the formula in which each node is its zone.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::operations::durability;
/// let text = "name = 'x'\nzone = [{ name = 'a', nodes = ['n1', 'n2'] }, { name = 'b', nodes = ['n3', 'n4'] }]\n\
///     [system]\nfamily = 'majority'\nn = 5\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let answer = durability(&Compiled::new(&system, Budget::default()));
/// assert_eq!((answer.nodes, answer.zones), (Some(3), Some(2)));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn durability(compiled: &Compiled<'_>) -> Durability {
    let system = compiled.system();
    if !system.has_quorum(Kind::Write) {
        return Durability { nodes: None, zones: None, write: None };
    }
    let write = smallest_quorum(compiled.dual(Kind::Write).clone(), system.nodes().len(), *compiled.budget());
    let nodes = write.as_ref().map(NodeSet::len);
    Durability { nodes, zones: zones(system, *compiled.budget()), write }
}

fn zones(system: &System, budget: Budget) -> Option<usize> {
    let places = places(system);
    if places.is_empty() {
        return None;
    }
    let mut more = places.len();
    let variable: Vec<usize> = place_of_nodes(system, &places)
        .into_iter()
        .map(|place| {
            place.unwrap_or_else(|| {
                more += 1;
                more - 1
            })
        })
        .collect();
    let mut builder = FormulaBuilder::new();
    let root =
        builder.import(system.formula(Kind::Write), |builder, node| builder.leaf(NodeId::new(variable[node.index()])));
    let dual = merged(&builder.finish(root)).dual();
    smallest_quorum(dual, more, budget).map(|zones| zones.len())
}

/// The same formula, in which children of a gate that are the same put their votes together.
fn merged(formula: &Formula) -> Formula {
    use crate::model::{Gate, GateId};
    use std::collections::BTreeMap;
    let mut builder = FormulaBuilder::new();
    let mut copy: Vec<GateId> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let mut voters: BTreeMap<GateId, u64> = BTreeMap::new();
        let (quota, each): (u64, Vec<(GateId, u64)>) = match gate {
            Gate::Leaf(node) => {
                copy.push(builder.leaf(node));
                continue;
            }
            Gate::Threshold { k, children } => (k as u64, children.iter().map(|child| (*child, 1)).collect()),
            Gate::Weighted { quota, children, votes } => {
                (quota, children.iter().copied().zip(votes.iter().copied()).collect())
            }
        };
        for (child, votes) in each {
            *voters.entry(copy[child.index()]).or_default() += votes;
        }
        let voters: Vec<(GateId, u64)> = voters.into_iter().collect();
        copy.push(builder.weighted(quota, &voters).expect("the votes of a gate that there is"));
    }
    builder.finish(copy[formula.root().index()])
}

/// The smallest quorum of the dual of this formula.
fn smallest_quorum(dual: Formula, variables: usize, budget: Budget) -> Option<NodeSet> {
    let nodes = (0..variables).map(|variable| Node::new(format!("v{variable}"))).collect();
    let pair = Pair { reads: dual.clone(), writes: dual };
    let system = System::new(About::default(), nodes, pair).ok()?;
    let found = resilience(&Compiled::new(&system, budget), Kind::Read);
    found.transversal.filter(|_| found.exhausted.is_none())
}
