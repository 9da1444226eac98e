//! Where the better of two systems changes, in words and for programs.

use super::super::Analysed;
use super::super::number::quantity;
use crate::availability::crossover::{CrossoverMethod, Crossovers};
use crate::report::columns::{Column, maybe, shortest, table};
use crate::report::names;
use serde::Serialize;

/// Where the better of two systems changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Crossing {
    /// Their positions among the systems of the comparison.
    pub systems: [usize; 2],
    /// Where they cross.
    pub found: Crossovers,
}

/// The same with names.
#[derive(Serialize)]
pub(super) struct Named<'a> {
    systems: [&'a str; 2],
    at: Vec<Change<'a>>,
    method: &'static str,
    #[serde(skip)]
    found: CrossoverMethod,
}

#[derive(Serialize)]
struct Change<'a> {
    node_failure_probability: f64,
    lower: f64,
    upper: f64,
    better_below: &'a str,
    better_above: &'a str,
}

/// All crossings with the names of their systems.
pub(super) fn named<'a>(systems: &'a [Analysed], crossings: &[Crossing]) -> Vec<Named<'a>> {
    let named = |crossing: &Crossing| {
        let names = crossing.systems.map(|at| systems[at].system.about().name.as_str());
        let change = |change: &crate::availability::crossover::Crossover| {
            let [first, second] = names;
            let (below, above) = if change.first_is_better_below { (first, second) } else { (second, first) };
            Change {
                node_failure_probability: f64::midpoint(change.lower, change.upper),
                lower: change.lower,
                upper: change.upper,
                better_below: below,
                better_above: above,
            }
        };
        let at = crossing.found.at.iter().map(change).collect();
        Named { systems: names, at, method: crossing.found.method.name(), found: crossing.found.method }
    };
    crossings.iter().map(named).collect()
}

/// `crossovers.csv`: one row for each change, and one with empty fields for a pair without any.
///
/// # Examples
/// ```
/// assert!(quorate::report::crossovers(&[], &[]).starts_with("first,second,node_failure_probability,"));
/// ```
pub fn crossovers(systems: &[Analysed], crossings: &[Crossing]) -> String {
    let named = named(systems, crossings);
    let columns: Vec<Column<(&Named<'_>, Option<&Change<'_>>)>> = vec![
        Column { name: "first", value: |row| row.0.systems[0].to_owned() },
        Column { name: "second", value: |row| row.0.systems[1].to_owned() },
        Column {
            name: "node_failure_probability",
            value: |row| maybe(row.1, |change| shortest(change.node_failure_probability)),
        },
        Column { name: "lower", value: |row| maybe(row.1, |change| shortest(change.lower)) },
        Column { name: "upper", value: |row| maybe(row.1, |change| shortest(change.upper)) },
        Column { name: "better_below", value: |row| maybe(row.1, |change| change.better_below.to_owned()) },
        Column { name: "better_above", value: |row| maybe(row.1, |change| change.better_above.to_owned()) },
        Column { name: "method", value: |row| row.0.method.to_owned() },
    ];
    let rows = named.iter().flat_map(|pair| {
        let none = pair.at.is_empty().then_some((pair, None));
        none.into_iter().chain(pair.at.iter().map(move |change| (pair, Some(change))))
    });
    table(&columns, rows)
}

impl Named<'_> {
    /// What a person should know; nothing about a pair of which the same one is always better.
    pub(super) fn sentence(&self) -> Option<String> {
        let [first, second] = self.systems.map(names::plain);
        match self.found {
            CrossoverMethod::Equal => {
                return Some(format!(
                    "{first} and {second} fail with the same probability, whatever that of the nodes is."
                ));
            }
            CrossoverMethod::Unknown => {
                return Some(format!(
                    "{first} and {second}: not settled, an exact failure probability is beyond the limits."
                ));
            }
            CrossoverMethod::Exact | CrossoverMethod::Grid => {}
        }
        let last = self.at.last()?;
        let mut parts: Vec<String> = Vec::new();
        for (position, change) in self.at.iter().enumerate() {
            let (better, p) = (names::plain(change.better_below), quantity(change.node_failure_probability));
            parts.push(match position.checked_sub(1) {
                None => format!("{better} fails less below node p {p}"),
                Some(before) => {
                    format!("{better} from {} to {p}", quantity(self.at[before].node_failure_probability))
                }
            });
        }
        parts.push(format!("{} above", names::plain(last.better_above)));
        let sentence = format!("{first} and {second}: {}", parts.join(", "));
        let how = if self.found == CrossoverMethod::Exact { "exact" } else { "found on a grid" };
        Some(format!("{sentence} ({how})."))
    }
}
