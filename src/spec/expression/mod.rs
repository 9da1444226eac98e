//! The algebra of quorums: `a*b + c*d*e`, `choose(2, a, b, c)`, `majority(a, b, c)`, `weighted(3, a=2, b=1, c=1)`.
//!
//! # Source
//! Whittaker et al., Read-write quorum systems made practical, PaPoC 2021 (`+`, `*` and `choose`).

mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;
use std::ops::Range;

use super::diagnostic::Diagnostics;
use super::problem::{Problem, Problems};
use super::wording::name_problem;
use crate::model::{Formula, NODES_MAX, NodeId, grouped};

pub(super) use parser::parse;

/// Nodes by name, numbered in the order of their first appearance.
#[derive(Debug, Clone, Default)]
pub struct NodeNames {
    names: Vec<String>,
    // Names come from files, so the hash is one that no file can be written against.
    ids: FxHashMap<String, NodeId>,
}

impl NodeNames {
    /// No names yet.
    pub fn new() -> Self {
        NodeNames::default()
    }

    /// The node of this name; a new one when the name is new. `None` when there are [`NODES_MAX`] already.
    pub fn intern(&mut self, name: &str) -> Option<NodeId> {
        if let Some(id) = self.ids.get(name) {
            return Some(*id);
        }
        if self.names.len() >= NODES_MAX {
            return None;
        }
        let id = NodeId::new(self.names.len());
        self.names.push(name.into());
        self.ids.insert(name.into(), id);
        Some(id)
    }

    /// The node of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<NodeId> {
        self.ids.get(name).copied()
    }

    /// The names, in the order of their numbers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// As [`NodeNames::intern`]; a bad name, or one too many, is a problem at `span`.
    pub(super) fn intern_at(&mut self, name: &str, span: &Range<usize>) -> Result<NodeId, Problem> {
        if let Some(problem) = name_problem(name, span) {
            return Err(problem);
        }
        self.intern(name).ok_or_else(|| {
            Problem::new(span.clone(), format!("more than {} nodes", grouped(NODES_MAX))).label("one node too many")
        })
    }
}

/// The formula of an expression; nodes that `names` does not know yet are added to it in reading order.
///
/// `+` means either and `*` both, which binds tighter. `choose(k, ...)` asks for any k of the expressions that follow,
/// `majority(...)` for floor(m/2) + 1 of m, `weighted(quota, e=votes, ...)` for expressions with that many votes together.
/// They count by position: `choose(2, a, a, b)` is satisfied by `a` alone. A name is made of letters, digits, `_`, `.`,
/// `-` and `:`, or is anything between double quotes, in which `\"` and `\\` stand for `"` and `\`.
///
/// # Errors
/// [`Diagnostics`] whose spans are offsets in `text`.
///
/// # Complexity
/// Linear in the text; nothing is recursive, and more than [`NESTING_MAX`](super::NESTING_MAX) parentheses inside each
/// other are refused.
///
/// # Examples
/// ```
/// use quorate::model::NodeSet;
/// use quorate::spec::{NodeNames, parse_expression};
/// let mut names = NodeNames::new();
/// let formula = parse_expression("a*b + choose(2, b, c, \"rack 7\")", &mut names)?;
/// assert_eq!(names.names(), ["a", "b", "c", "rack 7"]);
/// assert!(formula.holds(&NodeSet::first(2)));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn parse_expression(text: &str, names: &mut NodeNames) -> Result<Formula, Diagnostics> {
    let mut problems = Problems::default();
    let formula = parse(text, names, &mut problems);
    problems.finish(formula, "expression", text.as_bytes())
}
