//! The answers against values that were computed elsewhere: `tests/golden/README.md` says how.

mod case_study;
mod families;
mod loads;
mod read_write;
mod strategies;
