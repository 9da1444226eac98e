//! Grids: `rows` lines of `cols` elements, in four variants.

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, Pow};

use super::closed_forms::ratio;
use super::lines::{any_full, one_full_others_covered, one_of_each, straight_lines, wall};
use super::{ClosedForms, FamilyError, FamilyInfo, KindForms, Parameter, at_least_one};
use crate::model::{Formula, FormulaBuilder, FormulaError, GateId, Pair};

pub(super) const INFO: FamilyInfo = FamilyInfo {
    name: "grid",
    parameters: &[
        Parameter { key: "rows", meaning: "number of lines" },
        Parameter { key: "cols", meaning: "elements of a line" },
        Parameter {
            key: "variant",
            meaning: "\"lines-below\" (default), \"cover\", \"row-column\" or \"lines\": which quorums",
        },
    ],
    quorums: "lines-below: read one element of every line, write a full line and one element of every line below; \
              cover: the same with every other line; row-column: a full row and a full column; \
              lines: read a full line, write one element of every line",
    source: "Maekawa, ACM TOCS 1985 (row-column); Cheung, Ammar and Ahamad, The grid protocol, ICDE 1990 (cover); \
             Peleg and Wool, Crumbling walls, 1997 (lines-below, with equal widths); Naor and Wool 1998",
    example: "[system]\nfamily = \"grid\"\nrows = 3\ncols = 3\nvariant = \"lines-below\"\n",
};

/// Which quorums a grid has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum GridVariant {
    /// Read one element of every line; write one full line and one element of every line below it.
    #[default]
    LinesBelow,
    /// Read one element of every line; write one full line and one element of every other line.
    Cover,
    /// One full row and one full column.
    RowColumn,
    /// Read one full line; write one element of every line.
    Lines,
}

impl GridVariant {
    /// All variants.
    pub const ALL: [GridVariant; 4] =
        [GridVariant::LinesBelow, GridVariant::Cover, GridVariant::RowColumn, GridVariant::Lines];

    /// The word that `system.variant` takes.
    pub fn name(self) -> &'static str {
        match self {
            GridVariant::LinesBelow => "lines-below",
            GridVariant::Cover => "cover",
            GridVariant::RowColumn => "row-column",
            GridVariant::Lines => "lines",
        }
    }
}

/// Element (i, j) is node i * cols + j.
pub(super) fn formulas(rows: u64, cols: u64, variant: GridVariant) -> Result<Pair<Formula>, FamilyError> {
    at_least_one("rows", rows)?;
    at_least_one("cols", cols)?;
    let build = |shape: &dyn Fn(&mut FormulaBuilder) -> Result<GateId, FormulaError>| {
        let mut builder = FormulaBuilder::new();
        let root = shape(&mut builder)?;
        Ok::<Formula, FormulaError>(builder.finish(root))
    };
    let lines = |builder: &mut FormulaBuilder| straight_lines(builder, rows, cols, |i, j| i * cols + j);
    let columns = |builder: &mut FormulaBuilder| straight_lines(builder, cols, rows, |j, i| i * cols + j);
    let covered = |builder: &mut FormulaBuilder| lines(builder).and_then(|lines| one_of_each(builder, &lines));
    let full = |builder: &mut FormulaBuilder| lines(builder).and_then(|lines| any_full(builder, &lines));
    let full_column = |builder: &mut FormulaBuilder| columns(builder).and_then(|lines| any_full(builder, &lines));
    Ok(match variant {
        GridVariant::LinesBelow => {
            let below = |builder: &mut FormulaBuilder| lines(builder).and_then(|lines| wall(builder, &lines));
            Pair { reads: build(&covered)?, writes: build(&below)? }
        }
        GridVariant::Cover => {
            let cover = |builder: &mut FormulaBuilder| {
                lines(builder).and_then(|lines| one_full_others_covered(builder, &lines))
            };
            Pair { reads: build(&covered)?, writes: build(&cover)? }
        }
        GridVariant::RowColumn => super::symmetric(build(&|builder| {
            let (row, column) = (full(builder)?, full_column(builder)?);
            builder.and(&[row, column])
        })?),
        GridVariant::Lines => Pair { reads: build(&full)?, writes: build(&covered)? },
    })
}

