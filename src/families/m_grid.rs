//! Grids whose quorums share so many nodes that b that lie are outvoted: full rows with full columns.

use super::lines::{Line, straight_lines};
use super::{FamilyError, FamilyInfo, Parameter, at_least_one, at_most, symmetric};
use crate::model::{Formula, FormulaBuilder, GateId, Pair};

const PARAMETERS: &[Parameter] = &[
    Parameter { key: "side", meaning: "rows, and columns; nodes are numbered row by row" },
    Parameter { key: "b", meaning: "nodes that may lie; 2b + 1 at most `side`" },
];

pub(super) const M_GRID: FamilyInfo = FamilyInfo {
    name: "m-grid",
    parameters: PARAMETERS,
    quorums: "r full rows and r full columns of a square, r the least with r r >= b + 1: two quorums share 2b + 1 nodes or more",
    source: "Malkhi, Reiter and Wool, The load and availability of Byzantine quorum systems, SIAM J. Computing 2000",
    example: "[system]\nfamily = \"m-grid\"\nside = 4\nb = 1\n",
};

pub(super) const MASKING_GRID: FamilyInfo = FamilyInfo {
    name: "masking-grid",
    parameters: PARAMETERS,
    quorums: "one full column and b + 1 full rows of a square: two quorums share 2b + 1 nodes or more",
    source: "Malkhi and Reiter, Byzantine quorum systems, Distributed Computing 1998",
    example: "[system]\nfamily = \"masking-grid\"\nside = 4\nb = 1\n",
};

/// r full rows and r full columns.
pub(super) fn m_grid(side: u64, b: u64) -> Result<Pair<Formula>, FamilyError> {
    check(side, b)?;
    let lines = b.isqrt() + 1;
    // isqrt rounds down, so that (isqrt(b) + 1)^2 is above b; it is the least such square.
    full_lines(side, lines, lines)
}

/// b + 1 full rows and one full column.
pub(super) fn masking_grid(side: u64, b: u64) -> Result<Pair<Formula>, FamilyError> {
    check(side, b)?;
    full_lines(side, b + 1, 1)
}

fn check(side: u64, b: u64) -> Result<(), FamilyError> {
    at_least_one("side", side)?;
    at_most("b", b, (side - 1) / 2)
}

fn full_lines(side: u64, rows: u64, cols: u64) -> Result<Pair<Formula>, FamilyError> {
    let mut builder = FormulaBuilder::new();
    let full = |lines: Vec<Line>| -> Vec<GateId> { lines.iter().map(|line| line.full).collect() };
    let all_rows = full(straight_lines(&mut builder, side, side, |row, col| row * side + col)?);
    let all_cols = full(straight_lines(&mut builder, side, side, |col, row| row * side + col)?);
    let both = [builder.threshold(rows, &all_rows)?, builder.threshold(cols, &all_cols)?];
    let root = builder.and(&both)?;
    Ok(symmetric(builder.finish(root)))
}
