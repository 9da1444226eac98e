//! Quorums that someone wrote down: expressions, or lists of sets.

use super::expression::{self, NodeNames};
use super::nodes::Members;
use super::problem::{Problem, Problems};
use super::quorums::Quorums;
use super::raw::RawString;
use super::table::{Table, Value};
use super::wording::quoted;
use crate::families::custom::{INFO, from_sets};
use crate::model::{Formula, NodeSet, Pair};
use toml::de::DeValue;

/// Room for listed quorums, in bits: quorums times nodes.
pub const LISTED_BITS_MAX: usize = 1 << 30;

const EXAMPLE: &str = "[[\"a\", \"b\"], [\"b\", \"c\"]]";

/// One kind of quorums.
#[derive(Debug, Clone)]
pub(super) struct Side {
    formula: Formula,
    listed: Option<Vec<NodeSet>>,
    majority: bool,
}

impl Side {
    /// The quorums of an expression.
    pub(super) fn of(formula: Formula, text: &str) -> Self {
        Side { formula, listed: None, majority: is_majority(text) }
    }

    fn dual(&self) -> Self {
        Side { formula: self.formula.dual(), listed: None, majority: false }
    }
}

/// Whether an expression is nothing but `majority(...)`.
fn is_majority(text: &str) -> bool {
    let inside = text.trim().strip_prefix("majority").map(str::trim_start).and_then(|rest| rest.strip_prefix('('));
    inside.is_some_and(|inside| inside.ends_with(')') && !inside.contains('('))
}

/// The quorums of a custom system; `source` is the whole file.
pub(super) fn read(source: &str, table: &Table<'_>, problems: &mut Problems) -> Option<Quorums> {
    table.refuse_together("quorums", "reads", problems);
    table.refuse_together("quorums", "writes", problems);
    let mut names = NodeNames::new();
    let mut side = |key| Some(read_side(source, &table.get(key)?, &mut names, problems));
    let (reads, writes, both) = (side("reads"), side("writes"), side("quorums"));
    if reads.is_none() && writes.is_none() && both.is_none() {
        problems.push(table.missing("`reads`, `writes` or `quorums`", "quorums = \"majority(a, b, c)\""));
        return None;
    }
    let symmetric = both.is_some();
    let sides = match both {
        Some(both) => Pair { reads: Some(both.clone()), writes: Some(both) },
        None => Pair { reads, writes },
    };
    quorums(sides, symmetric, names)
}

/// The quorums of two sides, of which an absent one is the dual of the other; `None` where one could not be read.
pub(super) fn quorums(sides: Pair<Option<Option<Side>>>, symmetric: bool, names: NodeNames) -> Option<Quorums> {
    let (reads, writes) = match (sides.reads, sides.writes) {
        (Some(reads), Some(writes)) => (reads?, writes?),
        (Some(reads), None) => {
            let reads = reads?;
            let writes = reads.dual();
            (reads, writes)
        }
        (None, writes) => {
            let writes = writes??;
            (writes.dual(), writes)
        }
    };
    Some(Quorums {
        family: INFO.name,
        members: Members { names, open: true },
        formulas: Pair { reads: reads.formula, writes: writes.formula },
        listed: Pair { reads: reads.listed, writes: writes.listed },
        symmetric,
        majority: reads.majority && writes.majority,
        shape: crate::model::Shape::Ring,
        quorum_sets: Vec::new(),
    })
}

fn read_side(source: &str, value: &Value<'_>, names: &mut NodeNames, problems: &mut Problems) -> Option<Side> {
    match value.raw() {
        DeValue::String(text) => {
            let mut found = Problems::default();
            let formula = expression::parse(text, names, &mut found);
            if found.count() > 0 {
                point_into_string(source, value, text, found, problems);
            }
            formula.map(|formula| Side::of(formula, text))
        }
        DeValue::Array(_) => {
            let sets = sets(value, names, problems)?;
            match from_sets(&sets) {
                Ok(formula) => Some(Side { formula, listed: Some(sets), majority: false }),
                Err(error) => {
                    problems.push(value.problem(error.to_string()));
                    None
                }
            }
        }
        _ => {
            let problem = value.wrong_type("an expression, or a list of sets");
            problems.push(problem.help(format!("for example `\"a*b + c\"` or `{EXAMPLE}`")));
            None
        }
    }
}

/// Problems of an expression, at their places in the file instead of in the string.
fn point_into_string(source: &str, value: &Value<'_>, text: &str, found: Problems, problems: &mut Problems) {
    match RawString::new(source, value.span(), text) {
        Some(raw) => problems.absorb(found, |span| raw.span(span)),
        None => problems.absorb(found, |_| value.span()),
    }
}

fn sets(value: &Value<'_>, names: &mut NodeNames, problems: &mut Problems) -> Option<Vec<NodeSet>> {
    let quorums = value.list("a list of sets", problems)?;
    if quorums.len() == 0 {
        let problem = value.problem(format!("{} lists no quorum", value.what())).label("an empty list");
        problems.push(problem.help(format!("for example `{EXAMPLE}`")));
        return None;
    }
    let mut sets = Vec::with_capacity(quorums.len());
    let mut bits = 0;
    let before = problems.count();
    for quorum in quorums {
        let Some(set) = set(&quorum, names, problems) else {
            continue;
        };
        // A set needs room for all nodes up to its last.
        bits += set.iter().last().map_or(0, |last| last.index() + 1);
        if bits > LISTED_BITS_MAX {
            let problem =
                quorum.problem("too many quorums over too many nodes to be listed").label("no room from here on");
            problems.push(problem.help("write them as an expression".to_string()));
            return None;
        }
        sets.push(set);
    }
    (problems.count() == before).then_some(sets)
}

fn set(quorum: &Value<'_>, names: &mut NodeNames, problems: &mut Problems) -> Option<NodeSet> {
    if quorum.raw().is_str() {
        let problem = quorum.wrong_type("a set of nodes");
        problems.push(problem.help(format!("each quorum is a list of its own: `{EXAMPLE}`")));
        return None;
    }
    let members = quorum.list("a set of nodes", problems)?;
    if members.len() == 0 {
        let problem = quorum.problem("an empty quorum").label("no node at all");
        problems.push(problem.help("a quorum has at least one node".to_string()));
        return None;
    }
    let before = problems.count();
    let mut set = NodeSet::new();
    for member in members {
        let Some(name) = member.text(problems) else {
            continue;
        };
        match names.intern_at(name, &member.span()) {
            Ok(node) if set.contains(node) => {
                let problem = Problem::new(member.span(), format!("node {} stands twice in one quorum", quoted(name)));
                problems.push(problem.label("not the first one").help("name it once".to_string()));
            }
            Ok(node) => set.insert(node),
            Err(problem) => problems.push(problem),
        }
    }
    (problems.count() == before).then_some(set)
}
