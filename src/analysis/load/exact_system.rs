//! Linear equations in exact fractions.

use num_rational::BigRational;
use num_traits::{One, Zero};

/// A solution of as many of the equations `row . x = right` as are consistent, first ones first; unknowns that they
/// leave open keep the value of `guess`.
///
/// # Complexity
/// O(rows unknowns^2) fractions.
pub(super) fn solve_consistent(rows: Vec<(Vec<BigRational>, BigRational)>, guess: &[BigRational]) -> Vec<BigRational> {
    // Reduced rows, each with a 1 in its pivot column and a 0 in every other pivot column.
    let mut reduced: Vec<(usize, Vec<BigRational>, BigRational)> = Vec::new();
    for (mut row, mut right) in rows {
        for (pivot, basis, value) in &reduced {
            eliminate((&mut row, &mut right), (basis, value), *pivot);
        }
        // An equation without unknowns left is redundant, or contradicts the earlier ones.
        let Some(pivot) = row.iter().position(|coefficient| !coefficient.is_zero()) else { continue };
        let inverse = BigRational::one() / &row[pivot];
        row.iter_mut().filter(|coefficient| !coefficient.is_zero()).for_each(|coefficient| *coefficient *= &inverse);
        right *= &inverse;
        for (_, basis, value) in &mut reduced {
            eliminate((basis, value), (&row, &right), pivot);
        }
        reduced.push((pivot, row, right));
    }
    let mut solution = guess.to_vec();
    for (pivot, row, right) in &reduced {
        let open = row.iter().enumerate().filter(|(column, coefficient)| column != pivot && !coefficient.is_zero());
        solution[*pivot] = right - open.map(|(column, coefficient)| coefficient * &guess[column]).sum::<BigRational>();
    }
    solution
}

/// Subtracts the multiple of a row that clears its pivot column.
fn eliminate(target: (&mut Vec<BigRational>, &mut BigRational), row: (&[BigRational], &BigRational), pivot: usize) {
    let (coefficients, right) = target;
    if coefficients[pivot].is_zero() {
        return;
    }
    let factor = coefficients[pivot].clone();
    for (coefficient, other) in coefficients.iter_mut().zip(row.0).filter(|(_, other)| !other.is_zero()) {
        *coefficient -= &factor * other;
    }
    *right -= factor * row.1;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(numbers: &[i64]) -> Vec<BigRational> {
        numbers.iter().map(|number| BigRational::from_integer((*number).into())).collect()
    }

    #[test]
    fn solves_determined_redundant_and_open_systems() {
        let rows = vec![
            (numbers(&[1, 1, 0]), numbers(&[3])[0].clone()),
            (numbers(&[1, -1, 0]), numbers(&[1])[0].clone()),
            (numbers(&[2, 2, 0]), numbers(&[6])[0].clone()),
            (numbers(&[2, 2, 0]), numbers(&[7])[0].clone()),
        ];
        assert_eq!(solve_consistent(rows, &numbers(&[9, 9, 9])), numbers(&[2, 1, 9]));
    }
}
