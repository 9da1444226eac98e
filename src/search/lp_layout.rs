//! Where the quorums, loads and limits of a rules stand in its linear program.

use super::costs::Quorum;
use super::lp_rules::LpRules;
use super::mask::members;
use crate::model::{Kind, Pair};

/// Where the columns and rows of the program stand.
///
/// Columns: read quorums, write quorums, a load for each read fraction, a slack for each row that is a limit, and for the
/// limits on measures what they are exceeded by. Rows: a load row for each read fraction and node, the limits, and one
/// for each kind, whose probabilities add up to 1.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) reads: usize,
    pub(super) writes: usize,
    pub(super) shares: usize,
    pub(super) nodes: Vec<usize>,
    /// The measures with a limit, and what their rows are divided by.
    pub(super) limits: Vec<(usize, f64, f64)>,
    pub(super) kinds: Vec<Kind>,
}

impl Layout {
    /// The layout of this rules over these quorums.
    pub(super) fn of(rules: &LpRules, quorums: &Pair<Vec<Quorum>>) -> Self {
        let kinds: Vec<Kind> = Kind::BOTH.into_iter().filter(|kind| rules.costs.has(*kind)).collect();
        let count = |kind: Kind| if kinds.contains(&kind) { quorums.of(kind).len() } else { 0 };
        let all = |kind: Kind| quorums.of(kind).iter().take(count(kind));
        let used = all(Kind::Read).chain(all(Kind::Write)).fold(0, |used, quorum| used | quorum.nodes);
        let slowest = all(Kind::Read).chain(all(Kind::Write)).map(|quorum| quorum.latency_ms).fold(1e-300, f64::max);
        let scale = |measure: usize| if measure == 2 { slowest } else { 1.0 };
        let limits = (0..3).filter_map(|measure| Some((measure, rules.limit(measure)?, scale(measure))));
        let shares = if rules.has_load() { rules.costs.shares.len() } else { 0 };
        Layout {
            reads: count(Kind::Read),
            writes: count(Kind::Write),
            shares,
            nodes: members(used).collect(),
            limits: limits.collect(),
            kinds,
        }
    }

    /// The first quorum of a kind.
    pub(super) fn first(&self, kind: Kind) -> usize {
        if kind == Kind::Read { 0 } else { self.reads }
    }

    /// The load under a read fraction.
    pub(super) fn load(&self, share: usize) -> usize {
        self.reads + self.writes + share
    }

    /// How many rows are loads.
    pub(super) fn load_rows(&self) -> usize {
        self.shares * self.nodes.len()
    }

    /// The slack of a row that is a limit.
    pub(super) fn slack(&self, row: usize) -> usize {
        self.load(self.shares) + row
    }

    /// What a limit is exceeded by.
    pub(super) fn excess(&self, limit: usize) -> usize {
        self.slack(self.load_rows() + self.limits.len()) + limit
    }

    /// All rows.
    pub(super) fn rows(&self) -> usize {
        self.load_rows() + self.limits.len() + self.kinds.len()
    }

    /// All columns.
    pub(super) fn columns(&self) -> usize {
        self.excess(self.limits.len())
    }
}
