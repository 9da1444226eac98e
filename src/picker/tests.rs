use crate::model::Choice;
use crate::model::Kind;
use crate::model::NodeId;
use crate::model::NodeSet;
use crate::model::Pair;
use crate::model::Strategy;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::*;
use crate::analysis::{Options, analyze};
use crate::families::{Family, GridVariant};
use crate::report::{Analysed, Format, View, analyses};

fn set(indices: &[usize]) -> NodeSet {
    indices.iter().copied().map(NodeId::new).collect()
}

fn names(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("n{number}")).collect()
}

fn choices(listed: &[(&[usize], f64)]) -> Vec<Choice> {
    listed.iter().map(|(quorum, probability)| Choice { quorum: set(quorum), probability: *probability }).collect()
}

/// Four read quorums of very different probabilities, and one write quorum.
fn picker() -> Picker {
    let reads = choices(&[(&[0, 1], 0.5), (&[1, 2], 0.25), (&[2, 3], 0.249), (&[0, 3], 0.001)]);
    Picker::new(names(4), Pair { reads, writes: choices(&[(&[0, 2], 1.0)]) }).unwrap()
}

fn refused(reads: &[(&[usize], f64)]) -> String {
    Picker::new(names(3), Pair { reads: choices(reads), writes: Vec::new() }).unwrap_err().to_string()
}

/// Draws many reads and compares the counts with the probabilities of the quorums that are intact.
#[track_caller]
fn assert_drawn_as_often_as_it_should(picker: &Picker, seed: u64) {
    const DRAWS: usize = 400_000;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut counts = vec![0u64; picker.choices(Kind::Read).len()];
    for _ in 0..DRAWS {
        counts[picker.draw_index(Kind::Read, random.next_u64()).expect("some quorum is intact")] += 1;
    }
    let left = picker.untouched(Kind::Read);
    let (mut statistic, mut cells) = (0.0, 0);
    for (choice, count) in picker.choices(Kind::Read).iter().zip(counts) {
        if !choice.quorum.is_disjoint(picker.failed()) {
            assert_eq!(count, 0, "a quorum with a failed node was drawn");
            continue;
        }
        let expected = choice.probability / left * DRAWS as f64;
        statistic += (count as f64 - expected).powi(2) / expected;
        cells += 1;
    }
    if cells == 1 {
        assert!(statistic < 1e-9, "the only quorum is always drawn: {statistic}");
        return;
    }
    let chi_squared = ChiSquared::new(f64::from(cells - 1)).unwrap();
    assert!(chi_squared.sf(statistic) > 1e-4, "chi squared {statistic} with {} degrees of freedom", cells - 1);
}

#[test]
fn quorums_are_drawn_as_often_as_the_strategy_says() {
    assert_drawn_as_often_as_it_should(&picker(), 1);
}

#[test]
fn failures_leave_the_proportions_of_the_others() {
    let mut picker = picker();
    for (failed, left) in [(&[1][..], 0.25), (&[2], 0.501), (&[1, 2], 0.001), (&[], 1.0)] {
        picker.set_failed(&set(failed));
        assert!((picker.untouched(Kind::Read) - left).abs() < 1e-12);
        assert_drawn_as_often_as_it_should(&picker, 2);
    }
}

#[test]
fn one_by_one_and_all_at_once_are_the_same() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let (mut stepwise, mut at_once) = (picker(), picker());
    for _ in 0..200 {
        let failed: NodeSet = (0..4).filter(|_| random.next_u64() & 1 == 1).map(NodeId::new).collect();
        at_once.set_failed(&failed);
        for node in (0..4).map(NodeId::new) {
            // Twice, because saying it again changes nothing.
            for _ in 0..2 {
                if failed.contains(node) { stepwise.fail(node) } else { stepwise.recover(node) }
            }
        }
        assert_eq!(stepwise.failed(), at_once.failed());
        for kind in Kind::BOTH {
            let alive = at_once.choices(kind).iter().any(|choice| choice.quorum.is_disjoint(&failed));
            for word in [0, 1 << 62, 1 << 63, 3 << 62, u64::MAX] {
                assert_eq!(stepwise.draw_index(kind, word), at_once.draw_index(kind, word));
                assert_eq!(stepwise.draw(kind, word).is_some(), alive);
            }
        }
    }
}

