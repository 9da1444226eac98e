//! Is it as a scenario expects?

use super::document::Expectation;
use super::sight::entry;
use super::stage::Stage;
use crate::checker::{self, Model, Verdict, check as check_history};
use crate::protocol::{ProcessId, Protocol};

/// Parts of those that lead.
const LEADING: [&str; 2] = ["leader", "primary"];

/// Says what is otherwise, if something is.
pub(super) fn check<P: Protocol>(stage: &mut Stage<'_, P>, expectation: &Expectation) -> Result<(), String> {
    match expectation {
        Expectation::Part(process, part) => of_standing(stage, *process, part, |standing| standing.part.to_owned()),
        Expectation::Term(process, term) => {
            of_standing(stage, *process, &format!("in {term}"), |standing| format!("in {}", standing.term))
        }
        Expectation::Committed(process, committed) => {
            of_standing(stage, *process, &format!("committed up to {committed}"), |standing| {
                format!("committed up to {}", standing.committed)
            })
        }
        Expectation::Log(process, entries) => log(stage, *process, entries),
        Expectation::Up(process, is_up) if stage.is_up(*process) == *is_up => Ok(()),
        Expectation::Up(process, is_up) => {
            Err(format!("{} is {}", stage.name(*process), if *is_up { "down" } else { "up" }))
        }
        Expectation::Leaders(expected) => {
            let is_leading =
                |process: &ProcessId| stage.standing(*process).is_some_and(|now| LEADING.contains(&now.part));
            let leaders: Vec<ProcessId> = stage.replicas().filter(is_leading).collect();
            same(&names(stage, &leaders), &names(stage, expected), "leaders: ")
        }
        Expectation::Decided(index, expected) => {
            let decided = stage.sight.decided(*index).map(|command| command.to_string());
            let words = |what: &Option<String>| what.clone().unwrap_or_else(|| "nothing".to_owned());
            same(&words(&decided), &words(expected), &format!("decided in place {index}: "))
        }
        Expectation::Answer(client, expected) => {
            same(&stage.sight.answer(*client), expected, &format!("{}: ", stage.name(*client)))
        }
        Expectation::Message(arrow, is_expected) => {
            let found = stage.letters.iter().find(|letter| letter.fits(arrow));
            match (found, is_expected) {
                (None, true) => Err("no such message is on its way".to_owned()),
                (Some(letter), false) => Err(format!("{} is on its way", stage.words(letter))),
                _ => Ok(()),
            }
        }
        Expectation::Broken(expected) => {
            let broken = stage.broken.as_ref();
            let words = |invariant: Option<crate::protocol::Invariant>| invariant.map_or("nothing", |it| it.name());
            let (found, expected) = (broken.map(|broken| broken.invariant), *expected);
            same(words(found), words(expected), "broken: ")
        }
        Expectation::History(model, is_expected) => history(stage, *model, *is_expected),
    }
}

fn same(found: &str, expected: &str, what: &str) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}{found}, and not {expected}")) }
}

fn names<P: Protocol>(stage: &Stage<'_, P>, processes: &[ProcessId]) -> String {
    let names: Vec<String> = processes.iter().map(|process| stage.name(*process)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

fn of_standing<P: Protocol>(
    stage: &Stage<'_, P>,
    process: ProcessId,
    expected: &str,
    of: impl Fn(crate::protocol::Standing) -> String,
) -> Result<(), String> {
    let name = stage.name(process);
    match stage.standing(process) {
        None if !stage.is_up(process) => Err(format!("{name} is down, and not {expected}")),
        None => Err(format!("{name} has no terms and parts")),
        Some(standing) => same(&of(standing), expected, &format!("{name} is ")),
    }
}

/// A log, place by place; places that are empty are left out where logs have holes.
fn shown(log: &[(u64, u64, crate::protocol::Command)]) -> String {
    let mut next = 1;
    let mut words = Vec::new();
    for (index, term, command) in log {
        let place = if *index == next { String::new() } else { format!("{index}=") };
        next = index + 1;
        words.push(format!("{place}{}", entry((*term, command))));
    }
    if words.is_empty() { "empty".to_owned() } else { words.join(" ") }
}

fn log<P: Protocol>(
    stage: &Stage<'_, P>,
    process: ProcessId,
    expected: &[(u64, Option<String>)],
) -> Result<(), String> {
    let log = stage.sight.log(process);
    let is_same = log.len() == expected.len()
        && log.iter().zip(expected).zip(1..).all(|(((index, term, command), (wanted, what)), at)| {
            *index == at && term == wanted && what.as_ref().is_none_or(|what| *what == command.to_string())
        });
    if is_same { Ok(()) } else { Err(format!("the log of {} is {}", stage.name(process), shown(&log))) }
}

fn history<P: Protocol>(stage: &mut Stage<'_, P>, model: Model, is_expected: bool) -> Result<(), String> {
    let history = stage.sight.history();
    let report = check_history(&history, &checker::Options::default());
    let finding = report.model(model);
    match (finding.verdict, is_expected) {
        (Verdict::Holds, true) | (Verdict::Violated, false) => Ok(()),
        (verdict, _) => Err(format!("the history is {}: {}", model.name(), verdict.name())),
    }
}

/// Prints what replicas are, or what is on its way.
pub(super) fn show<P: Protocol>(stage: &mut Stage<'_, P>, whom: Option<&[ProcessId]>) {
    let Some(whom) = whom else {
        let lines: Vec<String> = stage.letters.iter().map(|letter| stage.words(letter)).collect();
        return stage.lines.extend(lines);
    };
    for process in whom {
        let name = stage.name(*process);
        let line = match stage.standing(*process) {
            _ if !stage.is_up(*process) => format!("{name} is down"),
            Some(now) => {
                let log = shown(&stage.sight.log(*process));
                format!("{name} is {} in {}, committed up to {}, log {log}", now.part, now.term, now.committed)
            }
            None if stage.clients().any(|client| client == *process) => {
                format!("{name}: {}", stage.sight.answer(*process))
            }
            None => format!("{name} is up"),
        };
        stage.say(line);
    }
}
