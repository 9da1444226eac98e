//! Every file that people really have: the examples, and random ones in all notations against a reader written for the tests.

use quorate::history::{Action, Entry, History, ReadError, ReadOptions, Register, Value, read_with};
use rayon::prelude::*;

use crate::random::Random;
use crate::slow_forms::{self, Event, Form};
use crate::slow_reader::{self, Op};

/// A value in the notation of the library.
fn notation(form: &Form) -> String {
    let all = |forms: &[Form]| forms.iter().map(notation).collect::<Vec<_>>().join(",");
    match form {
        Form::Nil => "null".into(),
        Form::Int(number) => number.to_string(),
        Form::Key(name) => format!(":{name}"),
        Form::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
        Form::Other(text) => text.clone(),
        Form::List(forms) => format!("[{}]", all(forms)),
        Form::Map(entries) => {
            let entry = |(key, value): &(Form, Form)| format!("{}:{}", notation(key), notation(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
    }
}

/// An operation as one line: process, key, name, values, start, end.
type Shown = (i64, Option<i64>, String, Option<String>, String, Vec<String>);

fn slowly(op: &Op) -> Shown {
    let values = op.values.iter().map(notation).collect();
    let key = op.key.as_ref().map(notation);
    (op.start as i64, op.end.map(|end| end as i64), notation(&op.process), key, op.name.into(), values)
}

fn shown(history: &History) -> Vec<Shown> {
    let one = |register: &Register, entry: &Entry| {
        let value = |id| register.value(id).to_string();
        let values = match entry.action {
            Action::Read(id) | Action::Write(id) => vec![value(id)],
            Action::Cas { expected, new } | Action::FailedCas { expected, new } => vec![value(expected), value(new)],
        };
        let end = Some(entry.end).filter(|_| !entry.is_pending());
        let process = history.processes()[entry.process as usize].to_string();
        let key = register.key().map(Value::to_string);
        let values = if entry.action.name() == "read" && end.is_none() { vec!["null".into()] } else { values };
        (entry.start, end, process, key, entry.action.name().to_owned(), values)
    };
    let mut all: Vec<Shown> = history
        .registers()
        .iter()
        .flat_map(|register| register.entries().iter().map(move |entry| one(register, entry)))
        .collect();
    all.sort();
    all
}

/// Both readers say the same about events in some notation.
fn compare(text: &str, events: Result<Vec<Event>, ()>, format: quorate::history::Format) -> bool {
    let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
    let found = read_with(text.as_bytes(), &options);
    match (events.and_then(slow_reader::operations), found) {
        (Ok(expected), Ok(history)) => {
            let mut expected: Vec<Shown> = expected.iter().map(slowly).collect();
            expected.sort();
            assert_eq!(shown(&history), expected, "{text}");
            true
        }
        (Err(()), Err(ReadError::Problems { .. })) => false,
        (expected, found) => panic!("{text}\n{expected:?}\n{found:?}"),
    }
}

/// How a random history writes its values.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Pairs,
    Keyed,
    Triples,
    Versioned,
    Field,
    Micro,
}

const STYLES: [Style; 7] =
    [Style::Plain, Style::Pairs, Style::Keyed, Style::Triples, Style::Versioned, Style::Field, Style::Micro];

/// Draws events that are right, and now and then one that is not.
fn draw(random: &mut Random) -> Vec<Event> {
    let style = STYLES[random.below(STYLES.len() as u64) as usize];
    let processes: Vec<Form> = match random.below(3) {
        0 => (0..4).map(Form::Int).collect(),
        1 => ["a", "b c", "1", "nem"].map(|name| Form::Text(name.into())).to_vec(),
        _ => ["n1", "n2", "n/3", "n4"].map(|name| Form::Key(name.into())).to_vec(),
    };
    let mut open: Vec<Option<Event>> = vec![None; 4];
    let mut events = Vec::new();
    for _ in 0..random.below(24) {
        if random.below(12) == 0 {
            let value = Form::Map(vec![(Form::Text("n1".into()), Form::Nil)]);
            let process = Form::Key("nemesis".into());
            events.push(Event { process, kind: "info".into(), f: Some("start".into()), key: None, value });
        }
        let at = random.below(4) as usize;
        match open[at].take() {
            None => {
                let event = invocation(style, processes[at].clone(), random);
                events.push(event.clone());
                open[at] = Some(event);
            }
            Some(invoked) => {
                let kind = ["ok", "ok", "ok", "fail", "info"][random.below(5) as usize];
                events.push(completion(style, invoked, kind, random));
            }
        }
        // Something that is wrong, or at least odd.
        if random.below(80) == 0
            && let Some(last) = events.last_mut()
        {
            match random.below(5) {
                0 => last.f = Some("append".into()),
                1 => last.value = Form::List(vec![Form::Int(1), Form::Int(2)]),
                2 => last.process = processes[random.below(4) as usize].clone(),
                3 => last.kind = ["invoke", "ok", "info"][random.below(3) as usize].into(),
                _ => last.f = None,
            }
        }
    }
    events
}

fn some(random: &mut Random) -> Form {
    Form::Int(random.below(5) as i64)
}

fn list(forms: Vec<Form>) -> Form {
    Form::List(forms)
}

/// The value around one or two values, in a style.
fn around(style: Style, f: &str, (key, version): (Form, Form), mut values: Vec<Form>) -> Form {
    if style == Style::Triples && f == "cas" {
        values.insert(0, key);
        return list(values);
    }
    let inside = if values.len() == 2 { list(values) } else { values.remove(0) };
    match style {
        Style::Plain | Style::Field => inside,
        Style::Pairs if f == "cas" => inside,
        Style::Pairs => list(vec![inside, Form::Int(7)]),
        Style::Keyed | Style::Triples => list(vec![key, inside]),
        Style::Versioned => list(vec![key, list(vec![version, inside])]),
        Style::Micro => list(vec![list(vec![Form::Key(if f == "write" { "w" } else { "r" }.into()), key, inside])]),
    }
}

fn invocation(style: Style, process: Form, random: &mut Random) -> Event {
    let kinds = if style == Style::Micro { 2 } else { 3 };
    let f = ["read", "write", "cas"][random.below(kinds) as usize];
    let key = if random.below(2) == 0 { Form::Text("x".into()) } else { Form::Int(9) };
    let value = match f {
        "read" if matches!(style, Style::Plain | Style::Pairs | Style::Field) => Form::Nil,
        "read" => around(style, f, (key.clone(), Form::Nil), vec![Form::Nil]),
        "write" => around(style, f, (key.clone(), Form::Nil), vec![some(random)]),
        _ => around(style, f, (key.clone(), Form::Nil), vec![some(random), some(random)]),
    };
    let f = if style == Style::Micro && random.below(2) == 0 { "txn" } else { f };
    let key = (style == Style::Field).then_some(key);
    Event { process, kind: "invoke".into(), f: Some(f.into()), key, value }
}

/// What a completion adds: what was read, and the version.
fn completion(style: Style, invoked: Event, kind: &str, random: &mut Random) -> Event {
    let version = |form: &mut Form, version: Form| {
        if let Form::List(outer) = form
            && let [_, Form::List(inner)] = &mut outer[..]
        {
            inner[0] = version;
        }
    };
    let mut value = invoked.value.clone();
    let is_read = match style {
        Style::Micro => {
            matches!(&value, Form::List(all) if matches!(&all[0], Form::List(op) if op[0] == Form::Key("r".into())))
        }
        _ => invoked.f.as_deref() == Some("read"),
    };
    if kind == "ok" && is_read {
        let found = some(random);
        match (&mut value, style) {
            (value, Style::Plain | Style::Field) => *value = found,
            (value, Style::Pairs) => *value = list(vec![found, Form::Int(7)]),
            (Form::List(outer), Style::Keyed | Style::Triples) => outer[1] = found,
            (Form::List(outer), Style::Versioned) => outer[1] = list(vec![Form::Nil, found]),
            (Form::List(outer), _) => {
                if let Form::List(op) = &mut outer[0] {
                    op[2] = found;
                }
            }
            _ => {}
        }
    }
    if kind == "ok" && style == Style::Versioned {
        version(&mut value, some(random));
    }
    if kind == "info" && random.below(3) == 0 {
        value = Form::Key("timed-out".into());
    }
    Event { kind: kind.into(), value, ..invoked }
}

/// EDN in one of many notations that mean the same.
fn edn(form: &Form, random: &mut Random) -> String {
    let blank =
        [" ", ", ", "\n", "\t", " ;c\n", " #_x ", " #_[1 {a 2}] "][(random.below(60) as usize).saturating_sub(53)];
    match form {
        Form::Nil => "nil".into(),
        Form::Int(number) if random.below(20) == 0 => format!("{number}N"),
        Form::Int(number) => number.to_string(),
        Form::Key(name) => format!(":{name}"),
        Form::Text(text) => format!("{text:?}"),
        Form::Other(text) => text.clone(),
        Form::List(forms) => {
            let inside = forms.iter().map(|form| edn(form, random)).collect::<Vec<_>>().join(blank);
            if random.below(10) == 0 { format!("({inside})") } else { format!("[{inside}]") }
        }
        Form::Map(entries) => {
            let mut entry = |(key, value): &(Form, Form)| {
                let before = ["#_##Inf ", "#a.b/c ", "#a,"].get(random.below(60) as usize).unwrap_or(&"");
                format!("{before}{} {}", edn(key, random), edn(value, random))
            };
            let inside: Vec<String> = entries.iter().map(&mut entry).collect();
            format!("{{{}}}", inside.join(","))
        }
    }
}

fn map(event: &Event, random: &mut Random) -> String {
    let key = |name: &str| Form::Key(name.to_owned());
    let mut entries = vec![(key("process"), event.process.clone()), (key("type"), key(&event.kind))];
    entries.extend(event.f.as_ref().map(|f| (key("f"), key(f))));
    entries.extend(event.key.as_ref().map(|register| (key("key"), register.clone())));
    if event.value != Form::Nil || random.below(2) == 0 {
        entries.push((key("value"), event.value.clone()));
    }
    if random.below(3) == 0 {
        entries.push((key("error"), Form::List(vec![key("timeout"), Form::Map(vec![])])));
    }
    let turn = random.below(entries.len() as u64) as usize;
    entries.rotate_left(turn);
    let tag = if random.below(5) == 0 { "#jepsen.history.Op" } else { "" };
    format!("{tag}{}", edn(&Form::Map(entries), random))
}

fn in_edn(events: &[Event], random: &mut Random) -> String {
    let maps = events.iter().map(|event| map(event, random)).collect::<Vec<_>>();
    match random.below(3) {
        0 => format!("[{}]\n", maps.join("\n ")),
        1 => format!("({})", maps.join("\n")),
        _ => maps.join("\n"),
    }
}

fn line(event: &Event, random: &mut Random) -> String {
    let blank = ["\t", "\t", "  "][random.below(3) as usize];
    let value = edn(&event.value, &mut Random::new(0)).replace('\n', " ");
    let error = if event.kind == "info" && random.below(2) == 0 {
        format!("{blank}[:timeout \"a\tb\"]")
    } else {
        String::new()
    };
    let f = event.f.as_deref().unwrap_or("read");
    format!("{}{blank}:{}{blank}:{f}{blank}{value}{error}", edn(&event.process, &mut Random::new(0)), event.kind)
}

fn json(form: &Form) -> serde_json::Value {
    match form {
        Form::Nil => serde_json::Value::Null,
        Form::Int(number) => (*number).into(),
        Form::Key(name) | Form::Text(name) | Form::Other(name) => name.as_str().into(),
        Form::List(forms) => forms.iter().map(json).collect::<Vec<_>>().into(),
        Form::Map(entries) => entries
            .iter()
            .map(|(key, value)| (notation(key).trim_matches('"').to_owned(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

/// What JSON makes of a form: keywords are strings.
fn of_json(form: &Form) -> Form {
    match form {
        Form::Key(name) => Form::Text(name.clone()),
        Form::List(forms) => Form::List(forms.iter().map(of_json).collect()),
        other => other.clone(),
    }
}

fn in_json(events: &[Event], random: &mut Random) -> String {
    let object = |event: &Event| {
        let mut object = serde_json::Map::new();
        object.insert("process".into(), json(&event.process));
        object.insert("type".into(), event.kind.as_str().into());
        object.extend(event.f.as_ref().map(|f| ("f".to_owned(), f.as_str().into())));
        object.extend(event.key.as_ref().map(|key| ("key".to_owned(), json(key))));
        object.insert("value".into(), json(&event.value));
        serde_json::Value::from(object).to_string()
    };
    let objects: Vec<String> = events.iter().map(object).collect();
    match random.below(3) {
        0 => format!("[{}]", objects.join(",")),
        1 => format!("[\n {}\n]\n", objects.join(",\n ")),
        _ => objects.join("\n"),
    }
}

/// One to three characters of a text changed, lost or doubled.
fn damaged(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..1 + random.below(3) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len() as u64) as usize;
        match random.below(4) {
            0 => bytes[at] = b"[](){}\":; ,#\\n019ktw\n\t_"[random.below(23) as usize],
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, bytes[at]),
            _ => bytes.truncate(at),
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// How many histories are drawn: `QUORATE_HISTORIES` for a long run, from `QUORATE_FIRST_HISTORY` on to go on with one.
fn seeds(usual: u64) -> std::ops::Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let first = number("QUORATE_FIRST_HISTORY").unwrap_or(0);
    first..first + number("QUORATE_HISTORIES").unwrap_or(usual)
}

#[test]
fn two_readers_say_the_same() {
    use quorate::history::Format;
    let seeds = seeds(4_000);
    let drawn = seeds.end - seeds.start;
    let read: usize = seeds
        .into_par_iter()
        .map(|seed| {
            let random = &mut Random::new(seed);
            let events = draw(random);
            let mut read = 0;
            let text = in_edn(&events, random);
            read += usize::from(compare(&text, Ok(events.clone()), Format::Edn));
            compare(&text, slow_forms::edn(&text), Format::Edn);
            let broken = damaged(&text, random);
            compare(&broken, slow_forms::edn(&broken), Format::Edn);
            if events.iter().all(|event| event.key.is_none() && event.f.is_some()) {
                let text = events.iter().map(|event| line(event, random)).collect::<Vec<_>>().join("\n");
                compare(&text, Ok(events.clone()), Format::HistoryTxt);
                let broken = damaged(&text, random);
                compare(&broken, slow_forms::lines(&broken), Format::HistoryTxt);
                let log = |line: &str| match random.below(4) {
                    0 => format!("WARN  jepsen.core - something\nINFO  jepsen.util - {line}"),
                    1 => format!("\tat java.lang.Thread.run(Thread.java:1)\nINFO  [2016-04-08 12:00:00] jepsen worker 1 - jepsen.util {line}"),
                    _ => format!("2021-02-26 23:39:01,300{{GMT}}\tINFO\t[jepsen worker 1] jepsen.util: {line}"),
                };
                let text = text.lines().map(log).collect::<Vec<_>>().join("\n");
                compare(&text, Ok(events.clone()), Format::JepsenLog);
            }
            let in_json: Vec<Event> = events
                .iter()
                .map(|event| Event {
                    process: of_json(&event.process),
                    key: event.key.as_ref().map(of_json),
                    value: of_json(&event.value),
                    ..event.clone()
                })
                .collect();
            compare(&self::in_json(&events, random), Ok(in_json), Format::JsonEvents);
            read
        })
        .sum();
    assert!(read as u64 > drawn / 2, "most of them are right: {read}");
}
