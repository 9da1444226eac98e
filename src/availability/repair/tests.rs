//! Chains against all states, against a matrix that is solved plainly, and against closed forms.

use nalgebra::{DMatrix, DVector};

use super::chain::Chain;
use super::components::Components;
use super::quotient::Quotient;
use super::states::explore;
use super::symmetry::swaps;
use crate::availability::SamplingOptions;
use crate::budget::{Budget, Meter, Resource};
use crate::families::Family;
use crate::model::{Formula, Gate, Hours, Kind, Node, NodeId, Repair, System, Workload};
use crate::number::Scaled;

fn meter() -> Meter {
    Meter::new(Resource::ChainSteps, 1_000_000_000)
}

fn times(mttf: f64, mttr: f64) -> Option<Repair> {
    Some(Repair { mttf_hours: Hours::new(mttf).unwrap(), mttr_hours: Hours::new(mttr).unwrap(), replace_hours: None })
}

fn components(times: Vec<Option<Repair>>) -> Components {
    Components { times, zones_fail: false }
}

fn chain(formula: &Formula, components: &Components) -> Chain {
    let quotient = Quotient::of(formula, components);
    let swaps = swaps(&quotient, &mut meter());
    explore(&quotient, &swaps, 1, &mut meter()).unwrap()
}

/// The mean time by the matrix of all 2^n states, which is solved by nalgebra.
fn all_states(formula: &Formula, components: &Components) -> f64 {
    let n = components.times.len();
    let holds = |live: usize| formula.holds(&(0..n).filter(|node| live >> node & 1 == 1).map(NodeId::new).collect());
    let states: Vec<usize> = (0..1 << n).filter(|live| holds(*live)).collect();
    let place = |live: usize| states.binary_search(&live).ok();
    let mut matrix = DMatrix::zeros(states.len(), states.len());
    for (row, live) in states.iter().enumerate() {
        for (node, times) in components.times.iter().enumerate() {
            let Some(times) = times else { continue };
            let mean = if live >> node & 1 == 1 { times.mttf_hours } else { times.mttr_hours };
            matrix[(row, row)] += 1.0 / mean.get();
            if let Some(other) = place(live ^ 1 << node) {
                matrix[(row, other)] -= 1.0 / mean.get();
            }
        }
    }
    let solved = matrix.lu().solve(&DVector::from_element(states.len(), 1.0)).unwrap();
    solved[states.len() - 1]
}

#[track_caller]
fn agree(formula: &Formula, components: &Components, states: usize) {
    let chain = chain(formula, components);
    assert_eq!(chain.states(), states);
    let (floats, scaled) = (chain.mean_time::<f64>(), chain.mean_time::<Scaled>().to_f64().unwrap());
    let plain = all_states(formula, components);
    assert!((floats / scaled - 1.0).abs() < 1e-13, "{floats} {scaled}");
    assert!((floats / plain - 1.0).abs() < 1e-9, "{floats} {plain}");
}

fn equal(system: &System) -> Components {
    components(vec![times(100.0, 7.0); system.nodes().len()])
}

#[track_caller]
fn family(family: &Family, kind: Kind, states: usize) {
    let system = family.system().unwrap();
    agree(system.formula(kind), &equal(&system), states);
}

#[test]
fn families_have_few_states() {
    // 0 to 4 failed; no more than that leaves a quorum.
    family(&Family::Majority { n: 9 }, Kind::Read, 5);
    // A group with 0 or 1 failures has a quorum, one with 2 or 3 has not: 4 multisets of three good ones, 3 * 2 of two.
    family(&Family::Hierarchical { branching: vec![3, 3], read: vec![2, 2], write: vec![2, 2] }, Kind::Read, 10);
    // Two of three in each subtree, whose nodes are alike; the root up and one good, 3 + 2 * 2, or down and both good, 3.
    family(&Family::Tree { height: 2, degree: 2 }, Kind::Read, 10);
    // The first row full and one of each below, 6; else the second and one of the third, 3; else the third, 3.
    family(&Family::Wall { widths: vec![1, 2, 3] }, Kind::Read, 12);
}

#[test]
fn rows_and_columns_of_a_grid_can_be_swapped() {
    let system = Family::Grid { rows: 3, cols: 3, variant: crate::families::GridVariant::RowColumn }.system().unwrap();
    let lumped = chain(system.formula(Kind::Read), &equal(&system));
    let mut all = Quotient::of(system.formula(Kind::Read), &equal(&system));
    assert_eq!(all.classes.len(), 9);
    let every = explore(&all, &[], 1, &mut meter()).unwrap();
    assert!(lumped.states() * 10 < every.states(), "{} {}", lumped.states(), every.states());
    let (a, b) = (lumped.mean_time::<f64>(), every.mean_time::<f64>());
    assert!((a / b - 1.0).abs() < 1e-13, "{a} {b}");
    // One node that is not like the others leaves fewer symmetries.
    all.classes[4].rates = Some((Scaled::from(0.5), Scaled::from(0.1)));
    all.classes[4].alike = 7;
    let fewer = explore(&all, &swaps(&all, &mut meter()), 1, &mut meter()).unwrap();
    let every = explore(&all, &[], 1, &mut meter()).unwrap();
    assert!(fewer.states() > lumped.states() && fewer.states() < every.states());
    let (a, b) = (fewer.mean_time::<f64>(), every.mean_time::<f64>());
    assert!((a / b - 1.0).abs() < 1e-13, "{a} {b}");
}

