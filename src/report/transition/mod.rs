//! What `quorate transition` says.

mod by_zone;
mod changed;
mod json;
mod page;
mod plan;
mod table;
mod wording;

pub use changed::{Changed, worst_change};
pub use plan::Planning;

use super::{Format, View};

/// The report on changes, one after the other, and on the best order of single steps if that was asked for; CSV is then about the plan.
pub fn changes(steps: &[Changed], plan: Option<&Planning>, format: Format, view: View) -> String {
    let csv = || plan.map_or_else(|| table::csv(steps), |planning| plan::csv(planning.as_ref().ok()));
    format.write(view, || page::page(steps, plan, view), || json::document(steps, plan, view), csv)
}
