//! Naor and Wool's B-grid: optimal load and high availability together.
//!
//! n = d h r elements stand in h bands of r rows and d columns; the r elements of one column inside one band are a
//! *mini-column*. A quorum is one mini-column in every band, and one element of every mini-column of one band.

use num_bigint::BigUint;
use num_traits::Pow;

use super::closed_forms::ratio;
use super::lines::{Line, any_full, one_full_others_covered};
use super::{ClosedForms, FamilyError, FamilyInfo, KindForms, Parameter, at_least_one, symmetric};
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, NodeId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "b-grid",
    parameters: &[
        Parameter { key: "width", meaning: "columns (d)" },
        Parameter { key: "bands", meaning: "bands (h)" },
        Parameter { key: "band_rows", meaning: "rows of a band (r)" },
    ],
    quorums: "one mini-column in every band, and one element of every mini-column of one band",
    source: "Naor and Wool, The load, capacity and availability of quorum systems, SIAM J. Comput. 1998, section 6",
    example: "[system]\nfamily = \"b-grid\"\nwidth = 3\nbands = 2\nband_rows = 2\n",
};

/// Element (band b, row i, column j) is node (b r + i) d + j.
///
/// The formula is a chain over the bands that remembers whether the covered band is still to come:
/// later(b) = covered(b) plain(b+1) ... plain(h)  or  plain(b) later(b + 1).
pub(super) fn formulas(width: u64, bands: u64, band_rows: u64) -> Result<Pair<Formula>, FamilyError> {
    at_least_one("width", width)?;
    at_least_one("bands", bands)?;
    at_least_one("band_rows", band_rows)?;
    let mut builder = FormulaBuilder::new();
    let mut each_band = Vec::new();
    for band in 0..bands {
        let columns = mini_columns(&mut builder, band, width, band_rows)?;
        let covered = one_full_others_covered(&mut builder, &columns)?;
        each_band.push(Line { full: covered, some: any_full(&mut builder, &columns)? });
    }
    let root = one_full_others_covered(&mut builder, &each_band)?;
    Ok(symmetric(builder.finish(root)))
}

fn mini_columns(builder: &mut FormulaBuilder, band: u64, width: u64, rows: u64) -> Result<Vec<Line>, FormulaError> {
    let column = |j: u64| (0..rows).map(move |i| NodeId::new(((band * rows + i) * width + j) as usize));
    (0..width)
        .map(|j| {
            let elements: Vec<GateId> = column(j).map(|node| builder.leaf(node)).collect();
            Line::of(builder, &elements)
        })
        .collect()
}

/// Quorums of d + hr - 1 elements, h d^h r^(d-1) of them (h d^(h-1) when r = 1); load (d + hr - 1)/n; smallest
/// transversal min(d, hr); F = 1 - (A^h - (A - B)^h) with A = P(some mini-column of a band is full) and B = P(so, and
/// none of them is empty).
///
/// # Source
/// Naor and Wool 1998, section 6. Some lecture notes lose the minus sign of the quorum size.
pub(super) fn closed_forms(d: u64, h: u64, r: u64) -> ClosedForms {
    let forms = || KindForms {
        count: count(d, h, r),
        smallest: d + h * r - 1,
        largest: d + h * r - 1,
        transversal: d.min(h * r),
        load: ratio(d + h * r - 1, d * h * r),
        failure_probability: Box::new(move |p| {
            let (a, z) = ((1.0 - p).powf(r as f64), p.powf(r as f64));
            let any = 1.0 - (1.0 - a).powf(d as f64);
            let covered = (1.0 - z).powf(d as f64) - (1.0 - a - z).powf(d as f64);
            1.0 - (any.powf(h as f64) - (any - covered).powf(h as f64))
        }),
    };
    Pair { reads: forms(), writes: forms() }
}

fn count(d: u64, h: u64, r: u64) -> BigUint {
    let (d_big, h_big, r_big) = (BigUint::from(d), BigUint::from(h), BigUint::from(r));
    match (d, r) {
        (1, _) => BigUint::from(1u32),
        (_, 1) => h_big * d_big.pow(h - 1),
        _ => h_big * d_big.pow(h) * r_big.pow(d - 1),
    }
}
