//! Malkhi and Reiter's thresholds: so many of n nodes that the common ones outvote b that lie.

use super::{ClosedForms, FamilyError, FamilyInfo, Parameter, at_least_one, at_most, threshold};
use crate::model::{Formula, Lying, Pair};

const SOURCE: &str = "Malkhi and Reiter, Byzantine quorum systems, Distributed Computing 1998";

const PARAMETERS: &[Parameter] = &[
    Parameter { key: "n", meaning: "number of nodes" },
    Parameter { key: "b", meaning: "nodes that may lie; 0 or more" },
];

pub(super) const DISSEMINATION: FamilyInfo = FamilyInfo {
    name: "dissemination",
    parameters: PARAMETERS,
    quorums: "any ceil((n + b + 1)/2) nodes, n at least 3b + 1: two quorums share b + 1, enough for values that are signed",
    source: SOURCE,
    example: "[system]\nfamily = \"dissemination\"\nn = 4\nb = 1\n",
};

pub(super) const MASKING: FamilyInfo = FamilyInfo {
    name: "masking",
    parameters: PARAMETERS,
    quorums: "any ceil((n + 2b + 1)/2) nodes, n at least 4b + 1: two quorums share 2b + 1, enough for values that are not signed",
    source: SOURCE,
    example: "[system]\nfamily = \"masking\"\nn = 5\nb = 1\n",
};

pub(super) const OPAQUE: FamilyInfo = FamilyInfo {
    name: "opaque",
    parameters: PARAMETERS,
    quorums: "any ceil((2n + 2b)/3) nodes, n at least 5b: the latest value wins a vote, without knowing b",
    source: SOURCE,
    example: "[system]\nfamily = \"opaque\"\nn = 6\nb = 1\n",
};

/// Nodes of a quorum; `b` may not be above what n allows.
pub(super) fn quorum(lies: Lying, n: u64, b: u64) -> Result<u64, FamilyError> {
    at_least_one("n", n)?;
    let most = match lies {
        Lying::Dissemination => (n - 1) / 3,
        Lying::Masking => (n - 1) / 4,
        Lying::Opaque => n / 5,
    };
    at_most("b", b, most)?;
    Ok(match lies {
        Lying::Dissemination => (n + b + 1).div_ceil(2),
        Lying::Masking => (n + 2 * b + 1).div_ceil(2),
        Lying::Opaque => (2 * n + 2 * b).div_ceil(3),
    })
}

pub(super) fn formulas(lies: Lying, n: u64, b: u64) -> Result<Pair<Formula>, FamilyError> {
    let quorum = quorum(lies, n, b)?;
    threshold::formulas(n, quorum, quorum)
}

/// Those of the threshold; `None` where the parameters are refused.
pub(super) fn closed_forms(lies: Lying, n: u64, b: u64) -> Option<ClosedForms> {
    let quorum = quorum(lies, n, b).ok()?;
    Some(threshold::closed_forms(n, quorum, quorum))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the definitions ask of two quorums of q nodes, which share 2q - n at least, and of b that are silent; and no smaller quorum of
    /// the first two kinds will do.
    #[test]
    fn quorums_are_the_smallest_that_outvote_liars() {
        for n in 1..60u64 {
            for b in 0..20 {
                let of = |lies| quorum(lies, n, b).ok();
                let shared = |q: u64| 2 * q as i64 - n as i64;
                let b_signed = b as i64;
                assert_eq!(of(Lying::Dissemination).is_some(), n > 3 * b);
                assert_eq!(of(Lying::Masking).is_some(), n > 4 * b);
                assert_eq!(of(Lying::Opaque).is_some(), n >= 5 * b);
                if let Some(q) = of(Lying::Dissemination) {
                    assert!(shared(q) > b_signed && shared(q - 1) <= b_signed && q + b <= n, "{n} {b}");
                }
                if let Some(q) = of(Lying::Masking) {
                    assert!(shared(q) > 2 * b_signed && shared(q - 1) <= 2 * b_signed && q + b <= n, "{n} {b}");
                }
                if let Some(q) = of(Lying::Opaque) {
                    // |R and W| - b >= b + |R without W|.
                    assert!(2 * shared(q) - q as i64 >= 2 * b_signed && q + b <= n, "{n} {b}");
                }
            }
        }
    }
}
