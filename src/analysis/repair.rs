//! Failure and repair over time: how often quorums are lost, for how long, and how soon for the first time.

use super::availability::{Failures, failure_probability, importance};
use super::{Method, Options};
use crate::budget::Exhausted;
use crate::circuit::{Compiled, Scaled};
use crate::model::{Formula, Gate, Kind, Node, Repair as NodeRepair};

/// Hours of a year of 365.25 days.
pub const HOURS_A_YEAR: f64 = 365.25 * 24.0;

/// Long-run behaviour of a system whose nodes fail and are repaired, each on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct RepairAnswer {
    /// Losses of quorum per hour in the long run: reads or writes become impossible.
    pub losses_per_hour: Scaled,
    /// The share of time in which reads or writes are impossible.
    pub unavailability: Scaled,
    /// Mean length of a stretch in which both are possible, in hours, in the long run.
    pub mean_up_hours: Option<Scaled>,
    /// Mean length of an outage, in hours.
    pub mean_down_hours: Option<Scaled>,
    /// Mean time from all nodes up to the first loss, in hours; only for a threshold over nodes that are all alike.
    pub mean_first_loss_hours: Option<Scaled>,
}

/// What repair makes of a system; `None` when not every node has both times, or when zones fail, whose times are not known.
///
/// Up times and repair times of a node are exponential with means `mttf_hours` and `mttr_hours`, independent of the other
/// nodes, so that it has failed with probability p = mttr / (mttf + mttr).
///
/// # Method
/// The system goes down when a node fails that is decisive at that moment, so the rate of losses is the sum over the nodes
/// of importance times (1 - p) / mttf: exact for every monotone system. An outage lasts unavailability / rate on the mean,
/// a stretch between outages availability / rate. The first loss of a threshold over equal nodes is the hitting time of a
/// birth-and-death chain, a sum of positive terms.
///
/// # Source
/// Barlow and Proschan, Statistical theory of reliability and life testing, 1975, chapter 7; Ross, On the calculation of
/// asymptotic system reliability characteristics, 1975.
///
/// # Errors
/// [`Exhausted`] when the importance does not fit the budget.
///
/// # Examples
/// ```
/// use quorate::analysis::repair::repair;
/// use quorate::budget::Budget;
/// use quorate::circuit::Compiled;
/// let text = b"name = 'one'\n[system]\nfamily = 'singleton'\nn = 1\n[nodes]\nmttf_hours = 999\nmttr_hours = 1\n";
/// let system = quorate::spec::read("one.toml", text)?;
/// let answer = repair(&Compiled::new(&system, Budget::default()))?.unwrap();
/// assert!((answer.mean_up_hours.unwrap().to_f64().unwrap() - 999.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn repair(compiled: &Compiled<'_>) -> Result<Option<RepairAnswer>, Exhausted> {
    let system = compiled.system();
    let times: Option<Vec<NodeRepair>> = system.nodes().iter().map(|node: &Node| node.repair).collect();
    let (Some(times), Some(failures)) = (times, Failures::of(system)) else { return Ok(None) };
    if system.zones().iter().any(|zone| zone.failure.get() > 0.0) {
        return Ok(None);
    }
    let each = importance(compiled, &failures)?;
    let rate = |(importance, time): (&Scaled, &NodeRepair)| {
        // (1 - p) / mttf = 1 / (mttf + mttr): how often the node fails in the long run.
        *importance / Scaled::from(time.mttf_hours.get() + time.mttr_hours.get())
    };
    let losses = each.iter().zip(&times).map(rate).fold(Scaled::ZERO, |sum, term| sum + term);
    let options = Options { method: Method::Exact, ..Options::default() };
    let (answer, exhausted) = failure_probability(compiled, &failures, &options);
    let fails = match (answer.system, exhausted) {
        (Some(fails), _) => fails,
        (None, Some(exhausted)) => return Err(exhausted),
        (None, None) => return Ok(None),
    };
    let works = Scaled::ONE.saturating_sub(fails);
    let per_loss = |share: Scaled| (losses != Scaled::ZERO).then(|| share / losses);
    Ok(Some(RepairAnswer {
        losses_per_hour: losses,
        unavailability: fails,
        mean_up_hours: per_loss(works),
        mean_down_hours: per_loss(fails),
        mean_first_loss_hours: first_loss(compiled, &times),
    }))
}

/// The mean time to the first loss for a threshold over nodes that are all alike.
///
/// With j nodes down, one more fails at rate (n - j) / mttf, and one comes back at rate j / mttr. The mean time t(j) from j
/// to j + 1 nodes down is (1 + j t(j - 1) / mttr) mttf / (n - j).
fn first_loss(compiled: &Compiled<'_>, times: &[NodeRepair]) -> Option<Scaled> {
    let alike = times.iter().all(|time| *time == times[0]);
    // The kind that needs more nodes is lost first.
    let needed = Kind::BOTH.map(|kind| threshold(compiled.system().formula(kind), times.len()));
    let needed = needed[0]?.max(needed[1]?);
    if !alike {
        return None;
    }
    let (mttf, mttr) = (Scaled::from(times[0].mttf_hours.get()), Scaled::from(times[0].mttr_hours.get()));
    let n = times.len();
    let (mut total, mut step) = (Scaled::ZERO, Scaled::ZERO);
    for down in 0..=n - needed {
        let back = Scaled::from(down as f64) * step / mttr;
        step = (Scaled::ONE + back) * mttf / Scaled::from((n - down) as f64);
        total = total + step;
    }
    Some(total)
}

/// k, when the formula is k of all n nodes.
fn threshold(formula: &Formula, n: usize) -> Option<usize> {
    match formula.gate(formula.root()) {
        Gate::Leaf(_) if n == 1 => Some(1),
        Gate::Threshold { k, children } if children.len() == n && formula.gate_count() == n + 1 => Some(k),
        _ => None,
    }
}
