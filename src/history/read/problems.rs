//! What is wrong with a file, one problem for one cause.

use rustc_hash::FxHashMap;

use super::error::{Problem, ReadError, Reason};
use crate::history::builder::InvalidOperation;
use crate::history::value::Value;

/// Problems that are reported for one input, before the rest of it is left alone.
const PROBLEMS_MAX: usize = 20;

/// Collects problems until there are enough of them.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
    /// Where the problem with a cause stands that many operations can share.
    causes: FxHashMap<Cause, usize>,
}

/// What operations that are refused can have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Cause {
    /// They do the same that no register does.
    Unknown(String),
    /// Their process was busy with the operation of a line.
    Busy(Value, u32),
}

impl Problems {
    /// Notes a problem; `false` if that was the last one worth noting.
    pub(super) fn add(&mut self, line: u64, reason: impl Into<Reason>) -> bool {
        let reason = reason.into();
        let cause = match &reason {
            Reason::UnknownOperation { name, .. } => Some(Cause::Unknown(name.clone())),
            Reason::InvalidOperation(
                InvalidOperation::Overlap { process, line, .. }
                | InvalidOperation::StillOpen { process, line }
                | InvalidOperation::OutOfOrder { process, line, .. },
            ) => Some(Cause::Busy(process.clone(), *line)),
            _ => None,
        };
        if let Some(cause) = cause {
            if let Some(first) = self.causes.get(&cause) {
                self.found[*first].others += 1;
                return true;
            }
            self.causes.insert(cause, self.found.len());
        }
        self.found.push(Problem { line, reason, others: 0 });
        self.found.len() < PROBLEMS_MAX
    }

    /// Nothing, or all problems, by line.
    pub(super) fn none_or_refuse(mut self) -> Result<(), ReadError> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by_key(|problem| problem.line);
        Err(ReadError::Problems { problems: self.found })
    }
}
