//! One number for everything that happened.

use std::hash::{Hash, Hasher};

/// FNV-1a with 128 bits over words of 64 bits: equal on every machine.
///
/// Everything that a machine is given is put in: when, who, what. Machines do the same for the same inputs, so two runs
/// with one hash are, but for a chance of about 2^-128, the same run.
///
/// # Source
/// Fowler, Noll and Vo, The FNV non-cryptographic hash algorithm, for offset basis and prime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trace {
    state: u128,
}

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

impl Trace {
    pub(super) fn new() -> Self {
        Trace { state: OFFSET }
    }

    /// Puts anything in.
    pub(super) fn put(&mut self, what: &impl Hash) {
        what.hash(self);
    }

    /// The hash so far.
    pub(super) fn value(self) -> u128 {
        self.state
    }
}

/// Every integer is one word, whatever its size, so that neither byte order nor the size of a pointer matters.
impl Hasher for Trace {
    fn finish(&self) -> u64 {
        self.state as u64
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        self.state = (self.state ^ u128::from(word)).wrapping_mul(PRIME);
    }

    fn write_u8(&mut self, word: u8) {
        self.write_u64(u64::from(word));
    }

    fn write_u16(&mut self, word: u16) {
        self.write_u64(u64::from(word));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.write_u64(word as u64);
    }
}
