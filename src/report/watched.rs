//! What is said of the invariants of a run.

use super::json::missing;
use super::page::Block;
use crate::sim::Run;

/// What ran.
pub(super) fn title(protocol: &str, is_watched: bool) -> String {
    if is_watched { format!("key-value store by {protocol}") } else { format!("{protocol} register") }
}

/// What people read about them.
pub(super) fn blocks(run: &Run, is_watched: bool) -> Vec<Block> {
    if !is_watched {
        return Vec::new();
    }
    let said = match &run.broken {
        Some(broken) => format!("Broken: {}. {}; the run ends there.", broken.invariant, upper(&broken.explanation)),
        None if run.cut_off.is_some() => "All held at every step until the run was ended.".into(),
        None => "All held at every step, and after the faults every client was answered.".into(),
    };
    vec![Block::Heading("Invariants".into()), Block::Paragraph(said)]
}

/// The same with a capital.
fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Why there is no broken invariant.
pub(super) fn missing(run: &Run, is_watched: bool) -> Vec<String> {
    let why = if is_watched { "every invariant held at every step" } else { "a register has none but its history" };
    run.broken.is_none().then(|| missing::null(&["invariant", "invariant_explanation"], why)).into_iter().collect()
}
