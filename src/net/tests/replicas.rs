//! One replica without a network, and clusters of replicas in threads.

use std::sync::Arc;

use crate::families::Family;
use crate::model::System;
use crate::net::disk::{Contents, Disk, DiskError, Owner};
use crate::net::frame::{FrameKind, HEADER, content, frame, kind_of};
use crate::net::journal::{Acknowledge, Journal};
use crate::net::letter::Letter;
use crate::net::metrics::Metrics;
use crate::net::node::Node;
use crate::net::outbox::{Line, LineEnd, Outbox, line};
use crate::protocol::register::{Guarantee, Patience, RegisterMessage, Registers};
use crate::protocol::{Key, Pick, ProcessId, Role, Timestamp, Version};

use super::FaultyDisk;

/// Three replicas and a majority.
pub(super) fn majority() -> System {
    Family::Majority { n: 3 }.system().unwrap()
}

pub(super) fn registers(system: &System) -> Registers {
    Registers::new(system, Guarantee::Atomic, &Pick::All, Patience { retries: None, ..Patience::default() })
}

/// The first replica of three, driven by hand.
pub(super) struct Replica {
    node: Node<Registers>,
    pub(super) journal: Journal,
    line: Line,
    end: LineEnd,
}

/// The owner of the disk.
pub(super) fn owner() -> Owner {
    Owner { cluster: [7; 16], node: 0, name: "n1".into(), rejoins: false }
}

impl Replica {
    /// A replica on a disk.
    pub(super) fn on(disk: &FaultyDisk, acknowledge: Acknowledge) -> Result<Replica, DiskError> {
        let (disk, contents) = Disk::of_backend(disk.clone(), &owner())?;
        Replica::with(Some(disk), contents, acknowledge)
    }

    fn with(disk: Option<Disk>, contents: Contents, acknowledge: Acknowledge) -> Result<Replica, DiskError> {
        let metrics = Arc::new(Metrics::default());
        let outbox = Arc::new(Outbox::new(&metrics));
        let journal = Journal::new(disk, &outbox, &metrics, acknowledge, |_| {}).unwrap();
        let (node, first) = Node::begin(&registers(&majority()), contents)?;
        journal.carry_out(first);
        let (line, end) = line();
        Ok(Replica { node, journal, line, end })
    }

    /// Hands a message in.
    pub(super) fn send(&mut self, message: RegisterMessage) {
        let bytes = frame(FrameKind::Letter(Role::Other), &(0u64, message, Vec::<(u64, Vec<u8>)>::new())).unwrap();
        let step = self.node.receive(ProcessId(3), &bytes[HEADER..], &self.line).unwrap();
        self.journal.carry_out(step);
    }

    /// Asks for a value to be stored, the `number`-th.
    pub(super) fn store(&mut self, number: u64) {
        let version = version(number);
        self.send(RegisterMessage::Store { round: number, key: Key(number as u32 % 5), version });
    }

    /// All answers so far, once the disk has nothing left to do.
    pub(super) fn answers(mut self) -> Vec<RegisterMessage> {
        self.journal.close();
        drop((self.node, self.line));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut answers = Vec::new();
        let mut bytes = Vec::new();
        while runtime.block_on(self.end.next(&mut bytes)) {
            let mut rest = &bytes[..];
            while let Some(header) = rest.first_chunk::<HEADER>() {
                assert!(matches!(kind_of(header), Some(FrameKind::Letter(Role::Answer))));
                let length = u32::from_le_bytes(header[4..8].try_into().unwrap()) as usize;
                let letter: Letter<RegisterMessage> = content(&rest[HEADER..HEADER + length]).unwrap();
                answers.push(letter.message);
                rest = &rest[HEADER + length..];
            }
        }
        answers
    }
}

/// The version that [`Replica::store`] stores.
pub(super) fn version(number: u64) -> Version {
    Version { timestamp: Timestamp { counter: number, writer: ProcessId(3) }, value: 1_000 + number }
}
