//! What nodes may lie about.

/// How quorums stand liars, after Malkhi and Reiter.
///
/// # Examples
/// ```
/// use quorate::model::Lying;
/// assert_eq!(Lying::from_name("masking"), Some(Lying::Masking));
/// assert_eq!(Lying::default().name(), "dissemination");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Lying {
    /// Data is signed: some common node tells the truth.
    #[default]
    Dissemination,
    /// Data is not signed: the common nodes that tell the truth are more than the liars.
    Masking,
    /// Nobody knows how many lie: those who tell the truth and have the last write are no fewer than all others.
    Opaque,
}

impl Lying {
    /// All kinds, the weakest first.
    pub const ALL: [Lying; 3] = [Lying::Dissemination, Lying::Masking, Lying::Opaque];

    /// The word in definitions and in the output.
    pub fn name(self) -> &'static str {
        match self {
            Lying::Dissemination => "dissemination",
            Lying::Masking => "masking",
            Lying::Opaque => "opaque",
        }
    }

    /// Nodes that any two quorums must have in common to stand so many liars; for opaque ones that is needed, and not all of it.
    pub(crate) fn shared(self, liars: usize) -> usize {
        match self {
            Lying::Dissemination => liars.saturating_add(1),
            Lying::Masking | Lying::Opaque => liars.saturating_mul(2).saturating_add(1),
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Lying::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
