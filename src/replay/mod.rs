//! Scenarios, step by step: which message arrives, which timer goes off, who crashes, and what has to come of it.
//!
//! Where `sim` draws a schedule, a [`Document`] writes it down: the classical executions of the literature, on the very machines that
//! run everywhere else, watched by the same invariants. `play` carries the steps out and says, for each, what happened.

mod document;
mod expectation;
mod perform;
mod play;
mod played;
mod sight;
mod stage;
#[cfg(test)]
mod tests;

pub use document::{Action, Arrow, Document, Expectation, Header, Pick, Step};
pub use play::play;
pub use played::{Played, PlayedStep};
