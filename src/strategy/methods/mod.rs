//! The ways to find a best strategy. The ladder chooses among them.
//!
//! | method | file |
//! | --- | --- |
//! | a closed recursion on read-once formulas | `read_once` |
//! | all smallest quorums equally often | `uniform_smallest` |
//! | the load by these two | `closed_forms` |
//! | a full row and a way down, on a triangular board | `triangular_board` |
//! | nodes that every quorum needs | `essential_nodes` |
//! | a simplex method that never rounds, for small programs | `fraction_free_simplex`; `small_programs` |
//! | votes as fractions, and then sets with exactly the quota | `fractional_votes`, `vote_rounding` |
//! | one linear program as large as the formula | `flow_program` |
//! | quorum by quorum | `columns`, by `column_generation` |
//! | many weighted sums of two quantities, one after another | `weighted_sums` |
//! | bounds, where no program fits | `bounds_without_lp` |

pub(super) mod bounds_without_lp;
pub(super) mod closed_forms;
mod column_generation;
pub(super) mod columns;
pub(super) mod essential_nodes;
pub(super) mod flow_program;
pub(super) mod fraction_free_simplex;
pub(super) mod fractional_votes;
pub(super) mod read_once;
pub(super) mod small_programs;
pub(super) mod triangular_board;
pub(super) mod uniform_smallest;
mod vote_rounding;
pub(super) mod weighted_sums;
