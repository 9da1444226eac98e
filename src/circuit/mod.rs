//! The compiled form, on which exact answers are passes.
//!
//! A *read-once* formula needs no compilation: its sub-formulas are independent, and probabilities and counts are one
//! loop over its gates. Everything else is compiled into a [`Diagram`]. Where that would be too wide but the quorums are
//! few, they are listed in an [`Antichain`]. [`Compiled`] makes each form when it is first needed.

mod antichain;
mod compiled;
mod conditioned;
mod counting;
mod decisive;
mod decomposable;
mod diagram;
mod diagram_passes;
mod diagram_zones;
mod importance;
mod knapsack;
mod lanes;
mod least_sum;
pub mod pass;
mod polynomial;
mod restrict;
mod restricted;
mod scaled;
mod surviving;
mod sweep;
mod vector;
mod voters;
pub mod wide;
mod zoned;

pub use antichain::Antichain;
pub use compiled::{Compiled, CompiledDiagram};
pub use counting::count_by_size;
pub use decomposable::{is_decomposable, without_votes};
pub use diagram::{Diagram, Ref};
pub use diagram_passes::{Count, FamilySize};
pub use importance::importance;
pub(crate) use knapsack::Bounds;
pub use knapsack::{Counted, MinimalSets, Subset, least_used, minimal_sets, subset_with_sum};
pub use lanes::{LaneSpace, Lanes, set_lanes};
pub use least_sum::least_sum;
pub use polynomial::Polynomial;
pub use restrict::{cheapest_only, import_restricted, restricted};
pub use scaled::Scaled;
pub use surviving::surviving;
pub use sweep::LatticePrices;
pub(crate) use sweep::Levels;
pub use vector::{Bits, Half, InstructionSet, Kernel, LANES, Pair, Wide, Words, dispatch};
pub(crate) use zoned::{
    Across, Chances, ZoneMembers, ZonePlan, chances_in_zones, importance_in_zones, joint_chances_in_zones,
};
