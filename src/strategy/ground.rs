//! What a front is searched on: everything that can be chosen, with both quantities as one objective.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::certify::known::{Draws, Known};
use super::certify::proof::{Proof, WholeSolution};
use super::chain::float;
use super::climb::Climb;
use super::finish::{About, price};
use super::ladder::climb;
use super::limited_program::{LimitedProgram, position};
use super::objective::{Infeasible, Objective};
use super::optimum::{LoadMethod, Optimum};
use super::program::formulas::Formulas;
use super::program::linear_program::{DualPrices, Quantity};
use super::program::orbits::NodeOrbits;
use super::program::problem::Problem;
use super::program::whole_rows::WholeProgram;
use super::question::{EligibleSets, StrategyQuestion};
use super::rung::Rung;
use super::solution::Solution;
use super::within_limits::checked;
use crate::budget::{Exhausted, Resource};
use crate::model::{Kind, Pair};

/// The methods for one weighted sum: small programs are solved one after another before.
const RUNGS: [Rung; 4] = [Rung::Lattice, Rung::FractionalVotes, Rung::FlowProgram, Rung::Columns];

/// The program of a front: both quantities are its objective; weights are given to each sum.
pub(super) struct Ground<'a> {
    question: &'a StrategyQuestion<'a>,
    program: LimitedProgram<'a>,
    axes: [Objective; 2],
}

/// A strategy with the least weighted sum, and where it lies exactly, if that is known.
pub(super) struct Least<'a> {
    pub(super) solution: Solution<'a, 'a>,
    pub(super) exactly: Option<[BigRational; 2]>,
}

impl<'a> Ground<'a> {
    /// For limits that can be kept.
    ///
    /// # Errors
    /// [`Infeasible`] where they cannot, or where a latency is missing.
    pub(super) fn new(
        question: &'a StrategyQuestion<'a>,
        eligible: &'a EligibleSets<'a>,
        axes: [Objective; 2],
    ) -> Result<Self, Infeasible> {
        let timed = axes.contains(&Objective::Latency) || question.limits.latency_ms.is_some();
        if timed && let Some(node) = question.without_latency(eligible) {
            return Err(Infeasible::NoLatency { node });
        }
        let limited = checked(question, eligible)?;
        let [x, y] = axes;
        let possible = |axis| match limited.iter().find(|(quantity, _)| *quantity == axis) {
            Some((_, alone)) => Ok((axis, alone.value())),
            None => Ok((axis, eligible.unlimited(question, axis)?.value())),
        };
        let program = LimitedProgram::new(question, eligible, &[possible(x)?, possible(y)?])?;
        Ok(Ground { question, program, axes })
    }

    fn about(&self) -> About<'_> {
        About { objective: self.axes[1], ..self.program.about(self.question) }
    }

    /// Formulas of all that can be chosen.
    fn formulas(&self) -> Option<Formulas<'_>> {
        if let Some(layers) = self.program.layers() {
            return Some(layers.formulas());
        }
        let (compiled, demand) = (self.about().compiled, &self.program.lp.demand);
        let of = |kind: Kind| demand.has(kind).then(|| compiled.decomposable(kind)).transpose().ok();
        Some(Pair { reads: of(Kind::Read)?, writes: of(Kind::Write)? })
    }

    /// Which nodes can be exchanged.
    pub(super) fn orbits(&self) -> Option<NodeOrbits> {
        Some(NodeOrbits::exchangeable(self.question.system().nodes(), self.formulas()?))
    }

    /// The problem in which nodes are exchanged so.
    pub(super) fn problem<'s>(&'s self, orbits: &'s NodeOrbits) -> Option<Problem<'s>> {
        Some(Problem { formulas: self.formulas()?, lp: &self.program.lp, orbits })
    }

    /// The two quantities of the program.
    pub(super) fn quantities(&self) -> [Quantity; 2] {
        self.axes.map(position)
    }

    /// A strategy with the least weighted sum.
    pub(super) fn least(&self, weights: [&BigRational; 2]) -> Result<Least<'_>, Exhausted> {
        let lp = self.program.lp.weighing(self.quantities(), weights).without_idle();
        let about = self.about();
        let limit = self.question.budget().program_terms;
        let on = Climb::new(about.compiled, lp, self.program.layers());
        let found = climb(on, &RUNGS)?;
        let mut solution = found.ok_or(Exhausted { resource: Resource::ProgramTerms, limit })?;
        if let Some(listed) = solution.listed(self.question.budget()) {
            about.certifying().certify(&mut solution, &listed);
        }
        let exactly = solution.known.as_ref().and_then(|known| self.exactly(known, solution.formulas));
        Ok(Least { solution, exactly })
    }

    /// Both quantities of a strategy in fractions.
    fn exactly(&self, known: &Known<'_>, formulas: Formulas<'_>) -> Option<[BigRational; 2]> {
        let Draws::Turns(drawn, orbits) = &known.draws else { return None };
        let problem = Problem { formulas, lp: &self.program.lp, orbits };
        let program = WholeProgram::<BigInt>::new(problem)?;
        WholeSolution::drawn_in(&program, drawn)?.quantities(&program, &self.program.lp, self.quantities())
    }

    /// Both quantities of a strategy in floating point.
    pub(super) fn about_where(&self, found: &Solution<'_, '_>) -> [f64; 2] {
        let used = found.used();
        self.quantities().map(|quantity| self.program.lp.quantity(quantity, &used))
    }

    /// What a proof says.
    pub(super) fn proven<'s>(&'s self, proof: Proof, orbits: &NodeOrbits) -> Solution<'s, 's> {
        let (lp, prices) = (self.program.lp.clone(), proof.prices.rounded());
        let place = (Formulas::default(), Pair { reads: None, writes: None });
        Solution::of_flows(lp, place, (0.0, prices), LoadMethod::Columns).proven(Known::of(proof, orbits))
    }

    /// A strategy at a point as an answer about y, and what proves that.
    pub(super) fn answer(
        &self,
        (x, y): (&BigRational, &BigRational),
        solution: Solution<'_, '_>,
        (lower, prices, is_exact): (f64, DualPrices, bool),
    ) -> Optimum {
        let mut optimum = self.about().answer(solution);
        optimum.certificate = None;
        (optimum.price, optimum.node_weight) = (price(&prices), prices.weights);
        optimum.exact = is_exact.then(|| y.clone());
        (optimum.upper_bound, optimum.lower_bound) = (float(y), if is_exact { float(y) } else { lower.min(float(y)) });
        let exactly = [x, y].into_iter().zip(self.axes).filter(|(_, axis)| is_exact || *axis == self.axes[1]);
        for (value, axis) in exactly {
            match axis {
                Objective::Load => optimum.mean_load = float(value),
                Objective::Network => optimum.network = float(value),
                Objective::Latency => optimum.latency_ms = optimum.latency_ms.map(|_| float(value)),
            }
        }
        optimum
    }
}
