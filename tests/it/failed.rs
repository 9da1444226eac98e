//! Failed nodes and zones: every answer is one about what is left, as if that had been written down by itself.

use std::collections::BTreeSet;
use std::fmt::Write;

use quorate::analysis::{Analysis, Options, analyze};
use quorate::availability::{Event, FailureProbability};
use quorate::model::{Fraction, Kind, NodeId, NodeSet, System};
use quorate::strategy::objective::{Infeasible, Limits, Objective};
use quorate::structure::{NotFailed, without};

use crate::support::strategies::same_best;
use crate::support::systems::{close, probability};

/// Numbers that look random, the same every time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }

    fn expression(&mut self, depth: usize) -> String {
        let parts: Vec<String> = (0..2 + self.below(3))
            .map(|_| {
                if depth == 0 || self.below(2) == 0 {
                    NODES[self.below(6)].to_owned()
                } else {
                    self.expression(depth - 1)
                }
            })
            .collect();
        let k = 1 + self.below(parts.len());
        match self.below(4) {
            0 => format!("({})", parts.join(" + ")),
            1 => format!("({})", parts.join(" * ")),
            2 => {
                let votes: Vec<String> = parts.iter().map(|part| format!("{part}={}", 1 + self.below(3))).collect();
                if parts.iter().all(|part| part.len() == 1) && BTreeSet::from_iter(&parts).len() == parts.len() {
                    format!("weighted({}, {})", parts.len(), votes.join(", "))
                } else {
                    format!("choose({k}, {})", parts.join(", "))
                }
            }
            _ => format!("choose({k}, {})", parts.join(", ")),
        }
    }
}

const NODES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// The zones, each with the one around it, and those of the nodes.
const ZONES: [(&str, Option<&str>); 4] = [("eu", None), ("eu-1", Some("eu")), ("eu-2", Some("eu")), ("us", None)];
const PLACES: [Option<&str>; 6] = [Some("eu-1"), Some("eu-1"), Some("eu-2"), Some("eu"), Some("us"), None];

fn is_inside(zone: &str, outer: &str) -> bool {
    let around = |zone: &&str| ZONES.iter().find(|(name, _)| name == zone).and_then(|(_, parent)| *parent);
    std::iter::successors(Some(zone), |zone| around(zone)).any(|zone| zone == outer)
}

/// The definitions of nodes and zones, without what has failed.
fn members(failed: &[&str]) -> (Vec<usize>, String) {
    let zone_failed = |zone: &str| failed.iter().any(|name| is_inside(zone, name));
    let mut text = String::new();
    let kept: Vec<usize> = (0..6)
        .filter(|node| !failed.contains(&NODES[*node]) && PLACES[*node].is_none_or(|zone| !zone_failed(zone)))
        .collect();
    for node in &kept {
        let place = PLACES[*node].map_or_else(String::new, |zone| format!("zone = '{zone}'\n"));
        let numbers = format!(
            "capacity = {}\nlatency_ms = {}\nmttf_hours = {}\nmttr_hours = 2\n",
            1000 * (1 + node % 3),
            1 + node,
            100 * (1 + node)
        );
        let _ = write!(text, "[[node]]\nname = '{}'\n{place}{numbers}", NODES[*node]);
    }
    for (zone, parent) in ZONES.iter().filter(|(zone, _)| !zone_failed(zone)) {
        let parent = parent.map_or_else(String::new, |parent| format!("parent = '{parent}'\n"));
        let _ = write!(text, "[[zone]]\nname = '{zone}'\n{parent}mttf_hours = 5000\nmttr_hours = 5\n");
    }
    (kept, text)
}

#[track_caller]
fn read(text: &str) -> System {
    quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{}\n{text}", error.render(false)))
}

