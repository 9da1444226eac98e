//! Exact failure probabilities of small systems by judging every set of failures, 512 at a time.

use super::form::Four;
use super::independent_events::Variables;
use crate::budget::{Budget, Exhausted, Meter, Resource};
use crate::circuit::{InstructionSet, Kernel, LANES, Lanes, Wide, dispatch};
use crate::model::{NodeId, Probability};
use crate::number::Scaled;
use rayon::prelude::*;

/// Variables that tell the lanes of a word apart: 2^9 = 512.
const LOW: usize = 9;

/// Variables that tell the words of a block apart.
const MIDDLE: usize = 6;

/// Below this a product of [`LOW`] + [`MIDDLE`] probabilities may have lost digits.
const FLOAT_SAFE: f64 = 1e-280;

/// All four failure probabilities as sums over every set of failed variables.
///
/// F = sum of P(exactly S fails) over the sets S whose complement contains no quorum. Only positive terms are added, so
/// the result keeps its relative accuracy.
///
/// # Method
/// Variables 1 to 9 differ from lane to lane of a word; the highest ones are settled first, and the formulas shortened. The probabilities of the sets of a word are added eight lanes at
/// a time: a table says how probable each of the 256 patterns of variables 1 to 3 is.
///
/// # Complexity
/// O(2^n edges / 512) word operations for n variables that may and may not fail.
///
/// # Errors
/// [`Exhausted`] when these are more than the budget allows.
pub(super) fn failure_probabilities(
    variables: &Variables<'_>,
    budget: &Budget,
    instructions: InstructionSet,
) -> Result<Four<Scaled>, Exhausted> {
    let mut support = variables.formulas.reads.support();
    support.union_with(&variables.formulas.writes.support());
    let uncertain = |p: Probability| p.get() > 0.0 && p.get() < 1.0;
    let mut open: Vec<usize> =
        support.iter().map(NodeId::index).filter(|node| uncertain(variables.failure[*node])).collect();
    let formulas = [variables.formulas.reads.as_ref(), variables.formulas.writes.as_ref()];
    let formulas = if variables.symmetric { &formulas[..1] } else { &formulas };
    let lanes = Lanes::new(variables.failure.len(), formulas);
    let too_many = Exhausted { resource: Resource::EnumerationSteps, limit: budget.enumeration_steps };
    let words = 1u64.checked_shl(open.len().saturating_sub(LOW) as u32).ok_or(too_many)?;
    let mut meter = Meter::new(Resource::EnumerationSteps, budget.enumeration_steps);
    meter.charge(words.saturating_mul(lanes.cost() + LANES as u64 / 8))?;
    // The variables that are used most are settled first: little is left of the formulas then.
    open.sort_by_cached_key(|node| (lanes.uses(*node), *node));
    let enumeration = Enumeration::new(lanes, variables, &open);
    if enumeration.smallest_weight() < FLOAT_SAFE {
        return Err(too_many);
    }
    let high = open.len().saturating_sub(LOW + MIDDLE);
    let top = high / 2;
    let sums: Vec<Four<Scaled>> =
        (0..1usize << top).into_par_iter().map(|part| enumeration.part(part, top, instructions)).collect();
    // In their order, so that the last digit does not depend on the threads.
    Ok(sums.into_iter().fold([Scaled::ZERO; 4], add))
}

fn add(total: Four<Scaled>, sums: Four<Scaled>) -> Four<Scaled> {
    std::array::from_fn(|i| total[i] + sums[i])
}

struct Enumeration {
    lanes: Lanes,
    nodes: usize,
    /// Which variable each bit of a state stands for.
    open: Vec<usize>,
    /// P(fails) of each bit, zero for the bits beyond the last variable.
    failure: Vec<Probability>,
    /// Variables that surely fail or surely do not.
    settled: Vec<(usize, bool)>,
    /// How probable the failures of bits 0 to 2 are that a byte of lanes stands for.
    bytes: Vec<f64>,
    /// How probable each state of bits 3 to 8 is.
    columns: Vec<f64>,
    symmetric: bool,
}

