//! `quorate record`.

use std::time::{Instant, SystemTime};

use clap::{Args, ValueEnum};
use tokio::task::LocalSet;

use super::common::{asked_to_end, runtime};
use super::load_args::{HistoryArgs, LoadArgs};
use super::outcome::{Finished, finish};
use crate::checker::Model;
use crate::cli::args::{self, ReportArgs, heading};
use crate::cli::error::Failure;
use crate::cli::files::Files;
use crate::cli::interrupt::{self, Work};
use crate::cli::{Status, Terminal};
use crate::model::Fraction;
use crate::net::bench::{Clients, Measured, Store, run as drive};
use crate::net::record::{Driver, Etcd, Postgresql, Redis};

/// Drive a store that is running under load, write its history, and check it
#[derive(Debug, Args)]
#[command(after_long_help = RECORD_HELP)]
pub(in crate::cli) struct RecordArgs {
    /// What is driven
    #[arg(value_enum, value_name = "TARGET")]
    target: Target,
    /// Share of reads
    #[arg(long, value_name = "F", default_value = "0.5", value_parser = args::fraction, allow_negative_numbers = true,
          help_heading = heading::OPERATIONS)]
    read_fraction: Fraction,
    /// Every key is written by one client only
    #[arg(long, help_heading = heading::OPERATIONS)]
    single_writer: bool,
    #[command(flatten)]
    load: LoadArgs,
    #[command(flatten)]
    history: HistoryArgs,
    #[command(flatten)]
    report: ReportArgs,
    /// Where the store is; of Redis and PostgreSQL the primary stands first
    #[arg(long, value_name = "HOST:PORT[,..]", value_delimiter = ',', help_heading = heading::NETWORK)]
    endpoints: Vec<String>,
    /// What reads ask for: `linearizable` (etcd, the default) or `serializable`, which the member answers that is asked; `primary` (Redis and
    /// PostgreSQL, the default) or `replica`, which the endpoints after the first answer
    #[arg(long, value_enum, value_name = "NAME", help_heading = heading::OPERATIONS)]
    consistency: Option<Consistency>,
    /// The driver and its arguments
    #[arg(value_name = "PROGRAM", last = true)]
    program: Vec<String>,
}

/// What is driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// etcd, by its gateway for HTTP
    Etcd,
    /// Redis
    Redis,
    /// PostgreSQL, as the user postgres, whom it trusts
    Postgresql,
    /// Any store, through a program that speaks JSON lines
    Driver,
}

/// What reads ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Consistency {
    Linearizable,
    Serializable,
    Primary,
    Replica,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Target::Etcd => "etcd",
            Target::Redis => "redis",
            Target::Postgresql => "postgresql",
            Target::Driver => "driver",
        }
    }
}

impl Consistency {
    fn name(self) -> &'static str {
        match self {
            Consistency::Linearizable => "linearizable",
            Consistency::Serializable => "serializable",
            Consistency::Primary => "primary",
            Consistency::Replica => "replica",
        }
    }
}

const RECORD_HELP: &str = "\
Examples:
  quorate record driver --seconds 2 --history run.jsonl -- \\
      python3 examples/drivers/memory.py
  quorate record driver --seconds 1 --clients 2 -- \\
      bash examples/drivers/files.sh .

--endpoints is where a store is that is running: members of etcd, Redis with its replicas, or PostgreSQL with its standbys. Nothing is \
started there and no faults are done. Each run has keys of its own, quorate_TIME_k0 and so on, which stay there (in PostgreSQL in a table \
quorate_registers). A request that was \
sent and not answered is unknown; one that the store refused, or that was never sent, is certainly not done.

