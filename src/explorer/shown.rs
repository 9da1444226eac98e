//! What a file says, as a page may show it.

use crate::history::Value;
use crate::model::plain;

/// Letters of a value that are shown.
const LETTERS_MAX: usize = 400;

/// A value with its escapes spelled out, cut where it is long.
pub(super) fn text(value: &Value) -> String {
    cut(&plain(&value.to_string()))
}

/// A text that is cut where it is long.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => {
            let more = text[end..].chars().count();
            format!("{}… ({more} more letters)", &text[..end])
        }
        None => text.to_owned(),
    }
}
