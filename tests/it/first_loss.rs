//! The mean time to the first loss: chains up to symmetry against chains of all states, bounds and simulations against both.

use quorate::analysis::Options;
use quorate::availability::repair::FirstLossMethod;
use quorate::availability::{Method, SamplingOptions};
use quorate::budget::Budget;
use quorate::families::Family;
use quorate::model::NodeId;

use crate::support::repaired::{
    Numbers, answer, answer_with, from_all_states, random_formula, random_times, with_times,
};
use crate::support::systems::{both, close, plain_nodes, system, value};

#[test]
fn chains_up_to_symmetry_are_chains_of_all_states() {
    let mut numbers = Numbers(7);
    let mut lumped = 0;
    for round in 0..60 {
        let nodes = 5 + numbers.below(3) as usize;
        let formula = random_formula(&mut numbers, nodes);
        let times = random_times(&mut numbers, nodes);
        let bare = system("random", plain_nodes(nodes), both(&formula));
        let first = answer(&with_times(bare, &times)).system.first_loss;
        assert_eq!(first.method, FirstLossMethod::MarkovChain);
        let expected = from_all_states(&formula, &times);
        assert!(close(value(first.hours), expected, 1e-9), "{round}: {:?} {expected} {formula:?}", first.hours);
        let set = |live: usize| (0..nodes).filter(|node| live >> node & 1 == 1).map(NodeId::new).collect();
        let all = (0..1usize << nodes).filter(|live| formula.holds(&set(*live))).count();
        lumped += usize::from(first.states.expect("a chain") * 2 < all);
    }
    assert!(lumped > 20, "{lumped}");
}

/// Nothing left for a chain.
fn without_chains(method: Method) -> Options {
    let sampling = SamplingOptions { method, ..SamplingOptions::default() };
    Options { sampling, budget: Budget { chain_steps: 1, ..Budget::default() }, ..Options::default() }
}

#[test]
fn bounds_hold() {
    let mut numbers = Numbers(11);
    let mut tight = 0;
    for _ in 0..150 {
        let nodes = 2 + numbers.below(7) as usize;
        let formula = random_formula(&mut numbers, nodes);
        let times = random_times(&mut numbers, nodes);
        let bare = with_times(system("random", plain_nodes(nodes), both(&formula)), &times);
        let exact = value(answer(&bare).system.first_loss.hours);
        let bounds = answer_with(&bare, &without_chains(Method::Exact)).system.first_loss;
        assert_eq!(bounds.method, FirstLossMethod::Bounds);
        let (lower, upper) = (value(bounds.lower), value(bounds.upper));
        assert!(lower <= exact * (1.0 + 1e-9) && exact <= upper * (1.0 + 1e-9), "{lower} {exact} {upper}");
        tight += usize::from(exact < 2.0 * lower);
    }
    assert!(tight > 75, "{tight}");
}

#[test]
fn simulations_agree_and_do_not_depend_on_threads() {
    let hierarchy = Family::Hierarchical { branching: vec![3, 3], read: vec![2, 2], write: vec![3, 2] };
    let mut numbers = Numbers(3);
    for bare in [hierarchy.system(), Family::Grid { rows: 2, cols: 3, variant: Default::default() }.system()] {
        let bare = bare.expect("valid");
        let times = random_times(&mut numbers, bare.nodes().len());
        let system = with_times(bare, &times);
        let exact = answer(&system);
        let sampling = SamplingOptions {
            method: Method::MonteCarlo,
            confidence: 0.9999,
            trials: Some(2_000),
            ..SamplingOptions::default()
        };
        let options = Options { sampling, ..Options::default() };
        let simulated = answer_with(&system, &options);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        assert_eq!(pool.install(|| answer_with(&system, &options)), simulated);
        for ((name, exact), (_, found)) in exact.named().into_iter().zip(simulated.named()) {
            let (hours, found) = (value(exact.first_loss.hours), found.first_loss);
            assert_eq!((found.method, found.sample.expect("runs").trials), (FirstLossMethod::Simulation, 2_000));
            assert!(value(found.lower) <= hours && hours <= value(found.upper), "{name} {hours} {found:?}");
            assert!(close(value(found.hours), hours, 0.1), "{name} {hours} {found:?}");
        }
    }
}

