//! How the nodes of a system stand, for pictures.

/// How the nodes of a system stand, which says nothing about its quorums.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Shape {
    /// In no particular way.
    #[default]
    Ring,
    /// In lines, filled in node order: a grid, or a wall whose lines differ.
    Lines {
        /// Nodes of each line, from top to bottom.
        widths: Vec<usize>,
        /// Lines of a band, where lines form bands.
        band_rows: Option<usize>,
    },
    /// In a tree, or at the leaves of one.
    Tree {
        /// The vertices, the root first, every other one after its parent.
        vertices: Vec<Vertex>,
    },
    /// On the squares of a board.
    Board {
        /// The column and the row of each node, in node order, counted from 0.
        squares: Vec<(usize, usize)>,
    },
}

/// A place in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Vertex {
    /// The position of the parent among the vertices; absent for a root.
    pub parent: Option<usize>,
    /// The index of the node that stands here; absent where branches only part.
    pub node: Option<usize>,
}

impl Shape {
    /// The same places without some of the nodes: node `kept[i]` becomes node `i`, and lines become a board with holes.
    ///
    /// # Complexity
    /// Linear in its places.
    ///
    /// # Examples
    /// ```
    /// use quorate::model::Shape;
    /// let square = Shape::Lines { widths: vec![2, 2], band_rows: None };
    /// assert_eq!(square.of_nodes(&[0, 3]), Shape::Board { squares: vec![(0, 0), (1, 1)] });
    /// ```
    #[must_use]
    pub fn of_nodes(&self, kept: &[usize]) -> Shape {
        let of_squares =
            |squares: &[(usize, usize)]| match kept.iter().map(|node| squares.get(*node).copied()).collect() {
                Some(squares) => Shape::Board { squares },
                None => Shape::Ring,
            };
        match self {
            Shape::Ring => Shape::Ring,
            Shape::Lines { widths, .. } => {
                let line = |(row, width): (usize, &usize)| (0..*width).map(move |column| (column, row));
                of_squares(&widths.iter().enumerate().flat_map(line).collect::<Vec<_>>())
            }
            Shape::Board { squares } => of_squares(squares),
            Shape::Tree { vertices } => {
                let place = |vertex: &Vertex| {
                    let node = vertex.node.and_then(|node| kept.binary_search(&node).ok());
                    Vertex { parent: vertex.parent, node }
                };
                Shape::Tree { vertices: vertices.iter().map(place).collect() }
            }
        }
    }

    /// Whether it has one place for each of that many nodes: a picture of another shape would lie.
    ///
    /// # Complexity
    /// Linear in its places.
    ///
    /// # Examples
    /// ```
    /// use quorate::model::Shape;
    /// let wall = Shape::Lines { widths: vec![1, 2, 3], band_rows: None };
    /// assert!(wall.fits(6) && !wall.fits(7));
    /// ```
    pub fn fits(&self, nodes: usize) -> bool {
        match self {
            Shape::Ring => true,
            Shape::Lines { widths, band_rows } => {
                let total = widths.iter().try_fold(0usize, |sum, width| sum.checked_add(*width));
                total == Some(nodes) && *band_rows != Some(0)
            }
            Shape::Tree { vertices } => {
                let grows = |(index, vertex): (usize, &Vertex)| vertex.parent.is_none_or(|parent| parent < index);
                let mut seen = vec![false; nodes];
                let mut first_time = |node: usize| node < nodes && !std::mem::replace(&mut seen[node], true);
                vertices.iter().enumerate().all(grows)
                    && vertices.iter().filter_map(|vertex| vertex.node).all(&mut first_time)
                    && seen.into_iter().all(|known| known)
            }
            Shape::Board { squares } => squares.len() == nodes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_fits_when_every_node_has_one_place() {
        let lines = |widths: &[usize]| Shape::Lines { widths: widths.to_vec(), band_rows: None };
        assert!(lines(&[3, 3]).fits(6) && !lines(&[3, 3]).fits(5) && !lines(&[usize::MAX, 2]).fits(1));
        assert!(!Shape::Lines { widths: vec![2], band_rows: Some(0) }.fits(2));
        let vertex = |parent, node| Vertex { parent, node };
        let tree = |vertices: &[Vertex]| Shape::Tree { vertices: vertices.to_vec() };
        let fork = [vertex(None, None), vertex(Some(0), Some(1)), vertex(Some(0), Some(0))];
        assert!(tree(&fork).fits(2) && !tree(&fork).fits(3) && !tree(&fork).fits(1));
        assert!(!tree(&[vertex(Some(0), Some(0))]).fits(1), "its own parent");
        assert!(!tree(&[vertex(None, Some(0)), vertex(Some(0), Some(0))]).fits(1), "one node twice");
        assert!(Shape::Board { squares: vec![(0, 0), (2, 0)] }.fits(2));
    }
}
