//! Loss of acknowledged writes over time, against the chain of all states of which nodes have their copies.

use quorate::analysis::{Options, analyze};
use quorate::availability::repair::FirstLossMethod;
use quorate::availability::{SamplingOptions, data_loss};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::Family;
use quorate::model::{Hours, Kind, Node, NodeId, NodeSet, System, Workload};

use crate::support::repaired::{Numbers, answer, random_formula, random_times, with_times};
use crate::support::systems::{both, close, plain_nodes, system, value};

/// The mean time until the failed nodes contain a write quorum, from the matrix of all states.
fn by_all_states(system: &System, times: &[(u32, u32)]) -> f64 {
    let nodes = times.len();
    let writes = system.formula(Kind::Write);
    let set = |members: usize| (0..nodes).filter(|node| members >> node & 1 == 1).map(NodeId::new).collect::<NodeSet>();
    // States in which no write quorum has failed as a whole.
    let states: Vec<usize> = (0..1usize << nodes).filter(|failed| !writes.holds(&set(*failed))).collect();
    let mut matrix = nalgebra::DMatrix::zeros(states.len(), states.len());
    for (row, failed) in states.iter().enumerate() {
        for (node, (mttf, mttr)) in times.iter().enumerate() {
            let rate = 1.0 / f64::from(if failed >> node & 1 == 0 { *mttf } else { *mttr });
            matrix[(row, row)] += rate;
            if let Ok(other) = states.binary_search(&(failed ^ 1 << node)) {
                matrix[(row, other)] -= rate;
            }
        }
    }
    let ones = nalgebra::DVector::from_element(states.len(), 1.0);
    matrix.lu().solve(&ones).expect("a chain that ends")[0]
}

fn loss(system: &System) -> quorate::availability::repair::Losses {
    data_loss(&Compiled::new(system, Budget::default()), &SamplingOptions::default()).expect("times").expect("times")
}

#[test]
fn writes_are_lost_as_the_chain_of_all_states_says() {
    let mut numbers = Numbers(23);
    let mut sooner = 0;
    for round in 0..40 {
        let nodes = 3 + numbers.below(4) as usize;
        let formula = random_formula(&mut numbers, nodes);
        let times = random_times(&mut numbers, nodes);
        let bare = with_times(system("random", plain_nodes(nodes), both(&formula)), &times);
        let found = loss(&bare).first_loss;
        assert_eq!(found.method, FirstLossMethod::MarkovChain);
        let expected = by_all_states(&bare, &times);
        assert!(close(value(found.hours), expected, 1e-9), "{round}: {:?} {expected} {formula:?}", found.hours);
        sooner += usize::from(expected < value(answer(&bare).system.first_loss.hours));
    }
    assert!(
        (1..40).contains(&sooner),
        "{sooner}: data is lost sooner than quorums in some systems, and later in others"
    );
}

#[test]
fn copies_that_are_replaced_slowly_are_lost_sooner() {
    let majority = Family::Majority { n: 5 }.system().expect("five");
    let bare = with_times(majority, &[(1000, 10); 5]);
    let slow = |hours: f64| {
        let node = |node: &Node| {
            let repair =
                node.repair.map(|repair| quorate::model::Repair { replace_hours: Hours::new(hours).ok(), ..repair });
            Node { repair, ..node.clone() }
        };
        let nodes = bare.nodes().iter().map(node).collect();
        bare.clone().with(nodes, Vec::new(), Workload::default()).expect("the same nodes")
    };
    let slowly = slow(100.0);
    let found = value(loss(&slowly).first_loss.hours);
    assert!(close(found, by_all_states(&slowly, &[(1000, 100); 5]), 1e-9), "{found}");
    // Who goes on does not ask how long a copy takes.
    assert_eq!(answer(&slowly).system, answer(&bare).system);
    assert_eq!(loss(&slow(10.0)).first_loss.hours, loss(&bare).first_loss.hours);
}

#[test]
fn a_zone_takes_the_copies_of_its_nodes() {
    let text = |zones: &str| {
        format!(
            "name = 'x'\n[system]\nfamily = 'threshold'\nn = 4\nread = 3\nwrite = 2\n[nodes]\nfailure_probability = 0\n{zones}"
        )
    };
    let zone = |name: &str, nodes: &str| {
        format!(
            "[[zone]]\nname = '{name}'\nnodes = [{nodes}]\nmttf_hours = 1000\nmttr_hours = 10\nreplace_hours = 20\n"
        )
    };
    let read =
        |text: &str| quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    // Two nodes in one zone are a write quorum: either zone loses a write.
    let two = read(&text(&(zone("a", "'n1', 'n2'") + &zone("b", "'n3', 'n4'"))));
    assert!(close(value(loss(&two).first_loss.hours), 500.0, 1e-12));
    // Four zones: two of them must be gone at once. (4 - 1) failures: (7 / mttf + 1 / mttr) / (12 / mttf^2) with twenty hours.
    let four = read(&text(&(1..=4).map(|node| zone(&format!("z{node}"), &format!("'n{node}'"))).collect::<String>()));
    let expected = (7.0 / 1000.0 + 1.0 / 20.0) / (12.0 / 1e6);
    assert!(close(value(loss(&four).first_loss.hours), expected, 1e-12), "{expected}");
    let analysis = analyze(&four, &Options::default());
    let both = analysis.reliability.data_loss.expect("times").expect("all");
    assert_eq!(both.first_loss.hours, loss(&four).first_loss.hours);
}

#[test]
fn half_of_the_times_is_refused() {
    let text = "name = 'x'\n[system]\nfamily = 'majority'\nn = 3\n[nodes]\nreplace_hours = 3\n";
    let error = quorate::spec::read("x.toml", text.as_bytes()).expect_err("half");
    assert!(error.render(false).contains("no `mttf_hours` beside its `replace_hours`"), "{}", error.render(false));
}
