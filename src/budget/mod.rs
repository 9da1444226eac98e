//! Limits, charged inside every loop that can explode.
//!
//! Deciding whether two quorums are disjoint, or compiling a formula into a decision diagram, takes exponential
//! time in the worst case. Every such loop charges a [`Meter`] and ends with [`Exhausted`] instead of running on;
//! the caller then falls back to another method, to bounds, or to an honest "undecided". Budgets count steps and
//! not seconds, so that the same input gives the same answer on every machine. One stop goes by the clock: the simplex method of
//! linear programs offers no other, and ends after two minutes. Programs are given to it by their size, so that none that it can solve takes
//! nearly as long; the large ones are for an interior-point method, whose steps are few and counted.

pub(crate) mod shares;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What an analysis may spend, in countable steps.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// let frugal = Budget { diagram_nodes: 10_000, ..Budget::default() };
/// assert!(frugal.diagram_nodes < Budget::default().diagram_nodes);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Nodes that one decision diagram may create, intermediate results included.
    pub diagram_nodes: u64,
    /// States of a sweep over the frontier of a lattice, which are kept, two words each.
    pub sweep_states: u64,
    /// Steps of a search: pairs of diagram nodes visited, branches of a branch and bound.
    pub search_steps: u64,
    /// Sets that an explicit list of minimal quorums may hold while it is expanded.
    pub explicit_sets: u64,
    /// Elementary operations of one pass over a formula (products of a convolution, states of a weighted sum).
    pub pass_steps: u64,
    /// Edges of the formulas of one flow program; nodes that can be exchanged share theirs.
    pub program_terms: u64,
    /// Machine operations of making an optimum exact in fractions; none where its bounds in floating point are enough.
    pub exact_steps: u64,
    /// Draws of a node in a sample whose size was left open.
    pub sample_draws: u64,
    /// Word operations of judging every set of failures.
    pub enumeration_steps: u64,
    /// Node names in a printed strategy.
    pub strategy_names: u64,
    /// Operations of finding the states of a Markov chain and solving it.
    pub chain_steps: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget {
            diagram_nodes: 4_000_000,
            sweep_states: 20_000_000,
            search_steps: 4_000_000,
            explicit_sets: 20_000,
            pass_steps: 400_000_000,
            program_terms: 200_000,
            exact_steps: 400_000_000,
            sample_draws: 400_000_000,
            enumeration_steps: 20_000_000_000,
            strategy_names: 200_000,
            chain_steps: 1_000_000_000,
        }
    }
}

/// The resource of a [`Budget`] that ran out.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Resource {
    /// [`Budget::diagram_nodes`].
    DiagramNodes,
    /// [`Budget::sweep_states`].
    SweepStates,
    /// [`Budget::search_steps`].
    SearchSteps,
    /// [`Budget::explicit_sets`].
    ExplicitSets,
    /// [`Budget::pass_steps`].
    PassSteps,
    /// [`Budget::program_terms`].
    ProgramTerms,
    /// [`Budget::enumeration_steps`].
    EnumerationSteps,
    /// Quorums that column generation may add one by one; a fixed number of rounds.
    Columns,
    /// [`Budget::strategy_names`].
    StrategyNames,
    /// Programs of a front that is not found in exact fractions; a fixed number.
    Programs,
    /// Systems that a search may look at.
    Candidates,
    /// [`Budget::chain_steps`].
    ChainSteps,
    /// The patience of the person who asked the program to end.
    Patience,
}

impl fmt::Display for Resource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Resource::DiagramNodes => "nodes of the decision diagram",
            Resource::SweepStates => "states of the sweep over the lattice",
            Resource::SearchSteps => "search steps",
            Resource::ExplicitSets => "explicit quorums",
            Resource::PassSteps => "steps of a pass over the formula",
            Resource::ProgramTerms => "edges of the flow program",
            Resource::EnumerationSteps => "steps of judging every set of failures",
            Resource::Columns => "quorums added one by one",
            Resource::StrategyNames => "node names of a strategy",
            Resource::Programs => "programs of the front",
            Resource::Candidates => "candidates",
            Resource::ChainSteps => "steps of a Markov chain",
            Resource::Patience => "steps that somebody had patience for",
        })
    }
}

