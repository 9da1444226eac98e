//! Demands on reads and writes together, against all pairs of monotone functions of three and four nodes.

use quorate::analysis::{Options, analyze};
use quorate::families::custom::from_sets;
use quorate::model::{About, Capacity, Fraction, Kind, Lying, Node, Pair, Probability, System, Workload, Zone, ZoneId};
use quorate::operations::Demands;
use quorate::search::{Cluster, Query, SearchError, search};

use super::everything::{Everything, Table};
use super::{SAME, table_of};
use crate::random::Random;
use crate::support::systems::{close, set};
use crate::support::truth::monotone_tables;

fn minimal(table: Table, nodes: usize) -> Vec<u32> {
    let holds = |set: u32| table >> set & 1 == 1;
    (0..1u32 << nodes)
        .filter(|set| holds(*set) && (0..nodes).all(|node| set >> node & 1 == 0 || !holds(set & !(1 << node))))
        .collect()
}

/// Sets of `many` of these.
fn subsets(of: usize, many: usize) -> impl Iterator<Item = u32> {
    (0..1u32 << of).filter(move |set| set.count_ones() as usize == many)
}

/// Whether a pair meets the demands, word by word as they are defined.
fn meets(demands: &Demands, reads: Table, writes: Table, zones: &[Option<usize>]) -> bool {
    let nodes = zones.len();
    let all = (1u32 << nodes) - 1;
    let (r, w) = (minimal(reads, nodes), minimal(writes, nodes));
    let pairs = || r.iter().flat_map(|r| w.iter().map(move |w| (*r, *w)));
    let alive = |left: u32| reads >> left & 1 == 1 && writes >> left & 1 == 1;
    let overlap = demands.min_overlap.unwrap_or(1) as u32;
    if pairs().any(|(r, w)| (r & w).count_ones() < overlap) {
        return false;
    }
    if let Some((liars, kind)) = demands.byzantine {
        let b = liars as u32;
        let consistent = |(r, w): (u32, u32)| match kind.unwrap_or_default() {
            Lying::Dissemination => (r & w).count_ones() > b,
            Lying::Masking => (r & w).count_ones() > 2 * b,
            Lying::Opaque => subsets(nodes, liars).all(|faulty| {
                let honest = (r & w & !faulty).count_ones();
                honest >= (r & faulty | r & !w).count_ones() && honest > (r & faulty).count_ones()
            }),
        };
        if !pairs().all(consistent) || !subsets(nodes, liars).all(|lost| alive(all & !lost)) {
            return false;
        }
    }
    let in_zone =
        |zone: usize| (0..nodes).filter(|node| zones[*node] == Some(zone)).fold(0, |set, node| set | 1 << node);
    let known: Vec<usize> = (0..3).filter(|zone| in_zone(*zone) != 0).collect();
    if let Some(many) = demands.min_zone_resilience {
        let lost = |chosen: u32| {
            (0..known.len()).filter(|at| chosen >> at & 1 == 1).fold(0, |set, at| set | in_zone(known[at]))
        };
        if !subsets(known.len(), many.min(known.len())).all(|chosen| alive(all & !lost(chosen))) {
            return false;
        }
    }
    let spans = |set: u32| {
        let within = known.iter().filter(|zone| set & in_zone(**zone) != 0).count();
        within + (0..nodes).filter(|node| set >> node & 1 == 1 && zones[*node].is_none()).count()
    };
    demands.min_durability_zones.is_none_or(|many| w.iter().all(|w| spans(*w) >= many))
}

fn drawn(random: &mut Random, nodes: usize) -> (Cluster, Vec<Option<usize>>) {
    let zones: Vec<Option<usize>> =
        (0..nodes).map(|_| Some(random.below(4) as usize).filter(|zone| *zone < 3)).collect();
    let mut zones = zones;
    // Somebody stands in a zone.
    zones[0] = Some(0);
    let used: Vec<usize> = (0..3).filter(|zone| zones.contains(&Some(*zone))).collect();
    let node = |index: usize| Node {
        read_capacity: Capacity::new(1.0 + index as f64 * 0.7).expect("positive"),
        write_capacity: Capacity::new(2.0 / (1.0 + index as f64)).expect("positive"),
        zone: zones[index].and_then(|zone| used.iter().position(|own| *own == zone)).map(ZoneId::new),
        failure: Probability::new(0.05).ok(),
        ..Node::new(format!("n{index}"))
    };
    let cluster = Cluster {
        nodes: (0..nodes).map(node).collect(),
        zones: used.iter().map(|zone| Zone::new(format!("z{zone}"), Probability::ZERO)).collect(),
        workload: Workload::of(Fraction::new([0.3, 0.5, 0.9][random.below(3) as usize]).expect("a fraction")),
    };
    (cluster, zones)
}

