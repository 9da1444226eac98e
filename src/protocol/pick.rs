//! Which nodes a client contacts first.

use super::machine::ProcessId;
use crate::model::{Choice, Formula, Kind, Pair, Strategy, System};

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
#[derive(Debug, Clone, PartialEq)]
pub struct Picker {
    everyone: Pair<Vec<ProcessId>>,
    drawn: Pair<Option<Lottery>>,
}

impl Picker {
    /// The picker over a system.
    ///
    /// A kind of operation for which the strategy has no quorum, because the workload has no such operation, contacts
    /// all nodes.
    pub fn new(system: &System, pick: &Pick) -> Self {
        let members = |formula: &Formula| formula.support().iter().map(ProcessId::from).collect();
        let drawn = match pick {
            Pick::All => Pair::default(),
            Pick::Drawn(strategy) => strategy.as_ref().map(|choices| Lottery::new(choices)),
        };
        Picker { everyone: system.formulas().as_ref().map(members), drawn }
    }

    /// All nodes that are in some quorum of a kind.
    pub fn everyone(&self, kind: Kind) -> &[ProcessId] {
        self.everyone.of(kind)
    }

    /// The nodes to contact first.
    pub fn first(&self, kind: Kind, draw: u64) -> &[ProcessId] {
        self.drawn.of(kind).as_ref().map_or(self.everyone(kind), |lottery| lottery.draw(draw))
    }

    /// Whether only some of the nodes are contacted first.
    pub fn is_drawn(&self, kind: Kind) -> bool {
        self.drawn.of(kind).is_some()
    }
}

/// Quorums with probabilities, drawn in constant time.
///
/// # Source
/// Walker, An efficient method for generating discrete random variables with general distributions, 1977; Vose, A
/// linear algorithm for generating random numbers with a given distribution, 1991.
#[derive(Debug, Clone, PartialEq)]
struct Lottery {
    quorums: Vec<Vec<ProcessId>>,
    /// For each column the share, of 2^64, that is its own quorum, and the quorum that has the rest.
    columns: Vec<(u64, u32)>,
}

impl Lottery {
    fn new(choices: &[Choice]) -> Option<Lottery> {
        let total: f64 = choices.iter().map(|choice| choice.probability).sum();
        if choices.is_empty() || total <= 0.0 {
            return None;
        }
        let count = choices.len();
        let mut share: Vec<f64> = choices.iter().map(|choice| choice.probability / total * count as f64).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..count).partition(|at| share[*at] < 1.0);
        let mut columns: Vec<(u64, u32)> = (0..count).map(|at| (u64::MAX, at as u32)).collect();
        while let (Some(poor), Some(&rich)) = (small.pop(), large.last()) {
            columns[poor] = ((share[poor] * 2f64.powi(64)) as u64, rich as u32);
            share[rich] -= 1.0 - share[poor];
            if share[rich] < 1.0 {
                large.pop();
                small.push(rich);
            }
        }
        let members = |choice: &Choice| choice.quorum.iter().map(ProcessId::from).collect();
        Some(Lottery { quorums: choices.iter().map(members).collect(), columns })
    }

    /// The high half of word times count is the column, the low half decides within it.
    fn draw(&self, word: u64) -> &[ProcessId] {
        let product = u128::from(word) * self.columns.len() as u128;
        let column = (product >> 64) as usize;
        let (own, other) = self.columns[column];
        &self.quorums[if product as u64 <= own { column } else { other as usize }]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NodeId, NodeSet};

    #[test]
    fn quorums_are_drawn_as_often_as_the_strategy_says() {
        let probabilities = [0.5, 0.125, 0.0, 0.3, 0.075];
        let choices: Vec<Choice> = probabilities
            .iter()
            .enumerate()
            .map(|(node, probability)| Choice {
                quorum: [NodeId::new(node)].into_iter().collect::<NodeSet>(),
                probability: *probability,
            })
            .collect();
        let lottery = Lottery::new(&choices).unwrap();
        let draws = 1 << 20;
        let mut drawn = [0u32; 5];
        for at in 0..draws {
            // Words at equal distances: the shares are then exact but for the edges of the columns.
            drawn[lottery.draw(at << 44)[0].index()] += 1;
        }
        for (count, probability) in drawn.iter().zip(probabilities) {
            assert!((f64::from(*count) / draws as f64 - probability).abs() < 1e-5, "{drawn:?}");
        }
        assert!(Lottery::new(&[]).is_none());
    }
}
