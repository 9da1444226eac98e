//! What is asked of nodes that choose whom they trust, in sentences.

use super::super::names::{self, counted};
use super::super::page::Block;
use super::super::{Analysed, number};
use crate::model::{NodeSet, System};
use crate::structure::federated::{Federated, SetFamily};

/// Sets that are named in a sentence.
const SHOWN: usize = 3;

/// A sentence for each answer, of a federated system.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let Analysed { system, analysis, .. } = analysed;
    let Some(found) = &analysis.federated else { return Vec::new() };
    let mut sentences = vec![blocking(system, &found.blocking), splitting(system, found)];
    sentences.extend(found.top_tier.as_ref().map(|tier| top_tier(system, tier, found.is_uniform)));
    vec![Block::Heading("Trust".into()), Block::Bullets(sentences)]
}

fn blocking(system: &System, family: &SetFamily) -> String {
    match family.smallest {
        Some(0) => "Nothing has to fail to stop all: no set of nodes is a quorum.".into(),
        Some(smallest) => {
            format!("{} can stop all others by failing{}.", counted(smallest, "node"), listed(system, family))
        }
        None => "How few nodes can stop all others is not settled: it is beyond the limits.".into(),
    }
}

fn splitting(system: &System, found: &Federated) -> String {
    let family = &found.splitting;
    let sides = found.witness.as_ref().map(|witness| witness.sides.each_ref().map(|side| names::set(system, side)));
    match (family.smallest, &family.count) {
        (Some(0), _) => {
            let apart = sides.map_or_else(String::new, |[first, second]| format!(": {first} and {second}"));
            format!("Nobody has to lie to split them: two quorums can agree on different values{apart}.")
        }
        (Some(smallest), _) => {
            let apart =
                sides.map_or_else(String::new, |[first, second]| format!("; {first} and {second} then go on apart"));
            let whose = if smallest == 1 {
                "1 node that lies".into()
            } else {
                format!("{} nodes that lie", number::whole(smallest))
            };
            format!("{whose} can split the others{}{apart}.", listed(system, family))
        }
        (None, Some(_)) => "No nodes that lie can split the others.".into(),
        (None, None) => "How few nodes that lie can split the others is not settled: it is beyond the limits.".into(),
    }
}

/// How many sets there are, and which, or the first of them.
fn listed(system: &System, family: &SetFamily) -> String {
    let sets = family.sets.as_deref().unwrap_or_default();
    let shown: Vec<String> = sets.iter().take(SHOWN).map(|set| names::set(system, set)).collect();
    let shown = shown.join(", ");
    let is_all = family.is_complete == Some(true) && sets.len() <= SHOWN;
    match &family.count {
        Some(count) if is_all && *count == 1u32.into() => format!(", the only minimal set: {shown}"),
        Some(count) if is_all => format!(", the {count} minimal sets: {shown}"),
        Some(count) if shown.is_empty() => format!("; there are {count} minimal sets"),
        Some(count) => format!("; there are {count} minimal sets, the first {shown}"),
        None if shown.is_empty() => String::new(),
        None => format!(", for example {shown}"),
    }
}

fn top_tier(system: &System, tier: &NodeSet, is_uniform: bool) -> String {
    if tier.is_empty() {
        return "No node is in a minimal quorum.".into();
    }
    let alike = if is_uniform && tier.len() > 1 { ", which all have the same quorum set" } else { "" };
    format!(
        "Top tier, the nodes that are in some minimal quorum: {} of {}, {}{alike}.",
        number::whole(tier.len()),
        counted(system.nodes().len(), "node"),
        names::set(system, tier)
    )
}
