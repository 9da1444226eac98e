//! `quorate bench`.

use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use tempfile::TempDir;
use tokio::task::LocalSet;

use super::common::{ClusterArgs, WithProtocol, asked_to_end, runtime};
use super::load_args::{HistoryArgs, LoadArgs};
use super::outcome::{Finished, finish};
use crate::budget::Budget;
use crate::circuit::Compiled;
use crate::cli::args::{QuietArgs, ReportArgs, heading};
use crate::cli::error::Failure;
use crate::cli::files::Files;
use crate::cli::interrupt::{self, Work};
use crate::cli::specs::Spec;
use crate::cli::{Status, Terminal, answers, input};
use crate::model::{Pair, System};
use crate::net::bench::{
    Clients, ClusterPlan, Done, Load, Measured, Proxies, Replicas, Weather, run as drive, schedule,
};
use crate::net::{Client, ClientSetup, Contacts, NetError, Replicated};
use crate::protocol::register::Patience;
use crate::protocol::{Pick, ProcessId};
use crate::sim::{FaultPlan, Scenario, links_of};
use crate::strategy::optimum;
use crate::verify::of_contacts;

/// Run a cluster of replica processes on this machine under load and faults, and check its history
#[derive(Debug, Args)]
#[command(after_long_help = BENCH_HELP)]
pub(in crate::cli) struct BenchArgs {
    #[command(flatten)]
    cluster: ClusterArgs,
    /// Which nodes a client asks first
    #[arg(long, value_enum, default_value_t = PickBy::Optimal, help_heading = heading::PROTOCOL)]
    pick: PickBy,
    /// Milliseconds without an answer after which replicas are asked again
    #[arg(long, value_name = "MS", default_value_t = 100.0, value_parser = crate::cli::numbers::positive,
          allow_negative_numbers = true, help_heading = heading::PROTOCOL)]
    retry_ms: f64,
    /// Keep everything in memory instead of on disks
    #[arg(long, help_heading = heading::STORAGE)]
    memory: bool,
    #[command(flatten)]
    load: LoadArgs,
    /// Network and faults, as `quorate simulate` takes them
    #[arg(long, value_name = "FILE", help_heading = heading::RUNS)]
    faults: Option<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    history: HistoryArgs,
    #[command(flatten)]
    quiet: QuietArgs,
}

/// Which nodes a client asks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PickBy {
    /// All, and the first quorum to answer counts
    All,
    /// One quorum, drawn from the load-optimal strategy; all others if it does not answer
    Optimal,
}

const BENCH_HELP: &str = "\
Examples:
  quorate bench quorum-defs/majority-5.toml --seconds 2
  quorate bench quorum-defs/grid-3x3.toml --memory --clients 32 --keys 100
  quorate bench quorum-defs/majority-5.toml --rate 500 --format json
  quorate bench quorum-defs/majority-5.toml --seconds 3 \\
      --faults quorum-defs/faults/processes.toml --history run.jsonl

Each node is a process of this program, with a disk of its own in a temporary folder, behind a proxy of its own where the \
definition has latencies or the file of faults asks for any. A crash is SIGKILL; a replica that comes back without its disk \
rejoins, as `quorate serve --rejoin` does, and forgets what it knew only with --unsafe. Clock faults and torn writes are not done. \
A file of faults without a latency leaves the network as it is. Nothing is left behind however it ends.

Predicted against measured, as `quorate verify` does: the load of each node, the quorums drawn, the nodes of an operation.

Exit status:
  0  done, and the history is what the protocol promises
  1  the history is not, or a prediction was missed
  2  could not run: usage, definition or file, or a replica that does not serve
  3  undecided: no operation returned, the limits of the checker, or Ctrl-C ended it";

