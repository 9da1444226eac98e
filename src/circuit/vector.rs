//! Words of 512 bits, on whatever instructions the processor has.
//!
//! This is the only file with `unsafe` in it. Its instructions of AVX2 may run only on processors that have them, and
//! this is how that is ensured: the type `Avx2` is private, so nobody can name it, and [`dispatch`] alone hands it to a
//! [`Kernel`], after asking the processor. Both types compute the same bits, so an answer never depends on the machine.

#![allow(unsafe_code)]

use std::fmt::Debug;
use std::ops::{BitAnd, BitOr, BitXor, Not};

/// Bits of a word.
pub const LANES: usize = 512;

/// A word of [`LANES`] bits, which is also eight integers of 64 bits; lane 0 is the lowest bit of the first.
pub trait Wide:
    Copy + Debug + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self>
{
    /// All eight integers the same.
    fn splat(word: u64) -> Self;
    /// From its eight integers.
    fn from_words(words: [u64; 8]) -> Self;
    /// Its eight integers.
    fn to_words(self) -> [u64; 8];
    /// Whether no bit is set.
    fn is_zero(self) -> bool;
    /// Eight sums modulo 2^64.
    fn add(self, other: Self) -> Self;
    /// Each integer shifted to the left.
    fn shift_left<const BITS: i32>(self) -> Self;
    /// Each integer shifted to the right.
    fn shift_right<const BITS: i32>(self) -> Self;
}

/// Work that is generic over the kind of word; `run` and all it calls must be `#[inline(always)]`, or the instructions
/// that [`dispatch`] switches on do not reach it.
pub trait Kernel {
    /// What it computes.
    type Output;
    /// Computes it.
    fn run<V: Wide>(self) -> Self::Output;
}

/// Which instructions compute the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// Those that every processor has.
    Portable,
    /// AVX2 where the processor has it, else as [`InstructionSet::Portable`].
    Best,
}

/// Runs a kernel on words of this kind; the result is the same for all of them.
///
/// # Examples
/// ```
/// use quorate::circuit::{InstructionSet, Kernel, Wide, dispatch};
/// struct Ones;
/// impl Kernel for Ones {
///     type Output = u32;
///     #[inline(always)]
///     fn run<V: Wide>(self) -> u32 {
///         (!V::splat(0)).to_words().iter().map(|word| word.count_ones()).sum()
///     }
/// }
/// assert_eq!(dispatch(InstructionSet::Best, Ones), 512);
/// assert_eq!(dispatch(InstructionSet::Portable, Ones), 512);
/// ```
pub fn dispatch<K: Kernel>(instructions: InstructionSet, kernel: K) -> K::Output {
    match instructions {
        InstructionSet::Portable => kernel.run::<Words>(),
        InstructionSet::Best => best(kernel),
    }
}

#[cfg(target_arch = "x86_64")]
fn best<K: Kernel>(kernel: K) -> K::Output {
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") && is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has the features that the function is compiled for.
        return unsafe { x86::with_avx2(kernel) };
    }
    kernel.run::<Words>()
}

#[cfg(not(target_arch = "x86_64"))]
fn best<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Words>()
}

/// Eight integers, on any processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words([u64; 8]);

impl Wide for Words {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        Words([word; 8])
    }

    #[inline(always)]
    fn from_words(words: [u64; 8]) -> Self {
        Words(words)
    }

    #[inline(always)]
    fn to_words(self) -> [u64; 8] {
        self.0
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self.0.iter().fold(0, |any, word| any | word) == 0
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    #[inline(always)]
    fn shift_left<const BITS: i32>(self) -> Self {
        Words(self.0.map(|word| word << BITS))
    }

    #[inline(always)]
    fn shift_right<const BITS: i32>(self) -> Self {
        Words(self.0.map(|word| word >> BITS))
    }
}

impl Words {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Words(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

macro_rules! operator {
    ($type:ty, $trait:ident, $name:ident, |$a:ident, $b:ident| $result:expr) => {
        impl $trait for $type {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $result
            }
        }
    };
}

operator!(Words, BitAnd, bitand, |a, b| a.zip(b, |a, b| a & b));
operator!(Words, BitOr, bitor, |a, b| a.zip(b, |a, b| a | b));
operator!(Words, BitXor, bitxor, |a, b| a.zip(b, |a, b| a ^ b));

impl Not for Words {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Words(self.0.map(|word| !word))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_or_si256, _mm256_set1_epi64x, _mm256_slli_epi64,
        _mm256_srli_epi64, _mm256_testz_si256, _mm256_xor_si256,
    };
    use std::ops::{BitAnd, BitOr, BitXor, Not};

    use super::{Kernel, Wide};

