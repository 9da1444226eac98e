//! Where the replicas are.

use std::collections::BTreeMap;

use clap::Args;

use crate::cli::args::heading;
use crate::cli::error::Failure;
use crate::model::System;
use crate::protocol::ProcessId;

/// A replica and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    name: String,
    address: String,
}

/// Where the others are.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::NETWORK)]
pub(super) struct PeerArgs {
    /// Where the replicas are, by the names of their nodes
    #[arg(long, value_name = "NAME=HOST:PORT[,..]", value_delimiter = ',', value_parser = peer)]
    peers: Vec<Peer>,
}

/// Reads `NAME=HOST:PORT`.
fn peer(text: &str) -> Result<Peer, String> {
    let expected = "expected NAME=HOST:PORT, as in n1=127.0.0.1:7001";
    let (name, address) = text.rsplit_once('=').ok_or(expected)?;
    let (host, port) = address.rsplit_once(':').ok_or(expected)?;
    if name.is_empty() || host.is_empty() || port.parse::<u16>().map_or(true, |port| port == 0) {
        return Err(expected.into());
    }
    Ok(Peer { name: name.trim_matches('"').to_owned(), address: address.to_owned() })
}

impl PeerArgs {
    /// The addresses by node.
    pub(super) fn addresses(&self, system: &System) -> Result<BTreeMap<ProcessId, String>, Failure> {
        let mut addresses = BTreeMap::new();
        for Peer { name, address } in &self.peers {
            if addresses.insert(node(system, name)?, address.clone()).is_some() {
                return Err(Failure::Twice { flag: "--peers", value: name.clone() });
            }
        }
        Ok(addresses)
    }
}

/// The node of a name.
pub(super) fn node(system: &System, name: &str) -> Result<ProcessId, Failure> {
    if let Some(at) = system.nodes().iter().position(|node| node.name == name) {
        return Ok(ProcessId(at as u32));
    }
    let names: Vec<&str> = system.nodes().iter().map(|node| node.name.as_str()).collect();
    Err(Failure::NoNode { name: name.to_owned(), advice: crate::cli::error::advice(name, &names) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_refused() {
        let of = |name: &str, address: &str| Ok(Peer { name: name.into(), address: address.into() });
        assert_eq!(peer("n1=127.0.0.1:7001"), of("n1", "127.0.0.1:7001"));
        assert_eq!(peer("a=b=[::1]:7001"), of("a=b", "[::1]:7001"));
        for wrong in ["n1", "n1=7001", "=h:1", "n1=:1", "n1=h:0", "n1=h:70000", "n1=h:x"] {
            assert!(peer(wrong).is_err(), "{wrong}");
        }
    }
}
