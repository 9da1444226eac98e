//! Columns of tables, and how their numbers are written.

use super::finite;
use crate::number::Scaled;

/// What a column is called, and its value in a row; an empty value is a missing one.
pub(super) struct Column<R> {
    pub(super) name: &'static str,
    pub(super) value: fn(&R) -> String,
}

/// The rows as CSV under the names of the columns.
pub(super) fn table<R>(columns: &[Column<R>], rows: impl IntoIterator<Item = R>) -> String {
    let header = columns.iter().map(|column| column.name.to_owned()).collect();
    let rows = rows.into_iter().map(|row| columns.iter().map(|column| (column.value)(&row)).collect());
    super::csv::written(std::iter::once(header).chain(rows))
}

/// The shortest decimal that reads back as the same number.
pub(super) fn shortest(value: f64) -> String {
    text(finite(value).map(Shortest))
}

pub(super) fn scaled(value: Option<Scaled>) -> String {
    maybe(value.and_then(Scaled::to_f64), shortest)
}

/// The base-10 logarithm of a probability; a probability of zero has none.
pub(super) fn log10(value: Option<Scaled>) -> String {
    maybe(value.map(Scaled::log10), shortest)
}

pub(super) fn text(value: Option<impl ToString>) -> String {
    maybe(value, |value| value.to_string())
}

pub(super) fn maybe<T>(value: Option<T>, write: impl FnOnce(T) -> String) -> String {
    value.map_or_else(String::new, write)
}

/// Writes 1e-300 as `1e-300` and not as three hundred zeros.
pub(super) struct Shortest(pub(super) f64);

impl std::fmt::Display for Shortest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plain = self.0 == 0.0 || (1e-5..1e16).contains(&self.0.abs());
        if plain { write!(out, "{}", self.0) } else { write!(out, "{:e}", self.0) }
    }
}
