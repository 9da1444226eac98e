//! Axes: from numbers to places, and the ticks that a person can read them by.

/// The range of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// What is measured, with its unit.
    pub(super) label: String,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) log: bool,
}

/// A line of the grid; the smaller ones have no text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// Between 0 and 1.
    pub(super) place: f64,
    pub(super) text: Option<String>,
    /// Whether its text stays where not all find room.
    pub(super) is_major: bool,
}

/// Ticks with text that an axis has at most.
const TICKS_MAX: usize = 9;

impl Axis {
    /// An even axis that holds the values and begins at zero.
    pub(super) fn even(label: &str, values: impl Iterator<Item = f64>) -> Axis {
        let most = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
        let most = if most > 0.0 { most } else { 1.0 };
        let step = nice_step(most / 6.0);
        Axis { label: label.into(), low: 0.0, high: (most / step - 1e-9).ceil().max(1.0) * step, log: false }
    }

    /// A logarithmic axis that holds the positive values, but none below `floor`.
    pub(super) fn logarithmic(label: &str, values: impl Iterator<Item = f64>, floor: f64) -> Axis {
        let positive = values.filter(|value| *value > 0.0 && value.is_finite());
        let (low, high) =
            positive.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
        let (low, high) = if high > 0.0 { (low.max(floor), high) } else { (0.1, 1.0) };
        let low = 10f64.powf((low.log10() + 1e-9).floor());
        let high = 10f64.powf((high.log10() - 1e-9).ceil());
        let high = if high > low { high } else { low * 10.0 };
        Axis { label: label.into(), low, high, log: true }
    }

    /// Where a value stands: 0 at the low end, 1 at the high end; beyond them outside.
    pub(super) fn place(&self, value: f64) -> f64 {
        if self.log {
            (value / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        }
    }

    pub(super) fn ticks(&self) -> Vec<Tick> {
        if self.log { self.log_ticks() } else { self.even_ticks() }
    }

    fn even_ticks(&self) -> Vec<Tick> {
        let step = nice_step((self.high - self.low) / 6.0);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let count = ((self.high - self.low) / step + 1e-9).floor() as usize;
        let tick = |index: usize| {
            let value = self.low + index as f64 * step;
            Tick { place: self.place(value), text: Some(decimal(value, decimals)), is_major: true }
        };
        (0..=count).map(tick).collect()
    }

    fn log_ticks(&self) -> Vec<Tick> {
        let (first, last) = (self.low.log10().floor() as i32, (self.high.log10() + 1e-9).floor() as i32);
        let decades = (last - first).max(1) as usize;
        let every = decades.div_ceil(TICKS_MAX - 1) as i32;
        let mut ticks = Vec::new();
        for power in first..=last {
            for digit in 1..10 {
                let value = f64::from(digit) * 10f64.powi(power);
                let labelled = (digit == 1 && (power - last) % every == 0) || (decades <= 2 && matches!(digit, 2 | 5));
                let shown = labelled || (digit == 1) || decades <= 5;
                let inside = value >= self.low * (1.0 - 1e-9) && value <= self.high * (1.0 + 1e-9);
                if shown && inside {
                    let text = labelled.then(|| power_text(digit, power));
                    ticks.push(Tick { place: self.place(value), text, is_major: digit == 1 });
                }
            }
        }
        ticks
    }
}

/// Round numbers between two others, about eight of them, no closer than `least`.
pub(super) fn round_marks(low: f64, high: f64, least: f64) -> Vec<(f64, String)> {
    let step = nice_step(((high - low) / 8.0).max(1e-9)).max(least);
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    let first = (low / step - 1e-9).ceil();
    let count = ((high / step + 1e-9).floor() - first).max(-1.0) as i64;
    (0..=count).map(|index| (first + index as f64) * step).map(|value| (value, format!("{value:.decimals$}"))).collect()
}

/// 1, 2 or 5 times a power of ten, at least `least`.
fn nice_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(power)
}

fn decimal(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e4 { super::super::number::quantity(value) } else { format!("{value:.decimals$}") }
}

/// Small powers as decimals, others as in 10⁻⁶.
fn power_text(digit: i32, power: i32) -> String {
    if (-3..=3).contains(&power) {
        let decimals = (-power).max(0) as usize;
        return format!("{:.decimals$}", f64::from(digit) * 10f64.powi(power));
    }
    let times = if digit == 1 { String::new() } else { format!("{digit}·") };
    format!("{times}10{}", superscript(power))
}

fn superscript(power: i32) -> String {
    let raise = |letter: char| match letter {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
    };
    power.to_string().chars().map(raise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().filter_map(|tick| tick.text).collect()
    }

    #[test]
    fn even_axes_have_round_ticks() {
        let axis = Axis::even("x", [0.2, 0.93].into_iter());
        assert_eq!((axis.low, axis.high), (0.0, 1.0));
        assert_eq!(texts(&axis), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    }

    #[test]
    fn logarithmic_axes_have_powers_of_ten() {
        let axis = Axis::logarithmic("x", [3e-8, 0.4].into_iter(), 0.0);
        assert_eq!(texts(&axis), ["10⁻⁸", "10⁻⁷", "10⁻⁶", "10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1"]);
        let wide = Axis::logarithmic("x", [1e-40, 1.0].into_iter(), 0.0);
        assert_eq!(texts(&wide), ["10⁻⁴⁰", "10⁻³⁵", "10⁻³⁰", "10⁻²⁵", "10⁻²⁰", "10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1"]);
        assert_eq!(Axis::logarithmic("x", [1e-40, 1.0].into_iter(), 1e-20).low, 1e-20);
    }

    #[test]
    fn marks_are_round_and_inside() {
        let texts = |low, high, least| {
            round_marks(low, high, least).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(texts(25.0, 82.0, 0.0), "30 40 50 60 70 80");
        assert_eq!(texts(-0.31, 0.52, 0.0), "-0.2 0.0 0.2 0.4");
        assert_eq!(texts(3.0, 6.0, 1.0), "3 4 5 6");
        assert_eq!(texts(7.0, 7.0, 1.0), "7");
    }

    #[test]
    fn powers_are_raised() {
        assert_eq!(power_text(2, -12), "2·10⁻¹²");
    }
}
