//! The load of a system.

use num_rational::BigRational;
use num_traits::One;

use super::climb::Climb;
use super::finish::About;
use super::ladder::climb;
use super::methods::closed_forms::without_prices;
use super::methods::essential_nodes;
use super::objective::{Infeasible, Limits};
use super::one_kind::of_one_kind;
use super::optimum::Optimum;
use super::program::demand::Demand;
use super::program::linear_program::LinearProgram;
use super::rung::Rung;
use super::solution::Solution;
use crate::budget::{Exhausted, Resource};
use crate::circuit::Compiled;
use crate::model::{Fraction, Kind, Workload};

/// The load-optimal strategy of a system under a workload, with a certificate on both sides.
///
/// L = min over strategies of the largest load of a node, where operations on node i count 1 / capacity; for a
/// distribution of read fractions, the mean of the largest loads under one strategy for all of them.
///
/// # Method
/// The first method of a ladder that applies and succeeds ([`Rung`]). Every method gives a strategy, which
/// proves the upper bound, and node weights, which prove the lower one; where both are the same fraction after rounding
/// to rationals and exact checking, that fraction is given.
///
/// # Source
/// Naor and Wool, The load, capacity and availability of quorum systems, 1998, section 3 (load and its dual); Whittaker
/// et al., Read-write quorum systems made practical, 2021 (read fractions and capacities). The flow program is ours.
///
/// # Errors
/// [`Infeasible::NoQuorum`] where the workload has operations of a kind of which there is no quorum.
///
/// # Units
/// Loads are seconds of a node per operation of the system; capacities operations per second.
///
/// # Complexity
/// O(edges log edges) for the recursion and the guess; a linear program of that size otherwise. What the budget cuts off
/// is answered by bounds.
///
/// # Examples
/// ```
/// use quorate::strategy::optimum;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::{Family, GridVariant};
/// use quorate::model::{Fraction, Workload};
/// let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system()?;
/// let writes = Workload::of(Fraction::new(0.0)?);
/// let answer = optimum(&Compiled::new(&grid, Budget::default()), &writes, false).expect("a grid has quorums");
/// assert_eq!(answer.exact.map(|load| load.to_string()), Some("9/19".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn optimum(compiled: &Compiled<'_>, workload: &Workload, whole_strategy: bool) -> Result<Optimum, Infeasible> {
    load_by(compiled, workload, whole_strategy, &Rung::ALL)
}

/// The same by one method, whatever the ladder would choose; `None` where the method does not apply or does not succeed.
///
/// # Errors
/// As [`optimum()`].
///
/// # Examples
/// ```
/// use quorate::strategy::{Rung, optimum_by};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// let tree = Family::Tree { height: 2, degree: 2 }.system()?;
/// let compiled = Compiled::new(&tree, Budget::default());
/// let by = |rung| optimum_by(&compiled, tree.workload(), rung).expect("a tree has quorums");
/// let exact = |rung| by(rung)?.exact.map(|load| load.to_string());
/// assert_eq!((exact(Rung::ReadOnce), exact(Rung::Columns)), (Some("1/2".into()), Some("1/2".into())));
/// assert!(by(Rung::TriangularBoard).is_none());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn optimum_by(compiled: &Compiled<'_>, workload: &Workload, rung: Rung) -> Result<Option<Optimum>, Infeasible> {
    decided(load_by(compiled, workload, false, &[rung]))
}

/// The same by the first of these methods that succeeds; undecided where some were left out, and none of the others did.
pub(super) fn load_by(
    compiled: &Compiled<'_>,
    workload: &Workload,
    whole_strategy: bool,
    rungs: &[Rung],
) -> Result<Optimum, Infeasible> {
    if compiled.system().about().ring.is_some() {
        return Err(Infeasible::Ranges);
    }
    if let Some(answer) = of_one_kind(compiled, workload, |alone| load_by(alone, workload, whole_strategy, rungs)) {
        return answer;
    }
    let demand = Demand::new(compiled.system().nodes(), workload, 1.0);
    let are_all = rungs.len() == Rung::ALL.len();
    let mut solution = match solve(compiled, &demand, rungs) {
        Ok(Some(solution)) => solution,
        found => {
            let limit = compiled.budget().program_terms;
            let exhausted = found.err().unwrap_or(Exhausted { resource: Resource::ProgramTerms, limit });
            if !are_all {
                return Err(Infeasible::Undecided(exhausted));
            }
            without_prices(compiled, &demand, exhausted)
        }
    };
    if are_all {
        essential_nodes::raise(&mut solution, compiled);
    }
    Ok(About::load(compiled, workload, &Limits::default(), whole_strategy).answer(solution))
}

/// The answer of one method; `None` where it found none.
pub(super) fn decided(answer: Result<Optimum, Infeasible>) -> Result<Option<Optimum>, Infeasible> {
    match answer {
        Err(Infeasible::Undecided(_)) => Ok(None),
        answer => answer.map(Some),
    }
}

/// The load by the first of these methods that succeeds: of one kind of operation, where its formula alone decides.
fn solve<'a, 'd>(
    compiled: &'a Compiled<'_>,
    demand: &Demand<'d>,
    rungs: &[Rung],
) -> Result<Option<Solution<'a, 'd>>, Exhausted> {
    let Some((kind, factor)) = one_formula(compiled, demand) else {
        return climb(Climb::new(compiled, LinearProgram::load(demand), None), rungs);
    };
    let workload = Workload::of(if kind == Kind::Read { Fraction::ONE } else { Fraction::ZERO });
    let of_kind = Demand::new(compiled.system().nodes(), &workload, 1.0);
    let solution = climb(Climb::new(compiled, LinearProgram::load(&of_kind), None).of_kind(kind), rungs)?;
    Ok(solution.map(|solution| solution.for_all_kinds(kind, demand, &factor)))
}

/// The kind whose formula alone decides the load, and the load of an operation in units of that kind's: the workload has
/// one kind only, or reads and writes have the same formula and capacities in one proportion.
fn one_formula(compiled: &Compiled<'_>, demand: &Demand<'_>) -> Option<(Kind, BigRational)> {
    if let Some(kind) = Kind::BOTH.into_iter().find(|kind| !demand.has(other(*kind))) {
        return Some((kind, BigRational::one()));
    }
    if !compiled.is_symmetric() {
        return None;
    }
    let mut nodes = compiled.system().nodes().iter();
    let first = nodes.next()?;
    let equal = first.read_capacity == first.write_capacity;
    let ratio = first.write_capacity.exact() / first.read_capacity.exact();
    let same = |node: &crate::model::Node| match equal {
        true => node.read_capacity == node.write_capacity,
        false => node.write_capacity.exact() == node.read_capacity.exact() * &ratio,
    };
    nodes.all(same).then(|| {
        let cost = |share: usize| {
            let read = demand.exact_read_fraction(share);
            demand.exact_share(share) * (&read + (BigRational::one() - &read) / &ratio)
        };
        let factor = (0..demand.shares().len()).map(cost).sum();
        (Kind::Read, factor)
    })
}

fn other(kind: Kind) -> Kind {
    match kind {
        Kind::Read => Kind::Write,
        Kind::Write => Kind::Read,
    }
}
