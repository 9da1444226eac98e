//! What the literature proves, on random systems: Naor and Wool 1998; Peleg and Wool 1995; Barbara and Garcia-Molina
//! 1987; Ibaraki and Kameda 1993.

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive};
use proptest::prelude::*;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::families::{Family, GridVariant};
use quorate::model::{Formula, FormulaBuilder, GateId, Kind, NodeId, Pair, System};

use crate::support::print::definition;
use crate::support::systems::{
    analyze_at, both, close, fraction, plain_nodes, probability, set, symmetric, system, value,
};

/// Nodes of the random systems.
const NODES: usize = 8;

/// A random formula before it is built: nodes and whole gates stand several times.
#[derive(Debug, Clone)]
enum Shape {
    Node(usize),
    /// The share of the children that must hold.
    Gate(f64, Vec<Shape>),
    /// The share of the votes that must be reached.
    Votes(f64, Vec<(Shape, u64)>),
}

impl Shape {
    fn build(&self, builder: &mut FormulaBuilder) -> GateId {
        let part = |share: f64, whole: u64| ((share * whole as f64) as u64 + 1).min(whole);
        match self {
            Shape::Node(index) => builder.leaf(NodeId::new(*index)),
            Shape::Gate(share, children) => {
                let children: Vec<GateId> = children.iter().map(|child| child.build(builder)).collect();
                builder.threshold(part(*share, children.len() as u64), &children).expect("within its members")
            }
            Shape::Votes(share, voters) => {
                let voters: Vec<(GateId, u64)> =
                    voters.iter().map(|(voter, votes)| (voter.build(builder), *votes)).collect();
                let total = voters.iter().map(|(_, votes)| votes).sum();
                builder.weighted(part(*share, total), &voters).expect("within all votes")
            }
        }
    }

    fn formula(&self) -> Formula {
        let mut builder = FormulaBuilder::new();
        let root = self.build(&mut builder);
        builder.finish(root)
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    (0..NODES).prop_map(Shape::Node).prop_recursive(3, 24, 5, |inner| {
        let gate =
            (0.0..1.0, prop::collection::vec(inner.clone(), 2..5)).prop_map(|(share, of)| Shape::Gate(share, of));
        let votes = (0.0..1.0, prop::collection::vec((inner, 1u64..6), 2..5));
        prop_oneof![2 => gate, 1 => votes.prop_map(|(share, of)| Shape::Votes(share, of))]
    })
}

/// f and f* together: an intersecting system, whatever f is.
fn intersecting(formula: &Formula) -> Formula {
    let mut builder = FormulaBuilder::new();
    let own = builder.import(formula, FormulaBuilder::leaf);
    let dual = builder.import_dual(formula);
    let root = builder.and(&[own, dual]).expect("two children");
    builder.finish(root)
}

/// Two of x, f and f*, where x is one more node: a self-dual system, whatever f is.
fn self_dual(formula: &Formula) -> Formula {
    let mut builder = FormulaBuilder::new();
    let extra = builder.leaf(NodeId::new(NODES));
    let own = builder.import(formula, FormulaBuilder::leaf);
    let dual = builder.import_dual(formula);
    let root = builder.threshold(2, &[extra, own, dual]).expect("two of three");
    builder.finish(root)
}

fn failure(analysis: &Analysis, index: usize) -> f64 {
    value(analysis.failure_probability[index].system)
}

/// c(S): the size of a smallest quorum.
fn smallest(analysis: &Analysis) -> usize {
    analysis.minimal.reads.smallest.expect("a small system is counted")
}

/// Shows the definition with what a property complains about.
macro_rules! claim {
    ($system:expr, $holds:expr, $($what:tt)+) => {
        prop_assert!($holds, "{}\n\n{}", format_args!($($what)+), definition($system))
    };
}

/// Loads carry an error of the linear program's tolerance.
const LOAD_TOLERANCE: f64 = 1e-9;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// L >= max(1/c, c/n), resilience + 1 <= c <= n L, F >= p^c, and nothing is more available than the best majority.
    #[test]
    fn bounds_of_intersecting_systems(shape in shapes(), p in 0.001..0.5f64) {
        let formula = intersecting(&shape.formula());
        let system = symmetric("intersecting", NODES, &formula);
        let majority = Family::Majority { n: 7 }.system().expect("a majority");
        let analysis = analyze_at(&system, &[p]);
        let (c, n, load) = (smallest(&analysis) as f64, NODES as f64, analysis.optimum[0].best.as_ref().expect("a strategy").load());
        claim!(&system, analysis.intersections.read_write.verdict.known() == Some(true), "it does not intersect");
        claim!(&system, load * (1.0 + LOAD_TOLERANCE) >= (1.0 / c).max(c / n), "load {load} with quorums of {c}");
        let resilience = analysis.total_resilience().expect("a small system is searched") as f64;
        claim!(&system, resilience + 1.0 <= c, "resilience {resilience} with quorums of {c}");
        let failed = failure(&analysis, 0);
        claim!(&system, failed >= p.powf(c) * (1.0 - 1e-12), "F({p}) = {failed} with quorums of {c}");
        let best = failure(&analyze_at(&majority, &[p]), 0);
        claim!(&system, failed >= best * (1.0 - 1e-12), "F({p}) = {failed} is below that of a majority of 7, {best}");
    }

