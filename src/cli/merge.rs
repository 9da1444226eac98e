//! `quorate merge`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use super::common::{GeneralArgs, heading};
use super::division::Part;
use super::error::Failure;
use super::streams;
use super::terminal::Terminal;

/// Put the parts of a divided run together again: the answers of the undivided run, byte for byte
#[derive(Debug, Args)]
#[command(after_long_help = MERGE_HELP)]
pub(super) struct MergeArgs {
    /// The parts that --shard wrote, in any order
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write to FILE instead of standard output, as the undivided run would with this flag
    #[arg(short, long, value_name = "FILE", help_heading = heading::OUTPUT)]
    output: Option<PathBuf>,
    /// Replace files that are there, once what takes their place is complete
    #[arg(long, help_heading = heading::OUTPUT)]
    force: bool,
    #[command(flatten)]
    general: GeneralArgs,
}

const MERGE_HELP: &str = "\
Examples:
  quorate simulate quorum-defs/fano.toml --seeds 1..100 --shard 1/2 -o 1.part
  quorate simulate quorum-defs/fano.toml --seeds 1..100 --shard 2/2 -o 2.part
  quorate merge 1.part 2.part

The parts say what was asked, with a digest of it, of the definitions and of the version of the program; parts of other runs are refused, \
and the definitions are read again, from where they were.

Exit status:
  0  as the undivided run
  1  as the undivided run
  2  could not run: a part of another run, a part twice, a file that is no part, or what the undivided run could not do
  3  a part is missing, or as the undivided run";

/// A run that parts were made of.
#[derive(Debug)]
pub(super) struct Joined {
    /// What to type for it.
    pub(super) words: Vec<String>,
    /// All its parts, in order.
    pub(super) parts: Vec<Part>,
    /// The first file.
    pub(super) file: String,
}

/// The run that the parts are all of, if none is missing.
///
/// # Errors
/// [`Failure::NoPart`], [`Failure::OtherPart`] and [`Failure::PartTwice`].
pub(super) fn joined(args: &MergeArgs, terminal: &Terminal) -> Result<Option<Joined>, Failure> {
    let mut parts: BTreeMap<u64, (String, Part)> = BTreeMap::new();
    for path in &args.files {
        let file = path.display().to_string();
        let mut text = String::new();
        let opened = streams::given().open(path);
        let read = opened.and_then(|(mut opened, _)| opened.read_to_string(&mut text));
        read.map_err(|reason| Failure::Read { path: path.clone(), reason })?;
        let part = Part::read(&file, &text)?;
        if let Some((first, other)) = parts.values().next()
            && let Some(what) = other.differs(&part)
        {
            return Err(Failure::OtherPart { file, first: first.clone(), what });
        }
        if !part.is_of_this_version() {
            return Err(Failure::NoPart { file, why: "another version of the program wrote it".into() });
        }
        let number = part.part;
        if let Some((first, _)) = parts.insert(number, (file.clone(), part)) {
            return Err(Failure::PartTwice { number, files: [first, file] });
        }
    }
    let Some((_, first)) = parts.values().next() else { return Ok(None) };
    let (of, command) = (first.of, first.command.clone());
    let missing: Vec<String> =
        (1..=of).filter(|number| !parts.contains_key(number)).take(10).map(|number| number.to_string()).collect();
    if !missing.is_empty() {
        let more = of - parts.len() as u64 - missing.len() as u64;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let (parts, are) = if missing.len() == 1 { ("part", "is") } else { ("parts", "are") };
        terminal.note(&format!("{parts} {}{more} of {of} {are} missing, so nothing is merged", missing.join(", ")));
        return Ok(None);
    }
    let mut words = vec!["quorate".to_owned()];
    words.extend(command);
    words.extend(args.output.iter().flat_map(|path| ["--output".to_owned(), path.display().to_string()]));
    words.extend(args.force.then(|| "--force".to_owned()));
    words.extend(args.general.threads.iter().flat_map(|threads| ["--threads".to_owned(), threads.to_string()]));
    words.extend(args.general.is_quiet().then(|| "--quiet".to_owned()));
    let file = args.files[0].display().to_string();
    Ok(Some(Joined { words, parts: parts.into_values().map(|(_, part)| part).collect(), file }))
}
