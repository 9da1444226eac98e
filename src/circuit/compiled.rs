//! A system in every form that its questions may need, each made once and only when asked for.

use crate::budget::shares::LISTED_FIRST_MAX;
use std::cell::{OnceCell, RefCell};

use super::antichain::Antichain;
use super::diagram::{Diagram, Ref};
use super::sweep::{Lattice, LatticePrices, Levels};
use super::transform::conditioned::conditioned;
use super::transform::decomposable::is_decomposable;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::model::{Formula, Kind, NodeId, Pair, System};

/// The functions of a system in one diagram, ordered by first appearance in the reads, then in the writes.
#[derive(Debug)]
pub struct CompiledDiagram {
    /// The store.
    pub store: RefCell<Diagram>,
    /// The functions "contains a read quorum" and "contains a write quorum".
    pub functions: Pair<Ref>,
}

/// A system and what was compiled from it so far.
///
/// # Examples
/// ```
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// use quorate::model::Kind;
/// let system = Family::Majority { n: 101 }.system()?;
/// let compiled = Compiled::new(&system, Budget::default());
/// assert!(compiled.read_once(Kind::Read));
/// assert_eq!(compiled.diagram()?.store.borrow().size(compiled.diagram()?.functions.reads), 2603);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Compiled<'a> {
    system: &'a System,
    budget: Budget,
    symmetric: bool,
    read_once: Pair<bool>,
    duals: Pair<OnceCell<Formula>>,
    diagram: OnceCell<Result<CompiledDiagram, Exhausted>>,
    levels: OnceCell<Option<Result<Levels, Exhausted>>>,
    lattice: OnceCell<Option<Lattice>>,
    lattice_prices: OnceCell<Option<LatticePrices>>,
    order: OnceCell<Vec<NodeId>>,
    short_lists: Pair<OnceCell<Option<Antichain>>>,
    lists: Pair<OnceCell<Result<Antichain, Exhausted>>>,
    decomposable: Pair<OnceCell<Result<Option<Formula>, Exhausted>>>,
}

impl<'a> Compiled<'a> {
    /// Nothing is compiled yet.
    pub fn new(system: &'a System, budget: Budget) -> Self {
        let read_once = system.formulas().as_ref().map(Formula::is_read_once);
        Compiled {
            system,
            budget,
            symmetric: system.is_symmetric(),
            read_once,
            duals: Pair::default(),
            diagram: OnceCell::new(),
            levels: OnceCell::new(),
            lattice: OnceCell::new(),
            lattice_prices: OnceCell::new(),
            order: OnceCell::new(),
            short_lists: Pair::default(),
            lists: Pair::default(),
            decomposable: Pair::default(),
        }
    }

