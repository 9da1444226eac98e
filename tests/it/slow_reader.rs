//! A reader of Jepsen's events that was written for the tests alone: the whole text at once, every reading of the values tried
//! in turn, nothing shared with the library. It says what a file is, or that it is refused.

use crate::slow_forms::{Event, Form};

/// An operation as a history has it: process, key, what it did, and the numbers of its events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Op {
    pub(crate) start: usize,
    pub(crate) end: Option<usize>,
    pub(crate) process: Form,
    pub(crate) key: Option<Form>,
    pub(crate) name: &'static str,
    pub(crate) values: Vec<Form>,
}

/// A reading of values.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    keyed: bool,
    versioned: bool,
}

/// A key, and one value or two.
type Parts = (Option<Form>, Vec<Form>);

/// What a value says in a reading.
fn parts(reading: Reading, f: &str, value: &Form) -> Option<Parts> {
    let (key, mut rest) = match (reading.keyed, value.list()) {
        (false, _) => (None, vec![value.clone()]),
        (true, Some([key, rest])) => (Some(key.clone()), vec![rest.clone()]),
        (true, Some([key, old, new])) if f == "cas" => (Some(key.clone()), vec![old.clone(), new.clone()]),
        _ => return None,
    };
    if reading.versioned && rest.len() == 1 && !(f == "read" && rest[0] == Form::Nil) {
        let Some([_, inside]) = rest[0].list() else { return None };
        rest = vec![inside.clone()];
    }
    if f == "cas" && rest.len() == 1 {
        let Some([old, new]) = rest[0].list() else { return None };
        rest = vec![old.clone(), new.clone()];
    }
    Some((key, rest))
}

/// The micro-operation that a value is: whether it writes, key and value.
fn micro(f: &str, value: &Form) -> Option<Result<(bool, Form, Form), ()>> {
    let all = value.list();
    let is_micro = |form: &Form| {
        let word = form.list().and_then(<[Form]>::first).and_then(Form::word);
        word.is_some_and(|word| ["r", "w", "read", "write", "append"].contains(&word.as_str()))
    };
    if !["txn", "read", "write"].contains(&f) {
        return None;
    }
    if f != "txn" && !all.is_some_and(|all| !all.is_empty() && all.iter().all(is_micro)) {
        return None;
    }
    let Some([one]) = all else { return Some(Err(())) };
    let Some([word, key, value]) = one.list() else { return Some(Err(())) };
    Some(match word.word().as_deref() {
        Some("r" | "read") => Ok((false, key.clone(), value.clone())),
        Some("w" | "write") => Ok((true, key.clone(), value.clone())),
        _ => Err(()),
    })
}

fn is_plain(f: &str) -> bool {
    ["read", "write", "cas"].contains(&f)
}

/// Every reading that some rule asks for, tried on all operations.
fn reading(events: &[Event]) -> Reading {
    let plain = |event: &&Event| {
        event.kind == "invoke" && event.f.as_deref().is_some_and(|f| is_plain(f) && micro(f, &event.value).is_none())
    };
    let all: Vec<&Event> = events.iter().filter(plain).collect();
    let has_keys = events.iter().any(|event| event.key.is_some());
    let fits =
        |reading| all.iter().all(|event| parts(reading, event.f.as_deref().unwrap_or(""), &event.value).is_some());
    // Completions whose first element is not that of the invocation.
    let (mut other, mut version) = (false, false);
    for (at, event) in events.iter().enumerate().filter(|(_, event)| event.kind == "ok") {
        let before = events[..at].iter().rev().find(|before| before.process == event.process);
        let Some(before) = before.filter(|before| plain(before)) else { continue };
        if let (Some([a, _]), Some([b, _])) = (before.value.list(), event.value.list()) {
            other |= a != b;
            version |= a != b && *a == Form::Nil;
        }
    }
    let keyed = !all.is_empty() && !has_keys && !other && fits(Reading { keyed: true, versioned: false });
    let inner = |event: &Event| match (keyed, event.value.list()) {
        (false, _) => Some(event.value.clone()),
        (true, Some([_, inner])) => Some(inner.clone()),
        _ => None,
    };
    let (mut some, mut none) = (false, false);
    for event in &all {
        let inner = inner(event);
        let f = event.f.as_deref().unwrap_or("");
        if f == "read" && inner == Some(Form::Nil) {
            continue;
        }
        let fits = match inner.as_ref().and_then(Form::list) {
            Some([Form::Nil, rest]) => match f {
                "read" => *rest == Form::Nil,
                "cas" => rest.list().is_some_and(|both| both.len() == 2),
                _ => true,
            },
            _ => false,
        };
        some |= fits;
        none |= !fits;
    }
    Reading { keyed, versioned: (keyed || has_keys || version) && some && !none }
}

