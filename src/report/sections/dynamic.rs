//! Votes that are given anew after each failure: how many failures one after another.

use super::super::Analysed;
use super::super::names;
use super::super::number::{MISSING, long};
use super::super::page::{Block, Cell, Table};
use crate::availability::{DynamicAnswer, Survived};
use crate::budget::Exhausted;
use crate::model::System;

/// Components that an order shows.
const SHOWN_MAX: usize = 12;

/// The table and its orders; nothing where votes stay as they are.
pub(super) fn section(analysed: &Analysed) -> Vec<Block> {
    let Some(answer) = &analysed.analysis.reliability.dynamic else { return Vec::new() };
    let mut blocks = vec![Block::Heading("Votes given anew after each failure".into())];
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            blocks.push(Block::Paragraph(format!("Not computed: {error}.")));
            return blocks;
        }
    };
    let system = &analysed.system;
    let kinds = [("nodes", Some(&answer.nodes)), ("zones", answer.zones.as_ref())];
    let kinds: Vec<_> = kinds.into_iter().filter_map(|(kind, found)| Some((kind, found?))).collect();
    let rows = kinds.iter().map(|(kind, found)| {
        let found = known(found);
        let shown = |of: fn(&Survived) -> usize| Cell::new(found.map_or(MISSING.into(), |it| of(it).to_string()));
        vec![Cell::new(*kind), shown(|it| it.at_once), shown(|it| it.any_order), shown(|it| it.best_order)]
    });
    blocks.push(Block::Table(Table {
        header: vec!["survives failures of", "at once", "in any order", "in the best order"],
        header_shown: true,
        numeric: vec![false, true, true, true],
        rows: rows.collect(),
    }));
    let mut bullets = vec![format!("The rule is {}: {}.", answer.rule.name(), answer.rule.source())];
    for (kind, found) in &kinds {
        match known(found) {
            Some(found) => bullets.extend(orders(system, found)),
            None if found.is_err() => {
                bullets.push(format!("Failures of {kind}: too many states to look at all of them."))
            }
            None => bullets.push("There is no quorum even with everything up.".into()),
        }
    }
    bullets.extend(first_loss(answer));
    blocks.push(Block::Bullets(bullets));
    blocks
}

/// What is survived, where it is known.
fn known(found: &Result<Option<Survived>, Exhausted>) -> Option<&Survived> {
    found.as_ref().ok()?.as_ref()
}

fn orders(system: &System, found: &Survived) -> Vec<String> {
    let named = |order: &[usize], join: &str| {
        let mut names: Vec<String> =
            order.iter().take(SHOWN_MAX).map(|one| names::name(names::component(system, *one)).into_owned()).collect();
        if order.len() > SHOWN_MAX {
            names.push(format!("{} more", order.len() - SHOWN_MAX));
        }
        names.join(join)
    };
    let mut sentences = Vec::new();
    if !found.lost_at_once.is_empty() {
        sentences.push(format!("At once, the loss of {} stops it.", named(&found.lost_at_once, ", ")));
    }
    if !found.bad_order.is_empty() {
        sentences.push(format!("One after another, {} stop it in this order.", named(&found.bad_order, ", then ")));
    }
    if found.best_order > found.any_order {
        let after = format!("Of random failures {} are survived", found.any_order + 1);
        sentences.push(format!("{after} with probability {:.4}.", found.surviving[found.any_order]));
        sentences.push(format!("The best order is {}.", named(&found.good_order, ", then ")));
    }
    sentences
}

fn first_loss(answer: &DynamicAnswer) -> Option<String> {
    Some(match answer.first_loss.as_ref()? {
        Err(_) => "How soon it is lost needs the times of all that fails.".into(),
        Ok(Err(_)) => "How soon it is lost was not computed: the chain is too long.".into(),
        Ok(Ok(loss)) => match loss.hours {
            None => "It is never lost: nothing that fails can stop it.".into(),
            Some(hours) => format!(
                "With repairs in between it is lost after {} hours on the mean (exact, from a Markov chain of {}).",
                long(hours),
                names::counted(loss.states, "state")
            ),
        },
    })
}
