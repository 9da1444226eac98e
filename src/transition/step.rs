//! Direct, joint only, or unsafe?

use super::crossing::{Crossing, Needs, crossings};
use super::united::{Conflict, TransitionError, United};
use crate::analysis::{Analysis, Options};
use crate::model::{Kind, NodeSet, System};
use crate::structure::intersection::Verdict as Meets;

/// What may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The new system may follow the old one at once.
    Direct,
    /// Only with the joint system between them.
    JointOnly,
    /// The budget ended first.
    Undecided,
    /// Not even so: one of the systems does not hold by itself.
    Unsafe,
}

impl Verdict {
    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Direct => "direct",
            Verdict::JointOnly => "joint only",
            Verdict::Undecided => "undecided",
            Verdict::Unsafe => "unsafe",
        }
    }
}

/// A system that stands for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before the change.
    Old,
    /// During it, where it is not direct.
    Joint,
    /// After it.
    New,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Stage; 3] = [Stage::Old, Stage::Joint, Stage::New];

    /// The word in the output.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Old => "old",
            Stage::Joint => "joint",
            Stage::New => "new",
        }
    }
}

/// Why a change is unsafe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A read quorum misses a write quorum of the same system.
    Misses(Stage),
    /// There is no quorum of a kind.
    NoQuorum(Stage, Kind),
    /// A demand is not met.
    Demand(Stage),
}

/// A change from one system to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The joint system: its quorums hold a quorum of the old and one of the new system.
    pub joint: System,
    /// Nodes of the new system only, in the numbering of the joint one.
    pub added: NodeSet,
    /// Nodes of the old system only.
    pub removed: NodeSet,
    /// What the definitions say differently of one node or zone.
    pub conflicts: Vec<Conflict>,
    /// How their quorums meet.
    pub crossings: Vec<Crossing>,
}

/// The change from one system to another, under what the options demand.
///
/// # Method
/// Whoever still uses the old system and whoever uses the new one understand each other when every read quorum of either meets every write
/// quorum of the other: each is an implication of formulas over the nodes of both, where the same name is the same node. The joint system is
/// the conjunction; its quorums meet those of both by what each promises itself.
///
/// # Errors
/// [`TransitionError`] when both are too large together.
///
/// # Source
/// Ongaro and Ousterhout, In search of an understandable consensus algorithm, 2014 (joint consensus); Lamport, Malkhi and Zhou, Reconfiguring
/// a state machine, 2010.
///
/// # Examples
/// ```
/// use quorate::analysis::{Options, analyze};
/// use quorate::families::Family;
/// use quorate::transition::{Verdict, step};
/// let of = |n| Family::Majority { n }.system();
/// let asked = Options::default();
/// let verdict = |old, new| -> Result<Verdict, Box<dyn std::error::Error>> {
///     let (old, new) = (of(old)?, of(new)?);
///     let step = step(&old, &new, &asked)?;
///     let answers = [&old, &step.joint, &new].map(|system| analyze(system, &asked));
///     Ok(step.verdict([(&old, &answers[0]), (&step.joint, &answers[1]), (&new, &answers[2])], &asked).0)
/// };
/// assert_eq!(verdict(3, 4)?, Verdict::Direct);
/// assert_eq!(verdict(3, 5)?, Verdict::JointOnly);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn step(old: &System, new: &System, options: &Options) -> Result<Step, TransitionError> {
    let united = United::of(old, new)?;
    let needs = Needs::of(&united.joint, options.demands, &options.protocols);
    let crossings = crossings(&united, &needs, options.budget);
    let United { joint, added, removed, conflicts, .. } = united;
    Ok(Step { joint, added, removed, conflicts, crossings })
}

impl Step {
    /// What may be done, given the answers about the old, the joint and the new system, and why not more.
    pub fn verdict(&self, stages: [(&System, &Analysis); 3], options: &Options) -> (Verdict, Vec<Reason>) {
        let mut reasons = Vec::new();
        let mut is_open = false;
        for (stage, (system, analysis)) in Stage::ALL.into_iter().zip(stages) {
            let before = reasons.len();
            is_open |= !alone(stage, system, (analysis, options), &mut reasons) && before == reasons.len();
        }
        if !reasons.is_empty() {
            return (Verdict::Unsafe, reasons);
        }
        let needed: Vec<Option<bool>> =
            self.crossings.iter().filter(|crossing| crossing.is_needed).map(|crossing| crossing.holds).collect();
        let verdict = match () {
            () if is_open => Verdict::Undecided,
            () if needed.contains(&Some(false)) => Verdict::JointOnly,
            () if needed.contains(&None) => Verdict::Undecided,
            () => Verdict::Direct,
        };
        (verdict, reasons)
    }

    /// One of the questions about how they meet.
    pub fn crossing(&self, between: super::Between) -> Option<&Crossing> {
        self.crossings.iter().find(|crossing| crossing.between == between)
    }
}

/// Whether a system holds by itself; where it does not, why; without a reason it is not known.
fn alone(stage: Stage, system: &System, (analysis, options): (&Analysis, &Options), reasons: &mut Vec<Reason>) -> bool {
    let without = Kind::BOTH.into_iter().find(|kind| !system.has_quorum(*kind));
    if let Some(kind) = without {
        reasons.push(Reason::NoQuorum(stage, kind));
        return false;
    }
    let meets = match analysis.intersections.read_write.verdict {
        Meets::Holds => Some(true),
        Meets::Fails if system.is_probabilistic() => Some(true),
        Meets::Fails => Some(false),
        Meets::Undecided(_) => None,
    };
    if meets == Some(false) {
        reasons.push(Reason::Misses(stage));
    }
    let each = analysis.protocols.iter().map(|demand| demand.holds);
    let demands: Vec<Option<bool>> = each.chain([analysis.operations.demands_hold(options.demands)]).collect();
    if demands.contains(&Some(false)) {
        reasons.push(Reason::Demand(stage));
    }
    meets == Some(true) && demands.iter().all(|holds| *holds == Some(true))
}