fn demands(random: &mut Random) -> Demands {
    let mut demands = Demands::default();
    match random.below(6) {
        0 => demands.min_overlap = Some(2),
        1 => demands.min_overlap = Some(1 + random.below(3) as usize),
        2 => demands.byzantine = Some((1, [None, Some(Lying::Masking), Some(Lying::Opaque)][random.below(3) as usize])),
        3 => demands.min_zone_resilience = Some(1 + random.below(2) as usize),
        4 => demands.min_durability_zones = Some(2 + random.below(2) as usize),
        _ => {
            demands.min_overlap = Some(2);
            demands.min_zone_resilience = Some(random.below(2) as usize);
            demands.min_durability_zones = Some(1 + random.below(2) as usize);
        }
    }
    demands
}

fn hold_against_all_pairs(nodes: usize, rounds: usize, seed: u64) {
    let tables = monotone_tables(nodes);
    let mut random = Random::new(seed);
    let (mut found_some, mut found_none, mut not_dual) = (0, 0, 0);
    for round in 0..rounds {
        let (cluster, zones) = drawn(&mut random, nodes);
        let ask = Query { demands: demands(&mut random), top: 1, ..Query::default() };
        let everything = Everything::new(&cluster, &ask);
        let mut best: Option<f64> = None;
        for reads in &tables {
            for writes in &tables {
                if meets(&ask.demands, *reads, *writes, &zones)
                    && let Some(value) = everything.value(*reads, *writes)
                {
                    best = Some(best.map_or(value, |best| best.min(value)));
                }
            }
        }
        let found = search(&cluster, &ask, &|_| {}).expect("a question");
        assert!(found.is_complete(), "{round}: {found:?}");
        let winner = found.winners.first();
        assert_eq!(winner.is_some(), best.is_some(), "{round}: {:?} {zones:?}\n{found:?}", ask.demands);
        let Some((winner, best)) = winner.zip(best) else {
            found_none += 1;
            continue;
        };
        found_some += 1;
        assert!(close(winner.value, best, SAME), "{round}: {:?} {zones:?} {best}\n{winner:?}", ask.demands);
        let [reads, writes] = Kind::BOTH.map(|kind| table_of(winner.system.formula(kind), nodes));
        assert!(meets(&ask.demands, reads, writes, &zones), "{round}: {:?} {zones:?}\n{winner:?}", ask.demands);
        assert_eq!(winner.resilience, everything.resilience(reads, writes), "{round}: {winner:?}");
        not_dual += usize::from(super::everything::dual(reads, nodes) != writes);
    }
    assert!(found_some > rounds / 4 && found_none > 0 && not_dual > 2, "{found_some} {found_none} {not_dual}");
}

#[test]
fn demands_over_three_nodes_are_met_by_the_best_of_all_pairs() {
    hold_against_all_pairs(3, 60, 31);
}

#[test]
fn demands_over_four_nodes_are_met_by_the_best_of_all_pairs() {
    hold_against_all_pairs(4, 12, 41);
}

