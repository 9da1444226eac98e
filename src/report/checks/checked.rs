//! A history with its verdicts, and what to say about it.

use crate::checker::{Finding, Model, Place, RegisterReport, Report, Stopped, Unanswered, Unmeasured};
use crate::history::{Format as HistoryFormat, History, Skipped, Value};
use crate::report::ages::Ages;
use crate::report::time_unit::TimeUnit;
use crate::report::timeline::{Scene, Shown};
use crate::report::{names, number};
use serde::Serialize;

/// Operations of a witness that are shown; more than a handful only where a search found no order.
pub(super) const SHOWN_MAX: usize = 40;

/// Registers that are named because they are undecided.
pub(super) const UNDECIDED_MAX: usize = 10;

/// Lines of stale reads, and of inversions, that are listed.
pub(super) const LISTED_MAX: usize = 100;

/// The answers about a history, and as much of the history as is needed to show them.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    pub(super) file: String,
    pub(super) report: Report,
    pub(super) notes: Vec<String>,
    /// The model that is asked for.
    pub(super) model: Model,
    pub(super) format: Option<&'static str>,
    pub(super) skipped: Vec<(Skipped, u64)>,
    /// The keys of the registers, by position.
    pub(super) keys: Vec<Option<Value>>,
    /// Whether times are nanoseconds.
    pub(super) has_clock: bool,
    /// Whether it is asked which models the history keeps.
    pub(super) wants_strongest: bool,
    /// The operations of each witness, for all models in turn, and the single order last.
    pub(super) witnesses: Vec<Vec<Shown>>,
    pub(super) scene: Option<Scene>,
}

/// A file that is no history, or one with operations that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The name of the file.
    pub file: String,
    /// How many operations were refused, as far as it was read.
    pub operations: u64,
    /// What is wrong, by line.
    pub problems: Vec<RefusedLine>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedLine {
    /// The line, from 1; absent if it is wrong with all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
}

/// The models of real time, in the order in which they are reported.
pub(super) const MODELS: [Model; 3] = [Model::Safe, Model::Regular, Model::Atomic];

impl Checked {
    /// Keeps what is needed of a history to show the answers; `model` is the one whose violation is drawn.
    pub fn new(file: String, history: &History, report: Report, model: Model) -> Self {
        let witness = |finding: Option<&Finding>| match finding.and_then(|finding| finding.witness.as_ref()) {
            Some(witness) => {
                let shown =
                    |place: &Place| Shown::new(history, &history.registers()[place.register], place.entry, true);
                witness.operations.iter().take(SHOWN_MAX).map(shown).collect()
            }
            None => Vec::new(),
        };
        let findings = Model::ALL.iter().map(|model| Some(report.model(*model))).chain([report.single_order()]);
        let witnesses = findings.map(witness).collect();
        let scene = report.model(model).witness.as_ref().map(|witness| Scene::around(history, witness));
        Checked {
            file,
            notes: notes(history, &report),
            model,
            has_clock: history.has_clock(),
            wants_strongest: false,
            format: history.format().map(HistoryFormat::name),
            skipped: history.skipped().to_vec(),
            keys: history.registers().iter().map(|register| register.key().cloned()).collect(),
            witnesses,
            scene,
            report,
        }
    }

    /// The same with one more note, before the others.
    pub fn with_note(mut self, note: String) -> Self {
        self.notes.insert(0, note);
        self
    }

    /// The same with the strongest of all models that the history keeps.
    #[must_use]
    pub fn with_strongest(mut self) -> Self {
        self.wants_strongest = true;
        self
    }

    /// The ages of the stale reads of each register that has any, in milliseconds if [`Checked::has_clock`], else in the
    /// unit of the history.
    pub fn ages(&self) -> Vec<Ages> {
        let of = |register: &RegisterReport| {
            let key = self.keys[register.register].as_ref();
            let name = key.map_or("without a key".to_owned(), names::value);
            let ages = register.staleness.ages().unwrap_or_default();
            let shown = |age: i64| if self.has_clock { milliseconds(age) } else { age as f64 };
            Ages { name, ages: ages.into_iter().map(shown).collect() }
        };
        self.report.registers().iter().map(of).filter(|register| !register.ages.is_empty()).collect()
    }

    /// Whether a clock showed nanoseconds at each event of the history.
    pub fn has_clock(&self) -> bool {
        self.has_clock
    }

    /// The models that were decided and leave real time out.
    pub(super) fn of_sessions(&self) -> impl Iterator<Item = Model> + '_ {
        let is_asked = |model: &Model| self.report.model(*model).unanswered != Some(Unanswered::NotAsked);
        Model::ALL.into_iter().filter(|model| model.leaves_time_out()).filter(is_asked)
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The answers.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The operations around the violation of the model asked for.
    pub fn scene(&self) -> Option<&Scene> {
        self.scene.as_ref()
    }
}

