//! Why there is no picker.

use crate::model::Kind;

/// Quorums of one kind that a strategy may have.
pub(super) const QUORUMS_MAX: usize = 1 << 24;

/// Why a selection is refused.
pub(super) fn not_one(fitting: &[String], all: &[String]) -> String {
    match (fitting, all) {
        (_, []) => "the document has no optimum".to_owned(),
        ([], all) => format!("no strategy of the document fits the selection; it has:{}", listed(all)),
        (fitting, _) => {
            format!("{} strategies fit the selection, and one is needed:{}", fitting.len(), listed(fitting))
        }
    }
}

/// Lines of a list, cut where it becomes long.
pub(super) fn listed(titles: &[String]) -> String {
    const SHOWN_MAX: usize = 10;
    let mut text: String = titles.iter().take(SHOWN_MAX).map(|title| format!("\n  {title}")).collect();
    if titles.len() > SHOWN_MAX {
        text.push_str(&format!("\n  and {} more", titles.len() - SHOWN_MAX));
    }
    text
}

/// Why a strategy cannot be drawn from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PickerError {
    /// The text is not JSON, or not shaped like an export.
    #[error("not an exported strategy: {0}")]
    Json(#[from] serde_json::Error),
    /// The document calls itself something else.
    #[error(
        "the document has schema {found:?}; a strategy comes from `quorate analyze --strategy --format json`, whose schema is \"quorate/analysis/1\""
    )]
    Schema {
        /// What it calls itself.
        found: String,
    },
    /// No strategy, or more than one, fits the selection.
    #[error("{}", not_one(.fitting, .all))]
    NotOne {
        /// The strategies that fit.
        fitting: Vec<String>,
        /// Every strategy of the document.
        all: Vec<String>,
    },
    /// The optimum that was selected has no strategy.
    #[error(
        "{which} has no strategy: limits that cannot be met have none, and a long one is exported with `--strategy` only"
    )]
    NoStrategy {
        /// The optimum.
        which: String,
    },
    /// Two nodes of one name.
    #[error("two nodes are called {name:?}")]
    DuplicateNode {
        /// The name.
        name: String,
    },
    /// A quorum that names a node that the system does not have.
    #[error("{} quorum {number} names {name:?}, which is no node of the system", kind.name())]
    UnknownNode {
        /// Whose quorum.
        kind: Kind,
        /// Which one, counted from 1.
        number: usize,
        /// The name.
        name: String,
    },
    /// A quorum that names a node twice.
    #[error("{} quorum {number} names {name:?} twice", kind.name())]
    RepeatedNode {
        /// Whose quorum.
        kind: Kind,
        /// Which one, counted from 1.
        number: usize,
        /// The name.
        name: String,
    },
    /// A quorum without nodes.
    #[error("{} quorum {number} is empty", kind.name())]
    EmptyQuorum {
        /// Whose quorum.
        kind: Kind,
        /// Which one, counted from 1.
        number: usize,
    },
    /// A probability outside (0, 1].
    #[error("{} quorum {number} has probability {probability}: it must be above 0 and at most 1", kind.name())]
    Probability {
        /// Whose quorum.
        kind: Kind,
        /// Which one, counted from 1.
        number: usize,
        /// Its probability.
        probability: f64,
    },
    /// Probabilities that do not add up to 1.
    #[error("the probabilities of the {} quorums add up to {sum}, not to 1", kind.name())]
    Sum {
        /// Whose quorums.
        kind: Kind,
        /// What they add up to.
        sum: f64,
    },
    /// More quorums than can be indexed.
    #[error("{count} {} quorums: the limit is {QUORUMS_MAX}", kind.name())]
    TooMany {
        /// Whose quorums.
        kind: Kind,
        /// How many.
        count: usize,
    },
}
