//! The columns of a comparison and what they are called.

use super::super::Analysed;
use crate::report::columns::shortest;
use std::fmt;
use std::str::FromStr;

/// A quantity by which systems are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Number of nodes.
    Nodes,
    /// Nodes of a smallest read quorum.
    Read,
    /// Nodes of a smallest write quorum.
    Write,
    /// Arbitrary failures that are always survived.
    Resilience,
    /// Load of the busiest node, at each read fraction.
    Load,
    /// What the system can serve, 1 / load, at each read fraction.
    Capacity,
    /// Probability that reads or writes are impossible, at each node failure probability.
    Failure,
    /// The same as minutes of a year.
    Minutes,
    /// The same as nines of availability.
    Nines,
    /// Mean time to the first loss of reads or writes, where nodes or zones have times.
    FirstLoss,
    /// Whole zones of the lowest level that can always be lost.
    Zones,
    /// Zones and nodes besides that can always be lost.
    ZonesAndNodes,
    /// Nodes, and zones, that hold an acknowledged write at least.
    Durability,
    /// Nodes in which every read quorum meets every write quorum.
    Overlap,
    /// The mean time that clients wait for a read.
    ReadMs,
    /// The mean time that clients wait for a write.
    WriteMs,
}

impl Topic {
    /// All of them, in the order of the columns.
    pub const ALL: [Topic; 16] = [
        Topic::Nodes,
        Topic::Read,
        Topic::Write,
        Topic::Resilience,
        Topic::Load,
        Topic::Capacity,
        Topic::Failure,
        Topic::Minutes,
        Topic::Nines,
        Topic::FirstLoss,
        Topic::Zones,
        Topic::ZonesAndNodes,
        Topic::Durability,
        Topic::Overlap,
        Topic::ReadMs,
        Topic::WriteMs,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Topic::Nodes => "nodes",
            Topic::Read => "read",
            Topic::Write => "write",
            Topic::Resilience => "resilience",
            Topic::Load => "load",
            Topic::Capacity => "capacity",
            Topic::Failure => "failure",
            Topic::Minutes => "minutes",
            Topic::Nines => "nines",
            Topic::FirstLoss => "first-loss",
            Topic::Zones => "zones",
            Topic::ZonesAndNodes => "zone+nodes",
            Topic::Durability => "durability",
            Topic::Overlap => "overlap",
            Topic::ReadMs => "read-ms",
            Topic::WriteMs => "write-ms",
        }
    }

    /// What it means, with its unit.
    pub fn meaning(self) -> &'static str {
        match self {
            Topic::Nodes => "Nodes",
            Topic::Read => "Nodes of a smallest read quorum",
            Topic::Write => "Nodes of a smallest write quorum",
            Topic::Resilience => "Arbitrary failures always survived",
            Topic::Load => "Load of the busiest node under the best strategy, at each read fraction",
            Topic::Capacity => "Operations per second, or times one node where no capacity is given: 1 / load",
            Topic::Failure => "Probability that reads or writes are impossible, at each node failure probability",
            Topic::Minutes => "The same as minutes down in a year of 365.25 days",
            Topic::Nines => "The same as nines of availability, cut to a tenth: 2.9 is not 3",
            Topic::FirstLoss => "Mean hours to the first loss of reads or writes, where nodes or zones have times",
            Topic::Zones => "Whole zones always survived",
            Topic::ZonesAndNodes => {
                "Nodes always survived besides the loss of any one zone; – where some zone stops it"
            }
            Topic::Durability => "Nodes that hold an acknowledged write at least, and zones",
            Topic::Overlap => "Nodes in which every read quorum meets every write quorum",
            Topic::ReadMs => "Mean milliseconds that clients wait for a read, by their weights and shares of reads",
            Topic::WriteMs => "Mean milliseconds that clients wait for a write, by their weights and shares of writes",
        }
    }

    /// Whether more of it is better.
    pub(super) fn more_is_better(self) -> bool {
        matches!(
            self,
            Topic::Resilience
                | Topic::Capacity
                | Topic::Nines
                | Topic::FirstLoss
                | Topic::Zones
                | Topic::ZonesAndNodes
                | Topic::Durability
                | Topic::Overlap
        )
    }

    /// The columns of a program's table: what the contract of the tables calls it.
    pub(super) fn csv_name(self) -> &'static str {
        match self {
            Topic::Read => "smallest_read",
            Topic::Write => "smallest_write",
            Topic::Failure => "failure_probability",
            Topic::Minutes => "minutes_down",
            Topic::FirstLoss => "mean_first_loss_hours",
            Topic::Zones => "zone_resilience",
            Topic::ZonesAndNodes => "zone_and_nodes",
            Topic::Durability => "durability_nodes",
            Topic::Overlap => "smallest_overlap",
            Topic::ReadMs => "mean_read_ms",
            Topic::WriteMs => "mean_write_ms",
            _ => self.name(),
        }
    }

    /// Whether it has a column for each read fraction or failure probability.
    fn has_columns(self) -> bool {
        matches!(self, Topic::Load | Topic::Capacity | Topic::Failure | Topic::Minutes | Topic::Nines)
    }

    /// The topic of this name, as people or as programs read it.
    fn named(name: &str) -> Option<Topic> {
        Topic::ALL.into_iter().find(|topic| topic.name() == name || topic.csv_name() == name)
    }

    /// Whether people see it unasked: what follows from another column is shown on request.
    fn is_shown(self, systems: &[Analysed]) -> bool {
        match self {
            // Where only some have times, it says little about the others.
            Topic::FirstLoss => !systems.is_empty() && systems.iter().all(has_times),
            Topic::Zones | Topic::ZonesAndNodes | Topic::Durability | Topic::Overlap => {
                systems.iter().any(|analysed| !analysed.system.zones().is_empty())
            }
            Topic::ReadMs | Topic::WriteMs => systems.iter().any(has_clients),
            Topic::Capacity | Topic::Minutes | Topic::Nines => false,
            _ => true,
        }
    }
}

