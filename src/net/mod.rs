//! The same protocols between processes: replicas that serve over TCP and keep what they must not forget on a disk, and clients.
//!
//! The machines are those of [`protocol`](crate::protocol), and [`sim`](crate::sim) drives the very same ones. What is here is the rest of
//! a driver: frames and who may send them, disks, the order of what is written and what is sent, and time.
//!
//! | promise | kept by |
//! | --- | --- |
//! | nothing is acknowledged before it is on the disk | `journal`: messages wait for the commit of all that the replica had changed by then |
//! | a disk that failed once is not used again | `journal`, `server`: the replica ends |
//! | a replica that lost its disk does not come back as if nothing had happened | `introductions`, `rejoin`: the others know its disk |
//! | processes of another definition, protocol or key are not listened to | `cluster`, `channel` |
//! | nobody can make a replica use more than its limits | `frame`, `channel`, `outbox`, `connections` |
//! | an operation is done, certainly not done, or unknown, and these are told apart | `client` |

pub mod bench;
mod chance;
mod channel;
mod client;
mod cluster;
mod connections;
mod disk;
mod frame;
mod introductions;
mod journal;
mod key;
mod letter;
mod links;
mod log;
mod metrics;
mod node;
mod outbox;
mod peers;
pub mod record;
mod rejoin;
mod replicated;
mod server;
mod setup;
mod texts;

#[cfg(test)]
mod tests;

pub use channel::ChannelError;
pub use client::{Answer, Client, ClientSetup, Contacts, Undone};
pub use disk::DiskError;
pub use frame::{FRAME_BYTES_MAX, FrameError};
pub use journal::Acknowledge;
pub use key::{NotAKey, SharedKey};
pub use log::Log;
pub use metrics::{Counter, Metrics};
pub use replicated::{Carried, Durable, Replicated};
pub use server::serve;
pub use setup::{NetError, ServerLimits, Setup, Storage, check_open};
pub use texts::{KEY_BYTES_MAX, TextError, VALUE_BYTES_MAX};
