//! Certificates of optima: checked by their definition here and by a script in another language, and refused once anything is changed.

use std::io::Write;
use std::process::{Command, Stdio};

use num_rational::BigRational;
use num_traits::One;
use quorate::budget::Budget;
use quorate::families::{Family, GridVariant};
use quorate::model::{Kind, Node, NodeId, NodeSet, Pair, System, Workload};
use quorate::strategy::objective::{Infeasible, Limits, Objective};
use quorate::strategy::{Certificate, Flaw, Optimum, optimise};
use rayon::prelude::*;
use serde_json::Value;

use crate::random::Random;
use crate::support::files::path;
use crate::support::print::definition;
use crate::support::shapes;
use crate::support::strategies::least;
use crate::support::systems::{capacity, latency, nearest, plain_nodes, rational, system, workload};

/// Gates of gates and of votes, and gates that share nodes, over unlike nodes.
fn random_system(random: &mut Random, name: &str) -> System {
    let count = 4 + random.below(4) as usize;
    let mut nodes = plain_nodes(count);
    for node in &mut nodes {
        let mut any = || capacity((1 + random.below(30)) as f64 / 10.0);
        (node.read_capacity, node.write_capacity) = (any(), any());
        node.latency_ms = Some(latency([0.5, 1.0, 2.0, 2.5, 7.0][random.below(5) as usize]));
    }
    let reads = shapes::random(random, count);
    let writes = reads.dual();
    let mut share = || ([0.0, 0.25, 0.5, 0.9, 1.0][random.below(5) as usize], (1 + random.below(3)) as f64);
    let asked = if share().1 < 2.5 { workload(&[share()]) } else { workload(&[share(), share(), share()]) };
    let drawn = system(name, nodes.clone(), Pair { reads, writes });
    drawn.with(nodes, Vec::new(), asked).expect("the same nodes")
}

/// An objective within up to two limits, near the least values of their quantities; perhaps after losses.
fn random_question(random: &mut Random, of: &System) -> (Objective, Limits) {
    let at = random.below(3) as usize;
    let mut limits = Limits { survive: [0, 0, 0, 1][random.below(4) as usize], ..Limits::default() };
    for quantity in [1, 2].map(|step| Objective::ALL[(at + step) % 3]) {
        let alone = Limits { survive: limits.survive, ..Limits::default() };
        let Some(least) = least(of, of.workload(), quantity, &alone).filter(|_| random.below(2) == 0) else { continue };
        let limit = Some(nearest(&least) * [1.01, 1.1, 1.5][random.below(3) as usize] + 1e-6);
        match quantity {
            Objective::Load => limits.load = limit,
            Objective::Network => limits.network = limit,
            Objective::Latency => limits.latency_ms = limit,
        }
    }
    (Objective::ALL[at], limits)
}

fn best(of: &System, objective: Objective, limits: &Limits) -> Result<Optimum, Infeasible> {
    optimise(of, of.workload(), objective, limits, Budget::default())
}

fn tiny() -> BigRational {
    rational("1/1000003")
}

