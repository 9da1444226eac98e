//! Linear equations in whole numbers, solved exactly: modulo a prime first, then digit by digit.
//!
//! Modulo a prime a matrix shows its rank, up to bad luck, and a square part of it that has an inverse there. With that inverse the
//! solution of the part follows digit by digit to the base of the prime, each digit from what the ones before left over; once there
//! are enough of them the fractions are read off, and tried.
//!
//! # Source
//! Dixon, Exact solution of linear equations using p-adic expansions, 1982; Wang, A p-adic algorithm for univariate partial
//! fractions, 1981 (reading fractions off).

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::budget::Meter;

/// A prime that is quick to divide by.
const PRIME: u64 = (1 << 61) - 1;
/// Digits after which the fractions are tried first; then twice as many each time.
const DIGITS_FIRST: usize = 4;

/// A square part of a matrix that has an inverse.
pub(crate) struct Core {
    pub(crate) rows: Vec<usize>,
    pub(crate) columns: Vec<usize>,
    /// The entries that are not 0, row by row and column by column.
    by_row: Vec<Entries<BigInt>>,
    by_column: Vec<Entries<BigInt>>,
    /// The same, where all of them are short.
    short: Option<[Vec<Entries<i64>>; 2]>,
    inverse: Vec<Vec<u64>>,
}

/// The entries of a row or a column that are not 0.
type Entries<T> = Vec<(usize, T)>;

/// Entries up to this are short.
const SHORT: i64 = 1 << 44;
/// A right side up to this is short.
const SHORT_RIGHT: u128 = 1 << 120;

/// Fractions over one denominator.
pub(crate) struct Fractions {
    pub(crate) numerators: Vec<BigInt>,
    pub(crate) denominator: BigInt,
}

impl Core {
    /// As large a part as there is; of equal columns and rows the first are taken. `None` when the meter ends.
    ///
    /// # Complexity
    /// O(rows x columns x rank) operations modulo the prime.
    pub(crate) fn of(matrix: &[Vec<BigInt>], meter: &mut Meter) -> Option<Core> {
        let mut left: Vec<Vec<u64>> = matrix.iter().map(|row| row.iter().map(residue).collect()).collect();
        let mut open: Vec<usize> = (0..matrix.len()).collect();
        let (mut rows, mut columns) = (Vec::new(), Vec::new());
        for column in 0..matrix.first().map_or(0, Vec::len) {
            let Some(position) = open.iter().position(|row| left[*row][column] != 0) else { continue };
            let pivot = open.remove(position);
            rows.push(pivot);
            columns.push(column);
            meter.charge((open.len() * (left[pivot].len() - column)) as u64).ok()?;
            let pivot_row = std::mem::take(&mut left[pivot]);
            let scale = inverted(pivot_row[column]);
            for row in &open {
                let factor = times(left[*row][column], scale);
                subtract(&mut left[*row][column..], &pivot_row[column..], factor);
            }
        }
        let entry = |row: usize, column: usize| &matrix[rows[row]][columns[column]];
        let size = rows.len();
        let sparse = |entry: &dyn Fn(usize, usize) -> BigInt| -> Vec<Entries<BigInt>> {
            let line = |a: usize| (0..size).map(|b| (b, entry(a, b))).filter(|(_, entry)| !entry.is_zero()).collect();
            (0..size).map(line).collect()
        };
        let (by_row, by_column) =
            (sparse(&|row, column| entry(row, column).clone()), sparse(&|column, row| entry(row, column).clone()));
        meter.charge(2 * (size as u64).pow(3)).ok()?;
        let inverse = inverse(&by_row)?;
        let short = short(&by_row).zip(short(&by_column)).map(|(by_row, by_column)| [by_row, by_column]);
        Some(Core { rows, columns, by_row, by_column, short, inverse })
    }

    /// The solution of `part x = right`, or of the transposed equations; `None` when the meter ends.
    pub(crate) fn solve(&self, right: &[BigInt], transposed: bool, meter: &mut Meter) -> Option<Fractions> {
        let size = self.rows.len();
        let lines = if transposed { &self.by_column } else { &self.by_row };
        let mut left = self.left_over(right, transposed);
        let mut digits: Vec<Vec<u64>> = Vec::new();
        let mut wanted = DIGITS_FIRST;
        loop {
            while digits.len() < wanted {
                meter.charge((size * size) as u64).ok()?;
                let residues = left.residues();
                let digit: Vec<u64> = (0..size).map(|unknown| self.digit(unknown, &residues, transposed)).collect();
                left.take(&digit);
                digits.push(digit);
            }
            meter.charge((size * wanted * wanted) as u64 / 4).ok()?;
            if let Some(found) = read_off(&digits).filter(|found| solves(lines, found, right)) {
                return Some(found);
            }
            wanted *= 2;
        }
    }

