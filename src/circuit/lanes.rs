//! Sixty-four evaluations of a formula at once, one in each bit of a word.

use crate::model::{Formula, Gate, GateId};

/// Evaluations in one word.
pub const LANES: usize = 64;

/// A formula ready to be evaluated in 64 lanes, with the space that it needs.
///
/// Thresholds add their children into bit-sliced counters: plane b holds bit b of the count of every lane.
///
/// # Examples
/// ```
/// use quorate::circuit::Lanes;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 3 }.formulas()?.reads;
/// // Lane 0: nodes 1 and 2 are live; lane 1: only node 3 is.
/// assert_eq!(Lanes::new(&majority).holds(&[0b01, 0b01, 0b10]), 0b01);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lanes<'a> {
    formula: &'a Formula,
    value: Vec<u64>,
    planes: Vec<u64>,
}

impl<'a> Lanes<'a> {
    /// Space to evaluate `formula`.
    pub fn new(formula: &'a Formula) -> Self {
        Lanes { formula, value: vec![0; formula.gate_count()], planes: Vec::new() }
    }

    /// The lanes in which the live nodes contain a quorum; `live` has one word for each node.
    ///
    /// # Complexity
    /// O(edges log edges) word operations at worst, linear for *and* and *or*.
    pub fn holds(&mut self, live: &[u64]) -> u64 {
        for (id, gate) in self.formula.gates() {
            self.value[id.index()] = match gate {
                Gate::Leaf(node) => live[node.index()],
                Gate::Threshold { k: 1, children } => {
                    children.iter().fold(0, |any, child| any | self.value[child.index()])
                }
                Gate::Threshold { k, children } if k == children.len() => {
                    children.iter().fold(!0, |all, child| all & self.value[child.index()])
                }
                Gate::Threshold { k, children } => {
                    let voters = children.iter().map(|child| (*child, 1));
                    sum(&mut self.planes, &self.value, voters);
                    at_least(&self.planes, k as u64)
                }
                Gate::Weighted { quota, children, votes } => {
                    let voters = children.iter().copied().zip(votes.iter().copied());
                    sum(&mut self.planes, &self.value, voters);
                    at_least(&self.planes, quota)
                }
            };
        }
        self.value[self.formula.root().index()]
    }
}

/// The votes of the children that hold, added up in every lane.
fn sum(planes: &mut Vec<u64>, value: &[u64], voters: impl Iterator<Item = (GateId, u64)>) {
    planes.clear();
    for (child, votes) in voters {
        let word = value[child.index()];
        for bit in (0..u64::BITS as usize - votes.leading_zeros() as usize).filter(|bit| votes >> bit & 1 == 1) {
            let mut carry = word;
            let mut plane = bit;
            while carry != 0 {
                if plane >= planes.len() {
                    planes.resize(plane + 1, 0);
                }
                let before = planes[plane];
                planes[plane] = before ^ carry;
                carry &= before;
                plane += 1;
            }
        }
    }
}

/// The lanes whose count is `bound` or more.
fn at_least(planes: &[u64], bound: u64) -> u64 {
    let (mut greater, mut equal) = (0, !0);
    for bit in (0..u64::BITS as usize).rev() {
        let plane = planes.get(bit).copied().unwrap_or(0);
        if bound >> bit & 1 == 1 {
            equal &= plane;
        } else {
            greater |= equal & plane;
            equal &= !plane;
        }
    }
    greater | equal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::{NodeId, NodeSet};

    #[test]
    fn lanes_agree_with_single_evaluations() {
        let families = [
            Family::Threshold { n: 7, read: 3, write: 6 },
            Family::Weighted { votes: vec![5, 9, 2, 14, 3, 1], read_votes: 17, write_votes: 20 },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
        ];
        for family in families {
            let formulas = family.formulas().unwrap();
            for formula in [formulas.reads, formulas.writes] {
                let nodes = family.node_count() as usize;
                for block in 0..(1usize << nodes).div_ceil(LANES) {
                    let live: Vec<u64> = (0..nodes)
                        .map(|node| (0..LANES).map(|lane| (((block * LANES + lane) >> node & 1) as u64) << lane).sum())
                        .collect();
                    let held = Lanes::new(&formula).holds(&live);
                    for lane in 0..LANES {
                        let set: NodeSet =
                            (0..nodes).filter(|node| live[*node] >> lane & 1 == 1).map(NodeId::new).collect();
                        assert_eq!(held >> lane & 1 == 1, formula.holds(&set), "{family:?} {set:?}");
                    }
                }
            }
        }
    }
}
