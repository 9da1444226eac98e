//! Zones, splits, durability, overlap and liars, held against everything that can happen to small systems.

use quorate::analysis::{Options, analyze};
use quorate::model::{Kind, Lying, NodeId, NodeSet, Probability, System};
use quorate::number::Scaled;
use quorate::operations::{Demands, Nodes, Operations, Side, Splits, places};

use crate::support::draws::below;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Numbers drawn at random.
struct Draws(ChaCha8Rng);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        below(&mut self.0, limit)
    }
}

/// A system of up to seven nodes in up to four zones, with quorums of many kinds.
fn drawn(draws: &mut Draws) -> System {
    let n = 2 + draws.below(6);
    let zones = draws.below(5);
    let zone_names = ["za", "zb", "zc", "zd"];
    let quorums = match draws.below(5) {
        0 => {
            let read = 1 + draws.below(n);
            let write = (n - read + 1 + draws.below(2)).min(n);
            format!("family = 'threshold'\nn = {n}\nread = {read}\nwrite = {write}\n")
        }
        1 => {
            let votes: Vec<usize> = (0..n).map(|_| 1 + draws.below(4)).collect();
            let total: usize = votes.iter().sum();
            let read = 1 + draws.below(total);
            let write = (total - read + 1).min(total);
            format!("family = 'weighted'\nvotes = {votes:?}\nread_votes = {read}\nwrite_votes = {write}\n")
        }
        2 => format!("family = 'majority'\nn = {n}\n"),
        _ => {
            let some = |draws: &mut Draws| {
                let names: Vec<String> =
                    (1..=n).filter(|_| draws.below(3) > 0).map(|node| format!("n{node}")).collect();
                if names.is_empty() {
                    "n1".to_owned()
                } else {
                    format!("choose({}, {})", 1 + draws.below(names.len()), names.join(", "))
                }
            };
            let all: Vec<String> = (1..=n).map(|node| format!("n{node}")).collect();
            let reads = format!("{}*{} + {}", some(draws), some(draws), all.join("*"));
            let writes = if draws.below(2) == 0 {
                String::new()
            } else {
                format!("writes = '{} + {}'\n", some(draws), all.join("*"))
            };
            format!("family = 'custom'\nreads = '{reads}'\n{writes}")
        }
    };
    let mut text = format!("name = 'x'\n[system]\n{quorums}");
    for name in &zone_names[..zones] {
        text.push_str(&format!("[[zone]]\nname = '{name}'\n"));
    }
    for node in 1..=n {
        let zone = draws.below(zones + 2);
        // Some nodes stand outside, and more often none does.
        if zones > 0 && (zone < zones || draws.below(3) > 0) {
            text.push_str(&format!("[[node]]\nname = 'n{node}'\nzone = '{}'\n", zone_names[zone % zones]));
        }
    }
    quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

fn set(bits: u32) -> NodeSet {
    (0..32).filter(|node| bits >> node & 1 == 1).map(NodeId::new).collect()
}

struct Brute<'a> {
    system: &'a System,
    all: u32,
    zones: Vec<u32>,
}

impl<'a> Brute<'a> {
    fn of(system: &'a System) -> Self {
        let zones = places(system);
        let bits = |zone| {
            let inside = |node: &usize| system.nodes()[*node].zone == Some(zone);
            (0..system.nodes().len()).filter(inside).fold(0, |bits, node| bits | 1 << node)
        };
        Brute { system, all: (1 << system.nodes().len()) - 1, zones: zones.into_iter().map(bits).collect() }
    }

    fn holds(&self, kind: Kind, live: u32) -> bool {
        self.system.formula(kind).holds(&set(live))
    }

    fn minimal(&self, kind: Kind) -> Vec<u32> {
        let is_minimal = |live: &u32| {
            self.holds(kind, *live)
                && (0..32).all(|node| live >> node & 1 == 0 || !self.holds(kind, live & !(1 << node)))
        };
        (0..=self.all).filter(is_minimal).collect()
    }

