//! An optimum with what proves it: a strategy and prices in fractions, whose bounds are the same number.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use crate::budget::{Budget, Meter, Resource};
use crate::model::{Choice, Kind, NodeSet, Pair, Strategy};
use crate::strategy::methods::fraction_free_simplex::{Outcome, Simplex};
use crate::strategy::program::demand::Weights;
use crate::strategy::program::flow::quorums_of;
use crate::strategy::program::linear_program::{DualPrices, LinearProgram, Quantity, Role};
use crate::strategy::program::orbits::NodeOrbits;
use crate::strategy::program::problem::Problem;
use crate::strategy::program::whole_numbers::Whole;
use crate::strategy::program::whole_rows::{Column, WholeProgram, total_of};

/// How often quorums are drawn.
pub(crate) type ExactStrategy = Pair<Vec<(NodeSet, BigRational)>>;

/// How often a quorum is drawn. Where nodes can be exchanged, it stands for all that exchanges make of it, drawn equally.
pub(crate) type Drawn = (Kind, NodeSet, BigRational);

/// What proves a lower bound, in fractions: [`DualPrices`] not scaled.
#[derive(Debug, Clone)]
pub(crate) struct ExactPrices {
    /// What a unit of load of each node costs under each read fraction.
    pub(crate) weights: Weights<BigRational>,
    /// The price of load: its weight in the objective, or the price of its limit.
    pub(crate) load: BigRational,
    /// The same of the sums of the program.
    pub(crate) sums: Vec<BigRational>,
}

impl ExactPrices {
    /// Those of a program in which the load is everything.
    pub(crate) fn of_load(weights: Weights<BigRational>) -> Self {
        ExactPrices { weights, load: BigRational::one(), sums: Vec::new() }
    }

    pub(crate) fn rounded_weights(&self) -> Weights<f64> {
        self.weights.iter().map(|weights| weights.iter().map(float).collect()).collect()
    }

    pub(crate) fn rounded(&self) -> DualPrices {
        let sums = self.sums.iter().map(float).collect();
        DualPrices { weights: self.rounded_weights(), load: float(&self.load), sums }
    }
}

/// The least value of the objective, and what proves it.
#[derive(Debug, Clone)]
pub(crate) struct Proof {
    pub(crate) value: BigRational,
    pub(crate) drawn: Vec<Drawn>,
    pub(crate) prices: ExactPrices,
}

/// A solution as whole numbers: draws in parts of one number, prices of the rows of nodes and limits in parts of another.
pub(crate) struct WholeSolution {
    pub(crate) drawn: Vec<(Column<BigInt>, BigInt)>,
    pub(crate) draws: BigInt,
    pub(crate) prices: Vec<BigInt>,
    pub(crate) whole: BigInt,
}

impl WholeSolution {
    /// These draws; there are no prices.
    pub(crate) fn drawn_in(program: &WholeProgram<'_, BigInt>, drawn: &[Drawn]) -> Option<Self> {
        let draws = drawn.iter().fold(BigInt::one(), |all, (.., share)| all.lcm(share.denom()));
        let drawn = drawn.iter().map(|(kind, quorum, share)| {
            Some((program.column(*kind, quorum.clone())?, share.numer() * (&draws / share.denom())))
        });
        Some(WholeSolution { drawn: drawn.collect::<Option<_>>()?, draws, prices: Vec::new(), whole: BigInt::one() })
    }

    /// Two quantities of the strategy, from its draws alone.
    pub(crate) fn quantities(
        &self,
        program: &WholeProgram<'_, BigInt>,
        lp: &LinearProgram<'_>,
        [x, y]: [Quantity; 2],
    ) -> Option<[BigRational; 2]> {
        let of = |quantity: Quantity| {
            let drawn = self.drawn.iter().map(|(column, drawn)| (column, drawn));
            program.quantity(&total_of(lp, quantity)?, drawn, &self.draws)
        };
        Some([of(x)?, of(y)?])
    }
}

impl Proof {
    /// Computes both bounds anew, from the draws and from the prices alone; `None` where they differ.
    pub(crate) fn of(
        program: &WholeProgram<'_, BigInt>,
        lp: &LinearProgram<'_>,
        solution: &WholeSolution,
        meter: &mut Meter,
    ) -> Option<Self> {
        let WholeSolution { drawn, draws, prices, whole } = solution;
        let upper = program.upper_bound(drawn.iter().map(|(column, drawn)| (column, drawn)), draws)?;
        let lower = program.lower_bound(prices, whole, meter)?;
        if upper != lower {
            return None;
        }
        let share = |(column, drawn): &(Column<BigInt>, BigInt)| {
            (column.kind, column.quorum.clone(), BigRational::new(drawn.clone(), draws.clone()))
        };
        let scale = whole * &program.objective.scale;
        let weights = (0..program.shares).map(|share| node_weights(program, share, prices, &scale));
        let mut limits = program.limit_rows().zip(&program.limits);
        let mut price = |part: &Role| match part {
            Role::Free => BigRational::zero(),
            Role::Objective(weight) => weight.clone(),
            Role::Limit(_) => limits.next().map_or_else(BigRational::zero, |(row, limit)| {
                BigRational::new(&prices[row] * &limit.total.scale, scale.clone())
            }),
        };
        Some(Proof {
            value: upper,
            drawn: drawn.iter().filter(|(_, drawn)| !drawn.is_zero()).map(share).collect(),
            prices: ExactPrices {
                load: price(&lp.load),
                sums: lp.sums.iter().map(|sum| price(&sum.part)).collect(),
                weights: weights.collect(),
            },
        })
    }
}

