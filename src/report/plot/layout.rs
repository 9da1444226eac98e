//! Where the nodes of a system stand in a picture: grids, walls, trees, boards and rings.

use std::borrow::Cow;

use super::canvas::{Color, Picture, Point, polygon};
use super::theme::Look;
use crate::model::{Shape, Vertex};

/// The largest side of a node.
const SIDE_MAX: f64 = 54.0;

/// How much of the room of a node on a ring or in a tree it takes.
const FILLED: f64 = 0.92;
const FILLED_IN_TREE: f64 = 0.78;

/// The places of the nodes of a system in a square.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    /// The centre of each node.
    pub(super) nodes: Vec<Point>,
    /// The width and height of a node.
    pub(super) side: f64,
    /// Whether nodes are squares that touch; otherwise they are discs.
    pub(super) tiled: bool,
    /// The branches of a tree.
    branches: Vec<(Point, Point)>,
    /// Lines that part bands.
    rules: Vec<(Point, Point)>,
}

impl Layout {
    /// The places of that many nodes in the square of this corner and size. A shape that does not fit is drawn as a ring.
    pub(super) fn of(shape: &Shape, nodes: usize, corner: Point, size: f64) -> Layout {
        let shape = if shape.fits(nodes) { Cow::Borrowed(shape) } else { Cow::Owned(Shape::Ring) };
        match shape.as_ref() {
            Shape::Ring => ring(nodes, corner, size),
            Shape::Lines { widths, band_rows } => lines(widths, *band_rows, corner, size),
            Shape::Tree { vertices } => tree(vertices, nodes, corner, size),
            Shape::Board { squares } => board(squares, corner, size),
        }
    }

    /// What stands behind the nodes.
    pub(super) fn draw_behind(&self, picture: &mut Picture, look: Look) {
        for (from, to) in &self.branches {
            picture.line(&[*from, *to], 1.2, look.muted());
        }
    }

    /// What stands before the nodes.
    pub(super) fn draw_before(&self, picture: &mut Picture, look: Look) {
        for (from, to) in &self.rules {
            picture.line(&[*from, *to], 2.0, look.ink());
        }
    }

    /// Draws one node in a colour, with an outline if it is chosen.
    pub(super) fn draw_node(&self, picture: &mut Picture, index: usize, fill: Color, outline: Outline) {
        let (center, half) = (self.nodes[index], self.side / 2.0);
        let border = if self.side > 14.0 { 3.0 } else { 1.5 };
        let chosen = outline.color.is_some();
        if self.tiled {
            let square = |picture: &mut Picture, inner: f64, color| {
                let size = self.side - 2.0 * inner;
                picture.rectangle((center.0 - half + inner, center.1 - half + inner), (size, size), color);
            };
            if let Some(color) = outline.color {
                square(picture, 0.0, color);
            }
            square(picture, if chosen { border } else { (self.side * 0.08).min(1.0) }, fill);
        } else {
            if let Some(color) = outline.color {
                picture.disc(center, half, color);
                picture.disc(center, half - border, outline.background);
            }
            picture.disc(center, half - border - 1.0, fill);
        }
    }
}

/// What marks a node that is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outline {
    /// Absent for a node that is not chosen.
    pub(super) color: Option<Color>,
    /// What lies below.
    pub(super) background: Color,
}

/// Square cells in lines, each line in the middle.
fn lines(widths: &[usize], band_rows: Option<usize>, (left, top): Point, size: f64) -> Layout {
    let widest = widths.iter().copied().max().unwrap_or(1).max(1) as f64;
    let side = (size / widest.max(widths.len() as f64)).min(SIDE_MAX * 1.5);
    let middle = left + size / 2.0;
    let line = |(row, width): (usize, &usize)| {
        let first = middle - (*width as f64 - 1.0) * side / 2.0;
        let y = top + (row as f64 + 0.5) * side;
        (0..*width).map(move |column| (first + column as f64 * side, y))
    };
    let nodes = widths.iter().enumerate().flat_map(line).collect();
    let band = band_rows.unwrap_or(widths.len()).max(1);
    let half = (widest / 2.0 + 0.1) * side;
    let rule = |row: usize| {
        let y = top + row as f64 * side;
        ((middle - half, y), (middle + half, y))
    };
    let rules = (band..widths.len()).step_by(band).map(rule).collect();
    Layout { nodes, side, tiled: true, branches: Vec::new(), rules }
}

/// Square cells on a board, which may have holes.
fn board(squares: &[(usize, usize)], (left, top): Point, size: f64) -> Layout {
    let columns = squares.iter().map(|square| square.0).max().unwrap_or(0) as f64 + 1.0;
    let rows = squares.iter().map(|square| square.1).max().unwrap_or(0) as f64 + 1.0;
    let side = (size / columns.max(rows)).min(SIDE_MAX * 1.5);
    let first = left + (size - columns * side) / 2.0;
    let place =
        |square: &(usize, usize)| (first + (square.0 as f64 + 0.5) * side, top + (square.1 as f64 + 0.5) * side);
    Layout { nodes: squares.iter().map(place).collect(), side, tiled: true, branches: Vec::new(), rules: Vec::new() }
}

