use super::super::{Format, View, analyses, fixture};
use super::*;
use crate::analysis::{Options, analyze};
use crate::availability::{AvailabilityMethod, FailureProbability, Interval};
use crate::model::Probability;
use crate::number::Scaled;
use crate::report::listing::listed;

/// What is said of a definition, whose name and nodes may be left out.
fn about(text: &str) -> Vec<String> {
    asked(text, &Options::default())
}

fn asked(text: &str, options: &Options) -> Vec<String> {
    summary(&answered(text, options))
}

fn answered(text: &str, options: &Options) -> Analysed {
    let text = format!("name = \"x\"\n{text}");
    let system = crate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Analysed { file: "x.toml".into(), analysis: analyze(&system, options), system }
}

#[track_caller]
fn check(sentences: &[String], expected: &[&str]) {
    assert_eq!(sentences, expected);
}

fn family(parameters: &str) -> String {
    format!("[system]\nfamily = {parameters}\n")
}

#[test]
fn one_kind_of_quorums() {
    check(
        &about(&family("\"majority\"\nn = 5")),
        &[
            "The system survives the loss of any 2 of the 5 nodes; losing any 3 nodes (such as n1, n2 and n3) stops it.",
            "If each node is down 1% of the time, the system is down for 5.181 minutes a year.",
            "Every read reaches a node that has the latest completed write.",
        ],
    );
}

#[test]
fn reads_and_writes_that_survive_the_same() {
    check(
        &about(&family("\"grid\"\nrows = 3\ncols = 3"))[..2],
        &[
            "Reads and writes survive the loss of any 2 of the 9 nodes; losing n1, n2 and n3 stops reads, and losing n7, \
             n8 and n9 stops writes.",
            "If each node is down 1% of the time, reads or writes are impossible for 15.36 minutes a year (reads for only \
             1.578 minutes).",
        ],
    );
}

#[test]
fn reads_that_survive_more_than_writes() {
    check(
        &about(&family("\"rowa\"\nn = 3")),
        &[
            "Reads survive the loss of any 2 of the 3 nodes, but a single failure can stop writes; losing all 3 nodes \
             stops reads, and losing any one node stops writes.",
            "If each node is down 1% of the time, reads or writes are impossible for 10.85 days a year (reads for only \
             31.56 seconds).",
            "Every read reaches a node that has the latest completed write.",
        ],
    );
    check(
        &about(&family("\"threshold\"\nn = 5\nread = 2\nwrite = 4"))[..1],
        &[
            "Reads survive the loss of any 3 of the 5 nodes, and writes survive the loss of any 1; losing any 4 nodes (such \
           as n1, n2, n3 and n4) stops reads, and losing any 2 nodes (such as n1 and n2) stops writes.",
        ],
    );
}

#[test]
fn partial_quorums_have_a_witness() {
    let sentences = about(&family("\"threshold\"\nn = 3\nread = 1\nwrite = 2"));
    assert_eq!(sentences[2], "A read can miss the latest write: a read from n1 does not see a write to n2 and n3.");
    // Nothing is said to be seen that is not.
    assert!(!sentences.concat().contains("Every read"));
}

#[test]
fn single_points_of_failure_are_named() {
    for (system, expected) in [
        ("\"singleton\"\nn = 3\nnode = \"n2\"", "A single failure can stop the system; losing n2 stops it."),
        ("\"singleton\"\nn = 1", "A single failure can stop the system; losing its only node stops it."),
        ("\"custom\"\nquorums = \"a*b*(c + d)\"", "A single failure can stop the system; losing a or b stops it."),
        ("\"custom\"\nquorums = \"a*b\"", "A single failure can stop the system; losing any one node stops it."),
    ] {
        check(&about(&family(system))[..1], &[expected]);
    }
}

#[test]
fn a_threshold_over_some_of_the_nodes_is_not_one_over_all() {
    for system in [
        "\"custom\"\nquorums = \"choose(2, a, a, b)\"",
        "\"custom\"\nquorums = \"choose(2, a, b, c)\"\n[[node]]\nname = \"d\"",
    ] {
        assert!(!about(&family(system))[0].contains("any 2 nodes"), "{system}");
    }
}

/// A definition whose nodes n1, n2, ... stand in zones of these letters; zone a fails.
fn zoned(letters: &str, family: &str) -> String {
    let node = |(index, letter): (usize, char)| format!("{{ name = 'n{}', zone = '{letter}' }}", index + 1);
    let nodes: Vec<String> = letters.chars().enumerate().map(node).collect();
    let mut zones: Vec<char> = letters.chars().collect();
    zones.dedup();
    let zone = |letter: &char| {
        let failure = if *letter == 'a' { "0.01" } else { "0" };
        format!("[[zone]]\nname = '{letter}'\nfailure_probability = {failure}\n")
    };
    format!("node = [{}]\n{}{family}", nodes.join(", "), zones.iter().map(zone).collect::<String>())
}

