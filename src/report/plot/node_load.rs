//! The load of each node of each system, as a heat map in the shape of the system.

use super::super::Analysed;
use super::super::number::quantity;
use super::canvas::{Anchor, Picture};
use super::draw::text_width;
use super::frame::Words;
use super::layout::{Layout, Outline};
use super::panels::{GAP, Panel, heading, heat_scale, pages};
use super::theme::{Look, SMALL};
use crate::model::NodeId;

/// Panels beside each other.
const COLUMNS: usize = 4;

/// Nodes of a panel.
const NODES_MAX: usize = 400;

/// The load of every node under the optimal strategy, in the shape of the system.
pub(super) fn picture(systems: &[Analysed], look: Look) -> Option<Picture> {
    let drawn: Vec<&Analysed> = systems
        .iter()
        .filter(|analysed| analysed.system.nodes().len() <= NODES_MAX && best_of(analysed).is_some())
        .collect();
    let first = drawn.first()?;
    let read = crate::report::names::workload(&best_of(first)?.workload);
    let title = format!("How the best strategy spreads the load over the nodes, at {read}");
    let caption = "Colour: load of a node as a share of the busiest one's, which stands above each panel; number: the load. \
                   Outlined: a write quorum that the strategy uses most. Loads are those of a strategy that a linear program \
                   found; other optimal strategies may spread them differently.";
    let (mut picture, panels) = pages(look, (drawn.len(), COLUMNS), Words { title: &title, caption }, 34.0);
    for (analysed, panel) in drawn.iter().zip(&panels) {
        heat(&mut picture, analysed, panel, look);
    }
    let bottom = panels.last().map_or(0.0, |panel| panel.corner.1 + panel.size) + 26.0;
    heat_scale(&mut picture, (GAP + 40.0, bottom), ["idle", "as the busiest node"], look);
    Some(picture)
}

/// The strategy of the first read fraction.
pub(super) fn best_of(analysed: &Analysed) -> Option<&crate::strategy::Optimum> {
    analysed.analysis.optimum.first()?.optimum()
}

fn heat(picture: &mut Picture, analysed: &Analysed, panel: &Panel, look: Look) {
    let Some(optimum) = best_of(analysed) else { return };
    let busiest = optimum.node_load.iter().copied().fold(0.0, f64::max);
    let about = analysed.system.about();
    heading(picture, panel, &super::name(analysed), &format!("load {}", quantity(busiest)), look);
    let strategy = optimum.strategy.as_ref();
    let likeliest = strategy.and_then(|strategy| {
        strategy.writes.iter().reduce(|best, choice| if choice.probability > best.probability { choice } else { best })
    });
    let quorum = likeliest.map(|choice| choice.quorum.clone()).unwrap_or_default();
    let layout = Layout::of(&about.shape, optimum.node_load.len(), panel.corner, panel.size);
    layout.draw_behind(picture, look);
    for (index, load) in optimum.node_load.iter().copied().enumerate() {
        let color = look.heat(if busiest > 0.0 { load / busiest } else { 0.0 });
        let chosen = quorum.contains(NodeId::new(index)).then(|| look.color(1));
        layout.draw_node(picture, index, color, Outline { color: chosen, background: look.background() });
        if layout.side > 26.0 {
            let text = quantity((load * 1e3).round() / 1e3);
            let text = if load > 0.0 && load < 1e-3 { quantity(load) } else { text };
            let size = SMALL.min(SMALL * layout.side * 0.7 / text_width(&text, SMALL));
            picture.text(layout.nodes[index], &text, (size, Look::on(color)), (Anchor::Middle, Anchor::Middle));
        }
    }
    layout.draw_before(picture, look);
}
