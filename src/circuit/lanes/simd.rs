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

/// What can be done with the bits of a word, and with those of half a word, which are also integers of 64 bits.
pub trait Bits:
    Copy + Debug + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Not<Output = Self>
{
    /// All integers the same.
    fn splat(word: u64) -> Self;
    /// Whether no bit is set.
    fn is_zero(self) -> bool;
    /// The bits that are set here and not in the other.
    fn and_not(self, other: Self) -> Self;
    /// Sums modulo 2^64.
    fn add(self, other: Self) -> Self;
    /// Each integer shifted to the left.
    fn shift_left<const BITS: i32>(self) -> Self;
    /// Each integer shifted to the right.
    fn shift_right<const BITS: i32>(self) -> Self;
}

/// Half a word: what one register holds.
pub trait Half: Bits {
    /// From its four integers.
    fn from_words(words: [u64; 4]) -> Self;
    /// Its four integers.
    fn to_words(self) -> [u64; 4];
}

/// A word of [`LANES`] bits, which is also eight integers of 64 bits; lane 0 is the lowest bit of the first.
///
/// Work on many variables at once goes through one half after the other: that of both needs more registers than there
/// are.
pub trait Wide: Bits {
    /// What it consists of.
    type Half: Half;
    /// From its halves.
    fn from_halves(halves: [Self::Half; 2]) -> Self;
    /// Its halves.
    fn halves(self) -> [Self::Half; 2];

    /// From its eight integers.
    #[inline(always)]
    fn from_words(words: [u64; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = words;
        Self::from_halves([Half::from_words([a, b, c, d]), Half::from_words([e, f, g, h])])
    }

    /// Its eight integers.
    #[inline(always)]
    fn to_words(self) -> [u64; 8] {
        let [[a, b, c, d], [e, f, g, h]] = self.halves().map(Half::to_words);
        [a, b, c, d, e, f, g, h]
    }
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
pub type Words = SimdHalves<Integers>;

/// Two halves, each operation on both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimdHalves<H>([H; 2]);

/// Four integers, on any processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integers([u64; 4]);

macro_rules! operator {
    ([$($generic:tt)*] $type:ty, $trait:ident, $name:ident, |$a:ident, $b:ident| $result:expr) => {
        impl<$($generic)*> $trait for $type {
            type Output = Self;

            #[inline(always)]
            fn $name(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $result
            }
        }
    };
}

impl<H: Half> SimdHalves<H> {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(H, H) -> H) -> Self {
        SimdHalves([f(self.0[0], other.0[0]), f(self.0[1], other.0[1])])
    }
}

operator!([H: Half] SimdHalves<H>, BitAnd, bitand, |a, b| a.zip(b, |a, b| a & b));
operator!([H: Half] SimdHalves<H>, BitOr, bitor, |a, b| a.zip(b, |a, b| a | b));
operator!([H: Half] SimdHalves<H>, BitXor, bitxor, |a, b| a.zip(b, |a, b| a ^ b));

impl<H: Half> Not for SimdHalves<H> {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        SimdHalves(self.0.map(H::not))
    }
}

impl<H: Half> Bits for SimdHalves<H> {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        SimdHalves([H::splat(word); 2])
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        (self.0[0] | self.0[1]).is_zero()
    }

    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        self.zip(other, H::and_not)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, H::add)
    }

    #[inline(always)]
    fn shift_left<const BITS: i32>(self) -> Self {
        SimdHalves(self.0.map(H::shift_left::<BITS>))
    }

    #[inline(always)]
    fn shift_right<const BITS: i32>(self) -> Self {
        SimdHalves(self.0.map(H::shift_right::<BITS>))
    }
}

impl<H: Half> Wide for SimdHalves<H> {
    type Half = H;

    #[inline(always)]
    fn from_halves(halves: [H; 2]) -> Self {
        SimdHalves(halves)
    }

    #[inline(always)]
    fn halves(self) -> [H; 2] {
        self.0
    }
}

impl Integers {
    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Integers(std::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}

operator!([] Integers, BitAnd, bitand, |a, b| a.zip(b, |a, b| a & b));
operator!([] Integers, BitOr, bitor, |a, b| a.zip(b, |a, b| a | b));
operator!([] Integers, BitXor, bitxor, |a, b| a.zip(b, |a, b| a ^ b));

impl Not for Integers {
    type Output = Self;

    #[inline(always)]
    fn not(self) -> Self {
        Integers(self.0.map(|word| !word))
    }
}

impl Bits for Integers {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        Integers([word; 4])
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self.0.iter().fold(0, |any, word| any | word) == 0
    }

