//! What a replica is told when it starts.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, TcpListener, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use super::channel::ChannelError;
use super::disk::DiskError;
use super::journal::Acknowledge;
use super::key::SharedKey;
use super::log::Log;
use crate::model::System;
use crate::protocol::ProcessId;

/// Where a replica keeps what it must not forget.
#[derive(Debug, Clone)]
pub enum Storage {
    /// In memory: whoever restarts has lost it.
    Memory,
    /// In a folder.
    Folder(PathBuf),
}

/// How much others may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections at once.
    pub connections: usize,
    /// Bytes of frames that are read at once.
    pub bytes: usize,
    /// How long a connection may be silent.
    pub idle: Duration,
}

impl Default for ServerLimits {
    /// 1024 connections, 64 MiB, ten minutes.
    fn default() -> Self {
        ServerLimits { connections: 1024, bytes: 64 << 20, idle: Duration::from_secs(600) }
    }
}

/// A replica that is to serve.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The definition.
    pub system: &'a System,
    /// The name of the protocol.
    pub protocol: &'a str,
    /// Which node of the definition.
    pub node: ProcessId,
    /// Where it listens.
    pub listener: TcpListener,
    /// Where the others are, as HOST:PORT.
    pub peers: BTreeMap<ProcessId, String>,
    /// The secret of the cluster.
    pub key: Option<SharedKey>,
    /// Where it keeps what it must not forget.
    pub storage: Storage,
    /// Whether it has lost its disk, and asks the others for what it knew.
    pub rejoin: bool,
    /// Where metrics and health are served.
    pub metrics: Option<TcpListener>,
    /// How much others may ask for.
    pub limits: ServerLimits,
    /// When messages leave.
    pub acknowledge: Acknowledge,
    /// Whether it asks nobody if another disk of its own is known: a replica that must be found out.
    pub forgets: bool,
    /// Where events go.
    pub log: Log,
}

/// Why processes cannot work together, or a replica has ended.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Sockets and threads.
    #[error("{what}: {reason}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it did not work.
        reason: std::io::Error,
    },
    /// What a replica keeps.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Another replica knows better.
    #[error("{peer} refuses this replica: {reason}")]
    Refused {
        /// Who.
        peer: String,
        /// Why.
        reason: String,
    },
    /// Anybody could talk to it.
    #[error(
        "{address} can be reached by others: that needs a shared key, as in --key FILE with what `openssl rand -hex 32` prints"
    )]
    Open {
        /// The address.
        address: String,
    },
    /// Nobody to rejoin with.
    #[error(
        "the other replicas that are named contain no read quorum, so that what was lost cannot be found: name them all with --peers"
    )]
    NobodyKnows,
    /// It was asked to end before it served.
    #[error("ended on request before it served")]
    Stopped,
    /// A connection.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

/// Says what was tried.
pub(super) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> NetError {
    let what = what.into();
    move |reason| NetError::Io { what, reason }
}

/// Refuses an address that others could reach, where there is no key.
///
/// # Errors
/// [`NetError::Open`], and [`NetError::Io`] for a name that nobody knows.
pub fn check_open(address: &str, key: Option<&SharedKey>) -> Result<(), NetError> {
    if key.is_some() {
        return Ok(());
    }
    let all = address.to_socket_addrs().map_err(io(format!("no address {address:?}")))?;
    let is_open = |address: &SocketAddr| match address.ip() {
        IpAddr::V4(ip) => !ip.is_loopback(),
        IpAddr::V6(ip) => !ip.is_loopback() && !ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback()),
    };
    if all.into_iter().any(|address| is_open(&address)) {
        return Err(NetError::Open { address: address.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_open_to_everybody_who_is_there() {
        for address in ["127.0.0.1:1", "[::1]:1", "localhost:1", "127.9.9.9:0"] {
            assert!(check_open(address, None).is_ok(), "{address}");
        }
        let key = SharedKey::read(&[b'0'; 64]).unwrap();
        for address in ["0.0.0.0:1", "[::]:1", "192.0.2.7:1"] {
            assert!(matches!(check_open(address, None), Err(NetError::Open { .. })), "{address}");
            assert!(check_open(address, Some(&key)).is_ok(), "{address}");
        }
        assert!(matches!(check_open("nowhere", None), Err(NetError::Io { .. })));
    }
}
