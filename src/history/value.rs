//! What a register may hold.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A value of a register; two values are the same only if they are written the same.
///
/// `null` is a value of its own: usually "nothing was written yet".
///
/// # Examples
/// ```
/// use quorate::history::Value;
/// assert_eq!(Value::parse("17"), Value::from(17));
/// assert_eq!(Value::parse("null"), Value::Null);
/// assert_eq!(Value::parse("abc"), Value::from("abc"));
/// assert_eq!(Value::from("abc").to_string(), "\"abc\"");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// `null`, or `nil`.
    Null,
    /// A whole number.
    Integer(i64),
    /// Anything else as it is written: a string in its quotes, a fraction, a list.
    Other(Box<str>),
}

impl Value {
    /// The value that a text denotes: JSON where it is JSON, the text itself as a string elsewhere.
    pub fn parse(text: &str) -> Value {
        let exact = serde_json::from_str(text).and_then(Value::from_raw);
        exact.unwrap_or_else(|_| Value::from(text))
    }

    /// The value that a piece of JSON denotes, with every digit of its numbers: 0.1 and 0.10 are two values, and so
    /// are two numbers that only `f64` cannot tell apart.
    pub(crate) fn from_raw(raw: &RawValue) -> Result<Value, serde_json::Error> {
        let text = raw.get();
        if let Ok(number) = text.parse() {
            return Ok(Value::Integer(number));
        }
        if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Ok(Value::Other(text.into()));
        }
        let value: serde_json::Value = serde_json::from_str(text)?;
        Ok(if has_inexact(&value) { Value::Other(without_blanks(text).into()) } else { Value::from_json(&value) })
    }

    /// The text of a string.
    pub fn text(&self) -> Option<String> {
        match self {
            Value::Other(text) if text.starts_with('"') => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// The value that a JSON value denotes.
    pub fn from_json(value: &serde_json::Value) -> Value {
        match value {
            serde_json::Value::Null => Value::Null,
            other => other.as_i64().map_or_else(|| Value::Other(other.to_string().into()), Value::Integer),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Value::Integer(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Integer(value.into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Value::Other(value.to_string().into()), Value::Integer)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Other(serde_json::Value::from(text).to_string().into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::from(text.as_str())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => out.write_str("null"),
            Value::Integer(value) => value.fmt(out),
            Value::Other(text) => out.write_str(text),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => serializer.serialize_unit(),
            Value::Integer(value) => serializer.serialize_i64(*value),
            Value::Other(text) => match serde_json::from_str::<&RawValue>(text) {
                Ok(raw) => raw.serialize(serializer),
                Err(_) => serializer.serialize_str(text),
            },
        }
    }
}

/// Whether some number in it may have lost digits.
fn has_inexact(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Number(number) => number.is_f64(),
        serde_json::Value::Array(elements) => elements.iter().any(has_inexact),
        serde_json::Value::Object(entries) => entries.values().any(has_inexact),
        _ => false,
    }
}

/// JSON without the blanks between its parts.
fn without_blanks(text: &str) -> String {
    let (mut is_string, mut is_escape) = (false, false);
    let keeps = |shown: &char| {
        let is_kept = is_string || !shown.is_ascii_whitespace();
        if is_string && !is_escape && *shown == '\\' {
            is_escape = true;
        } else {
            is_string ^= *shown == '"' && !is_escape;
            is_escape = false;
        }
        is_kept
    };
    text.chars().filter(keeps).collect()
}

/// Where a value stands in [`Register::values`](super::Register::values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(pub(crate) u32);

impl ValueId {
    /// The position.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_are_kept_apart() {
        for (text, shown) in [("1", "1"), ("1.0", "1.0"), ("\"1\"", "\"1\""), ("[1, 2]", "[1,2]"), ("a b", "\"a b\"")] {
            assert_eq!(Value::parse(text).to_string(), shown);
        }
        assert_ne!(Value::parse("1"), Value::parse("\"1\""));
        assert_eq!(Value::from(u64::MAX), Value::parse("18446744073709551615"));
        assert_eq!(Value::from(None::<i64>), Value::Null);
        let huge = ["99999999999999999999999", "99999999999999999999998", "1e400", "0.1", "0.10", "[0.1, \" \\\" \"]"];
        for (place, text) in huge.iter().enumerate() {
            assert!(huge[..place].iter().all(|other| Value::parse(other) != Value::parse(text)), "{text}");
        }
        assert_eq!(Value::parse("[ 0.1 , \" \\\" \"]"), Value::parse(huge[5]));
        assert_eq!(serde_json::to_string(&Value::parse(huge[0])).unwrap(), huge[0]);
    }

    #[test]
    fn json_writes_what_it_read() {
        for text in ["null", "-3", "\"x\\n\"", "[1,2]", "true"] {
            assert_eq!(serde_json::to_string(&Value::parse(text)).unwrap(), text);
        }
        assert_eq!(serde_json::to_string(&Value::Other(":kw".into())).unwrap(), "\":kw\"");
    }
}
