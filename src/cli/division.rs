//! A long run in parts, each on a machine of its own, which `quorate merge` puts together again.
//!
//! The pieces of work of a run are numbered from 1; part I of N has those whose number leaves the same rest as I when divided by N. A
//! part is a file with what came of its pieces. Putting parts together is the run itself, with what they found in the place of the
//! work: so it prints what the undivided run would have printed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::common::heading;
use super::error::Failure;

const SCHEMA: &str = "quorate/part/1";

/// Parts that a run may have.
const PARTS_MAX: u64 = 1_000_000;

/// Which part of a run is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    number: u64,
    of: u64,
}

/// Whether and how a run is divided.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ShardArgs {
    /// Do only the pieces of work of part I of N, and write them for `quorate merge` instead of a report; piece number k belongs to
    /// part k mod N
    #[arg(long, value_name = "I/N", value_parser = shard, help_heading = heading::GENERAL)]
    shard: Option<Shard>,
    /// What was typed, but for what does not change the answers.
    #[arg(skip)]
    words: Vec<String>,
    #[arg(skip)]
    parts: Option<Vec<Part>>,
}

/// Why a part is refused.
#[derive(Debug, thiserror::Error)]
#[error("a part is I/N, as in 2/7: a number from 1 to N, of at most {PARTS_MAX} parts")]
struct NoShard;

fn shard(text: &str) -> Result<Shard, NoShard> {
    let (number, of) = text.split_once('/').ok_or(NoShard)?;
    let whole = |text: &str| text.parse::<u64>().ok().filter(|value| (1..=PARTS_MAX).contains(value)).ok_or(NoShard);
    let shard = Shard { number: whole(number)?, of: whole(of)? };
    if shard.number <= shard.of { Ok(shard) } else { Err(NoShard) }
}

/// What came of a run: something for the report, or a part of it.
#[derive(Debug)]
pub(super) enum Gathered<T> {
    /// All of it.
    All(T),
    /// A part, as the text of its file.
    Part(String),
}

/// A part of a run, as it stands in its file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    schema: String,
    version: String,
    /// What was typed.
    pub(super) command: Vec<String>,
    /// Of the systems that were read, and whatever else files say.
    definition: String,
    /// Of version, command and definition.
    digest: String,
    pub(super) part: u64,
    pub(super) of: u64,
    /// Pieces of work of the whole run.
    pieces: u64,
    /// What came of those of this part.
    content: String,
    /// Of the content.
    checksum: String,
}

fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl ShardArgs {
    /// Remembers what was typed.
    pub(super) fn typed(&mut self, words: &[String]) {
        self.words = lasting(words);
    }

    /// The same run, with the work done by these parts.
    pub(super) fn merging(&mut self, parts: Vec<Part>) {
        self.parts = Some(parts);
    }

    /// Whether only a part of the work is done here, or none.
    pub(super) fn is_divided(&self) -> bool {
        self.shard.is_some() || self.parts.is_some()
    }

    /// Whether a part is written.
    pub(super) fn is_part(&self) -> bool {
        self.shard.is_some() && self.parts.is_none()
    }

    /// Whether this run does the piece of work of this number, counted from 1.
    pub(super) fn has(&self, number: u64) -> bool {
        match (&self.parts, self.shard) {
            (Some(_), _) => false,
            (None, Some(shard)) => number % shard.of == shard.number % shard.of,
            (None, None) => true,
        }
    }

    /// The pieces of work that this run does.
    pub(super) fn own<T>(&self, pieces: Vec<T>) -> Vec<T> {
        (1..).zip(pieces).filter(|(number, _)| self.has(*number)).map(|(_, piece)| piece).collect()
    }

    /// What came of all pieces of work, in their order, or a part of it; `definition` is all that was read.
    ///
    /// # Errors
    /// As [`ShardArgs::shares`].
    pub(super) fn all<T: Serialize + DeserializeOwned>(
        &self,
        (pieces, definition): (usize, &str),
        own: Vec<T>,
    ) -> Result<Gathered<Vec<T>>, Failure> {
        let shares = match self.shares((pieces as u64, definition), own)? {
            Gathered::All(shares) => shares,
            Gathered::Part(text) => return Ok(Gathered::Part(text)),
        };
        if let [_] = &shares[..] {
            return Ok(Gathered::All(shares.into_iter().flatten().collect()));
        }
        let mut shares: Vec<_> = shares.into_iter().map(Vec::into_iter).collect();
        let of = shares.len();
        let all: Vec<T> = (0..pieces).filter_map(|at| shares[at % of].next()).collect();
        let is_whole = all.len() == pieces && shares.iter_mut().all(|share| share.next().is_none());
        if is_whole { Ok(Gathered::All(all)) } else { Err(self.unlike("the number of pieces of work")) }
    }

    /// What came of each part, in their order; of an undivided run there is one.
    ///
    /// # Errors
    /// [`Failure::OtherPart`] where the parts are about something else than what was read.
    pub(super) fn shares<T: Serialize + DeserializeOwned>(
        &self,
        (pieces, definition): (u64, &str),
        own: T,
    ) -> Result<Gathered<Vec<T>>, Failure> {
        let definition = digest(&[definition]);
        if let Some(parts) = &self.parts {
            if parts.iter().any(|part| part.definition != definition) {
                return Err(self.unlike("the definition"));
            }
            if parts.iter().any(|part| part.pieces != pieces) {
                return Err(self.unlike("the number of pieces of work"));
            }
            let read = |part: &Part| {
                let bytes = STANDARD.decode(&part.content).ok();
                bytes.and_then(|bytes| ciborium::from_reader(&bytes[..]).ok())
            };
            let shares = parts.iter().map(read).collect::<Option<Vec<T>>>();
            return shares.map(Gathered::All).ok_or_else(|| self.unlike("the content"));
        }
        let Some(Shard { number, of }) = self.shard else { return Ok(Gathered::All(vec![own])) };
        let mut bytes = Vec::new();
        ciborium::into_writer(&own, &mut bytes).expect("memory takes all");
        let content = STANDARD.encode(bytes);
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let part = Part {
            schema: SCHEMA.to_owned(),
            digest: whole(&version, &self.words, &definition),
            version,
            command: self.words.clone(),
            definition,
            part: number,
            of,
            pieces,
            checksum: digest(&[&content]),
            content,
        };
        let text = serde_json::to_string_pretty(&part).expect("strings and numbers");
        Ok(Gathered::Part(text + "\n"))
    }

    fn unlike(&self, what: &'static str) -> Failure {
        Failure::StaleParts { what }
    }
}

