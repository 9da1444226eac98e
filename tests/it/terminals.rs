//! Hostile names, full disks and closed pipes: nothing commands a terminal or a spreadsheet, and nothing fails silently.
#![cfg(unix)]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::files;

/// Letters that a terminal obeys, that turn the direction of reading, or that nobody sees.
const HOSTILE: [char; 10] =
    ['\u{1b}', '\u{9b}', '\u{7}', '\u{85}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{200d}', '\u{feff}', '\u{7f}'];

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.env_remove("CLICOLOR_FORCE").current_dir(folder).args(arguments).output().unwrap()
}

#[track_caller]
fn is_plain(output: &Output, what: &str) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let found = text.chars().find(|letter| HOSTILE.contains(letter) || (letter.is_control() && *letter != '\n'));
        assert_eq!(found, None, "{what}\n{text:?}");
    }
}

#[test]
fn quoted_source_lines_command_nothing() {
    let folder = TempDir::new().unwrap();
    let shipped = files::text("tests/golden/edges/control-character-in-comment.toml");
    std::fs::write(folder.path().join("shipped.toml"), &shipped).unwrap();
    is_plain(&run(folder.path(), &["analyze", "shipped.toml"]), "the shipped file");
    for letter in HOSTILE {
        // In a comment, in a key, in a string, in the place of a value, before and after what is underlined.
        for text in [
            format!("name = \"x\"\n[system]\nfamily = \"majorit\" # {letter}[31m {letter}\nn = 3\n"),
            format!("name = \"x{letter}\"\n[system]\nfamily = \"majority\"\nn = 3\n"),
            format!("name = \"x\"\ndescription = \"d{letter}\"\n[system]\nfamily = \"majority\"\nn = 3\n"),
            format!("name = \"x\"\n[system]\nfamily = \"m{letter}\"\nn = 3\n"),
            format!("name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n\"k{letter}\" = 1\n"),
            format!("name = \"x\"\n[system]\nfamily = \"custom\"\nreads = \"a*{letter}b\"\n"),
            format!("name = \"x\"\n[system]\nfamily = \"custom\"\nreads = '\"a{letter}\"*b'\n"),
            format!("name = \"x\"\n{letter}\n[system]\nfamily = \"majority\"\nn = 3\n"),
            format!("name = \"x\"\n[system]\nfamily = \"majority\"\nn = {letter}3\n"),
            format!("name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n[[node]]\nname = \"n{letter}1\"\n"),
        ] {
            std::fs::write(folder.path().join("x.toml"), &text).unwrap();
            for arguments in [
                &["analyze", "x.toml"][..],
                &["compare", "x.toml"],
                &["search", "--nodes", "x.toml"],
                &["simulate", "x.toml", "--ops", "5"],
            ] {
                let output = run(folder.path(), arguments);
                is_plain(&output, &format!("{arguments:?} of {text:?}"));
            }
            std::fs::write(folder.path().join("f.toml"), &text).unwrap();
            std::fs::write(folder.path().join("five.toml"), "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 5\n")
                .unwrap();
            is_plain(&run(folder.path(), &["simulate", "five.toml", "--faults", "f.toml", "--ops", "5"]), &text);
        }
    }
}

/// The place that a message names is that of the file, also behind letters that are shown in another way.
#[test]
fn places_are_those_of_the_file() {
    let folder = TempDir::new().unwrap();
    for letter in HOSTILE.into_iter().filter(|letter| !letter.is_control()) {
        let before = format!("system = {{ n = 3, \"{letter}\" = 3, family = ");
        let text = format!("name = \"x\"\n{before}\"majorit\" }}\n");
        std::fs::write(folder.path().join("x.toml"), &text).unwrap();
        let output = run(folder.path(), &["analyze", "x.toml"]);
        let error = String::from_utf8(output.stderr).unwrap();
        let column = before.chars().count() + 1;
        assert!(error.contains(&format!("x.toml:2:{column}")), "{letter:?} {column}\n{error}");
    }
}

