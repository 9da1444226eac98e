//! Clients and distances: small systems held against every set of nodes.

use quorate::analysis::{Options, analyze};
use quorate::model::{Kind, NodeId, NodeSet, Pair, System};
use quorate::operations::{ClientAnswers, clients, places};

use crate::random::Random;

/// A definition that was drawn, and the numbers that it was made of.
struct Drawn {
    text: String,
    /// The spot of each node: a zone, or the node alone, numbered after the zones.
    spots: Vec<usize>,
    zones: usize,
    /// Milliseconds between spots.
    far: Vec<Vec<u64>>,
    /// What each node adds.
    own: Vec<u64>,
    /// The spot, or the node, of each client; its weight and its tenths of reads.
    clients: Vec<(Result<usize, usize>, u64, u64)>,
    /// A node, or none for the best.
    leader: Option<Option<usize>>,
    reads: &'static str,
}

fn formula(random: &mut Random, n: u64) -> String {
    let some = |random: &mut Random| {
        let names: Vec<String> = (1..=n).filter(|_| random.below(3) > 0).map(|node| format!("n{node}")).collect();
        match names.len() as u64 {
            0 => "n1".to_owned(),
            count if random.below(2) == 0 => format!("choose({}, {})", 1 + random.below(count), names.join(", ")),
            count => {
                let votes: Vec<u64> = names.iter().map(|_| 1 + random.below(3)).collect();
                let quota = 1 + random.below(votes.iter().sum());
                let _ = count;
                let each: Vec<String> =
                    names.iter().zip(&votes).map(|(name, votes)| format!("{name}={votes}")).collect();
                format!("weighted({quota}, {})", each.join(", "))
            }
        }
    };
    let all: Vec<String> = (1..=n).map(|node| format!("n{node}")).collect();
    // Nodes stand in several parts, so that formulas are not read-once; in the first part, in their order.
    format!("{} + {}*{} + {}", all.join("*"), some(random), some(random), some(random))
}

fn drawn(random: &mut Random) -> Drawn {
    let (n, zones) = (2 + random.below(5), 1 + random.below(3) as usize);
    let mut text = format!("[system]\nfamily = 'custom'\nreads = '{}'\n", formula(random, n));
    if random.below(2) == 0 {
        text.push_str(&format!("writes = '{}'\n", formula(random, n)));
    }
    (0..zones).for_each(|zone| text.push_str(&format!("[[zone]]\nname = 'z{zone}'\n")));
    let (mut spots, mut own, mut count) = (Vec::new(), Vec::new(), zones);
    let mut names: Vec<String> = (0..zones).map(|zone| format!("z{zone}")).collect();
    for node in 1..=n {
        text.push_str(&format!("[[node]]\nname = 'n{node}'\n"));
        if random.below(5) > 0 {
            let zone = random.below(zones as u64) as usize;
            text.push_str(&format!("zone = 'z{zone}'\n"));
            spots.push(zone);
        } else {
            spots.push(count);
            names.push(format!("n{node}"));
            count += 1;
        }
        own.push(random.below(4));
        if own[own.len() - 1] > 0 {
            text.push_str(&format!("latency_ms = {}\n", own[own.len() - 1]));
        }
    }
    let mut far = vec![vec![0; count]; count];
    for a in 0..count {
        for b in a..count {
            let ms = random.below(60);
            if a == b && (a >= zones || random.below(2) == 0) {
                continue;
            }
            (far[a][b], far[b][a]) = (ms, ms);
            text.push_str(&format!("[[link]]\nbetween = ['{}', '{}']\nround_trip_ms = {ms}\n", names[a], names[b]));
        }
    }
    let clients = (0..1 + random.below(3))
        .map(|client| {
            let (weight, tenths) = (1 + random.below(3), random.below(10));
            let place = if random.below(2) == 0 {
                Ok(random.below(zones as u64) as usize)
            } else {
                Err(random.below(n) as usize)
            };
            let at = match place {
                Ok(zone) => format!("zone = 'z{zone}'"),
                Err(node) => format!("node = 'n{}'", node + 1),
            };
            text.push_str(&format!(
                "[[client]]\nname = 'c{client}'\n{at}\nweight = {weight}\nread_fraction = 0.{tenths}\n"
            ));
            (place, weight, tenths)
        })
        .collect();
    let leader = match random.below(3) {
        0 => None,
        1 => Some(None),
        _ => Some(Some(random.below(n) as usize)),
    };
    let reads = ["quorum", "leader", "direct"][random.below(3) as usize];
    if let Some(leader) = leader {
        let name = leader.map_or("best".to_owned(), |node| format!("n{}", node + 1));
        text.push_str(&format!("[consensus]\nleader = '{name}'\nreads = '{reads}'\n"));
    }
    Drawn { text: format!("name = 'x'\n{text}"), spots, zones, far, own, clients, leader, reads }
}

