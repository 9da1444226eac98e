//! A replica: holds registers for itself, and versions for others until they are back.

use std::collections::BTreeMap;

use super::Plan;
use super::message::{DynamoMessage, DynamoRecord};
use super::tree;
use crate::protocol::machine::{Disk, Event, Input, Key, Machine, Outputs, ProcessId, TimerId};
use crate::protocol::shared::Shared;
use crate::protocol::version::Version;

/// Time to hand off what is held for others.
const HAND_OFF: TimerId = TimerId(0);

/// Time to compare with another replica.
const COMPARE: TimerId = TimerId(1);

/// Slots of hints; those of registers are their keys.
const HINTS: u64 = 1 << 63;

type Out = Outputs<DynamoMessage, DynamoRecord>;

/// A replica of the registers that it is a home of.
///
/// It never goes back to an older version, persists a version before it acknowledges it, and drops a hint only when the home
/// has acknowledged it: an acknowledged write is on as many disks as acknowledged it, for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Replica {
    plan: Shared<Plan>,
    id: ProcessId,
    held: BTreeMap<Key, Version>,
    hints: BTreeMap<(ProcessId, Key), Version>,
}

impl Replica {
    pub(super) fn new(plan: Shared<Plan>, id: ProcessId) -> Self {
        Replica { plan, id, held: BTreeMap::new(), hints: BTreeMap::new() }
    }

    /// The newest version of a register that it holds, for itself or for another replica.
    pub fn version(&self, key: Key) -> Version {
        let hinted = self.hints.iter().filter(|((_, of), _)| *of == key).map(|(_, version)| *version);
        hinted.chain(self.held.get(&key).copied()).max().unwrap_or(Version::INITIAL)
    }

    /// How many versions it holds for others.
    pub fn hints(&self) -> usize {
        self.hints.len()
    }

    fn begin(&mut self, draw: u64, out: &mut Out) {
        if let Some(every) = self.plan.settings.anti_entropy_every_ns {
            // Replicas that start together should not all compare together.
            out.set_timer(COMPARE, every / 2 + draw % every.max(1));
        }
        if !self.hints.is_empty() {
            out.set_timer(HAND_OFF, self.plan.settings.hand_off_every_ns);
        }
    }

    fn restart(&mut self, disk: &Disk<DynamoRecord>) {
        for (_, record) in disk.iter() {
            match record {
                DynamoRecord::Held { key, version } => _ = self.held.insert(*key, *version),
                DynamoRecord::Hint { home, key, version } => _ = self.hints.insert((*home, *key), *version),
                DynamoRecord::Client { .. } => {}
            }
        }
    }

    /// Takes over a version unless a newer one is held; says whether it did.
    fn hold(&mut self, key: Key, version: Version, out: &mut Out) -> bool {
        let held = self.held.entry(key).or_insert(Version::INITIAL);
        let newer = version > *held;
        if newer {
            *held = version;
            out.persist(u64::from(key.0), Some(DynamoRecord::Held { key, version }));
        }
        newer
    }

    /// Keeps a version for its home.
    fn keep(&mut self, home: ProcessId, key: Key, version: Version, out: &mut Out) {
        if self.hints.is_empty() {
            out.set_timer(HAND_OFF, self.plan.settings.hand_off_every_ns);
        }
        let hint = self.hints.entry((home, key)).or_insert(Version::INITIAL);
        if version > *hint {
            *hint = version;
            out.persist(hint_slot(home, key), Some(DynamoRecord::Hint { home, key, version }));
            out.count(Event::HintStored);
        }
    }

    fn hand_off(&mut self, out: &mut Out) {
        for ((home, key), version) in &self.hints {
            out.send(*home, DynamoMessage::HandOff { key: *key, version: *version });
        }
        if !self.hints.is_empty() {
            out.set_timer(HAND_OFF, self.plan.settings.hand_off_every_ns);
        }
    }

