//! `quorate simulate`.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{self, GeneralArgs, ReportArgs, heading};
use super::consensus_args::{self, Algorithm, Ready};
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::files::Files;
use super::input;
use super::interrupt::{self, Work};
use super::operation_args::{OPERATIONS, OperationArgs};
use super::output::Output;
use super::progress::{self, Thing};
use super::protocol_args::{PickBy, RingArgs, Store};
use super::specs::{OneSpec, quoted};
use super::{Status, Terminal, answers};
use crate::budget::Budget;
use crate::checker::{self, Verdict};
use crate::circuit::Compiled;
use crate::consensus::{BenOr, Chain, FastPaxos, MultiPaxos, Paxos, PrimaryBackup, Raft, TotalOrder, Viewstamped};
use crate::explorer::{self, Explored};
use crate::history::write;
use crate::model::{System, Workload, grouped};
use crate::picker::Picker;
use crate::protocol::register::{Guarantee, Patience, Registers};
use crate::protocol::{Pick, Protocol};
use crate::report::{self, Campaigned, Checked, Interruption, ShrunkTo, Simulated, TimeUnit};
use crate::sim::{self, Campaign, CutOff, FaultPlan, Run, RunLimits, Scenario, Shrunk, Trial, Violation};
use crate::strategy::optimum;
use crate::structure::reads_meet_writes;

/// Run a replicated register or key-value store over a definition, in virtual time and under faults, and check its history
#[derive(Debug, Args)]
#[command(after_long_help = SIMULATE_HELP, next_help_heading = heading::PROTOCOL)]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    spec: OneSpec,
    /// Which register, or which protocol of consensus for a key-value store
    #[arg(long, value_enum, default_value_t = Store::Register(Guarantee::Atomic))]
    protocol: Store,
    /// Which nodes a client contacts first
    #[arg(long, value_enum, default_value_t = PickBy::All)]
    pick: PickBy,
    /// Milliseconds without an answer after which a client asks the nodes again
    #[arg(long, value_name = "MS", default_value_t = 100.0, value_parser = super::numbers::positive, allow_negative_numbers = true)]
    retry_ms: f64,
    /// Retries after which a client gives up
    #[arg(long, value_name = "N", default_value_t = 9)]
    retries: u32,
    /// Run although quorums do not meet as the protocol needs
    #[arg(long = "unsafe")]
    allows_unfit: bool,
    #[command(flatten)]
    ring: RingArgs,
    #[command(flatten)]
    operations: OperationArgs,
    /// Network and faults, as described below
    #[arg(long, value_name = "FILE", help_heading = heading::RUNS)]
    faults: Option<PathBuf>,
    /// Seed of everything random; the report repeats it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = args::seed, help_heading = heading::RUNS)]
    seed: u64,
    /// Run all these seeds, and report the violations
    #[arg(long, value_name = "A..B", value_parser = super::numbers::seeds, conflicts_with_all = ["seed", "history"],
          help_heading = heading::RUNS)]
    seeds: Option<RangeInclusive<u64>>,
    /// Steps (messages, timers, faults, calls) after which a run ends with what has happened by then [default: 20 million,
    /// and 100 for each process and operation that has ended]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = heading::RUNS)]
    max_steps: Option<u64>,
    #[command(flatten)]
    report: ReportArgs,
    /// Write the history as JSON Lines, for `quorate check`
    #[arg(long, value_name = "FILE", help_heading = heading::OUTPUT)]
    history: Option<PathBuf>,
    /// Write one page to explore the run in a browser: every operation on a time axis that can be zoomed, and the faults
    #[arg(long, value_name = "FILE.html", conflicts_with = "seeds", help_heading = heading::OUTPUT)]
    html: Option<PathBuf>,
    /// Make the first violation small, and write it as a file of faults that shows it again [default file: violation.toml]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "violation.toml",
          help_heading = heading::OUTPUT)]
    shrink: Option<PathBuf>,
    #[command(flatten)]
    pub(super) division: ShardArgs,
    #[command(flatten)]
    general: GeneralArgs,
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
  quorate simulate examples/sloppy-ring.toml --protocol dynamo --homes 3 \\
      --ring in-order --sloppy --unsafe --clients 2 --ops 100 \\
      --faults quorum-defs/faults/sloppy-quorum.toml

One seed gives one execution, on every machine: the report's trace is a hash of everything that happened.

Exit status:
  0  done, and the history is what the protocol promises
  1  the history is not, or an invariant was broken
  2  could not run: usage, definition or file, or quorums do not meet as the protocol needs and --unsafe is not given
  3  undecided within the limits, or Ctrl-C ended it";

