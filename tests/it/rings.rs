//! Rings: against every state of nodes and zones, with tokens, walks and quorums written once more; and against closed forms.

use quorate::analysis::{Analysis, Options, analyze};
use quorate::availability::{RangeChance, RangeEvent};
use quorate::model::{Kind, NodeId, System};
use quorate::number::Scaled;

use crate::random::Random;
use crate::support::program::analyzed;
use crate::support::systems::close;

/// A ring as its definition says it, and what it is by hand.
struct Drawn {
    text: String,
    node_p: Vec<f64>,
    zone_p: Vec<f64>,
    zone_of: Vec<usize>,
    /// The replicas of each range by group, and the share of the keys in it.
    ranges: Vec<(Vec<Vec<usize>>, f64)>,
    read: Needed,
    write: Needed,
}

/// So many of all replicas, or so many of each group.
#[derive(Clone)]
enum Needed {
    Any(usize),
    Each(Vec<usize>),
}

impl Needed {
    fn has(&self, groups: &[Vec<usize>], is_up: &dyn Fn(usize) -> bool) -> bool {
        let up = |group: &Vec<usize>| group.iter().filter(|node| is_up(**node)).count();
        match self {
            Needed::Any(needed) => groups.iter().map(up).sum::<usize>() >= *needed,
            Needed::Each(each) => groups.iter().zip(each).all(|(group, needed)| up(group) >= *needed),
        }
    }

