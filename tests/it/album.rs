//! Families against their definitions: every set of live nodes of small members, and what theory says about all of them.

use proptest::prelude::*;
use quorate::analysis::{Analysis, Options, analyze};
use quorate::families::Family;
use quorate::model::{Formula, Kind, NodeId};

use crate::support::shapes;
use crate::support::systems::{analyze_at, close, rational, set, value};

fn live(sets: u32) -> impl Iterator<Item = usize> {
    (0..32).filter(move |node| sets >> node & 1 == 1)
}

/// Every set of live nodes holds exactly where the definition says so.
#[track_caller]
fn agrees(family: &Family, kind: Kind, definition: impl Fn(u32) -> bool) {
    let formulas = family.formulas().unwrap_or_else(|error| panic!("{family:?}: {error}"));
    let nodes = family.node_count();
    assert!(nodes <= 16, "{family:?} has too many sets");
    for sets in 0..1u32 << nodes {
        let held = formulas.of(kind).holds(&set(live(sets)));
        assert_eq!(held, definition(sets), "{family:?}: {:?}", live(sets).collect::<Vec<_>>());
    }
}

/// The same, by another formula.
#[track_caller]
fn is(family: &Family, other: &Formula) {
    agrees(family, Kind::Read, |sets| other.holds(&set(live(sets))));
}

/// A full row, and something in every row below it.
fn is_wall(widths: &[u64], sets: u32) -> bool {
    let mut first = 0;
    let mut counts = Vec::new();
    for width in widths {
        counts.push((*width, u64::from((sets >> first & ((1 << width) - 1)).count_ones())));
        first += width;
    }
    (0..counts.len()).any(|i| counts[i].0 == counts[i].1 && counts[i + 1..].iter().all(|(_, live)| *live > 0))
}

/// All lists of numbers from 1 on that add up to n.
fn compositions(n: u64) -> Vec<Vec<u64>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let starting = |first: u64| compositions(n - first).into_iter().map(move |rest| [vec![first], rest].concat());
    (1..=n).flat_map(starting).collect()
}

#[test]
fn walls_are_what_they_are() {
    for widths in (1..=8).flat_map(compositions) {
        agrees(&Family::Wall { widths: widths.clone() }, Kind::Read, |sets| is_wall(&widths, sets));
    }
    is(&Family::Triangle { rows: 4 }, &shapes::wall(&[1, 2, 3, 4]));
    is(&Family::Cwlog { rows: 6 }, &shapes::wall(&[1, 2, 2, 3, 3, 3]));
    (3..=9).for_each(|n| is(&Family::Wheel { n }, &shapes::wheel(n as usize)));
}

/// Non-dominated walls in which no node is idle: their number is a Fibonacci number, because they are the lists that start
/// with 1 and go on with 2 or more.
#[test]
fn non_dominated_walls_are_counted_by_fibonacci() {
    let non_dominated = |widths: &Vec<u64>| {
        let analysis = answer(&Family::Wall { widths: widths.clone() });
        let self_dual = analysis.domination.non_dominated.known().expect("a small wall is decided");
        let idle = analysis.minimal.reads.unused.expect("a small wall is searched").len();
        assert_eq!(self_dual && idle == 0, widths[0] == 1 && widths[1..].iter().all(|width| *width > 1), "{widths:?}");
        self_dual && idle == 0
    };
    let counts: Vec<usize> =
        (3..=8).map(|n| compositions(n).iter().filter(|widths| non_dominated(widths)).count()).collect();
    assert_eq!(counts, [1, 1, 2, 3, 5, 8]);
}

fn answer(family: &Family) -> Analysis {
    analyze(&family.system().unwrap_or_else(|error| panic!("{family:?}: {error}")), &Options::default())
}

