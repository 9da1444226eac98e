//! Distributions of sums of votes: which sums have which probability.

use std::collections::BTreeMap;

use crate::budget::{Exhausted, Meter};
use crate::circuit::pass::charge_sums;
use crate::number::Scaled;

/// The probability of every sum that can occur, ascending by sum; sums from `enough` on are one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sums {
    enough: u64,
    masses: Vec<(u64, Scaled)>,
}

/// An array of all sums is made when it is at most so many times longer than the products that go into it.
const DENSE_SHARE: u64 = 8;

impl Sums {
    /// One sum for sure.
    pub(super) fn sure(votes: u64, enough: u64) -> Self {
        Sums { enough, masses: vec![(votes.min(enough), Scaled::ONE)] }
    }

    /// Some votes or none.
    pub(super) fn voter(votes: u64, (counted, other): (Scaled, Scaled), enough: u64) -> Self {
        let both = [(0, other), (votes.min(enough), counted)];
        Sums { enough, masses: both.into_iter().filter(|(_, mass)| *mass != Scaled::ZERO).collect() }
    }

    /// One distribution or the other.
    pub(super) fn or(self, share: Scaled, other: &Self, other_share: Scaled) -> Self {
        let scaled = |masses: &[(u64, Scaled)], share: Scaled| {
            masses.iter().map(move |(sum, mass)| (*sum, *mass * share)).collect()
        };
        let masses = merge(scaled(&self.masses, share), scaled(&other.masses, other_share));
        Sums { enough: self.enough, masses: masses.into_iter().filter(|(_, mass)| *mass != Scaled::ZERO).collect() }
    }

    /// The sum of two independent ones.
    ///
    /// # Complexity
    /// O(|a| |b|), with a factor of log |a| where the sums lie far apart.
    pub(super) fn add(&self, other: &Self, meter: &mut Meter) -> Result<Self, Exhausted> {
        let (long, short) = if self.masses.len() < other.masses.len() { (other, self) } else { (self, other) };
        charge_sums(long.masses.len(), short.masses.len() as u64, meter)?;
        let enough = self.enough;
        let products = (long.masses.len() * short.masses.len()) as u64;
        let last = |sums: &Self| sums.masses.last().map_or(0, |(sum, _)| *sum);
        let top = last(long).saturating_add(last(short)).min(enough);
        if short.masses.len() > 2 && top < products.saturating_mul(DENSE_SHARE) {
            let mut all = vec![Scaled::ZERO; top as usize + 1];
            for (votes, share) in &short.masses {
                for (sum, mass) in &long.masses {
                    let slot = &mut all[(sum + votes).min(enough) as usize];
                    *slot = *slot + *mass * *share;
                }
            }
            let masses = (0..).zip(all).filter(|(_, mass)| *mass != Scaled::ZERO).collect();
            return Ok(Sums { enough, masses });
        }
        if short.masses.len() <= 2 {
            let shifted = |(votes, share): &(u64, Scaled)| shifted(&long.masses, (*votes, *share), enough);
            let mut parts = short.masses.iter().map(shifted);
            let first = parts.next().unwrap_or_default();
            return Ok(Sums { enough, masses: parts.fold(first, merge) });
        }
        let mut all: BTreeMap<u64, Scaled> = BTreeMap::new();
        for (votes, share) in &short.masses {
            meter.charge(16 * long.masses.len() as u64)?;
            for (sum, mass) in &long.masses {
                let slot = all.entry((sum + votes).min(enough)).or_insert_with(|| Scaled::ZERO);
                *slot = *slot + *mass * *share;
            }
        }
        Ok(Sums { enough, masses: all.into_iter().collect() })
    }

    /// The probabilities of fewer than `enough` votes, and of `enough` or more.
    pub(super) fn tails(&self) -> (Scaled, Scaled) {
        let part = |reached: bool| {
            let of = self.masses.iter().filter(move |(sum, _)| (*sum == self.enough) == reached);
            of.fold(Scaled::ZERO, |total, (_, mass)| total + *mass)
        };
        (part(false), part(true))
    }

