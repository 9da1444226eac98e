//! Sentences about the theorem.

use crate::flp::{Known, Outcome, Which};
use crate::report::names::counted;
use crate::report::number::whole;

/// Inputs, a digit for each process.
pub(super) fn inputs(inputs: &[bool]) -> String {
    inputs.iter().map(|input| if *input { "1" } else { "0" }).collect::<Vec<_>>().join(" ")
}

/// What the protocol does.
pub(super) fn protocol(which: Which) -> &'static str {
    match which {
        Which::Rotating => "a coordinator that changes from round to round (Chandra and Toueg)",
        Which::Voting => "majority voting in rounds; where there is no majority, 1 in odd rounds and 0 in even ones",
        Which::Paxos => "Paxos with two proposers; a step without a message begins a higher ballot",
        Which::BenOr => "majority voting in rounds; where there is no majority, a coin (Ben-Or)",
    }
}

/// What is known of a configuration, and how.
pub(super) fn evidence(known: Known) -> &'static str {
    match known {
        Known::Bivalent => "two schedules, one to each decision",
        Known::Only(_) => "no schedule that was tried decides the other value",
        Known::Undecided => "no schedule that was tried decides anything",
    }
}

/// The answer.
pub(super) fn summary(outcome: &Outcome) -> Vec<String> {
    let steps = format!(
        "{} {}",
        whole(outcome.schedule.len() as u64),
        if outcome.schedule.len() == 1 { "step" } else { "steps" }
    );
    let waits = format!(
        "No message, and no process without one, waits longer than {}{}.",
        counted(outcome.undelivered_longer_than as usize, "step"),
        if outcome.is_given { "" } else { ": the schedule is fair, and nobody crashes" },
    );
    let mut summary = vec![match outcome.decision {
        Some(value) => format!("After {steps} {} is decided.", u8::from(value)),
        None => format!("After {steps} nothing is decided."),
    }];
    if outcome.gave_up {
        summary.push("The limits ended before the schedule was as long as was asked for.".into());
    }
    summary.push(waits);
    if let Some(lasso) = outcome.lasso {
        summary.push(format!(
            "After {} it repeats itself every {}, {} later: it goes on for ever without a decision.",
            counted(lasso.prefix, "step"),
            counted(lasso.period, "step"),
            counted(lasso.rounds as usize, "round"),
        ));
    }
    summary.push(format!("What {} gives up: {}.", outcome.protocol.name(), outcome.protocol.gives_up()));
    summary
}

/// What else to know.
pub(super) fn notes(outcome: &Outcome) -> Vec<String> {
    let mut notes = vec![
        "Two schedules prove that a configuration is bivalent. That no schedule to the other decision was found proves nothing: those tried are \
         all that let one process be silent, or none, and hurry one decision, or none."
            .to_owned(),
    ];
    if !outcome.protocol.is_deterministic() {
        notes.push(
            "Coins are inputs: this scheduler sees those that were tossed, and none that come. One that knew them all would keep the protocol \
             from deciding for ever, as it does with turns in their place (voting)."
                .into(),
        );
    }
    notes
}