#[test]
fn intervals_of_simulations_cover() {
    let system = with_times(Family::Majority { n: 3 }.system().expect("valid"), &[(10, 4); 3]);
    let hours = value(answer(&system).system.first_loss.hours);
    let covers = |seed: u64| {
        let sampling =
            SamplingOptions { method: Method::MonteCarlo, seed, trials: Some(50), ..SamplingOptions::default() };
        let options = Options { sampling, ..Options::default() };
        let found = answer_with(&system, &options).system.first_loss;
        value(found.lower) <= hours && hours <= value(found.upper)
    };
    let covered = (1..=300).filter(|seed| covers(*seed)).count();
    assert!(covered >= 285, "{covered} of 300");
}

#[test]
fn losses_too_rare_to_be_simulated_are_bounded() {
    let nodes = 40;
    let bare = Family::Grid { rows: 5, cols: 8, variant: Default::default() }.system().expect("valid");
    let system = with_times(bare, &vec![(1_000_000, 1); nodes]);
    let answer = answer_with(&system, &without_chains(Method::Auto));
    for (name, losses) in answer.named() {
        let first = losses.first_loss;
        assert_eq!(first.method, FirstLossMethod::Bounds, "{name}");
        assert!(value(first.upper) < 10.0 * value(first.lower), "{name}");
        assert!(losses.exhausted.is_some());
    }
    // Forced, no run ends: all that can be said is how long they went on.
    let forced = Options {
        budget: Budget { sample_draws: 2_000_000, ..Budget::default() },
        ..without_chains(Method::MonteCarlo)
    };
    let forced = answer_with(&system, &forced).read.first_loss;
    assert!(value(forced.lower) > 1.0 && forced.hours.is_none(), "{forced:?}");
}

/// Where nothing is known of the long run either, all that is left is to simulate.
#[test]
fn without_a_long_run_there_are_runs() {
    let budget = Budget { chain_steps: 1, diagram_nodes: 4, sample_draws: 8_000_000, ..Budget::default() };
    let sampling = SamplingOptions { confidence: 0.999, ..SamplingOptions::default() };
    let options = Options { budget, sampling, ..Options::default() };
    let bare = Family::Grid { rows: 3, cols: 3, variant: Default::default() }.system().expect("valid");
    let often = with_times(bare.clone(), &[(20, 3); 9]);
    let exact = value(answer(&often).write.first_loss.hours);
    let found = answer_with(&often, &options);
    assert!(found.exhausted.is_some() && found.write.long_run.is_none());
    let first = found.write.first_loss;
    assert_eq!(first.method, FirstLossMethod::Simulation);
    assert!(value(first.lower) <= exact && exact <= value(first.upper), "{exact} {first:?}");
    // Too rare to be seen: no write is lost before three nodes are down, which a chain knows all about.
    let rarely = with_times(bare, &[(1_000_000, 1); 9]);
    let exact = value(answer(&rarely).write.first_loss.hours);
    let options = Options { budget: Budget { chain_steps: 400, ..budget }, ..options };
    let first = answer_with(&rarely, &options).write.first_loss;
    assert!(first.hours.is_none() && first.upper.is_none(), "{first:?}");
    assert!(value(first.lower) > 1e13 && value(first.lower) < exact, "{exact} {first:?}");
    // Without any chain: as long as the runs went on.
    let options = Options { budget, ..options };
    let first = answer_with(&rarely, &options).write.first_loss;
    assert_eq!((first.method, first.hours, first.upper), (FirstLossMethod::Simulation, None, None));
    assert!(value(first.lower) > 10_000.0 && value(first.lower) < exact, "{exact} {first:?}");
}
