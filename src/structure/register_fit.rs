//! Which intersections a protocol needs, and whether a system has them.

use super::intersection::{Verdict, intersections};
use crate::budget::{Budget, Exhausted};
use crate::circuit::Compiled;
use crate::model::{NodeSet, System};

/// Why a system cannot keep what a register promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotARegister {
    /// A read quorum and a write quorum without a common node: a read may miss a write.
    #[error(
        "reads must meet writes, but the read quorum {{{}}} misses the write quorum {{{}}}",
        .read.join(", "), .write.join(", ")
    )]
    Disjoint {
        /// The nodes of the read quorum.
        read: Vec<String>,
        /// The nodes of the write quorum.
        write: Vec<String>,
    },
    /// The budget ended before that was known.
    #[error("reads must meet writes, and whether they do is not known: {exhausted}")]
    Undecided {
        /// What ended.
        exhausted: Exhausted,
    },
}

/// Whether every read quorum meets every write quorum, which is all that the registers need.
///
/// # Errors
/// [`NotARegister`] with two quorums that do not meet, or when that stayed undecided within the budget.
///
/// # Complexity
/// That of [`intersections`].
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::families::Family;
/// use quorate::structure::reads_meet_writes;
/// let partial = Family::Threshold { n: 3, read: 1, write: 1 }.system()?;
/// assert!(reads_meet_writes(&partial, Budget::default()).is_err());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn reads_meet_writes(system: &System, budget: Budget) -> Result<(), NotARegister> {
    let answer = intersections(&Compiled::new(system, budget)).read_write;
    let names = |set: &NodeSet| system.names(set).map(str::to_owned).collect();
    match (answer.verdict, answer.witness) {
        (Verdict::Holds, _) => Ok(()),
        (Verdict::Undecided(exhausted), _) => Err(NotARegister::Undecided { exhausted }),
        (Verdict::Fails, Some([read, write])) => {
            Err(NotARegister::Disjoint { read: names(&read), write: names(&write) })
        }
        (Verdict::Fails, None) => Err(NotARegister::Disjoint { read: Vec::new(), write: Vec::new() }),
    }
}
