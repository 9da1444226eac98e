//! Runs of the program: in this process for Python, and as the program itself.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use quorate::cli::{Called, Given, Mistake};

use crate::calls;

/// File, line, column, message and help.
type Told = (Option<String>, Option<usize>, Option<usize>, String, Option<String>);

/// Exit status, standard output, standard error, and what was wrong.
type Ran<'py> = (u8, Bound<'py, PyBytes>, String, Vec<Told>);

/// The version of the program.
#[pyfunction]
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

pub(crate) fn told(mistake: Mistake) -> Told {
    (mistake.file, mistake.line, mistake.column, mistake.message, mistake.help)
}

/// Runs the program with these arguments in this process; `files` stand in the place of those of their path, and `-` is standard input. It is given
/// up when `stop`, which is called now and then, raises something.
#[pyfunction]
#[pyo3(signature = (words, files, stop=None))]
pub(crate) fn run<'py>(
    py: Python<'py>,
    words: Vec<String>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    stop: Option<&Bound<'py, PyAny>>,
) -> PyResult<Ran<'py>> {
    let files = Arc::new(files);
    let work = move || {
        let given: Given = files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
        quorate::cli::call(&words, given)
    };
    let Called { status, output, said, mistakes } = calls::call_until(py, stop, work)?;
    Ok((status, PyBytes::new(py, &output), said, mistakes.into_iter().map(told).collect()))
}

/// The program itself, with its name and arguments: its streams and signals are those of the process.
#[pyfunction]
pub(crate) fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| quorate::cli::started(arguments))
}
