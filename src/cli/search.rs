//! `quorate search`.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Args;

use super::args::{GeneralArgs, format_of, heading};
use super::division::{Gathered, ShardArgs};
use super::error::Failure;
use super::files::Files;
use super::interrupt::{self, Work};
use super::{Status, Terminal, answers, input, progress};
use crate::model::{Fraction, Lying, Probability, Workload};
use crate::operations::Demands;
use crate::report::{self, Format, Searched};
use crate::search::{Cluster, Progress, Query, search_while};
use crate::strategy::objective::{Limits, Objective};

/// Find the best quorum system over given nodes
#[derive(Debug, Args)]
#[command(after_long_help = SEARCH_HELP, next_help_heading = heading::QUESTION)]
pub(super) struct SearchArgs {
    /// The nodes: a definition without its `system` table, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    nodes: PathBuf,
    /// Share of reads, instead of the file's workload
    #[arg(long, value_name = "F", value_parser = super::args::fraction, allow_negative_numbers = true)]
    read_fraction: Option<Fraction>,
    /// Failure probability of every node, instead of the file's
    #[arg(long, value_name = "P", value_parser = super::args::probability, allow_negative_numbers = true)]
    failure_probability: Option<Probability>,
    /// What the system should be best at
    #[arg(long, value_enum, default_value_t)]
    objective: Objective,
    /// Systems to show
    #[arg(long, value_name = "N", default_value_t = Query::default().top, value_parser = super::args::at_least_one)]
    top: usize,
    /// Candidates to look at before giving up
    #[arg(long, value_name = "N", default_value_t = Query::default().candidates_max,
          value_parser = clap::value_parser!(u64).range(1..))]
    budget: u64,
    #[command(flatten)]
    limits: LimitArgs,
    /// How to write the report, which goes to standard output
    #[arg(long, value_enum, default_value_t, help_heading = heading::OUTPUT)]
    format: Format,
    /// Write the best system to FILE as a definition; a file that is there stays, unless --force is given
    #[arg(short, long, value_name = "FILE", help_heading = heading::OUTPUT)]
    output: Option<PathBuf>,
    /// Replace the output file if it is there, once the search has ended
    #[arg(long, help_heading = heading::OUTPUT)]
    force: bool,
    #[command(flatten)]
    pub(super) division: ShardArgs,
    #[command(flatten)]
    general: GeneralArgs,
}

/// What the system must keep to.
#[derive(Debug, Args)]
#[command(next_help_heading = heading::LIMITS)]
struct LimitArgs {
    /// Largest load of the busiest node
    #[arg(long, value_name = "L", value_parser = super::numbers::limit, allow_negative_numbers = true)]
    max_load: Option<f64>,
    /// Largest expected number of nodes contacted
    #[arg(long, value_name = "N", value_parser = super::numbers::limit, allow_negative_numbers = true)]
    max_network: Option<f64>,
    /// Largest expected time until the answers contain a quorum, in milliseconds
    #[arg(long, value_name = "MS", value_parser = super::numbers::limit, allow_negative_numbers = true)]
    max_latency: Option<f64>,
    /// Use only quorums that contain a quorum after losing any F of their members; nothing is asked of a kind of operation
    /// that never occurs
    #[arg(long, value_name = "F", default_value_t = 0)]
    survive: usize,
    /// Failures that must always leave a read and a write quorum, whether or not both kinds of operation occur
    #[arg(long, value_name = "R", default_value_t = 0)]
    min_resilience: usize,
    /// Nodes that every read quorum has in common with every write quorum
    #[arg(long, value_name = "K", value_parser = super::args::at_least_one, allow_negative_numbers = true)]
    min_overlap: Option<usize>,
    /// Nodes that may lie: B, or B:masking, B:opaque or B:dissemination
    #[arg(long, value_name = "B[:KIND]", value_parser = super::numbers::liars)]
    byzantine: Option<(usize, Option<Lying>)>,
    /// Zones of which any Z can be lost, so that reads and writes go on
    #[arg(long, value_name = "Z")]
    min_zone_resilience: Option<usize>,
    /// Zones in which every acknowledged write is at least; a node outside of all counts as one
    #[arg(long, value_name = "Z")]
    min_durability_zones: Option<usize>,
    /// Of several kinds of zones those that the demands are about, as in rack; zones of other kinds may not fail of themselves
    #[arg(long, value_name = "KIND")]
    zone_kind: Option<String>,
    /// Largest probability that a read or a write quorum is missing
    #[arg(long, value_name = "P", value_parser = super::args::probability, allow_negative_numbers = true)]
    max_failure_probability: Option<Probability>,
}

const SEARCH_HELP: &str = "\
Examples:
  quorate search --nodes examples/case-study-nodes.toml
  quorate search --nodes examples/case-study-nodes.toml --read-fraction 0.9 \\
      --min-resilience 1 --output best.toml && quorate analyze best.toml
  quorate search --nodes examples/case-study-nodes.toml --objective latency \\
      --max-load 0.0005
  quorate search --nodes examples/case-study-nodes.toml --min-overlap 2
  quorate search --nodes examples/case-study-nodes.toml --byzantine 1
  quorate search --nodes examples/racks-and-zones.toml --zone-kind rack \\
      --min-zone-resilience 1
  quorate search --nodes examples/case-study-nodes.toml --format json \\
      --max-failure-probability 0.001 --failure-probability 0.01