/// The subtree whose nodes are numbered from `first` on: its root and some child, or all children.
fn is_tree(height: u32, degree: u32, first: u32, sets: u32) -> bool {
    let root = sets >> first & 1 == 1;
    if height == 0 {
        return root;
    }
    let size: u32 = (0..height).map(|level| degree.pow(level)).sum();
    let mut children = (0..degree).map(|child| is_tree(height - 1, degree, first + 1 + child * size, sets));
    if root { children.any(|child| child) } else { children.all(|child| child) }
}

#[test]
fn trees_are_what_they_are() {
    for (height, degree) in [(0, 2), (1, 2), (2, 2), (3, 2), (0, 3), (1, 3), (2, 3), (1, 7)] {
        agrees(&Family::Tree { height: height.into(), degree: degree.into() }, Kind::Write, |sets| {
            is_tree(height, degree, 0, sets)
        });
    }
}

/// The group of leaves from `first` on: enough of its groups.
fn is_hierarchy(branching: &[u64], needed: &[u64], first: u64, sets: u32) -> bool {
    let Some((members, below)) = branching.split_first() else { return sets >> first & 1 == 1 };
    let size: u64 = below.iter().product();
    let held = (0..*members).filter(|member| is_hierarchy(below, &needed[1..], first + member * size, sets));
    held.count() as u64 >= needed[0]
}

#[test]
fn hierarchies_are_what_they_are() {
    for (branching, read, write) in [
        (vec![5], vec![2], vec![4]),
        (vec![3, 3], vec![2, 2], vec![2, 2]),
        (vec![2, 1, 3], vec![1, 1, 2], vec![2, 1, 2]),
        (vec![2, 3, 2], vec![2, 2, 1], vec![1, 2, 2]),
        (vec![3, 5], vec![2, 1], vec![2, 5]),
    ] {
        let family = Family::Hierarchical { branching: branching.clone(), read: read.clone(), write: write.clone() };
        agrees(&family, Kind::Read, |sets| is_hierarchy(&branching, &read, 0, sets));
        agrees(&family, Kind::Write, |sets| is_hierarchy(&branching, &write, 0, sets));
    }
}

/// Larger planes are asked about one by one elsewhere: their diagrams are not small.
#[test]
fn planes_are_what_they_are() {
    is(&Family::Fpp { order: 2 }, &shapes::projective_plane(2));
    is(&Family::Fpp { order: 3 }, &shapes::projective_plane(3));
    for order in [2u64, 3, 4] {
        let analysis = answer(&Family::Fpp { order });
        let (minimal, size) = (&analysis.minimal.reads, order as usize + 1);
        let nodes = order * order + order + 1;
        assert_eq!(minimal.count, Some(nodes.into()), "{order}");
        assert_eq!((minimal.smallest, minimal.largest), (Some(size), Some(size)), "{order}");
        assert_eq!(analysis.total_resilience(), Some(size - 1), "{order}");
        assert_eq!(analysis.intersections.read_write.smallest, Some(1), "{order}");
        assert_eq!(analysis.domination.non_dominated.known(), Some(order == 2), "{order}");
        let load = num_rational::BigRational::new((order + 1).into(), nodes.into());
        assert_eq!(analysis.optimum[0].best.as_ref().expect("a strategy").exact, Some(load), "{order}");
    }
}

/// Live edges that join left and right, and dead ones that do not: they leave a path from top to bottom of the dual lattice.
fn is_paths(d: usize, sets: u32) -> bool {
    let vertex = |x: usize, y: usize| y * (d + 2) + x;
    let mut edges = Vec::new();
    for y in 0..=d {
        edges.extend((0..=d).map(|x| [vertex(x, y), vertex(x + 1, y)]));
        if y < d {
            edges.extend((1..=d).map(|x| [vertex(x, y), vertex(x, y + 1)]));
        }
    }
    let joins = |wanted: bool| {
        let mut reached: Vec<bool> = (0..(d + 2) * (d + 1)).map(|vertex| vertex % (d + 2) == 0).collect();
        for _ in 0..reached.len() {
            for (edge, ends) in edges.iter().enumerate().filter(|(edge, _)| (sets >> edge & 1 == 1) == wanted) {
                let either = ends.iter().any(|end| reached[*end]);
                debug_assert!(edge < 32);
                ends.iter().for_each(|end| reached[*end] |= either);
            }
        }
        (0..=d).any(|y| reached[vertex(d + 1, y)])
    };
    joins(true) && !joins(false)
}

