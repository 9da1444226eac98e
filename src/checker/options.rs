//! What is asked of a history.

use super::model::Model;
use crate::budget::Budget;
use crate::history::Value;

/// What to ask, and how much may be spent on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// The value of every register before the first write; absent: [`crate::history::History::usual_initial`].
    pub initial: Option<Value>,
    /// Whether that value is not known: each register then starts with whatever explains its reads, if anything does.
    pub unknown_initial: bool,
    /// Limits of the search that repeated values and compare-and-set may need: its `search_steps`.
    pub budget: Budget,
    /// Which of the models that leave real time out to decide; safe, regular and atomic are decided in any case.
    pub models: Vec<Model>,
    /// Whether an order is wanted that proves that the history is atomic.
    pub linearization: bool,
}
