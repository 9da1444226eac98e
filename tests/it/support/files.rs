//! Where the data of the tests is.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A path of the repository.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The text of a file of the repository.
#[track_caller]
pub(crate) fn text(relative: &str) -> String {
    let path = path(relative);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in a folder, in order.
#[track_caller]
pub(crate) fn entries_of(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A file of `tests/golden`.
#[track_caller]
pub(crate) fn golden(name: &str) -> Value {
    serde_json::from_str(&text(&format!("tests/golden/{name}"))).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The rows of a list.
#[track_caller]
pub(crate) fn rows(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

/// The entries of an object.
#[track_caller]
pub(crate) fn entries(value: &Value) -> &serde_json::Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("not an object: {value}"))
}

/// The number at `key`.
#[track_caller]
pub(crate) fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("{key} is no number in {value}"))
}

/// The whole number at `key`, written as a number or as digits.
#[track_caller]
pub(crate) fn whole(value: &Value, key: &str) -> u64 {
    let digits = value[key].as_str().and_then(|digits| digits.parse().ok());
    value[key].as_u64().or(digits).unwrap_or_else(|| panic!("{key} is no whole number in {value}"))
}

/// The text at `key`.
#[track_caller]
pub(crate) fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} is no text in {value}"))
}

/// The flag at `key`.
#[track_caller]
pub(crate) fn flag(value: &Value, key: &str) -> bool {
    value[key].as_bool().unwrap_or_else(|| panic!("{key} is neither true nor false in {value}"))
}
