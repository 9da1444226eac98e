//! Failure and repair, against the chain over all states of the nodes, in fractions.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use quorate::analysis::repair::{RepairAnswer, repair};
use quorate::budget::Budget;
use quorate::circuit::{Compiled, Scaled};
use quorate::families::Family;
use quorate::model::{Hours, Node, Repair, System, Workload};

use crate::support::systems::{close, nearest, plain_nodes, system, value};
use crate::support::truth::{EVERYONE, NODES, Truth};

fn with_times(system: System, times: &[(u32, u32)]) -> System {
    let hours = |hours: u32| Hours::new(f64::from(hours)).expect("positive");
    let repaired = |(node, (mttf, mttr)): (&Node, &(u32, u32))| {
        let repair = Repair { mttf_hours: hours(*mttf), mttr_hours: hours(*mttr) };
        Node { failure: repair.failure_probability(), repair: Some(repair), ..node.clone() }
    };
    let nodes = system.nodes().iter().zip(times).map(repaired).collect();
    system.with(nodes, Vec::new(), Workload::default()).expect("the same nodes")
}

fn answer(system: &System) -> RepairAnswer {
    repair(&Compiled::new(system, Budget::default())).expect("within the budget").expect("times for every node")
}

fn fraction(value: u32) -> BigRational {
    BigRational::from(BigInt::from(value))
}

/// Losses an hour and unavailability: the sum over all states.
fn long_run(function: Truth, times: &[(u32, u32)]) -> (BigRational, BigRational) {
    let (mut losses, mut down) = (BigRational::zero(), BigRational::zero());
    for live in 0..=EVERYONE {
        let mut weight = BigRational::one();
        for (node, (mttf, mttr)) in times.iter().enumerate() {
            let share = if live >> node & 1 == 1 { *mttf } else { *mttr };
            weight *= fraction(share) / fraction(mttf + mttr);
        }
        if !function.holds(live) {
            down += &weight;
            continue;
        }
        let lost = |node: &usize| live >> node & 1 == 1 && !function.holds(live & !(1 << node));
        losses += (0..NODES).filter(lost).map(|node| &weight / fraction(times[node].0)).sum::<BigRational>();
    }
    (losses, down)
}

/// The mean time from all nodes up to the first loss: one equation for each state with a quorum, by elimination.
fn first_loss(function: Truth, times: &[(u32, u32)]) -> BigRational {
    let states: Vec<u32> = (0..=EVERYONE).filter(|live| function.holds(*live)).collect();
    let place = |live: u32| states.iter().position(|state| *state == live);
    let mut rows: Vec<Vec<BigRational>> = Vec::new();
    for (at, live) in states.iter().enumerate() {
        let mut row = vec![BigRational::zero(); states.len() + 1];
        row[states.len()] = BigRational::one();
        for (node, (mttf, mttr)) in times.iter().enumerate() {
            let rate = fraction(if live >> node & 1 == 1 { *mttf } else { *mttr }).recip();
            row[at] += &rate;
            if let Some(other) = place(live ^ 1 << node) {
                row[other] -= &rate;
            }
        }
        rows.push(row);
    }
    for pivot in 0..rows.len() {
        let from = (pivot..rows.len()).find(|row| !rows[*row][pivot].is_zero()).expect("the chain ends");
        rows.swap(pivot, from);
        let lead = rows[pivot].clone();
        for row in (0..rows.len()).filter(|row| *row != pivot) {
            let factor = &rows[row][pivot] / &lead[pivot];
            rows[row].iter_mut().zip(&lead).for_each(|(own, lead)| *own -= &factor * lead);
        }
    }
    let all = place(EVERYONE).expect("all nodes are a quorum");
    &rows[all][states.len()] / &rows[all][all]
}

#[test]
fn losses_of_every_twentieth_function() {
    let times = [(100, 1), (50, 7), (1000, 24), (9, 9), (400, 3)];
    for function in Truth::all().into_iter().step_by(20) {
        let formula = function.sum_of_products();
        let bare = system("repaired", plain_nodes(NODES), crate::support::systems::both(&formula));
        let given = answer(&with_times(bare, &times));
        let (losses, down) = long_run(function, &times);
        assert!(close(value(Some(given.losses_per_hour)), nearest(&losses), 1e-11), "{function:?}");
        assert!(close(value(Some(given.unavailability)), nearest(&down), 1e-11), "{function:?}");
        let up = (BigRational::one() - &down) / &losses;
        assert!(close(value(given.mean_up_hours), nearest(&up), 1e-10), "{function:?}");
        assert!(close(value(given.mean_down_hours), nearest(&(down / losses)), 1e-10), "{function:?}");
    }
}

#[test]
fn the_first_loss_of_thresholds() {
    for read in 1..=5u64 {
        let bare = Family::Threshold { n: 5, read, write: 6 - read }.system().expect("valid");
        let needed = read.max(6 - read) as u32;
        let function =
            Truth((0..=EVERYONE).filter(|live| live.count_ones() >= needed).fold(0, |table, live| table | 1 << live));
        let given = answer(&with_times(bare, &[(1000, 8); 5])).mean_first_loss_hours;
        assert!(close(value(given), nearest(&first_loss(function, &[(1000, 8); 5])), 1e-12), "{read}");
    }
}

#[test]
fn different_nodes_have_no_first_loss_yet_and_large_systems_do() {
    let bare = Family::Majority { n: 3 }.system().expect("valid");
    assert_eq!(answer(&with_times(bare, &[(10, 1), (10, 1), (20, 1)])).mean_first_loss_hours, None);
    let large = Family::Majority { n: 1001 }.system().expect("valid");
    let given = answer(&with_times(large, &[(1000, 10); 1001]));
    // Losses are rare, so the first one takes about as long as the next.
    let (first, next) = (given.mean_first_loss_hours.expect("equal nodes"), given.mean_up_hours.expect("it fails"));
    assert!(first > Scaled::from(1e300) && (first.ratio(next) - 1.0).abs() < 0.05, "{first} {next}");
}

#[test]
fn times_are_written_in_definitions() {
    let text = "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n[nodes]\nmttf_hours = 8760\nmttr_hours = 4\n\
                [[node]]\nname = \"n2\"\nmttr_hours = 8\n[[node]]\nname = \"n3\"\nfailure_probability = 0.5\n";
    let system = quorate::spec::read("x.toml", text.as_bytes()).expect("valid");
    let p: Vec<f64> = system.nodes().iter().map(|node| node.failure.expect("given").get()).collect();
    assert!(close(p[0], 4.0 / 8764.0, 1e-15) && close(p[1], 8.0 / 8768.0, 1e-15) && p[2] == 0.5, "{p:?}");
    assert!(system.nodes()[2].repair.is_none() && system.nodes()[1].repair.is_some());
}
