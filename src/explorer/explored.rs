//! A history as a page carries it.

use super::bands::{self, Band};
use super::packed::packed;
use crate::checker::{Model, Report};
use crate::history::History;
use crate::report::{TimeUnit, file_name};

/// A history as a page carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explored {
    /// JSON in which nothing can be taken for the end of a script.
    pub(super) data: String,
}

impl Explored {
    /// A history with the answers about it; `model` is the one whose violations come first. Its bands are the times during
    /// which Jepsen's nemesis did damage.
    pub fn new(file: &str, history: &History, report: &Report, model: Model) -> Self {
        let bands = bands::of_nemesis(history.nemesis());
        Explored::with(file, history, (report, model), (TimeUnit::of(history), bands))
    }

    /// The same with other bands, and times in a unit that is known.
    pub fn with(file: &str, history: &History, (report, model): (&Report, Model), with: (TimeUnit, Vec<Band>)) -> Self {
        let packed = packed(&file_name(file), history, report, model, with);
        let json = serde_json::to_string(&packed).unwrap_or_default();
        // The signs stand in strings only.
        Explored { data: json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026") }
    }
}
