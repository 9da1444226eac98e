//! The load of read-once formulas under one kind of operation: a closed recursion, exact in rationals.
//!
//! Let u(g) be the largest rate at which gate g can be served when node i serves at most c(i) a second:
//!
//! * u(leaf i) = c(i);
//! * u(k of children) = min over 0 <= m < k of (sum of the children's u without the m largest) / (k - m).
//!
//! *Why.* A gate used at rate x needs child rates x(c) that add up to k x, each at most x: these vectors are exactly the
//! mixtures of k-subsets, because the hypersimplex is integral. So x is possible exactly when the sum of min(x, u(c)) is
//! at least k x. If the children with u(c) >= x are the m largest, that reads (sum of the others) >= (k - m) x; taking
//! the minimum over m takes care of not knowing m. Sub-formulas share no node, so the gates decide independently. The
//! load is 1 / u(root).
//!
//! *The dual.* The minimising m also proves that no strategy is better: give the m largest children no weight and the
//! others weight in proportion to their u. Then any k children cost at least (k - m) shares, whichever they are, and the
//! cheapest quorum of gate g with weight Y costs exactly Y / u(g).

use num_traits::{One, Zero};
use std::ops::{Div, Mul, Sub};

use crate::model::{Formula, Gate, GateId, NodeId};
use crate::strategy::program::flow::EdgeFlow;

/// Numbers that can be divided and compared: `f64` and exact fractions.
pub(crate) trait Field:
    Clone + Zero + One + PartialOrd + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// The number as an element of the field.
    fn whole(number: usize) -> Self;
}

impl Field for f64 {
    fn whole(number: usize) -> Self {
        number as f64
    }
}

impl Field for num_rational::BigRational {
    fn whole(number: usize) -> Self {
        Self::from_integer(number.into())
    }
}

/// The optimum of a read-once formula with both certificates.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReadOnceOptimum<T> {
    /// The load.
    pub(crate) load: T,
    /// How much of all operations uses each child of each gate, in the order of the edges.
    pub(crate) flow: EdgeFlow<T>,
    /// Node weights that add up to 1; the cheapest quorum, at weight / capacity a node, costs the load.
    pub(crate) weight: Vec<T>,
}

/// The load-optimal flow of a read-once formula without weighted gates, and the weights that prove it.
///
/// `capacity` has one positive number for each node.
///
/// # Complexity
/// O(edges log edges) operations of the field.
pub(crate) fn optimum<T: Field>(formula: &Formula, capacity: &[T]) -> ReadOnceOptimum<T> {
    let mut rate: Vec<T> = Vec::with_capacity(formula.gate_count());
    let mut free: Vec<usize> = Vec::with_capacity(formula.gate_count());
    for (_, gate) in formula.gates() {
        let (best, skipped) = match gate {
            Gate::Leaf(node) => (capacity[node.index()].clone(), 0),
            Gate::Threshold { k, children } => largest_rate(k, &descending(children, &rate), &rate),
            Gate::Weighted { .. } => unreachable!("the caller expands votes"),
        };
        rate.push(best);
        free.push(skipped);
    }
    let load = T::one() / rate[formula.root().index()].clone();
    let flow = spread(formula, &rate);
    let weight = weigh(formula, &rate, &free, capacity.len());
    ReadOnceOptimum { load, flow, weight }
}

/// The children by falling rate; equal ones in their order.
fn descending<T: Field>(children: &[GateId], rate: &[T]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..children.len()).collect();
    let rate_of = |position: &usize| &rate[children[*position].index()];
    order.sort_by(|a, b| rate_of(b).partial_cmp(rate_of(a)).unwrap_or(std::cmp::Ordering::Equal));
    order.into_iter().map(|position| children[position].index()).collect()
}

/// The minimum over m, and the m that attains it.
fn largest_rate<T: Field>(k: usize, by_rate: &[usize], rate: &[T]) -> (T, usize) {
    let mut best: Option<(T, usize)> = None;
    for (m, tail) in tails(by_rate, rate).into_iter().enumerate().take(k) {
        let bound = tail / T::whole(k - m);
        if best.as_ref().is_none_or(|(least, _)| bound < *least) {
            best = Some((bound, m));
        }
    }
    best.expect("a threshold is at least 1")
}

