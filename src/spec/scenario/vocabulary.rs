//! What protocols call things.

/// What a protocol calls itself, its messages, and the parts that can be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vocabulary {
    /// The protocol.
    pub protocol: &'static str,
    /// Its messages.
    pub messages: &'static [&'static str],
    /// What can be left out.
    pub remedies: &'static [&'static str],
}

impl Vocabulary {
    /// Of a protocol that is not known: nothing is refused because of it.
    pub(super) const ANY: Vocabulary = Vocabulary { protocol: "", messages: &[], remedies: &[] };

    /// Messages between clients and replicas, whatever the protocol is.
    const OF_CLIENTS: [&'static str; 3] = ["request", "answer", "redirect"];

    /// Whether messages are called so.
    pub(super) fn has_message(&self, name: &str) -> bool {
        self.messages.is_empty() || self.messages.contains(&name) || Self::OF_CLIENTS.contains(&name)
    }

    /// All of them.
    pub(super) fn all_messages(&self) -> Vec<&'static str> {
        self.messages.iter().chain(&Self::OF_CLIENTS).copied().collect()
    }
}

/// What replicas can be, whatever the protocol is.
pub(super) const PARTS: [&str; 12] = [
    "follower",
    "asking",
    "candidate",
    "leader",
    "preparing",
    "accepting",
    "acceptor",
    "primary",
    "backup",
    "view-change",
    "deciding",
    "idle",
];
