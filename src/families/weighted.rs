//! Gifford's weighted voting.

use super::{FamilyError, FamilyInfo, Parameter, nodes};
use crate::model::{Formula, FormulaBuilder, FormulaError, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "weighted",
    parameters: &[
        Parameter { key: "votes", meaning: "the votes of each node; 0 is a copy without a vote" },
        Parameter { key: "read_votes", meaning: "votes that a read needs" },
        Parameter { key: "write_votes", meaning: "votes that a write needs" },
        Parameter { key: "quota", meaning: "votes that either needs, instead of the two above" },
    ],
    quorums: "nodes with `read_votes` / `write_votes` votes or more; they meet when the two add up to more than all votes",
    source: "Gifford, Weighted voting for replicated data, SOSP 1979",
    example: "[system]\nfamily = \"weighted\"\nvotes = [3, 1, 1, 1, 1]\nquota = 4\n",
};

pub(super) fn formulas(votes: &[u64], read_votes: u64, write_votes: u64) -> Result<Pair<Formula>, FamilyError> {
    let with_quota = |parameter, quota| {
        let mut builder = FormulaBuilder::new();
        let voters: Vec<_> =
            nodes(votes.len() as u64).zip(votes).map(|(node, votes)| (builder.leaf(node), *votes)).collect();
        match builder.weighted(quota, &voters) {
            Ok(root) => Ok(builder.finish(root)),
            Err(FormulaError::Quota { quota: 0, .. }) => Err(FamilyError::Zero { parameter }),
            Err(FormulaError::Quota { quota, total }) => {
                Err(FamilyError::Above { parameter, value: quota, limit: total })
            }
            Err(error) => Err(error.into()),
        }
    };
    Ok(Pair { reads: with_quota("read_votes", read_votes)?, writes: with_quota("write_votes", write_votes)? })
}
