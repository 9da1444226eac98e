//! The words in which methods, solver and certificates speak of one linear program.
//!
//! | question | file |
//! | --- | --- |
//! | what is minimised, and what are the limits? | `linear_program`; with its quorums, `problem`; in whole numbers, `whole_rows`, `whole_numbers` |
//! | what does an operation cost each node? | `demand` |
//! | which quorums are there? | `formulas` |
//! | how often is each gate used, and which quorums does that draw? | `flow` |
//! | which quorum is cheapest at given prices? | `cheapest_quorum` |
//! | which nodes are alike? | `interchangeable`, `orbits` |
//! | which quorums answer by when? | `layered_formula` |

pub(super) mod cheapest_quorum;
pub(super) mod context;
pub(super) mod demand;
pub(super) mod flow;
pub(super) mod formulas;
pub(super) mod interchangeable;
pub(super) mod layered_formula;
pub(super) mod linear_program;
pub(super) mod orbits;
pub(super) mod problem;
pub(super) mod whole_numbers;
pub(super) mod whole_rows;
