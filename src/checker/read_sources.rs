//! Which writes a read may have returned.

use super::clusters::Clusters;
use super::precedence::{NONE, Ops};
use super::regular::{INITIAL, Legality};
use crate::history::{Action, ValueId};

/// For every operation that finds a value, the operations that may have written it.
///
/// A sub-history proves something about the whole if every operation in it that finds a value has all its sources
/// beside it: in an order of the whole each finds what one of its sources wrote, with no write between, and so it does
/// in what that order leaves of the sub-history. So if the sub-history has no order, neither has the whole.
#[derive(Debug)]
pub(super) struct Sources {
    /// For every operation, where its sources begin in `of`.
    first: Vec<u32>,
    /// The sources, by operation.
    of: Vec<u32>,
    /// Failed compare-and-sets, with what they did not find: anything else that was written is a source.
    unequal: Vec<(usize, ValueId)>,
    /// What each operation writes, where there are such.
    written: Vec<Option<ValueId>>,
}

impl Sources {
    /// # Complexity
    /// As [`Legality`]: O(n log n) but for many overlapping writes of one value.
    pub(super) fn new(ops: &Ops<'_>) -> Sources {
        let legality = Legality::new(ops);
        let mut sources = Sources::empty(ops);
        for (position, entry) in ops.entries.iter().enumerate() {
            sources.first.push(sources.of.len() as u32);
            if let Action::FailedCas { expected, .. } = entry.action {
                sources.unequal.push((position, expected));
            }
            if let Action::Read(value) | Action::Cas { expected: value, .. } = entry.action {
                let others = legality.all(position, value).flatten();
                sources.of.extend(others.filter(|write| *write != INITIAL && *write as usize != position));
            }
        }
        sources.first.push(sources.of.len() as u32);
        if !sources.unequal.is_empty() {
            sources.written = ops.entries.iter().map(|entry| entry.action.written()).collect();
        }
        sources
    }

    fn empty(ops: &Ops<'_>) -> Sources {
        let first = Vec::with_capacity(ops.entries.len() + 1);
        Sources { first, of: Vec::new(), unequal: Vec::new(), written: Vec::new() }
    }

    /// The same where each read that is in a cluster can only have returned the write of that.
    pub(super) fn of_clusters(ops: &Ops<'_>, clusters: &Clusters) -> Sources {
        let mut sources = Sources::empty(ops);
        for (position, entry) in ops.entries.iter().enumerate() {
            sources.first.push(sources.of.len() as u32);
            let cluster = clusters.of(ops, position);
            if entry.action.written().is_none() && cluster != NONE {
                sources.of.extend(Some(clusters.write[cluster as usize]).filter(|write| *write != NONE));
            }
        }
        sources.first.push(sources.of.len() as u32);
        sources
    }

    /// Whether what is left still has all its sources when operations are taken away; both ascend.
    pub(super) fn are_kept(&self, left: &[usize], taken_away: &[usize]) -> bool {
        let is_gone = |source: &u32| taken_away.binary_search(&(*source as usize)).is_ok();
        let is_found_no_more = |&(failed, expected): &(usize, ValueId)| {
            let is_other = |gone: &usize| self.written[*gone].is_some_and(|written| written != expected);
            left.binary_search(&failed).is_ok() && taken_away.iter().any(is_other)
        };
        !self.unequal.iter().any(is_found_no_more)
            && left.iter().all(|&position| {
                let (from, to) = (self.first[position] as usize, self.first[position + 1] as usize);
                !self.of[from..to].iter().any(is_gone)
            })
    }
}