#[test]
fn without_a_quorum_left_nothing_is_drawn() {
    let mut picker = picker();
    picker.fail(NodeId::new(0));
    assert_eq!(picker.draw(Kind::Write, 5), None);
    assert_eq!(picker.untouched(Kind::Write), 0.0);
    assert!(picker.draw(Kind::Read, 5).is_some());
    picker.recover(NodeId::new(0));
    assert_eq!(picker.draw(Kind::Write, 5), Some(&set(&[0, 2])));
}

#[test]
fn tiny_probabilities_are_never_rounded_to_none() {
    let reads = choices(&[(&[0], 1.0), (&[1], 1e-300)]);
    let mut picker = Picker::new(names(2), Pair { reads, writes: Vec::new() }).unwrap();
    assert_eq!(picker.draw(Kind::Read, u64::MAX), Some(&set(&[0])));
    picker.fail(NodeId::new(0));
    assert_eq!(picker.draw(Kind::Read, 77), Some(&set(&[1])));
}

#[test]
fn strategies_that_are_none_are_refused() {
    for (reads, expected) in [
        (&[(&[0][..], 0.5)][..], "the probabilities of the read quorums add up to 0.5, not to 1"),
        (&[(&[0], 0.5), (&[], 0.5)], "read quorum 2 is empty"),
        (&[(&[0], 1.5)], "read quorum 1 has probability 1.5: it must be above 0 and at most 1"),
        (&[(&[0], 1.0), (&[1], 0.0)], "read quorum 2 has probability 0: it must be above 0 and at most 1"),
        (&[(&[0], f64::NAN)], "read quorum 1 has probability NaN: it must be above 0 and at most 1"),
        (&[(&[7], 1.0)], "read quorum 1 names \"node number 7\", which is no node of the system"),
    ] {
        assert_eq!(refused(reads), expected);
    }
    let twice = Picker::new(vec!["a".into(), "a".into()], Strategy::default()).unwrap_err();
    assert_eq!(twice.to_string(), "two nodes are called \"a\"");
}

