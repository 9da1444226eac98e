//! The certificate of an optimum, for everybody: what it claims, and how anybody checks it.
//!
//! Nothing here knows how an optimum is found. Whoever doubts the methods, the solver or the proofs needs to read these files only.
//!
//! | question | file |
//! | --- | --- |
//! | what is claimed? | `claim` |
//! | does it hold, and if not, why? | `verify`, `flaw` |
//! | what does the cheapest set of nodes cost? | `cheapest_set`, on formulas that shrink: `residual` |
//! | what does it cost where no node stands twice below one gate? | `additive` |
//! | what do enough votes cost? | `votes` |

mod additive;
mod cheapest_set;
mod claim;
mod flaw;
mod residual;
mod verify;
mod votes;

pub use claim::{Certificate, ExactChoice, LimitPrices};
pub use flaw::Flaw;
