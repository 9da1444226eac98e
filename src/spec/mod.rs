//! Edge in: the only reader of definition files.
//!
//! [`read`] turns the bytes of a TOML definition into a [`System`], or into the list of everything that is wrong with
//! it. It opens no file: the caller brings the bytes, and a name to call them by. Nothing is repaired silently: whatever
//! is not understood is an error with its place in the file.
//!
//! # Limits
//! A definition is refused when it is larger than [`FILE_BYTES_MAX`], names more than
//! [`NODES_MAX`](crate::model::NODES_MAX) nodes, nests an expression deeper than [`NESTING_MAX`], lists quorums beyond
//! [`LISTED_BITS_MAX`], nests zones deeper than [`ZONES_NESTED_MAX`], gives more than [`READ_FRACTIONS_MAX`] read fractions more than
//! [`CLIENTS_MAX`] clients or [`CLIENT_PAIRS_MAX`] distances, or a name longer than [`NAME_BYTES_MAX`], or needs a formula of more than [`EDGES_MAX`](crate::model::EDGES_MAX) edges.

mod beside;
mod clients;
mod compose;
mod custom;
mod diagnostic;
mod dynamic;
mod expression;
#[cfg(feature = "simulator")]
mod faults;
mod federated;
mod file_limits;
mod groups;
#[cfg(feature = "formats")]
mod import;
mod inline;
mod keys;
mod lies;
#[cfg(feature = "formats")]
mod link_matrix;
mod links;
mod nodes;
mod parameters;
mod places;
mod problem;
mod quorums;
mod raw;
mod ring;
#[cfg(feature = "simulator")]
mod scenario;
mod syntax;
mod system;
mod table;

use self::quorums::Quorums;
use crate::model::{About, Node, System, Workload, Zone};
#[doc(hidden)]
pub use beside::{Beside, BesideFile};
#[doc(hidden)]
pub use clients::{CLIENT_PAIRS_MAX, CLIENTS_MAX};
#[doc(hidden)]
pub use custom::LISTED_BITS_MAX;
pub use diagnostic::{Diagnostic, Diagnostics};
#[doc(hidden)]
pub use diagnostic::{ERRORS_KEPT_MAX, ERRORS_SHOWN_MAX};
#[doc(hidden)]
pub use expression::{NodeNames, parse_expression};
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub use faults::{FAULTS_MAX, read_faults};
use file_limits::BYTE_ORDER_MARK;
#[doc(hidden)]
pub use file_limits::{FILE_BYTES_MAX, NESTING_MAX};
#[cfg(feature = "formats")]
#[doc(hidden)]
pub use import::{Configuration, read_or_import, read_or_import_beside};
#[cfg(feature = "formats")]
#[doc(hidden)]
pub use import::{ImportOptions, Imported, import};
#[doc(hidden)]
pub use inline::{Inline, read_inline};
#[cfg(test)]
pub(crate) use keys::TABLES;
use keys::elsewhere;
#[doc(hidden)]
pub use nodes::ZONES_NESTED_MAX;
use problem::{Problem, Problems};
#[cfg(feature = "simulator")]
#[doc(hidden)]
pub use scenario::{SCENARIO_CLIENTS_MAX, Vocabulary, Written, read_scenario};
use table::Table;
#[doc(hidden)]
pub use wording::NAME_BYTES_MAX;
#[doc(hidden)]
pub use workload::READ_FRACTIONS_MAX;

#[cfg(test)]
mod tests;
mod wording;
mod workload;

const ROOT_KEYS: &[&str] = &[
    "name",
    "description",
    "links",
    "system",
    "nodes",
    "node",
    "zone",
    "workload",
    "client",
    "link",
    "byzantine",
    "consensus",
];

