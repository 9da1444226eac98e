//! The columns of a comparison and what they are called.

use std::fmt;
use std::str::FromStr;

use super::super::Analysed;

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
    /// Operations per second: 1 / load, at each read fraction.
    Capacity,
    /// Probability that reads or writes are impossible, at each node failure probability.
    Failure,
    /// The same as minutes of a year.
    Minutes,
    /// The same as nines of availability.
    Nines,
    /// Mean time to the first loss of reads or writes, where nodes or zones have times.
    FirstLoss,
}

impl Topic {
    /// All of them, in the order of the columns.
    pub const ALL: [Topic; 10] = [
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
            Topic::Capacity => "Operations per second: 1 / load",
            Topic::Failure => "Probability that reads or writes are impossible, at each node failure probability",
            Topic::Minutes => "The same as minutes down in a year of 365.25 days",
            Topic::Nines => "The same as nines of availability, cut to a tenth: 2.9 is not 3",
            Topic::FirstLoss => "Mean hours to the first loss of reads or writes, where nodes or zones have times",
        }
    }

    /// Whether more of it is better.
    pub(super) fn more_is_better(self) -> bool {
        matches!(self, Topic::Resilience | Topic::Capacity | Topic::Nines | Topic::FirstLoss)
    }

    /// The columns of a program's table: what the contract of the tables calls it.
    pub(super) fn csv_name(self) -> &'static str {
        match self {
            Topic::Read => "smallest_read",
            Topic::Write => "smallest_write",
            Topic::Failure => "failure_probability",
            Topic::Minutes => "minutes_down",
            Topic::FirstLoss => "mean_first_loss_hours",
            _ => self.name(),
        }
    }

    fn named(name: &str) -> Option<Topic> {
        Topic::ALL.into_iter().find(|topic| topic.name() == name)
    }
}

/// A quantity, and which of the answers it is taken from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) topic: Topic,
    /// The position of the answer in the analysis; 0 where there is only one.
    pub(super) answer: usize,
    /// What distinguishes it from the other columns of its topic: a read fraction or a probability.
    pub(super) at: Option<String>,
}

impl Column {
    /// What people read and `--sort` takes: `load@0.5`.
    pub(super) fn name(&self) -> String {
        self.with(self.topic.name(), '@')
    }

    /// What programs read: `load_0.5`.
    pub(super) fn csv_name(&self) -> String {
        self.with(self.topic.csv_name(), '_')
    }

    fn with(&self, name: &str, sign: char) -> String {
        self.at.as_ref().map_or_else(|| name.to_owned(), |at| format!("{name}{sign}{at}"))
    }
}

/// The columns of these topics; the systems were all asked the same.
pub(super) fn columns(systems: &[Analysed], topics: &[Topic]) -> Vec<Column> {
    let topics = if topics.is_empty() { &Topic::ALL } else { topics };
    topics.iter().flat_map(|topic| of_topic(systems, *topic)).collect()
}

fn of_topic(systems: &[Analysed], topic: Topic) -> Vec<Column> {
    let labels: Vec<String> = match topic {
        Topic::Load | Topic::Capacity => labels(systems, |analysed| {
            let fraction = |optimum: &crate::analysis::load::Optimum| match optimum.workload.shares() {
                [share] => share.read_fraction.get().to_string(),
                _ => OWN.to_owned(),
            };
            analysed.analysis.optimum.iter().map(fraction).collect()
        }),
        Topic::Failure | Topic::Minutes | Topic::Nines => labels(systems, |analysed| {
            let answers = analysed.analysis.failure_probability.iter();
            answers
                .map(|answer| answer.node_failure_probability.map_or_else(|| OWN.into(), |p| p.get().to_string()))
                .collect()
        }),
        // A column that nobody has a value for is none.
        Topic::FirstLoss if !systems.iter().any(|analysed| analysed.analysis.reliability.repair.is_some()) => {
            Vec::new()
        }
        _ => return vec![Column { topic, answer: 0, at: None }],
    };
    let column = |(answer, at)| Column { topic, answer, at: Some(at) };
    labels.into_iter().enumerate().map(column).collect()
}

/// What stands instead of a number where every system has its own.
const OWN: &str = "own";

/// The labels that all systems share; where they differ, every system was asked about its own.
fn labels(systems: &[Analysed], of: impl Fn(&Analysed) -> Vec<String>) -> Vec<String> {
    let mut all = systems.iter().map(of);
    let Some(first) = all.next() else { return Vec::new() };
    all.fold(first, |merged, other| {
        let same = |position: usize| merged.get(position).is_some_and(|label| *label == other[position]);
        let label = |position| if same(position) { merged[position].clone() } else { OWN.to_owned() };
        (0..other.len().min(merged.len())).map(label).collect()
    })
}

/// A column to sort by: `name`, or a topic as in `load`, or one of its columns as in `load@0.9`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortBy {
    /// The topic; absent: the name of the system.
    topic: Option<Topic>,
    at: Option<String>,
}

/// There is no column to sort by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no column {asked:?}; there are name, {}", known.join(", "))]
pub struct NoColumn {
    /// What was asked for.
    pub asked: String,
    /// What there is.
    pub known: Vec<String>,
}

impl FromStr for SortBy {
    type Err = NoColumn;

    fn from_str(text: &str) -> Result<Self, NoColumn> {
        if text == "name" {
            return Ok(SortBy { topic: None, at: None });
        }
        let (topic, at) = text.split_once('@').map_or((text, None), |(topic, at)| (topic, Some(at.to_owned())));
        let known = || Topic::ALL.iter().map(|topic| topic.name().to_owned()).collect();
        let topic = Topic::named(topic).ok_or_else(|| NoColumn { asked: text.into(), known: known() })?;
        Ok(SortBy { topic: Some(topic), at })
    }
}

impl fmt::Display for SortBy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.topic.map_or("name", Topic::name))?;
        self.at.iter().try_for_each(|at| write!(out, "@{at}"))
    }
}

impl SortBy {
    /// The column, shown or not; `None`: the name.
    pub(super) fn column(&self, systems: &[Analysed], shown: &[Column]) -> Result<Option<Column>, NoColumn> {
        let Some(topic) = self.topic else { return Ok(None) };
        let all = of_topic(systems, topic);
        let fits = |column: &&Column| match (&self.at, &column.at) {
            (Some(asked), Some(at)) => asked == at || asked.parse::<f64>().ok() == at.parse::<f64>().ok(),
            (Some(_), None) => false,
            (None, _) => true,
        };
        // Without systems there is nothing to sort and nothing to be wrong about.
        if systems.is_empty() {
            return Ok(None);
        }
        all.iter().find(fits).cloned().map(Some).ok_or_else(|| NoColumn {
            asked: self.to_string(),
            known: shown.iter().chain(all.iter().filter(|column| !shown.contains(column))).map(Column::name).collect(),
        })
    }
}
