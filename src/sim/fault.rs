//! What goes wrong, and when.

use super::fate::Fate;
use super::latency::Latency;
use crate::protocol::{ProcessId, Role};
use fixedbitset::FixedBitSet;
use std::collections::BTreeMap;

/// A set of processes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProcessSet {
    bits: FixedBitSet,
}

impl ProcessSet {
    /// Whether a process is a member.
    pub fn contains(&self, process: ProcessId) -> bool {
        self.bits.contains(process.index())
    }

    /// The members, ascending.
    pub fn iter(&self) -> impl Iterator<Item = ProcessId> + '_ {
        self.bits.ones().map(|index| ProcessId(index as u32))
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.bits.count_ones(..)
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.bits.is_clear()
    }

    /// Adds a process.
    pub fn insert(&mut self, process: ProcessId) {
        self.bits.grow_and_insert(process.index());
    }

    /// The other processes below `count`.
    pub fn complement(&self, count: usize) -> ProcessSet {
        (0..count as u32).map(ProcessId).filter(|process| !self.contains(*process)).collect()
    }
}

impl FromIterator<ProcessId> for ProcessSet {
    fn from_iter<I: IntoIterator<Item = ProcessId>>(processes: I) -> Self {
        let mut set = ProcessSet::default();
        processes.into_iter().for_each(|process| set.insert(process));
        set
    }
}

/// Something that goes wrong, or right again.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Processes stop: what they were doing is lost, their disks stay. Messages on their way arrive all the same.
    Crash {
        /// Which.
        processes: ProcessSet,
    },
    /// Crashed processes start again.
    Recover {
        /// Which.
        processes: ProcessSet,
        /// Whether they find their disks.
        disk: bool,
    },
    /// Messages from some processes to others no longer arrive, also those that are on their way.
    Cut {
        /// Who is not heard.
        from: ProcessSet,
        /// By whom.
        to: ProcessSet,
        /// Only messages for this; absent: all.
        role: Option<Role>,
    },
    /// A cut with these very sets ends.
    Mend {
        /// Who was not heard.
        from: ProcessSet,
        /// By whom.
        to: ProcessSet,
        /// Which messages did not arrive.
        role: Option<Role>,
    },
    /// All cuts end.
    Heal,
    /// From now on messages to and from processes take longer.
    Slow {
        /// Which.
        processes: ProcessSet,
        /// How many times as long; 1 ends it.
        factor: f64,
    },
    /// From now on messages are lost.
    Loss {
        /// With this probability, each by itself.
        probability: f64,
    },
    /// From now on messages arrive twice.
    Duplication {
        /// With this probability, each by itself.
        probability: f64,
    },
    /// From now on clocks are wrong.
    Clock {
        /// Which.
        processes: ProcessSet,
        /// How far they are ahead now, in nanoseconds.
        ahead_ns: i64,
        /// How fast they go; 1 is right.
        rate: f64,
    },
    /// The next write of a client reaches only some replicas, and the client crashes right after it has sent it.
    TornWrite {
        /// Which client.
        client: ProcessId,
        /// Which replicas.
        reaches: ProcessSet,
    },
}

/// A fault at its time.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultEvent {
    /// Nanoseconds since the start.
    pub at_ns: u64,
    /// What happens.
    pub fault: Fault,
}

/// The delay of some links.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// From whom.
    pub from: ProcessSet,
    /// To whom.
    pub to: ProcessSet,
    /// Only messages for this; absent: all.
    pub role: Option<Role>,
    /// How long messages take.
    pub latency: Latency,
}

/// Network and faults of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scenario {
    /// How long messages take.
    pub latency: Latency,
    /// Exceptions, of which the last that fits counts.
    pub links: Vec<Link>,
    /// Probability that a message is lost.
    pub loss: f64,
    /// Probability that a message arrives twice.
    pub duplication: f64,
    /// What happens when, in any order.
    pub faults: Vec<FaultEvent>,
    /// What becomes of single messages, by who sends them and which of the sender's messages they are, from 1.
    pub fates: BTreeMap<(ProcessId, u64), Fate>,
}

impl Scenario {
    /// How long a message takes: as the last link says that fits.
    pub(crate) fn latency_between(&self, from: ProcessId, to: ProcessId, role: Role) -> &Latency {
        let fits = |link: &&Link| {
            link.role.is_none_or(|only| only == role) && link.from.contains(from) && link.to.contains(to)
        };
        self.links.iter().rev().find(fits).map_or(&self.latency, |link| &link.latency)
    }
}