#[test]
fn names_of_files_and_texts_of_histories_command_nothing() {
    let folder = TempDir::new().unwrap();
    for letter in HOSTILE {
        let (definition, history) = (format!("d{letter}[31m.toml"), format!("h{letter}[31m.jsonl"));
        std::fs::write(folder.path().join(&definition), "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n")
            .unwrap();
        let escaped = format!("\\u{:04x}", letter as u32);
        let line = |op: &str, value: &str, start: u32| {
            format!(
                "{{\"process\":1,\"op\":\"{op}\",\"value\":{value},\"start\":{start},\"end\":{},\"key\":\"k{escaped}\"}}\n",
                start + 1
            )
        };
        let text = line("write", &format!("\"v{escaped}\""), 1) + &line("read", "7", 3);
        std::fs::write(folder.path().join(&history), text).unwrap();
        std::fs::write(
            folder.path().join("bad.jsonl"),
            format!("{{\"process\":1,\"op\":\"o{escaped}\",\"k{escaped}\":3}}\n"),
        )
        .unwrap();
        let none = format!("no{letter}ne");
        for arguments in [
            &["analyze", &definition][..],
            &["analyze", &none],
            &["analyze", &definition, "-o", &format!("no/{letter}")],
            &["analyze", &definition, &definition, "--objective", &none],
            &["compare", &definition, &definition],
            &["check", &history],
            &["check", "bad.jsonl"],
            &["check", &none],
            &["simulate", &definition, "--ops", "5", "--history", "h", "--force"],
            &["verify", &definition, "--operations", "200", "--epochs", "20", "--executions", "1", "--sets", "2"],
            &["families", &none],
            &["sweep", &none],
            &[&none],
            &["analyze", &definition, "--failed", &none],
            &["analyze", "-e", &format!("a*\"{letter}\"")],
        ] {
            is_plain(&run(folder.path(), arguments), &format!("{arguments:?}"));
            for format in ["json", "csv", "markdown", "html"] {
                let output = run(folder.path(), &[arguments, &["--format", format]].concat());
                is_plain(&output, &format!("{arguments:?} as {format}"));
            }
        }
    }
}

#[test]
fn a_full_disk_is_an_error_everywhere() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("five.toml"), "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 5\n").unwrap();
    std::fs::write(
        folder.path().join("h.jsonl"),
        "{\"process\":1,\"op\":\"write\",\"value\":1,\"start\":1,\"end\":9}\n",
    )
    .unwrap();
    std::fs::write(folder.path().join("n.toml"), "[[node]]\nname = \"a\"\n[[node]]\nname = \"b\"\n").unwrap();
    let verify = "verify five.toml --operations 200 --epochs 20 --executions 1 --sets 2";
    for arguments in [
        "--help",
        "-h",
        "--version",
        "-V",
        "help",
        "help analyze",
        "analyze --help",
        "check -h",
        "families",
        "families --format json",
        "completions bash",
        "man",
        "analyze five.toml",
        "compare five.toml --format csv",
        "check h.jsonl",
        "search --nodes n.toml",
        "simulate five.toml --ops 5",
        "sweep majority --n 3",
        verify,
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.current_dir(folder.path()).args(arguments.split(' ')).stdout(full.try_clone().unwrap());
        let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}: {error}");
        assert!(error.contains("error: cannot write standard output: "), "{arguments}: {error}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.current_dir(folder.path()).args(arguments.split(' ')).stdout(writer);
        let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{arguments}");
    }
    // Where there is no place for the message either, the status remains.
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.arg("--help").stdout(full.try_clone().unwrap()).stderr(full);
    assert_eq!(command.status().unwrap().code(), Some(2));
}

