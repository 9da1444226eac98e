//! `quorate client`.

use std::io::Write;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::common::{ClusterArgs, KeyArgs, WithProtocol, asked_to_end, runtime};
use super::peers::PeerArgs;
use crate::cli::args::heading;
use crate::cli::error::Failure;
use crate::cli::interrupt::{self, Work};
use crate::cli::protocol_args::Store;
use crate::cli::{Status, Terminal, answers, input};
use crate::model::System;
use crate::net::{Client, ClientSetup, Replicated, Undone};
use crate::protocol::Pick;
use crate::protocol::register::{Guarantee, Patience, Registers};

/// Read and write keys of a cluster of replicas that serve
#[derive(Debug, Args)]
#[command(after_long_help = CLIENT_HELP, subcommand_value_name = "OPERATION", subcommand_help_heading = "Operations")]
pub(in crate::cli) struct ClientArgs {
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(flatten)]
    peers: PeerArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// Milliseconds after which an operation is given up
    #[arg(long, value_name = "MS", default_value_t = 5_000.0, value_parser = crate::cli::numbers::positive,
          allow_negative_numbers = true, help_heading = heading::NETWORK)]
    timeout_ms: f64,
    /// Milliseconds without an answer after which replicas are asked again
    #[arg(long, value_name = "MS", default_value_t = 100.0, value_parser = crate::cli::numbers::positive,
          allow_negative_numbers = true, help_heading = heading::NETWORK)]
    retry_ms: f64,
    #[command(subcommand)]
    operation: Asked,
}

/// What is asked for.
#[derive(Debug, Clone, Subcommand)]
enum Asked {
    /// Print the value of a key, which is 0 as long as nothing was written
    Get {
        /// The key
        key: String,
    },
    /// Write a value
    Put {
        /// The key
        key: String,
        /// The value
        #[arg(allow_hyphen_values = true)]
        value: String,
    },
    /// Write a value if another one is there, in one step
    Cas {
        /// The key
        key: String,
        /// The value that must be there
        #[arg(allow_hyphen_values = true)]
        old: String,
        /// The value to write
        #[arg(allow_hyphen_values = true)]
        new: String,
    },
}

const CLIENT_HELP: &str = "\
Examples:
  quorate client -e 'majority(a, b, c)' \\
      --peers a=127.0.0.1:7001,b=127.0.0.1:7002,c=127.0.0.1:7003 put x hello
  quorate client -e 'majority(a, b, c)' \\
      --peers a=127.0.0.1:7001,b=127.0.0.1:7002,c=127.0.0.1:7003 get x

Keys and values are texts, a key of at most 256 and a value of at most 65,536 bytes. Registers have get and put; cas needs a \
protocol that decides.

Exit status:
  0  done
  1  certainly not done, now and later
  2  could not run: usage, definition or file
  3  unknown: it may have been done, or may still be";

/// Does one operation.
pub(in crate::cli) fn run(args: &ClientArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let source = input::definition(&args.cluster.spec.spec);
    let reader = answers::Reader { import: &args.cluster.spec.import, terminal, is_quiet: true };
    let system = reader.system(&source)?;
    answers::one_range(&source.name(), &system)?;
    if let Asked::Cas { .. } = args.operation {
        return Err(Failure::NoCas { protocol: args.cluster.protocol.name() });
    }
    let patience = Patience { retry_after_ns: (args.retry_ms * 1e6) as u64, retries: None };
    let work = Operating { args, system: &system, terminal };
    if let (Store::Register(guarantee), Asked::Put { .. }) = (args.cluster.protocol, &args.operation)
        && guarantee.is_single_writer()
    {
        // A writer that does not live on between two writes learns the last timestamp from a read quorum.
        args.cluster.with(&system, (&Pick::All, patience), Checked)?;
        return work.with(Registers::new(&system, Guarantee::Atomic, &Pick::All, patience));
    }
    args.cluster.with(&system, (&Pick::All, patience), work)
}

/// Only whether the protocol can run.
struct Checked;

impl WithProtocol for Checked {
    type Output = ();

    fn with<P: Replicated>(self, _: P) -> Result<(), Failure> {
        Ok(())
    }
}

struct Operating<'a> {
    args: &'a ClientArgs,
    system: &'a System,
    terminal: &'a Terminal,
}

impl WithProtocol for Operating<'_> {
    type Output = Status;

    fn with<P: Replicated>(self, protocol: P) -> Result<Status, Failure> {
        let Operating { args, system, terminal } = self;
        let name = args.cluster.protocol_name();
        let setup = ClientSetup {
            system,
            protocol: &name,
            peers: args.peers.addresses(system)?,
            key: args.key.read()?,
            process: None,
            seed: None,
            deadline: Duration::from_secs_f64(args.timeout_ms / 1e3),
        };
        if setup.peers.is_empty() {
            return Err(Failure::NoPeers);
        }
        interrupt::begin(Work::Watchful);
        let done = runtime()?.block_on(async {
            let mut client = Client::new(&protocol, &setup)?;
            tokio::select! {
                done = operate(&mut client, &args.operation) => Ok(done),
                // Whoever does not wait for the answer does not know it.
                () = asked_to_end() => Ok(Err(Undone::Unknown("ended on request".into()))),
            }
        });
        match done.map_err(|reason: crate::net::NetError| Failure::from(reason))? {
            Ok(value) => {
                if let Some(value) = value {
                    let mut out = std::io::stdout().lock();
                    let printed = writeln!(out, "{value}").and_then(|()| out.flush());
                    printed.map_err(|reason| Failure::WriteOutput { reason })?;
                }
                Ok(Status::Done)
            }
            Err(undone) => {
                terminal.note(&undone.to_string());
                Ok(match undone {
                    Undone::CertainlyNot(_) => Status::Negative,
                    Undone::Unknown(_) => Status::Undecided,
                })
            }
        }
    }
}

async fn operate<P: Replicated>(client: &mut Client<P>, asked: &Asked) -> Result<Option<String>, Undone> {
    match asked {
        Asked::Get { key } => client.get(key).await.map(Some),
        Asked::Put { key, value } => client.put(key, value).await.map(|()| None),
        Asked::Cas { .. } => Err(Undone::CertainlyNot("a register has no compare-and-set".into())),
    }
}