#[test]
fn zones_are_survived_or_not() {
    let majority = family("\"majority\"\nn = 5");
    let sentences = about(&zoned("aabbc", &majority));
    assert_eq!(
        sentences[0],
        "The system survives the loss of any 2 of the 5 nodes, or of any 1 of the 3 zones; losing any 3 nodes (such as \
         n1, n2 and n3) stops it, and so does losing zones a and b."
    );
    assert!(sentences[1].starts_with("If each node is down 1% of the time and zones fail as the definition says, the"));
    assert_eq!(
        about(&zoned("aaa", &majority))[0],
        "The system survives the loss of any 2 of the 5 nodes; losing any 3 nodes (such as n1, n2 and n3) stops it, and \
         so does losing zone a."
    );
    assert_eq!(
        about(&zoned("ab", &majority))[0],
        "The system survives the loss of any 2 of the 5 nodes, or of all 2 zones at once; losing any 3 nodes (such as n1, \
         n2 and n3) stops it."
    );
}

#[test]
fn zones_of_reads_and_writes_differ() {
    let rowa = family("\"rowa\"\nn = 5");
    assert_eq!(
        about(&zoned("aabbc", &rowa))[0],
        "Reads survive the loss of any 4 of the 5 nodes, or of any 2 of the 3 zones, but a single failure can stop \
         writes; losing all 5 nodes stops reads, losing any one node stops writes, losing zones a, b and c stops reads, \
         and losing zone a stops writes."
    );
}

#[test]
fn what_has_failed_is_no_part_of_it() {
    let left = |text: &str, failed: &[&str]| {
        let Analysed { system, file, .. } = answered(text, &Options::default());
        let failed: Vec<String> = failed.iter().map(|name| (*name).to_owned()).collect();
        let system = crate::structure::without(&system, &failed).unwrap();
        summary(&Analysed { analysis: analyze(&system, &Options::default()), system, file })
    };
    let majority = family("\"majority\"\nn = 5");
    assert_eq!(
        left(&majority, &["n4"])[0],
        "The system survives the loss of any 1 of the 4 nodes that are left; losing any 2 nodes (such as n1 and n2) stops \
         it."
    );
    check(&left(&majority, &["n4", "n1", "n2"]), &["The system is down: the nodes that are left hold no quorum."]);
    check(
        &left(&family("\"rowa\"\nn = 3"), &["n2"]),
        &[
            "Reads survive the loss of any 1 of the 2 nodes that are left, but writes are impossible: the nodes that are \
           left hold no write quorum; losing both nodes stops reads.",
        ],
    );
    assert_eq!(
        left(&zoned("aabbc", &majority), &["a"])[0],
        "A single failure can stop the system; losing any one node stops it, and so does losing zone b."
    );
}

#[test]
fn many_names_are_cut() {
    let sentence = &about(&family("\"grid\"\nrows = 12\ncols = 12"))[0];
    assert!(sentence.contains("losing n1, n2, n3, n4, n5, n6 and 6 more stops reads"), "{sentence}");
    assert_eq!(listed("a b c d e f g".split(' '), 7, "and"), "a, b, c, d, e, f and g");
}

#[test]
fn names_that_need_quotes_have_them() {
    let sentence = &about(&family("\"custom\"\nquorums = '\"a b\"*c + c*d'"))[0];
    assert!(sentence.ends_with("losing c stops it."), "{sentence}");
    let sentence = &about(&family("\"custom\"\nquorums = '\"a b\" + c'"))[0];
    assert!(sentence.contains("losing both nodes stops it"), "{sentence}");
    let sentence = &about(&family("\"custom\"\nquorums = '\"a b\"*(c + d)'"))[0];
    assert!(sentence.contains("losing \"a b\" stops it"), "{sentence}");
}

#[test]
fn the_failure_probability_that_is_told_is_named() {
    let majority = family("\"majority\"\nn = 5");
    let at = |values: &[f64]| {
        let failure_probabilities = values.iter().map(|value| Probability::new(*value).unwrap()).collect();
        asked(&majority, &Options { failure_probabilities, ..Options::default() })[1].clone()
    };
    for (values, expected) in [
        (&[0.05, 0.3][..], "If each node is down 5% of the time, the system is down for 10.15 hours a year."),
        (&[0.0], "If no node ever fails, the system is never down."),
        (&[0.0, 0.5], "If each node is down 50% of the time, the system is down for 182.6 days a year."),
        (&[1.0], "If each node is always down, the system is down all the time."),
        (
            &[1e-9],
            "If each node is down with probability 1e-9, the system is down for less than a second a year (probability \
             1e-26).",
        ),
    ] {
        assert_eq!(at(values), expected);
    }
}