/// Everything that can be changed so that what is claimed is wrong.
fn broken(certificate: &Certificate, of: &System) -> Vec<(&'static str, Certificate)> {
    let mut all = Vec::new();
    let mut add = |what, change: &dyn Fn(&mut Certificate)| {
        let mut changed = certificate.clone();
        change(&mut changed);
        all.push((what, changed));
    };
    let kind = if of.workload().has(Kind::Read) { Kind::Read } else { Kind::Write };
    let list = |of: &mut Certificate| match kind {
        Kind::Read => std::mem::take(&mut of.strategy.reads),
        Kind::Write => std::mem::take(&mut of.strategy.writes),
    };
    let put = |of: &mut Certificate, choices| match kind {
        Kind::Read => of.strategy.reads = choices,
        Kind::Write => of.strategy.writes = choices,
    };
    add("a larger value", &|changed| changed.value += tiny());
    add("a smaller value", &|changed| changed.value -= tiny());
    add("a dearer node", &|changed| changed.prices[0][0] += tiny());
    add("a price below 0", &|changed| changed.prices[0][0] = -tiny());
    add("a node without a price", &|changed| drop(changed.prices[0].pop()));
    add("a read fraction without prices", &|changed| drop(changed.prices.pop()));
    add("a quorum drawn more often", &|changed| {
        let mut choices = list(changed);
        choices[0].probability += tiny();
        put(changed, choices);
    });
    add("a quorum drawn less than never", &|changed| {
        let mut choices = list(changed);
        let mut other = choices[0].clone();
        (choices[0].probability, other.probability) =
            (&choices[0].probability + BigRational::one(), -BigRational::one());
        choices.push(other);
        put(changed, choices);
    });
    add("no strategy", &|changed| put(changed, Vec::new()));
    add("no nodes", &|changed| {
        let mut choices = list(changed);
        choices[0].quorum = NodeSet::new();
        put(changed, choices);
    });
    add("a node that there is not", &|changed| {
        let mut choices = list(changed);
        choices[0].quorum.insert(NodeId::new(1000));
        put(changed, choices);
    });
    add("failed nodes", &|changed| changed.limits.failed = NodeSet::first(of.nodes().len()));
    add("more losses than nodes", &|changed| changed.limits.survive = of.nodes().len());
    add("an objective with a limit", &|changed| match changed.objective {
        Objective::Load => changed.limits.load = Some(1e9),
        Objective::Network => changed.limits.network = Some(1e9),
        Objective::Latency => changed.limits.latency_ms = Some(1e9),
    });
    if certificate.limits.network.is_some() {
        add("a limit that is passed", &|changed| changed.limits.network = Some(1e-3));
        add("a limit without a price", &|changed| changed.limit_prices.network = None);
        add("a limit with a price below 0", &|changed| changed.limit_prices.network = Some(-tiny()));
    }
    if certificate.limits.load.is_some() {
        add("a limit on the load with another price", &|changed| {
            changed.limit_prices.load = changed.limit_prices.load.take().map(|price| price + tiny());
        });
    }
    all
}

#[test]
fn a_hundred_random_certificates_hold_and_no_changed_one_does() {
    let complaints: Vec<String> = (0..160u64)
        .into_par_iter()
        .map(|seed| {
            let mut random = Random::new(0xce27_0000 + seed);
            let of = random_system(&mut random, "random");
            let (objective, limits) = random_question(&mut random, &of);
            let given = best(&of, objective, &limits);
            let said =
                |what: String| Err(format!("{objective} within {limits:?}: {what}\n{given:?}\n{}", definition(&of)));
            let Ok(given) = &given else { return Ok(false) };
            let Some(certificate) = &given.certificate else { return said("no certificate".into()) };
            if let Err(flaw) = certificate.verify(&of, of.workload()) {
                return said(flaw.to_string());
            }
            if Some(&certificate.value) != least(&of, of.workload(), objective, &limits).as_ref()
                || !given.is_certified()
            {
                return said("another value".into());
            }
            match broken(certificate, &of).into_iter().find(|(_, changed)| changed.verify(&of, of.workload()).is_ok()) {
                Some((what, changed)) => said(format!("{what} is not noticed: {changed:?}")),
                None => Ok(true),
            }
        })
        .filter_map(|examined| match examined {
            Ok(true) => None,
            Ok(false) => Some(String::new()),
            Err(complaint) => Some(complaint),
        })
        .collect();
    let impossible = complaints.iter().filter(|complaint| complaint.is_empty()).count();
    let complaints: Vec<&String> = complaints.iter().filter(|complaint| !complaint.is_empty()).collect();
    assert!(complaints.is_empty(), "{} failed:\n{}", complaints.len(), complaints[0]);
    assert!(160 - impossible >= 100, "{impossible} questions have no strategy");
}

/// Prices that add up but prove less, and draws that add up but reach more.
#[test]
fn what_is_wrong_is_said() {
    let grid = Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow }.system().expect("a grid");
    let given =
        best(&grid, Objective::Load, &Limits::default()).expect("a strategy").certificate.expect("a certificate");
    let verify = |changed: &Certificate| changed.verify(&grid, grid.workload());
    assert_eq!(verify(&given), Ok(()));
    let mut changed = given.clone();
    changed.prices[0] = vec![rational("1/9"); 9];
    assert!(matches!(verify(&changed), Err(Flaw::Prices { proven, .. }) if *proven < given.value));
    let mut changed = given.clone();
    changed.strategy.reads.truncate(1);
    changed.strategy.reads[0].probability = BigRational::one();
    assert!(matches!(verify(&changed), Err(Flaw::Strategy { reached, .. }) if *reached > given.value));
    let mut changed = given.clone();
    changed.prices[0][8] += tiny();
    assert!(matches!(verify(&changed), Err(Flaw::PriceSum { share: 0, .. })));
    let unlike = Workload::of(quorate::model::Fraction::new(0.9).expect("a fraction"));
    assert!(given.verify(&grid, &unlike).is_err(), "an answer about another workload");
    let other = Family::Grid { rows: 3, cols: 3, variant: GridVariant::RowColumn }.system().expect("a grid");
    assert!(given.verify(&other, grid.workload()).is_err(), "an answer about another system");
}

