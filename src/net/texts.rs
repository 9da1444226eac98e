//! Keys and values of any text, for machines that know numbers only.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use crate::protocol::Key;

/// Bytes of a key.
pub const KEY_BYTES_MAX: usize = 256;

/// Bytes of a value.
pub const VALUE_BYTES_MAX: usize = 64 * 1024;

/// Keys from here on stand for texts; those below are the numbers that they are.
const TEXT_KEYS: u32 = 1 << 31;

/// Values from here on stand for texts; those below are the numbers that they are.
const TEXT_VALUES: u64 = 1 << 63;

/// Whole numbers below this stand for themselves.
const NUMBERS: u64 = 1 << 62;

/// Where the words of keys stand among those of values.
const KEY_WORDS: u64 = 1 << 62;

/// Why a text cannot be a key or a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing at all.
    #[error("an empty key")]
    EmptyKey,
    /// Longer than the limit.
    #[error("a {what} of {bytes} bytes: the limit is {most}")]
    TooLong {
        /// Key or value.
        what: &'static str,
        /// How long.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// Two texts that machines cannot tell apart.
    #[error("{0:?} and {1:?} have the same number, so that machines could not tell them apart: take another text")]
    Clash(String, String),
    /// A word whose text is not there, or another one.
    #[error("a text is missing or is not the one that it should be")]
    Missing,
}

/// A word that machines know, with the text that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) word: u64,
    pub(super) bytes: Arc<[u8]>,
}

/// The register of a name: a whole number below 2^31 is itself, anything else a hash.
///
/// # Errors
/// [`TextError`] for a name that is empty or too long.
pub(super) fn key(name: &str) -> Result<(Key, Option<Text>), TextError> {
    if name.is_empty() {
        return Err(TextError::EmptyKey);
    }
    short_enough("key", name, KEY_BYTES_MAX)?;
    if let Some(number) = whole(name).and_then(|number| u32::try_from(number).ok()).filter(|key| *key < TEXT_KEYS) {
        return Ok((Key(number), None));
    }
    let word = word_of_key(name.as_bytes());
    Ok((Key(word as u32), Some(Text { word, bytes: name.as_bytes().into() })))
}

/// The number of a value: a whole number below 2^62 is itself, anything else a hash.
///
/// # Errors
/// [`TextError`] for a value that is too long.
pub(super) fn value(text: &str) -> Result<(u64, Option<Text>), TextError> {
    short_enough("value", text, VALUE_BYTES_MAX)?;
    if let Some(number) = whole(text) {
        return Ok((number, None));
    }
    let word = word_of_value(text.as_bytes());
    Ok((word, Some(Text { word, bytes: text.as_bytes().into() })))
}

fn short_enough(what: &'static str, text: &str, most: usize) -> Result<(), TextError> {
    let bytes = text.len();
    if bytes > most { Err(TextError::TooLong { what, bytes, most }) } else { Ok(()) }
}

/// A number that is written as numbers are, so that the text comes back as it was.
fn whole(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| *number < NUMBERS && number.to_string() == text)
}

fn word_of_key(name: &[u8]) -> u64 {
    KEY_WORDS | u64::from(TEXT_KEYS) | (hash(b"key\0", name) >> 33)
}

fn word_of_value(text: &[u8]) -> u64 {
    TEXT_VALUES | hash(b"value\0", text) >> 1
}

fn hash(domain: &[u8], text: &[u8]) -> u64 {
    let digest = Sha256::new().chain_update(domain).chain_update(text).finalize();
    digest.iter().take(8).fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The word of a key, if it stands for a text.
pub(super) fn of_key(key: Key) -> Option<u64> {
    (key.0 >= TEXT_KEYS).then_some(KEY_WORDS | u64::from(key.0))
}

/// The word of a value, if it stands for a text.
pub(super) fn of_value(value: u64) -> Option<u64> {
    (value >= TEXT_VALUES).then_some(value)
}

/// The texts that a process knows, and how often it needs each.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    known: FxHashMap<u64, (Arc<[u8]>, usize)>,
}

