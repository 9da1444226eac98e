//! How many sets of live nodes of each size have quorums.

use super::super::Analysed;
use super::super::number::{fraction, gave_up, quantity, whole};
use super::super::page::{Block, Cell, Table};
use crate::availability::{AvailabilityPolynomial, Event};
use crate::report::names::{self, counted};

/// Nodes of a system whose counts are all shown.
const NODES_MAX: usize = 40;

/// The counts, the smallest transversals and the failure probabilities as fractions; nothing where nobody asked.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let Some(polynomial) = &analysed.analysis.reliability.polynomial else { return Vec::new() };
    let mut blocks = vec![Block::Heading("Availability polynomial".into())];
    let polynomial = match polynomial {
        Ok(polynomial) => polynomial,
        Err(exhausted) => {
            blocks.push(Block::Paragraph(format!("Not computed: {}.", gave_up(*exhausted))));
            return blocks;
        }
    };
    let events: &[(Event, &'static str)] = if names::is_symmetric(&analysed.system) {
        &[(Event::System, "no quorum")]
    } else {
        &[(Event::Read, "no read"), (Event::Write, "no write"), (Event::System, "not both"), (Event::Total, "neither")]
    };
    if polynomial.nodes() <= NODES_MAX {
        blocks.push(counts(polynomial, events));
    }
    let mut sentences = vec![
        "F(p) = sum of d_k (1 - p)^k p^(n - k) over k live nodes, d_k as counted (exact; zones left out).".to_owned(),
    ];
    for (event, name) in events {
        if let Some((dead, ways)) = polynomial.smallest_transversals(*event) {
            let sets = whole(ways.clone());
            sentences.push(format!("{name}: first with {} dead, in {sets} ways.", counted(dead, "node")));
        }
    }
    sentences.extend(fractions(analysed, polynomial, events));
    blocks.push(Block::Bullets(sentences));
    blocks
}

fn counts(polynomial: &AvailabilityPolynomial, events: &[(Event, &'static str)]) -> Block {
    let mut header = vec!["live nodes"];
    header.extend(events.iter().map(|(_, name)| *name));
    let row = |live: usize| {
        let counts = events.iter().map(|(event, _)| Cell::new(whole(polynomial.failing(*event)[live].clone())));
        std::iter::once(Cell::new(whole(live))).chain(counts).collect()
    };
    let rows = (0..=polynomial.nodes()).map(row).collect();
    Block::Table(Table { numeric: vec![true; header.len()], header, header_shown: true, rows })
}

/// The failure probabilities that were asked for, where the fractions are short enough to read.
fn fractions(
    analysed: &Analysed,
    polynomial: &AvailabilityPolynomial,
    events: &[(Event, &'static str)],
) -> Vec<String> {
    // The counts are over nodes: zones that fail have no part in them.
    let zones_fail = analysed.system.zones().iter().any(|zone| zone.failure.get() > 0.0);
    let mut sentences = Vec::new();
    for answer in &analysed.analysis.failure_probability {
        let Some(p) = answer.node_failure_probability.filter(|_| !zones_fail) else { continue };
        for (event, name) in events {
            if let Some(exact) = fraction(&polynomial.at(*event, &p.exact())) {
                sentences.push(format!("{name} at node p {}: exactly {exact}.", quantity(p.get())));
            }
        }
    }
    sentences
}