#[test]
fn lattices_are_what_they_are() {
    agrees(&Family::Paths { size: 1 }, Kind::Read, |sets| is_paths(1, sets));
    agrees(&Family::Paths { size: 2 }, Kind::Read, |sets| is_paths(2, sets));
    (1..=4).for_each(|size| is(&Family::Y { size }, &shapes::y_board(size as usize)));
}

/// Counts, sizes, transversals and loads that the literature gives for small lattices.
#[test]
fn small_lattices_have_their_published_facts() {
    let facts = [
        (Family::Paths { size: 1 }, 6u32, 3, 2, "3/5", false),
        (Family::Paths { size: 2 }, 99, 5, 3, "11/27", false),
        (Family::Y { size: 1 }, 1, 1, 1, "1", true),
        (Family::Y { size: 2 }, 3, 2, 2, "2/3", true),
        (Family::Y { size: 3 }, 10, 3, 3, "1/2", true),
        (Family::Y { size: 4 }, 32, 4, 4, "2/5", true),
    ];
    for (family, count, smallest, transversal, load, non_dominated) in facts {
        let analysis = answer(&family);
        let minimal = &analysis.minimal.reads;
        assert_eq!(minimal.count, Some(count.into()), "{family:?}");
        assert_eq!(minimal.smallest, Some(smallest), "{family:?}");
        assert_eq!(analysis.total_resilience(), Some(transversal - 1), "{family:?}");
        assert_eq!(analysis.optimum[0].best.as_ref().expect("a strategy").exact, Some(rational(load)), "{family:?}");
        assert_eq!(analysis.domination.non_dominated.known(), Some(non_dominated), "{family:?}");
        assert_eq!(analysis.intersections.read_write.verdict.known(), Some(true), "{family:?}");
    }
}

/// Whether the leaves from `first` on, 2^depth of them, make a tree of AND and OR by turns true, with an AND at its root or an OR.
fn is_and_or(depth: u32, first: u32, and: bool, sets: u32) -> bool {
    if depth == 0 {
        return sets >> first & 1 == 1;
    }
    let half = |at: u32| is_and_or(depth - 1, first + (at << (depth - 1)), !and, sets);
    if and { half(0) && half(1) } else { half(0) || half(1) }
}

#[test]
fn what_outvotes_liars_is_what_it_is() {
    for side in 1..=4u64 {
        for b in (0..side).filter(|b| 2 * b < side) {
            let row = |row: u64, sets: u32| (0..side).all(|col| sets >> (row * side + col) & 1 == 1);
            let col = |col: u64, sets: u32| (0..side).all(|row| sets >> (row * side + col) & 1 == 1);
            let rows = |sets: u32| (0..side).filter(|line| row(*line, sets)).count() as u64;
            let cols = |sets: u32| (0..side).filter(|line| col(*line, sets)).count() as u64;
            let lines = (1..).find(|lines: &u64| lines * lines > b).unwrap();
            for kind in Kind::BOTH {
                agrees(&Family::MGrid { side, b }, kind, |sets| rows(sets) >= lines && cols(sets) >= lines);
                agrees(&Family::MaskingGrid { side, b }, kind, |sets| rows(sets) > b && cols(sets) >= 1);
            }
            // Two quorums share 2b + 1 nodes, which is what they are for.
            for family in [Family::MGrid { side, b }, Family::MaskingGrid { side, b }] {
                let shared = answer(&family).intersections.read_write.smallest.unwrap() as u64;
                assert!(shared > 2 * b, "{family:?}: {shared}");
            }
        }
    }
    assert!(Family::MGrid { side: 4, b: 2 }.formulas().is_err());
    assert!(Family::MaskingGrid { side: 4, b: 2 }.formulas().is_err());
    assert!(Family::Dissemination { n: 6, b: 2 }.formulas().is_err());
    assert!(Family::Masking { n: 8, b: 2 }.formulas().is_err());
    assert!(Family::Opaque { n: 9, b: 2 }.formulas().is_err());
}

