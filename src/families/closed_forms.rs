//! What the literature says about a family in closed form.

use std::fmt;

use num_bigint::BigUint;
use num_rational::BigRational;

use crate::model::Pair;

/// Closed forms of both kinds of quorums.
pub type ClosedForms = Pair<KindForms>;

/// Closed forms of one kind of quorums over nodes of capacity 1 that fail independently with one probability.
pub struct KindForms {
    /// Number of minimal quorums.
    pub count: BigUint,
    /// Size of a smallest quorum, c.
    pub smallest: u64,
    /// Size of a largest minimal quorum.
    pub largest: u64,
    /// Size of a smallest transversal: resilience + 1.
    pub transversal: u64,
    /// Load under operations of this kind alone.
    pub load: BigRational,
    /// Failure probability as a function of the node failure probability; subtracts, so it is accurate to 1e-12
    /// absolutely and not relatively.
    pub failure_probability: Box<dyn Fn(f64) -> f64 + Send + Sync>,
}

impl fmt::Debug for KindForms {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KindForms")
            .field("count", &self.count)
            .field("smallest", &self.smallest)
            .field("largest", &self.largest)
            .field("transversal", &self.transversal)
            .field("load", &self.load)
            .finish_non_exhaustive()
    }
}

/// `numerator / denominator`.
pub(super) fn ratio(numerator: u64, denominator: u64) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// C(n, k).
pub(super) fn binomial(n: u64, k: u64) -> BigUint {
    num_integer::binomial(BigUint::from(n), BigUint::from(k))
}