fn has_times(analysed: &Analysed) -> bool {
    analysed.analysis.reliability.repair.is_some()
}

fn has_clients(analysed: &Analysed) -> bool {
    !analysed.system.about().clients.each.is_empty()
}

/// A quantity, and which of the answers it is taken from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) topic: Topic,
    /// The position of the answer in the analysis; 0 where there is only one.
    pub(super) answer: usize,
    /// What distinguishes it from the other columns of its topic: a read fraction or a probability.
    pub(super) at: Option<String>,
    /// The same with few digits.
    rounded: Option<String>,
}

impl Column {
    /// What programs are told and `--sort` takes: `load@0.5`.
    pub(super) fn name(&self) -> String {
        with(self.topic.name(), '@', self.at.as_deref())
    }

    /// What people read: the same with a number rounded to what tells it from the others.
    pub(super) fn shown(&self) -> String {
        with(self.topic.name(), '@', self.rounded.as_deref())
    }

    /// What programs read: `load_0.5`.
    pub(super) fn csv_name(&self) -> String {
        with(self.topic.csv_name(), '_', self.at.as_deref())
    }
}

fn with(name: &str, sign: char, at: Option<&str>) -> String {
    at.map_or_else(|| name.to_owned(), |at| format!("{name}{sign}{at}"))
}

/// Who reads a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Gets what does not follow from another column.
    Person,
    /// Gets everything.
    Program,
}

/// The columns that are asked for, or those that this reader gets unasked; the systems were all asked the same.
///
/// # Errors
/// [`NoColumn`] when one is asked for that there is not, or twice.
pub(super) fn columns(systems: &[Analysed], asked: &[ColumnName], reader: Reader) -> Result<Vec<Column>, NoColumn> {
    if asked.is_empty() {
        let wanted = Topic::ALL.into_iter().filter(|topic| match (topic, reader) {
            (_, Reader::Person) => topic.is_shown(systems),
            // A column that nobody has a value for is none.
            (Topic::FirstLoss, Reader::Program) => systems.iter().any(has_times),
            (Topic::ReadMs | Topic::WriteMs, Reader::Program) => systems.iter().any(has_clients),
            _ => true,
        });
        return Ok(wanted.flat_map(|topic| of_topic(systems, topic)).collect());
    }
    let mut columns: Vec<Column> = Vec::new();
    for name in asked {
        let found = name.columns(systems)?;
        if found.iter().any(|column| columns.contains(column)) {
            return Err(NoColumn::Twice { asked: name.to_string() });
        }
        columns.extend(found);
    }
    Ok(columns)
}

/// Whether people see the column unasked, which decides whether it counts for who is beaten in all of them.
pub(super) fn is_shown(systems: &[Analysed], column: &Column) -> bool {
    column.topic.is_shown(systems)
}

pub(super) fn of_topic(systems: &[Analysed], topic: Topic) -> Vec<Column> {
    let labels: Vec<Label> = match topic {
        Topic::Load | Topic::Capacity => labels(systems, |analysed| {
            let fraction = |optimum: &crate::strategy::StrategyAnswer| match optimum.workload.shares() {
                [share] => Label::Number(share.read_fraction.get()),
                _ => Label::Own,
            };
            analysed.analysis.optimum.iter().map(fraction).collect()
        }),
        Topic::Failure | Topic::Minutes | Topic::Nines => labels(systems, |analysed| {
            let answers = analysed.analysis.failure_probability.iter();
            answers
                .map(|answer| answer.node_failure_probability.map_or(Label::Own, |p| Label::Number(p.get())))
                .collect()
        }),
        _ => return vec![Column { topic, answer: 0, at: None, rounded: None }],
    };
    let rounded = rounded(&labels);
    let labels = labels.into_iter().zip(rounded).enumerate();
    labels
        .map(|(answer, (at, rounded))| Column { topic, answer, at: Some(at.text()), rounded: Some(rounded) })
        .collect()
}

/// What distinguishes a column from the others of its topic.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Label {
    Number(f64),
    /// Every system has its own.
    Own,
}

impl Label {
    /// With all digits.
    fn text(self) -> String {
        match self {
            Label::Number(number) => number.to_string(),
            Label::Own => OWN.to_owned(),
        }
    }

