//! What `quorate check` says, as JSON with stable keys.

use serde::{Serialize, Serializer};

use super::super::json::{missing, pretty};
use super::{Checked, LISTED_MAX, MODELS, Refused, milliseconds, unanswered};
use crate::checker::{Finding, Model, OldRead, RegisterReport, Staleness, Witness};
use crate::history::Value;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    histories: Vec<Entry<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    refused: &'a [Refused],
}

#[derive(Serialize)]
struct Entry<'a> {
    file: &'a str,
    format: Option<&'static str>,
    operations: usize,
    skipped: Vec<SkippedEntry>,
    refused: u64,
    keys: usize,
    writers: usize,
    initial: &'a Value,
    #[serde(flatten)]
    answers: Answers<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strongest: Option<Vec<&'static str>>,
    registers: Vec<RegisterEntry<'a>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct SkippedEntry {
    reason: &'static str,
    count: u64,
}

#[derive(Serialize)]
struct RegisterEntry<'a> {
    key: Option<&'a Value>,
    operations: usize,
    writers: usize,
    initial: Option<&'a Value>,
    #[serde(flatten)]
    answers: Answers<'a>,
}

/// About a history or about one of its registers.
#[derive(Serialize)]
struct Answers<'a> {
    safe: Answer<'a>,
    regular: Answer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regular_single_order: Option<Answer<'a>>,
    atomic: Answer<'a>,
    #[serde(flatten)]
    sessions: Sessions<'a>,
    staleness: StalenessEntry,
}

/// The models that were asked for and leave real time out, by name.
struct Sessions<'a>(Vec<(&'static str, Answer<'a>)>);

impl Serialize for Sessions<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, answer)| (name, answer)))
    }
}

#[derive(Serialize)]
struct Answer<'a> {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<WitnessEntry<'a>>,
}

#[derive(Serialize)]
struct WitnessEntry<'a> {
    rule: &'static str,
    operations: &'a [u32],
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keys: Vec<Option<&'a Value>>,
    explanation: &'a str,
}

#[derive(Serialize)]
struct StalenessEntry {
    k_atomic: Option<u64>,
    delta: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta_milliseconds: Option<f64>,
    stale_reads: Option<usize>,
    k_lower: Option<u64>,
    k_upper: Option<u64>,
    longest: Option<i64>,
    age_p50: Option<i64>,
    age_p99: Option<i64>,
    stale_operations: Vec<u32>,
    inversions: Option<usize>,
    inverted_operations: Vec<u32>,
}

/// The document, which ends with a line break.
pub(super) fn document(histories: &[Checked], refused: &[Refused]) -> String {
    pretty(&Document { schema: "quorate/check/1", histories: histories.iter().map(Entry::of).collect(), refused })
}