/// The sums of the rates from each position on, made from the small end: subtracting the large ones would lose digits.
fn tails<T: Field>(by_rate: &[usize], rate: &[T]) -> Vec<T> {
    let mut tails = vec![T::zero(); by_rate.len() + 1];
    for position in (0..by_rate.len()).rev() {
        tails[position] = tails[position + 1].clone() + rate[by_rate[position]].clone();
    }
    tails
}

/// From the root down: a gate used at x gives its children min(x, t u(c)) with the t for which they add up to k x.
fn spread<T: Field>(formula: &Formula, rate: &[T]) -> EdgeFlow<T> {
    let mut used: Vec<T> = vec![T::zero(); formula.gate_count()];
    used[formula.root().index()] = T::one();
    let mut flow: EdgeFlow<T> = vec![Vec::new(); formula.gate_count()];
    for (id, gate) in formula.gates().rev() {
        let Gate::Threshold { k, children } = gate else { continue };
        let x = used[id.index()].clone();
        let each = fill(k, &x, children, rate);
        children.iter().zip(&each).for_each(|(child, share)| used[child.index()] = share.clone());
        flow[id.index()] = each;
    }
    flow
}

fn fill<T: Field>(k: usize, x: &T, children: &[GateId], rate: &[T]) -> Vec<T> {
    if k == children.len() {
        return vec![x.clone(); children.len()];
    }
    let by_rate = descending(children, rate);
    let tails = tails(&by_rate, rate);
    // With the m fastest children at x, the others share what is left in proportion to their rates; the first m for
    // which none of them passes x is the right one.
    let full = (0..k).find(|m| {
        let rest = T::whole(k - m) * x.clone();
        rest * rate[by_rate[*m]].clone() <= x.clone() * tails[*m].clone()
    });
    let full = full.unwrap_or(k - 1);
    let scale = T::whole(k - full) * x.clone() / tails[full].clone();
    let limit = &rate[by_rate[full]];
    let share = |rate: &T| if rate > limit { x.clone() } else { scale.clone() * rate.clone() };
    children.iter().map(|child| share(&rate[child.index()])).collect()
}

fn weigh<T: Field>(formula: &Formula, rate: &[T], free: &[usize], nodes: usize) -> Vec<T> {
    let mut mass: Vec<T> = vec![T::zero(); formula.gate_count()];
    mass[formula.root().index()] = T::one();
    let mut weight = vec![T::zero(); nodes];
    for (id, gate) in formula.gates().rev() {
        match gate {
            Gate::Leaf(node) => weight[NodeId::index(node)] = mass[id.index()].clone(),
            Gate::Threshold { children, .. } => {
                let by_rate = descending(children, rate);
                let paying = &by_rate[free[id.index()]..];
                let total = paying.iter().rev().fold(T::zero(), |sum, child| sum + rate[*child].clone());
                for child in paying {
                    mass[*child] = mass[id.index()].clone() * rate[*child].clone() / total.clone();
                }
            }
            Gate::Weighted { .. } => {}
        }
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::families::Family;
    use num_rational::BigRational;

    fn exact(numbers: &[i64]) -> Vec<BigRational> {
        numbers.iter().map(|number| BigRational::from_integer((*number).into())).collect()
    }

    #[test]
    fn majority_with_one_fast_node() {
        // Three nodes of rates 10, 1, 1: the fast one always joins, the slow ones alternate: 2 operations a second.
        let majority = Family::Majority { n: 3 }.formulas().unwrap().reads;
        let answer = optimum(&majority, &exact(&[10, 1, 1]));
        assert_eq!(answer.load.to_string(), "1/2");
        assert_eq!(
            answer.flow[3],
            [exact(&[1])[0].clone(), BigRational::new(1.into(), 2.into()), BigRational::new(1.into(), 2.into())]
        );
        assert_eq!(answer.weight.iter().map(ToString::to_string).collect::<Vec<_>>(), ["0", "1/2", "1/2"]);
    }

    #[test]
    fn rates_twelve_orders_apart() {
        let majority = Family::Majority { n: 5 }.formulas().unwrap().reads;
        let answer = optimum(&majority, &[1e12, 1.0, 1e6, 3.0, 2.0]);
        // Two fast nodes always join, one of the slow ones each time: 6 operations a second.
        assert!((answer.load - 1.0 / 6.0).abs() < 1e-15);
    }
}
