//! Bytes: compressed or not, line by line.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::options::LINE_BYTES_MAX;
use crate::model::grouped;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The magic of a skippable frame, whose first byte has four free bits.
const ZSTD_SKIPPABLE: &[u8] = &[0x2a, 0x4d, 0x18];

/// Bytes that anything may unpack to.
const UNPACKED_MIN: u64 = 64 << 20;
/// Unless it is told, times its size that something may unpack to: histories come to a tenth or a fiftieth of their size.
const UNPACKED_TIMES: u64 = 200;

/// How something is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// What begins like this.
    fn of(beginning: &[u8]) -> Option<Self> {
        let is_skippable = beginning.get(1..4) == Some(ZSTD_SKIPPABLE) && beginning[0] & 0xf0 == 0x50;
        if beginning.starts_with(GZIP) {
            Some(Packing::Gzip)
        } else if beginning.starts_with(ZSTD) || is_skippable {
            Some(Packing::Zstd)
        } else {
            None
        }
    }
}

/// The stream without its compression, if the first bytes are those of one; then at most so many bytes, or else an error that
/// is an [`Overgrown`]. Without a number it is 200 times what is packed, and 64 MiB in any case.
pub(super) fn decompressed<'a>(mut input: impl Read + 'a, most: Option<u64>) -> io::Result<Box<dyn Read + 'a>> {
    let mut start = Vec::with_capacity(ZSTD.len());
    input.by_ref().take(ZSTD.len() as u64).read_to_end(&mut start)?;
    let packing = Packing::of(&start);
    let whole = Cursor::new(start).chain(input);
    let Some(packing) = packing else { return Ok(Box::new(whole)) };
    let packed = Rc::new(Cell::new(0));
    let counted = Counted { source: whole, bytes: Rc::clone(&packed) };
    let mut unpacked: Box<dyn Read + 'a> = match packing {
        Packing::Gzip => Box::new(Gzip(MultiGzDecoder::new(counted))),
        Packing::Zstd => {
            Box::new(Zstd { source: BufReader::new(counted), decoder: FrameDecoder::new(), in_frame: false })
        }
    };
    let mut start = Vec::with_capacity(ZSTD.len());
    unpacked.by_ref().take(ZSTD.len() as u64).read_to_end(&mut start)?;
    if Packing::of(&start).is_some() {
        let twice = "it is compressed twice; unpack it once before it is read";
        return Err(io::Error::new(io::ErrorKind::InvalidData, twice));
    }
    Ok(Box::new(Capped { source: Cursor::new(start).chain(unpacked), bytes: 0, packed, most }))
}

/// What unpacks to more than it may.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than {most} bytes")]
pub(super) struct Overgrown {
    /// How much it may.
    pub(super) most: u64,
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.source.read(buffer)?;
        self.bytes.set(self.bytes.get() + bytes as u64);
        Ok(bytes)
    }
}

/// Refuses to grow beyond a limit.
struct Capped<R> {
    source: R,
    bytes: u64,
    /// What was read of the packed stream.
    packed: Rc<Cell<u64>>,
    most: Option<u64>,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.source.read(buffer)?;
        self.bytes += bytes as u64;
        let of_packed = || UNPACKED_MIN.max(self.packed.get().saturating_mul(UNPACKED_TIMES));
        let most = self.most.unwrap_or_else(of_packed);
        if self.bytes > most {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, Overgrown { most }));
        }
        Ok(bytes)
    }
}

/// All frames of a zstd stream, one after the other.
struct Zstd<R: Read> {
    source: BufReader<R>,
    decoder: FrameDecoder,
    in_frame: bool,
}

/// A gzip stream whose errors are sentences.
struct Gzip<R>(R);

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "its gzip data ends too early"),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                io::Error::new(io::ErrorKind::InvalidData, format!("its gzip data is damaged ({error})"))
            }
            _ => error,
        })
    }
}

