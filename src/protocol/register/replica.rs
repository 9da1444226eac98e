//! A replica: holds the newest version of every register that it was told.

use std::collections::BTreeMap;

use super::message::{RegisterMessage, RegisterRecord};
use crate::protocol::machine::{Input, Key, Machine, Outputs};
use crate::protocol::version::Version;

/// A replica of all registers.
///
/// It never goes back to an older version, and persists a version before it acknowledges it. All guarantees of the
/// registers rest on these two.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Replica {
    held: BTreeMap<Key, Version>,
}

impl Replica {
    /// The newest version that it holds.
    pub fn version(&self, key: Key) -> Version {
        self.held.get(&key).copied().unwrap_or(Version::INITIAL)
    }
}

impl Machine for Replica {
    type Message = RegisterMessage;
    type Record = RegisterRecord;

    fn step(
        &mut self,
        _clock_ns: u64,
        input: Input<RegisterMessage, RegisterRecord>,
        out: &mut Outputs<RegisterMessage, RegisterRecord>,
    ) {
        match input {
            Input::Message { from, message: RegisterMessage::Query { round, key } } => {
                out.send(from, RegisterMessage::Version { round, version: self.version(key) });
            }
            Input::Message { from, message: RegisterMessage::Store { round, key, version } } => {
                let held = self.held.entry(key).or_insert(Version::INITIAL);
                if version > *held {
                    *held = version;
                    out.persist(u64::from(key.0), Some(RegisterRecord::Held(version)));
                }
                out.send(from, RegisterMessage::Stored { round });
            }
            Input::Restart { disk, .. } => {
                let held = |(slot, record): (u64, &RegisterRecord)| match record {
                    RegisterRecord::Held(version) => u32::try_from(slot).ok().map(|key| (Key(key), *version)),
                    _ => None,
                };
                self.held = disk.iter().filter_map(held).collect();
            }
            // Answers are for clients, timers are never set.
            Input::Start { .. } | Input::Message { .. } | Input::Timer { .. } | Input::Call { .. } => {}
        }
    }
}