/// The minimal quorums of a kind among the nodes that are kept, by trying all of their sets.
fn minimal(system: &System, kind: Kind, kept: &[usize]) -> Vec<Vec<&'static str>> {
    let number = |name: &str| system.nodes().iter().position(|node| node.name == name);
    let holds = |set: u32| {
        let live = kept.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
        let live: NodeSet = live.filter_map(|(_, node)| number(NODES[*node])).map(NodeId::new).collect();
        system.formula(kind).holds(&live)
    };
    let is_minimal =
        |set: &u32| holds(*set) && (0..kept.len()).all(|at| set >> at & 1 == 0 || !holds(set & !(1 << at)));
    let names = |set: u32| (0..kept.len()).filter(|at| set >> at & 1 == 1).map(|at| NODES[kept[at]]).collect();
    (0..1u32 << kept.len()).filter(is_minimal).map(names).collect()
}

fn questions() -> Options {
    Options {
        failure_probabilities: vec![probability(0.1), probability(0.4)],
        read_fractions: [0.0, 0.3, 1.0].map(|f| Fraction::new(f).unwrap()).to_vec(),
        polynomial: true,
        pareto: Some([Objective::Load, Objective::Latency]),
        quorums: Some(100),
        ..Options::default()
    }
}

#[track_caller]
fn same(what: &str, a: f64, b: f64) {
    assert!(a == b || a.is_nan() && b.is_nan() || close(a, b, 1e-9), "{what}: {a} and {b}");
}

fn four(answer: &FailureProbability) -> [f64; 4] {
    answer.named().map(|(_, value)| value.unwrap().to_f64().unwrap())
}

/// Everything that does not depend on which of several equal things is shown.
fn compare(rest: (&System, &Analysis), written: (&System, &Analysis)) {
    let ((rest, a), (written, b)) = (rest, written);
    let meetings = |analysis: &Analysis| {
        let all = &analysis.intersections;
        [&all.read_write, &all.write_write, &all.read_read].map(|meeting| (meeting.verdict, meeting.smallest))
    };
    assert_eq!(meetings(a), meetings(b));
    for kind in Kind::BOTH {
        let sizes = |analysis: &Analysis| {
            let minimal = analysis.minimal.of(kind);
            let count = minimal.listing.as_ref().unwrap().quorums.len();
            let resilience = analysis.resilience.of(kind).value();
            (minimal.count.clone(), minimal.smallest, minimal.largest, count, resilience)
        };
        assert_eq!(sizes(a), sizes(b));
    }
    assert_eq!(a.domination.non_dominated, b.domination.non_dominated);
    for (a, b) in a.optimum.iter().zip(&b.optimum) {
        same_best("load", a, b);
    }
    for (a, b) in a.fronts.iter().zip(&b.fronts) {
        assert_eq!(a.corners.len(), b.corners.len());
        a.corners.iter().zip(&b.corners).for_each(|(a, b)| same("front", a.x + a.y, b.x + b.y));
    }
    assert_eq!(a.failure_probability.len(), 2);
    for (a, b) in a.failure_probability.iter().zip(&b.failure_probability) {
        four(a).into_iter().zip(four(b)).for_each(|(a, b)| same("failure", a, b));
    }
    for position in 0..2 {
        let importance = |system: &System, analysis: &Analysis| {
            let each = analysis.reliability.importance_at(position).unwrap().iter().map(|each| each.to_f64().unwrap());
            let mut each: Vec<(String, f64)> = system.nodes().iter().map(|node| node.name.clone()).zip(each).collect();
            each.sort_by(|a, b| a.0.cmp(&b.0));
            each
        };
        for (a, b) in importance(rest, a).iter().zip(importance(written, b)) {
            assert_eq!(a.0, b.0);
            same("importance", a.1, b.1);
        }
    }
    let levels = |system: &System, analysis: &Analysis| {
        let zones = analysis.reliability.zones.iter();
        let name = |zone: &quorate::model::ZoneId| system.zones()[zone.index()].name.clone();
        zones.map(|level| (level.zones.iter().map(name).collect::<Vec<_>>(), level.value())).collect::<Vec<_>>()
    };
    assert_eq!(levels(rest, a), levels(written, b));
    let [x, y] = [a, b].map(|analysis| analysis.reliability.polynomial.clone().unwrap().unwrap());
    for event in Event::ALL {
        assert_eq!(x.failing(event), y.failing(event));
    }
    let repair = |analysis: &Analysis| {
        let repair = analysis.reliability.repair.as_ref().unwrap().as_ref().unwrap();
        repair.named().map(|(_, losses)| {
            let run = losses.long_run.unwrap();
            let hours = losses.first_loss.hours.map_or(f64::NAN, |hours| hours.to_f64().unwrap());
            [run.losses_per_hour.to_f64().unwrap(), run.unavailability.to_f64().unwrap(), hours]
        })
    };
    for (a, b) in repair(a).as_flattened().iter().zip(repair(b).as_flattened()) {
        assert!(a == b || a.is_nan() && b.is_nan() || close(*a, *b, 1e-6), "repair: {a} and {b}");
    }
}

