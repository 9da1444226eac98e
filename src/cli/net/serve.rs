//! `quorate serve`.

use std::io::Write;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;

use super::common::{ClusterArgs, KeyArgs, WithProtocol, asked_to_end, runtime};
use super::peers::{PeerArgs, node};
use crate::cli::args::{QuietArgs, heading};
use crate::cli::error::Failure;
use crate::cli::interrupt::{self, Work};
use crate::cli::{Status, Terminal, answers, input};
use crate::model::{System, visible};
use crate::net::{Acknowledge, Log, NetError, Replicated, ServerLimits, Setup, Storage, check_open, serve};
use crate::protocol::Pick;
use crate::protocol::register::Patience;

/// Run one replica of a definition over TCP, with a disk
#[derive(Debug, Args)]
#[command(after_long_help = SERVE_HELP)]
pub(in crate::cli) struct ServeArgs {
    #[command(flatten)]
    cluster: ClusterArgs,
    /// Which node of the definition this replica is
    #[arg(long, value_name = "NAME", help_heading = heading::NETWORK)]
    node: String,
    /// Where it listens; port 0 takes any that is free, and is printed [default: where --peers says that it is, else 127.0.0.1:0]
    #[arg(long, value_name = "HOST:PORT", help_heading = heading::NETWORK)]
    listen: Option<String>,
    #[command(flatten)]
    peers: PeerArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// The folder in which it keeps what it must not forget [default: quorate-NAME]
    #[arg(long, value_name = "DIR", conflicts_with = "memory", help_heading = heading::STORAGE)]
    data: Option<PathBuf>,
    /// Keep everything in memory: quick, and lost when the process ends
    #[arg(long, help_heading = heading::STORAGE)]
    memory: bool,
    /// It has lost what it had: ask the other replicas for what they know, before it serves
    #[arg(long, help_heading = heading::STORAGE)]
    rejoin: bool,
    /// Where metrics for Prometheus (/metrics) and a sign of life (/health) are served
    #[arg(long, value_name = "HOST:PORT", help_heading = heading::NETWORK)]
    metrics: Option<String>,
    /// Connections at once
    #[arg(long, value_name = "N", default_value_t = ServerLimits::default().connections,
          value_parser = crate::cli::args::at_least_one, help_heading = heading::NETWORK)]
    max_connections: usize,
    /// Come back without its disk as if nothing had happened, which breaks every promise: what `quorate bench --unsafe` wants to be
    /// found out
    #[arg(long, requires = "allows_unfit", hide = true)]
    forgets: bool,
    /// End when the process of this number, which started this one, is gone
    #[arg(long, value_name = "PID", hide = true)]
    parent: Option<i32>,
    #[command(flatten)]
    quiet: QuietArgs,
}

/// Where a replica listens that nobody told where.
const ANY_PORT: &str = "127.0.0.1:0";

/// The address of a listener that whoever started the process has opened, and passes as its standard input.
const INHERITED: &str = "inherited";

const SERVE_HELP: &str = "\
Examples:
  quorate serve -e 'majority(a, b, c)' --node a \\
      --peers a=127.0.0.1:7001,b=127.0.0.1:7002,c=127.0.0.1:7003
  openssl rand -hex 32 > secret.hex && \\
      quorate serve quorum-defs/majority-5.toml --node n2 --key secret.hex \\
      --listen 0.0.0.0:7012 --peers n1=127.0.0.1:7011,n3=127.0.0.1:7013
  quorate serve -e 'majority(a, b, c)' --node b --memory \\
      --metrics 127.0.0.1:9187

It prints `listening on HOST:PORT` once it serves, and what happens to it on standard error, one line an event. Ctrl-C and \
SIGTERM end it when all that it has begun is on its disk.

Nothing is acknowledged before it is on the disk, and a disk that fails ends the process. The other replicas remember which \
disk this one has: one that comes back with an empty folder, or in memory, would forget what it acknowledged, and is refused, \
unless --rejoin lets it learn that from a read quorum of the others first.

Exit status:
  0  it was asked to end
  2  could not run: usage, definition or file, an address in use, a disk that failed or is another one's, or refused by the others";

/// Serves until somebody asks for the end.
pub(in crate::cli) fn run(args: &ServeArgs, terminal: &Terminal) -> Result<Status, Failure> {
    if let Some(parent) = args.parent {
        end_with(parent)?;
    }
    let source = input::definition(&args.cluster.spec.spec);
    let is_quiet = args.quiet.quiet;
    let reader = answers::Reader { import: &args.cluster.spec.import, terminal, is_quiet };
    let system = reader.system(&source)?;
    answers::one_range(&source.name(), &system)?;
    args.cluster.with(&system, (&Pick::All, Patience::default()), Serving { args, system: &system })
}

