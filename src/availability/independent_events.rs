//! Failures as independent variables: the nodes, and then the zones that can fail.

use std::borrow::Cow;

use super::Failures;
use crate::model::{Formula, Pair, Probability, System};

/// The formulas of a system over variables that fail independently of each other.
#[derive(Debug)]
pub(super) struct Variables<'a> {
    /// A node stands for itself and its zones.
    pub(super) formulas: Pair<Cow<'a, Formula>>,
    /// Failure probability of each variable.
    pub(super) failure: Vec<Probability>,
    /// Whether both formulas are the same.
    pub(super) symmetric: bool,
}

impl<'a> Variables<'a> {
    pub(super) fn of(system: &'a System, failures: &Failures) -> Self {
        let formulas = system.formulas().as_ref();
        let symmetric = system.is_symmetric();
        if failures.zones.iter().all(|p| p.get() == 0.0) {
            return Variables { formulas: formulas.map(Cow::Borrowed), failure: failures.nodes.clone(), symmetric };
        }
        let formulas = formulas.map(|formula| Cow::Owned(failures.with_zones(formula)));
        let failure = failures.nodes.iter().chain(&failures.zones).copied().collect();
        Variables { formulas, failure, symmetric }
    }
}