    /// Non-dominated systems are those with F(1/2) = 1/2; then F(p) + F(1 - p) = 1 for every p.
    #[test]
    fn domination_shows_at_one_half(shape in shapes(), p in 0.01..0.5f64) {
        for (formula, nodes) in [(intersecting(&shape.formula()), NODES), (self_dual(&shape.formula()), NODES + 1)] {
            let system = symmetric("one half", nodes, &formula);
            let analysis = analyze_at(&system, &[0.5, p, 1.0 - p]);
            let non_dominated = analysis.domination.non_dominated.known().expect("a small system is decided");
            let half = failure(&analysis, 0);
            // Multiples of 2^-9 are exact.
            claim!(&system, non_dominated == (half == 0.5), "non-dominated: {non_dominated}, F(1/2) = {half}");
            claim!(&system, half >= 0.5, "F(1/2) = {half}");
            let sum = failure(&analysis, 1) + failure(&analysis, 2);
            claim!(&system, !non_dominated || (sum - 1.0).abs() < 1e-12, "F({p}) + F(1 - {p}) = {sum}");
            claim!(&system, nodes == NODES || non_dominated, "a self-dual system is dominated");
        }
    }

    /// The dual of the dual is the system; reads with the dual as writes are non-dominated; a transversal of one is a
    /// quorum of the other.
    #[test]
    fn duality(shape in shapes()) {
        let formula = shape.formula();
        let twice = formula.dual().dual();
        for live in 0..1usize << NODES {
            let live = set((0..NODES).filter(|node| live >> node & 1 == 1));
            prop_assert_eq!(formula.holds(&live), twice.holds(&live));
        }
        let pair = Pair { reads: formula.clone(), writes: formula.dual() };
        let system = system("dual pair", plain_nodes(NODES), pair);
        let analysis = analyze_at(&system, &[0.5]);
        claim!(&system, analysis.domination.non_dominated.known() == Some(true), "a dual pair is dominated");
        claim!(&system, analysis.intersections.read_write.verdict.known() == Some(true), "a dual pair misses itself");
        let transversal = |kind: Kind| analysis.resilience.of(kind).transversal.as_ref().map(quorate::model::NodeSet::len);
        claim!(&system, transversal(Kind::Read) == analysis.minimal.writes.smallest, "the smallest write is no transversal");
        claim!(&system, transversal(Kind::Write) == analysis.minimal.reads.smallest, "the smallest read is no transversal");
        // P(no read) = P(the failed nodes meet every read) = 1 - P(no write) at p = 1/2.
        let failed = &analysis.failure_probability[0];
        claim!(&system, value(failed.read) + value(failed.write) == 1.0, "duals do not add up at one half");
    }

