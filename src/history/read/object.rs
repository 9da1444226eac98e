//! A JSON object whose values are left as they are written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::Reason;
use super::jsonl::reason;

/// The entries of an object, in their order, each name once.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) entries: Vec<(String, &'a RawValue)>,
}

impl<'a> Object<'a> {
    /// The object that some text is.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Object<'a>, Reason> {
        let text = std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)?;
        serde_json::from_str(text).map_err(|error| reason(&error))
    }

    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.entries.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
    }

    /// The value of a name, written in capitals or not, with underscores or without.
    pub(super) fn get_loosely(&self, name: &str) -> Option<&'a RawValue> {
        self.entries.iter().find(|(other, _)| is_loosely(other, name)).map(|(_, value)| *value)
    }

    /// The entries with other names.
    pub(super) fn others(&self, is_known: impl Fn(&str) -> bool) -> impl Iterator<Item = (&str, &'a str)> {
        let others = self.entries.iter().filter(move |(name, _)| !is_known(name));
        others.map(|(name, value)| (name.as_str(), value.get()))
    }
}

/// Whether two names differ in capitals and underscores only.
pub(super) fn is_loosely(name: &str, other: &str) -> bool {
    let letters =
        |name: &str| name.chars().filter(|letter| *letter != '_').flat_map(char::to_lowercase).collect::<String>();
    letters(name) == letters(other)
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut entries: Vec<(String, &'de RawValue)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if entries.iter().any(|(other, _)| *other == name) {
                        return Err(serde::de::Error::custom(format!("duplicate field `{name}`")));
                    }
                    entries.push((name, map.next_value()?));
                }
                Ok(Object { entries })
            }
        }

        deserializer.deserialize_map(Entries)
    }
}
