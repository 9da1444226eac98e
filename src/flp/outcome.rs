//! What the adversary found, as data for reports.

use super::adversary::Lasso;
use super::register::RegisterRun;
use super::remedies::Rounds;
use super::valence::Known;
use super::which::Which;

/// A configuration's schedules to 0 and to 1, as far as they are known; an event a line.
pub type Ways = [Option<Vec<String>>; 2];

/// The impossibility theorem about one protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Which protocol.
    pub protocol: Which,
    /// How many processes.
    pub processes: usize,
    /// The seed of coins, trials and orders.
    pub seed: u64,
    /// The initial configuration from which the schedule starts.
    pub inputs: Vec<bool>,
    /// What can be reached from it.
    pub valence: Known,
    /// By which schedules.
    pub ways: Ways,
    /// Lemma 2: initial configurations that differ in one input, one after the other.
    pub initials: Vec<(Vec<bool>, Known)>,
    /// Two of them between which the valence changes.
    pub neighbours: Option<NeighbourPair>,
    /// Lemma 3: the first time that the oldest event would have settled the decision at once.
    pub detour: Option<Detour>,
    /// The schedule.
    pub schedule: Vec<String>,
    /// Whether it leads to the same configuration when its lines are read again from the beginning.
    pub is_verified: bool,
    /// Whether it was given.
    pub is_given: bool,
    /// Whether the search ended before the schedule was as long as was asked for.
    pub gave_up: bool,
    /// What was decided by it, if anything.
    pub decision: Option<bool>,
    /// The longest that a message, or a process without one, waited; in steps.
    pub undelivered_longer_than: u64,
    /// Stages, each of which ends with the event that was the oldest; absent where the schedule has none.
    pub stages: Option<usize>,
    /// How it repeats itself.
    pub lasso: Option<Lasso>,
    /// What can still be reached after it.
    pub last_valence: Known,
    /// By which schedules.
    pub last_ways: Ways,
    /// Ways around the theorem: by chance, by time, and by less agreement.
    pub remedies: Remedies,
    /// A register under the same adversary.
    pub register: RegisterRun,
    /// Protocols of one exchange that give something up outright.
    pub trade_offs: Vec<TradeOff>,
}

/// Two initial configurations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeighbourPair {
    /// Their inputs.
    pub inputs: [Vec<bool>; 2],
    /// What can be reached from them.
    pub valences: [Known; 2],
    /// The process whose input differs.
    pub process: String,
    /// What is decided from both when that process is silent, and by which schedule.
    pub without: Option<(bool, Vec<String>)>,
}

/// A stage in which something had to come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detour {
    /// Steps before it.
    pub after: usize,
    /// The oldest event.
    pub event: String,
    /// What is decided if it happens at once.
    pub settles: Known,
    /// What happens before it.
    pub schedule: Vec<String>,
}

/// The three ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedies {
    /// Ben-Or's protocol.
    pub random: Rounds,
    /// The same protocol after the network has become timely.
    pub partial_synchrony: Rounds,
    /// Replicas that may differ for a while.
    pub relaxed_agreement: Rounds,
}

/// What a protocol gives up, shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeOff {
    /// Its name.
    pub protocol: &'static str,
    /// What it gives up.
    pub gives_up: &'static str,
    /// From which inputs.
    pub inputs: Vec<bool>,
    /// What shows it, in words.
    pub shown_by: &'static str,
    /// The schedule.
    pub schedule: Vec<String>,
}
