//! The strategies: who may write, when a write is answered, and who executes it.

/// Who may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Masters {
    /// One replica; the others follow.
    Single,
    /// Every replica.
    Multi,
}

/// When a write is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// When all replicas that are not suspected have it.
    Synchronous,
    /// When one replica has it.
    Asynchronous,
    /// When a write quorum has it; reads ask a read quorum.
    Quorum,
}

/// Who executes a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// Every replica.
    Active,
    /// One replica, which tells the others what has changed.
    Passive,
}

/// Through whom clients come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// One of the replicas.
    Replica,
    /// A proxy beside the clients, which is no replica.
    Proxy,
}

/// How writes get from one replica to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// To all at once.
    Fan,
    /// From each to the next: written at the head, answered and read at the tail.
    Chain,
    /// To all at once, in one order that the master gives, whoever took them.
    TotalOrder,
}

/// A replication strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strategy {
    /// Who may write.
    pub masters: Masters,
    /// When a write is answered.
    pub timing: Timing,
    /// Who executes.
    pub execution: Execution,
    /// How writes spread.
    pub shape: Shape,
    /// Through whom clients come in.
    pub access: Access,
}

impl Strategy {
    /// All of them, through the replicas first.
    pub fn all() -> Vec<Strategy> {
        let mut all = Vec::new();
        for access in [Access::Replica, Access::Proxy] {
            for masters in [Masters::Single, Masters::Multi] {
                for timing in [Timing::Synchronous, Timing::Asynchronous, Timing::Quorum] {
                    for execution in [Execution::Passive, Execution::Active] {
                        all.push(Strategy { masters, timing, execution, shape: Shape::Fan, access });
                    }
                }
            }
            let (single, multi) = (Masters::Single, Masters::Multi);
            let chain = (single, Timing::Synchronous, Execution::Passive, Shape::Chain);
            let order = (multi, Timing::Quorum, Execution::Active, Shape::TotalOrder);
            for (masters, timing, execution, shape) in [chain, order] {
                all.push(Strategy { masters, timing, execution, shape, access });
            }
        }
        all
    }

    /// What it is called, but for the access.
    pub fn name(&self) -> String {
        match self.shape {
            Shape::Chain => "chain".into(),
            Shape::TotalOrder => "total-order".into(),
            Shape::Fan => {
                format!("{}-master {} {}", self.masters.name(), self.timing.name(), self.execution.name())
            }
        }
    }

    /// Whether one replica at a time gives writes their order.
    pub(super) fn has_master(&self) -> bool {
        self.masters == Masters::Single || self.shape == Shape::TotalOrder
    }

    /// Whether versions decide which write comes last, and not who comes last.
    pub(super) fn is_ordered(&self) -> bool {
        self.has_master() || self.timing == Timing::Quorum
    }
}

impl Masters {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Masters::Single => "single",
            Masters::Multi => "multi",
        }
    }
}

impl Timing {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Timing::Synchronous => "synchronous",
            Timing::Asynchronous => "asynchronous",
            Timing::Quorum => "quorum",
        }
    }
}

impl Execution {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Execution::Active => "active",
            Execution::Passive => "passive",
        }
    }
}

impl Access {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Access::Replica => "replica",
            Access::Proxy => "proxy",
        }
    }
}
