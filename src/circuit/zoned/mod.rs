//! Passes over read-once formulas whose nodes stand in zones: what fails together is taken together.
//!
//! A zone that fails takes all its nodes with it, so that sub-formulas which share a zone are not independent. Of a zone
//! whose nodes are just those below a gate, or below some children of one gate, only that gate need know: below it, all is
//! independent while the zone is up, and lost when it is down. At such a gate the live votes are convolved zone by zone:
//! D(zone) = up (convolution over what is in it) + down (no vote), zones inside zones likewise. Zones that cut through
//! gates are settled first, every combination in turn.

mod ballot;
mod decisive;
mod importance;
mod joint;
mod plan;
mod probabilities;
mod sums;
#[cfg(test)]
mod tests;
mod tilted;

pub(crate) use importance::importance_in_zones;
pub(crate) use joint::joint_chances_in_zones;
pub(crate) use plan::{Across, ZoneMembers, ZonePlan};
pub(crate) use probabilities::chances_in_zones;

use crate::number::Scaled;

/// The probabilities that each variable is live and dead: nodes by their numbers, and zones by theirs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chances<'a> {
    /// It is live.
    pub(crate) live: &'a [Scaled],
    /// It is dead.
    pub(crate) dead: &'a [Scaled],
}
