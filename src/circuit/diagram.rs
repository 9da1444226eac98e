//! Reduced ordered decision diagrams: the compiled form of formulas that are not read-once.
//!
//! A node asks whether one variable is live and goes on to its `hi` or its `lo` child; equal nodes exist once, so two
//! functions are equal exactly when their references are. The same store also holds *families of sets* (zero-suppressed
//! diagrams, Minato 1993), in which a node says whether a set has the member; only the rule for leaving nodes out differs.
//!
//! # Source
//! Bryant, Graph-based algorithms for Boolean function manipulation, 1986; Minato, Zero-suppressed BDDs for set
//! manipulation, 1993.

use rustc_hash::FxHashMap;

use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::model::{Formula, Gate, GateId, NodeId};

/// A function, or a family of sets, in a [`Diagram`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ref(u32);

impl Ref {
    /// The function that never holds; the family without sets.
    pub const FALSE: Ref = Ref(0);
    /// The function that always holds; the family of the empty set.
    pub const TRUE: Ref = Ref(1);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A node: `level` is the position of its variable in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Branch {
    pub(super) level: u32,
    pub(super) lo: Ref,
    pub(super) hi: Ref,
}

/// Level of the two constants: below every variable.
const BOTTOM: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Operation {
    And,
    Or,
    /// The first and not the second.
    AndNot,
    /// The sets of the first family that are not in the second; both are antichains.
    Without,
}

#[derive(Debug, Clone, Copy)]
struct Cached {
    operation: Operation,
    operands: (Ref, Ref),
    result: Ref,
}

const CACHE_SIZE: usize = 1 << 18;
/// Applications of an operation allowed for each node that the budget allows.
const STEPS_PER_NODE: u64 = 2;

/// A store of decision diagrams over one order of the variables.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::circuit::Diagram;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 5 }.formulas()?.reads;
/// let mut diagram = Diagram::new(&majority.reading_order(), &Budget::default());
/// let root = diagram.compile(&majority)?;
/// assert_eq!(diagram.dual(root)?, root); // non-dominated
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Diagram {
    pub(super) branches: Vec<Branch>,
    unique: FxHashMap<Branch, Ref>,
    cache: Vec<Option<Cached>>,
    order: Vec<NodeId>,
    level_of: Vec<u32>,
    nodes: Meter,
    steps: Meter,
}

impl Diagram {
    /// An empty store whose variables are asked in this order.
    ///
    /// # Panics
    /// Never; a variable that stands twice keeps its first place.
    pub fn new(order: &[NodeId], budget: &Budget) -> Self {
        let size = order.iter().map(|node| node.index() + 1).max().unwrap_or(0);
        let mut level_of = vec![BOTTOM; size];
        let mut distinct = Vec::with_capacity(order.len());
        for node in order {
            if level_of[node.index()] == BOTTOM {
                level_of[node.index()] = distinct.len() as u32;
                distinct.push(*node);
            }
        }
        let constant = |target| Branch { level: BOTTOM, lo: target, hi: target };
        Diagram {
            branches: vec![constant(Ref::FALSE), constant(Ref::TRUE)],
            unique: FxHashMap::default(),
            cache: Vec::new(),
            order: distinct,
            level_of,
            nodes: Meter::new(Resource::DiagramNodes, budget.diagram_nodes),
            steps: Meter::new(Resource::DiagramNodes, budget.diagram_nodes.saturating_mul(STEPS_PER_NODE)),
        }
    }

    /// The variables, in the order in which they are asked.
    pub fn order(&self) -> &[NodeId] {
        &self.order
    }

    /// Nodes in the store, those of intermediate results and the two constants included.
    pub fn node_count(&self) -> usize {
        self.branches.len()
    }

    /// Nodes below `root`, it and the constants included.
    pub fn size(&self, root: Ref) -> usize {
        self.reachable(root).len()
    }

    /// The function of a formula.
    ///
    /// # Method
    /// Gate by gate; `k of m` is built from its last child backwards: f(i, j) = "j more of the children i, i+1, ..."
    /// = child i ? f(i+1, j-1) : f(i+1, j).
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    ///
    /// # Panics
    /// When the formula mentions a variable that is not in the order.
    pub fn compile(&mut self, formula: &Formula) -> Result<Ref, Exhausted> {
        self.compile_over(formula, Diagram::variable)
    }

