//! A table: one row an operation, the columns by their names and in any order.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::error::{ReadError, Reason};
use super::jsonl::{Fields, cas, unknown_field};
use super::options::{LINE_BYTES_MAX, ReadOptions};
use super::problems::Problems;
use crate::history::builder::{Builder, InvalidOperation};
use crate::history::operation::{Action, History};
use crate::history::value::Value;

/// The columns of an operation; the last one may be absent.
pub(super) const COLUMNS: [&str; 6] = ["process", "op", "value", "start", "end", "key"];

const OPERATIONS: &str = "read, write and cas";

pub(super) fn read(mut reader: impl BufRead, options: &ReadOptions) -> Result<History, ReadError> {
    // Where lines end with two characters, the position of a row is that of the second one, on the line before.
    let beginning = reader.fill_buf()?;
    let first_end = memchr::memchr(b'\n', beginning);
    let late = u64::from(first_end.is_some_and(|end| end > 0 && beginning[end - 1] == b'\r'));
    let since_row = Rc::new(Cell::new(0));
    let rows = Rows { reader, since_row: Rc::clone(&since_row) };
    let mut table = ::csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(rows);
    let mut problems = Problems::default();
    let (mut builder, mut fields, mut columns) = (Builder::new(), Fields::default(), None);
    let mut record = ::csv::ByteRecord::new();
    loop {
        match table.read_byte_record(&mut record).map_err(::csv::Error::into_kind) {
            Ok(true) => since_row.set(0),
            Ok(false) => break,
            Err(::csv::ErrorKind::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                problems.add(table.position().line(), Reason::TooLong);
                break;
            }
            Err(::csv::ErrorKind::Io(error)) => return Err(error.into()),
            Err(other) => return Err(io::Error::other(format!("{other:?}")).into()),
        }
        let late = if columns.is_some() { late } else { 0 };
        let line = record.position().map_or(1, ::csv::Position::line) + late;
        let outcome = match &columns {
            None => Columns::of(&record, options.is_strict).map(|found| columns = Some(found)),
            Some(columns) => columns.row(&record, line, &mut builder, &mut fields),
        };
        if let Err(reason) = outcome
            && (!problems.add(line, reason) || columns.is_none())
        {
            break;
        }
    }
    problems.none_or_refuse()?;
    let mut history = builder.finish();
    history.fields = fields.lines;
    history.warnings.extend(fields.names.note());
    Ok(history)
}

/// Bytes, until a row is longer than any operation: a quote that nobody closes must not fill the memory.
struct Rows<R> {
    reader: R,
    since_row: Rc<Cell<usize>>,
}

impl<R: Read> Read for Rows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row.get() > LINE_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let bytes = self.reader.read(buffer)?;
        self.since_row.set(self.since_row.get() + bytes);
        Ok(bytes)
    }
}

/// Where the columns stand.
struct Columns {
    names: Vec<String>,
    places: [Option<usize>; 6],
}

impl Columns {
    fn of(header: &::csv::ByteRecord, is_strict: bool) -> Result<Columns, Reason> {
        let mut names: Vec<String> = Vec::with_capacity(header.len());
        for cell in header {
            let name = std::str::from_utf8(cell).map_err(|_| Reason::NotUtf8)?.trim_start_matches('\u{feff}').trim();
            if names.iter().any(|other| other == name) {
                return Err(Reason::Json { message: format!("the column {name:?} stands twice") });
            }
            names.push(name.to_owned());
        }
        let places = COLUMNS.map(|column| names.iter().position(|name| name == column));
        if let Some(missing) = places[..5].iter().position(Option::is_none) {
            return Err(Reason::Json { message: format!("there is no column {:?}", COLUMNS[missing]) });
        }
        match names.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
            Some(other) if is_strict => Err(unknown_field(other)),
            _ => Ok(Columns { names, places }),
        }
    }

    fn row(
        &self,
        record: &::csv::ByteRecord,
        line: u64,
        builder: &mut Builder,
        fields: &mut Fields,
    ) -> Result<(), Reason> {
        let line = u32::try_from(line).map_err(|_| InvalidOperation::TooMany)?;
        if record.len() != self.names.len() {
            return Err(Reason::Cells { columns: self.names.len(), cells: record.len() });
        }
        let cell = |column: usize| -> Result<&str, Reason> {
            let bytes = self.places[column].and_then(|place| record.get(place)).unwrap_or_default();
            std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)
        };
        let instant = |column: usize| -> Result<Option<i64>, Reason> {
            let text = cell(column)?.trim();
            let bad = || Reason::Cell { column: COLUMNS[column], text: text.to_owned(), expected: "a whole number" };
            if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| bad()) }
        };
        let [process, op, value] = [cell(0)?, cell(1)?, cell(2)?];
        let end = instant(4)?;
        let needed = |column, expected| Reason::Cell { column, text: String::new(), expected };
        let start = instant(3)?.ok_or(needed("start", "a whole number"))?;
        if process.is_empty() {
            return Err(needed("process", "a whole number or a name"));
        }
        let action = match op.trim() {
            // Nothing was read, or it never returned.
            "read" if value.is_empty() => Action::Read(Value::Null),
            "read" => Action::Read(plain(value)),
            "write" | "cas" if value.is_empty() => return Err(needed("value", "what is written")),
            "write" => Action::Write(plain(value)),
            "cas" => cas(value)?,
            other => return Err(Reason::UnknownOperation { name: other.to_owned(), expected: OPERATIONS }),
        };
        let key = Some(cell(5)?).filter(|key| !key.is_empty()).map(plain);
        let place = builder.place_of_value(&plain(process), key.as_ref())?;
        builder.push_at(place, &action, (start, end), line)?;
        self.keep_others(record, line, fields)
    }

    /// Keeps what stands in other columns for display.
    fn keep_others(&self, record: &::csv::ByteRecord, line: u32, fields: &mut Fields) -> Result<(), Reason> {
        let mut shown = Vec::new();
        for (name, cell) in self.names.iter().zip(record).filter(|(name, _)| !COLUMNS.contains(&name.as_str())) {
            let text = std::str::from_utf8(cell).map_err(|_| Reason::NotUtf8)?;
            fields.names.add(name, line);
            if !text.is_empty() {
                shown.push((name.as_str(), plain(text)));
            }
        }
        fields.keep(line, shown);
        Ok(())
    }
}

