//! A store in the style of Dynamo: always writable, and stale where its quorums do not meet.
//!
//! Every register has N homes: the first N nodes on the ring from its key onwards. A write waits for W of them, a read for R,
//! and the newest timestamp wins.
//!
//! | mechanism | what it does |
//! | --- | --- |
//! | sloppy quorum | homes that do not answer are replaced by the next nodes of the ring, so that reads and writes go on |
//! | hinted hand-off | who stands in for a home keeps the version for it, and delivers it when the home is back |
//! | read repair | a read sends the newest version to the homes that answered with an older one |
//! | anti-entropy | replicas compare hash trees of the registers they share, and exchange where they differ |
//!
//! # What it guarantees
//! *Strict* quorums with R + W > N: a read that starts after a write ended returns it or something with a higher timestamp,
//! because R and W of the same N homes share one. That is regular as long as timestamps follow real time, and not
//! atomic, since nothing is written back before a read returns: of two reads one after the other, the second may
//! return the older value. *Sloppy* quorums guarantee nothing about reads, whatever R + W is: a write may lie on {A, D, E}
//! while a read asks {B, C}.
//! An acknowledged write is never lost while W - 1 nodes or fewer lose their disks, and with anti-entropy every home has it in
//! the end; hints alone may leave one behind, when two nodes stood in for the same home.
//!
//! Timestamps are the client's clock, as in Cassandra, and never go back at one client: where clocks are wrong, the last
//! write is the one with the fastest clock. Dynamo itself keeps conflicting versions side by side with vector clocks; a
//! register has one value.
//!
//! The client is the coordinator, as in section 6.4 of the paper.
//!
//! # Source
//! DeCandia et al., Dynamo: Amazon's highly available key-value store, SOSP 2007.

mod client;
mod message;
mod replica;
mod ring;
mod tree;

#[cfg(test)]
mod tests;

use std::fmt;

pub use client::Client;
pub use message::{DynamoMessage, DynamoRecord};
pub use replica::Replica;
pub use ring::{Placement, Ring};

use super::machine::{Key, ProcessId, Protocol};
use super::register::Patience;
use super::shared::Shared;

/// How a Dynamo-style store is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Nodes on the ring.
    pub nodes: usize,
    /// N: homes of a register.
    pub homes: usize,
    /// R: answers that a read waits for.
    pub read: usize,
    /// W: acknowledgements that a write waits for.
    pub write: usize,
    /// How nodes are placed on the ring.
    pub placement: Placement,
    /// Whether other nodes stand in for homes that do not answer.
    pub sloppy: bool,
    /// Whether reads repair what they find to be old.
    pub read_repair: bool,
    /// Time between two attempts to hand off.
    pub hand_off_every_ns: u64,
    /// Time between two comparisons with another replica; absent: none.
    pub anti_entropy_every_ns: Option<u64>,
    /// For how long a client avoids a node that did not answer.
    pub suspicion_ns: u64,
    /// How long a client waits.
    pub patience: Patience,
}

/// Why settings make no store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// More homes than nodes, or none.
    #[error("{homes} homes on a ring of {nodes} nodes: there must be from 1 to {nodes}")]
    Homes {
        /// N.
        homes: usize,
        /// Nodes on the ring.
        nodes: usize,
    },
    /// R or W outside 1..=N.
    #[error("{what} = {size} of {homes} homes: it must be from 1 to {homes}")]
    Size {
        /// `R` or `W`.
        what: &'static str,
        /// Its value.
        size: usize,
        /// N.
        homes: usize,
    },
}

impl Settings {
    /// Sloppy quorums with every repair, on a hashed ring of `nodes` nodes: N homes, R and W.
    pub fn new(nodes: usize, homes: usize, read: usize, write: usize) -> Self {
        Settings {
            nodes,
            homes,
            read,
            write,
            placement: Placement::default(),
            sloppy: true,
            read_repair: true,
            hand_off_every_ns: 500_000_000,
            anti_entropy_every_ns: Some(5_000_000_000),
            suspicion_ns: 1_000_000_000,
            patience: Patience::default(),
        }
    }

    fn check(&self) -> Result<(), SettingsError> {
        let Settings { nodes, homes, read, write, .. } = *self;
        if homes == 0 || homes > nodes {
            return Err(SettingsError::Homes { homes, nodes });
        }
        for (what, size) in [("R", read), ("W", write)] {
            if size == 0 || size > homes {
                return Err(SettingsError::Size { what, size, homes });
            }
        }
        Ok(())
    }
}

/// A store in the style of Dynamo.
///
/// # Examples
/// ```
/// use quorate::protocol::Protocol;
/// use quorate::protocol::dynamo::{Dynamo, Settings};
/// let store = Dynamo::new(Settings::new(5, 3, 2, 2))?;
/// assert_eq!(store.replicas(), 5);
/// assert!(Dynamo::new(Settings::new(5, 3, 4, 2)).is_err());
/// # Ok::<(), quorate::protocol::dynamo::SettingsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dynamo {
    plan: Shared<Plan>,
}

/// What all processes share and never change.
struct Plan {
    settings: Settings,
    ring: Ring,
}

impl Plan {
    /// The preference list of a key.
    fn homes(&self, key: Key) -> impl Iterator<Item = ProcessId> + '_ {
        self.ring.walk(key).take(self.settings.homes)
    }

    /// Whether a node is a home of a key.
    fn is_home(&self, node: ProcessId, key: Key) -> bool {
        self.homes(key).any(|home| home == node)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { homes, read, write, .. } = self.settings;
        write!(out, "N={homes} R={read} W={write}")
    }
}

impl Dynamo {
    /// The store of these settings.
    ///
    /// # Errors
    /// [`SettingsError`] unless 1 <= R, W <= N <= nodes.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let ring = Ring::new(settings.nodes, settings.placement);
        Ok(Dynamo { plan: Shared::new(Plan { settings, ring }) })
    }

    /// How it is set up.
    pub fn settings(&self) -> &Settings {
        &self.plan.settings
    }

    /// The nodes that keep a register.
    pub fn homes(&self, key: Key) -> Vec<ProcessId> {
        self.plan.homes(key).collect()
    }
}

impl Protocol for Dynamo {
    type Message = DynamoMessage;
    type Record = DynamoRecord;
    type Replica = Replica;
    type Client = Client;

    fn replicas(&self) -> usize {
        self.plan.settings.nodes
    }

    fn is_single_writer(&self) -> bool {
        false
    }

    fn replica(&self, id: ProcessId) -> Replica {
        Replica::new(self.plan.clone(), id)
    }

    fn client(&self, id: ProcessId) -> Client {
        Client::new(self.plan.clone(), id)
    }
}
