//! Thresholds: any `read` and any `write` of n equal nodes.

use super::closed_forms::{binomial, ratio};
use super::{ClosedForms, FamilyError, FamilyInfo, KindForms, Parameter, at_least_one, at_most, nodes};
use crate::model::{Formula, FormulaBuilder, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "threshold",
    parameters: &[
        Parameter { key: "n", meaning: "number of nodes" },
        Parameter { key: "read", meaning: "nodes of a read quorum (R)" },
        Parameter { key: "write", meaning: "nodes of a write quorum (W)" },
    ],
    quorums: "any `read` nodes / any `write` nodes; they meet when read + write > n",
    source: "Gifford, Weighted voting for replicated data, SOSP 1979; DeCandia et al., Dynamo, SOSP 2007",
    example: "[system]\nfamily = \"threshold\"\nn = 3\nread = 2\nwrite = 2\n",
};

pub(super) fn formulas(n: u64, read: u64, write: u64) -> Result<Pair<Formula>, FamilyError> {
    at_least_one("n", n)?;
    let k_of_n = |parameter, k| -> Result<Formula, FamilyError> {
        at_least_one(parameter, k)?;
        at_most(parameter, k, n)?;
        let mut builder = FormulaBuilder::new();
        let leaves: Vec<_> = nodes(n).map(|node| builder.leaf(node)).collect();
        let root = builder.threshold(k, &leaves)?;
        Ok(builder.finish(root))
    };
    Ok(Pair { reads: k_of_n("read", read)?, writes: k_of_n("write", write)? })
}

/// k of n: C(n, k) quorums, load k/n, smallest transversal n - k + 1, F = P(Bin(n, 1 - p) < k).
///
/// # Source
/// Naor and Wool 1998, section 2; Barbara and Garcia-Molina, The reliability of voting mechanisms, 1987.
pub(super) fn closed_forms(n: u64, read: u64, write: u64) -> ClosedForms {
    Pair { reads: read, writes: write }.map(|k| KindForms {
        count: binomial(n, k),
        smallest: k,
        largest: k,
        transversal: n - k + 1,
        load: ratio(k, n),
        failure_probability: Box::new(move |p| binomial_below(n, k, 1.0 - p)),
    })
}

/// P(Bin(n, q) < k) by the ratio of neighbouring terms, in logarithms.
pub(super) fn binomial_below(n: u64, k: u64, q: f64) -> f64 {
    if q <= 0.0 || q >= 1.0 {
        return if q <= 0.0 { 1.0 } else { 0.0 };
    }
    let mut log_term = n as f64 * (1.0 - q).ln();
    let mut sum = 0.0;
    for i in 0..k {
        sum += log_term.exp();
        log_term += ((n - i) as f64 / (i + 1) as f64).ln() + q.ln() - (1.0 - q).ln();
    }
    sum
}
