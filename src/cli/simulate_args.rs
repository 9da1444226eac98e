//! What `quorate simulate` is asked.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{self, GeneralArgs, ReportArgs, heading};
use super::division::ShardArgs;
use super::error::Failure;
use super::operation_args::{OPERATIONS, OperationArgs};
use super::protocol_args::{PickBy, RingArgs, Store};
use super::specs::{SCENARIO, Spec, SpecOrScenario, quoted};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::model::{System, Workload};
use crate::picker::Picker;
use crate::protocol::Pick;
use crate::protocol::register::{Guarantee, Patience};
use crate::sim::RunLimits;
use crate::strategy::optimum;

/// Run a replicated register or key-value store over a definition, in virtual time and under faults, and check its history
#[derive(Debug, Args)]
#[command(after_long_help = SIMULATE_HELP, next_help_heading = heading::PROTOCOL)]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    pub(super) spec: SpecOrScenario,
    /// Which register, or which protocol of consensus for a key-value store
    #[arg(long, value_enum, default_value_t = Store::Register(Guarantee::Atomic))]
    pub(super) protocol: Store,
    /// Which nodes a client contacts first
    #[arg(long, value_enum, default_value_t = PickBy::All)]
    pub(super) pick: PickBy,
    /// Milliseconds without an answer after which a client asks the nodes again
    #[arg(long, value_name = "MS", default_value_t = 100.0, value_parser = super::numbers::positive, allow_negative_numbers = true)]
    pub(super) retry_ms: f64,
    /// Retries after which a client gives up
    #[arg(long, value_name = "N", default_value_t = 9)]
    pub(super) retries: u32,
    /// Run although quorums do not meet as the protocol needs
    #[arg(long = "unsafe")]
    pub(super) allows_unfit: bool,
    #[command(flatten)]
    pub(super) ring: RingArgs,
    #[command(flatten)]
    pub(super) operations: OperationArgs,
    /// Network and faults, as described below
    #[arg(long, value_name = "FILE", help_heading = heading::RUNS)]
    pub(super) faults: Option<PathBuf>,
    /// Play a scenario step by step, as described below: it says which protocol runs, what happens, and what has to come of it
    #[arg(long, id = SCENARIO, value_name = "FILE", help_heading = heading::RUNS, conflicts_with_all = [
        "protocol", "pick", "retry_ms", "retries", "homes", "sloppy", "ring", "hand_off_ms", "clients", "ops", "keys",
        "read_fraction", "cas_fraction", "rate", "faults", "seed", "seeds", "max_steps", "history", "html", "shrink", "shard",
        "threads",
    ])]
    pub(super) scenario: Option<PathBuf>,
    /// Seed of everything random; the report repeats it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = args::seed, help_heading = heading::RUNS)]
    pub(super) seed: u64,
    /// Run all these seeds, and report the violations
    #[arg(long, value_name = "A..B", value_parser = super::numbers::seeds, conflicts_with_all = ["seed", "history"],
          help_heading = heading::RUNS)]
    pub(super) seeds: Option<RangeInclusive<u64>>,
    /// Steps (messages, timers, faults, calls) after which a run ends with what has happened by then [default: 20 million,
    /// and 100 for each process and operation that has ended]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = heading::RUNS)]
    pub(super) max_steps: Option<u64>,
    #[command(flatten)]
    pub(super) report: ReportArgs,
    /// Write the history as JSON Lines, for `quorate check`
    #[arg(long, value_name = "FILE", help_heading = heading::OUTPUT)]
    pub(super) history: Option<PathBuf>,
    /// Write one page to explore the run in a browser: every operation on a time axis that can be zoomed, and the faults
    #[arg(long, value_name = "FILE.html", conflicts_with = "seeds", help_heading = heading::OUTPUT)]
    pub(super) html: Option<PathBuf>,
    /// Draw the run in space and time: processes side by side, messages as arrows; of a violation what it was shrunk to
    #[arg(long, value_name = "FILE.svg|html", help_heading = heading::OUTPUT)]
    pub(super) diagram: Option<PathBuf>,
    /// Make the first violation small, and write it as a file of faults that shows it again [default file: violation.toml]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "violation.toml",
          help_heading = heading::OUTPUT)]
    pub(super) shrink: Option<PathBuf>,
    #[command(flatten)]
    pub(super) division: ShardArgs,
    #[command(flatten)]
    pub(super) general: GeneralArgs,
}

