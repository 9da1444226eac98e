//! Five hundred and twelve evaluations of formulas at once, one in each bit of a word.

mod settle;
pub(super) mod simd;

use crate::model::{Formula, Gate, GateId};
use simd::{LANES, Wide, Words};

/// Formulas over the same nodes, ready to be evaluated in [`LANES`] lanes.
///
/// Every node and every gate has a slot for its word. Thresholds add their children column by column with full adders,
/// five operations for each child: column b holds the bits of weight 2^b, its carries go to column b + 1, and the count
/// is compared with the threshold while its bits appear, lowest first.
///
/// # Examples
/// ```
/// use quorate::circuit::Lanes;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 3 }.formulas()?.reads;
/// let lanes = Lanes::new(3, &[&majority]);
/// // Lane 0: nodes 1 and 2 are live; lane 1: only node 3 is.
/// let live = [0b01, 0b01, 0b10].map(|word| [word, 0, 0, 0, 0, 0, 0, 0]);
/// assert_eq!(lanes.holds(&live), [[0b01, 0, 0, 0, 0, 0, 0, 0]]);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lanes {
    pub(super) nodes: usize,
    pub(super) steps: Vec<Step>,
    pub(super) inputs: Vec<u32>,
    pub(super) votes: Vec<u64>,
    pub(super) roots: Vec<u32>,
}

/// A gate whose children stand in `inputs`, by slot; its own slot follows from its position.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Any { start: u32, end: u32 },
    All { start: u32, end: u32 },
    TwoOfThree { of: [u32; 3] },
    Count { k: u64, start: u32, end: u32 },
    Votes { quota: u64, start: u32, end: u32 },
}

impl Step {
    /// The slots of its children.
    pub(super) fn inputs<'a>(&'a self, inputs: &'a [u32]) -> &'a [u32] {
        match self {
            Step::Any { start, end }
            | Step::All { start, end }
            | Step::Count { start, end, .. }
            | Step::Votes { start, end, .. } => &inputs[*start as usize..*end as usize],
            Step::TwoOfThree { of } => of,
        }
    }
}

/// The words of one evaluation, and space for its carries.
#[derive(Debug)]
pub struct LaneSpace<V> {
    /// One word for each node: in which lanes it is live. Gates follow.
    slots: Vec<V>,
    carries: Vec<V>,
}

impl<V: Wide> LaneSpace<V> {
    /// Says in which lanes a node is live.
    #[inline(always)]
    pub fn set(&mut self, node: usize, live: V) {
        self.slots[node] = live;
    }
}

impl Lanes {
    /// Prepares `formulas`, which mention no node beyond `nodes`.
    ///
    /// # Complexity
    /// Linear in gates and edges.
    pub fn new(nodes: usize, formulas: &[&Formula]) -> Self {
        let mut lanes = Lanes::empty(nodes);
        for formula in formulas {
            let mut slots: Vec<u32> = Vec::with_capacity(formula.gate_count());
            for (_, gate) in formula.gates() {
                let slot = match gate {
                    Gate::Leaf(node) => node.index() as u32,
                    Gate::Threshold { k, children } => lanes.threshold(k, children, &slots),
                    Gate::Weighted { quota, children, votes } => lanes.push_votes(quota, children, votes, &slots),
                };
                slots.push(slot);
            }
            lanes.roots.push(slots[formula.root().index()]);
        }
        lanes
    }

    pub(super) fn empty(nodes: usize) -> Self {
        Lanes { nodes, steps: Vec::new(), inputs: Vec::new(), votes: Vec::new(), roots: Vec::new() }
    }

