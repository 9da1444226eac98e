//! Where quorums come from: one file per family, parameters in, formulas out.
//!
//! A family is a constructor of formulas, never a second representation of a system. Its closed forms from the
//! literature live beside the constructor as [`ClosedForms`], computed without the formula, so that tests can hold the
//! one against the other.

mod b_grid;
mod closed_forms;
pub mod custom;
mod grid;
mod lines;
mod majority;
mod rowa;
mod scaling;
mod singleton;
mod threshold;
mod weighted;

pub use closed_forms::{ClosedForms, KindForms};
pub use grid::GridVariant;
pub use scaling::{Scaling, scalings};

use crate::model::{About, Formula, FormulaError, NODES_MAX, Node, NodeId, Pair, Shape, System, SystemError};

/// What a person should know about a family before using it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyInfo {
    /// The word that `system.family` takes.
    pub name: &'static str,
    /// The keys that may stand beside it.
    pub parameters: &'static [Parameter],
    /// What a read and a write quorum is.
    pub quorums: &'static str,
    /// Who described it, and where.
    pub source: &'static str,
    /// A `[system]` table that works.
    pub example: &'static str,
}

/// A key of the `[system]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The key.
    pub key: &'static str,
    /// What its value means, with the default if it may be left out.
    pub meaning: &'static str,
}

/// All families, in the order in which a newcomer should meet them.
pub const ALBUM: &[FamilyInfo] = &[
    majority::INFO,
    threshold::INFO,
    weighted::INFO,
    rowa::ROWA,
    rowa::RAWO,
    singleton::INFO,
    grid::INFO,
    b_grid::INFO,
    custom::INFO,
];

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
}

/// Why parameters do not make a system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FamilyError {
    /// A size of zero.
    #[error("`{parameter}` must be at least 1")]
    Zero {
        /// The key.
        parameter: &'static str,
    },
    /// A parameter above what the others allow.
    #[error("`{parameter}` is {value}, but at most {limit} is possible here")]
    Above {
        /// The key.
        parameter: &'static str,
        /// Its value.
        value: u64,
        /// The largest that would be right.
        limit: u64,
    },
    /// More nodes than a system may have.
    #[error("{nodes} nodes: the limit is {NODES_MAX}")]
    TooManyNodes {
        /// How many the parameters ask for; saturates.
        nodes: u64,
    },
    /// The formula cannot be built.
    #[error(transparent)]
    Formula(#[from] FormulaError),
    /// The system cannot be built.
    #[error(transparent)]
    System(#[from] SystemError),
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
        }
    }

    /// How many nodes it has; saturates.
    pub fn node_count(&self) -> u64 {
        match self {
            Family::Majority { n }
            | Family::Threshold { n, .. }
            | Family::Rowa { n }
            | Family::Rawo { n }
            | Family::Singleton { n, .. } => *n,
            Family::Weighted { votes, .. } => votes.len() as u64,
            Family::Grid { rows, cols, .. } => rows.saturating_mul(*cols),
            Family::BGrid { width, bands, band_rows } => width.saturating_mul(*bands).saturating_mul(*band_rows),
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
        }
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
            shape: self.shape(),
            ..About::default()
        };
        Ok(System::new(about, nodes, formulas)?)
    }

    /// How its nodes stand.
    pub fn shape(&self) -> Shape {
        match self {
            Family::Grid { rows, cols, .. } => {
                Shape::Lines { widths: vec![*cols as usize; *rows as usize], band_rows: None }
            }
            Family::BGrid { width, bands, band_rows } => Shape::Lines {
                widths: vec![*width as usize; (bands * band_rows) as usize],
                band_rows: Some(*band_rows as usize),
            },
            _ => Shape::Ring,
        }
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
            Family::Weighted { .. } => None,
        }
    }
}

/// The nodes `0..count`.
fn nodes(count: u64) -> impl Iterator<Item = NodeId> {
    (0..count as usize).map(NodeId::new)
}

/// The parameter, if it is not zero.
fn at_least_one(parameter: &'static str, value: u64) -> Result<(), FamilyError> {
    if value == 0 { Err(FamilyError::Zero { parameter }) } else { Ok(()) }
}

/// Both kinds of quorums are the same.
fn symmetric(formula: Formula) -> Pair<Formula> {
    Pair { reads: formula.clone(), writes: formula }
}
