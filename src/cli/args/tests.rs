use crate::cli::command_line::Cli;
use crate::cli::command_line::Command;
use clap::CommandFactory;
use clap::Parser;

use super::*;
use crate::model::Probability;

fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
    let cli = Cli::try_parse_from(["quorate", "analyze", "x.toml"].iter().chain(arguments))?;
    match cli.command {
        Command::Analyze(args) => Ok(args.options().expect("no contradiction")),
        _ => unreachable!("the arguments say analyze"),
    }
}

#[track_caller]
fn refused(arguments: &[&str], message: &str) {
    let error = parse(arguments).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn the_definition_of_the_arguments_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn without_flags_the_options_are_the_defaults() {
    // Clients get strategies where only they have a latency.
    let expected = Options { per_client: crate::analysis::PerClient::WhereNeeded, ..Options::default() };
    assert_eq!(parse(&[]).unwrap(), expected);
}

#[test]
fn flags_become_options() {
    let options = parse(&[
        "--read-fraction=0,0.5,1",
        "--failure-probability=0.1",
        "--method=monte-carlo",
        "--trials=7",
        "--relative-error=0.05",
        "--confidence=0.99",
        "--quorums=3",
        "--seed=9",
        "--strategy",
    ]);
    let expected = Options {
        read_fractions: [0.0, 0.5, 1.0].map(|value| Fraction::new(value).unwrap()).to_vec(),
        failure_probabilities: vec![Probability::new(0.1).unwrap()],
        sampling: SamplingOptions {
            method: Method::MonteCarlo,
            trials: Some(7),
            relative_error: Some(0.05),
            confidence: 0.99,
            seed: 9,
            ..SamplingOptions::default()
        },
        quorums: Some(3),
        strategy: true,
        per_client: crate::analysis::PerClient::WhereNeeded,
        ..Options::default()
    };
    assert_eq!(options.unwrap(), expected);
}

#[test]
fn what_is_out_of_range_is_refused_with_a_reason() {
    refused(&["--read-fraction", "1.5"], "1.5 is not a fraction in [0, 1]");
    refused(&["--read-fraction", "-0.5"], "-0.5 is not a fraction in [0, 1]");
    refused(&["--read-fraction", "0.5,NaN"], "NaN is not a fraction in [0, 1]");
    refused(&["--failure-probability", "2"], "2 is not a probability in [0, 1]");
    refused(&["--failure-probability", "half"], "it is not a number");
    refused(&["--confidence", "1"], "it must be between 0 and 1, and neither of them");
    refused(&["--confidence", "nan"], "it must be between 0 and 1");
    refused(&["--trials", "0"], "it must be a whole number, at least 1");
    refused(&["--seed", "-1"], "it must be a whole number from 0 to 18,446,744,073,709,551,615");
    refused(&["--threads", "0"], "it must be a whole number, at least 1");
    refused(&["--threads", "1000000"], "it must be at most 1,024");
    refused(&["--quorums", "-3"], "it must be a whole number, at least 1");
    refused(&["--method", "guess"], "[possible values: auto, exact, monte-carlo, karp-luby]");
    refused(&["--relative-error", "0"], "it must be between 0 and 1, and neither of them");
}
