//! Loads as fractions, beyond the sizes of a simplex method in fractions.

use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Capacity, Fraction, Kind, Node, System, Weight, Workload};
use quorate::strategy::{Optimum, optimum};

/// Nodes of different capacities near each other, so that many of them set the load.
fn unlike(family: &Family, reads: f64) -> System {
    let system = family.system().unwrap();
    let numbered = |(index, node): (usize, &Node)| {
        let capacity = |factor: usize| {
            Capacity::new((factor * (100 + (index * index * 31 + index * 57) % 101)) as f64 / 2.0).unwrap()
        };
        Node { read_capacity: capacity(1), write_capacity: capacity(3), ..node.clone() }
    };
    let nodes = system.nodes().iter().enumerate().map(numbered).collect();
    system.with(nodes, Vec::new(), Workload::of(Fraction::new(reads).unwrap())).unwrap()
}

fn load(system: &System) -> Optimum {
    optimum(&Compiled::new(system, Budget::default()), system.workload(), false).expect("a strategy")
}

fn whole(number: u64) -> BigRational {
    BigRational::from_integer(number.into())
}

/// The fraction lies where the bounds in floating point of the strategy and the weights meet.
#[track_caller]
fn agrees_with_its_certificate(system: &System, answer: &Optimum) {
    let exact = answer
        .exact
        .as_ref()
        .and_then(ToPrimitive::to_f64)
        .unwrap_or_else(|| panic!("no fraction for {}", system.about().name));
    let strategy = answer.strategy.as_ref().expect("a strategy");
    let reads = system.workload().mean_read_fraction();
    let (mut busiest, mut cheapest) = (0.0f64, 0.0);
    let costs = |kind: Kind, node: usize| {
        let node = &system.nodes()[node];
        match kind {
            Kind::Read => reads / node.read_capacity.get(),
            Kind::Write => (1.0 - reads) / node.write_capacity.get(),
        }
    };
    for node in 0..system.nodes().len() {
        let of = |kind: Kind| -> f64 {
            let using =
                strategy.of(kind).iter().filter(|choice| choice.quorum.iter().any(|other| other.index() == node));
            using.map(|choice| choice.probability * costs(kind, node)).sum()
        };
        busiest = busiest.max(of(Kind::Read) + of(Kind::Write));
    }
    // Every quorum that is drawn is a cheapest one.
    for kind in Kind::BOTH {
        let price = |choice: &quorate::model::Choice| -> f64 {
            choice.quorum.iter().map(|node| answer.node_weight[0][node.index()] * costs(kind, node.index())).sum()
        };
        let prices: Vec<f64> = strategy.of(kind).iter().filter(|choice| choice.probability > 1e-6).map(price).collect();
        let least = prices.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(prices.iter().all(|price| *price <= least * (1.0 + 1e-9)), "{prices:?}");
        cheapest += least;
    }
    assert!((busiest - exact).abs() <= 1e-9 * exact, "busiest {busiest}, exact {exact}");
    assert!((cheapest - exact).abs() <= 1e-9 * exact, "cheapest {cheapest}, exact {exact}");
}

#[test]
fn systems_of_more_than_44_rows_have_fractions() {
    let hierarchy = Family::Hierarchical { branching: vec![4, 4, 4], read: vec![2, 2, 2], write: vec![3, 3, 3] };
    for family in [
        Family::Grid { rows: 8, cols: 8, variant: GridVariant::LinesBelow },
        Family::Wall { widths: (1..=10).collect() },
        Family::BGrid { width: 5, bands: 3, band_rows: 4 },
        hierarchy,
        Family::Paths { size: 4 },
    ] {
        let system = unlike(&family, 0.75);
        agrees_with_its_certificate(&system, &load(&system));
    }
}

/// Any r of n nodes to read and w to write: with every node equally busy at load L, reads and writes use node i so often that
/// f R(i) / r(i) + (1 - f) W(i) / w(i) = L. With writes thrice as fast that is L = (f r + (1 - f) w / 3) / (sum of r(i)), where no node
/// has to be used more than always.
#[test]
fn thresholds_have_their_closed_form() {
    for (n, read, write) in [(60, 20, 41), (90, 20, 71)] {
        let system = unlike(&Family::Threshold { n, read, write }, 0.75);
        let capacities = system.nodes().iter().map(|node| node.read_capacity.exact());
        let total = capacities.fold(BigRational::zero(), |sum, capacity| sum + capacity);
        let (three, four) = (whole(3), whole(4));
        let expected = (&three / &four * whole(read) + whole(write) / &four / &three) / total;
        assert_eq!(load(&system).exact, Some(expected), "{read} and {write} of {n}");
    }
}

