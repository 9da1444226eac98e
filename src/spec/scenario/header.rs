//! What stands before the steps of a scenario.

use std::path::Path;

use super::lines::Line;
use super::vocabulary::Vocabulary;
use super::words::{Word, Words};
use crate::model::{Formula, Pair, System};
use crate::replay::Header;
use crate::spec::custom::{self, Side};
use crate::spec::expression::{self, NodeNames};
use crate::spec::inline::system_with;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::{quoted, suggestion};

/// The words with which such lines begin.
pub(super) const KEYS: [&str; 9] =
    ["protocol", "nodes", "quorums", "reads", "writes", "fast", "without", "batch", "unsafe"];

/// Entries that one message may have.
const BATCH_MAX: u64 = 1_000_000;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    protocol: Option<Word<'a>>,
    without: Option<Word<'a>>,
    batch: Option<usize>,
    is_unsafe: bool,
    nodes: Vec<Word<'a>>,
    /// `quorums`, `reads`, `writes` and `fast`: the key, where the text begins, and the text.
    expressions: Vec<(&'a str, usize, &'a str)>,
    /// Which keys stood where.
    seen: Vec<(&'a str, usize)>,
}

impl<'a> Head<'a> {
    /// Takes a line in.
    pub(super) fn take(&mut self, key: &Word<'a>, mut words: Words<'a>, line: &Line<'a>, problems: &mut Problems) {
        if let Some((_, first)) = self.seen.iter().find(|(known, _)| *known == key.text) {
            let problem = Problem::new(key.span.clone(), format!("`{}` stands twice", key.text));
            return problems.push(problem.first(*first).help("one of them is enough".to_owned()));
        }
        self.seen.push((key.text, key.span.start));
        let taken = match key.text {
            "unsafe" => {
                self.is_unsafe = true;
                words.ends("unsafe")
            }
            "protocol" => words.needs("the protocol", "protocol raft").and_then(|word| {
                self.protocol = Some(word);
                words.ends("protocol raft")
            }),
            "without" => words.needs("what is left out", "without pre-vote").and_then(|word| {
                self.without = Some(word);
                words.ends("without pre-vote")
            }),
            "batch" => words.needs("a number of entries", "batch 1").and_then(|word| {
                let entries = word.number("a number of entries")?;
                if !(1..=BATCH_MAX).contains(&entries) {
                    return Err(word.problem("a message has at least one entry", format!("from 1 to {BATCH_MAX}")));
                }
                self.batch = Some(entries as usize);
                words.ends("batch 1")
            }),
            "nodes" => {
                self.nodes = words.rest();
                let missing =
                    || Problem::new(key.span.clone(), "`nodes` without a name").help("nodes a b c".to_owned());
                if self.nodes.is_empty() { Err(missing()) } else { Ok(()) }
            }
            _ => {
                let span = words.rest_span();
                let text = &line.text[span.start - line.offset..span.end - line.offset];
                let text = text.split(" #").next().unwrap_or(text);
                self.expressions.push((key.text, span.start, text));
                Ok(())
            }
        };
        taken.unwrap_or_else(|problem| problems.push(problem));
    }

