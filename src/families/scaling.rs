//! Families along their size: which member of a family has about n nodes.

use super::{Family, GridVariant};

/// A family with members of growing size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaling {
    /// What it is called: the family, and its variant where it has several.
    pub name: &'static str,
    /// Members by size.
    pub members: Vec<Family>,
}

/// The families that are compared along their size, with up to `nodes_max` nodes.
///
/// Majorities of odd n; square grids with lines below, and Maekawa's; B-grids of width d whose bands have about ln d
/// rows and that are about as high as wide.
///
/// # Source
/// Naor and Wool, The load, capacity and availability of quorum systems, 1998, section 6: d = sqrt(n) and r = ln d give
/// the B-grid optimal load and high availability.
///
/// # Examples
/// ```
/// let majorities = &quorate::families::scalings(7)[0];
/// assert_eq!(majorities.members.iter().map(|member| member.node_count()).collect::<Vec<_>>(), [1, 3, 5, 7]);
/// ```
pub fn scalings(nodes_max: u64) -> Vec<Scaling> {
    let sides = || (1..=nodes_max).take_while(move |side| side * side <= nodes_max);
    let square = |variant| move |side| Family::Grid { rows: side, cols: side, variant };
    let majorities = (0..).map(|index| Family::Majority { n: 2 * index + 1 });
    vec![
        Scaling {
            name: "majority",
            members: majorities.take_while(|family| family.node_count() <= nodes_max).collect(),
        },
        Scaling { name: "grid", members: sides().map(square(GridVariant::LinesBelow)).collect() },
        Scaling { name: "grid row-column", members: sides().map(square(GridVariant::RowColumn)).collect() },
        Scaling {
            name: "b-grid",
            members: (2..).map(b_grid).take_while(|family| family.node_count() <= nodes_max).collect(),
        },
    ]
}

/// About as high as wide, with bands of about ln d rows.
fn b_grid(width: u64) -> Family {
    let band_rows = ((width as f64).ln().round() as u64).max(1);
    Family::BGrid { width, bands: (width / band_rows).max(1), band_rows }
}
