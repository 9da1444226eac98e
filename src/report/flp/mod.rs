//! What `quorate flp` says.

mod json;
mod page;
mod table;
mod wording;

use super::{Format, View};
use crate::flp::Outcome;

/// The report on the theorem about one protocol.
pub fn impossibility(outcome: &Outcome, format: Format, view: View) -> String {
    format.write(view, || page::page(outcome), || json::document(outcome), || table::csv(outcome))
}
