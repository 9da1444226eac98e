//! Systems that someone wrote down: by an expression, or quorum by quorum.

use super::{FamilyInfo, Parameter};
use crate::model::{Formula, FormulaBuilder, FormulaError, NodeSet};

/// What `quorate families` says about custom systems.
#[doc(hidden)]
pub const INFO: FamilyInfo = FamilyInfo {
    name: "custom",
    parameters: &[
        Parameter { key: "reads", meaning: "read quorums; omitted: the dual of the writes" },
        Parameter { key: "writes", meaning: "write quorums; omitted: the dual of the reads" },
        Parameter { key: "quorums", meaning: "quorums of both, instead of the two above" },
    ],
    quorums: "an expression (+ either, * both, choose(k, ...), majority(...), weighted(quota, a=3, ...)), or a list of sets",
    source: "Whittaker et al., Read-write quorum systems made practical, PaPoC 2021 (the algebra)",
    example: "[system]\nfamily = \"custom\"\nreads = \"a*b + c*d*e\"\n",
};

/// The formula whose quorums are the supersets of the listed sets.
///
/// # Errors
/// [`FormulaError::Empty`] when there is no set, or an empty one; [`FormulaError::TooLarge`].
///
/// # Examples
/// ```
/// use quorate::families::custom::from_sets;
/// use quorate::model::{NodeId, NodeSet};
/// let set = |members: &[usize]| members.iter().copied().map(NodeId::new).collect::<NodeSet>();
/// let formula = from_sets(&[set(&[0, 1]), set(&[2])])?;
/// assert!(formula.holds(&set(&[2, 3])));
/// # Ok::<(), quorate::model::FormulaError>(())
/// ```
#[doc(hidden)]
pub fn from_sets(quorums: &[NodeSet]) -> Result<Formula, FormulaError> {
    let mut builder = FormulaBuilder::new();
    let mut gates = Vec::with_capacity(quorums.len());
    for quorum in quorums {
        let members: Vec<_> = quorum.iter().map(|node| builder.leaf(node)).collect();
        gates.push(builder.and(&members)?);
    }
    let root = builder.or(&gates)?;
    Ok(builder.finish(root))
}