/// Starts a cluster, works on it, and checks what clients saw.
pub(in crate::cli) fn run(args: &BenchArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let source = input::definition(&args.cluster.spec.spec);
    let mut files = Files::new(args.report.force);
    source.path().into_iter().chain(args.faults.as_deref()).try_for_each(|path| files.reads(path))?;
    let output = files.report(args.report.output.as_deref())?;
    let history = args.history.output(&mut files)?;
    let reader = answers::Reader { import: &args.cluster.spec.import, terminal, is_quiet: args.quiet.quiet };
    let (system, text) = reader.system_and_text(&source)?;
    answers::one_range(&source.name(), &system)?;
    let folder = TempDir::new().map_err(|reason| Failure::Runtime { reason })?;
    let scenario = args.scenario(&system)?;
    let (pick, mut remarks) = args.pick(&system);
    let patience = Patience { retry_after_ns: (args.retry_ms * 1e6) as u64, retries: None };
    let plan = args.plan(&system, (&text, &folder))?;
    let work = Benching { args, system: &system, scenario: &scenario, plan };
    let Ran { measured, faults, contacts, ended } = args.cluster.with(&system, (&pick, patience), work)?;
    remarks.extend(ended);
    let predictions = match pick {
        Pick::Drawn(_) => Some(of_contacts(&system, &contacts, args.load.seed)),
        Pick::All => None,
    };
    let names: Vec<String> = system.nodes().iter().map(|node| node.name.clone()).collect();
    let load = args.work(&system);
    finish(
        Finished {
            target: &system.about().name,
            protocol: args.cluster.protocol.name(),
            is_durable: Some(!args.memory),
            promise: args.cluster.protocol.promise(),
            load: &load,
            clients: args.load.clients as usize,
            measured,
            predictions,
            faults,
            names: &names,
            remarks,
        },
        (output, history),
        (&args.report, terminal),
    )
}

/// What a run has left.
struct Ran {
    measured: Measured,
    faults: Vec<Done>,
    contacts: Contacts,
    /// Replicas that ended although nobody wanted that.
    ended: Vec<String>,
}

impl BenchArgs {
    fn work(&self, system: &System) -> Load {
        let single_writer = self.cluster.protocol.is_single_writer();
        self.load.load(system.workload().mean_read_fraction(), single_writer)
    }

    fn scenario(&self, system: &System) -> Result<Scenario, Failure> {
        let clients = self.load.clients;
        let plan = match &self.faults {
            Some(path) => input::source(path).faults(system, clients)?,
            None => FaultPlan::scripted(Scenario { links: links_of(system, clients), ..Scenario::default() }),
        };
        let mut scenario = plan.scenario(self.load.seed, system.nodes().len(), clients);
        if !self.gives_latency() {
            scenario.latency = Weather::NONE;
        }
        Ok(scenario)
    }

    /// Whether the file of faults says how long messages take; it was read before.
    fn gives_latency(&self) -> bool {
        let text = self.faults.as_deref().and_then(|path| std::fs::read_to_string(path).ok());
        let table = text.and_then(|text| text.parse::<toml::Table>().ok());
        table.is_some_and(|table| table.get("network").is_some_and(|network| network.get("latency").is_some()))
    }

    /// The quorums that are drawn, and why there are none if so.
    fn pick(&self, system: &System) -> (Pick, Vec<String>) {
        if self.pick == PickBy::All || !self.cluster.protocol.is_register() {
            return (Pick::All, Vec::new());
        }
        let optimum = optimum(&Compiled::new(system, Budget::default()), system.workload(), true);
        match optimum.ok().and_then(|optimum| optimum.strategy) {
            Some(strategy) => (Pick::Drawn(strategy), Vec::new()),
            None => {
                let why = "every node is asked first: the optimal strategy is too long to be listed, or the limits ended first";
                (Pick::All, vec![why.to_owned()])
            }
        }
    }

