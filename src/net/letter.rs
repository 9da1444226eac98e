//! What frames say.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::frame::{FrameError, FrameKind, content, frame};
use super::replicated::Carried;
use super::texts::{Lexicon, TextError};
use crate::protocol::Message;

/// The disk of a replica: its number, and how often the replica has rejoined without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DiskName {
    pub(super) number: u64,
    pub(super) rejoins: u64,
}

/// Who somebody is, and whom it takes the other one for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello {
    /// Protocol and definition.
    pub(super) cluster: [u8; 16],
    /// Who.
    pub(super) from: u32,
    /// Whom.
    pub(super) to: u32,
    /// The disk of a replica.
    pub(super) disk: Option<DiskName>,
}

/// The answer to a [`Hello`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Welcome {
    pub(super) disk: DiskName,
}

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refused {
    pub(super) reason: String,
    /// Whether it would be refused again.
    pub(super) for_ever: bool,
}

/// A record in its slot, as bytes.
pub(super) type Slot = (u64, Vec<u8>);

/// The end of what a replica knows, with the disks that it knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KnownAll {
    pub(super) disks: Vec<(u32, DiskName)>,
}

/// A message with the texts that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Letter<M> {
    /// Which replicas the sender knows to have rejoined.
    pub(super) rejoins: u64,
    pub(super) message: M,
    texts: Vec<(u64, Vec<u8>)>,
}

/// The same, to be sent.
#[derive(Serialize)]
struct Written<'a, M> {
    rejoins: u64,
    message: &'a M,
    texts: Vec<(u64, &'a [u8])>,
}

/// The words of all texts that something is about.
pub(super) fn words(carried: &impl Carried) -> Vec<u64> {
    let mut words = Vec::new();
    carried.texts(&mut |word| words.push(word));
    words.sort_unstable();
    words.dedup();
    words
}

/// The texts of words.
pub(super) fn texts<'a>(words: &[u64], lexicon: &'a Lexicon) -> Result<Vec<(u64, &'a [u8])>, TextError> {
    let text = |word: &u64| lexicon.text(*word).map(|text: &Arc<[u8]>| (*word, &**text)).ok_or(TextError::Missing);
    words.iter().map(text).collect()
}

/// Learns the texts that something is about; says which words are new to somebody who forgets them afterwards.
pub(super) fn learn(words: &[u64], texts: &[(u64, Vec<u8>)], lexicon: &mut Lexicon) -> Result<(), TextError> {
    for word in words {
        let text = texts.iter().find(|(of, _)| of == word);
        let (_, bytes) = text.ok_or(TextError::Missing)?;
        lexicon.learn(*word, bytes)?;
    }
    Ok(())
}

/// The frame of a message.
pub(super) fn letter<M: Message + Carried + Serialize>(
    message: &M,
    rejoins: u64,
    lexicon: &Lexicon,
) -> Result<Vec<u8>, FrameError> {
    let words = words(message);
    let texts = texts(&words, lexicon).map_err(|_| FrameError::Content)?;
    frame(FrameKind::Letter(message.role()), &Written { rejoins, message, texts })
}

/// A message whose texts are now in the lexicon, and the words of those.
pub(super) fn read<M: Message + Carried + for<'a> Deserialize<'a>>(
    rest: &[u8],
    lexicon: &mut Lexicon,
) -> Result<(Letter<M>, Vec<u64>), Unreadable> {
    let letter: Letter<M> = content(rest).map_err(Unreadable::Frame)?;
    let words = words(&letter.message);
    if let Err(error) = learn(&words, &letter.texts, lexicon) {
        words.iter().for_each(|word| lexicon.sweep(*word));
        return Err(Unreadable::Text(error));
    }
    Ok((letter, words))
}

/// Why a letter cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    Frame(FrameError),
    Text(TextError),
}
