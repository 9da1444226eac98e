//! All of it about one federated system.

use super::set_family::SetFamily;
use super::splitting::{SplitWitness, splitting};
use super::trust::Trust;
use crate::circuit::Compiled;
use crate::model::{About, Kind, Node, NodeId, NodeSet, Pair, System};
use crate::structure::intersection::{Intersection, Verdict};
use crate::structure::minimal_quorums::MinimalQuorums;
use crate::structure::resilience::Resilience;

/// Sets of each kind that are listed where nobody asks for a number.
const LISTED: usize = 16;

/// What those ask whose nodes choose whom they trust.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Federated {
    /// The minimal quorums.
    pub quorums: SetFamily,
    /// The minimal sets that meet every quorum: without them nothing goes on. Where there is no quorum, the empty set.
    pub blocking: SetFamily,
    /// The minimal sets whose lies let two parts of the others agree on different values.
    pub splitting: SetFamily,
    /// A smallest splitting set at work.
    pub witness: Option<SplitWitness>,
    /// The nodes that are in some minimal quorum; absent where that is not known.
    pub top_tier: Option<NodeSet>,
    /// Whether all of these have one quorum set, so that they could be exchanged.
    pub is_uniform: bool,
    /// Nodes whose quorum set is not known, or that none can satisfy: they are in no quorum.
    pub unknown: NodeSet,
}

/// The answers about a federated system; at most `limit` sets of each kind are listed. `None` for systems of other families.
pub(crate) fn federated(
    compiled: &Compiled<'_>,
    (meeting, minimal, resilience): (&Intersection, &MinimalQuorums, &Resilience),
    limit: Option<usize>,
) -> Option<Federated> {
    let (system, limit) = (compiled.system(), limit.unwrap_or(LISTED));
    let sets = &system.about().quorum_sets;
    if sets.is_empty() {
        return None;
    }
    let trust = Trust::of(sets);
    let apart = meeting.witness.as_ref().filter(|_| meeting.verdict == Verdict::Fails);
    // Where quorums meet, somebody has to lie.
    let at_least = usize::from(meeting.verdict == Verdict::Holds);
    let splitting = apart.map_or_else(
        || splitting(&trust, at_least, limit, compiled.budget()),
        |quorums| {
            // Two quorums that are apart need nobody who lies.
            let witness = SplitWitness { faulty: NodeSet::new(), sides: quorums.clone() };
            Ok((SetFamily::only(Some(NodeSet::new())), Some(witness)))
        },
    );
    let (splits, witness) = splitting.unwrap_or_else(|exhausted| {
        // With one quorum set for all, whoever splits is what two quorums have in common.
        let is_known = trust.named().iter().all(|node| trust.class[node.index()].is_some());
        let is_several = minimal.count.as_ref().is_some_and(|count| *count > 1u32.into());
        let is_one = trust.classes.len() == 1 && is_known && is_several;
        let smallest = meeting.smallest.filter(|_| is_one && meeting.verdict == Verdict::Holds);
        (SetFamily::unlisted(smallest, None, Some(exhausted)), None)
    });
    let mut top_tier = minimal.unused.as_ref().map(|_| NodeSet::first(system.nodes().len()));
    if let (Some(tier), Some(unused)) = (&mut top_tier, &minimal.unused) {
        unused.iter().for_each(|node| tier.remove(node));
    }
    let classes = top_tier.iter().flat_map(NodeSet::iter).map(|node| trust.class[node.index()]);
    let mut classes: Vec<Option<usize>> = classes.collect();
    classes.dedup();
    Some(Federated {
        quorums: SetFamily::of_quorums(compiled, resilience, limit),
        blocking: blocking(compiled, resilience, limit),
        splitting: splits,
        witness,
        top_tier,
        is_uniform: classes.len() == 1,
        unknown: (0..sets.len()).filter(|node| trust.class[*node].is_none()).map(NodeId::new).collect(),
    })
}

/// The minimal quorums of the dual.
fn blocking(compiled: &Compiled<'_>, resilience: &Resilience, limit: usize) -> SetFamily {
    let system = compiled.system();
    if !system.has_quorum(Kind::Read) {
        return SetFamily::only(Some(NodeSet::new()));
    }
    let dual = compiled.dual(Kind::Read).clone();
    let nodes = system.nodes().iter().map(|node| Node::new(node.name.as_str())).collect();
    let formulas = Pair { reads: dual.clone(), writes: dual };
    let dual =
        System::new(About::default(), nodes, formulas).expect("the nodes of the system, and a formula over them");
    // Which nodes all blocking sets have in common is not asked for.
    let unasked = Resilience { lower_bound: 2, transversal: None, exhausted: None };
    let mut found = SetFamily::of_quorums(&Compiled::new(&dual, *compiled.budget()), &unasked, limit);
    let known = resilience.transversal.clone().filter(|set| set.len() == resilience.lower_bound);
    if let (None, Some(set)) = (&found.sets, known) {
        found.smallest = Some(set.len());
        found.sets = Some(vec![set]);
    }
    found
}