/// Every family at a size at which the check has to find its way.
#[test]
fn families_of_dozens_of_nodes() {
    let grid = |rows, cols, variant| Family::Grid { rows, cols, variant };
    let votes: Vec<u64> = (0..25u64).map(|i| 1 + (i * i * 7919 + 31 * i) % 97).collect();
    let quota = votes.iter().sum::<u64>() / 2 + 1;
    let families = [
        Family::Majority { n: 101 },
        Family::Threshold { n: 40, read: 7, write: 34 },
        Family::Weighted { votes, read_votes: quota, write_votes: quota },
        Family::Rowa { n: 12 },
        grid(8, 9, GridVariant::LinesBelow),
        grid(7, 7, GridVariant::RowColumn),
        grid(6, 6, GridVariant::Cover),
        grid(9, 9, GridVariant::Lines),
        Family::Wall { widths: vec![1, 2, 3, 4, 5] },
        Family::Fpp { order: 5 },
        Family::Tree { height: 5, degree: 2 },
        Family::Paths { size: 3 },
        Family::Y { size: 6 },
    ];
    let complaint = |family: &Family| {
        let system = family.system().expect("a system");
        // Unlike nodes, where the optimum is found in fractions all the same.
        let numbered = |(index, node): (usize, &Node)| {
            let factor = 10.0 + (index * 37 % 97) as f64;
            Node { read_capacity: capacity(factor), write_capacity: capacity(2.0 * factor), ..node.clone() }
        };
        let nodes = system.nodes().iter().enumerate().map(numbered).collect();
        let unlike = system.clone().with(nodes, Vec::new(), workload(&[(0.75, 1.0)])).expect("the same nodes");
        for (what, of) in [("like", &system), ("unlike", &unlike)] {
            let given = best(of, Objective::Load, &Limits::default()).expect("a strategy");
            match &given.certificate {
                None if given.exact.is_none() => {}
                None => return Some(format!("{family:?}, {what}: no certificate of {:?}", given.exact)),
                Some(certificate) => match certificate.verify(of, of.workload()) {
                    Ok(()) => {}
                    Err(flaw) => return Some(format!("{family:?}, {what}: {flaw}")),
                },
            }
        }
        None
    };
    let complaints: Vec<String> = families.par_iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

/// What the script says about a document, and whether it is content; `None` where there is no interpreter.
fn by_script(document: &str) -> Option<(bool, String)> {
    let mut command = Command::new("python3");
    command.arg(path("examples/check_certificate.py"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            println!("python3 is not at hand ({error}): the script was not run");
            return None;
        }
    };
    // It may end before it has read everything.
    let _ = child.stdin.take().expect("a pipe").write_all(document.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), text))
}

