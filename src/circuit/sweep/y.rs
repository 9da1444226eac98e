//! The sweep over the Y board: the parts of live cells on the frontier, and which sides each has touched.

use super::{Packed, SLOTS, Sweep, permutation};
use crate::model::NodeId;

/// The largest board of which the cells of one row, and one of the row above, fit into a frontier.
pub(super) const SIZE_MAX: usize = SLOTS - 1;

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const BOTTOM: u8 = 4;
const ALL: u8 = LEFT | RIGHT | BOTTOM;

/// The board of a size, cell by cell.
#[derive(Debug)]
pub(super) struct Board {
    size: usize,
    cells: Vec<(usize, usize)>,
}

/// When cell (i, j) is asked, slot s < j is cell (i, s) and slot s >= j is cell (i - 1, s - 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Parts {
    /// The part of each slot, numbered from 1 on from left to right; 0 is dead.
    part: Packed,
    /// The sides that each part has touched.
    sides: Packed,
}

impl Board {
    pub(super) fn new(size: usize) -> Self {
        Board { size, cells: (0..size).flat_map(|i| (0..=i).map(move |j| (i, j))).collect() }
    }
}

/// The six ways in which a triangle fits itself: cell (i, j) is (j, i - j, k - 1 - i) steps away from the left, the right and the
/// bottom side, and the sides can be permuted.
pub(super) fn symmetries(size: usize) -> Vec<Vec<NodeId>> {
    const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let away = |(i, j): (usize, usize)| [j, i - j, size - 1 - i];
    let cells = Board::new(size).cells.into_iter().map(away).collect::<Vec<_>>();
    ORDERS.iter().map(|order| permutation(&cells, |cell: [usize; 3]| order.map(|side| cell[side]))).collect()
}

impl Sweep for Board {
    type State = Parts;

    fn nodes(&self) -> usize {
        self.cells.len()
    }

    fn start(&self) -> Parts {
        Parts { part: Packed(0), sides: Packed(0) }
    }

    fn step(&self, position: usize, state: Parts, live: bool) -> Result<Parts, bool> {
        let (i, j) = self.cells[position];
        let (mut part, mut sides) = (state.part.slots(), state.sides.slots());
        let mut here = 0;
        if live {
            // Slots j and j + 1 are the cells (i - 1, j - 1) and (i - 1, j); outside of the board they are empty.
            let around = [part[j], part[j + 1], if j > 0 { part[j - 1] } else { 0 }];
            here = around.into_iter().find(|other| *other != 0).unwrap_or_else(|| free(&sides, &part));
            let on = |side: u8, is_on: bool| if is_on { side } else { 0 };
            sides[here as usize] |= on(LEFT, j == 0) | on(RIGHT, j == i) | on(BOTTOM, i + 1 == self.size);
            for other in around.into_iter().filter(|other| *other != 0 && *other != here) {
                sides[here as usize] |= sides[other as usize];
                part.iter_mut().filter(|part| **part == other).for_each(|part| *part = here);
            }
            if sides[here as usize] == ALL {
                return Err(true);
            }
        }
        if position + 1 == self.cells.len() {
            return Err(false);
        }
        part[j] = here;
        if j == i {
            // The row is complete: it becomes the row above.
            part.rotate_right(1);
            part[0] = 0;
        }
        Ok(renumbered(part, sides))
    }
}

/// A number that no part has.
fn free(sides: &[u8; SLOTS], part: &[u8; SLOTS]) -> u8 {
    (1..SLOTS as u8).find(|number| sides[*number as usize] == 0 && !part.contains(number)).unwrap_or(0)
}

fn renumbered(part: [u8; SLOTS], sides: [u8; SLOTS]) -> Parts {
    let mut number_of = [0u8; SLOTS];
    let mut next = 0;
    let (mut parts, mut sides_of) = ([0; SLOTS], [0; SLOTS]);
    for (slot, old) in part.into_iter().enumerate().filter(|(_, old)| *old != 0) {
        let number = &mut number_of[old as usize];
        if *number == 0 {
            next += 1;
            *number = next;
            sides_of[next as usize] = sides[old as usize];
        }
        parts[slot] = *number;
    }
    Parts { part: Packed::new(&parts), sides: Packed::new(&sides_of) }
}
