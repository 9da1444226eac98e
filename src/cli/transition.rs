//! `quorate transition`.

use clap::Args;

use super::args::{GeneralArgs, QuestionArgs, ReportArgs, heading};
use super::batch::Batch;
use super::error::Failure;
use super::files::Files;
use super::{Status, Terminal, answers, input, progress};
use crate::model::System;
use crate::report::{self, Analysed, Changed, Planning};
use crate::structure::{self, NotFailed};
use crate::transition::{NoPlan, Step, Verdict, plan, step};

/// Say whether one system may follow another: at once, by way of a joint system, or not at all
#[derive(Debug, Args)]
#[command(after_long_help = TRANSITION_HELP)]
pub(super) struct TransitionArgs {
    #[command(flatten)]
    question: QuestionArgs,
    /// Look for the best order of single steps from the old to the new system, each of them direct: a node added or removed, or one vote
    /// more or less; for systems of votes
    #[arg(long, help_heading = heading::QUESTION)]
    plan: bool,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    general: GeneralArgs,
}

const TRANSITION_HELP: &str = "\
Examples:
  quorate transition quorum-defs/transitions/three.toml \\
      quorum-defs/transitions/five.toml
  quorate transition -e 'majority(a, b, c)' -e 'majority(c, d, e)'
  cd quorum-defs/transitions && \\
      quorate transition three.toml four.toml five.toml --format json
  quorate transition quorum-defs/transitions/cheap-reads.toml \\
      quorum-defs/transitions/cheap-writes.toml --demands raft
  quorate transition quorum-defs/transitions/east-heavy.toml \\
      quorum-defs/transitions/west-heavy.toml --plan
  quorate transition quorum-defs/transitions/zoo.cfg \\
      quorum-defs/transitions/zoo-groups.cfg --failed server.2 -o change.md

The first SPEC is the old system, the next one the new system; of more than two each is followed by the next. The same name is \
the same node. Reads are phase 1 (elections), writes phase 2 (replication). The verdict is `direct` when every read quorum of \
either system meets every write quorum of the other, `joint only` when both hold by themselves but some of their quorums miss \
each other, so that a joint system (a quorum of each) has to stand between them, and `unsafe` when not even that keeps both. \
--min-overlap, --byzantine and --demands are demanded of the old, the joint and the new system and of how old and new quorums \
meet, --min-zone-resilience and --min-durability-zones of each system, also on the way of --plan; Raft's elections in both at once are judged with --demands raft, and said in any case.

--plan: where both systems are majorities of votes, so are all between them; where reads and writes need the same, they do all \
the way. Of the shortest ways it shows one that survives the most losses of zones all the way, then the most failures of nodes. \
CSV then has one row for each step of the plan, and the columns step, node, from, to (its votes), read_votes, write_votes, \
resilience, zone_resilience, reads, writes (as -e and --writes take them).

CSV has one row for each step, an empty field where nothing is known, and the columns old, new, verdict, \
old_reads_new_writes, new_reads_old_writes, old_reads_new_reads, and resilience, zone_resilience, load and \
failure_probability (the first one) of the old, the joint and the new system.

Exit status:
  0  every step is direct, or --plan has found a way of direct steps
  1  some step is joint only or unsafe
  2  could not run: usage, definition or file
  3  undecided within the limits, or Ctrl-C ended it";

/// Asks all systems and the joint ones between them the same, and says of each step what may be done.
pub(super) fn run(args: &TransitionArgs, terminal: &Terminal) -> Result<Status, Failure> {
    args.question.check()?;
    let sources = input::sources(&args.question.specs.list);
    let mut files = Files::new(args.report.force);
    files.reads_all(&sources)?;
    let output = files.report(args.report.output.as_deref())?;
    let (systems, read) = answers::systems(sources, args.question.reader(terminal, &args.general));
    if read == Status::CouldNotRun {
        return Ok(read);
    }
    systems.iter().try_for_each(|(file, system)| answers::one_range(file, system))?;
    if systems.len() < 2 {
        return Err(Failure::OneSystem);
    }
    if args.plan && systems.len() > 2 {
        return Err(Failure::PlanBetweenTwo { systems: systems.len() });
    }
    let systems = without(systems, &args.question.failed)?;
    let options = args.question.options().common_to(&systems.iter().map(|(_, system)| system).collect::<Vec<_>>());
    let pair = |pair: &[(String, System)]| step(&pair[0].1, &pair[1].1, &options).map_err(Failure::from);
    let steps: Vec<Step> = systems.windows(2).map(pair).collect::<Result<_, _>>()?;
    let asked =
        systems.iter().cloned().chain(steps.iter().map(|step| ("joint".to_owned(), step.joint.clone()))).collect();
    let bar = progress::bar(!args.general.is_quiet() && terminal.is_watched());
    let pool = answers::pool(args.general.threads)?;
    let Batch { done, interruption } = answers::analyses(&pool, asked, &options, &bar);
    let plan = if args.plan { Some(plan(&systems[0].1, &systems[1].1, &options)?) } else { None };
    bar.finish_and_clear();
    let view = terminal.view(&output);
    let changes = if done.len() == systems.len() + steps.len() { changed(&done, steps, &options) } else { Vec::new() };
    let text = report::changes(&changes, plan.as_ref(), args.report.format(), view);
    output.write(&answers::report(text, interruption.as_ref(), args.report.format(), view))?;
    let ended = answers::interrupted(interruption.as_ref(), terminal);
    let steps = changes.iter().map(|change| status(change.verdict)).fold(Status::Done, Status::max);
    Ok(ended.max(plan.map_or(steps, |plan| planned(&plan).min(steps))))
}

/// The steps with the answers, of which those about the joint systems come after those about all others.
fn changed(done: &[Analysed], steps: Vec<Step>, options: &crate::analysis::Options) -> Vec<Changed> {
    let (single, joint) = done.split_at(done.len() - steps.len());
    let each = steps.into_iter().zip(joint).zip(single.windows(2));
    each.map(|((step, joint), pair)| {
        let stages = [pair[0].clone(), joint.clone(), pair[1].clone()];
        let (verdict, reasons) = step.verdict(stages.each_ref().map(|one| (&one.system, &one.analysis)), options);
        Changed { stages, step, verdict, reasons }
    })
    .collect()
}

/// How the search for single steps ended.
fn planned(planning: &Planning) -> Status {
    match planning {
        Ok(_) => Status::Done,
        Err(NoPlan::Open(_)) => Status::Undecided,
        Err(_) => Status::Negative,
    }
}

fn status(verdict: Verdict) -> Status {
    match verdict {
        Verdict::Direct => Status::Done,
        Verdict::JointOnly | Verdict::Unsafe => Status::Negative,
        Verdict::Undecided => Status::Undecided,
    }
}

/// The same systems without what has failed; each name is that of a node or zone of one of them at least.
fn without(systems: Vec<(String, System)>, failed: &[String]) -> Result<Vec<(String, System)>, Failure> {
    let has = |system: &System, name: &String| {
        !matches!(structure::without(system, std::slice::from_ref(name)), Err(NotFailed::Unknown { .. }))
    };
    if let Some(name) = failed.iter().find(|name| !systems.iter().any(|(_, system)| has(system, name))) {
        // Said about the first system; it has it no more than the others.
        answers::without(systems.iter().take(1).cloned().collect(), std::slice::from_ref(name))?;
    }
    let left = |(file, system): (String, System)| {
        let own: Vec<String> = failed.iter().filter(|name| has(&system, name)).cloned().collect();
        answers::without(vec![(file, system)], &own)
    };
    Ok(systems.into_iter().map(left).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