    /// The processes of the replicas, which read the same definition.
    fn plan(&self, system: &System, (text, folder): (&str, &TempDir)) -> Result<ClusterPlan, Failure> {
        let mut arguments = match &self.cluster.spec.spec {
            Spec::Expression(expression) => expression.arguments(),
            Spec::Path(path) if path.is_file() && self.cluster.spec.import == Default::default() => {
                vec![path.display().to_string()]
            }
            Spec::Path(_) => {
                let path = folder.path().join("definition.toml");
                std::fs::write(&path, text).map_err(|reason| Failure::Write { path: path.clone(), reason })?;
                vec![path.display().to_string()]
            }
        };
        arguments.extend(["--protocol".into(), self.cluster.protocol.name().into()]);
        arguments.extend(self.cluster.ring.words().split_whitespace().map(str::to_owned));
        if self.cluster.allows_unfit {
            arguments.push("--unsafe".into());
        }
        let program = std::env::current_exe().map_err(|reason| Failure::Runtime { reason })?;
        let names = system.nodes().iter().map(|node| node.name.clone()).collect();
        Ok(ClusterPlan { program, arguments, names, memory: self.memory, forgets: self.cluster.allows_unfit })
    }
}

struct Benching<'a> {
    args: &'a BenchArgs,
    system: &'a System,
    scenario: &'a Scenario,
    plan: ClusterPlan,
}

impl WithProtocol for Benching<'_> {
    type Output = Ran;

    fn with<P: Replicated>(self, protocol: P) -> Result<Ran, Failure> {
        interrupt::begin(Work::Watchful);
        let local = LocalSet::new();
        let ran = runtime()?.block_on(local.run_until(self.bench(&protocol)));
        Ok(ran?)
    }
}

impl Benching<'_> {
    async fn bench<P: Replicated>(self, protocol: &P) -> Result<Ran, NetError> {
        let (args, nodes, count) = (self.args, self.system.nodes().len(), self.args.load.clients as usize);
        let weather = Weather::new(self.scenario, nodes + count, args.load.seed);
        let port = |reason| NetError::Io { what: "no port".into(), reason };
        let proxies = Proxies::new(nodes, &weather).await.map_err(port)?;
        let mut replicas = Replicas::start(self.plan, &proxies).await?;
        let is_proxied = Weather::is_needed(self.scenario);
        let address = |node: usize| match replicas.addresses()[node] {
            Some(address) if !is_proxied => address.to_string(),
            _ => proxies.address(node).to_string(),
        };
        let peers = (0..nodes).map(|node| (ProcessId(node as u32), address(node))).collect();
        let name = args.cluster.protocol_name();
        let mut setup = ClientSetup {
            system: self.system,
            protocol: &name,
            peers,
            key: None,
            process: None,
            seed: None,
            deadline: args.load.deadline(),
        };
        let mut stores = Vec::new();
        for client in 0..count as u64 {
            setup.process = Some(ProcessId((nodes as u64 + client) as u32));
            setup.seed = Some(args.load.seed.wrapping_mul(1 << 20).wrapping_add(client << 40));
            stores.push(Client::new(protocol, &setup)?);
        }
        let (clients, start) = (Clients::new(count), Instant::now());
        let load = args.work(self.system);
        let mut faults = Vec::new();
        let (measured, stores) = {
            let end = load.duration;
            let scheduled = schedule(self.scenario, (&mut replicas, &proxies), (&weather, &clients), (start, end));
            let driven = drive(stores, &load, &clients, start);
            let (mut scheduled, mut driven) = (std::pin::pin!(scheduled), std::pin::pin!(driven));
            let mut is_scheduled = false;
            loop {
                tokio::select! {
                    done = &mut scheduled, if !is_scheduled => {
                        faults = done;
                        is_scheduled = true;
                    }
                    ran = &mut driven => break ran,
                    () = asked_to_end(), if !clients.are_ended() => clients.end(),
                }
            }
        };
        let ended = replicas.ended().into_iter();
        let ended =
            ended.map(|(node, why)| format!("{} ended by itself: {why}", self.system.nodes()[node].name)).collect();
        replicas.end().await;
        proxies.end().await;
        let mut contacts: Contacts = Pair::default();
        for store in stores {
            add(&mut contacts, store.contacts());
        }
        Ok(Ran { measured, faults, contacts, ended })
    }
}

fn add(sum: &mut Contacts, more: &Contacts) {
    for (quorum, count) in &more.reads {
        *sum.reads.entry(quorum.clone()).or_default() += count;
    }
    for (quorum, count) in &more.writes {
        *sum.writes.entry(quorum.clone()).or_default() += count;
    }
}
