//! What a protocol needs to run between processes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::texts;
use crate::protocol::dynamo::{Dynamo, DynamoMessage, DynamoRecord};
use crate::protocol::register::{RegisterMessage, RegisterRecord, Registers};
use crate::protocol::{Message, Protocol, Version};

/// Which texts a message or a record is about.
pub trait Carried {
    /// Calls `each` with the word of every text.
    fn texts(&self, each: &mut dyn FnMut(u64));
}

/// What a replica persists.
pub trait Durable: Carried + Sized {
    /// What a replica that has lost its disk should hold in a slot for which it was told both, or `None` if the protocol has no
    /// such rule: a replica then cannot rejoin.
    fn joined(self, other: Self) -> Option<Self>;
}

/// A protocol that may run between processes.
///
/// Registers and stores in the style of Dynamo do. A consensus protocol needs these few lines, and then has `serve`, `client`
/// and `bench`.
pub trait Replicated:
    Protocol<
        Message: Carried + Message + Serialize + DeserializeOwned + Send + 'static,
        Record: Durable + Serialize + DeserializeOwned + Send + 'static,
        Replica: Send + 'static,
        Client: Send + 'static,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl Replicated for Registers {}
impl Replicated for Dynamo {}

fn of_version(version: &Version, each: &mut dyn FnMut(u64)) {
    texts::of_value(version.value).into_iter().for_each(each);
}

impl Carried for RegisterMessage {
    fn texts(&self, each: &mut dyn FnMut(u64)) {
        match self {
            RegisterMessage::Query { key, .. } => texts::of_key(*key).into_iter().for_each(each),
            RegisterMessage::Version { version, .. } => of_version(version, each),
            RegisterMessage::Store { key, version, .. } => {
                texts::of_key(*key).into_iter().for_each(&mut *each);
                of_version(version, each);
            }
            RegisterMessage::Stored { .. } => {}
        }
    }
}

impl Carried for RegisterRecord {
    fn texts(&self, each: &mut dyn FnMut(u64)) {
        if let RegisterRecord::Held(version) = self {
            of_version(version, each);
        }
    }
}

impl Durable for RegisterRecord {
    fn joined(self, other: Self) -> Option<Self> {
        match (self, other) {
            (RegisterRecord::Held(one), RegisterRecord::Held(other)) => Some(RegisterRecord::Held(one.max(other))),
            _ => None,
        }
    }
}

impl Carried for DynamoMessage {
    fn texts(&self, each: &mut dyn FnMut(u64)) {
        match self {
            DynamoMessage::Query { key, .. } | DynamoMessage::HandedOff { key, .. } => {
                texts::of_key(*key).into_iter().for_each(each);
            }
            DynamoMessage::Version { version, .. } => of_version(version, each),
            DynamoMessage::Store { key, version, .. }
            | DynamoMessage::Repair { key, version }
            | DynamoMessage::HandOff { key, version } => {
                texts::of_key(*key).into_iter().for_each(&mut *each);
                of_version(version, each);
            }
            DynamoMessage::Exchange { versions, .. } => {
                for (key, version) in versions {
                    texts::of_key(*key).into_iter().for_each(&mut *each);
                    of_version(version, each);
                }
            }
            DynamoMessage::Stored { .. } | DynamoMessage::Summary { .. } => {}
        }
    }
}

impl Carried for DynamoRecord {
    fn texts(&self, each: &mut dyn FnMut(u64)) {
        if let DynamoRecord::Held { key, version } | DynamoRecord::Hint { key, version, .. } = self {
            texts::of_key(*key).into_iter().for_each(&mut *each);
            of_version(version, each);
        }
    }
}

impl Durable for DynamoRecord {
    fn joined(self, other: Self) -> Option<Self> {
        match (self, other) {
            (DynamoRecord::Held { key, version }, DynamoRecord::Held { version: other, .. }) => {
                Some(DynamoRecord::Held { key, version: version.max(other) })
            }
            // A hint is for another replica, and stays where it is.
            (held @ DynamoRecord::Held { .. }, _) | (_, held @ DynamoRecord::Held { .. }) => Some(held),
            _ => None,
        }
    }
}
