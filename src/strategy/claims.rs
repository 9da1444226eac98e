//! Certificates in the words of everybody: from a proof, or where one value holds for every strategy.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::certificate::{Certificate, ExactChoice, LimitPrices};
use super::certify::proof::{ExactPrices, ExactStrategy};
use super::certify::rounded::simplest;
use super::objective::{Limits, Objective};
use crate::model::{Choice, NodeSet, Pair, Workload};

/// These choices with the simplest probabilities nearby, which add up to 1.
pub(crate) fn nearby(choices: &[Choice]) -> Vec<ExactChoice> {
    let choice =
        |choice: &Choice| ExactChoice { quorum: choice.quorum.clone(), probability: simplest(choice.probability) };
    let mut exact: Vec<ExactChoice> =
        choices.iter().map(choice).filter(|choice| choice.probability.is_positive()).collect();
    let total: BigRational = exact.iter().map(|choice| &choice.probability).sum();
    exact.iter_mut().for_each(|choice| choice.probability /= &total);
    exact
}

/// The price of every quantity that has a limit.
pub(super) fn limit_prices(limits: &Limits, mut price: impl FnMut(Objective) -> BigRational) -> LimitPrices {
    let mut of = |quantity: Objective| limits.of(quantity).map(|_| price(quantity));
    LimitPrices { load: of(Objective::Load), network: of(Objective::Network), latency_ms: of(Objective::Latency) }
}

/// What the proof of an optimum says.
pub(super) fn certificate(
    (value, strategy, prices): (BigRational, ExactStrategy, ExactPrices),
    (workload, nodes): (&Workload, usize),
    (objective, limits): (Objective, &Limits),
) -> Certificate {
    let choice = |(quorum, probability): (NodeSet, BigRational)| ExactChoice { quorum, probability };
    let price = |quantity: Objective| match quantity {
        Objective::Load => prices.load.clone(),
        Objective::Network => prices.sums.first().cloned().unwrap_or_default(),
        Objective::Latency => prices.sums.get(1).cloned().unwrap_or_default(),
    };
    Certificate {
        objective,
        limits: limits.clone(),
        value,
        strategy: Pair {
            reads: strategy.reads.into_iter().map(choice).collect(),
            writes: strategy.writes.into_iter().map(choice).collect(),
        },
        limit_prices: limit_prices(limits, price),
        // Where the load has no part, its uses cost nothing.
        prices: match prices.weights.is_empty() {
            true => vec![vec![BigRational::zero(); nodes]; workload.shares().len()],
            false => prices.weights,
        },
    }
}