    /// With as many significant digits.
    fn rounded(self, digits: usize) -> String {
        match self {
            // A number in scientific notation can be read back.
            Label::Number(number) => shortest(format!("{number:.*e}", digits - 1).parse().unwrap_or(number)),
            Label::Own => OWN.to_owned(),
        }
    }
}

/// The labels with as few digits, four at least, as tell them apart.
fn rounded(labels: &[Label]) -> Vec<String> {
    let to = |digits: usize| -> Vec<String> { labels.iter().map(|label| label.rounded(digits)).collect() };
    let apart = |texts: &Vec<String>| {
        let twice = |at: usize| (0..at).any(|before| texts[before] == texts[at] && labels[before] != labels[at]);
        !(0..texts.len()).any(twice)
    };
    (DIGITS_MIN..DIGITS_MAX).map(to).find(apart).unwrap_or_else(|| to(DIGITS_MAX))
}

/// Significant digits of a number in a head, and those that tell any two numbers apart.
const DIGITS_MIN: usize = 4;

const DIGITS_MAX: usize = 17;

/// What stands instead of a number where every system has its own.
const OWN: &str = "own";

/// The labels that all systems share; where they differ, every system was asked about its own.
fn labels(systems: &[Analysed], of: impl Fn(&Analysed) -> Vec<Label>) -> Vec<Label> {
    let mut all = systems.iter().map(of);
    let Some(first) = all.next() else { return Vec::new() };
    all.fold(first, |merged, other| {
        let same = |position: usize| merged.get(position).is_some_and(|label| *label == other[position]);
        let label = |position: usize| if same(position) { merged[position] } else { Label::Own };
        (0..other.len().min(merged.len())).map(label).collect()
    })
}

/// The name of a column: `name` or `system`, or a topic as in `load`, or one of its columns as in `load@0.9`.
///
/// Also what CSV calls it, as in `failure_probability_0.01`.
///
/// # Examples
/// ```
/// use quorate::report::ColumnName;
/// assert!("load@0.5".parse::<ColumnName>().is_ok() && "system".parse::<ColumnName>().is_ok());
/// assert!("speed".parse::<ColumnName>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnName {
    /// The topic; absent: the name of the system.
    topic: Option<Topic>,
    at: Option<String>,
}

/// A column is asked for that there is not, or that stands there already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoColumn {
    /// It is not there.
    #[error("there is no column {asked:?}; there are name, {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<String>,
    },
    /// It was asked for before.
    #[error("the column {asked:?} is asked for twice: once is enough")]
    Twice {
        /// What was asked for.
        asked: String,
    },
}

impl FromStr for ColumnName {
    type Err = NoColumn;

    fn from_str(text: &str) -> Result<Self, NoColumn> {
        if text == "name" || text == "system" {
            return Ok(ColumnName { topic: None, at: None });
        }
        let unknown = || {
            let known = Topic::ALL.iter().map(|topic| topic.name().to_owned()).collect();
            NoColumn::Unknown { asked: text.into(), known }
        };
        // What programs read ends in `_0.5` where people read `@0.5`; topics have such signs in their names too.
        let (topic, at) = text.split_once('@').map_or((text, None), |(topic, at)| (topic, Some(at.to_owned())));
        if let Some(topic) = Topic::named(topic) {
            return Ok(ColumnName { topic: Some(topic), at });
        }
        let (topic, at) = text.rsplit_once('_').ok_or_else(unknown)?;
        let topic = Topic::named(topic).filter(|topic| topic.has_columns()).ok_or_else(unknown)?;
        Ok(ColumnName { topic: Some(topic), at: Some(at.to_owned()) })
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.topic.map_or("name", Topic::name))?;
        self.at.iter().try_for_each(|at| write!(out, "@{at}"))
    }
}

impl ColumnName {
    /// The columns of this name; none for the name of the system, which stands first in any case.
    fn columns(&self, systems: &[Analysed]) -> Result<Vec<Column>, NoColumn> {
        let Some(topic) = self.topic else { return Ok(Vec::new()) };
        let all = of_topic(systems, topic);
        let Some(asked) = &self.at else { return Ok(all) };
        // Without systems there is nothing to show and nothing to be wrong about.
        if systems.is_empty() {
            return Ok(Vec::new());
        }
        let number = |text: &String| text.parse::<f64>().ok();
        let same = |text: &Option<String>| {
            text.as_ref().is_some_and(|text| text == asked || number(text).is_some_and(|it| number(asked) == Some(it)))
        };
        // A number in full is meant before one that is rounded.
        let found =
            all.iter().find(|column| same(&column.at)).or_else(|| all.iter().find(|column| same(&column.rounded)));
        found.cloned().map(|column| vec![column]).ok_or_else(|| NoColumn::Unknown {
            asked: self.to_string(),
            known: all.iter().map(Column::shown).collect(),
        })
    }

    /// The column to sort by, shown or not; `None`: the name.
    pub(super) fn column(&self, systems: &[Analysed]) -> Result<Option<Column>, NoColumn> {
        Ok(self.columns(systems)?.into_iter().next())
    }
}