    /// The right side before any digit is known.
    fn left_over(&self, right: &[BigInt], transposed: bool) -> LeftOver<'_> {
        let is_short = |number: &i128| number.unsigned_abs() < SHORT_RIGHT;
        let numbers: Option<Vec<i128>> = right.iter().map(|number| number.to_i128().filter(is_short)).collect();
        match (&self.short, numbers) {
            (Some(short), Some(numbers)) => LeftOver::Short(&short[usize::from(transposed)], numbers),
            _ => LeftOver::Long(if transposed { &self.by_column } else { &self.by_row }, right.to_vec()),
        }
    }

    fn digit(&self, unknown: usize, residues: &[u64], transposed: bool) -> u64 {
        let mut sum = 0u128;
        for (line, residue) in residues.iter().enumerate().filter(|(_, residue)| **residue != 0) {
            let entry = if transposed { self.inverse[line][unknown] } else { self.inverse[unknown][line] };
            sum += u128::from(times(entry, *residue));
        }
        (sum % u128::from(PRIME)) as u64
    }
}

/// What the digits so far leave of the right side, divided by the base for each of them; and the equations.
enum LeftOver<'a> {
    Short(&'a [Entries<i64>], Vec<i128>),
    Long(&'a [Entries<BigInt>], Vec<BigInt>),
}

impl LeftOver<'_> {
    fn residues(&self) -> Vec<u64> {
        match self {
            LeftOver::Short(_, rest) => rest.iter().map(|rest| rest.rem_euclid(i128::from(PRIME)) as u64).collect(),
            LeftOver::Long(_, rest) => rest.iter().map(residue).collect(),
        }
    }

    /// Takes off what a digit of all unknowns makes up.
    fn take(&mut self, digit: &[u64]) {
        match self {
            LeftOver::Short(lines, rest) => {
                for (rest, line) in rest.iter_mut().zip(*lines) {
                    let used: i128 =
                        line.iter().map(|(other, entry)| i128::from(*entry) * i128::from(digit[*other])).sum();
                    *rest = (*rest - used) / i128::from(PRIME);
                }
            }
            LeftOver::Long(lines, rest) => {
                for (rest, line) in rest.iter_mut().zip(*lines) {
                    let used: BigInt = line.iter().map(|(other, entry)| entry * digit[*other]).sum();
                    *rest = (&*rest - used) / PRIME;
                }
            }
        }
    }
}

fn short(lines: &[Entries<BigInt>]) -> Option<Vec<Entries<i64>>> {
    let entry = |(place, entry): &(usize, BigInt)| {
        Some((*place, entry.to_i64().filter(|entry| entry.unsigned_abs() < SHORT.unsigned_abs())?))
    };
    lines.iter().map(|line| line.iter().map(entry).collect()).collect()
}

fn residue(number: &BigInt) -> u64 {
    match number.to_i64() {
        Some(number) => i128::from(number).rem_euclid(i128::from(PRIME)) as u64,
        None => number.mod_floor(&BigInt::from(PRIME)).to_u64().unwrap_or(0),
    }
}

fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // 2^61 is 1.
    let folded = (product as u64 & PRIME) + (product >> 61) as u64;
    if folded >= PRIME { folded - PRIME } else { folded }
}

/// The power with exponent p - 2.
fn inverted(number: u64) -> u64 {
    let (mut power, mut square, mut exponent) = (1, number, PRIME - 2);
    while exponent > 0 {
        power = if exponent & 1 == 1 { times(power, square) } else { power };
        square = times(square, square);
        exponent >>= 1;
    }
    power
}

fn subtract(row: &mut [u64], other: &[u64], factor: u64) {
    if factor == 0 {
        return;
    }
    for (entry, other) in row.iter_mut().zip(other).filter(|(_, other)| **other != 0) {
        let less = times(factor, *other);
        *entry = if *entry >= less { *entry - less } else { *entry + PRIME - less };
    }
}

/// The inverse modulo the prime, by elimination; `None` when there is none.
fn inverse(lines: &[Entries<BigInt>]) -> Option<Vec<Vec<u64>>> {
    let size = lines.len();
    let mut both: Vec<Vec<u64>> = vec![vec![0; 2 * size]; size];
    for (row, line) in lines.iter().enumerate() {
        line.iter().for_each(|(column, entry)| both[row][*column] = residue(entry));
        both[row][size + row] = 1;
    }
    for column in 0..size {
        let pivot = (column..size).find(|row| both[*row][column] != 0)?;
        both.swap(column, pivot);
        let scale = inverted(both[column][column]);
        both[column].iter_mut().for_each(|entry| *entry = times(*entry, scale));
        let pivot_row = both[column].clone();
        for (_, row) in both.iter_mut().enumerate().filter(|(row, _)| *row != column) {
            let factor = row[column];
            subtract(&mut row[column..], &pivot_row[column..], factor);
        }
    }
    Some(both.into_iter().map(|row| row[size..].to_vec()).collect())
}