impl Drawn {
    fn time(&self, from: Result<usize, usize>, to: usize) -> u64 {
        match from {
            Err(node) if node == to => 0,
            Err(node) => self.far[self.spots[node]][self.spots[to]] + self.own[to],
            Ok(zone) => self.far[zone][self.spots[to]] + self.own[to],
        }
    }

    /// Nodes that are left.
    fn live(&self, lost: Option<usize>) -> Vec<usize> {
        (0..self.spots.len()).filter(|node| Some(self.spots[*node]) != lost).collect()
    }

    fn is_lost(&self, place: Result<usize, usize>, lost: Option<usize>) -> bool {
        let spot = match place {
            Ok(zone) => zone,
            Err(node) => self.spots[node],
        };
        Some(spot) == lost
    }

    /// The least largest time over all sets of nodes that are left and hold a quorum.
    fn fastest(&self, system: &System, kind: Kind, from: Result<usize, usize>, lost: Option<usize>) -> Option<u64> {
        let live = self.live(lost);
        let sets = 1..1u32 << live.len();
        let members = |set: u32| (0..live.len()).filter(move |at| set >> at & 1 == 1);
        let quorums = sets.filter(|set| {
            system.formula(kind).holds(&members(*set).map(|at| NodeId::new(live[at])).collect::<NodeSet>())
        });
        quorums.filter_map(|set| members(set).map(|at| self.time(from, live[at])).max()).min()
    }

    /// Every client's time of a write through a leader, of those that are left.
    fn writes(&self, system: &System, leader: usize, lost: Option<usize>) -> Option<Vec<(usize, u64)>> {
        let quorum = self.fastest(system, Kind::Write, Err(leader), lost)?;
        let left = (0..self.clients.len()).filter(|client| !self.is_lost(self.clients[*client].0, lost));
        Some(left.map(|client| (client, self.time(self.clients[client].0, leader) + quorum)).collect())
    }

    fn mean(&self, writes: &[(usize, u64)]) -> Option<f64> {
        let weight = |client: usize| self.clients[client].1 * (10 - self.clients[client].2);
        let total: u64 = writes.iter().map(|(client, _)| weight(*client)).sum();
        let sum: u64 = writes.iter().map(|(client, ms)| weight(*client) * ms).sum();
        (total > 0).then(|| sum as f64 / total as f64)
    }

    /// The node from which writes take the least time on the mean, then at worst, then the first.
    fn best(&self, system: &System, lost: Option<usize>) -> Option<usize> {
        let key = |leader: usize| {
            let writes = self.writes(system, leader, lost)?;
            Some((self.mean(&writes)?, writes.iter().map(|(_, ms)| *ms).max()?))
        };
        let all = self.live(lost).into_iter().filter_map(|leader| Some((key(leader)?, leader)));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        all.reduce(|best, other| {
            let (a, b) = (best.0, other.0);
            let is_better = !close(a.0, b.0) && b.0 < a.0 || close(a.0, b.0) && b.1 < a.1;
            if is_better { other } else { best }
        })
        .map(|(_, leader)| leader)
    }

    fn leader(&self, system: &System, first: usize, lost: Option<usize>) -> Option<usize> {
        if self.live(lost).contains(&first) { Some(first) } else { self.best(system, lost) }
    }

    fn latency(&self, system: &System, client: usize, lost: Option<usize>) -> Pair<Option<u64>> {
        let place = self.clients[client].0;
        if self.is_lost(place, lost) {
            return Pair { reads: None, writes: None };
        }
        let own = |kind: Kind| self.fastest(system, kind, place, lost);
        let Some(leader) = self.leader else {
            return Pair { reads: own(Kind::Read), writes: own(Kind::Write) };
        };
        let first = leader.or_else(|| self.best(system, None));
        let leader = first.and_then(|first| self.leader(system, first, lost));
        let there = |leader: usize| self.time(place, leader);
        let through = leader.and_then(|at| Some(there(at) + self.fastest(system, Kind::Write, Err(at), lost)?));
        let reads = match self.reads {
            "quorum" => through,
            "leader" => leader.map(there),
            _ => own(Kind::Read),
        };
        Pair { reads, writes: through }
    }
}

fn ms(value: Option<u64>) -> Option<f64> {
    value.map(|value| value as f64)
}