    /// Nodes that fail more often make a system that fails more often, and it fails at least as p^(smallest transversal).
    #[test]
    fn failure_grows_with_p(shape in shapes(), mut p in prop::collection::vec(1e-6..1.0f64, 3)) {
        p.sort_by(f64::total_cmp);
        let system = symmetric("monotone", NODES, &shape.formula());
        let analysis = analyze_at(&system, &p);
        let failed: Vec<f64> = (0..3).map(|index| failure(&analysis, index)).collect();
        claim!(&system, failed.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-12)), "F({p:?}) = {failed:?}");
        let killing = analysis.total_resilience().expect("a small system is searched") as i32 + 1;
        claim!(&system, failed[0] >= p[0].powi(killing) * (1.0 - 1e-12), "F({}) = {}", p[0], failed[0]);
    }

    /// Renaming the nodes changes no number.
    #[test]
    fn names_do_not_matter(shape in shapes(), shift in 1..NODES) {
        let formula = shape.formula();
        let mut builder = FormulaBuilder::new();
        let moved = |builder: &mut FormulaBuilder, node: NodeId| builder.leaf(NodeId::new((node.index() * 3 + shift) % NODES));
        let root = builder.import(&formula, moved);
        let (one, two) = (symmetric("one", NODES, &formula), symmetric("two", NODES, &builder.finish(root)));
        let (a, b) = (analyze_at(&one, &[0.1]), analyze_at(&two, &[0.1]));
        claim!(&one, a.minimal.reads.count == b.minimal.reads.count, "counts differ");
        claim!(&one, a.minimal.writes.largest == b.minimal.writes.largest, "sizes differ");
        claim!(&one, a.total_resilience() == b.total_resilience(), "resilience differs");
        claim!(&one, a.domination.non_dominated == b.domination.non_dominated, "domination differs");
        claim!(&one, close(a.optimum[0].best.as_ref().expect("a strategy").load(), b.optimum[0].best.as_ref().expect("a strategy").load(), LOAD_TOLERANCE), "loads differ");
        claim!(&one, close(failure(&a, 0), failure(&b, 0), 1e-12), "failure probabilities differ");
    }

    /// What is printed reads back as the same system.
    #[test]
    fn printed_definitions_read_back(reads in shapes(), writes in shapes()) {
        let formulas = Pair { reads: reads.formula(), writes: writes.formula() };
        let system = system("printed", plain_nodes(NODES), formulas);
        let text = definition(&system);
        let read = quorate::spec::read("printed.toml", text.as_bytes());
        let read: System = read.unwrap_or_else(|error| panic!("{error:?}\n\n{text}"));
        let place = |node: usize| read.nodes().iter().position(|other| other.name == system.nodes()[node].name);
        let places: Vec<usize> = (0..NODES).map(|node| place(node).expect("every node is read")).collect();
        prop_assert_eq!(read.nodes().len(), NODES);
        for live in 0..1usize << NODES {
            let members = || (0..NODES).filter(|node| live >> node & 1 == 1);
            let (here, there) = (set(members()), set(members().map(|node| places[node])));
            for kind in Kind::BOTH {
                prop_assert_eq!(read.formula(kind).holds(&there), system.formula(kind).holds(&here), "{}", &text);
            }
        }
    }
}

/// Families over a range of parameters, edges included.
fn families() -> Vec<Family> {
    let mut families = Vec::new();
    for n in 1..=9 {
        families.extend([Family::Majority { n }, Family::Rowa { n }, Family::Rawo { n }]);
        families.extend((1..=n).map(|read| Family::Threshold { n, read, write: n + 1 - read }));
        families.push(Family::Singleton { n, node: n - 1 });
    }
    families.extend([Family::Majority { n: 100 }, Family::Threshold { n: 60, read: 7, write: 54 }]);
    for (rows, cols) in (1..=5).flat_map(|rows| (1..=5).map(move |cols| (rows, cols))) {
        families.extend(GridVariant::ALL.map(|variant| Family::Grid { rows, cols, variant }));
    }
    let sizes = (1..=4).flat_map(|width| (1..=3).map(move |bands| (width, bands)));
    for (width, bands) in sizes {
        families.extend((1..=3).map(|band_rows| Family::BGrid { width, bands, band_rows }));
    }
    for (height, degree) in [(0, 2), (1, 2), (2, 2), (5, 2), (1, 3), (2, 3), (4, 3), (2, 5), (1, 40)] {
        families.push(Family::Tree { height, degree });
    }
    for (branching, read, write) in hierarchies() {
        families.push(Family::Hierarchical { branching, read, write });
    }
    families.extend((1..=8).map(|rows| Family::Triangle { rows }));
    families.extend((1..=12).map(|rows| Family::Cwlog { rows }));
    families.extend([3, 4, 7, 60].map(|n| Family::Wheel { n }));
    let widths: [&[u64]; 9] = [
        &[4],
        &[1, 1],
        &[5, 1],
        &[2, 3, 2],
        &[3, 1, 2, 4],
        &[6, 5, 4, 3, 2],
        &[2, 9, 2, 9],
        &[1, 30, 2],
        &[9, 1, 1, 9],
    ];
    families.extend(widths.map(|widths| Family::Wall { widths: widths.to_vec() }));
    families.extend((0..=2).map(|height| Family::AndOr { height }));
    for (n, b) in [(1, 0), (4, 1), (9, 1), (10, 2)] {
        families.push(Family::Dissemination { n, b });
    }
    families.extend([(5, 1), (11, 2), (40, 9)].map(|(n, b)| Family::Masking { n, b }));
    families.extend([(5, 1), (7, 1), (12, 2)].map(|(n, b)| Family::Opaque { n, b }));
    families.push(Family::Probabilistic { n: 9, read: 2, write: 3 });
    families
}