/// The definition of what is left, word by word: the quorums that have none of the failed nodes, the other nodes and zones.
fn written(system: &System, kinds: [Kind; 2], failed: &[&str]) -> Option<System> {
    let (kept, members) = members(failed);
    let [reads, writes] = kinds.map(|kind| minimal(system, kind, &kept));
    let workload = "[workload]\nread_fraction = 0.3\n";
    let exists = !reads.is_empty() && !writes.is_empty();
    exists.then(|| {
        let quorums = if reads == writes {
            format!("quorums = {reads:?}")
        } else {
            format!("reads = {reads:?}\nwrites = {writes:?}")
        };
        read(&format!("name = 'written'\n[system]\nfamily = 'custom'\n{quorums}\n{members}{workload}"))
    })
}

#[test]
fn what_is_left_is_as_if_it_had_been_written_down() {
    let mut draws = Draws(7);
    let (mut whole, mut halves, mut nothing) = (0, 0, 0);
    for case in 0..150 {
        let reads = draws.expression(2);
        let writes = if draws.below(2) == 0 { String::new() } else { format!("writes = '{}'\n", draws.expression(2)) };
        let (_, members) = members(&[]);
        let text = format!("name = 'x'\n[system]\nfamily = 'custom'\nreads = '{reads}'\n{writes}{members}");
        let system = read(&text);
        let names: Vec<&str> = NODES.iter().copied().chain(ZONES.iter().map(|zone| zone.0)).collect();
        let failed: BTreeSet<&str> = (0..1 + draws.below(3)).map(|_| names[draws.below(names.len())]).collect();
        let failed: Vec<&str> = failed.into_iter().collect();
        let rest = without(&system, &failed.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        let (kept, _) = self::members(&failed);
        assert_eq!(rest.nodes().len(), kept.len(), "case {case}: {failed:?} of {text}");
        let answer = analyze(&rest, &questions());
        let alive: Vec<Kind> =
            Kind::BOTH.into_iter().filter(|kind| !minimal(&system, *kind, &kept).is_empty()).collect();
        match alive[..] {
            [_, _] => {
                whole += 1;
                let written = written(&system, Kind::BOTH, &failed).unwrap();
                compare((&rest, &answer), (&written, &analyze(&written, &questions())));
            }
            [kind] => {
                halves += 1;
                let written = written(&system, [kind; 2], &failed).unwrap();
                one_kind_left(kind, &answer, &analyze(&written, &questions()));
            }
            _ => {
                nothing += 1;
                nothing_left(&answer, kept.len());
            }
        }
    }
    assert!(whole > 50 && halves > 10 && nothing > 10, "{whole} {halves} {nothing}");
}

/// What is said of a kind of which no quorum is left.
fn gone(kind: Kind, answer: &Analysis, nodes: usize) {
    let minimal = answer.minimal.of(kind);
    assert_eq!(minimal.count.clone().unwrap().to_string(), "0");
    assert_eq!((minimal.smallest, minimal.largest), (None, None));
    assert_eq!(minimal.unused.clone().unwrap().len(), nodes);
    assert_eq!(answer.resilience.of(kind).value(), None);
    assert!(answer.resilience.of(kind).transversal.as_ref().is_some_and(NodeSet::is_empty));
    assert_eq!(answer.total_resilience(), None);
}

fn one_kind_left(kind: Kind, answer: &Analysis, alone: &Analysis) {
    let other = if kind == Kind::Read { Kind::Write } else { Kind::Read };
    let nodes = alone.optimum[0].best.as_ref().expect("a strategy").node_load.len();
    gone(other, answer, nodes);
    assert_eq!(answer.minimal.of(kind).count, alone.minimal.of(Kind::Read).count);
    assert_eq!(answer.resilience.of(kind).value(), alone.resilience.of(Kind::Read).value());
    for (answer, alone) in answer.optimum.iter().zip(&alone.optimum) {
        let share = answer.workload.mean_read_fraction();
        if share == if kind == Kind::Read { 1.0 } else { 0.0 } {
            same_best("load of one kind", answer, alone);
            assert!(answer.optimum().and_then(|best| best.strategy.as_ref()).unwrap().of(other).is_empty());
        } else {
            assert_eq!(answer.infeasible(), Some(&Infeasible::NoQuorum { kind: other }));
        }
    }
    for (answer, alone) in answer.failure_probability.iter().zip(&alone.failure_probability) {
        let own = four(alone)[0];
        let expected = if kind == Kind::Read { [own, 1.0, 1.0, own] } else { [1.0, own, 1.0, own] };
        four(answer).into_iter().zip(expected).for_each(|(a, b)| same("failure of one kind", a, b));
    }
    let importance = answer.reliability.importance_at(0).unwrap();
    assert!(importance.iter().all(|each| each.to_f64() == Some(0.0)));
    let counts = answer.reliability.polynomial.clone().unwrap().unwrap();
    let alone_counts = alone.reliability.polynomial.clone().unwrap().unwrap();
    assert_eq!(counts.failing(Event::Total), alone_counts.failing(Event::Read));
    assert!(counts.working(Event::System).iter().all(|count| count.to_string() == "0"));
    let repair = answer.reliability.repair.clone().unwrap().unwrap();
    assert_eq!(repair.system.long_run.unwrap().unavailability.to_f64(), Some(1.0));
    let alone = alone.reliability.repair.clone().unwrap().unwrap().read;
    let [own, other] = [repair.total, alone].map(|losses| losses.long_run.unwrap());
    same("losses of one kind", own.losses_per_hour.to_f64().unwrap(), other.losses_per_hour.to_f64().unwrap());
    same("time lost of one kind", own.unavailability.to_f64().unwrap(), other.unavailability.to_f64().unwrap());
    let hours =
        [repair.total, alone].map(|losses| losses.first_loss.hours.map_or(f64::NAN, |hours| hours.to_f64().unwrap()));
    same("first loss of one kind", hours[0], hours[1]);
}

fn nothing_left(answer: &Analysis, nodes: usize) {
    for kind in Kind::BOTH {
        gone(kind, answer, nodes);
    }
    for answer in &answer.failure_probability {
        assert_eq!(four(answer), [1.0; 4]);
        assert!(answer.node_failure_probability.is_some());
    }
    assert!(answer.optimum.iter().all(|optimum| matches!(optimum.best, Err(Infeasible::NoQuorum { .. }))));
    assert!(answer.fronts.iter().all(|front| front.infeasible.is_some()));
}

#[test]
fn limits_and_curves_are_about_the_rest_too() {
    let (_, members) = members(&[]);
    let text = format!("name = 'x'\n[system]\nfamily = 'custom'\nreads = 'choose(3, a, b, c, d, e)'\n{members}");
    let system = read(&text);
    for failed in [&["a"][..], &["eu-1"], &["us", "d"], &["eu"]] {
        let rest = without(&system, &failed.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        let Some(written) = written(&system, Kind::BOTH, failed) else {
            let curves = quorate::analysis::curves::curves(&rest, &Options::default());
            assert!(curves.failure_probability.iter().all(|answer| four(answer)[2] == 1.0));
            continue;
        };
        let options =
            Options { limits: Limits { latency_ms: Some(5.5), survive: 1, ..Limits::default() }, ..Options::default() };
        for (a, b) in analyze(&rest, &options).optimum.iter().zip(&analyze(&written, &options).optimum) {
            same_best("limited load", a, b);
        }
        let curves = [&rest, &written].map(|system| quorate::analysis::curves::curves(system, &Options::default()));
        for (a, b) in curves[0].failure_probability.iter().zip(&curves[1].failure_probability) {
            same("curve", four(a)[2], four(b)[2]);
        }
        for (a, b) in curves[0].load.iter().zip(&curves[1].load) {
            same_best("curve of the load", a, b);
        }
        let found = quorate::availability::crossover::crossovers(&rest, &written, quorate::budget::Budget::default());
        assert!(found.at.is_empty(), "{found:?}");
    }
}

#[test]
fn names_of_nodes_and_zones_are_told_apart() {
    let text = "name = 'x'\n[system]\nfamily = 'custom'\nquorums = 'a*b + b*c + c*a'\n\
                [[node]]\nname = 'a'\nzone = 'a'\n[[node]]\nname = 'b'\nzone = 'c'\n[[node]]\nname = 'c'\nzone = 'd'\n\
                [[zone]]\nname = 'a'\n[[zone]]\nname = 'c'\n[[zone]]\nname = 'd'\n";
    let system = read(text);
    let left = |name: &str| {
        without(&system, &[name.to_owned()])
            .map(|rest| rest.nodes().iter().map(|node| node.name.clone()).collect::<Vec<_>>().concat())
    };
    assert_eq!(left("b").as_deref(), Ok("ac"));
    assert_eq!(left("d").as_deref(), Ok("ab"));
    // The zone of this node alone.
    assert_eq!(left("a").as_deref(), Ok("bc"));
    assert_eq!(left("c"), Err(NotFailed::Ambiguous { name: "c".into() }));
    assert_eq!(left("node:c").as_deref(), Ok("ab"));
    assert_eq!(left("zone:c").as_deref(), Ok("ac"));
    assert_eq!(left("node:d"), Err(NotFailed::Unknown { name: "node:d".into() }));
    assert_eq!(left("A"), Err(NotFailed::Unknown { name: "A".into() }));
}

const ZONED: &str = "name = 'zoned'\n[system]\nfamily = 'majority'\nn = 5\n[nodes]\nfailure_probability = 0.01\n\
    [[node]]\nname = 'n1'\nzone = 'az1'\n[[node]]\nname = 'n2'\nzone = 'az1'\n[[node]]\nname = 'n3'\nzone = 'az2'\n\
    [[zone]]\nname = 'az1'\nfailure_probability = 0.02\n[[zone]]\nname = 'az2'\nparent = 'eu'\n[[zone]]\nname = 'eu'\n";
const ROWA: &str = "name = 'rowa'\n[system]\nfamily = 'rowa'\nn = 5\n";

/// Runs a command on the two definitions: exit status, standard output and standard error.
fn run(folder: &tempfile::TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    std::fs::write(folder.path().join("zoned.toml"), ZONED).unwrap();
    std::fs::write(folder.path().join("rowa.toml"), ROWA).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = command.current_dir(folder.path()).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_page_says_first_what_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let first = |arguments: &[&str]| run(&folder, arguments).1.lines().next().unwrap_or_default().to_owned();
    assert_eq!(first(&["analyze", "zoned.toml", "--failed", "az1"]), "zoned without az1");
    assert_eq!(
        first(&["analyze", "rowa.toml", "--failed", "n1,n2", "--format", "markdown"]),
        "## rowa without n1 and n2"
    );
    assert_eq!(
        first(&["compare", "zoned.toml", "rowa.toml", "--failed", "n1"]),
        "What is left without n1, which failed."
    );
    let (_, html, _) = run(&folder, &["compare", "zoned.toml", "--failed", "n1", "--format", "html"]);
    assert!(html.contains("<main>\n<p>What is left without n1, which failed.</p>"), "{html}");
    run(&folder, &["report", "zoned.toml", "--failed", "n1", "-o", "page.html", "--title", "T"]);
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("<h1>T, without n1</h1>") && page.contains("<h2>zoned without n1</h2>"), "{page}");
    run(&folder, &["compare", "zoned.toml", "--failed", "n1", "--plot", "x.svg", "--pictures", "node-load"]);
    assert!(std::fs::read_to_string(folder.path().join("x.svg")).unwrap().contains("zoned without n1"));
    // Many names are cut short in the first line only.
    let many: Vec<String> = (1..=20).map(|node| format!("n{node}")).collect();
    std::fs::write(folder.path().join("many.toml"), ROWA.replace("n = 5", "n = 30")).unwrap();
    let (_, text, _) = run(&folder, &["analyze", "many.toml", "--failed", &many.join(",")]);
    assert!(text.starts_with("rowa without n1, n2, n3, n4, n5, n6 and 14 more\n"), "{text}");
    assert!(many.iter().all(|name| text.split([' ', ',', '.', '\n']).any(|word| word == name)), "{text}");
}

#[test]
fn programs_are_told_what_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&run(&folder, &[arguments, &["--format", "json"]].concat()).1).unwrap()
    };
    let whole = json(&["analyze", "zoned.toml"]);
    assert_eq!(whole["systems"][0]["failed"], serde_json::json!([]));
    let rest = &json(&["analyze", "zoned.toml", "--failed", "az1"])["systems"][0];
    assert_eq!(rest["failed"], serde_json::json!(["az1"]));
    assert_eq!((rest["nodes"].as_u64(), rest["reads"]["count"].as_str()), (Some(3), Some("1")));
    assert!(!rest["zones"].to_string().contains("az1"), "{}", rest["zones"]);
    // Three nodes, all needed, one of them in a zone that never fails.
    let p = 1.0 - 0.99f64.powi(3);
    assert!(close(rest["failure_probability"][0]["system"].as_f64().unwrap(), p, 1e-12));
    let compared = &json(&["compare", "zoned.toml", "--failed", "az1"])["systems"][0];
    assert_eq!(compared["failed"], serde_json::json!(["az1"]));
    for arguments in
        [&["compare", "zoned.toml"][..], &["analyze", "zoned.toml"], &["analyze", "zoned.toml", "--table", "systems"]]
    {
        let csv = |failed: &[&str]| run(&folder, &[arguments, &["--format", "csv"], failed].concat()).1;
        assert!(!csv(&[]).contains("failed\n"), "the columns are as ever where nothing failed");
        let (header, row) = (csv(&["--failed", "az1,n4"]), "az1 n4\n");
        assert!(header.lines().next().unwrap().ends_with(",failed") && header.ends_with(row), "{header}");
    }
    run(&folder, &["export", "zoned.toml", "--failed", "az1", "--out", "tables"]);
    let load = std::fs::read_to_string(folder.path().join("tables/node_load.csv")).unwrap();
    assert!(load.contains(",n3,") && !load.contains(",n1,"), "{load}");
}