#[test]
fn own_failure_probabilities_and_missing_ones() {
    let majority = family("\"majority\"\nn = 3");
    let own =
        format!("node = [{{ name = 'n1', failure_probability = 0.3 }}]\nnodes.failure_probability = 0.1\n{majority}");
    assert_eq!(
        about(&own)[1],
        "At the failure probabilities of the definition, the system is down for 23.38 days a year."
    );
    let some = format!("node = [{{ name = 'n1', failure_probability = 0.3 }}]\n{majority}");
    assert_eq!(about(&some)[1], "How often that happens was not computed; the notes say why.");
}

#[test]
fn times_to_repair_give_the_first_loss() {
    let majority = family("\"majority\"\nn = 3");
    let timed = format!("nodes.mttf_hours = 1000\nnodes.mttr_hours = 10\n{majority}");
    assert_eq!(
        about(&timed)[1],
        "At the times to failure and repair of the definition, the system is down for 2.561 hours a year; the first time \
         comes after 17,500 hours (1.996 years) on average."
    );
    let options = Options { failure_probabilities: vec![Probability::new(0.5).unwrap()], ..Options::default() };
    let sentence = &asked(&timed, &options)[1];
    assert!(
        sentence.starts_with("If each node is down 50% of the time, the system is down for 182.6 days"),
        "{sentence}"
    );
}

#[test]
fn what_is_undecided_says_so() {
    check(
        &summary(&fixture::undecided()),
        &[
            "The system survives the loss of any 4 of the 20 nodes, perhaps of more; losing n1, n2, n3, n4, n5, n6 and 8 \
             more stops it.",
            "At the failure probabilities of the definition, how often the system is down was not found within the limits.",
            "Whether every read reaches the latest write was not settled within the limits.",
        ],
    );
    let mut nothing = fixture::undecided();
    nothing.analysis.resilience.reads.lower_bound = 1;
    nothing.analysis.resilience.reads.transversal = None;
    assert_eq!(summary(&nothing)[0], "How many failures the system survives was not settled within the limits.");
}

/// The second sentence where the failure probability was found in this way.
fn found(method: AvailabilityMethod, system: Option<f64>, ends: (f64, f64)) -> String {
    let mut analysed = answered(&family("\"majority\"\nn = 5"), &Options::default());
    let interval = Interval {
        lower: ends.0,
        upper: ends.1,
        confidence: Some(0.95),
        trials: Some(1000),
        seed: Some(1),
        shortfall: None,
    };
    analysed.analysis.failure_probability = vec![FailureProbability {
        node_failure_probability: Probability::new(0.01).ok(),
        read: None,
        write: None,
        system: system.map(Scaled::from),
        total: None,
        method,
        interval: Some(interval),
        ranges: None,
        three_states: None,
    }];
    summary(&analysed)[1].clone()
}

#[test]
fn estimates_are_about_and_bounds_at_most() {
    let down = "If each node is down 1% of the time, the system is down for";
    assert_eq!(
        found(AvailabilityMethod::MonteCarlo, Some(1e-4), (9e-5, 1.1e-4)),
        format!("{down} about 52.6 minutes a year.")
    );
    assert_eq!(
        found(AvailabilityMethod::MonteCarlo, None, (0.0, 1e-4)),
        format!("{down} at most 52.6 minutes a year.")
    );
    assert_eq!(found(AvailabilityMethod::Bounds, None, (1e-9, 1e-6)), format!("{down} at most 31.56 seconds a year."));
    // Rounded upwards, so that it stays a bound.
    assert_eq!(
        found(AvailabilityMethod::Bounds, None, (0.0, 1.00002e-6)),
        format!("{down} at most 31.56 seconds a year.")
    );
    assert_eq!(
        found(AvailabilityMethod::Bounds, None, (0.0, 1.0)),
        "If each node is down 1% of the time, how often the system is down was not found within the limits."
    );
}

#[test]
fn it_stands_before_the_tables_and_in_the_json() {
    let analysed = [fixture::grid()];
    let sentences = summary(&analysed[0]);
    for (format, first_table) in [(Format::Text, "\nIntersection\n"), (Format::Markdown, "### Intersection")] {
        let page = analyses(&analysed, format, View::default());
        let before = page.split_once(first_table).unwrap().0;
        let flowing = before.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(&sentences.join(" ")), "{flowing}");
    }
    let json: serde_json::Value = serde_json::from_str(&analyses(&analysed, Format::Json, View::default())).unwrap();
    assert_eq!(json["systems"][0]["summary"], serde_json::json!(sentences));
}
