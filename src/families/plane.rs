//! Lines of a finite projective plane: all quorums of one size, every two with exactly one common node.
//!
//! Of the q^2 + q + 1 nodes every one is in q + 1 quorums of q + 1 nodes, so that the load is (q + 1)/(q^2 + q + 1), the least that is
//! possible, and a smallest transversal has q + 1 nodes, for no smaller set is in enough quorums.

use super::custom::from_sets;
use super::field::Field;
use super::{FamilyError, FamilyInfo, Parameter, at_most, symmetric};
use crate::model::{Formula, NodeId, NodeSet, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "fpp",
    parameters: &[Parameter {
        key: "order",
        meaning: "order q of the plane, a power of a prime; it has q^2 + q + 1 nodes",
    }],
    quorums: "the q + 1 points of a line of the projective plane over the field of q elements",
    source: "Maekawa, A sqrt(N) algorithm for mutual exclusion in decentralized systems, ACM TOCS 1985",
    example: "[system]\nfamily = \"fpp\"\norder = 2\n",
};

/// Planes up to this order have formulas that the analyses can list.
const ORDER_MAX: u64 = 131;

/// Nodes: q^2 + q + 1; saturates.
pub(super) fn node_count(order: u64) -> u64 {
    order.saturating_mul(order).saturating_add(order).saturating_add(1)
}

/// Points are triples over the field whose first entry that is not zero is one, in lexicographic order; a triple a stands for the
/// line of the points x with a x = 0.
pub(super) fn formulas(order: u64) -> Result<Pair<Formula>, FamilyError> {
    at_most("order", order, ORDER_MAX)?;
    let field = Field::new(order as usize).ok_or(FamilyError::NoPlane { order })?;
    let lines: Vec<NodeSet> = triples(order as usize).map(|line| points(&field, line)).collect();
    Ok(symmetric(from_sets(&lines)?))
}

/// All points, or lines: (0, 0, 1), then (0, 1, z), then (1, y, z).
fn triples(order: usize) -> impl Iterator<Item = [usize; 3]> {
    let plane = (0..order).flat_map(move |y| (0..order).map(move |z| [1, y, z]));
    std::iter::once([0, 0, 1]).chain((0..order).map(|z| [0, 1, z])).chain(plane)
}

/// The points x with a x = 0, by solving for the last coordinate that matters.
fn points(field: &Field, [a, b, c]: [usize; 3]) -> NodeSet {
    let q = field.order();
    let affine = |y: usize, z: usize| NodeId::new(1 + q + y * q + z);
    let at_infinity = |z: usize| NodeId::new(1 + z);
    // The solution of value + factor x = 0.
    let solve = |value: usize, factor: usize| field.times(field.minus(value), field.inverse(factor));
    let mut line = NodeSet::new();
    match (b, c) {
        (0, 0) => {
            line.insert(NodeId::new(0));
            line.extend((0..q).map(at_infinity));
        }
        (b, 0) => {
            line.insert(NodeId::new(0));
            line.extend((0..q).map(|z| affine(solve(a, b), z)));
        }
        (b, c) => {
            line.insert(at_infinity(solve(b, c)));
            line.extend((0..q).map(|y| affine(y, solve(field.plus(a, field.times(b, y)), c))));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_have_one_line_and_two_lines_one_point() {
        for order in [2, 3, 4, 5, 7, 8, 9, 11, 16] {
            let field = Field::new(order).unwrap();
            let lines: Vec<NodeSet> = triples(order).map(|line| points(&field, line)).collect();
            assert_eq!(lines.len() as u64, node_count(order as u64));
            assert!(lines.iter().all(|line| line.len() == order + 1), "{order}");
            for (i, line) in lines.iter().enumerate() {
                assert!(lines[..i].iter().all(|other| line.overlap(other) == 1), "{order}: line {i}");
            }
        }
    }

    #[test]
    fn orders_that_are_no_power_of_a_prime_are_refused() {
        for order in [0, 1, 6, 10, 12, 14, 15, 18, 20, 100] {
            assert_eq!(formulas(order), Err(FamilyError::NoPlane { order }));
        }
        assert!(matches!(formulas(ORDER_MAX + 1), Err(FamilyError::Above { .. })));
    }
}
