//! Sets of few nodes as bits.

/// The nodes of a set.
pub(super) fn members(set: Mask) -> impl Iterator<Item = usize> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let node = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
        rest &= rest - 1;
        Some(node)
    })
}

/// A set of nodes, one bit each.
pub(super) type Mask = u64;
