//! Configuration files that operators have already, as definitions.
//!
//! Each kind of file has a reader of its own, which hands over a draft; what is known besides the file comes with [`ImportOptions`].
//! A definition is written from the draft, with comments that say where each part comes from, and read like any other.

mod cassandra;
mod ceph;
mod configuration;
mod consul;
mod corosync;
mod definition;
mod draft;
mod etcd;
mod expression;
mod kafka;
mod lines;
mod literal;
mod mongodb;
mod options;
mod patroni;
mod places;
mod postgresql;
mod properties;
mod recognise;
mod sentinel;
mod stellar;
mod stellarbeat;
#[cfg(test)]
mod tests;
mod zookeeper;

pub use configuration::Configuration;
pub use options::ImportOptions;

use std::borrow::Cow;

use draft::Draft;

use super::diagnostic::Diagnostics;
use super::problem::{Problem, Problems};
use super::wording::{NAME_BYTES_MAX, name_problem};
use super::{Beside, beside, read, read_beside, syntax};
use crate::model::System;

/// What some editors put at the start of a file.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A configuration file as a definition.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Imported {
    /// What the file is.
    pub kind: Configuration,
    /// The text of the definition.
    pub definition: String,
    /// What a reader should know: traps that the file steps into, and what a definition cannot say.
    pub notes: Vec<String>,
    /// The system that the definition describes.
    pub system: System,
}

/// The definition of a configuration file; `file` is the name that errors call it by.
///
/// # Errors
/// [`Diagnostics`] about the file: it is of no kind that is understood, it says less than a definition needs, or what it says is
/// refused by the program that it is for.
///
/// # Complexity
/// Linear in the file, which is limited as a definition is.
///
/// # Examples
/// ```
/// let text = b"server.1=a:2888:3888\nserver.2=b:2888:3888\nserver.3=c:2888:3888\n";
/// let imported = quorate::spec::import("zoo.cfg", text, &Default::default())?;
/// assert_eq!(imported.system.nodes().len(), 3);
/// assert!(imported.definition.contains("majority(server.1, server.2, server.3)"));
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn import(file: &str, bytes: &[u8], options: &ImportOptions) -> Result<Imported, Diagnostics> {
    let mut problems = Problems::default();
    let drafted = drafted(bytes, options, &mut problems);
    let (kind, draft, text) = problems.finish(drafted, file, bytes)?;
    let name = draft.name.as_deref().filter(|name| name_problem(name, &(0..0)).is_none()).map(str::to_owned);
    let name = name.unwrap_or_else(|| named_by(file, kind));
    let definition = definition::written(kind, file, &text, &name, &draft);
    // Only limits can be in the way, or that no set of nodes is a quorum.
    let system = read(file, definition.as_bytes()).map_err(|errors| {
        let mut problems = Problems::default();
        for error in errors.iter() {
            problems.push(Problem::new(0..0, error.message.clone()).help(error.help.clone()));
        }
        Diagnostics::new(file, bytes, problems)
    })?;
    Ok(Imported { kind, definition, notes: draft.notes, system })
}

/// A definition, or a configuration file as one, where it is meant as the latter.
///
/// # Errors
/// As of [`read`](super::read()) and [`import`].
pub fn read_or_import(
    file: &str,
    bytes: &[u8],
    options: &ImportOptions,
) -> Result<(System, Option<Imported>), Diagnostics> {
    read_or_import_beside(file, bytes, options, &beside::nothing)
}

/// As [`read_or_import`], with `beside` to open the files that a definition names.
///
/// # Errors
/// As of [`read_beside`] and [`import`].
pub fn read_or_import_beside(
    file: &str,
    bytes: &[u8],
    options: &ImportOptions,
    beside: Beside<'_>,
) -> Result<(System, Option<Imported>), Diagnostics> {
    let text = String::from_utf8_lossy(bytes);
    let is_asked = options.from.is_some();
    let is_import = is_asked || !recognise::is_definition(&text);
    if is_import && (is_asked || recognise::kind(&text).is_some()) {
        let imported = import(file, bytes, options)?;
        return Ok((imported.system.clone().of_configuration(), Some(imported)));
    }
    match recognise::seems(bytes) {
        Some(seems) if is_import && bytes.len() <= super::FILE_BYTES_MAX => Err(stranger(file, bytes, &seems)),
        _ => Ok((read_beside(file, bytes, beside)?, None)),
    }
}

