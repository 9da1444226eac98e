//! The decomposable formulas of both kinds.

use std::borrow::Cow;

use crate::model::{Formula, Pair};

/// Formulas of both kinds; a kind that the workload does not have is absent.
pub(crate) type Formulas<'a> = Pair<Option<&'a Formula>>;

/// The same where some may have been made for this program.
pub(crate) type OwnFormulas<'a> = Pair<Option<Cow<'a, Formula>>>;
