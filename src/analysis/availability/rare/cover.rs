//! Ways to lose all quorums: how probable they are together, one drawn in proportion, and how many happened.

use super::super::draws::Numbers;
use crate::budget::{Exhausted, Meter};
use crate::circuit::Scaled;
use crate::model::{Formula, Gate, GateId, Probability};

/// The *proofs* of a decomposable formula over failures, weighed.
///
/// A proof of a leaf is that variable; of an *or*, a proof of one child; of an *and*, a proof of each; of a gate with
/// votes, proofs of children whose votes, largest first, just reach the quota. Because no variable stands twice below an
/// *and*, a proof is a set of variables whose failures have probability w = product of p, and the formula holds exactly
/// when all variables of some proof have failed. Weights and numbers of proofs are sums of products, gate by gate, so
/// that 10^100 proofs cost no more than the formula has edges.
#[derive(Debug)]
pub(super) struct Cover<'a> {
    formula: &'a Formula,
    gates: Vec<Weighed>,
    failure: &'a [Probability],
}

/// A gate with the sum of its proofs' weights.
#[derive(Debug)]
struct Weighed {
    weight: Scaled,
    /// For alternatives: the children with their votes, largest first.
    voters: Vec<(GateId, u64)>,
    /// Votes needed; 0 for a gate that needs all children, and for a leaf.
    quota: u64,
    /// At `i * (quota + 1) + r`: the weight of what reaches r more votes with the voters from i on.
    rest: Vec<Scaled>,
}

