//! Processes of a scenario, by their names.

use std::cell::Cell;

use super::words::Word;
use crate::model::System;
use crate::protocol::ProcessId;
use crate::spec::problem::Problem;
use crate::spec::wording::{quoted, suggestion};

/// Clients of one scenario.
pub const SCENARIO_CLIENTS_MAX: u32 = 1_000;

/// How clients are called, before their numbers.
const CLIENT: &str = "@client-";

/// The nodes of a system, and clients as they are named.
#[derive(Debug)]
pub(super) struct Names<'a> {
    system: &'a System,
    /// The highest client that was named.
    clients: Cell<u32>,
}

impl<'a> Names<'a> {
    pub(super) fn new(system: &'a System) -> Self {
        Names { system, clients: Cell::new(0) }
    }

    /// The highest client that was named.
    pub(super) fn clients(&self) -> u32 {
        self.clients.get()
    }

    fn nodes(&self) -> usize {
        self.system.nodes().len()
    }

    /// Whether a word names one process.
    pub(super) fn is_known(&self, text: &str) -> bool {
        text.starts_with('@') || self.system.nodes().iter().any(|node| node.name == text)
    }

    /// The process of this name.
    pub(super) fn process(&self, word: &Word<'_>) -> Result<ProcessId, Problem> {
        self.named(word, word.text)
    }

    fn named(&self, word: &Word<'_>, text: &str) -> Result<ProcessId, Problem> {
        if let Some(digits) = text.strip_prefix(CLIENT) {
            let number = digits.parse::<u32>().ok().filter(|number| (1..=SCENARIO_CLIENTS_MAX).contains(number));
            let Some(number) = number else {
                let help = format!("clients are `{CLIENT}1` to `{CLIENT}{SCENARIO_CLIENTS_MAX}`");
                return Err(word.problem(format!("there is no client {}", quoted(text)), help));
            };
            self.clients.set(self.clients.get().max(number));
            return Ok(ProcessId((self.nodes() as u32) + number - 1));
        }
        let found = self.system.nodes().iter().position(|node| node.name == text);
        found.map(|index| ProcessId(index as u32)).ok_or_else(|| {
            let known = self.system.nodes().iter().map(|node| node.name.as_str());
            let help = suggestion(text, "the nodes are", known);
            word.problem(format!("unknown process {}", quoted(text)), format!("{help}; clients are `{CLIENT}1`, ..."))
        })
    }

    /// A node.
    pub(super) fn node(&self, word: &Word<'_>) -> Result<ProcessId, Problem> {
        self.of(word, false)
    }

    /// A client.
    pub(super) fn client(&self, word: &Word<'_>) -> Result<ProcessId, Problem> {
        self.of(word, true)
    }

    fn of(&self, word: &Word<'_>, is_client: bool) -> Result<ProcessId, Problem> {
        let process = self.process(word)?;
        if (process.index() >= self.nodes()) == is_client {
            return Ok(process);
        }
        let (is, wanted) = if is_client { ("a node", "a client, as `@client-1`") } else { ("a client", "a node") };
        Err(word.problem(format!("{} is {is}", quoted(word.text)), format!("what stands here is {wanted}")))
    }

    /// The processes that these words name; commas may stand between them.
    pub(super) fn processes(&self, words: &[Word<'_>]) -> Result<Vec<ProcessId>, Problem> {
        let mut found = Vec::new();
        for word in words {
            for text in word.text.split(',').filter(|text| !text.is_empty()) {
                if text == "@nodes" {
                    found.extend((0..self.nodes() as u32).map(ProcessId));
                } else {
                    found.push(self.named(word, text)?);
                }
            }
        }
        Ok(found)
    }
}
