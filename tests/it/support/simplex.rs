//! A linear program in exact integers: slow, small and certain.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// The largest `objective * x` over x >= 0 with `rows * x <= limits`; all limits are 0 or more, and the program is
/// bounded.
///
/// Shape: `rows` has one row per limit and one column per entry of `objective`.
///
/// # Method
/// The simplex method from the slack basis with Bland's rule, which cannot cycle, on a tableau of integers over one
/// common denominator (Edmonds, Systems of distinct representatives and linear algebra, 1967): every division is exact.
pub(crate) fn maximise(rows: &[Vec<BigRational>], limits: &[BigRational], objective: &[BigRational]) -> BigRational {
    let columns = objective.len();
    let mut tableau: Vec<Vec<BigInt>> = Vec::new();
    for (i, (row, limit)) in rows.iter().zip(limits).enumerate() {
        assert!(!limit.is_negative(), "the slack basis must be feasible");
        let whole = whole_numbers(row.iter().chain([limit])).0;
        let mut line: Vec<BigInt> = whole[..columns].to_vec();
        line.extend((0..rows.len()).map(|slack| BigInt::from(u8::from(slack == i))));
        line.push(whole[columns].clone());
        tableau.push(line);
    }
    let (costs, scale) = whole_numbers(objective.iter());
    let mut last: Vec<BigInt> = costs.into_iter().map(|cost| -cost).collect();
    last.resize(columns + rows.len() + 1, BigInt::zero());
    tableau.push(last);
    let mut basis: Vec<usize> = (columns..columns + rows.len()).collect();
    let mut denominator = BigInt::one();
    while let Some(column) =
        tableau[rows.len()].split_last().and_then(|(_, costs)| costs.iter().position(Signed::is_negative))
    {
        let row = leaving(&tableau[..rows.len()], &basis, column);
        pivot(&mut tableau, row, column, &denominator);
        denominator = tableau[row][column].clone();
        basis[row] = column;
    }
    let value = tableau[rows.len()].last().expect("a row has a right-hand side").clone();
    BigRational::new(value, denominator * scale)
}

/// The row of the smallest ratio; among equals the one whose basic variable comes first.
fn leaving(tableau: &[Vec<BigInt>], basis: &[usize], column: usize) -> usize {
    let candidates = (0..tableau.len()).filter(|row| tableau[*row][column].is_positive());
    let ratio = |row: &usize| {
        let line = &tableau[*row];
        (BigRational::new(line[line.len() - 1].clone(), line[column].clone()), basis[*row])
    };
    candidates.min_by_key(ratio).expect("the program is bounded")
}

fn pivot(tableau: &mut [Vec<BigInt>], row: usize, column: usize, denominator: &BigInt) {
    let pivot_row = tableau[row].clone();
    let pivot = &pivot_row[column];
    for (_, line) in tableau.iter_mut().enumerate().filter(|(i, _)| *i != row) {
        let factor = line[column].clone();
        for (entry, above) in line.iter_mut().zip(&pivot_row) {
            *entry = (&*entry * pivot - &factor * above) / denominator;
        }
    }
}

/// The numbers times the least common multiple of their denominators, and that multiple.
fn whole_numbers<'a>(numbers: impl Iterator<Item = &'a BigRational> + Clone) -> (Vec<BigInt>, BigInt) {
    let multiple = numbers.clone().fold(BigInt::one(), |multiple, number| multiple.lcm(number.denom()));
    (numbers.map(|number| number.numer() * (&multiple / number.denom())).collect(), multiple)
}

#[test]
fn finds_the_corner_of_a_known_program() {
    // max 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18: (2, 6), 36 (Hillier and Lieberman, Introduction to operations
    // research, the Wyndor Glass example).
    let number = |value: i64| BigRational::from_integer(value.into());
    let row = |x, y| vec![number(x), number(y)];
    let rows = [row(1, 0), row(0, 2), row(3, 2)];
    let value = maximise(&rows, &[number(4), number(12), number(18)], &row(3, 5));
    assert_eq!(value, number(36));
}
