//! What the album says of a family.

/// What a person should know about a family before using it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyInfo {
    /// The word that `system.family` takes.
    pub name: &'static str,
    /// The keys that may stand beside it.
    pub parameters: &'static [Parameter],
    /// What a read and a write quorum is.
    pub quorums: &'static str,
    /// Who described it, and where.
    pub source: &'static str,
    /// A `[system]` table that works.
    pub example: &'static str,
}

/// A key of the `[system]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// The key.
    pub key: &'static str,
    /// What its value means, with the default if it may be left out.
    pub meaning: &'static str,
}