#[test]
fn what_stops_a_kind_is_a_negative_answer() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["analyze", "compare"] {
        assert_eq!(run(&folder, &[command, "zoned.toml", "--failed", "az1"]).0, Some(0), "{command}");
        for failed in ["az1,n3", "eu,n1,n2", "n1,n2,n3,n4,n5"] {
            let (code, text, error) = run(&folder, &[command, "zoned.toml", "--failed", failed]);
            assert_eq!((code, error.as_str()), (Some(1), ""), "{command} {failed}: {text}");
        }
        // Reads go on, writes do not.
        assert_eq!(run(&folder, &[command, "rowa.toml", "--failed", "n1"]).0, Some(1), "{command}");
        assert_eq!(run(&folder, &[command, "rowa.toml", "--failed", "n1", "--read-fraction", "1"]).0, Some(1));
        // Every system must have them.
        let (code, _, error) = run(&folder, &[command, "zoned.toml", "rowa.toml", "--failed", "az1"]);
        assert!(code == Some(2) && error.contains("\"rowa.toml\" has no node \"az1\""), "{error}");
        let (code, _, error) = run(&folder, &[command, "zoned.toml", "--failed", "az3"]);
        assert!(code == Some(2) && error.contains("has no node or zone \"az3\" that could have failed"), "{error}");
        assert!(error.contains("the nearest name is \"az"), "{error}");
    }
    let (_, text, _) = run(&folder, &["compare", "zoned.toml", "rowa.toml", "--failed", "n1"]);
    assert!(text.contains("No read quorum or no write quorum is left in rowa: never marked as best."), "{text}");
    let (_, _, error) = run(&folder, &["analyze", "zoned.toml", "--failed", "n1,n1"]);
    assert!(error.contains("--failed has n1 twice"), "{error}");
}