    /// The most nodes of these that can be lost, whichever they are.
    fn resilience(&self, kind: Kind, live: u32) -> Option<usize> {
        let stops = (0..=self.all).filter(|lost| lost & !live == 0 && !self.holds(kind, live & !lost));
        stops.map(|lost| lost.count_ones() as usize).min()?.checked_sub(1)
    }

    fn after_zones(&self, count: usize) -> Nodes {
        let mut worst = Nodes::Survives(usize::MAX);
        for chosen in (0..1u32 << self.zones.len()).filter(|chosen| chosen.count_ones() as usize == count) {
            let lost = self
                .zones
                .iter()
                .enumerate()
                .filter(|(zone, _)| chosen >> zone & 1 == 1)
                .fold(0, |lost, (_, bits)| lost | bits);
            for kind in Kind::BOTH {
                match (self.resilience(kind, self.all & !lost), worst) {
                    (None, _) => return Nodes::Stopped,
                    (Some(nodes), Nodes::Survives(known)) => worst = Nodes::Survives(known.min(nodes)),
                    _ => {}
                }
            }
        }
        worst
    }

    fn zones_of(&self, quorum: u32) -> usize {
        let inside = self.zones.iter().fold(0, |inside, zone| inside | zone);
        self.zones.iter().filter(|zone| *zone & quorum > 0).count() + (quorum & !inside).count_ones() as usize
    }
}

/// Whether so many liars are stood, by the definition: for every set of them and every pair of quorums.
fn is_consistent(kind: Lying, liars: u32, (reads, writes): (&[u32], &[u32]), all: u32) -> bool {
    let faults = || (0..=all).filter(|faulty| faulty.count_ones() == liars);
    reads.iter().all(|r| {
        writes.iter().all(|w| {
            let shared = (r & w).count_ones();
            match kind {
                Lying::Dissemination => shared > liars,
                Lying::Masking => shared > 2 * liars,
                Lying::Opaque => faults().all(|b| {
                    let honest = (r & w & !b).count_ones();
                    honest >= ((r & b) | (r & !w)).count_ones() && honest > (r & b).count_ones()
                }),
            }
        })
    })
}

fn check_losses(system: &System, brute: &Brute<'_>, found: &Operations) {
    assert_eq!(found.zone_losses.len(), brute.zones.len());
    for (loss, zone) in found.zone_losses.iter().zip(&brute.zones) {
        let left = brute.all & !zone;
        assert_eq!(loss.nodes_left, left.count_ones() as usize, "{system:#?}");
        for kind in Kind::BOTH {
            assert_eq!(*loss.alive.of(kind), brute.holds(kind, left), "{system:#?}");
            assert_eq!(loss.resilience.of(kind).value(), brute.resilience(kind, left), "{system:#?}");
        }
        for answer in &loss.failure_probability {
            let p = answer.node_failure_probability.map_or(0.0, Probability::get);
            let alone = |live: u32, node: u32| if live >> node & 1 == 1 { 1.0 - p } else { p };
            let works =
                |live: u32| (0..32).filter(|node| left >> node & 1 == 1).map(|node| alone(live, node)).product::<f64>();
            for (kind, value) in [(Kind::Read, answer.read), (Kind::Write, answer.write)] {
                let fails = (0..=brute.all).filter(|live| live & !left == 0 && !brute.holds(kind, *live));
                let fails: f64 = fails.map(works).sum();
                let value = value.and_then(Scaled::to_f64).unwrap_or(f64::NAN);
                assert!((value - fails).abs() < 1e-12, "{value} {fails} {system:#?}");
            }
        }
    }
    for answer in &found.zones_and_nodes {
        assert_eq!(answer.nodes, brute.after_zones(answer.zones), "{} zones {system:#?}", answer.zones);
    }
}