const SIMULATE_HELP: &str = "\
Examples:
  quorate simulate quorum-defs/majority-5.toml
  quorate simulate quorum-defs/grid-3x3.toml --protocol regular --pick optimal \\
      --clients 8 --ops 100000
  quorate simulate quorum-defs/majority-5.toml --seed 7 --history out.jsonl
  quorate simulate quorum-defs/majority-5.toml --seeds 1..1000 --ops 100 \\
      --faults quorum-defs/faults/storm.toml
  quorate simulate quorum-defs/dynamo-3-1-1.toml --unsafe --seeds 1..100 \\
      --shrink violation.toml
  quorate simulate quorum-defs/dynamo-3-2-2.toml --protocol dynamo --keys 100
  quorate simulate quorum-defs/grid-3x3.toml --protocol multi-paxos --ops 1000
  quorate simulate quorum-defs/majority-5.toml --protocol raft --seeds 1..1000 \\
      --ops 100 --faults quorum-defs/faults/storm.toml
  quorate simulate --scenario quorum-defs/scenarios/raft-figure-8.txt
  quorate simulate quorum-defs/majority-5.toml --protocol raft --clients 1 \\
      --ops 3 --diagram run.svg
  quorate simulate examples/sloppy-ring.toml --protocol dynamo --homes 3 \\
      --ring in-order --sloppy --unsafe --clients 2 --ops 100 \\
      --faults quorum-defs/faults/sloppy-quorum.toml

One seed gives one execution, on every machine: the report's trace is a hash of everything that happened.

A scenario begins with `protocol NAME` and `nodes a b c` (majorities), or `quorums`, `reads`, `writes` and `fast` with expressions. Its steps:
  campaign a, heartbeat a, tick a   a timer goes off
  deliver vote a -> b,c             such messages arrive; drop, duplicate
  settle                            messages arrive until none is left
  propose write 5 at a              a client asks a
  crash a, restart a, partition a,b | c, heal, disk a term 2 log 1 2:5
  show a, expect a leader, expect a log 1:- 1:5, expect decided 2 5
Lines that begin with | are what the step before them has to print.

Exit status:
  0  done, and the history is what the protocol promises, or all is as the scenario says
  1  the history is not, an invariant was broken, or something is not as the scenario says
  2  could not run: usage, definition or file, or quorums do not meet as the protocol needs and --unsafe is not given
  3  undecided within the limits, or Ctrl-C ended it";

impl SimulateArgs {
    pub(super) fn pick(&self, system: &System) -> Result<Pick, Failure> {
        if self.pick == PickBy::All {
            return Ok(Pick::All);
        }
        let workload = self.operations.read_fraction.map_or_else(|| system.workload().clone(), Workload::of);
        let optimum = optimum(&Compiled::new(system, Budget::default()), &workload, true);
        let strategy = optimum.ok().and_then(|optimum| optimum.strategy).ok_or(Failure::NoStrategy)?;
        let names = system.nodes().iter().map(|node| node.name.clone()).collect();
        Picker::new(names, strategy.clone()).map_err(|reason| Failure::Strategy { reason })?;
        Ok(Pick::Drawn(strategy))
    }

    pub(super) fn limits(&self) -> RunLimits {
        self.max_steps.map_or_else(RunLimits::default, RunLimits::of_steps)
    }

    pub(super) fn patience(&self) -> Patience {
        Patience { retry_after_ns: (self.retry_ms * 1e6) as u64, retries: Some(self.retries) }
    }

    /// Refuses what would be ignored where the operations are written out.
    pub(super) fn refuse_drawn(&self) -> Result<(), Failure> {
        // The strategy of --pick optimal is that of a mix, whoever chose the operations.
        let is_mixed = self.operations.read_fraction.is_some() && self.pick == PickBy::All;
        let given = [("--ops", self.operations.ops.is_some()), ("--read-fraction", is_mixed)];
        given.iter().find(|(_, given)| *given).map_or(Ok(()), |(flag, _)| Err(Failure::WrittenOut { flag }))
    }

    /// What shows an execution again.
    pub(super) fn command(&self, spec: &Spec, (seed, is_drawn): (u64, bool), faults: Option<&Path>) -> String {
        let args = self;
        let mut command = format!(
            "quorate simulate {} --protocol {} --clients {} --keys {} --seed {seed}",
            spec.words(),
            self.protocol.name(),
            args.operations.clients,
            args.operations.keys
        );
        let is_shrunk = faults.is_some_and(|path| args.shrink.as_deref() == Some(path));
        // Operations that are written out are not drawn.
        let is_drawn = !is_shrunk && is_drawn;
        if is_drawn {
            command.push_str(&format!(" --ops {}", args.operations.ops.unwrap_or(OPERATIONS)));
        }
        if let Some(fraction) = args.operations.read_fraction.filter(|_| is_drawn || args.pick == PickBy::Optimal) {
            command.push_str(&format!(" --read-fraction {}", fraction.get()));
        }
        if let Some(fraction) = args.operations.cas_fraction.filter(|_| is_drawn) {
            command.push_str(&format!(" --cas-fraction {}", fraction.get()));
        }
        if let Some(rate) = args.operations.rate {
            command.push_str(&format!(" --rate {rate}"));
        }
        if let Some(steps) = args.max_steps {
            command.push_str(&format!(" --max-steps {steps}"));
        }
        if args.pick == PickBy::Optimal {
            command.push_str(" --pick optimal");
        }
        command.push_str(&args.ring.words());
        command.push_str(&format!(" --retry-ms {} --retries {}", args.retry_ms, args.retries));
        if args.allows_unfit {
            command.push_str(" --unsafe");
        }
        if let Some(path) = faults {
            command.push_str(&format!(" --faults {}", quoted(&path.display().to_string())));
        }
        command
    }
}