    /// The same with a function in the place of each node.
    ///
    /// # Errors
    /// [`Exhausted`], also that of `leaf`.
    pub(crate) fn compile_over(
        &mut self,
        formula: &Formula,
        mut leaf: impl FnMut(&mut Self, NodeId) -> Result<Ref, Exhausted>,
    ) -> Result<Ref, Exhausted> {
        let mut compiled: Vec<Ref> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            // In the order of their variables: each is then asked before all that was put together behind it.
            let first_asked = |child: &GateId| self.level(compiled[child.index()]);
            let result = match gate {
                Gate::Leaf(node) => leaf(self, node)?,
                Gate::Threshold { k, children } => {
                    let mut children = children.to_vec();
                    children.sort_by_key(first_asked);
                    self.threshold(k, &children, &compiled)?
                }
                Gate::Weighted { quota, children, votes } => {
                    let mut voters: Vec<(GateId, u64)> = children.iter().copied().zip(votes.iter().copied()).collect();
                    voters.sort_by_key(|(child, _)| first_asked(child));
                    let (children, votes): (Vec<GateId>, Vec<u64>) = voters.into_iter().unzip();
                    self.weighted(quota, &children, &votes, &compiled)?
                }
            };
            compiled.push(result);
        }
        Ok(compiled.last().copied().unwrap_or(Ref::FALSE))
    }

    /// The function that asks for one variable.
    pub(crate) fn variable(&mut self, node: NodeId) -> Result<Ref, Exhausted> {
        let level = self.level_of(node);
        assert!(level != BOTTOM, "the variable must be in the order");
        self.function(level, Ref::FALSE, Ref::TRUE)
    }

    fn threshold(&mut self, k: usize, children: &[GateId], compiled: &[Ref]) -> Result<Ref, Exhausted> {
        // needed[j]: "j more of the children behind"; needed[0] always holds.
        let mut needed = vec![Ref::FALSE; k + 1];
        needed[0] = Ref::TRUE;
        for (i, child) in children.iter().enumerate().rev() {
            // At most i children stand before this one, so fewer than k - i more are never asked for; and more than
            // the children from here on can never be had.
            let most = k.min(children.len() - i);
            let least = (k.saturating_sub(i)).max(1);
            for j in (least..=most).rev() {
                needed[j] = self.choose(compiled[child.index()], needed[j - 1], needed[j])?;
            }
        }
        Ok(needed[k])
    }

    fn weighted(&mut self, quota: u64, children: &[GateId], votes: &[u64], compiled: &[Ref]) -> Result<Ref, Exhausted> {
        let states = remaining_quotas(quota, votes, &mut self.steps)?;
        let mut behind: FxHashMap<u64, Ref> = FxHashMap::default();
        let mut votes_behind = 0u64;
        for (i, child) in children.iter().enumerate().rev() {
            let mut here = FxHashMap::default();
            let reach = votes_behind;
            let look_up = |behind: &FxHashMap<u64, Ref>, quota: u64| match quota {
                0 => Ref::TRUE,
                more if more > reach => Ref::FALSE,
                more => behind[&more],
            };
            for &remaining in states[i].iter().filter(|remaining| **remaining <= votes_behind + votes[i]) {
                let with = look_up(&behind, remaining.saturating_sub(votes[i]));
                let without = look_up(&behind, remaining);
                here.insert(remaining, self.choose(compiled[child.index()], with, without)?);
            }
            behind = here;
            votes_behind += votes[i];
        }
        Ok(behind[&quota])
    }

    /// `condition ? with : without`, for `without` that implies `with`.
    fn choose(&mut self, condition: Ref, with: Ref, without: Ref) -> Result<Ref, Exhausted> {
        let branch = self.branches[condition.index()];
        let top = self.level(with).min(self.level(without));
        if branch.lo == Ref::FALSE && branch.hi == Ref::TRUE && branch.level < top {
            return self.function(branch.level, without, with);
        }
        let with = self.and(condition, with)?;
        self.or(with, without)
    }

