//! Histories from files: the golden ones, the pictures of the lecture, and whatever bytes there are.

use std::io::Write as _;

use quorate::checker::{Options, Report, Verdict, check};
use quorate::history::{Format, History, Value, read, write};
use rayon::prelude::*;
use serde_json::Value as Json;

use crate::random::Random;

fn golden() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/histories")
}

fn checked(text: &str) -> Report {
    check(&read(text.as_bytes(), None).unwrap(), &Options::default())
}

#[test]
fn golden_verdicts() {
    let index: Json = serde_json::from_str(&std::fs::read_to_string(golden().join("index.json")).unwrap()).unwrap();
    let cases = index["cases"].as_array().unwrap();
    assert!(cases.len() >= 20);
    for case in cases {
        let file = case["file"].as_str().unwrap();
        let text = std::fs::read_to_string(golden().join(file)).unwrap();
        let history = read(text.as_bytes(), None).unwrap();
        let report = check(&history, &Options { initial: Some(Value::from(0)), ..Options::default() });
        assert_eq!(history.len() as u64, case["ops"].as_u64().unwrap(), "{file}");
        let agrees = |key: &str, verdict: Option<Verdict>| {
            if let Some(expected) = case.get(key).and_then(Json::as_bool) {
                let expected = if expected { Verdict::Holds } else { Verdict::Violated };
                assert_eq!(verdict, Some(expected), "{file}: {key}");
            }
        };
        agrees("atomic", Some(report.atomic().verdict));
        agrees("safe", Some(report.safe().verdict));
        agrees("regular", Some(report.regular().verdict));
        agrees("mw_regular_weak", Some(report.regular().verdict));
        agrees("mw_regular_single_order", report.single_order().map(|finding| finding.verdict));
        assert_eq!(report.staleness.k_atomic(), case["min_k_atomic"].as_u64(), "{file}: k");
        if let Some(delta) = case.get("delta_star") {
            assert_eq!(report.staleness.delta, delta.as_i64(), "{file}: delta");
        }
        assert_eq!(report.writers == 1, case["single_writer"].as_bool().unwrap(), "{file}: writers");
    }
}

/// A history as it is drawn: process, what it did, value, start, end.
fn drawn(lines: &[(i64, &str, i64, i64, i64)]) -> Report {
    let line = |(process, op, value, start, end): &(i64, &str, i64, i64, i64)| {
        format!(
            "{{\"process\": {process}, \"op\": \"{op}\", \"value\": {value}, \"start\": {start}, \"end\": {end}}}\n"
        )
    };
    checked(&lines.iter().map(line).collect::<String>())
}

#[test]
fn a_read_during_a_write_may_return_old_or_new() {
    for value in [0, 1] {
        let report = drawn(&[(0, "write", 1, 0, 10), (1, "read", value, 2, 8)]);
        assert!(report.safe().holds() && report.regular().holds() && report.atomic().holds());
    }
    let report = drawn(&[(0, "write", 1, 0, 10), (1, "read", 7, 2, 8)]);
    assert!(report.safe().holds(), "anything is safe during a write");
    assert_eq!(report.regular().verdict, Verdict::Violated);
}

#[test]
fn a_new_old_inversion_is_regular_and_not_atomic() {
    let report = drawn(&[(0, "write", 1, 0, 10), (1, "read", 1, 2, 3), (2, "read", 0, 4, 5)]);
    assert!(report.safe().holds() && report.regular().holds());
    let witness = report.atomic().witness.as_ref().unwrap();
    assert_eq!((witness.rule.name(), &witness.lines[..]), ("new-old inversion", &[1, 2, 3][..]));
    assert_eq!(report.staleness.k_atomic(), Some(2));
    assert_eq!(report.staleness.delta, Some(1));
    assert_eq!(report.staleness.stale_reads.as_ref().unwrap(), &[], "nothing was overwritten");
    assert_eq!(report.staleness.inversions.as_ref().unwrap()[0].age, 1);
}

#[test]
fn two_writes_and_two_later_reads_that_disagree_are_not_atomic() {
    let report =
        drawn(&[(0, "write", 1, 0, 10), (1, "write", 2, 0, 10), (2, "read", 1, 11, 12), (3, "read", 2, 11, 12)]);
    assert!(report.regular().holds(), "each read alone is fine");
    assert_eq!(report.single_order().unwrap().verdict, Verdict::Violated);
    let witness = report.atomic().witness.as_ref().unwrap();
    assert_eq!((witness.rule.name(), &witness.lines[..]), ("no order of the values", &[1, 2, 3, 4][..]));
}

#[test]
fn a_stale_read_is_safe_only_during_a_write() {
    let stale = [(0, "write", 1, 0, 1), (0, "write", 2, 2, 3), (1, "read", 1, 4, 5)];
    let report = drawn(&stale);
    assert_eq!(report.safe().verdict, Verdict::Violated);
    assert_eq!(report.safe().witness.as_ref().unwrap().rule.name(), "stale read");
    let report = drawn(&[&stale[..], &[(0, "write", 3, 4, 9)]].concat());
    assert!(report.safe().holds());
    assert_eq!(report.regular().verdict, Verdict::Violated);
}