/// With a = q^cols (a line is full), z = p^cols (it is empty), r = rows and c = cols:
///
/// | quorums | count | sizes | transversal | load | F |
/// | --- | --- | --- | --- | --- | --- |
/// | one of every line | c^r | r | c | 1/c | 1 - (1-z)^r |
/// | any full line | r | c | r | 1/r | (1-a)^r |
/// | full line, lines below | (c^r - 1)/(c - 1) | c ... c+r-1 | min(r, c) | 1/(c(1-(1-1/c)^r)) | 1 - a(1-m^r)/(1-m), m = 1-a-z |
/// | full line, other lines | r c^(r-1) | c+r-1 | min(r, c) | (r+c-1)/(rc) | 1 - (1-z)^r + m^r |
/// | row and column | rc | r+c-1 | min(r, c) | (r+c-1)/(rc) | inclusion and exclusion over rows |
///
/// # Source
/// Peleg and Wool 1997 (walls); Cheung, Ammar and Ahamad 1990; Naor and Wool 1998, section 5.
pub(super) fn closed_forms(rows: u64, cols: u64, variant: GridVariant) -> ClosedForms {
    match variant {
        GridVariant::LinesBelow => Pair { reads: covered_forms(rows, cols), writes: below_forms(rows, cols) },
        GridVariant::Cover => Pair { reads: covered_forms(rows, cols), writes: cover_forms(rows, cols) },
        GridVariant::RowColumn => Pair { reads: row_column_forms(rows, cols), writes: row_column_forms(rows, cols) },
        GridVariant::Lines => Pair { reads: full_forms(rows, cols), writes: covered_forms(rows, cols) },
    }
}

fn covered_forms(r: u64, c: u64) -> KindForms {
    KindForms {
        count: BigUint::from(c).pow(r),
        smallest: r,
        largest: r,
        transversal: c,
        load: ratio(1, c),
        failure_probability: Box::new(move |p| 1.0 - (1.0 - p.powf(c as f64)).powf(r as f64)),
    }
}

fn full_forms(r: u64, c: u64) -> KindForms {
    KindForms {
        count: r.into(),
        smallest: c,
        largest: c,
        transversal: r,
        load: ratio(1, r),
        failure_probability: Box::new(move |p| (1.0 - (1.0 - p).powf(c as f64)).powf(r as f64)),
    }
}

fn below_forms(r: u64, c: u64) -> KindForms {
    let count = (0..r).map(|below| BigUint::from(c).pow(below)).sum();
    let missed = BigRational::one() - ratio(1, c);
    let load = (ratio(c, 1) * (BigRational::one() - Pow::pow(missed, r))).recip();
    let failure = move |p: f64| {
        let (a, z) = ((1.0 - p).powf(c as f64), p.powf(c as f64));
        1.0 - (0..r).map(|below| a * (1.0 - a - z).powf(below as f64)).sum::<f64>()
    };
    // With one element a line, the lowest line alone is a quorum and the only minimal one.
    KindForms {
        count: if c == 1 { BigUint::one() } else { count },
        smallest: c,
        largest: if c == 1 { 1 } else { c + r - 1 },
        transversal: r.min(c),
        load: if c == 1 { BigRational::one() } else { load },
        failure_probability: Box::new(failure),
    }
}

fn cover_forms(r: u64, c: u64) -> KindForms {
    let failure = move |p: f64| {
        let (a, z) = ((1.0 - p).powf(c as f64), p.powf(c as f64));
        1.0 - (1.0 - z).powf(r as f64) + (1.0 - a - z).powf(r as f64)
    };
    // With one element a line, the only quorum is everything.
    KindForms {
        count: if c == 1 { BigUint::one() } else { BigUint::from(r) * BigUint::from(c).pow(r - 1) },
        smallest: c + r - 1,
        largest: c + r - 1,
        transversal: r.min(c),
        load: ratio(r + c - 1, r * c),
        failure_probability: Box::new(failure),
    }
}

fn row_column_forms(r: u64, c: u64) -> KindForms {
    let failure = move |p: f64| {
        let q = 1.0 - p;
        let mut alternating = 0.0;
        let mut choose = 1.0;
        for i in 0..=r {
            let term = choose * q.powf((i * c) as f64) * (1.0 - q.powf((r - i) as f64)).powf(c as f64);
            alternating += if i % 2 == 0 { term } else { -term };
            choose *= (r - i) as f64 / (i + 1) as f64;
        }
        (1.0 - q.powf(c as f64)).powf(r as f64) + (1.0 - q.powf(r as f64)).powf(c as f64) - alternating
    };
    // In a single line every quorum is the whole line.
    KindForms {
        count: if r == 1 || c == 1 { BigUint::one() } else { (r * c).into() },
        smallest: r + c - 1,
        largest: r + c - 1,
        transversal: r.min(c),
        load: ratio(r + c - 1, r * c),
        failure_probability: Box::new(failure),
    }
}
