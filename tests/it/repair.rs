//! Failure and repair, against the chain over all states of the nodes, in fractions.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use quorate::analysis::Options;
use quorate::availability::repair::{FirstLossMethod, Losses, MissingTimes, repair};
use quorate::availability::{Method, SamplingOptions};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::Family;
use quorate::model::{Hours, Node, NodeId, Pair, Repair, System, Workload, Zone, ZoneId};
use quorate::number::Scaled;

use crate::support::repaired::{answer, answer_with, from_all_states, with_times};
use crate::support::systems::{close, nearest, plain_nodes, system, value};
use crate::support::truth::{EVERYONE, NODES, Truth};

fn read(text: &str) -> System {
    quorate::spec::read("x.toml", text.as_bytes()).expect("valid")
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
    for (at, function) in Truth::all().into_iter().step_by(20).enumerate() {
        let formula = function.sum_of_products();
        let bare = system("repaired", plain_nodes(NODES), crate::support::systems::both(&formula));
        let given = answer(&with_times(bare, &times)).system;
        let (losses, down) = long_run(function, &times);
        let run = given.long_run.expect("within the budget");
        assert!(close(value(Some(run.losses_per_hour)), nearest(&losses), 1e-11), "{function:?}");
        assert!(close(value(Some(run.unavailability)), nearest(&down), 1e-11), "{function:?}");
        let up = (BigRational::one() - &down) / &losses;
        assert!(close(value(run.mean_up_hours), nearest(&up), 1e-12), "{function:?}");
        assert!(close(value(run.mean_down_hours), nearest(&(down / losses)), 1e-10), "{function:?}");
        assert_eq!(given.first_loss.method, FirstLossMethod::MarkovChain);
        // Fractions of forty digits take their time.
        if at % 8 == 0 {
            let first = nearest(&first_loss(function, &times));
            assert!(close(value(given.first_loss.hours), first, 1e-13), "{function:?}");
        }
    }
}

#[test]
fn pairs_have_four_kinds_of_losses() {
    let times = [(20, 3), (20, 3), (50, 7), (50, 7), (9, 9)];
    let all = Truth::all();
    for (at, reads) in all.iter().enumerate().step_by(1501) {
        let writes = all[(at * 31 + 7) % all.len()];
        let formulas = Pair { reads: reads.sum_of_products(), writes: writes.sum_of_products() };
        let given = answer(&with_times(system("pair", plain_nodes(NODES), formulas), &times));
        let functions = [*reads, writes, Truth(reads.0 & writes.0), Truth(reads.0 | writes.0)];
        for ((name, losses), function) in given.named().into_iter().zip(functions) {
            if function.0 == 0 {
                continue;
            }
            let (rate, down) = long_run(function, &times);
            let run = losses.long_run.expect("within the budget");
            assert!(close(value(Some(run.losses_per_hour)), nearest(&rate), 1e-11), "{name} {function:?}");
            assert!(close(value(Some(run.unavailability)), nearest(&down), 1e-11), "{name} {function:?}");
            let first = nearest(&first_loss(function, &times));
            assert!(close(value(losses.first_loss.hours), first, 1e-13), "{name} {function:?}");
        }
    }
}

/// t(j) = (1 + j t(j - 1) / mttr) mttf / (n - j), summed over the failures that are survived, in fractions.
fn of_threshold(n: u32, survived: u32, mttf: &BigRational, mttr: &BigRational) -> BigRational {
    let (mut total, mut step) = (BigRational::zero(), BigRational::zero());
    for down in 0..=survived {
        step = (BigRational::one() + fraction(down) * step / mttr) * mttf / fraction(n - down);
        total += &step;
    }
    total
}

#[test]
fn the_first_loss_of_thresholds() {
    for (n, read) in [(5, 1), (5, 2), (5, 3), (5, 4), (5, 5), (9, 6), (30, 20)] {
        let write = n + 1 - read;
        let bare = Family::Threshold { n: n.into(), read: read.into(), write: write.into() }.system().expect("valid");
        let given = answer(&with_times(bare, &vec![(1000, 8); n as usize]));
        let (mttf, mttr) = (fraction(1000), fraction(8));
        for (losses, survived) in [
            (given.read, n - read),
            (given.write, n - write),
            (given.system, (n - read).min(n - write)),
            (given.total, (n - read).max(n - write)),
        ] {
            let expected = nearest(&of_threshold(n, survived, &mttf, &mttr));
            assert!(close(value(losses.first_loss.hours), expected, 1e-13), "{n} {read}");
            assert_eq!(losses.first_loss.states, Some(survived as usize + 1));
        }
    }
}