/// Why keys are `null`, of the history or of some register.
fn missing(checked: &Checked) -> Vec<String> {
    let report = &checked.report;
    let keys =
        ["k_atomic", "k_lower", "k_upper", "delta", "stale_reads", "inversions", "longest", "age_p50", "age_p99"];
    let mut notes: Vec<String> = Vec::new();
    let registers = report.registers().iter().map(|found| &found.staleness);
    for staleness in [&report.staleness].into_iter().chain(registers) {
        for note in missing::of_staleness(staleness, &keys) {
            // Reasons are few, however many registers there are.
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    let initial = || report.registers().iter().map(|found| found.initial.as_ref());
    let is_null = |value: Option<&Value>| value == Some(&Value::Null);
    notes.extend(missing::nulls(&[
        ("format", checked.format.is_none(), "the history was read from no file"),
        (
            "initial",
            report.initial == Value::Null || initial().any(is_null),
            "that is the initial value, which says that nothing was written yet",
        ),
        ("initial", initial().any(|value| value.is_none()), "that of some register is unknown, and no read told it"),
        ("key", checked.keys.iter().any(Option::is_none), "the operations of that register have no key"),
        ("key", checked.keys.iter().any(|key| key.as_ref() == Some(&Value::Null)), "that is the key of the register"),
    ]));
    notes
}

impl<'a> Answers<'a> {
    fn of(
        checked: &'a Checked,
        of: impl Fn(Model) -> &'a Finding,
        single_order: Option<&'a Finding>,
        staleness: &Staleness,
    ) -> Self {
        let answer = |finding| Answer::of(checked, finding);
        let [safe, regular, atomic] = MODELS.map(&of);
        Answers {
            sessions: Sessions(checked.of_sessions().map(|model| (model.key(), answer(of(model)))).collect()),
            safe: answer(safe),
            regular: answer(regular),
            regular_single_order: single_order.map(answer),
            atomic: answer(atomic),
            staleness: StalenessEntry::of(checked, staleness),
        }
    }
}

impl<'a> Answer<'a> {
    fn of(checked: &'a Checked, finding: &'a Finding) -> Self {
        Answer {
            verdict: finding.verdict.name(),
            reason: finding.unanswered.map(unanswered),
            witness: finding.witness.as_ref().map(|witness| WitnessEntry::of(checked, witness)),
        }
    }
}

impl<'a> WitnessEntry<'a> {
    fn of(checked: &'a Checked, witness: &'a Witness) -> Self {
        let key = |register: usize| checked.keys[register].as_ref();
        let keys = match witness.register() {
            Some(_) => Vec::new(),
            None => witness.operations.iter().map(|place| key(place.register)).collect(),
        };
        WitnessEntry {
            rule: witness.rule.name(),
            operations: &witness.lines,
            key: witness.register().and_then(key),
            keys,
            explanation: &witness.explanation,
        }
    }
}

impl StalenessEntry {
    fn of(checked: &Checked, staleness: &Staleness) -> Self {
        let lines = |reads: &Option<Vec<OldRead>>| -> Vec<u32> {
            reads.iter().flatten().take(LISTED_MAX).map(|read| read.line).collect()
        };
        StalenessEntry {
            k_atomic: staleness.k_atomic(),
            delta: staleness.delta,
            delta_milliseconds: staleness.delta.filter(|_| checked.has_clock).map(milliseconds),
            stale_reads: staleness.stale_reads.as_ref().map(Vec::len),
            k_lower: staleness.k_lower,
            k_upper: staleness.k_upper,
            longest: staleness.longest(),
            age_p50: staleness.age(50),
            age_p99: staleness.age(99),
            stale_operations: lines(&staleness.stale_reads),
            inversions: staleness.inversions.as_ref().map(Vec::len),
            inverted_operations: lines(&staleness.inversions),
        }
    }
}

impl<'a> RegisterEntry<'a> {
    fn of(checked: &'a Checked, found: &'a RegisterReport) -> Self {
        RegisterEntry {
            key: checked.keys[found.register].as_ref(),
            operations: found.operations,
            writers: found.writers,
            initial: found.initial.as_ref(),
            answers: Answers::of(checked, |model| found.model(model), found.single_order.as_ref(), &found.staleness),
        }
    }
}

impl<'a> Entry<'a> {
    fn of(checked: &'a Checked) -> Self {
        let report = &checked.report;
        Entry {
            file: &checked.file,
            format: checked.format,
            operations: report.operations,
            skipped: checked
                .skipped
                .iter()
                .map(|(reason, count)| SkippedEntry { reason: reason.name(), count: *count })
                .collect(),
            refused: 0,
            keys: report.keys,
            writers: report.writers,
            initial: &report.initial,
            answers: Answers::of(checked, |model| report.model(model), report.single_order(), &report.staleness),
            strongest: checked.wants_strongest.then(|| report.strongest().into_iter().map(Model::key).collect()),
            registers: report.registers().iter().map(|found| RegisterEntry::of(checked, found)).collect(),
            notes: checked.notes.iter().cloned().chain(missing(checked)).collect(),
        }
    }
}
