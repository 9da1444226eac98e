//! From bytes to the tree of a TOML document.

use toml::de::{DeTable, Error};

use super::FILE_BYTES_MAX;
use super::problem::{Problem, Problems};
use crate::model::grouped;

/// Bytes of a file in which more than the first syntax error is looked for: there can be one for every byte.
const RECOVERY_BYTES_MAX: usize = 64 * 1024;

/// The bytes as text.
pub(super) fn text<'a>(bytes: &'a [u8], problems: &mut Problems) -> Option<&'a str> {
    if bytes.len() > FILE_BYTES_MAX {
        let message =
            format!("a definition of {} bytes: the limit is {}", grouped(bytes.len()), grouped(FILE_BYTES_MAX));
        problems.push(Problem::new(0..0, message).label("too large"));
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let start = error.valid_up_to();
            let end = error.error_len().map_or(bytes.len(), |length| start + length);
            let message = format!("the file is not UTF-8 text from byte {start} on");
            problems.push(Problem::new(start..end, message).label("not UTF-8").help(utf_16(bytes)));
            None
        }
    }
}

fn utf_16(bytes: &[u8]) -> Option<String> {
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    marked.then(|| "this looks like UTF-16; save it as UTF-8".into())
}

/// The tree, or the syntax errors: of a broken document nothing else is said, since it would be guesses.
pub(super) fn tree<'a>(text: &'a str, problems: &mut Problems) -> Option<DeTable<'a>> {
    let first = match DeTable::parse(text) {
        Ok(table) => return Some(table.into_inner()),
        Err(first) => first,
    };
    let mut errors = if text.len() <= RECOVERY_BYTES_MAX { DeTable::parse_recoverable(text).1 } else { vec![first] };
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let mut line_end = 0;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        // One error a line: those that follow on it come from the first more often than not.
        if span.start < line_end && span.start > 0 {
            continue;
        }
        let rest = text.as_bytes().get(span.start..).unwrap_or_default();
        line_end = rest.iter().position(|byte| *byte == b'\n').map_or(text.len(), |found| span.start + found + 1);
        problems.push(describe(text, &error));
    }
    None
}

fn describe(text: &str, error: &Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    if error.message() == "duplicate key" {
        let key = super::wording::quoted(text.get(span.clone()).unwrap_or_default());
        let problem = Problem::new(span, format!("{key} is defined twice")).label("not the first one");
        return problem
            .help("a key and a [table] stand once; [[node]] and [[zone]] may stand several times".to_string());
    }
    Problem::new(span, format!("not valid TOML: {}", error.message().trim_end_matches(", expected nothing")))
}
