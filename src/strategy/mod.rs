//! The best strategy for load, network or latency, within limits, given failures.
//!
//! Failed nodes leave smaller formulas; sets that survive losses are formulas too; and so are the smallest quorums and those
//! that answer first. So an objective without limits is the load of another system, found and certified as any load, and
//! only limits need a program of their own.
//!
//! | question | file |
//! | --- | --- |
//! | what is asked, and why may there be no answer? | `objective` |
//! | what is the answer? | `optimum`, put together by `solution`; with the question, `answer` |
//! | which method, in which order? | `ladder`; the load by each, `load_methods` |
//! | limits, a front of two quantities, what a unit of capacity is worth | `within_limits`, `pareto_front`, `marginal_value` |
//! | which sets may be contacted, by the time at which they answer? | `layers`; what a front is searched on: `ground`; what is known of it meanwhile: `chain` |
//! | where the nodes that are left hold quorums of one kind only | `one_kind` |
//! | what is proven, and how does anybody check it? | the room `certificate` |
//! | the linear program as data; the methods; the solver; exact certificates | the rooms `program`, `methods`, `solver`, `certify` |

mod answer;
mod certificate;
mod certify;
mod chain;
mod ground;
mod ladder;
mod layers;
mod load_methods;
mod marginal_value;
mod methods;
pub mod objective;
mod one_kind;
mod optimum;
mod pareto_front;
mod program;
mod solution;
mod solver;
mod within_limits;

use std::borrow::Cow;
use std::ops::Deref;

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Compiled, cheapest_only, pass, restricted, surviving, without_votes};
use crate::model::{Formula, FormulaBuilder, Gate, GateId, Kind, NodeId, NodeSet, Pair, System, Workload};
use objective::{Infeasible, Limits, Objective};

pub use answer::StrategyAnswer;
pub use certificate::{Certificate, ExactChoice, Flaw, LimitPrices};
pub use ladder::{LoadRung, optimum, optimum_by};
pub use marginal_value::worth;
pub use optimum::{LoadMethod, Optimum, Price};
pub use pareto_front::{Corner, Front, front};
pub(crate) use solution::ASKED_FOR;

/// The best strategy of a system under a workload, with a certificate on both sides.
///
/// *load*: the load of the busiest node, as [`optimum()`]. *network*: the expected number of nodes that an operation
/// contacts. *latency*: the expected time until the answers of the nodes that it contacts contain a quorum, each node
/// answering after its latency. Reads count f, writes 1 - f, averaged over the distribution of read fractions f; one
/// strategy serves all of them. Among strategies that are equally good at network or latency without limits, one of least
/// load is given.
///
/// # Errors
/// [`Infeasible`] says why no strategy does what was asked, with the nearest value that is possible.
///
/// # Source
/// Whittaker et al., Read-write quorum systems made practical, 2021 (the quantities, limits and resilient strategies).
///
/// # Complexity
/// Network and latency without limits take a pass, and a load; limits take a flow program as large as the formula, with a
/// copy of it for each time at which a node answers, made as they are needed; where that is too large, a pass for every
/// quorum that is worth having.
///
/// # Examples
/// ```
/// use quorate::strategy::objective::{Limits, Objective};
/// use quorate::strategy::optimise;
/// use quorate::budget::Budget;
/// use quorate::families::Family;
/// let majority = Family::Majority { n: 5 }.system()?;
/// let best = |limits| optimise(&majority, majority.workload(), Objective::Load, &limits, Budget::default());
/// let load = |limits| best(limits).ok()?.exact.map(|load| load.to_string());
/// assert_eq!(load(Limits::default()), Some("3/5".into()));
/// // Sets of which any member may be lost have four nodes.
/// assert_eq!(load(Limits { survive: 1, ..Limits::default() }), Some("4/5".into()));
/// assert!(best(Limits { network: Some(2.0), ..Limits::default() }).is_err());
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn optimise(
    system: &System,
    workload: &Workload,
    objective: Objective,
    limits: &Limits,
    budget: Budget,
) -> Result<Optimum, Infeasible> {
    best(&Compiled::new(system, budget), workload, (objective, limits), false)
}

