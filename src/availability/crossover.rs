//! At which failure probability of the nodes does the better of two systems change?

use num_bigint::{BigInt, Sign};
use num_traits::{One, Zero};

use super::{
    AvailabilityPolynomial, Event, Failures, Method, SamplingOptions, availability_polynomial, failure_probability,
};
use crate::budget::Budget;
use crate::circuit::{Compiled, Polynomial};
use crate::model::{Probability, System};
use crate::number::Scaled;

/// A node failure probability at which the better of two systems changes.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub struct Crossover {
    /// The change is at this node failure probability or above.
    pub lower: f64,
    /// And at this one or below.
    pub upper: f64,
    /// Whether the first system is the better one below, and the second above.
    pub first_is_better_below: bool,
}

/// Where two systems cross, and how that was found.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub struct Crossovers {
    /// From small to large.
    pub at: Vec<Crossover>,
    /// How they were found.
    pub method: CrossoverMethod,
}

/// How crossovers were found.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrossoverMethod {
    /// Sign changes of the difference of two polynomials, isolated in whole numbers: these are all.
    Exact,
    /// The two are the same at every failure probability.
    Equal,
    /// Sign changes between points of a grid: two that are closer than its step are not seen.
    Grid,
    /// One of the two has no exact failure probability.
    Unknown,
}

impl CrossoverMethod {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            CrossoverMethod::Exact => "exact",
            CrossoverMethod::Equal => "equal",
            CrossoverMethod::Grid => "grid",
            CrossoverMethod::Unknown => "unknown",
        }
    }
}

/// Nodes up to which polynomials are compared exactly.
const EXACT_NODES_MAX: usize = 128;
/// Halvings of [0, 1] until two roots that are still together count as one.
const DEPTH_MAX: u32 = 40;
/// Points of the grid, evenly spaced in the logarithm from 10^-6 to 1.
const GRID: u32 = 240;
/// Halvings between two points of the grid.
const HALVINGS: usize = 45;

/// Where the better of two systems changes, for nodes that all fail with the same probability p in (0, 1).
///
/// The better one is that whose reads and writes are both possible with the larger probability.
///
/// # Method
/// The difference of two availability polynomials is a polynomial in Bernstein's basis, where the number of sign changes
/// of the coefficients bounds the number of roots (Descartes' rule). The interval is halved, in whole numbers, until each
/// part has no root or one. Where there is no polynomial (zones that fail, too many nodes), sign changes on a grid are
/// refined by halving.
///
/// # Source
/// Lane and Riesenfeld, Bounds on a polynomial, 1981; Rouillier and Zimmermann, Efficient isolation of polynomial's real
/// roots, 2004.
///
/// # Examples
/// ```
/// use quorate::availability::crossover::crossovers;
/// use quorate::budget::Budget;
/// use quorate::families::Family;
/// let (one, three) = (Family::Singleton { n: 1, node: 0 }.system()?, Family::Majority { n: 3 }.system()?);
/// let found = crossovers(&one, &three, Budget::default());
/// assert_eq!(found.at.len(), 1); // three nodes are better than one below 1/2, and worse above
/// assert!(found.at[0].lower <= 0.5 && 0.5 <= found.at[0].upper);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[doc(hidden)]
pub fn crossovers(first: &System, second: &System, budget: Budget) -> Crossovers {
    let compiled = [first, second].map(|system| Compiled::new(system, budget));
    let small = |system: &System| {
        system.nodes().len() <= EXACT_NODES_MAX && system.zones().iter().all(|zone| zone.failure.get() == 0.0)
    };
    if small(first) && small(second) {
        let [a, b] = [&compiled[0], &compiled[1]].map(|compiled| availability_polynomial(compiled).ok());
        if let (Some(a), Some(b)) = (a, b) {
            return between(&a, &b);
        }
    }
    on_a_grid(&compiled)
}

/// The sign changes of F_a - F_b over (0, 1).
fn between(a: &AvailabilityPolynomial, b: &AvailabilityPolynomial) -> Crossovers {
    let n = a.nodes().max(b.nodes());
    // More nodes that change nothing: times (1 + x) for each.
    let raised = |polynomial: &AvailabilityPolynomial| {
        let own = Polynomial::from_coefficients(polynomial.failing(Event::System).to_vec());
        (own * Polynomial::binomial(n - polynomial.nodes())).coefficients(n)
    };
    // Sets of k live nodes go with p^(n - k): the Bernstein coefficient of p^i is that of n - i live nodes.
    let difference = raised(a).into_iter().zip(raised(b)).map(|(a, b)| BigInt::from(a) - BigInt::from(b)).rev();
    // Times i! (n - i)! instead of divided by C(n, i): whole numbers.
    let mut factorials = vec![BigInt::one()];
    (1..=n).for_each(|i| factorials.push(&factorials[i - 1] * i));
    let weighted = |(i, c): (usize, BigInt)| c * &factorials[i] * &factorials[n - i];
    let coefficients: Vec<BigInt> = difference.enumerate().map(weighted).collect();
    if coefficients.iter().all(Zero::is_zero) {
        return Crossovers { at: Vec::new(), method: CrossoverMethod::Equal };
    }
    Crossovers { at: sign_changes(coefficients), method: CrossoverMethod::Exact }
}

