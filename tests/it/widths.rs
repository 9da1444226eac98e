//! Text on terminals of different widths: no line is longer, and nothing is lost.

use assert_cmd::assert::{Assert, OutputAssertExt};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("five.toml", "name = 'five'\n[system]\nfamily = 'majority'\nn = 5\n[nodes]\nlatency_ms = 2.5\n");
    put("thousand.toml", "name = 'thousand'\n[system]\nfamily = 'majority'\nn = 1000\n");
    let long = |number: usize| format!("a-node-in-eu-central-1-rack-17-machine-with-a-long-name-number-{number}");
    let names: Vec<String> = (1..=5).map(|number| format!("'{}'", long(number))).collect();
    put(
        "long.toml",
        &format!(
            "name = 'a system whose name is about as long as a whole sentence and then some more, which happens'\n\
             [system]\nfamily = 'majority'\nn = 5\nnames = [{}]\n[[node]]\nname = '{}'\nzone = 'z'\n\
             [[zone]]\nname = 'z'\nfailure_probability = 0.01\n",
            names.join(", "),
            long(1)
        ),
    );
    let clients: String = (1..=3)
        .map(|client| format!("[[client]]\nname = 'a client {}'\nnode = '{}'\n", long(client), long(client)))
        .collect();
    put(
        "clients.toml",
        &format!(
            "name = 'clients'\n[system]\nfamily = 'majority'\nn = 5\nnames = [{0}]\n\
             [[zone]]\nname = 'the zone of {1}'\nnodes = [{0}]\n{clients}",
            names.join(", "),
            long(1)
        ),
    );
    put(
        "bad.jsonl",
        "{\"process\":1,\"op\":\"write\",\"value\":1,\"start\":0,\"end\":1}\n\
                      {\"process\":2,\"op\":\"read\",\"value\":0,\"start\":2,\"end\":3}\n",
    );
    put("nodes.toml", "[[node]]\nname = 'a'\n[[node]]\nname = 'b'\n[[node]]\nname = 'c'\n");
    folder
}

fn run(folder: &TempDir, columns: Option<usize>, arguments: &[&str]) -> Assert {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("COLUMNS").current_dir(folder.path()).args(arguments);
    if let Some(columns) = columns {
        command.env("COLUMNS", columns.to_string());
    }
    command.assert()
}

