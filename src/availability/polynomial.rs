//! The failure probability for every p at once: how many sets of live nodes of each size contain no quorum.

use super::form::{Form, Four, once_each};
use crate::budget::{Exhausted, Meter, Resource};
use crate::circuit::{Compiled, Polynomial, count_by_size};
use crate::model::{Kind, System};
use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use num_traits::{One, Zero};

/// The four events of a failure probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// No read quorum is alive.
    Read,
    /// No write quorum is alive.
    Write,
    /// One of the two is missing.
    System,
    /// Both are missing.
    Total,
}

impl Event {
    /// All of them, in the order of the output.
    pub const ALL: [Event; 4] = [Event::Read, Event::Write, Event::System, Event::Total];

    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            Event::Read => "read",
            Event::Write => "write",
            Event::System => "system",
            Event::Total => "total",
        }
    }
}

/// The availability polynomial: F(p) = sum over k of d_k (1 - p)^k p^(n - k), where d_k counts the sets of k live nodes
/// under which an event happens.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AvailabilityPolynomial {
    /// d_0, ..., d_n for each event.
    failing: Four<Vec<BigUint>>,
}

impl AvailabilityPolynomial {
    /// The number of nodes, n.
    pub fn nodes(&self) -> usize {
        self.failing[0].len() - 1
    }

    /// How many sets of 0, 1, ..., n live nodes make an event happen.
    pub fn failing(&self, event: Event) -> &[BigUint] {
        &self.failing[event as usize]
    }

    /// How many sets of 0, 1, ..., n live nodes do not: a_k = C(n, k) - d_k.
    pub fn working(&self, event: Event) -> Vec<BigUint> {
        let all = Polynomial::binomial(self.nodes()).coefficients(self.nodes());
        all.iter().zip(self.failing(event)).map(|(all, failing)| all - failing).collect()
    }

    /// The smallest number of dead nodes that makes an event happen, and how many sets of that many do.
    pub fn smallest_transversals(&self, event: Event) -> Option<(usize, &BigUint)> {
        let from_all_live = self.failing(event).iter().rev().enumerate();
        from_all_live.into_iter().find(|(_, count)| !count.is_zero())
    }

    /// F(p) as a fraction.
    ///
    /// # Complexity
    /// n multiplications of numbers of n digits.
    pub fn at(&self, event: Event, p: &BigRational) -> BigRational {
        // With p = a / b: sum of d_k (b - a)^k a^(n - k), over b^n, by Horner's rule.
        let (dead, live) = (p.numer().clone(), p.denom() - p.numer());
        let mut power = BigInt::one();
        let mut sum = BigInt::zero();
        for count in self.failing(event).iter().rev() {
            sum = sum * &live + BigInt::from(count.clone()) * &power;
            power *= &dead;
        }
        BigRational::new(sum, num_traits::pow(p.denom().clone(), self.nodes()))
    }
}

/// The availability polynomial of a system, whose zones are left out of account.
///
/// # Method
/// The passes of the failure probability with polynomials for numbers, over the read-once formulas or the diagram.
///
/// # Source
/// Barlow and Proschan, Statistical theory of reliability and life testing, 1975 (signatures and path sets by size).
///
/// # Errors
/// [`Exhausted`] when the counts, the formulas or their diagram do not fit the budget.
///
/// # Examples
/// ```
/// use quorate::availability::{Event, availability_polynomial};
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// use quorate::families::Family;
/// let system = Family::Majority { n: 5 }.system()?;
/// let polynomial = availability_polynomial(&Compiled::new(&system, Budget::default()))?;
/// let a_tenth = num_rational::BigRational::new(1.into(), 10.into());
/// assert_eq!(polynomial.at(Event::Read, &a_tenth).to_string(), "107/12500");
/// assert_eq!(polynomial.smallest_transversals(Event::Read), Some((3, &10u8.into())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn availability_polynomial(compiled: &Compiled<'_>) -> Result<AvailabilityPolynomial, Exhausted> {
    let system = compiled.system();
    let of_one_kind = |alone: &System| {
        let counts = availability_polynomial(&Compiled::new(alone, *compiled.budget()))?;
        Ok(counts.failing(Event::Read).to_vec())
    };
    if let Some(failing) = super::lacking::counts(system, of_one_kind) {
        return failing.map(|failing| AvailabilityPolynomial { failing });
    }
    let nodes = system.nodes().len();
    let mut meter = Meter::new(Resource::PassSteps, compiled.budget().pass_steps);
    // The answer itself: n + 1 numbers of up to n binary digits.
    meter.charge((nodes as u64).saturating_mul(nodes as u64) / 16)?;
    let whole =
        |failing: Polynomial, support: usize| (failing * Polynomial::binomial(nodes - support)).coefficients(nodes);
    let form = Form::of(compiled)?;
    let failing = match form {
        Form::One(formula) => {
            let failing = whole(count_by_size(formula, &mut meter)?.0, formula.support().len());
            std::array::from_fn(|_| failing.clone())
        }
        Form::Nested { stronger } => {
            let mut of = |kind| {
                let formula = system.formula(kind);
                Ok(whole(count_by_size(formula, &mut meter)?.0, formula.support().len()))
            };
            Form::spread(stronger, of(Kind::Read)?, of(Kind::Write)?)
        }
        Form::Levels(_, exhausted) => return Err(exhausted),
        Form::Diagram(functions) => {
            let store = compiled.diagram()?.store.borrow();
            let support = store.order().len();
            once_each(&functions, |function| Ok(whole(store.count_failing(function, &mut meter)?, support)))?
        }
    };
    Ok(AvailabilityPolynomial { failing })
}
