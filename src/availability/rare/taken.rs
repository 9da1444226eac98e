//! What can be taken, one after the other, to reach the votes of a gate: its children, and zones around some of them.

use crate::circuit::Across;
use crate::model::GateId;

/// What can be taken for its votes: a child, largest votes first, or, before its children, a zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) way: Way,
    pub(super) votes: u64,
    /// The item that is next when this one is taken: behind a zone come those outside of it.
    pub(super) next: usize,
}

/// A proof of a gate, or one variable.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way {
    Gate(GateId),
    Variable(usize),
}

/// The children of a gate by their votes, largest first, each zone before what is in it.
pub(super) fn items((children, votes): (&[GateId], &[u64]), across: Option<&Across>) -> Vec<Item> {
    let mut voters: Vec<(usize, u64)> = votes.iter().copied().enumerate().collect();
    voters.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
    let Some(across) = across else {
        let item =
            |(at, (child, votes)): (usize, (usize, u64))| Item { way: Way::Gate(children[child]), votes, next: at + 1 };
        return voters.into_iter().enumerate().map(item).collect();
    };
    // The zones around each voter, outermost first; those of a zone side by side.
    let chain = |child: usize| {
        let around = std::iter::successors(across.of_child[child], |zone| across.zones[*zone].inside);
        let mut chain: Vec<usize> = around.collect();
        chain.reverse();
        chain
    };
    let mut chained: Vec<(Vec<usize>, usize, u64)> =
        voters.into_iter().map(|(child, votes)| (chain(child), child, votes)).collect();
    chained.sort_by(|a, b| a.0.cmp(&b.0));
    let mut items: Vec<Item> = Vec::new();
    // The zones that are open, with their items.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (chain, child, votes) in chained {
        let shared = open.iter().zip(&chain).take_while(|((zone, _), other)| zone == *other).count();
        let end = items.len();
        open.drain(shared..).for_each(|(_, item)| items[item].next = end);
        for zone in &chain[shared..] {
            open.push((*zone, items.len()));
            items.push(Item { way: Way::Variable(across.zones[*zone].zone.index()), votes: 0, next: 0 });
        }
        open.iter().for_each(|(_, item)| items[*item].votes += votes);
        items.push(Item { way: Way::Gate(children[child]), votes, next: items.len() + 1 });
    }
    let end = items.len();
    open.into_iter().for_each(|(_, item)| items[item].next = end);
    items
}

impl Item {
    /// How many votes are missing when this is taken.
    pub(super) fn left(self, missing: usize) -> usize {
        missing.saturating_sub(usize::try_from(self.votes).unwrap_or(usize::MAX))
    }
}
