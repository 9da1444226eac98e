//! `quorate simulate`.

use std::ops::RangeInclusive;

use super::consensus_args::{self, OnStore, Ready};
use super::diagram::Diagram;
use super::division::Gathered;
use super::error::Failure;
use super::files::Files;
use super::input;
use super::interrupt::{self, Work};
use super::output::Output;
use super::progress::{self, Thing};
use super::protocol_args::{PickBy, Store};
use super::simulate_args::SimulateArgs;
use super::specs::Spec;
use super::{Status, Terminal, answers, scenario};
use crate::budget::Budget;
use crate::checker::{self, Verdict};
use crate::explorer::{self, Explored};
use crate::history::write;
use crate::model::{System, grouped};
use crate::protocol::register::Registers;
use crate::protocol::{ProcessId, Protocol};
use crate::report::{self, Campaigned, Checked, Interruption, ShrunkTo, Simulated, TimeUnit};
use crate::sim::{
    self, Campaign, CutOff, FaultPlan, Run, RunLimits, Scenario, Script, Shrunk, SpaceTime, Trial, Violation, Window,
};
use crate::structure::reads_meet_writes;

/// Messages of a diagram: more are no picture any more.
const DRAWN_MAX: usize = 240;

/// Runs the register, and checks what its clients saw.
pub(super) fn run(args: &SimulateArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let spec = match (&args.scenario, &args.spec.spec) {
        (Some(file), _) => return scenario::run(args, file, terminal),
        (None, Some(spec)) => spec,
        // The parser has asked for one of them.
        (None, None) => return Err(Failure::NoDefinition),
    };
    let source = input::definition(spec);
    let mut files = Files::new(args.report.force);
    source.path().into_iter().chain(args.faults.as_deref()).try_for_each(|path| files.reads(path))?;
    let output = files.report(args.report.output.as_deref())?;
    let shrink = files.wanted("--shrink", args.shrink.as_deref())?;
    let history = files.wanted("--history", args.history.as_deref())?;
    let page = files.wanted("--html", args.html.as_deref())?;
    let diagram = Diagram::wanted(&mut files, args.diagram.as_deref())?;
    let reader = answers::Reader { import: &args.spec.import, terminal, is_quiet: args.general.is_quiet() };
    let system = reader.system(&source)?;
    answers::one_range(&source.name(), &system)?;
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
    let simulation = Simulation { args, spec, system: &system, trial, name: args.protocol.name() };
    let outputs = Outputs { report: output, history, page, shrink, diagram };
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
            let ready = Ready::new(&system, args.patience(), consensus_args::timing(&plan));
            ready.with(consensus, Simulating { simulation, terminal, outputs })
        }
        Store::Dynamo => {
            let store = args.ring.store(&system, args.patience(), args.allows_unfit)?;
            simulation.run(&store, terminal, outputs)
        }
    }
}

/// A simulation that only lacks its protocol.
struct Simulating<'a> {
    simulation: Simulation<'a>,
    terminal: &'a Terminal,
    outputs: Outputs,
}

impl OnStore for Simulating<'_> {
    type Output = Result<Status, Failure>;

    fn on(self, protocol: &(impl Protocol + Sync)) -> Result<Status, Failure> {
        self.simulation.run(protocol, self.terminal, self.outputs)
    }
}

/// What is written, as far as it was asked for.
struct Outputs {
    report: Output,
    history: Option<Output>,
    page: Option<Output>,
    shrink: Option<Output>,
    diagram: Option<Diagram>,
}

/// What is simulated, whatever the protocol is.
struct Simulation<'a> {
    args: &'a SimulateArgs,
    spec: &'a Spec,
    system: &'a System,
    trial: Trial<'a>,
    name: &'a str,
}