impl Enumeration {
    fn new(lanes: Lanes, variables: &Variables<'_>, open: &[usize]) -> Self {
        let mut failure: Vec<Probability> = open.iter().map(|node| variables.failure[*node]).collect();
        failure.resize(failure.len().max(LOW + MIDDLE), Probability::ZERO);
        let settled = (0..variables.failure.len()).filter(|node| !open.contains(node));
        let settled = settled.map(|node| (node, variables.failure[node].get() < 1.0)).collect();
        let mut enumeration = Enumeration {
            lanes,
            nodes: variables.failure.len(),
            open: open.to_vec(),
            failure,
            settled,
            bytes: Vec::new(),
            columns: Vec::new(),
            symmetric: variables.symmetric,
        };
        let lane = |state| enumeration.float_weight(state, 0..3);
        let patterns = |byte: usize| (0..8).filter(|bit| byte >> bit & 1 == 1).map(lane).sum();
        let bytes = (0..256).map(patterns).collect();
        let columns = (0..64).map(|state| enumeration.float_weight(state, 3..LOW)).collect();
        (enumeration.bytes, enumeration.columns) = (bytes, columns);
        enumeration
    }

    /// The states in which the `top` highest bits are those of `part`.
    fn part(&self, part: usize, top: usize, instructions: InstructionSet) -> Four<Scaled> {
        let high = self.open.len().saturating_sub(LOW + MIDDLE);
        let below = high - top;
        let settled = |from: usize, state: usize| {
            let mut settled = vec![None; self.nodes];
            self.settled.iter().for_each(|(node, live)| settled[*node] = Some(*live));
            let bits = self.open.iter().enumerate().skip(LOW + MIDDLE + from);
            bits.for_each(|(bit, node)| settled[*node] = Some(high_bit(state, bit)));
            settled
        };
        let first = settled(below, part << below);
        let lanes = self.lanes.restricted(|node| first[node]);
        let mut total = [Scaled::ZERO; 4];
        for rest in 0..1usize << below {
            let state = part << below | rest;
            let all = settled(0, state);
            let lanes = lanes.restricted(|node| all[node]);
            let sums = dispatch(instructions, StateBlock { enumeration: self, lanes: &lanes });
            let weight = self.weight(state, LOW + MIDDLE);
            total = add(total, sums.map(|sum| Scaled::from(sum) * weight));
        }
        total
    }

    /// P(of these bits exactly those in `state` fail).
    fn float_weight(&self, state: usize, bits: std::ops::Range<usize>) -> f64 {
        let first = bits.start;
        bits.map(|bit| {
            let p = self.failure[bit];
            if state >> (bit - first) & 1 == 1 { p.get() } else { p.complement() }
        })
        .product()
    }

    /// The same for all bits from `first` on.
    fn weight(&self, state: usize, first: usize) -> Scaled {
        let factor = |bit: usize| {
            let p = self.failure[bit];
            Scaled::from(if state >> (bit - first) & 1 == 1 { p.get() } else { p.complement() })
        };
        (first..self.failure.len()).map(factor).fold(Scaled::ONE, |product, factor| product * factor)
    }

    /// The least probable state of a block.
    fn smallest_weight(&self) -> f64 {
        let rarer = |p: &Probability| p.get().min(p.complement());
        self.failure[..LOW + MIDDLE].iter().filter(|p| p.get() > 0.0).map(rarer).product()
    }
}

/// The states in which the bits above [`LOW`] + [`MIDDLE`] are settled.
struct StateBlock<'a> {
    enumeration: &'a Enumeration,
    lanes: &'a Lanes,
}

