//! The nodes that an expression may name.

use crate::model::{NODES_MAX, NodeId, grouped};
use crate::spec::problem::Problem;
use crate::spec::wording::name_problem;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Nodes by name, numbered in the order of their first appearance.
#[derive(Debug, Clone, Default)]
pub struct NodeNames {
    pub(super) names: Vec<String>,
    // Names come from files, so the hash is one that no file can be written against.
    pub(super) ids: FxHashMap<String, NodeId>,
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
    pub(in super::super) fn intern_at(&mut self, name: &str, span: &Range<usize>) -> Result<NodeId, Problem> {
        if let Some(problem) = name_problem(name, span) {
            return Err(problem);
        }
        self.intern(name).ok_or_else(|| {
            Problem::new(span.clone(), format!("more than {} nodes", grouped(NODES_MAX))).label("one node too many")
        })
    }
}