fn whole(version: &str, command: &[String], definition: &str) -> String {
    let mut all = vec![version, definition];
    all.extend(command.iter().map(String::as_str));
    digest(&all)
}

impl Part {
    /// The part that a file holds.
    ///
    /// # Errors
    /// [`Failure::NoPart`].
    pub(super) fn read(file: &str, text: &str) -> Result<Part, Failure> {
        let refused = |why: &str| Failure::NoPart { file: file.to_owned(), why: why.to_owned() };
        let part: Part = serde_json::from_str(text).map_err(|reason| refused(&reason.to_string()))?;
        if part.schema != SCHEMA {
            return Err(refused(&format!("its schema is {:?} and not {SCHEMA:?}", part.schema)));
        }
        let is_whole = part.checksum == digest(&[&part.content])
            && part.digest == whole(&part.version, &part.command, &part.definition)
            && (1..=part.of).contains(&part.part);
        if is_whole { Ok(part) } else { Err(refused("it was changed, or cut off: its digests do not fit it")) }
    }

    /// What of another part is not as here, if anything: then they are not of one run.
    pub(super) fn differs(&self, other: &Part) -> Option<&'static str> {
        let unseeded = |part: &Part| without(&part.command, &["--seed", "--seeds"], &[]);
        match () {
            () if self.version != other.version => Some("the version of the program"),
            () if unseeded(self) != unseeded(other) => Some("the options"),
            () if self.command != other.command => Some("the seed"),
            () if self.definition != other.definition => Some("the definition"),
            () if self.of != other.of => Some("the number of parts"),
            () if self.pieces != other.pieces => Some("the number of pieces of work"),
            () => None,
        }
    }

    /// Whether this program made it.
    pub(super) fn is_of_this_version(&self) -> bool {
        self.version == env!("CARGO_PKG_VERSION")
    }
}

/// What was typed, but for what does not change the answers.
fn lasting(words: &[String]) -> Vec<String> {
    without(words, &["--shard", "--output", "-o", "--threads"], &["--quiet", "--force"])
}

/// Words without flags that take a value, and those that take none.
fn without(words: &[String], valued: &[&str], bare: &[&str]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if valued.contains(&word.as_str()) {
            words.next();
            continue;
        }
        let is_joined = |flag: &str| match flag.strip_prefix("--") {
            Some(_) => word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')),
            None => word.starts_with(flag) && word.len() > flag.len(),
        };
        if !valued.iter().any(|flag| is_joined(flag)) && !bare.contains(&word.as_str()) {
            kept.push(word.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn parts_are_numbers_of_numbers() {
        assert!(matches!(shard("2/7"), Ok(Shard { number: 2, of: 7 })));
        for text in ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/3", "1/9999999"] {
            assert!(shard(text).is_err(), "{text}");
        }
    }

    #[test]
    fn each_piece_is_in_one_part() {
        for of in [1, 2, 3, 7, 16] {
            let parts: Vec<ShardArgs> = (1..=of)
                .map(|number| ShardArgs { shard: Some(Shard { number, of }), ..ShardArgs::default() })
                .collect();
            for piece in 1..=40u64 {
                let with: Vec<u64> =
                    (1..=of).zip(&parts).filter(|(_, part)| part.has(piece)).map(|(number, _)| number).collect();
                assert_eq!(with, [(piece - 1) % of + 1], "piece {piece} of {of} parts");
            }
        }
    }

    #[test]
    fn where_it_is_written_and_how_fast_is_no_part_of_the_question() {
        let typed =
            words("simulate x.toml --shard 1/3 --seeds 1..9 -o a --output=b -oc --threads 2 --quiet --force --keys 2");
        assert_eq!(lasting(&typed), words("simulate x.toml --seeds 1..9 --keys 2"));
    }
}