fn check_splits(system: &System, brute: &Brute<'_>, found: &Operations) {
    let all = match &found.splits {
        Splits::All(all) => all,
        Splits::NodeOutside { node } => return assert_eq!(system.nodes()[node.index()].zone, None),
        other => panic!("{other:?}"),
    };
    assert_eq!(all.len(), (1usize << brute.zones.len().saturating_sub(1)) - 1);
    let ids = places(system);
    for split in all {
        assert!(!split.side.contains(&ids[0]));
        let bits = |zone| brute.zones[ids.binary_search(zone).expect("a zone")];
        let side = split.side.iter().map(bits).fold(0, |side, zone| side | zone);
        for kind in Kind::BOTH {
            let expected = match (brute.holds(kind, side), brute.holds(kind, brute.all & !side)) {
                (true, true) => Side::Both,
                (true, false) => Side::Side,
                (false, true) => Side::Rest,
                (false, false) => Side::Neither,
            };
            assert_eq!(*split.who.of(kind), expected, "{system:#?}");
        }
    }
}

fn check_overlap(system: &System, brute: &Brute<'_>, found: &Operations) {
    let (reads, writes) = (brute.minimal(Kind::Read), brute.minimal(Kind::Write));
    let nodes = writes.iter().map(|quorum| quorum.count_ones() as usize).min();
    assert_eq!(found.durability.nodes, nodes, "{system:#?}");
    let fewest = writes.iter().map(|quorum| brute.zones_of(*quorum)).min().filter(|_| !brute.zones.is_empty());
    assert_eq!(found.durability.zones, fewest, "{system:#?}");
    let write = found.durability.write.as_ref().expect("a write quorum");
    assert!(system.formula(Kind::Write).holds(write) && Some(write.len()) == found.durability.nodes);

    let smallest = reads.iter().flat_map(|r| writes.iter().map(move |w| (r & w).count_ones() as usize)).min();
    assert_eq!(found.overlap.smallest_nodes, smallest, "{system:#?}");
    assert_eq!(found.overlap.holds, smallest.map(|smallest| smallest >= found.overlap.required), "{system:#?}");
    if found.overlap.holds == Some(false) {
        let [read, write] = found.overlap.witness.as_ref().expect("a pair");
        assert!(system.formula(Kind::Read).holds(read) && system.formula(Kind::Write).holds(write));
        assert!(read.overlap(write) < found.overlap.required, "{system:#?}");
    }
}

fn check_liars(system: &System, brute: &Brute<'_>, found: &Operations) {
    let (reads, writes) = (brute.minimal(Kind::Read), brute.minimal(Kind::Write));
    let resilience = brute.resilience(Kind::Read, brute.all).min(brute.resilience(Kind::Write, brute.all));
    let liars = found.byzantine.tolerate.expect("a demand");
    for lies in &found.byzantine.each {
        let shown = format!("{:?} {liars} {system:#?}", lies.kind);
        let stands = |liars: &usize| is_consistent(lies.kind, *liars as u32, (&reads, &writes), brute.all);
        let most = (0..=system.nodes().len()).take_while(stands).last();
        assert_eq!((lies.consistency, lies.is_none), (most, most.is_none()), "{shown}");
        assert_eq!(lies.availability, resilience, "{shown}");
        let holds = most.is_some_and(|most| most >= liars) && resilience.is_some_and(|most| most >= liars);
        assert_eq!(lies.holds, Some(holds), "{shown}");
        if holds {
            assert_eq!(lies.witness, None);
            continue;
        }
        let witness = lies.witness.as_ref().expect("liars");
        assert!(witness.faulty.len() <= liars);
        let Some([read, write]) = &witness.quorums else {
            let all = (0..system.nodes().len()).map(NodeId::new);
            let left = all.filter(|node| !witness.faulty.contains(*node)).collect();
            assert!(Kind::BOTH.iter().any(|kind| !system.formula(*kind).holds(&left)), "{shown}");
            continue;
        };
        let bits = |set: &NodeSet| set.iter().fold(0u32, |bits, node| bits | 1 << node.index());
        let (read, write) = (bits(read), bits(write));
        assert!(reads.contains(&read) && writes.contains(&write), "{shown}");
        assert!(!is_consistent(lies.kind, liars as u32, (&[read], &[write]), brute.all), "{shown}");
    }
}

