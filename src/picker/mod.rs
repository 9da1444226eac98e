//! Choosing quorums at run time: a strategy, loaded or computed, from which an operation draws in nanoseconds.
//!
//! A [`Picker`] holds the quorums of one strategy. It owns no random generator: [`Picker::draw`] turns a random word
//! into a quorum, so the caller's generator, and with it the seed, stays the caller's. Nodes that are known to have
//! failed are avoided: the quorums without them are drawn in the proportions that they had.
//!
//! # Examples
//! What `quorate analyze grid.toml --strategy --format json` wrote is what a client loads:
//! ```
//! use quorate::model::Kind;
//! use quorate::picker::{Picker, Selection};
//! use rand_chacha::ChaCha8Rng;
//! use rand_chacha::rand_core::{Rng, SeedableRng};
//!
//! let exported = r#"{ "schema": "quorate/analysis/1", "systems": [ { "name": "two lines", "optimum": [ {
//!     "objective": "load", "read_fraction": 0.5, "node_load": { "a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5 },
//!     "strategy": {
//!         "reads":  [ { "quorum": ["a", "b"], "probability": 0.5 }, { "quorum": ["c", "d"], "probability": 0.5 } ],
//!         "writes": [ { "quorum": ["a", "c"], "probability": 0.75 }, { "quorum": ["b", "d"], "probability": 0.25 } ]
//!     } } ] } ] }"#;
//! let mut picker = Picker::from_json(exported, &Selection::default())?;
//! let mut random = ChaCha8Rng::seed_from_u64(7);
//!
//! let quorum = picker.draw(Kind::Write, random.next_u64()).expect("no node has failed");
//! let names: Vec<&str> = picker.names(quorum).collect();
//! assert!(names == ["a", "c"] || names == ["b", "d"]);
//!
//! // As long as `a` is down, every write goes to `b` and `d`.
//! let a = picker.node("a").expect("a node of the system");
//! picker.fail(a);
//! let quorum = picker.draw(Kind::Write, random.next_u64()).expect("one is left");
//! assert_eq!(picker.names(quorum).collect::<Vec<_>>(), ["b", "d"]);
//!
//! // With `d` down too, the strategy has no write quorum left, and says so.
//! picker.fail(picker.node("d").expect("a node of the system"));
//! assert_eq!(picker.draw(Kind::Write, random.next_u64()), None);
//! picker.recover(a);
//! assert!(picker.draw(Kind::Write, random.next_u64()).is_some());
//! # Ok::<(), quorate::picker::PickerError>(())
//! ```

mod alias;
mod json;

pub use json::Selection;

mod drawing;
mod error;

pub use drawing::Picker;
pub use error::PickerError;

#[cfg(test)]
mod tests;
