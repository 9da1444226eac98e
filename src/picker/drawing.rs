//! Drawing quorums as often as a strategy says.

use super::alias::Alias;
use super::error::PickerError;
use super::error::QUORUMS_MAX;
use crate::model::{Choice, Kind, NodeId, NodeSet, Pair, Strategy, System};
use rustc_hash::FxHashMap;

/// Weights are whole numbers of 2^-80: every probability from 2^-27 on is one exactly.
pub(super) const WEIGHT_BITS: i32 = 80;

/// How far from 1 probabilities may add up to: more than what printing and reading thousands of them loses.
pub(super) const SUM_TOLERANCE: f64 = 1e-6;

/// A strategy from which operations draw their quorums.
///
/// A kind of operation that the strategy has no quorum for (the workload had none) draws nothing.
#[derive(Debug, Clone)]
pub struct Picker {
    pub(super) names: Vec<String>,
    pub(super) by_name: FxHashMap<String, NodeId>,
    pub(super) failed: NodeSet,
    pub(super) drawn: Pair<Drawn>,
}

/// The quorums of one kind.
#[derive(Debug, Clone)]
pub(super) struct Drawn {
    pub(super) choices: Vec<Choice>,
    /// Their probabilities as integers.
    pub(super) weights: Vec<u128>,
    /// How many members of each quorum have failed.
    pub(super) missing: Vec<u32>,
    /// For each node the quorums that contain it.
    pub(super) containing: Vec<Vec<u32>>,
    pub(super) table: Alias,
}

impl Picker {
    /// A picker for a strategy of a system, as `optimum.strategy` has it.
    ///
    /// # Errors
    /// As [`Picker::new`].
    ///
    /// # Examples
    /// ```
    /// use quorate::{Family, Picker};
    /// use quorate::model::Kind;
    /// let system = Family::Majority { n: 5 }.system()?;
    /// let best = system.load().expect("a majority has quorums");
    /// let picker = Picker::of(&system, &best.strategy.expect("a short strategy"))?;
    /// assert_eq!(picker.draw(Kind::Read, 0x0123_4567_89ab_cdef).map(|quorum| quorum.len()), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(system: &System, strategy: &Strategy) -> Result<Self, PickerError> {
        Picker::new(system.nodes().iter().map(|node| node.name.clone()).collect(), strategy.clone())
    }

    /// A picker for a strategy over nodes of these names.
    ///
    /// # Errors
    /// [`PickerError`] when a name stands twice, a quorum is empty or has a node without a name, a probability is not in
    /// (0, 1], or the probabilities of a kind that has quorums do not add up to 1.
    ///
    /// # Complexity
    /// Linear in the names of all quorums together.
    ///
    /// # Examples
    /// ```
    /// use quorate::strategy::optimum;
    /// use quorate::budget::Budget;
    /// use quorate::circuit::Compiled;
    /// use quorate::families::Family;
    /// use quorate::model::{Kind, Workload};
    /// use quorate::picker::Picker;
    /// let system = Family::Majority { n: 5 }.system()?;
    /// let best = optimum(&Compiled::new(&system, Budget::default()), &Workload::default(), true).expect("a load");
    /// let names = system.nodes().iter().map(|node| node.name.clone()).collect();
    /// let picker = Picker::new(names, best.strategy.expect("a short strategy"))?;
    /// assert_eq!(picker.draw(Kind::Read, 0x0123_4567_89ab_cdef).map(|quorum| quorum.len()), Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(names: Vec<String>, strategy: Strategy) -> Result<Self, PickerError> {
        let mut by_name = FxHashMap::default();
        for (index, name) in names.iter().enumerate() {
            if by_name.insert(name.clone(), NodeId::new(index)).is_some() {
                return Err(PickerError::DuplicateNode { name: name.clone() });
            }
        }
        let reads = Drawn::new(Kind::Read, strategy.reads, names.len())?;
        let writes = Drawn::new(Kind::Write, strategy.writes, names.len())?;
        Ok(Picker { names, by_name, failed: NodeSet::new(), drawn: Pair { reads, writes } })
    }

    /// The quorum that a random word stands for, avoiding failed nodes; `None` when the strategy has none without them.
    ///
    /// When `word` is uniform over all 64-bit words, a quorum is drawn with its probability, divided by that of all
    /// quorums without a failed node, up to 2^-64 for each quorum of the strategy. That `None` comes back does not
    /// mean that no quorum is alive: a strategy may use only some of them.
    ///
    /// # Complexity
    /// Constant: one multiplication and two reads of memory.
    #[inline]
    pub fn draw(&self, kind: Kind, word: u64) -> Option<&NodeSet> {
        let index = self.draw_index(kind, word)?;
        Some(&self.drawn.of(kind).choices[index].quorum)
    }

    /// The position among [`Picker::choices`] of the quorum that [`Picker::draw`] gives.
    #[inline]
    pub fn draw_index(&self, kind: Kind, word: u64) -> Option<usize> {
        self.drawn.of(kind).table.draw(word).map(|index| index as usize)
    }

    /// The quorums of one kind with their probabilities when no node has failed, in the order in which they were given.
    pub fn choices(&self, kind: Kind) -> &[Choice] {
        &self.drawn.of(kind).choices
    }

    /// The probability that an operation of this kind would have drawn a quorum without a failed node: 1 before the first
    /// failure, 0 when nothing can be drawn.
    pub fn untouched(&self, kind: Kind) -> f64 {
        let drawn = self.drawn.of(kind);
        let (all, left) =
            drawn.weights.iter().zip(&drawn.missing).fold((0u128, 0u128), |(all, left), (weight, missing)| {
                (all + weight, left + if *missing == 0 { *weight } else { 0 })
            });
        if all == 0 { 0.0 } else { left as f64 / all as f64 }
    }

    /// Avoids a node from now on.
    ///
    /// # Complexity
    /// Linear in the quorums with this node, and in all quorums where one of them was still in use.
    ///
    /// # Panics
    /// When the node is none of the picker's.
    pub fn fail(&mut self, node: NodeId) {
        self.change(node, true);
    }

    /// Uses a node again.
    ///
    /// # Complexity
    /// As [`Picker::fail`].
    ///
    /// # Panics
    /// When the node is none of the picker's.
    pub fn recover(&mut self, node: NodeId) {
        self.change(node, false);
    }

    /// Avoids these nodes and no others: all changes at once.
    ///
    /// # Complexity
    /// Linear in the quorums with a node that changed, and at most once in all quorums.
    ///
    /// # Panics
    /// When a node is none of the picker's.
    pub fn set_failed(&mut self, failed: &NodeSet) {
        let now_down: Vec<NodeId> = failed.iter().filter(|node| !self.failed.contains(*node)).collect();
        let now_up: Vec<NodeId> = self.failed.iter().filter(|node| !failed.contains(*node)).collect();
        for drawn in [&mut self.drawn.reads, &mut self.drawn.writes] {
            let mut stale = false;
            now_down.iter().for_each(|node| stale |= drawn.count(*node, true));
            now_up.iter().for_each(|node| stale |= drawn.count(*node, false));
            if stale {
                drawn.rebuild();
            }
        }
        self.failed = failed.clone();
    }

    /// The nodes that are avoided.
    pub fn failed(&self) -> &NodeSet {
        &self.failed
    }

    /// The node of this name.
    pub fn node(&self, name: &str) -> Option<NodeId> {
        self.by_name.get(name).copied()
    }

    /// The names of the members of a set, in node order.
    pub fn names<'a>(&'a self, set: &'a NodeSet) -> impl Iterator<Item = &'a str> + 'a {
        set.iter().map(|node| self.names[node.index()].as_str())
    }

    pub(super) fn change(&mut self, node: NodeId, down: bool) {
        assert!(node.index() < self.names.len(), "node number {} of {}", node.index(), self.names.len());
        if self.failed.contains(node) == down {
            return;
        }
        if down {
            self.failed.insert(node);
        } else {
            self.failed.remove(node);
        }
        for drawn in [&mut self.drawn.reads, &mut self.drawn.writes] {
            if drawn.count(node, down) {
                drawn.rebuild();
            }
        }
    }
}

