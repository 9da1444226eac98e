//! Records as CSV, in which no cell is more than what it says.

use std::borrow::Cow;

use crate::model::visible;

/// What a spreadsheet takes for the beginning of a formula, also as it is written in the full width of East Asian letters.
const FORMULA: [char; 9] = ['=', '+', '-', '@', '\t', '＝', '＋', '－', '＠'];

/// What spreadsheets put before a text that is none of theirs to run.
const QUOTE: char = '\'';

/// The records as CSV, the first of them being the names of the columns. Every record has as many fields.
pub(super) fn written(records: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for record in records {
        let record = record.iter().map(|field| harmless(field).into_owned());
        writer.write_record(record).expect("rows are of equal length, in memory");
    }
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("strings are written only")
}

/// A field that neither a spreadsheet would run nor a terminal obey: a text that begins like a formula gets an apostrophe before
/// it, as does one that begins with apostrophes and then like one, so that [`read`] finds what was written. Numbers stay numbers.
fn harmless(field: &str) -> Cow<'_, str> {
    let field = visible(field);
    if begins_like_a_formula(&field) { Cow::Owned(format!("{QUOTE}{field}")) } else { field }
}

/// What a text field of one of our tables says: without the apostrophe that keeps spreadsheets from running it.
///
/// # Examples
/// ```
/// use quorate::report::read_csv_field;
/// assert_eq!(read_csv_field("'=1+1"), "=1+1");
/// assert_eq!(read_csv_field("'quoted'"), "'quoted'");
/// ```
pub fn read(field: &str) -> &str {
    match field.strip_prefix(QUOTE) {
        Some(rest) if begins_like_a_formula(rest) => rest,
        _ => field,
    }
}

fn begins_like_a_formula(field: &str) -> bool {
    let is_number = field.parse::<f64>().is_ok_and(f64::is_finite);
    // Some skip the blanks before a formula.
    let text = field.trim_start_matches(QUOTE).trim_start_matches([' ', '\u{a0}']);
    // A dash alone is a name: that of standard input, and of what is missing.
    text.starts_with(FORMULA) && !is_number && field != "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_run() {
        for text in [
            "=1+1",
            "=cmd|' /C calc'!A0",
            "+1-800",
            "-2+3+cmd",
            "@SUM(1)",
            "\t=1",
            " =1",
            "＝1+1",
            "-inf",
            "--",
            "-e",
            "'=1",
            "''@x",
        ] {
            let written = written([vec![text.to_owned(), "x".to_owned()]]);
            let first = csv::ReaderBuilder::new().has_headers(false).from_reader(written.as_bytes());
            let record = first.into_records().next().unwrap().unwrap();
            assert!(record[0].starts_with(QUOTE), "{text:?}: {record:?}");
            assert_eq!(read(&record[0]), text, "{text:?}");
        }
    }

    #[test]
    fn everything_else_stays() {
        for text in ["-0.5", "+3", "-1e-300", "-", "", "n1 n2", "it's", "a=b", "'quoted'", "grid-3x3", "2.5e-7"] {
            assert_eq!(harmless(text), text);
            assert_eq!(read(text), text);
        }
    }

    #[test]
    fn no_cell_commands_a_terminal() {
        assert_eq!(harmless("a\u{1b}[31m\u{9b}b"), "a\\u{1b}[31m\\u{9b}b");
        assert_eq!(harmless("\r=1"), "\\r=1");
    }
}