fn with_certificates(folder: &str, flags: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(["analyze", folder, "--certificate", "--format", "json"]).args(flags.split_whitespace());
    let output = command.output().expect("it runs");
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The fraction at this place, and a little more.
fn raised(value: &mut Value) {
    let fraction = rational(value.as_str().expect("a fraction"));
    *value = (fraction + tiny()).to_string().into();
}

/// One thing in the certificate of a document about one system is changed.
fn changed(document: &Value, what: usize) -> Value {
    let mut document = document.clone();
    let optimum = &mut document["systems"][0]["optimum"][0];
    let first = |value: &mut Value| -> Value { value.as_object().expect("prices").keys().next().cloned().into() };
    match what {
        0 => raised(&mut optimum["exact"]),
        1 => {
            let prices = &mut optimum["certificate"]["prices"];
            let prices = if prices.is_array() { &mut prices[0] } else { prices };
            let name = first(prices);
            raised(&mut prices[name.as_str().expect("a name")]);
        }
        _ => {
            let strategy = &mut optimum["certificate"]["strategy"];
            let kind = if strategy["reads"][0].is_null() { "writes" } else { "reads" };
            raised(&mut strategy[kind][0]["probability"]);
        }
    }
    document
}

#[test]
fn a_script_in_another_language_agrees() {
    let folder = tempfile::TempDir::new().expect("a folder");
    for number in 0..24 {
        let of = random_system(&mut Random::new(0x5c21_0000 + number), &format!("random-{number}"));
        std::fs::write(folder.path().join(format!("{number:02}.toml")), definition(&of)).expect("written");
    }
    let (mut held, mut refused) = (0, 0);
    for (round, flags) in [
        "",
        "--objective network",
        "--objective latency --survive 1",
        "--max-network 3.5",
        "--max-latency 2.25 --survive 1",
        "--objective latency --max-load 1.5 --max-network 4",
        "--objective network --max-load 1.25",
        "--read-fraction 0,0.3,1",
    ]
    .into_iter()
    .enumerate()
    {
        let document = with_certificates(folder.path().to_str().expect("a name"), flags);
        let Some((content, said)) = by_script(&document) else { return };
        assert!(content, "{flags}: {said}");
        held += said.matches("is the least").count();
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let systems = document["systems"].as_array().expect("systems").iter();
        let certified = systems.filter(|system| system["optimum"][0]["certificate"].is_object());
        for (number, system) in certified.skip(round).step_by(5).enumerate() {
            let alone = serde_json::json!({ "systems": [system] });
            let (content, said) = by_script(&changed(&alone, number % 3).to_string()).expect("it ran before");
            assert!(!content && said.contains("AssertionError: "), "{flags}: {said}\n{alone}");
            refused += 1;
        }
    }
    assert!(held >= 100 && refused >= 20, "{held} certificates held, {refused} changed ones were refused");
}

/// The document says what the certificate is about, and what stops it.
#[test]
fn the_file_is_complete() {
    let document =
        |spec: &str, flags: &str| -> Value { serde_json::from_str(&with_certificates(spec, flags)).expect("JSON") };
    let grid = document("quorum-defs/grid-3x3.toml", "--survive 0 --max-network 3.5");
    let of = &grid["systems"][0];
    assert_eq!(
        (&of["reads"]["quorums_complete"], of["node"]["n9"]["read_capacity"].as_f64()),
        (&true.into(), Some(1.0))
    );
    let certificate = &of["optimum"][0]["certificate"];
    assert_eq!(certificate["limits"], serde_json::json!({ "network": "7/2" }));
    assert!(certificate["limit_prices"]["network"].is_string() && certificate["limit_prices"]["load"].is_null());
    assert!(certificate["survive"].is_null());
    let strategy = |of: &Value, number: &str| -> Vec<(Value, f64)> {
        let each = of["strategy"]["reads"].as_array().expect("choices").iter();
        let probability = |choice: &Value| match &choice[number] {
            Value::String(fraction) => nearest(&rational(fraction)),
            number => number.as_f64().expect("a number"),
        };
        each.map(|choice| (choice["quorum"].clone(), probability(choice))).collect()
    };
    let optimum = &of["optimum"][0];
    assert_eq!(strategy(optimum, "probability"), strategy(&optimum["certificate"], "probability"));
    // A distribution has a table for each read fraction, and all of them add up to 1.
    let study = document("quorum-defs/case-study.toml", "");
    let tables = study["systems"][0]["optimum"][0]["certificate"]["prices"].as_array().expect("tables").clone();
    let prices = tables.iter().flat_map(|table| table.as_object().expect("prices").values());
    let total: BigRational = prices.map(|price| rational(price.as_str().expect("a fraction"))).sum();
    assert!(tables.len() > 1 && total.is_one());
    // Without the flag there is none of it.
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path(".")).args(["analyze", "quorum-defs/grid-3x3.toml", "--format", "json"]);
    let plain = String::from_utf8(command.output().expect("it runs").stdout).expect("text");
    assert!(!plain.contains("certificate\"") && !plain.contains("\"node\""));
    // In a text it stands in tables.
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(path(".")).args([
        "analyze",
        "quorum-defs/grid-3x3.toml",
        "--certificate",
        "--max-network",
        "3.5",
    ]);
    let text = String::from_utf8(command.output().expect("it runs").stdout).expect("text");
    for line in [
        "price of the network  ",
        "strategy  probability  quorum",
        "node  read fraction ",
        "  read              1/3  {",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}
