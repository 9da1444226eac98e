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

/// The text in its lines, with everything made visible that a terminal would obey or that nobody would see: control characters
/// except for tabs and the ends of lines, those that turn the direction of reading, and those without a width.
///
/// # Examples
/// ```
/// use quorate::model::visible;
/// assert_eq!(visible("a\u{9b}31m\n\tb\u{200d}c"), "a\\u{9b}31m\n\tb\\u{200d}c");
/// assert_eq!(visible("Zu\u{308}rich"), "Zu\u{308}rich");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_seen = |letter: char| matches!(letter, '\n' | '\t') || !(is_hidden(letter) || has_no_width(letter));
    if text.chars().all(is_seen) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_seen(letter) { shown.push(letter) } else { shown.extend(letter.escape_default()) }
    }
    Cow::Owned(shown)
}

/// Whether a letter takes no room and changes none that does, as accents and the choice of an emoji do: those that Unicode
/// calls ignorable, without the selectors of variants.
fn has_no_width(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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
