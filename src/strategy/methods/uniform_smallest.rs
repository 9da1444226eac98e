//! A guess that is often optimal: draw all smallest quorums equally often.
//!
//! In a system whose nodes are all alike (a symmetry of the system takes any node to any other), the uniform strategy
//! over its smallest quorums uses all nodes equally, and no strategy is better. The guess is made without knowing the
//! symmetries; both bounds decide afterwards whether it was right.

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, Zero};

use crate::budget::Meter;
use crate::circuit::pass;
use crate::model::{Formula, Gate, GateId, Kind, Pair};
use crate::number::Scaled;
use crate::strategy::certify::rounded::over_common_denominator;
use crate::strategy::program::demand::Demand;
use crate::strategy::program::flow::EdgeFlow;
use crate::strategy::program::formulas::Formulas;

/// The flow that draws every way to make a smallest quorum equally often; `None` for gates that are too irregular.
///
/// # Complexity
/// O(edges log edges).
pub(crate) fn smallest_quorums_equally(formula: &Formula) -> Option<EdgeFlow<f64>> {
    Some(Equally::<Scaled>::of(formula)?.flow)
}

/// The load of that strategy as a fraction, where weights under which all nodes cost the same prove, as fractions too, that no strategy
/// is better.
///
/// # Complexity
/// O(edges) operations on fractions.
pub(crate) fn proven(formulas: Formulas<'_>, demand: &Demand<'_>, meter: &mut Meter) -> Option<BigRational> {
    let each = Pair { reads: Kind::Read, writes: Kind::Write }.map(|kind| {
        let Some(formula) = *formulas.of(kind) else { return Some(None) };
        meter.charge(EXACT_STEPS * formula.edge_count() as u64).ok()?;
        Equally::<BigUint>::of(formula).map(Some)
    });
    let (reads, writes) = (each.reads?, each.writes?);
    let each = Pair { reads, writes };
    let costs = Pair { reads: Kind::Read, writes: Kind::Write }
        .map(|kind| (0..demand.shares().len()).map(|share| demand.exact_costs(kind, share)).collect::<Vec<_>>());
    let upper = largest_load(&each, &costs, demand);
    let lower = cheapest_at_equal_prices((formulas, &each), &costs, demand, meter)?;
    (upper == lower).then_some(upper)
}

/// What an edge counts on the meter where numbers are fractions.
const EXACT_STEPS: u64 = 64;
/// Digits, in bits, of the number of ways to make a quorum.
const BITS_MAX: u64 = 1 << 20;

/// What an operation costs: `costs.of(kind)[share][node]`.
type Costs = Pair<Vec<Vec<BigRational>>>;

/// The load of the busiest node under each read fraction, averaged.
fn largest_load(each: &Pair<Option<Equally<BigUint>>>, costs: &Costs, demand: &Demand<'_>) -> BigRational {
    let used = each.as_ref().map(|equally| equally.as_ref().map(|equally| equally.node_use(demand.nodes())));
    let term = |kind: Kind, share: usize, node: usize| {
        let used = &used.of(kind).as_ref()?[node];
        Some((used, &costs.of(kind)[share][node]))
    };
    let of_share = |share: usize| {
        let mut largest = BigRational::zero();
        let mut before = None;
        for node in 0..demand.nodes() {
            let terms = Kind::BOTH.map(|kind| term(kind, share, node));
            // Neighbours are mostly alike.
            if before.replace(terms) != Some(terms) {
                let load: BigRational = terms.into_iter().flatten().map(|(used, cost)| used * cost).sum();
                largest = if load > largest { load } else { largest };
            }
        }
        largest * demand.exact_share(share)
    };
    (0..demand.shares().len()).map(of_share).sum()
}

