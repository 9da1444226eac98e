//! `quorate flp`.

use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::args::{self, GeneralArgs, ReportArgs, heading};
use super::error::Failure;
use super::files::Files;
use super::input;
use super::{Status, Terminal};
use crate::flp::{Asked, Given, PROCESSES, STEPS_MAX, Which, impossibility};
use crate::report;

/// Show that no deterministic protocol always decides: a fair schedule without a decision, and what gets around it
#[derive(Debug, Args)]
#[command(after_long_help = FLP_HELP, next_help_heading = heading::PROTOCOL)]
pub(super) struct FlpArgs {
    /// Which protocol is kept from deciding [default: that of --schedule, or else rotating]
    #[arg(long, value_enum)]
    protocol: Option<Which>,
    /// Number of processes, from 3 to 8 [default: that of --schedule, or else 3]
    #[arg(long, value_name = "N", value_parser = processes, allow_negative_numbers = true)]
    nodes: Option<usize>,
    /// Steps of the schedule, up to a million; one of ben-or ends with the decision [default: 100]
    #[arg(long, value_name = "N", value_parser = steps, conflicts_with = "schedule", allow_negative_numbers = true)]
    steps: Option<usize>,
    /// Follow the schedule of FILE, as this command prints it, instead of looking for one: each of its events must be possible
    #[arg(long, value_name = "FILE")]
    schedule: Option<PathBuf>,
    /// Trials of each way around the theorem [default: 2000 for 3 processes, half as many for each one more]
    #[arg(long, value_name = "N", value_parser = args::trials, allow_negative_numbers = true, help_heading = heading::RUNS)]
    trials: Option<u64>,
    /// Seed of coins and trials; the report repeats it [default: that of --schedule, or else 1]
    #[arg(long, value_name = "N", value_parser = args::seed, help_heading = heading::RUNS)]
    seed: Option<u64>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    general: GeneralArgs,
}

const FLP_HELP: &str = "\
Examples:
  quorate flp
  quorate flp --protocol paxos --nodes 5
  quorate flp --protocol voting --steps 1000 --format json -o run.json && \\
      quorate flp --schedule run.json
  quorate flp --protocol ben-or --seed 7

The model is that of Fischer, Lynch and Paterson: a step of a process receives one message that is on its way to it, or nothing; messages \
wait for as long as the scheduler likes, but not for ever. The scheduler starts where both decisions can be reached (Lemma 2) and lets the \
event happen that has been pending for longest, after such steps that both decisions can still be reached (Lemma 3), again and again.

An event is written as `p2 <- p1 report 1 0`: p2 takes a step and receives what p1 sent; or as `p2 <- nothing`. --schedule reads the JSON and \
the CSV of this command, or a file with an event on each line, before which `protocol: voting`, `inputs: 0 1 1` and `seed: 1` may stand.

CSV has one row for each event, and the columns step, process, from, message.

Exit status:
  0  the schedule was found, or all events of --schedule could happen
  1  the file of --schedule claims that nothing is decided, but something is
  2  could not run: usage, or an event of --schedule that cannot happen
  3  the search ended within the limits before the schedule was long enough";

/// The largest file of a schedule: more than a million steps are.
const SCHEDULE_BYTES_MAX: u64 = 1 << 28;

/// A number of processes for which schedules are found.
fn processes(text: &str) -> Result<usize, String> {
    let limits = format!("from {} to {}", PROCESSES.start(), PROCESSES.end());
    match text.parse::<usize>() {
        Ok(number) if PROCESSES.contains(&number) => Ok(number),
        Ok(number) if number < *PROCESSES.start() => {
            Err(format!("it takes {limits} processes: of fewer than three no majority survives a crash"))
        }
        Ok(_) => Err(format!("it takes {limits} processes: with more, schedules are no longer found in seconds")),
        Err(_) => Err(format!("a whole number {limits}")),
    }
}

fn steps(text: &str) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|number| (1..=STEPS_MAX).contains(number));
    number.ok_or_else(|| format!("a whole number from 1 to {STEPS_MAX}"))
}

/// Looks for the schedule, or follows one, and measures the ways around.
pub(super) fn run(args: &FlpArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let mut files = Files::new(args.report.force);
    args.schedule.iter().try_for_each(|path| files.reads(path))?;
    let output = files.report(args.report.output.as_deref())?;
    let given = args.schedule.as_deref().map(given).transpose()?;
    let claim = given.as_ref().and_then(|given| given.decided);
    let outcome = impossibility(&args.asked(given)?).map_err(|reason| Failure::Schedule {
        file: args.schedule.as_deref().map(|path| path.display().to_string()).unwrap_or_default(),
        reason,
    })?;
    let text = report::impossibility(&outcome, args.report.format(), terminal.view(&output));
    output.write(&text)?;
    Ok(match claim {
        Some(decided) if decided != outcome.decision.is_some() => Status::Negative,
        _ if outcome.gave_up => Status::Undecided,
        _ => Status::Done,
    })
}

fn given(path: &Path) -> Result<Given, Failure> {
    let text = input::source(path).text(SCHEDULE_BYTES_MAX)?;
    Given::read(&text).map_err(|reason| Failure::Schedule { file: path.display().to_string(), reason })
}

impl FlpArgs {
    /// What is asked, by flags or by the file, which may not contradict each other.
    fn asked(&self, given: Option<Given>) -> Result<Asked, Failure> {
        let of_file = given.as_ref();
        let contradicts = |flag, in_file: String| Err(Failure::NotOfSchedule { flag, in_file });
        match (self.protocol, of_file.and_then(|given| given.protocol)) {
            (Some(asked), Some(file)) if asked != file => return contradicts("--protocol", file.name().into()),
            _ => {}
        }
        let inputs = of_file.and_then(|given| given.inputs.as_ref()).map(Vec::len);
        match (self.nodes, inputs) {
            (Some(asked), Some(file)) if asked != file => return contradicts("--nodes", file.to_string()),
            _ => {}
        }
        let processes = self.nodes.or(inputs).unwrap_or(*PROCESSES.start());
        if !PROCESSES.contains(&processes) {
            return contradicts("--nodes", processes.to_string());
        }
        Ok(Asked {
            protocol: self.protocol.or(of_file.and_then(|given| given.protocol)).unwrap_or(Which::Rotating),
            processes,
            steps: self.steps.unwrap_or(100),
            trials: self.trials,
            seed: self.seed.or(of_file.and_then(|given| given.seed)).unwrap_or(1),
            given,
        })
    }
}

impl ValueEnum for Which {
    fn value_variants<'a>() -> &'a [Self] {
        &Which::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(match self {
            Which::Rotating => "A coordinator that changes from round to round, whom others may suspect",
            Which::Voting => "Majority voting in rounds; where there is no majority, 1 and 0 by turns",
            Which::Paxos => "Two proposers, whose ballots overtake each other",
            Which::BenOr => "Majority voting in rounds; where there is no majority, a coin",
        }))
    }
}
