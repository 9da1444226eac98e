//! Where quorums come from: one file per family, parameters in, formulas out.
//!
//! A family is a constructor of formulas, never a second representation of a system. Its closed forms from the
//! literature live beside the constructor as [`ClosedForms`], computed without the formula, so that tests can hold the
//! one against the other.

mod b_grid;
mod closed_forms;
pub mod custom;
mod error;
pub mod federated;
mod field;
mod grid;
mod hierarchical;
mod lines;
mod majority;
pub(crate) mod paths;
mod places;
mod plane;
mod registry;
mod rowa;
mod scaling;
mod singleton;
mod starting;
mod threshold;
mod tree;
mod wall;
mod weighted;
mod y;

pub use closed_forms::{ClosedForms, KindForms};
pub use error::FamilyError;
pub use grid::GridVariant;
pub use registry::{ALBUM, FamilyInfo, Parameter};
pub use scaling::{Scaling, scalings};
pub use starting::starting_values;

use std::borrow::Cow;

use crate::model::{About, Formula, NODES_MAX, Node, NodeId, Pair, Shape, System};
use error::{at_least, at_least_one};

/// A family with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Family {
    /// Any majority of n nodes.
    Majority {
        /// Nodes.
        n: u64,
    },
    /// Any `read` / any `write` of n nodes.
    Threshold {
        /// Nodes.
        n: u64,
        /// Nodes of a read quorum.
        read: u64,
        /// Nodes of a write quorum.
        write: u64,
    },
    /// Gifford's weighted voting.
    Weighted {
        /// The votes of each node.
        votes: Vec<u64>,
        /// Votes that a read needs.
        read_votes: u64,
        /// Votes that a write needs.
        write_votes: u64,
    },
    /// Read one, write all.
    Rowa {
        /// Nodes.
        n: u64,
    },
    /// Read all, write one.
    Rawo {
        /// Nodes.
        n: u64,
    },
    /// One node decides.
    Singleton {
        /// Nodes, all but one of them idle.
        n: u64,
        /// The position of the node that decides, counted from 0.
        node: u64,
    },
    /// A grid of lines.
    Grid {
        /// Lines.
        rows: u64,
        /// Elements of a line.
        cols: u64,
        /// Which quorums.
        variant: GridVariant,
    },
    /// Naor and Wool's B-grid.
    BGrid {
        /// Columns (d).
        width: u64,
        /// Bands (h).
        bands: u64,
        /// Rows of a band (r).
        band_rows: u64,
    },
    /// Agrawal and El Abbadi's tree quorums.
    Tree {
        /// Edges from the root to a leaf.
        height: u64,
        /// Children of an inner node.
        degree: u64,
    },
    /// Kumar's hierarchical quorums.
    Hierarchical {
        /// Members of a group on each level, from the root down.
        branching: Vec<u64>,
        /// Members that a read needs on each level.
        read: Vec<u64>,
        /// Members that a write needs on each level.
        write: Vec<u64>,
    },
    /// Peleg and Wool's crumbling wall.
    Wall {
        /// Nodes of each row, from top to bottom.
        widths: Vec<u64>,
    },
    /// The wall with i nodes in row i.
    Triangle {
        /// Rows.
        rows: u64,
    },
    /// The wall with floor(log2 2i) nodes in row i.
    Cwlog {
        /// Rows.
        rows: u64,
    },
    /// A hub and a rim.
    Wheel {
        /// Nodes, the hub first.
        n: u64,
    },
    /// The lines of a projective plane.
    Fpp {
        /// The order of the plane, a power of a prime.
        order: u64,
    },
    /// Naor and Wool's Paths.
    Paths {
        /// The size of the lattice (d).
        size: u64,
    },
    /// Kuo and Huang's Y.
    Y {
        /// Rows of the board.
        size: u64,
    },
}