/// An export with one system, whose strategy is `reads`.
fn export(reads: &str) -> String {
    let optimum = format!(
        r#"{{"objective": "load", "read_fraction": 1, "node_load": {{"a": 1, "b": 0}}, "strategy": {{"reads": {reads}, "writes": []}}}}"#
    );
    format!(r#"{{"schema": "quorate/analysis/1", "systems": [{{"name": "s", "optimum": [{optimum}]}}]}}"#)
}

fn unreadable(text: &str) -> String {
    Picker::from_json(text, &Selection::default()).unwrap_err().to_string()
}

#[test]
fn documents_that_are_no_export_are_refused() {
    for (text, expected) in [
        ("", "not an exported strategy: EOF"),
        ("[1, 2", "not an exported strategy:"),
        ("{}", "not an exported strategy: missing field `schema`"),
        (r#"{"schema": "quorate/check/1", "systems": []}"#, "the document has schema \"quorate/check/1\""),
        (r#"{"schema": "quorate/analysis/1", "systems": []}"#, "the document has no optimum"),
        (&export(r#"[{"quorum": ["a", "c"], "probability": 1}]"#), "read quorum 1 names \"c\", which is no node"),
        (&export(r#"[{"quorum": ["a", "a"], "probability": 1}]"#), "read quorum 1 names \"a\" twice"),
        (&export(r#"[{"quorum": [], "probability": 1}]"#), "read quorum 1 is empty"),
        (&export(r#"[{"quorum": ["a"], "probability": "all"}]"#), "not an exported strategy: invalid type: string"),
        (
            &export("[]").replace(r#"{"reads": [], "writes": []}"#, "null"),
            "\"s\" optimised for load at read fraction 1 has no",
        ),
        (&"[".repeat(100_000), "not an exported strategy:"),
    ] {
        let message = unreadable(text);
        assert!(message.starts_with(expected), "{message}");
    }
}

/// An export of a strategy, a key a line.
const EXPORT: &str = r#"{
"schema": "quorate/analysis/1",
"systems": [ {
"name": "s",
"optimum": [ {
"objective": "load",
"read_fraction": [ {
"fraction": 0.5,
"weight": 1 } ],
"node_load": {
"a": 0.5 },
"strategy": {
"reads": [ {
"quorum": ["a"],
"probability": 1.0 } ],
"writes": [] } } ] } ] }"#;

/// Keys that are missing, misspelt or twice, and values of another type, are refused with their place.
#[test]
fn nothing_in_a_strategy_is_ignored() {
    assert!(Picker::from_json(EXPORT, &Selection::default()).is_ok());
    let lines: Vec<&str> = EXPORT.lines().collect();
    let refuse = |mutated: String| {
        let error = Picker::from_json(&mutated, &Selection::default()).expect_err(&mutated).to_string();
        assert!(error.contains("at line "), "{error}\nof\n{mutated}");
    };
    for (at, line) in lines.iter().enumerate().skip(1) {
        let (key, value) = line.split_once(": ").unwrap();
        let with = |line: &str| {
            let mut lines = lines.clone();
            lines[at] = line;
            lines.join("\n")
        };
        let opens = value.ends_with('{');
        // The names of nodes are keys too, and whoever is not there is missed elsewhere.
        if key != "\"a\"" && key != "\"strategy\"" {
            refuse(with(&format!("\"zzz\": {value}")));
        }
        if !opens && key != "\"a\"" {
            let value = value.trim_end_matches([' ', ']', '}', ',']);
            let close = if value.starts_with('[') { "]" } else { "" };
            refuse(with(&format!("{key}: {value}{close}, {line}")));
        }
        let rest = value.trim_start_matches(|letter| !matches!(letter, ',' | ' ')).to_owned();
        if !opens {
            for wrong in ["true", "\"zzz\"", "[[]]", "{}", "1e999"] {
                let is_text = value.starts_with('"') && wrong.starts_with('"');
                if !is_text {
                    refuse(with(&format!("{key}: {wrong}{rest}")));
                }
            }
        }
    }
    // Within a strategy there is nothing else, and a list of values is no object.
    refuse(EXPORT.replace("\"probability\": 1.0", "\"probability\": 1.0, \"weight\": 3"));
    refuse(EXPORT.replace("\"writes\": []", "\"writes\": [], \"other\": []"));
    refuse(EXPORT.replace("{\n\"quorum\": [\"a\"],\n\"probability\": 1.0 }", "[[\"a\"], 1.0]"));
}

#[test]
fn an_export_is_read_back() {
    let system = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system().unwrap();
    let fractions = [0.25, 1.0].map(|fraction| crate::model::Fraction::new(fraction).unwrap());
    let options = Options { read_fractions: fractions.to_vec(), strategy: true, ..Options::default() };
    let analysis = analyze(&system, &options);
    let strategy = |index: usize| analysis.optimum[index].best.clone().unwrap().strategy.unwrap();
    let expected = [strategy(0), strategy(1)];
    let analysed = Analysed { file: "grid.toml".into(), system, analysis };
    let text = analyses(&[analysed], Format::Json, View::default());

    let message = unreadable(&text);
    assert!(
        message.starts_with("2 strategies fit the selection, and one is needed:\n  \"grid\" optimised for load"),
        "{message}"
    );
    let select = |read_fraction: f64| Selection { read_fraction: Some(read_fraction), ..Selection::default() };
    let message = Picker::from_json(&text, &select(0.3)).unwrap_err().to_string();
    assert!(message.starts_with("no strategy of the document fits the selection; it has:\n"), "{message}");
    for (fraction, expected) in [0.25, 1.0].into_iter().zip(expected) {
        let picker = Picker::from_json(&text, &select(fraction)).unwrap();
        for kind in Kind::BOTH {
            assert_eq!(picker.choices(kind).len(), expected.of(kind).len());
            for (read, written) in picker.choices(kind).iter().zip(expected.of(kind)) {
                assert_eq!(read.quorum, written.quorum);
                assert!((read.probability - written.probability).abs() < 1e-15);
            }
        }
        assert_eq!(picker.draw(Kind::Write, 1).is_none(), fraction == 1.0);
    }
}