A driver reads one JSON object a line on its standard input, {\"id\": 7, \"op\": \"write\", \"key\": \"k0\", \"value\": 3} or \
{\"id\": 8, \"op\": \"read\", \"key\": \"k0\"}, and writes one for each on its standard output, in any order: {\"id\": 7, \"ok\": true}, \
{\"id\": 8, \"ok\": true, \"value\": 3}, {\"id\": 7, \"ok\": false} for what is certainly not done, {\"id\": 7, \"unknown\": true} where that is \
not known, as after a request whose answer was lost. A key that was never written holds 0. Several operations are open at \
the same time, one for each client; what is not answered in time is unknown. The end of its input asks it to end. \
Its standard error is shown.

Exit status:
  0  done, and the history is atomic
  1  the history is not
  2  could not run: usage, a file, or a driver that does not start
  3  undecided: no operation returned, the limits of the checker, or Ctrl-C ended it";

/// Drives the store, and checks what clients saw.
pub(in crate::cli) fn run(args: &RecordArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.check()?;
    let mut files = Files::new(args.report.force);
    let output = files.report(args.report.output.as_deref())?;
    let history = args.history.output(&mut files)?;
    interrupt::begin(Work::Watchful);
    let (measured, trouble) = runtime()?.block_on(LocalSet::new().run_until(args.drive()))?;
    let load = args.load.load(args.read_fraction.get(), args.single_writer);
    let target = if args.target == Target::Driver { args.program.join(" ") } else { args.endpoints.join(" ") };
    let protocol = match args.consistency {
        Some(consistency) => format!("{}, {}", args.target.name(), consistency.name()),
        None => args.target.name().to_owned(),
    };
    finish(
        Finished {
            target: &target,
            protocol: &protocol,
            is_durable: None,
            promise: Model::Atomic,
            load: &load,
            clients: args.load.clients as usize,
            measured,
            predictions: None,
            faults: Vec::new(),
            names: &[],
            remarks: trouble.into_iter().collect(),
        },
        (output, history),
        (&args.report, terminal),
    )
}

impl RecordArgs {
    /// Refuses what would be ignored, and what is missing.
    fn check(&self) -> Result<(), Failure> {
        use Consistency::{Linearizable, Primary, Replica, Serializable};
        let refused = |what: &str| Err(Failure::Record { what: what.to_owned() });
        let is_driver = self.target == Target::Driver;
        match (self.target, self.consistency) {
            _ if is_driver && self.program.is_empty() => {
                return refused("a driver is a program: name it behind --, as in -- python3 driver.py");
            }
            _ if !is_driver && self.endpoints.is_empty() => {
                return refused("where is the store? Say it with --endpoints, as in --endpoints 127.0.0.1:2379");
            }
            _ if is_driver && !self.endpoints.is_empty() => {
                return refused("--endpoints is for the driver to know: name them behind --");
            }
            _ if !is_driver && !self.program.is_empty() => {
                return refused("a program behind -- is for the target `driver`");
            }
            (Target::Etcd, Some(Primary | Replica))
            | (Target::Redis | Target::Postgresql, Some(Linearizable | Serializable))
            | (Target::Driver, Some(_)) => {
                return refused(
                    "this target has no such --consistency: etcd has linearizable and serializable, Redis and PostgreSQL \
                                primary and replica",
                );
            }
            (_, Some(Replica)) if self.endpoints.len() < 2 => {
                return refused("--consistency replica reads from the endpoints after the first, and there is one");
            }
            _ => {}
        }
        let is_address = |address: &&String| {
            address.rsplit_once(':').is_none_or(|(host, port)| host.is_empty() || port.parse::<u16>().is_err())
        };
        match self.endpoints.iter().find(is_address) {
            Some(address) => refused(&format!("--endpoints takes HOST:PORT, and {address:?} is none")),
            None => Ok(()),
        }
    }

    async fn drive(&self) -> Result<(Measured, Option<String>), Failure> {
        let (to, deadline) = (&self.endpoints, self.load.deadline());
        let is_stale = matches!(self.consistency, Some(Consistency::Serializable | Consistency::Replica));
        let numbers = 0..self.load.clients as usize;
        Ok(match self.target {
            Target::Etcd => (self.load(numbers.map(|at| Etcd::new(to, is_stale, at, deadline)).collect()).await, None),
            Target::Redis => {
                (self.load(numbers.map(|at| Redis::new(to, is_stale, at, deadline)).collect()).await, None)
            }
            Target::Postgresql => {
                (self.load(numbers.map(|at| Postgresql::new(to, is_stale, at, deadline)).collect()).await, None)
            }
            Target::Driver => {
                let (program, arguments) = self.program.split_at(1);
                let driver = Driver::start(&program[0], arguments)?;
                let measured = self.load(numbers.map(|_| driver.client(deadline)).collect()).await;
                (measured, driver.end().await)
            }
        })
    }

    /// Works on the store until the time is over, or somebody asks for the end.
    async fn load<S: Store + 'static>(&self, stores: Vec<S>) -> Measured {
        let clients = Clients::new(stores.len());
        let mut load = self.load.load(self.read_fraction.get(), self.single_writer);
        // What a run before has left would look as if nobody had written it.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        load.prefix = format!("quorate_{:x}_", now.as_nanos());
        let mut driven = std::pin::pin!(drive(stores, &load, &clients, Instant::now()));
        loop {
            tokio::select! {
                (measured, _) = &mut driven => return measured,
                () = asked_to_end(), if !clients.are_ended() => clients.end(),
            }
        }
    }
}