/// A whole number, or else a string.
fn plain(cell: &str) -> Value {
    match cell.trim().parse() {
        Ok(number) if cell.trim().bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) => Value::Integer(number),
        _ => Value::from(cell),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(text: &str) -> Result<History, ReadError> {
        read(text.as_bytes(), &ReadOptions::default())
    }

    #[test]
    fn columns_in_any_order() {
        let text = "\u{feff}op,start,end,node,process,key,value\r\nwrite,1,2,n1,c1,x,17\r\ncas,3,,,2,,\"[1, \"\"a\"\"]\"\r\n\
                    read,4,9,,-3,7,\r\nread,4,,,-3,7,\"two\nlines\"\r\n";
        let text = text.replace("read,4,,,-3", "read,9,,,-3");
        let history = history(&text).unwrap();
        let keys: Vec<_> = history.registers().iter().map(|register| register.key().cloned()).collect();
        assert_eq!(keys, [Some(Value::from("x")), None, Some(Value::from(7))]);
        assert_eq!(history.processes(), [Value::from("c1"), Value::from(2), Value::from(-3)]);
        assert_eq!(history.registers()[2].values(), [Value::Null, Value::from("two\nlines")]);
        assert_eq!(history.by_line().iter().map(|(_, entry)| entry.line).collect::<Vec<_>>(), [2, 3, 4, 5]);
        assert_eq!(history.fields(2), Some("{\"node\":\"n1\"}"));
        assert!(history.registers()[1].entries()[0].is_pending());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let header = "process,op,value,start,end\n";
        for (text, expected) in [
            ("process,op,value,start\n1,read,1,2".to_owned(), "line 1: there is no column \"end\""),
            ("process,op,value,start,end,op\n".into(), "the column \"op\" stands twice"),
            (format!("{header}1,read,1,2"), "line 2: there are 5 columns, but this row has 4 cells"),
            (format!("{header}1,read,1,x,3"), "the start \"x\" must be a whole number"),
            (format!("{header}1,read,1,,3"), "the start \"\" must be a whole number"),
            (format!("{header},read,1,1,3"), "the process \"\" must be"),
            (format!("{header}1,write,,1,3"), "the value \"\" must be what is written"),
            (format!("{header}1,cas,3,1,3"), "list of two"),
            (format!("{header}1,append,3,1,3"), "unknown operation \"append\""),
            (format!("{header}1,read,3,5,3"), "ends at 3, before it starts at 5"),
            (format!("{header}1,read,3,1,3\n1,read,3,2,3"), "line 3: process 1 starts this operation at 2, before"),
        ] {
            assert!(history(&text).unwrap_err().to_string().contains(expected), "{text}: {:?}", history(&text));
        }
        let open = format!("{header}1,read,\"{}", "x".repeat(LINE_BYTES_MAX + 100_000));
        assert!(
            history(&open).unwrap_err().to_string().contains("line 2: this is longer than 1,048,576 bytes"),
            "long"
        );
        let strict = ReadOptions { is_strict: true, ..ReadOptions::default() };
        let text = "process,op,value,start,end,node\n1,read,0,1,2,n1\n";
        assert!(super::read(text.as_bytes(), &strict).unwrap_err().to_string().contains("unknown field `node`"));
    }
}