#[test]
fn answers_for_operators_are_those_of_everything_that_can_happen() {
    let mut draws = Draws(ChaCha8Rng::seed_from_u64(16));
    let (mut weighted, mut failing, mut opaque, mut zoned) = (0, 0, 0, 0);
    for _ in 0..400 {
        let system = drawn(&mut draws);
        let brute = Brute::of(&system);
        let kind = Lying::ALL[draws.below(3)];
        let byzantine = Some((draws.below(3), Some(kind)));
        let demands = Demands { min_overlap: Some(1 + draws.below(3)), byzantine, ..Demands::default() };
        let found = analyze(&system, &Options { demands, ..Options::default() }).operations;
        check_losses(&system, &brute, &found);
        check_splits(&system, &brute, &found);
        check_overlap(&system, &brute, &found);
        check_liars(&system, &brute, &found);
        let of = |kind: Lying| found.byzantine.each.iter().find(|lies| lies.kind == kind).expect("all kinds");
        let both = found.overlap.holds.zip(of(kind).holds).map(|(overlap, liars)| overlap && liars);
        assert_eq!(found.demands_hold(demands), both);
        weighted += usize::from(found.overlap.smallest_votes.is_some());
        failing += usize::from(found.overlap.holds == Some(false));
        opaque += usize::from(of(Lying::Opaque).consistency > Some(0));
        zoned += found.zones_and_nodes.len();
    }
    assert!(weighted > 50 && failing > 50 && opaque > 4 && zoned > 300, "{weighted} {failing} {opaque} {zoned}");
}

#[test]
fn a_thousand_nodes_in_thirty_zones_are_answered_whole() {
    let zones: String = (0..30)
        .map(|zone| {
            let nodes: Vec<String> =
                (0..1000).filter(|node| node % 30 == zone).map(|node| format!("\"n{}\"", node + 1)).collect();
            format!("[[zone]]\nname = \"z{zone}\"\nnodes = [{}]\n", nodes.join(", "))
        })
        .collect();
    let text = format!("name = \"large\"\n[system]\nfamily = \"majority\"\nn = 1000\n{zones}");
    let system = quorate::spec::read("large.toml", text.as_bytes()).expect("a definition");
    let found = analyze(&system, &Options::default()).operations;
    // Ten zones of 34 nodes, twenty of 33; 501 are needed.
    assert_eq!(found.zone_losses.len(), 30);
    assert_eq!(found.zone_losses[0].nodes_left, 966);
    assert_eq!(found.zone_losses[0].resilience.reads.value(), Some(966 - 501));
    let last = found.zones_and_nodes.last().expect("answers");
    assert_eq!((last.zones, last.nodes), (15, Nodes::Stopped));
    assert_eq!(found.zones_and_nodes[14].nodes, Nodes::Survives(1000 - 340 - 4 * 33 - 501));
    assert_eq!((found.durability.nodes, found.durability.zones), (Some(501), Some(15)));
    assert_eq!((found.overlap.smallest_nodes, found.overlap.smallest_votes), (Some(2), Some(2)));
    assert_eq!(found.splits, Splits::TooMany { zones: 30 });
    assert!(found.zone_losses.iter().all(|loss| loss.failure_probability.iter().all(|answer| answer.read.is_some())));
}

