//! Answers as dictionaries of Python, with fractions as text.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use quorate::availability::FailureProbability;
use quorate::model::{Kind, System};
use quorate::strategy::Optimum;

/// A strategy: each quorum with its probability, as a fraction where that is known.
type Drawn = Vec<(Vec<String>, Option<f64>, Option<String>)>;

fn drawn(system: &System, optimum: &Optimum, kind: Kind) -> Option<Drawn> {
    let names = |set| system.names(set).map(str::to_owned).collect();
    if let Some(certificate) = optimum.certificate.as_ref().filter(|_| optimum.is_certified()) {
        let choices = certificate.strategy.of(kind).iter();
        return Some(
            choices.map(|choice| (names(&choice.quorum), None, Some(choice.probability.to_string()))).collect(),
        );
    }
    let choices = optimum.strategy.as_ref()?.of(kind).iter();
    Some(choices.map(|choice| (names(&choice.quorum), Some(choice.probability), None)).collect())
}

/// The best strategy and what it is worth.
pub(crate) fn optimum<'py>(py: Python<'py>, system: &System, optimum: &Optimum) -> PyResult<Bound<'py, PyDict>> {
    let found = PyDict::new(py);
    found.set_item("objective", optimum.objective.name())?;
    found.set_item("value", optimum.value())?;
    found.set_item("lower_bound", optimum.lower_bound)?;
    found.set_item("upper_bound", optimum.upper_bound)?;
    found.set_item("exact", optimum.exact.as_ref().filter(|_| optimum.is_certified()).map(ToString::to_string))?;
    found.set_item("method", optimum.method.name())?;
    found.set_item("load", optimum.load())?;
    found.set_item("capacity", optimum.mean_capacity)?;
    found.set_item("network", optimum.network)?;
    found.set_item("latency_ms", optimum.latency_ms)?;
    let nodes = system.nodes().iter().map(|node| node.name.as_str());
    found.set_item("node_load", nodes.zip(optimum.node_load.iter().copied()).collect::<Vec<_>>())?;
    found.set_item("reads", drawn(system, optimum, Kind::Read))?;
    found.set_item("writes", drawn(system, optimum, Kind::Write))?;
    Ok(found)
}

/// Failure probabilities, and how they are known.
pub(crate) fn failure<'py>(py: Python<'py>, answer: &FailureProbability) -> PyResult<Bound<'py, PyDict>> {
    let found = PyDict::new(py);
    for (name, value) in answer.named() {
        found.set_item(name, value.map(|value| (value.to_f64(), value.to_string())))?;
    }
    found.set_item("method", answer.method.name())?;
    let interval = answer.interval.map(|interval| (interval.lower, interval.upper));
    found.set_item("interval", interval)?;
    Ok(found)
}
