//! Typed access to the tables of a TOML document; whatever is wrong becomes a problem with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems};
use super::wording::{quoted, suggestion};
use crate::model::{OutOfRange, underflows};

/// A table, and how errors call it.
#[derive(Debug, Clone)]
pub(super) struct Table<'a> {
    /// `[system]`, `[[node]]`, ...
    pub(super) place: &'static str,
    /// The header, or the whole of an inline table.
    pub(super) span: Range<usize>,
    entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    pub(super) fn new(place: &'static str, span: Range<usize>, entries: &'a DeTable<'a>) -> Self {
        Table { place, span, entries }
    }

    /// Reports every key but `known`; `elsewhere` may say where an unknown key belongs.
    pub(super) fn refuse_unknown(
        &self,
        known: &[&'static str],
        elsewhere: impl Fn(&str) -> Option<String>,
        problems: &mut Problems,
    ) {
        for (key, _) in self.entries.iter().filter(|(key, _)| !known.contains(&key.get_ref().as_ref())) {
            problems.push_with(|| {
                let name = key.get_ref().as_ref();
                let help = elsewhere(name).unwrap_or_else(|| {
                    suggestion(name, &format!("the keys of {} are", self.place), known.iter().copied())
                });
                let problem = Problem::new(key.span(), format!("unknown key {} in {}", quoted(name), self.place));
                problem.label("not a key of this table").help(help)
            });
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let (key, value) = self.entries.get_key_value(key)?;
        Some(Value { key: key.get_ref(), key_span: key.span(), element: false, value })
    }

    /// The value of a key that must be there.
    pub(super) fn require(&self, key: &str, example: &str, problems: &mut Problems) -> Option<Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            problems.push(self.missing(&format!("`{key}`"), example));
        }
        value
    }

    /// The problem that something is not there.
    pub(super) fn missing(&self, what: &str, example: &str) -> Problem {
        let problem = Problem::new(self.span.clone(), format!("{} has no {what}", self.place));
        problem.label(format!("{what} is missing here")).help(format!("for example `{example}`"))
    }

    /// The problem that a key is not there, which goes with another one.
    pub(super) fn missing_beside(&self, key: &str, given: &str, example: &str) -> Problem {
        let message = format!("{} has no `{key}` beside its `{given}`", self.place);
        let problem = Problem::new(self.span.clone(), message).label(format!("`{key}` is missing here"));
        problem.help(format!("for example `{example}`"))
    }

    /// Reports that `extra` stands beside `given`, which says the same.
    pub(super) fn refuse_together(&self, given: &str, extra: &str, problems: &mut Problems) {
        if let (Some(given_value), Some(value)) = (self.get(given), self.get(extra)) {
            let message = format!("`{extra}` together with `{given}` in {}", self.place);
            let (given_at, extra_at) = (given_value.key_span, value.key_span);
            // Whichever comes second is the one too many.
            let (first, second, already) =
                if extra_at.start < given_at.start { (extra_at, given_at, extra) } else { (given_at, extra_at, given) };
            let problem = Problem::new(second, message).label(format!("`{already}` already says this"));
            problems.push(problem.first(first.start).help(format!("keep `{given}` or `{extra}`")));
        }
    }
}