#[test]
fn a_large_majority_is_lost_after_more_hours_than_a_float_counts() {
    let large = Family::Majority { n: 10_001 }.system().expect("valid");
    let given = answer(&with_times(large, &[(1000, 10); 10_001])).system;
    let (first, next) = (given.first_loss.hours.expect("one class"), given.long_run.expect("exact").mean_up_hours);
    let next = next.expect("it fails");
    // Losses are rare, so the first one takes about as long as the next.
    assert!(first > Scaled::from(1e300) && first > next && first.ratio(next) < 1.05, "{first} {next}");
}

#[test]
fn mostly_down_keeps_its_digits() {
    // Two of three nodes that are up for a millionth of the time: available for about 3e-24 of it.
    let system = with_times(Family::Majority { n: 3 }.system().expect("valid"), &[(1, 1_000_000_000); 3]);
    let (losses, down) = {
        let up = BigRational::one() / fraction(1_000_000_001);
        let three = fraction(3);
        let available = &three * &up * &up - fraction(2) * &up * &up * &up;
        // Exactly two up, one of which fails; all three up are more than enough.
        (fraction(6) * &up * &up * (BigRational::one() - &up), available)
    };
    let run = answer(&system).system.long_run.expect("exact");
    assert!(close(value(run.mean_up_hours), nearest(&(down / losses)), 1e-14));
    // The same in other words: on a diagram.
    let listed =
        Truth((0..=EVERYONE).filter(|live| (live & 7).count_ones() >= 2).fold(0, |table, live| table | 1 << live));
    let formula = listed.sum_of_products();
    let listed = crate::support::systems::system("listed", plain_nodes(NODES), crate::support::systems::both(&formula));
    let diagram = answer(&with_times(listed, &[(1, 1_000_000_000); 5])).system.long_run.expect("exact");
    assert!(close(value(diagram.mean_up_hours), value(run.mean_up_hours), 1e-13));
}

#[test]
fn times_are_written_in_definitions() {
    let text = "name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n[nodes]\nmttf_hours = 8760\nmttr_hours = 4\n\
                [[node]]\nname = \"n2\"\nmttr_hours = 8\n[[node]]\nname = \"n3\"\nfailure_probability = 0.5\n";
    let system = read(text);
    let p: Vec<f64> = system.nodes().iter().map(|node| node.failure.expect("given").get()).collect();
    assert!(close(p[0], 4.0 / 8764.0, 1e-15) && close(p[1], 8.0 / 8768.0, 1e-15) && p[2] == 0.5, "{p:?}");
    assert!(system.nodes()[2].repair.is_none() && system.nodes()[1].repair.is_some());
    let ask = |system: &System| repair(&Compiled::new(system, Budget::default()), &SamplingOptions::default());
    assert_eq!(ask(&system), Err(MissingTimes::Node(NodeId::new(2))));
    // What never fails needs no times.
    assert!(matches!(ask(&read(&text.replace("0.5", "0.0"))), Ok(Some(_))));
    let zoned = format!("{}[[zone]]\nname = \"a\"\nfailure_probability = 0.1\n", text.replace("0.5", "0"));
    assert_eq!(ask(&read(&zoned)), Err(MissingTimes::Zone(ZoneId::new(0))));
    let timed = zoned.replace("failure_probability = 0.1", "mttf_hours = 1000\nmttr_hours = 1");
    assert!(matches!(ask(&read(&timed)), Ok(Some(_))));
    assert_eq!(ask(&read("name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n")), Ok(None));
}

