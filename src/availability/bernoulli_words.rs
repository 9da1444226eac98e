//! Random bits of a given probability, 512 at a time.

use crate::circuit::{Bits, Half, Wide};
use crate::model::Probability;

/// Eight generators xoshiro256++ side by side: one word of 512 random bits for each step.
///
/// Each sequence number of a seed has a stream of its own: the 32 integers of the state come from SplitMix64, started
/// at a hash of both.
///
/// # Source
/// Blackman and Vigna, Scrambled linear pseudorandom number generators, 2021; Steele, Lea and Flood, Fast splittable
/// pseudorandom number generators, 2014.
#[derive(Debug, Clone)]
pub struct Draws<V: Wide> {
    /// Four generators in each half.
    halves: [Generators<V::Half>; 2],
}

impl<V: Wide> Draws<V> {
    /// The stream with this number.
    #[inline(always)]
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut counter = mix(seed) ^ mix(stream.wrapping_add(1).wrapping_mul(0xd1b5_4a32_d192_ed03));
        let mut state = [[0u64; 8]; 4];
        for word in state.as_flattened_mut() {
            counter = counter.wrapping_add(GOLDEN);
            *word = mix(counter);
        }
        Self::with(state.map(V::from_words))
    }

    #[inline(always)]
    fn with(state: [V; 4]) -> Self {
        Draws { halves: [0, 1].map(|half| Generators { state: state.map(|word| word.halves()[half]) }) }
    }

    /// 512 random bits.
    #[inline(always)]
    pub fn word(&mut self) -> V {
        let [low, high] = &mut self.halves;
        V::from_halves([low.next(), high.next()])
    }

    /// 512 bits, each set with this probability, independently.
    ///
    /// A uniform number in binary is compared with the probability digit by digit, from the first, until every lane is
    /// decided: about 10 words for 512 lanes, and exact to 2^-64.
    #[inline(always)]
    pub fn bernoulli(&mut self, p: Digits) -> V {
        if p.certain {
            return V::splat(!0);
        }
        let mut halves = [Comparison::new(), Comparison::new()];
        let mut digits = p.digits;
        if digits << WORDS_UNCHECKED != 0 {
            // A lane is nearly always left before that: without looking, this is one straight line for each half.
            for (generators, comparison) in self.halves.iter_mut().zip(&mut halves) {
                for digit in 0..WORDS_UNCHECKED {
                    comparison.digit(digits << digit, generators.next());
                }
            }
            digits <<= WORDS_UNCHECKED;
        }
        while digits != 0 && !(halves[0].undecided | halves[1].undecided).is_zero() {
            for (generators, comparison) in self.halves.iter_mut().zip(&mut halves) {
                comparison.digit(digits, generators.next());
            }
            digits <<= 1;
        }
        V::from_halves(halves.map(|comparison| comparison.less))
    }
}

/// As many generators xoshiro256++ as half a word has integers.
#[derive(Debug, Clone)]
struct Generators<H> {
    state: [H; 4],
}

impl<H: Half> Generators<H> {
    #[inline(always)]
    fn next(&mut self) -> H {
        let [s0, s1, s2, s3] = self.state;
        let sum = s0.add(s3);
        let result = (sum.shift_left::<23>() | sum.shift_right::<41>()).add(s0);
        let (s2, s3) = (s2 ^ s0, s3 ^ s1);
        self.state = [s0 ^ s3, s1 ^ s2, s2 ^ s1.shift_left::<17>(), s3.shift_left::<45>() | s3.shift_right::<19>()];
        result
    }
}

/// Uniform numbers, one in each lane, on their way to be less than a probability or not.
struct Comparison<H> {
    /// Lanes whose number is less.
    less: H,
    /// Lanes whose number agrees in all digits so far.
    undecided: H,
}

impl<H: Half> Comparison<H> {
    #[inline(always)]
    fn new() -> Self {
        Comparison { less: H::splat(0), undecided: H::splat(!0) }
    }

    /// Compares the next digit of the numbers with the highest of `digits`.
    #[inline(always)]
    fn digit(&mut self, digits: u64, word: H) {
        if digits >> 63 == 1 {
            self.less = self.less | self.undecided.and_not(word);
            self.undecided = self.undecided & word;
        } else {
            self.undecided = self.undecided.and_not(word);
        }
    }
}

/// Words that 512 lanes need nearly always.
const WORDS_UNCHECKED: u32 = 7;

/// Step of SplitMix64: 2^64 divided by the golden ratio, made odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash of SplitMix64.
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A probability as its first 64 binary digits.
///
/// Exact for p >= 2^-11, because an `f64` has 53 digits; below, too small by less than 2^-64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    digits: u64,
    certain: bool,
}