    fn handed_off(&mut self, home: ProcessId, key: Key, version: crate::protocol::Timestamp, out: &mut Out) {
        if self.hints.get(&(home, key)).is_some_and(|hint| hint.timestamp <= version) {
            self.hints.remove(&(home, key));
            out.persist(hint_slot(home, key), None);
            out.count(Event::HintDelivered);
        }
    }

    /// Sends another replica, drawn at random, the hash tree of what both are homes of.
    fn compare(&mut self, draw: u64, out: &mut Out) {
        let Some(every) = self.plan.settings.anti_entropy_every_ns else { return };
        let others = self.plan.ring.nodes() as u64 - 1;
        if others > 0 {
            let at = ((u128::from(draw) * u128::from(others)) >> 64) as u32;
            let other = ProcessId(if at >= self.id.0 { at + 1 } else { at });
            out.send(other, DynamoMessage::Summary { leaves: self.summary(other) });
        }
        out.set_timer(COMPARE, every);
    }

    fn is_shared(&self, key: Key, other: ProcessId) -> bool {
        self.plan.is_home(self.id, key) && self.plan.is_home(other, key)
    }

    fn summary(&self, other: ProcessId) -> Vec<u64> {
        tree::leaves(self.held.iter().filter(|(key, _)| self.is_shared(**key, other)))
    }

    fn exchange(&self, other: ProcessId, leaves: Vec<u16>, answer: bool, out: &mut Out) {
        let versions = tree::below(&self.held, &leaves, |key| self.is_shared(key, other));
        out.send(other, DynamoMessage::Exchange { leaves, versions, answer });
    }

    fn receive(&mut self, from: ProcessId, message: DynamoMessage, out: &mut Out) {
        match message {
            DynamoMessage::Query { round, key } => {
                out.send(from, DynamoMessage::Version { round, version: self.version(key) });
            }
            DynamoMessage::Store { round, key, version, home } => {
                match home {
                    Some(home) if home != self.id => self.keep(home, key, version, out),
                    _ => _ = self.hold(key, version, out),
                }
                out.send(from, DynamoMessage::Stored { round });
            }
            DynamoMessage::Repair { key, version } => _ = self.hold(key, version, out),
            DynamoMessage::HandOff { key, version } => {
                self.hold(key, version, out);
                out.send(from, DynamoMessage::HandedOff { key, timestamp: version.timestamp });
            }
            DynamoMessage::HandedOff { key, timestamp } => self.handed_off(from, key, timestamp, out),
            DynamoMessage::Summary { leaves } => {
                let differing = tree::differing(&self.summary(from), &leaves);
                if !differing.is_empty() {
                    self.exchange(from, differing, true, out);
                }
            }
            DynamoMessage::Exchange { leaves, versions, answer } => {
                for (key, version) in versions {
                    if self.hold(key, version, out) {
                        out.count(Event::AntiEntropy);
                    }
                }
                if answer {
                    self.exchange(from, leaves, false, out);
                }
            }
            // Answers are for clients.
            DynamoMessage::Version { .. } | DynamoMessage::Stored { .. } => {}
        }
    }
}

fn hint_slot(home: ProcessId, key: Key) -> u64 {
    HINTS | (u64::from(home.0) << 32) | u64::from(key.0)
}

impl Machine for Replica {
    type Message = DynamoMessage;
    type Record = DynamoRecord;

    fn step(&mut self, _clock_ns: u64, input: Input<DynamoMessage, DynamoRecord>, out: &mut Out) {
        match input {
            Input::Start { draw } => self.begin(draw, out),
            Input::Restart { disk, draw } => {
                self.restart(&disk);
                self.begin(draw, out);
            }
            Input::Message { from, message } => self.receive(from, message, out),
            Input::Timer { timer: HAND_OFF, .. } => self.hand_off(out),
            Input::Timer { draw, .. } => self.compare(draw, out),
            // Calls are for clients.
            Input::Call { .. } => {}
        }
    }
}