/// What the cheapest quorums cost under weights that make an operation on every node cost the same.
fn cheapest_at_equal_prices(
    (formulas, each): (Formulas<'_>, &Pair<Option<Equally<BigUint>>>),
    costs: &Costs,
    demand: &Demand<'_>,
    meter: &mut Meter,
) -> Option<BigRational> {
    let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| formulas.of(*kind).is_some()).collect();
    let mut prices: Pair<Vec<BigRational>> = Pair::default().map(|_: ()| vec![BigRational::zero(); demand.nodes()]);
    for share in 0..demand.shares().len() {
        let cost = |node: usize| kinds.iter().map(|kind| &costs.of(*kind)[share][node]).sum::<BigRational>();
        let weight = |node: usize| {
            Some(cost(node)).filter(|cost| !cost.is_zero()).map_or_else(BigRational::one, |cost| cost.recip())
        };
        let weights: Vec<BigRational> = (0..demand.nodes()).map(weight).collect();
        let scale = demand.exact_share(share) / weights.iter().sum::<BigRational>();
        for kind in &kinds {
            let prices = if *kind == Kind::Read { &mut prices.reads } else { &mut prices.writes };
            let own = weights.iter().zip(&costs.of(*kind)[share]);
            prices.iter_mut().zip(own).for_each(|(price, (weight, cost))| *price += weight * cost * &scale);
        }
    }
    let mut lower = BigRational::zero();
    for kind in kinds {
        let prices = prices.of(kind);
        lower += match prices.iter().all(|price| *price == prices[0]) {
            true => &prices[0] * BigRational::from_integer(each.of(kind).as_ref()?.size.into()),
            false => {
                let (whole, denominator) = over_common_denominator(prices);
                let (cheapest, _) = pass::cheapest_quorum((*formulas.of(kind))?, &whole, meter).ok()?;
                BigRational::new(cheapest, denominator)
            }
        };
    }
    Some(lower)
}

/// Numbers that count ways, and the shares that they make.
trait Count: Clone + PartialEq {
    type Share: Clone;
    fn one() -> Self;

    fn plus(&self, other: &Self) -> Self;
    fn times(&self, other: &Self) -> Self;
    /// C(m, j) of them, to the power j.
    fn chosen(&self, m: usize, j: usize) -> Self;
    /// This part of a total.
    fn part_of(&self, total: &Self) -> Self::Share;
    fn share(numerator: usize, denominator: usize) -> Self::Share;
    fn product(a: &Self::Share, b: &Self::Share) -> Self::Share;
    fn add(sum: &mut Self::Share, term: &Self::Share);
    /// Whether it is still short enough to go on with.
    fn is_short(&self) -> bool;
}

impl Count for Scaled {
    type Share = f64;
    fn one() -> Self {
        Scaled::ONE
    }

    fn plus(&self, other: &Self) -> Self {
        *self + *other
    }

    fn times(&self, other: &Self) -> Self {
        *self * *other
    }

    fn chosen(&self, m: usize, j: usize) -> Self {
        (0..j).fold(Scaled::ONE, |product, i| product * *self * Scaled::from((m - i) as f64 / (i + 1) as f64))
    }

    fn part_of(&self, total: &Self) -> f64 {
        self.ratio(*total)
    }

    fn share(numerator: usize, denominator: usize) -> f64 {
        numerator as f64 / denominator as f64
    }

    fn product(a: &f64, b: &f64) -> f64 {
        a * b
    }

    fn add(sum: &mut f64, term: &f64) {
        *sum += term;
    }

    fn is_short(&self) -> bool {
        true
    }
}

impl Count for BigUint {
    type Share = BigRational;
    fn one() -> Self {
        BigUint::from(1u8)
    }

    fn plus(&self, other: &Self) -> Self {
        self + other
    }

    fn times(&self, other: &Self) -> Self {
        self * other
    }

    fn chosen(&self, m: usize, j: usize) -> Self {
        num_integer::binomial(BigUint::from(m), BigUint::from(j)) * self.pow(j as u32)
    }

    fn part_of(&self, total: &Self) -> BigRational {
        BigRational::new(self.clone().into(), total.clone().into())
    }

    fn share(numerator: usize, denominator: usize) -> BigRational {
        BigRational::new(numerator.into(), denominator.into())
    }

    fn product(a: &BigRational, b: &BigRational) -> BigRational {
        a * b
    }

    fn add(sum: &mut BigRational, term: &BigRational) {
        *sum += term;
    }

    fn is_short(&self) -> bool {
        self.bits() <= BITS_MAX
    }
}

/// The strategy that draws every way to make a smallest quorum equally often.
struct Equally<'f, C: Count> {
    formula: &'f Formula,
    /// Size of a smallest quorum.
    size: u64,
    flow: EdgeFlow<C::Share>,
    /// How often each gate is used.
    used: Vec<C::Share>,
}

