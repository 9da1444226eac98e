//! The minimal quorums of small systems.

use super::super::Analysed;
use super::canvas::{Anchor, Picture, Point};
use super::frame::{Words, shortened};
use super::look::{Look, SMALL};
use super::panels::{Panel, heading, pages};
use crate::analysis::minimal::Listing;
use crate::model::{Kind, NodeId, NodeSet};

const COLUMNS: usize = 4;
/// Nodes, and quorums of each kind, of a set diagram.
const SMALL_NODES: usize = 12;
const SMALL_QUORUMS: usize = 30;

/// Which nodes are in which minimal quorum, for systems that are small enough.
pub(super) fn picture(systems: &[Analysed], look: Look) -> Option<Picture> {
    let small = |analysed: &&Analysed| {
        let short = |kind: Kind| listing(analysed, kind).is_some_and(|listing| listing.quorums.len() <= SMALL_QUORUMS);
        analysed.system.nodes().len() <= SMALL_NODES && Kind::BOTH.into_iter().all(short)
    };
    let drawn: Vec<&Analysed> = systems.iter().filter(small).collect();
    if drawn.is_empty() {
        return None;
    }
    let title = "Minimal quorums: a column for each, a dot for each node in it";
    let caption = format!(
        "Reads at the left, writes at the right of the line; one group where both are the same. All minimal quorums, exactly. \
         Shown are the {} of {} systems with at most {SMALL_NODES} nodes and {SMALL_QUORUMS} minimal quorums of each kind.",
        drawn.len(),
        systems.len()
    );
    let (mut picture, panels) = pages(look, (drawn.len(), COLUMNS), Words { title, caption: &caption }, 0.0);
    for (analysed, panel) in drawn.iter().zip(&panels) {
        sets(&mut picture, analysed, panel, look);
    }
    Some(picture)
}

fn listing(analysed: &Analysed, kind: Kind) -> Option<&Listing> {
    analysed.analysis.minimal.of(kind).listing.as_ref().filter(|listing| listing.complete)
}

fn sets(picture: &mut Picture, analysed: &Analysed, panel: &Panel, look: Look) {
    let symmetric = super::super::words::is_symmetric(&analysed.system);
    let kinds: &[Kind] = if symmetric { &[Kind::Read] } else { &Kind::BOTH };
    let groups: Vec<&[NodeSet]> =
        kinds.iter().filter_map(|kind| listing(analysed, *kind)).map(|listing| &listing.quorums[..]).collect();
    let counts = groups.iter().map(|sets| sets.len().to_string()).collect::<Vec<_>>().join(" + ");
    heading(picture, panel, &analysed.system.about().name, &counts, look);
    let nodes = analysed.system.nodes();
    let names =
        nodes.iter().map(|node| super::draw::text_width(&node.name, SMALL - 1.0)).fold(0.0, f64::max).min(60.0) + 8.0;
    let columns = groups.iter().map(|sets| sets.len()).sum::<usize>() + groups.len() - 1;
    let step_y = (panel.size / nodes.len() as f64).min(24.0);
    let step_x = ((panel.size - names) / columns as f64).min(22.0);
    let dot = (step_x.min(step_y) * 0.36).max(1.2);
    let row = |index: usize| panel.corner.1 + (index as f64 + 0.5) * step_y;
    for (index, node) in nodes.iter().enumerate() {
        let text = shortened(&node.name, SMALL - 1.0, 60.0);
        picture.text(
            (panel.corner.0 + names - 6.0, row(index)),
            &text,
            (SMALL - 1.0, look.ink()),
            (Anchor::End, Anchor::Middle),
        );
    }
    let mut column = 0;
    for (group, sets) in groups.iter().enumerate() {
        if group > 0 {
            let x = panel.corner.0 + names + (column as f64 + 0.5) * step_x;
            picture.line(&[(x, row(0) - step_y / 2.0), (x, row(nodes.len() - 1) + step_y / 2.0)], 1.0, look.muted());
            column += 1;
        }
        for set in *sets {
            let x = panel.corner.0 + names + (column as f64 + 0.5) * step_x;
            one_set(picture, set, |index| (x, row(index)), (dot, nodes.len(), look.color(group), look));
            column += 1;
        }
    }
}

/// A column: a faint dot for every node, full ones for the members, joined by a line.
fn one_set(
    picture: &mut Picture,
    set: &NodeSet,
    place: impl Fn(usize) -> Point,
    (dot, nodes, color, look): (f64, usize, super::canvas::Color, Look),
) {
    for index in 0..nodes {
        picture.disc(place(index), dot * 0.7, look.grid());
    }
    let members: Vec<usize> = set.iter().map(NodeId::index).collect();
    if let (Some(first), Some(last)) = (members.first(), members.last()) {
        picture.line(&[place(*first), place(*last)], (dot * 0.6).max(1.0), color);
    }
    for index in members {
        picture.disc(place(index), dot, color);
    }
}
