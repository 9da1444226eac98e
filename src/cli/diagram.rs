//! `--diagram`: a run in space and time, as a picture or a page.

use std::path::Path;

use super::error::Failure;
use super::files::Files;
use super::output::Output;
use crate::report::{self, DiagramFormat};
use crate::sim::SpaceTime;

/// A diagram that is wanted, and where it goes.
#[derive(Debug)]
pub(super) struct Diagram {
    output: Output,
    format: DiagramFormat,
}

impl Diagram {
    /// What a flag asks for, if it does: the ending of the name says what it is written as.
    pub(super) fn wanted(files: &mut Files, path: Option<&Path>) -> Result<Option<Diagram>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let ending = path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        let format = match ending.as_deref() {
            Some("svg") => DiagramFormat::Svg,
            Some("html" | "htm") => DiagramFormat::Html,
            _ => return Err(Failure::DiagramFormat { path: path.to_path_buf() }),
        };
        Ok(Some(Diagram { output: files.output("--diagram", path)?, format }))
    }

    /// Draws a run.
    pub(super) fn write(self, run: &SpaceTime, title: &str, caption: &str) -> Result<(), Failure> {
        self.output.write(&report::diagram(run, (title, caption), self.format))
    }
}