struct Serving<'a> {
    args: &'a ServeArgs,
    system: &'a System,
}

impl WithProtocol for Serving<'_> {
    type Output = Status;

    fn with<P: Replicated>(self, protocol: P) -> Result<Status, Failure> {
        let Serving { args, system } = self;
        let (node, key) = (node(system, &args.node)?, args.key.read()?);
        let peers = args.peers.addresses(system)?;
        let asked = args.listen.as_deref().or(peers.get(&node).map(String::as_str)).unwrap_or(ANY_PORT);
        let listener = listener(asked, |address| check_open(address, key.as_ref()))?;
        // Metrics say nothing that is secret, and change nothing.
        let metrics = args.metrics.as_deref().map(listener_at).transpose()?;
        let storage = match &args.data {
            _ if args.memory => Storage::Memory,
            Some(folder) => Storage::Folder(folder.clone()),
            None => Storage::Folder(PathBuf::from(format!("quorate-{}", folder_name(&args.node)))),
        };
        let address = listener.local_addr().map_err(|reason| Failure::Listen { address: asked.to_owned(), reason })?;
        let name = args.cluster.protocol_name();
        let setup = Setup {
            system,
            protocol: &name,
            node,
            listener,
            peers,
            key,
            storage,
            rejoin: args.rejoin,
            metrics,
            limits: ServerLimits { connections: args.max_connections, ..ServerLimits::default() },
            acknowledge: Acknowledge::AfterCommit,
            forgets: args.forgets,
            log: log(args.quiet.quiet),
        };
        interrupt::begin(Work::Watchful);
        let ready = || {
            // Whoever does not look where it listens knows already.
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "listening on {address}").and_then(|()| out.flush());
        };
        match runtime()?.block_on(serve(&protocol, setup, ready, asked_to_end())) {
            Ok(()) | Err(NetError::Stopped) => Ok(Status::Done),
            Err(reason) => Err(reason.into()),
        }
    }
}

fn listener(address: &str, check: impl FnOnce(&str) -> Result<(), NetError>) -> Result<TcpListener, Failure> {
    let failed = |reason| Failure::Listen { address: address.to_owned(), reason };
    if address == INHERITED {
        let listener = inherited().map_err(failed)?;
        check(&listener.local_addr().map_err(failed)?.to_string())?;
        return Ok(listener);
    }
    check(address)?;
    listener_at(address)
}

fn listener_at(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).map_err(|reason| Failure::Listen { address: address.to_owned(), reason })
}

/// A listener that was opened by somebody else.
fn inherited() -> std::io::Result<TcpListener> {
    let listener = TcpListener::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    listener.local_addr().map(|_| listener)
}

/// Ends this process when that one ends; where no signal says so, as off Linux, a request to end still does.
fn end_with(parent: i32) -> Result<(), Failure> {
    #[cfg(target_os = "linux")]
    {
        let asked = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
        asked.map_err(|reason| Failure::Runtime { reason: reason.into() })?;
    }
    // It may have ended before the signal was asked for.
    if nix::unistd::getppid().as_raw() != parent {
        return Err(Failure::Runtime { reason: std::io::Error::other("the process that started this one is gone") });
    }
    Ok(())
}

/// A name without what means something in paths.
fn folder_name(name: &str) -> String {
    name.chars().map(|letter| if letter.is_alphanumeric() || "._-".contains(letter) { letter } else { '_' }).collect()
}

/// One line an event on standard error, as `key=value`.
fn log(is_quiet: bool) -> Log {
    if is_quiet {
        return Log::none();
    }
    Log::new(|event, fields| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut line = format!("time={}.{:03} event={event}", now.as_secs(), now.subsec_millis());
        for (name, value) in fields {
            line.push_str(&format!(" {name}={}", worded(value)));
        }
        line.push('\n');
        // Where standard error is closed there is nobody to tell.
        let _ = std::io::stderr().lock().write_all(visible(&line).as_bytes());
    })
}

/// A value as one word.
fn worded(value: &str) -> String {
    let is_word = !value.is_empty() && !value.contains(|letter: char| letter.is_whitespace() || "\"=".contains(letter));
    if is_word { value.to_owned() } else { format!("{value:?}") }
}
