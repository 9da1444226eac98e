//! Ways to lose all quorums: how probable they are together, one drawn in proportion, and how many happened.

use super::taken::{Item, Way, items};
use crate::availability::bernoulli_words::Numbers;
use crate::budget::{Exhausted, Meter};
use crate::circuit::ZonePlan;
use crate::model::{Formula, Gate, GateId, Probability};
use crate::number::Scaled;

/// The *proofs* of a decomposable formula over failures, weighed.
///
/// A proof of a leaf is that variable; of an *or*, a proof of one child; of an *and*, a proof of each; of a gate with
/// votes, proofs of children whose votes, largest first, just reach the quota. Because no variable stands twice below an
/// *and*, a proof is a set of variables whose failures have probability w = product of p, and the formula holds exactly
/// when all variables of some proof have failed. Weights and numbers of proofs are sums of products, gate by gate, so
/// that 10^100 proofs cost no more than the formula has edges.
///
/// A zone around all that is below a gate is one more proof of the gate; a zone around some of its children may be taken in
/// their place, with the votes of all of them.
#[derive(Debug)]
pub(super) struct Cover<'a> {
    formula: &'a Formula,
    gates: Vec<Weighed>,
    failure: &'a [Probability],
}

/// A gate with the sum of its proofs' weights.
#[derive(Debug)]
struct Weighed {
    /// That of all proofs, and that of those which are no zone around the gate.
    weight: Scaled,
    own: Scaled,
    /// The zones around the gate, as variables.
    around: Vec<usize>,
    /// For alternatives: what can be taken.
    items: Vec<Item>,
    /// Whether any of that is a zone.
    in_zones: bool,
    /// Votes needed; 0 for a gate that needs all children, and for a leaf.
    quota: u64,
    /// At `i * (quota + 1) + r`: the weight of what reaches r more votes with the items from i on.
    rest: Vec<Scaled>,
}

