//! How many nodes have to be asked until a live quorum is found, or it is certain that there is none?

use rustc_hash::FxHashMap;

use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{Diagram, Ref};
use crate::model::{Formula, NodeId};

/// The most probes that the best adaptive order needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Probes {
    /// How many those are; absent when the budget ended.
    pub worst: Option<usize>,
    /// Where such an order begins, or a good one when the budget ended; absent where nothing has to be asked.
    pub first: Option<NodeId>,
    /// No order needs fewer in its worst case.
    pub lower: usize,
    /// Some order needs no more.
    pub upper: usize,
}

/// The most probes that the best adaptive order needs until a live quorum is known, or every quorum is known to hold a dead node.
///
/// A probe tells whether one node is alive; the depth of the best decision tree of the formula.
///
/// # Method
/// D(f) = 1 + min over nodes of the larger of D(f given that it is alive) and D(f given that it is dead), each function that is left being
/// judged once. Where the sum of (-1)^|S| over the sets S that contain a quorum is not 0, every node that matters has to be asked. `lower`
/// holds also without the search: all of a minimal quorum, or of a minimal transversal, has to be seen.
///
/// # Source
/// Peleg and Wool, How to be an efficient snoop, or the probe complexity of quorum systems, 2002; Rivest and Vuillemin, 1976.
///
/// # Complexity
/// Exponential in the nodes at worst, within the budget of the search.
pub(crate) fn probes(formula: &Formula, lower: usize, budget: &Budget) -> Probes {
    let order = formula.reading_order();
    let upper = order.len();
    let first = order.first().copied();
    if formula.is_never() || upper == 0 {
        return Probes { worst: Some(0), first: None, lower: 0, upper: 0 };
    }
    match exactly(formula, &order, budget) {
        Ok((worst, first)) => Probes { worst: Some(worst), first, lower: worst, upper: worst },
        Err(_) => Probes { worst: None, first, lower: lower.min(upper), upper },
    }
}

fn exactly(formula: &Formula, order: &[NodeId], budget: &Budget) -> Result<(usize, Option<NodeId>), Exhausted> {
    let mut diagram = Diagram::new(order, budget);
    let root = diagram.compile(formula)?;
    let mut snoop =
        Snoop { diagram, known: FxHashMap::default(), meter: Meter::new(Resource::SearchSteps, budget.search_steps) };
    snoop.depth(root)
}

/// How deep the best tree is, and which node it asks first.
type Depth = (usize, Option<NodeId>);

struct Snoop {
    diagram: Diagram,
    known: FxHashMap<Ref, Depth>,
    meter: Meter,
}

impl Snoop {
    /// The depth of the best tree of a function: at most its nodes, so the recursion is no deeper than that.
    fn depth(&mut self, f: Ref) -> Result<Depth, Exhausted> {
        if f == Ref::TRUE || f == Ref::FALSE {
            return Ok((0, None));
        }
        if let Some(known) = self.known.get(&f) {
            return Ok(*known);
        }
        let support: Vec<NodeId> = self.diagram.support(f).iter().collect();
        self.meter.charge(self.diagram.size(f) as u64)?;
        let mut best = (support.len(), support.first().copied());
        if self.diagram.signed_count(f) == 0 {
            for node in support {
                let dead = self.diagram.cofactor(f, node, false, &mut self.meter)?;
                let alive = self.diagram.cofactor(f, node, true, &mut self.meter)?;
                let depth = 1 + self.depth(dead)?.0.max(self.depth(alive)?.0);
                if depth < best.0 {
                    best = (depth, Some(node));
                }
            }
        }
        self.known.insert(f, best);
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use crate::model::{Kind, NodeSet};

    /// The depth by all states of knowledge: each node is unknown, dead or alive.
    fn by_knowledge(formula: &Formula, nodes: usize) -> usize {
        let states = 3usize.pow(nodes as u32);
        let mut depth = vec![0; states];
        for state in (0..states).rev() {
            let digit = |node: usize| state / 3usize.pow(node as u32) % 3;
            let set = |counts: fn(usize) -> bool| {
                (0..nodes).filter(|node| counts(digit(*node))).map(NodeId::new).collect::<NodeSet>()
            };
            let (surely, possibly) = (formula.holds(&set(|d| d == 2)), formula.holds(&set(|d| d != 1)));
            if surely || !possibly {
                continue;
            }
            let unknown = (0..nodes).filter(|node| digit(*node) == 0);
            let asked = unknown.map(|node| {
                1 + [1, 2].map(|d| depth[state + d * 3usize.pow(node as u32)]).into_iter().max().unwrap_or(0)
            });
            depth[state] = asked.min().unwrap_or(0);
        }
        depth[0]
    }

    #[test]
    fn all_states_of_knowledge_say_the_same() {
        let families = [
            Family::Majority { n: 7 },
            Family::Threshold { n: 6, read: 2, write: 5 },
            Family::Wheel { n: 6 },
            Family::Fpp { order: 2 },
            Family::Nucleus { r: 3 },
            Family::Wall { widths: vec![1, 2, 3] },
        ];
        let mut is_less = false;
        for family in families {
            let system = family.system().unwrap();
            for kind in Kind::BOTH {
                let formula = system.formula(kind);
                let found = probes(formula, 0, &Budget::default());
                let expected = by_knowledge(formula, system.nodes().len());
                assert_eq!(found.worst, Some(expected), "{:?}", system.about());
                is_less |= expected < system.nodes().len();
            }
        }
        assert!(is_less, "the nucleus is no evasive system");
    }

    #[test]
    fn every_function_of_four_nodes() {
        for text in [
            "a*b + c*d",
            "a*b + b*c + c*d",
            "a*(b + c*d)",
            "a*b + b*c + c*d + d*a",
            "a*b*c + d",
            "a*b + a*c + b*c*d",
            "a",
        ] {
            let system = crate::model::System::from_expression(text).unwrap();
            let formula = system.formula(Kind::Read);
            assert_eq!(
                probes(formula, 0, &Budget::default()).worst,
                Some(by_knowledge(formula, system.nodes().len())),
                "{text}"
            );
        }
    }

    #[test]
    fn what_the_budget_leaves_still_bounds_it() {
        let system = Family::Nucleus { r: 3 }.system().unwrap();
        let budget = Budget { search_steps: 1, ..Budget::default() };
        let found = probes(system.formula(Kind::Read), 3, &budget);
        assert_eq!((found.worst, found.lower, found.upper), (None, 3, 7));
        assert!(found.first.is_some());
    }
}
