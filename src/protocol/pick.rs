//! Which nodes a client contacts first.

use super::machine::ProcessId;
use crate::model::{Choice, Formula, Kind, Pair, Strategy, System};
use crate::picker::Picker;

/// Which nodes a client contacts first; when they do not answer, it contacts all others too.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Pick {
    /// All nodes that are in some quorum; the first quorum to answer counts.
    #[default]
    All,
    /// One quorum, drawn from a strategy.
    Drawn(Strategy),
}

/// A [`Pick`] ready to be drawn from by one word.
#[derive(Debug, Clone)]
pub struct Contacts {
    everyone: Pair<Vec<ProcessId>>,
    /// The quorums of a strategy, in the order of its choices.
    quorums: Pair<Vec<Vec<ProcessId>>>,
    picker: Option<Picker>,
}

impl Contacts {
    /// The contacts over a system.
    ///
    /// A kind of operation for which the strategy has no quorum, because the workload has no such operation, contacts
    /// all nodes; so does everything under a strategy that [`Picker::new`] refuses.
    pub fn new(system: &System, pick: &Pick) -> Self {
        let members = |formula: &Formula| formula.support().iter().map(ProcessId::from).collect();
        let everyone = system.formulas().as_ref().map(members);
        let names = || system.nodes().iter().map(|node| node.name.clone()).collect();
        let picker = match pick {
            Pick::All => None,
            Pick::Drawn(strategy) => Picker::new(names(), strategy.clone()).ok(),
        };
        let Some(picker) = picker else {
            return Contacts { everyone, quorums: Pair::default(), picker: None };
        };
        let quorum = |choice: &Choice| choice.quorum.iter().map(ProcessId::from).collect();
        let quorums = |kind: Kind| picker.choices(kind).iter().map(quorum).collect();
        let quorums = Pair { reads: quorums(Kind::Read), writes: quorums(Kind::Write) };
        Contacts { everyone, quorums, picker: Some(picker) }
    }

    /// All nodes that are in some quorum of a kind.
    pub fn everyone(&self, kind: Kind) -> &[ProcessId] {
        self.everyone.of(kind)
    }

    /// The nodes to contact first.
    pub fn first(&self, kind: Kind, draw: u64) -> &[ProcessId] {
        let drawn = self.picker.as_ref().and_then(|picker| picker.draw_index(kind, draw));
        drawn.and_then(|index| self.quorums.of(kind).get(index)).map_or(self.everyone(kind), Vec::as_slice)
    }

    /// Whether only some of the nodes are contacted first.
    pub fn is_drawn(&self, kind: Kind) -> bool {
        !self.quorums.of(kind).is_empty()
    }
}

/// Another random word from one: the output function of SplitMix64.
///
/// # Source
/// Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
pub fn next_word(word: u64) -> u64 {
    let mut mixed = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
