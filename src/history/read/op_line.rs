//! An event on a line of its own: process, type, function and value, between tabs or blanks, and perhaps an error behind.

use super::edn_form::Edn;
use super::edn_parser::Parser;
use super::error::Reason;
use super::events::{Event, Events, Type};

/// Hands over the event of a line; `false` if the rest of the file is not worth reading.
pub(super) fn take(text: &str, line: u64, events: &mut Events) -> Result<bool, Reason> {
    let mut parser = Parser::new(text.as_bytes(), true);
    let mut next = |is_needed: bool| match parser.next_form() {
        Ok(Some(form)) => Ok(form),
        Ok(None) if !is_needed => Ok(Edn::Nil),
        Ok(None) => Err(Reason::NotAnEvent),
        Err(stop) => Err(stop.reason()),
    };
    let (process, kind, function) = (next(true)?, next(true)?, next(true)?);
    let kind = kind.keyword().and_then(Type::of).ok_or(Reason::NotAnEvent)?;
    let function = function.keyword().ok_or(Reason::NotAnEvent)?;
    let value = next(false)?;
    let event = Event { line, process: &process, kind, function: Some(function), key: None, value: &value, time: None };
    Ok(events.add(&event))
}

/// Whether a line is meant to be an event: a type stands behind its first form.
pub(super) fn is_meant(text: &str) -> bool {
    let mut parser = Parser::new(text.as_bytes(), true);
    let is_type = |form: Edn| form.keyword().and_then(Type::of).is_some();
    parser.next_form().is_ok_and(|form| form.is_some())
        && parser.next_form().is_ok_and(|form| form.is_some_and(is_type))
}

/// Whether a word is `:invoke`, `:ok`, `:fail` or `:info`.
pub(super) fn is_type(word: &str) -> bool {
    word.strip_prefix(':').and_then(Type::of).is_some()
}
