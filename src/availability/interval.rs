//! Confidence intervals for the probability behind a count of failures.

use statrs::function::gamma::ln_gamma;

/// The interval of Clopper and Pearson for `failures` among `trials`: it never covers less often than `confidence`.
///
/// Its ends are the p at which as many failures or more, and as few or fewer, have probability (1 - confidence) / 2.
///
/// # Source
/// Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial, 1934.
///
/// # Method
/// Bisection on exact binomial tails; a tail is summed term by term from its largest term outwards.
///
/// # Complexity
/// O(sqrt(trials)) terms for each of about 100 tails.
///
/// # Examples
/// ```
/// use quorate::availability::clopper_pearson;
/// let (lower, upper) = clopper_pearson(0, 1000, 0.95);
/// assert_eq!(lower, 0.0);
/// assert!((upper - (1.0 - 0.025f64.powf(1e-3))).abs() < 1e-12);
/// ```
pub fn clopper_pearson(failures: u64, trials: u64, confidence: f64) -> (f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let lower = match failures {
        0 => 0.0,
        _ => bisect(|p| at_least(failures, trials, p) < tail),
    };
    let upper = match failures {
        all if all == trials => 1.0,
        _ => 1.0 - bisect(|q| at_least(trials - failures, trials, q) < tail),
    };
    (lower, upper)
}

/// The p at which `below` turns false, for a condition that holds for small p only.
fn bisect(below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0f64, 1.0f64);
    // Geometric steps while the bracket spans orders of magnitude, arithmetic ones after that.
    for _ in 0..200 {
        let middle = if low > 0.0 && high > 4.0 * low { (low * high).sqrt() } else { low / 2.0 + high / 2.0 };
        let middle = if low == 0.0 && high > 1e-300 { high / 16.0 } else { middle };
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { low = middle } else { high = middle }
    }
    low / 2.0 + high / 2.0
}

/// P(Bin(n, p) >= k), for k >= 1.
fn at_least(k: u64, n: u64, p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return if p <= 0.0 { 0.0 } else { 1.0 };
    }
    let mean = n as f64 * p;
    if (k as f64) > mean { sum_upwards(k, n, p) } else { 1.0 - sum_upwards(n - k + 1, n, 1.0 - p) }
}

/// P(Bin(n, p) >= k) for k above the mean: the terms fall from the first one on.
fn sum_upwards(k: u64, n: u64, p: f64) -> f64 {
    let odds = p / (1.0 - p);
    let (mut sum, mut term, mut i) = (0.0, 1.0, k);
    while i <= n && term > sum * 1e-17 {
        sum += term;
        term *= (n - i) as f64 / (i + 1) as f64 * odds;
        i += 1;
    }
    exactly(k, n, p) * sum
}

/// P(Bin(n, p) = k), to nearly full precision for every n.
///
/// # Source
/// Loader, Fast and accurate computation of binomial probabilities, 2000: Stirling's formula for all three factorials,
/// with their errors, so that nothing large cancels.
fn exactly(k: u64, n: u64, p: f64) -> f64 {
    let (k_, n_, left) = (k as f64, n as f64, (n - k) as f64);
    if k == n {
        return (n_ * p.ln()).exp();
    }
    if k == 0 {
        return (n_ * (-p).ln_1p()).exp();
    }
    let exponent = stirling_error(n_)
        - stirling_error(k_)
        - stirling_error(left)
        - deviance(k_, n_ * p)
        - deviance(left, n_ * (1.0 - p));
    (n_ / (std::f64::consts::TAU * k_ * left)).sqrt() * exponent.exp()
}

/// ln n! less Stirling's formula for it.
fn stirling_error(n: f64) -> f64 {
    if n <= 16.0 {
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * std::f64::consts::TAU.ln();
    }
    let square = n * n;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0) / square) / square) / square) / n
}

