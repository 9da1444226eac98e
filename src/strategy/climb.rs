//! What the methods share on the way down the ladder, and how each is asked.

use super::methods::bounds_without_lp::{self, BoundsWithoutLp};
use super::methods::closed_forms::{by_recursion, by_symmetry, is_plain};
use super::methods::columns::Columns;
use super::methods::flow_program::{Flat, FlowProgram};
use super::methods::{fractional_votes, small_programs};
use super::program::cheapest_quorum::CheapestQuorum;
use super::program::context::Context;
use super::program::demand::Demand;
use super::program::formulas::Formulas;
use super::program::layered_formula::{Layer, Layers};
use super::program::linear_program::LinearProgram;
use super::program::orbits::NodeOrbits;
use super::solution::Solution;
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Compiled, LatticePrices};
use crate::model::{Formula, Gate, Kind, Pair};

/// Rounds of the load game that find the scale of the load.
const SCALE_ROUNDS: usize = 12;

/// A problem on its way down the ladder.
pub(super) struct Climb<'a, 'd, 'c> {
    /// The system of the quorums that may be drawn.
    compiled: &'a Compiled<'c>,
    lp: LinearProgram<'d>,
    /// The same quorums by the time at which they answer, where time plays a part.
    timed: Option<&'a Layers<'a>>,
    /// The kind whose formula alone decides.
    alone: Option<Kind>,
    meter: Meter,
    /// The formulas of the flow program, unless it is too large.
    flat: Option<Option<Flat<'a>>>,
    /// What fractional votes found, where the bounds did not meet.
    votes: Option<Solution<'a, 'd>>,
    guess: Option<BoundsWithoutLp>,
}

/// What a method found.
type Found<'a, 'd> = Result<Option<Solution<'a, 'd>>, Exhausted>;

