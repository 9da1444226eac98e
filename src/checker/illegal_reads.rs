//! Which reads, each taken alone, are not allowed: found once, and asked for several times.

use super::regular::{Legality, Reading};
use crate::budget::{Exhausted, Meter};

/// The reads that may return no write of their value, as far as the meter allowed to look.
#[derive(Debug)]
pub(super) struct IllegalReads {
    found: Vec<(usize, Reading)>,
    stopped: Option<Exhausted>,
}

impl IllegalReads {
    /// Looks at every read.
    pub(super) fn new(legality: &Legality<'_, '_>, meter: &mut Meter) -> Self {
        let mut found = Vec::new();
        for (read, _, value) in legality.ops().reads() {
            match legality.of(read, value, meter) {
                Ok(Reading::Legal(_)) => {}
                Ok(verdict) => found.push((read, verdict)),
                Err(exhausted) => return IllegalReads { found, stopped: Some(exhausted) },
            }
        }
        IllegalReads { found, stopped: None }
    }

    /// The first of those that are asked for, and what is wrong with it.
    ///
    /// # Errors
    /// [`Exhausted`] when there is none, but not all reads were looked at.
    pub(super) fn first(&self, is_asked: impl Fn(usize) -> bool) -> Result<Option<(usize, Reading)>, Exhausted> {
        match (self.found.iter().find(|(read, _)| is_asked(*read)), self.stopped) {
            (Some(first), _) => Ok(Some(*first)),
            (None, Some(exhausted)) => Err(exhausted),
            (None, None) => Ok(None),
        }
    }

    /// All of them, by position.
    ///
    /// # Errors
    /// [`Exhausted`] when not all reads were looked at.
    pub(super) fn all(&self) -> Result<&[(usize, Reading)], Exhausted> {
        self.stopped.map_or(Ok(&self.found), Err)
    }
}