/// The system that a definition describes; `file` is the name that errors call it by.
///
/// Nodes of a family stand in its natural order, those of a custom system in the order in which its reads, then its
/// writes, then its `[[node]]` tables name them.
///
/// # Errors
/// [`Diagnostics`] with everything that is wrong; syntax errors of TOML alone, since the rest would be guesses.
///
/// # Complexity
/// Linear in the file and in the formula that it asks for, both of which are limited; nothing is recursive in what the
/// file nests.
///
/// # Examples
/// ```
/// let text = b"name = \"five\"\n[system]\nfamily = \"majority\"\nn = 5\n[nodes]\nfailure_probability = 0.1\n";
/// let system = quorate::spec::read("five.toml", text)?;
/// assert_eq!(system.about().name, "five");
/// assert_eq!(system.nodes().len(), 5);
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn read(file: &str, bytes: &[u8]) -> Result<System, Diagnostics> {
    read_beside(file, bytes, &beside::nothing)
}

/// As [`read`], for a definition that may name other files, which `beside` opens: `links = "rtt.csv"`.
///
/// # Errors
/// As of [`read`]; those of a file that it names are about that file, and are given once nothing else is wrong.
///
/// # Examples
/// ```
/// use quorate::spec::{BesideFile, read_beside};
/// let text = "name = 'x'\nlinks = 'rtt.csv'\nclient = [{ name = 'c', node = 'n1' }]\n\
///     [system]\nfamily = 'majority'\nn = 2\n";
/// let rtt = |path: &str| Ok(BesideFile { file: path.into(), bytes: b",n1,n2\nn1,,80\nn2,80,\n".to_vec() });
/// let system = read_beside("x.toml", text.as_bytes(), &rtt)?;
/// assert_eq!(system.about().clients.links[0].round_trip_ms.get(), 80.0);
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn read_beside(file: &str, bytes: &[u8], beside: Beside<'_>) -> Result<System, Diagnostics> {
    let mut problems = Problems::default();
    let (system, foreign) = document(bytes, beside, &mut problems);
    match foreign {
        Some(foreign) if problems.count() == 0 => Err(foreign.diagnostics()),
        _ => problems.finish(system, file, bytes),
    }
}

/// What a file of nodes describes: a definition without quorums.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq)]
pub struct NodesFile {
    /// The `name`, if there is one.
    pub name: Option<String>,
    /// The `[[node]]` tables, in their order.
    pub nodes: Vec<Node>,
    /// The zones that they stand in.
    pub zones: Vec<Zone>,
    /// The `[workload]`.
    pub workload: Workload,
}

/// The nodes that a file describes with `[nodes]`, `[[node]]`, `[[zone]]` and `[workload]`; `file` is the name that
/// errors call it by.
///
/// # Errors
/// [`Diagnostics`], as for [`read`]; also when there is no `[[node]]`, or a `[system]`.
///
/// # Examples
/// ```
/// let text = b"[nodes]\ncapacity = 1000\n[[node]]\nname = \"a\"\n[[node]]\nname = \"b\"\ncapacity = 500\n";
/// let file = quorate::spec::read_nodes("nodes.toml", text)?;
/// assert_eq!(file.nodes[1].read_capacity.get(), 500.0);
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
#[doc(hidden)]
pub fn read_nodes(file: &str, bytes: &[u8]) -> Result<NodesFile, Diagnostics> {
    let mut problems = Problems::default();
    let nodes = nodes_document(bytes, &mut problems);
    problems.finish(nodes, file, bytes)
}

fn nodes_document(bytes: &[u8], problems: &mut Problems) -> Option<NodesFile> {
    let text = syntax::text(bytes, problems)?;
    let tree = syntax::tree(text, problems)?;
    let root = Table::new("the top level", 0..0, &tree);
    root.refuse_unknown(ROOT_KEYS, |key| elsewhere(key, "the top level"), problems);
    if let Some(system) = root.get("system") {
        let problem = system.problem("a [system] in a file of nodes").label("says what the quorums are");
        problems.push(problem.help("a search finds the quorums; leave this table out".to_string()));
    }
    for of_clients in ["links", "client", "link"].iter().filter_map(|key| root.get(key)) {
        problems.push(of_clients.unused("a search asks nothing about clients"));
    }
    for demand in ["byzantine", "consensus"].iter().filter_map(|table| root.get(table)) {
        problems.push(demand.unused("a file of nodes demands nothing of quorums"));
    }
    let name = root.get("name").and_then(|_| name(&root, problems));
    description(&root, problems);
    let workload = workload::read(&root, problems);
    let members = nodes::Members { names: NodeNames::new(), open: true };
    let (nodes, zones) = nodes::read(&root, Some(members), problems)?;
    if nodes.is_empty() && problems.count() == 0 {
        let problem = Problem::new(0..0, "no node: a file of nodes has a [[node]] table for each");
        problems.push(problem.help("for example `[[node]]`, and below it `name = \"a\"`".to_string()));
    }
    Some(NodesFile { name, nodes, zones, workload })
}

