//! Is there one order of all operations that keeps each process, whatever the clocks say?

mod chains;
mod decide;
mod must_precede;
mod one_register;
mod search;

pub(super) use decide::{is_plainly_sequential, is_sequential};