impl Lexicon {
    /// Learns a text, which is forgotten at the next [`Lexicon::sweep`] unless somebody holds it.
    pub(super) fn learn(&mut self, word: u64, bytes: &[u8]) -> Result<(), TextError> {
        let (own, most) = if word >= TEXT_VALUES {
            (word_of_value(bytes), VALUE_BYTES_MAX)
        } else {
            (word_of_key(bytes), KEY_BYTES_MAX)
        };
        if own != word || bytes.len() > most || std::str::from_utf8(bytes).is_err() {
            return Err(TextError::Missing);
        }
        let (known, _) = self.known.entry(word).or_insert_with(|| (bytes.into(), 0));
        if **known == *bytes {
            return Ok(());
        }
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).chars().take(40).collect();
        Err(TextError::Clash(shown(known), shown(bytes)))
    }

    /// The text of a word.
    pub(super) fn text(&self, word: u64) -> Option<&Arc<[u8]>> {
        self.known.get(&word).map(|(text, _)| text)
    }

    /// Keeps the text of a word until it is released as often.
    pub(super) fn hold(&mut self, word: u64) {
        if let Some((_, held)) = self.known.get_mut(&word) {
            *held += 1;
        }
    }

    /// The opposite of [`Lexicon::hold`].
    pub(super) fn release(&mut self, word: u64) {
        if let Some((_, held)) = self.known.get_mut(&word) {
            *held = held.saturating_sub(1);
        }
        self.sweep(word);
    }

    /// Forgets a text that nobody holds.
    pub(super) fn sweep(&mut self, word: u64) {
        if self.known.get(&word).is_some_and(|(_, held)| *held == 0) {
            self.known.remove(&word);
        }
    }

    /// Forgets all texts.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }

    /// What a value says.
    pub(super) fn value(&self, value: u64) -> Result<String, TextError> {
        match of_value(value) {
            None => Ok(value.to_string()),
            Some(word) => {
                let text = self.text(word).ok_or(TextError::Missing)?;
                String::from_utf8(text.to_vec()).map_err(|_| TextError::Missing)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_themselves_and_texts_come_back() {
        assert_eq!(key("7"), Ok((Key(7), None)));
        assert_eq!(value("4611686018427387903"), Ok(((1 << 62) - 1, None)));
        for text in ["", "x", "007", "+7", "-1", "4611686018427387904", "ü", "17 "] {
            let (word, found) = value(text).unwrap();
            let found = found.unwrap_or_else(|| panic!("{text:?} is no number"));
            let mut lexicon = Lexicon::default();
            assert_eq!(lexicon.value(word), Err(TextError::Missing));
            lexicon.learn(word, &found.bytes).unwrap();
            assert_eq!(lexicon.value(word).as_deref(), Ok(text));
        }
        let (x, name) = key("x").unwrap();
        assert_eq!(of_key(x), name.map(|name| name.word));
        assert_eq!((of_key(Key(7)), of_value(7)), (None, None));
        assert_ne!(key("x").unwrap().0, key("y").unwrap().0);
        assert!(matches!(key(&"k".repeat(257)), Err(TextError::TooLong { bytes: 257, .. })));
        assert_eq!(key(""), Err(TextError::EmptyKey));
    }

    #[test]
    fn a_text_that_is_not_that_of_its_word_is_refused() {
        let mut lexicon = Lexicon::default();
        let (word, _) = value("right").unwrap();
        assert_eq!(lexicon.learn(word, b"wrong"), Err(TextError::Missing));
        assert_eq!(lexicon.learn(1 << 63, b"\xff"), Err(TextError::Missing));
    }

    #[test]
    fn two_keys_of_one_number_are_told_apart() {
        // Found by trying all: the first two names k0, k1, .. with one number.
        let mut seen = FxHashMap::default();
        let (first, second) = (0..)
            .find_map(|number: u32| {
                let name = format!("k{number}");
                let (key, _) = key(&name).unwrap();
                seen.insert(key, number).map(|before| (format!("k{before}"), name))
            })
            .unwrap();
        let word = of_key(key(&first).unwrap().0).unwrap();
        let mut lexicon = Lexicon::default();
        lexicon.learn(word, first.as_bytes()).unwrap();
        assert_eq!(lexicon.learn(word, second.as_bytes()), Err(TextError::Clash(first, second)));
    }

    #[test]
    fn texts_stay_as_long_as_they_are_held() {
        let mut lexicon = Lexicon::default();
        let (word, _) = value("a text").unwrap();
        lexicon.learn(word, b"a text").unwrap();
        lexicon.hold(word);
        lexicon.hold(word);
        lexicon.release(word);
        assert!(lexicon.text(word).is_some());
        lexicon.release(word);
        assert!(lexicon.text(word).is_none());
    }
}
