//! The definition as text, in which comments say where each part comes from.

use std::fmt::Write as _;

use super::configuration::Configuration;
use super::draft::{Draft, Origin, Written};
use super::lines::LineNumbers;
use crate::model::visible;

/// Origins that one part shows; the others are counted.
const ORIGINS_SHOWN_MAX: usize = 64;

/// The definition; `file` is the name of what was read, `text` its content.
pub(super) fn written(kind: Configuration, file: &str, text: &str, name: &str, draft: &Draft) -> String {
    let numbers = LineNumbers::of(text);
    let mut out = String::new();
    comment(&mut out, &format!("Imported from {file}, which is {}.", kind.description()));
    comment(&mut out, "What stands behind # is where each part comes from.");
    for note in &draft.notes {
        comment(&mut out, &format!("Note: {note}"));
    }
    let _ = writeln!(out, "name = {}", quoted(name));
    let _ = writeln!(out, "description = {}\n", quoted(&format!("imported: {}", kind.description())));
    let _ = writeln!(out, "[system]\nfamily = {}", quoted(draft.family.unwrap_or("custom")));
    for entry in &draft.system {
        origins(&mut out, &numbers, &entry.origins);
        let value = match &entry.value {
            Written::Text(text) => quoted(text),
            Written::Plain(value) => value.clone(),
        };
        let _ = writeln!(out, "{} = {value}", entry.key);
    }
    for member in &draft.members {
        out.push_str("\n[[node]]\n");
        origins(&mut out, &numbers, std::slice::from_ref(&member.origin));
        let _ = writeln!(out, "name = {}", quoted(&member.name));
        if let Some(zone) = &member.zone {
            let _ = writeln!(out, "zone = {}", quoted(zone));
        }
        if let Some(set) = &member.quorum_set {
            let _ = writeln!(out, "quorum_set = {}", quoted(set));
        }
    }
    out
}

fn origins(out: &mut String, numbers: &LineNumbers, origins: &[Origin]) {
    for Origin { at, says } in origins.iter().take(ORIGINS_SHOWN_MAX) {
        comment(out, &format!("line {}: {says}", numbers.number(*at)));
    }
    let more = origins.len().saturating_sub(ORIGINS_SHOWN_MAX);
    if more > 0 {
        comment(out, &format!("and {more} more lines"));
    }
}

/// One comment, which ends with its line whatever it says.
fn comment(out: &mut String, text: &str) {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(out, "# {}", visible(&one_line));
}

/// Text in quotes.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.into()).to_string()
}
