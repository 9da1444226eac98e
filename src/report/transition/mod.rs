//! What `quorate transition` says.

mod by_zone;
mod changed;
mod json;
mod page;
mod table;
mod wording;

pub use changed::{Changed, worst_change};

use super::{Format, View};

/// The report on changes, one after the other.
pub fn changes(steps: &[Changed], format: Format, view: View) -> String {
    format.write(view, || page::page(steps, view), || json::document(steps, view), || table::csv(steps))
}
