//! A matrix of round trips in CSV: places in the first row and the first column, milliseconds where they cross.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::FILE_BYTES_MAX;
use super::places::Places;
use super::problem::{Problem, Problems};
use super::wording::quoted;
use crate::model::{LatencyMs, Link, OutOfRange, Place, ordered};

/// A cell and where it stands.
struct Cell {
    text: String,
    span: Range<usize>,
}

/// The links of a matrix, in the order of its cells; `given` are those of the definition.
///
/// Empty cells say nothing. A pair may stand twice, once in the row of each, if both cells say the same.
pub(super) fn read(
    bytes: &[u8],
    places: &Places<'_>,
    given: &FxHashMap<[Place; 2], Range<usize>>,
    problems: &mut Problems,
) -> Vec<Link> {
    if bytes.len() > FILE_BYTES_MAX {
        problems.push(Problem::new(0..0, "a matrix larger than a definition may be"));
        return Vec::new();
    }
    let mut rows = rows(bytes).into_iter();
    let Some(header) = rows.next() else {
        let problem = Problem::new(0..0, "an empty matrix of round trips");
        problems.push(problem.help("its first row names places, and so does its first column".to_owned()));
        return Vec::new();
    };
    let columns: Vec<Option<Place>> = header.iter().skip(1).map(|cell| place(cell, places, problems)).collect();
    refuse_twice(header.iter().skip(1).zip(&columns), places, problems);
    let rows: Vec<(Vec<Cell>, Option<Place>)> =
        rows.map(|row| (place(&row[0], places, problems), row)).map(swap).collect();
    refuse_twice(rows.iter().map(|(row, place)| (&row[0], place)), places, problems);
    let mut matrix = Matrix { places, given, found: FxHashMap::default(), links: Vec::new() };
    for (row, from) in &rows {
        if row.len() != header.len() {
            let cells = |count: usize| if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") };
            let message = format!("a row of {} below one of {}", cells(row.len()), cells(header.len()));
            let problem = Problem::new(row[0].span.clone(), message).label("every row is as long as the first");
            problems.push(problem.help("leave cells empty where there is no link".to_owned()));
            continue;
        }
        for (cell, to) in row.iter().skip(1).zip(&columns) {
            if let (Some(from), Some(to)) = (from, to) {
                matrix.take(cell, [*from, *to], problems);
            }
        }
    }
    matrix.links
}

fn swap<A, B>((a, b): (A, B)) -> (B, A) {
    (b, a)
}

/// What was read so far.
struct Matrix<'a> {
    places: &'a Places<'a>,
    given: &'a FxHashMap<[Place; 2], Range<usize>>,
    found: FxHashMap<[Place; 2], (f64, usize)>,
    links: Vec<Link>,
}

impl Matrix<'_> {
    fn take(&mut self, cell: &Cell, between: [Place; 2], problems: &mut Problems) {
        let text = cell.text.trim();
        if text.is_empty() {
            return;
        }
        let [a, b] = between.map(|place| self.places.shown(place));
        let problem = |message: String| Problem::new(cell.span.clone(), message);
        let Ok(number) = text.parse::<f64>() else {
            let problem = problem(format!("{} is not a number of milliseconds", quoted(text)));
            problems.push(problem.label(format!("the round trip between {a} and {b}")));
            return;
        };
        let round_trip_ms = match LatencyMs::new(number) {
            Ok(ms) => ms,
            Err(OutOfRange { expected, .. }) => {
                let problem = problem(format!("the round trip between {a} and {b} is {}", quoted(text)));
                problems.push(problem.label("out of range").help(format!("write {expected}")));
                return;
            }
        };
        if let [Place::Node(one), Place::Node(other)] = between
            && one == other
        {
            if number > 0.0 {
                let problem = problem(format!("a round trip from {a} to itself")).label("a node is 0 ms from itself");
                problems.push(problem.help("write 0, or nothing".to_owned()));
            }
            return;
        }
        if self.given.contains_key(&ordered(between)) {
            let problem = problem(format!("the definition has a [[link]] between {a} and {b} already"));
            problems.push(problem.label("given a second time").help("keep one of the two".to_owned()));
            return;
        }
        match self.found.get(&ordered(between)) {
            Some((known, first)) if *known != number => {
                let problem = problem(format!("{number} ms between {a} and {b}, and {known} ms the other way round"));
                let problem = problem.label("round trips are the same both ways").first(*first);
                problems.push(problem.help("write the same twice, or leave one of the two cells empty".to_owned()));
            }
            Some(_) => {}
            None => {
                self.found.insert(ordered(between), (number, cell.span.start));
                self.links.push(Link { between, round_trip_ms });
            }
        }
    }
}

fn place(cell: &Cell, places: &Places<'_>, problems: &mut Problems) -> Option<Place> {
    places.either(cell.text.trim(), cell.span.clone()).map_err(|problem| problems.push(problem)).ok()
}

/// Reports places that stand twice at the head of rows, or of columns.
fn refuse_twice<'a>(
    heads: impl Iterator<Item = (&'a Cell, &'a Option<Place>)>,
    places: &Places<'_>,
    problems: &mut Problems,
) {
    let mut seen: FxHashMap<Place, usize> = FxHashMap::default();
    for (cell, place) in heads {
        let Some(place) = place else { continue };
        if let Some(first) = seen.insert(*place, cell.span.start) {
            let problem = Problem::new(cell.span.clone(), format!("{} stands here twice", places.shown(*place)));
            problems.push(problem.label("not the first one").first(first));
        }
    }
}

/// The rows that are not empty, cell by cell.
fn rows(bytes: &[u8]) -> Vec<Vec<Cell>> {
    const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
    let start = if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(&bytes[start..]);
    let mut rows = Vec::new();
    // Bytes that are in memory are read without errors.
    for record in reader.byte_records().filter_map(Result::ok) {
        let at = start + record.position().map_or(0, |position| position.byte() as usize);
        // Ends of lines may belong to the record behind them.
        let at = at + bytes[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let mut spans = spans(bytes, at);
        let cell = |text: &[u8]| Cell {
            text: String::from_utf8_lossy(text).into_owned(),
            span: spans.next().unwrap_or(at..at),
        };
        rows.push(record.iter().map(cell).collect());
    }
    rows
}

/// Where the cells of the row stand that begins here.
fn spans(bytes: &[u8], start: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let begin = next?;
        let mut is_quoted = false;
        let mut end = begin;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b',' | b'\r' | b'\n' if !is_quoted => break,
                _ => {}
            }
            end += 1;
        }
        next = (bytes.get(end) == Some(&b',')).then_some(end + 1);
        Some(begin..end)
    })
}