/// Runs the register, and checks what its clients saw.
pub(super) fn run(args: &SimulateArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let source = input::definition(&args.spec.spec);
    let mut files = Files::new(args.report.force);
    source.path().into_iter().chain(args.faults.as_deref()).try_for_each(|path| files.reads(path))?;
    let output = files.report(args.report.output.as_deref())?;
    let shrink = files.wanted("--shrink", args.shrink.as_deref())?;
    let history = files.wanted("--history", args.history.as_deref())?;
    let page = files.wanted("--html", args.html.as_deref())?;
    let reader = answers::Reader { import: &args.spec.import, terminal, is_quiet: args.general.is_quiet() };
    let system = reader.system(&source)?;
    let plan = match &args.faults {
        Some(path) => input::source(path).faults(&system, args.operations.clients)?,
        None => FaultPlan::scripted(Scenario {
            links: sim::links_of(&system, args.operations.clients),
            ..Scenario::default()
        }),
    };
    if plan.script.is_some() {
        args.refuse_drawn()?;
    }
    args.protocol.check_unused(args.operations.cas_fraction.is_some(), &plan)?;
    let traffic = args.operations.traffic(&system, args.protocol.has_cas());
    let traffic = plan.script.as_ref().map_or_else(|| traffic.clone(), |lists| traffic.with_script(lists.clone()));
    let trial = Trial { plan: &plan, traffic: &traffic, promise: args.protocol.promise(), limits: args.limits() };
    let simulation = Simulation { args, system: &system, trial, name: args.protocol.name() };
    let outputs = Outputs { report: output, history, page, shrink };
    match args.protocol {
        Store::Register(guarantee) => {
            args.ring.check_unused()?;
            if !args.allows_unfit {
                reads_meet_writes(&system, Budget::default()).map_err(|reason| Failure::NotARegister { reason })?;
            }
            let pick = args.pick(&system)?;
            simulation.run(&Registers::new(&system, guarantee, &pick, args.patience()), terminal, outputs)
        }
        Store::Dynamo if args.pick == PickBy::Optimal => Err(Failure::NoPick),
        Store::Consensus(_) if args.pick == PickBy::Optimal => {
            Err(Failure::NoPickOfOne { protocol: args.protocol.name() })
        }
        Store::Consensus(consensus) => {
            args.ring.check_unused()?;
            if !args.allows_unfit {
                consensus_args::check_demands(consensus, &system)?;
            }
            let ready = Ready { system: &system, patience: args.patience(), timing: consensus_args::timing(&plan) };
            match consensus {
                Algorithm::Paxos => simulation.run(&ready.cluster(Paxos), terminal, outputs),
                Algorithm::FastPaxos => simulation.run(&ready.cluster(FastPaxos), terminal, outputs),
                Algorithm::MultiPaxos => simulation.run(&ready.cluster(MultiPaxos), terminal, outputs),
                Algorithm::Viewstamped => simulation.run(&ready.cluster(Viewstamped), terminal, outputs),
                Algorithm::Raft => simulation.run(&ready.cluster(Raft), terminal, outputs),
                Algorithm::BenOr => simulation.run(&ready.cluster(BenOr), terminal, outputs),
                Algorithm::TotalOrder => simulation.run(&ready.cluster(TotalOrder), terminal, outputs),
                Algorithm::PrimaryBackup => simulation.run(&ready.cluster(PrimaryBackup), terminal, outputs),
                Algorithm::Chain => simulation.run(&ready.cluster(Chain), terminal, outputs),
            }
        }
        Store::Dynamo => {
            let store = args.ring.store(&system, args.patience(), args.allows_unfit)?;
            simulation.run(&store, terminal, outputs)
        }
    }
}

/// What is written, as far as it was asked for.
struct Outputs {
    report: Output,
    history: Option<Output>,
    page: Option<Output>,
    shrink: Option<Output>,
}

impl SimulateArgs {
    fn pick(&self, system: &System) -> Result<Pick, Failure> {
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

    fn limits(&self) -> RunLimits {
        self.max_steps.map_or_else(RunLimits::default, RunLimits::of_steps)
    }

    fn patience(&self) -> Patience {
        Patience { retry_after_ns: (self.retry_ms * 1e6) as u64, retries: Some(self.retries) }
    }

    /// Refuses what would be ignored where the operations are written out.
    fn refuse_drawn(&self) -> Result<(), Failure> {
        // The strategy of --pick optimal is that of a mix, whoever chose the operations.
        let is_mixed = self.operations.read_fraction.is_some() && self.pick == PickBy::All;
        let given = [("--ops", self.operations.ops.is_some()), ("--read-fraction", is_mixed)];
        given.iter().find(|(_, given)| *given).map_or(Ok(()), |(flag, _)| Err(Failure::WrittenOut { flag }))
    }
}

/// What is simulated, whatever the protocol is.
struct Simulation<'a> {
    args: &'a SimulateArgs,
    system: &'a System,
    trial: Trial<'a>,
    name: &'a str,
}