impl Drawn {
    pub(super) fn new(kind: Kind, choices: Vec<Choice>, nodes: usize) -> Result<Self, PickerError> {
        if choices.len() > QUORUMS_MAX {
            return Err(PickerError::TooMany { kind, count: choices.len() });
        }
        let mut containing = vec![Vec::new(); nodes];
        for (index, Choice { quorum, probability }) in choices.iter().enumerate() {
            let (number, probability) = (index + 1, *probability);
            if !(probability > 0.0 && probability <= 1.0 + SUM_TOLERANCE) {
                return Err(PickerError::Probability { kind, number, probability });
            }
            if quorum.is_empty() {
                return Err(PickerError::EmptyQuorum { kind, number });
            }
            for node in quorum.iter() {
                let known: Option<&mut Vec<u32>> = containing.get_mut(node.index());
                let name = || format!("node number {}", node.index());
                known.ok_or_else(|| PickerError::UnknownNode { kind, number, name: name() })?.push(index as u32);
            }
        }
        let sum: f64 = choices.iter().map(|choice| choice.probability).sum();
        if !choices.is_empty() && (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(PickerError::Sum { kind, sum });
        }
        let weights = choices.iter().map(|choice| weight(choice.probability)).collect();
        let missing = vec![0; choices.len()];
        let mut drawn = Drawn { choices, weights, missing, containing, table: Alias::default() };
        drawn.rebuild();
        Ok(drawn)
    }

    /// Counts a failure or a recovery; whether it changed which quorums can be drawn.
    pub(super) fn count(&mut self, node: NodeId, down: bool) -> bool {
        let mut changed = false;
        for quorum in &self.containing[node.index()] {
            let missing = &mut self.missing[*quorum as usize];
            changed |= *missing == u32::from(!down);
            *missing = if down { *missing + 1 } else { *missing - 1 };
        }
        changed
    }

    pub(super) fn rebuild(&mut self) {
        let intact = self.weights.iter().zip(&self.missing).enumerate().filter(|(_, (_, missing))| **missing == 0);
        self.table.build(intact.map(|(index, (weight, _))| (index as u32, *weight)));
    }
}

/// The probability as a whole number of 2^-80; what is positive stays so.
pub(super) fn weight(probability: f64) -> u128 {
    ((probability.min(1.0) * 2f64.powi(WEIGHT_BITS)) as u128).max(1)
}
