//! What becomes of a message.

/// What becomes of a message: the delay of every copy that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fate {
    /// When the message arrives, in nanoseconds after it was sent; absent if it is lost.
    pub first_ns: Option<u64>,
    /// The same for a copy of it.
    pub second_ns: Option<u64>,
}

impl Fate {
    /// The message arrives once.
    pub(super) fn after(delay_ns: u64) -> Self {
        Fate { first_ns: Some(delay_ns), second_ns: None }
    }
}
