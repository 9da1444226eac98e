//! What the theory of reliability adds: which node matters most, which zones may be lost.

use super::Options;
use crate::availability::repair::{Losses, MissingTimes, RepairAnswer, repair};
use crate::availability::{
    AfterFailures, AvailabilityMethod, AvailabilityPolynomial, DynamicAnswer, FailureProbability, Failures, RingAnswer,
    availability_polynomial, data_loss, dynamic_quorums, importance, ring_answer,
};
use crate::budget::Exhausted;
use crate::circuit::Compiled;
use crate::model::{NodeId, NodeSet};
use crate::number::Scaled;
use crate::structure::zone_loss::{ZoneResilience, zone_resilience_of_kinds};

/// Answers beside the failure probability.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct Reliability {
    /// Importance of every node for each failure probability that was asked for, or why it is not known; absent where that
    /// failure probability is not exact.
    pub importance: Vec<Option<Result<Vec<Scaled>, Exhausted>>>,
    /// Resilience against the loss of whole zones, from the outside inwards; of several kinds of zones those of the first.
    pub zones: Vec<ZoneResilience>,
    /// The same of each further kind, in the order of [`System::zone_kinds`](crate::model::System::zone_kinds).
    pub further_zones: Vec<Vec<ZoneResilience>>,
    /// How often quorums are lost and for how long, where nodes or zones have times, or whose times are missing.
    pub repair: Option<Result<RepairAnswer, MissingTimes>>,
    /// How soon all copies of some acknowledged write are gone, where nodes or zones have times, or whose times are missing.
    pub data_loss: Option<Result<Losses, MissingTimes>>,
    /// What happens where votes are given anew after each failure.
    pub dynamic: Option<Result<DynamicAnswer, AfterFailures>>,
    /// What holds of the ranges of a ring.
    pub ring: Option<RingAnswer>,
    /// The counts of live sets by size, where they were asked for, or why they are not known.
    pub polynomial: Option<Result<AvailabilityPolynomial, Exhausted>>,
}

/// Importances that differ by less than this share are the same.
const SAME: f64 = 1e-9;

impl Reliability {
    pub(super) fn of(
        compiled: &Compiled<'_>,
        answers: &[(Failures, FailureProbability)],
        read_fractions: &[f64],
        options: &Options,
    ) -> Reliability {
        let of = |(failures, answer): &(Failures, FailureProbability)| {
            (answer.method == AvailabilityMethod::Exact).then(|| importance(compiled, failures))
        };
        let mut of_kinds = zone_resilience_of_kinds(compiled).into_iter();
        Reliability {
            importance: answers.iter().map(of).collect(),
            zones: of_kinds.next().unwrap_or_default(),
            further_zones: of_kinds.collect(),
            repair: repair(compiled, &options.sampling).transpose(),
            data_loss: data_loss(compiled, &options.sampling).transpose(),
            dynamic: dynamic_quorums(compiled.system(), compiled.budget()),
            ring: ring_answer(compiled, answers, read_fractions, &options.sampling),
            polynomial: options.polynomial.then(|| availability_polynomial(compiled)),
        }
    }

    /// The importance of every node for the failure probability at `position`, where it is known.
    pub fn importance_at(&self, position: usize) -> Option<&[Scaled]> {
        self.importance.get(position)?.as_ref()?.as_deref().ok()
    }

    /// The nodes whose improvement helps most, and how much, where not all are alike; for the answer at `position`.
    pub fn most_important(&self, position: usize) -> Option<(NodeSet, Scaled)> {
        let each = self.importance_at(position)?;
        let most = each.iter().copied().fold(Scaled::ZERO, |most, other| if other > most { other } else { most });
        let is_most = |value: &Scaled| most != Scaled::ZERO && value.ratio(most) > 1.0 - SAME;
        let nodes: NodeSet = (0..each.len()).filter(|node| is_most(&each[*node])).map(NodeId::new).collect();
        (!nodes.is_empty() && nodes.len() < each.len()).then_some((nodes, most))
    }
}
