//! The answers about promises that leave real time out, with their witnesses.

use super::decide::{Broken, broken, is_broken};
use super::derivation::{Names, derived};
use super::operations::{Gathered, Initial, Sessions};
use super::shrink::shrunk;
use crate::budget::Budget;
use crate::checker::explain::NAMED_MAX;
use crate::checker::model::Model;
use crate::checker::precedence::Ops;
use crate::checker::regular::Reading;
use crate::checker::report::{Finding, Place, Rule, Unanswered, Witness};
use crate::checker::sequential;
use crate::checker::witness::Scene;
use crate::history::History;

/// Processes whose views are as soon found as one order for all.
const PROCESSES_FEW: usize = 32;

/// The answer about these registers together.
pub(in crate::checker) fn finding(
    history: &History,
    registers: &[usize],
    model: Model,
    (start, budget): (Initial<'_>, &Budget),
) -> Finding {
    let is_answered =
        |register: &usize| history.registers()[*register].entries().iter().any(|entry| !entry.is_pending());
    if !registers.iter().any(is_answered) {
        return Finding::unanswered(Unanswered::NothingCompleted);
    }
    let gathered = Sessions::gather(history, registers, start);
    if let Some((register, read)) = gathered.orphan {
        let initial = start.shown();
        let ops = Ops::new(&history.registers()[register], &initial);
        let scene = Scene { ops: &ops, register, initial: &initial, budget };
        return Finding::violated(scene.read(read, Reading::NeverWritten));
    }
    let answer = answer(history, &gathered, model, budget);
    // A register may have started with a value that is written as well, and then nobody knows who returned which.
    let is_open = answer.witness.is_some() && !gathered.is_initial_settled;
    if is_open { Finding::unanswered(Unanswered::RepeatedValues) } else { answer }
}

fn answer(history: &History, gathered: &Gathered, model: Model, budget: &Budget) -> Finding {
    let sessions = &gathered.sessions;
    if model == Model::Sequential {
        return match sequential::is_sequential(sessions, budget) {
            Ok(true) => Finding::yes(),
            Ok(false) => {
                let small = Budget { search_steps: budget.search_steps.min(20_000), ..*budget };
                let is_broken =
                    |excerpt: &Sessions| sequential::is_sequential(excerpt, &small).ok().map(|holds| !holds);
                Finding::violated(witness(history, sessions, (model, None), is_broken))
            }
            Err(stopped) => Finding::unanswered(Unanswered::Budget(stopped)),
        };
    }
    if let Some(why) = gathered.open {
        return Finding::unanswered(why);
    }
    // One order for all is a view for each process, and with many processes it is found sooner.
    if sessions.reads().len() > PROCESSES_FEW && sequential::is_plainly_sequential(sessions, budget) {
        return Finding::yes();
    }
    match broken(sessions, model, budget) {
        Ok(None) => Finding::yes(),
        Ok(Some(Broken::Few(process, few))) => {
            let few = sessions.closed(&few);
            Finding::violated(told(history, (sessions, &few, true), (model, Some(process))))
        }
        Ok(Some(found)) => {
            let process = if let Broken::View(process) = found { Some(process) } else { None };
            let is_broken = |excerpt: &Sessions| is_broken(excerpt, model, &found, budget);
            Finding::violated(witness(history, sessions, (model, process), is_broken))
        }
        Err(exhausted) => Finding::unanswered(Unanswered::Budget(exhausted.into())),
    }
}

fn witness(
    history: &History,
    sessions: &Sessions,
    about: (Model, Option<u32>),
    is_broken: impl Fn(&Sessions) -> Option<bool>,
) -> Witness {
    let (kept, is_minimal) = shrunk(sessions, is_broken);
    told(history, (sessions, &kept, is_minimal), about)
}

/// A few operations and why they cannot be.
fn told(
    history: &History,
    (sessions, kept, is_minimal): (&Sessions, &[u32], bool),
    (model, process): (Model, Option<u32>),
) -> Witness {
    let excerpt = sessions.excerpt(kept);
    let names = Names { history, sessions: &excerpt };
    let about = match process {
        Some(process) => format!("No order of the writes and of the reads of process {}", names.process(process)),
        None if model == Model::Sequential => "No order of all operations that keeps each process".to_owned(),
        None => "No order of the writes".to_owned(),
    };
    let explanation = match derived(&names, model, process) {
        Some(steps) => format!("{about} does it all: {steps}"),
        None if excerpt.ops.len() > NAMED_MAX => format!("{about} is allowed, of these {}.", excerpt.ops.len()),
        None => {
            let all: Vec<String> = excerpt.ops.iter().map(|op| names.operation(op)).collect();
            format!("{about} is allowed, though every one was tried: {}.", all.join(", "))
        }
    };
    let ending = if is_minimal { "" } else { " The budget ended before all that is not needed was left out." };
    let mut operations: Vec<(u32, Place)> = excerpt
        .ops
        .iter()
        .map(|op| {
            let register = sessions.registers[op.register as usize] as usize;
            (op.line, Place { register, entry: op.entry as usize })
        })
        .collect();
    operations.sort_unstable();
    Witness {
        rule: match model {
            Model::ReadYourWrites => Rule::OwnWriteMissed,
            Model::MonotonicReads => Rule::ReadAgain,
            Model::Sequential => Rule::NoOrder,
            _ if process.is_none() => Rule::Circle,
            _ => Rule::NoView,
        },
        lines: operations.iter().map(|(line, _)| *line).collect(),
        operations: operations.into_iter().map(|(_, place)| place).collect(),
        explanation: format!("{explanation}{ending}"),
    }
}
