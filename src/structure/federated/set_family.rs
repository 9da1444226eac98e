//! How many minimal sets of a kind there are, how small, and the first of them.

use num_bigint::BigUint;

use crate::budget::{Exhausted, Meter};
use crate::circuit::{Compiled, Diagram, Ref};
use crate::model::{Kind, NodeSet};
use crate::structure::minimal_quorums::minimal_quorums;
use crate::structure::resilience::Resilience;

/// So many sets are listed in order even if fewer are asked for, so that the first by their nodes are the first of all.
const IN_ORDER: usize = 1_000;

/// Minimal sets of one kind: quorums, blocking or splitting sets.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SetFamily {
    /// How many; absent where that is beyond the limits.
    pub count: Option<BigUint>,
    /// Nodes of a smallest one; absent where there is none, or it is not known.
    pub smallest: Option<usize>,
    /// The first of them, by size and then in node order; absent where none is known though there may be some.
    pub sets: Option<Vec<NodeSet>>,
    /// Whether these are all; absent where that is not known.
    pub is_complete: Option<bool>,
    /// What ended, where something is absent.
    pub exhausted: Option<Exhausted>,
}

impl SetFamily {
    /// One set alone, or none.
    pub(super) fn only(set: Option<NodeSet>) -> Self {
        SetFamily {
            count: Some(BigUint::from(u32::from(set.is_some()))),
            smallest: set.as_ref().map(NodeSet::len),
            sets: Some(set.into_iter().collect()),
            is_complete: Some(true),
            exhausted: None,
        }
    }

    /// Of which the size of a smallest one is all that is known, and perhaps one that has it.
    pub(super) fn unlisted(smallest: Option<usize>, one: Option<NodeSet>, exhausted: Option<Exhausted>) -> Self {
        SetFamily { count: None, smallest, sets: one.map(|set| vec![set]), is_complete: None, exhausted }
    }

    /// The minimal quorums of a system, whose resilience is known to be so much at least; at most `limit` are listed.
    pub(super) fn of_quorums(compiled: &Compiled<'_>, resilience: &Resilience, limit: usize) -> Self {
        let all = minimal_quorums(compiled, Kind::Read, resilience, Some(limit.max(IN_ORDER)));
        let listing = all.listing.map(|listing| (listing.quorums, listing.complete));
        SetFamily::cut(all.count, all.smallest, (listing, all.exhausted), limit)
    }

    /// The sets of a family in a diagram, whose variables `renamed` turns into nodes.
    pub(super) fn of_diagram(
        store: &Diagram,
        family: Ref,
        renamed: impl Fn(&NodeSet) -> NodeSet,
        limit: usize,
        meter: &mut Meter,
    ) -> Result<Self, Exhausted> {
        let Some(size) = store.family_size(family) else { return Ok(SetFamily::only(None)) };
        let listed = store.list_family(family, limit.max(IN_ORDER), meter)?;
        let is_complete = size.count == listed.len().into();
        let sets = listed.iter().map(renamed).collect();
        Ok(SetFamily::cut(Some(size.count), Some(size.smallest), (Some((sets, is_complete)), None), limit))
    }

    fn cut(
        count: Option<BigUint>,
        smallest: Option<usize>,
        (listing, exhausted): (Option<(Vec<NodeSet>, bool)>, Option<Exhausted>),
        limit: usize,
    ) -> Self {
        let is_complete = listing.as_ref().map(|(sets, complete)| *complete && sets.len() <= limit);
        let sets = listing.map(|(mut sets, _)| {
            sets.sort_by_cached_key(|set| (set.len(), set.iter().collect::<Vec<_>>()));
            sets.truncate(limit);
            sets
        });
        SetFamily { count, smallest, sets, is_complete, exhausted }
    }
}