/// A value, and how errors call it.
#[derive(Debug, Clone)]
pub(super) struct Value<'a> {
    key: &'a str,
    /// Where the key stands.
    pub(super) key_span: Range<usize>,
    element: bool,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    /// Where the value stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// The value as TOML sees it.
    pub(super) fn raw(&self) -> &'a DeValue<'a> {
        self.value.get_ref()
    }

    /// The key, or whose element it is.
    pub(super) fn what(&self) -> String {
        if self.element { format!("an element of {}", quoted(self.key)) } else { quoted(self.key) }
    }

    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.span(), message)
    }

    /// The problem that the value has the wrong type.
    pub(super) fn wrong_type(&self, expected: &str) -> Problem {
        let found = match self.raw() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "a truth value",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.problem(format!("{} must be {expected}", self.what())).label(format!("this is {found}"))
    }

    pub(super) fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        let text = self.raw().as_str();
        if text.is_none() {
            let problem = self.wrong_type("a string");
            let scalar = !matches!(self.raw(), DeValue::Array(_) | DeValue::Table(_));
            problems.push(problem.help(scalar.then(|| "put it between quotes".into())));
        }
        text
    }

    /// Yes or no.
    #[cfg(feature = "simulator")]
    pub(super) fn truth(&self, problems: &mut Problems) -> Option<bool> {
        let truth = self.raw().as_bool();
        if truth.is_none() {
            let quoted = self.raw().as_str().is_some_and(|text| matches!(text.trim(), "true" | "false"));
            let help = if quoted { "leave out the quotes" } else { "write true or false, without quotes" };
            problems.push(self.wrong_type("true or false").help(help.to_string()));
        }
        truth
    }

    /// A whole number, zero or more.
    pub(super) fn whole(&self, problems: &mut Problems) -> Option<u64> {
        let DeValue::Integer(integer) = self.raw() else {
            let quotes = self.raw().as_str().is_some_and(|text| text.trim().parse::<u64>().is_ok());
            problems.push(self.wrong_type("a whole number").help(quotes.then(|| "leave out the quotes".into())));
            return None;
        };
        let number = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
        if number.is_none() {
            let shown = quoted(integer.as_str());
            let problem = self.problem(format!("{} is {shown}", self.what()));
            problems.push(if integer.as_str().starts_with('-') {
                problem.label("must not be negative").help("write a whole number, zero or more".to_string())
            } else {
                problem.label("too large").help("no number here has more than 19 digits".to_string())
            });
        }
        number
    }

    /// A whole number, one or more.
    pub(super) fn size(&self, problems: &mut Problems) -> Option<u64> {
        let number = self.whole(problems)?;
        if number == 0 {
            let problem = self.problem(format!("{} must be at least 1", self.what())).label("zero is too small");
            problems.push(problem.help("write a whole number, one or more".to_string()));
            return None;
        }
        Some(number)
    }

    /// A number in the range that `quantity` accepts.
    pub(super) fn quantity<T>(
        &self,
        quantity: impl Fn(f64) -> Result<T, OutOfRange>,
        problems: &mut Problems,
    ) -> Option<T> {
        let (text, number) = match self.raw() {
            DeValue::Float(float) => (float.as_str(), float.as_str().parse().ok()),
            // Through i128, so that other radixes work; what does not fit is out of every range or read as a float.
            DeValue::Integer(integer) => {
                let whole = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
                (integer.as_str(), whole.map(|whole| whole as f64).or_else(|| integer.as_str().parse().ok()))
            }
            _ => {
                problems.push(self.wrong_type("a number"));
                return None;
            }
        };
        let number = number.unwrap_or(f64::NAN);
        if underflows(&text.replace('_', ""), number) {
            let message = format!("{} is {}, which is too small for a 64-bit float", self.what(), quoted(text));
            let help = "write 0, or a number of at least 2.3e-308".to_string();
            problems.push(self.problem(message).label("it would be read as 0").help(help));
            return None;
        }
        match quantity(number) {
            Ok(quantity) => Some(quantity),
            Err(OutOfRange { value, expected }) => {
                let percent = expected.ends_with("[0, 1]") && value > 1.0 && value <= 100.0;
                let help = if percent {
                    format!("{value} percent is written {}", value / 100.0)
                } else {
                    format!("write {expected}")
                };
                let message = format!("{} is {}, which is not {expected}", self.what(), quoted(text));
                problems.push(self.problem(message).label("out of range").help(help));
                None
            }
        }
    }

    /// A whole number of 64 bits with a sign.
    pub(super) fn signed(&self, problems: &mut Problems) -> Option<i64> {
        let DeValue::Integer(integer) = self.raw() else {
            problems.push(self.wrong_type("a whole number"));
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        if number.is_none() {
            let problem = self.problem(format!("{} is {}", self.what(), quoted(integer.as_str())));
            problems.push(problem.label("too large").help("write a number of 64 bits".to_string()));
        }
        number
    }

    /// The keys and values of a table; nothing of other values.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let entries = if let DeValue::Table(entries) = self.raw() { Some(entries) } else { None };
        entries.into_iter().flat_map(|entries| entries.iter()).map(|(key, value)| {
            (key.get_ref().as_ref(), Value { key: key.get_ref(), key_span: key.span(), element: false, value })
        })
    }

    /// The problem that a key says nothing here, and why.
    pub(super) fn unused(&self, why: impl Into<String>) -> Problem {
        let problem = Problem::new(self.key_span.clone(), format!("{} means nothing here", self.what()));
        problem.label("would be ignored").help(why.into())
    }

    /// The elements of a list.
    pub(super) fn list(
        &self,
        expected: &str,
        problems: &mut Problems,
    ) -> Option<impl ExactSizeIterator<Item = Value<'a>> + Clone + use<'a>> {
        let DeValue::Array(array) = self.raw() else {
            problems.push(self.wrong_type(expected));
            return None;
        };
        let (key, key_span) = (self.key, self.key_span.clone());
        Some(array.iter().map(move |value| Value { key, key_span: key_span.clone(), element: true, value }))
    }

    /// The table behind a `[header]`.
    pub(super) fn table(&self, place: &'static str, problems: &mut Problems) -> Option<Table<'a>> {
        match self.raw() {
            DeValue::Table(entries) => Some(Table::new(place, self.span(), entries)),
            _ => {
                let expected = format!("a table {place}");
                let doubled = self.raw().is_array().then(|| format!("write {place} with one pair of brackets, once"));
                problems.push(self.wrong_type(&expected).help(doubled));
                None
            }
        }
    }

    /// The tables behind several `[[headers]]`, or of a list of inline tables.
    pub(super) fn tables(&self, place: &'static str, problems: &mut Problems) -> Vec<Table<'a>> {
        let DeValue::Array(array) = self.raw() else {
            let single = self.raw().is_table().then(|| format!("write {place} with two pairs of brackets"));
            problems.push(self.wrong_type("a list of tables").help(single));
            return Vec::new();
        };
        let element = |value| Value { key: self.key, key_span: self.key_span.clone(), element: true, value };
        array.iter().filter_map(|value| element(value).table(place, problems)).collect()
    }
}
