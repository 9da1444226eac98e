//! All comparisons of a system.

use super::claim::{Claim, Quantity};
use super::evidence::Verdict;
use super::statistics::{ConfidenceInterval, Level};

/// One comparison.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Comparison {
    /// What is compared.
    pub quantity: Quantity,
    /// Of what.
    pub subject: String,
    /// What the analysis says.
    pub predicted: Option<f64>,
    /// What came out.
    pub measured: Option<f64>,
    /// What the true value may be, with the confidence of the run.
    pub interval: Option<ConfidenceInterval>,
    /// Whether they agree.
    pub verdict: Verdict,
    /// How it was measured, or what went wrong.
    pub remark: Option<String>,
}

/// All comparisons of a system.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Verification {
    /// The comparisons, by quantity.
    pub comparisons: Vec<Comparison>,
    /// What was not measured because somebody asked for the end.
    #[serde(skip)]
    pub missing: Vec<&'static str>,
    /// The level of each, so that a correct system fails less than once in a thousand runs.
    pub level: Level,
    /// The seed.
    pub seed: u64,
    /// The protocol of consensus that ran; absent: registers did.
    #[serde(default)]
    pub protocol: Option<String>,
}

impl Verification {
    /// Whether no prediction was missed.
    pub fn holds(&self) -> bool {
        self.comparisons.iter().all(|comparison| comparison.verdict != Verdict::Missed)
    }
}

/// Holds every claim against its evidence, all at one level.
pub(super) fn judge(claims: Vec<Claim>, missing: Vec<&'static str>, seed: u64) -> Verification {
    let level = Level::of(claims.iter().filter(|claim| claim.evidence.is_random()).count());
    let comparison = |claim: Claim| {
        let judged = claim.evidence.judge(claim.predicted, level);
        Comparison {
            quantity: claim.quantity,
            subject: claim.subject,
            predicted: judged.predicted,
            measured: judged.measured,
            interval: judged.interval,
            verdict: judged.verdict,
            remark: claim.remark,
        }
    };
    Verification { comparisons: claims.into_iter().map(comparison).collect(), missing, level, seed, protocol: None }
}