/// Discs on a circle.
fn ring(nodes: usize, (left, top): Point, size: f64) -> Layout {
    let middle = (left + size / 2.0, top + size / 2.0);
    let apart = (std::f64::consts::PI / (nodes.max(3) as f64)).sin();
    // Circles of radius r on a ring of radius R touch when r = R sin(pi / n).
    let radius = (size / 2.0) / (1.0 + apart);
    let side = (2.0 * radius * apart * FILLED).min(SIDE_MAX);
    let nodes = match nodes {
        1 => vec![middle],
        _ => polygon(middle, size / 2.0 - side / 2.0, nodes, 0.0),
    };
    Layout { nodes, side, tiled: false, branches: Vec::new(), rules: Vec::new() }
}

/// Discs in levels: leaves beside each other, every other vertex above the middle of its children.
fn tree(vertices: &[Vertex], nodes: usize, (left, top): Point, size: f64) -> Layout {
    let (places, leaves, levels) = tree_places(vertices);
    let (step_x, step_y) = (size / leaves.max(1) as f64, size / levels.max(1) as f64);
    let place = |vertex: usize| {
        let (across, level) = places[vertex];
        (left + (across + 0.5) * step_x, top + (level as f64 + 0.5) * step_y.min(SIDE_MAX * 1.5))
    };
    let side = (step_x.min(step_y) * FILLED_IN_TREE).min(SIDE_MAX);
    let branch = |(index, vertex): (usize, &Vertex)| vertex.parent.map(|parent| (place(parent), place(index)));
    let branches = vertices.iter().enumerate().filter_map(branch).collect();
    let mut centers = vec![(0.0, 0.0); nodes];
    for (index, vertex) in vertices.iter().enumerate() {
        if let Some(node) = vertex.node {
            centers[node] = place(index);
        }
    }
    Layout { nodes: centers, side, tiled: false, branches, rules: Vec::new() }
}

/// Across and down for each vertex, counted in leaves and levels; the number of leaves and of levels.
fn tree_places(vertices: &[Vertex]) -> (Vec<(f64, usize)>, usize, usize) {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); vertices.len()];
    let mut levels = vec![0; vertices.len()];
    let mut roots = Vec::new();
    for (index, vertex) in vertices.iter().enumerate() {
        match vertex.parent {
            Some(parent) => {
                children[parent].push(index);
                levels[index] = levels[parent] + 1;
            }
            None => roots.push(index),
        }
    }
    let mut across = vec![0.0; vertices.len()];
    let mut leaves = 0;
    roots.reverse();
    let mut open = roots;
    while let Some(vertex) = open.pop() {
        if children[vertex].is_empty() {
            across[vertex] = leaves as f64;
            leaves += 1;
        }
        open.extend(children[vertex].iter().rev());
    }
    // Children stand after their parents, so that backwards they are known first.
    for vertex in (0..vertices.len()).rev() {
        if let (Some(first), Some(last)) = (children[vertex].first(), children[vertex].last()) {
            across[vertex] = f64::midpoint(across[*first], across[*last]);
        }
    }
    let deepest = levels.iter().max().map_or(0, |level| level + 1);
    (across.into_iter().zip(levels).collect(), leaves, deepest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(shape: &Shape, nodes: usize) -> Vec<Point> {
        Layout::of(shape, nodes, (0.0, 0.0), 100.0).nodes
    }

    #[test]
    fn the_lines_of_a_wall_stand_in_the_middle() {
        let wall = Shape::Lines { widths: vec![1, 2], band_rows: None };
        assert_eq!(place(&wall, 3), [(50.0, 25.0), (25.0, 75.0), (75.0, 75.0)]);
    }

    #[test]
    fn a_parent_stands_above_the_middle_of_its_children() {
        let vertex = |parent, node| Vertex { parent, node: Some(node) };
        let tree = Shape::Tree { vertices: vec![vertex(None, 2), vertex(Some(0), 0), vertex(Some(0), 1)] };
        let at = place(&tree, 3);
        assert_eq!((at[0].0, at[1].0, at[2].0), (25.0, 75.0, 50.0));
        assert!(at[2].1 < at[0].1 && at[0].1 == at[1].1);
    }

    #[test]
    fn branches_may_part_where_no_node_stands() {
        let vertex = |parent, node| Vertex { parent, node };
        let tree =
            Shape::Tree { vertices: vec![vertex(None, None), vertex(Some(0), Some(0)), vertex(Some(0), Some(1))] };
        let layout = Layout::of(&tree, 2, (0.0, 0.0), 100.0);
        assert_eq!((layout.nodes.len(), layout.branches.len()), (2, 2));
    }

    #[test]
    fn every_shape_has_a_place_in_the_square_for_every_node() {
        let board = Shape::Board { squares: vec![(0, 0), (2, 1), (1, 2)] };
        let wrong = Shape::Lines { widths: vec![7], band_rows: None };
        for shape in [Shape::Ring, board, wrong] {
            let layout = Layout::of(&shape, 3, (10.0, 20.0), 100.0);
            assert_eq!(layout.nodes.len(), 3);
            let inside = |place: &Point| (10.0..=110.0).contains(&place.0) && (20.0..=120.0).contains(&place.1);
            assert!(layout.nodes.iter().all(inside), "{shape:?}: {layout:?}");
        }
    }
}
