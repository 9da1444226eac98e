//! What clients do, and what is written about it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::args::{self, heading};
use crate::cli::error::Failure;
use crate::cli::files::Files;
use crate::cli::output::Output;
use crate::net::bench::{Load, Pace};

/// What clients do.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::OPERATIONS)]
pub(super) struct LoadArgs {
    /// Seconds that it takes
    #[arg(long, value_name = "S", default_value_t = 5.0, value_parser = crate::cli::numbers::positive, allow_negative_numbers = true)]
    pub(super) seconds: f64,
    /// Number of clients, which do one operation at a time each
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) clients: u32,
    /// Number of keys
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) keys: u32,
    /// Operations per second of all clients together, started whether or not others were answered; latencies then count from when an
    /// operation was due [default: each client starts its next operation when the last one has ended]
    #[arg(long, value_name = "OPS", value_parser = crate::cli::numbers::positive, allow_negative_numbers = true)]
    pub(super) rate: Option<f64>,
    /// Milliseconds after which an operation is given up
    #[arg(long, value_name = "MS", default_value_t = 2_000.0, value_parser = crate::cli::numbers::positive,
          allow_negative_numbers = true)]
    pub(super) timeout_ms: f64,
    /// Seed of the operations, and of what is drawn; the report repeats it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = args::seed, help_heading = heading::RUNS)]
    pub(super) seed: u64,
}

/// Seconds that one may ask for: a day.
const SECONDS_MAX: f64 = 86_400.0;

impl LoadArgs {
    pub(super) fn load(&self, read_fraction: f64, single_writer: bool) -> Load {
        Load {
            duration: Duration::from_secs_f64(self.seconds.min(SECONDS_MAX)),
            pace: self.rate.map_or(Pace::Closed, |per_second| Pace::Open { per_second }),
            read_fraction,
            keys: self.keys,
            prefix: String::new(),
            single_writer,
            seed: self.seed,
        }
    }

    pub(super) fn deadline(&self) -> Duration {
        Duration::from_secs_f64((self.timeout_ms / 1e3).min(SECONDS_MAX))
    }
}

/// Where the history goes.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::OUTPUT)]
pub(super) struct HistoryArgs {
    /// Write the history as JSON Lines, for `quorate check`
    #[arg(long, value_name = "FILE")]
    pub(super) history: Option<PathBuf>,
}

impl HistoryArgs {
    pub(super) fn output(&self, files: &mut Files) -> Result<Option<Output>, Failure> {
        files.wanted("--history", self.history.as_deref())
    }
}
