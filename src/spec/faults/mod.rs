//! Files of faults: a network, and what goes wrong in it.

mod action;
mod drawn;
mod latency;
mod names;
mod script;
mod times;

use super::diagnostic::Diagnostics;
use super::problem::{Problem, Problems};
use super::syntax;
use super::table::Table;
use crate::model::{Probability, System, grouped};
use crate::sim::{FaultPlan, Latency, Link, Scenario};
use names::Names;
use std::collections::BTreeMap;
use times::{Events, TIME_MS_MAX, ns, required_ns, time_ms};

/// Faults that one file may list.
pub const FAULTS_MAX: usize = 100_000;

const ROOT_KEYS: &[&str] = &["description", "network", "link", "fault", "drawn", "message", "operation"];

/// The network and the faults that a file describes, for a system and a number of clients.
///
/// Processes are named: nodes by their names, clients `@client-1`, `@client-2`, ..., and several at once `@nodes`,
/// `@clients`, `@all`, `@read-quorum`, `@write-quorum` (a smallest one), `@read-transversal` and `@write-transversal` (a
/// smallest set of nodes whose loss leaves no quorum).
///
/// # Errors
/// [`Diagnostics`] with everything that is wrong.
///
/// # Examples
/// ```
/// use quorate::families::Family;
/// let system = Family::Majority { n: 3 }.system()?;
/// let text = b"[network]\nloss = 0.1\n[[fault]]\nat_ms = 5\naction = \"crash\"\nnodes = [\"n1\", \"@client-2\"]\n";
/// let plan = quorate::spec::read_faults("crash.toml", text, &system, 2)?;
/// assert_eq!(plan.scenario(7, 3, 2).faults.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_faults(file: &str, bytes: &[u8], system: &System, clients: u32) -> Result<FaultPlan, Diagnostics> {
    let mut problems = Problems::default();
    let plan = document(bytes, &Names::new(system, clients), &mut problems);
    problems.finish(plan, file, bytes)
}

fn document(bytes: &[u8], names: &Names<'_>, problems: &mut Problems) -> Option<FaultPlan> {
    let text = syntax::text(bytes, problems)?;
    let tree = syntax::tree(text, problems)?;
    let root = Table::new("the top level", 0..0, &tree);
    root.refuse_unknown(ROOT_KEYS, |_| None, problems);
    if ROOT_KEYS.iter().all(|key| root.get(key).is_none()) && problems.count() == 0 {
        let problem = Problem::new(0..0, "a file of faults without anything in it").label("nothing is here");
        problems.push(
            problem
                .help("for example `[network]`, and below it `loss = 0.1`; without --faults nothing fails".to_owned()),
        );
    }
    super::description(&root, problems);
    let mut scenario = Scenario { latency: Latency::default(), links: names.links(), ..Scenario::default() };
    if let Some(table) = root.get("network").and_then(|value| value.table("[network]", problems)) {
        network(&table, &mut scenario, problems);
    }
    for table in root.get("link").map(|value| value.tables("[[link]]", problems)).unwrap_or_default() {
        scenario.links.extend(link(&table, names, problems));
    }
    let faults = root.get("fault").map(|value| (value.tables("[[fault]]", problems), value));
    if let Some((tables, value)) = faults {
        if tables.len() > FAULTS_MAX {
            let message = format!("{} faults: the limit is {}", grouped(tables.len()), grouped(FAULTS_MAX));
            problems.push(value.problem(message).label("too many"));
            return None;
        }
        for table in tables {
            scenario.faults.extend(action::read(&table, names, (scenario.loss, scenario.duplication), problems));
        }
    }
    let drawn = root.get("drawn").and_then(|value| value.table("[drawn]", problems));
    let drawn = drawn.map(|table| drawn::read(&table, names, problems)).unwrap_or_default();
    let mut places = BTreeMap::new();
    for table in root.get("message").map(|value| value.tables("[[message]]", problems)).unwrap_or_default() {
        let Some((message, fate)) = script::message(&table, names, problems) else { continue };
        if let Some(first) = places.insert(message, table.span.start) {
            let problem = Problem::new(table.span.clone(), "two fates for one message").label("not the first one");
            problems.push(problem.first(first).help("`from` and `number` say which message it is".to_owned()));
        }
        scenario.fates.insert(message, fate);
    }
    let operations = root.get("operation").map(|value| value.tables("[[operation]]", problems));
    let script = operations.map(|tables| {
        let mut lists = vec![Vec::new(); names.clients()];
        for (client, task) in tables.iter().filter_map(|table| script::operation(table, names, problems)) {
            lists[client].push(task);
        }
        lists
    });
    Some(FaultPlan { base: scenario, drawn, script })
}

fn network(table: &Table<'_>, scenario: &mut Scenario, problems: &mut Problems) {
    table.refuse_unknown(&["latency", "loss", "duplication"], |_| None, problems);
    if let Some(latency) = table.get("latency").and_then(|value| latency::read(&value, problems)) {
        scenario.latency = latency;
        // What the definition says about nodes is the default, not an exception to the file.
        scenario.links.clear();
    }
    let mut probability = |key| table.get(key).and_then(|value| value.quantity(Probability::new, problems));
    scenario.loss = probability("loss").map_or(0.0, Probability::get);
    scenario.duplication = probability("duplication").map_or(0.0, Probability::get);
}

fn link(table: &Table<'_>, names: &Names<'_>, problems: &mut Problems) -> Option<Link> {
    table.refuse_unknown(&["from", "to", "only", "latency"], |_| None, problems);
    let mut side = |key| {
        let value = table.require(key, &format!("{key} = [\"n1\"]"), problems);
        value.and_then(|value| names.processes(&value, problems))
    };
    let (from, to) = (side("from"), side("to"));
    let role = match table.get("only") {
        None => None,
        Some(value) => Some(action::role(&value, problems)?),
    };
    let latency = table.require("latency", latency::EXAMPLE, problems);
    let latency = latency.and_then(|value| latency::read(&value, problems));
    Some(Link { from: from?, to: to?, role, latency: latency? })
}

/// Every key of a file of faults.
#[cfg(test)]
pub(super) fn keys() -> Vec<&'static str> {
    let own = action::ACTIONS.iter().chain(&latency::LAWS).flat_map(|(_, keys)| keys.iter().copied());
    let waves = drawn::WAVES.into_iter().chain(["every_ms", "for_ms", "at_most", "disk", "factor", "until_ms"]);
    let messages = ["from", "number", "lost", "delay_ms", "repeated_ms"];
    let operations = ["client", "action", "value", "key", "draw"];
    let network = ["latency", "loss", "duplication", "only", "weight"];
    own.chain(waves).chain(messages).chain(operations).chain(network).collect()
}

/// Every action and every law.
#[cfg(test)]
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    action::ACTIONS.iter().chain(&latency::LAWS).map(|(word, _)| *word)
}
