//! What a person is told about a system, section by section, before it is text or Markdown.

mod client_strategies;
mod clients;
mod dynamic;
mod failure;
mod federated;
mod front;
mod load;
mod operators;
mod polynomial;
mod probes;
mod protocols;
mod quorums;
mod repair;
mod ring;
mod zones;

use super::listing;
use super::names::{self, counted};
use super::notes::notes_where;
use super::page::Block;
use super::summary::summary;
use super::{Analysed, View};
use crate::analysis::notes::Note;

/// The page about one system.
pub(super) fn page(analysed: &Analysed, view: View) -> Vec<Block> {
    let system = &analysed.system;
    let mut page = header(analysed);
    page.extend(operators::section(analysed));
    page.push(Block::Summary(summary(analysed)));
    page.extend(quorums::intersection(analysed));
    page.extend(quorums::minimal(analysed));
    page.extend(quorums::listing(analysed));
    page.extend(quorums::resilience(analysed));
    page.extend(federated::section(analysed));
    page.extend(zones::section(analysed));
    page.extend(zones::operations(analysed));
    page.extend(clients::section(analysed));
    page.extend(probes::section(analysed));
    page.extend(quorums::domination(analysed));
    page.extend(client_strategies::section(analysed, view));
    for answer in &analysed.analysis.optimum {
        page.extend(load::section(system, answer, view));
    }
    for front in &analysed.analysis.fronts {
        page.extend(front::section(system, front));
    }
    page.extend(failure::section(analysed));
    page.extend(ring::section(analysed));
    page.extend(repair::section(analysed));
    page.extend(dynamic::section(analysed));
    page.extend(polynomial::section(analysed));
    // The set that could be added stands in its section already.
    let notes = notes_where(analysed, |note| !matches!(note, Note::Dominated { .. }));
    let notes: Vec<String> = notes.iter().map(|note| names::plain(note).into_owned()).collect();
    if !notes.is_empty() {
        page.push(Block::Heading("Notes".into()));
        page.push(Block::Bullets(notes));
    }
    page
}

fn header(analysed: &Analysed) -> Vec<Block> {
    let Analysed { file, system, .. } = analysed;
    let about = system.about();
    let mut facts = vec![format!("family {}", names::plain(&about.family)), counted(system.nodes().len(), "node")];
    if !system.zones().is_empty() {
        facts.push(counted(system.zones().len(), "zone"));
    }
    facts.push(names::file(file).into_owned());
    let mut blocks = vec![Block::Title(listing::title(system))];
    if about.failed.len() > super::listing::NAMES_MAX {
        let names = about.failed.iter().map(|name| names::name(name)).collect::<Vec<_>>().join(", ");
        blocks.push(Block::Paragraph(format!("Failed: {names}.")));
    }
    if let Some(description) = &about.description {
        let one_line = description.split_whitespace().collect::<Vec<_>>().join(" ");
        blocks.push(Block::Paragraph(names::plain(&one_line).into_owned()));
    }
    blocks.push(Block::Paragraph(facts.join(", ")));
    blocks
}

mod kinds;

use kinds::kinds;

#[cfg(test)]
mod tests;