    /// The system itself.
    pub fn system(&self) -> &'a System {
        self.system
    }

    /// What may be spent.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Whether reads and writes have the same formula.
    pub fn is_symmetric(&self) -> bool {
        self.symmetric
    }

    /// Whether the formula of a kind is read-once.
    pub fn read_once(&self, kind: Kind) -> bool {
        *self.read_once.of(kind)
    }

    /// The answers about reads and writes; asked once where they are the same.
    pub(crate) fn of_both<T: Clone>(&self, mut ask: impl FnMut(Kind) -> T) -> Pair<T> {
        let reads = ask(Kind::Read);
        let writes = if self.symmetric { reads.clone() } else { ask(Kind::Write) };
        Pair { reads, writes }
    }

    /// The dual of the formula of a kind.
    pub fn dual(&self, kind: Kind) -> &Formula {
        self.duals.of(self.representative(kind)).get_or_init(|| self.system.formula(kind).dual())
    }

    /// Both kinds in one decision diagram.
    ///
    /// # Errors
    /// [`Exhausted`] when the diagram needs more nodes than the budget allows.
    pub fn diagram(&self) -> Result<&CompiledDiagram, Exhausted> {
        self.diagram.get_or_init(|| self.compile()).as_ref().map_err(|exhausted| *exhausted)
    }

    /// The levels of a sweep over both kinds' quorums, which are the same; absent unless the system is a lattice whose frontier fits the budget.
    pub(crate) fn levels(&self) -> Option<&Levels> {
        self.swept()?.as_ref().ok()
    }

    fn swept(&self) -> Option<&Result<Levels, Exhausted>> {
        self.levels.get_or_init(|| Some(self.lattice()?.levels(&self.budget))).as_ref()
    }

    /// Permutations of the nodes that change neither formula, as far as they are known: a group, which may be the identity alone. The
    /// permutation takes node i to the i-th entry.
    pub fn symmetries(&self) -> Vec<Vec<NodeId>> {
        match self.lattice() {
            Some(lattice) => lattice.symmetries(),
            None => vec![(0..self.system.nodes().len()).map(NodeId::new).collect()],
        }
    }

    /// Prices by shortest paths, where the system is a lattice.
    pub fn lattice_prices(&self) -> Option<&LatticePrices> {
        self.lattice_prices.get_or_init(|| self.lattice().map(LatticePrices::new)).as_ref()
    }

    fn lattice(&self) -> Option<Lattice> {
        *self.lattice.get_or_init(|| Lattice::of(self.system))
    }

    /// The nodes by first appearance in the reads, then in the writes; a node of both stands twice.
    fn order(&self) -> &[NodeId] {
        self.order.get_or_init(|| {
            let mut order = self.system.formulas().reads.reading_order();
            if !self.symmetric {
                order.extend(self.system.formulas().writes.reading_order());
            }
            order
        })
    }

    fn compile(&self) -> Result<CompiledDiagram, Exhausted> {
        if let Some(levels) = self.swept() {
            let (store, function) = levels.as_ref().map_err(|exhausted| *exhausted)?.reduced(&self.budget)?;
            return Ok(CompiledDiagram {
                store: RefCell::new(store),
                functions: Pair { reads: function, writes: function },
            });
        }
        let mut store = Diagram::new(self.order(), &self.budget);
        let reads = store.compile(&self.system.formulas().reads)?;
        let writes = if self.symmetric { reads } else { store.compile(&self.system.formulas().writes)? };
        Ok(CompiledDiagram { store: RefCell::new(store), functions: Pair { reads, writes } })
    }

    /// All minimal quorums of a kind, one by one.
    ///
    /// # Errors
    /// [`Exhausted`] when there are more than the budget allows.
    pub fn list(&self, kind: Kind) -> Result<&Antichain, Exhausted> {
        let list = self.lists.of(self.representative(kind));
        let list = list.get_or_init(|| Antichain::expand(self.system.formula(kind), self.order(), &self.budget));
        list.as_ref().map_err(|exhausted| *exhausted)
    }

    /// A decomposable formula of a kind: the formula itself where it is one, else the smaller of its diagram, the list of its minimal
    /// quorums, and the alternatives that the quorums of one part of a conjunction leave.
    ///
    /// # Errors
    /// [`Exhausted`] when none of them fits the budget.
    pub fn decomposable(&self, kind: Kind) -> Result<&Formula, Exhausted> {
        let formula = self.system.formula(kind);
        let cell = self.decomposable.of(self.representative(kind));
        let other = cell.get_or_init(|| {
            let mut meter = Meter::new(Resource::PassSteps, self.budget.pass_steps / 8);
            if is_decomposable(formula, &mut meter) == Ok(true) { Ok(None) } else { self.decompose(kind).map(Some) }
        });
        other.as_ref().map(|other| other.as_ref().unwrap_or(formula)).map_err(|exhausted| *exhausted)
    }

    /// All minimal quorums of a kind when there are only a few: cheaper than any other form of an entangled formula.
    pub fn short_list(&self, kind: Kind) -> Option<&Antichain> {
        let list = self.short_lists.of(self.representative(kind));
        let few = Budget { explicit_sets: LISTED_FIRST_MAX, search_steps: LISTED_FIRST_MAX * 16, ..self.budget };
        list.get_or_init(|| Antichain::expand(self.system.formula(kind), self.order(), &few).ok()).as_ref()
    }

    fn decompose(&self, kind: Kind) -> Result<Formula, Exhausted> {
        let listed = self.short_list(kind).map(Antichain::to_formula);
        let mut meter = Meter::new(Resource::PassSteps, self.budget.pass_steps / 8);
        if let Ok(Some(parts)) = conditioned(self.system.formula(kind), &self.budget, &mut meter) {
            return Ok(listed.filter(|listed| listed.edge_count() <= parts.edge_count()).unwrap_or(parts));
        }
        // A node of the diagram becomes two gates of two edges each.
        let worth_it = |nodes: usize| listed.as_ref().is_none_or(|listed| nodes < listed.edge_count() / 4);
        let compiled = self.diagram().map(|diagram| {
            let (store, function) = (diagram.store.borrow(), *diagram.functions.of(kind));
            if worth_it(store.size(function)) { store.to_formula(function) } else { None }
        });
        match (listed, compiled) {
            (Some(listed), Ok(Some(compiled))) if compiled.edge_count() < listed.edge_count() => Ok(compiled),
            (Some(listed), _) => Ok(listed),
            (_, Ok(Some(compiled))) => Ok(compiled),
            _ => self.list(kind).map(Antichain::to_formula),
        }
    }

    /// Symmetric systems are compiled once, as reads.
    fn representative(&self, kind: Kind) -> Kind {
        if self.symmetric { Kind::Read } else { kind }
    }
}
