//! What a file is, by its content.

use super::configuration::Configuration;
use super::lines::{Line, lines};
use super::{consul, etcd};

/// Tables that only definitions have.
const TABLES: &[&str] = &["[system]", "[nodes]", "[[node]]", "[[zone]]", "[workload]"];

/// Beginnings of files that are no text.
const MAGIC: &[(&[u8], &str)] = &[
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x7fELF", "a program"),
    (b"\x1f\x8b", "compressed with gzip: unpack it"),
    (b"BZh", "compressed with bzip2: unpack it"),
    (b"\xfd7zXZ", "compressed with xz: unpack it"),
    (b"SQLite format 3", "an SQLite database"),
    (b"<?xml", "XML"),
    (b"#!", "a script"),
];

/// Whether a file is meant as a definition, right or wrong.
pub(super) fn is_definition(text: &str) -> bool {
    lines(text).any(|line| {
        let line = line.trimmed().text;
        TABLES.iter().any(|table| line.starts_with(table))
            || line.strip_prefix("family").is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

/// The kind of configuration that a text is.
pub(super) fn kind(text: &str) -> Option<Configuration> {
    by_words(text).or_else(|| by_lines(text))
}

/// Texts in brackets, and those whose words stand anywhere.
fn by_words(text: &str) -> Option<Configuration> {
    let has = |word: &str| text.contains(word);
    let is_bracketed = text.trim_start().starts_with(['{', '[']);
    if has("publicKey") && (has("quorumSet") || has("quorum_set")) {
        return Some(Configuration::Stellarbeat);
    }
    if has("sync_standby") && has("leader") && text.contains('{') {
        return Some(Configuration::Patroni);
    }
    if has("peerURLs") && has("members") {
        return Some(Configuration::Etcd);
    }
    if is_bracketed && has("\"mons\"") {
        return Some(Configuration::Ceph);
    }
    let is_set = has("members") && has("host") && ["_id", "arbiterOnly", "priority", "votes"].into_iter().any(has);
    if is_set && text.contains(['{', '[']) && !has("server.") {
        return Some(Configuration::MongoDb);
    }
    if is_bracketed && (has("\"Voter\"") || has("\"voter\"")) {
        return Some(Configuration::Consul);
    }
    let lower = if has("Strategy") { text.to_ascii_lowercase() } else { String::new() };
    (lower.contains("class") && lower.contains("strategy") && text.contains('{')).then_some(Configuration::Cassandra)
}

fn by_lines(text: &str) -> Option<Configuration> {
    lines(text).map(Line::trimmed).find_map(of_line).or_else(|| {
        let has = |key: &str| lines(text).any(|line| line.trimmed().text.starts_with(key));
        let is_standalone = has("dataDir") && (has("clientPort") || has("tickTime"));
        let is_initial = etcd::is_initial_cluster(text);
        let is_mentioned = text.contains("synchronous_standby_names");
        match (is_standalone, is_initial, is_mentioned) {
            (true, ..) => Some(Configuration::ZooKeeper),
            (_, true, _) => Some(Configuration::Etcd),
            (.., true) => Some(Configuration::PostgreSql),
            _ => None,
        }
    })
}

/// What a line alone says.
fn of_line(line: Line<'_>) -> Option<Configuration> {
    let text = line.text;
    let starts = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    let is_server = text.strip_prefix("server.").is_some_and(|rest| {
        let id = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        id.len() < rest.len() && id.trim_start().starts_with(['=', ':', ' '])
    });
    if is_server || starts(&["dynamicConfigFile", "oraclePath"]) {
        return Some(Configuration::ZooKeeper);
    }
    if starts(&["controller.quorum.", "process.roles"]) {
        return Some(Configuration::Kafka);
    }
    if starts(&["[QUORUM_SET", "[[VALIDATORS]]", "[[HOME_DOMAINS]]"]) {
        return Some(Configuration::Stellar);
    }
    let is_block = |name: &str| text.strip_prefix(name).is_some_and(|rest| rest.trim() == "{");
    if ["totem", "nodelist", "quorum"].into_iter().any(is_block) {
        return Some(Configuration::Corosync);
    }
    let mut words = text.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if first.eq_ignore_ascii_case("sentinel") && ["monitor", "known-sentinel"].contains(&second) {
        return Some(Configuration::Sentinel);
    }
    if consul::columns(text).is_some() {
        return Some(Configuration::Consul);
    }
    let cells: Vec<&str> = text.trim_start_matches('|').split([',', '|']).map(str::trim).collect();
    let is_id = !cells[0].is_empty() && cells[0].chars().all(|letter| letter.is_ascii_hexdigit());
    let is_member = is_id && cells.get(1).is_some_and(|status| ["started", "unstarted"].contains(status));
    is_member.then_some(Configuration::Etcd)
}

/// What a file seems to be that is neither a definition nor a configuration, if it can be told.
pub(super) fn seems(bytes: &[u8]) -> Option<String> {
    if let Some((_, seems)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some((*seems).to_owned());
    }
    let beginning = &bytes[..bytes.len().min(64 * 1024)];
    if beginning.contains(&0) {
        return Some("binary data".to_owned());
    }
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_history = ["\"process\"", ":process", "process,"].iter().any(|word| text.contains(word));
    let first = text.chars().next()?;
    let second = text[first.len_utf8()..].trim_start().chars().next();
    let is_json = first == '{'
        || first == '[' && second.is_none_or(|letter| "{[\"]-".contains(letter) && !text.starts_with("[["));
    match first {
        _ if is_history && (is_json || first == '(' || text.starts_with("process,")) => {
            Some("a history, for `quorate check`".to_owned())
        }
        _ if is_json => Some("JSON of something else".to_owned()),
        '<' => Some("HTML or XML".to_owned()),
        '(' | ';' => Some("EDN or Lisp".to_owned()),
        _ => by_shape(text),
    }
}

/// Text whose lines have a shape that no definition has.
fn by_shape(text: &str) -> Option<String> {
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).take(50).collect();
    if lines.is_empty() || lines.iter().any(|line| line.contains('=') || line.starts_with('[')) {
        return None;
    }
    let commas = lines[0].matches(',').count();
    if lines.len() > 1 && commas > 0 && lines.iter().all(|line| line.matches(',').count() == commas) {
        return Some("a table (CSV)".to_owned());
    }
    let is_key =
        |line: &&&str| line.split_once(':').is_some_and(|(key, _)| !key.contains(' ')) || line.starts_with("- ");
    if lines.iter().filter(is_key).count() == lines.len() {
        return Some("YAML of something else".to_owned());
    }
    Some("plain text".to_owned())
}
