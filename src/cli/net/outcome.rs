//! What comes of a run against processes: a report, a history and an exit status.

use crate::checker::{self, Model, Verdict};
use crate::cli::args::ReportArgs;
use crate::cli::error::Failure;
use crate::cli::output::Output;
use crate::cli::{Status, Terminal, interrupt};
use crate::history::write;
use crate::net::bench::{Done, Load, Measured};
use crate::report::{self, Benched, Checked};
use crate::verify::Verification;

/// A run that is over.
pub(super) struct Finished<'a> {
    pub(super) target: &'a str,
    pub(super) protocol: &'a str,
    pub(super) is_durable: Option<bool>,
    pub(super) promise: Model,
    pub(super) load: &'a Load,
    pub(super) clients: usize,
    pub(super) measured: Measured,
    pub(super) predictions: Option<Verification>,
    pub(super) faults: Vec<Done>,
    pub(super) names: &'a [String],
    pub(super) remarks: Vec<String>,
}

/// Checks the history, and writes what was asked for.
pub(super) fn finish(
    finished: Finished<'_>,
    (output, history): (Output, Option<Output>),
    (args, terminal): (&ReportArgs, &Terminal),
) -> Result<Status, Failure> {
    let was_asked = interrupt::asked();
    interrupt::is_over();
    let recorded = &finished.measured.history;
    let report = checker::check(recorded, &checker::Options::default());
    let verdict = report.model(finished.promise).verdict;
    let checked = Checked::new("history".into(), recorded, report, finished.promise);
    let mut remarks = finished.remarks;
    if was_asked {
        remarks.push("ended early, on request".into());
    }
    let benched = Benched {
        target: finished.target,
        protocol: finished.protocol,
        is_durable: finished.is_durable,
        promise: finished.promise,
        load: finished.load,
        clients: finished.clients,
        measured: &finished.measured,
        checked: &checked,
        predictions: finished.predictions.as_ref(),
        faults: &finished.faults,
        names: finished.names,
        remarks: &remarks,
    };
    let view = terminal.view(&output);
    output.write(&report::benched(&benched, args.format(), view))?;
    if let Some(history) = history {
        history.write(&write::json_lines(recorded))?;
    }
    let is_missed = finished.predictions.as_ref().is_some_and(|one| !one.holds());
    Ok(match verdict {
        Verdict::Violated => Status::Negative,
        _ if finished.measured.operations() == 0 || was_asked => Status::Undecided,
        Verdict::Undecided | Verdict::NotApplicable => Status::Undecided,
        Verdict::Holds if is_missed => Status::Negative,
        Verdict::Holds => Status::Done,
    })
}
