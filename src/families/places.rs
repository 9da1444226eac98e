//! How the nodes of each family stand, for pictures.

use super::{Family, paths};
use crate::model::{Shape, Vertex};

/// The shape of a family whose formula could be built.
pub(super) fn shape(family: &Family) -> Shape {
    let lines = |widths: &[u64]| widths.iter().map(|width| *width as usize).collect();
    match family {
        Family::Grid { rows, cols, .. } => {
            Shape::Lines { widths: vec![*cols as usize; *rows as usize], band_rows: None }
        }
        Family::MGrid { side, .. } | Family::MaskingGrid { side, .. } => {
            Shape::Lines { widths: vec![*side as usize; *side as usize], band_rows: None }
        }
        Family::AndOr { height } => Shape::Tree { vertices: leaves(&vec![2; 2 * *height as usize]) },
        Family::BGrid { width, bands, band_rows } => Shape::Lines {
            widths: vec![*width as usize; (bands * band_rows) as usize],
            band_rows: Some(*band_rows as usize),
        },
        Family::Wall { .. } | Family::Triangle { .. } | Family::Cwlog { .. } => {
            Shape::Lines { widths: lines(&family.rows().unwrap_or_default()), band_rows: None }
        }
        Family::Y { size } => Shape::Lines { widths: (1..=*size as usize).collect(), band_rows: None },
        Family::Tree { height, degree } => Shape::Tree { vertices: tree(*height, *degree) },
        Family::Hierarchical { branching, .. } => Shape::Tree { vertices: leaves(branching) },
        Family::Paths { size } => Shape::Board { squares: paths::squares(*size as usize) },
        _ => Shape::Ring,
    }
}

/// A complete tree depth first, a node on every vertex.
fn tree(height: u64, degree: u64) -> Vec<Vertex> {
    let mut vertices: Vec<Vertex> = Vec::new();
    let mut open: Vec<(Option<usize>, u64)> = vec![(None, height)];
    while let Some((parent, height)) = open.pop() {
        let here = vertices.len();
        vertices.push(Vertex { parent, node: Some(here) });
        if height > 0 {
            open.extend((0..degree).map(|_| (Some(here), height - 1)));
        }
    }
    vertices
}

/// A tree of groups level by level, the nodes on its leaves.
fn leaves(branching: &[u64]) -> Vec<Vertex> {
    let mut vertices = vec![Vertex { parent: None, node: None }];
    let mut level = 0..1;
    for members in branching {
        let start = vertices.len();
        for parent in level {
            vertices.extend((0..*members).map(|_| Vertex { parent: Some(parent), node: None }));
        }
        level = start..vertices.len();
    }
    for (node, vertex) in level.enumerate() {
        vertices[vertex].node = Some(node);
    }
    vertices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_a_place_for_every_node() {
        let needed = vec![1, 1, 1];
        let hierarchy = Family::Hierarchical { branching: vec![2, 1, 3], read: needed.clone(), write: needed };
        for family in [
            Family::Tree { height: 3, degree: 3 },
            Family::Tree { height: 0, degree: 2 },
            hierarchy,
            Family::Wall { widths: vec![3, 1, 2] },
            Family::Triangle { rows: 4 },
            Family::Cwlog { rows: 9 },
            Family::Wheel { n: 9 },
            Family::Paths { size: 3 },
            Family::Y { size: 4 },
            Family::MGrid { side: 5, b: 2 },
            Family::MaskingGrid { side: 3, b: 1 },
            Family::AndOr { height: 2 },
            Family::AndOr { height: 0 },
        ] {
            assert!(family.shape().fits(family.node_count() as usize), "{family:?}");
        }
    }
}
