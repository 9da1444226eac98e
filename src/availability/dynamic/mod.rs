//! Votes that are given anew after each failure: how many failures one after another, and how soon is it too many?
//!
//! A state is who is up and who votes. Nodes that are alike (same votes, times, zone and role) can be exchanged, so that a state is kept once
//! however they are called. What fails does so one at a time; whoever is left and has a quorum of the votes so far gives them anew at once.
//!
//! | question | file |
//! | --- | --- |
//! | who votes after a failure or a repair? | `assign` |
//! | which states are there? | `states` |
//! | how many failures, in which order? | `sequence` |
//! | how soon, with repairs? | `over_time` |

mod assign;
mod over_time;
mod sequence;
mod states;

use self::states::{Failing, Space};
use super::repair::{Components, MissingTimes};
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::model::{DynamicRule, System};

#[doc(hidden)]
pub use self::over_time::DynamicLoss;
#[doc(hidden)]
pub use self::sequence::Survived;

/// What a system does whose votes are given anew after each failure.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct DynamicAnswer {
    /// The rule.
    pub rule: DynamicRule,
    /// Failures of nodes; `None` inside where there is no quorum at the start.
    pub nodes: Result<Option<Survived>, Exhausted>,
    /// Failures of whole zones, where there are any.
    pub zones: Option<Result<Option<Survived>, Exhausted>>,
    /// The mean time to the first loss, where there are times, or whose times are missing.
    pub first_loss: Option<Result<Result<DynamicLoss, Exhausted>, MissingTimes>>,
}

/// Why nothing is said about votes that are given anew.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[error("the votes after failures that were given are not known")]
pub struct AfterFailures;

/// What happens to a system whose votes are given anew; `None` where they are not.
///
/// # Errors
/// [`AfterFailures`] for what is left of a system: who votes there depends on the order in which the others failed.
///
/// # Complexity
/// Linear in the states up to symmetry, for the first loss the cube of those with equally many failures; within the search steps and the
/// chain steps of the budget.
///
/// # Examples
/// ```
/// use quorate::availability::dynamic_quorums;
/// let text = "name = 'x'\n[system]\nfamily = 'majority'\nn = 8\ndynamic = 'last-man-standing'\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let answer = dynamic_quorums(&system, &Default::default()).expect("it has a rule")?;
/// let nodes = answer.nodes?.expect("it has a quorum");
/// assert_eq!((nodes.at_once, nodes.any_order, nodes.best_order), (3, 6, 6));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(hidden)]
pub fn dynamic_quorums(system: &System, budget: &Budget) -> Option<Result<DynamicAnswer, AfterFailures>> {
    let dynamic = system.about().dynamic.as_ref()?;
    if !system.about().failed.is_empty() {
        return Some(Err(AfterFailures));
    }
    let steps = || Meter::new(Resource::SearchSteps, budget.search_steps.saturating_mul(STEP));
    let of = |failing, components| {
        let space = Space::of(system, dynamic, failing);
        sequence::survived(&space, components, &mut steps())
    };
    let zones = system.zones().len();
    let first_loss = match Components::of(system) {
        Ok(None) => None,
        Err(missing) => Some(Err(missing)),
        Ok(Some(components)) => {
            let space = Space::of(system, dynamic, Failing::Both);
            let mut meter = Meter::new(Resource::ChainSteps, budget.chain_steps);
            Some(Ok(over_time::first_loss(&space, &components, &mut meter)))
        }
    };
    Some(Ok(DynamicAnswer {
        rule: dynamic.rule,
        nodes: of(Failing::Nodes, system.nodes().len()),
        zones: (zones > 0).then(|| of(Failing::Zones, zones)),
        first_loss,
    }))
}

/// Machine operations of one step of a search.
const STEP: u64 = 16;