/// The system, and what is wrong with a file that the definition names.
fn document(bytes: &[u8], beside: Beside<'_>, problems: &mut Problems) -> (Option<System>, Option<beside::Foreign>) {
    let mut foreign = None;
    let system = syntax::text(bytes, problems).and_then(|text| definition(text, beside, &mut foreign, problems));
    (system, foreign)
}

fn definition(
    text: &str,
    beside: Beside<'_>,
    foreign: &mut Option<beside::Foreign>,
    problems: &mut Problems,
) -> Option<System> {
    let tree = syntax::tree(text, problems)?;
    let root = Table::new("the top level", 0..0, &tree);
    root.refuse_unknown(ROOT_KEYS, |key| elsewhere(key, "the top level"), problems);
    let name = name(&root, problems);
    let description = description(&root, problems);
    let quorums = system::read(text, &root, problems);
    let workload = workload::read(&root, problems);
    let byzantine = workload::byzantine(&root, problems);
    let Some(quorums) = quorums else {
        nodes::read(&root, None, problems);
        return None;
    };
    let Quorums { family, members, formulas, listed, symmetric, majority, shape, quorum_sets } = quorums;
    let (nodes, zones) = nodes::read(&root, Some(members), problems)?;
    let clients::Asked { clients, fast, foreign: found } = clients::read(&root, (&nodes, &zones), beside, problems);
    *foreign = found;
    let (ring, formulas) = match ring::read(&root, (&nodes, &zones), problems) {
        Some((ring, formulas)) => (Some(ring), formulas),
        None => (None, formulas),
    };
    let dynamic = dynamic::read(&root, &nodes, &formulas, problems);
    let about = About {
        name: name?,
        description,
        family: family.into(),
        listed,
        symmetric: symmetric || ring.as_ref().is_some_and(|_| formulas.reads == formulas.writes),
        majority,
        shape,
        failed: Vec::new(),
        byzantine,
        fast,
        quorum_sets,
        clients,
        dynamic,
        is_configuration: false,
        ring,
    };
    let bare = nodes.iter().map(|node| Node::new(node.name.as_str())).collect();
    match System::new(about, bare, formulas).and_then(|system| system.with(nodes, zones, workload)) {
        Ok(system) => Some(system),
        Err(error) => {
            let span = root.get("system").map_or(0..0, |value| value.span());
            problems.push(Problem::new(span, error.to_string()));
            None
        }
    }
}

fn name(root: &Table<'_>, problems: &mut Problems) -> Option<String> {
    let Some(value) = root.get("name") else {
        let problem = Problem::new(0..0, "the definition has no `name`").label("`name` is missing here");
        problems.push(problem.help("put one at the top, for example `name = \"my-system\"`".to_string()));
        return None;
    };
    let name = value.text(problems)?;
    match wording::name_problem(name, &value.span()) {
        Some(problem) => {
            problems.push(problem);
            None
        }
        None => Some(name.into()),
    }
}

fn description(root: &Table<'_>, problems: &mut Problems) -> Option<String> {
    let value = root.get("description")?;
    let text = value.text(problems)?;
    if let Some(control) =
        text.chars().find(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
    {
        let message = format!("a description with the control character {}", control.escape_default());
        problems.push(value.problem(message).help("descriptions are printed".to_string()));
    }
    Some(text.into())
}
