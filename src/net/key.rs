//! The key that all processes of a cluster share.

use std::fmt;

/// A secret of 32 bytes; whoever has it is one of the cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedKey([u8; 32]);

/// A file that holds no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 64 hexadecimal digits, as `openssl rand -hex 32` prints them")]
pub struct NotAKey;

impl SharedKey {
    /// The key in a file: 64 hexadecimal digits, white space around them.
    ///
    /// # Errors
    /// [`NotAKey`] for anything else.
    pub fn read(bytes: &[u8]) -> Result<SharedKey, NotAKey> {
        let digits = bytes.trim_ascii();
        if digits.len() != 64 {
            return Err(NotAKey);
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(NotAKey);
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(SharedKey(key))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Nobody reads it in a log.
impl fmt::Debug for SharedKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SharedKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_or_refused() {
        let text = format!(" {}\n", "0fA1".repeat(16));
        let key = SharedKey::read(text.as_bytes()).unwrap();
        assert_eq!(key.bytes()[..2], [0x0f, 0xa1]);
        assert_eq!(format!("{key:?}"), "SharedKey(..)");
        for wrong in ["", "secret", &"0".repeat(63), &"g".repeat(64), &"0".repeat(66)] {
            assert_eq!(SharedKey::read(wrong.as_bytes()), Err(NotAKey), "{wrong}");
        }
    }
}