#[test]
fn nuclei_and_trees_of_two_operators_are_what_they_are() {
    for height in 0..=2u32 {
        agrees(&Family::AndOr { height: height.into() }, Kind::Read, |sets| {
            [true, false].iter().all(|and| is_and_or(2 * height, 0, *and, sets))
        });
    }
    for r in 2..=4u32 {
        let core = 2 * r - 2;
        let whole = (1u32 << core) - 1;
        // The halves that have the first node, in the order of their members as words.
        let mut halves: Vec<u32> = (0..=whole).filter(|half| half & 1 == 1 && half.count_ones() == r - 1).collect();
        halves.sort_by_key(|half| std::cmp::Reverse(half.reverse_bits()));
        agrees(&Family::Nucleus { r: r.into() }, Kind::Write, |sets| {
            let is_half = |(at, half): (usize, &u32)| {
                let has = |half: u32| sets & half == half;
                sets >> (core as usize + at) & 1 == 1 && (has(*half) || has(whole & !half))
            };
            (sets & whole).count_ones() >= r || halves.iter().enumerate().any(is_half)
        });
        let analysis = answer(&Family::Nucleus { r: r.into() });
        assert_eq!(analysis.minimal.reads.largest, Some(r as usize));
        assert_eq!(analysis.domination.non_dominated.known(), Some(true));
    }
}

