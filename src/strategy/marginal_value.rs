//! What one more unit of capacity is worth, and where.

use super::optimum::Optimum;
use super::program::flow::drawn_use;
use crate::model::{Kind, Pair, System};

/// By how much the objective falls when a node can serve one more operation a second, for each node and kind.
///
/// The node weights y that prove the optimum price a use of node i for a read at y f / c, with its read capacity c; used with
/// probability x, it costs x y f / c, so that one more unit of c saves x y f / c^2. That is the derivative of the optimum where
/// it has one, and between the derivatives to both sides elsewhere.
///
/// `None` when the strategy is not listed, or capacity plays no part in the optimum.
///
/// # Units
/// Of the objective per operation a second.
///
/// # Complexity
/// Linear in the strategy.
///
/// # Source
/// Milgrom and Segal, Envelope theorems for arbitrary choice sets, 2002.
///
/// # Examples
/// ```
/// use quorate::strategy::{optimise, worth};
/// use quorate::budget::Budget;
/// use quorate::families::Family;
/// let system = Family::Singleton { n: 2, node: 1 }.system()?;
/// let best = optimise(&system, system.workload(), Default::default(), &Default::default(), Budget::default())
///     .expect("a node is a quorum");
/// // The load is f / r + (1 - f) / w with f = 1/2: one more unit of either capacity saves 1/2, of those of the other node 0.
/// let worth = worth(&system, &best).expect("a load");
/// assert_eq!((worth[0].reads, worth[1].reads, worth[1].writes), (0.0, 0.5, 0.5));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn worth(system: &System, optimum: &Optimum) -> Option<Vec<Pair<f64>>> {
    let strategy = optimum.strategy.as_ref().filter(|_| !optimum.node_weight.is_empty())?;
    let nodes = system.nodes();
    let used = strategy.as_ref().map(|choices| drawn_use(choices, nodes.len()));
    let of = |index: usize, kind: Kind| -> f64 {
        let node = &nodes[index];
        let capacity = if kind == Kind::Read { node.read_capacity } else { node.write_capacity };
        let shares = optimum.workload.shares().iter().zip(&optimum.node_weight);
        let weight: f64 = shares
            .map(|(share, weights)| {
                let reads = share.read_fraction.get();
                weights[index] * if kind == Kind::Read { reads } else { 1.0 - reads }
            })
            .sum();
        used.of(kind)[index] * weight / capacity.get() / capacity.get()
    };
    Some((0..nodes.len()).map(|index| Pair { reads: of(index, Kind::Read), writes: of(index, Kind::Write) }).collect())
}
