//! The one generator: SplitMix64, entered anywhere by number.

use crate::protocol::next_word;

/// What a random number is for; each purpose has numbers of its own, so that one more of a kind changes no other kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// What happens to the messages of a process.
    Message = 1,
    /// Which operations a client does.
    Operation = 2,
    /// Words in the inputs of a machine.
    Input = 3,
    /// Faults that are drawn.
    Fault = 4,
    /// Faults under which a register is verified.
    Storm = 5,
    /// Which nodes are down.
    Down = 6,
    /// Nodes taken from all.
    Sample = 7,
    /// Delays of a write and a read.
    Delay = 8,
    /// Coins that processes toss.
    Coin = 9,
    /// The order in which things happen.
    Order = 10,
}

/// SplitMix64 from a state that says what the numbers are for.
///
/// The n-th message of a process has the same fate whatever other processes do; that keeps an execution recognisable
/// when something is taken out of it.
///
/// # Source
/// Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// The numbers of `owner` for one purpose, from the `number`-th occasion on.
    pub(crate) fn new(seed: u64, purpose: Purpose, owner: u32, number: u64) -> Self {
        let stream = next_word(seed ^ next_word((purpose as u64) << 32 | u64::from(owner)));
        Random { state: next_word(stream ^ next_word(number)) }
    }

    /// A word.
    pub(crate) fn word(&mut self) -> u64 {
        let word = next_word(self.state);
        self.state = self.state.wrapping_add(GOLDEN);
        word
    }

    /// A number strictly between 0 and 1.
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.word() >> 11) as f64 + 0.5) * 2f64.powi(-53)
    }

    /// A number below `bound`, or 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(bound)) >> 64) as u64
    }

    /// True with probability p; takes no word where it is clear.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        p > 0.0 && (p >= 1.0 || self.unit() < p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published first outputs of SplitMix64 for the seed 1234567.
    #[test]
    fn the_words_are_those_of_split_mix() {
        let mut random = Random { state: 1_234_567 };
        let words: Vec<u64> = (0..3).map(|_| random.word()).collect();
        assert_eq!(words, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn purposes_owners_and_numbers_have_words_of_their_own() {
        let mut seen = std::collections::BTreeSet::new();
        for purpose in [Purpose::Message, Purpose::Operation, Purpose::Input, Purpose::Fault, Purpose::Storm] {
            for (owner, number) in (0..20).flat_map(|owner| (0..20).map(move |number| (owner, number))) {
                assert!(seen.insert(Random::new(7, purpose, owner, number).word()));
            }
        }
    }
}
