//! What is a file? Which format of a history, or what else it seems to be.

use serde_json::value::RawValue;

use super::csv::COLUMNS;
use super::jsonl::PROOF_SCHEMA;
use super::object::{Object, is_loosely};
use super::{jepsen_log, op_line};
use crate::history::format::Format;

/// First bytes of files that are no text.
const MAGIC: [(&[u8], &str); 17] = [
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive: unpack it, and give the history in it"),
    (b"\x7fELF", "a program"),
    (b"BZh", "compressed with bzip2: unpack it (`bzip2 -dc FILE | quorate check -`)"),
    (b"\xfd7zXZ", "compressed with xz: unpack it (`xz -dc FILE | quorate check -`)"),
    (b"\x04\x22\x4d\x18", "compressed with lz4: unpack it (`lz4 -dc FILE | quorate check -`)"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it, and give the history in it"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "text in UTF-16; histories are UTF-8"),
    (b"\xfe\xff", "text in UTF-16; histories are UTF-8"),
    (b"JEPSEN", "a binary file of a Jepsen store (test.jepsen): the history of a store is in its history.edn"),
    (b"PAR1", "a Parquet table"),
    (b"<?xml", "XML"),
    (b"#!", "a script"),
];

/// The format of a file that begins like this, or what else it seems to be.
pub(super) fn format(beginning: &[u8]) -> Result<Format, String> {
    if let Some((_, seems)) = MAGIC.iter().find(|(magic, _)| beginning.starts_with(magic)) {
        return Err((*seems).to_owned());
    }
    if beginning.get(257..262) == Some(b"ustar") {
        return Err("a tar archive: unpack it, and give the folder of the store".to_owned());
    }
    if beginning.contains(&0) {
        return Err("binary data".to_owned());
    }
    // The last character may be cut.
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    let text = String::from_utf8_lossy(text);
    let text = text.trim_start();
    match text.bytes().next() {
        None => Ok(Format::JsonLines),
        Some(b'{') => object(text),
        Some(b'[') => list(text),
        Some(b'(' | b',') => Ok(Format::Edn),
        Some(b';') if !text.starts_with(";;;;") || text.contains("{:") => Ok(Format::Edn),
        Some(b'#') if is_edn_tag(text) => Ok(Format::Edn),
        Some(b'<') => Err("HTML or XML".to_owned()),
        Some(_) => lines(text),
    }
}

/// Whether `#` begins a tag, a set or a discarded form, and no heading.
fn is_edn_tag(text: &str) -> bool {
    text[1..].starts_with(|next: char| next == '{' || next == '_' || next.is_alphabetic())
}

/// What begins with a brace: a map of EDN, or an object of JSON.
fn object(text: &str) -> Result<Format, String> {
    let inside = text[1..].trim_start_matches(|blank: char| blank.is_whitespace() || blank == ',');
    if inside.starts_with(':') {
        return edn_map(inside);
    }
    if inside.is_empty() || inside.starts_with(['#', ';']) {
        return Ok(Format::Edn);
    }
    json(text)
}

/// A map of EDN: an event, or the results of a test.
fn edn_map(inside: &str) -> Result<Format, String> {
    let is_event = [":type", ":process", ":f"].iter().any(|key| inside.contains(key));
    if !is_event && (inside.contains(":valid?") || inside.starts_with(":stats") || inside.starts_with(":perf")) {
        return Err("the results of a Jepsen test (results.edn): the history is in history.edn beside it".to_owned());
    }
    Ok(Format::Edn)
}

/// What begins with a bracket: a vector of EDN, an array of JSON, or a table of TOML.
fn list(text: &str) -> Result<Format, String> {
    let inside = text[1..].trim_start_matches(|blank: char| blank.is_whitespace() || blank == ',');
    match inside.bytes().next() {
        Some(b'{') if inside[1..].trim_start().starts_with('"') => json(inside),
        Some(b'{') => object(inside),
        Some(b']') | None => Ok(Format::JsonLines).and_then(|_| after_empty(inside)),
        Some(b'[') if is_toml_header(text) => Err(toml(text)),
        Some(byte) if byte.is_ascii_alphabetic() && is_toml_header(text) => Err(toml(text)),
        Some(b'"' | b'-' | b'0'..=b'9' | b't' | b'f') => Err("a list, but not of operations".to_owned()),
        _ => Ok(Format::Edn),
    }
}

/// An empty list is an empty history, in either notation.
fn after_empty(inside: &str) -> Result<Format, String> {
    let rest = inside.strip_prefix(']').unwrap_or(inside).trim_start();
    if rest.is_empty() { Ok(Format::JsonLines) } else { Ok(Format::Edn) }
}

fn is_toml_header(text: &str) -> bool {
    let line = text.lines().next().unwrap_or(text).split('#').next().unwrap_or(text).trim_end();
    line.ends_with(']') && !line.contains([':', '{', '"', ',', ' '])
}

fn toml(text: &str) -> String {
    if ["[system]", "[nodes]", "[[node]]", "[workload]"].iter().any(|table| text.contains(table)) {
        "the definition of a quorum system: see `quorate analyze`".to_owned()
    } else {
        "TOML".to_owned()
    }
}

/// What the names of a JSON object say.
fn json(text: &str) -> Result<Format, String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    // One that is cut off, or damaged, is left to the reader of lines, who says where.
    let Some(Ok(first)) = values.next() else { return Ok(names_of_a_part(text)) };
    let Ok(object) = Object::parse(first.get().as_bytes()) else { return Ok(Format::JsonLines) };
    let has = |name: &str| object.get(name).is_some();
    if let Some(schema) = object.get("schema") {
        let schema = schema.get().trim_matches('"');
        return match schema {
            PROOF_SCHEMA => Ok(Format::JsonLines),
            other => Err(format!("a report ({other}), not a history")),
        };
    }
    if has("type") && (has("f") || has("process")) {
        return Ok(Format::JsonEvents);
    }
    if ["Call", "Input"].iter().any(|name| object.get_loosely(name).is_some()) {
        return Ok(Format::Porcupine);
    }
    if ["process", "op", "start", "end"].iter().any(|name| has(name)) {
        return Ok(Format::JsonLines);
    }
    let names: Vec<String> = object.entries.iter().take(6).map(|(name, _)| format!("{name:?}")).collect();
    Err(match names.len() {
        0 => "JSON without operations".to_owned(),
        _ => format!("JSON, but not of operations: its first object has {}", names.join(", ")),
    })
}