impl From<Probability> for Digits {
    fn from(p: Probability) -> Self {
        Digits { digits: (p.get() * 2f64.powi(64)) as u64, certain: p.get() >= 1.0 }
    }
}

/// Single random numbers, from the same generator.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    draws: Draws<crate::circuit::Words>,
    words: [u64; 8],
    used: usize,
}

impl Numbers {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Numbers { draws: Draws::new(seed, stream), words: [0; 8], used: 8 }
    }

    pub(super) fn next(&mut self) -> u64 {
        if self.used == self.words.len() {
            (self.words, self.used) = (self.draws.word().to_words(), 0);
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * 2f64.powi(-53)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::{InstructionSet, Kernel, Words, dispatch};

    /// Words of one probability, or of the generator itself.
    #[derive(Clone, Copy)]
    struct Draw(Option<f64>, usize);

    impl Kernel for Draw {
        type Output = Vec<[u64; 8]>;

        #[inline(always)]
        fn run<V: Wide>(self) -> Vec<[u64; 8]> {
            let mut draws = Draws::<V>::new(7, 3);
            let mut words = Vec::new();
            for _ in 0..self.1 {
                let word = match self.0 {
                    Some(p) => draws.bernoulli(Probability::new(p).unwrap().into()),
                    None => draws.word(),
                };
                words.push(word.to_words());
            }
            words
        }
    }

    #[test]
    fn both_instruction_sets_draw_the_same_bits() {
        for p in [None, Some(0.3), Some(1e-9), Some(0.5), Some(1.0 / 3.0)] {
            let draw = Draw(p, 200);
            assert_eq!(dispatch(InstructionSet::Best, draw), dispatch(InstructionSet::Portable, draw));
        }
    }

    #[test]
    fn one_of_the_eight_is_the_published_generator() {
        // The state after (1, 2, 3, 4) and the first results, computed by hand from the definition of xoshiro256++.
        let mut draws = Draws::with([1, 2, 3, 4].map(Words::splat));
        let first: Vec<u64> = (0..3).map(|_| draws.word().to_words()[5]).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223]);
    }

    #[test]
    fn bits_have_their_probability_in_every_lane() {
        for p in [0.0, 1.0, 0.5, 0.25, 0.3, 0.001, 0.999, 1.0 / 3.0] {
            let words = 4_000;
            let drawn = dispatch(InstructionSet::Best, Draw(Some(p), words));
            // A few more are allowed for counts so small that they are not normal.
            let within = |set: f64, trials: f64, sigmas: f64| {
                (set - p * trials).abs()
                    <= sigmas * (p * (1.0 - p) * trials).sqrt() + if p % 1.0 == 0.0 { 0.0 } else { 6.0 }
            };
            let set: u32 = drawn.iter().flatten().map(|word| word.count_ones()).sum();
            assert!(within(f64::from(set), words as f64 * 512.0, 4.0), "{p}: {set}");
            for lane in 0..512usize {
                let set = drawn.iter().filter(|words| words[lane / 64] >> (lane % 64) & 1 == 1).count();
                assert!(within(set as f64, words as f64, 5.0), "{p}: lane {lane} {set}");
            }
        }
    }

    #[test]
    fn neighbouring_lanes_words_and_streams_are_independent() {
        let drawn = dispatch(InstructionSet::Best, Draw(Some(0.3), 4_000));
        let pairs = |both: &mut dyn FnMut(usize) -> u32| (0..3_999).map(both).sum::<u32>();
        let together = [
            pairs(&mut |i| drawn[i].iter().zip(&drawn[i + 1]).map(|(a, b)| (a & b).count_ones()).sum()),
            pairs(&mut |i| (0..7).map(|word| (drawn[i][word] & drawn[i][word + 1]).count_ones()).sum()),
            pairs(&mut |i| drawn[i].iter().map(|word| (word & word.rotate_right(1)).count_ones()).sum()),
        ];
        for (both, lanes) in together.into_iter().zip([512.0, 448.0, 512.0]) {
            let trials = 3_999.0 * lanes;
            assert!((f64::from(both) - 0.09 * trials).abs() < 5.0 * (0.09f64 * 1.1 * trials).sqrt(), "{both}");
        }
        let mut streams: Vec<[u64; 8]> =
            (0..1_000).map(|i| Draws::<Words>::new(i / 50, i % 50).word().to_words()).collect();
        streams.sort_unstable();
        streams.dedup();
        assert_eq!(streams.len(), 1_000);
    }
}
