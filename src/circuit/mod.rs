//! The compiled form, on which exact answers are passes.

mod scaled;

pub use scaled::Scaled;
