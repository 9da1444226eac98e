//! Composition: a quorum of the outer system, each of whose places is replaced by a quorum of that place's inner system.

use super::{FamilyInfo, Parameter};
use crate::model::{Formula, FormulaBuilder, GateId, NodeId};

/// What `quorate families` says about compositions.
#[doc(hidden)]
pub const INFO: FamilyInfo = FamilyInfo {
    name: "compose",
    parameters: &[
        Parameter { key: "outer", meaning: "the [system] table of the outer system, written inline" },
        Parameter { key: "inner", meaning: "the [system] table of every place, or a list of them, one a place" },
    ],
    quorums: "a quorum of `outer`, each place of which is replaced by a quorum of its `inner`, reads by reads and writes by writes",
    source: "Neilsen and Mizuno, Coterie join algorithm, IEEE TPDS 1992",
    example: "[system]\nfamily = \"compose\"\nouter = { family = \"majority\", n = 3 }\ninner = { family = \"majority\", n = 3 }\n",
};

/// The composed formula; the nodes of the first place come first.
///
/// # Panics
/// When there are fewer inner formulas than places that the outer one names.
///
/// # Examples
/// ```
/// use quorate::families::{Family, compose};
/// use quorate::model::Kind;
/// let pair = Family::Rowa { n: 2 }.formulas()?.reads;
/// let three = Family::Majority { n: 3 }.formulas()?.writes;
/// let both = compose::composed(&three, &[(&pair, 2), (&pair, 2), (&pair, 2)]);
/// assert_eq!(both.support().len(), 6);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[doc(hidden)]
pub fn composed(outer: &Formula, inner: &[(&Formula, usize)]) -> Formula {
    let mut builder = FormulaBuilder::new();
    let mut first = 0;
    let places: Vec<GateId> = inner
        .iter()
        .map(|(formula, nodes)| {
            let gate = builder.import(formula, |builder, node| builder.leaf(NodeId::new(first + node.index())));
            first += nodes;
            gate
        })
        .collect();
    let root = builder.import(outer, |_, place| places[place.index()]);
    builder.finish(root)
}