/// c / n where every node is as good as every other one, whatever the size: planes, grids of rows and columns, bands, thresholds.
#[test]
fn systems_of_equal_nodes_have_their_closed_form_at_any_size() {
    for (family, (of, nodes)) in [
        (Family::Fpp { order: 16 }, (17, 273)),
        (Family::Fpp { order: 25 }, (26, 651)),
        (Family::Grid { rows: 30, cols: 20, variant: GridVariant::RowColumn }, (49, 600)),
        (Family::BGrid { width: 20, bands: 10, band_rows: 3 }, (49, 600)),
        (Family::Grid { rows: 40, cols: 40, variant: GridVariant::Cover }, (119, 3_200)),
        (Family::Threshold { n: 9_000, read: 1_000, write: 8_001 }, (9_001, 18_000)),
        (Family::Rowa { n: 5_000 }, (5_001, 10_000)),
    ] {
        let answer = load(&family.system().unwrap());
        assert_eq!(answer.exact, Some(BigRational::new(of.into(), nodes.into())), "{family:?}");
        assert_eq!(answer.lower_bound.to_bits(), answer.upper_bound.to_bits(), "{family:?}");
    }
}

/// The same with the capacities of either kind alike, and with several read fractions: with reads twice as fast as writes, at 1/4 and 3/4,
/// the loads are (f r / 2 + (1 - f) w) / n.
#[test]
fn equal_capacities_of_each_kind_keep_the_closed_form() {
    let family = Family::Grid { rows: 25, cols: 25, variant: GridVariant::Cover };
    let system = family.system().unwrap();
    let capacity = |value: f64| Capacity::new(value).unwrap();
    let node = |node: &Node| Node { read_capacity: capacity(2.0), write_capacity: capacity(1.0), ..node.clone() };
    let nodes = system.nodes().iter().map(node).collect();
    let share = |fraction, weight| (Fraction::new(fraction).unwrap(), Weight::new(weight).unwrap());
    let workload = Workload::distribution(&[share(0.25, 2.0), share(0.75, 1.0)]).unwrap();
    let system = system.with(nodes, Vec::new(), workload).unwrap();
    let of = |reads: (i64, i64)| {
        let reads = BigRational::new(reads.0.into(), reads.1.into());
        (&reads * whole(25) / whole(2) + (whole(1) - &reads) * whole(49)) / whole(625)
    };
    let expected = of((1, 4)) * whole(2) / whole(3) + of((3, 4)) / whole(3);
    assert_eq!(load(&system).exact, Some(expected));
}

/// Wheels of any size: (n - 1) / (2 n - 3), with the hub in all but one of so many draws as there are nodes on the rim.
#[test]
fn wheels_have_their_closed_form_at_any_size() {
    for nodes in [4u64, 30, 500, 5_000] {
        let answer = load(&Family::Wheel { n: nodes }.system().unwrap());
        let expected = BigRational::new((nodes - 1).into(), (2 * nodes - 3).into());
        assert_eq!(answer.exact, Some(expected), "{nodes}");
    }
}

/// The load of a wall, row by row from the top: p(i) + (p(1) + ... + p(i - 1)) / w(i) is the load of a row that is drawn p(i) of the time,
/// and a row that is drawn at all has the load of the busiest.
fn wall_load(widths: &[u64]) -> BigRational {
    // With load 1: how often each row is drawn, all together the reciprocal of the load.
    let drawn = |first: usize| {
        let mut all = whole(0);
        for width in &widths[first..] {
            let rest = whole(1) - &all / whole(*width);
            if rest > whole(0) {
                all += rest;
            }
        }
        whole(1) / all
    };
    (0..widths.len()).map(drawn).min().unwrap()
}

#[test]
fn walls_of_many_rows_are_certified() {
    for (family, widths) in [
        (Family::Grid { rows: 40, cols: 40, variant: GridVariant::LinesBelow }, vec![40; 40]),
        (Family::Triangle { rows: 30 }, (1..=30).collect()),
        (Family::Cwlog { rows: 100 }, (1..=100u64).map(|row| u64::from((2 * row).ilog2())).collect()),
    ] {
        let system = family.system().unwrap();
        let writes = Workload::of(Fraction::new(0.0).unwrap());
        let answer = optimum(&Compiled::new(&system, Budget::default()), &writes, false).expect("a strategy");
        assert_eq!(answer.exact, Some(wall_load(&widths)), "{family:?}");
        assert!(load(&system).exact.is_some(), "{family:?}");
    }
}
