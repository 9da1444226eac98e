//! One node decides alone.

use super::{FamilyError, FamilyInfo, Parameter, at_least_one, symmetric};
use crate::model::{Formula, FormulaBuilder, NodeId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "singleton",
    parameters: &[
        Parameter { key: "n", meaning: "number of nodes" },
        Parameter { key: "node", meaning: "name of the node that decides (default: the first)" },
    ],
    quorums: "that one node, for reads and writes",
    source: "Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Comput. 1998",
    example: "[system]\nfamily = \"singleton\"\nn = 3\nnode = \"n2\"\n",
};

pub(super) fn formulas(n: u64, node: u64) -> Result<Pair<Formula>, FamilyError> {
    at_least_one("n", n)?;
    if node >= n {
        return Err(FamilyError::Above { parameter: "node", value: node, limit: n - 1 });
    }
    let mut builder = FormulaBuilder::new();
    let leaf = builder.leaf(NodeId::new(node as usize));
    Ok(symmetric(builder.finish(leaf)))
}