/// What the names in a piece of an object say.
fn names_of_a_part(text: &str) -> Format {
    let names: Vec<&str> = text.split('"').collect();
    let has = |wanted: &str| names.iter().any(|name| is_loosely(name, wanted));
    if has("type") && has("f") {
        Format::JsonEvents
    } else if has("Input") && has("Call") {
        Format::Porcupine
    } else {
        Format::JsonLines
    }
}

/// What lines of text are.
fn lines(text: &str) -> Result<Format, String> {
    let first = text.lines().next().unwrap_or(text);
    let cells: Vec<&str> = first.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
    let columns = COLUMNS.iter().filter(|column| cells.contains(*column)).count();
    if columns >= 3 {
        return Ok(Format::Csv);
    }
    if text.lines().any(|line| jepsen_log::message(line).is_some()) || is_log(text) {
        return Ok(Format::JepsenLog);
    }
    if op_line::is_meant(first) {
        return Ok(Format::HistoryTxt);
    }
    Err(seems(text, first, &cells))
}

/// Whether other loggers of Jepsen have written the beginning of a log.
fn is_log(text: &str) -> bool {
    let is_line = |line: &str| {
        let has_level = ["INFO", "WARN", "ERROR", "DEBUG"].iter().any(|level| line.contains(level));
        has_level && (line.contains("jepsen.") || line.contains("{GMT}") || line.contains("[jepsen "))
    };
    text.lines().any(is_line)
}

