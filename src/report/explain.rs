//! Finding the words that somebody asks for, and what is said about them.

use super::columns::{Column, table};
use super::glossary::{Word, glossary};
use super::page::{Block, Cell, Table};
use super::{Format, View};
use serde::Serialize;

/// What stands for anything in a name.
const ANYTHING: char = '…';

/// The words that a query asks for, in the order of the glossary; several where a word means several things.
///
/// Letter case, plurals, and hyphens, spaces and underscores make no difference; `load@0.5` asks for `load`,
/// `failure_probability.read` for `read`, and a whole note for what it says. Names that fit exactly come before those that fit
/// in such a way.
///
/// # Examples
/// ```
/// use quorate::report::explained;
/// assert_eq!(explained("Column Generation")[0].name(), "column-generation");
/// assert_eq!(explained("load@0.9")[0].name(), "load");
/// assert_eq!(explained("A majority of 8 nodes survives no more failures than a majority of 7.")[0].name(), "even majority");
/// assert!(explained("zebra").is_empty());
/// ```
pub fn explained(query: &str) -> Vec<&'static Word> {
    let query = query.trim();
    let exactly = |name: &str| name.to_lowercase() == query.to_lowercase();
    let tokens = tokens(query);
    let alike = |name: &str| !tokens.is_empty() && joined(&self::tokens(name)) == joined(&tokens);
    let fits = |name: &str| name.contains(ANYTHING) && fits(name, &tokens);
    for level in [&exactly as &dyn Fn(&str) -> bool, &alike, &fits] {
        let found: Vec<&Word> =
            glossary().iter().filter(|word| word.names.iter().chain(&word.notes).any(|name| level(name))).collect();
        if !found.is_empty() {
            return found;
        }
    }
    match shorter(query) {
        Some(shorter) => explained(shorter),
        None => Vec::new(),
    }
}

/// The query without what only says where it was read.
fn shorter(query: &str) -> Option<&str> {
    let bare = query.trim_matches(|letter: char| "`\"':;,.()[]{}*".contains(letter)).trim_start_matches("--");
    if bare.len() < query.len() {
        return Some(bare);
    }
    if let Some((word, _)) = query.split_once('@') {
        return Some(word.trim());
    }
    // `load_0.5` is a column of a table for programs.
    if let Some((word, number)) = query.rsplit_once('_')
        && number.parse::<f64>().is_ok()
    {
        return Some(word);
    }
    if let Some((_, last)) =
        query.rsplit_once('.').filter(|(first, _)| first.chars().all(|letter| !letter.is_whitespace()))
    {
        return Some(last);
    }
    query.split_once(" (").map(|(word, _)| word)
}

/// The words of a text, in lower case and in the singular.
fn tokens(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| singular(&word.to_lowercase())).collect()
}

fn joined(tokens: &[String]) -> String {
    tokens.concat()
}

fn singular(word: &str) -> String {
    let is_plural = word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix("ies") {
        Some(stem) if word.len() > 4 => format!("{stem}y"),
        _ if word.ends_with("sses") => word[..word.len() - 2].into(),
        _ if is_plural => word[..word.len() - 1].into(),
        _ => word.into(),
    }
}