/// As [`optimise`], for a system that is compiled already; `whole_strategy` lists the strategy, and proves it, however long.
///
/// # Errors
/// As [`optimise`].
pub fn best(
    compiled: &Compiled<'_>,
    workload: &Workload,
    (objective, limits): (Objective, &Limits),
    whole_strategy: bool,
) -> Result<Optimum, Infeasible> {
    let ask = |alone: &Compiled<'_>| best(alone, workload, (objective, limits), whole_strategy);
    if let Some(answer) = one_kind::of_one_kind(compiled, workload, ask) {
        return answer;
    }
    if objective == Objective::Load && *limits == Limits::default() {
        return optimum(compiled, workload, whole_strategy);
    }
    let question = Question { compiled, workload, limits, whole_strategy };
    let offer = question.offer()?;
    match limits.is_limited() {
        true => within_limits::within(&question, &offer, objective),
        false => offer.unlimited(&question, objective),
    }
}

/// What is asked of a system.
struct Question<'a> {
    compiled: &'a Compiled<'a>,
    workload: &'a Workload,
    limits: &'a Limits,
    whole_strategy: bool,
}

/// What operations may choose from.
struct Offer<'a> {
    /// The sets that may be contacted.
    system: Cow<'a, System>,
    /// The nodes whose answers count.
    alive: NodeSet,
}

/// A compiled system, made for this question or before.
enum CompiledOffer<'s> {
    Known(&'s Compiled<'s>),
    New(Box<Compiled<'s>>),
}

impl<'s> Deref for CompiledOffer<'s> {
    type Target = Compiled<'s>;

    fn deref(&self) -> &Compiled<'s> {
        match self {
            CompiledOffer::Known(compiled) => compiled,
            CompiledOffer::New(compiled) => compiled,
        }
    }
}

