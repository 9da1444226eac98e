//! Shapes made of lines, shared by grids, walls and bands.
//!
//! Each is a chain over the lines, so the formula is linear in the elements, and no line stands twice below one *and*.

use crate::model::{FormulaBuilder, FormulaError, GateId, NodeId};

/// A line of elements: the gate that asks for all of them, and the gate that asks for one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) full: GateId,
    pub(super) some: GateId,
}

impl Line {
    /// The line of these elements.
    pub(super) fn of(builder: &mut FormulaBuilder, elements: &[GateId]) -> Result<Line, FormulaError> {
        Ok(Line { full: builder.and(elements)?, some: builder.or(elements)? })
    }
}

pub(super) fn straight_lines(
    builder: &mut FormulaBuilder,
    count: u64,
    length: u64,
    node: impl Fn(u64, u64) -> u64,
) -> Result<Vec<Line>, FormulaError> {
    (0..count)
        .map(|i| {
            let elements: Vec<GateId> = (0..length).map(|j| builder.leaf(NodeId::new(node(i, j) as usize))).collect();
            Line::of(builder, &elements)
        })
        .collect()
}

/// One element of every line.
pub(super) fn one_of_each(builder: &mut FormulaBuilder, lines: &[Line]) -> Result<GateId, FormulaError> {
    let some: Vec<GateId> = lines.iter().map(|line| line.some).collect();
    builder.and(&some)
}

/// Any full line.
pub(super) fn any_full(builder: &mut FormulaBuilder, lines: &[Line]) -> Result<GateId, FormulaError> {
    let full: Vec<GateId> = lines.iter().map(|line| line.full).collect();
    builder.or(&full)
}

/// One full line, and one element of every line below it (Peleg and Wool's crumbling wall).
///
/// wall(i) = full(i) some(i+1) ... some(d)  or  wall(i + 1).
pub(super) fn wall(builder: &mut FormulaBuilder, lines: &[Line]) -> Result<GateId, FormulaError> {
    let (last, above) = lines.split_last().ok_or(FormulaError::Empty)?;
    let (mut wall, mut cover) = (last.full, last.some);
    for line in above.iter().rev() {
        let here = builder.and(&[line.full, cover])?;
        wall = builder.or(&[here, wall])?;
        cover = builder.and(&[line.some, cover])?;
    }
    Ok(wall)
}

/// One full line, and one element of every other line.
///
/// one(i) = full(i) some(i+1) ... some(d)  or  some(i) one(i + 1).
pub(super) fn one_full_others_covered(builder: &mut FormulaBuilder, lines: &[Line]) -> Result<GateId, FormulaError> {
    let (last, above) = lines.split_last().ok_or(FormulaError::Empty)?;
    let (mut one, mut cover) = (last.full, last.some);
    for line in above.iter().rev() {
        let here = builder.and(&[line.full, cover])?;
        let later = builder.and(&[line.some, one])?;
        one = builder.or(&[here, later])?;
        cover = builder.and(&[line.some, cover])?;
    }
    Ok(one)
}
