//! Proofs, gate by gate, that one formula implies another.
//!
//! The rules are sound and not complete: a proof is a proof, and no proof says nothing. They find the reasons that people
//! give, such as "a full row meets every full column", on formulas whose diagrams are too wide.

use rustc_hash::FxHashMap;

use crate::budget::{Exhausted, Meter};
use crate::model::{Formula, FormulaBuilder, Gate, GateId, NodeSet};

/// Whether the rules prove that every set that satisfies `f` satisfies `g`.
///
/// # Method
/// *or* implies g when each of its children does, and f implies *and* when it implies each child. *And* implies g when
/// some child does, and f implies *or* when it implies some child. `k of m` implies `l of m` when k >= l and each child implies the child
/// at its place; votes likewise. A node implies itself. Equal gates of both formulas are one gate, which implies itself.
///
/// # Complexity
/// O(edges of f times edges of g) at worst.
///
/// # Errors
/// [`Exhausted`] when the meter ends.
pub(crate) fn is_implied(f: &Formula, g: &Formula, meter: &mut Meter) -> Result<bool, Exhausted> {
    meter.charge((f.edge_count() + g.edge_count()) as u64)?;
    let mut builder = FormulaBuilder::new();
    let (f, g) = (builder.import(f, FormulaBuilder::leaf), builder.import(g, FormulaBuilder::leaf));
    let Ok(root) = builder.or(&[f, g]) else { return Ok(false) };
    let both = builder.finish(root);
    let Gate::Threshold { k: 1, children: &[f, g] } = both.gate(both.root()) else {
        // Equal formulas are one gate.
        return Ok(f == g);
    };
    Prover { formula: &both, known: FxHashMap::default(), leaves: FxHashMap::default() }.prove((f, g), meter)
}

/// The first gate implies the second.
type Goal = (GateId, GateId);

/// How a goal follows from smaller ones.
enum Rule {
    Known(bool),
    /// All of them are needed.
    All(Parts),
    /// One of them is enough.
    Any(Parts),
}

/// The smaller goals: for each child of one gate, or of both.
#[derive(Clone, Copy)]
enum Parts {
    First,
    Second,
    Both,
    Either,
}

struct Frame {
    goal: Goal,
    all: bool,
    parts: Parts,
    next: usize,
}

struct Prover<'a> {
    formula: &'a Formula,
    known: FxHashMap<Goal, bool>,
    /// The nodes among the children of a gate, and whether it has no other children.
    leaves: FxHashMap<GateId, (NodeSet, bool)>,
}

impl Prover<'_> {
    /// Depth first with a stack of its own: no depth of formula can overflow the thread's.
    fn prove(&mut self, goal: Goal, meter: &mut Meter) -> Result<bool, Exhausted> {
        let mut stack: Vec<Frame> = Vec::new();
        let mut open = Some(goal);
        let mut proven = false;
        loop {
            meter.charge(1)?;
            if let Some(goal) = open.take() {
                let rule = self.known.get(&goal).copied().map_or_else(|| self.rule(goal), Rule::Known);
                match rule {
                    Rule::Known(value) => proven = value,
                    Rule::All(parts) => stack.push(Frame { goal, all: true, parts, next: 0 }),
                    Rule::Any(parts) => stack.push(Frame { goal, all: false, parts, next: 0 }),
                }
                if !matches!(rule, Rule::Known(_)) {
                    proven = stack.last().is_some_and(|frame| frame.all);
                }
            }
            let Some(frame) = stack.last_mut() else { return Ok(proven) };
            // An `all` ends with the first that fails, an `any` with the first that does not.
            let smaller = if proven == frame.all { part(self.formula, frame) } else { None };
            frame.next += 1;
            match smaller {
                Some(goal) => open = Some(goal),
                None => {
                    self.known.insert(frame.goal, proven);
                    stack.pop();
                }
            }
        }
    }

    fn rule(&mut self, (f, g): Goal) -> Rule {
        if f == g {
            return Rule::Known(true);
        }
        match (self.formula.gate(f), self.formula.gate(g)) {
            (Gate::Leaf(_), Gate::Leaf(_)) => Rule::Known(false),
            (Gate::Threshold { k: 1, .. }, _) => Rule::All(Parts::First),
            (_, Gate::Threshold { k, children }) if k == children.len() => Rule::All(Parts::Second),
            (Gate::Threshold { k, children }, Gate::Threshold { k: 1, children: others }) if k == children.len() => {
                if others.len() <= 2 && children.iter().any(|child| others.contains(child)) {
                    return Rule::Known(true);
                }
                self.all_or_any(f, g)
            }
            (Gate::Threshold { k, children }, _) if k == children.len() => Rule::Any(Parts::First),
            (_, Gate::Threshold { k: 1, .. }) => Rule::Any(Parts::Second),
            (Gate::Threshold { k, children }, Gate::Threshold { k: l, children: others }) => {
                if k >= l && children.len() == others.len() { Rule::All(Parts::Both) } else { Rule::Known(false) }
            }
            (
                Gate::Weighted { quota, children, votes },
                Gate::Weighted { quota: other, children: others, votes: same },
            ) => {
                let comparable = quota >= other && children.len() == others.len() && votes == same;
                if comparable { Rule::All(Parts::Both) } else { Rule::Known(false) }
            }
            _ => Rule::Known(false),
        }
    }

    /// An *and* before an *or*: a common node proves it, and for nodes alone nothing else does.
    fn all_or_any(&mut self, f: GateId, g: GateId) -> Rule {
        for gate in [f, g] {
            let formula = self.formula;
            self.leaves.entry(gate).or_insert_with(|| leaves(formula, gate));
        }
        let ((all, only), (any, alone)) = (&self.leaves[&f], &self.leaves[&g]);
        match all.is_disjoint(any) {
            false => Rule::Known(true),
            true if *only && *alone => Rule::Known(false),
            true => Rule::Any(Parts::Either),
        }
    }
}