    #[inline(always)]
    fn and_not(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    #[inline(always)]
    fn shift_left<const BITS: i32>(self) -> Self {
        Integers(self.0.map(|word| word << BITS))
    }

    #[inline(always)]
    fn shift_right<const BITS: i32>(self) -> Self {
        Integers(self.0.map(|word| word >> BITS))
    }
}

impl Half for Integers {
    #[inline(always)]
    fn from_words(words: [u64; 4]) -> Self {
        Integers(words)
    }

    #[inline(always)]
    fn to_words(self) -> [u64; 4] {
        self.0
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_andnot_si256, _mm256_or_si256, _mm256_set1_epi64x,
        _mm256_slli_epi64, _mm256_srli_epi64, _mm256_testz_si256, _mm256_xor_si256,
    };
    use std::ops::{BitAnd, BitOr, BitXor, Not};

    use crate::circuit::{Bits, Half, Kernel, SimdHalves};

    /// Runs a kernel on words of AVX2.
    ///
    /// # Safety
    /// The processor must have these features.
    #[target_feature(enable = "avx2,popcnt,bmi1")]
    pub(crate) unsafe fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<SimdHalves<Register>>()
    }

    /// A register of AVX2; exists only inside of [`with_avx2`], which makes every `unsafe` below sound.
    #[derive(Debug, Clone, Copy)]
    struct Register(__m256i);

    // SAFETY: AVX2 is there, see the type; the same for the two below.
    operator!([] Register, BitAnd, bitand, |a, b| Register(unsafe { _mm256_and_si256(a.0, b.0) }));
    // SAFETY: as above.
    operator!([] Register, BitOr, bitor, |a, b| Register(unsafe { _mm256_or_si256(a.0, b.0) }));
    // SAFETY: as above.
    operator!([] Register, BitXor, bitxor, |a, b| Register(unsafe { _mm256_xor_si256(a.0, b.0) }));

    impl Not for Register {
        type Output = Self;

        #[inline(always)]
        fn not(self) -> Self {
            self ^ Self::splat(!0)
        }
    }

    impl Bits for Register {
        #[inline(always)]
        fn splat(word: u64) -> Self {
            // SAFETY: AVX2 is there, see the type.
            Register(unsafe { _mm256_set1_epi64x(word.cast_signed()) })
        }

        #[inline(always)]
        fn is_zero(self) -> bool {
            // SAFETY: AVX2 is there, see the type.
            unsafe { _mm256_testz_si256(self.0, self.0) == 1 }
        }

        #[inline(always)]
        fn and_not(self, other: Self) -> Self {
            // SAFETY: AVX2 is there, see the type.
            Register(unsafe { _mm256_andnot_si256(other.0, self.0) })
        }

        #[inline(always)]
        fn add(self, other: Self) -> Self {
            // SAFETY: AVX2 is there, see the type.
            Register(unsafe { _mm256_add_epi64(self.0, other.0) })
        }

        #[inline(always)]
        fn shift_left<const BITS: i32>(self) -> Self {
            // SAFETY: AVX2 is there, see the type.
            Register(unsafe { _mm256_slli_epi64::<BITS>(self.0) })
        }

        #[inline(always)]
        fn shift_right<const BITS: i32>(self) -> Self {
            // SAFETY: AVX2 is there, see the type.
            Register(unsafe { _mm256_srli_epi64::<BITS>(self.0) })
        }
    }

    impl Half for Register {
        #[inline(always)]
        fn from_words(words: [u64; 4]) -> Self {
            // SAFETY: both types are 32 bytes in which every pattern is valid.
            Register(unsafe { std::mem::transmute::<[u64; 4], __m256i>(words) })
        }

        #[inline(always)]
        fn to_words(self) -> [u64; 4] {
            // SAFETY: both types are 32 bytes in which every pattern is valid.
            unsafe { std::mem::transmute::<__m256i, [u64; 4]>(self.0) }
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
            [
                a & b,
                a | b,
                a ^ b,
                !a,
                a.add(b),
                a.and_not(b),
                a.shift_left::<17>(),
                a.shift_right::<41>(),
                tests,
                V::splat(7),
            ]
            .map(V::to_words)
            .to_vec()
        }
    }

    #[test]
    fn both_instruction_sets_compute_the_same_bits() {
        let portable = dispatch(InstructionSet::Portable, Operations);
        assert_eq!(dispatch(InstructionSet::Best, Operations), portable);
        assert_eq!(portable[8], [1; 8]);
        assert_eq!(portable[6][0], portable[6][0] >> 17 << 17);
        // What b has of a and what it has not are all of a.
        assert_eq!(portable[0][7] ^ portable[5][7], !portable[3][7]);
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
