//! Pictures of many small panels, one for each system: the load of its nodes in its shape, and its quorums.

use super::super::Analysed;
use super::super::number::quantity;
use super::canvas::{Anchor, Picture, Point, polygon};
use super::frame::{Words, caption_height, page, shortened};
use super::look::{LABEL, Look, SMALL};
use crate::analysis::minimal::Listing;
use crate::model::{Kind, NodeId, NodeSet, Shape};

/// Panels beside each other.
const COLUMNS: usize = 4;

/// Nodes of a panel.
const NODES_MAX: usize = 400;

/// Nodes, and quorums of each kind, of a set diagram.
const SMALL_NODES: usize = 12;
const SMALL_QUORUMS: usize = 30;

/// Space around and above a panel.
const GAP: f64 = 22.0;
const HEAD: f64 = 24.0;

/// A panel: a corner and a size.
struct Panel {
    corner: Point,
    size: f64,
}

/// A page of as many panels.
fn pages(look: Look, count: usize, words: Words<'_>, foot: f64) -> (Picture, Vec<Panel>) {
    let columns = count.clamp(1, COLUMNS);
    let width = look.size.0;
    let size = ((width - GAP) / columns as f64 - GAP).min(240.0);
    let rows = count.div_ceil(columns);
    let top = 16.0 + 17.0 + 16.0;
    let height = top + rows as f64 * (size + HEAD + GAP) + foot + caption_height(words.caption, width);
    let (picture, top, _) = page(look, (width, height), words);
    let panel = |index: usize| {
        let (column, row) = ((index % columns) as f64, (index / columns) as f64);
        Panel { corner: (GAP + column * (size + GAP), top + row * (size + HEAD + GAP) + HEAD), size }
    };
    (picture, (0..count).map(panel).collect())
}

/// The load of every node under the optimal strategy, in the shape of the system.
pub(super) fn node_load(systems: &[Analysed], look: Look) -> Option<Picture> {
    let drawn: Vec<&Analysed> = systems
        .iter()
        .filter(|analysed| analysed.system.nodes().len() <= NODES_MAX && !analysed.analysis.optimum.is_empty())
        .collect();
    let first = drawn.first()?;
    let read = super::super::words::workload(&first.analysis.optimum[0].workload);
    let title = format!("How the best strategy spreads the load over the nodes, at {read}");
    let caption = "Colour: load of a node as a share of the busiest one's, which stands above each panel; number: the load. \
                   Outlined: a write quorum that the strategy uses most. Loads are those of a strategy that a linear program \
                   found; other optimal strategies may spread them differently.";
    let (mut picture, panels) = pages(look, drawn.len(), Words { title: &title, caption }, 34.0);
    for (analysed, panel) in drawn.iter().zip(&panels) {
        heat(&mut picture, analysed, panel, look);
    }
    let bottom = panels.last().map_or(0.0, |panel| panel.corner.1 + panel.size) + 26.0;
    scale(&mut picture, bottom, look);
    Some(picture)
}

/// The colours from nothing to the load of the busiest node.
fn scale(picture: &mut Picture, y: f64, look: Look) {
    const STEPS: usize = 40;
    let (left, width) = (GAP + 40.0, 200.0);
    let step = width / STEPS as f64;
    for index in 0..STEPS {
        let share = index as f64 / (STEPS - 1) as f64;
        picture.rectangle((left + step * index as f64, y), (step + 0.3, 10.0), look.heat(share));
    }
    picture.text((left - 8.0, y + 5.0), "idle", (SMALL, look.ink()), (Anchor::End, Anchor::Middle));
    let end = (left + width + 8.0, y + 5.0);
    picture.text(end, "as the busiest node", (SMALL, look.ink()), (Anchor::Start, Anchor::Middle));
}

fn heading(picture: &mut Picture, panel: &Panel, name: &str, aside: &str, look: Look) {
    let at = (panel.corner.0, panel.corner.1 - 9.0);
    let room = panel.size - super::draw::text_width(aside, SMALL) - 8.0;
    let size = (LABEL * room / super::draw::text_width(name, LABEL)).clamp(10.0, LABEL);
    picture.text(at, &shortened(name, size, room), (size, look.ink()), (Anchor::Start, Anchor::End));
    picture.text((at.0 + panel.size, at.1), aside, (SMALL, look.muted()), (Anchor::End, Anchor::End));
}