fn is_nemesis(process: &Form) -> bool {
    match process {
        Form::Key(name) => name == "nemesis",
        Form::Text(name) => name == "nemesis" || name == ":nemesis",
        _ => false,
    }
}

/// The operations that events are, or nothing where the file is to be refused.
pub(crate) fn operations(events: Vec<Event>) -> Result<Vec<Op>, ()> {
    if events.iter().any(|event| !["invoke", "ok", "fail", "info"].contains(&event.kind.as_str())) {
        return Err(());
    }
    let events: Vec<Event> = events.into_iter().filter(|event| !is_nemesis(&event.process)).collect();
    if events.iter().any(|event| !matches!(event.process, Form::Int(_) | Form::Key(_) | Form::Text(_))) {
        return Err(());
    }
    let reading = reading(&events);
    let mut done: Vec<Op> = Vec::new();
    let mut open: Vec<(Form, Op)> = Vec::new();
    for (number, event) in events.iter().enumerate() {
        let number = number + 1;
        let at = open.iter().position(|(process, _)| *process == event.process);
        if event.kind == "invoke" {
            if at.is_some() {
                return Err(());
            }
            let f = event.f.as_deref().ok_or(())?;
            let (key, name, values) = match micro(f, &event.value) {
                Some(micro) => {
                    let (writes, key, value) = micro?;
                    (Some(key), if writes { "write" } else { "read" }, vec![value])
                }
                None if is_plain(f) => {
                    let (key, values) = parts(reading, f, &event.value).ok_or(())?;
                    (
                        key.or_else(|| event.key.clone()),
                        ["read", "write", "cas"].into_iter().find(|name| *name == f).ok_or(())?,
                        values,
                    )
                }
                None => return Err(()),
            };
            let op = Op { start: number, end: None, process: event.process.clone(), key, name, values };
            open.push((event.process.clone(), op));
            continue;
        }
        let Some(at) = at else {
            if event.kind == "info" {
                continue;
            }
            return Err(());
        };
        let (_, mut op) = open.remove(at);
        let (key, returned) = completed(reading, event, &op)?;
        if key.or_else(|| event.key.clone()).is_some_and(|key| Some(key) != op.key) {
            return Err(());
        }
        match event.kind.as_str() {
            "ok" => {
                if op.name == "read" {
                    op.values = vec![returned.unwrap_or(Form::Nil)];
                }
                op.end = Some(number);
                done.push(op);
            }
            "fail" => {}
            _ => done.push(op),
        }
    }
    done.extend(open.into_iter().map(|(_, op)| op));
    for op in &mut done {
        if op.name == "read" && op.end.is_none() {
            op.values = vec![Form::Nil];
        }
    }
    done.sort();
    Ok(done)
}

/// The key and the value of a completion, unless it contradicts its invocation.
fn completed(reading: Reading, event: &Event, op: &Op) -> Result<(Option<Form>, Option<Form>), ()> {
    let f = event.f.as_deref().unwrap_or(op.name);
    let micro = micro(f, &event.value);
    if micro.is_none() && f != op.name && f != "txn" {
        return Err(());
    }
    if event.kind == "info" {
        return Ok((None, None));
    }
    if let Some(micro) = micro {
        let (writes, key, value) = micro?;
        return match op.name {
            "read" if !writes => Ok((Some(key), Some(value))),
            "write" if writes && value == op.values[0] => Ok((Some(key), None)),
            _ => Err(()),
        };
    }
    let is_read = op.name == "read";
    if event.value == Form::Nil || (!is_read && event.value.is_nothing()) {
        return Ok((None, is_read.then_some(Form::Nil)));
    }
    if event.kind == "fail" && is_read {
        return Ok((None, None));
    }
    let (key, values) = parts(reading, op.name, &event.value).ok_or(())?;
    let is_same = match op.name {
        "read" => true,
        "write" => values[0].is_nothing() || values == op.values,
        _ => values == op.values,
    };
    if is_same { Ok((key, is_read.then(|| values[0].clone()))) } else { Err(()) }
}