    /// Both functions hold.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub fn and(&mut self, f: Ref, g: Ref) -> Result<Ref, Exhausted> {
        self.apply(Operation::And, f, g)
    }

    /// One of the functions holds.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub fn or(&mut self, f: Ref, g: Ref) -> Result<Ref, Exhausted> {
        self.apply(Operation::Or, f, g)
    }

    /// The first function holds and the second does not; [`Ref::FALSE`] exactly when the first implies the second.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub fn and_not(&mut self, f: Ref, g: Ref) -> Result<Ref, Exhausted> {
        self.apply(Operation::AndNot, f, g)
    }

    /// The dual function: not f(not x), which for the monotone functions here swaps branches and constants.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub fn dual(&mut self, f: Ref) -> Result<Ref, Exhausted> {
        let mut dual = vec![Ref::FALSE; f.index().max(1) + 1];
        for node in self.reachable(f) {
            let image = match node {
                Ref::FALSE => Ref::TRUE,
                Ref::TRUE => Ref::FALSE,
                _ => {
                    let Branch { level, lo, hi } = self.branches[node.index()];
                    self.function(level, dual[hi.index()], dual[lo.index()])?
                }
            };
            dual[node.index()] = image;
        }
        Ok(dual[f.index()])
    }

    /// The family of the minimal sets that satisfy a monotone function.
    ///
    /// # Method
    /// min(f) = min(f0) and, with x added, the sets of min(f1) that are not in min(f0): for monotone f, a minimal set of
    /// f1 that satisfies f0 is minimal for f0 too, so plain set difference is enough.
    ///
    /// # Source
    /// Knuth, The Art of Computer Programming 4A, section 7.1.4 (families of sets), specialised to monotone functions.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends.
    pub fn minimal_sets(&mut self, f: Ref) -> Result<Ref, Exhausted> {
        let mut minimal = vec![Ref::FALSE; f.index().max(1) + 1];
        for node in self.reachable(f) {
            let family = if node.index() < 2 {
                node
            } else {
                let Branch { level, lo, hi } = self.branches[node.index()];
                let with = self.apply(Operation::Without, minimal[hi.index()], minimal[lo.index()])?;
                self.family(level, minimal[lo.index()], with)?
            };
            minimal[node.index()] = family;
        }
        Ok(minimal[f.index()])
    }

    /// Everything below `root`, children before parents.
    pub(super) fn reachable(&self, root: Ref) -> Vec<Ref> {
        // A node is made after its children, so its number is larger: one sweep downwards finds all.
        let mut seen = fixedbitset::FixedBitSet::with_capacity(root.index().max(1) + 1);
        seen.insert(root.index());
        for index in (2..=root.index()).rev() {
            if seen.contains(index) {
                let branch = self.branches[index];
                seen.insert(branch.lo.index());
                seen.insert(branch.hi.index());
            }
        }
        seen.ones().map(|index| Ref(index as u32)).collect()
    }

    /// The first variable that any of some functions asks for, and their parts without and with it; one of them is not constant.
    pub(crate) fn parts_on_top<const N: usize>(&self, functions: [Ref; N]) -> (NodeId, [(Ref, Ref); N]) {
        let level = functions.map(|f| self.level(f)).into_iter().fold(BOTTOM, u32::min);
        (self.order[level as usize], functions.map(|f| self.cofactors(Operation::And, f, level)))
    }

    /// The level of a variable; that below all of them where it is not in the order.
    pub(super) fn level_of(&self, node: NodeId) -> u32 {
        self.level_of.get(node.index()).copied().unwrap_or(BOTTOM)
    }

    pub(super) fn level(&self, f: Ref) -> u32 {
        self.branches[f.index()].level
    }

    /// A node of a function: one that does not matter is left out.
    pub(super) fn function(&mut self, level: u32, lo: Ref, hi: Ref) -> Result<Ref, Exhausted> {
        if lo == hi { Ok(lo) } else { self.intern(Branch { level, lo, hi }) }
    }

    /// A node of a family: a member that no set has is left out.
    fn family(&mut self, level: u32, lo: Ref, hi: Ref) -> Result<Ref, Exhausted> {
        if hi == Ref::FALSE { Ok(lo) } else { self.intern(Branch { level, lo, hi }) }
    }

    fn intern(&mut self, branch: Branch) -> Result<Ref, Exhausted> {
        if let Some(known) = self.unique.get(&branch) {
            return Ok(*known);
        }
        self.nodes.charge(1)?;
        let new = Ref(self.branches.len() as u32);
        self.branches.push(branch);
        self.unique.insert(branch, new);
        Ok(new)
    }

    /// Applies an operation with a stack of its own, so that no depth of diagram can overflow the thread's.
    fn apply(&mut self, operation: Operation, f: Ref, g: Ref) -> Result<Ref, Exhausted> {
        enum Frame {
            Visit(Ref, Ref),
            Combine(u32, Ref, Ref),
        }
        if self.cache.is_empty() {
            self.cache = vec![None; CACHE_SIZE];
        }
        let mut tasks = vec![Frame::Visit(f, g)];
        let mut results: Vec<Ref> = Vec::new();
        while let Some(task) = tasks.pop() {
            match task {
                Frame::Visit(f, g) => {
                    if let Some(known) = terminal(operation, f, g).or_else(|| self.cached(operation, f, g)) {
                        results.push(known);
                        continue;
                    }
                    self.steps.charge(1)?;
                    let level = self.level(f).min(self.level(g));
                    let (f_lo, f_hi) = self.cofactors(operation, f, level);
                    let (g_lo, g_hi) = self.cofactors(operation, g, level);
                    tasks.extend([Frame::Combine(level, f, g), Frame::Visit(f_hi, g_hi), Frame::Visit(f_lo, g_lo)]);
                }
                Frame::Combine(level, f, g) => {
                    // Both children have been visited, `lo` first.
                    let hi = results.pop().unwrap_or(Ref::FALSE);
                    let lo = results.pop().unwrap_or(Ref::FALSE);
                    let result = match operation {
                        Operation::Without => self.family(level, lo, hi)?,
                        _ => self.function(level, lo, hi)?,
                    };
                    let slot = slot(operation, f, g);
                    self.cache[slot] = Some(Cached { operation, operands: (f, g), result });
                    results.push(result);
                }
            }
        }
        Ok(results.pop().unwrap_or(Ref::FALSE))
    }

    /// The parts of `f` without and with the variable at `level`.
    fn cofactors(&self, operation: Operation, f: Ref, level: u32) -> (Ref, Ref) {
        let branch = self.branches[f.index()];
        if branch.level == level {
            return (branch.lo, branch.hi);
        }
        if operation == Operation::Without { (f, Ref::FALSE) } else { (f, f) }
    }

    fn cached(&self, operation: Operation, f: Ref, g: Ref) -> Option<Ref> {
        let entry = self.cache[slot(operation, f, g)]?;
        (entry.operation == operation && entry.operands == (f, g)).then_some(entry.result)
    }
}

