//! The minimal quorums of small systems as set diagrams: the nodes in their shape, a quorum as an outline around its own.
//!
//! Where an outline would swallow a node that is not in the quorum, or where there are many quorums, each has a small
//! diagram of its own, with its nodes full and the others hollow.

use super::super::Analysed;
use super::canvas::{Anchor, Color, Picture, Point, ROUND, polygon};
use super::draw::text_width;
use super::frame::{Words, shortened};
use super::layout::Layout;
use super::outline::{around, joined};
use super::panels::{Panel, heading, pages};
use super::theme::{Look, SMALL};
use crate::model::{Kind, Node, NodeId, NodeSet, Shape};
use crate::structure::minimal_quorums::Listing;

/// Panels beside each other.
const COLUMNS: usize = 3;

/// Nodes, and quorums of each kind, of a set diagram.
const SMALL_NODES: usize = 12;
const SMALL_QUORUMS: usize = 30;

/// Quorums that one diagram can hold: more where they share no node, as long as there are colours.
const TOGETHER_MAX: usize = 3;
const DISJOINT_MAX: usize = 7;

/// The radius of a node that holds its name, and the smallest size of that name.
const NAMED_MAX: f64 = 9.5;
const NAME_MIN: f64 = 6.5;

/// Between the diagrams of reads and writes, and between small diagrams as a share of their size.
const BETWEEN: f64 = 14.0;
const MARGIN: f64 = 0.14;

/// A line of small text.
const LINE: f64 = SMALL * 1.4;

/// The picture, unless no system is small enough.
pub(super) fn picture(systems: &[Analysed], look: Look) -> Option<Picture> {
    let small = |analysed: &&Analysed| {
        let short = |kind: Kind| listing(analysed, kind).is_some_and(|listing| listing.quorums.len() <= SMALL_QUORUMS);
        analysed.system.nodes().len() <= SMALL_NODES && Kind::BOTH.into_iter().all(short)
    };
    let drawn: Vec<&Analysed> = systems.iter().filter(small).collect();
    if drawn.is_empty() {
        return None;
    }
    let caption = format!(
        "Each outline, or each small diagram, is one minimal quorum: full dots are its nodes, hollow ones are not in it. All \
         minimal quorums, exactly. Shown are the {} of {} systems with at most {SMALL_NODES} nodes and {SMALL_QUORUMS} minimal \
         quorums of each kind.",
        drawn.len(),
        systems.len()
    );
    let words = Words { title: "Minimal quorums as sets of nodes", caption: &caption };
    let (mut picture, panels) = pages(look, (drawn.len(), COLUMNS), words, 0.0);
    for (analysed, panel) in drawn.iter().zip(&panels) {
        system(&mut picture, analysed, panel, look);
    }
    Some(picture)
}

fn listing(analysed: &Analysed, kind: Kind) -> Option<&Listing> {
    analysed.analysis.minimal.of(kind).listing.as_ref().filter(|listing| listing.complete)
}

/// Reads and writes beside each other, or once where they are the same.
fn system(picture: &mut Picture, analysed: &Analysed, panel: &Panel, look: Look) {
    let symmetric = crate::report::names::is_symmetric(&analysed.system);
    let kinds: &[Kind] = if symmetric { &[Kind::Read] } else { &Kind::BOTH };
    let nodes = analysed.system.nodes();
    heading(picture, panel, &super::name(analysed), &format!("{} nodes", nodes.len()), look);
    let width = (panel.size - BETWEEN * (kinds.len() - 1) as f64) / kinds.len() as f64;
    for (index, kind) in kinds.iter().enumerate() {
        let Some(listing) = listing(analysed, *kind) else { continue };
        let corner = (panel.corner.0 + (width + BETWEEN) * index as f64, panel.corner.1);
        let what = if symmetric { "quorums" } else { ["reads", "writes"][index] };
        let head =
            format!("{} {}", listing.quorums.len(), if listing.quorums.len() == 1 { singular(what) } else { what });
        picture.text(corner, &head, (SMALL, look.muted()), (Anchor::Start, Anchor::Start));
        let room = Room { corner: (corner.0, corner.1 + LINE), width, height: panel.size - LINE };
        let sets = Sets { shape: &analysed.system.about().shape, nodes, quorums: &listing.quorums, look };
        sets.draw(picture, &room);
    }
}

fn singular(what: &str) -> &str {
    what.strip_suffix('s').unwrap_or(what)
}

/// Where diagrams may go.
struct Room {
    corner: Point,
    width: f64,
    height: f64,
}

/// The quorums of one kind.
struct Sets<'a> {
    shape: &'a Shape,
    nodes: &'a [Node],
    quorums: &'a [NodeSet],
    look: Look,
}