fn drafted<'a>(
    bytes: &'a [u8],
    options: &ImportOptions,
    problems: &mut Problems,
) -> Option<(Configuration, Draft, Cow<'a, str>)> {
    let seems = || recognise::seems(bytes).unwrap_or_else(|| "something else".to_owned());
    let text = match std::str::from_utf8(bytes) {
        Err(_) if bytes.len() <= super::FILE_BYTES_MAX && recognise::seems(bytes).is_some() => {
            problems.push(unknown(&seems()));
            return None;
        }
        _ => syntax::text(bytes, problems)?,
    };
    let kind = options.from.or_else(|| recognise::kind(text));
    let Some(kind) = kind else {
        let seems = if recognise::is_definition(text) { "a definition already".to_owned() } else { seems() };
        problems.push(unknown(&seems));
        return None;
    };
    refuse_unused(kind, options, problems);
    if problems.count() > 0 {
        return None;
    }
    // What some editors put at the start of a file is no part of it, and blanks keep its place.
    let text = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => Cow::Owned(" ".repeat(BYTE_ORDER_MARK.len_utf8()) + rest),
        None => Cow::Borrowed(text),
    };
    let draft = reader(kind)(&text, options, problems)?;
    Some((kind, draft, text))
}

type Read = fn(&str, &ImportOptions, &mut Problems) -> Option<Draft>;

fn reader(kind: Configuration) -> Read {
    match kind {
        Configuration::ZooKeeper => zookeeper::read,
        Configuration::Corosync => corosync::read,
        Configuration::MongoDb => mongodb::read,
        Configuration::PostgreSql => postgresql::read,
        Configuration::Patroni => patroni::read,
        Configuration::Cassandra => cassandra::read,
        Configuration::Stellar => stellar::read,
        Configuration::Stellarbeat => stellarbeat::read,
        Configuration::Etcd => etcd::read,
        Configuration::Consul => consul::read,
        Configuration::Kafka => kafka::read,
        Configuration::Ceph => ceph::read,
        Configuration::Sentinel => sentinel::read,
    }
}

/// What is known besides the file must mean something for it.
fn refuse_unused(kind: Configuration, options: &ImportOptions, problems: &mut Problems) {
    use Configuration::{Cassandra, MongoDb, Patroni, PostgreSql, Sentinel};
    let flags = [
        ("--read-level", options.read_level.is_some(), &[Cassandra, PostgreSql][..]),
        ("--write-level", options.write_level.is_some(), &[Cassandra, MongoDb, Patroni]),
        ("--client-zone", options.client_zone.is_some(), &[Cassandra]),
        ("--nodes", options.nodes.is_some(), &[Cassandra, PostgreSql, Sentinel]),
    ];
    for (flag, _, kinds) in flags.iter().filter(|(_, given, kinds)| *given && !kinds.contains(&kind)) {
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let problem = Problem::new(0..0, format!("{flag} means nothing for {}", kind.description()));
        problems.push(problem.help(format!("leave it out: it is for {}", names.join(", "))));
    }
}

fn unknown(seems: &str) -> Problem {
    let names: Vec<&str> = Configuration::ALL.iter().map(|kind| kind.name()).collect();
    let problem = Problem::new(
        0..0,
        format!("neither a definition nor a configuration that is understood: this seems to be {seems}"),
    );
    problem.help(format!(
        "configurations of {} are; --from says which, and `quorate new` writes a definition",
        names.join(", ")
    ))
}

fn stranger(file: &str, bytes: &[u8], seems: &str) -> Diagnostics {
    let mut problems = Problems::default();
    problems.push(unknown(seems));
    Diagnostics::new(file, bytes, problems)
}

/// The name of a file without folder and ending, where it is a good name.
fn named_by(file: &str, kind: Configuration) -> String {
    let last = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem).trim();
    let is_good = !stem.is_empty() && stem != "-" && stem.len() <= NAME_BYTES_MAX;
    if is_good && name_problem(stem, &(0..0)).is_none() { stem.into() } else { kind.name().into() }
}
