//! A system with its answers.

use crate::analysis::Analysis;
use crate::model::System;

/// A system, where its definition was read from, and the answers about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysed {
    /// The path as it was given; `-` for standard input.
    pub file: String,
    /// The system.
    pub system: System,
    /// The answers.
    pub analysis: Analysis,
}