/// What `analyze` says of the same demands on zones, with witnesses.
#[test]
fn an_analysis_judges_zones_as_their_definitions_do() {
    let tables = monotone_tables(4);
    let mut random = Random::new(77);
    let mut broken = [0, 0];
    for round in 0..200 {
        let (cluster, zones) = drawn(&mut random, 4);
        let [reads, writes] = [0, 1].map(|_: usize| tables[random.below(tables.len() as u64) as usize]);
        let formula = |table: Table| {
            let quorums: Vec<_> = minimal(table, 4)
                .into_iter()
                .map(|quorum| set((0..4).filter(|node| quorum >> node & 1 == 1)))
                .collect();
            from_sets(&quorums).expect("not constant")
        };
        let bare = cluster.nodes.iter().map(|node| Node::new(node.name.as_str())).collect();
        let system = System::new(About::default(), bare, Pair { reads: formula(reads), writes: formula(writes) })
            .expect("a system");
        let system = system.with(cluster.nodes, cluster.zones, cluster.workload).expect("a system");
        let asked = Demands {
            min_zone_resilience: Some(random.below(3) as usize),
            min_durability_zones: Some(1 + random.below(3) as usize),
            ..Demands::default()
        };
        let answers = analyze(&system, &Options { demands: asked, ..Options::default() }).operations;
        let alone = |demands: Demands| {
            // Only what is asked about zones: these reads and writes need not meet.
            meets(&Demands { min_overlap: Some(0), ..demands }, reads, writes, &zones)
        };
        let resilience = alone(Demands { min_durability_zones: None, ..asked });
        let durability = alone(Demands { min_zone_resilience: None, ..asked });
        let (first, second) =
            (answers.zone_resilience.as_ref().expect("asked"), answers.zone_durability.as_ref().expect("asked"));
        assert_eq!((first.holds, second.holds), (Some(resilience), Some(durability)), "{round}: {asked:?} {zones:?}");
        assert_eq!(answers.demands_hold(asked), Some(resilience && durability));
        if !resilience {
            let lost: Vec<String> = first.zones.iter().map(|zone| system.zones()[zone.index()].name.clone()).collect();
            assert!(lost.len() <= asked.min_zone_resilience.unwrap_or(0) && !lost.is_empty());
            let left = quorate::structure::without(&system, &lost).expect("zones");
            assert!(Kind::BOTH.iter().any(|kind| !left.has_quorum(*kind)), "{lost:?}");
            broken[0] += 1;
        }
        if !durability {
            let write = second.write.as_ref().expect("a witness");
            assert!(system.formula(Kind::Write).holds(write));
            broken[1] += 1;
        }
    }
    assert!(broken.iter().all(|broken| *broken > 10), "{broken:?}");
}

fn alike(nodes: usize, zones: usize) -> Cluster {
    let node = |index: usize| Node { zone: Some(ZoneId::new(index % zones)), ..Node::new(format!("n{index}")) };
    Cluster {
        nodes: (0..nodes).map(node).collect(),
        zones: (0..zones).map(|zone| Zone::new(format!("z{zone}"), Probability::ZERO)).collect(),
        workload: Workload::default(),
    }
}

#[test]
fn two_zones_are_too_few_and_three_are_named() {
    let ask = Query { demands: Demands { min_zone_resilience: Some(1), ..Demands::default() }, ..Query::default() };
    let found = search(&alike(5, 2), &ask, &|_| {}).expect("a question");
    assert!(found.winners.is_empty() && found.is_complete());
    assert!(
        found.advice.as_deref().is_some_and(|advice| advice.contains("2 + 2 + 1 in 3 zones")),
        "{:?}",
        found.advice
    );
    assert_eq!(
        found.nearest.iter().map(|nearest| (&nearest.what[..], nearest.best)).collect::<Vec<_>>(),
        [("zone resilience", 0.0)]
    );
    let found = search(&alike(5, 3), &ask, &|_| {}).expect("a question");
    assert!(found.is_proven() && found.advice.is_none());
    let bare = Cluster { zones: Vec::new(), ..alike(3, 1) };
    let bare = Cluster { nodes: bare.nodes.iter().map(|node| Node { zone: None, ..node.clone() }).collect(), ..bare };
    assert!(matches!(search(&bare, &ask, &|_| {}), Err(SearchError::NoZones { .. })));
}

/// Sixteen nodes: thresholds that share three, with one node in common to all kinds of question.
#[test]
fn many_nodes_share_as_many_as_is_demanded() {
    let ask = Query { demands: Demands { min_overlap: Some(3), ..Demands::default() }, top: 1, ..Query::default() };
    let found = search(&alike(16, 4), &ask, &|_| {}).expect("a question");
    let winner = &found.winners[0];
    // A read of r votes and a write of 19 - r.
    let best = 19.0 / 32.0;
    assert!(winner.value <= best * (1.0 + SAME), "{winner:?}");
    let compiled = quorate::circuit::Compiled::new(&winner.system, quorate::budget::Budget::default());
    let meeting = quorate::structure::intersection::intersections(&compiled).read_write;
    assert!(meeting.smallest.is_some_and(|shared| shared >= 3), "{meeting:?}");
    // A majority of zones stays when any one is lost.
    let ask = Query {
        demands: Demands { min_zone_resilience: Some(1), min_durability_zones: Some(2), ..Demands::default() },
        top: 1,
        ..ask
    };
    let found = search(&alike(16, 4), &ask, &|_| {}).expect("a question");
    let demand =
        quorate::operations::zone_resilience_demand(&found.winners[0].system, 1, quorate::budget::Budget::default());
    assert_eq!(demand.holds, Some(true));
}
