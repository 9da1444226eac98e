//! Frames: what stands on the wire, and what is refused there.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | version of the format, 1 |
//! | 1 | kind |
//! | 2 | zero |
//! | 4 | length of the rest, little-endian |
//! | 4 | CRC-32 of the eight bytes before and of the rest, little-endian |
//! | length | the rest, in the encoding of postcard |

use crate::protocol::Role;

/// The version of the format.
pub(super) const VERSION: u8 = 1;

/// Bytes before the rest.
pub(super) const HEADER: usize = 12;

/// The longest rest of a frame.
pub const FRAME_BYTES_MAX: usize = 1 << 20;

/// The longest rest of a frame of somebody who has not said who it is.
pub(super) const GREETING_BYTES_MAX: usize = 4 << 10;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum FrameKind {
    /// Who I am, and whom I take you for.
    Hello,
    /// I am that one.
    Welcome,
    /// I do not do that.
    Refused,
    /// I lost my disk: what do you know?
    Recover,
    /// Some of what I know.
    Known,
    /// That was all.
    KnownAll,
    /// A message of the protocol.
    Letter(Role),
}

/// Where the kinds of letters begin.
const LETTERS: u8 = 16;

impl FrameKind {
    fn byte(self) -> u8 {
        match self {
            FrameKind::Hello => 1,
            FrameKind::Welcome => 2,
            FrameKind::Refused => 3,
            FrameKind::Recover => 4,
            FrameKind::Known => 5,
            FrameKind::KnownAll => 6,
            FrameKind::Letter(role) => {
                LETTERS + Role::ALL.iter().position(|known| *known == role).unwrap_or_default() as u8
            }
        }
    }

    fn of(byte: u8) -> Option<FrameKind> {
        Some(match byte {
            1 => FrameKind::Hello,
            2 => FrameKind::Welcome,
            3 => FrameKind::Refused,
            4 => FrameKind::Recover,
            5 => FrameKind::Known,
            6 => FrameKind::KnownAll,
            _ => FrameKind::Letter(*Role::ALL.get(usize::from(byte.checked_sub(LETTERS)?))?),
        })
    }
}

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The format of another program, or of another version of this one.
    #[error("version {0} of the format, and this program speaks {VERSION}")]
    Version(u8),
    /// A kind of frame that there is not.
    #[error("a frame of the unknown kind {0}")]
    Kind(u8),
    /// Bytes that must be zero are not.
    #[error("a header that is not one")]
    Header,
    /// More than the receiver takes.
    #[error("a frame of {length} bytes: the limit is {most}")]
    TooLong {
        /// Its length.
        length: usize,
        /// The limit.
        most: usize,
    },
    /// Bytes were changed on their way.
    #[error("a frame whose checksum is wrong")]
    Checksum,
    /// The content cannot be read.
    #[error("a frame whose content cannot be read")]
    Content,
}

/// A header that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: FrameKind,
    pub(super) length: usize,
    bytes: [u8; 8],
    checksum: u32,
}

impl Header {
    /// Reads a header, and refuses what is longer than `most`.
    pub(super) fn read(bytes: &[u8; HEADER], most: usize) -> Result<Header, FrameError> {
        let [version, kind, zero, zeros, length @ .., _, _, _, _] = *bytes;
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        if (zero, zeros) != (0, 0) {
            return Err(FrameError::Header);
        }
        let kind = FrameKind::of(kind).ok_or(FrameError::Kind(kind))?;
        let length = u32::from_le_bytes(length) as usize;
        if length > most {
            return Err(FrameError::TooLong { length, most });
        }
        let (mut first, mut last) = ([0; 8], [0; 4]);
        first.copy_from_slice(&bytes[..8]);
        last.copy_from_slice(&bytes[8..]);
        Ok(Header { kind, length, bytes: first, checksum: u32::from_le_bytes(last) })
    }

    /// Whether the rest is what was sent.
    pub(super) fn check(&self, rest: &[u8]) -> Result<(), FrameError> {
        if checksum(&self.bytes, rest) == self.checksum { Ok(()) } else { Err(FrameError::Checksum) }
    }
}

fn checksum(header: &[u8; 8], rest: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header);
    hasher.update(rest);
    hasher.finalize()
}

/// A frame as it stands on the wire.
pub(super) fn frame(kind: FrameKind, content: &impl serde::Serialize) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0; HEADER];
    bytes = postcard::to_extend(content, bytes).map_err(|_| FrameError::Content)?;
    let length = bytes.len() - HEADER;
    if length > FRAME_BYTES_MAX {
        return Err(FrameError::TooLong { length, most: FRAME_BYTES_MAX });
    }
    let mut first = [VERSION, kind.byte(), 0, 0, 0, 0, 0, 0];
    first[4..].copy_from_slice(&(length as u32).to_le_bytes());
    let sum = checksum(&first, &bytes[HEADER..]);
    bytes[..8].copy_from_slice(&first);
    bytes[8..HEADER].copy_from_slice(&sum.to_le_bytes());
    Ok(bytes)
}

/// What a frame is about, without its content.
pub(super) fn kind_of(frame: &[u8]) -> Option<FrameKind> {
    frame.get(1).and_then(|byte| FrameKind::of(*byte))
}

/// The content of a frame, all of it.
pub(super) fn content<T: serde::de::DeserializeOwned>(rest: &[u8]) -> Result<T, FrameError> {
    match postcard::take_from_bytes(rest) {
        Ok((content, [])) => Ok(content),
        _ => Err(FrameError::Content),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<(FrameKind, Vec<u8>), FrameError> {
        let header: &[u8; HEADER] = bytes.first_chunk().ok_or(FrameError::Header)?;
        let header = Header::read(header, FRAME_BYTES_MAX)?;
        let rest = bytes.get(HEADER..HEADER + header.length).ok_or(FrameError::Header)?;
        header.check(rest)?;
        Ok((header.kind, content(rest)?))
    }

    #[test]
    fn every_kind_comes_back() {
        let others = [
            FrameKind::Hello,
            FrameKind::Welcome,
            FrameKind::Refused,
            FrameKind::Recover,
            FrameKind::Known,
            FrameKind::KnownAll,
        ];
        for kind in others.into_iter().chain(Role::ALL.map(FrameKind::Letter)) {
            let bytes = frame(kind, &vec![1u8, 2, 3]).unwrap();
            assert_eq!((kind_of(&bytes), read(&bytes)), (Some(kind), Ok((kind, vec![1, 2, 3]))));
        }
        assert_eq!(kind_of(&[VERSION, 15]), None);
    }

    #[test]
    fn every_changed_bit_is_seen() {
        let bytes = frame(FrameKind::Letter(Role::Store), &vec![7u8; 40]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&changed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn what_is_too_long_is_refused_before_it_is_read() {
        let bytes = frame(FrameKind::Hello, &vec![0u8; 5_000]).unwrap();
        let header = bytes.first_chunk().unwrap();
        let length = bytes.len() - HEADER;
        let refused = FrameError::TooLong { length, most: GREETING_BYTES_MAX };
        assert_eq!(Header::read(header, GREETING_BYTES_MAX), Err(refused));
        assert!(matches!(frame(FrameKind::Hello, &vec![0u8; FRAME_BYTES_MAX]), Err(FrameError::TooLong { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(read(&bytes).is_err() || bytes[0] == VERSION);
        }
    }
}
