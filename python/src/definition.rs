//! A definition that was read, and what is asked of its system alone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::model::{Fraction, Kind, Node, NodeId, NodeSet, Probability, System, Weight, Workload, Zone};
use quorate::spec::{self, BesideFile, Diagnostics, ImportOptions};
use quorate::strategy::objective::{Limits, Objective};
use quorate::structure::minimal_quorums::minimal_quorums;
use quorate::structure::resilience::resilience;

use crate::answers;
use crate::calls;

/// A definition: its text, the system that it describes, and the files that it names.
#[pyclass(frozen, module = "quorate._quorate")]
pub(crate) struct Definition {
    system: Arc<System>,
    file: String,
    text: Vec<u8>,
    beside: BTreeMap<String, Vec<u8>>,
}

/// File, line, column, message and help of each error.
fn raise(py: Python<'_>, diagnostics: &Diagnostics) -> PyErr {
    let told: Vec<_> = diagnostics
        .iter()
        .map(|one| (diagnostics.file().to_owned(), one.line(), one.column(), one.message.clone(), one.help.clone()))
        .collect();
    let raised = py
        .import("quorate.errors")
        .and_then(|errors| errors.getattr("DefinitionError")?.call1((diagnostics.to_string(), told)));
    raised.map_or_else(|error| error, PyErr::from_value)
}

fn refused(reason: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(reason.to_string())
}

fn no_strategy(py: Python<'_>, message: &str) -> PyErr {
    let raised =
        py.import("quorate.errors").and_then(|errors| errors.getattr("NoStrategyFoundError")?.call1((message,)));
    raised.map_or_else(|error| error, PyErr::from_value)
}

fn kind(name: &str) -> PyResult<Kind> {
    match name {
        "read" => Ok(Kind::Read),
        "write" => Ok(Kind::Write),
        _ => Err(refused("a kind of quorums is \"read\" or \"write\"")),
    }
}

/// A distribution of read fractions with weights.
fn workload(shares: Vec<(f64, f64)>) -> PyResult<Workload> {
    let share =
        |(fraction, weight)| Ok((Fraction::new(fraction).map_err(refused)?, Weight::new(weight).map_err(refused)?));
    let shares = shares.into_iter().map(share).collect::<PyResult<Vec<_>>>()?;
    Workload::distribution(&shares).ok_or_else(|| refused("a distribution of read fractions needs one with a weight"))
}

fn described<'py>(py: Python<'py>, nodes: &[Node], zones: &[Zone]) -> PyResult<Bound<'py, PyList>> {
    let found = PyList::empty(py);
    for node in nodes {
        let one = PyDict::new(py);
        one.set_item("name", &node.name)?;
        one.set_item("has_capacity", node.has_capacity())?;
        one.set_item("read_capacity", node.read_capacity.get())?;
        one.set_item("write_capacity", node.write_capacity.get())?;
        one.set_item("latency_ms", node.latency_ms.map(|latency| latency.get()))?;
        one.set_item("failure_probability", node.failure.map(Probability::get))?;
        one.set_item("zones", node.zones().map(|zone| zones[zone.index()].name.clone()).collect::<Vec<_>>())?;
        found.append(one)?;
    }
    Ok(found)
}

/// The nodes that a definition without quorums describes, as [`Definition::nodes`].
#[pyfunction]
pub(crate) fn nodes<'py>(py: Python<'py>, text: Vec<u8>, file: &str) -> PyResult<Bound<'py, PyList>> {
    let read = spec::read_nodes(file, &text).map_err(|diagnostics| raise(py, &diagnostics))?;
    described(py, &read.nodes, &read.zones)
}

#[pymethods]
impl Definition {
    /// The definition in `text`, called `file`; files that it names are those of `beside`, or stand relative to `file`.
    #[new]
    #[pyo3(signature = (text, file, beside=None))]
    fn new(py: Python<'_>, text: Vec<u8>, file: String, beside: Option<BTreeMap<String, Vec<u8>>>) -> PyResult<Self> {
        let found = RefCell::new(beside.clone().unwrap_or_default());
        let folder = Path::new(&file).parent().unwrap_or(Path::new("")).to_path_buf();
        let open = |path: &str| {
            let place = folder.join(path).display().to_string();
            let known = found.borrow().get(&place).cloned();
            let bytes = match (known, &beside) {
                (Some(bytes), _) => bytes,
                (None, Some(_)) => return Err(String::from("it was not handed over with the definition")),
                (None, None) => std::fs::read(&place).map_err(|reason| reason.to_string())?,
            };
            found.borrow_mut().insert(place.clone(), bytes.clone());
            Ok(BesideFile { file: place, bytes })
        };
        let read = spec::read_or_import_beside(&file, &text, &ImportOptions::default(), &open);
        let (system, _) = read.map_err(|diagnostics| raise(py, &diagnostics))?;
        Ok(Definition { system: Arc::new(system), file, text, beside: found.into_inner() })
    }

