//! Kuo and Huang's Y: connected sets that touch all three sides of a triangular board.

use super::{FamilyError, FamilyInfo, Parameter, at_least_one, at_most, symmetric};
use crate::model::{Formula, FormulaBuilder, GateId, NodeId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "y",
    parameters: &[Parameter { key: "size", meaning: "rows k of the board; row i has i nodes" }],
    quorums: "a connected set of nodes that touches all three sides of a triangular board; a corner is on two sides",
    source: "Kuo and Huang, A geometric approach for constructing coteries and k-coteries, IEEE Trans. Parallel and \
             Distributed Systems 1997",
    example: "[system]\nfamily = \"y\"\nsize = 4\n",
};

/// The formula grows with the third power of the size.
const SIZE_MAX: u64 = 150;

/// Boards of majorities: a board holds when the board of the majorities of its small triangles does, which is one row smaller.
///
/// Cell (i, j) with j <= i has the neighbours (i, j - 1), (i, j + 1), (i - 1, j - 1), (i - 1, j), (i + 1, j) and (i + 1, j + 1); the
/// triangles are (i, j), (i + 1, j), (i + 1, j + 1). Majorities are their own dual, so that the system is.
///
/// # Source
/// Schensted and Titus, Mudcrack Y and Poly-Y, 1975 (the reduction of the game of Y).
pub(super) fn formulas(size: u64) -> Result<Pair<Formula>, FamilyError> {
    at_least_one("size", size)?;
    at_most("size", size, SIZE_MAX)?;
    let mut builder = FormulaBuilder::new();
    let mut first = 0;
    let mut board: Vec<Vec<GateId>> = Vec::new();
    for width in 1..=size as usize {
        board.push((first..first + width).map(|node| builder.leaf(NodeId::new(node))).collect());
        first += width;
    }
    while board.len() > 1 {
        let mut smaller = Vec::with_capacity(board.len() - 1);
        for rows in board.windows(2) {
            let triangle = |j: usize| [rows[0][j], rows[1][j], rows[1][j + 1]];
            let row = (0..rows[0].len()).map(|j| builder.threshold(2, &triangle(j)));
            smaller.push(row.collect::<Result<Vec<_>, _>>()?);
        }
        board = smaller;
    }
    Ok(symmetric(builder.finish(board[0][0])))
}