/// The result of an operation that needs no look below the operands.
fn terminal(operation: Operation, f: Ref, g: Ref) -> Option<Ref> {
    const FALSE: Ref = Ref::FALSE;
    const TRUE: Ref = Ref::TRUE;
    match (operation, f, g) {
        (Operation::And, FALSE, _) | (Operation::And, _, FALSE) => Some(FALSE),
        (Operation::And, TRUE, other) | (Operation::And, other, TRUE) => Some(other),
        (Operation::Or, TRUE, _) | (Operation::Or, _, TRUE) => Some(TRUE),
        (Operation::Or, FALSE, other) | (Operation::Or, other, FALSE) => Some(other),
        (Operation::And | Operation::Or, f, g) if f == g => Some(f),
        (Operation::AndNot | Operation::Without, f, g) if f == FALSE || f == g => Some(FALSE),
        (Operation::AndNot | Operation::Without, f, FALSE) => Some(f),
        (Operation::AndNot, _, TRUE) => Some(FALSE),
        // An antichain that has the empty set has nothing else.
        (Operation::Without, f, TRUE) => Some(f),
        (Operation::Without, TRUE, _) => Some(TRUE),
        _ => None,
    }
}

fn slot(operation: Operation, f: Ref, g: Ref) -> usize {
    let mixed = (u64::from(f.0) << 32 | u64::from(g.0)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 40) as usize ^ (operation as usize).wrapping_mul(0x5_1ed5)) & (CACHE_SIZE - 1)
}

/// For every voter, the quotas that may still be open when it is asked; ascending, without zero.
pub(super) fn remaining_quotas(quota: u64, votes: &[u64], meter: &mut Meter) -> Result<Vec<Vec<u64>>, Exhausted> {
    let mut states = vec![vec![quota]];
    for votes in votes {
        let open = &states[states.len() - 1];
        meter.charge(open.len() as u64)?;
        let mut next: Vec<u64> =
            open.iter().flat_map(|open| [*open, open.saturating_sub(*votes)]).filter(|open| *open > 0).collect();
        next.sort_unstable();
        next.dedup();
        states.push(next);
    }
    Ok(states)
}