    /// What it is called in answers.
    #[getter]
    fn file(&self) -> &str {
        &self.file
    }

    /// The text.
    #[getter]
    fn text(&self) -> &[u8] {
        &self.text
    }

    /// The files that it names, by path.
    #[getter]
    fn beside(&self) -> BTreeMap<String, Vec<u8>> {
        self.beside.clone()
    }

    /// The name of the system.
    #[getter]
    fn name(&self) -> &str {
        &self.system.about().name
    }

    /// One sentence about it.
    #[getter]
    fn description(&self) -> Option<&str> {
        self.system.about().description.as_deref()
    }

    /// Where its quorums come from.
    #[getter]
    fn family(&self) -> &str {
        &self.system.about().family
    }

    /// The read fractions of the workload, with their weights.
    #[getter]
    fn workload(&self) -> Vec<(f64, f64)> {
        let shares = self.system.workload().shares().iter();
        shares.map(|share| (share.read_fraction.get(), share.given_weight.get())).collect()
    }

    /// The nodes, each with its name, capacities, latency, failure probability and zones.
    fn nodes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        described(py, self.system.nodes(), self.system.zones())
    }

    /// Whether the nodes of these names contain a quorum of a kind.
    fn is_quorum(&self, kind_name: &str, names: Vec<String>) -> PyResult<bool> {
        let kind = kind(kind_name)?;
        let number = |name: &String| self.system.nodes().iter().position(|node| node.name == *name);
        let set = names
            .iter()
            .map(|name| number(name).map(NodeId::new).ok_or_else(|| refused(format!("no node is called {name:?}"))));
        let set = set.collect::<PyResult<NodeSet>>()?;
        Ok(self.system.has_quorum(kind) && self.system.formula(kind).holds(&set))
    }

    /// Up to so many minimal quorums of a kind, and whether these are all.
    fn quorums(&self, py: Python<'_>, kind_name: &str, most: usize) -> PyResult<(Vec<Vec<String>>, bool)> {
        let (kind, system) = (kind(kind_name)?, Arc::clone(&self.system));
        let listed = calls::call(py, move || {
            let compiled = Compiled::new(&system, Budget::default());
            minimal_quorums(&compiled, kind, &resilience(&compiled, kind), Some(most)).listing
        })?;
        let names = |set: &NodeSet| self.system.names(set).map(str::to_owned).collect();
        let listed = listed.ok_or_else(|| refused("the quorums are too many to list within the limits"))?;
        Ok((listed.quorums.iter().map(names).collect(), listed.complete))
    }

    /// Whether every read quorum meets every write quorum; absent where that is not settled within the limits.
    fn meets(&self, py: Python<'_>) -> PyResult<Option<bool>> {
        let system = Arc::clone(&self.system);
        calls::call(py, move || system.intersections().read_write.verdict.known())
    }

    /// How many nodes may fail, whichever they are, for reads and for writes.
    fn resilience(&self, py: Python<'_>) -> PyResult<(Option<usize>, Option<usize>)> {
        let system = Arc::clone(&self.system);
        let both = calls::call(py, move || system.resilience())?;
        Ok((both.reads.value(), both.writes.value()))
    }

    /// How probable it is that quorums are missing, when every node fails with this probability; as a dictionary.
    fn failure_probability<'py>(&self, py: Python<'py>, node: f64) -> PyResult<Bound<'py, PyDict>> {
        let (system, node) = (Arc::clone(&self.system), Probability::new(node).map_err(refused)?);
        let answer = calls::call(py, move || system.failure_probability(node))?;
        answers::failure(py, &answer)
    }

    /// The best strategy for an objective within limits, as a dictionary.
    #[pyo3(signature = (objective, shares, limits, survive))]
    #[expect(clippy::too_many_arguments, reason = "in Python they have names")]
    fn best<'py>(
        &self,
        py: Python<'py>,
        objective: &str,
        shares: Option<Vec<(f64, f64)>>,
        limits: (Option<f64>, Option<f64>, Option<f64>),
        survive: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let known = Objective::ALL.into_iter().find(|known| known.name() == objective);
        let objective = known.ok_or_else(|| refused("an objective is load, network or latency"))?;
        let (load, network, latency_ms) = limits;
        let limits = Limits { load, network, latency_ms, survive, ..Limits::default() };
        let workload = shares.map_or_else(|| Ok(self.system.workload().clone()), workload)?;
        let system = Arc::clone(&self.system);
        let found = calls::call(py, move || {
            quorate::strategy::best(&Compiled::new(&system, Budget::default()), &workload, (objective, &limits), true)
        })?;
        let optimum = found.map_err(|none| no_strategy(py, &quorate::report::no_strategy(&self.system, &none)))?;
        answers::optimum(py, &self.system, &optimum)
    }
}