/// Branching, and what reads and writes need on each level.
fn hierarchies() -> Vec<(Vec<u64>, Vec<u64>, Vec<u64>)> {
    let nested = [
        (&[1][..], &[1][..], &[1][..]),
        (&[3, 3], &[2, 2], &[2, 2]),
        (&[3, 5], &[2, 1], &[2, 5]),
        (&[4, 1, 3], &[3, 1, 1], &[2, 1, 3]),
        (&[2, 3, 4], &[1, 2, 3], &[2, 2, 2]),
        (&[3, 3, 3, 3], &[2, 2, 2, 2], &[2, 2, 2, 2]),
    ];
    nested.into_iter().map(|(branching, read, write)| (branching.to_vec(), read.to_vec(), write.to_vec())).collect()
}

#[test]
fn families_follow_their_closed_forms() {
    use rayon::prelude::*;
    let families = families();
    assert_eq!(families.iter().filter(|family| family.closed_forms().is_none()).count(), 0);
    families.par_iter().for_each(follow_closed_forms);
}

fn follow_closed_forms(family: &Family) {
    let forms = family.closed_forms().expect("checked by the caller");
    let system = family.system().unwrap_or_else(|error| panic!("{family:?}: {error}"));
    let probabilities = [0.001, 0.1, 0.37, 0.8];
    let options = Options {
        read_fractions: vec![fraction(1.0), fraction(0.0)],
        failure_probabilities: probabilities.map(probability).to_vec(),
        ..Options::default()
    };
    let analysis = analyze(&system, &options);
    for (kind, optimum) in Kind::BOTH.into_iter().zip(&analysis.optimum) {
        let (form, minimal) = (forms.of(kind), analysis.minimal.of(kind));
        let label = format!("{family:?} {}", kind.name());
        assert_eq!(minimal.count.as_ref(), Some(&form.count), "{label}: count");
        assert_eq!(minimal.smallest, Some(form.smallest as usize), "{label}: smallest");
        assert_eq!(minimal.largest, Some(form.largest as usize), "{label}: largest");
        let resilience = analysis.resilience.of(kind).value();
        assert_eq!(resilience, Some(form.transversal as usize - 1), "{label}: resilience");
        let load = &optimum.best.as_ref().expect("a strategy").exact;
        assert_eq!(load.as_ref(), Some(&form.load), "{label}: load");
        for (p, answer) in probabilities.into_iter().zip(&analysis.failure_probability) {
            let given = value(if kind == Kind::Read { answer.read } else { answer.write });
            let expected = (form.failure_probability)(p);
            // The closed forms subtract, which leaves them twelve digits after the point.
            assert!((given - expected).abs() < 1e-12, "{label}: F({p}) is {given:e} instead of {expected:e}");
        }
    }
}

/// The load of a threshold pair is the mean of r/n and w/n: every strategy that treats nodes equally is optimal.
#[test]
fn loads_of_thresholds_mix_linearly() {
    for (n, read, write) in [(5, 2, 4), (7, 1, 7), (9, 5, 5), (12, 3, 10)] {
        let system = Family::Threshold { n, read, write }.system().expect("a threshold");
        let quarter = Options { read_fractions: vec![fraction(0.25)], ..Options::default() };
        let expected = BigRational::new((read + 3 * write).into(), (4 * n).into());
        assert_eq!(
            analyze(&system, &quarter).optimum[0].best.as_ref().expect("a strategy").exact,
            Some(expected),
            "{read} and {write} of {n}"
        );
    }
}

/// Many quorums and few nodes: C(40, 20) minimal quorums are counted, never listed.
#[test]
fn large_counts_are_exact() {
    let system = system("half", plain_nodes(40), both(&half_of(40)));
    let analysis = analyze_at(&system, &[0.5]);
    let mut count = BigUint::one();
    for i in 0..20u32 {
        count = count * (40 - i) / (i + 1);
    }
    assert_eq!(analysis.minimal.reads.count, Some(count.clone()));
    // P(fewer than 20 of 40 alive) = 1/2 - C(40, 20)/2^41.
    let expected = 0.5 - count.to_f64().expect("a count") / 2f64.powi(41);
    assert!(close(failure(&analysis, 0), expected, 1e-12));
    let [reads, writes] = analysis.intersections.read_write.witness.expect("two halves can be disjoint");
    assert!(reads.is_disjoint(&writes) && reads.len() >= 20 && writes.len() >= 20);
}

fn half_of(nodes: usize) -> Formula {
    let mut builder = FormulaBuilder::new();
    let leaves: Vec<GateId> = (0..nodes).map(|index| builder.leaf(NodeId::new(index))).collect();
    let root = builder.threshold(nodes as u64 / 2, &leaves).expect("half of the nodes");
    builder.finish(root)
}