impl<'a, 'd, 'c> Climb<'a, 'd, 'c> {
    pub(super) fn new(compiled: &'a Compiled<'c>, lp: LinearProgram<'d>, timed: Option<&'a Layers<'a>>) -> Self {
        let meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 4);
        Climb { compiled, lp, timed, alone: None, meter, flat: None, votes: None, guess: None }
    }

    /// The same where the formula of one kind decides.
    pub(super) fn of_kind(self, kind: Kind) -> Self {
        Climb { alone: Some(kind), ..self }
    }

    /// Whether the load is all there is.
    pub(super) fn is_load(&self) -> bool {
        self.lp.is_load()
    }

    pub(super) fn demand(&self) -> &Demand<'d> {
        &self.lp.demand
    }

    /// The kind whose formula alone decides a load, where it is read-once without votes.
    pub(super) fn plain(&self) -> Option<Kind> {
        self.alone.filter(|kind| self.is_load() && is_plain(self.compiled, *kind))
    }

    /// Shortest paths that price quorums, where they are too many for a list.
    pub(super) fn lattice(&self) -> Option<&'a LatticePrices> {
        let prices = self.compiled.lattice_prices().filter(|_| self.timed.is_none());
        prices.filter(|_| self.compiled.short_list(Kind::Read).is_none())
    }

    pub(super) fn has_diagram(&self) -> bool {
        self.compiled.diagram().is_ok()
    }

    /// Decomposable formulas.
    fn formulas(&self) -> Result<Formulas<'a>, Exhausted> {
        if let Some(layers) = self.timed {
            return Ok(layers.formulas());
        }
        let formula = |kind: Kind| self.lp.demand.has(kind).then(|| self.compiled.decomposable(kind)).transpose();
        Ok(Pair { reads: formula(Kind::Read)?, writes: formula(Kind::Write)? })
    }

    /// Whether any gate counts votes.
    pub(super) fn has_votes(&self) -> Result<bool, Exhausted> {
        let votes = |(_, gate): (_, Gate<'_>)| matches!(gate, Gate::Weighted { .. });
        let formulas = self.formulas()?;
        let any = |formula: Option<&Formula>| formula.is_some_and(|formula| formula.gates().any(votes));
        Ok(any(formulas.reads) || any(formulas.writes))
    }

    /// Whether the flow program is not too large.
    pub(super) fn fits(&mut self) -> Result<bool, Exhausted> {
        Ok(self.flat()?.is_some())
    }

    /// Whether the flow program is small.
    pub(super) fn fits_easily(&mut self) -> Result<bool, Exhausted> {
        Ok(self.flat()?.is_some_and(Flat::is_small))
    }

    fn flat(&mut self) -> Result<Option<&Flat<'a>>, Exhausted> {
        if self.flat.is_none() {
            let context = Context::of(self.compiled);
            let flat = match self.timed {
                Some(layers) => FlowProgram::first(layers, context),
                None => FlowProgram::first(&Layers::untimed(self.formulas()?), context),
            };
            self.flat = Some(flat);
        }
        Ok(self.flat.as_ref().and_then(Option::as_ref))
    }

    /// The program in units of a strategy and prices that are not far from the best ones: the load only, limits have units.
    fn in_units_of_guess(&mut self) -> Result<LinearProgram<'d>, Exhausted> {
        if !self.is_load() {
            return Ok(self.lp.clone());
        }
        let guess = match self.guess.take() {
            Some(known) => known,
            None => bounds_without_lp::play(self.formulas()?, &self.lp.demand, SCALE_ROUNDS, &mut self.meter)?,
        };
        let upper = self.guess.insert(guess).upper;
        Ok(self.lp.in_units_of(upper * self.lp.unit()))
    }

    pub(super) fn by_recursion(&mut self) -> Found<'a, 'd> {
        let Some(kind) = self.plain() else { return Ok(None) };
        by_recursion(self.compiled, &self.lp.demand, kind).map(Some)
    }

    pub(super) fn by_symmetry(&mut self) -> Found<'a, 'd> {
        let (formulas, demand) = (self.formulas()?, &self.lp.demand);
        by_symmetry(formulas, &demand.in_units_of(demand.least_cost()), &mut self.meter)
    }

    pub(super) fn by_small_program(&mut self) -> Found<'a, 'd> {
        let context = Context::of(self.compiled);
        Ok(small_programs::solve(self.formulas()?, &self.lp, context))
    }

    pub(super) fn by_fractional_votes(&mut self) -> Found<'a, 'd> {
        let context = Context::of(self.compiled);
        match fractional_votes::solve(self.formulas()?, &self.lp, context) {
            Some(solution) if solution.exhausted.is_none() => Ok(Some(solution)),
            open => {
                self.votes = open;
                Ok(None)
            }
        }
    }

    pub(super) fn by_flow_program(&mut self) -> Found<'a, 'd> {
        if !self.fits()? {
            return Ok(None);
        }
        let Some(first) = self.flat.take().flatten() else { return Ok(None) };
        let (lp, formulas) = (self.in_units_of_guess()?, self.formulas()?);
        let mut meter = Meter::new(Resource::PassSteps, self.compiled.budget().pass_steps);
        let context = Context::of(self.compiled);
        let solve = |layers| FlowProgram::new((layers, formulas), (lp, first), context).solve(&mut meter);
        Ok(match self.timed {
            Some(layers) => solve(layers),
            None => solve(&Layers::untimed(formulas)),
        })
    }

    /// Column generation where no formula is decomposable: shortest paths price the quorums.
    pub(super) fn by_lattice(&mut self) -> Found<'a, 'd> {
        let Some(prices) = self.lattice() else { return Ok(None) };
        let oracle = CheapestQuorum::Lattice(prices, Pair::by_kind(|kind| self.lp.demand.has(kind)));
        let (mut lp, mut guess) = (self.lp.clone(), None);
        if self.is_load() {
            let budget = self.compiled.budget().pass_steps / 4;
            let mut meter = Meter::new(Resource::PassSteps, budget);
            let found = bounds_without_lp::play(oracle, &lp.demand, SCALE_ROUNDS, &mut meter)?;
            lp = lp.in_units_of(found.upper * lp.unit());
            guess = Some(found);
        }
        let columns = self.columns(oracle, None, guess);
        columns.solve(lp).map(|found| Some(found).filter(|found| found.upper().is_finite()))
    }

    pub(super) fn by_columns(&mut self) -> Found<'a, 'd> {
        let lp = match self.in_units_of_guess() {
            Err(_) if self.votes.is_some() => return Ok(self.votes.take()),
            lp => lp?,
        };
        let layers = self.timed.map(|layers| &layers.each);
        let columns = self.columns(self.formulas()?.into(), layers, self.guess.clone());
        let found = match (columns.solve(lp), &self.votes) {
            (Ok(found), Some(votes)) => votes.clone().or_better(found),
            (Err(_), Some(votes)) => votes.clone(),
            (found, None) => found?,
        };
        Ok(Some(found).filter(|found| found.upper().is_finite()))
    }

    fn columns<'s>(
        &'s self,
        oracle: CheapestQuorum<'a>,
        layers: Option<&'s Pair<Vec<Layer<'a>>>>,
        guess: Option<BoundsWithoutLp>,
    ) -> Columns<'s, 'a, 'd> {
        let orbits = match self.is_load() {
            true => NodeOrbits::of(self.compiled, false),
            false => NodeOrbits::of_symmetries(self.compiled, self.timed.is_some())
                .unwrap_or_else(|| NodeOrbits::exchangeable(self.compiled.system().nodes(), oracle.formulas())),
        };
        Columns { oracle, layers, orbits, guess, known: self.votes.as_ref(), budget: self.compiled.budget() }
    }
}
