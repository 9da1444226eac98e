//! How long a message takes.

use super::random::Random;

/// Nanoseconds of a millisecond.
pub(super) const NS_PER_MS: f64 = 1e6;

/// The longest delay, about 104 days: whole nanoseconds up to here are exact in an `f64`.
const DELAY_NS_MAX: f64 = 9_007_199_254_740_992.0;

/// The distribution of a delay, in milliseconds.
///
/// Draws use logarithms and powers in software, so that every machine draws the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Latency {
    /// Always the same.
    Constant {
        /// The delay.
        ms: f64,
    },
    /// Anything between two bounds, with equal probability.
    Uniform {
        /// The shortest delay.
        min_ms: f64,
        /// The longest delay.
        max_ms: f64,
    },
    /// P(delay > t) = exp(-t / mean).
    Exponential {
        /// The mean delay.
        mean_ms: f64,
    },
    /// P(delay > t) = (scale / t)^shape for t >= scale.
    Pareto {
        /// The shortest delay.
        scale_ms: f64,
        /// The larger, the thinner the tail; the mean is infinite up to 1.
        shape: f64,
    },
    /// One of several, each as often as its weight says.
    Mixture {
        /// Weights, which need not add up to 1, and what they choose; no mixtures.
        parts: Vec<(f64, Latency)>,
    },
    /// Another one, and a constant on top.
    Shifted {
        /// What is added.
        by_ms: f64,
        /// To what.
        base: Box<Latency>,
    },
}

impl Latency {
    /// A delay in nanoseconds.
    pub(super) fn draw_ns(&self, random: &mut Random) -> u64 {
        // A NaN or a negative number becomes 0, what is too large the longest delay.
        (self.draw_ms(random) * NS_PER_MS).clamp(0.0, DELAY_NS_MAX) as u64
    }

    /// The same in milliseconds.
    pub(super) fn draw_ms(&self, random: &mut Random) -> f64 {
        self.quantile_ms(|| random.unit())
    }

    /// The delay, in milliseconds, that belongs to random numbers of (0, 1): one, or two for a mixture.
    pub fn quantile_ms(&self, mut unit: impl FnMut() -> f64) -> f64 {
        self.at(&mut unit)
    }

    fn at(&self, unit: &mut dyn FnMut() -> f64) -> f64 {
        match self {
            Latency::Constant { ms } => *ms,
            Latency::Uniform { min_ms, max_ms } => min_ms + (max_ms - min_ms) * unit(),
            Latency::Exponential { mean_ms } => -libm::log(unit()) * mean_ms,
            Latency::Pareto { scale_ms, shape } => scale_ms * libm::exp(-libm::log(unit()) / shape),
            Latency::Mixture { parts } => {
                let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
                let mut rest = unit() * total;
                for (weight, part) in parts {
                    if rest < *weight {
                        return part.at(unit);
                    }
                    rest -= weight;
                }
                parts.last().map_or(0.0, |(_, part)| part.at(unit))
            }
            Latency::Shifted { by_ms, base } => by_ms + base.at(unit),
        }
    }
}

/// Exponential with a mean of one millisecond.
impl Default for Latency {
    fn default() -> Self {
        Latency::Exponential { mean_ms: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::random::Purpose;
    use super::*;

    fn share_below(law: &Latency, ms: f64) -> f64 {
        let trials = 40_000;
        let mut random = Random::new(3, Purpose::Message, 0, 0);
        let below = (0..trials).filter(|_| (law.draw_ns(&mut random) as f64) < ms * NS_PER_MS).count();
        below as f64 / f64::from(trials)
    }

    #[test]
    fn laws_have_their_quantiles() {
        let exponential = Latency::Exponential { mean_ms: 4.0 };
        let pareto = Latency::Pareto { scale_ms: 0.235, shape: 10.0 };
        let uniform = Latency::Uniform { min_ms: 2.0, max_ms: 6.0 };
        let mixture = Latency::Mixture { parts: vec![(3.0, uniform.clone()), (1.0, Latency::Constant { ms: 9.0 })] };
        let shifted = Latency::Shifted { by_ms: 75.0, base: Box::new(uniform.clone()) };
        for (law, ms, expected) in [
            (&exponential, 4.0, 1.0 - (-1.0f64).exp()),
            (&exponential, 12.0, 1.0 - (-3.0f64).exp()),
            (&pareto, 0.3, 1.0 - (0.235f64 / 0.3).powi(10)),
            (&uniform, 3.0, 0.25),
            (&mixture, 4.0, 0.375),
            (&mixture, 8.0, 0.75),
            (&shifted, 78.0, 0.25),
            (&Latency::Constant { ms: 2.0 }, 2.1, 1.0),
        ] {
            let found = share_below(law, ms);
            // Five standard deviations of a share at most.
            assert!((found - expected).abs() < 5.0 * 0.5 / 200.0, "{law:?} below {ms}: {found}, not {expected}");
        }
    }

    #[test]
    fn extreme_laws_stay_in_range() {
        let mut random = Random::new(3, Purpose::Message, 0, 0);
        for law in [
            Latency::Pareto { scale_ms: 1e300, shape: 1e-300 },
            Latency::Constant { ms: f64::INFINITY },
            Latency::Constant { ms: -1.0 },
            Latency::Constant { ms: f64::NAN },
        ] {
            assert!(law.draw_ns(&mut random) as f64 <= DELAY_NS_MAX);
        }
    }
}
