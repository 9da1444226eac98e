//! Why registers are not what they should be, as a page shows it.

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::checker::{Finding, Model, Place, Report, Witness};

/// Witnesses that a page has.
const WITNESSES_MAX: usize = 2_000;

/// Operations of a witness that a page marks; more than a handful only where a search found no order.
const OPERATIONS_MAX: usize = 200;

/// A witness, and what it breaks.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    models: Vec<&'static str>,
    rule: &'static str,
    /// Its register, unless there are several.
    register: Option<usize>,
    explanation: String,
    /// Its operations, as rows of the columns.
    rows: Vec<usize>,
    /// How many operations it has.
    operations: usize,
    /// Whether it is about the order of each process, and not about clocks.
    leaves_time_out: bool,
}

/// A witness that breaks some models.
struct Broken<'a> {
    models: Vec<&'static str>,
    witness: &'a Witness,
    leaves_time_out: bool,
}

/// The witnesses of all registers and of all of them together, those against the model first, and how many there are.
pub(super) fn of(
    report: &Report,
    model: Model,
    row_of: impl Fn(&[Place]) -> FxHashMap<Place, usize>,
) -> (Vec<Shown>, usize) {
    let mut all: Vec<Broken<'_>> = Vec::new();
    collect(&mut all, 0, |model| model.leaves_time_out().then(|| report.model(model)), None);
    // What breaks one register may be what breaks all of them, and is told once.
    let of_all = all.len();
    for register in report.registers() {
        collect(&mut all, of_all, |model| Some(register.model(model)), register.single_order.as_ref());
    }
    all.sort_by_key(|broken| !broken.models.contains(&model.name()));
    let in_all = all.len();
    all.truncate(WITNESSES_MAX);
    let wanted: Vec<Place> =
        all.iter().flat_map(|broken| broken.witness.operations.iter().take(OPERATIONS_MAX)).copied().collect();
    let rows = row_of(&wanted);
    let shown = |Broken { models, witness, leaves_time_out }| Shown {
        models,
        rule: witness.rule.name(),
        register: witness.register(),
        explanation: crate::model::plain(&witness.explanation).into_owned(),
        rows: witness.operations.iter().take(OPERATIONS_MAX).filter_map(|place| rows.get(place).copied()).collect(),
        operations: witness.operations.len(),
        leaves_time_out,
    };
    (all.into_iter().map(shown).collect(), in_all)
}

/// Adds what is broken of one register, each set of operations once; the first so many are of all of them together.
fn collect<'a>(
    all: &mut Vec<Broken<'a>>,
    of_all: usize,
    finding: impl Fn(Model) -> Option<&'a Finding>,
    single_order: Option<&'a Finding>,
) {
    let from = all.len();
    let findings = Model::ALL.iter().map(|model| (model.name(), finding(*model), model.leaves_time_out()));
    for (name, finding, leaves_time_out) in findings.chain([("regular in a single order", single_order, false)]) {
        let Some(witness) = finding.and_then(|finding| finding.witness.as_ref()) else { continue };
        let is_same = |at: &usize| {
            let broken = &all[*at];
            broken.witness.operations == witness.operations && broken.leaves_time_out == leaves_time_out
        };
        match (0..of_all.min(from)).chain(from..all.len()).find(is_same) {
            Some(at) if all[at].models.contains(&name) => {}
            Some(at) => all[at].models.push(name),
            None => all.push(Broken { models: vec![name], witness, leaves_time_out }),
        }
    }
}
