//! How long a client waits.

/// How long after what an operation is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// After the operation before was due.
    SinceDue(u64),
    /// After now.
    SinceNow(u64),
}
