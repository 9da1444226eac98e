//! How many arbitrary failures are always survived, and which failures are not?

use super::hitting_set::smallest_hitting_set;
use super::minimise::indispensable;
pub use super::transversal::Resilience;
use crate::budget::{Meter, Resource};
use crate::circuit::{Compiled, Count, Ref, is_decomposable, pass};
use crate::model::{Kind, NodeSet};

/// A smallest set of nodes whose loss leaves no quorum of this kind.
///
/// A set is a transversal when it meets every quorum; resilience is the size of a smallest one, minus 1.
///
/// # Method
/// A transversal is a quorum of the dual: the cheapest quorum of the dual formula where it is decomposable, a cheapest
/// path to `false` on the decision diagram elsewhere, and branch and bound over the list of quorums where the diagram
/// is too wide. On lattices a shortest path.
///
/// # Source
/// Naor and Wool, The load, capacity and availability of quorum systems, 1998, definition 2.8.
///
/// # Examples
/// ```
/// use quorate::structure::resilience::resilience;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// use quorate::model::Kind;
/// let system = Family::Majority { n: 5 }.system()?;
/// let answer = resilience(&Compiled::new(&system, Budget::default()), Kind::Read);
/// assert_eq!(answer.value(), Some(2));
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
pub fn resilience(compiled: &Compiled<'_>, kind: Kind) -> Resilience {
    let proven = |transversal: NodeSet| Resilience {
        lower_bound: transversal.len(),
        transversal: Some(transversal),
        exhausted: None,
    };
    if !compiled.system().has_quorum(kind) {
        return proven(NodeSet::new());
    }
    if let Some(ring) = &compiled.system().about().ring {
        return super::ranges::resilience(ring, kind);
    }
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps / 8);
    let dual = compiled.dual(kind);
    if is_decomposable(dual, &mut meter) == Ok(true) {
        let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
        let unit = vec![1usize; compiled.system().nodes().len()];
        if let Ok((_, transversal)) = pass::cheapest_quorum(dual, &unit, &mut meter) {
            return proven(transversal);
        }
    }
    if let Some(prices) = compiled.lattice_prices() {
        return proven(prices.smallest_transversal());
    }
    if let Ok(diagram) = compiled.diagram() {
        let path = diagram.store.borrow().cheapest_path(*diagram.functions.of(kind), Ref::FALSE, Count::Dead);
        if let Some(transversal) = path {
            return proven(transversal);
        }
    }
    let mut answer = match compiled.list(kind) {
        Ok(list) => smallest_hitting_set(list.sets(), compiled.budget()),
        Err(exhausted) => Resilience { transversal: None, lower_bound: 1, exhausted: Some(exhausted) },
    };
    if answer.lower_bound == 1
        && let Some(needed) = indispensable(compiled, kind)
    {
        match needed.iter().next() {
            Some(node) => return proven([node].into_iter().collect()),
            None => answer.lower_bound = 2,
        }
    }
    answer
}
