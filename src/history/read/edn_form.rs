//! The forms of EDN, as far as histories need them.

use serde_json::value::RawValue;

use crate::history::value::Value;

/// Collections within collections that an event may have.
pub(super) const DEPTH_MAX: usize = 64;

/// A form of EDN, as far as histories need it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Edn {
    Nil,
    Integer(i64),
    Keyword(String),
    /// Vectors, lists and sets.
    List(Vec<Edn>),
    Map(Vec<(Edn, Edn)>),
    /// Anything else as it is written.
    Other(String),
}

impl Edn {
    /// Both elements of a list of two.
    pub(super) fn pair(&self) -> Option<(&Edn, &Edn)> {
        match self {
            Edn::List(elements) => match &elements[..] {
                [first, second] => Some((first, second)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it stands for no value: `nil`, or a word such as `:timed-out`.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Edn::Nil | Edn::Keyword(_))
    }

    pub(super) fn to_value(&self) -> Value {
        match self {
            Edn::Nil => Value::Null,
            Edn::Integer(number) => Value::Integer(*number),
            other => Value::Other(other.notation().into()),
        }
    }

    /// The form in one notation, whatever its blanks were.
    fn notation(&self) -> String {
        let list = |elements: &[Edn]| elements.iter().map(Edn::notation).collect::<Vec<_>>().join(",");
        match self {
            Edn::Nil => "null".to_owned(),
            Edn::Integer(number) => number.to_string(),
            Edn::Keyword(name) => format!(":{name}"),
            Edn::Other(text) => text.clone(),
            Edn::List(elements) => format!("[{}]", list(elements)),
            Edn::Map(entries) => {
                let entry = |(key, value): &(Edn, Edn)| format!("{}:{}", key.notation(), value.notation());
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
            }
        }
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Edn::Other(text) if text.starts_with('"') => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// A keyword, or what stands for one in JSON: a string, with a colon or without.
    pub(super) fn word(&self) -> Option<String> {
        match self {
            Edn::Keyword(name) => Some(name.clone()),
            other => other.text().map(|text| text.strip_prefix(':').map(str::to_owned).unwrap_or(text)),
        }
    }

    /// The form that a piece of JSON is, with every digit of its numbers.
    pub(super) fn of_json(json: &RawValue) -> Result<Edn, serde_json::Error> {
        Edn::of_json_at(json, 0)
    }

    fn of_json_at(json: &RawValue, depth: usize) -> Result<Edn, serde_json::Error> {
        let text = json.get();
        Ok(match text.as_bytes().first() {
            Some(b'n') => Edn::Nil,
            Some(b'[') if depth < DEPTH_MAX => {
                let elements: Vec<&RawValue> = serde_json::from_str(text)?;
                let element = |element| Edn::of_json_at(element, depth + 1);
                Edn::List(elements.into_iter().map(element).collect::<Result<_, _>>()?)
            }
            Some(b'"') => Edn::Other(serde_json::Value::from(serde_json::from_str::<String>(text)?).to_string()),
            _ => match Value::from_raw(json)? {
                Value::Null => Edn::Nil,
                Value::Integer(number) => Edn::Integer(number),
                Value::Other(text) => Edn::Other(text.into()),
            },
        })
    }

    pub(super) fn keyword(&self) -> Option<&str> {
        match self {
            Edn::Keyword(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Edn::Integer(number) => Some(*number),
            _ => None,
        }
    }
}
