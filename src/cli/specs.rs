//! The definitions that a command is about: files, folders, standard input, and expressions on the command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use super::import_args::ImportArgs;
use crate::model::{Kind, Pair, System};
use crate::spec::{self, Diagnostics, ImportOptions, Inline};

const SPEC: &str = "specs";
const READS: &str = "reads";
const WRITES: &str = "writes";

/// What reports call the file of a definition that is an expression.
pub(super) const COMMAND_LINE: &str = "-e";

/// One definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spec {
    /// A file, a folder, or `-` for standard input.
    Path(PathBuf),
    /// Expressions for reads and writes, of which one may be absent.
    Expression(Expression),
}

/// A system that is defined on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression {
    /// What it is called.
    name: String,
    sides: Pair<Option<String>>,
}

/// Any number of definitions, at least one, in the order of the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Specs {
    pub(super) list: Vec<Spec>,
    /// What configuration files among them do not say.
    pub(super) import: ImportOptions,
}

/// Exactly one definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OneSpec {
    pub(super) spec: Spec,
    /// What a configuration file does not say.
    pub(super) import: ImportOptions,
}

/// The arguments of a command that takes one system, or a scenario that may define its own.
#[derive(Debug)]
pub(super) struct SpecOrScenario {
    pub(super) spec: Option<Spec>,
    /// What a configuration file does not say.
    pub(super) import: ImportOptions,
}

/// The flag beside which there need be no definition.
pub(super) const SCENARIO: &str = "scenario";

/// Characters of an expression that is its own name.
const NAME_CHARS_MAX: usize = 48;

/// Characters of an expression that a description repeats.
const DESCRIPTION_CHARS_MAX: usize = 500;

impl Expression {
    /// The expressions of one system, the `number`-th on the command line.
    fn new(sides: Pair<Option<String>>, number: usize) -> Self {
        let name = Some(shown(&sides)).filter(|name| name.chars().count() <= NAME_CHARS_MAX && !name.is_empty());
        Expression { name: name.unwrap_or_else(|| format!("expression {number}")), sides }
    }

    /// The system.
    pub(super) fn system(&self) -> Result<System, Diagnostics> {
        let inline = |kind: Kind| {
            let place = if kind == Kind::Read { COMMAND_LINE } else { "--writes" };
            self.sides.of(kind).as_deref().map(|text| Inline { place, text })
        };
        let sides = Pair { reads: inline(Kind::Read), writes: inline(Kind::Write) };
        let system = spec::read_inline(&self.name, sides)?;
        let shown = shown(&self.sides);
        if shown == self.name {
            return Ok(system);
        }
        let cut: String = shown.chars().take(DESCRIPTION_CHARS_MAX).collect();
        let more = if cut.len() < shown.len() { " ..." } else { "" };
        Ok(system.named(self.name.clone(), Some(cut + more)))
    }

    /// The arguments that define it, for a process.
    #[cfg(all(feature = "net", unix))]
    pub(super) fn arguments(&self) -> Vec<String> {
        let flag = |flag: &str, text: &Option<String>| text.as_ref().map(|text| [flag.to_owned(), text.clone()]);
        [flag("-e", &self.sides.reads), flag("--writes", &self.sides.writes)].into_iter().flatten().flatten().collect()
    }

    /// The flags that define it, for a shell.
    fn flags(&self) -> String {
        let flag = |flag: &str, text: &Option<String>| text.as_ref().map(|text| format!("{flag} {}", quoted(text)));
        let flags = [flag("-e", &self.sides.reads), flag("--writes", &self.sides.writes)];
        flags.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// Both expressions on one line.
fn shown(sides: &Pair<Option<String>>) -> String {
    let one_line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let writes = sides.writes.as_ref().map(|text| format!("writes {}", one_line(text)));
    sides.reads.as_ref().map(one_line).into_iter().chain(writes).collect::<Vec<_>>().join(", ")
}

impl Spec {
    /// The file or folder, if it is one.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Spec::Path(path) => Some(path),
            Spec::Expression(_) => None,
        }
    }

