//! Everything about one system: its structure, its best strategies and its failures together, and what is worth a note.
//!
//! | question | file |
//! | --- | --- |
//! | all answers at once | `analyze`: what is asked, `options`; what is known, `answers` |
//! | whose strategies is a goal about, and what do clients get? | `per_client` |
//! | one answer in one line | `questions` |
//! | the same answers over a range of probabilities and read fractions | `curves` |
//! | which node matters most, which zones may be lost, how soon a quorum is lost | `reliability` |
//! | how often does a read miss the last write, where quorums need not meet? | `staleness` |
//! | what should a reader of the answers know? | `notes` |

mod analyze;
mod answers;
pub mod curves;
mod note;
pub mod notes;
mod options;
mod per_client;
mod questions;
pub mod reliability;
pub mod staleness;

pub use analyze::analyze;
pub use answers::Analysis;
pub use options::Options;
#[doc(hidden)]
pub use options::PerClient;
#[doc(hidden)]
pub use per_client::ClientStrategies;
