//! PostgreSQL: `synchronous_standby_names`. Writes are acknowledged by the primary and any k standbys of the list.
//!
//! # Source
//! PostgreSQL, syncrep_gram.y, syncrep_scanner.l and the manual on synchronous replication; Patroni on quorum commit.

use std::ops::Range;

use super::draft::{Draft, origin};
use super::expression;
use super::lines::{Line, lines};
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

const KEY: &str = "synchronous_standby_names";
const PRIMARY: &str = "primary";

/// What the setting asks for.
#[derive(Debug, PartialEq, Eq)]
struct Demand {
    /// Whether the list is in the order of priority.
    is_first: bool,
    count: u64,
    names: Vec<String>,
}

/// The value of the setting, which may have lost escapes, and where it stands.
struct Found {
    value: String,
    span: Range<usize>,
    times: usize,
}

pub(super) fn read(text: &str, options: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let mut draft = Draft::default();
    let is_mentioned = text.contains(KEY);
    let default = || Found { value: String::new(), span: 0..0, times: 1 };
    let Some(found) = found(text).or_else(|| is_mentioned.then(default)) else {
        let problem = Problem::new(0..0, format!("no line with {KEY}"));
        problems.push(problem.help(format!("for example {KEY} = 'ANY 1 (a, b)'")));
        return None;
    };
    if found.span.is_empty() {
        draft.note(format!("{KEY} is not set: its default is empty"));
    }
    if found.times > 1 {
        draft.note(format!("{KEY} is set {} times, and the last counts", found.times));
    }
    let demand = match parse(&found.value) {
        Ok(demand) => demand,
        Err(message) => {
            let problem = Problem::new(found.span, format!("{KEY} cannot be read: {message}"));
            problems.push(problem.help("it is `FIRST 2 (a, b, c)`, `ANY 2 (a, b, c)`, `a, b`, or empty".to_owned()));
            return None;
        }
    };
    settings(text, &mut draft);
    let at = found.span.start;
    draft.member(PRIMARY, at..at, "the primary, which acknowledges every write", problems);
    draft.note("without the primary nothing is written until a standby is promoted, which this definition does not do");
    let Some(demand) = demand else {
        standbys(&mut draft, &[], options.nodes.unwrap_or(0), at, problems);
        draft.note("empty: replication is asynchronous, and the loss of the primary can lose acknowledged writes");
        draft.side("writes", PRIMARY.into(), vec![origin(at, "asynchronous: the primary alone")]);
        return reads(&mut draft, &[], options, at, problems).map(|()| draft);
    };
    let names = members(&demand, options, &found.span, &mut draft, problems)?;
    standbys(&mut draft, &names, 0, at, problems);
    let count = demand.count;
    if count > names.len() as u64 {
        let problem =
            Problem::new(found.span, format!("{count} of {} standbys: every commit waits for ever", names.len()));
        problems.push(problem.help("name as many standbys as are waited for, or ask for fewer".to_owned()));
        return None;
    }
    let word = if demand.is_first { "FIRST" } else { "ANY" };
    if demand.is_first {
        draft.note(format!("FIRST waits for the first {count} of those that are connected: in the worst case any {count}; latency and placement differ from ANY"));
    }
    let parts: Vec<String> = names.iter().map(|name| expression::name(name)).collect();
    let says = format!("{word} {count} of {} standbys, and the primary", names.len());
    let writes = format!("{PRIMARY} * {}", expression::choose(count as usize, &parts));
    draft.side("writes", writes, vec![origin(at, says)]);
    draft.note("a commit whose wait is cancelled is visible without being on a standby");
    reads(&mut draft, &parts, options, at, problems)?;
    Some(draft)
}

/// The last line that sets it; `#` begins a comment outside of quotes.
fn found(text: &str) -> Option<Found> {
    let mut last: Option<Found> = None;
    for line in lines(text) {
        let line = line.trimmed();
        if line.text.starts_with('#') || line.text.starts_with("--") {
            continue;
        }
        let lower = line.text.to_ascii_lowercase();
        let Some(start) = lower.find(KEY) else { continue };
        let is_start =
            lower[..start].trim().trim_end_matches(['"', '\'']).is_empty() || lower.starts_with("alter system");
        if !is_start {
            continue;
        }
        let after = start + KEY.len();
        let rest = Line { at: line.at + after, text: &line.text[after..] }.trimmed();
        // A key in quotes, as in JSON, ends with one too.
        let is_quoted = lower[..start].ends_with(['"', '\'']);
        let body = if is_quoted { rest.text.trim_start_matches(['"', '\'']).trim_start() } else { rest.text };
        let lower_body = body.to_ascii_lowercase();
        let body = match body.strip_prefix(['=', ':']) {
            Some(body) => body,
            None if lower_body.starts_with("to ") => &body[3..],
            None => body,
        };
        let times = last.as_ref().map_or(0, |found| found.times) + 1;
        last = Some(Found { value: unquoted(body.trim()), span: line.span(), times });
    }
    last
}

