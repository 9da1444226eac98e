//! Sets that still contain a quorum after losing any so many of their members.
//!
//! What it takes to stop a set Q at a gate is the fewest members whose loss makes the gate false. A leaf in Q takes 1. In a
//! read-once formula children are stopped one by one, so `k of m` takes the sum of the m - k + 1 cheapest of its children.
//! With N(j) the number of children that take j or more, this sum is the sum over j of max(0, N(j) - k + 1): it reaches r
//! exactly when N(j) >= k - 1 + a(j) for some a(1) >= a(2) >= ... >= 1 that add up to r. Plain nodes have N(2) = 0, and
//! `k of m` of them survives F losses when k + F of m are there.
//!
//! Other formulas go through their diagram: at a variable in Q, the set must live on both with it and, with one loss less,
//! without it.

use rustc_hash::FxHashMap;

use super::decomposable::is_decomposable;
use super::restrict::import_restricted;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::diagram::{Diagram, Ref};
use crate::model::{Formula, FormulaBuilder, Gate, GateId, NodeSet};

/// The sets that still contain a quorum after losing any `losses` of their members; `None` when there is none.
///
/// With `fast`, only those whose fast members contain a quorum before any loss.
///
/// # Complexity
/// Linear for gates of plain nodes; levels and votes take chains of gates, and formulas that are not read-once, or `fast`
/// on more than one gate, a decision diagram for each loss.
///
/// # Errors
/// [`Exhausted`] when neither fits the budget.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::circuit::surviving;
/// use quorate::families::Family;
/// let two_of_five = Family::Threshold { n: 5, read: 2, write: 4 }.formulas()?;
/// assert_eq!(surviving(&two_of_five.reads, 2, None, &Budget::default())?, Some(two_of_five.writes));
/// assert_eq!(surviving(&two_of_five.reads, 4, None, &Budget::default())?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn surviving(
    formula: &Formula,
    losses: usize,
    fast: Option<&NodeSet>,
    budget: &Budget,
) -> Result<Option<Formula>, Exhausted> {
    if losses == 0 {
        let mut builder = FormulaBuilder::new();
        let everyone = formula.support();
        let root = import_restricted(&mut builder, formula, fast.unwrap_or(&everyone));
        return Ok(root.map(|root| builder.finish(root)));
    }
    if let Some(fast) = fast {
        return match of_one_gate(formula, losses, fast) {
            Some(answer) => Ok(answer),
            None => by_diagram(formula, losses, Some(fast), budget),
        };
    }
    if formula.is_read_once() {
        let mut meter = Meter::new(Resource::ProgramTerms, budget.program_terms);
        if let Ok(Some(answer)) = GateOrder::new(formula, losses + 1).build(&mut meter) {
            return Ok(answer);
        }
    }
    by_diagram(formula, losses, None, budget)
}

/// One gate `k of m` of plain nodes, fast and slow: for some i, k + losses - i fast ones and i slow ones.
///
/// The outer `None`: the formula is not that simple.
fn of_one_gate(formula: &Formula, losses: usize, fast: &NodeSet) -> Option<Option<Formula>> {
    let (k, children) = match formula.gate(formula.root()) {
        Gate::Threshold { k, children } => (k, children),
        _ => return None,
    };
    let mut nodes = Vec::with_capacity(children.len());
    for child in children {
        let Gate::Leaf(node) = formula.gate(*child) else { return None };
        nodes.push(node);
    }
    if !formula.is_read_once() {
        return None;
    }
    let mut builder = FormulaBuilder::new();
    let (fast, slow): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|node| fast.contains(*node));
    let fast: Vec<GateId> = fast.into_iter().map(|node| builder.leaf(node)).collect();
    let slow: Vec<GateId> = slow.into_iter().map(|node| builder.leaf(node)).collect();
    let mut ways = Vec::new();
    for i in 0..=losses.min(slow.len()) {
        let Ok(with) = builder.threshold((k + losses - i) as u64, &fast) else { continue };
        let parts = if i == 0 { vec![with] } else { vec![with, builder.threshold(i as u64, &slow).ok()?] };
        ways.push(builder.and(&parts).ok()?);
    }
    Some(builder.or(&ways).ok().map(|root| builder.finish(root)))
}

/// A read-once formula, gate by gate.
struct GateOrder<'a> {
    formula: &'a Formula,
    builder: FormulaBuilder,
    /// For each gate and each level from 1 on: the sets that take so many losses to stop.
    level: Vec<Vec<Option<GateId>>>,
    /// How many losses it takes to stop all nodes of a gate, at most `wanted`.
    most: Vec<usize>,
    wanted: usize,
}

