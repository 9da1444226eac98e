//! Which kinds of quorums have sections of their own.

use crate::model::System;
use crate::report::names;

/// The kinds of quorums that a person should read about, and what to call them: one where both are the same.
pub(super) fn kinds(system: &System) -> Vec<(crate::model::Kind, &'static str)> {
    use crate::model::Kind::{Read, Write};
    if names::is_symmetric(system) { vec![(Read, "quorums")] } else { vec![(Read, "reads"), (Write, "writes")] }
}
