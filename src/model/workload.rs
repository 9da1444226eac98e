//! The mix of reads and writes that a system serves.

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::Kind;
use super::quantity::{Fraction, Weight, exact_decimal};

/// A distribution of read fractions; the weights add up to 1.
///
/// # Examples
/// ```
/// use quorate::model::{Fraction, Workload};
/// let mostly_reads = Workload::of(Fraction::new(0.9)?);
/// assert_eq!(mostly_reads.mean_read_fraction(), 0.9);
/// assert!(mostly_reads.is_single());
/// # Ok::<(), quorate::model::OutOfRange>(())
/// ```
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "WrittenWorkload")]
pub struct Workload {
    shares: Vec<Share>,
}

/// A workload as it was written.
#[derive(serde::Deserialize)]
struct WrittenWorkload {
    shares: Vec<Share>,
}

/// Why what was written is no workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the weights of a workload do not add up to 1")]
struct NoWorkload;

impl TryFrom<WrittenWorkload> for Workload {
    type Error = NoWorkload;

    fn try_from(WrittenWorkload { shares }: WrittenWorkload) -> Result<Workload, NoWorkload> {
        let given: Vec<_> = shares.iter().map(|share| (share.read_fraction, share.given_weight)).collect();
        let is_written = |workload: &Workload| workload.shares == shares;
        Workload::distribution(&given).filter(is_written).ok_or(NoWorkload)
    }
}

/// One read fraction of a [`Workload`] and how often the system sees it.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Share {
    /// The share of reads among the operations.
    pub read_fraction: Fraction,
    /// The weight as it was given.
    pub given_weight: Weight,
    /// The weight as a share of all weights, exactly.
    pub weight: BigRational,
}

impl Workload {
    /// One read fraction.
    pub fn of(read_fraction: Fraction) -> Self {
        let one = Weight::new(1.0).expect("1 is a weight");
        Workload::distribution(&[(read_fraction, one)]).expect("one share is a distribution")
    }

    /// Several read fractions with weights, which need not add up to 1; `None` when there is none.
    pub fn distribution(shares: &[(Fraction, Weight)]) -> Option<Self> {
        let total: BigRational = shares.iter().map(|(_, weight)| exact_decimal(weight.get())).sum();
        if total.is_zero() {
            return None;
        }
        let share = |(read_fraction, given_weight): &(Fraction, Weight)| Share {
            read_fraction: *read_fraction,
            given_weight: *given_weight,
            weight: exact_decimal(given_weight.get()) / &total,
        };
        Some(Workload { shares: shares.iter().map(share).collect() })
    }

    /// The read fractions and their weights.
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// Whether there is only one read fraction.
    pub fn is_single(&self) -> bool {
        self.shares.len() == 1
    }

    /// The mean share of reads.
    pub fn mean_read_fraction(&self) -> f64 {
        self.mean_share(Kind::Read)
    }

    /// The mean share of operations of this kind: however small it is, it is not rounded to 0 or 1 by a subtraction.
    pub fn mean_share(&self, kind: Kind) -> f64 {
        let reads: BigRational = self.shares.iter().map(|share| &share.weight * share.read_fraction.exact()).sum();
        let mean = if kind == Kind::Read { reads } else { BigRational::one() - reads };
        mean.to_f64().unwrap_or(f64::NAN)
    }

    /// Whether operations of this kind occur at all: under some read fraction, since every weight is positive.
    pub fn has(&self, kind: Kind) -> bool {
        let idle = if kind == Kind::Read { Fraction::ZERO } else { Fraction::ONE };
        self.shares.iter().any(|share| share.read_fraction != idle)
    }
}

/// Half reads, half writes.
impl Default for Workload {
    fn default() -> Self {
        Workload::of(Fraction::new(0.5).expect("1/2 is a fraction"))
    }
}