    fn threshold(&mut self, k: usize, children: &[GateId], slots: &[u32]) -> u32 {
        if let ([a, b, c], 2) = (children, k) {
            return self.push(Step::TwoOfThree { of: [a, b, c].map(|child| slots[child.index()]) });
        }
        let start = self.inputs.len() as u32;
        self.inputs.extend(children.iter().map(|child| slots[child.index()]));
        let end = self.inputs.len() as u32;
        self.push(match k {
            1 => Step::Any { start, end },
            _ if k == children.len() => Step::All { start, end },
            _ => Step::Count { k: k as u64, start, end },
        })
    }

    fn push_votes(&mut self, quota: u64, children: &[GateId], votes: &[u64], slots: &[u32]) -> u32 {
        let start = self.inputs.len() as u32;
        self.inputs.extend(children.iter().map(|child| slots[child.index()]));
        // Votes stand at the same positions as the children that have them.
        self.votes.resize(start as usize, 0);
        self.votes.extend_from_slice(votes);
        self.push(Step::Votes { quota, start, end: self.inputs.len() as u32 })
    }

    pub(super) fn push(&mut self, step: Step) -> u32 {
        self.steps.push(step);
        (self.nodes + self.steps.len() - 1) as u32
    }

    /// Space for evaluations.
    #[inline(always)]
    pub fn space<V: Wide>(&self) -> LaneSpace<V> {
        LaneSpace { slots: vec![V::splat(0); self.nodes + self.steps.len()], carries: Vec::new() }
    }

    /// Steps of one evaluation: children looked at.
    pub fn cost(&self) -> u64 {
        (self.inputs.len() + 3 * self.steps.len()) as u64
    }

    /// How often a node is a child.
    pub fn uses(&self, node: usize) -> usize {
        let children = self.steps.iter().flat_map(|step| step.inputs(&self.inputs));
        children.filter(|input| **input as usize == node).count()
    }

    /// Evaluates all formulas.
    ///
    /// # Complexity
    /// O(edges) word operations; a weighted gate one for each bit of each vote.
    #[inline(always)]
    pub fn evaluate<V: Wide>(&self, space: &mut LaneSpace<V>) {
        let LaneSpace { slots, carries } = space;
        for (position, step) in self.steps.iter().enumerate() {
            let value = match *step {
                Step::Any { start, end } => {
                    let inputs = &self.inputs[start as usize..end as usize];
                    inputs.iter().fold(V::splat(0), |any, input| any | slots[*input as usize])
                }
                Step::All { start, end } => {
                    let inputs = &self.inputs[start as usize..end as usize];
                    inputs.iter().fold(V::splat(!0), |all, input| all & slots[*input as usize])
                }
                Step::TwoOfThree { of: [a, b, c] } => {
                    let (a, b, c) = (slots[a as usize], slots[b as usize], slots[c as usize]);
                    (a & b) | (c & (a ^ b))
                }
                Step::Count { k, start, end } => count(&self.inputs[start as usize..end as usize], k, slots, carries),
                Step::Votes { quota, start, end } => {
                    let span = start as usize..end as usize;
                    let voters = Voters { inputs: &self.inputs[span.clone()], votes: &self.votes[span] };
                    voters.reach(quota, slots, carries)
                }
            };
            slots[self.nodes + position] = value;
        }
    }

    /// In which lanes the formula at this position holds, after [`Lanes::evaluate`].
    #[inline(always)]
    pub fn result<V: Wide>(&self, formula: usize, space: &LaneSpace<V>) -> V {
        space.slots[self.roots[formula] as usize]
    }

    /// In which lanes each formula holds, for live nodes as eight words each, on any processor.
    pub fn holds(&self, live: &[[u64; 8]]) -> Vec<[u64; 8]> {
        let mut space = self.space::<Words>();
        live.iter().enumerate().for_each(|(node, words)| space.set(node, Words::from_words(*words)));
        self.evaluate(&mut space);
        (0..self.roots.len()).map(|formula| self.result(formula, &space).to_words()).collect()
    }
}

