//! How soon after a write do partial quorums read it? Predicted by the published model, without running a register.

use rayon::prelude::*;

use crate::analysis::staleness::PartialQuorums;
use crate::sim::{Latency, Purpose, Random};

/// How long the four messages of a write and a read take, at every replica alike and independently.
#[derive(Debug, Clone, PartialEq)]
pub struct Delays {
    /// W: from the writer to a replica.
    pub write: Latency,
    /// A: the acknowledgement.
    pub acknowledgement: Latency,
    /// R: from the reader to a replica.
    pub read: Latency,
    /// S: the answer.
    pub answer: Latency,
}

/// A share of a Pareto law, the rest an exponential one with this rate.
fn mixture(pareto: f64, scale_ms: f64, shape: f64, rate: f64) -> Latency {
    let parts = vec![
        (pareto, Latency::Pareto { scale_ms, shape }),
        (1.0 - pareto, Latency::Exponential { mean_ms: 1.0 / rate }),
    ];
    Latency::Mixture { parts }
}

impl Delays {
    /// LinkedIn's store on solid-state disks.
    pub fn lnkd_ssd() -> Self {
        let law = mixture(0.9122, 0.235, 10.0, 1.66);
        Delays { write: law.clone(), acknowledgement: law.clone(), read: law.clone(), answer: law }
    }

    /// LinkedIn's store on spinning disks, which delay writes.
    pub fn lnkd_disk() -> Self {
        Delays { write: mixture(0.38, 1.05, 1.51, 0.183), ..Delays::lnkd_ssd() }
    }

    /// Yammer's store.
    pub fn ymmr() -> Self {
        let law = mixture(0.982, 1.5, 3.8, 0.0217);
        Delays {
            write: mixture(0.939, 3.0, 3.35, 0.0028),
            acknowledgement: law.clone(),
            read: law.clone(),
            answer: law,
        }
    }
}

/// One write followed by one read of each age: which of the reads saw it?
#[derive(Debug)]
struct Trial {
    /// For each replica when the write arrives, after its start.
    arrivals: Vec<f64>,
    /// When the writer had W acknowledgements.
    acknowledged: f64,
    /// When the read reaches each of the first R replicas to answer, after its start.
    reached: Vec<(usize, f64)>,
}

impl Trial {
    fn draw(sizes: PartialQuorums, delays: &Delays, random: &mut Random) -> Trial {
        let PartialQuorums { nodes, read, write } = sizes;
        let mut draw = |law: &Latency| law.quantile_ms(|| random.unit());
        let arrivals: Vec<f64> = (0..nodes).map(|_| draw(&delays.write)).collect();
        let mut acknowledgements: Vec<f64> =
            arrivals.iter().map(|arrival| arrival + draw(&delays.acknowledgement)).collect();
        acknowledgements.sort_by(f64::total_cmp);
        let mut answers: Vec<(f64, usize, f64)> = (0..nodes)
            .map(|replica| {
                let reached = draw(&delays.read);
                (reached + draw(&delays.answer), replica, reached)
            })
            .collect();
        answers.sort_by(|a, b| a.0.total_cmp(&b.0));
        let reached = answers[..read].iter().map(|(_, replica, reached)| (*replica, *reached)).collect();
        Trial { arrivals, acknowledged: acknowledgements[write - 1], reached }
    }

    /// Whether a read that starts so long after the acknowledgement returns the write.
    fn is_fresh(&self, age_ms: f64) -> bool {
        self.reached.iter().any(|(replica, reached)| self.acknowledged + age_ms + reached >= self.arrivals[*replica])
    }
}

/// How many of `trials` reads that start `age_ms` after a write was acknowledged return it.
///
/// Replica i of the first R to answer is fresh iff its write arrived before the read did: w + t + R_i >= W_i, where w is
/// the W-th smallest W_i + A_i.
///
/// # Source
/// Bailis, Venkataraman, Franklin, Hellerstein and Stoica, Probabilistically bounded staleness for practical partial quorums, VLDB
/// 2012, section 5.
pub fn fresh_reads(sizes: PartialQuorums, delays: &Delays, age_ms: f64, trials: u64, seed: u64) -> u64 {
    let fresh = |number: u64| {
        let mut random = Random::new(seed, Purpose::Delay, 0, number);
        u64::from(Trial::draw(sizes, delays, &mut random).is_fresh(age_ms))
    };
    (0..trials).into_par_iter().map(fresh).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIALS: u64 = 60_000;

    fn share(read: usize, write: usize, delays: &Delays, age_ms: f64) -> f64 {
        let sizes = PartialQuorums { nodes: 3, read, write };
        fresh_reads(sizes, delays, age_ms, TRIALS, 1) as f64 / TRIALS as f64
    }

    /// The share of consistent reads right after a write, and the time until it is 99.9 %, within what the published table
    /// is reproduced by its own model.
    #[test]
    fn published_table() {
        let text = include_str!("../../tests/golden/pbs.json");
        let table: serde_json::Value = serde_json::from_str(text).unwrap();
        for row in table["rows"].as_array().unwrap() {
            let delays = match row["model"].as_str().unwrap() {
                "LNKD-SSD" => Delays::lnkd_ssd(),
                "LNKD-DISK" => Delays::lnkd_disk(),
                _ => Delays::ymmr(),
            };
            let number = |key: &str| row[key].as_f64().unwrap();
            let (read, write) = (number("R") as usize, number("W") as usize);
            let at_once = share(read, write, &delays, 0.0);
            assert!((at_once - number("p_consistent_t0")).abs() < 0.01, "{row}: {at_once}");
            // At the published time the model is just short of 99.9 %.
            let late = share(read, write, &delays, number("t_pub"));
            assert!((late - 0.999).abs() < 0.001, "{row}: {late}");
        }
    }

    #[test]
    fn quorums_that_meet_are_always_fresh() {
        for (read, write) in [(2, 2), (1, 3), (3, 1)] {
            assert_eq!(share(read, write, &Delays::lnkd_disk(), 0.0), 1.0);
        }
    }
}
