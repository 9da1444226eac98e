//! The ways to find a best strategy. The ladder chooses among them.
//!
//! | method | file |
//! | --- | --- |
//! | a closed recursion on read-once formulas | `read_once` |
//! | all smallest quorums equally often | `uniform_smallest` |
//! | a full row and a way down, on a triangular board | `triangular_board` |
//! | nodes that every quorum needs | `essential_nodes` |
//! | a simplex method that never rounds, for small programs | `fraction_free_simplex`, in `whole_numbers`; the load by it, `small_programs` |
//! | votes as fractions, and then sets with exactly the quota | `fractional_votes`, `vote_rounding` |
//! | quorum by quorum | `column_generation` |
//! | several quantities: a program in which quorums are chosen by when they answer | `deadline_layers`; quorum by quorum, `deadline_columns` |
//! | many weighted sums of two quantities, one after another | `weighted_sums` |
//! | bounds, where no program fits | `bounds_without_lp` |

pub(super) mod bounds_without_lp;
pub(super) mod column_generation;
mod deadline_columns;
pub(super) mod deadline_layers;
pub(super) mod essential_nodes;
pub(super) mod fraction_free_simplex;
pub(super) mod fractional_votes;
pub(super) mod read_once;
pub(super) mod small_programs;
pub(super) mod triangular_board;
pub(super) mod uniform_smallest;
mod vote_rounding;
pub(super) mod weighted_sums;
pub(super) mod whole_numbers;