impl<'a> Cover<'a> {
    /// Weighs a decomposable formula that holds when failed variables satisfy it; where zones stand in it, a read-once one
    /// through whose gates no zone cuts.
    ///
    /// # Complexity
    /// O(m quota) for a gate of m children.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(super) fn new(
        formula: &'a Formula,
        zones: &ZonePlan,
        failure: &'a [Probability],
        meter: &mut Meter,
    ) -> Result<Self, Exhausted> {
        let mut cover = Cover { formula, gates: Vec::with_capacity(formula.gate_count()), failure };
        for (id, gate) in formula.gates() {
            let across = zones.across(id);
            let weighed = match gate {
                Gate::Leaf(node) => Weighed::sure(cover.weigh(Way::Variable(node.index()))),
                Gate::Threshold { k, children } if k == children.len() && across.is_none() => {
                    meter.charge(children.len() as u64)?;
                    let product = |product: Scaled, child: &GateId| product * cover.weigh(Way::Gate(*child));
                    Weighed::sure(children.iter().fold(Scaled::ONE, product))
                }
                Gate::Threshold { k, children } => {
                    let votes = vec![1; children.len()];
                    cover.alternatives(k as u64, items((children, &votes), across), meter)?
                }
                Gate::Weighted { quota, children, votes } => {
                    cover.alternatives(quota, items((children, votes), across), meter)?
                }
            };
            let around: Vec<usize> = zones.around(id).iter().map(|zone| zone.index()).collect();
            let zone = |sum: Scaled, zone: &usize| sum + cover.weigh(Way::Variable(*zone));
            let weight = around.iter().fold(weighed.own, zone);
            cover.gates.push(Weighed { weight, around, ..weighed });
        }
        Ok(cover)
    }

    /// W, the sum of the weights of all proofs: at least the probability that the formula holds.
    pub(super) fn weight(&self) -> Scaled {
        self.gates[self.formula.root().index()].weight
    }

    fn weigh(&self, way: Way) -> Scaled {
        match way {
            Way::Gate(gate) => self.gates[gate.index()].weight,
            Way::Variable(variable) => Scaled::from(self.failure[variable].get()),
        }
    }

    fn alternatives(&self, quota: u64, items: Vec<Item>, meter: &mut Meter) -> Result<Weighed, Exhausted> {
        let cells = (items.len() as u64 + 1).saturating_mul(quota.saturating_add(1));
        meter.charge(cells)?;
        let width = quota as usize + 1;
        let mut rest = vec![Scaled::ZERO; cells as usize];
        rest[items.len() * width] = Scaled::ONE;
        for (i, item) in items.iter().enumerate().rev() {
            rest[i * width] = Scaled::ONE;
            let weight = self.weigh(item.way);
            for missing in 1..width {
                let left = item.left(missing);
                rest[i * width + missing] = rest[(i + 1) * width + missing] + weight * rest[item.next * width + left];
            }
        }
        let in_zones = items.iter().any(|item| matches!(item.way, Way::Variable(_)));
        Ok(Weighed { own: rest[quota as usize], items, in_zones, quota, rest, ..Weighed::sure(Scaled::ZERO) })
    }

    /// Draws a proof with probability w / W, lets its variables fail, and the others each with their own probability;
    /// says whether a coin of probability 1 / (number of proofs that happened) fell on heads.
    ///
    /// The probability of heads is F / W: a state of probability P in which N proofs happened is drawn with
    /// probability P N / W.
    pub(super) fn draw(&self, space: &mut DrawSpace, random: &mut Numbers) -> bool {
        for (failed, p) in space.failed.iter_mut().zip(self.failure) {
            *failed = p.get() > 0.0 && random.unit() < p.get();
        }
        space.stack.clear();
        space.stack.push(Way::Gate(self.formula.root()));
        while let Some(way) = space.stack.pop() {
            let gate = match way {
                Way::Gate(gate) => gate,
                Way::Variable(variable) => {
                    space.failed[variable] = true;
                    continue;
                }
            };
            let weighed = &self.gates[gate.index()];
            if let Some(zone) = self.zone_around(weighed, random) {
                space.failed[zone] = true;
                continue;
            }
            match self.formula.gate(gate) {
                Gate::Leaf(node) => space.failed[node.index()] = true,
                Gate::Threshold { children, .. } if weighed.quota == 0 => {
                    space.stack.extend(children.iter().copied().map(Way::Gate));
                }
                _ => self.choose(weighed, random, &mut space.stack),
            }
        }
        random.unit() * self.happened(space) < 1.0
    }

    /// The zone around a gate that is drawn in the place of the gate's own proofs, if any is.
    fn zone_around(&self, weighed: &Weighed, random: &mut Numbers) -> Option<usize> {
        if weighed.around.is_empty() {
            return None;
        }
        let share = Scaled::from(random.unit()) * weighed.weight;
        let mut sum = Scaled::ZERO;
        weighed.around.iter().copied().find(|zone| {
            sum = sum + self.weigh(Way::Variable(*zone));
            sum > share
        })
    }

    /// Pushes the ways of a proof drawn in proportion to its weight.
    fn choose(&self, weighed: &Weighed, random: &mut Numbers, chosen: &mut Vec<Way>) {
        let Weighed { items, quota, rest, .. } = weighed;
        let width = *quota as usize + 1;
        if *quota == 1 && !weighed.in_zones {
            // The weights of the rest fall along the list: the first that is below a random share of the first ends it.
            let share = Scaled::from(random.unit()) * weighed.own;
            let (mut low, mut high) = (0, items.len());
            while high - low > 1 {
                let middle = usize::midpoint(low, high);
                if rest[middle * width + 1] > share { low = middle } else { high = middle }
            }
            chosen.push(items[low].way);
            return;
        }
        let (mut at, mut missing) = (0, *quota as usize);
        while missing > 0 && at < items.len() {
            let item = items[at];
            let left = item.left(missing);
            let taken = self.weigh(item.way) * rest[item.next * width + left];
            if random.unit() < taken.ratio(rest[at * width + missing]) {
                chosen.push(item.way);
                (at, missing) = (item.next, left);
            } else {
                at += 1;
            }
        }
    }

    /// The number of proofs that happened, at most the largest `f64`.
    fn happened(&self, space: &mut DrawSpace) -> f64 {
        for (id, gate) in self.formula.gates() {
            let weighed = &self.gates[id.index()];
            let mut count = match gate {
                Gate::Leaf(node) => f64::from(u8::from(space.failed[node.index()])),
                Gate::Threshold { children, .. } if weighed.quota == 0 => {
                    let mut product = 1.0;
                    for child in children {
                        product *= space.count[child.index()];
                        if product == 0.0 {
                            break;
                        }
                    }
                    product
                }
                Gate::Threshold { k: 1, children } if !weighed.in_zones => {
                    children.iter().map(|child| space.count[child.index()]).sum()
                }
                _ => weighed.count((&space.count, &space.failed), &mut space.ways),
            };
            count += weighed.around.iter().filter(|zone| space.failed[**zone]).count() as f64;
            // An overflow must not become a NaN.
            space.count[id.index()] = count.min(f64::MAX);
        }
        space.count[self.formula.root().index()]
    }

    /// Space for draws.
    pub(super) fn space(&self) -> DrawSpace {
        DrawSpace {
            failed: vec![false; self.failure.len()],
            stack: Vec::new(),
            count: vec![0.0; self.gates.len()],
            ways: Vec::new(),
        }
    }
}

