//! The compiled form, on which exact answers are passes.
//!
//! A *read-once* formula needs no compilation: its sub-formulas are independent, and probabilities and counts are one
//! loop over its gates. Everything else is compiled into a [`Diagram`]. Where that would be too wide but the quorums are
//! few, they are listed in an [`Antichain`]. [`Compiled`] makes each form when it is first needed.

mod all_but_one;
mod antichain;
mod chance;
mod cofactor;
mod compiled;
mod cost;
mod counting;
mod decisive;
mod diagram;
mod diagram_passes;
mod diagram_zones;
mod importance;
mod knapsack;
mod lanes;
mod negligible;
pub mod pass;
mod polynomial;
mod quantified;
mod sweep;
mod transform;
mod unmet;
pub mod wide;
mod zoned;

pub use antichain::Antichain;
pub use compiled::{Compiled, CompiledDiagram};
pub use counting::count_by_size;
pub use diagram::{Diagram, Ref};
pub use diagram_passes::{Count, FamilySize};
pub use importance::importance;
pub(crate) use knapsack::Bounds;
pub use knapsack::subset_sum::least_sum;
pub use knapsack::{Counted, MinimalSets, Subset, least_used, minimal_sets, subset_with_sum};
pub use lanes::simd::{Bits, Half, InstructionSet, Kernel, LANES, SimdHalves, Wide, Words, dispatch};
pub use lanes::{LaneSpace, Lanes, set_lanes};
pub use polynomial::Polynomial;
pub use sweep::LatticePrices;
pub(crate) use sweep::Levels;
pub use transform::decomposable::{is_decomposable, without_votes};
pub use transform::restrict::{cheapest_only, import_restricted, restricted};
pub use transform::surviving::surviving;
pub(crate) use zoned::{
    Across, Chances, ZoneMembers, ZonePlan, chances_in_zones, importance_in_zones, joint_chances_in_zones,
};
