//! A node is well, down or lying: how often each.

use crate::model::Probability;

/// With what probability a node is down, and with what it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
#[doc(hidden)]
pub struct NodeStates {
    pub(super) down: Probability,
    pub(super) lies: Probability,
}

impl NodeStates {
    /// How often the node is not well.
    pub(super) fn fails(self) -> Probability {
        Probability::new((self.down.get() + self.lies.get()).min(1.0)).unwrap_or(self.down)
    }

    /// Whether it can be as often as that in both states.
    pub(super) fn is_possible(self) -> bool {
        self.down.get() + self.lies.get() <= 1.0 + f64::EPSILON
    }
}

/// What all have, when they have the same.
pub(super) fn common(mut all: impl Iterator<Item = Probability>) -> Option<Probability> {
    let first = all.next()?;
    all.all(|p| p == first).then_some(first)
}
