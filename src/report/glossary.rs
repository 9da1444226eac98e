//! What the words of the output mean: `WORDS.md`, and the families with their parameters.

use std::sync::LazyLock;

use crate::families::ALBUM;

/// A word of the output.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    /// What it is about, as the glossary is divided.
    pub subject: String,
    /// The word, and others that mean the same; `…` stands for anything.
    pub names: Vec<String>,
    /// What it means.
    pub definition: String,
    /// The same in symbols, if there is more to say than in words.
    pub formula: Option<String>,
    /// Who defined it, and where.
    pub source: Option<String>,
    /// Related words.
    pub see: Vec<String>,
    /// A command whose output has it.
    pub example: Option<String>,
    /// Notes that say it; `…` stands for what differs.
    pub notes: Vec<String>,
}

impl Word {
    /// The word itself.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

/// All words, by subject.
///
/// # Examples
/// ```
/// use quorate::report::glossary;
/// assert!(glossary().iter().any(|word| word.name() == "resilience"));
/// ```
pub fn glossary() -> &'static [Word] {
    static WORDS: LazyLock<Vec<Word>> = LazyLock::new(|| {
        let mut words = parse(include_str!("../WORDS.md"));
        words.extend(families());
        words.extend(parameters());
        words
    });
    &WORDS
}

/// The entries of a glossary: `##` begins a subject, `###` a word with its other names between `·`, `- formula:` and the like
/// are its facts, and all other lines its definition.
fn parse(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut subject = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(names) = line.strip_prefix("### ") {
            let names = names.split(" · ").map(|name| name.trim().to_owned()).collect();
            words.push(Word { subject: subject.clone(), names, ..Word::default() });
        } else if let Some(name) = line.strip_prefix("## ") {
            name.clone_into(&mut subject);
        } else if let Some(word) = words.last_mut().filter(|_| !line.is_empty()) {
            match line.strip_prefix("- ").and_then(|fact| fact.split_once(": ")) {
                Some(("formula", text)) => word.formula = Some(text.into()),
                Some(("source", text)) => word.source = Some(text.into()),
                Some(("see", text)) => word.see = text.split(", ").map(str::to_owned).collect(),
                Some(("example", text)) => word.example = Some(text.into()),
                Some(("note", text)) => word.notes.push(text.into()),
                _ => {
                    let space = if word.definition.is_empty() { "" } else { " " };
                    word.definition.push_str(&format!("{space}{line}"));
                }
            }
        }
    }
    words
}

fn families() -> impl Iterator<Item = Word> {
    ALBUM.iter().map(|family| Word {
        subject: "Families".into(),
        names: vec![family.name.into()],
        definition: format!("A family of quorum systems. Its quorums: {}.", family.quorums),
        source: Some(family.source.into()),
        see: family.parameters.iter().map(|parameter| parameter.key.into()).collect(),
        example: Some(format!("quorate new {}", family.name)),
        ..Word::default()
    })
}

fn parameters() -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for family in ALBUM {
        for parameter in family.parameters {
            let meaning = format!("Of {}: {}.", family.name, parameter.meaning);
            match words.iter_mut().find(|word| word.name() == parameter.key) {
                Some(word) => {
                    word.definition.push_str(&format!(" {meaning}"));
                    word.see.push(family.name.into());
                }
                None => words.push(Word {
                    subject: "Parameters of families".into(),
                    names: vec![parameter.key.into()],
                    definition: meaning,
                    see: vec![family.name.into()],
                    example: Some(format!("quorate families {}", family.name)),
                    ..Word::default()
                }),
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_whole() {
        for word in glossary() {
            let name = word.name();
            assert!(
                word.definition.ends_with(['.', '>', ')']) && word.definition.len() > 15,
                "{name}: {}",
                word.definition
            );
            assert!(!word.subject.is_empty() && word.names.iter().all(|name| !name.is_empty()), "{name}");
            assert!(!word.see.is_empty(), "{name} is related to nothing");
            assert!(word.example.as_ref().is_some_and(|example| example.starts_with("quorate ")), "{name}");
        }
    }

    #[test]
    fn every_fact_is_of_a_known_kind() {
        for line in include_str!("../WORDS.md").lines().filter(|line| line.starts_with("- ")) {
            let kind = line[2..].split(": ").next().unwrap_or_default();
            assert!(["formula", "source", "see", "example", "note"].contains(&kind), "{line}");
        }
    }

    #[test]
    fn related_words_are_words() {
        for word in glossary() {
            for other in &word.see {
                let found = glossary().iter().any(|known| known.names.iter().any(|name| name == other));
                assert!(found, "{}: {other} is not explained", word.name());
            }
        }
    }

    #[test]
    fn no_name_stands_twice_in_the_glossary() {
        let mut seen = std::collections::BTreeMap::new();
        for word in parse(include_str!("../WORDS.md")) {
            for name in &word.names {
                let other = seen.insert(name.clone(), word.name().to_owned());
                assert_eq!(other, None, "{name} of {}", word.name());
            }
        }
        assert!(seen.len() > 300);
    }
}
