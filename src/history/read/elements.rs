//! JSON objects, one a line or all in an array, handed over one at a time.

use std::io::BufRead;
use std::ops::ControlFlow;

use super::error::{ReadError, Reason};
use super::input::{Line, each_line};
use super::options::LINE_BYTES_MAX;

/// Hands over every element with its number: its line, or in an array its position, from 1; until told to stop.
///
/// # Errors
/// When the stream breaks. What is wrong with the text goes to `visit`, in place of the element.
pub(super) fn each_element(
    mut reader: impl BufRead,
    mut visit: impl FnMut(u64, Result<&[u8], Reason>) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    if is_array(&mut reader)? {
        return Ok(elements(reader, visit)?);
    }
    each_line(reader, |number, line| match line {
        Line::Bytes(bytes) => visit(number, Ok(without_mark(number, bytes).trim_ascii())),
        Line::TooLong => visit(number, Err(Reason::TooLong)),
    })?;
    Ok(())
}

fn without_mark(number: u64, bytes: &[u8]) -> &[u8] {
    if number == 1 { bytes.strip_prefix(MARK).unwrap_or(bytes) } else { bytes }
}

pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether the text is an array; passes its bracket.
fn is_array(reader: &mut impl BufRead) -> std::io::Result<bool> {
    loop {
        let bytes = reader.fill_buf()?;
        let begins = bytes.strip_prefix(MARK).unwrap_or(bytes);
        let blanks = begins.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let passed = bytes.len() - begins.len() + blanks;
        match begins.get(blanks) {
            Some(b'[') => {
                reader.consume(passed + 1);
                return Ok(true);
            }
            // Blank lines before an array do not matter, and those before lines must be counted.
            None if !bytes.is_empty() && bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) => {
                let length = bytes.len();
                reader.consume(length);
            }
            _ => return Ok(false),
        }
    }
}

/// Where in an array a byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before an element, or the end if there was none before.
    Before,
    /// In an element, so many brackets deep, within a string or not.
    Inside { depth: u32, in_string: bool, is_escaped: bool },
    /// Behind the array.
    After,
}

const START: State = State::Inside { depth: 0, in_string: false, is_escaped: false };

/// Hands over the elements of an array whose bracket was passed.
fn elements(
    mut reader: impl BufRead,
    mut visit: impl FnMut(u64, Result<&[u8], Reason>) -> ControlFlow<()>,
) -> std::io::Result<()> {
    let bad = |message: &str| Err(Reason::Json { message: message.to_owned() });
    let (mut state, mut element, mut number) = (State::Before, Vec::new(), 1u64);
    loop {
        let bytes = match reader.fill_buf() {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        if bytes.is_empty() {
            if state != State::After {
                let _ = visit(number, bad("the file ends within the array"));
            }
            return Ok(());
        }
        for byte in bytes {
            let ends = next(&mut state, *byte);
            if ends || state == State::After {
                let is_element = !element.trim_ascii().is_empty();
                let is_last = state == State::After;
                if state == State::After && !ends && !byte.is_ascii_whitespace() {
                    let _ = visit(number, bad("something follows the array"));
                    return Ok(());
                }
                let flow = match (ends, is_element) {
                    (false, _) => ControlFlow::Continue(()),
                    (true, true) => visit(number, Ok(element.trim_ascii())),
                    (true, false) if is_last && number == 1 => ControlFlow::Continue(()),
                    (true, false) => visit(number, bad("an element is missing")),
                };
                if flow.is_break() {
                    return Ok(());
                }
                if ends {
                    element.clear();
                    number += 1;
                }
                continue;
            }
            element.push(*byte);
            if element.len() > LINE_BYTES_MAX {
                let _ = visit(number, Err(Reason::TooLong));
                return Ok(());
            }
        }
        let read = bytes.len();
        reader.consume(read);
    }
}

/// Passes a byte; whether an element ends with it.
fn next(state: &mut State, byte: u8) -> bool {
    match state {
        State::After => false,
        State::Before => {
            *state = START;
            next(state, byte)
        }
        State::Inside { in_string: true, is_escaped, .. } if *is_escaped => {
            *is_escaped = false;
            false
        }
        State::Inside { in_string, is_escaped, .. } if *in_string => {
            *is_escaped = byte == b'\\';
            *in_string = byte != b'"';
            false
        }
        State::Inside { depth, in_string, .. } => {
            match byte {
                b'"' => *in_string = true,
                b'[' | b'{' => *depth += 1,
                b']' if *depth == 0 => {
                    *state = State::After;
                    return true;
                }
                b',' if *depth == 0 => {
                    *state = State::Before;
                    return true;
                }
                b']' | b'}' => *depth = depth.saturating_sub(1),
                _ => {}
            }
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, buffer: usize) -> Vec<(u64, String)> {
        let mut found = Vec::new();
        each_element(std::io::BufReader::with_capacity(buffer, text.as_bytes()), |number, element| {
            let shown = match element {
                Ok(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Err(reason) => format!("error: {reason}"),
            };
            if !shown.is_empty() {
                found.push((number, shown));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        found
    }

    #[test]
    fn arrays_and_lines() {
        for (text, expected) in [
            ("[]", vec![]),
            (" [ \n ] ", vec![]),
            ("[{\"a\": \"]},\\\"\"}, 1,[2, 3]]", vec![(1, "{\"a\": \"]},\\\"\"}"), (2, "1"), (3, "[2, 3]")]),
            ("{}\n\n{\"a\": 1}\n", vec![(1, "{}"), (3, "{\"a\": 1}")]),
            ("[1,,2]", vec![(1, "1"), (2, "error: an element is missing"), (3, "2")]),
            ("[1,]", vec![(1, "1"), (2, "error: an element is missing")]),
            ("[1", vec![(1, "error: the file ends within the array")]),
            ("[1] 2", vec![(1, "1"), (2, "error: something follows the array")]),
            ("\u{feff}[1]", vec![(1, "1")]),
            ("\u{feff}1", vec![(1, "1")]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(number, text): (u64, &str)| (number, text.to_owned())).collect();
            for buffer in [8, 9, 13, 1000] {
                assert_eq!(all(text, buffer), expected, "{text} {buffer}");
            }
        }
    }
}
