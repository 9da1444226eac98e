//! `[workload]`: the mix of reads and writes.

use super::elsewhere;
use super::keys::WORKLOAD_KEYS;
use super::problem::Problems;
use super::table::{Table, Value};
use crate::model::{Fraction, Weight, Workload, grouped};

/// Entries of `read_fractions`.
pub const READ_FRACTIONS_MAX: usize = 1_000;

const SHARE: &str = "{ fraction = 0.9, weight = 1 }";

/// The workload; the default when there is none, or only a bad one.
pub(super) fn read(root: &Table<'_>, problems: &mut Problems) -> Workload {
    let table = root.get("workload").and_then(|value| value.table("[workload]", problems));
    let Some(table) = table else {
        return Workload::default();
    };
    table.refuse_unknown(WORKLOAD_KEYS, |key| elsewhere(key, "[workload]"), problems);
    table.refuse_together("read_fraction", "read_fractions", problems);
    let single = table.get("read_fraction").and_then(|value| value.quantity(Fraction::new, problems));
    let several = table.get("read_fractions").and_then(|value| distribution(&value, problems));
    several.or(single.map(Workload::of)).unwrap_or_default()
}

fn distribution(value: &Value<'_>, problems: &mut Problems) -> Option<Workload> {
    let entries = value.list("a list of fractions with weights", problems)?;
    if entries.len() == 0 {
        let problem = value.problem("`read_fractions` is empty").label("no fraction at all");
        problems.push(problem.help(format!("for example `[ {SHARE} ]`")));
        return None;
    }
    if entries.len() > READ_FRACTIONS_MAX {
        let message =
            format!("{} read fractions: the limit is {}", grouped(entries.len()), grouped(READ_FRACTIONS_MAX));
        problems.push(value.problem(message).label("too many"));
        return None;
    }
    let shares: Vec<_> = entries.map(|entry| share(&entry, problems)).collect();
    Workload::distribution(&shares.into_iter().collect::<Option<Vec<_>>>()?)
}

fn share(entry: &Value<'_>, problems: &mut Problems) -> Option<(Fraction, Weight)> {
    let table = entry.table("an entry of `read_fractions`", problems)?;
    table.refuse_unknown(&["fraction", "weight"], |_| None, problems);
    let fraction = table.require("fraction", SHARE, problems);
    let weight = table.require("weight", SHARE, problems);
    let fraction = fraction.and_then(|value| value.quantity(Fraction::new, problems));
    let weight = weight.and_then(|value| value.quantity(Weight::new, problems));
    fraction.zip(weight)
}
