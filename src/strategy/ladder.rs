//! Chooses how to find the optimal load: of a table of methods the first that applies and succeeds.

use num_rational::BigRational;
use num_traits::One;

use super::load_methods::{
    FlatFormulas, SCALE_ROUNDS, by_columns, by_flow_program, by_lattice, by_recursion, by_symmetry, flattened,
    without_prices,
};
use super::methods::bounds_without_lp::Rough;
use super::methods::{bounds_without_lp, essential_nodes, fractional_votes, small_programs, triangular_board};
use super::objective::Infeasible;
use super::one_kind::{of_one_kind, one_kind, only};
use super::optimum::Optimum;
use super::program::demand::Demand;
use super::solution::{Solved, finish, is_plain};
use super::solver::Formulas;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Compiled, LatticePrices};
use crate::model::{Fraction, Kind, Pair, Workload};

/// A method of finding the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadRung {
    /// The closed recursion on a read-once formula.
    ReadOnce,
    /// The closed form of a triangular board.
    TriangularBoard,
    /// Column generation, quorums of a lattice priced by shortest paths.
    Lattice,
    /// All smallest quorums equally often.
    UniformSmallest,
    /// Column generation in whole numbers.
    SmallProgram,
    /// The flow program with votes as fractions.
    FractionalVotes,
    /// The flow program.
    FlowProgram,
    /// Column generation, quorums priced by a pass over the formula.
    Columns,
}

/// A line of the table: the method, when it applies, how it finds the load, and why it stands where it does.
struct Rung<'a, 'd, 'c> {
    method: LoadRung,
    applies: fn(&mut Climb<'a, 'd, 'c>) -> Result<bool, Exhausted>,
    find: Find<'a, 'd, 'c>,
    #[expect(dead_code, reason = "for those who read the table")]
    why: &'static str,
}

/// Finds the load; nothing where the method did not succeed.
type Find<'a, 'd, 'c> = fn(&mut Climb<'a, 'd, 'c>) -> Result<Option<Solved<'a, 'd>>, Exhausted>;

/// The ladder, from the top.
fn ladder<'a, 'd, 'c>() -> [Rung<'a, 'd, 'c>; 8] {
    [
        Rung {
            method: LoadRung::ReadOnce,
            applies: |on| Ok(on.alone.is_some_and(|kind| is_plain(on.compiled, kind))),
            find: |on| {
                let Some(kind) = on.alone else { return Ok(None) };
                by_recursion(on.compiled, &on.demand, kind).map(Some)
            },
            why: "linear, and exact up to twenty thousand nodes",
        },
        Rung {
            method: LoadRung::TriangularBoard,
            applies: |on| Ok(on.lattice().is_some_and(|prices| prices.board_rows().is_some())),
            find: |on| {
                let rows = on.lattice().and_then(LatticePrices::board_rows);
                Ok(rows.and_then(|rows| triangular_board::solve(rows, &on.demand)))
            },
            why: "a closed form, where all nodes are alike",
        },
        Rung {
            method: LoadRung::Lattice,
            applies: |on| {
                let compiled = on.compiled;
                Ok(on.lattice().is_some_and(|prices| prices.is_exact() || compiled.diagram().is_err()))
            },
            find: |on| on.lattice().map(|prices| by_lattice(on.compiled, &on.demand, prices)).transpose(),
            why: "no formula is decomposable, and a diagram may be too wide",
        },
        Rung {
            method: LoadRung::UniformSmallest,
            applies: |_| Ok(true),
            find: |on| {
                let formulas = on.formulas()?;
                by_symmetry(formulas, &on.demand.in_units_of(on.demand.least_cost()), &mut on.meter)
            },
            why: "a guess that two passes prove where nodes are alike",
        },
        Rung {
            method: LoadRung::SmallProgram,
            applies: |_| Ok(true),
            find: |on| Ok(small_programs::solve(on.compiled, on.formulas()?, &on.demand)),
            why: "milliseconds for few classes of nodes, and exact at once",
        },
        Rung {
            method: LoadRung::FractionalVotes,
            applies: |on| Ok(on.flat()?.is_none()),
            find: Climb::by_fractional_votes,
            why: "the votes are too many to be written out as a formula without votes",
        },
        Rung {
            method: LoadRung::FlowProgram,
            applies: |on| Ok(on.flat()?.is_some()),
            find: Climb::by_flow_program,
            why: "one linear program, as large as the formula",
        },
        Rung {
            method: LoadRung::Columns,
            applies: |_| Ok(true),
            find: Climb::by_columns,
            why: "the last resort that needs no program of the size of the formula",
        },
    ]
}