impl<'a> Question<'a> {
    fn system(&self) -> &'a System {
        self.compiled.system()
    }

    fn budget(&self) -> &'a Budget {
        self.compiled.budget()
    }

    /// Whether the workload has operations of this kind at all.
    fn has(&self, kind: Kind) -> bool {
        self.workload.has(kind)
    }

    /// How many of all operations are of this kind.
    fn share(&self, kind: Kind) -> BigRational {
        let reads: BigRational =
            self.workload.shares().iter().map(|share| &share.weight * share.read_fraction.exact()).sum();
        if kind == Kind::Read { reads } else { BigRational::one() - reads }
    }

    /// The sets that may be contacted: without failed nodes, and surviving the losses asked for.
    fn offer(&self) -> Result<Offer<'a>, Infeasible> {
        let alive: NodeSet = (0..self.system().nodes().len())
            .map(NodeId::new)
            .filter(|node| !self.limits.failed.contains(*node))
            .collect();
        if self.limits.survive == 0 && alive.len() == self.system().nodes().len() {
            return Ok(Offer { system: Cow::Borrowed(self.system()), alive });
        }
        let mut formulas = self.system().formulas().clone();
        for kind in Kind::BOTH.into_iter().filter(|kind| self.has(*kind)) {
            let live = restricted(self.system().formula(kind), &alive).ok_or(Infeasible::NoQuorum { kind })?;
            // Nothing is left of a set that loses all of its members.
            let formula = match self.limits.survive < alive.len() {
                true => surviving(&live, self.limits.survive, None, self.budget()).map_err(Infeasible::Undecided)?,
                false => None,
            };
            let formula = formula.ok_or_else(|| Infeasible::Survive { kind, most: self.survives(&live) })?;
            match kind {
                Kind::Read => formulas.reads = formula,
                Kind::Write => formulas.writes = formula,
            }
        }
        Ok(Offer { system: Cow::Owned(self.with(self.system(), formulas)), alive })
    }

    /// How many losses all nodes together survive, at most.
    fn survives(&self, formula: &Formula) -> Option<usize> {
        let formulas = Pair { reads: formula.clone(), writes: formula.clone() };
        let system = self.with(self.system(), formulas);
        crate::structure::resilience::resilience(&Compiled::new(&system, *self.budget()), Kind::Read).value()
    }

    fn with(&self, system: &System, formulas: Pair<Formula>) -> System {
        system.clone().with_formulas(formulas).expect("formulas over nodes of the system")
    }

    /// A node whose latency is not known, though it may be contacted.
    fn without_latency(&self, offer: &Offer<'_>) -> Option<NodeId> {
        let unknown = |node: &NodeId| self.system().nodes()[node.index()].latency_ms.is_none();
        let mut kinds = Kind::BOTH.into_iter().filter(|kind| self.has(*kind));
        kinds.find_map(|kind| offer.system.formula(kind).support().iter().find(unknown))
    }

    /// The load of a system of some of the quorums, as an answer about the objective whose least value they all have.
    fn with_least_load(
        &self,
        compiled: &Compiled<'_>,
        objective: Objective,
        value: &BigRational,
    ) -> Result<Optimum, Infeasible> {
        let mut answer = optimum(compiled, self.workload, self.whole_strategy)?;
        self.measure_latency(&mut answer);
        if objective != Objective::Load {
            let nearest = value.to_f64().unwrap_or(f64::NAN);
            answer.objective = objective;
            answer.upper_bound = nearest;
            answer.lower_bound = nearest;
            answer.exact = Some(value.clone());
            answer.method = LoadMethod::Pass;
            answer.exhausted = None;
            answer.node_weight = Vec::new();
            answer.price = Price::default();
            answer.certificate = self.least_of(&answer, value);
            match objective {
                Objective::Network => answer.network = nearest,
                _ => answer.latency_ms = Some(nearest),
            }
        }
        match objective {
            Objective::Load => {}
            Objective::Network => answer.price.network = 1.0,
            Objective::Latency => answer.price.latency_ms = 1.0,
        }
        if let Some(certificate) = &mut answer.certificate {
            (certificate.limits.survive, certificate.limits.failed) = (self.limits.survive, self.limits.failed.clone());
        }
        Ok(answer)
    }

    /// A certificate of the least value of an objective that all sets of a strategy have, however often they are drawn.
    fn least_of(&self, answer: &Optimum, value: &BigRational) -> Option<Certificate> {
        let strategy = match &answer.certificate {
            Some(certificate) => certificate.strategy.clone(),
            None => answer.strategy.as_ref()?.as_ref().map(|choices| solution::nearby(choices)),
        };
        let nodes = self.system().nodes().len();
        Some(Certificate {
            objective: answer.objective,
            limits: Limits::default(),
            value: value.clone(),
            strategy,
            prices: vec![vec![BigRational::zero(); nodes]; self.workload.shares().len()],
            limit_prices: LimitPrices::default(),
        })
    }

    /// The latency of a strategy whose sets are larger than quorums.
    fn measure_latency(&self, answer: &mut Optimum) {
        if self.limits.survive > 0 {
            let strategy = answer.strategy.as_ref();
            answer.latency_ms = strategy.and_then(|strategy| solution::latency(self.system(), strategy, self.workload));
        }
    }
}

