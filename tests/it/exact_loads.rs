//! Loads as fractions, beyond the sizes of a simplex method in fractions.

use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use quorate::analysis::load::{Optimum, optimum};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::families::{Family, GridVariant};
use quorate::model::{Capacity, Fraction, Kind, Node, System, Workload};

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
    optimum(&Compiled::new(system, Budget::default()), system.workload(), false)
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
