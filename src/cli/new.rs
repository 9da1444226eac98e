//! `quorate new` and `quorate import`: what writes definitions.

use super::args::heading;
use super::completions::FileArgs;
use super::error::Failure;
use super::family_name;
use super::family_name::FamilyName;
use super::files::Files;
use super::import_command::ImportCommand;
use super::{Status, Terminal, input};
use crate::families::{ALBUM, FamilyInfo};
use crate::report;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::collections::BTreeMap;
use std::path::Path;

/// Write a commented definition to begin with
#[derive(Debug, Args)]
#[command(after_long_help = NEW_HELP)]
pub(super) struct NewArgs {
    /// The family, as in `quorate families`
    #[arg(value_name = "FAMILY", value_parser = FamilyName, hide_possible_values = true)]
    family: String,
    /// What the system is called [default: that of FILE, else my-FAMILY]
    #[arg(long, value_name = "NAME", help_heading = heading::GENERAL)]
    name: Option<String>,
    #[command(flatten)]
    parameters: Parameters,
    #[command(flatten)]
    file: FileArgs,
}

const NEW_HELP: &str = "\
Examples:
  quorate new majority
  quorate new grid --rows 4 --cols 5 -o grid.toml && quorate analyze grid.toml
  quorate new threshold --n 5 --read 2
  quorate new weighted --votes 3,2,1,1,1 --output votes.toml
  quorate new custom --reads 'a*b + c*d*e'

Parameters that are not given are those of the example in `quorate families`, or go with those that are: without --read and \
--write a threshold of 5 is 3 and 3. Everything that a definition may say besides stands in it as comments.

Exit status:
  0  done
  2  could not run: usage, a parameter that the family cannot have, or a file that is there";

/// The parameters of all families, as flags; what was given, with the keys that they have in a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameters {
    given: Vec<(&'static str, String)>,
}

/// A family, and what a key means to it.
type Owner = (&'static str, &'static str);

/// The keys of all families, each with what it means and where.
fn keys() -> BTreeMap<&'static str, Vec<Owner>> {
    let mut keys: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for family in ALBUM {
        for parameter in family.parameters {
            keys.entry(parameter.key).or_default().push((family.name, parameter.meaning));
        }
    }
    keys
}

/// What a key means to each of its families.
fn help(owners: &[Owner]) -> String {
    let mut meanings: Vec<(&str, Vec<&str>)> = Vec::new();
    for (family, meaning) in owners {
        match meanings.iter_mut().find(|(known, _)| known == meaning) {
            Some((_, families)) => families.push(family),
            None => meanings.push((meaning, vec![family])),
        }
    }
    meanings
        .iter()
        .map(|(meaning, families)| format!("{}: {meaning}", families.join(", ")))
        .collect::<Vec<_>>()
        .join("; ")
}

impl Args for Parameters {
    fn augment_args(command: Command) -> Command {
        let flag = |(key, owners): (&'static str, Vec<_>)| {
            let flag = Arg::new(key).long(key.replace('_', "-")).value_name("VALUE").help(help(&owners));
            let flag = flag.help_heading(heading::PARAMETERS).allow_negative_numbers(true);
            // Everywhere else that is the flag for a definition on the command line.
            match key {
                "reads" => flag.short('e'),
                "variant" => flag.add(super::candidates::variants()),
                _ => flag,
            }
        };
        command.args(keys().into_iter().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Parameters {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |key: &'static str| Some((key, matches.get_one::<String>(key)?.clone()));
        Ok(Parameters { given: keys().into_keys().filter_map(given).collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Writes a definition that can be analysed, or says why there is none.
pub(super) fn run(args: &NewArgs) -> Result<Status, Failure> {
    let family = family_name::family(&args.family)?;
    let mut given = Vec::new();
    for (key, text) in &args.parameters.given {
        let has = family.parameters.iter().any(|parameter| parameter.key == *key);
        if !has {
            return Err(Failure::NoParameter { family: family.name, key });
        }
        given.push(((*key).to_owned(), toml_value(family, key, text)));
    }
    let named = args.name.clone().or_else(|| args.file.output.as_deref().and_then(stem));
    let name = named.unwrap_or_else(|| format!("my-{}", family.name));
    let (text, _) = report::starter(family, &name, &given)
        .map_err(|diagnostics| Failure::Definition { file: "new".into(), diagnostics })?;
    args.file.write(text.as_bytes())
}

/// Writes the definition of a configuration file, and says what a reader should know.
pub(super) fn import(args: &ImportCommand, terminal: &Terminal) -> Result<Status, Failure> {
    let mut files = Files::new(args.force);
    files.reads(&args.path)?;
    let output = files.report(args.output.as_deref())?;
    let source = input::source(&args.path);
    let imported = source.imported(&args.import.options())?;
    if !args.quiet.quiet {
        let file = source.name();
        let shown = if file == "-" { "standard input" } else { &file };
        terminal.note(&format!("{shown} is taken for {}", imported.kind.description()));
        imported.notes.iter().for_each(|note| terminal.note(note));
    }
    output.write(&imported.definition)?;
    Ok(Status::Done)
}

/// The name of a file without its ending, where there is one.
fn stem(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    (path.as_os_str() != "-").then(|| stem.to_owned())
}

/// The argument as TOML: numbers and lists of numbers as they are, and everything else as text.
fn toml_value(family: &FamilyInfo, key: &str, text: &str) -> String {
    let text = text.trim();
    let is_number = |text: &str| text.trim().parse::<i128>().is_ok();
    let shown = family.example.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
    let takes_list = shown.map_or(family.name == "hierarchical", |shown| shown.starts_with('['));
    let is_list = text.starts_with('[') || text.starts_with('{');
    match text.split(',').all(is_number) {
        true if text.contains(',') || takes_list => {
            format!("[{}]", text.split(',').map(str::trim).collect::<Vec<_>>().join(", "))
        }
        true => text.into(),
        false if is_list => text.into(),
        false => toml::Value::String(text.into()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_toml() {
        for (family, key, text, expected) in [
            ("majority", "n", "7", "7"),
            ("majority", "n", "seven", "\"seven\""),
            ("majority", "n", "-1", "-1"),
            ("weighted", "votes", "3,1, 1", "[3, 1, 1]"),
            ("weighted", "votes", "[3, 1]", "[3, 1]"),
            ("weighted", "votes", "3", "[3]"),
            ("weighted", "read_votes", "3", "3"),
            ("hierarchical", "read", "2", "[2]"),
            ("grid", "variant", "cover", "\"cover\""),
            ("custom", "reads", "a*\"b c\"", "'a*\"b c\"'"),
        ] {
            assert_eq!(toml_value(family_name::family(family).unwrap(), key, text), expected);
        }
    }

    #[test]
    fn a_key_of_several_families_says_what_it_means_to_each() {
        let help = help(&keys()["rows"]);
        assert!(help.contains("grid: number of lines; triangle: "), "{help}");
    }
}