    /// All sums, ascending; the last may be `enough` or more.
    pub(super) fn all(&self) -> impl Iterator<Item = (u64, Scaled)> + '_ {
        self.masses.iter().copied()
    }

    /// The sums below `enough`, ascending.
    pub(super) fn open(&self) -> impl Iterator<Item = (u64, Scaled)> + '_ {
        self.masses.iter().copied().filter(|(sum, _)| *sum < self.enough)
    }

    /// Without the sums that have reached `enough`.
    pub(super) fn only_open(mut self) -> Self {
        self.masses.retain(|(sum, _)| *sum < self.enough);
        self
    }
}

/// All sums with more votes, at a share of their probability.
fn shifted(masses: &[(u64, Scaled)], (votes, share): (u64, Scaled), enough: u64) -> Vec<(u64, Scaled)> {
    let mut shifted: Vec<(u64, Scaled)> = Vec::with_capacity(masses.len());
    for (sum, mass) in masses {
        let sum = sum.saturating_add(votes).min(enough);
        match shifted.last_mut() {
            Some((last, total)) if *last == sum => *total = *total + *mass * share,
            _ => shifted.push((sum, *mass * share)),
        }
    }
    shifted
}

fn merge(a: Vec<(u64, Scaled)>, b: Vec<(u64, Scaled)>) -> Vec<(u64, Scaled)> {
    let mut merged: Vec<(u64, Scaled)> = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.into_iter().peekable(), b.into_iter().peekable());
    while let (Some((x, p)), Some((y, q))) = (a.peek().copied(), b.peek().copied()) {
        if x <= y {
            a.next();
        }
        if y <= x {
            b.next();
        }
        merged.push(match x.cmp(&y) {
            std::cmp::Ordering::Less => (x, p),
            std::cmp::Ordering::Greater => (y, q),
            std::cmp::Ordering::Equal => (x, p + q),
        });
    }
    merged.extend(a.chain(b));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;

    /// Every way of adding agrees with all pairs.
    #[test]
    fn sums_of_every_length_agree_with_all_pairs() {
        let mut meter = Meter::new(Resource::PassSteps, 1 << 20);
        let list = |seed: u64, length: u64, step: u64| Sums {
            enough: 1_000,
            masses: (0..length)
                .map(|i| (i * step + seed % 7, Scaled::from(((i * 37 + seed) % 11 + 1) as f64)))
                .collect(),
        };
        for (a, b) in
            [(list(1, 40, 1), list(2, 30, 2)), (list(3, 20, 90), list(4, 2, 5)), (list(5, 9, 100), list(6, 9, 97))]
        {
            let mut expected: BTreeMap<u64, f64> = BTreeMap::new();
            for (x, p) in &a.masses {
                b.masses
                    .iter()
                    .for_each(|(y, q)| *expected.entry((x + y).min(1_000)).or_default() += (*p * *q).to_f64().unwrap());
            }
            let expected: Vec<(u64, f64)> = expected.into_iter().collect();
            for sums in [a.add(&b, &mut meter).unwrap(), b.add(&a, &mut meter).unwrap()] {
                assert_eq!(
                    sums.masses.iter().map(|(sum, _)| *sum).collect::<Vec<_>>(),
                    expected.iter().map(|(sum, _)| *sum).collect::<Vec<_>>()
                );
                assert!(
                    sums.masses.iter().zip(&expected).all(|(a, b)| (a.1.to_f64().unwrap() / b.1 - 1.0).abs() < 1e-14)
                );
            }
        }
    }

    #[test]
    fn too_many_sums_are_refused() {
        let mut meter = Meter::new(Resource::PassSteps, u64::MAX - 1);
        let many = Sums { enough: u64::MAX, masses: (0..1 << 20).map(|sum| (sum, Scaled::ONE)).collect() };
        assert!(many.add(&Sums::voter(1, (Scaled::from(0.5), Scaled::from(0.5)), u64::MAX), &mut meter).is_err());
    }
}
