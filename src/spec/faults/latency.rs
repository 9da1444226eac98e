//! `latency = { law = "exponential", mean_ms = 1 }`

use super::time_ms;
use crate::model::Weight;
use crate::sim::Latency;
use crate::spec::problem::Problems;
use crate::spec::table::{Table, Value};
use crate::spec::wording::{quoted, suggestion};

/// What a latency looks like.
pub(super) const EXAMPLE: &str = "latency = { law = \"exponential\", mean_ms = 1 }";

/// The laws, and what each of them takes.
pub(super) const LAWS: [(&str, &[&str]); 6] = [
    ("constant", &["law", "ms"]),
    ("uniform", &["law", "min_ms", "max_ms"]),
    ("exponential", &["law", "mean_ms"]),
    ("pareto", &["law", "scale_ms", "shape"]),
    ("mixture", &["law", "parts"]),
    ("shifted", &["law", "by_ms", "base"]),
];

/// Parts of a mixture.
const PARTS_MAX: usize = 100;

/// A law; a mixture has no mixtures in it.
pub(super) fn read(value: &Value<'_>, problems: &mut Problems) -> Option<Latency> {
    let table = value.table("a latency", problems)?;
    match law(&table, &[], problems)? {
        "mixture" => mixture(&table, problems),
        "shifted" => {
            let by_ms = ms(&table, "by_ms", problems);
            let base = table.require("base", "base = { law = \"constant\", ms = 1 }", problems)?;
            let base_table = base.table("a latency", problems)?;
            let base = match law(&base_table, &[], problems)? {
                "mixture" => mixture(&base_table, problems),
                other => simple(other, &base_table, problems),
            };
            Some(Latency::Shifted { by_ms: by_ms?, base: Box::new(base?) })
        }
        other => simple(other, &table, problems),
    }
}

/// Which law, once its keys, and those that stand beside them here, are known to be right.
fn law(table: &Table<'_>, beside: &[&'static str], problems: &mut Problems) -> Option<&'static str> {
    let Some(value) = table.require("law", EXAMPLE, problems) else {
        // It may be there under another name.
        let known: Vec<&'static str> = LAWS.iter().flat_map(|(_, keys)| *keys).chain(beside).copied().collect();
        table.refuse_unknown(&known, |_| None, problems);
        return None;
    };
    let name = value.text(problems)?;
    let Some((law, keys)) = LAWS.iter().find(|(law, _)| *law == name) else {
        let problem = value.problem(format!("unknown law {}", quoted(name))).label("no such law");
        problems.push(problem.help(suggestion(name, "the laws are", LAWS.iter().map(|(law, _)| *law))));
        return None;
    };
    let own = |_: &str| Some(format!("the keys of this law are {}", keys.join(", ")));
    let known: Vec<&'static str> = keys.iter().chain(beside).copied().collect();
    table.refuse_unknown(&known, own, problems);
    Some(law)
}

fn simple(law: &str, table: &Table<'_>, problems: &mut Problems) -> Option<Latency> {
    match law {
        "constant" => Some(Latency::Constant { ms: ms(table, "ms", problems)? }),
        "uniform" => {
            let (min_ms, max_ms) = (ms(table, "min_ms", problems), ms(table, "max_ms", problems));
            let (min_ms, max_ms) = (min_ms?, max_ms?);
            if min_ms > max_ms {
                let value = table.require("min_ms", "min_ms = 1", problems)?;
                let problem = value.problem(format!("`min_ms` is {min_ms}, but `max_ms` is {max_ms}"));
                problems.push(problem.label("larger than `max_ms`"));
                return None;
            }
            Some(Latency::Uniform { min_ms, max_ms })
        }
        "exponential" => Some(Latency::Exponential { mean_ms: ms(table, "mean_ms", problems)? }),
        "pareto" => {
            let scale_ms = ms(table, "scale_ms", problems);
            let shape = table.require("shape", "shape = 2", problems);
            let shape = shape.and_then(|value| value.quantity(Weight::new, problems));
            Some(Latency::Pareto { scale_ms: scale_ms?, shape: shape?.get() })
        }
        _ => {
            let value = table.require("law", EXAMPLE, problems)?;
            problems.push(value.problem("a law within a law within a law").label("one step too deep"));
            None
        }
    }
}

fn mixture(table: &Table<'_>, problems: &mut Problems) -> Option<Latency> {
    let value = table.require("parts", "parts = [ { weight = 9, law = \"constant\", ms = 1 } ]", problems)?;
    let parts = value.list("a list of laws with weights", problems)?;
    if parts.len() == 0 || parts.len() > PARTS_MAX {
        let message = format!("a mixture of {} parts: it has from 1 to {PARTS_MAX}", parts.len());
        problems.push(value.problem(message).label("this many"));
        return None;
    }
    let part = |entry: Value<'_>| {
        let table = entry.table("a part of a mixture", problems)?;
        let weight = table.require("weight", "weight = 1", problems);
        let weight = weight.and_then(|value| value.quantity(Weight::new, problems));
        let law = law(&table, &["weight"], problems)?;
        let latency = simple(law, &table, problems);
        Some((weight?.get(), latency?))
    };
    let parts: Vec<_> = parts.map(part).collect();
    Some(Latency::Mixture { parts: parts.into_iter().collect::<Option<Vec<_>>>()? })
}

fn ms(table: &Table<'_>, key: &str, problems: &mut Problems) -> Option<f64> {
    let value = table.require(key, &format!("{key} = 1"), problems)?;
    value.quantity(time_ms, problems)
}
