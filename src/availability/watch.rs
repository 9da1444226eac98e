//! Somebody who looks on while a sample grows, and may end it.

use std::fmt;
use std::sync::Arc;

use crate::budget::is_stopped;

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

/// How far all answers about a system are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// What is being found now.
    pub name: &'static str,
    /// The share of the questions that are answered, in [0, 1].
    pub share: f64,
}

/// Who may look on; nobody by default.
///
/// What a watcher sees never changes an answer, unless it ends a sample early: then the answer says so.
#[derive(Clone, Default)]
pub struct Watch {
    sample: Option<Arc<Look>>,
    stages: Option<Arc<Told>>,
}

type Look = dyn Fn(&Progress) -> bool + Send + Sync;
type Told = dyn Fn(Stage) + Send + Sync;

impl Watch {
    /// Nobody looks.
    pub const NOBODY: Watch = Watch { sample: None, stages: None };

    /// Calls `look` now and then; a sample ends after a look that returns `false`.
    pub fn new(look: impl Fn(&Progress) -> bool + Send + Sync + 'static) -> Self {
        Watch { sample: Some(Arc::new(look)), stages: None }
    }

    /// The same, who is also told what is being found.
    #[must_use]
    pub fn with_stages(&self, told: impl Fn(Stage) + Send + Sync + 'static) -> Self {
        Watch { sample: self.sample.clone(), stages: Some(Arc::new(told)) }
    }

    /// Tells what is being found now, and which share of all is behind.
    pub(crate) fn begins(&self, name: &'static str, share: f64) {
        if let Some(told) = &self.stages {
            told(Stage { name, share });
        }
    }

    pub(super) fn goes_on(&self, progress: impl FnOnce() -> Progress) -> bool {
        // What is sampled because its exact answer was stopped would begin all over.
        !is_stopped() && self.sample.as_ref().is_none_or(|look| look(&progress()))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.sample.is_some() || self.stages.is_some() { "Watch(somebody)" } else { "Watch(nobody)" })
    }
}

/// The same watcher, or none.
impl PartialEq for Watch {
    fn eq(&self, other: &Self) -> bool {
        fn same<T: ?Sized>(a: Option<&Arc<T>>, b: Option<&Arc<T>>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                (None, None) => true,
                _ => false,
            }
        }
        same(self.sample.as_ref(), other.sample.as_ref()) && same(self.stages.as_ref(), other.stages.as_ref())
    }
}