impl Family {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Family::Majority { .. } => majority::INFO.name,
            Family::Threshold { .. } => threshold::INFO.name,
            Family::Weighted { .. } => weighted::INFO.name,
            Family::Rowa { .. } => rowa::ROWA.name,
            Family::Rawo { .. } => rowa::RAWO.name,
            Family::Singleton { .. } => singleton::INFO.name,
            Family::Grid { .. } => grid::INFO.name,
            Family::BGrid { .. } => b_grid::INFO.name,
            Family::Tree { .. } => tree::INFO.name,
            Family::Hierarchical { .. } => hierarchical::INFO.name,
            Family::Wall { .. } => wall::WALL.name,
            Family::Triangle { .. } => wall::TRIANGLE.name,
            Family::Cwlog { .. } => wall::CWLOG.name,
            Family::Wheel { .. } => wall::WHEEL.name,
            Family::Fpp { .. } => plane::INFO.name,
            Family::Paths { .. } => paths::INFO.name,
            Family::Y { .. } => y::INFO.name,
        }
    }

    /// How many nodes it has; saturates.
    pub fn node_count(&self) -> u64 {
        match self {
            Family::Majority { n }
            | Family::Threshold { n, .. }
            | Family::Rowa { n }
            | Family::Rawo { n }
            | Family::Wheel { n }
            | Family::Singleton { n, .. } => *n,
            Family::Weighted { votes, .. } => votes.len() as u64,
            Family::Grid { rows, cols, .. } => rows.saturating_mul(*cols),
            Family::BGrid { width, bands, band_rows } => width.saturating_mul(*bands).saturating_mul(*band_rows),
            Family::Tree { height, degree } => tree::node_count(*height, *degree),
            Family::Hierarchical { branching, .. } => hierarchical::node_count(branching),
            Family::Wall { widths } => widths.iter().fold(0, |nodes: u64, width| nodes.saturating_add(*width)),
            Family::Triangle { rows: size } | Family::Y { size } => wall::triangle_nodes(*size),
            Family::Cwlog { rows } => wall::cwlog_nodes(*rows),
            Family::Fpp { order } => plane::node_count(*order),
            Family::Paths { size } => paths::node_count(*size),
        }
    }

    /// The formulas of its read and write quorums over the nodes 0, 1, ...
    ///
    /// # Errors
    /// [`FamilyError`] when a parameter is out of range.
    pub fn formulas(&self) -> Result<Pair<Formula>, FamilyError> {
        let nodes = self.node_count();
        if nodes > NODES_MAX as u64 {
            return Err(FamilyError::TooManyNodes { nodes });
        }
        match self {
            Family::Majority { n } => majority::formulas(*n),
            Family::Threshold { n, read, write } => threshold::formulas(*n, *read, *write),
            Family::Weighted { votes, read_votes, write_votes } => weighted::formulas(votes, *read_votes, *write_votes),
            Family::Rowa { n } => threshold::formulas(*n, 1, *n),
            Family::Rawo { n } => threshold::formulas(*n, *n, 1),
            Family::Singleton { n, node } => singleton::formulas(*n, *node),
            Family::Grid { rows, cols, variant } => grid::formulas(*rows, *cols, *variant),
            Family::BGrid { width, bands, band_rows } => b_grid::formulas(*width, *bands, *band_rows),
            Family::Tree { height, degree } => tree::formulas(*height, *degree),
            Family::Hierarchical { branching, read, write } => hierarchical::formulas(branching, read, write),
            Family::Wall { .. } | Family::Triangle { .. } | Family::Cwlog { .. } | Family::Wheel { .. } => {
                wall::formulas(&self.rows()?)
            }
            Family::Fpp { order } => plane::formulas(*order),
            Family::Paths { size } => paths::formulas(*size),
            Family::Y { size } => y::formulas(*size),
        }
    }

    /// The widths of the rows of a wall; empty for other families.
    fn rows(&self) -> Result<Cow<'_, [u64]>, FamilyError> {
        Ok(match self {
            Family::Wall { widths } => Cow::Borrowed(widths),
            Family::Triangle { rows } => wall::triangle(*rows)?.into(),
            Family::Cwlog { rows } => wall::cwlog(*rows)?.into(),
            Family::Wheel { n } => wall::wheel(*n)?.into(),
            _ => Cow::Borrowed(&[]),
        })
    }

    /// The system over nodes n1, n2, ... of capacity 1.
    ///
    /// # Errors
    /// As [`Family::formulas`].
    ///
    /// # Examples
    /// ```
    /// use quorate::families::{Family, GridVariant};
    /// let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system()?;
    /// assert_eq!(grid.nodes()[8].name, "n9");
    /// # Ok::<(), quorate::families::FamilyError>(())
    /// ```
    pub fn system(&self) -> Result<System, FamilyError> {
        let formulas = self.formulas()?;
        let nodes = (1..=self.node_count()).map(|number| Node::new(format!("n{number}"))).collect();
        let symmetric = formulas.reads == formulas.writes;
        let about = About {
            name: self.name().into(),
            family: self.name().into(),
            symmetric,
            majority: matches!(self, Family::Majority { .. }),
            shape: self.shape(),
            ..About::default()
        };
        Ok(System::new(about, nodes, formulas)?)
    }

    /// How its nodes stand.
    pub fn shape(&self) -> Shape {
        places::shape(self)
    }

    /// The values that the literature gives for it in closed form, where it gives any.
    pub fn closed_forms(&self) -> Option<ClosedForms> {
        match self {
            Family::Majority { n } => Some(threshold::closed_forms(*n, n / 2 + 1, n / 2 + 1)),
            Family::Threshold { n, read, write } => Some(threshold::closed_forms(*n, *read, *write)),
            Family::Rowa { n } => Some(threshold::closed_forms(*n, 1, *n)),
            Family::Rawo { n } => Some(threshold::closed_forms(*n, *n, 1)),
            Family::Singleton { .. } => Some(threshold::closed_forms(1, 1, 1)),
            Family::Grid { rows, cols, variant } => Some(grid::closed_forms(*rows, *cols, *variant)),
            Family::BGrid { width, bands, band_rows } => Some(b_grid::closed_forms(*width, *bands, *band_rows)),
            Family::Tree { height, degree } => Some(tree::closed_forms(*height, *degree)),
            Family::Hierarchical { branching, read, write } => Some(hierarchical::closed_forms(branching, read, write)),
            Family::Wall { .. } | Family::Triangle { .. } | Family::Cwlog { .. } | Family::Wheel { .. } => {
                self.rows().ok().map(|widths| wall::closed_forms(&widths))
            }
            Family::Weighted { .. } | Family::Fpp { .. } | Family::Paths { .. } | Family::Y { .. } => None,
        }
    }
}

/// The nodes `0..count`.
fn nodes(count: u64) -> impl Iterator<Item = NodeId> {
    (0..count as usize).map(NodeId::new)
}

/// Both kinds of quorums are the same.
fn symmetric(formula: Formula) -> Pair<Formula> {
    Pair { reads: formula.clone(), writes: formula }
}