impl Kernel for StateBlock<'_> {
    type Output = Four<f64>;

    #[inline(always)]
    fn run<V: Wide>(self) -> Four<f64> {
        let StateBlock { enumeration, lanes } = self;
        let open = &enumeration.open;
        let mut space = lanes.space::<V>();
        for (bit, node) in open.iter().take(LOW).enumerate() {
            space.set(*node, V::from_words(live_lanes(bit)));
        }
        let mut sums = Four::default();
        let middle = open.len().clamp(LOW, LOW + MIDDLE) - LOW;
        for state in 0..1usize << middle {
            for bit in 0..middle {
                space.set(open[LOW + bit], constant(state >> bit & 1 == 0));
            }
            lanes.evaluate(&mut space);
            let weight = enumeration.float_weight(state, LOW..LOW + middle);
            let reads = lanes.result(0, &space);
            if enumeration.symmetric {
                sums[0] += weight * enumeration.sum(!reads);
                continue;
            }
            let writes = lanes.result(1, &space);
            let missing = [!reads, !writes, !(reads & writes), !(reads | writes)];
            for (sum, missing) in sums.iter_mut().zip(missing) {
                *sum += weight * enumeration.sum(missing);
            }
        }
        if enumeration.symmetric { [sums[0]; 4] } else { sums }
    }
}

impl Enumeration {
    /// How probable the states of these lanes are.
    #[inline(always)]
    fn sum<V: Wide>(&self, lanes: V) -> f64 {
        if lanes.is_zero() {
            return 0.0;
        }
        let mut sum = 0.0;
        for (index, word) in lanes.to_words().into_iter().enumerate() {
            for (byte, pattern) in word.to_le_bytes().into_iter().enumerate() {
                sum += self.columns[index * 8 + byte] * self.bytes[usize::from(pattern)];
            }
        }
        sum
    }
}

/// Whether the variable of this bit, above [`LOW`] + [`MIDDLE`], is live.
fn high_bit(high: usize, bit: usize) -> bool {
    high >> (bit - LOW - MIDDLE) & 1 == 0
}

#[inline(always)]
fn constant<V: Wide>(live: bool) -> V {
    V::splat(if live { !0 } else { 0 })
}

/// The lanes whose number has a zero at this bit: those in which the variable is live.
#[inline(always)]
fn live_lanes(bit: usize) -> [u64; 8] {
    let mut words = [0; 8];
    for (index, word) in words.iter_mut().enumerate() {
        *word = match bit {
            0..6 => !0 / ((1 << (1 << bit)) + 1),
            _ if index >> (bit - 6) & 1 == 0 => !0,
            _ => 0,
        };
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::availability::Failures;
    use crate::availability::exact;
    use crate::circuit::Compiled;
    use crate::families::{Family, GridVariant};

    #[test]
    fn agrees_with_the_diagram_and_with_read_once_passes() {
        let families = [
            Family::Majority { n: 5 },
            Family::Threshold { n: 9, read: 3, write: 8 },
            Family::Threshold { n: 17, read: 8, write: 12 },
            Family::Grid { rows: 4, cols: 4, variant: GridVariant::LinesBelow },
            Family::Grid { rows: 3, cols: 4, variant: GridVariant::RowColumn },
        ];
        for (round, family) in families.into_iter().enumerate() {
            let system = family.system().unwrap();
            let p = |node: usize| {
                let values = [0.1, 1e-9, 0.7, 0.0, 0.3, 0.02, 1.0, 1e-15];
                Probability::new(values[(node * 3 + round) % values.len()]).unwrap()
            };
            let mut failures = Failures::uniform(&system, Probability::ZERO);
            failures.nodes = (0..failures.nodes.len()).map(p).collect();
            let compiled = Compiled::new(&system, Budget::default());
            let expected = exact::failure_probabilities(&compiled, &failures).unwrap();
            for instructions in [InstructionSet::Best, InstructionSet::Portable] {
                let variables = Variables::of(&system, &failures);
                let found = failure_probabilities(&variables, &Budget::default(), instructions).unwrap();
                for (a, b) in found.into_iter().zip(expected) {
                    assert!(a == b || (a.ratio(b) - 1.0).abs() < 1e-13, "{family:?}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn what_is_too_large_is_refused() {
        for n in [60, 64, 80, 1000] {
            let system = Family::Majority { n }.system().unwrap();
            let failures = Failures::uniform(&system, Probability::new(0.5).unwrap());
            let variables = Variables::of(&system, &failures);
            assert!(failure_probabilities(&variables, &Budget::default(), InstructionSet::Best).is_err());
        }
    }
}