FILE is a definition without [system]: [nodes], [[node]], [[zone]] and [workload]. Nodes need not all be used. The space, up \
to twelve nodes: read-once formulas of thresholds nested at will (hierarchies are among them); grids, B-grids, walls, trees, \
planes, Paths and Y with all parameters that fit and every placement of the nodes; and weighted voting with small votes; up to \
five nodes every quorum system there is. The writes are the dual of the reads, which no other writes improve on; with \
--min-overlap, --byzantine or --min-durability-zones the largest writes that these allow beside the reads. Equal nodes are interchangeable. Beyond twelve nodes: the \
families over the fastest or the slowest nodes. The report says whether the result is proven to be the best of its space.

Exit status:
  0  found, and proven to be the best
  1  no system meets the limits; the report says what would be possible
  2  could not run: usage or file
  3  the budget or Ctrl-C ended it first; the report shows the best so far";

impl SearchArgs {
    fn ask(&self) -> Query {
        Query {
            objective: self.objective,
            limits: Limits {
                load: self.limits.max_load,
                network: self.limits.max_network,
                latency_ms: self.limits.max_latency,
                survive: self.limits.survive,
                ..Limits::default()
            },
            min_resilience: self.limits.min_resilience,
            max_failure_probability: self.limits.max_failure_probability,
            failure_probability: self.failure_probability,
            demands: Demands {
                min_overlap: self.limits.min_overlap,
                byzantine: self.limits.byzantine,
                is_strict: false,
                min_zone_resilience: self.limits.min_zone_resilience,
                min_durability_zones: self.limits.min_durability_zones,
            },
            top: self.top,
            candidates_max: self.budget,
        }
    }
}

/// Searches, reports, and writes the winner.
pub(super) fn run(args: &SearchArgs, terminal: &Terminal) -> Result<Status, Failure> {
    if let Some(path) = args.output.as_ref().filter(|path| !args.division.is_part() && format_of(path).is_some()) {
        let what = "-o is for the best system, as a definition: a .toml file; the report goes to standard output, as --format says";
        return Err(Failure::NoFormat { path: path.clone(), what });
    }
    let source = input::source(&args.nodes);
    let mut files = Files::new(args.force);
    files.reads(&args.nodes)?;
    let report = files.report(None)?;
    let output = files.wanted("--output", args.output.as_deref())?;
    let file = source.nodes()?;
    let workload = args.read_fraction.map_or(file.workload, Workload::of);
    let all = Cluster { nodes: file.nodes, zones: file.zones, workload };
    let cluster = args.limits.zone_kind.as_ref().map_or_else(|| Ok(all.clone()), |kind| all.of_zone_kind(kind))?;
    let ask = args.ask();
    let bar = progress::search(!args.general.is_quiet() && terminal.is_watched());
    let moved = |progress: Progress| {
        bar.set_position(progress.seen);
        if let Some(best) = progress.best {
            bar.set_message(format!("best {} {best:.6}", ask.objective.name()));
        }
        if !interrupt::asked() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let pool = answers::pool(args.general.threads)?;
    interrupt::begin(Work::Budgeted);
    let found = args.division.has(1).then(|| pool.install(|| search_while(&cluster, &ask, &moved)));
    interrupt::is_over();
    bar.finish_and_clear();
    let mut found = found.transpose()?;
    found.iter_mut().for_each(|found| all.put_back(found));
    let is_ended = found.as_ref().is_some_and(|found| found.interrupted);
    let found = if args.division.is_divided() && !is_ended {
        if args.division.is_part() && !args.general.is_quiet() {
            terminal.note("a search is one piece of work, which is in the first part: each candidate is judged by those before it");
        }
        match args.division.all((1, &format!("{cluster:?}")), found.into_iter().collect())? {
            Gathered::All(found) => found.into_iter().next(),
            Gathered::Part(text) => return output.unwrap_or(report).write(&text).map(|()| Status::Done),
        }
    } else {
        found
    };
    let Some(found) = found else { return Ok(Status::Undecided) };
    let from = source.name();
    let (nodes, workload) = (cluster.nodes.len(), &cluster.workload);
    let searched = Searched { file: &from, nodes, workload, ask: &ask, found: &found };
    let view = terminal.view(&report);
    report.write(&report::searched(&searched, args.format, view))?;
    match (output, found.winners.first()) {
        (Some(output), Some(best)) => {
            let name = format!("best-{}", ask.objective.name());
            output.write(&report::definition(best, &name, &report::description(&searched)))?;
        }
        (Some(_), None) => terminal.note("no system was found, so --output is not written"),
        (None, _) => {}
    }
    Ok(match (found.winners.is_empty(), found.is_proven()) {
        (false, true) => Status::Done,
        (true, _) if found.is_complete() => Status::Negative,
        _ => Status::Undecided,
    })
}
