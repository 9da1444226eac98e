//! The way of a search, in a few bytes a step.

/// Operations that can be searched.
pub(in crate::checker) const OPERATIONS_MAX: usize = 1 << 29;

/// Marks a frame at which there was only one step.
const ONLY: u32 = 1 << 31;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// One operation.
    Single(u32),
    /// The only write of a value, and all its reads.
    Block(u32),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// The value before the step.
    pub(super) value: u32,
    /// The step that was taken.
    pub(super) step: PackedStep,
    /// Where the other steps begin, the next one to try last; and whether there never was one.
    others: u32,
}

/// A step in four bytes: there are at most [`OPERATIONS_MAX`] operations, and two values of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PackedStep(u32);

impl PackedStep {
    const BLOCK: u32 = 1 << 31;

    pub(super) fn of(step: Step) -> Self {
        match step {
            Step::Single(position) => PackedStep(position),
            Step::Block(value) => PackedStep(value | Self::BLOCK),
        }
    }

    pub(super) fn step(self) -> Step {
        if self.0 & Self::BLOCK == 0 { Step::Single(self.0) } else { Step::Block(self.0 & !Self::BLOCK) }
    }
}

impl Frame {
    /// A step that was taken where these others begin; the only one, or one of several.
    pub(super) fn new(value: u32, step: PackedStep, others: usize, is_only: bool) -> Self {
        Frame { value, step, others: others as u32 | if is_only { ONLY } else { 0 } }
    }

    /// Where its other steps begin.
    pub(super) fn others(self) -> usize {
        (self.others & !ONLY) as usize
    }

    /// Whether there was no other step.
    pub(super) fn is_only(self) -> bool {
        self.others & ONLY != 0
    }
}