    /// The words of the protocol; an error if it is not known.
    pub(super) fn vocabulary<'v>(&self, known: &'v [Vocabulary], problems: &mut Problems) -> Option<&'v Vocabulary> {
        let names = known.iter().map(|vocabulary| vocabulary.protocol);
        let Some(word) = &self.protocol else {
            let problem = Problem::new(0..0, "the scenario does not say which protocol runs").label("before its steps");
            problems.push(problem.help(format!("for example `protocol raft`; {}", suggestion("", "there are", names))));
            return None;
        };
        let found = known.iter().find(|vocabulary| vocabulary.protocol == word.text);
        if found.is_none() {
            let help = suggestion(word.text, "there are", names);
            problems.push(word.problem(format!("unknown protocol {}", quoted(word.text)), help));
        }
        if let (Some(vocabulary), Some(without)) = (found, &self.without)
            && !vocabulary.remedies.contains(&without.text)
        {
            let help = suggestion(without.text, "what can be left out of it", vocabulary.remedies.iter().copied());
            let message = format!("{} has no {} that could be left out", vocabulary.protocol, quoted(without.text));
            problems.push(without.problem(message, help));
        }
        found
    }

    /// The system that the scenario defines, or else the one that was given.
    pub(super) fn system(&self, file: &str, given: Option<&System>, problems: &mut Problems) -> Option<System> {
        let defines = !self.nodes.is_empty() || !self.expressions.is_empty();
        match (given, defines) {
            (Some(system), false) => Some(system.clone()),
            (Some(_), true) => {
                let at = self.nodes.first().map_or_else(|| self.expressions[0].1, |word| word.span.start);
                let problem = Problem::new(at..at, "the scenario defines a system, and another one was given");
                problems.push(problem.help("leave one of them out".to_owned()));
                None
            }
            (None, false) => {
                let problem =
                    Problem::new(0..0, "the scenario does not say what its nodes are").label("before its steps");
                problems.push(problem.help(
                    "for example `nodes a b c`, with majorities for quorums, or `quorums a*b + c`; or give a definition beside it"
                        .to_owned(),
                ));
                None
            }
            (None, true) => self.defined(file, problems),
        }
    }

    fn defined(&self, file: &str, problems: &mut Problems) -> Option<System> {
        let mut names = NodeNames::new();
        for word in &self.nodes {
            for text in word.text.split(',').filter(|text| !text.is_empty()) {
                if names.get(text).is_some() {
                    problems.push(word.problem(format!("the node {} stands twice", quoted(text)), "give it one name"));
                }
                names.intern_at(text, &word.span).map_or_else(|problem| problems.push(problem), drop);
            }
        }
        let majority = format!("majority({})", names.names().join(", "));
        let mut side = |key: &str| {
            let (_, offset, text) = self.expressions.iter().find(|(known, ..)| *known == key)?;
            let mut found = Problems::default();
            let formula = expression::parse(text, &mut names, &mut found);
            problems.absorb(found, |span| offset + span.start..offset + span.end);
            Some(formula.map(|formula| (formula, *text)))
        };
        let (quorums, reads, writes, fast) = (side("quorums"), side("reads"), side("writes"), side("fast"));
        let of = |side: Option<Option<(Formula, &str)>>| {
            side.map(|side| side.map(|(formula, text)| Side::of(formula, text)))
        };
        if quorums.is_some() && (reads.is_some() || writes.is_some()) {
            let at = self.expressions[0].1;
            let problem = Problem::new(at..at, "`quorums` beside `reads` or `writes`");
            problems.push(problem.help("`quorums` are those of both kinds".to_owned()));
            return None;
        }
        let is_one_kind = reads.is_none() && writes.is_none();
        let sides = match (of(quorums), of(reads), of(writes)) {
            (Some(both), ..) => Pair { reads: Some(both.clone()), writes: Some(both) },
            (None, None, None) => {
                let formula = expression::parse(&majority, &mut names, problems);
                let both = formula.map(|formula| Side::of(formula, &majority));
                Pair { reads: Some(both.clone()), writes: Some(both) }
            }
            (None, reads, writes) => Pair { reads, writes },
        };
        let quorums = custom::quorums(sides, is_one_kind, names)?;
        let name =
            Path::new(file).file_stem().map_or_else(|| "scenario".to_owned(), |stem| stem.to_string_lossy().into());
        let fast = fast.flatten().map(|(formula, _)| formula);
        system_with(&name, quorums, fast, problems)
    }

    /// What the steps need of it.
    pub(super) fn header(&self) -> Header {
        let text = |word: &Option<Word<'_>>| word.as_ref().map(|word| word.text.to_owned());
        Header {
            protocol: text(&self.protocol).unwrap_or_default(),
            is_unsafe: self.is_unsafe,
            without: text(&self.without),
            batch: self.batch,
        }
    }
}
