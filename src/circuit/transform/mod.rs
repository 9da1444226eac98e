//! Formulas made from formulas, so that passes work where they did not, or answer what is left.
//!
//! | question | file |
//! | --- | --- |
//! | are no two children of an *and* about the same node, and can votes be written so? | `decomposable` |
//! | can parts that overlap be told apart by the quorums of one of them? | `conditioned` |
//! | what is left when nodes are settled, or only the cheapest sets may be used? | `restrict` |
//! | which sets still hold a quorum after so many losses? | `surviving` |

pub(super) mod conditioned;
pub(super) mod decomposable;
pub(super) mod restrict;
pub(super) mod surviving;