    /// Runs a kernel on words of AVX2.
    ///
    /// # Safety
    /// The processor must have these features.
    #[target_feature(enable = "avx2,popcnt,bmi1")]
    pub(super) unsafe fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Avx2>()
    }

    /// Two registers of AVX2; exists only inside of [`with_avx2`], which makes every `unsafe` below sound.
    #[derive(Debug, Clone, Copy)]
    struct Avx2([__m256i; 2]);

    impl Avx2 {
        #[inline(always)]
        fn zip(self, other: Self, f: impl Fn(__m256i, __m256i) -> __m256i) -> Self {
            Avx2([f(self.0[0], other.0[0]), f(self.0[1], other.0[1])])
        }
    }

    impl Wide for Avx2 {
        #[inline(always)]
        fn splat(word: u64) -> Self {
            // SAFETY: AVX2 is there, see the type.
            let half = unsafe { _mm256_set1_epi64x(word.cast_signed()) };
            Avx2([half; 2])
        }

        #[inline(always)]
        fn from_words(words: [u64; 8]) -> Self {
            // SAFETY: both types are 64 bytes in which every pattern is valid.
            Avx2(unsafe { std::mem::transmute::<[u64; 8], [__m256i; 2]>(words) })
        }

        #[inline(always)]
        fn to_words(self) -> [u64; 8] {
            // SAFETY: both types are 64 bytes in which every pattern is valid.
            unsafe { std::mem::transmute::<[__m256i; 2], [u64; 8]>(self.0) }
        }

        #[inline(always)]
        fn is_zero(self) -> bool {
            let [a, b] = self.0;
            // SAFETY: AVX2 is there, see the type.
            unsafe {
                let any = _mm256_or_si256(a, b);
                _mm256_testz_si256(any, any) == 1
            }
        }

        #[inline(always)]
        fn add(self, other: Self) -> Self {
            // SAFETY: AVX2 is there, see the type.
            self.zip(other, |a, b| unsafe { _mm256_add_epi64(a, b) })
        }

        #[inline(always)]
        fn shift_left<const BITS: i32>(self) -> Self {
            // SAFETY: AVX2 is there, see the type.
            Avx2(self.0.map(|half| unsafe { _mm256_slli_epi64::<BITS>(half) }))
        }

        #[inline(always)]
        fn shift_right<const BITS: i32>(self) -> Self {
            // SAFETY: AVX2 is there, see the type.
            Avx2(self.0.map(|half| unsafe { _mm256_srli_epi64::<BITS>(half) }))
        }
    }

    // SAFETY: AVX2 is there, see the type; the same for the two below.
    operator!(Avx2, BitAnd, bitand, |a, b| a.zip(b, |a, b| unsafe { _mm256_and_si256(a, b) }));
    // SAFETY: as above.
    operator!(Avx2, BitOr, bitor, |a, b| a.zip(b, |a, b| unsafe { _mm256_or_si256(a, b) }));
    // SAFETY: as above.
    operator!(Avx2, BitXor, bitxor, |a, b| a.zip(b, |a, b| unsafe { _mm256_xor_si256(a, b) }));

    impl Not for Avx2 {
        type Output = Self;

        #[inline(always)]
        fn not(self) -> Self {
            self ^ Self::splat(!0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation on fixed words.
    struct Operations;

    impl Kernel for Operations {
        type Output = Vec<[u64; 8]>;

        #[inline(always)]
        fn run<V: Wide>(self) -> Vec<[u64; 8]> {
            let word = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (i << 57);
            let a = V::from_words(std::array::from_fn(|i| word(i as u64 + 1)));
            let b = V::from_words(std::array::from_fn(|i| word(i as u64 + 100)));
            let zeros = V::splat(0);
            let tests = V::splat(u64::from(zeros.is_zero()) + 2 * u64::from(a.is_zero()));
            [a & b, a | b, a ^ b, !a, a.add(b), a.shift_left::<17>(), a.shift_right::<41>(), tests, V::splat(7)]
                .map(V::to_words)
                .to_vec()
        }
    }

    #[test]
    fn both_instruction_sets_compute_the_same_bits() {
        let portable = dispatch(InstructionSet::Portable, Operations);
        assert_eq!(dispatch(InstructionSet::Best, Operations), portable);
        assert_eq!(portable[7], [1; 8]);
        assert_eq!(portable[5][0], portable[5][0] >> 17 << 17);
    }

    #[test]
    fn a_bit_is_zero_only_when_all_are() {
        struct Single(usize);
        impl Kernel for Single {
            type Output = bool;
            #[inline(always)]
            fn run<V: Wide>(self) -> bool {
                let mut words = [0u64; 8];
                words[self.0 / 64] = 1 << (self.0 % 64);
                V::from_words(words).is_zero()
            }
        }
        for lane in 0..LANES {
            assert!(!dispatch(InstructionSet::Best, Single(lane)) && !dispatch(InstructionSet::Portable, Single(lane)));
        }
    }
}