impl LoadRung {
    /// All of them, in the order in which they are tried.
    pub const ALL: [LoadRung; 8] = [
        LoadRung::ReadOnce,
        LoadRung::TriangularBoard,
        LoadRung::Lattice,
        LoadRung::UniformSmallest,
        LoadRung::SmallProgram,
        LoadRung::FractionalVotes,
        LoadRung::FlowProgram,
        LoadRung::Columns,
    ];
}

/// What the methods share on the way down.
struct Climb<'a, 'd, 'c> {
    compiled: &'a Compiled<'c>,
    demand: Demand<'d>,
    /// The kind whose formula alone decides.
    alone: Option<Kind>,
    meter: Meter,
    flat: Option<Option<FlatFormulas<'a>>>,
    /// What fractional votes found, where the bounds did not meet.
    votes: Option<Solved<'a, 'd>>,
    guess: Option<Rough>,
}

impl<'a, 'd, 'c> Climb<'a, 'd, 'c> {
    fn new(compiled: &'a Compiled<'c>, demand: Demand<'d>, alone: Option<Kind>) -> Self {
        let meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 4);
        Climb { compiled, demand, alone, meter, flat: None, votes: None, guess: None }
    }

    /// The answer of the first of these methods that applies and succeeds.
    fn first_of(mut self, rungs: &[LoadRung]) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
        for rung in ladder().iter().filter(|rung| rungs.contains(&rung.method)) {
            if (rung.applies)(&mut self)?
                && let Some(solved) = (rung.find)(&mut self)?
            {
                return Ok(Some(solved));
            }
        }
        Ok(None)
    }

    /// Shortest paths that price quorums, where they are too many for a list.
    fn lattice(&self) -> Option<&'a LatticePrices> {
        self.compiled.lattice_prices().filter(|_| self.compiled.short_list(Kind::Read).is_none())
    }

    /// Decomposable formulas.
    fn formulas(&self) -> Result<Formulas<'a>, Exhausted> {
        let formula = |kind: Kind| self.demand.has(kind).then(|| self.compiled.decomposable(kind)).transpose();
        Ok(Pair { reads: formula(Kind::Read)?, writes: formula(Kind::Write)? })
    }

    /// The same without votes, where that is not too large.
    fn flat(&mut self) -> Result<&Option<FlatFormulas<'a>>, Exhausted> {
        let formulas = self.formulas()?;
        Ok(self.flat.get_or_insert_with(|| flattened(formulas)))
    }

    /// A strategy and prices that are not far from the best ones.
    fn guess(&mut self) -> Result<&Rough, Exhausted> {
        let guess = match self.guess.take() {
            Some(known) => known,
            None => bounds_without_lp::play(self.formulas()?, &self.demand, SCALE_ROUNDS, &mut self.meter)?,
        };
        Ok(self.guess.insert(guess))
    }

    fn by_fractional_votes(&mut self) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
        let nodes = self.compiled.system().nodes();
        let found = fractional_votes::solve(self.formulas()?, &self.demand, (nodes, self.compiled.budget()));
        match found {
            Some(solved) if solved.exhausted.is_none() => Ok(Some(solved)),
            open => {
                self.votes = open;
                Ok(None)
            }
        }
    }

    fn by_flow_program(&mut self) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
        let upper = self.guess()?.upper;
        let demand = self.demand.in_units_of(upper * self.demand.scale());
        let formulas = self.formulas()?;
        let Some(flat) = self.flat()?.clone() else { return Ok(None) };
        by_flow_program(self.compiled, formulas, (&demand, flat), &mut self.meter)
    }

    fn by_columns(&mut self) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
        let guess = match self.guess().cloned() {
            Err(_) if self.votes.is_some() => return Ok(self.votes.take()),
            guess => guess?,
        };
        let demand = self.demand.in_units_of(guess.upper * self.demand.scale());
        let found = by_columns(self.compiled, self.formulas()?.into(), demand, (guess, self.votes.as_ref()));
        match (found, self.votes.take()) {
            (Ok(found), Some(votes)) => Ok(Some(votes.or_better(found))),
            (Err(_), Some(votes)) => Ok(Some(votes)),
            (found, None) => found.map(Some),
        }
    }
}