/// Members of every new family, small enough for all questions.
fn members() -> impl Strategy<Value = Family> {
    prop_oneof![
        prop::collection::vec(1u64..5, 1..5).prop_map(|widths| Family::Wall { widths }),
        (1u64..6).prop_map(|rows| Family::Triangle { rows }),
        (1u64..9).prop_map(|rows| Family::Cwlog { rows }),
        (3u64..14).prop_map(|n| Family::Wheel { n }),
        (0u64..4, 2u64..4).prop_map(|(height, degree)| Family::Tree { height, degree }),
        prop::collection::vec((1u64..4, 0.0..1.0f64), 1..4).prop_map(|levels| {
            let branching: Vec<u64> = levels.iter().map(|(members, _)| *members).collect();
            let majority = levels.iter().map(|(members, more)| members / 2 + 1 + ((members - 1) / 2) * (*more as u64));
            let needed: Vec<u64> = majority.collect();
            Family::Hierarchical { branching, read: needed.clone(), write: needed }
        }),
        (2u64..5).prop_map(|order| Family::Fpp { order }),
        (1u64..3).prop_map(|size| Family::Paths { size }),
        (1u64..6).prop_map(|size| Family::Y { size }),
        (0u64..3).prop_map(|height| Family::AndOr { height }),
        (2u64..5).prop_map(|r| Family::Nucleus { r }),
        (1u64..5).prop_map(|side| Family::MGrid { side, b: (side - 1) / 2 }),
        (1u64..5).prop_map(|side| Family::MaskingGrid { side, b: (side - 1) / 2 }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Quorums meet; L >= max(1/c, c/n); resilience + 1 <= c; F >= p^c; non-dominated exactly when F(1/2) = 1/2.
    #[test]
    fn theorems_hold_for_all_members(family in members(), p in 0.01..0.5f64) {
        let system = family.system().expect("a member");
        let analysis = analyze_at(&system, &[0.5, p]);
        let (n, c) = (system.nodes().len() as f64, analysis.minimal.reads.smallest.expect("counted") as f64);
        prop_assert_eq!(analysis.intersections.read_write.verdict.known(), Some(true));
        let load = analysis.optimum[0].best.as_ref().expect("a strategy").load();
        prop_assert!(load * (1.0 + 1e-9) >= (1.0 / c).max(c / n), "{:?}: load {}", &family, load);
        let resilience = analysis.total_resilience().expect("searched") as f64;
        prop_assert!(resilience < c && resilience < n * load * (1.0 + 1e-9), "{:?}: resilience {}", &family, resilience);
        let failed = [0, 1].map(|index| value(analysis.failure_probability[index].system));
        prop_assert!(failed[1] >= p.powf(c) * (1.0 - 1e-12), "{:?}: F({}) = {}", &family, p, failed[1]);
        let non_dominated = analysis.domination.non_dominated.known().expect("decided");
        prop_assert_eq!(non_dominated, close(failed[0], 0.5, 1e-12), "{:?}: F(1/2) = {}", &family, failed[0]);
    }

    /// Nothing is a panic, and what is refused is refused with a reason.
    #[test]
    fn parameters_are_answered(list in prop::collection::vec(0u64..12, 0..4), number in 0u64..100) {
        let families = [
            Family::Wall { widths: list.clone() },
            Family::Hierarchical { branching: list.clone(), read: list.clone(), write: list },
            Family::Tree { height: number, degree: number % 5 },
            Family::Triangle { rows: number },
            Family::Cwlog { rows: number },
            Family::Wheel { n: number },
            Family::Fpp { order: number % 20 },
            Family::Paths { size: number % 6 },
            Family::Y { size: number % 12 },
            Family::AndOr { height: number % 8 },
            Family::Nucleus { r: number % 9 },
            Family::MGrid { side: number % 30, b: number % 17 },
            Family::MaskingGrid { side: number % 30, b: number % 17 },
            Family::Masking { n: number, b: number % 30 },
            Family::Probabilistic { n: number, read: number % 13, write: number % 7 },
        ];
        for family in families {
            match family.formulas() {
                Ok(formulas) => {
                    let last = formulas.reads.support().iter().last().map_or(0, NodeId::index) as u64;
                    prop_assert!(last < family.node_count(), "{:?}", &family);
                }
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}

/// What the closed forms say where no enumeration goes: hundreds of nodes, and thousands where that is quick.
#[test]
fn large_members_are_answered() {
    let hierarchy = |levels: usize| {
        let needed = vec![2; levels];
        Family::Hierarchical { branching: vec![3; levels], read: needed.clone(), write: needed }
    };
    for family in [
        Family::Triangle { rows: 25 },
        Family::Cwlog { rows: 60 },
        Family::Wheel { n: 1_001 },
        Family::Tree { height: 12, degree: 2 },
        hierarchy(7),
    ] {
        let analysis = analyze_at(&family.system().expect("a member"), &[0.2]);
        let forms = family.closed_forms().expect("all of these have closed forms").reads;
        let minimal = &analysis.minimal.reads;
        assert_eq!(minimal.count.as_ref(), Some(&forms.count), "{}", family.name());
        assert_eq!(minimal.smallest, Some(forms.smallest as usize), "{}", family.name());
        assert_eq!(minimal.largest, Some(forms.largest as usize), "{}", family.name());
        assert_eq!(analysis.total_resilience(), Some(forms.transversal as usize - 1), "{}", family.name());
        assert_eq!(analysis.intersections.read_write.verdict.known(), Some(true), "{}", family.name());
        assert_eq!(analysis.domination.non_dominated.known(), Some(true), "{}", family.name());
        let optimum = analysis.optimum[0].best.as_ref().expect("a strategy");
        let load = crate::support::systems::nearest(&forms.load);
        assert!(close(optimum.upper_bound, load, 1e-9), "{}: {} not {load}", family.name(), optimum.upper_bound);
        assert!(close(optimum.lower_bound, load, 1e-9), "{}: {} not {load}", family.name(), optimum.lower_bound);
        let failed = value(analysis.failure_probability[0].read);
        assert!((failed - (forms.failure_probability)(0.2)).abs() < 1e-11, "{}: F = {failed}", family.name());
    }
}
