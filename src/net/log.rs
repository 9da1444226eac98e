//! What a replica says about itself: one event at a time, with fields.

use std::fmt;
use std::sync::Arc;

/// Hears of events: what happened, and its fields by name.
type Hears = dyn Fn(&str, &[(&str, String)]) + Send + Sync;

/// Where events go.
#[derive(Clone)]
pub struct Log(Arc<Hears>);

impl Log {
    /// A log that somebody hears.
    pub fn new(hears: impl Fn(&str, &[(&str, String)]) + Send + Sync + 'static) -> Self {
        Log(Arc::new(hears))
    }

    /// A log that nobody hears.
    pub fn none() -> Self {
        Log::new(|_, _| {})
    }

    pub(super) fn say(&self, event: &str, fields: &[(&str, String)]) {
        (self.0)(event, fields);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Log")
    }
}