/// The load-optimal strategy of a system under a workload, with a certificate on both sides.
///
/// L = min over strategies of the largest load of a node, where operations on node i count 1 / capacity; for a
/// distribution of read fractions, the mean of the largest loads under one strategy for all of them.
///
/// # Method
/// The first method of a ladder that applies and succeeds ([`LoadRung`]). Every method gives a strategy, which
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
    if let Some(answer) = of_one_kind(compiled, workload, |alone| optimum(alone, workload, whole_strategy)) {
        return answer;
    }
    let demand = Demand::new(compiled.system().nodes(), workload, 1.0);
    let mut solved = match solve(compiled, &demand, &LoadRung::ALL) {
        Ok(Some(solved)) => solved,
        Ok(None) => {
            let limit = compiled.budget().program_terms;
            without_prices(compiled, &demand, Exhausted { resource: Resource::ProgramTerms, limit })
        }
        Err(exhausted) => without_prices(compiled, &demand, exhausted),
    };
    essential_nodes::raise(&mut solved, compiled, &demand);
    Ok(finish(compiled, workload, solved, whole_strategy))
}

/// The same by one method, whatever the ladder would choose; `None` where the method does not apply or does not succeed.
///
/// # Errors
/// As [`optimum()`].
///
/// # Examples
/// ```
/// use quorate::strategy::{LoadRung, optimum_by};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// let tree = Family::Tree { height: 2, degree: 2 }.system()?;
/// let compiled = Compiled::new(&tree, Budget::default());
/// let by = |rung| optimum_by(&compiled, tree.workload(), rung).expect("a tree has quorums");
/// let exact = |rung| by(rung)?.exact.map(|load| load.to_string());
/// assert_eq!((exact(LoadRung::ReadOnce), exact(LoadRung::Columns)), (Some("1/2".into()), Some("1/2".into())));
/// assert!(by(LoadRung::TriangularBoard).is_none());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn optimum_by(compiled: &Compiled<'_>, workload: &Workload, rung: LoadRung) -> Result<Option<Optimum>, Infeasible> {
    if let Some((kind, alone)) = one_kind(compiled, workload)? {
        let answer = optimum_by(&Compiled::new(&alone, *compiled.budget()), workload, rung)?;
        return Ok(answer.map(|answer| only(kind, answer)));
    }
    let demand = Demand::new(compiled.system().nodes(), workload, 1.0);
    let found = solve(compiled, &demand, &[rung]).ok().flatten();
    Ok(found.map(|solved| finish(compiled, workload, solved, false)))
}

/// The load by the first of these methods that succeeds: of one kind of operation, where its formula alone decides.
fn solve<'a, 'd>(
    compiled: &'a Compiled<'_>,
    demand: &Demand<'d>,
    rungs: &[LoadRung],
) -> Result<Option<Solved<'a, 'd>>, Exhausted> {
    let Some((kind, factor)) = one_formula(compiled, demand) else {
        return Climb::new(compiled, demand.clone(), None).first_of(rungs);
    };
    let workload = Workload::of(if kind == Kind::Read { Fraction::ONE } else { Fraction::ZERO });
    let of_kind = Demand::new(compiled.system().nodes(), &workload, 1.0);
    let solved = Climb::new(compiled, of_kind, Some(kind)).first_of(rungs)?;
    Ok(solved.map(|solved| solved.for_all_kinds(kind, demand, &factor)))
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