fn check(drawn: &Drawn) {
    let text = &drawn.text;
    let system = quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let answers: ClientAnswers = clients(&system, system.workload(), Default::default());
    assert_eq!(answers.exhausted, None);
    // Zones without nodes are zones, too.
    let losses: Vec<usize> = places(&system).iter().map(|zone| zone.index()).collect();
    assert_eq!(losses, (0..drawn.zones).collect::<Vec<_>>());
    for answer in &answers.each {
        let expected = |lost| {
            let latency = drawn.latency(&system, answer.client, lost);
            Pair { reads: ms(latency.reads), writes: ms(latency.writes) }
        };
        assert_eq!(answer.latency_ms, expected(None), "client {} of\n{text}", answer.client);
        for after in &answer.after {
            let lost = Some(after.zone.index());
            assert_eq!(after.latency_ms, expected(lost), "client {} without {lost:?} of\n{text}", answer.client);
        }
        if drawn.leader.is_none() {
            for kind in Kind::BOTH {
                let quorum = answer.quorum.of(kind).as_ref().expect("a quorum");
                let times = quorum.iter().map(|node| drawn.time(drawn.clients[answer.client].0, node.index()));
                assert_eq!(ms(times.max()), *answer.latency_ms.of(kind));
                assert!(system.formula(kind).holds(quorum));
                for node in quorum.iter() {
                    let less: NodeSet = quorum.iter().filter(|other| *other != node).collect();
                    assert!(!system.formula(kind).holds(&less), "a minimal quorum of\n{text}");
                }
            }
        }
    }
    let leaders = answers.leaders.expect("leaders");
    assert_eq!(leaders.len(), drawn.spots.len());
    assert_eq!(leaders.first().map(|best| best.node.index()), drawn.best(&system, None), "the best of\n{text}");
    for leader in &leaders {
        let node = leader.node.index();
        let writes = drawn.writes(&system, node, None).expect("all nodes are left");
        let close = |found: Option<f64>, expected: Option<f64>| match (found, expected) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-9, "{found} {expected}\n{text}"),
            (found, expected) => assert_eq!(found, expected, "node {node} of\n{text}"),
        };
        close(leader.mean_write_ms, drawn.mean(&writes));
        assert_eq!(leader.worst_write_ms, ms(writes.iter().map(|(_, ms)| *ms).max()));
        for after in &leader.after {
            let lost = Some(after.zone.index());
            let then = drawn.leader(&system, node, lost);
            assert_eq!(after.leader.map(NodeId::index), then, "after n{} without {lost:?} of\n{text}", node + 1);
            let writes = then.and_then(|then| drawn.writes(&system, then, lost));
            close(after.mean_write_ms, writes.and_then(|writes| drawn.mean(&writes)));
        }
    }
}

#[test]
fn small_systems_agree_with_every_set_of_nodes() {
    let mut random = Random::new(16);
    (0..400).for_each(|_| check(&drawn(&mut random)));
}

/// Fifty regions with four nodes each, a client in every one, all of them as leaders after each loss.
#[test]
fn fifty_regions() {
    let regions = 50;
    let mut text = String::from("name = 'x'\n[system]\nfamily = 'majority'\nn = 200\n");
    for at in 0..regions {
        let nodes: Vec<String> = (1..=4).map(|node| format!("'n{}'", 4 * at + node)).collect();
        text.push_str(&format!("[[zone]]\nname = 'r{at}'\nnodes = [{}]\n", nodes.join(", ")));
        text.push_str(&format!("[[client]]\nname = 'c{at}'\nzone = 'r{at}'\n"));
        for other in 0..at {
            let ms = 10 * (at - other);
            text.push_str(&format!("[[link]]\nbetween = ['r{at}', 'r{other}']\nround_trip_ms = {ms}\n"));
        }
    }
    let system = quorate::spec::read("x.toml", text.as_bytes()).expect("a definition");
    let answers = clients(&system, system.workload(), Default::default());
    assert_eq!(answers.exhausted, None);
    // On a line a majority is 25 regions away from its end, and 13 from its middle, of which 101 nodes are 25 regions and one node.
    assert_eq!(answers.each[0].latency_ms.reads, Some(250.0));
    assert_eq!(answers.each[25].latency_ms.writes, Some(130.0));
    let leaders = answers.leaders.expect("leaders");
    assert_eq!((leaders.len(), leaders[0].after.len()), (200, 50));
    let best = system.nodes()[leaders[0].node.index()].zone.map(quorate::model::ZoneId::index);
    assert_eq!(best, Some(24));
}

/// Where nobody could finish in time, nothing is said instead of something wrong.
#[test]
fn a_budget_that_ends_leaves_nothing_wrong() {
    let text = "name = 'x'\nclient = [{ name = 'c', zone = 'z' }]\nzone = [{ name = 'z', nodes = ['n1', 'n2', 'n3'] }]\n\
        [system]\nfamily = 'majority'\nn = 3\n";
    let system = quorate::spec::read("x.toml", text.as_bytes()).expect("a definition");
    let budget = quorate::budget::Budget { pass_steps: 30, ..Default::default() };
    let answers = clients(&system, system.workload(), budget);
    assert!(answers.exhausted.is_some() && answers.leaders.is_none());
    let analysis = analyze(&system, &Options::default());
    assert_eq!(analysis.operations.clients.each[0].latency_ms.reads, Some(0.0));
}
