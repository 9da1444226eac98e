//! How messages show names and numbers: nothing that a terminal would obey, thousands apart.

use std::borrow::Cow;
use std::fmt;

/// The text on one line, with everything that a terminal would obey made visible: control characters and those that turn
/// the direction of reading.
///
/// # Examples
/// ```
/// use quorate::model::plain;
/// assert_eq!(plain("a\u{1b}[31mb\u{202e}"), "a\\u{1b}[31mb\\u{202e}");
/// assert_eq!(plain("Zürich 1"), "Zürich 1");
/// ```
pub fn plain(text: &str) -> Cow<'_, str> {
    // escape_debug also escapes quotes and backslashes, which are harmless here.
    let harmful = |letter: char| {
        !matches!(letter, '\'' | '"' | '\\') && !letter.is_alphanumeric() && letter.escape_debug().len() > 1
    };
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let shown = |letter: char| if harmful(letter) { letter.escape_debug().to_string() } else { letter.to_string() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// Whether a letter is not seen where it stands: a control character, a line separator, a space without width, or one that
/// turns the direction of reading.
///
/// # Examples
/// ```
/// use quorate::model::is_hidden;
/// assert!(is_hidden('\u{202e}') && is_hidden('\n') && !is_hidden('é'));
/// ```
pub fn is_hidden(letter: char) -> bool {
    let turns =
        matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    letter.is_control() || turns || matches!(letter, '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}')
}

/// A whole number, zero or more, with its thousands apart.
///
/// # Examples
/// ```
/// assert_eq!(quorate::model::grouped(1_000_000), "1,000,000");
/// ```
pub fn grouped(number: impl fmt::Display) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let texts = [0u64, 7, 999, 1_000, 65_536, 1_000_000].map(grouped);
        assert_eq!(grouped("1234567890123456789012"), "1,234,567,890,123,456,789,012");
        assert_eq!(texts, ["0", "7", "999", "1,000", "65,536", "1,000,000"]);
    }
}
