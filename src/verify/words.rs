//! Random words for what is drawn here: SplitMix64, entered anywhere by number, as in the simulator.

use crate::protocol::next_word;

/// A stream of random words.
#[derive(Debug, Clone)]
pub(super) struct Words {
    state: u64,
}

impl Words {
    /// The stream of a purpose and a number; other ones share nothing with it.
    pub(super) fn new(seed: u64, purpose: &str, number: u64) -> Self {
        let named = purpose.bytes().fold(seed, |state, byte| next_word(state ^ u64::from(byte)));
        Words { state: next_word(named ^ next_word(number)) }
    }

    pub(super) fn word(&mut self) -> u64 {
        self.state = next_word(self.state);
        self.state
    }

    /// A number in (0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        ((self.word() >> 11) as f64 + 0.5) * 2f64.powi(-53)
    }

    /// A whole number below a bound.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.word()) * bound as u128) >> 64) as usize
    }

    /// True with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
}
