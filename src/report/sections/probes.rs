//! How many probes find a live quorum.

use super::super::names::{self, is_symmetric};
use super::super::page::Block;
use crate::model::Kind;
use crate::report::Analysed;
use crate::structure::Probes;

/// A sentence for each kind, when it was asked for.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let Some(probes) = &analysed.analysis.probes else { return Vec::new() };
    let is_one = is_symmetric(&analysed.system);
    let kinds = if is_one { vec![Kind::Read] } else { Kind::BOTH.to_vec() };
    let sentences = kinds.into_iter().map(|kind| {
        let quorum = if is_one { "quorum".into() } else { format!("{} quorum", kind.name()) };
        sentence(analysed, &quorum, probes.of(kind))
    });
    vec![Block::Heading("Probes".into()), Block::Bullets(sentences.collect())]
}

fn sentence(analysed: &Analysed, quorum: &str, probes: &Probes) -> String {
    let system = &analysed.system;
    let Some(first) = probes.first else { return format!("There is no {quorum}, and nothing has to be asked.") };
    let begins = names::node(system, first);
    let nodes = system.nodes().len();
    match probes.worst {
        Some(worst) if worst == nodes => {
            format!(
                "To find a live {quorum}, or that there is none, every order asks all {nodes} nodes at worst: the system is evasive."
            )
        }
        Some(worst) => format!(
            "To find a live {quorum}, or that there is none, the best order asks {worst} of the {nodes} nodes at worst; it begins with {begins}."
        ),
        None => format!(
            "To find a live {quorum}, or that there is none, the best order asks between {} and {} of the {nodes} nodes at worst; a good \
             one begins with {begins}.",
            probes.lower, probes.upper
        ),
    }
}
