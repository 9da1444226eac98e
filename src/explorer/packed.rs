//! A history as data that a page carries: columns of numbers, and the words that they stand for.

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::bands::Band;
use super::columns::{Column, folded};
use super::shown::text;
use super::witnesses::{self, Shown};
use crate::checker::{Model, OldRead, Place, Report, Unanswered, Verdict};
use crate::history::{Action, Entry, History, Register, Value};
use crate::report::{TimeUnit, value_name};

/// Whole numbers up to here, and their differences, are exact in a browser.
const EXACT_MAX: i64 = 1 << 52;

/// Bytes of other fields that a page carries.
const FIELDS_MAX: usize = 16 << 20;

/// What the page is told of a history.
#[derive(Debug, Serialize)]
pub(super) struct Packed {
    file: String,
    unit: &'static str,
    /// The first instant, which is what times are counted from.
    base: String,
    /// Whether a browser has all digits of all times.
    exact: bool,
    count: usize,
    initial: String,
    model: &'static str,
    models: Vec<&'static str>,
    /// The lanes, in their order.
    processes: Vec<String>,
    registers: Vec<RegisterEntry>,
    /// The columns of the operations, by start.
    columns: Columns,
    /// The values, first those of the first register.
    values: Values,
    bands: Vec<Band>,
    witnesses: Vec<Shown>,
    /// How many witnesses there are, also those that the page does not have.
    witnesses_in_all: usize,
    /// The operations that have other fields, and what they are.
    fields: (Vec<usize>, Vec<String>),
    /// Whether there are more of those.
    fields_left_out: bool,
}

#[derive(Debug, Serialize)]
struct RegisterEntry {
    key: Option<String>,
    operations: usize,
    values: usize,
    /// Whether an order is known that proves it atomic.
    order: bool,
    /// A letter for each model: holds, violated, undecided, not applicable.
    verdicts: String,
}

#[derive(Debug, Serialize)]
struct Columns {
    start: String,
    length: String,
    who: String,
    register: String,
    value: String,
    line: String,
    rank: String,
    stale: String,
}

#[derive(Debug, Serialize)]
struct Values {
    numbers: String,
    texts: Vec<String>,
}

/// An operation, and where it stands.
struct Row<'a> {
    place: Place,
    entry: &'a Entry,
    start: i64,
    end: Option<i64>,
}

/// What the page is told.
pub(super) fn packed(
    file: &str,
    history: &History,
    report: &Report,
    model: Model,
    with: (TimeUnit, Vec<Band>),
) -> Packed {
    let (unit, bands) = with;
    let rows = rows(history);
    let base = rows.first().map_or(0, |row| row.start);
    let latest = rows.iter().map(|row| row.end.unwrap_or(row.start)).max().unwrap_or(0);
    let (processes, lanes) = lanes(history);
    let row_of = |wanted: &[Place]| places(&rows, wanted);
    let (shown, in_all) = witnesses::of(report, model, row_of);
    let models: Vec<Model> = Model::ALL.into_iter().filter(|model| is_asked(report, *model)).collect();
    let registers = history.registers().iter().enumerate().map(|(index, register)| RegisterEntry {
        key: register.key().map(value_name),
        operations: register.entries().len(),
        values: register.values().len(),
        order: report.order(index).is_some(),
        verdicts: verdicts(report, index, &models),
    });
    let (fields, fields_left_out) = fields(history, &rows);
    Packed {
        file: file.to_owned(),
        unit: unit.name(),
        base: base.to_string(),
        exact: latest.saturating_sub(base) <= EXACT_MAX,
        count: rows.len(),
        initial: text(&report.initial),
        model: model.name(),
        models: models.iter().map(|model| model.name()).collect(),
        processes,
        registers: registers.collect(),
        columns: columns(history, report, &rows, (base, &lanes)),
        values: values(history),
        bands: bands.into_iter().map(|band| band.since(base)).collect(),
        witnesses: shown,
        witnesses_in_all: in_all,
        fields,
        fields_left_out,
    }
}

/// All operations by start, and those of one start by line.
fn rows(history: &History) -> Vec<Row<'_>> {
    let mut rows = Vec::with_capacity(history.len());
    for (register, found) in history.registers().iter().enumerate() {
        rows.extend(found.entries().iter().enumerate().map(|(at, entry)| {
            let end = (!entry.is_pending()).then(|| found.time(entry.end));
            Row { place: Place { register, entry: at }, entry, start: found.time(entry.start), end }
        }));
    }
    rows.sort_by_key(|row| (row.start, row.entry.start, row.entry.line));
    rows
}

/// The names of the processes in the order of their lanes, and the lane of each.
fn lanes(history: &History) -> (Vec<String>, Vec<u32>) {
    let processes = history.processes();
    let mut sorted: Vec<usize> = (0..processes.len()).collect();
    sorted.sort_by(|a, b| processes[*a].cmp(&processes[*b]));
    let mut lanes = vec![0; processes.len()];
    for (lane, process) in sorted.iter().enumerate() {
        lanes[*process] = lane as u32;
    }
    (sorted.into_iter().map(|process| value_name(&processes[process])).collect(), lanes)
}