impl<'a> Cover<'a> {
    /// Weighs a decomposable formula that holds when failed variables satisfy it.
    ///
    /// # Complexity
    /// O(m quota) for a gate of m children.
    ///
    /// # Errors
    /// [`Exhausted`] when the meter ends.
    pub(super) fn new(formula: &'a Formula, failure: &'a [Probability], meter: &mut Meter) -> Result<Self, Exhausted> {
        let mut gates: Vec<Weighed> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let weighed = match gate {
                Gate::Leaf(node) => Weighed::sure(Scaled::from(failure[node.index()].get())),
                Gate::Threshold { k, children } if k == children.len() => {
                    meter.charge(children.len() as u64)?;
                    let product = |product: Scaled, child: &GateId| product * gates[child.index()].weight;
                    Weighed::sure(children.iter().fold(Scaled::ONE, product))
                }
                Gate::Threshold { k, children } => {
                    let voters = children.iter().map(|child| (*child, 1)).collect();
                    Weighed::alternatives(k as u64, voters, &gates, meter)?
                }
                Gate::Weighted { quota, children, votes } => {
                    let mut voters: Vec<(GateId, u64)> = children.iter().copied().zip(votes.iter().copied()).collect();
                    voters.sort_by_key(|(_, votes)| std::cmp::Reverse(*votes));
                    Weighed::alternatives(quota, voters, &gates, meter)?
                }
            };
            gates.push(weighed);
        }
        Ok(Cover { formula, gates, failure })
    }

    /// W, the sum of the weights of all proofs: at least the probability that the formula holds.
    pub(super) fn weight(&self) -> Scaled {
        self.gates[self.formula.root().index()].weight
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
        space.stack.push(self.formula.root());
        while let Some(id) = space.stack.pop() {
            match self.formula.gate(id) {
                Gate::Leaf(node) => space.failed[node.index()] = true,
                Gate::Threshold { k, children } if k == children.len() => space.stack.extend(children),
                _ => self.gates[id.index()].choose(&self.gates, random, &mut space.stack),
            }
        }
        random.unit() * self.happened(space) < 1.0
    }

    /// The number of proofs that happened, at most the largest `f64`.
    fn happened(&self, space: &mut DrawSpace) -> f64 {
        for (id, gate) in self.formula.gates() {
            let count = match gate {
                Gate::Leaf(node) => f64::from(u8::from(space.failed[node.index()])),
                Gate::Threshold { k, children } if k == children.len() => {
                    let mut product = 1.0;
                    for child in children {
                        product *= space.count[child.index()];
                        if product == 0.0 {
                            break;
                        }
                    }
                    product
                }
                Gate::Threshold { k: 1, children } => children.iter().map(|child| space.count[child.index()]).sum(),
                _ => self.gates[id.index()].count(&space.count, &mut space.ways),
            };
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
    stack: Vec<GateId>,
    count: Vec<f64>,
    ways: Vec<f64>,
}

impl Weighed {
    fn sure(weight: Scaled) -> Self {
        Weighed { weight, voters: Vec::new(), quota: 0, rest: Vec::new() }
    }

    fn alternatives(
        quota: u64,
        voters: Vec<(GateId, u64)>,
        gates: &[Weighed],
        meter: &mut Meter,
    ) -> Result<Self, Exhausted> {
        let cells = (voters.len() as u64 + 1).saturating_mul(quota.saturating_add(1));
        meter.charge(cells)?;
        let width = quota as usize + 1;
        let mut rest = vec![Scaled::ZERO; cells as usize];
        rest[voters.len() * width] = Scaled::ONE;
        for (i, (child, votes)) in voters.iter().enumerate().rev() {
            let (before, after) = rest.split_at_mut((i + 1) * width);
            before[i * width] = Scaled::ONE;
            for missing in 1..width {
                let left = missing.saturating_sub(usize::try_from(*votes).unwrap_or(usize::MAX));
                before[i * width + missing] = after[missing] + gates[child.index()].weight * after[left];
            }
        }
        Ok(Weighed { weight: rest[quota as usize], voters, quota, rest })
    }

    /// Pushes the children of a proof drawn in proportion to its weight.
    fn choose(&self, gates: &[Weighed], random: &mut Numbers, chosen: &mut Vec<GateId>) {
        let width = self.quota as usize + 1;
        if self.quota == 1 {
            // The weights of the rest fall along the list: the first that is below a random share of the first ends it.
            let share = Scaled::from(random.unit()) * self.weight;
            let (mut low, mut high) = (0, self.voters.len());
            while high - low > 1 {
                let middle = usize::midpoint(low, high);
                if self.rest[middle * width + 1] > share { low = middle } else { high = middle }
            }
            chosen.push(self.voters[low].0);
            return;
        }
        let mut missing = self.quota as usize;
        for (i, (child, votes)) in self.voters.iter().enumerate() {
            if missing == 0 {
                break;
            }
            let left = missing.saturating_sub(usize::try_from(*votes).unwrap_or(usize::MAX));
            let taken = gates[child.index()].weight * self.rest[(i + 1) * width + left];
            if random.unit() < taken.ratio(self.rest[i * width + missing]) {
                chosen.push(*child);
                missing = left;
            }
        }
    }

    /// The number of proofs of this gate, given those of its children.
    fn count(&self, of: &[f64], ways: &mut Vec<f64>) -> f64 {
        let quota = self.quota as usize;
        ways.clear();
        ways.resize(quota + 1, 0.0);
        ways[quota] = 1.0;
        for (child, votes) in &self.voters {
            let proofs = of[child.index()];
            if proofs == 0.0 {
                continue;
            }
            // Upwards: what a voter adds must not count for itself again.
            for missing in 1..=quota {
                let left = missing.saturating_sub(usize::try_from(*votes).unwrap_or(usize::MAX));
                ways[left] = (ways[left] + ways[missing] * proofs).min(f64::MAX);
            }
        }
        ways[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use crate::families::Family;

    fn weigh(family: &Family, p: f64, check: impl Fn(&Cover<'_>)) {
        let dual = family.formulas().unwrap().reads.dual();
        let failure = vec![Probability::new(p).unwrap(); family.node_count() as usize];
        check(&Cover::new(&dual, &failure, &mut Meter::new(Resource::PassSteps, 1_000_000)).unwrap());
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
}
