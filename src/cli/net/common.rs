//! Which protocol, which key, and how a process is asked to end.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::budget::Budget;
use crate::cli::args::heading;
use crate::cli::error::Failure;
use crate::cli::interrupt;
use crate::cli::protocol_args::{RingArgs, Store};
use crate::cli::specs::OneSpec;
use crate::model::System;
use crate::net::{Replicated, SharedKey};
use crate::protocol::Pick;
use crate::protocol::register::{Guarantee, Patience, Registers};
use crate::structure::reads_meet_writes;

/// What all processes of a cluster must agree on.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::PROTOCOL)]
pub(super) struct ClusterArgs {
    #[command(flatten)]
    pub(super) spec: OneSpec,
    /// Which register or store; the same in all processes
    #[arg(long, value_enum, default_value_t = Store::Register(Guarantee::Atomic))]
    pub(super) protocol: Store,
    /// Run although reads need not meet writes
    #[arg(long = "unsafe")]
    pub(super) allows_unfit: bool,
    #[command(flatten)]
    pub(super) ring: RingArgs,
}

/// The shared key.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::NETWORK)]
pub(super) struct KeyArgs {
    /// A file with the key that all processes share, 64 hexadecimal digits as of `openssl rand -hex 32`; what is sent is then encrypted,
    /// and it is needed wherever others than those of this machine could connect
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl KeyArgs {
    pub(super) fn read(&self) -> Result<Option<SharedKey>, Failure> {
        self.key.as_deref().map(read_key).transpose()
    }
}

fn read_key(path: &Path) -> Result<SharedKey, Failure> {
    let bytes = std::fs::read(path).map_err(|reason| Failure::Read { path: path.to_owned(), reason })?;
    SharedKey::read(&bytes).map_err(|reason| Failure::Key { path: path.to_owned(), reason })
}

/// Something that is done with a protocol, whichever it is.
pub(super) trait WithProtocol {
    /// What comes of it.
    type Output;

    /// Does it.
    fn with<P: Replicated>(self, protocol: P) -> Result<Self::Output, Failure>;
}

impl ClusterArgs {
    /// What connections say that the protocol is: its name and everything that changes it.
    pub(super) fn protocol_name(&self) -> String {
        format!("{}{}", self.protocol.name(), self.ring.words())
    }

    /// Does something with the protocol that was asked for.
    pub(super) fn with<W: WithProtocol>(
        &self,
        system: &System,
        (pick, patience): (&Pick, Patience),
        work: W,
    ) -> Result<W::Output, Failure> {
        match self.protocol {
            Store::Register(guarantee) => {
                self.ring.check_unused()?;
                if !self.allows_unfit {
                    reads_meet_writes(system, Budget::default()).map_err(|reason| Failure::NotARegister { reason })?;
                }
                work.with(Registers::new(system, guarantee, pick, patience))
            }
            Store::Dynamo => work.with(self.ring.store(system, patience, self.allows_unfit)?),
            Store::Consensus(_) => Err(Failure::NotServed { protocol: self.protocol.name() }),
        }
    }
}

/// Is ready when somebody asked for the end.
pub(super) async fn asked_to_end() {
    while !interrupt::asked() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A runtime on this thread.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|reason| Failure::Runtime { reason })
}
