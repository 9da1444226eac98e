//! The arguments of `quorate import`.

use std::path::PathBuf;

use clap::Args;

use super::common::{QuietArgs, heading};
use super::import_args::ImportArgs;

/// Turn a configuration that operators already have into a definition: ZooKeeper, corosync, MongoDB, PostgreSQL, Patroni,
/// Cassandra, Stellar, etcd, Consul, Kafka, Ceph, Redis Sentinel
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(super) struct ImportCommand {
    /// The configuration file, or `-` for standard input
    #[arg(value_name = "FILE")]
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) import: ImportArgs,
    /// Write to FILE instead of standard output; a file that is there stays, unless --force is given
    #[arg(short, long, value_name = "FILE", help_heading = heading::OUTPUT)]
    pub(super) output: Option<PathBuf>,
    /// Replace the output file if it is there
    #[arg(long, help_heading = heading::OUTPUT)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) quiet: QuietArgs,
}

const HELP: &str = "\
Examples:
  quorate import quorum-defs/import/zoo.cfg
  quorate import quorum-defs/import/replica-set.js -o rs.toml
  quorate analyze quorum-defs/import/zoo.cfg --failed server.2
  quorate import quorum-defs/import/replica-set.js --write-level 1
  quorate import quorum-defs/import/sentinel.conf --nodes 5
  quorate import quorum-defs/import/keyspace.cql --client-zone east \\
      --read-level LOCAL_QUORUM --write-level EACH_QUORUM
  cat quorum-defs/import/etcd-members.json | quorate import -

What the file is, its content says, or --from. The definition has a comment with the line of the file for each of its parts; notes \
on standard error, and comments in the definition, name the traps that the file steps into and what changes while the system runs, \
which a definition cannot say. Every command that takes a definition takes such files too.

Exit status:
  0  done: the file was understood, also where its quorums do not meet
  2  could not run: usage, a file that is of no kind that is understood or says too little, or an output file that is there";
