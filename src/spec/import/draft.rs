//! What a reader of one kind of file hands over: a definition in the making, with the place that each part comes from.

use std::ops::Range;

use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::name_problem;

/// A definition in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// What the file itself calls the system.
    pub(super) name: Option<String>,
    /// The family, unless it is given by expressions.
    pub(super) family: Option<&'static str>,
    /// The keys of `[system]` beside the family.
    pub(super) system: Vec<Entry>,
    /// The nodes, in the order of the file.
    pub(super) members: Vec<Member>,
    /// What a reader should know: traps that the file steps into, and what a definition cannot say.
    pub(super) notes: Vec<String>,
}

/// A key of `[system]`.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: &'static str,
    /// The value: text, or a number, list or table as it stands in a definition.
    pub(super) value: Written,
    /// Where it comes from, in the order of the file.
    pub(super) origins: Vec<Origin>,
}

/// A value.
#[derive(Debug)]
pub(super) enum Written {
    /// Text, without its quotes.
    Text(String),
    /// Anything else, as it is written.
    Plain(String),
}

/// What a part of the definition comes from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The first byte in the file.
    pub(super) at: usize,
    pub(super) says: String,
}

/// A node.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) origin: Origin,
    /// The failure domain that the file names for it.
    pub(super) zone: Option<String>,
    /// Whom it trusts, in a federated system.
    pub(super) quorum_set: Option<String>,
}

impl Draft {
    /// Adds a node, whose name must be a good one and new.
    pub(super) fn member(&mut self, name: &str, span: Range<usize>, says: impl Into<String>, problems: &mut Problems) {
        if let Some(problem) = name_problem(name, &span) {
            problems.push(problem);
            return;
        }
        let origin = Origin { at: span.start, says: says.into() };
        self.members.push(Member { name: name.into(), origin, zone: None, quorum_set: None });
    }

    /// Reports names that two nodes have.
    pub(super) fn refuse_doubles(&self, help: &str, problems: &mut Problems) {
        let mut sorted: Vec<&Member> = self.members.iter().collect();
        sorted.sort_by_key(|member| (&member.name, member.origin.at));
        for pair in sorted.windows(2).filter(|pair| pair[0].name == pair[1].name) {
            let second = pair[1].origin.at..pair[1].origin.at + 1;
            let message = format!("two nodes are called {}", crate::spec::wording::quoted(&pair[1].name));
            problems.push(Problem::new(second, message).first(pair[0].origin.at).help(help.to_owned()));
        }
    }

    /// Quorums of reads and writes alike.
    pub(super) fn quorums(&mut self, value: String, origins: Vec<Origin>) {
        self.system.push(Entry { key: "quorums", value: Written::Text(value), origins });
    }

    /// Quorums of one kind.
    pub(super) fn side(&mut self, key: &'static str, value: String, origins: Vec<Origin>) {
        self.system.push(Entry { key, value: Written::Text(value), origins });
    }

    /// A number, a list or a table.
    pub(super) fn plain(&mut self, key: &'static str, value: &impl ToString, origins: Vec<Origin>) {
        self.system.push(Entry { key, value: Written::Plain(value.to_string()), origins });
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
}

/// One origin.
pub(super) fn origin(at: usize, says: impl Into<String>) -> Origin {
    Origin { at, says: says.into() }
}
