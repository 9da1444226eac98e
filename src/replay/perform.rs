//! What steps of a scenario do.

use super::document::{Action, Arrow, Pick};
use super::expectation;
use super::stage::{Letter, Stage};
use crate::protocol::{Command, Operation, ProcessId, Protocol};

/// Messages that may arrive in one step before it is given up.
const SETTLED_MAX: u32 = 10_000;

/// Messages that a sentence names.
const NAMED_MAX: usize = 8;

/// Does what a step says; what is not as it says, if something is.
pub(super) fn perform<P: Protocol>(stage: &mut Stage<'_, P>, action: &Action) -> Result<(), String> {
    if let Action::Disk { process, term, entries } = action {
        return disk(stage, (*process, *term), entries);
    }
    stage.begin();
    match action {
        Action::Deliver(arrow) => {
            for letter in take(stage, arrow)? {
                stage.arrive(letter);
            }
            Ok(())
        }
        Action::Drop(arrow) => {
            take(stage, arrow)?.iter().for_each(|letter| stage.lose(letter, ""));
            Ok(())
        }
        Action::Duplicate(arrow) => {
            found(stage, arrow)?.into_iter().for_each(|at| stage.duplicate(at));
            Ok(())
        }
        Action::Settle(among) => settle(stage, among.as_deref()),
        Action::Tick { process, timer, times } => (0..*times).try_for_each(|_| tick(stage, *process, *timer)),
        Action::Crash(processes) => processes.iter().try_for_each(|process| {
            is(stage, *process, true)?;
            stage.crash(*process);
            Ok(())
        }),
        Action::Restart { processes, has_disk } => processes.iter().try_for_each(|process| {
            is(stage, *process, false)?;
            stage.restart(*process, *has_disk);
            Ok(())
        }),
        Action::Partition(groups) => {
            stage.groups = Some(groups.clone());
            stage.lose_across();
            Ok(())
        }
        Action::Heal => {
            stage.groups = None;
            Ok(())
        }
        Action::Propose { operation, at, by } => propose(stage, *operation, (*at, *by)),
        Action::Show(whom) => {
            expectation::show(stage, whom.as_deref());
            Ok(())
        }
        Action::Expect(expectation) => expectation::check(stage, expectation),
        Action::Disk { .. } => Ok(()),
    }
}

/// The places of the messages that are meant; an error if there is none.
fn found<P: Protocol>(stage: &Stage<'_, P>, arrow: &Arrow) -> Result<Vec<usize>, String> {
    let letters = stage.letters.iter().enumerate();
    let mut all: Vec<usize> = letters.filter(|(_, letter)| letter.fits(arrow)).map(|(at, _)| at).collect();
    match arrow.pick {
        Pick::All => {}
        Pick::First => all.truncate(1),
        Pick::Last => all = all.pop().into_iter().collect(),
    }
    if all.is_empty() { Err(format!("no such message is on its way; {}", on_their_way(stage))) } else { Ok(all) }
}

/// What is on its way, in a sentence.
fn on_their_way<P: Protocol>(stage: &Stage<'_, P>) -> String {
    let words: Vec<String> = stage.letters.iter().take(NAMED_MAX).map(|letter| stage.words(letter)).collect();
    match stage.letters.len() {
        0 => "none is".to_owned(),
        all if all > NAMED_MAX => format!("there are {}, and {} more", words.join("; "), all - NAMED_MAX),
        _ => format!("there are {}", words.join("; ")),
    }
}

/// Takes the messages that are meant off their way.
fn take<P: Protocol>(stage: &mut Stage<'_, P>, arrow: &Arrow) -> Result<Vec<Letter<P::Message>>, String> {
    let places = found(stage, arrow)?;
    let mut taken: Vec<_> = places.into_iter().rev().map(|at| stage.letters.remove(at)).collect();
    taken.reverse();
    Ok(taken)
}

fn settle<P: Protocol>(stage: &mut Stage<'_, P>, among: Option<&[ProcessId]>) -> Result<(), String> {
    let is_meant = |letter: &Letter<P::Message>| {
        among.is_none_or(|among| among.contains(&letter.from) && among.contains(&letter.to))
    };
    for _ in 0..SETTLED_MAX {
        let Some(at) = stage.letters.iter().position(is_meant) else { return Ok(()) };
        let letter = stage.letters.remove(at);
        stage.arrive(letter);
    }
    Err(format!("messages do not come to an end: {SETTLED_MAX} have arrived"))
}

fn tick<P: Protocol>(stage: &mut Stage<'_, P>, process: ProcessId, timer: Option<u16>) -> Result<(), String> {
    is(stage, process, true)?;
    let set = stage.timers(process);
    let next = match timer {
        None => set.first(),
        Some(timer) => set.iter().find(|set| **set == timer),
    };
    let name = stage.name(process);
    let Some(next) = next.copied() else {
        let which = timer.map_or_else(|| "no timer".to_owned(), |_| "no such timer".to_owned());
        return Err(format!("{name} has set {which}"));
    };
    stage.ring(process, next);
    Ok(())
}

/// Refuses what is done to a process that is down, or up.
fn is<P: Protocol>(stage: &Stage<'_, P>, process: ProcessId, is_up: bool) -> Result<(), String> {
    if stage.is_up(process) == is_up {
        return Ok(());
    }
    Err(format!("{} is {}", stage.name(process), if is_up { "down" } else { "up" }))
}

fn propose<P: Protocol>(
    stage: &mut Stage<'_, P>,
    operation: Operation,
    (at, by): (Option<ProcessId>, Option<ProcessId>),
) -> Result<(), String> {
    let idle = stage.clients().find(|client| stage.is_up(*client) && !stage.sight.is_open(*client));
    let Some(client) = by.or(idle) else { return Err("no client is idle".to_owned()) };
    is(stage, client, true)?;
    if stage.sight.is_open(client) {
        return Err(format!("{} waits for an answer, and does one operation at a time", stage.name(client)));
    }
    stage.call(client, operation, at);
    Ok(())
}

fn disk<P: Protocol>(
    stage: &mut Stage<'_, P>,
    (process, term): (ProcessId, u64),
    entries: &[(u64, Option<Operation>)],
) -> Result<(), String> {
    if stage.has_begun() {
        return Err("the replicas have begun: what is on a disk stands before the first step".to_owned());
    }
    // Equal entries of equal terms in one place are one command, whose client is none of those that ask now.
    let command = |(index, (term, operation)): (u64, &(u64, Option<Operation>))| match operation {
        None => (*term, Command::NOTHING),
        Some(operation) => {
            let client = ProcessId(stage.replicas().count() as u32);
            (*term, Command { client, session: u64::MAX - *term, number: index, operation: Some(*operation) })
        }
    };
    let commands: Vec<(u64, Command)> = (1..).zip(entries).map(command).collect();
    if stage.write_disk(process, term, &commands) {
        Ok(())
    } else {
        Err("this protocol has no log that can be written down like this".to_owned())
    }
}
