//! How much does each node matter to a function on a decision diagram? Differences only where they keep their digits.

use super::chance::Chance;
use super::diagram::{Diagram, Ref};
use crate::budget::{Exhausted, Meter};
use crate::number::Scaled;
use rustc_hash::FxHashMap;

/// A difference may be smaller than what it is taken from by so many binary digits, which it then lacks.
const DIGITS_LOST_MAX: i64 = 8;

/// Steps that a pair of functions costs: its place in the table is what runs out first.
const PAIR_STEPS: u64 = 128;

impl Diagram {
    /// The derivative of the probability that a monotone function fails, by that of each variable being dead; by node.
    ///
    /// dF/dp(x) = sum over the nodes that ask for x of P(the path reaches it) P(lo fails and hi holds).
    ///
    /// # Method
    /// lo implies hi, so the second factor is F(lo) - F(hi), and as well the difference of the probabilities that they
    /// hold. The smaller ones are subtracted. Where they are so close that more than 8 binary digits are lost, no
    /// subtraction is made: one step down, P(lo fails and hi holds) is the mean of the same for both pairs of children.
    /// With L levels, the relative error of every result is below 2^8 (2 L + 2) 2^-52.
    ///
    /// # Complexity
    /// Linear in the nodes of the diagram, and in the pairs of them that are that close: rarely many.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub fn importance(
        &self,
        f: Ref,
        live: &[Scaled],
        dead: &[Scaled],
        meter: &mut Meter,
    ) -> Result<Vec<Scaled>, Exhausted> {
        let nodes: Vec<Ref> = self.reachable(f).into_iter().filter(|node| node.index() >= 2).collect();
        meter.charge(2 * nodes.len() as u64)?;
        let mut gaps = Gaps::new(self, (f, &nodes), (live, dead));
        let mut reached = vec![Scaled::ZERO; f.index().max(1) + 1];
        reached[f.index()] = Scaled::ONE;
        let mut importance = vec![Scaled::ZERO; live.len()];
        for node in nodes.iter().rev() {
            let branch = self.branches[node.index()];
            let (x, here) = (self.order()[branch.level as usize].index(), reached[node.index()]);
            // What is never reached needs no gap, however long that would take to find.
            if here == Scaled::ZERO {
                continue;
            }
            importance[x] = importance[x] + here * gaps.between((branch.lo, branch.hi), meter)?;
            reached[branch.lo.index()] = reached[branch.lo.index()] + here * dead[x];
            reached[branch.hi.index()] = reached[branch.hi.index()] + here * live[x];
        }
        Ok(importance)
    }
}

/// Two functions, the first of which implies the second.
type Nested = (Ref, Ref);

/// P(the first fails and the second holds) of functions that are nested.
struct Gaps<'a> {
    diagram: &'a Diagram,
    live: &'a [Scaled],
    dead: &'a [Scaled],
    /// The probabilities that each node fails and that it holds.
    chances: Vec<Chance>,
    close: FxHashMap<Nested, Scaled>,
}

impl<'a> Gaps<'a> {
    fn new(diagram: &'a Diagram, (f, nodes): (Ref, &[Ref]), (live, dead): (&'a [Scaled], &'a [Scaled])) -> Self {
        let mut chances = vec![(Scaled::ZERO, Scaled::ZERO); f.index().max(1) + 1];
        chances[Ref::FALSE.index()] = (Scaled::ONE, Scaled::ZERO);
        chances[Ref::TRUE.index()] = (Scaled::ZERO, Scaled::ONE);
        for node in nodes {
            let branch = diagram.branches[node.index()];
            let x = diagram.order()[branch.level as usize].index();
            let (lo, hi) = (chances[branch.lo.index()], chances[branch.hi.index()]);
            chances[node.index()] = (dead[x] * lo.0 + live[x] * hi.0, dead[x] * lo.1 + live[x] * hi.1);
        }
        Gaps { diagram, live, dead, chances, close: FxHashMap::default() }
    }

    /// Charges the meter for every pair that is too close to be subtracted.
    fn between(&mut self, pair: Nested, meter: &mut Meter) -> Result<Scaled, Exhausted> {
        if let Some(known) = self.known(pair) {
            return Ok(known);
        }
        let mut open = vec![pair];
        while let Some(pair) = open.last().copied() {
            let (x, without, with) = self.split(pair);
            match (self.known(without), self.known(with)) {
                (Some(lo), Some(hi)) => {
                    meter.charge(PAIR_STEPS)?;
                    self.close.insert(pair, self.dead[x] * lo + self.live[x] * hi);
                    open.pop();
                }
                (lo, hi) => {
                    open.extend(lo.is_none().then_some(without));
                    open.extend(hi.is_none().then_some(with));
                }
            }
        }
        Ok(self.known(pair).unwrap_or(Scaled::ZERO))
    }

    /// What needs no look at the children.
    fn known(&self, (lo, hi): Nested) -> Option<Scaled> {
        let (below, above) = (self.chances[lo.index()], self.chances[hi.index()]);
        if lo == hi {
            return Some(Scaled::ZERO);
        }
        if lo == Ref::FALSE || hi == Ref::TRUE {
            return Some(if lo == Ref::FALSE { above.1 } else { below.0 });
        }
        let (large, small) = if below.0 < above.1 { (below.0, above.0) } else { (above.1, below.1) };
        let gap = large.saturating_sub(small);
        let safe = gap * Scaled::exp2(DIGITS_LOST_MAX as f64) >= large;
        if safe { Some(gap) } else { self.close.get(&(lo, hi)).copied() }
    }