/// A loop that ended because its budget did: what ran out, and how much of it there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize)]
pub struct Exhausted {
    /// What ran out.
    pub resource: Resource,
    /// How much of it was allowed.
    pub limit: u64,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.resource {
            Resource::Patience => out.write_str("interrupted"),
            resource => write!(out, "gave up after {} {resource}", self.limit),
        }
    }
}

/// Whether everything is to end with what there is. The only thing here that is not an argument: whoever asks for the end of
/// a program means all of it.
static IS_STOPPED: AtomicBool = AtomicBool::new(false);

/// Lets all budgets of this process run out, so that every loop ends with what it has.
#[cfg(feature = "cli")]
pub(crate) fn stop() {
    IS_STOPPED.store(true, Ordering::Relaxed);
}

/// Lets budgets be what they were, for what is still to be said about work that was stopped.
#[cfg(feature = "cli")]
pub(crate) fn go_on() {
    IS_STOPPED.store(false, Ordering::Relaxed);
}

/// Whether everything is to end with what there is, for loops without a meter.
pub(crate) fn is_stopped() -> bool {
    IS_STOPPED.load(Ordering::Relaxed)
}

/// Steps that all meters of the program were charged so far, in whole units of [`WORK_UNIT`]: for those who look on.
static WORK: AtomicU64 = AtomicU64::new(0);

/// Steps of a meter that are told together, so that counting costs next to nothing.
const WORK_UNIT: u64 = 1 << 16;

/// Steps that were charged in the whole program so far, about: it grows while a long computation goes on, and no answer
/// depends on it.
///
/// # Examples
/// ```
/// use quorate::budget::{Meter, Resource, work};
/// let before = work();
/// let _ = Meter::new(Resource::SearchSteps, 1 << 30).charge(1 << 20);
/// assert!(work() >= before + (1 << 20));
/// ```
#[doc(hidden)]
pub fn work() -> u64 {
    WORK.load(Ordering::Relaxed)
}

/// A counter that refuses to pass its limit.
///
/// # Examples
/// ```
/// use quorate::budget::{Meter, Resource};
/// let mut meter = Meter::new(Resource::SearchSteps, 10);
/// assert!(meter.charge(10).is_ok());
/// assert!(meter.charge(1).is_err());
/// ```
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Meter {
    resource: Resource,
    limit: u64,
    spent: u64,
}

impl Meter {
    /// A meter that allows `limit` units of `resource`.
    pub fn new(resource: Resource, limit: u64) -> Self {
        Meter { resource, limit, spent: 0 }
    }

    /// Spends `units`.
    ///
    /// # Errors
    /// [`Exhausted`] when the limit is passed; what was spent before stays spent.
    pub fn charge(&mut self, units: u64) -> Result<(), Exhausted> {
        let before = self.spent;
        self.spent = before.saturating_add(units);
        let told = self.spent / WORK_UNIT - before / WORK_UNIT;
        if told > 0 {
            WORK.fetch_add(told * WORK_UNIT, Ordering::Relaxed);
        }
        if self.spent > self.limit {
            return Err(Exhausted { resource: self.resource, limit: self.limit });
        }
        if is_stopped() {
            return Err(Exhausted { resource: Resource::Patience, limit: self.spent });
        }
        Ok(())
    }

    /// A meter of its own with this part of the limit.
    #[must_use]
    pub fn part(&self, of: u64) -> Meter {
        Meter::new(self.resource, self.limit / of.max(1))
    }

    /// A meter of its own with at most this many of the units that are left.
    #[must_use]
    pub fn at_most(&self, units: u64) -> Meter {
        Meter::new(self.resource, units.min(self.left()))
    }

    /// The limit.
    pub fn allowed(&self) -> u64 {
        self.limit
    }

    /// Units spent so far.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// Units that may still be spent.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.spent)
    }
}
