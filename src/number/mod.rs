//! Numbers that floating point does not have: far below its smallest, with all their digits.

mod scaled;

pub use scaled::Scaled;