fn seems(text: &str, first: &str, cells: &[&str]) -> String {
    let is_toml = |line: &str| line.split_once('=').is_some_and(|(key, _)| is_bare_key(key.trim()));
    if text.lines().any(|line| line.trim() == "[system]") || (is_toml(first) && text.contains("\n[")) {
        return toml(text);
    }
    if first.starts_with('#') {
        return "text with a heading, as Markdown has".to_owned();
    }
    if let Some(other) = [';', '\t', '|'].into_iter().find(|sign| {
        let others: Vec<&str> = first.split(*sign).map(str::trim).collect();
        COLUMNS.iter().filter(|column| others.contains(*column)).count() >= 3
    }) {
        return format!("a table whose columns are set off by {other:?}: set them off by commas");
    }
    if cells.len() > 1 {
        return format!("a table, but its first line has none of the columns {}", COLUMNS[..5].join(", "));
    }
    if is_toml(first) {
        return "a file of settings".to_owned();
    }
    if first.split_once(':').is_some_and(|(key, _)| is_bare_key(key)) {
        return "YAML".to_owned();
    }
    "plain text".to_owned()
}

fn is_bare_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_by_content() {
        for (text, expected) in [
            ("", Format::JsonLines),
            ("\n {\"process\": 1}", Format::JsonLines),
            ("{\"end\": 1, \"node\": 7}\n{", Format::JsonLines),
            ("[{\"process\": 1, \"op\": \"read\"}]", Format::JsonLines),
            ("{\"schema\":\"quorate/linearization/1\",\"initial\":0}", Format::JsonLines),
            ("[]", Format::JsonLines),
            ("{ :process 1}", Format::Edn),
            ("[{:process 1}]", Format::Edn),
            ("({:process 1})", Format::Edn),
            ("; comment\n{:process 1}", Format::Edn),
            ("#jepsen.history.Op{:process 1}", Format::Edn),
            ("[#jepsen.history.Op{:process 1}]", Format::Edn),
            ("{\"process\": 1, \"type\": \"invoke\", \"f\": \"read\"}", Format::JsonEvents),
            ("[\n {\"type\": \"info\", \"f\": \"start\", \"process\": \"nemesis\"}", Format::JsonEvents),
            ("{\"ClientId\": 1, \"Input\": {\"op\": \"get\"}, \"Call\": 1}", Format::Porcupine),
            ("[{\"client_id\": 1, \"input\": {}, \"call\": 1}]", Format::Porcupine),
            ("process,op,value,start,end\n", Format::Csv),
            ("\u{feff}end,key,value,\"op\",process,start\n", Format::Csv),
            ("INFO  jepsen.util - 0\t:invoke\t:read\tnil", Format::JepsenLog),
            ("2021-02-26 23:39:01,300{GMT}\tINFO\t[main] jepsen.cli: Test options:\n {:a 1}", Format::JepsenLog),
            ("0\t:invoke\t:read\tnil", Format::HistoryTxt),
            (":nemesis\t:info\t:start\tnil", Format::HistoryTxt),
            ("\"c1\" :invoke :read nil", Format::HistoryTxt),
        ] {
            assert_eq!(format(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_history_is_named() {
        for (text, expected) in [
            ("name = \"x\"\n[system]\nfamily = \"majority\"\n", "the definition of a quorum system"),
            ("[system]\nfamily = \"majority\"\n", "the definition of a quorum system"),
            ("[[node]]\nname = \"a\"\n", "the definition of a quorum system"),
            ("[package]\nname = \"a\"\n", "TOML"),
            ("{\"schema\": \"quorate/check/1\", \"histories\": []}", "a report (quorate/check/1)"),
            ("{\"a\": 1, \"b\": 2}", "JSON, but not of operations: its first object has \"a\", \"b\""),
            ("[1, 2, 3]", "a list, but not of operations"),
            ("{:stats {:valid? true}, :valid? true}", "the results of a Jepsen test"),
            ("<!DOCTYPE html>", "HTML or XML"),
            ("#!/bin/sh\n", "a script"),
            ("# Heading\n", "text with a heading"),
            ("hello world\n", "plain text"),
            ("a,b,c\n1,2,3\n", "a table, but its first line has none of the columns process, op"),
            ("process;op;value;start;end\n", "columns are set off by ';'"),
            ("name: x\n", "YAML"),
            ("\x7fELF", "a program"),
            ("a\0b", "binary data"),
        ] {
            let seems = format(text.as_bytes()).unwrap_err();
            assert!(seems.contains(expected), "{text}: {seems}");
        }
    }
}