/// A formula in which every node stands once, and zones that are its groups, parts of them, several of them, or anything.
fn read_once(draws: &mut Draws) -> System {
    let groups = 2 + draws.below(3);
    let (mut parts, mut group_of) = (Vec::new(), Vec::new());
    for group in 0..groups {
        let first = group_of.len() + 1;
        let members: Vec<String> = (0..1 + draws.below(3)).map(|at| format!("n{}", first + at)).collect();
        group_of.resize(group_of.len() + members.len(), group);
        let votes: Vec<usize> = members.iter().map(|_| 1 + draws.below(3)).collect();
        let each: Vec<String> = members.iter().zip(&votes).map(|(name, votes)| format!("{name}={votes}")).collect();
        let quota = 1 + draws.below(votes.iter().sum());
        parts.push(format!("weighted({quota}, {})", each.join(", ")));
    }
    let reads = format!("choose({}, {})", 1 + draws.below(groups), parts.join(", "));
    let (way, zones) = (draws.below(4), 1 + draws.below(4));
    let mut text = format!("name = 'x'\n[system]\nfamily = 'custom'\nreads = '{reads}'\n");
    (0..4).for_each(|zone| text.push_str(&format!("[[zone]]\nname = 'z{zone}'\n")));
    for (at, group) in group_of.iter().enumerate() {
        let zone = match way {
            0 => *group,
            1 => group / 2,
            2 => draws.below(zones),
            _ => (group + draws.below(2)).min(3),
        };
        if draws.below(8) > 0 {
            text.push_str(&format!("[[node]]\nname = 'n{}'\nzone = 'z{zone}'\n", at + 1));
        }
    }
    quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

#[test]
fn the_worst_zones_of_read_once_systems_are_the_worst() {
    let mut draws = Draws(ChaCha8Rng::seed_from_u64(30));
    for _ in 0..400 {
        let system = read_once(&mut draws);
        let brute = Brute::of(&system);
        for answer in quorate::operations::zones_and_nodes(&system, Default::default()) {
            assert_eq!(answer.nodes, brute.after_zones(answer.zones), "{} zones of {system:#?}", answer.zones);
        }
    }
}

/// Votes, and hierarchies whose groups are zones or stand in zones together, are answered to the end as well.
#[test]
fn a_thousand_nodes_of_other_families_are_answered_whole() {
    let votes: Vec<usize> = (0..1000).map(|node| 1 + node * 7 % 11).collect();
    let total: usize = votes.iter().sum();
    for (family, zone_of) in [
        (
            format!("family = 'weighted'\nvotes = {votes:?}\nquota = {}\n", total / 2 + 1),
            (|node| node % 30) as fn(usize) -> usize,
        ),
        ("family = 'hierarchical'\nbranching = [30, 33]\nquorum = [16, 17]\n".to_owned(), |node| node / 33),
        ("family = 'hierarchical'\nbranching = [10, 100]\nquorum = [6, 51]\n".to_owned(), |node| {
            node / 100 * 3 + node % 3
        }),
        ("family = 'hierarchical'\nbranching = [60, 16]\nquorum = [31, 9]\n".to_owned(), |node| node / 32),
    ] {
        let mut text = format!("name = 'large'\n[system]\n{family}");
        (0..30).for_each(|zone| text.push_str(&format!("[[zone]]\nname = 'z{zone}'\n")));
        let nodes = match family.split("branching = [").nth(1) {
            Some("30, 33]\nquorum = [16, 17]\n") => 990,
            Some("60, 16]\nquorum = [31, 9]\n") => 960,
            _ => 1000,
        };
        (0..nodes).for_each(|node| {
            text.push_str(&format!("[[node]]\nname = 'n{}'\nzone = 'z{}'\n", node + 1, zone_of(node)));
        });
        let system = quorate::spec::read("large.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"));
        let answers = quorate::operations::zones_and_nodes(&system, Default::default());
        assert_eq!(answers.last().map(|last| last.nodes), Some(Nodes::Stopped), "{family}");
        let count = |answer: &quorate::operations::ZonesAndNodes| match answer.nodes {
            Nodes::Survives(nodes) => nodes,
            _ => 0,
        };
        assert!(answers.windows(2).all(|pair| count(&pair[0]) >= count(&pair[1])), "{family}");
        if family.contains("33") {
            // Of thirty groups of which sixteen count, fifteen can be lost; of each, seventeen nodes.
            assert_eq!((count(&answers[0]), count(&answers[14]), answers.len()), (15 * 17 - 1, 16, 16));
        }
    }
}