/// The lanes in which `k` or more of the children hold.
///
/// Pairs of one column go through one full adder after the other; what they carry is the next column, half as long and
/// written over this one.
#[inline(always)]
fn count<V: Wide>(inputs: &[u32], k: u64, slots: &[V], carries: &mut Vec<V>) -> V {
    carries.clear();
    let mut sum = V::splat(0);
    let mut pairs = inputs.chunks_exact(2);
    for pair in &mut pairs {
        let carry;
        (sum, carry) = add(sum, slots[pair[0] as usize], slots[pair[1] as usize]);
        carries.push(carry);
    }
    if let [last] = pairs.remainder() {
        let last = slots[*last as usize];
        carries.push(sum & last);
        sum = sum ^ last;
    }
    let mut reached = if k & 1 == 1 { sum } else { V::splat(!0) };
    let (mut waiting, mut rest) = (carries.len(), k >> 1);
    while waiting > 0 || rest > 0 {
        sum = V::splat(0);
        for pair in 0..waiting / 2 {
            (sum, carries[pair]) = add(sum, carries[2 * pair], carries[2 * pair + 1]);
        }
        if waiting % 2 == 1 {
            let last = carries[waiting - 1];
            carries[waiting / 2] = sum & last;
            sum = sum ^ last;
        }
        reached = if rest & 1 == 1 { reached & sum } else { reached | sum };
        // The last column carries nothing.
        waiting = if waiting == 1 { 0 } else { waiting.div_ceil(2) };
        rest >>= 1;
    }
    reached
}

/// The sum of three bits and what it carries.
#[inline(always)]
fn add<V: Wide>(a: V, b: V, c: V) -> (V, V) {
    let either = b ^ c;
    (a ^ either, (b & c) | (a & either))
}

/// The children of one gate and their votes.
struct Voters<'a> {
    inputs: &'a [u32],
    votes: &'a [u64],
}

impl Voters<'_> {
    /// The lanes in which the votes of the children that hold add up to `quota` or more.
    #[inline(always)]
    fn reach<V: Wide>(&self, quota: u64, slots: &[V], carries: &mut Vec<V>) -> V {
        let mut all_bits = 0;
        for votes in self.votes {
            all_bits |= votes;
        }
        carries.clear();
        let mut reached = V::splat(!0);
        let (mut column, mut waiting) = (0u32, 0usize);
        // Lowest bit first: so far `reached` says whether the bits below `column` reach those of the quota.
        while column < u64::BITS && (all_bits >> column | quota >> column != 0 || waiting > 0) {
            let mut adder = Adder { sum: V::splat(0), half: None, carried: 0 };
            for carry in 0..waiting {
                let bit = carries[carry];
                adder.add(bit, carries);
            }
            if all_bits >> column & 1 == 1 {
                for (input, votes) in self.inputs.iter().zip(self.votes) {
                    if votes >> column & 1 == 1 {
                        adder.add(slots[*input as usize], carries);
                    }
                }
            }
            let sum = adder.finish(carries);
            waiting = adder.carried;
            reached = if quota >> column & 1 == 1 { reached & sum } else { reached | sum };
            column += 1;
        }
        reached
    }
}

/// Adds the bits of one column two at a time; carries overwrite the bits of the column that were already added.
struct Adder<V> {
    sum: V,
    half: Option<V>,
    carried: usize,
}

impl<V: Wide> Adder<V> {
    #[inline(always)]
    fn add(&mut self, bit: V, carries: &mut Vec<V>) {
        match self.half.take() {
            None => self.half = Some(bit),
            Some(half) => {
                let carry;
                (self.sum, carry) = add(self.sum, half, bit);
                self.carry(carry, carries);
            }
        }
    }

    #[inline(always)]
    fn finish(&mut self, carries: &mut Vec<V>) -> V {
        if let Some(half) = self.half.take() {
            let carry = self.sum & half;
            self.sum = self.sum ^ half;
            self.carry(carry, carries);
        }
        self.sum
    }

