//! Peleg and Wool's crumbling walls: rows of any widths.

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, Pow, Zero};

use super::closed_forms::ratio;
use super::lines::{Line, wall};
use super::{ClosedForms, FamilyError, FamilyInfo, KindForms, Parameter, at_least, at_least_one, symmetric};
use crate::model::{Formula, FormulaBuilder, GateId, NodeId, Pair};

const SOURCE: &str = "Peleg and Wool, Crumbling walls: a class of practical and efficient quorum systems, \
                      Distributed Computing 1997";

const QUORUMS: &str = "one full row, and one node of every row below it";

pub(super) const WALL: FamilyInfo = FamilyInfo {
    name: "wall",
    parameters: &[Parameter { key: "widths", meaning: "nodes of each row, from top to bottom" }],
    quorums: QUORUMS,
    source: SOURCE,
    example: "[system]\nfamily = \"wall\"\nwidths = [1, 2, 3]\n",
};

pub(super) const TRIANGLE: FamilyInfo = FamilyInfo {
    name: "triangle",
    parameters: &[Parameter { key: "rows", meaning: "number of rows; row i has i nodes" }],
    quorums: QUORUMS,
    source: "Lovasz, Coverings and colorings of hypergraphs, 1973; Peleg and Wool, Crumbling walls, 1997",
    example: "[system]\nfamily = \"triangle\"\nrows = 4\n",
};

pub(super) const CWLOG: FamilyInfo = FamilyInfo {
    name: "cwlog",
    parameters: &[Parameter { key: "rows", meaning: "number of rows; row i has floor(log2 2i) nodes" }],
    quorums: QUORUMS,
    source: "Peleg and Wool, The availability of crumbling wall quorum systems, Discrete Applied Mathematics 1997",
    example: "[system]\nfamily = \"cwlog\"\nrows = 5\n",
};

pub(super) const WHEEL: FamilyInfo = FamilyInfo {
    name: "wheel",
    parameters: &[Parameter { key: "n", meaning: "number of nodes, 3 or more; the first is the hub" }],
    quorums: "the hub and any other node, or all the others: the wall of widths 1 and n - 1",
    source: "Holzman, Marcus and Peleg, Load balancing in quorum systems, SIAM J. Discrete Math. 1997",
    example: "[system]\nfamily = \"wheel\"\nn = 6\n",
};

/// The rows of a wheel.
pub(super) fn wheel(n: u64) -> Result<Vec<u64>, FamilyError> {
    at_least("n", n, 3)?;
    Ok(vec![1, n - 1])
}

/// The rows of a triangle.
pub(super) fn triangle(rows: u64) -> Result<Vec<u64>, FamilyError> {
    at_least_one("rows", rows)?;
    Ok((1..=rows).collect())
}

/// The rows of Peleg and Wool's CWlog.
pub(super) fn cwlog(rows: u64) -> Result<Vec<u64>, FamilyError> {
    at_least_one("rows", rows)?;
    Ok((1..=rows).map(|row| u64::from(row.ilog2()) + 1).collect())
}

/// Nodes of a triangle: k (k + 1) / 2; saturates.
pub(super) fn triangle_nodes(rows: u64) -> u64 {
    saturate(u128::from(rows) * (u128::from(rows) + 1) / 2)
}

/// Nodes of a CWlog: k + (k + 1) floor(log2 k) - 2^(floor(log2 k) + 1) + 2; saturates.
pub(super) fn cwlog_nodes(rows: u64) -> u64 {
    let Some(log) = rows.checked_ilog2() else { return 0 };
    let logs = (u128::from(rows) + 1) * u128::from(log) + 2 - (1u128 << (log + 1));
    saturate(u128::from(rows) + logs)
}

fn saturate(nodes: u128) -> u64 {
    u64::try_from(nodes).unwrap_or(u64::MAX)
}

