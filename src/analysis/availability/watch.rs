//! Somebody who looks on while a sample grows, and may end it.

use std::fmt;
use std::sync::Arc;

/// How far a sample is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Trials so far.
    pub trials: u64,
    /// Trials at most.
    pub trials_max: u64,
    /// Failures so far.
    pub failures: u64,
    /// Failures that are waited for, if any.
    pub failures_wanted: Option<u64>,
    /// The interval so far, of the share of failures; it holds at every look together.
    pub interval: (f64, f64),
}

/// Who may look on; nobody by default.
///
/// What a watcher sees never changes an answer, unless it ends a sample early: then the answer says so.
#[derive(Clone, Default)]
pub struct Watch(Option<Arc<Look>>);

type Look = dyn Fn(&Progress) -> bool + Send + Sync;

impl Watch {
    /// Nobody looks.
    pub const NOBODY: Watch = Watch(None);

    /// Calls `look` now and then; a sample ends after a look that returns `false`.
    pub fn new(look: impl Fn(&Progress) -> bool + Send + Sync + 'static) -> Self {
        Watch(Some(Arc::new(look)))
    }

    pub(super) fn goes_on(&self, progress: impl FnOnce() -> Progress) -> bool {
        self.0.as_ref().is_none_or(|look| look(&progress()))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Watch(somebody)" } else { "Watch(nobody)" })
    }
}

/// The same watcher, or none.
impl PartialEq for Watch {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}
