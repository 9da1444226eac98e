//! Definitions that want to break the reader: nothing panics, overflows a stack, hangs or prints without end.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::{ERRORS_KEPT_MAX, ERRORS_SHOWN_MAX, FILE_BYTES_MAX, NESTING_MAX, NodeNames, parse_expression, read};
use super::system;

/// Reads on the smallest stack that threads usually have; returns the first message, or none for a good definition.
#[track_caller]
fn survive(text: impl Into<Vec<u8>>) -> String {
    let text = text.into();
    let reading = move || {
        let begun = Instant::now();
        let message = match read("test.toml", &text) {
            Ok(_) => String::new(),
            Err(errors) => {
                assert!(errors.len() >= 1 && errors.iter().len() <= ERRORS_KEPT_MAX);
                let plain = errors.render(false);
                assert!(plain.len() < 1000 * (ERRORS_SHOWN_MAX + 1), "{} bytes were printed", plain.len());
                assert!(!plain.contains('\u{1b}'));
                assert!(errors.render(true).len() >= plain.len());
                errors.iter().next().expect("one error").message.clone()
            }
        };
        // Generous, so that a busy machine does not fail; what is quadratic takes hours.
        assert!(begun.elapsed() < Duration::from_secs(60), "took {:?}", begun.elapsed());
        message
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(reading).expect("a thread");
    thread.join().expect("no panic")
}

fn custom(quorums: &str) -> String {
    system(&format!("family = \"custom\"\nquorums = \"{quorums}\""))
}

#[test]
fn nesting() {
    assert!(survive("a = ".to_string() + &"[".repeat(100_000)).contains("not valid TOML"));
    assert!(survive("a = ".to_string() + &"[".repeat(100_000) + &"]".repeat(100_000)).contains("not valid TOML"));
    assert!(survive("a = ".to_string() + &"{a=".repeat(100_000)).contains("not valid TOML"));
    assert!(survive("a.".repeat(100_000) + "a = 1").contains("not valid TOML"));
    assert!(survive(format!("[{}a]", "a.".repeat(100_000))).contains("not valid TOML"));
    let nested = |depth: usize| custom(&format!("{}a{}", "(a+b*".repeat(depth), ")".repeat(depth)));
    assert!(survive(nested(100_000)).contains("nested deeper than 1000 levels"));
    assert!(survive(nested(NESTING_MAX + 1)).contains("nested deeper than 1000 levels"));
    assert_eq!(survive(nested(NESTING_MAX)), "");
    assert!(survive(custom(&"choose(1,".repeat(100_000))).contains("nested deeper"));
    assert!(survive(custom(&"(".repeat(100_000))).contains("nested deeper"));
}

#[test]
fn numbers() {
    for number in ["1000000000", "18446744073709551615", "99999999999999999999", &"9".repeat(100_000)] {
        for key in ["n", "read", "write"] {
            let numbers =
                ["n", "read", "write"].map(|other| format!("{other} = {}", if other == key { number } else { "2" }));
            assert_ne!(survive(system(&format!("family = \"threshold\"\n{}", numbers.join("\n")))), "");
        }
        assert_ne!(
            survive(system(&format!("family = \"b-grid\"\nwidth = {number}\nbands = {number}\nband_rows = {number}"))),
            ""
        );
        assert_ne!(survive(custom(&format!("choose({number}, a)"))), "");
        assert_ne!(survive(custom(&format!("weighted({number}, a=1)"))), "");
        survive(custom(&format!("weighted(1, a={number}, b={number}0)")));
    }
    assert_eq!(survive(system("family = \"majority\"\nn = 1\n[nodes]\ncapacity = 99999999999999999999")), "");
}

#[test]
fn large_files() {
    let large = |count: usize| custom(&(0..count).map(|node| format!("n{node}")).collect::<Vec<_>>().join("+"));
    assert_eq!(survive(large(100_000)), "");
    assert!(survive(large(1_000_001)).contains("more than 1,000,000 nodes"));
    assert_eq!(survive(custom(&format!("choose(2{})", ",a".repeat(100_000)))), "");
    assert_ne!(survive("x".repeat(8_000_000)), "");
    assert_ne!(survive(custom(&" ".repeat(8_000_000))), "");
    assert_ne!(survive(format!("name = \"{}", "\u{4f60}".repeat(2_000_000))), "");
    assert_ne!(survive(format!("{} = 1", "\"x\"".repeat(1_000_000))), "");
    assert!(survive(vec![b'\n'; FILE_BYTES_MAX + 1]).contains("the limit is 8,388,608"));
    assert_ne!(survive(vec![b'\n'; FILE_BYTES_MAX]), "");
    assert_ne!(survive(vec![0; 1_000_000]), "");
}

#[test]
fn files_full_of_errors() {
    assert_ne!(survive("=\n".repeat(1_000_000)), "");
    assert_ne!(survive("=\n".repeat(30_000)), "");
    assert_ne!(survive((0..200_000).map(|key| format!("k{key}=1\n")).collect::<String>()), "");
    assert_ne!(survive(custom("a") + &"[[node]]\n".repeat(200_000)), "");
    let unknown: String = (0..50_000).map(|node| format!("[[node]]\nname=\"x{node}\"\n")).collect();
    assert_ne!(survive(system("family = \"majority\"\nn = 5000") + &unknown), "");
    assert_ne!(survive(system(&format!("family = \"weighted\"\nquota = 1\nvotes = [{}]", "-1,".repeat(200_000)))), "");
    assert_ne!(survive(custom(&format!("{}a", "choose(3,a)+".repeat(100_000)))), "");
    let singles: String = (0..400_000).map(|node| format!("[\"n{node}\"],")).collect();
    assert!(survive(system(&format!("family = \"custom\"\nreads = [{singles}]"))).contains("too many quorums"));
}

#[test]
fn errors_beyond_the_limit_are_counted() {
    let text = custom("a") + &"[[node]]\n".repeat(2_000);
    let errors = super::bad(&text);
    assert_eq!((errors.len(), errors.iter().len()), (2_000, ERRORS_KEPT_MAX));
    let rendered = errors.render(false);
    assert_eq!(rendered.matches("error: ").count(), ERRORS_SHOWN_MAX);
    assert!(rendered.ends_with("... and 1980 more errors in this file\n"));
}

/// Pieces that definitions are made of, so that random texts get past the first line.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "name = ",
        "\"x\"",
        "\n",
        "[system]",
        "family = \"custom\"",
        "family = \"grid\"",
        "reads = ",
        "quorums = ",
        "'a+b'",
        "'''\na",
        "'''",
        "\"\"\"",
        "\\\n",
        "choose(",
        "weighted(2,",
        "a=1",
        "majority(",
        "+",
        "*",
        "(",
        ")",
        ",",
        "\"",
        "\\",
        "\\u00e9",
        "[[node]]",
        "[nodes]",
        "[[zone]]",
        "zone = ",
        "capacity = ",
        "-1",
        "nan",
        "1e999",
        "[",
        "]",
        "{",
        "}",
        ".",
        "\u{feff}",
        "é",
        "\r\n",
        "\t",
        "# comment",
        "rows = 3",
        "cols = 2",
        "[workload]",
        "read_fraction = 0.5",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(errors) = read("test.toml", &bytes) {
            prop_assert!(!errors.render(false).is_empty());
        }
    }

    #[test]
    fn arbitrary_pieces_never_panic(text in pieces()) {
        if let Err(errors) = read("test.toml", text.as_bytes()) {
            prop_assert!(errors.iter().all(|error| error.span.start <= error.span.end && error.span.end <= text.len()));
            prop_assert!(!errors.render(true).is_empty());
        }
    }

    #[test]
    fn arbitrary_strings_as_expressions_never_panic(text in ".{0,60}", pieces in pieces()) {
        for text in [text, pieces] {
            if let Err(errors) = parse_expression(&text, &mut NodeNames::new()) {
                prop_assert!(!errors.render(false).is_empty());
            }
            let quoted = toml::Value::String(text).to_string();
            let file = format!("name = 'x'\n[system]\nfamily = 'custom'\nreads = {quoted}\n");
            if let Err(errors) = read("test.toml", file.as_bytes()) {
                prop_assert!(errors.iter().all(|error| error.line() == 4 || quoted.contains('\n')));
            }
        }
    }
}
