//! `quorate explain`.

use super::args::ReportArgs;
use super::error::Failure;
use super::files::Files;
use super::{Status, Terminal};
use crate::report::{self, Word};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Command};
use std::ffi::OsStr;

/// Say what a word of the output means
#[derive(Debug, Args)]
#[command(after_long_help = EXPLAIN_HELP)]
pub(super) struct ExplainArgs {
    /// Any word of the output: a heading, a key, a column, a method, a verdict, a rule, or a whole note; none: all words by
    /// subject
    #[arg(value_name = "WORD", value_parser = KnownWord, hide_possible_values = true)]
    words: Vec<String>,
    #[command(flatten)]
    report: ReportArgs,
}

const EXPLAIN_HELP: &str = "\
Examples:
  quorate explain
  quorate explain resilience
  quorate explain column-generation karp-luby
  quorate explain losses per year
  quorate explain load@0.5 --format json
  quorate explain 'Losing zone a stops all reads and writes.'

Letter case, plurals, hyphens, spaces and underscores make no difference. Several words are one term if there is such a term, \
and one word each otherwise.

Exit status:
  0  done
  2  could not run: usage or file, or a word that is none of the output's";

/// A word that completions know; others are refused later, with advice.
#[derive(Debug, Clone, Copy)]
struct KnownWord;

impl TypedValueParser for KnownWord {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        // Words are found also with hyphens between them, which no shell divides.
        let is_plain = |name: &&str| name.chars().all(|letter| letter.is_alphanumeric() || " -_.".contains(letter));
        let mut names: Vec<String> =
            report::glossary().iter().map(Word::name).filter(is_plain).map(|name| name.replace(' ', "-")).collect();
        names.sort_unstable();
        names.dedup();
        Some(Box::new(names.into_iter().map(PossibleValue::new)))
    }
}

/// Explains each word, or lists all.
pub(super) fn run(args: &ExplainArgs, terminal: &Terminal) -> Result<Status, Failure> {
    let found = found(&args.words)?;
    let output = Files::new(args.report.force).report(args.report.output.as_deref())?;
    let view = terminal.view(&output);
    let format = args.report.format();
    let text = match found.is_empty() {
        true => report::word_list(format, view),
        false => report::explanations(&found, format, view),
    };
    output.write(&text)?;
    Ok(Status::Done)
}

/// What the arguments ask for: together one term, or each a word.
fn found(words: &[String]) -> Result<Vec<&'static Word>, Failure> {
    let together = report::explained(&words.join(" "));
    if !together.is_empty() {
        return Ok(together);
    }
    let mut all = Vec::new();
    for word in words {
        let found = report::explained(word);
        if found.is_empty() {
            return Err(Failure::UnknownWord { word: word.clone(), advice: advice(word) });
        }
        all.extend(found);
    }
    Ok(all)
}

fn advice(word: &str) -> String {
    match &report::suggested(word)[..] {
        [] => "`quorate explain` lists all words".into(),
        [one] => format!("did you mean {one:?}? `quorate explain` lists all words"),
        several => {
            let names: Vec<String> = several.iter().map(|name| format!("{name:?}")).collect();
            format!("did you mean one of {}? `quorate explain` lists all words", names.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::command_line::Cli;
    use super::*;

    fn names(words: &[&str]) -> Vec<&'static str> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        found(&words).unwrap().into_iter().map(Word::name).collect()
    }

    #[test]
    fn several_words_are_one_term_or_each_a_word() {
        assert_eq!(names(&["column", "generation"]), ["column-generation"]);
        assert_eq!(names(&["certified", "karp-luby"]), ["certified", "karp-luby"]);
        assert!(names(&[]).is_empty());
    }

    #[test]
    fn unknown_words_get_advice() {
        assert!(advice("resiliance").starts_with("did you mean \"resilience\"?"));
        assert_eq!(advice("zzz"), "`quorate explain` lists all words");
    }

    /// The arguments of a command, as a shell divides it.
    fn arguments(command: &str) -> Vec<String> {
        let mut arguments = vec![String::new()];
        let mut quote = None;
        for letter in command.chars() {
            match letter {
                '"' | '\'' if quote.is_none() => quote = Some(letter),
                _ if quote == Some(letter) => quote = None,
                ' ' if quote.is_none() => arguments.push(String::new()),
                _ => arguments.last_mut().expect("there is one").push(letter),
            }
        }
        arguments
    }

    #[test]
    fn every_example_of_the_glossary_is_a_command() {
        for word in report::glossary() {
            let example = word.example.as_deref().expect("an example");
            if let Err(error) = Cli::try_parse_from(arguments(example)) {
                panic!("{}: {example}: {error}", word.name());
            }
        }
    }
}