#[test]
fn times_of_every_size_keep_their_digits() {
    // Three of three, then any of three that are repaired at once: closed forms.
    let system = Family::Majority { n: 3 }.system().unwrap();
    for (mttf, mttr) in [(1e8, 1e-8), (1e-8, 1e8), (1.0, 1.0), (1e150, 1e-150), (1e-300, 1e300), (1e300, 1e-300)] {
        let chain = chain(system.formula(Kind::Read), &components(vec![times(mttf, mttr); 3]));
        let (mttf, mttr) = (Scaled::from(mttf), Scaled::from(mttr));
        let six = Scaled::from(6.0);
        let expected = Scaled::from(5.0) * mttf / six + mttf * mttf / (six * mttr);
        let found = chain.mean_time::<Scaled>();
        assert!((found.ratio(expected) - 1.0).abs() < 1e-14, "{found} {expected}");
    }
}

#[test]
fn what_never_fails_is_no_state() {
    let system = Family::Majority { n: 5 }.system().unwrap();
    let mut each = vec![times(10.0, 1.0); 5];
    each[1] = None;
    each[3] = None;
    agree(system.formula(Kind::Read), &components(each), 3);
}

#[test]
fn swaps_are_found_where_they_are() {
    // A hierarchy of two levels: neighbours of a group are one class; groups are swapped as a whole.
    let system = Family::Hierarchical { branching: vec![3, 4], read: vec![2, 3], write: vec![2, 3] }.system().unwrap();
    let quotient = Quotient::of(system.formula(Kind::Read), &equal(&system));
    assert_eq!(quotient.classes.iter().map(|class| class.size).collect::<Vec<_>>(), [4, 4, 4]);
    assert_eq!(swaps(&quotient, &mut meter()).len(), 3);
    // The same node in every line of a list: nothing to swap.
    let system = Family::Wheel { n: 5 }.system().unwrap();
    let quotient = Quotient::of(system.formula(Kind::Read), &equal(&system));
    assert_eq!(quotient.classes.len(), 2);
    assert!(swaps(&quotient, &mut meter()).is_empty());
}

#[test]
fn a_node_alone() {
    let system = Family::Singleton { n: 3, node: 1 }.system().unwrap();
    assert!(matches!(system.formula(Kind::Read).gate(system.formula(Kind::Read).root()), Gate::Leaf(_)));
    agree(system.formula(Kind::Read), &equal(&system), 1);
}

#[test]
fn what_is_too_large_is_refused_in_time() {
    let system =
        Family::Hierarchical { branching: vec![9, 9, 9], read: vec![5; 3], write: vec![5; 3] }.system().unwrap();
    let quotient = Quotient::of(system.formula(Kind::Read), &equal(&system));
    let swaps = swaps(&quotient, &mut Meter::new(Resource::ChainSteps, 5_000_000));
    let mut small = Meter::new(Resource::ChainSteps, 3_000_000);
    assert!(explore(&quotient, &swaps, 1, &mut small).is_err());
}

#[test]
fn a_system_with_zones_is_a_formula_of_more_variables() {
    // Two zones of one node each: as two nodes whose failures are those of node and zone.
    let system = Family::Majority { n: 2 }.system().unwrap();
    let zone = |name: &str| crate::model::Zone {
        repair: times(50.0, 2.0),
        failure: times(50.0, 2.0).unwrap().failure_probability().unwrap(),
        ..crate::model::Zone::new(name, crate::model::Probability::ZERO)
    };
    let nodes = system.nodes().iter().enumerate().map(|(at, node)| Node {
        repair: times(10.0, 1.0),
        failure: times(10.0, 1.0).unwrap().failure_probability(),
        zone: Some(crate::model::ZoneId::new(at)),
        ..node.clone()
    });
    let system = system.clone().with(nodes.collect(), vec![zone("a"), zone("b")], Workload::default()).unwrap();
    let compiled = crate::circuit::Compiled::new(&system, Budget::default());
    let answer = super::repair(&compiled, &SamplingOptions::default()).unwrap().unwrap();
    // Any of four failures is a loss.
    let hours = answer.system.first_loss.hours.unwrap().to_f64().unwrap();
    assert!((hours - 1.0 / (2.0 / 10.0 + 2.0 / 50.0)).abs() < 1e-12, "{hours}");
    let run = answer.system.long_run.unwrap();
    let up = (10.0f64 / 11.0 * 50.0 / 52.0).powi(2);
    assert!((run.unavailability.to_f64().unwrap() - (1.0 - up)).abs() < 1e-14);
    // The rate of losses in the long run: up, times the rates of failures.
    assert!((run.losses_per_hour.to_f64().unwrap() - up * 0.24).abs() < 1e-14);
    assert!((run.mean_up_hours.unwrap().to_f64().unwrap() - 1.0 / 0.24).abs() < 1e-12);
}

#[test]
fn a_list_shows_symmetries_that_a_formula_hides() {
    // The formula of a B-grid treats its bands one after the other, and yet they are alike.
    let system = Family::BGrid { width: 3, bands: 2, band_rows: 2 }.system().unwrap();
    let each = equal(&system);
    let quotient = Quotient::of(system.formula(Kind::Read), &each);
    let question = super::Question {
        formula: system.formula(Kind::Read),
        components: &each,
        steady: None,
        options: &SamplingOptions::default(),
        budget: &Budget::default(),
        number: 0,
        needed: &|| None,
    };
    let (first, exhausted) = question.answer();
    // A mini-column has 0 to 2 failures: multisets of three for a band, and of two bands.
    assert!(exhausted.is_none() && first.states < Some(55), "{first:?}");
    let every = explore(&quotient, &[], 1, &mut meter()).unwrap();
    assert!((first.hours.unwrap().to_f64().unwrap() / every.mean_time::<f64>() - 1.0).abs() < 1e-13);
}
