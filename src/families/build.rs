//! From a family to its formulas, its system and what is known of it in closed form.

use super::closed_forms::ClosedForms;
use super::error::FamilyError;
use super::family::Family;
use crate::model::{About, Formula, Lying, NODES_MAX, Node, Pair, Shape, System};
use std::borrow::Cow;

impl Family {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            Family::Majority { .. } => super::majority::INFO.name,
            Family::Threshold { .. } => super::threshold::INFO.name,
            Family::Weighted { .. } => super::weighted::INFO.name,
            Family::Rowa { .. } => super::rowa::ROWA.name,
            Family::Rawo { .. } => super::rowa::RAWO.name,
            Family::Singleton { .. } => super::singleton::INFO.name,
            Family::Grid { .. } => super::grid::INFO.name,
            Family::BGrid { .. } => super::b_grid::INFO.name,
            Family::Tree { .. } => super::tree::INFO.name,
            Family::Hierarchical { .. } => super::hierarchical::INFO.name,
            Family::Wall { .. } => super::wall::WALL.name,
            Family::Triangle { .. } => super::wall::TRIANGLE.name,
            Family::Cwlog { .. } => super::wall::CWLOG.name,
            Family::Wheel { .. } => super::wall::WHEEL.name,
            Family::Fpp { .. } => super::plane::INFO.name,
            Family::Paths { .. } => super::paths::INFO.name,
            Family::Y { .. } => super::y::INFO.name,
            Family::Dissemination { .. } => super::liars::DISSEMINATION.name,
            Family::Masking { .. } => super::liars::MASKING.name,
            Family::Opaque { .. } => super::liars::OPAQUE.name,
            Family::MGrid { .. } => super::m_grid::M_GRID.name,
            Family::MaskingGrid { .. } => super::m_grid::MASKING_GRID.name,
            Family::AndOr { .. } => super::and_or::INFO.name,
            Family::Nucleus { .. } => super::nucleus::INFO.name,
            Family::Probabilistic { .. } => super::probabilistic::INFO.name,
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
            | Family::Dissemination { n, .. }
            | Family::Masking { n, .. }
            | Family::Opaque { n, .. }
            | Family::Probabilistic { n, .. }
            | Family::Singleton { n, .. } => *n,
            Family::MGrid { side, .. } | Family::MaskingGrid { side, .. } => side.saturating_mul(*side),
            Family::AndOr { height } => super::and_or::node_count(*height),
            Family::Nucleus { r } => super::nucleus::node_count(*r),
            Family::Weighted { votes, .. } => votes.len() as u64,
            Family::Grid { rows, cols, .. } => rows.saturating_mul(*cols),
            Family::BGrid { width, bands, band_rows } => width.saturating_mul(*bands).saturating_mul(*band_rows),
            Family::Tree { height, degree } => super::tree::node_count(*height, *degree),
            Family::Hierarchical { branching, .. } => super::hierarchical::node_count(branching),
            Family::Wall { widths } => widths.iter().fold(0, |nodes: u64, width| nodes.saturating_add(*width)),
            Family::Triangle { rows: size } | Family::Y { size } => super::wall::triangle_nodes(*size),
            Family::Cwlog { rows } => super::wall::cwlog_nodes(*rows),
            Family::Fpp { order } => super::plane::node_count(*order),
            Family::Paths { size } => super::paths::node_count(*size),
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
            Family::Majority { n } => super::majority::formulas(*n),
            Family::Threshold { n, read, write } => super::threshold::formulas(*n, *read, *write),
            Family::Weighted { votes, read_votes, write_votes } => {
                super::weighted::formulas(votes, *read_votes, *write_votes)
            }
            Family::Rowa { n } => super::threshold::formulas(*n, 1, *n),
            Family::Rawo { n } => super::threshold::formulas(*n, *n, 1),
            Family::Singleton { n, node } => super::singleton::formulas(*n, *node),
            Family::Grid { rows, cols, variant } => super::grid::formulas(*rows, *cols, *variant),
            Family::BGrid { width, bands, band_rows } => super::b_grid::formulas(*width, *bands, *band_rows),
            Family::Tree { height, degree } => super::tree::formulas(*height, *degree),
            Family::Hierarchical { branching, read, write } => super::hierarchical::formulas(branching, read, write),
            Family::Wall { .. } | Family::Triangle { .. } | Family::Cwlog { .. } | Family::Wheel { .. } => {
                super::wall::formulas(&self.rows()?)
            }
            Family::Fpp { order } => super::plane::formulas(*order),
            Family::Paths { size } => super::paths::formulas(*size),
            Family::Y { size } => super::y::formulas(*size),
            Family::Dissemination { n, b } => super::liars::formulas(Lying::Dissemination, *n, *b),
            Family::Masking { n, b } => super::liars::formulas(Lying::Masking, *n, *b),
            Family::Opaque { n, b } => super::liars::formulas(Lying::Opaque, *n, *b),
            Family::MGrid { side, b } => super::m_grid::m_grid(*side, *b),
            Family::MaskingGrid { side, b } => super::m_grid::masking_grid(*side, *b),
            Family::AndOr { height } => super::and_or::formulas(*height),
            Family::Nucleus { r } => super::nucleus::formulas(*r),
            Family::Probabilistic { n, read, write } => super::threshold::formulas(*n, *read, *write),
        }
    }

    /// The widths of the rows of a wall; empty for other families.
    pub(super) fn rows(&self) -> Result<Cow<'_, [u64]>, FamilyError> {
        Ok(match self {
            Family::Wall { widths } => Cow::Borrowed(widths),
            Family::Triangle { rows } => super::wall::triangle(*rows)?.into(),
            Family::Cwlog { rows } => super::wall::cwlog(*rows)?.into(),
            Family::Wheel { n } => super::wall::wheel(*n)?.into(),
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
        super::places::shape(self)
    }

    /// The values that the literature gives for it in closed form, where it gives any.
    pub fn closed_forms(&self) -> Option<ClosedForms> {
        match self {
            Family::Majority { n } => Some(super::threshold::closed_forms(*n, n / 2 + 1, n / 2 + 1)),
            Family::Threshold { n, read, write } => Some(super::threshold::closed_forms(*n, *read, *write)),
            Family::Rowa { n } => Some(super::threshold::closed_forms(*n, 1, *n)),
            Family::Rawo { n } => Some(super::threshold::closed_forms(*n, *n, 1)),
            Family::Singleton { .. } => Some(super::threshold::closed_forms(1, 1, 1)),
            Family::Grid { rows, cols, variant } => Some(super::grid::closed_forms(*rows, *cols, *variant)),
            Family::BGrid { width, bands, band_rows } => Some(super::b_grid::closed_forms(*width, *bands, *band_rows)),
            Family::Tree { height, degree } => Some(super::tree::closed_forms(*height, *degree)),
            Family::Hierarchical { branching, read, write } => {
                Some(super::hierarchical::closed_forms(branching, read, write))
            }
            Family::Wall { .. } | Family::Triangle { .. } | Family::Cwlog { .. } | Family::Wheel { .. } => {
                self.rows().ok().map(|widths| super::wall::closed_forms(&widths))
            }
            Family::Dissemination { n, b } => super::liars::closed_forms(Lying::Dissemination, *n, *b),
            Family::Masking { n, b } => super::liars::closed_forms(Lying::Masking, *n, *b),
            Family::Opaque { n, b } => super::liars::closed_forms(Lying::Opaque, *n, *b),
            Family::Probabilistic { n, read, write } => Some(super::threshold::closed_forms(*n, *read, *write)),
            Family::AndOr { height } => Some(super::and_or::closed_forms(*height)),
            Family::Weighted { .. }
            | Family::Fpp { .. }
            | Family::Paths { .. }
            | Family::Y { .. }
            | Family::MGrid { .. }
            | Family::MaskingGrid { .. }
            | Family::Nucleus { .. } => None,
        }
    }
}
