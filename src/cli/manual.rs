//! `quorate man`: a manual page for each command.

use super::Status;
use super::command_line::Cli;
use super::command_line::ManArgs;
use super::error::{self, Failure};
use super::files::Files;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::io;

/// What a variable of the environment is for.
const ENVIRONMENT: [(&str, &str); 2] = [
    ("NO_COLOR", "No colours, when it is set and not empty; --color always overrides it."),
    (
        "COLUMNS",
        "How wide text is, in characters, but no less than 40. Without it: as wide as the terminal, or 80 where there is none.",
    ),
];

/// Of programs and commands of users, and of quorate.
const SECTION: &str = "1";

/// Writes a page, or all.
pub(super) fn run(args: &ManArgs) -> Result<Status, Failure> {
    let program = program();
    let unwritten = |reason| Failure::WriteOutput { reason };
    let Some(folder) = &args.out else {
        let command = match args.command.as_deref() {
            Some(name) => named(&program, name)?,
            None => &program,
        };
        return args.file.write(page(command, &program).map_err(unwritten)?.as_bytes());
    };
    let mut pages = Vec::new();
    for command in std::iter::once(&program).chain(program.get_subcommands()) {
        let file = format!("{}.{SECTION}", title(command));
        pages.push((file, page(command, &program).map_err(unwritten)?.into_bytes()));
    }
    let names: Vec<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    Files::new(args.file.force).folder("--out", folder, &names)?.write(&pages)?;
    Ok(Status::Done)
}

/// The program with its commands, of which `help` needs no page.
fn program() -> Command {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    program
}

fn named<'a>(program: &'a Command, name: &str) -> Result<&'a Command, Failure> {
    let commands: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
    let advice = || error::advice(name, &commands);
    program.find_subcommand(name).ok_or_else(|| Failure::UnknownCommand { name: name.into(), advice: advice() })
}

/// What a page is called.
fn title(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// What each part of a page begins with: how an apostrophe stays one.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// The page of a command.
fn page(command: &Command, program: &Command) -> io::Result<String> {
    let version = program.get_version().unwrap_or_default();
    let man = Man::new(command.clone()).source(format!("quorate {version}")).manual("The manual of quorate");
    let mut head = Vec::new();
    man.render_title(&mut head)?;
    man.render_name_section(&mut head)?;
    let usage = command.clone().render_usage().to_string();
    let mut synopsis = Roff::new();
    synopsis.control("SH", ["SYNOPSIS"]).text([roman(usage.trim_start_matches("Usage: "))]);
    synopsis.to_writer(&mut head)?;
    man.render_description_section(&mut head)?;
    let mut roff = Roff::new();
    if command.has_subcommands() {
        commands(&mut roff, command);
    }
    let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    for section in sections(&help) {
        section.write(&mut roff);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (variable, meaning) in ENVIRONMENT {
        roff.control("TP", []).text([bold(variable)]).text([roman(meaning)]);
    }
    related(&mut roff, command, program);
    let page = format!("{}{}{}", String::from_utf8_lossy(&head), options(&man)?, roff.render());
    Ok(format!("{PREAMBLE}{}", page.replace(PREAMBLE, "")))
}

/// The flags: all in one section, with a part for each heading, behind what is given without a flag.
fn options(man: &Man) -> io::Result<String> {
    let mut written = Vec::new();
    man.render_options_section(&mut written)?;
    let text = String::from_utf8_lossy(&written).into_owned();
    let mut arranged = String::new();
    let mut has_flags = false;
    for line in text.lines() {
        match line.strip_prefix(".SH ") {
            Some("OPTIONS") => arranged.push_str(".SH ARGUMENTS"),
            Some(heading) => {
                if !has_flags {
                    arranged.push_str(".SH OPTIONS\n");
                }
                has_flags = true;
                arranged.push_str(&format!(".SS {heading}"));
            }
            None => arranged.push_str(line),
        }
        arranged.push('\n');
    }
    Ok(arranged)
}

fn commands(roff: &mut Roff, program: &Command) {
    roff.control("SH", ["COMMANDS"]);
    for command in program.get_subcommands() {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        roff.control("TP", []).text([bold(title(command)), roman(format!("({SECTION})"))]).text([roman(about)]);
    }
}

/// The other pages.
fn related(roff: &mut Roff, command: &Command, program: &Command) {
    let others = [program, named(program, "explain").unwrap_or(program), named(program, "families").unwrap_or(program)];
    let others = others.iter().filter(|other| title(other) != title(command));
    let mut words = Vec::new();
    for other in others {
        words.extend([
            roman(if words.is_empty() { "" } else { ", " }),
            bold(title(other)),
            roman(format!("({SECTION})")),
        ]);
    }
    roff.control("SH", ["SEE ALSO"]).text(words);
}

/// A part of what help says after the flags.
#[derive(Debug, PartialEq, Eq)]
struct Section<'a> {
    title: &'static str,
    lines: Vec<&'a str>,
}

const EXAMPLES: &str = "EXAMPLES";

const EXIT_STATUS: &str = "EXIT STATUS";

const NOTES: &str = "NOTES";

/// The parts of a help text, in the order of a manual.
fn sections(help: &str) -> Vec<Section<'_>> {
    let mut parts = [EXIT_STATUS, NOTES, EXAMPLES].map(|title| Section { title, lines: Vec::new() });
    let mut current = 1;
    for line in help.lines() {
        if line == "Examples:" {
            current = 2;
        } else if let Some(rest) = line.strip_prefix("Exit status:") {
            current = 0;
            parts[current].lines.push(rest.trim());
        } else {
            if line.is_empty() && current == 2 {
                current = 1;
            }
            parts[current].lines.push(line);
        }
    }
    for part in &mut parts {
        let has_more = |line: &&&str| line.is_empty();
        let blank = part.lines.iter().take_while(has_more).count();
        part.lines.drain(..blank);
        while part.lines.last().is_some_and(|line| line.is_empty()) {
            part.lines.pop();
        }
    }
    parts.into_iter().filter(|part| !part.lines.is_empty()).collect()
}