impl<'a> GateOrder<'a> {
    fn new(formula: &'a Formula, wanted: usize) -> Self {
        let mut most: Vec<usize> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let losses = match gate {
                Gate::Leaf(_) => 1,
                Gate::Threshold { k, children } => {
                    let mut each: Vec<usize> = children.iter().map(|child| most[child.index()]).collect();
                    each.sort_unstable();
                    each[..=children.len() - k].iter().sum()
                }
                Gate::Weighted { children, .. } => children.iter().map(|child| most[child.index()]).sum(),
            };
            most.push(losses.min(wanted));
        }
        GateOrder { formula, builder: FormulaBuilder::new(), level: Vec::new(), most, wanted }
    }

    /// The outer `None` when a gate has votes of other gates.
    fn build(mut self, meter: &mut Meter) -> Result<Option<Option<Formula>>, Exhausted> {
        let root = self.formula.root();
        if self.most[root.index()] < self.wanted {
            return Ok(Some(None));
        }
        for (id, gate) in self.formula.gates() {
            let mut levels = Vec::new();
            // Only the last level of the root is asked for.
            let first = if id == root { self.wanted } else { 1 };
            for losses in first..=self.most[id.index()] {
                let gate = match gate {
                    Gate::Leaf(node) => Some(self.builder.leaf(node)),
                    Gate::Threshold { k, children } => self.threshold((k, children), losses, meter)?,
                    Gate::Weighted { quota, children, votes } => {
                        let leaf = |child: &&GateId| matches!(self.formula.gate(**child), Gate::Leaf(_));
                        if children.iter().filter(leaf).count() < children.len() {
                            return Ok(None);
                        }
                        self.votes(quota, (children, votes), losses - 1, meter)?
                    }
                };
                levels.push(gate);
            }
            self.level.push(levels);
        }
        let root = self.level.pop().and_then(|levels| levels.into_iter().next().flatten());
        Ok(Some(root.map(|root| self.builder.finish(root))))
    }

    fn of(&self, child: GateId, level: usize) -> Option<GateId> {
        self.level[child.index()].get(level - 1).copied().flatten()
    }

    fn threshold(
        &mut self,
        (k, children): (usize, &[GateId]),
        losses: usize,
        meter: &mut Meter,
    ) -> Result<Option<GateId>, Exhausted> {
        let deepest = children.iter().map(|child| self.level[child.index()].len()).max().unwrap_or(0);
        let mut ways = Vec::new();
        let mut parts = Vec::new();
        let spare = children.len() - k + 1;
        while next_partition(&mut parts, (losses, spare, deepest)) {
            meter.charge(children.len() as u64)?;
            // How many children are needed of each level, the highest first.
            let mut needs: Vec<(usize, usize)> = vec![(parts.len(), k - 1 + parts[parts.len() - 1])];
            for j in (1..parts.len()).rev().filter(|j| parts[j - 1] > parts[*j]) {
                needs.push((j, parts[j - 1] - parts[j]));
            }
            let way = match needs[..] {
                [(level, count)] => {
                    let able: Vec<GateId> = children.iter().filter_map(|child| self.of(*child, level)).collect();
                    self.builder.threshold(count as u64, &able).ok()
                }
                _ => self.chain(children, &needs, meter)?,
            };
            ways.extend(way);
        }
        Ok(self.builder.or(&ways).ok())
    }

    /// Different children for each of the needs: a chain that asks child after child which need it serves, if any.
    fn chain(
        &mut self,
        children: &[GateId],
        needs: &[(usize, usize)],
        meter: &mut Meter,
    ) -> Result<Option<GateId>, Exhausted> {
        // `None`: nothing is needed any more.
        let mut behind: FxHashMap<Vec<usize>, Option<GateId>> = FxHashMap::default();
        behind.insert(vec![0; needs.len()], None);
        for child in children.iter().rev() {
            let mut here = behind.clone();
            let mut states: Vec<(Vec<usize>, Option<GateId>)> = behind.into_iter().collect();
            states.sort_unstable();
            for (state, rest) in states {
                for (position, (level, count)) in needs.iter().enumerate() {
                    meter.charge(needs.len() as u64)?;
                    let Some(serving) = self.of(*child, *level).filter(|_| state[position] < *count) else { continue };
                    let mut state = state.clone();
                    state[position] += 1;
                    let parts: Vec<GateId> = [Some(serving), rest].into_iter().flatten().collect();
                    let Ok(with) = self.builder.and(&parts) else { continue };
                    let ways: Vec<GateId> = here.get(&state).copied().flatten().into_iter().chain([with]).collect();
                    here.insert(state, self.builder.or(&ways).ok());
                }
            }
            behind = here;
        }
        let all: Vec<usize> = needs.iter().map(|(_, count)| *count).collect();
        Ok(behind.get(&all).copied().flatten())
    }

    /// Votes of plain nodes: the members with the most votes are lost, and the others must reach the quota.
    fn votes(
        &mut self,
        quota: u64,
        (children, votes): (&[GateId], &[u64]),
        losses: usize,
        meter: &mut Meter,
    ) -> Result<Option<GateId>, Exhausted> {
        let mut voters: Vec<(GateId, u64)> = Vec::with_capacity(children.len());
        for (child, votes) in children.iter().zip(votes) {
            voters.extend(self.of(*child, 1).map(|leaf| (leaf, *votes)));
        }
        voters.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
        // lost[s]: what voters from here on must do when s of those before are lost.
        let mut lost: Vec<Option<GateId>> = vec![None; losses + 1];
        for first in (0..=voters.len()).rev() {
            let mut here = vec![None; losses + 1];
            meter.charge((voters.len() - first + losses) as u64)?;
            here[losses] = self.builder.weighted(quota, &voters[first..]).ok();
            for s in (0..losses).filter(|_| first < voters.len()) {
                let with = lost[s + 1].and_then(|rest| self.builder.and(&[voters[first].0, rest]).ok());
                let ways: Vec<GateId> = with.into_iter().chain(lost[s]).collect();
                here[s] = self.builder.or(&ways).ok();
            }
            lost = here;
        }
        Ok(lost[0])
    }
}

