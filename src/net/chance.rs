//! Words that nobody else draws: numbers of disks, of clients, and for the inputs of machines.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::protocol::next_word;

/// A word that differs from process to process, from the generator that seeds the maps of the standard library.
pub(super) fn random_word() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Words for the inputs of a machine.
#[derive(Debug)]
pub(super) struct Draws(u64);

impl Draws {
    /// Those of a seed.
    pub(super) fn of(seed: u64) -> Self {
        Draws(seed)
    }

    /// The next one.
    pub(super) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(1);
        next_word(self.0)
    }
}
