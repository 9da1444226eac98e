//! How probable something is, and how probable it is not.

use crate::number::Scaled;

/// A child: probabilities that it counts, and that it does not.
pub(super) type Chance = (Scaled, Scaled);