fn heat(picture: &mut Picture, analysed: &Analysed, panel: &Panel, look: Look) {
    let optimum = &analysed.analysis.optimum[0];
    let busiest = optimum.node_load.iter().copied().fold(0.0, f64::max);
    let about = analysed.system.about();
    heading(picture, panel, &about.name, &format!("load {}", quantity(busiest)), look);
    let strategy = optimum.strategy.as_ref();
    let likeliest = strategy.and_then(|strategy| {
        strategy.writes.iter().reduce(|best, choice| if choice.probability > best.probability { choice } else { best })
    });
    let quorum = likeliest.map(|choice| choice.quorum.clone()).unwrap_or_default();
    let places = places(&about.shape, optimum.node_load.len(), panel);
    for (index, (center, side)) in places.iter().enumerate() {
        let load = optimum.node_load[index];
        let color = look.heat(if busiest > 0.0 { load / busiest } else { 0.0 });
        let chosen = quorum.contains(NodeId::new(index));
        cell(picture, *center, *side, &about.shape, (color, chosen, look));
        if *side > 26.0 {
            let text = quantity((load * 1e3).round() / 1e3);
            let text = if load > 0.0 && load < 1e-3 { quantity(load) } else { text };
            let size = SMALL.min(SMALL * side * 0.7 / super::draw::text_width(&text, SMALL));
            picture.text(*center, &text, (size, Look::on(color)), (Anchor::Middle, Anchor::Middle));
        }
    }
    bands(picture, &about.shape, &places, look);
}

fn cell(
    picture: &mut Picture,
    center: Point,
    side: f64,
    shape: &Shape,
    (color, chosen, look): (super::canvas::Color, bool, Look),
) {
    let half = side / 2.0;
    let border = if side > 14.0 { 3.0 } else { 1.5 };
    if *shape == Shape::Ring {
        if chosen {
            picture.disc(center, half, look.color(1));
            picture.disc(center, half - border, look.background());
        }
        picture.disc(center, half - border - 1.0, color);
    } else {
        let corner = (center.0 - half, center.1 - half);
        if chosen {
            picture.rectangle(corner, (side, side), look.color(1));
        }
        let inner = if chosen { border } else { 1.0 };
        let size = side - 2.0 * inner;
        picture.rectangle((corner.0 + inner, corner.1 + inner), (size, size), color);
    }
}

/// The place and the side of every node.
fn places(shape: &Shape, nodes: usize, panel: &Panel) -> Vec<(Point, f64)> {
    let (left, top) = panel.corner;
    match shape {
        Shape::Lines { widths, .. } => {
            let longest = widths.iter().copied().max().unwrap_or(1).max(widths.len());
            let side = panel.size / longest as f64;
            let widest = widths.iter().copied().max().unwrap_or(1) as f64;
            let first = left + (panel.size - widest * side) / 2.0;
            let cells = widths.iter().enumerate().flat_map(|(row, width)| (0..*width).map(move |column| (row, column)));
            let center = |(row, column): (usize, usize)| {
                ((first + (column as f64 + 0.5) * side, top + (row as f64 + 0.5) * side), side)
            };
            cells.map(center).collect()
        }
        Shape::Ring => {
            let middle = (left + panel.size / 2.0, top + panel.size / 2.0);
            let apart = (std::f64::consts::PI / (nodes.max(3) as f64)).sin();
            // Circles of radius r on a ring of radius R touch when r = R sin(pi / n).
            let radius = (panel.size / 2.0) / (1.0 + apart);
            let side = (2.0 * radius * apart * 0.92).min(54.0);
            polygon(middle, panel.size / 2.0 - side / 2.0, nodes, 0.0).into_iter().map(|place| (place, side)).collect()
        }
    }
}

/// Lines between the bands of a B-grid.
fn bands(picture: &mut Picture, shape: &Shape, places: &[(Point, f64)], look: Look) {
    let Shape::Lines { widths, band_rows: Some(rows) } = shape else { return };
    let mut first = 0;
    for (row, width) in widths.iter().enumerate() {
        if row > 0 && row % rows == 0 {
            let ((x, y), side) = places[first];
            let y = y - side / 2.0;
            picture.line(&[(x - side * 0.6, y), (x + side * (*width as f64 - 0.4), y)], 2.0, look.ink());
        }
        first += width;
    }
}

/// Which nodes are in which minimal quorum, for systems that are small enough.
pub(super) fn quorums(systems: &[Analysed], look: Look) -> Option<Picture> {
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
    let (mut picture, panels) = pages(look, drawn.len(), Words { title, caption: &caption }, 0.0);
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
