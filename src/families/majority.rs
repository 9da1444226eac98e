//! Majorities: any floor(n/2) + 1 of n nodes.

use super::{FamilyError, FamilyInfo, Parameter, threshold};
use crate::model::{Formula, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "majority",
    parameters: &[Parameter { key: "n", meaning: "number of nodes" }],
    quorums: "any floor(n/2) + 1 nodes, for reads and writes",
    source: "Thomas, A majority consensus approach to concurrency control, ACM TODS 1979",
    example: "[system]\nfamily = \"majority\"\nn = 5\n",
};

pub(super) fn formulas(n: u64) -> Result<Pair<Formula>, FamilyError> {
    threshold::formulas(n, n / 2 + 1, n / 2 + 1)
}
