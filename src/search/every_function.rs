//! Every monotone function of a few nodes: the whole of what a quorum system can be.

use super::candidate::Candidate;
use super::node_classes::NodeClasses;
use super::truth_table::Table;

/// Nodes up to which there are not too many: 1, 4, 18, 166 and 7,579 functions.
pub(super) const NODES_MAX: usize = 5;

/// Bit x of a function says whether the live nodes x contain a quorum.
type Function = u32;

/// Every monotone function that is not constant, once up to exchanging equal nodes.
pub(super) fn candidates(classes: &NodeClasses, nodes: usize) -> impl Iterator<Item = Candidate> {
    let exchanges = exchanges(classes, nodes);
    let is_first = move |function: &Function| {
        exchanges.iter().all(|moved| {
            let exchanged = moved.iter().enumerate().filter(|(set, _)| function >> set & 1 == 1);
            exchanged.fold(0, |sets: Function, (_, to)| sets | 1 << to) >= *function
        })
    };
    let quorums = move |function: Function| Table::from_fn(nodes, |set| function >> set & 1 == 1).minimal();
    functions(nodes).into_iter().filter(is_first).map(move |function| Candidate::Listed(quorums(function)))
}

/// A monotone function of k + 1 nodes is a pair of functions of k nodes, without and with the last node, of which the first
/// implies the second.
fn functions(nodes: usize) -> Vec<Function> {
    let mut functions: Vec<Function> = vec![0, 1];
    for node in 0..nodes {
        let pairs = functions.iter().flat_map(|without| functions.iter().map(move |with| (without, with)));
        functions = pairs
            .filter(|(without, with)| *without & !*with == 0)
            .map(|(low, high)| low | high << (1 << node))
            .collect();
    }
    functions.retain(|function| *function & 1 == 0 && *function != 0);
    functions
}

/// Where each set of nodes goes to, for every way to exchange equal nodes but the one that leaves all where they are.
fn exchanges(classes: &NodeClasses, nodes: usize) -> Vec<Vec<usize>> {
    let mut orders: Vec<Vec<usize>> = vec![Vec::new()];
    let class = |node: usize| classes.members().iter().position(|class| class.iter().any(|own| own.index() == node));
    for node in 0..nodes {
        let longer = |order: Vec<usize>| {
            let free: Vec<usize> =
                (0..nodes).filter(|other| class(*other) == class(node) && !order.contains(other)).collect();
            free.into_iter().map(move |other| [order.as_slice(), &[other]].concat())
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    orders.retain(|order| !order.is_sorted());
    let moved = |order: &Vec<usize>, set: usize| {
        (0..nodes).filter(|node| set >> node & 1 == 1).fold(0, |moved, node| moved | 1 << order[node])
    };
    orders.iter().map(|order| (0..1 << nodes).map(|set| moved(order, set)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Capacity, Node};

    #[test]
    fn functions_are_as_many_as_dedekind_counted() {
        // Monotone functions of n labelled variables less the two constants, and up to permutation.
        let count = |nodes: usize, different: bool| {
            let capacity = |index: usize| Capacity::new(if different { 1.0 + index as f64 } else { 1.0 }).unwrap();
            let node = |index: usize| Node { read_capacity: capacity(index), ..Node::new(format!("n{index}")) };
            candidates(&NodeClasses::of(&(0..nodes).map(node).collect::<Vec<_>>()), nodes).count()
        };
        assert_eq!([1, 2, 3, 4, 5].map(|nodes| count(nodes, true)), [1, 4, 18, 166, 7_579]);
        assert_eq!([1, 2, 3, 4, 5].map(|nodes| count(nodes, false)), [1, 3, 8, 28, 208]);
    }
}