impl Section<'_> {
    fn write(&self, roff: &mut Roff) {
        roff.control("SH", [self.title]);
        if self.title == EXAMPLES {
            roff.control("EX", []);
            for line in &self.lines {
                roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            }
            roff.control("EE", []);
            return;
        }
        for line in &self.lines {
            match line.strip_prefix("  ").and_then(|line| line.split_once("  ")) {
                Some((status, meaning)) => {
                    roff.control("TP", []).text([bold(status.trim())]).text([roman(meaning.trim())]);
                }
                None if line.is_empty() => drop(roff.control("PP", [])),
                None if self.title == EXIT_STATUS => drop(roff.control("PP", []).text([roman(*line)])),
                None => drop(roff.text([roman(*line)])),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_divided_like_a_manual() {
        let help = "Examples:\n  quorate x a\n  quorate x b\n\nMore about it.\n\nExit status:\n  0  done\n  1  no\nThe worst counts.";
        let parts = sections(help);
        let titles: Vec<&str> = parts.iter().map(|part| part.title).collect();
        assert_eq!(titles, ["EXIT STATUS", "NOTES", "EXAMPLES"]);
        assert_eq!(parts[0].lines, ["  0  done", "  1  no", "The worst counts."]);
        assert_eq!(parts[1].lines, ["More about it."]);
        assert_eq!(parts[2].lines, ["  quorate x a", "  quorate x b"]);
    }

    #[test]
    fn every_command_has_a_whole_page() {
        let program = program();
        for command in std::iter::once(&program).chain(program.get_subcommands()) {
            let page = page(command, &program).unwrap();
            let name = title(command);
            for section in [
                "NAME",
                "SYNOPSIS",
                "DESCRIPTION",
                "OPTIONS",
                "\"EXIT STATUS\"",
                "EXAMPLES",
                "ENVIRONMENT",
                "\"SEE ALSO\"",
            ] {
                let count = page.lines().filter(|line| *line == format!(".SH {section}")).count();
                assert_eq!(count, 1, "{name}: {section}\n{page}");
            }
            assert!(page.contains(&format!(".TH {name} 1")), "{page}");
        }
    }

    #[test]
    fn unknown_commands_get_advice() {
        let program = program();
        let advice = |name| match named(&program, name) {
            Err(Failure::UnknownCommand { advice, .. }) => advice,
            other => panic!("{other:?}"),
        };
        assert_eq!(advice("analyse"), "did you mean \"analyze\"?");
        assert!(advice("zzz").starts_with("there are analyze, check,"));
    }
}