    /// The arguments that name it, for a shell.
    pub(super) fn words(&self) -> String {
        match self {
            Spec::Path(path) => quoted(&path.display().to_string()),
            Spec::Expression(expression) => expression.flags(),
        }
    }
}

/// A text as a shell reads it.
pub(super) fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-".contains(letter);
    if !text.is_empty() && text.chars().all(plain) { text.into() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

impl Specs {
    /// What arguments without the name of a program say.
    pub(super) fn parsed<T: Into<OsString> + Clone>(
        arguments: impl IntoIterator<Item = T>,
    ) -> Result<Specs, clap::Error> {
        let command = Specs::augment_args(Command::new("quorate").no_binary_name(true));
        Specs::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }
}

impl Args for Specs {
    fn augment_args(command: Command) -> Command {
        let spec = Arg::new(SPEC)
            .num_args(1..)
            .help("Definitions: files, directories (every *.toml in them) or `-` for standard input; also configuration files that `quorate import` understands");
        ImportArgs::augment_args(command.arg(positional(spec)).args(expressions(&ArgAction::Append)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The one definition, and the arguments beside it.
fn one(command: Command, may_be_absent: impl FnOnce(Arg) -> Arg) -> Command {
    let spec = Arg::new(SPEC)
        .help("The definition: a file, or `-` for standard input; also a configuration file that `quorate import` understands");
    let spec = may_be_absent(positional(spec)).conflicts_with_all([READS, WRITES]);
    ImportArgs::augment_args(command.arg(spec).args(expressions(&ArgAction::Set)))
}

impl Args for SpecOrScenario {
    fn augment_args(command: Command) -> Command {
        one(command, |spec| spec.required_unless_present_any([READS, WRITES, SCENARIO]))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SpecOrScenario {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Specs { mut list, import } = Specs::from_arg_matches(matches)?;
        Ok(SpecOrScenario { spec: list.pop(), import })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for OneSpec {
    fn augment_args(command: Command) -> Command {
        one(command, |spec| spec)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn positional(spec: Arg) -> Arg {
    let spec = spec.value_name("SPEC").value_parser(value_parser!(PathBuf));
    spec.required_unless_present_any([READS, WRITES]).help_heading(None::<&str>)
}

fn expressions(action: &ArgAction) -> [Arg; 2] {
    let flag = |id: &'static str, help: &'static str| {
        Arg::new(id)
            .long(id)
            .value_name("EXPRESSION")
            .action(action.clone())
            .help(help)
            .help_heading("Definitions on the command line")
    };
    [
        flag(READS, "A definition that is an expression: its read quorums, as in -e 'a*b + c*d*e'; its write quorums are the dual").short('e'),
        flag(WRITES, "Write quorums of the -e before it, as an expression"),
    ]
}

impl FromArgMatches for Specs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut list: Vec<(usize, Spec)> = Vec::new();
        let paths = matches.get_many::<PathBuf>(SPEC).unwrap_or_default().cloned();
        list.extend(matches.indices_of(SPEC).unwrap_or_default().zip(paths.map(Spec::Path)));
        let texts = |id: &str| {
            let texts = matches.get_many::<String>(id).unwrap_or_default().cloned();
            matches.indices_of(id).unwrap_or_default().zip(texts).collect::<Vec<_>>()
        };
        let pairs = paired(texts(READS), texts(WRITES))?;
        list.extend(
            pairs
                .into_iter()
                .enumerate()
                .map(|(number, (at, sides))| (at, Spec::Expression(Expression::new(sides, number + 1)))),
        );
        list.sort_by_key(|(at, _)| *at);
        let import = ImportArgs::from_arg_matches(matches)?.options();
        Ok(Specs { list: list.into_iter().map(|(_, spec)| spec).collect(), import })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl FromArgMatches for OneSpec {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Specs { mut list, import } = Specs::from_arg_matches(matches)?;
        // The parser has asked for one of them.
        list.pop()
            .map(|spec| OneSpec { spec, import })
            .ok_or_else(|| clap::Error::new(ErrorKind::MissingRequiredArgument))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// A text and its place on the command line.
type Placed = (usize, String);

/// The sides of a system and its place on the command line.
type PlacedSides = (usize, Pair<Option<String>>);

/// Writes belong to the reads before them; where there is one of each, their order does not matter.
fn paired(reads: Vec<Placed>, writes: Vec<Placed>) -> Result<Vec<PlacedSides>, clap::Error> {
    if let ([(at, read)], [(_, write)]) = (&reads[..], &writes[..]) {
        return Ok(vec![(*at, Pair { reads: Some(read.clone()), writes: Some(write.clone()) })]);
    }
    let mut pairs: Vec<_> =
        reads.into_iter().map(|(at, text)| (at, Pair { reads: Some(text), writes: None })).collect();
    if let ([], [(at, write)]) = (&pairs[..], &writes[..]) {
        return Ok(vec![(*at, Pair { reads: None, writes: Some(write.clone()) })]);
    }
    for (at, text) in writes {
        let before = pairs.iter_mut().rev().find(|(reads, _)| *reads < at);
        match before {
            Some((_, sides)) if sides.writes.is_none() => sides.writes = Some(text),
            _ => {
                let message =
                    format!("--writes {} belongs to no -e: each goes behind the -e of its reads", quoted(&text));
                return Err(clap::Error::raw(ErrorKind::ArgumentConflict, format!("{message}\n")));
            }
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Vec<Spec>, clap::Error> {
        Ok(Specs::parsed(arguments)?.list)
    }

    fn names(arguments: &[&str]) -> Vec<String> {
        let name = |spec: Spec| match spec {
            Spec::Path(path) => path.display().to_string(),
            Spec::Expression(expression) => expression.name,
        };
        parse(arguments).unwrap().into_iter().map(name).collect()
    }

    #[test]
    fn the_order_is_that_of_the_command_line() {
        assert_eq!(names(&["a.toml", "-e", "x*y", "b.toml", "--reads=z"]), ["a.toml", "x*y", "b.toml", "z"]);
    }

    #[test]
    fn writes_belong_to_the_reads_before_them() {
        assert_eq!(names(&["--writes", "a + b", "-e", "a*b"]), ["a*b, writes a + b"]);
        assert_eq!(names(&["-e", "a", "-e", "b", "--writes", "c"]), ["a", "b, writes c"]);
        assert_eq!(names(&["-e", "a", "--writes", "c", "x.toml", "-e", "b"]), ["a, writes c", "x.toml", "b"]);
        assert_eq!(names(&["--writes", "a * b"]), ["writes a * b"]);
        for arguments in [
            &["--writes", "a", "-e", "b", "-e", "c"][..],
            &["-e", "a", "--writes", "b", "--writes", "c"],
            &["--writes", "a", "--writes", "b"],
        ] {
            let error = parse(arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains("belongs to no -e"), "{error}");
        }
    }

    #[test]
    fn long_expressions_are_numbered_and_described() {
        let long = (0..40).map(|node| format!("n{node}")).collect::<Vec<_>>().join(" + ");
        let given = ["-e", "a", "-e", long.as_str()];
        assert_eq!(names(&given), ["a", "expression 2"]);
        let Spec::Expression(expression) = parse(&given).unwrap().remove(1) else { unreachable!("an expression") };
        assert_eq!(expression.system().unwrap().about().description.as_deref(), Some(long.as_str()));
    }

    #[test]
    fn something_is_needed() {
        assert!(parse(&[]).unwrap_err().to_string().contains("<SPEC>"));
    }

    #[test]
    fn shells_get_back_what_was_given() {
        let words = |arguments: &[&str]| parse(arguments).unwrap()[0].words();
        assert_eq!(words(&["a/b-1.toml"]), "a/b-1.toml");
        assert_eq!(words(&["it's.toml"]), "'it'\\''s.toml'");
        assert_eq!(words(&["-e", "a*b", "--writes", "a"]), "-e 'a*b' --writes a");
    }
}
