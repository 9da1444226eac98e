//! What Python cannot do by itself: systems and their single questions, and runs of the program in this process.
//!
//! The rest of the package is Python. Every call leaves the interpreter to others while it works, ends on Ctrl-C, and works on threads of
//! its own process, so that a fork is harmless (`calls.rs`).

mod answers;
mod arrow;
mod calls;
mod columns;
mod definition;
mod program;

use pyo3::prelude::*;

/// The part of quorate that is compiled.
#[pymodule]
mod _quorate {
    #[pymodule_export]
    use super::arrow::arrow_stream;
    #[pymodule_export]
    use super::definition::{Definition, nodes};
    #[pymodule_export]
    use super::program::{main, run, version};
}