fn leaves(formula: &Formula, gate: GateId) -> (NodeSet, bool) {
    let Gate::Threshold { children, .. } = formula.gate(gate) else { return (NodeSet::new(), false) };
    let leaf = |child: &GateId| if let Gate::Leaf(node) = formula.gate(*child) { Some(node) } else { None };
    let nodes: NodeSet = children.iter().filter_map(leaf).collect();
    (nodes, children.iter().all(|child| leaf(child).is_some()))
}

/// The next smaller goal of a frame.
fn part(formula: &Formula, frame: &Frame) -> Option<Goal> {
    let (f, g) = frame.goal;
    let of_first = |place: usize| children(formula, f).get(place).map(|child| (*child, g));
    let of_second = |place: usize| children(formula, g).get(place).map(|child| (f, *child));
    match frame.parts {
        Parts::First => of_first(frame.next),
        Parts::Second => of_second(frame.next),
        Parts::Both => children(formula, f).get(frame.next).copied().zip(children(formula, g).get(frame.next).copied()),
        Parts::Either => {
            let count = children(formula, g).len();
            of_second(frame.next).or_else(|| of_first(frame.next - count))
        }
    }
}

fn children(formula: &Formula, gate: GateId) -> &[GateId] {
    match formula.gate(gate) {
        Gate::Leaf(_) => &[],
        Gate::Threshold { children, .. } | Gate::Weighted { children, .. } => children,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::families::{Family, GridVariant};

    fn meets_itself(family: &Family) -> bool {
        let formula = family.formulas().unwrap().reads;
        let mut meter = Meter::new(Resource::SearchSteps, 4_000_000);
        is_implied(&formula, &formula.dual(), &mut meter).unwrap()
    }

    #[test]
    fn proves_what_people_prove() {
        assert!(meets_itself(&Family::Grid { rows: 100, cols: 100, variant: GridVariant::RowColumn }));
        assert!(meets_itself(&Family::Grid { rows: 3, cols: 70, variant: GridVariant::RowColumn }));
        assert!(meets_itself(&Family::Paths { size: 8 }));
        assert!(meets_itself(&Family::Y { size: 20 }));
        assert!(meets_itself(&Family::Tree { height: 6, degree: 3 }));
        assert!(meets_itself(&Family::Majority { n: 101 }));
    }

    /// Every proof is a proof: all pairs of gates of some formulas, on all sets.
    #[test]
    fn proves_nothing_false() {
        let formulas: Vec<Formula> = [
            Family::Wall { widths: vec![2, 1, 3] },
            Family::Y { size: 3 },
            Family::Threshold { n: 6, read: 2, write: 4 },
            Family::Grid { rows: 2, cols: 3, variant: GridVariant::Cover },
            Family::Weighted { votes: vec![3, 2, 2, 1, 1, 1], read_votes: 4, write_votes: 7 },
            Family::Weighted { votes: vec![3, 2, 2, 1, 1, 1], read_votes: 6, write_votes: 5 },
        ]
        .iter()
        .flat_map(|family| {
            let pair = family.formulas().unwrap();
            [pair.reads.dual(), pair.writes.dual(), pair.reads, pair.writes]
        })
        .collect();
        let set = |live: u32| (0..6).filter(|node| live >> node & 1 == 1).map(crate::model::NodeId::new).collect();
        let sets: Vec<NodeSet> = (0..64).map(set).collect();
        let mut proofs = 0;
        for (f, g) in formulas.iter().flat_map(|f| formulas.iter().map(move |g| (f, g))) {
            let mut meter = Meter::new(Resource::SearchSteps, 100_000);
            if is_implied(f, g, &mut meter) == Ok(true) {
                proofs += 1;
                assert!(sets.iter().all(|set| !f.holds(set) || g.holds(set)));
            }
        }
        assert!(proofs > formulas.len(), "{proofs}");
    }
}