/// What is wrong with a zstd stream, in a sentence: the decoder speaks of its insides.
fn corrupt(error: &FrameDecoderError) -> io::Error {
    if let FrameDecoderError::WindowSizeTooBig { requested, max } = *error {
        let (requested, max) = (grouped(requested), grouped(max));
        let reason = format!("its zstd data needs {requested} bytes of what came before; the limit is {max}");
        return io::Error::new(io::ErrorKind::InvalidData, reason);
    }
    if let FrameDecoderError::DictNotProvided { dict_id } = *error {
        let reason = format!("its zstd data needs the dictionary {dict_id}, which it was compressed with");
        return io::Error::new(io::ErrorKind::InvalidData, reason);
    }
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref::<io::Error>() {
            Some(io) if io.kind() == io::ErrorKind::UnexpectedEof => {
                return io::Error::new(io.kind(), "its zstd data ends too early");
            }
            // Not about the data: the disk, or the end that somebody asked for.
            Some(io) => return io::Error::new(io.kind(), io.to_string()),
            None => cause = error.source(),
        }
    }
    io::Error::new(io::ErrorKind::InvalidData, "its zstd data is damaged")
}

impl<R: Read> Zstd<R> {
    /// Begins the next frame; `false` at the end of the stream.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.init(&mut self.source) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(corrupt(&error)),
            }
        }
    }

    /// Leaves a frame whose last byte was read.
    fn end(&mut self) -> io::Result<()> {
        self.in_frame = false;
        let expected = self.decoder.get_checksum_from_data();
        if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its zstd data is damaged: a checksum does not match",
            ));
        }
        Ok(())
    }
}

impl<R: Read> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame && !self.begin()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(|error| corrupt(&error))?;
            }
            let bytes = self.decoder.read(buffer)?;
            if bytes > 0 {
                return Ok(bytes);
            }
            self.end()?;
        }
    }
}

/// What came of a line.
pub(super) enum Line<'a> {
    /// Its bytes, without the line break.
    Bytes(&'a [u8]),
    /// It is longer than any operation.
    TooLong,
}

/// Hands over every line with its number, from 1, until told to stop.
pub(super) fn each_line(
    mut reader: impl BufRead,
    mut visit: impl FnMut(u64, Line<'_>) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut rest: Vec<u8> = Vec::new();
    let mut is_cut = false;
    let mut number = 0;
    loop {
        let bytes = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        if bytes.is_empty() {
            if is_cut || !rest.is_empty() {
                let line = if is_cut { Line::TooLong } else { Line::Bytes(&rest) };
                let _ = visit(number + 1, line);
            }
            return Ok(());
        }
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            number += 1;
            let part = &bytes[from..end];
            from = end + 1;
            let line = if is_cut || rest.len() + part.len() > LINE_BYTES_MAX {
                Line::TooLong
            } else if rest.is_empty() {
                Line::Bytes(part)
            } else {
                rest.extend_from_slice(part);
                Line::Bytes(&rest)
            };
            let flow = visit(number, line);
            rest.clear();
            is_cut = false;
            if flow.is_break() {
                return Ok(());
            }
        }
        // An over-long line is not kept, only remembered, so that memory stays bounded.
        is_cut = is_cut || rest.len() + bytes.len() - from > LINE_BYTES_MAX;
        if is_cut {
            rest.clear();
        } else {
            rest.extend_from_slice(&bytes[from..]);
        }
        let read = bytes.len();
        reader.consume(read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, buffer: usize) -> Vec<(u64, String)> {
        let mut lines = Vec::new();
        each_line(BufReader::with_capacity(buffer, text.as_bytes()), |number, line| {
            if let Line::Bytes(bytes) = line {
                lines.push((number, String::from_utf8(bytes.to_vec()).unwrap()));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        lines
    }

    #[test]
    fn lines_do_not_depend_on_the_buffer() {
        let text = "one\n\nthree three three\nfour";
        for buffer in 1..30 {
            let expected = [(1, "one"), (2, ""), (3, "three three three"), (4, "four")];
            assert_eq!(lines(text, buffer), expected.map(|(number, line)| (number, line.to_owned())), "{buffer}");
        }
    }

    #[test]
    fn long_lines_are_not_kept() {
        let text = format!("{}\nshort", "x".repeat(LINE_BYTES_MAX + 1));
        assert_eq!(lines(&text, 1 << 12), [(2, "short".to_owned())]);
    }
}
