//! How errors speak of names: quoted and shortened, with the nearest known name, with a list of what is known.

use std::ops::Range;

use super::problem::Problem;
use crate::model::is_hidden;

/// Bytes of a name of a node, a zone or a definition.
pub const NAME_BYTES_MAX: usize = 255;

/// Known names that an unknown one is compared with.
const COMPARISONS_MAX: usize = 1_000;

/// Names that a list shows.
const LISTED_MAX: usize = 10;

/// Characters of a quoted text.
const QUOTED_CHARS_MAX: usize = 60;

/// The text between backticks, without control characters and not too long.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("`");
    for character in text.chars().take(QUOTED_CHARS_MAX) {
        if is_hidden(character) {
            quoted.extend(character.escape_default());
        } else {
            quoted.push(character);
        }
    }
    if text.chars().nth(QUOTED_CHARS_MAX).is_some() {
        quoted.push_str("...");
    }
    quoted.push('`');
    quoted
}

/// Known names one by one: `a`, `b` and 7 more.
pub(super) fn listing<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let shown = if count > LISTED_MAX { LISTED_MAX - 1 } else { count };
    let list = names.take(shown).map(quoted).collect::<Vec<_>>().join(", ");
    if shown < count { format!("{list} and {} more", count - shown) } else { list }
}

/// The known name that was probably meant.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > NAME_BYTES_MAX {
        return None;
    }
    let tolerated = word.chars().count().max(3) / 3;
    let word = word.to_lowercase();
    let near = known.into_iter().take(COMPARISONS_MAX).filter(|name| name.len().abs_diff(word.len()) <= 4 * tolerated);
    let distances = near.map(|name| (strsim::osa_distance(&word, &name.to_lowercase()), name));
    distances.filter(|(distance, _)| *distance <= tolerated).min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// `did you mean ..?`, if something is near, then the names that there are.
pub(super) fn suggestion<'a>(
    word: &str,
    introduction: &str,
    known: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> String {
    if known.len() == 0 {
        return format!("{introduction}: none");
    }
    let list = format!("{introduction}: {}", listing(known.clone()));
    match nearest(word, known) {
        Some(name) => format!("did you mean {}? {list}", quoted(name)),
        None => list,
    }
}

/// What is wrong with a name by itself.
pub(super) fn name_problem(name: &str, span: &Range<usize>) -> Option<Problem> {
    let problem = |message: String| Some(Problem::new(span.clone(), message));
    if name.trim().is_empty() {
        return problem("an empty name".into()).map(|problem| problem.help("give it at least one letter".to_string()));
    }
    if let Some(control) = name.chars().find(|character| is_hidden(*character)) {
        let escaped = control.escape_default();
        return problem(format!("a name with the control character {escaped}"))
            .map(|problem| problem.help("names are printed, so they are made of visible characters".to_string()));
    }
    if name.len() > NAME_BYTES_MAX {
        return problem(format!("a name of {} bytes: the limit is {NAME_BYTES_MAX}", name.len()));
    }
    None
}
