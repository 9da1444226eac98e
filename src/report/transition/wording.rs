//! Sentences about a change.

use super::changed::Changed;
use crate::model::{Kind, NodeSet};
use crate::report::listing::listed;
use crate::report::names::{self, counted};
use crate::transition::{Crossing, Reason, Stage, Verdict};

/// What may be done, and why not more.
pub(super) fn verdict(change: &Changed) -> String {
    match change.verdict {
        Verdict::Direct => {
            "Direct: every read quorum of either system meets every write quorum of the other, so the new one may follow at once.".into()
        }
        Verdict::JointOnly => {
            "Joint only: some old and new quorums miss each other. Safe by way of the joint system, whose quorums hold a quorum of each: \
             first from the old to the joint one, then to the new one."
                .into()
        }
        Verdict::Undecided => "Undecided: the limits ended before it was settled whether the quorums meet.".into(),
        Verdict::Unsafe => {
            let reasons: Vec<String> = change.reasons.iter().map(|reason| self::reason(change, *reason)).collect();
            format!("Unsafe: {}.", reasons.join("; "))
        }
    }
}

/// Why it is unsafe.
pub(super) fn reason(change: &Changed, reason: Reason) -> String {
    match reason {
        Reason::Misses(stage) => {
            let analysed = change.of(stage);
            let witness = analysed.analysis.intersections.read_write.witness.as_ref();
            let shown = |set: &NodeSet| names::set(&analysed.system, set);
            let pair =
                witness.map(|[read, write]| format!("read quorum {} and write quorum {}", shown(read), shown(write)));
            let pair = pair.unwrap_or_else(|| "some read and write quorum".into());
            format!("the {} system does not hold by itself: {pair} have no node in common", stage.name())
        }
        Reason::NoQuorum(stage, kind) => format!("the {} system has no {} quorum left", stage.name(), kind.name()),
        Reason::Demand(stage) => format!("the {} system does not meet what is demanded of it", stage.name()),
    }
}

/// Two or three quorums that have too few nodes in common.
pub(super) fn witness(change: &Changed, crossing: &Crossing) -> String {
    let joint = &change.step.joint;
    let sets: Vec<String> = crossing.witness.iter().map(|set| names::set(joint, set)).collect();
    match &crossing.witness[..] {
        [one, other] => match one.overlap(other) {
            0 => format!("{} misses {}", sets[0], sets[1]),
            shared => format!("{} and {} share {}", sets[0], sets[1], counted(shared, "node")),
        },
        [] => String::new(),
        _ => format!("{} have no node in common", sets.join(", ")),
    }
}

/// Which nodes come and go.
pub(super) fn members(change: &Changed) -> String {
    let joint = &change.step.joint;
    let of = |set: &NodeSet| listed(joint.names(set), set.len(), "and");
    let (added, removed) = (&change.step.added, &change.step.removed);
    match (added.is_empty(), removed.is_empty()) {
        (true, true) => "the same nodes".into(),
        (false, true) => format!("adds {}", of(added)),
        (true, false) => format!("removes {}", of(removed)),
        (false, false) => format!("adds {}, removes {}", of(added), of(removed)),
    }
}

/// What else to know.
pub(super) fn notes(change: &Changed) -> Vec<String> {
    let (step, mut notes) = (&change.step, Vec::new());
    let shared = step.joint.nodes().len() - step.added.len() - step.removed.len();
    if shared == 0 {
        notes.push("No node is in both systems: the same name is the same node, so check that the names agree.".into());
    }
    for conflict in &step.conflicts {
        let (name, property) = (names::name(&conflict.name), conflict.property);
        let (old, new) = (names::plain(&conflict.old), names::plain(&conflict.new));
        notes.push(format!(
            "{name} has {property} {old} in the old system and {new} in the new one, which counts in the joint one."
        ));
    }
    notes.extend(worse_on_the_way(change));
    notes
}

/// That less is survived on the way than before and after.
fn worse_on_the_way(change: &Changed) -> Option<String> {
    if change.verdict != Verdict::JointOnly {
        return None;
    }
    let survives = |stage: Stage| change.of(stage).analysis.total_resilience();
    let (old, joint, new) = (survives(Stage::Old)?, survives(Stage::Joint)?, survives(Stage::New)?);
    if joint < old.min(new) {
        let any = |count: usize| counted(count, "failure");
        return Some(format!(
            "On the way the joint system survives any {}, fewer than before ({old}) and after ({new}).",
            any(joint)
        ));
    }
    None
}

/// Whether quorums of both kinds are left, in a word.
pub(super) fn left(loss: &crate::operations::ZoneLoss) -> (String, bool) {
    let alive = |kind: Kind| *loss.alive.of(kind);
    match (alive(Kind::Read), alive(Kind::Write)) {
        (true, true) => {
            let more = loss.resilience.reads.value().zip(loss.resilience.writes.value());
            let more = more.map(|(reads, writes)| format!("goes on, {} more may fail", reads.min(writes)));
            (more.unwrap_or_else(|| "goes on".into()), true)
        }
        (true, false) => ("writes stop".into(), false),
        (false, true) => ("reads stop".into(), false),
        (false, false) => ("stops".into(), false),
    }
}
