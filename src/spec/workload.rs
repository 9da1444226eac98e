//! `[workload]`: the mix of reads and writes; `[byzantine]`: how many nodes may lie.

use super::keys::{BYZANTINE_KEYS, WORKLOAD_KEYS, elsewhere};
use super::problem::Problems;
use super::table::{Table, Value};
use super::wording::{quoted, suggestion};
use crate::model::{Fraction, Lying, Weight, Workload, grouped};

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

/// How many nodes may lie, and how, if that is demanded.
pub(super) fn byzantine(root: &Table<'_>, problems: &mut Problems) -> Option<(usize, Lying)> {
    let table = root.get("byzantine")?.table("[byzantine]", problems)?;
    table.refuse_unknown(BYZANTINE_KEYS, |key| elsewhere(key, "[byzantine]"), problems);
    let tolerate = table.require("tolerate", "tolerate = 1", problems).and_then(|value| value.whole(problems));
    let kind = match table.get("kind") {
        None => Some(Lying::default()),
        Some(value) => value.text(problems).and_then(|name| {
            let kind = Lying::from_name(name);
            if kind.is_none() {
                let help = suggestion(name, "the kinds are", Lying::ALL.map(Lying::name).into_iter());
                let problem = value.problem(format!("unknown kind {}", quoted(name))).label("no kind of lies");
                problems.push(problem.help(help));
            }
            kind
        }),
    };
    Some((usize::try_from(tolerate?).unwrap_or(usize::MAX), kind?))
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
