//! Decision diagrams in which zones are variables: a node works when it and all zones around it work.

use super::Failures;
use super::form::Value;
use crate::budget::{Budget, Exhausted, Resource};
use crate::circuit::{Compiled, Diagram, Ref};
use crate::model::{Formula, NodeId};

/// The part of the budget that is left to a diagram where passes have ended: one in so many.
const SHARE_AFTER_PASSES: u64 = 16;

/// Zones as variables, behind the nodes.
pub(crate) struct Zoned {
    pub(crate) store: Diagram,
    /// Reads, writes, both, either.
    pub(crate) functions: [Ref; 4],
}

impl Zoned {
    /// Compiles the formulas with the nodes of a zone side by side, and, where that is too wide, in reading order.
    ///
    /// Side by side, the functions are those of the nodes alone, to which the zones are added afterwards.
    ///
    /// # Errors
    /// [`Exhausted`] when the budget ends. Where `passes_ended`, that is a smaller one: what passes over a read-once formula
    /// do not reach has so many zones across its gates that a diagram of all of them is mostly too large as well.
    pub(crate) fn compile(compiled: &Compiled<'_>, failures: &Failures, passes_ended: bool) -> Result<Self, Exhausted> {
        let share = if passes_ended { SHARE_AFTER_PASSES } else { 1 };
        let budget = Budget { diagram_nodes: compiled.budget().diagram_nodes / share, ..*compiled.budget() };
        let bare = compiled.system().formulas().as_ref();
        let mut nodes = bare.reads.reading_order();
        nodes.extend(bare.writes.reading_order());
        let mut store = Diagram::new(&failures.grouped(&nodes), &budget);
        let around = |variable: NodeId| {
            let zones = (variable.index() < failures.nodes.len()).then(|| failures.zones_of(variable.index()));
            let mut zones: Vec<NodeId> = zones.into_iter().flatten().map(|zone| failures.variable(zone)).collect();
            zones.reverse();
            zones
        };
        let mut side_by_side = || {
            if failures.is_overlapping() {
                // There is no order in which the nodes of every zone stand side by side.
                return Err(Exhausted { resource: Resource::DiagramNodes, limit: budget.diagram_nodes });
            }
            let functions = four(&mut store, bare.reads, bare.writes)?;
            let mut zoned = [Ref::FALSE; 4];
            for (at, function) in functions.into_iter().enumerate() {
                // Reads and writes may be the same.
                let known = functions[..at].iter().position(|other| *other == function);
                zoned[at] = known.map_or_else(|| store.in_zones(function, around), |known| Ok(zoned[known]))?;
            }
            Ok(zoned)
        };
        let functions: Result<[Ref; 4], Exhausted> = side_by_side();
        if let Ok(functions) = functions {
            return Ok(Zoned { store, functions });
        }
        let formulas = bare.map(|formula| failures.with_zones(formula));
        let mut reading = formulas.reads.reading_order();
        reading.extend(formulas.writes.reading_order());
        let budget = Budget { diagram_nodes: budget.diagram_nodes / 2, ..budget };
        let mut store = Diagram::new(&reading, &budget);
        let functions = four(&mut store, &formulas.reads, &formulas.writes)?;
        Ok(Zoned { store, functions })
    }

    /// The probabilities that each variable is live and dead.
    pub(super) fn chances<T: Value>(failures: &Failures) -> (Vec<T>, Vec<T>) {
        let each = failures.nodes.iter().chain(&failures.zones);
        each.map(|p| (T::from(p.complement()), T::from(p.get()))).unzip()
    }

    pub(super) fn evaluate<T: Value>(&self, failures: &Failures) -> [T; 4] {
        let (live, dead) = Zoned::chances::<T>(failures);
        self.functions.map(|function| self.store.probabilities(function, &live, &dead).0)
    }
}

/// Reads, writes, both, either.
fn four(store: &mut Diagram, reads: &Formula, writes: &Formula) -> Result<[Ref; 4], Exhausted> {
    let (reads, writes) = (store.compile(reads)?, store.compile(writes)?);
    Ok([reads, writes, store.and(reads, writes)?, store.or(reads, writes)?])
}
