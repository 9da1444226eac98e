//! Sums of votes: which are possible, how probable they are, and how many sets have them.

mod bounds;
mod characteristic;
pub(super) mod cheapest_voters;
mod decisive;
mod dense;
mod factor;
mod minimal_sets;
mod quiet;
mod sparse;
mod subset;
pub(super) mod subset_sum;
mod tails;
mod voter;

pub(crate) use bounds::Bounds;
pub(super) use bounds::tail_bounds;
pub(super) use decisive::decisive;
pub use minimal_sets::{Counted, MinimalSets, least_used, minimal_sets};
pub use subset::{Subset, subset_with_sum};
pub(super) use tails::tails;
pub(super) use voter::Voter;