/// Whether words have the parts of a name with `…` in it, in their order, and begin and end as it does.
fn fits(name: &str, words: &[String]) -> bool {
    let parts: Vec<Vec<String>> = name.split(ANYTHING).map(tokens).collect();
    if parts.iter().all(Vec::is_empty) {
        return false;
    }
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    let (ends_open, begins_open) = (last.is_empty(), first.is_empty());
    let mut rest = words;
    for (position, part) in parts.iter().enumerate().filter(|(_, part)| !part.is_empty()) {
        let found = rest.windows(part.len()).position(|window| window == part.as_slice());
        match found {
            Some(at) if at == 0 || position > 0 || begins_open => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    (ends_open || words.ends_with(last)) && words.len() > parts.iter().map(Vec::len).min().unwrap_or(0)
}

/// How similar a query is to a word, on a scale to 1.
fn similarity(query: &str, word: &Word) -> f64 {
    let query = joined(&tokens(query));
    let of = |name: &String| strsim::normalized_damerau_levenshtein(&query, &joined(&tokens(name)));
    word.names.iter().map(of).fold(0.0, f64::max)
}

/// Words that are at least this similar are probably the same one with a typing error.
const SIMILAR: f64 = 0.6;

/// Words that are suggested.
const SUGGESTED_MAX: usize = 5;

/// Words that may have been meant by a query that is none: those that are spelt like it, then those that speak of it.
///
/// # Examples
/// ```
/// assert_eq!(quorate::report::suggested("resiliance"), ["resilience"]);
/// ```
pub fn suggested(query: &str) -> Vec<&'static str> {
    let mut alike: Vec<(f64, &str)> = Vec::new();
    for word in glossary() {
        let similarity = similarity(query, word);
        if similarity >= SIMILAR && alike.iter().all(|(_, name)| *name != word.name()) {
            alike.push((similarity, word.name()));
        }
    }
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut names: Vec<&str> = alike.into_iter().map(|(_, name)| name).collect();
    let wanted = tokens(query);
    // A word that nothing is called may be said of others, whatever it looks like.
    if !wanted.is_empty() {
        let speaks =
            |word: &&Word| tokens(&word.definition).windows(wanted.len()).any(|window| window == wanted.as_slice());
        let spoken: Vec<&str> =
            glossary().iter().filter(speaks).map(Word::name).filter(|name| !names.contains(name)).collect();
        names.extend(spoken);
    }
    names.truncate(SUGGESTED_MAX);
    names
}

/// Some words with all that is known of them.
///
/// # Examples
/// ```
/// use quorate::report::{Format, View, explained, explanations};
/// let text = explanations(&explained("resilience"), Format::Text, View::default());
/// assert!(text.starts_with("resilience\n==========\n"));
/// ```
pub fn explanations(words: &[&Word], format: Format, view: View) -> String {
    format.write(view, || words.iter().flat_map(|word| blocks(word)).collect(), || Document::of(words), || csv(words))
}

/// All words by subject, without what they mean where a person reads them.
pub fn word_list(format: Format, view: View) -> String {
    let all: Vec<&Word> = glossary().iter().collect();
    format.write(view, || list(&all), || Document::of(&all), || csv(&all))
}

fn list(words: &[&Word]) -> Vec<Block> {
    let mut page = vec![Block::Title("Words of the output".into())];
    let mut subjects: Vec<(&str, Vec<&str>)> = Vec::new();
    for word in words {
        match subjects.iter_mut().find(|(subject, _)| *subject == word.subject) {
            Some((_, names)) => names.push(word.name()),
            None => subjects.push((&word.subject, vec![word.name()])),
        }
    }
    page.push(Block::Paragraph(
        "`quorate explain WORD` says what one means; a whole note can be asked for too.".into(),
    ));
    for (subject, names) in subjects {
        page.push(Block::Heading(subject.into()));
        page.push(Block::Paragraph(names.join(", ")));
    }
    page
}

fn blocks(word: &Word) -> Vec<Block> {
    let facts = [
        ("also", Some(word.names[1..].join(", ")).filter(|names| !names.is_empty())),
        ("formula", word.formula.clone()),
        ("source", word.source.clone()),
        ("note", Some(word.notes.join(" ")).filter(|notes| !notes.is_empty())),
        ("see", Some(word.see.join(", ")).filter(|see| !see.is_empty())),
        ("example", word.example.clone()),
        ("subject", Some(word.subject.clone())),
    ];
    let row = |(name, value): (&'static str, Option<String>)| Some(vec![Cell::aside(name), Cell::new(value?)]);
    let rows = facts.into_iter().filter_map(row).collect();
    vec![
        Block::Title(word.name().into()),
        Block::Paragraph(word.definition.clone()),
        Block::Table(Table::facts(&["fact", "value"], rows)),
    ]
}

fn csv(words: &[&Word]) -> String {
    let columns: [Column<&&Word>; 9] = [
        Column { name: "word", value: |word| word.name().into() },
        Column { name: "also", value: |word| word.names[1..].join("; ") },
        Column { name: "subject", value: |word| word.subject.clone() },
        Column { name: "definition", value: |word| word.definition.clone() },
        Column { name: "formula", value: |word| word.formula.clone().unwrap_or_default() },
        Column { name: "source", value: |word| word.source.clone().unwrap_or_default() },
        Column { name: "note", value: |word| word.notes.join("; ") },
        Column { name: "see", value: |word| word.see.join("; ") },
        Column { name: "example", value: |word| word.example.clone().unwrap_or_default() },
    ];
    table(&columns, words)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    words: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    word: &'a str,
    also: &'a [String],
    subject: &'a str,
    definition: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    formula: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    notes: &'a [String],
    see: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'a str>,
}

impl<'a> Document<'a> {
    fn of(words: &[&'a Word]) -> Self {
        let entry = |word: &&'a Word| Entry {
            word: word.name(),
            also: &word.names[1..],
            subject: &word.subject,
            definition: &word.definition,
            formula: word.formula.as_deref(),
            source: word.source.as_deref(),
            notes: &word.notes,
            see: &word.see,
            example: word.example.as_deref(),
        };
        Document { schema: "quorate/words/1", words: words.iter().map(entry).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let found: Vec<&str> = explained(query).iter().map(|word| word.name()).collect();
        assert!(found.contains(&expected), "{query}: {found:?}");
    }

    #[test]
    fn spelling_makes_no_difference() {
        for query in
            ["column-generation", "Column Generation", "column_generation", "COLUMNGENERATION", "column-generations"]
        {
            check(query, "column-generation");
        }
        for query in ["zone", "Zones", "ZONE", "`zones`", "zones:"] {
            check(query, "zone");
        }
        check("resiliences", "resilience");
        check("losses per year", "losses a year");
    }

    #[test]
    fn where_a_word_was_read_makes_no_difference() {
        for (query, expected) in [
            ("load@0.5", "load"),
            ("failure@0.004728708045", "failure probability"),
            ("failure_probability_0.01", "failure probability"),
            ("minutes_down_0.1", "minutes down a year"),
            ("failure_probability.read", "read"),
            ("messages.not_received", "messages"),
            ("--survive", "survive"),
            ("Load at read fraction 0.5", "load"),
            ("Why not safe, regular: stale read", "rule"),
            ("Best load over 5 nodes", "best system"),
            ("Minimal read quorums, by size: the first 3", "minimal quorum"),
            ("systems.csv", "systems"),
            ("gave up after 4,000,000 search steps", "gave-up"),
        ] {
            check(query, expected);
        }
    }

    #[test]
    fn what_is_no_word_is_not_taken_for_one() {
        for query in ["zebra", "", "  ", "@", "loadstone", "shareholder", "node p q r"] {
            assert!(explained(query).is_empty(), "{query}: {:?}", explained(query));
        }
        assert!(suggested("zebra").is_empty());
        assert_eq!(suggested("transversel")[0], "transversal");
        // Nothing is called so, but some definitions say it.
        assert!(suggested("replica").contains(&"node"), "{:?}", suggested("replica"));
    }
}