    fn toml(&self) -> String {
        match self {
            Needed::Any(needed) => needed.to_string(),
            Needed::Each(each) => {
                let of = |(zone, needed): (usize, &usize)| format!("z{zone} = {needed}");
                format!("{{ {} }}", each.iter().enumerate().map(of).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Up to seven nodes in up to three zones, with tokens that are given, replicas by zone or not, spread over zones or not.
fn drawn(random: &mut Random) -> Drawn {
    let zones = 1 + random.below(3) as usize;
    let nodes = zones.max(2) + random.below(4) as usize + 1;
    let zone_of: Vec<usize> =
        (0..nodes).map(|node| if node < zones { node } else { random.below(zones as u64) as usize }).collect();
    let members = |zone: usize| zone_of.iter().filter(|own| **own == zone).count();
    let by_zone = random.below(2) == 0;
    let is_spread = random.below(2) == 0;
    let replicas: Vec<usize> = if by_zone {
        (0..zones).map(|zone| 1 + random.below(members(zone).min(3) as u64) as usize).collect()
    } else {
        vec![1 + random.below(nodes.min(4) as u64) as usize]
    };
    let needed = |random: &mut Random| {
        if by_zone && random.below(2) == 0 {
            Needed::Each(replicas.iter().map(|replicas| 1 + random.below(*replicas as u64) as usize).collect())
        } else {
            Needed::Any(1 + random.below(replicas.iter().sum::<usize>() as u64) as usize)
        }
    };
    let (read, write) = (needed(random), needed(random));
    // Different tokens of both signs, at times several of a node.
    let mut all: Vec<(i64, usize)> = Vec::new();
    for node in 0..nodes {
        for _ in 0..=random.below(3) {
            all.push(((random.below(1 << 20) as i64 - (1 << 19)) * 8 + all.len() as i64, node));
        }
    }
    all.sort_unstable();
    all.dedup_by_key(|(token, _)| *token);
    let own = |node: usize| {
        all.iter().filter(|(_, own)| *own == node).map(|(token, _)| token.to_string()).collect::<Vec<_>>()
    };
    if (0..nodes).any(|node| own(node).is_empty()) {
        return drawn(random);
    }
    let tokens: Vec<String> = (0..nodes).map(|node| format!("[{}]", own(node).join(", "))).collect();
    let given = if by_zone { Needed::Each(replicas.clone()).toml() } else { replicas[0].to_string() };
    let mut text = format!(
        "name = 'x'\n[system]\nfamily = 'ring'\nn = {nodes}\nreplicas = {given}\nread = {}\nwrite = {}\ntokens = [{}]\n{}",
        read.toml(),
        write.toml(),
        tokens.join(", "),
        if is_spread { "spread = 'zone'\n" } else { "" }
    );
    let zone_p: Vec<f64> = (0..zones).map(|_| random.below(3) as f64 / 8.0).collect();
    let node_p: Vec<f64> = (0..nodes).map(|_| random.below(4) as f64 / 8.0).collect();
    for (zone, p) in zone_p.iter().enumerate() {
        text.push_str(&format!("[[zone]]\nname = 'z{zone}'\nfailure_probability = {p}\n"));
    }
    for (node, p) in node_p.iter().enumerate() {
        text.push_str(&format!(
            "[[node]]\nname = 'n{}'\nzone = 'z{}'\nfailure_probability = {p}\n",
            node + 1,
            zone_of[node]
        ));
    }
    let group_of: Vec<usize> = (0..nodes).map(|node| if by_zone { zone_of[node] } else { 0 }).collect();
    let ranges = ranges(&all, &replicas, &group_of, is_spread.then_some(&zone_of[..]));
    Drawn { text, node_p, zone_p, zone_of, ranges, read, write }
}

/// The replicas of the range that ends at each token: walk on, take what is new; where replicas are spread, a zone for the second time only
/// where there are more replicas than zones.
fn ranges(
    all: &[(i64, usize)],
    replicas: &[usize],
    group_of: &[usize],
    zone_of: Option<&[usize]>,
) -> Vec<(Vec<Vec<usize>>, f64)> {
    let count = all.len();
    let range = |at: usize| {
        let mut groups = vec![Vec::new(); replicas.len()];
        for (group, chosen) in groups.iter_mut().enumerate() {
            let mut zones: Vec<usize> = (0..group_of.len())
                .filter(|node| group_of[*node] == group)
                .map(|node| zone_of.map_or(0, |of| of[node]))
                .collect();
            zones.sort_unstable();
            zones.dedup();
            let mut again = replicas[group].saturating_sub(zones.len());
            for step in 0..count {
                let node = all[(at + step) % count].1;
                if group_of[node] != group || chosen.contains(&node) || chosen.len() == replicas[group] {
                    continue;
                }
                let is_new = zone_of.is_none_or(|of| chosen.iter().all(|other: &usize| of[*other] != of[node]));
                if is_new || again > 0 {
                    again -= usize::from(!is_new);
                    chosen.push(node);
                }
            }
        }
        let width = all[at].0.wrapping_sub(all[(at + count - 1) % count].0) as u64;
        let keys = if count == 1 { 1.0 } else { width as f64 / 2f64.powi(64) };
        (groups, keys)
    };
    (0..count).map(range).collect()
}

impl Drawn {
    /// All states of nodes and zones with their probabilities: who is up.
    fn states(&self) -> Vec<(f64, Vec<bool>)> {
        let (nodes, zones) = (self.node_p.len(), self.zone_p.len());
        let state = |state: usize| {
            let down = |at: usize| state >> at & 1 == 1;
            let p = self.node_p.iter().chain(&self.zone_p).enumerate();
            let weight: f64 = p.map(|(at, p)| if down(at) { *p } else { 1.0 - p }).product();
            let up = (0..nodes).map(|node| !down(node) && !down(nodes + self.zone_of[node])).collect();
            (weight, up)
        };
        (0..1 << (nodes + zones)).map(state).filter(|(weight, _)| *weight > 0.0).collect()
    }

    /// Whether each event happens to a range.
    fn events(&self, groups: &[Vec<usize>], up: &[bool]) -> [bool; 4] {
        let is_up = |node: usize| up[node];
        let all = groups.concat();
        let down = |node: usize| !up[node];
        [
            !self.read.has(groups, &is_up),
            !self.write.has(groups, &is_up),
            all.iter().all(|node| down(*node)),
            self.write.has(groups, &down),
        ]
    }
}

fn answer(text: &str) -> (System, Analysis) {
    let system = quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let analysis = analyze(&system, &Options::default());
    (system, analysis)
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!(close(found, expected, 1e-11) || (found - expected).abs() < 1e-300, "{found} is not {expected}");
}

fn number(value: Option<Scaled>) -> f64 {
    value.and_then(Scaled::to_f64).expect("a number")
}

#[test]
fn probabilities_and_expectations_are_those_of_all_states() {
    let mut random = Random::new(29);
    let mut seen = [0; 4];
    for _ in 0..150 {
        let drawn = drawn(&mut random);
        let (_, analysis) = answer(&drawn.text);
        let (mut some, mut ranges, mut keys) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        for (weight, up) in drawn.states() {
            let each: Vec<[bool; 4]> = drawn.ranges.iter().map(|(groups, _)| drawn.events(groups, &up)).collect();
            for (event, seen) in seen.iter_mut().enumerate() {
                let hit = each.iter().filter(|events| events[event]).count();
                some[event] += if hit > 0 { weight } else { 0.0 };
                ranges[event] += weight * hit as f64 / each.len() as f64;
                let hits = each.iter().zip(&drawn.ranges).filter(|(events, _)| events[event]);
                keys[event] += weight * hits.map(|(_, range)| range.1).sum::<f64>();
                *seen += usize::from(hit > 0);
            }
        }
        let row = &analysis.failure_probability[0];
        near(number(row.read), some[0]);
        near(number(row.write), some[1]);
        let found = analysis.reliability.ring.as_ref().expect("a ring").chances[0].as_ref().expect("few zones");
        assert_eq!(found.each.iter().map(|chance| chance.event).collect::<Vec<_>>(), RangeEvent::ALL);
        for (event, RangeChance { some: found, ranges: of_ranges, keys: of_keys, .. }) in found.each.iter().enumerate()
        {
            near(number(*found), some[event]);
            near(number(Some(*of_ranges)), ranges[event]);
            near(number(Some(*of_keys)), keys[event]);
        }
    }
    assert!(seen.iter().all(|seen| *seen > 1_000), "{seen:?}");
}

/// Sets of nodes as bits.
fn subsets(nodes: usize) -> impl Iterator<Item = Vec<bool>> {
    (0..1usize << nodes).map(move |set| (0..nodes).map(|node| set >> node & 1 == 1).collect())
}

#[test]
fn what_is_survived_is_that_of_all_losses() {
    let mut random = Random::new(31);
    let (mut meet, mut miss) = (0, 0);
    for _ in 0..80 {
        let drawn = drawn(&mut random);
        let (system, analysis) = answer(&drawn.text);
        let nodes = drawn.node_p.len();
        for (kind, needed) in [(Kind::Read, &drawn.read), (Kind::Write, &drawn.write)] {
            let stops = |up: &Vec<bool>| drawn.ranges.iter().any(|(groups, _)| !needed.has(groups, &|node| up[node]));
            let fewest = subsets(nodes).filter(stops).map(|up| up.iter().filter(|up| !**up).count()).min();
            let found = analysis.resilience.of(kind);
            assert_eq!(found.value().map(|value| value + 1), fewest, "{}", drawn.text);
            let lost = found.transversal.clone().expect("it was found");
            assert!(stops(&(0..nodes).map(|node| !lost.contains(NodeId::new(node))).collect()));
            // The formula holds where every range has a quorum.
            for up in subsets(nodes) {
                let live = (0..nodes).filter(|node| up[*node]).map(NodeId::new).collect();
                assert_eq!(system.formula(kind).holds(&live), !stops(&up));
            }
            let zones = drawn.zone_p.len();
            let loses = |set: &Vec<bool>| stops(&drawn.zone_of.iter().map(|zone| !set[*zone]).collect());
            let fewest = subsets(zones).filter(loses).map(|set| set.iter().filter(|lost| **lost).count()).min();
            let found = analysis.reliability.zones[0].survival.of(kind).value(zones);
            assert_eq!(found, Some(fewest.map_or(zones, |fewest| fewest - 1)), "{}", drawn.text);
        }
        // Quorums of one range, and what they share.
        let quorums = |needed: &Needed, groups: &[Vec<usize>]| -> Vec<Vec<bool>> {
            let inside = groups.concat();
            subsets(nodes)
                .filter(|set| (0..nodes).all(|node| !set[node] || inside.contains(&node)))
                .filter(|set| needed.has(groups, &|node| set[node]))
                .collect()
        };
        let mut least = usize::MAX;
        let mut fewest_zones = usize::MAX;
        for (groups, _) in &drawn.ranges {
            let writes = quorums(&drawn.write, groups);
            for read in quorums(&drawn.read, groups) {
                let shared =
                    |write: &Vec<bool>| read.iter().zip(write).filter(|(read, write)| **read && **write).count();
                least = least.min(writes.iter().map(shared).min().unwrap_or(usize::MAX));
            }
            for write in &writes {
                let mut zones: Vec<usize> =
                    (0..nodes).filter(|node| write[*node]).map(|node| drawn.zone_of[node]).collect();
                zones.sort_unstable();
                zones.dedup();
                fewest_zones = fewest_zones.min(zones.len());
            }
        }
        assert_eq!(analysis.intersections.read_write.smallest, Some(least), "{}", drawn.text);
        assert_eq!(analysis.operations.durability.zones, Some(fewest_zones), "{}", drawn.text);
        assert_eq!(analysis.operations.overlap.smallest_nodes, Some(least));
        if least == 0 { miss += 1 } else { meet += 1 }
    }
    assert!(meet > 10 && miss > 10, "{meet} {miss}");
}

/// A ring in which a range is lost when k nodes in a row are: a circular consecutive-k-out-of-n:F system, whose number of states without k
/// failures in a row is a sum of binomial coefficients (Hwang, 1982, for k = 2: Lucas numbers at p = 1/2).
#[test]
fn evenly_spaced_tokens_are_a_consecutive_system() {
    for (n, lucas) in [(3, 4.0), (4, 7.0), (5, 11.0), (6, 18.0), (12, 322.0)] {
        let text = format!(
            "name = 'x'\n[system]\nfamily = 'ring'\nn = {n}\nreplicas = 2\nread = 1\nwrite = 2\n[nodes]\nfailure_probability = 0.5\n"
        );
        let (_, analysis) = answer(&text);
        // States without two neighbours that have failed.
        near(number(analysis.failure_probability[0].read), 1.0 - lucas / 2f64.powi(n));
        near(number(analysis.failure_probability[0].write), 1.0 - 0.5f64.powi(n));
    }
}

#[test]
fn zones_and_nodes_are_the_worst_of_all() {
    let mut random = Random::new(37);
    for _ in 0..60 {
        let drawn = drawn(&mut random);
        let (_, analysis) = answer(&drawn.text);
        let (nodes, zones) = (drawn.node_p.len(), drawn.zone_p.len());
        for row in &analysis.operations.zones_and_nodes {
            let stops = |up: &Vec<bool>| {
                let is_up = |node: usize| up[node];
                let missing = |needed: &Needed| drawn.ranges.iter().any(|(groups, _)| !needed.has(groups, &is_up));
                missing(&drawn.read) || missing(&drawn.write)
            };
            let chosen = subsets(zones).filter(|set| set.iter().filter(|lost| **lost).count() == row.zones);
            let fewest = chosen
                .flat_map(|lost| {
                    let zone_of = drawn.zone_of.clone();
                    subsets(nodes).map(move |set| {
                        let besides = (0..nodes).filter(|node| !set[*node] && !lost[zone_of[*node]]).count();
                        let up: Vec<bool> = (0..nodes).map(|node| set[node] && !lost[zone_of[node]]).collect();
                        (besides, up)
                    })
                })
                .filter(|(_, up)| stops(up))
                .map(|(besides, _)| besides)
                .min();
            let expected = match fewest {
                Some(0) => quorate::operations::Nodes::Stopped,
                Some(fewest) => quorate::operations::Nodes::Survives(fewest - 1),
                None => quorate::operations::Nodes::Survives(nodes),
            };
            assert_eq!(row.nodes, expected, "{}", drawn.text);
        }
    }
}

const CLUSTER: &str = "name = 'cluster'\n[system]\nfamily = 'ring'\nn = 12\nreplicas = 3\nread = 2\nwrite = 2\nspread = 'rack'\n\
    virtual_nodes = 4\nseed = 7\n[[zone]]\nname = 'r1'\nkind = 'rack'\nnodes = ['n1', 'n2', 'n3', 'n4']\n\
    [[zone]]\nname = 'r2'\nkind = 'rack'\nnodes = ['n5', 'n6', 'n7', 'n8']\n\
    [[zone]]\nname = 'r3'\nkind = 'rack'\nnodes = ['n9', 'n10', 'n11', 'n12']\n";

#[test]
fn a_ring_over_racks_survives_a_rack_and_what_has_failed_is_left_out() {
    let (json, status) = analyzed(CLUSTER, &[]).unwrap();
    assert_eq!(status, 0);
    let ring = &json["systems"][0]["ring"];
    assert_eq!(
        (ring["ranges"].as_u64(), ring["replicas"].as_u64(), ring["seed"].as_u64()),
        (Some(48), Some(3), Some(7))
    );
    for loss in ring["zone_losses"].as_array().expect("racks") {
        assert_eq!(loss["reads"]["ranges"], 0, "{loss}");
    }
    assert_eq!(json["systems"][0]["zones"][0]["resilience"], 1);
    assert_eq!(json["systems"][0]["optimum"][0]["value"], serde_json::Value::Null);
    let (json, status) = analyzed(CLUSTER, &["--failed", "r1,n5"]).unwrap();
    let ring = &json["systems"][0]["ring"];
    assert_eq!(status, 1);
    assert!(ring["now"]["reads"]["ranges"].as_u64().unwrap() > 0, "{ring}");
    assert_eq!(ring["now"]["lost"]["ranges"], 0);
    assert_eq!(ring["copysets"], serde_json::Value::Null);
}

#[test]
fn commands_about_one_system_refuse_a_ring() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ring.toml");
    std::fs::write(&file, CLUSTER).unwrap();
    let file = file.to_str().unwrap();
    for arguments in [
        &["simulate", file][..],
        &["verify", file],
        &["replication", file],
        &["transition", file, file],
        &["bench", file, "--seconds", "1"],
        &["serve", file, "--node", "n1", "--memory"],
    ] {
        let mut quorate = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"));
        let output = quorate.args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("is a ring, which is a system for each range of keys"), "{arguments:?}: {said}");
    }
}

#[test]
fn what_a_ring_cannot_be_is_refused_at_its_place() {
    let ring = |more: &str| {
        format!("name = 'x'\nzone = [{{ name = 'a', nodes = ['n1', 'n2'] }}]\n[system]\nfamily = 'ring'\nn = 4\n{more}")
    };
    for (more, said) in [
        ("replicas = 5\nread = 1\nwrite = 1\n", "must be at most 4"),
        ("replicas = 3\nread = 4\nwrite = 1\n", "must be at most 3"),
        ("replicas = 0\nread = 1\nwrite = 1\n", "must be at least 1"),
        ("replicas = { b = 1 }\nread = 1\nwrite = 1\n", "there is no zone"),
        ("replicas = { a = 3 }\nread = 1\nwrite = 1\n", "must be at most 2"),
        ("replicas = 2\nread = { a = 1 }\nwrite = 1\n", "no replicas in zone"),
        ("replicas = 2\nread = 1\nwrite = 1\nseed = 3\n", "means nothing here"),
        ("replicas = 2\nread = 1\nwrite = 1\ntokens = [1, 2, 3, 3]\n", "stands twice"),
        ("replicas = 2\nread = 1\nwrite = 1\ntokens = [1, 2]\n", "tokens of 2 nodes"),
        ("replicas = 2\nread = 1\nwrite = 1\ntokens = [1, 2, 3, 4]\nvirtual_nodes = 2\n", "together with"),
        ("replicas = 2\nread = 1\nwrite = 1\nspread = 'rack'\n", "no zones of the kind"),
        ("replicas = 2\nread = 1\nwrite = 1\nspread = 'zone'\n", "stands in no zone of the kind"),
        ("replicas = 2\nread = 1\nwrite = 1\nvirtual_nodes = 900000\n", "at most 1,000,000"),
        ("replicas = 2\nread = 1\nwrite = 1\n[[client]]\nname = 'c'\nnode = 'n1'\n", "means nothing here"),
        ("replicas = 2\nread = 1\nwrite = 1\n[nodes]\nbyzantine_probability = 0.1\n", "is not computed"),
    ] {
        let text = ring(more);
        let errors = quorate::spec::read("x.toml", text.as_bytes()).expect_err(more).to_string();
        assert!(errors.contains(said), "{more}: {errors}");
    }
}