/// The value without its quotes, its comment and its escapes.
fn unquoted(text: &str) -> String {
    // In YAML and JSON the whole may stand in double quotes.
    let quote = text.chars().next().filter(|letter| *letter == '\'' || (*letter == '"' && is_wrapped(text)));
    let Some(quote) = quote else {
        return text.split('#').next().unwrap_or_default().trim().trim_end_matches([';', ',']).trim_end().to_owned();
    };
    let mut out = String::new();
    let mut letters = text[1..].chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            _ if letter == quote && letters.peek() == Some(&quote) && quote == '\'' => {
                letters.next();
                out.push(quote);
            }
            _ if letter == quote => break,
            _ => out.push(letter),
        }
    }
    out
}

/// Whether double quotes stand around all of it, and not around the first name only.
fn is_wrapped(text: &str) -> bool {
    let end = text[1..].replace("\\\"", "  ").find('"').map_or(text.len(), |end| end + 1);
    let rest = text.get(end + 1..).unwrap_or_default().trim_start();
    rest.is_empty() || rest.starts_with(['#', ';']) || rest == ","
}

#[derive(Debug, PartialEq, Eq, Clone)]
enum Word {
    Name(String),
    Number(u64),
    Any,
    First,
    Open,
    Close,
    Comma,
}