/// A part of [0, 1]: from `place` / 2^depth, 1 / 2^depth wide, with its Bernstein coefficients.
struct Piece {
    place: u64,
    depth: u32,
    coefficients: Vec<BigInt>,
}

fn sign_changes(coefficients: Vec<BigInt>) -> Vec<Crossover> {
    let mut found: Vec<Crossover> = Vec::new();
    // The sign just behind the last change, and the end of the last part whose sign was looked at.
    let mut sign = Sign::NoSign;
    let mut since = 0.0;
    let mut open = vec![Piece { place: 0, depth: 0, coefficients }];
    // Parts come from left to right; inside a part that is decided the sign is that of its first and last coefficient.
    while let Some(part) = open.pop() {
        let variations = variations(&part.coefficients);
        if variations > 0 && part.depth < DEPTH_MAX {
            let [left, right] = halves(part);
            open.extend([right, left]);
            continue;
        }
        let width = 0.5f64.powi(part.depth as i32);
        let (start, end) = (part.place as f64 * width, (part.place + 1) as f64 * width);
        let mut signs = part.coefficients.iter().map(BigInt::sign).filter(|sign| *sign != Sign::NoSign);
        let (first, last) = (signs.clone().next(), signs.next_back());
        for (now, here) in [(first, start), (last, end)] {
            let Some(now) = now else { continue };
            if sign != Sign::NoSign && now != sign {
                let first_is_better_below = sign == Sign::Minus;
                found.push(Crossover { lower: since, upper: here.max(since), first_is_better_below });
            }
            sign = now;
            since = here;
        }
        since = end;
    }
    found
}

fn variations(coefficients: &[BigInt]) -> usize {
    let signs: Vec<Sign> = coefficients.iter().map(BigInt::sign).filter(|sign| *sign != Sign::NoSign).collect();
    signs.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// De Casteljau's construction at 1/2, with all coefficients times 2^n.
fn halves(part: Piece) -> [Piece; 2] {
    let n = part.coefficients.len() - 1;
    let mut row = part.coefficients;
    let (mut left, mut right) = (vec![&row[0] << n], vec![&row[n] << n]);
    for step in 1..=n {
        for i in 0..=n - step {
            row[i] = &row[i] + &row[i + 1];
        }
        left.push(&row[0] << (n - step));
        right.push(&row[n - step] << (n - step));
    }
    right.reverse();
    // Powers of two that all have in common say nothing.
    let common = left.iter().chain(&right).filter_map(BigInt::trailing_zeros).min().unwrap_or(0);
    left.iter_mut().chain(&mut right).for_each(|coefficient| *coefficient >>= common);
    let (place, depth) = (part.place * 2, part.depth + 1);
    [Piece { place, depth, coefficients: left }, Piece { place: place + 1, depth, coefficients: right }]
}

/// Sign changes between the points of a grid.
fn on_a_grid(compiled: &[Compiled<'_>; 2]) -> Crossovers {
    let options = SamplingOptions { method: Method::Exact, ..SamplingOptions::default() };
    let value = |compiled: &Compiled<'_>, p: Probability| -> Option<Scaled> {
        failure_probability(compiled, &Failures::uniform(compiled.system(), p), &options).0.system
    };
    // Whether the first is better (-1), or the second (1).
    let sign = |log: f64| -> Option<i8> {
        let p = Probability::new(10f64.powf(log).min(1.0)).ok()?;
        let (a, b) = (value(&compiled[0], p)?, value(&compiled[1], p)?);
        let noise = (a.ratio(b) - 1.0).abs() < 1e-11;
        Some(if noise {
            0
        } else if a < b {
            -1
        } else {
            1
        })
    };
    let mut at = Vec::new();
    let mut last: Option<(f64, i8)> = None;
    for step in 0..=GRID {
        let log = 6.0 * (f64::from(step) / f64::from(GRID) - 1.0);
        let Some(now) = sign(log) else { return Crossovers { at, method: CrossoverMethod::Unknown } };
        if now == 0 {
            continue;
        }
        if let Some((before, was)) = last.filter(|(_, was)| *was != now) {
            let (mut low, mut high) = (before, log);
            for _ in 0..HALVINGS {
                let middle = f64::midpoint(low, high);
                match sign(middle) {
                    Some(sign) if sign == was => low = middle,
                    _ => high = middle,
                }
            }
            let [lower, upper] = [low, high].map(|log| 10f64.powf(log));
            at.push(Crossover { lower, upper, first_is_better_below: was < 0 });
        }
        last = Some((log, now));
    }
    Crossovers { at, method: CrossoverMethod::Grid }
}