    /// The first variable that matters to one of the two, and both without and with it.
    fn split(&self, (lo, hi): Nested) -> (usize, Nested, Nested) {
        let level = self.diagram.level(lo).min(self.diagram.level(hi));
        let children = |function: Ref| match self.diagram.branches[function.index()] {
            branch if branch.level == level => (branch.lo, branch.hi),
            _ => (function, function),
        };
        let (below, above) = (children(lo), children(hi));
        (self.diagram.order()[level as usize].index(), (below.0, above.0), (below.1, above.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Resource};
    use crate::model::{Formula, FormulaBuilder, NodeId};

    /// Importance from its definition: the probability of the sets of other live nodes with which the node decides.
    fn decisive(formula: &Formula, live: &[f64]) -> Vec<f64> {
        let set_of = |set: usize| (0..live.len()).filter(move |node| set >> node & 1 == 1).map(NodeId::new).collect();
        let holds: Vec<bool> = (0..1usize << live.len()).map(|set| formula.holds(&set_of(set))).collect();
        let chance = |set: usize, node: usize| if set >> node & 1 == 1 { live[node] } else { 1.0 - live[node] };
        let of = |node: usize| {
            let without = (0..holds.len()).filter(|set| set >> node & 1 == 0);
            let decides = without.filter(|set| !holds[*set] && holds[set | 1 << node]);
            let others = |set| (0..live.len()).filter(|other| *other != node).map(|other| chance(set, other)).product();
            decides.map(|set| -> f64 { others(set) }).sum()
        };
        (0..live.len()).map(of).collect()
    }

    fn any_of(quorums: &[&[usize]]) -> Formula {
        let mut builder = FormulaBuilder::new();
        let sets: Vec<_> = quorums
            .iter()
            .map(|quorum| {
                let leaves: Vec<_> = quorum.iter().map(|node| builder.leaf(NodeId::new(*node))).collect();
                builder.and(&leaves).unwrap()
            })
            .collect();
        let root = builder.or(&sets).unwrap();
        builder.finish(root)
    }

    fn check(formula: &Formula, live: &[f64]) {
        let mut diagram = Diagram::new(&formula.reading_order(), &Budget::default());
        let root = diagram.compile(formula).unwrap();
        let (up, down): (Vec<Scaled>, Vec<Scaled>) =
            live.iter().map(|live| (Scaled::from(*live), Scaled::from(1.0 - live))).unzip();
        let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
        let given = diagram.importance(root, &up, &down, &mut meter).unwrap();
        for (node, (given, exact)) in given.iter().zip(decisive(formula, live)).enumerate() {
            let given = given.to_f64().unwrap();
            let same = if exact == 0.0 { given == 0.0 } else { (given / exact - 1.0).abs() < 1e-12 };
            assert!(same, "{live:?}, node {node}: {given} and not {exact}");
        }
    }

    #[test]
    fn importance_keeps_its_digits_on_both_sides() {
        let fano: &[&[usize]] = &[&[0, 1, 2], &[0, 3, 4], &[0, 5, 6], &[1, 3, 5], &[1, 4, 6], &[2, 3, 6], &[2, 4, 5]];
        let cross: &[&[usize]] = &[&[0, 1, 2, 3], &[0, 4, 2, 6], &[1, 4, 5, 7], &[3, 4, 6, 7], &[2, 5]];
        for formula in [any_of(fano), any_of(cross)] {
            // Powers of two: one less them is exact, so both sides ask the same question.
            for power in [1, 2, 10, 17, 30, 48] {
                let tiny = 2f64.powi(-power);
                check(&formula, &vec![tiny; formula.reading_order().len()]);
                check(&formula, &vec![1.0 - tiny; formula.reading_order().len()]);
                let nodes = formula.reading_order().len();
                for odd in 0..nodes {
                    let one = |odd_live: f64, live: f64| {
                        (0..nodes).map(|node| if node == odd { odd_live } else { live }).collect::<Vec<f64>>()
                    };
                    for live in [one(tiny, 0.875), one(1.0 - tiny, tiny), one(tiny, 1.0 - tiny), one(0.0, 0.25)] {
                        check(&formula, &live);
                    }
                }
            }
        }
    }

    #[test]
    fn a_gap_of_many_close_functions_ends_with_the_meter() {
        let formula = any_of(&[&[0, 1, 2], &[0, 3, 4], &[0, 5, 6], &[1, 3, 5], &[1, 4, 6], &[2, 3, 6], &[2, 4, 5]]);
        let mut diagram = Diagram::new(&formula.reading_order(), &Budget::default());
        let root = diagram.compile(&formula).unwrap();
        let (live, dead) = (vec![Scaled::from(0.5); 7], vec![Scaled::from(0.5); 7]);
        let mut meter = Meter::new(Resource::PassSteps, 3);
        assert!(diagram.importance(root, &live, &dead, &mut meter).is_err());
    }
}
