//! Do the operations of a witness prove what it says by themselves?

use super::decide;
use super::model::Model;
use super::precedence::Ops;
use super::regular::Legality;
use super::report::{Verdict, Witness};
use super::sessions::{self, Initial};
use super::steps::meter;
use crate::budget::Budget;
use crate::history::{History, Value};

/// Whether a witness breaks the rule by itself, in a history that has nothing but its operations.
///
/// # Examples
/// ```
/// use quorate::checker::{Model, Options, check, is_enough};
/// let text = r#"{"process": 0, "op": "read", "value": 9, "start": 1, "end": 2}"#;
/// let history = quorate::history::read(text.as_bytes(), None)?;
/// let report = check(&history, &Options::default());
/// let witness = report.atomic().witness.as_ref().expect("nobody wrote 9");
/// assert!(is_enough(&history, witness, Model::Atomic, &report.initial));
/// # Ok::<(), quorate::history::ReadError>(())
/// ```
pub fn is_enough(history: &History, witness: &Witness, model: Model, initial: &Value) -> bool {
    let places: Vec<(usize, usize)> = witness.operations.iter().map(|place| (place.register, place.entry)).collect();
    let excerpt = history.excerpt(&places);
    let budget = Budget::default();
    if model.leaves_time_out() {
        let all: Vec<usize> = (0..excerpt.registers().len()).collect();
        let finding = sessions::finding(&excerpt, &all, model, (Initial::Known(initial), &budget));
        return finding.verdict == Verdict::Violated;
    }
    let [register] = excerpt.registers() else { return false };
    let ops = Ops::new(register, initial);
    let mut meter = meter(&budget, ops.entries.len());
    let legality = Legality::new(&ops);
    let alone = |read: usize| model == Model::Regular || legality.is_alone(read);
    match model {
        Model::Atomic => matches!(decide::atomic(&ops, &mut meter), Ok(Err(_))),
        _ => matches!(decide::first_illegal(&legality, &mut meter, alone), Ok(Some(_))),
    }
}