/// Nodes are numbered row by row from the top.
pub(super) fn formulas(widths: &[u64]) -> Result<Pair<Formula>, FamilyError> {
    if widths.is_empty() {
        return Err(FamilyError::Zero { parameter: "widths" });
    }
    widths.iter().try_for_each(|width| at_least_one("widths", *width))?;
    let mut builder = FormulaBuilder::new();
    let mut lines = Vec::with_capacity(widths.len());
    let mut first = 0;
    for width in widths {
        let row: Vec<GateId> = (first..first + width).map(|node| builder.leaf(NodeId::new(node as usize))).collect();
        lines.push(Line::of(&mut builder, &row)?);
        first += width;
    }
    let root = wall(&mut builder, &lines)?;
    Ok(symmetric(builder.finish(root)))
}

/// Over d rows of widths w: sum over i of the product of w_j over j > i quorums, of w_i + d - i nodes; smallest transversal min(d,
/// min(w_i + d - i)); F by the lowest full row with no empty row below, A_i = q^w_i + (1 - q^w_i - p^w_i) A_(i-1).
///
/// The load is 1 / U_d, where U_0 = 0 and U_i = min(1 + U_(i-1) (1 - 1/w_i), min over j > i of w_j): if row k is the full one with
/// probability x_k, and X_i = x_1 + ... + x_i, then by symmetry a node of row i has load x_i + X_(i-1)/w_i, and X_i = L U_i is as
/// much as loads of L allow. Rows above a row of one node add nothing, and are left out first.
///
/// # Source
/// Peleg and Wool 1997 (counts, sizes, availability); the load is derived here.
pub(super) fn closed_forms(widths: &[u64]) -> ClosedForms {
    let forms = || {
        let above = widths.iter().rposition(|width| *width == 1).unwrap_or(0);
        let rows = widths[above..].to_vec();
        let depth = rows.len();
        let size = |i: usize| rows[i] + (depth - 1 - i) as u64;
        let sizes = || (0..depth).map(size);
        let (smallest, largest) = (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0));
        KindForms {
            count: count(&rows),
            smallest,
            largest,
            transversal: smallest.min(depth as u64),
            load: load(&rows),
            failure_probability: Box::new(move |p| failure_probability(&rows, p)),
        }
    };
    Pair { reads: forms(), writes: forms() }
}

fn count(rows: &[u64]) -> BigUint {
    let mut below = BigUint::one();
    let mut count = BigUint::zero();
    for width in rows.iter().rev() {
        count += &below;
        below *= *width;
    }
    count
}

fn load(rows: &[u64]) -> BigRational {
    let mut used = BigRational::zero();
    for (i, width) in rows.iter().enumerate() {
        let reached = BigRational::one() + &used * (BigRational::one() - ratio(1, *width));
        let narrowest = rows[i + 1..].iter().min().map(|width| ratio(*width, 1));
        used = narrowest.map_or(reached.clone(), |narrowest| reached.min(narrowest));
    }
    Pow::pow(used, -1)
}

fn failure_probability(rows: &[u64], p: f64) -> f64 {
    let available = |above: f64, width: &u64| {
        let (full, empty) = ((1.0 - p).powf(*width as f64), p.powf(*width as f64));
        full + (1.0 - full - empty) * above
    };
    1.0 - rows.iter().fold(0.0, available)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NODES_MAX;

    #[test]
    fn node_counts_are_the_sums_of_the_rows() {
        for rows in 1..70 {
            assert_eq!(triangle_nodes(rows), triangle(rows).unwrap().iter().sum::<u64>());
            assert_eq!(cwlog_nodes(rows), cwlog(rows).unwrap().iter().sum::<u64>(), "{rows}");
        }
        assert!(triangle_nodes(u64::MAX) > NODES_MAX as u64 && cwlog_nodes(u64::MAX) > NODES_MAX as u64);
        assert_eq!(cwlog_nodes(0), 0);
    }
}
