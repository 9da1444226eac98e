//! How old what stale reads returned was: the share of them that no age passes.

use super::axis::Axis;
use super::canvas::{Picture, Point};
use super::frame::Words;
use super::lines::{LineChart, Series};
use super::theme::Look;
use crate::report::Ages;

/// Lines of a picture.
const LINES_MAX: usize = 10;

/// Steps of a line.
const STEPS_MAX: usize = 400;

/// Ages of which the longest is so many times the shortest need a logarithmic axis.
const SPREAD_MAX: f64 = 40.0;

/// The picture of the ages of stale reads, one line for each register; absent if there are none.
///
/// # Examples
/// ```
/// use quorate::report::Ages;
/// use quorate::report::plot::{Look, ages};
/// let registers = [Ages { name: "x".into(), ages: vec![1.0, 2.0, 5.0] }];
/// let picture = ages(&registers, "age in milliseconds", Look::default()).expect("there are stale reads");
/// assert!(picture.svg().contains("age in milliseconds"));
/// assert!(ages(&[], "age", Look::default()).is_none());
/// ```
pub fn ages(registers: &[Ages], label: &str, look: Look) -> Option<Picture> {
    let mut known: Vec<&Ages> = registers.iter().filter(|register| !register.ages.is_empty()).collect();
    known.sort_by_key(|register| std::cmp::Reverse(register.ages.len()));
    let left_out = known.len().saturating_sub(LINES_MAX);
    known.truncate(LINES_MAX);
    let all = || known.iter().flat_map(|register| register.ages.iter().copied());
    let (least, most) = (all().reduce(f64::min)?, all().fold(0.0, f64::max));
    let is_wide = least > 0.0 && most > SPREAD_MAX * least;
    let x =
        if is_wide { Axis::logarithmic(&format!("{label} (log scale)"), all(), 0.0) } else { Axis::even(label, all()) };
    let ends = if is_wide { (x.low, x.high) } else { (0.0, x.high) };
    let line = |register: &&Ages| Series {
        name: format!("{} ({})", register.name, register.ages.len()),
        points: steps(&register.ages, ends),
        band: Vec::new(),
    };
    let most_of_all =
        Series { name: "99 of 100".into(), points: vec![(ends.0, 0.99), (ends.1, 0.99)], band: Vec::new() };
    let caption = format!(
        "Share of the stale reads of a register whose value had been overwritten for no longer than this when they started; how \
         many there are stands beside the name.{}",
        if left_out > 0 {
            format!(" {left_out} registers with fewer stale reads are left out.")
        } else {
            String::new()
        }
    );
    let words = Words { title: "How old what stale reads returned was", caption: &caption };
    let y = Axis { label: "share of the stale reads".into(), low: 0.0, high: 1.0, log: false };
    let series = known.iter().map(line).collect();
    Some(LineChart { words, x, y, series, reference: Some(most_of_all), crossings: false }.draw(look))
}

/// A line that rises at each age, or at some of them where there are very many.
fn steps(ages: &[f64], (from, to): (f64, f64)) -> Vec<Point> {
    let count = ages.len() as f64;
    let every = ages.len().div_ceil(STEPS_MAX).max(1);
    let mut points = vec![(from, 0.0)];
    let mut share = 0.0;
    for at in (0..ages.len()).filter(|at| (at + 1) % every == 0 || at + 1 == ages.len()) {
        points.push((ages[at], share));
        share = (at + 1) as f64 / count;
        points.push((ages[at], share));
    }
    points.push((to, 1.0));
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_rises_to_one() {
        let points = steps(&[1.0, 1.0, 3.0, 5.0], (0.0, 10.0));
        assert_eq!(points[..5], [(0.0, 0.0), (1.0, 0.0), (1.0, 0.25), (1.0, 0.25), (1.0, 0.5)]);
        assert_eq!(points.last(), Some(&(10.0, 1.0)));
        let many: Vec<f64> = (0..100_000).map(f64::from).collect();
        assert!(steps(&many, (0.0, 1e5)).len() < 1_000);
    }
}
