//! The lecture's replicated registers, over any read-write quorum system.
//!
//! | guarantee | write | read | needs | source |
//! | --- | --- | --- | --- | --- |
//! | regular (1,N) | store at a write quorum | query a read quorum, highest timestamp wins | reads meet writes | Gifford 1979; Lamport 1986 |
//! | atomic (1,N) | the same | the same, then write the version back to a write quorum | reads meet writes | Attiya, Bar-Noy and Dolev 1995 |
//! | atomic (N,N) | query a read quorum for the highest timestamp, then store | as atomic (1,N) | reads meet writes | Lynch and Shvartsman 1997 |
//!
//! No guarantee needs two writes to meet: a single writer knows its own timestamps, and several writers learn the
//! highest one from a read quorum. All survive crashes of clients, and of replicas as long as a read and a write quorum
//! are left and those that come back have their disks; messages may be lost, repeated and overtaken.
//!
//! # Reads without a write-back
//! A read of an atomic register may return version v right away if the replicas that answered with v *meet every read
//! quorum* (satisfy the dual of the reads), and no answer was newer.
//!
//! *Proof.* Write-back exists for one reason: every read that starts later must find v or something newer, and every
//! later write must choose a higher timestamp; both ask a read quorum. Let A be the replicas that answered v. Replicas never
//! go back to an older version, and persist before they answer, so from the time of their answers on each member of A
//! answers v or newer. A later read or write waits for a read quorum; A meets it; so it finds v or newer. ∎
//!
//! Where reads meet each other (majorities), every read quorum that agrees is such a set; where they do not (read one,
//! write all), a read quorum that agrees proves nothing, and the rule asks for a set as large as it must be.

mod client;
mod message;
mod replica;

use std::fmt;

pub use client::Client;
pub use message::{RegisterMessage, RegisterRecord};
pub use replica::Replica;

use super::machine::{ProcessId, Protocol};
use super::pick::{Contacts, Pick};
use super::shared::Shared;
use super::tally::Rules;
use crate::model::System;

/// What a register promises about its reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guarantee {
    /// One writer; every read returns the last value written or one that is being written.
    Regular,
    /// One writer; and no read returns an older value than a read before it.
    AtomicSingleWriter,
    /// Any writers; all operations happen one at a time, each at an instant between its start and its end.
    Atomic,
}

impl Guarantee {
    /// All of them.
    pub const ALL: [Guarantee; 3] = [Guarantee::Regular, Guarantee::AtomicSingleWriter, Guarantee::Atomic];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Guarantee::Regular => "regular",
            Guarantee::AtomicSingleWriter => "atomic-single-writer",
            Guarantee::Atomic => "atomic",
        }
    }

    /// Whether every register has one writer.
    pub fn is_single_writer(self) -> bool {
        self != Guarantee::Atomic
    }
}

/// How long a client waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Patience {
    /// After this time without a quorum of answers, everybody who has not answered is asked again.
    pub retry_after_ns: u64,
    /// After so many retries the client gives up; absent: never.
    pub retries: Option<u32>,
}

impl Default for Patience {
    /// A retry every 100 ms, for one second.
    fn default() -> Self {
        Patience { retry_after_ns: 100_000_000, retries: Some(9) }
    }
}

/// Replicated registers over a quorum system.
///
/// # Examples
/// ```
/// use quorate::families::Family;
/// use quorate::protocol::register::{Guarantee, Patience, Registers};
/// use quorate::protocol::{Pick, Protocol};
/// let system = Family::Majority { n: 5 }.system()?;
/// let registers = Registers::new(&system, Guarantee::Atomic, &Pick::All, Patience::default());
/// assert_eq!(registers.replicas(), 5);
/// # Ok::<(), quorate::families::FamilyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Registers {
    plan: Shared<Plan>,
}

/// What all clients share and never change.
struct Plan {
    guarantee: Guarantee,
    rules: Rules,
    contacts: Contacts,
    patience: Patience,
}

impl fmt::Debug for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.guarantee.name())
    }
}

impl Registers {
    /// The registers of a system; whether its quorums meet as the guarantee needs is for the caller to ask.
    ///
    /// # Complexity
    /// Linear in the formulas and in the strategy.
    pub fn new(system: &System, guarantee: Guarantee, pick: &Pick, patience: Patience) -> Self {
        let (rules, contacts) = (Rules::new(system), Contacts::new(system, pick));
        Registers { plan: Shared::new(Plan { guarantee, rules, contacts, patience }) }
    }

    /// What they promise.
    pub fn guarantee(&self) -> Guarantee {
        self.plan.guarantee
    }
}

impl Protocol for Registers {
    type Message = RegisterMessage;
    type Record = RegisterRecord;
    type Replica = Replica;
    type Client = Client;

    fn replicas(&self) -> usize {
        self.plan.rules.nodes()
    }

    fn is_single_writer(&self) -> bool {
        self.plan.guarantee.is_single_writer()
    }

    fn replica(&self, _: ProcessId) -> Replica {
        Replica::default()
    }

    fn client(&self, id: ProcessId) -> Client {
        Client::new(self.plan.clone(), id)
    }
}