fn text(assert: &Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

#[test]
fn no_line_is_longer_than_the_terminal() {
    let folder = folder();
    let few = ["--operations", "100", "--epochs", "100", "--executions", "4", "--sets", "10"];
    let verify = [&["verify", "five.toml"][..], &few].concat();
    let commands: [&[&str]; 13] = [
        &["analyze", "clients.toml"],
        &["analyze", "five.toml", "--strategy", "--polynomial", "--pareto", "load,network", "--quorums", "5"],
        &["analyze", "long.toml", "--strategy", "--read-fraction", "0.1,0.9"],
        &["analyze", "long.toml", "--failed", "z"],
        &["analyze", "thousand.toml"],
        &["compare", "five.toml", "long.toml", "thousand.toml"],
        &["compare", "five.toml", "long.toml", "--failure-probability", "0.001..0.5:20:log"],
        &["sweep", "majority", "--n", "3..81:2"],
        &["check", "bad.jsonl"],
        &["simulate", "long.toml", "--ops", "50"],
        &["search", "--nodes", "nodes.toml"],
        &["families", "majority"],
        &verify,
    ];
    for command in commands {
        for width in [60, 80, 160] {
            let text = text(&run(&folder, Some(width), command));
            assert!(text.lines().count() > 3, "{command:?}: {text}");
            // Code and words of a sentence are not broken: they could not be copied.
            let is_code = |line: &str| line.starts_with("    ");
            let is_word = |line: &str| line.split_whitespace().filter(|word| *word != "-").count() == 1;
            for line in text.lines().filter(|line| !is_code(line) && !is_word(line)) {
                assert!(line.width() <= width, "{command:?} at {width}: {line}");
            }
        }
        assert_eq!(text(&run(&folder, Some(80), command)), text(&run(&folder, None, command)), "{command:?}");
    }
}

#[test]
fn a_wider_terminal_gets_wider_tables_with_the_same_values() {
    let folder = folder();
    let systems = ["five.toml", "long.toml", "thousand.toml"];
    let table = |columns: usize, more: &[&str]| {
        let arguments = [&["compare"][..], &systems, more].concat();
        text(&run(&folder, Some(columns), &arguments))
    };
    let values = |text: &str| {
        let table = text.split("\n\nDominated").next().unwrap().split("\n\nCrossovers").next().unwrap();
        let mut values: Vec<String> = table
            .lines()
            .filter(|line| !line.starts_with("  - ") && !line.starts_with("    "))
            .flat_map(|line| line.split_whitespace().map(str::to_owned))
            .filter(|word| word.chars().any(|letter| letter.is_ascii_digit()))
            .collect();
        values.sort();
        values
    };
    let wide = table(300, &[]);
    assert!(!wide.contains("wider than"), "{wide}");
    for columns in [60, 80, 120] {
        let narrow = table(columns, &[]);
        assert!(narrow.contains("The table is wider than"), "{columns}: {narrow}");
        assert_eq!(values(&narrow), values(&wide), "{columns}: {narrow}");
    }
}

#[test]
fn people_see_eight_facts_and_programs_everything() {
    let folder = folder();
    let header = |arguments: &[&str]| {
        let text = text(&run(&folder, Some(200), arguments));
        text.lines().next().unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let eight = ["nodes", "read", "write", "resilience", "load@0.5", "failure@0.001", "failure@0.01", "failure@0.1"];
    assert_eq!(header(&["compare", "five.toml", "thousand.toml"])[1..], eight);
    let csv = text(&run(&folder, None, &["compare", "five.toml", "thousand.toml", "--format", "csv"]));
    for name in ["capacity_0.5", "minutes_down_0.01", "nines_0.1"] {
        assert!(csv.lines().next().unwrap().split(',').any(|column| column == name), "{name}: {csv}");
    }
    let asked =
        header(&["compare", "five.toml", "--columns", "capacity,nines,minutes", "--failure-probability", "0.1"]);
    assert_eq!(asked[1..], ["capacity@0.5", "nines@0.1", "minutes@0.1"]);
    let rounded = header(&["compare", "five.toml", "--failure-probability", "0.004728708045"]);
    assert_eq!(rounded.last().map(String::as_str), Some("failure@0.004729"));
}

/// The ways in which the numbers of a column are written: how many decimals, and whether in scientific notation.
fn kinds_of_digits(column: &[String]) -> std::collections::BTreeSet<String> {
    let kind = |word: &String| {
        let word = word.trim_end_matches('*').trim_start_matches(['~', '≤', '≥']);
        let (mantissa, power) = word.split_once('e').map_or((word, ""), |(mantissa, _)| (mantissa, "e"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        format!("{decimals}{power}")
    };
    let is_number = |word: &&String| word.starts_with(|letter: char| letter.is_ascii_digit()) && *word != "0";
    column.iter().filter(is_number).map(kind).collect()
}

#[test]
fn the_numbers_of_a_column_have_the_same_digits() {
    let folder = folder();
    let more = [
        ("slow.toml", "name = 'slow'\n[system]\nfamily = 'grid'\nrows = 3\ncols = 4\n"),
        ("one.toml", "name = 'one'\n[system]\nfamily = 'singleton'\nn = 1\n"),
        ("rowa.toml", "name = 'rowa'\n[system]\nfamily = 'rowa'\nn = 7\n"),
    ];
    more.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    let all = ["five.toml", "thousand.toml", "slow.toml", "one.toml", "rowa.toml"];
    let columns = "load,capacity,failure,minutes,nines";
    for question in [&[][..], &["--failure-probability", "1e-5,0.3,0.999"], &["--read-fraction", "0,0.99,1"]] {
        let arguments = [&["compare"][..], &all, question, &["--columns", columns]].concat();
        let text = text(&run(&folder, Some(400), &arguments));
        let rows: Vec<Vec<String>> = text
            .lines()
            .take_while(|line| !line.is_empty())
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect();
        assert_eq!(rows.len(), all.len() + 1, "{text}");
        for at in 1..rows[0].len() {
            let column: Vec<String> = rows[1..].iter().map(|row| row[at].clone()).collect();
            assert!(kinds_of_digits(&column).len() <= 1, "{}: {column:?}\n{text}", rows[0][at]);
        }
    }
    for system in ["slow.toml", "rowa.toml", "thousand.toml"] {
        let text = text(&run(&folder, None, &["analyze", system, "--strategy", "--read-fraction", "0.3"]));
        let after = |heading: &str| text.split_once(heading).unwrap_or_else(|| panic!("{text}")).1.to_owned();
        let column = |rows: &str, at: usize| -> Vec<String> {
            let rows = rows.lines().take_while(|line| !line.is_empty() && !line.starts_with("  - "));
            rows.filter_map(|line| line.split_whitespace().nth(at).map(str::to_owned)).collect()
        };
        let failures = after("  node p ");
        for at in 0..2 {
            let column = column(failures.split_once('\n').unwrap().1, at);
            assert!(column.len() == 3 && kinds_of_digits(&column).len() == 1, "{system}: {column:?}");
        }
        if system != "thousand.toml" {
            for heading in ["  node ", "  strategy  probability"] {
                let column = column(after(heading).split_once('\n').unwrap().1, 1);
                assert!(!column.is_empty() && kinds_of_digits(&column).len() <= 1, "{system}: {column:?}\n{text}");
            }
        }
    }
}