/// A hundred nodes of the album's families: something is known of each, and quickly.
#[test]
fn extreme_times_are_answered() {
    for (mttf, mttr) in [(1e-300, 1e300), (1e300, 1e-300), (1e-300, 1e-300), (5e-324, 1.0), (1e308, 1e308)] {
        for family in [
            Family::Majority { n: 5 },
            Family::Grid { rows: 3, cols: 3, variant: Default::default() },
            Family::Weighted { votes: vec![3, 2, 1, 1], read_votes: 3, write_votes: 5 },
        ] {
            let bare = family.system().expect("valid");
            let hours = |hours: f64| Hours::new(hours).expect("positive");
            let times = Repair { mttf_hours: hours(mttf), mttr_hours: hours(mttr), replace_hours: None };
            let nodes = bare.nodes().iter().map(|node| Node {
                failure: times.failure_probability(),
                repair: Some(times),
                ..node.clone()
            });
            let system = bare.clone().with(nodes.collect(), Vec::new(), Workload::default()).expect("valid");
            for method in [Method::Auto, Method::Exact, Method::MonteCarlo] {
                let answer = answer_with(
                    &system,
                    &Options {
                        sampling: SamplingOptions { method, ..SamplingOptions::default() },
                        ..Options::default()
                    },
                );
                for (name, Losses { first_loss, .. }) in answer.named() {
                    let known = first_loss.hours.or(first_loss.lower);
                    assert!(
                        known > Some(Scaled::ZERO),
                        "{mttf:e} {mttr:e} {family:?} {method:?} {name} {first_loss:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn zones_fail_over_time() {
    // Three zones of two nodes; as one formula over nine variables that are nodes themselves.
    let bare = Family::Majority { n: 6 }.system().expect("valid");
    let hours = |hours: u32| Hours::new(f64::from(hours)).expect("positive");
    let repair_of = |(mttf, mttr)| Repair { mttf_hours: hours(mttf), mttr_hours: hours(mttr), replace_hours: None };
    let zone = |name: &str| {
        let repair = repair_of((200, 5));
        Zone { repair: Some(repair), ..Zone::new(name, repair.failure_probability().expect("a probability")) }
    };
    let nodes: Vec<Node> = (bare.nodes().iter().enumerate())
        .map(|(at, node)| {
            let repair = repair_of((30, 2));
            let failure = repair.failure_probability();
            Node { failure, repair: Some(repair), zone: Some(ZoneId::new(at / 2)), ..node.clone() }
        })
        .collect();
    let zoned = bare.clone().with(nodes, vec![zone("a"), zone("b"), zone("c")], Workload::default()).expect("valid");
    let flat = {
        let mut builder = quorate::model::FormulaBuilder::new();
        let both: Vec<_> = (0..6)
            .map(|node| {
                let pair = [node, 6 + node / 2].map(|variable| builder.leaf(NodeId::new(variable)));
                builder.and(&pair).expect("valid")
            })
            .collect();
        let root = builder.threshold(4, &both).expect("valid");
        builder.finish(root)
    };
    let times: Vec<(u32, u32)> = [(30, 2); 6].into_iter().chain([(200, 5); 3]).collect();
    let flat_system = with_times(system("flat", plain_nodes(9), crate::support::systems::both(&flat)), &times);
    let (zones, nodes) = (answer(&zoned).system, answer(&flat_system).system);
    let (a, b) = (zones.long_run.expect("exact"), nodes.long_run.expect("exact"));
    assert!(close(value(Some(a.losses_per_hour)), value(Some(b.losses_per_hour)), 1e-12));
    assert!(close(value(a.mean_up_hours), value(b.mean_up_hours), 1e-12));
    assert!(close(value(a.mean_down_hours), value(b.mean_down_hours), 1e-12));
    assert!(close(value(zones.first_loss.hours), from_all_states(&flat, &times), 1e-9));
    assert!(zones.first_loss.states < Some(60), "{:?}", zones.first_loss);
    // The failure probability at one moment is the share of time.
    let failures = quorate::availability::Failures::of(&zoned).expect("probabilities");
    let compiled = Compiled::new(&zoned, Budget::default());
    let (now, _) = quorate::availability::failure_probability(&compiled, &failures, &SamplingOptions::default());
    assert!(close(value(now.system), value(Some(a.unavailability)), 1e-12));
}