impl Simulation<'_> {
    fn run(&self, protocol: &(impl Protocol + Sync), terminal: &Terminal, outputs: Outputs) -> Result<Status, Failure> {
        match &self.args.seeds {
            None if self.args.division.is_divided() => Err(Failure::OneSeed),
            Some(seeds) => self.many(protocol, seeds.clone(), terminal, (outputs.report, outputs.shrink)),
            None => self.once(protocol, terminal, outputs),
        }
    }

    /// One seed: everything about it.
    fn once(&self, protocol: &impl Protocol, terminal: &Terminal, outputs: Outputs) -> Result<Status, Failure> {
        let Outputs { report: output, history, page, shrink } = outputs;
        let bar = progress::bar(!self.args.general.is_quiet() && terminal.is_watched());
        progress::stage(&bar, "runs", 1);
        interrupt::begin(Work::Budgeted);
        let run = {
            let thing = Thing::begin(&bar, format!("seed {}", self.args.seed));
            self.trial.run_watched(protocol, self.args.seed, &|share| thing.share(share))
        };
        let interruption = self.interruption(&run);
        if interruption.is_some() {
            // What there is is checked all the same.
            interrupt::is_over();
        }
        let promise = self.trial.promise;
        bar.set_message("checking the history");
        let options = checker::Options { linearization: page.is_some(), ..checker::Options::default() };
        let report = checker::check(&run.history, &options);
        bar.finish_and_clear();
        interrupt::is_over();
        let explored = page.is_some().then(|| self.explored(protocol, &run, &report));
        let verdict = report.model(promise).verdict;
        let checked = Checked::new("history".into(), &run.history, report, promise);
        let is_broken = run.broken.is_some();
        let seed = (verdict == Verdict::Violated || is_broken).then_some(self.args.seed);
        let shrunk = self.shrunk(protocol, seed, shrink, terminal)?;
        let (system, protocol) = (self.system, self.name);
        let is_watched = self.args.protocol.has_cas();
        let shrunk = shrunk.as_ref();
        let simulated = Simulated { system, protocol, promise, is_watched, run: &run, checked: &checked, shrunk };
        let view = terminal.view(&output);
        let format = self.args.report.format();
        let text = report::simulation(&simulated, format, view);
        output.write(&answers::report(text, interruption.as_ref(), format, view))?;
        if let Some(history) = history {
            history.write(&write::json_lines(&run.history))?;
        }
        if let Some((page, explored)) = page.zip(explored) {
            page.write(&explorer::page(&[(&checked, &explored)], &[], interruption.as_ref()))?;
        }
        let status = answers::interrupted(interruption.as_ref(), terminal);
        Ok(status.max(match verdict {
            _ if is_broken => Status::Negative,
            Verdict::Holds if run.cut_off.is_some() => Status::Undecided,
            Verdict::Holds => Status::Done,
            Verdict::Violated => Status::Negative,
            Verdict::Undecided | Verdict::NotApplicable => Status::Undecided,
        }))
    }

    /// A run as a page carries it, with its faults.
    fn explored(&self, protocol: &impl Protocol, run: &Run, report: &checker::Report) -> Explored {
        let scenario = self.trial.plan.scenario(self.args.seed, protocol.replicas(), self.trial.traffic.clients);
        let bands = explorer::of_faults(self.system, &scenario.faults);
        let name = format!("{}, seed {}", self.system.about().name, self.args.seed);
        let with = (TimeUnit::Nanoseconds, bands);
        Explored::with(&name, &run.history, (report, self.trial.promise), with)
    }

    /// What is missing of a run, if somebody asked for the end of it.
    fn interruption(&self, run: &Run) -> Option<Interruption> {
        let (ended, all) = (run.counts.operations(), self.trial.traffic.operations);
        let what = format!("the run, after {} of {} operations", grouped(ended), grouped(all));
        (run.cut_off == Some(CutOff::Request)).then(|| Interruption { missing: Vec::new(), partial: vec![what] })
    }

    /// Many seeds: which of them break the promise.
    fn many(
        &self,
        protocol: &(impl Protocol + Sync),
        seeds: RangeInclusive<u64>,
        terminal: &Terminal,
        (output, shrink): (Output, Option<Output>),
    ) -> Result<Status, Failure> {
        let count = seeds.end() - seeds.start() + 1;
        let bar = progress::bar(!self.args.general.is_quiet() && terminal.is_watched());
        progress::stage(&bar, "seeds", count);
        let pool = answers::pool(self.args.general.threads)?;
        let begun = |seed: u64| {
            let thing = Thing::begin(&bar, format!("seed {seed}"));
            move |share| thing.share(share)
        };
        interrupt::begin(Work::Budgeted);
        let is_own = |seed: u64| self.args.division.has((seed - seeds.start()).saturating_add(1));
        let mut campaign = pool.install(|| self.trial.campaign(protocol, (seeds.clone(), &is_own), begun));
        interrupt::is_over();
        bar.finish_and_clear();
        if self.args.division.is_divided() && !interrupt::asked() {
            let definition = format!("{:?} {:?}", self.system, self.trial);
            match self.args.division.shares((count, &definition), campaign)? {
                Gathered::All(shares) => campaign = Campaign::of(shares),
                Gathered::Part(text) => return output.write(&text).map(|()| Status::Done),
            }
        }
        let left = count - campaign.seeds;
        let missing = vec![format!("{} of {} seeds", grouped(left), grouped(count))];
        let interruption = (left > 0).then(|| Interruption { missing, partial: Vec::new() });
        let shrunk = self.shrunk(protocol, campaign.violations.first().copied(), shrink, terminal)?;
        let view = terminal.view(&output);
        let many = Campaigned {
            system: self.system,
            protocol: self.name,
            promise: self.trial.promise,
            is_watched: self.args.protocol.has_cas(),
            seeds: &seeds,
            campaign: &campaign,
            again: campaign.violations.first().map(|seed| self.command(*seed, self.args.faults.as_deref())),
            shrunk: shrunk.as_ref(),
        };
        let format = self.args.report.format();
        let text = report::campaign(&many, format, view);
        output.write(&answers::report(text, interruption.as_ref(), format, view))?;
        let status = answers::interrupted(interruption.as_ref(), terminal);
        Ok(status.max(if !campaign.violations.is_empty() {
            Status::Negative
        } else if !campaign.undecided.is_empty() || campaign.operations == 0 {
            Status::Undecided
        } else {
            Status::Done
        }))
    }

    /// Makes the violation of a seed small and writes it, if that is wanted and there is one.
    fn shrunk(
        &self,
        protocol: &impl Protocol,
        seed: Option<u64>,
        output: Option<Output>,
        terminal: &Terminal,
    ) -> Result<Option<ShrunkTo>, Failure> {
        let (Some(output), Some(path)) = (output, self.args.shrink.as_deref()) else { return Ok(None) };
        let Some(seed) = seed else {
            terminal.note("no violation was found, so --shrink is not written");
            return Ok(None);
        };
        if interrupt::asked() {
            terminal.note("interrupted, so --shrink is not written");
            return Ok(None);
        }
        interrupt::begin(Work::Budgeted);
        let Trial { plan, traffic, promise, .. } = self.trial;
        let scenario = plan.scenario(seed, protocol.replicas(), traffic.clients);
        let shrunk = sim::shrink(protocol, Violation { scenario: &scenario, traffic, seed, promise });
        interrupt::is_over();
        let Some(shrunk) = shrunk else {
            let why = if interrupt::asked() { "interrupted" } else { "the violation did not come again" };
            terminal.note(&format!("{why}, so --shrink is not written"));
            return Ok(None);
        };
        let command = self.command(seed, Some(path));
        let description = format!("{}: seed {seed}, shrunk; {command}", shrunk.rule);
        output.write(&report::schedule(self.system, &shrunk.script, &description))?;
        let Shrunk { rule, tries, before, after, .. } = shrunk;
        Ok(Some(ShrunkTo { file: path.display().to_string(), command, rule, tries, before, after }))
    }

    /// What shows an execution again.
    fn command(&self, seed: u64, faults: Option<&Path>) -> String {
        let args = self.args;
        let mut command = format!(
            "quorate simulate {} --protocol {} --clients {} --keys {} --seed {seed}",
            args.spec.spec.words(),
            self.name,
            args.operations.clients,
            args.operations.keys
        );
        let is_shrunk = faults.is_some_and(|path| args.shrink.as_deref() == Some(path));
        // Operations that are written out are not drawn.
        let is_drawn = !is_shrunk && self.trial.plan.script.is_none();
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