pub(super) fn notes(history: &History, report: &Report) -> Vec<String> {
    let mut notes = history.warnings().to_vec();
    if history.proof().is_some() {
        notes.push("this is a linearization: only its own order was looked at".to_owned());
    }
    match TimeUnit::of(history) {
        TimeUnit::Nanoseconds => notes.push(
            "times, delta and ages are those of :time, in nanoseconds; the order of the events is the order".to_owned(),
        ),
        TimeUnit::Events if report.staleness.delta.is_some_and(|delta| delta > 0) => {
            notes.push("delta and ages count the events of the file, whose order is the order".to_owned());
        }
        TimeUnit::Events | TimeUnit::Unknown => {}
    }
    notes.extend(report.staleness.unmeasured.map(unmeasured));
    let findings = Model::ALL.iter().map(|model| (report.model(*model), model.leaves_time_out()));
    let findings = findings.chain(report.single_order().map(|finding| (finding, false)));
    let mut reasons: Vec<String> = Vec::new();
    for (why, is_about_all) in findings.filter_map(|(finding, is_about_all)| Some((finding.unanswered?, is_about_all)))
    {
        let is_told = match why {
            // Of the models of real time, each register is named below.
            Unanswered::Budget(_) => is_about_all || report.registers().len() < 2,
            Unanswered::OneOrder => true,
            // They stand beside the verdict.
            Unanswered::NotAsked
            | Unanswered::NothingCompleted
            | Unanswered::CompareAndSet
            | Unanswered::RepeatedValues => false,
        };
        if is_told && !reasons.contains(&unanswered(why)) {
            reasons.push(unanswered(why));
        }
    }
    notes.extend(reasons);
    notes.extend(undecided(history, report));
    notes
}

/// Which of several registers are undecided, and how far each search came.
pub(super) fn undecided(history: &History, report: &Report) -> Vec<String> {
    if report.registers().len() < 2 {
        return Vec::new();
    }
    let stopped = |finding: &Finding| match finding.unanswered {
        Some(Unanswered::Budget(stopped)) => Some(stopped),
        _ => None,
    };
    let open = report.registers().iter().filter_map(|found| Some((found.register, stopped(&found.atomic)?)));
    let sentence = |(register, stopped): (usize, Stopped)| {
        let key = history.registers()[register].key().map_or("without a key".to_owned(), names::value);
        format!("register {key}: {}", unanswered(Unanswered::Budget(stopped)))
    };
    let mut sentences: Vec<String> = open.map(sentence).collect();
    let more = sentences.len().saturating_sub(UNDECIDED_MAX);
    sentences.truncate(UNDECIDED_MAX);
    if more > 0 {
        sentences.push(format!("{} more registers are undecided", number::whole(more)));
    }
    sentences
}

/// Nanoseconds in milliseconds.
pub(super) fn milliseconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 / number::NS_PER_MS
}

/// Why there is neither a yes nor a no.
pub(super) fn unanswered(why: Unanswered) -> String {
    match why {
        Unanswered::NotAsked => "it was not asked".to_owned(),
        Unanswered::NothingCompleted => "no completed operation".to_owned(),
        Unanswered::Budget(Stopped { exhausted, reached }) => {
            let how_far = reached.map_or_else(String::new, |reached| {
                let (placed, all) = (number::whole(reached.operations), number::whole(reached.of));
                format!(
                    ", with {placed} of {all} completed operations in an order; of the others that of line {} must come first",
                    reached.line
                )
            });
            let more = exhausted.limit.saturating_mul(10);
            format!("{}{how_far}; --steps {more} goes on for longer", number::gave_up(exhausted))
        }
        Unanswered::CompareAndSet => {
            "with compare-and-set a history is atomic or sequential or not; the other models are about reads and writes"
                .to_owned()
        }
        Unanswered::RepeatedValues => {
            "a value is written more than once, so it is open which write each read returned".to_owned()
        }
        Unanswered::OneOrder => "only the order that is given was looked at".to_owned(),
    }
}

/// Why some measure of staleness is missing.
pub(super) fn unmeasured(reason: Unmeasured) -> String {
    match reason {
        Unmeasured::Repeated => {
            "k_atomic, delta and the new-old inversions are not measured: a value is written more than once or by \
             compare-and-set, so it is open which write each read returned"
        }
        Unmeasured::NoVersion => {
            "there is no k_atomic and no delta: some read returned what nobody had written by then, which no number of \
             versions and no time explains"
        }
        Unmeasured::NothingCompleted => "staleness is not measured: no operation completed",
        Unmeasured::OneOrder => "staleness is not measured: only the order that is given was looked at",
        Unmeasured::Budget => "how stale reads are is not measured in full: the budget ended",
    }
    .to_owned()
}
