//! Candidates on their way through a search: before their quorums are known, and after they were judged.

use super::candidate::Candidate;
use super::evaluate::Verdict;
use super::form_bounds::Shape;
use super::mask::Mask;
use super::read_once_forms::{FormId, Top};
use super::tableau::Simplex;

/// Steps that one candidate of the budget stands for: most take far fewer.
pub(super) const STEPS_OF_ONE: u64 = 1 << 18;

/// A candidate before its quorums are known.
#[derive(Debug)]
pub(super) enum Sketch {
    Form(Top, Vec<FormId>),
    Known(Candidate),
}

/// A formula that is built upon.
pub(super) type Kept = (Top, Vec<FormId>, Shape);

/// What came of a candidate.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    /// The system and its read quorums, where they had to be made.
    pub(super) system: Option<(Candidate, Vec<Mask>)>,
    /// What the formula can do, where others may be built upon it.
    pub(super) shape: Option<Shape>,
    /// What it counts for: 1, and more where it was hard.
    pub(super) price: u64,
}

/// What a candidate counts for, that took these steps.
pub(super) fn price(simplex: &mut Simplex) -> u64 {
    1 + simplex.take_work() / STEPS_OF_ONE
}

/// The shapes of formulas that are built upon.
pub(super) fn shapes(kept: &[Kept]) -> impl Iterator<Item = &Shape> {
    kept.iter().map(|(_, _, shape)| shape)
}