/// These draws as a list of quorums, in which nodes that can be exchanged take turns.
pub(crate) fn in_turns(drawn: &[Drawn], orbits: &NodeOrbits) -> ExactStrategy {
    let mut strategy = ExactStrategy::default();
    for (kind, quorum, share) in drawn {
        let list = if *kind == Kind::Read { &mut strategy.reads } else { &mut strategy.writes };
        list.extend(orbits.turns(quorum, share));
    }
    strategy.map(together)
}

/// Equal quorums together, the most probable first.
pub(crate) fn together(mut list: Vec<(NodeSet, BigRational)>) -> Vec<(NodeSet, BigRational)> {
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            first.1 += &later.1;
        }
        same
    });
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    list
}

/// A strategy in floating point.
pub(crate) fn rounded(strategy: &ExactStrategy) -> Strategy {
    strategy.as_ref().map(|list| {
        let choice =
            |(quorum, share): &(NodeSet, BigRational)| Choice { quorum: quorum.clone(), probability: float(share) };
        list.iter().map(choice).collect()
    })
}

fn float(number: &BigRational) -> f64 {
    number.to_f64().unwrap_or(0.0)
}

/// The nodes of a class share what its row costs.
fn node_weights(
    program: &WholeProgram<'_, BigInt>,
    share: usize,
    prices: &[BigInt],
    scale: &BigInt,
) -> Vec<BigRational> {
    let classes = program.classes();
    let of_class = |class: usize| {
        let row = share * classes + class;
        match prices[row].is_zero() {
            true => BigRational::zero(),
            false => BigRational::new(
                &prices[row] * &program.rows.load[row],
                scale * BigInt::from(program.orbits.members(class).len()),
            ),
        }
    };
    let weights: Vec<BigRational> = (0..classes).map(of_class).collect();
    (0..program.orbits.nodes()).map(|node| weights[program.orbits.orbit_of(node)].clone()).collect()
}

/// Rows of the largest program that the simplex method is tried on.
const ROWS_MAX: usize = 256;
/// Quorums that it starts from.
const STARTS_MAX: usize = 600;

/// The optimum by a simplex method in whole numbers, which get longer as they have to; `None` when the program is too large, takes more
/// than the meter allows, or has no solution.
pub(crate) fn by_simplex(problem: Problem<'_>, start: &Strategy, meter: &mut Meter) -> Option<Proof> {
    let starts = start.reads.len() + start.writes.len();
    if problem.rows() > ROWS_MAX || starts > STARTS_MAX {
        return None;
    }
    let known: Vec<(Kind, NodeSet)> = quorums_of(start).collect();
    let program = WholeProgram::<BigInt>::new(problem)?;
    let solution = solved::<i128>(problem, &known, meter).or_else(|| solved::<BigInt>(problem, &known, meter))?;
    Proof::of(&program, problem.lp, &solution, meter)
}

fn solved<T: Whole>(problem: Problem<'_>, known: &[(Kind, NodeSet)], meter: &mut Meter) -> Option<WholeSolution> {
    let mut simplex = Simplex::new(WholeProgram::<T>::new(problem)?, known)?;
    match simplex.optimise(meter)? {
        Outcome::Optimal => Some(whole_solution(&simplex)),
        Outcome::Infeasible => None,
    }
}

/// The solution at a basis.
pub(crate) fn whole_solution<T: Whole>(simplex: &Simplex<'_, T>) -> WholeSolution {
    let divisor = simplex.divisor().big();
    let big = |column: &Column<T>| Column {
        kind: column.kind,
        quorum: column.quorum.clone(),
        entries: column.entries.iter().map(Whole::big).collect(),
        cost: column.cost.big(),
    };
    WholeSolution {
        drawn: simplex.drawn().map(|(column, value)| (big(column), value.big())).collect(),
        draws: divisor.clone(),
        prices: simplex.row_prices().iter().map(Whole::big).collect(),
        whole: divisor,
    }
}

/// Steps of the simplex method, in machine operations: by default a few tenths of a second.
pub(crate) fn simplex_meter(budget: &Budget) -> Meter {
    Meter::new(Resource::PassSteps, budget.exact_steps)
}