/// The rows of some operations, in the order of these.
fn places(rows: &[Row<'_>], wanted: &[Place]) -> FxHashMap<Place, usize> {
    let mut found: FxHashMap<Place, usize> = wanted.iter().map(|place| (*place, usize::MAX)).collect();
    for (at, row) in rows.iter().enumerate() {
        if let Some(place) = found.get_mut(&row.place) {
            *place = at;
        }
    }
    found
}

fn is_asked(report: &Report, model: Model) -> bool {
    report.model(model).unanswered != Some(Unanswered::NotAsked)
}

fn verdicts(report: &Report, register: usize, models: &[Model]) -> String {
    let Some(found) = report.registers().get(register) else { return String::new() };
    let letter = |model: &Model| match found.model(*model).verdict {
        Verdict::Holds => 'h',
        Verdict::Violated => 'v',
        Verdict::Undecided => 'u',
        Verdict::NotApplicable => 'n',
    };
    models.iter().map(letter).collect()
}

/// The numbers of an action: what it is, and its values, the second of which only a compare-and-set has.
fn action(action: Action<usize>) -> (u64, usize, Option<usize>) {
    match action {
        Action::Read(value) => (0, value, None),
        Action::Write(value) => (1, value, None),
        Action::Cas { expected, new } => (2, expected, Some(new)),
        Action::FailedCas { expected, new } => (3, expected, Some(new)),
    }
}

fn columns(history: &History, report: &Report, rows: &[Row<'_>], (base, lanes): (i64, &[u32])) -> Columns {
    let mut columns: [Column; 7] = Default::default();
    let [start, length, who, register, value, line, rank] = &mut columns;
    let count = history.registers().len();
    // Values, and places in the order of a register, are told by their differences.
    let (mut last_value, mut last_rank) = (vec![0i64; count], vec![-1i64; count]);
    let ranks: Vec<Option<Vec<u32>>> = (0..count).map(|index| ranks(history, report, index)).collect();
    let (mut now, mut last_line) = (base, 0i64);
    for row in rows {
        let at = row.place.register;
        start.push(row.start.wrapping_sub(now) as u64);
        now = row.start;
        length.push(row.end.map_or(0, |end| end.wrapping_sub(row.start).max(0) as u64 + 1));
        let (kind, first, second) = action(row.entry.action.map(crate::history::ValueId::index));
        who.push(u64::from(lanes[row.entry.process as usize]) * 4 + kind);
        register.push(at as u64);
        for id in [Some(first), second].into_iter().flatten() {
            value.push_signed(id as i64 - last_value[at]);
            last_value[at] = id as i64;
        }
        line.push_signed(i64::from(row.entry.line) - last_line);
        last_line = i64::from(row.entry.line);
        if let Some(ranks) = &ranks[at] {
            match ranks[row.place.entry] {
                u32::MAX => rank.push(0),
                place => {
                    rank.push(folded(i64::from(place) - last_rank[at] - 1) + 1);
                    last_rank[at] = i64::from(place);
                }
            }
        }
    }
    let stale = stale(report, rows);
    let [start, length, who, register, value, line, rank] = columns.map(|column| column.text());
    Columns { start, length, who, register, value, line, rank, stale }
}

/// Where the operations of a register stand in the order that proves it atomic; `u32::MAX` for what is not in it.
fn ranks(history: &History, report: &Report, register: usize) -> Option<Vec<u32>> {
    let order = report.order(register)?;
    let mut ranks = vec![u32::MAX; history.registers()[register].entries().len()];
    for (place, entry) in order.iter().enumerate() {
        ranks[*entry] = place as u32;
    }
    Some(ranks)
}

/// The rows of the stale reads and of the new-old inversions, each as its difference from the one before.
fn stale(report: &Report, rows: &[Row<'_>]) -> String {
    let staleness = &report.staleness;
    let lists = [&staleness.stale_reads, &staleness.inversions].into_iter().flatten().flatten();
    let of = |read: &OldRead| Place { register: read.register, entry: read.entry };
    let wanted: Vec<Place> = lists.map(of).collect();
    let mut column = Column::default();
    if wanted.is_empty() {
        return column.text();
    }
    let mut found: Vec<usize> = places(rows, &wanted).into_values().filter(|row| *row != usize::MAX).collect();
    found.sort_unstable();
    let mut last = 0;
    for row in found {
        column.push((row - last) as u64);
        last = row;
    }
    column.text()
}

/// Each value: 0 for the next text, else the difference from the whole number before, folded, and one more.
fn values(history: &History) -> Values {
    let (mut numbers, mut texts, mut last) = (Column::default(), Vec::new(), 0);
    for value in history.registers().iter().flat_map(Register::values) {
        match value {
            Value::Integer(number) if (-EXACT_MAX..=EXACT_MAX).contains(number) => {
                numbers.push(folded(number - last) + 1);
                last = *number;
            }
            other => {
                numbers.push(0);
                texts.push(text(other));
            }
        }
    }
    Values { numbers: numbers.text(), texts }
}

/// The rows with other fields and those fields, and whether there are more than a page carries.
fn fields(history: &History, rows: &[Row<'_>]) -> ((Vec<usize>, Vec<String>), bool) {
    let (mut places, mut texts, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (at, row) in rows.iter().enumerate() {
        let Some(fields) = history.fields(row.entry.line) else { continue };
        let shown = super::shown::cut(&crate::model::plain(fields));
        bytes += shown.len();
        if bytes > FIELDS_MAX {
            return ((places, texts), true);
        }
        places.push(at);
        texts.push(shown);
    }
    ((places, texts), false)
}
