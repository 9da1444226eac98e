//! From one system to another: is it safe on the way?
//!
//! While a system is changed, some clients still use the old quorums and some the new ones. If every read quorum of either meets every
//! write quorum of the other, nothing more is needed. If not, a *joint* system has to stand between them, whose quorums hold one of the
//! old and one of the new system; it meets both.
//!
//! | question | file |
//! | --- | --- |
//! | which nodes and zones are the same, and where do the definitions contradict each other? | `united` |
//! | do old quorums meet new ones? | `crossing` |
//! | direct, joint only, or unsafe? | `step` |
//! | in which order of single steps? | `plan`, of votes that meet by `votes` and survive by `standing` |

mod crossing;
mod plan;
mod standing;
mod step;
mod united;
mod votes;

pub use crossing::{Between, Crossing};
pub use plan::{NoPlan, Plan, Planned, plan};
pub use step::{Reason, Stage, Step, Verdict, step};
pub use united::{Conflict, TransitionError};