    #[inline(always)]
    fn carry(&mut self, carry: V, carries: &mut Vec<V>) {
        if self.carried < carries.len() {
            carries[self.carried] = carry;
        } else {
            carries.push(carry);
        }
        self.carried += 1;
    }
}

/// The lanes of one word of eight in which a bit is set.
pub fn set_lanes(words: [u64; 8]) -> impl Iterator<Item = usize> {
    (0..LANES).filter(move |lane| words[lane / 64] >> (lane % 64) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::lanes::simd::{InstructionSet, Kernel, dispatch};
    use crate::families::Family;
    use crate::model::{NodeId, NodeSet};

    struct Evaluate<'a>(&'a Lanes, &'a [[u64; 8]]);

    impl Kernel for Evaluate<'_> {
        type Output = Vec<[u64; 8]>;

        #[inline(always)]
        fn run<V: Wide>(self) -> Vec<[u64; 8]> {
            let mut space = self.0.space::<V>();
            for (node, words) in self.1.iter().enumerate() {
                space.set(node, V::from_words(*words));
            }
            self.0.evaluate(&mut space);
            (0..self.0.roots.len()).map(|formula| self.0.result(formula, &space).to_words()).collect()
        }
    }

    #[test]
    fn lanes_agree_with_single_evaluations() {
        let families = [
            Family::Threshold { n: 10, read: 3, write: 8 },
            Family::Threshold { n: 11, read: 6, write: 7 },
            Family::Weighted { votes: vec![5, 9, 2, 14, 3, 1, 64, 33, 7], read_votes: 17, write_votes: 80 },
            Family::Weighted { votes: vec![1, 1, 2], read_votes: 2, write_votes: 3 },
            Family::BGrid { width: 2, bands: 2, band_rows: 2 },
            Family::Majority { n: 3 },
        ];
        for family in families {
            let formulas = family.formulas().unwrap();
            let nodes = family.node_count() as usize;
            let lanes = Lanes::new(nodes, &[&formulas.reads, &formulas.writes]);
            for block in 0..(1usize << nodes).div_ceil(LANES) {
                let live = |node: usize, lane: usize| (block * LANES + lane) >> node & 1 == 1;
                let words = |node| {
                    std::array::from_fn(|word| (0..64).map(|bit| u64::from(live(node, word * 64 + bit)) << bit).sum())
                };
                let live_words: Vec<[u64; 8]> = (0..nodes).map(words).collect();
                let held = lanes.holds(&live_words);
                assert_eq!(dispatch(InstructionSet::Best, Evaluate(&lanes, &live_words)), held);
                for lane in 0..LANES {
                    let set: NodeSet = (0..nodes).filter(|node| live(*node, lane)).map(NodeId::new).collect();
                    for (formula, words) in [&formulas.reads, &formulas.writes].into_iter().zip(&held) {
                        assert_eq!(words[lane / 64] >> (lane % 64) & 1 == 1, formula.holds(&set), "{family:?} {set:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn votes_up_to_the_largest_are_added() {
        // 2^62 and 2^62 - 1 reach 2^63 - 1 only together.
        let votes = vec![1 << 62, (1 << 62) - 1];
        let family = Family::Weighted { votes, read_votes: (1 << 63) - 1, write_votes: 1 << 62 };
        let formulas = family.formulas().unwrap();
        let lanes = Lanes::new(2, &[&formulas.reads, &formulas.writes]);
        let held = lanes.holds(&[[0b1010, 0, 0, 0, 0, 0, 0, 0], [0b1100, 0, 0, 0, 0, 0, 0, 0]]);
        assert_eq!((held[0][0], held[1][0]), (0b1000, 0b1010));
    }

    #[test]
    fn lanes_are_listed() {
        assert_eq!(set_lanes([1, 0, 0, 0, 0, 0, 0, 1 << 63]).collect::<Vec<_>>(), [0, 511]);
    }
}
