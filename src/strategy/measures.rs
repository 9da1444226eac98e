//! What a strategy costs.

use super::program::demand::Demand;
use crate::model::{Formula, Kind, NodeSet, Pair, Strategy, System, Workload};

/// What a strategy costs beside its latency, which needs its quorums.
#[derive(Debug, Clone)]
pub(crate) struct Measures {
    /// The mean load of each node.
    pub(crate) node_load: Vec<f64>,
    /// The mean of the largest loads.
    pub(crate) mean_load: f64,
    /// The mean of 1 / largest load.
    pub(crate) mean_capacity: f64,
    /// The expected number of nodes contacted.
    pub(crate) network: f64,
}

impl Measures {
    /// From how often each node is used; what stands after the last node does not count.
    pub(crate) fn of(demand: &Demand<'_>, workload: &Workload, used: &Pair<Vec<f64>>) -> Self {
        let (scale, nodes) = (demand.scale(), demand.nodes());
        let loads = demand.node_loads(used);
        let each = || loads.iter().zip(demand.shares());
        let mean = |node: usize| each().map(|(loads, share)| loads[node] * share).sum::<f64>() * scale;
        let largest = |loads: &Vec<f64>| loads.iter().copied().fold(0.0, f64::max) * scale;
        let read_fraction = workload.mean_read_fraction();
        let size = |used: &Vec<f64>| compensated_sum(&used[..nodes.min(used.len())]);
        Measures {
            node_load: (0..nodes).map(mean).collect(),
            mean_load: each().map(|(loads, share)| share * largest(loads)).sum(),
            mean_capacity: each().map(|(loads, share)| share / largest(loads)).sum(),
            network: read_fraction * size(&used.reads) + (1.0 - read_fraction) * size(&used.writes),
        }
    }
}

/// The sum of the numbers; what each addition loses is added up too.
///
/// # Source
/// Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen, 1974.
fn compensated_sum(numbers: &[f64]) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for number in numbers {
        let next = sum + number;
        lost += if sum.abs() >= number.abs() { (sum - next) + number } else { (number - next) + sum };
        sum = next;
    }
    sum + lost
}

/// Expected time until the answers contain a quorum; `None` when a contacted node has no latency.
pub(crate) fn latency(system: &System, strategy: &Strategy, workload: &Workload) -> Option<f64> {
    let read_fraction = workload.mean_read_fraction();
    let mean = |kind: Kind| -> Option<f64> {
        let formula = system.formula(kind);
        strategy
            .of(kind)
            .iter()
            .map(|choice| Some(choice.probability * answer_time(system, formula, &choice.quorum)?))
            .sum()
    };
    Some(read_fraction * mean(Kind::Read)? + (1.0 - read_fraction) * mean(Kind::Write)?)
}

/// When the answers of these nodes first contain a quorum, in milliseconds.
fn answer_time(system: &System, formula: &Formula, quorum: &NodeSet) -> Option<f64> {
    let nodes = system.nodes();
    let mut answers = quorum
        .iter()
        .map(|node| nodes[node.index()].latency_ms.map(|latency| (latency.get(), node)))
        .collect::<Option<Vec<_>>>()?;
    answers.sort_by(|a, b| a.0.total_cmp(&b.0));
    // From the last answer backwards: as long as the quorum is complete without it, it was not waited for.
    let mut heard = quorum.clone();
    while let Some((time, node)) = answers.pop() {
        heard.remove(node);
        if !formula.holds(&heard) {
            return Some(time);
        }
    }
    Some(0.0)
}
