//! Which sets of nodes meet, block and dominate: what a system is before anybody draws a quorum or a node fails by chance.
//!
//! | question | file |
//! | --- | --- |
//! | do any two quorums meet, and in how many nodes? | `intersection`, by `common_tree`, `full_lines` or `vote_sums` where the formula allows |
//! | does one formula imply another? | `implication` |
//! | what are the minimal quorums? | `minimal_quorums`; one from a set that contains it: `minimise` |
//! | have every quorum of one kind and every two of another a node in common? | `three_way` |
//! | how few nodes block all quorums? | `resilience`, by `hitting_set` where nothing faster is exact |
//! | what holds of every range of a ring? | `ranges` |
//! | how many nodes have to be asked? | `probes` |
//! | how many zones may be lost? | `zone_loss` |
//! | which zones leave no quorum when they fail? | `stopping_zones` |
//! | is there a better system? | `domination`, by `two_colouring` for lists |
//! | may a register take these quorums? | `register_fit` |
//! | does a quorum stand, while nodes fail and recover one after the other? | `changes` |
//! | who stops and who divides nodes that choose whom they trust? | `federated` |
//! | what is left when nodes and zones have failed? | `without` |

pub(crate) mod changes;
pub(crate) mod common_tree;
pub mod domination;
#[doc(hidden)]
pub mod federated;
mod full_lines;
pub(crate) mod hitting_set;
mod implication;
mod improvement;
pub mod intersection;
pub mod minimal_quorums;
pub(crate) mod minimise;
mod probes;
pub(crate) mod ranges;
mod register_fit;
pub mod resilience;
mod stopping_zones;
pub(crate) mod three_way;
mod transversal;
mod two_colouring;
pub(crate) mod vote_sums;
mod without;
#[doc(hidden)]
pub mod zone_loss;

pub(crate) use full_lines::grid_sides;
#[doc(hidden)]
pub use probes::Probes;
pub(crate) use probes::probes;
#[doc(hidden)]
pub use register_fit::{NotARegister, reads_meet_writes};
pub(crate) use stopping_zones::stopping_zones;
#[doc(hidden)]
pub use without::{NotFailed, without};
pub(crate) use without::{alone, given, without_zones};
