//! What is left after the loss of each zone?

use super::places::places;
use crate::availability::{FailureProbability, Failures, Method, SamplingOptions, failure_probability};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{Kind, Pair, Probability, System, ZoneId};
use crate::structure::resilience::{Resilience, resilience};
use crate::structure::without_zones;

/// What is left without a zone.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct ZoneLoss {
    /// The zone.
    pub zone: ZoneId,
    /// Nodes outside of it.
    pub nodes_left: usize,
    /// Whether some quorum of each kind is left.
    pub alive: Pair<bool>,
    /// How many nodes more can be lost of what is left, in the numbering of the smaller system.
    pub resilience: Pair<Resilience>,
    /// Failure probabilities given this loss, one for each choice that was asked for; exact, or without numbers.
    pub failure_probability: Vec<FailureProbability>,
}

/// The loss of each zone of the lowest level, alone, in the order of the definition. The other zones keep their own failure
/// probability.
///
/// # Complexity
/// One compiled system a zone, within the budget divided by their number.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::operations::zone_losses;
/// let text = "name = 'x'\nzone = [{ name = 'a', nodes = ['n1', 'n2'] }, { name = 'b', nodes = ['n3', 'n4', 'n5'] }]\n\
///     [system]\nfamily = 'majority'\nn = 5\n";
/// let system = quorate::spec::read("x.toml", text.as_bytes())?;
/// let losses = zone_losses(&system, &[], Budget::default());
/// assert_eq!((losses[0].nodes_left, losses[0].alive.reads), (3, true));
/// assert_eq!((losses[1].nodes_left, losses[1].alive.reads), (2, false));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn zone_losses(system: &System, uniform: &[Probability], budget: Budget) -> Vec<ZoneLoss> {
    let places = places(system);
    let share = divided(budget, places.len());
    places.into_iter().map(|zone| zone_loss(system, zone, uniform, share)).collect()
}

fn zone_loss(system: &System, zone: ZoneId, uniform: &[Probability], budget: Budget) -> ZoneLoss {
    let left = without_zones(system, &[zone]);
    let compiled = Compiled::new(&left, budget);
    let failures: Vec<Failures> = match uniform {
        [] => Failures::of(&left).into_iter().collect(),
        _ => uniform.iter().map(|p| Failures::uniform(&left, *p)).collect(),
    };
    let options = SamplingOptions { method: Method::Exact, ..SamplingOptions::default() };
    ZoneLoss {
        zone,
        nodes_left: left.nodes().len(),
        alive: Pair { reads: left.has_quorum(Kind::Read), writes: left.has_quorum(Kind::Write) },
        resilience: compiled.of_both(|kind| resilience(&compiled, kind)),
        failure_probability: failures
            .iter()
            .map(|failures| failure_probability(&compiled, failures, &options).0)
            .collect(),
    }
}

/// The part of a budget that one of so many questions may spend.
fn divided(budget: Budget, parts: usize) -> Budget {
    let part = |all: u64| all / (parts.max(1) as u64);
    Budget {
        diagram_nodes: part(budget.diagram_nodes),
        sweep_states: part(budget.sweep_states),
        search_steps: part(budget.search_steps),
        explicit_sets: budget.explicit_sets,
        pass_steps: part(budget.pass_steps),
        enumeration_steps: part(budget.enumeration_steps),
        ..budget
    }
}