fn tokens(text: &str) -> Result<Vec<Word>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(letter) = rest.chars().next() {
        let mut length = letter.len_utf8();
        match letter {
            '(' => tokens.push(Word::Open),
            ')' => tokens.push(Word::Close),
            ',' => tokens.push(Word::Comma),
            '*' => tokens.push(Word::Name("*".into())),
            '"' => {
                let mut name = String::new();
                let mut letters = rest.char_indices().skip(1).peekable();
                length = loop {
                    match letters.next() {
                        Some((_, '"')) if letters.peek().is_some_and(|(_, next)| *next == '"') => {
                            letters.next();
                            name.push('"');
                        }
                        Some((at, '"')) => break at + 1,
                        Some((_, letter)) => name.push(letter),
                        None => return Err("a quoted name without an end".into()),
                    }
                };
                tokens.push(Word::Name(name));
            }
            _ if letter.is_ascii_digit() => {
                length = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
                let number = rest[..length].parse().map_err(|_| format!("{} is too large", quoted(&rest[..length])))?;
                tokens.push(Word::Number(number));
            }
            _ if letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii() => {
                let is_part =
                    |letter: char| letter.is_ascii_alphanumeric() || "_$".contains(letter) || !letter.is_ascii();
                length = rest.find(|letter: char| !is_part(letter)).unwrap_or(rest.len());
                tokens.push(match &rest[..length] {
                    word if word.eq_ignore_ascii_case("any") => Word::Any,
                    word if word.eq_ignore_ascii_case("first") => Word::First,
                    word => Word::Name(word.to_owned()),
                });
            }
            _ => return Err(format!("{} stands in double quotes only, as in \"node-1\"", quoted(&letter.to_string()))),
        }
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// What is asked; nothing where the list is empty.
fn parse(text: &str) -> Result<Option<Demand>, String> {
    let tokens = tokens(text)?;
    let (is_first, count, list) = match &tokens[..] {
        [] => return Ok(None),
        [Word::First, Word::Number(count), Word::Open, list @ .., Word::Close]
        | [Word::Number(count), Word::Open, list @ .., Word::Close] => (true, *count, list),
        [Word::Any, Word::Number(count), Word::Open, list @ .., Word::Close] => (false, *count, list),
        list => (true, 1, list),
    };
    if count == 0 {
        return Err("the number of standbys is at least 1".into());
    }
    let mut names = Vec::new();
    for (index, part) in list.chunks(2).enumerate() {
        let is_last = 2 * index + 2 > list.len();
        match part {
            [Word::Name(name), Word::Comma] if 2 * (index + 1) < list.len() => names.push(name.clone()),
            [Word::Name(name)] if is_last => names.push(name.clone()),
            [Word::Number(number), Word::Comma] if 2 * (index + 1) < list.len() => names.push(number.to_string()),
            [Word::Number(number)] if is_last => names.push(number.to_string()),
            _ => return Err("names are separated by commas".into()),
        }
    }
    if names.is_empty() {
        return Err("the list is empty".into());
    }
    Ok(Some(Demand { is_first, count, names }))
}

/// The names of the list, each once; `*` is as many standbys as are known.
fn members(
    demand: &Demand,
    options: &ImportOptions,
    span: &Range<usize>,
    draft: &mut Draft,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for name in demand.names.iter().filter(|name| *name != "*") {
        if names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            draft.note(format!("{name} stands twice in the list (case does not count): it is one standby"));
        } else if name == PRIMARY {
            let problem = Problem::new(span.clone(), format!("a standby is called {PRIMARY}, as the primary is here"));
            problems.push(problem.help("give the standby another application_name".to_owned()));
            return None;
        } else {
            names.push(name.clone());
        }
    }
    let has_star = demand.names.iter().any(|name| name == "*");
    match options.nodes {
        None if has_star => {
            let problem =
                Problem::new(span.clone(), "`*` is any standby, and the file does not say how many there are");
            problems.push(problem.label("how many?").help("say it with --nodes N, the primary not counted".to_owned()));
            return None;
        }
        Some(nodes) if has_star => {
            if nodes < names.len() {
                let problem =
                    Problem::new(span.clone(), format!("--nodes {nodes}, but {} standbys are named", names.len()));
                problems.push(problem.help("count all standbys, the primary not".to_owned()));
                return None;
            }
            let mut number = 0;
            while names.len() < nodes {
                number += 1;
                let name = format!("standby{number}");
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Some(nodes) if nodes < names.len() => {
            let problem =
                Problem::new(span.clone(), format!("--nodes {nodes}, but {} standbys are named", names.len()));
            problems.push(problem.help("leave --nodes out: the list names the standbys".to_owned()));
            return None;
        }
        Some(nodes) if nodes > names.len() => {
            draft.note(format!("{} standbys are not in the list, and never acknowledge", nodes - names.len()));
        }
        _ => {}
    }
    Some(names)
}

fn standbys(draft: &mut Draft, names: &[String], more: usize, at: usize, problems: &mut Problems) {
    for name in names {
        draft.member(name, at..at, "a standby of the list", problems);
    }
    for number in 1..=more {
        draft.member(&format!("standby{number}"), at..at, "an asynchronous standby", problems);
    }
}

/// What a failover asks: the dual of the writes, unless it is said how many standbys.
fn reads(
    draft: &mut Draft,
    parts: &[String],
    options: &ImportOptions,
    at: usize,
    problems: &mut Problems,
) -> Option<()> {
    let Some(level) = &options.read_level else { return Some(()) };
    match level.parse::<usize>() {
        Ok(count) if (1..=parts.len()).contains(&count) => {
            let says = format!("--read-level {count}: a failover asks {count} of {} standbys", parts.len());
            draft.side("reads", expression::choose(count, parts), vec![origin(at, says)]);
            Some(())
        }
        _ => {
            let message = format!("--read-level {} is no number of standbys from 1 to {}", quoted(level), parts.len());
            problems.push(Problem::new(at..at, message).help("say how many standbys a failover asks".to_owned()));
            None
        }
    }
}

/// Settings beside it that change what it means.
fn settings(text: &str, draft: &mut Draft) {
    for line in lines(text) {
        let line = line.trimmed();
        let Some((key, value)) = line.split_once('=').or_else(|| line.split_once(':')) else { continue };
        let key = key.text.trim_matches(['"', '\'']).to_ascii_lowercase();
        let value =
            value.text.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\'', ',']).to_ascii_lowercase();
        match (key.as_str(), value.as_str()) {
            ("synchronous_commit", "off" | "local" | "false" | "no" | "0") => draft.note(format!("synchronous_commit is {value}: commits do not wait for any standby, whatever the list says")),
            ("synchronized_standby_slots", _) if !value.is_empty() => draft.note("synchronized_standby_slots reads a bare list as all of its slots, unlike synchronous_standby_names"),
            ("synchronous_mode", "true" | "on" | "quorum") => draft.note("Patroni's synchronous_mode sets the list by itself, and without synchronous_mode_strict drops to asynchronous when no standby is left"),
            _ if key.starts_with("include") => draft.note(format!("{key} names a file that is not read: what stands there may count instead")),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, is_first: bool, count: u64, names: &[&str]) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(parse(text), Ok(Some(Demand { is_first, count, names })), "{text}");
    }

    #[test]
    fn every_form_of_the_list_is_read() {
        check("a", true, 1, &["a"]);
        check("a, \"b-1\" , C", true, 1, &["a", "b-1", "C"]);
        check("2 (a, b)", true, 2, &["a", "b"]);
        check("FIRST 2 (a, b, c)", true, 2, &["a", "b", "c"]);
        check("any 2(a,b,\"x\"\"y\")", false, 2, &["a", "b", "x\"y"]);
        check("*", true, 1, &["*"]);
        check("ANY 1 (1, 2)", false, 1, &["1", "2"]);
        assert_eq!(parse("  "), Ok(None));
        for wrong in
            ["ANY (a)", "ANY 1 a", "FIRST 0 (a)", "a b", "a,", ",a", "2 ()", "node-1", "\"a", "ANY 1 (a", "ANY"]
        {
            assert!(parse(wrong).is_err(), "{wrong}: {:?}", parse(wrong));
        }
    }

    #[test]
    fn the_setting_is_found_in_every_dress() {
        for (text, expected) in [
            ("synchronous_standby_names = 'ANY 1 (a, b)'  # c", "ANY 1 (a, b)"),
            ("#synchronous_standby_names = 'x'\nsynchronous_standby_names 'a'", "a"),
            ("ALTER SYSTEM SET synchronous_standby_names TO 'FIRST 1 (\"a\")';", "FIRST 1 (\"a\")"),
            ("    synchronous_standby_names: \"a, b\"", "a, b"),
            ("\"synchronous_standby_names\": \"ANY 1 (\\\"a\\\")\",", "ANY 1 (\"a\")"),
            ("synchronous_standby_names = ''", ""),
        ] {
            assert_eq!(found(text).map(|found| found.value).as_deref(), Some(expected), "{text}");
        }
    }
}
