//! What drivers count beside messages and operations.

/// What drivers count beside messages and operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A read returned without writing back, because enough replicas held its value already.
    FastRead,
    /// A read wrote its value back before it returned.
    WriteBack,
    /// Nodes did not answer in time, and the others were asked too.
    Fallback,
    /// A write was kept for a node that could not be reached.
    HintStored,
    /// A write that was kept reached its node.
    HintDelivered,
    /// A replica that had answered a read with an old version was sent the new one.
    ReadRepair,
    /// Two replicas compared what they hold and exchanged a version.
    AntiEntropy,
    /// A replica asked to be the leader, or the proposer of one command.
    Election,
    /// A replica became the leader.
    Leader,
    /// Replicas took two commands in two orders, and a leader had to settle it.
    Collision,
}

impl Event {
    /// All of them.
    pub const ALL: [Event; 10] = [
        Event::FastRead,
        Event::WriteBack,
        Event::Fallback,
        Event::HintStored,
        Event::HintDelivered,
        Event::ReadRepair,
        Event::AntiEntropy,
        Event::Election,
        Event::Leader,
        Event::Collision,
    ];

    /// The key in reports.
    pub fn name(self) -> &'static str {
        match self {
            Event::FastRead => "fast_reads",
            Event::WriteBack => "write_backs",
            Event::Fallback => "fallbacks",
            Event::HintStored => "hints_stored",
            Event::HintDelivered => "hints_delivered",
            Event::ReadRepair => "read_repairs",
            Event::AntiEntropy => "anti_entropy",
            Event::Election => "elections",
            Event::Leader => "leaders",
            Event::Collision => "collisions",
        }
    }

    /// What people read.
    pub fn words(self) -> &'static str {
        match self {
            Event::FastRead => "reads without write-back",
            Event::WriteBack => "reads with write-back",
            Event::Fallback => "fallbacks to other nodes",
            Event::HintStored => "hints stored",
            Event::HintDelivered => "hints delivered",
            Event::ReadRepair => "read repairs",
            Event::AntiEntropy => "anti-entropy exchanges",
            Event::Election => "elections begun",
            Event::Leader => "leaders elected",
            Event::Collision => "collisions settled",
        }
    }
}