/// The next way to write `total` as falling parts of at most `largest`, at most `count` of them; starts from none.
fn next_partition(parts: &mut Vec<usize>, (total, largest, count): (usize, usize, usize)) -> bool {
    let fill = |parts: &mut Vec<usize>, mut part: usize| {
        let mut left = total - parts.iter().sum::<usize>();
        while left > 0 {
            part = part.min(left);
            parts.push(part);
            left -= part;
        }
    };
    if parts.is_empty() {
        if count == 0 || largest.saturating_mul(count) < total {
            return false;
        }
        fill(parts, largest);
        return parts.len() <= count;
    }
    // Make the last part that can be made smaller smaller by one; what is left goes behind it in parts as large as it.
    while let Some(part) = parts.pop() {
        let left = total - parts.iter().sum::<usize>();
        if part > 1 && (part - 1).saturating_mul(count - parts.len()) >= left {
            parts.push(part - 1);
            fill(parts, part - 1);
            return true;
        }
    }
    false
}

fn by_diagram(
    formula: &Formula,
    losses: usize,
    fast: Option<&NodeSet>,
    budget: &Budget,
) -> Result<Option<Formula>, Exhausted> {
    let mut store = Diagram::new(&formula.reading_order(), budget);
    let function = store.compile(formula)?;
    let mut survivors = store.surviving(function, losses)?;
    if let Some(fast) = fast {
        let mut builder = FormulaBuilder::new();
        let Some(root) = import_restricted(&mut builder, formula, fast) else { return Ok(None) };
        let answered = store.compile(&builder.finish(root))?;
        survivors = store.and(survivors, answered)?;
    }
    let answer = store.to_formula(survivors);
    debug_assert!(
        answer.as_ref().is_none_or(|answer| {
            is_decomposable(answer, &mut Meter::new(Resource::PassSteps, u64::MAX)) == Ok(true)
        })
    );
    Ok(answer)
}

impl Diagram {
    /// The sets that satisfy a monotone function after losing any `losses` of their members.
    ///
    /// Where x is asked and is in the set, the set must satisfy f1 with all losses and f0 with one less; where it is not,
    /// f0 with all of them.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub fn surviving(&mut self, f: Ref, losses: usize) -> Result<Ref, Exhausted> {
        let nodes = self.reachable(f);
        let mut one_less = vec![Ref::FALSE; f.index().max(1) + 1];
        nodes.iter().for_each(|node| one_less[node.index()] = *node);
        for _ in 0..losses {
            let mut here = one_less.clone();
            for node in nodes.iter().filter(|node| node.index() >= 2) {
                let branch = self.branches[node.index()];
                let (lo, hi) = (here[branch.lo.index()], here[branch.hi.index()]);
                let with = self.and(hi, one_less[branch.lo.index()])?;
                here[node.index()] = self.function(branch.level, lo, with)?;
            }
            one_less = here;
        }
        Ok(one_less[f.index()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_complete() {
        let all = |limits| {
            let (mut parts, mut found) = (Vec::new(), Vec::new());
            while next_partition(&mut parts, limits) {
                found.push(parts.clone());
            }
            found
        };
        assert_eq!(all((4, 9, 9)), [vec![4], vec![3, 1], vec![2, 2], vec![2, 1, 1], vec![1, 1, 1, 1]]);
        assert_eq!(all((5, 3, 2)), [vec![3, 2]]);
        assert_eq!(all((5, 2, 2)), Vec::<Vec<usize>>::new());
        assert_eq!(all((7, 1, 7)), [vec![1; 7]]);
        assert_eq!(all((6, 3, 3)), [vec![3, 3], vec![3, 2, 1], vec![2, 2, 2]]);
    }
}
