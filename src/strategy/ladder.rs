//! Chooses how to find a best strategy: of a table of methods the first that applies and succeeds.

use super::climb::Climb;
use super::methods::triangular_board;
use super::rung::Rung;
use super::solution::Solution;
use crate::budget::Exhausted;
use crate::circuit::LatticePrices;

/// A line of the table: the method, when it applies, how it finds the optimum, and why it stands where it does.
struct Line<'a, 'd, 'c> {
    method: Rung,
    applies: fn(&mut Climb<'a, 'd, 'c>) -> Result<bool, Exhausted>,
    find: Find<'a, 'd, 'c>,
    #[expect(dead_code, reason = "for those who read the table")]
    why: &'static str,
}

/// Finds the optimum; nothing where the method did not succeed.
type Find<'a, 'd, 'c> = fn(&mut Climb<'a, 'd, 'c>) -> Result<Option<Solution<'a, 'd>>, Exhausted>;

/// The ladder, from the top.
fn ladder<'a, 'd, 'c>() -> [Line<'a, 'd, 'c>; 8] {
    [
        Line {
            method: Rung::ReadOnce,
            applies: |on| Ok(on.plain().is_some()),
            find: Climb::by_recursion,
            why: "linear, and exact up to twenty thousand nodes",
        },
        Line {
            method: Rung::TriangularBoard,
            applies: |on| Ok(on.is_load() && on.lattice().is_some_and(|prices| prices.board_rows().is_some())),
            find: |on| {
                let rows = on.lattice().and_then(LatticePrices::board_rows);
                Ok(rows.and_then(|rows| triangular_board::solve(rows, on.demand())))
            },
            why: "a closed form, where all nodes are alike",
        },
        Line {
            method: Rung::Lattice,
            applies: |on| Ok(on.lattice().is_some_and(|prices| prices.is_exact() || !on.has_diagram())),
            find: Climb::by_lattice,
            why: "no formula is decomposable, and a diagram may be too wide",
        },
        Line {
            method: Rung::UniformSmallest,
            applies: |on| Ok(on.is_load()),
            find: Climb::by_symmetry,
            why: "a guess that two passes prove where nodes are alike",
        },
        Line {
            method: Rung::SmallProgram,
            applies: |_| Ok(true),
            find: Climb::by_small_program,
            why: "milliseconds for few classes of nodes, and exact at once",
        },
        Line {
            method: Rung::FractionalVotes,
            applies: |on| Ok(on.has_votes()? && !on.fits_easily()?),
            find: Climb::by_fractional_votes,
            why: "the votes are too many to be written out as a formula without votes",
        },
        Line {
            method: Rung::FlowProgram,
            applies: Climb::fits,
            find: Climb::by_flow_program,
            why: "one linear program, as large as the formula",
        },
        Line {
            method: Rung::Columns,
            applies: |_| Ok(true),
            find: Climb::by_columns,
            why: "the last resort that needs no program of the size of the formula",
        },
    ]
}

/// The answer of the first of these methods that applies and succeeds.
///
/// # Errors
/// [`Exhausted`] where not even a quorum can be priced.
pub(super) fn climb<'a, 'd>(mut on: Climb<'a, 'd, '_>, rungs: &[Rung]) -> Result<Option<Solution<'a, 'd>>, Exhausted> {
    for line in ladder().iter().filter(|line| rungs.contains(&line.method)) {
        if (line.applies)(&mut on)?
            && let Some(solution) = (line.find)(&mut on)?
        {
            return Ok(Some(solution));
        }
    }
    Ok(None)
}
