//! Where quorums come from: one file per family, parameters in, formulas out.
//!
//! A family is a constructor of formulas, never a second representation of a system. Its closed forms from the
//! literature live beside the constructor as [`ClosedForms`], computed without the formula, so that tests can hold the
//! one against the other.

mod and_or;
mod b_grid;
mod build;
mod closed_forms;
mod common;
pub mod compose;
pub mod custom;
mod error;
mod family;
pub mod federated;
mod field;
mod grid;
mod hierarchical;
mod info;
mod liars;
mod lines;
mod m_grid;
mod majority;
mod nucleus;
pub(crate) mod paths;
mod places;
mod plane;
mod probabilistic;
mod registry;
pub(crate) mod ring;
mod rowa;
mod scaling;
mod singleton;
mod starting;
mod threshold;
mod tree;
mod wall;
mod weighted;
mod y;

#[doc(hidden)]
pub use self::info::{FamilyInfo, Parameter};
#[doc(hidden)]
pub use closed_forms::{ClosedForms, KindForms};
use common::{nodes, symmetric};
pub use error::FamilyError;
use error::{at_least, at_least_one, at_most};
pub use family::Family;
pub use grid::GridVariant;
#[doc(hidden)]
pub use registry::ALBUM;
#[doc(hidden)]
pub use scaling::{Scaling, scalings};
#[doc(hidden)]
pub use starting::starting_values;