#[test]
fn hand_overs_of_two_processes_at_one_instant_order_only_their_own() {
    // A coarse clock: the read that sees the write of the other process may well have overlapped it.
    let report = drawn(&[(0, "write", 1, 0, 5), (0, "write", 2, 5, 9), (1, "read", 2, 1, 5), (1, "read", 2, 5, 9)]);
    assert!(report.atomic().holds());
    // But within one process the order counts.
    let report = drawn(&[(0, "write", 1, 0, 5), (0, "read", 0, 5, 9)]);
    assert_eq!(report.atomic().verdict, Verdict::Violated);
    assert_eq!(report.regular().verdict, Verdict::Violated);
}

#[test]
fn keys_are_independent_registers() {
    let text = r#"{"process": 0, "op": "write", "value": 1, "start": 0, "end": 1, "key": "x"}
{"process": 1, "op": "read", "value": 0, "start": 2, "end": 3, "key": "y"}
{"process": 1, "op": "read", "value": 0, "start": 4, "end": 5, "key": "x"}
"#;
    let report = checked(text);
    assert_eq!((report.keys, report.atomic().verdict), (2, Verdict::Violated));
    assert_eq!(report.atomic().witness.as_ref().unwrap().lines, [1, 3]);
}

#[test]
fn compressed_histories_are_recognised() {
    let text = "{\"process\": 0, \"op\": \"write\", \"value\": 1, \"start\": 0, \"end\": 1}\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd =
        |text: &str| ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    let later = "{\"process\": 0, \"op\": \"write\", \"value\": 2, \"start\": 3, \"end\": 4}\n";
    let two_frames = [zstd(text), b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec(), zstd(later)].concat();
    for (bytes, operations) in [(gzip.finish().unwrap(), 1), (zstd(text), 1), (two_frames, 2)] {
        assert_eq!(read(&bytes[..], None).unwrap().len(), operations);
        for end in 5..bytes.len() - 1 {
            // A truncated stream is an error, or what there was before a frame that is missing.
            assert!(read(&bytes[..end], None).map_or(true, |history| history.len() < operations), "{end}");
        }
    }
}

/// Pieces that hostile files are made of.
const PIECES: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "\\",
    ":",
    ",",
    "\n",
    " ",
    "\t",
    "#",
    "#_",
    ";",
    "nil",
    "null",
    "0",
    "-1",
    "17",
    "1e9",
    "9223372036854775807",
    "process",
    ":process",
    ":type",
    ":invoke",
    ":ok",
    ":fail",
    ":info",
    ":f",
    ":read",
    ":write",
    ":cas",
    ":value",
    "INFO  jepsen.util - ",
    "\u{feff}",
    "ü",
    "{\"process\": 1, \"op\": \"read\", \"value\": 1, \"start\": 1, \"end\": 2}",
    "{:process 1, :type :invoke, :f :write, :value 3}",
];

fn hostile(random: &mut Random) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..random.below(60) {
        match random.below(8) {
            0 => bytes.push(random.next() as u8),
            _ => bytes.extend_from_slice(PIECES[random.below(PIECES.len() as u64) as usize].as_bytes()),
        }
    }
    bytes
}

/// A real history with a few bytes changed.
fn damaged(random: &mut Random, texts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = texts[random.below(texts.len() as u64) as usize].clone();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len().max(1) as u64) as usize;
        match random.below(3) {
            _ if bytes.is_empty() => bytes.push(random.next() as u8),
            0 => bytes[at] = random.next() as u8,
            1 => drop(bytes.remove(at)),
            _ => bytes.truncate(at.max(1)),
        }
    }
    bytes
}

#[test]
fn arbitrary_bytes_are_read_or_refused() {
    let text = std::fs::read_to_string(golden().join("c00.jsonl")).unwrap();
    let history = read(text.as_bytes(), None).unwrap();
    let log = "INFO  jepsen.util - 0\t:invoke\t:write\t3\nINFO  jepsen.util - 0\t:ok\t:write\t3\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    let texts =
        [text.into_bytes(), write::edn(&history).into_bytes(), log.as_bytes().to_vec(), gzip.finish().unwrap(), zstd];
    (0..20_000u64).into_par_iter().for_each(|seed| {
        let mut random = Random::new(seed);
        let bytes = if seed % 2 == 0 { hostile(&mut random) } else { damaged(&mut random, &texts) };
        for from in [None, Some(Format::JsonLines), Some(Format::Edn), Some(Format::JepsenLog)] {
            if let Ok(history) = read(&bytes[..], from) {
                check(&history, &Options { linearization: true, ..Options::default() });
            }
        }
    });
}

#[test]
fn what_is_read_from_edn_is_what_was_written() {
    for name in ["a00", "b01", "b15", "c06"] {
        let text = std::fs::read_to_string(golden().join(format!("{name}.jsonl"))).unwrap();
        let history = read(text.as_bytes(), None).unwrap();
        let again: History = read(write::edn(&history).as_bytes(), None).unwrap();
        assert_eq!(again.len(), history.len());
        let options = Options { initial: Some(Value::from(0)), ..Options::default() };
        assert_eq!(check(&again, &options).atomic().verdict, check(&history, &options).atomic().verdict, "{name}");
    }
}