impl<'a> Offer<'a> {
    /// The same with the formula of one kind replaced by an equivalent one.
    fn with(&self, kind: Kind, formula: &Formula) -> Offer<'static> {
        let mut formulas = self.system.formulas().clone();
        match kind {
            Kind::Read => formulas.reads = formula.clone(),
            Kind::Write => formulas.writes = formula.clone(),
        }
        let system = System::clone(&self.system).with_formulas(formulas).expect("formulas over nodes of the system");
        Offer { system: Cow::Owned(system), alive: self.alive.clone() }
    }

    /// The system compiled, or what was compiled from it already, where all of its sets may be contacted.
    fn compiled<'s>(&'s self, question: &'s Question<'_>) -> CompiledOffer<'s> {
        match self.system {
            Cow::Borrowed(_) => CompiledOffer::Known(question.compiled),
            Cow::Owned(_) => CompiledOffer::New(Box::new(Compiled::new(&self.system, *question.budget()))),
        }
    }

    /// The best strategy where nothing is limited.
    fn unlimited(&self, question: &Question<'_>, objective: Objective) -> Result<Optimum, Infeasible> {
        match objective {
            Objective::Load => question.with_least_load(&self.compiled(question), objective, &BigRational::one()),
            Objective::Network => self.smallest(question),
            Objective::Latency => self.fastest(question),
        }
    }

    /// Of each kind the smallest sets only.
    fn smallest(&self, question: &Question<'_>) -> Result<Optimum, Infeasible> {
        let compiled = self.compiled(question);
        let mut smaller: Option<Pair<Formula>> = None;
        let mut network = BigRational::from_integer(0.into());
        for kind in Kind::BOTH.into_iter().filter(|kind| question.has(*kind)) {
            let decomposable = compiled.decomposable(kind).map_err(Infeasible::Undecided)?;
            let share = question.share(kind);
            if let Some(size) = only_size(decomposable) {
                network += share * BigRational::from_integer(size.into());
                continue;
            }
            let (size, formula) = smallest_only(decomposable, question.budget()).map_err(Infeasible::Undecided)?;
            network += share * BigRational::from_integer(size.into());
            let formulas = smaller.get_or_insert_with(|| self.system.formulas().clone());
            match kind {
                Kind::Read => formulas.reads = formula,
                Kind::Write => formulas.writes = formula,
            }
        }
        let Some(formulas) = smaller else {
            return question.with_least_load(&compiled, Objective::Network, &network);
        };
        let system = question.with(&self.system, formulas);
        let compiled = Compiled::new(&system, *question.budget());
        question.with_least_load(&compiled, Objective::Network, &network)
    }

    /// Of each kind the sets that answer first.
    fn fastest(&self, question: &Question<'_>) -> Result<Optimum, Infeasible> {
        if let Some(node) = question.without_latency(self) {
            return Err(Infeasible::NoLatency { node });
        }
        let mut formulas = self.system.formulas().clone();
        let mut latency = BigRational::from_integer(0.into());
        for kind in Kind::BOTH.into_iter().filter(|kind| question.has(*kind)) {
            let times = layers::times(question, self, kind);
            let first = times.first().expect("all nodes together are a quorum");
            latency += question.share(kind) * first.exact();
            let formula = layers::by(question, self, kind, *first).map_err(Infeasible::Undecided)?;
            let formula = formula.expect("a set that survives can have any fast nodes");
            match kind {
                Kind::Read => formulas.reads = formula,
                Kind::Write => formulas.writes = formula,
            }
        }
        let system = question.with(&self.system, formulas);
        let compiled = Compiled::new(&system, *question.budget());
        question.with_least_load(&compiled, Objective::Latency, &latency)
    }
}

/// The size of the sets of a decomposable formula without votes, where it is plain that all have the same.
fn only_size(formula: &Formula) -> Option<u64> {
    let mut sizes: Vec<u64> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        sizes.push(match gate {
            Gate::Leaf(_) => 1,
            Gate::Threshold { k, children } => {
                let size = |child: &GateId| sizes[child.index()];
                let chosen = children[..k].iter().map(size).sum();
                let alike = k == children.len() || children.iter().all(|child| size(child) == size(&children[0]));
                alike.then_some(chosen)?
            }
            Gate::Weighted { .. } => return None,
        });
    }
    sizes.get(formula.root().index()).copied()
}

/// The size of a smallest set, and the formula of all that small; where votes are too many for that, of one of them.
fn smallest_only(formula: &Formula, budget: &Budget) -> Result<(u64, Formula), Exhausted> {
    let size = formula.support().iter().last().map_or(0, |node| node.index() + 1);
    let costs = vec![1u64; size];
    let mut meter = Meter::new(Resource::PassSteps, budget.pass_steps);
    let mut edges = Meter::new(Resource::ProgramTerms, budget.program_terms);
    if let Ok(flat) = without_votes(formula, &mut edges) {
        return cheapest_only(&flat, &costs, &mut meter);
    }
    let (cost, quorum) = pass::cheapest_quorum(formula, &costs, &mut meter)?;
    let mut builder = FormulaBuilder::new();
    let members: Vec<_> = quorum.iter().map(|node| builder.leaf(node)).collect();
    let root = builder.and(&members).expect("a quorum has members");
    Ok((cost, builder.finish(root)))
}