impl<'f, C: Count> Equally<'f, C> {
    fn of(formula: &'f Formula) -> Option<Self> {
        let mut ways: Vec<Ways<C>> = Vec::with_capacity(formula.gate_count());
        for (_, gate) in formula.gates() {
            let way = match gate {
                Gate::Leaf(_) => Ways { size: 1, count: C::one() },
                Gate::Threshold { k, children } => Choice::of(k, children, &ways)?.ways,
                Gate::Weighted { .. } => return None,
            };
            ways.push(way);
        }
        let mut used = vec![C::share(0, 1); formula.gate_count()];
        used[formula.root().index()] = C::share(1, 1);
        let mut flow: EdgeFlow<C::Share> = vec![Vec::new(); formula.gate_count()];
        for (id, gate) in formula.gates().rev() {
            let Gate::Threshold { k, children } = gate else { continue };
            let choice = Choice::of(k, children, &ways)?;
            let x = used[id.index()].clone();
            let each: Vec<C::Share> =
                children.iter().map(|child| C::product(&x, &choice.share(&ways[child.index()]))).collect();
            children.iter().zip(&each).for_each(|(child, share)| C::add(&mut used[child.index()], share));
            flow[id.index()] = each;
        }
        Some(Equally { formula, size: ways[formula.root().index()].size, flow, used })
    }

    /// How often each node is used, in node order.
    fn node_use(&self, nodes: usize) -> Vec<C::Share> {
        let mut used = vec![C::share(0, 1); nodes];
        for (id, gate) in self.formula.gates() {
            if let Gate::Leaf(node) = gate {
                used[node.index()] = self.used[id.index()].clone();
            }
        }
        used
    }
}

/// The size of a smallest quorum of a gate, and how many ways there are to make one.
#[derive(Debug, Clone)]
struct Ways<C> {
    size: u64,
    count: C,
}

/// How a gate chooses its smallest children.
struct Choice<C> {
    ways: Ways<C>,
    /// Children below this size are always taken, those of this size in part.
    tied_size: u64,
    /// How many of the tied children are taken; with equal counts, or just one of them.
    taken: usize,
    tied: usize,
    tied_total: C,
}

impl<C: Count> Choice<C> {
    fn of(k: usize, children: &[GateId], ways: &[Ways<C>]) -> Option<Self> {
        let mut sizes: Vec<&Ways<C>> = children.iter().map(|child| &ways[child.index()]).collect();
        sizes.sort_by_key(|ways| ways.size);
        let tied_size = sizes[k - 1].size;
        let mut total = Ways { size: 0, count: C::one() };
        let certain = sizes.iter().take_while(|ways| ways.size < tied_size).count();
        for ways in &sizes[..certain] {
            total = Ways { size: total.size + ways.size, count: total.count.times(&ways.count) };
        }
        let ties: Vec<&C> = sizes.iter().filter(|ways| ways.size == tied_size).map(|ways| &ways.count).collect();
        let taken = k - certain;
        total.size += taken as u64 * tied_size;
        let tied_total = ties[1..].iter().fold(ties[0].clone(), |sum, count| sum.plus(count));
        let combinations = if taken == 1 {
            tied_total.clone()
        } else if taken == ties.len() {
            ties[1..].iter().fold(ties[0].clone(), |product, count| product.times(count))
        } else if ties.iter().all(|count| *count == ties[0]) {
            ties[0].chosen(ties.len(), taken)
        } else {
            return None;
        };
        let ways = Ways { size: total.size, count: total.count.times(&combinations) };
        ways.count.is_short().then_some(Choice { ways, tied_size, taken, tied: ties.len(), tied_total })
    }

    /// How often a child is taken.
    fn share(&self, child: &Ways<C>) -> C::Share {
        match child.size.cmp(&self.tied_size) {
            std::cmp::Ordering::Less => C::share(1, 1),
            std::cmp::Ordering::Greater => C::share(0, 1),
            std::cmp::Ordering::Equal if self.taken == 1 => child.count.part_of(&self.tied_total),
            std::cmp::Ordering::Equal => C::share(self.taken, self.tied),
        }
    }
}