#[test]
fn compressed_data_that_is_none_is_refused_in_a_sentence() {
    let folder = TempDir::new().unwrap();
    let gzip = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        for number in 0..2_000 {
            writeln!(
                encoder,
                "{{\"process\":1,\"op\":\"write\",\"value\":{number},\"start\":{number}0,\"end\":{number}5}}"
            )
            .unwrap();
        }
        encoder.finish().unwrap()
    };
    // A frame of one raw block of three bytes; of no known size, and with a checksum.
    let zstd = |body: &[u8]| [&[0x28, 0xb5, 0x2f, 0xfd][..], body].concat();
    let damaged = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 0x5a;
        bytes
    };
    for (name, bytes, expected) in [
        ("cut.jsonl.gz", gzip[..gzip.len() / 2].to_vec(), "its gzip data ends too early"),
        ("head.jsonl.gz", gzip[..5].to_vec(), "its gzip data ends too early"),
        ("damaged.jsonl.gz", damaged(&gzip, gzip.len() - 6), "its gzip data is damaged"),
        ("cut.jsonl.zst", zstd(&[0x00]), "its zstd data ends too early"),
        ("bare.jsonl.zst", zstd(&[]), "its zstd data ends too early"),
        ("damaged.jsonl.zst", zstd(&[0x00, 0x58, 0xff, 0xff, 0xff, 0x00, 0x11, 0x22]), "its zstd data"),
        ("window.jsonl.zst", zstd(&[0x00, 0xff, 0x01, 0x00, 0x00]), "its zstd data"),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let output = run(folder.path(), &["check", name]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {error}");
        assert!(error.contains(&format!("error: cannot read {name:?}: {expected}")), "{name}: {error}");
        // No names of the insides of a library.
        assert!(!error.contains("Error") && !error.contains('{') && !error.contains("::"), "{name}: {error}");
    }
}

#[test]
fn no_table_is_run_by_a_spreadsheet() {
    let folder = TempDir::new().unwrap();
    let name = "=HYPERLINK(1)";
    let text = format!(
        "name = {name:?}\n[system]\nfamily = \"custom\"\nreads = '\"@a\" * \"+b\" + \"-c\"*d'\n[nodes]\nmttf_hours = 9\nmttr_hours = 1\n\
         [[node]]\nname = \"@a\"\nzone = \"=z\"\n"
    );
    std::fs::write(folder.path().join("x.toml"), text).unwrap();
    std::fs::write(
        folder.path().join("-1+cmd.jsonl"),
        "{\"process\":1,\"op\":\"write\",\"value\":1,\"start\":1,\"end\":9}\n",
    )
    .unwrap();
    assert_eq!(run(folder.path(), &["export", "x.toml", "--out", "t"]).status.code(), Some(0));
    let few = ["--operations", "200", "--epochs", "20", "--executions", "1", "--sets", "2", "--csv=t"];
    run(folder.path(), &[&["verify", "x.toml"][..], &few].concat());
    let mut tables: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.path().join("t"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    assert!(tables.len() >= 10, "{}", tables.len());
    for arguments in [
        &["analyze", "x.toml", "--format", "csv"][..],
        &["analyze", "x.toml", "--polynomial", "--format", "csv"],
        &["compare", "x.toml", "--format", "csv"],
        &["check", "./-1+cmd.jsonl", "--format", "csv"],
        &["check", ".", "--format", "csv"],
        &["simulate", "x.toml", "--ops", "5", "--format", "csv"],
        &["simulate", "x.toml", "--ops", "5", "--seeds", "1..2", "--format", "csv"],
        &["families", "--format", "csv"],
        &["sweep", "majority", "--n", "3", "--format", "csv"],
    ] {
        tables.push((format!("{arguments:?}"), run(folder.path(), arguments).stdout));
    }
    let mut names = 0;
    for (what, bytes) in tables {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
        for record in reader.records() {
            for cell in &record.unwrap() {
                let begins = cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(!begins || cell.parse::<f64>().is_ok(), "{what}: {cell:?}");
                names += usize::from(quorate::report::read_csv_field(cell) == name);
            }
        }
    }
    assert!(names > 10, "the name is found again {names} times");
}
