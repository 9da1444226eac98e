//! A guess that is often optimal: draw all smallest quorums equally often.
//!
//! In a system whose nodes are all alike (a symmetry of the system takes any node to any other), the uniform strategy
//! over its smallest quorums uses all nodes equally, and no strategy is better. The guess is made without knowing the
//! symmetries; both bounds decide afterwards whether it was right.

use super::read_once::EdgeFlow;
use crate::circuit::Scaled;
use crate::model::{Formula, Gate, GateId};

/// The flow that draws every way to make a smallest quorum equally often; `None` for gates that are too irregular.
///
/// # Complexity
/// O(edges log edges).
pub(super) fn smallest_quorums_equally(formula: &Formula) -> Option<EdgeFlow<f64>> {
    let mut ways: Vec<Ways> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let way = match gate {
            Gate::Leaf(_) => Ways { size: 1, count: Scaled::ONE },
            Gate::Threshold { k, children } => Choice::of(k, children, &ways)?.ways,
            Gate::Weighted { .. } => return None,
        };
        ways.push(way);
    }
    let mut used = vec![0.0; formula.gate_count()];
    used[formula.root().index()] = 1.0;
    let mut flow: EdgeFlow<f64> = vec![Vec::new(); formula.gate_count()];
    for (id, gate) in formula.gates().rev() {
        let Gate::Threshold { k, children } = gate else { continue };
        let choice = Choice::of(k, children, &ways)?;
        let x = used[id.index()];
        let each: Vec<f64> = children.iter().map(|child| x * choice.share(&ways[child.index()])).collect();
        children.iter().zip(&each).for_each(|(child, share)| used[child.index()] += share);
        flow[id.index()] = each;
    }
    Some(flow)
}

/// The size of a smallest quorum of a gate, and how many ways there are to make one.
#[derive(Debug, Clone, Copy)]
struct Ways {
    size: u64,
    count: Scaled,
}

/// How a gate chooses its smallest children.
struct Choice {
    ways: Ways,
    /// Children below this size are always taken, those of this size in part.
    tied_size: u64,
    /// How many of the tied children are taken; with equal counts, or just one of them.
    taken: usize,
    tied: usize,
    tied_total: Scaled,
}

impl Choice {
    fn of(k: usize, children: &[GateId], ways: &[Ways]) -> Option<Self> {
        let mut sizes: Vec<Ways> = children.iter().map(|child| ways[child.index()]).collect();
        sizes.sort_by_key(|ways| ways.size);
        let tied_size = sizes[k - 1].size;
        let always = sizes.iter().filter(|ways| ways.size < tied_size);
        let mut total = Ways { size: 0, count: Scaled::ONE };
        let mut certain = 0;
        for ways in always {
            total = Ways { size: total.size + ways.size, count: total.count * ways.count };
            certain += 1;
        }
        let ties: Vec<Scaled> = sizes.iter().filter(|ways| ways.size == tied_size).map(|ways| ways.count).collect();
        let taken = k - certain;
        total.size += taken as u64 * tied_size;
        let tied_total = ties.iter().fold(Scaled::ZERO, |sum, count| sum + *count);
        let combinations = if taken == 1 {
            tied_total
        } else if taken == ties.len() {
            ties.iter().fold(Scaled::ONE, |product, count| product * *count)
        } else if ties.iter().all(|count| *count == ties[0]) {
            // The first `taken` factors of C(tied, taken), each with the ways of one child.
            (0..taken).fold(Scaled::ONE, |product, i| {
                product * ties[0] * Scaled::from((ties.len() - i) as f64 / (i + 1) as f64)
            })
        } else {
            return None;
        };
        let ways = Ways { size: total.size, count: total.count * combinations };
        Some(Choice { ways, tied_size, taken, tied: ties.len(), tied_total })
    }

    /// How often a child is taken.
    fn share(&self, child: &Ways) -> f64 {
        match child.size.cmp(&self.tied_size) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Greater => 0.0,
            std::cmp::Ordering::Equal if self.taken == 1 => child.count.ratio(self.tied_total),
            std::cmp::Ordering::Equal => self.taken as f64 / self.tied as f64,
        }
    }
}
