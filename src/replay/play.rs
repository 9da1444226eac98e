//! From the first step to the last.

use super::document::{Action, Document, Expectation};
use super::perform::perform;
use super::played::{Played, PlayedStep};
use super::stage::Stage;
use crate::budget::is_stopped;
use crate::protocol::{Key, Operation, Protocol};
use crate::sim::SpaceTime;

/// Carries the steps of a scenario out, one after the other, on the replicas of a protocol with these names.
///
/// Nothing is drawn: the same document gives the same steps. A step that cannot be carried out as it is written, such as the
/// arrival of a message that nobody has sent, is said to fail, and the next one follows.
///
/// # Complexity
/// Linear in the messages that arrive, times those that are on their way.
pub fn play<P: Protocol>(protocol: &P, names: Vec<String>, document: &Document) -> Played {
    let is_keyed = document.steps.iter().any(|step| match step.action {
        Action::Propose { operation, .. } => other_key(operation),
        _ => false,
    });
    let mut stage = Stage::new(protocol, names, document.clients, is_keyed);
    let mut played = Played {
        steps: Vec::new(),
        delivered: 0,
        lost: 0,
        broken: None,
        is_expected: false,
        drawn: SpaceTime::default(),
    };
    let mut steps = Vec::new();
    for step in &document.steps {
        if is_stopped() {
            break;
        }
        if !matches!(step.action, Action::Expect(_) | Action::Show(_)) {
            steps.push((stage.next_instant(), document.lines[step.at].trim().to_owned()));
        }
        let outcome = perform(&mut stage, &step.action);
        let output = std::mem::take(&mut stage.lines);
        let mut failures: Vec<String> = outcome.err().into_iter().collect();
        failures.extend(step.output.as_ref().and_then(|expected| differs(&output, expected)));
        if let Action::Expect(Expectation::Broken(Some(invariant))) = &step.action {
            played.is_expected |= stage.broken.as_ref().is_some_and(|broken| broken.invariant == *invariant);
        }
        if played.broken.is_none() {
            played.broken = stage.broken.clone().map(|broken| (step.line, broken));
        }
        played.steps.push(PlayedStep { output, failures });
    }
    (played.delivered, played.lost) = (stage.delivered, stage.lost);
    played.drawn = stage.drawn(steps);
    played
}

fn other_key(operation: Operation) -> bool {
    operation.key() != Key(0)
}

/// Where what was printed is not what is written.
fn differs(found: &[String], expected: &[String]) -> Option<String> {
    let nothing = "nothing".to_owned();
    let at = (0..found.len().max(expected.len())).find(|at| found.get(*at) != expected.get(*at))?;
    let line = |lines: &[String]| lines.get(at).unwrap_or(&nothing).clone();
    Some(format!("line {} of what it printed is `{}`, and not `{}`", at + 1, line(found), line(expected)))
}