/// The fractions with these digits, over one denominator; `None` when there are too few digits to tell.
fn read_off(digits: &[Vec<u64>]) -> Option<Fractions> {
    let base = BigInt::from(PRIME);
    let modulus = num_traits::pow(base.clone(), digits.len());
    let number = |unknown: usize| {
        digits.iter().rev().fold(BigInt::zero(), |sum, digit| sum * &base + BigInt::from(digit[unknown]))
    };
    let numbers: Vec<BigInt> = (0..digits.first().map_or(0, Vec::len)).map(number).collect();
    // Numerators and denominators up to this size are told apart.
    let largest = BigInt::one() << ((modulus.bits() - 2) / 2);
    let mut denominator = BigInt::one();
    for number in &numbers {
        let whole = nearest(&(number * &denominator), &modulus);
        // Most have the denominator of those before.
        if whole.abs() > largest {
            denominator *= denominator_of(whole.mod_floor(&modulus), &modulus, &largest)?;
        }
    }
    let numerators: Vec<BigInt> = numbers.iter().map(|number| nearest(&(number * &denominator), &modulus)).collect();
    Some(Fractions { numerators, denominator })
}

/// The remainder nearest to 0.
fn nearest(number: &BigInt, modulus: &BigInt) -> BigInt {
    let rest = number.mod_floor(modulus);
    if &rest + &rest > *modulus { rest - modulus } else { rest }
}

/// The denominator of the fraction that is this number modulo the modulus.
fn denominator_of(number: BigInt, modulus: &BigInt, largest: &BigInt) -> Option<BigInt> {
    let (mut before, mut last) = ((modulus.clone(), BigInt::zero()), (number, BigInt::one()));
    while last.0 > *largest {
        let (quotient, rest) = before.0.div_rem(&last.0);
        let factor = &before.1 - quotient * &last.1;
        before = std::mem::replace(&mut last, (rest, factor));
    }
    let denominator = last.1.abs();
    (!denominator.is_zero() && denominator <= *largest).then_some(denominator)
}

fn solves(lines: &[Entries<BigInt>], found: &Fractions, right: &[BigInt]) -> bool {
    lines.iter().zip(right).all(|(line, right)| {
        let sum: BigInt = line.iter().map(|(unknown, entry)| &found.numerators[*unknown] * entry).sum();
        sum == &found.denominator * right
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Resource;
    use num_rational::BigRational;

    /// By elimination in fractions.
    fn eliminated(matrix: &[Vec<BigInt>], right: &[BigInt]) -> Vec<BigRational> {
        let row = |(row, right): (&Vec<BigInt>, &BigInt)| {
            row.iter().chain([right]).map(|number| BigRational::from_integer(number.clone())).collect()
        };
        let mut rows: Vec<Vec<BigRational>> = matrix.iter().zip(right).map(row).collect();
        for column in 0..rows.len() {
            let pivot = (column..rows.len()).find(|row| !rows[*row][column].is_zero()).unwrap();
            rows.swap(column, pivot);
            let scale = rows[column][column].recip();
            rows[column].iter_mut().for_each(|entry| *entry *= &scale);
            let pivot_row = rows[column].clone();
            for (_, row) in rows.iter_mut().enumerate().filter(|(row, _)| *row != column) {
                let factor = row[column].clone();
                row.iter_mut().zip(&pivot_row).for_each(|(entry, pivot)| *entry -= &factor * pivot);
            }
        }
        rows.into_iter().map(|mut row| row.pop().unwrap()).collect()
    }

    #[test]
    fn digits_and_elimination_agree() {
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            BigInt::from((state >> 33) % below)
        };
        for (size, unit) in (1..12).map(|size| (size, 1u128)).chain((1..8).map(|size| (size, 1 << 90))) {
            // Long numbers that are no multiples of each other.
            let mut entry = || draw(2001) * unit - 1000 * unit + draw(7);
            let square: Vec<Vec<BigInt>> = (0..size).map(|_| (0..size).map(|_| entry()).collect()).collect();
            let right: Vec<BigInt> = (0..size).map(|_| draw(1 << 30) - (1 << 29)).collect();
            // Rows that repeat others, and a column that repeats another, have no part in the core.
            let wide = |row: &Vec<BigInt>| row.iter().chain([&row[0]]).cloned().collect::<Vec<BigInt>>();
            let mut matrix: Vec<Vec<BigInt>> = square.iter().map(wide).collect();
            matrix.push(matrix[0].iter().map(|entry| entry * 3).collect());
            let mut meter = Meter::new(Resource::PassSteps, 1 << 30);
            let core = Core::of(&matrix, &mut meter).unwrap();
            assert_eq!((core.rows.len(), &core.columns), (size, &(0..size).collect::<Vec<_>>()));
            assert_eq!(core.short.is_some(), unit == 1);
            for transposed in [false, true] {
                let part: Vec<Vec<BigInt>> = core.rows.iter().map(|row| matrix[*row][..size].to_vec()).collect();
                let turned: Vec<Vec<BigInt>> =
                    (0..size).map(|column| part.iter().map(|row| row[column].clone()).collect()).collect();
                let expected = eliminated(if transposed { &turned } else { &part }, &right);
                let found = core.solve(&right, transposed, &mut meter).unwrap();
                let given = found.numerators.iter().map(|n| BigRational::new(n.clone(), found.denominator.clone()));
                assert_eq!(given.collect::<Vec<_>>(), expected);
            }
            assert!(core.solve(&right, false, &mut Meter::new(Resource::PassSteps, 0)).is_none());
        }
    }
}