impl Simulation<'_> {
    fn run(&self, protocol: &(impl Protocol + Sync), terminal: &Terminal, outputs: Outputs) -> Result<Status, Failure> {
        match &self.args.seeds {
            None if self.args.division.is_divided() => Err(Failure::OneSeed),
            Some(seeds) => self.many(protocol, seeds.clone(), terminal, outputs),
            None => self.once(protocol, terminal, outputs),
        }
    }

    /// One seed: everything about it.
    fn once(&self, protocol: &impl Protocol, terminal: &Terminal, outputs: Outputs) -> Result<Status, Failure> {
        let Outputs { report: output, history, page, shrink, diagram } = outputs;
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
        let small = self.small(protocol, seed, (shrink.is_some(), diagram.is_some()), terminal);
        let drawn = diagram.map(|diagram| (diagram, self.drawn(protocol, self.args.seed, small.as_ref())));
        let shrunk = self.written(small, seed, shrink)?;
        let (system, protocol) = (self.system, self.name);
        let is_watched = self.args.protocol.has_cas();
        let shrunk = shrunk.as_ref();
        let simulated = Simulated { system, protocol, promise, is_watched, run: &run, checked: &checked, shrunk };
        let view = terminal.view(&output);
        let format = self.args.report.format();
        let text = report::simulation(&simulated, format, view);
        output.write(&answers::report(text, interruption.as_ref(), format, view))?;
        if let Some((diagram, (run, caption))) = drawn {
            diagram.write(&run, &self.title(self.args.seed), &caption)?;
        }
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
        outputs: Outputs,
    ) -> Result<Status, Failure> {
        let Outputs { report: output, shrink, diagram, .. } = outputs;
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
        let first = campaign.violations.first().copied();
        let small = self.small(protocol, first, (shrink.is_some(), diagram.is_some()), terminal);
        if let (Some(diagram), Some(seed)) = (diagram, first) {
            let (run, caption) = self.drawn(protocol, seed, small.as_ref());
            diagram.write(&run, &self.title(seed), &caption)?;
        }
        let shrunk = self.written(small, first, shrink)?;
        let view = terminal.view(&output);
        let many = Campaigned {
            system: self.system,
            protocol: self.name,
            promise: self.trial.promise,
            is_watched: self.args.protocol.has_cas(),
            seeds: &seeds,
            campaign: &campaign,
            again: first.map(|seed| self.command(seed, self.args.faults.as_deref())),
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

    /// The violation of a seed made small, if somebody wants it, and there is one.
    fn small(
        &self,
        protocol: &impl Protocol,
        seed: Option<u64>,
        (is_shrunk, is_drawn): (bool, bool),
        terminal: &Terminal,
    ) -> Option<Shrunk> {
        let wanted = [("--shrink", is_shrunk), ("--diagram", is_drawn && self.args.seeds.is_some())];
        let say = |why: &str| {
            for (flag, _) in wanted.iter().filter(|(_, is_wanted)| *is_wanted) {
                terminal.note(&format!("{why}, so {flag} is not written"));
            }
        };
        if !is_shrunk && !is_drawn {
            return None;
        }
        let Some(seed) = seed else {
            say("no violation was found");
            return None;
        };
        if interrupt::asked() {
            say("interrupted");
            return None;
        }
        interrupt::begin(Work::Budgeted);
        let Trial { plan, traffic, promise, .. } = self.trial;
        let scenario = plan.scenario(seed, protocol.replicas(), traffic.clients);
        let shrunk = sim::shrink(protocol, Violation { scenario: &scenario, traffic, seed, promise });
        interrupt::is_over();
        if shrunk.is_none() && is_shrunk {
            let why = if interrupt::asked() { "interrupted" } else { "the violation did not come again" };
            terminal.note(&format!("{why}, so --shrink is not written"));
        }
        shrunk
    }

    /// Writes what a violation was shrunk to, if that is wanted.
    fn written(
        &self,
        small: Option<Shrunk>,
        seed: Option<u64>,
        output: Option<Output>,
    ) -> Result<Option<ShrunkTo>, Failure> {
        let (Some(output), Some(path)) = (output, self.args.shrink.as_deref()) else { return Ok(None) };
        let (Some(shrunk), Some(seed)) = (small, seed) else { return Ok(None) };
        let command = self.command(seed, Some(path));
        let description = format!("{}: seed {seed}, shrunk; {command}", shrunk.rule);
        output.write(&report::schedule(self.system, &shrunk.script, &description))?;
        let Shrunk { rule, tries, before, after, .. } = shrunk;
        Ok(Some(ShrunkTo { file: path.display().to_string(), command, rule, tries, before, after }))
    }

    /// What is drawn of the run of a seed, or of what its violation was shrunk to, and what is said below it.
    fn drawn(&self, protocol: &impl Protocol, seed: u64, small: Option<&Shrunk>) -> (SpaceTime, String) {
        let Trial { plan, traffic, limits, .. } = self.trial;
        let clients = traffic.clients as usize;
        let names = (0..protocol.replicas() + clients).map(|index| sim::name_of(self.system, ProcessId(index as u32)));
        let window = |is_end| (Window { messages: DRAWN_MAX, is_end }, names.clone().collect::<Vec<_>>());
        match small {
            Some(Shrunk { rule, script: Script { scenario, traffic }, .. }) => {
                let drawn = (RunLimits::default(), window(true));
                let (_, run) = sim::run_drawn(protocol, (scenario, traffic), (seed, drawn.0), drawn.1);
                let caption = format!("The violation of {rule} by seed {seed}, shrunk to what it needs.");
                (run, caption)
            }
            None => {
                let scenario = plan.scenario(seed, protocol.replicas(), traffic.clients);
                let (_, run) = sim::run_drawn(protocol, (&scenario, traffic), (seed, limits), window(false));
                (run, String::new())
            }
        }
    }

    fn title(&self, seed: u64) -> String {
        format!("{}, {}, seed {seed}", self.system.about().name, self.name)
    }

    /// What shows an execution again.
    fn command(&self, seed: u64, faults: Option<&std::path::Path>) -> String {
        self.args.command(self.spec, (seed, self.trial.plan.script.is_none()), faults)
    }
}
