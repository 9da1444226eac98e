//! A linear program in floating point that says how far it may be off: quick, small, and never believed.

/// Entries below this are rounding errors.
const TINY: f64 = 1e-11;
/// Pivots after which a program is given up.
const PIVOTS_MAX: usize = 2_000;

/// Bounds of the largest `objective * x` over x >= 0 with `rows * x <= limits`, from a solution and from prices of the rows,
/// both shrunk until they keep what they must keep; `None` when it was given up. All limits are 0 or more.
///
/// Shape: `rows` has one row per limit and one column per entry of `objective`.
pub(crate) fn bounds(rows: &[Vec<f64>], limits: &[f64], objective: &[f64]) -> Option<(f64, f64)> {
    let columns = objective.len();
    let width = columns + rows.len() + 1;
    let mut tableau: Vec<Vec<f64>> = Vec::new();
    for (i, (row, limit)) in rows.iter().zip(limits).enumerate() {
        let mut line = row.clone();
        line.resize(width, 0.0);
        (line[columns + i], line[width - 1]) = (1.0, *limit);
        tableau.push(line);
    }
    let mut costs: Vec<f64> = objective.iter().map(|value| -value).collect();
    costs.resize(width, 0.0);
    let mut basis: Vec<usize> = (columns..columns + rows.len()).collect();
    for _ in 0..PIVOTS_MAX {
        let Some(column) = costs[..width - 1].iter().position(|cost| *cost < -TINY) else {
            let mut x = vec![0.0; columns];
            for (line, column) in tableau.iter().zip(&basis).filter(|(_, column)| **column < columns) {
                x[*column] = line[width - 1].max(0.0);
            }
            return certified((rows, limits, objective), &x, &costs[columns..width - 1]);
        };
        let ratio = |row: usize| tableau[row][width - 1] / tableau[row][column];
        let candidates = (0..tableau.len()).filter(|row| tableau[*row][column] > TINY);
        // Among equal ratios the basic variable that comes first (Bland's rule).
        let row = candidates.min_by(|a, b| ratio(*a).total_cmp(&ratio(*b)).then(basis[*a].cmp(&basis[*b])))?;
        let pivot = tableau[row][column];
        tableau[row].iter_mut().for_each(|entry| *entry /= pivot);
        let line = tableau[row].clone();
        let others = tableau.iter_mut().enumerate().filter(|(i, _)| *i != row).map(|(_, other)| other);
        for other in others.chain([&mut costs]) {
            let factor = other[column];
            if factor != 0.0 {
                other.iter_mut().zip(&line).for_each(|(entry, above)| *entry -= factor * above);
            }
        }
        basis[row] = column;
    }
    None
}

/// What the solution reaches, if it keeps the limits, and what the prices bound, if no column is worth more than it costs;
/// each but for rounding errors.
fn certified(
    (rows, limits, objective): (&[Vec<f64>], &[f64], &[f64]),
    x: &[f64],
    prices: &[f64],
) -> Option<(f64, f64)> {
    const SLACK: f64 = 1e-9;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let keeps = rows.iter().zip(limits).all(|(row, limit)| dot(row, x) <= limit + SLACK);
    let worth = |column: usize| rows.iter().zip(prices).map(|(row, price)| row[column] * price).sum::<f64>();
    let covers = (0..objective.len()).all(|column| objective[column] <= worth(column) + SLACK);
    (keeps && covers).then(|| (dot(objective, x), dot(limits, prices)))
}

#[test]
fn bounds_are_those_of_exact_numbers() {
    use super::simplex::maximise;
    use crate::random::Random;
    use num_rational::BigRational;
    use num_traits::ToPrimitive;
    let mut random = Random::new(3);
    for _ in 0..200 {
        let (count, columns) = (2 + random.below(6) as usize, 2 + random.below(5) as usize);
        let mut number = |below: u64| random.below(below) as f64;
        let rows: Vec<Vec<f64>> = (0..count).map(|_| (0..columns).map(|_| 1.0 + number(9)).collect()).collect();
        let limits: Vec<f64> = (0..count).map(|_| number(5)).collect();
        let objective: Vec<f64> = (0..columns).map(|_| number(7) - 2.0).collect();
        let exact = |numbers: &[f64]| -> Vec<BigRational> {
            numbers.iter().map(|number| BigRational::from_float(*number).unwrap()).collect()
        };
        let exact_rows: Vec<Vec<BigRational>> = rows.iter().map(|row| exact(row)).collect();
        let value = maximise(&exact_rows, &exact(&limits), &exact(&objective)).to_f64().unwrap();
        let (lower, upper) = bounds(&rows, &limits, &objective).unwrap();
        assert!((lower - value).abs() <= 1e-12 * value.max(1.0) && (upper - value).abs() <= 1e-12 * value.max(1.0));
    }
}