/// x ln(x / mean) + mean - x, also where both are nearly the same.
fn deviance(x: f64, mean: f64) -> f64 {
    let v = (x - mean) / (x + mean);
    if v.abs() >= 0.1 {
        return x * (x / mean).ln() + mean - x;
    }
    // ln(x / mean) = 2 (v + v^3 / 3 + v^5 / 5 + ...).
    let (mut sum, mut power, mut j) = ((x - mean) * v, 2.0 * x * v, 3.0);
    loop {
        power *= v * v;
        let next = sum + power / j;
        if next == sum {
            return sum;
        }
        (sum, j) = (next, j + 2.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_intervals() {
        // Exact values of the beta quantiles, from tables of the binomial distribution.
        for (failures, trials, lower, upper) in
            [(1, 10, 0.002_528_579, 0.445_016_1), (5, 10, 0.187_086_0, 0.812_914_0), (10, 10, 0.691_502_9, 1.0)]
        {
            let (low, high) = clopper_pearson(failures, trials, 0.95);
            assert!((low - lower).abs() < 1e-6 && (high - upper).abs() < 1e-6, "{failures}/{trials}: {low} {high}");
        }
    }

    #[test]
    fn ends_solve_their_equations() {
        for (failures, trials) in [(3u64, 1_000_000u64), (500_000, 1_000_000), (999_999, 1_000_000), (2, 1_000_000_000)]
        {
            let (low, high) = clopper_pearson(failures, trials, 0.99);
            assert!(low < failures as f64 / trials as f64 && high > failures as f64 / trials as f64);
            assert!((at_least(failures, trials, low) / 0.005 - 1.0).abs() < 1e-6);
            assert!(((1.0 - at_least(failures + 1, trials, high)) / 0.005 - 1.0).abs() < 1e-6);
        }
    }

    /// Over all samples that there can be, and not only over some seeds; next to an end is where coverage is lowest.
    #[test]
    fn coverage_is_never_less_than_the_confidence() {
        for (trials, confidence) in [(1u64, 0.95), (7, 0.95), (40, 0.95), (40, 0.8), (150, 0.99)] {
            let intervals: Vec<(f64, f64)> = (0..=trials).map(|k| clopper_pearson(k, trials, confidence)).collect();
            let beside = intervals.iter().flat_map(|(low, high)| [low - 1e-9, low + 1e-9, high - 1e-9, high + 1e-9]);
            let grid = (1..200).map(|i| f64::from(i) / 200.0);
            let mut lowest = 1.0f64;
            for p in beside.chain(grid).filter(|p| *p > 0.0 && *p < 1.0) {
                let covering = (0..=trials).zip(&intervals).filter(|(_, (low, high))| *low <= p && p <= *high);
                lowest = lowest.min(covering.map(|(k, _)| exactly(k, trials, p)).sum());
            }
            assert!(lowest >= confidence - 1e-9, "{trials} trials: {lowest}");
            // Not wastefully wide either.
            assert!(lowest < confidence + (1.0 - confidence) * 0.6 || trials < 40, "{trials} trials: {lowest}");
        }
    }

    #[test]
    fn huge_samples_lose_no_digits() {
        // Rare among very many: the count is Poisson, and P(0 or 1 | mean 5) = 6 e^-5.
        let n = 1u64 << 50;
        let p = 5.0 / n as f64;
        assert!((1.0 - at_least(2, n, p) - 6.0 * (-5.0f64).exp()).abs() < 1e-12);
        assert!((exactly(3, n, p) / (125.0 / 6.0 * (-5.0f64).exp()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn tails_agree_with_direct_sums() {
        for (n, p) in [(30u64, 0.3f64), (50, 0.01), (7, 0.9)] {
            for k in 1..=n {
                let term = |i: u64| {
                    (0..i).fold(1.0, |c, j| c * (n - j) as f64 / (j + 1) as f64)
                        * p.powi(i as i32)
                        * (1.0 - p).powi((n - i) as i32)
                };
                let direct: f64 = (k..=n).map(term).sum();
                assert!((at_least(k, n, p) - direct).abs() < 1e-12, "n={n} p={p} k={k}");
            }
        }
    }
}
