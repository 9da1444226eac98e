//! What clients do in `quorate simulate`.

use clap::Args;

use super::args::{self, heading};
use crate::model::{Fraction, System};
use crate::sim::{Pace, Traffic};

/// What clients do.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::OPERATIONS)]
pub(super) struct OperationArgs {
    /// Number of clients
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=CLIENTS_MAX))]
    pub(super) clients: u32,
    /// Operations of all clients together [default: 10000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=OPERATIONS_MAX))]
    pub(super) ops: Option<u64>,
    /// Number of registers
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) keys: u32,
    /// Share of reads [default: that of the definition]
    #[arg(long, value_name = "F", value_parser = args::fraction, allow_negative_numbers = true)]
    pub(super) read_fraction: Option<Fraction>,
    /// Share of compare-and-set among the operations that are no reads, with a protocol of consensus; it expects what its
    /// client saw last [default: 0.2]
    #[arg(long, value_name = "F", value_parser = args::fraction, allow_negative_numbers = true)]
    pub(super) cas_fraction: Option<Fraction>,
    /// Operations per second of all clients together, started whether or not others were answered [default: each client
    /// starts its next operation when the last one has ended]
    #[arg(long, value_name = "N", value_parser = super::numbers::positive, allow_negative_numbers = true)]
    pub(super) rate: Option<f64>,
}

/// Clients that one may ask for.
const CLIENTS_MAX: i64 = 100_000;

/// Operations where nothing is said.
pub(super) const OPERATIONS: u64 = 10_000;

/// Operations that one may ask for: histories are numbered with 32 bits.
const OPERATIONS_MAX: u64 = 1_000_000_000;

/// Share of compare-and-set where nothing is said.
const CAS_FRACTION: f64 = 0.2;

impl OperationArgs {
    /// The operations; only some protocols have compare-and-set.
    pub(super) fn traffic(&self, system: &System, has_cas: bool) -> Traffic {
        let cas = self.cas_fraction.map_or(CAS_FRACTION, Fraction::get);
        Traffic {
            clients: self.clients,
            operations: self.ops.unwrap_or(OPERATIONS),
            read_fraction: self.read_fraction.map_or_else(|| system.workload().mean_read_fraction(), Fraction::get),
            cas_fraction: if has_cas { cas } else { 0.0 },
            keys: self.keys,
            pace: self.rate.map_or(Pace::Closed { think: None }, |per_second| Pace::Open { per_second }),
            script: None,
        }
    }
}