impl Sets<'_> {
    fn draw(&self, picture: &mut Picture, room: &Room) {
        let size = room.width.min(room.height);
        let large = self.layout(room.corner, size);
        let clear = self.quorums.iter().all(|set| self.outline(&large, set, 1.0).is_some());
        if clear && (self.quorums.len() <= TOGETHER_MAX || self.disjoint()) {
            return self.together(picture, &large);
        }
        let columns = columns(self.quorums.len(), room);
        let rows = self.quorums.len().div_ceil(columns);
        let step = (room.width / columns as f64).min(room.height / rows as f64);
        for (index, set) in self.quorums.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let corner = (room.corner.0 + column as f64 * step, room.corner.1 + row as f64 * step);
            self.alone(picture, &self.layout(corner, step), (set, clear));
        }
    }

    /// Whether there are few quorums and none of them meet.
    fn disjoint(&self) -> bool {
        let members: usize = self.quorums.iter().map(NodeSet::len).sum();
        let all: usize = (0..self.nodes.len())
            .filter(|index| self.quorums.iter().any(|set| set.contains(NodeId::new(*index))))
            .count();
        self.quorums.len() <= DISJOINT_MAX && members == all
    }

    /// The nodes a little inside the square, so that outlines have room.
    fn layout(&self, (left, top): Point, size: f64) -> Layout {
        let margin = size * MARGIN;
        Layout::of(self.shape, self.nodes.len(), (left + margin / 2.0, top + margin / 2.0), size - margin)
    }

    /// All quorums in one diagram, each with a colour and a distance of its own.
    fn together(&self, picture: &mut Picture, layout: &Layout) {
        let look = self.look;
        for (index, set) in self.quorums.iter().enumerate() {
            let reach = 0.8 + 0.12 * (index % TOGETHER_MAX) as f64;
            let Some(mut outline) = self.outline(layout, set, reach) else { continue };
            picture.area(&outline, look.color(index).faint(0.1));
            outline.extend(outline.first().copied());
            picture.line(&outline, 1.8, look.color(index));
        }
        let (radius, large) = (dot(layout), (layout.side * 0.27).min(NAMED_MAX));
        for (index, place) in layout.nodes.iter().enumerate() {
            let used = self.quorums.iter().any(|set| set.contains(NodeId::new(index)));
            let name = &self.nodes[index].name;
            let size = SMALL.min(SMALL * large * 1.7 / text_width(name, SMALL));
            let color = if used { look.ink() } else { look.muted() };
            if size >= NAME_MIN {
                disc(picture, *place, large, (color, used, look));
                let ink = if used { look.background() } else { look.muted() };
                picture.text(*place, name, (size, ink), (Anchor::Middle, Anchor::Middle));
            } else {
                disc(picture, *place, radius, (color, used, look));
                let name = shortened(name, SMALL - 3.0, layout.side * 0.9);
                let below = (place.0, place.1 + radius + 1.0);
                picture.text(below, &name, (SMALL - 3.0, look.ink()), (Anchor::Middle, Anchor::Start));
            }
        }
    }

    /// One quorum in a diagram: outlined if all of them can be, otherwise joined.
    fn alone(&self, picture: &mut Picture, layout: &Layout, (set, clear): (&NodeSet, bool)) {
        let (look, color) = (self.look, self.look.color(0));
        let members: Vec<Point> = set.iter().map(|node| layout.nodes[node.index()]).collect();
        match self.outline(layout, set, 0.8).filter(|_| clear) {
            Some(outline) => {
                picture.area(&outline, color.faint(0.16));
                let closed: Vec<Point> = outline.iter().chain(outline.first()).copied().collect();
                picture.line(&closed, 1.0, color);
            }
            None => {
                joined(&members).iter().for_each(|ends| picture.line(&[ends.0, ends.1], dot(layout), color.faint(0.35)))
            }
        }
        for (index, place) in layout.nodes.iter().enumerate() {
            let inside = set.contains(NodeId::new(index));
            disc(picture, *place, dot(layout), (if inside { color } else { look.muted() }, inside, look));
        }
    }

    /// The outline of a quorum, at a distance of so much of the room of a node, unless it would hold another node.
    fn outline(&self, layout: &Layout, set: &NodeSet, reach: f64) -> Option<Vec<Point>> {
        let members: Vec<Point> = set.iter().map(|node| layout.nodes[node.index()]).collect();
        let others = (0..self.nodes.len()).filter(|index| !set.contains(NodeId::new(*index)));
        let others: Vec<Point> = others.map(|index| layout.nodes[index]).collect();
        around(&members, layout.side * 0.42 * reach, &others, dot(layout))
    }
}

fn dot(layout: &Layout) -> f64 {
    (layout.side * 0.18).clamp(1.3, 4.5)
}

/// A full dot, or a ring.
fn disc(picture: &mut Picture, center: Point, radius: f64, (color, full, look): (Color, bool, Look)) {
    if full {
        return picture.disc(center, radius, color);
    }
    picture.disc(center, radius, look.background());
    let mut ring = polygon(center, radius, ROUND, 0.0);
    ring.push(ring[0]);
    picture.line(&ring, (radius * 0.3).clamp(0.5, 1.2), color);
}

/// Columns in which so many squares are largest.
fn columns(count: usize, room: &Room) -> usize {
    let side = |columns: usize| {
        let rows = count.div_ceil(columns);
        (room.width / columns as f64).min(room.height / rows as f64)
    };
    (1..=count.max(1)).max_by(|a, b| side(*a).total_cmp(&side(*b))).unwrap_or(1)
}
