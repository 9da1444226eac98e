//! Columns of whole numbers, as small as a page can carry them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Whole numbers one after another, seven bits a byte, the lowest first; a byte with its highest bit set goes on.
#[derive(Debug, Default)]
pub(super) struct Column {
    bytes: Vec<u8>,
}

impl Column {
    /// Adds a number.
    pub(super) fn push(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// Adds a number that may be negative: 0, -1, 1, -2 become 0, 1, 2, 3.
    pub(super) fn push_signed(&mut self, number: i64) {
        self.push(folded(number));
    }

    /// As text of 64 letters.
    pub(super) fn text(&self) -> String {
        STANDARD.encode(&self.bytes)
    }
}

/// 0, -1, 1, -2 as 0, 1, 2, 3.
pub(super) fn folded(number: i64) -> u64 {
    (number.wrapping_shl(1) ^ (number >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the page reads them.
    fn numbers(text: &str) -> Vec<u64> {
        let (mut numbers, mut number, mut shift) = (Vec::new(), 0, 0);
        for byte in STANDARD.decode(text).unwrap() {
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                numbers.push(number);
                (number, shift) = (0, 0);
            }
        }
        numbers
    }

    #[test]
    fn numbers_come_back() {
        let all = [0, 1, 127, 128, 300, 1 << 40, u64::MAX];
        let mut column = Column::default();
        all.iter().for_each(|number| column.push(*number));
        assert_eq!(numbers(&column.text()), all);
        let mut signed = Column::default();
        [0, -1, 1, -2, i64::MIN, i64::MAX].iter().for_each(|number| signed.push_signed(*number));
        assert_eq!(numbers(&signed.text()), [0, 1, 2, 3, u64::MAX, u64::MAX - 1]);
    }
}
