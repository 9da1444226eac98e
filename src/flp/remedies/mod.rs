//! Three ways around the theorem, each measured in rounds until a decision.

mod partial_synchrony;
mod random;
mod relaxed;
mod rounds;

pub(crate) use partial_synchrony::partial_synchrony;
pub(crate) use random::{balanced, random};
pub(crate) use relaxed::relaxed_agreement;
pub use rounds::Rounds;