/// What one draw writes to.
#[derive(Debug)]
pub(super) struct DrawSpace {
    /// Which variables failed.
    pub(super) failed: Vec<bool>,
    stack: Vec<Way>,
    count: Vec<f64>,
    ways: Vec<f64>,
}

impl Weighed {
    fn sure(own: Scaled) -> Self {
        let (around, items, rest) = (Vec::new(), Vec::new(), Vec::new());
        Weighed { weight: own, own, around, items, in_zones: false, quota: 0, rest }
    }

    /// The number of proofs of this gate that are no zone around it, given those of its children and what failed.
    fn count(&self, (of, failed): (&[f64], &[bool]), ways: &mut Vec<f64>) -> f64 {
        let proofs = |way: Way| match way {
            Way::Gate(gate) => of[gate.index()],
            Way::Variable(variable) => f64::from(u8::from(failed[variable])),
        };
        let width = self.quota as usize + 1;
        ways.clear();
        if !self.in_zones {
            ways.resize(width, 0.0);
            ways[width - 1] = 1.0;
            for item in &self.items {
                let proofs = proofs(item.way);
                if proofs == 0.0 {
                    continue;
                }
                // Upwards: what a voter adds must not count for itself again.
                for missing in 1..width {
                    let left = item.left(missing);
                    ways[left] = (ways[left] + ways[missing] * proofs).min(f64::MAX);
                }
            }
            return ways[0];
        }
        // Row i: the ways to have taken what is before item i, by what is missing then.
        ways.resize((self.items.len() + 1) * width, 0.0);
        ways[width - 1] = 1.0;
        let mut all = 0.0;
        for (at, item) in self.items.iter().enumerate() {
            let proofs = proofs(item.way);
            for missing in 1..width {
                let here = ways[at * width + missing];
                if here == 0.0 {
                    continue;
                }
                let pass = &mut ways[(at + 1) * width + missing];
                *pass = (*pass + here).min(f64::MAX);
                let left = item.left(missing);
                if left == 0 {
                    all += here * proofs;
                } else if proofs > 0.0 {
                    let taken = &mut ways[item.next * width + left];
                    *taken = (*taken + here * proofs).min(f64::MAX);
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::circuit::ZoneMembers;
    use crate::families::Family;
    use crate::model::{Kind, NodeId};

    fn weigh(family: &Family, p: f64, check: impl Fn(&Cover<'_>)) {
        let dual = family.formulas().unwrap().reads.dual();
        let failure = vec![Probability::new(p).unwrap(); family.node_count() as usize];
        let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
        check(&Cover::new(&dual, &ZonePlan::default(), &failure, &mut meter).unwrap());
    }

    #[test]
    fn weights_and_numbers_of_proofs_are_those_of_the_minimal_transversals() {
        // 10 sets of 3 of 5.
        weigh(&Family::Majority { n: 5 }, 0.1, |cover| {
            assert!((cover.weight().to_f64().unwrap() - 10.0 * 1e-3).abs() < 1e-15);
            let mut space = cover.space();
            space.failed.fill(true);
            assert!((cover.happened(&mut space) - 10.0).abs() < 1e-12);
            space.failed[4] = false;
            assert!((cover.happened(&mut space) - 4.0).abs() < 1e-12);
        });
        // Votes 3, 2, 2, 1: quorums of 5 votes; transversals of 4 votes: {3, 2} twice, {3, 1}, {2, 2}.
        let votes = Family::Weighted { votes: vec![2, 1, 3, 2], read_votes: 5, write_votes: 5 };
        weigh(&votes, 0.1, |cover| {
            assert!((cover.weight().to_f64().unwrap() - 0.04).abs() < 1e-15);
            let mut space = cover.space();
            space.failed.fill(true);
            assert!((cover.happened(&mut space) - 4.0).abs() < 1e-12);
        });
    }

    #[test]
    fn a_drawn_proof_has_happened() {
        for family in [
            Family::Majority { n: 9 },
            Family::Weighted { votes: vec![2, 1, 3, 2, 9, 1], read_votes: 10, write_votes: 10 },
            Family::Rowa { n: 6 },
        ] {
            weigh(&family, 1e-3, |cover| {
                let (mut space, mut random) = (cover.space(), Numbers::new(1, 1));
                for _ in 0..1_000 {
                    cover.draw(&mut space, &mut random);
                    assert!(cover.happened(&mut space) >= 1.0);
                }
            });
        }
    }

    /// Of all states, those in which the formula holds are those in which a proof happened, and W is the mean of their number.
    #[test]
    fn zones_are_ways_in_the_place_of_what_is_in_them() {
        let votes = Family::Weighted { votes: vec![2, 1, 3, 2, 1], read_votes: 6, write_votes: 4 };
        let hierarchy = Family::Hierarchical { branching: vec![2, 3], read: vec![1, 2], write: vec![2, 2] };
        let all: &[usize] = &[0, 1, 2, 3, 4, 5];
        let cases: [(Family, Kind, &[&[usize]]); 6] = [
            (Family::Majority { n: 5 }, Kind::Read, &[&[0, 1, 2], &[1, 2], &[4]]),
            (Family::Majority { n: 5 }, Kind::Read, &[&[0, 1, 2, 3, 4], &[0, 3], &[4, 1]]),
            (votes.clone(), Kind::Read, &[&[1, 2], &[0, 4], &[0, 4, 3]]),
            (votes, Kind::Write, &[&[4, 2, 0], &[3]]),
            (hierarchy.clone(), Kind::Read, &[&[0, 1, 2], &[4, 5], all]),
            (Family::Rowa { n: 5 }, Kind::Write, &[&[0, 1, 2], &[3, 4]]),
        ];
        for (family, kind, zones) in cases {
            let nodes = family.node_count() as usize;
            let dual = family.formulas().unwrap().of(kind).dual();
            let members = |(at, inside): (usize, &&[usize])| ZoneMembers {
                zone: NodeId::new(nodes + at),
                nodes: inside.iter().map(|node| NodeId::new(*node)).collect(),
            };
            let members: Vec<ZoneMembers> = zones.iter().enumerate().map(members).collect();
            let mut meter = Meter::new(Resource::PassSteps, 1_000_000);
            let plan = ZonePlan::of(&dual, &members, &mut meter).unwrap();
            assert!(plan.cutting().is_empty());
            let p = |variable: usize| 0.05 + 0.04 * variable as f64;
            let failure: Vec<Probability> = (0..nodes + zones.len()).map(|v| Probability::new(p(v)).unwrap()).collect();
            let cover = Cover::new(&dual, &plan, &failure, &mut meter).unwrap();
            let (mut space, mut mean, mut fails) = (cover.space(), 0.0, 0.0);
            for state in 0..1usize << failure.len() {
                let failed = |variable: usize| state >> variable & 1 == 1;
                (0..failure.len()).for_each(|variable| space.failed[variable] = failed(variable));
                let inside = |node: usize, zone: usize| zones[zone].contains(&node) && failed(nodes + zone);
                let dead = |node: &usize| failed(*node) || (0..zones.len()).any(|zone| inside(*node, zone));
                let holds = dual.holds(&(0..nodes).filter(dead).map(NodeId::new).collect());
                let count = cover.happened(&mut space);
                assert_eq!(count >= 1.0, holds, "{family:?} {state:b}");
                let each = |variable: usize| if failed(variable) { p(variable) } else { 1.0 - p(variable) };
                let chance: f64 = (0..failure.len()).map(each).product();
                mean += chance * count;
                fails += if holds { chance } else { 0.0 };
            }
            let weight = cover.weight().to_f64().unwrap();
            assert!((weight / mean - 1.0).abs() < 1e-12, "{family:?}: {weight} {mean}");
            const DRAWS: u32 = 40_000;
            let mut random = Numbers::new(5, 1);
            let heads = (0..DRAWS).filter(|_| cover.draw(&mut space, &mut random)).count() as f64;
            let expected = f64::from(DRAWS) * fails / weight;
            assert!((heads - expected).abs() < 5.0 * expected.sqrt(), "{family:?}: {heads} {expected}");
        }
    }
}
