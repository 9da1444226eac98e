//! Strategies of clients that share the nodes, held against the plain linear program over all quorums, in exact fractions.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};
use quorate::budget::Budget;
use quorate::circuit::Compiled;
use quorate::model::{Kind, NodeId, NodeSet, System};
use quorate::strategy::objective::{Infeasible, Objective};
use quorate::strategy::{ClientGoal, ClientLatency, ClientOptimum, client_strategies};

use crate::random::Random;
use crate::support::simplex::maximise;

/// A system that was drawn, in whole numbers.
struct Drawn {
    system: System,
    text: String,
    /// Milliseconds from each zone to each node.
    times: Vec<Vec<u64>>,
    /// Read and write capacity of each node.
    capacities: Vec<[u64; 2]>,
    /// The zone, weight and tenths of reads of each client.
    clients: Vec<(usize, u64, u64)>,
}

/// Operations of one kind of one client: which, how many of all, and at which times nodes answer.
struct Commodity<'a> {
    client: usize,
    kind: Kind,
    share: BigRational,
    times: &'a [u64],
    quorums: Vec<NodeSet>,
}

/// One of: the load, the mean latency, the worst latency.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Quantity {
    Load,
    Mean,
    Worst,
}

const QUANTITIES: [Quantity; 3] = [Quantity::Load, Quantity::Mean, Quantity::Worst];

fn whole(number: u64) -> BigRational {
    BigRational::from_integer(BigInt::from(number))
}

/// Any formula of few nodes: some gates that overlap.
fn formula(random: &mut Random, n: u64) -> String {
    let part = |random: &mut Random| {
        let mut names: Vec<String> = (1..=n).filter(|_| random.below(3) > 0).map(|node| format!("n{node}")).collect();
        if names.is_empty() {
            names.push("n1".to_owned());
        }
        let count = names.len() as u64;
        match random.below(3) {
            0 => {
                let votes: Vec<u64> = names.iter().map(|_| 1 + random.below(3)).collect();
                let quota = 1 + random.below(votes.iter().sum());
                let each: Vec<String> =
                    names.iter().zip(&votes).map(|(name, votes)| format!("{name}={votes}")).collect();
                format!("weighted({quota}, {})", each.join(", "))
            }
            _ => format!("choose({}, {})", 1 + random.below(count), names.join(", ")),
        }
    };
    match random.below(3) {
        0 => format!(
            "choose({}, {})",
            1 + random.below(n),
            (1..=n).map(|node| format!("n{node}")).collect::<Vec<_>>().join(", ")
        ),
        1 => format!("{} + {}*{}", part(random), part(random), part(random)),
        _ => format!("{}*({} + {})", part(random), part(random), part(random)),
    }
}

fn drawn(random: &mut Random) -> Drawn {
    let (n, zones) = (2 + random.below(4), 1 + random.below(3) as usize);
    let mut text = "name = 'drawn'\n[system]\nfamily = 'custom'\n".to_owned();
    // Nodes are numbered as they are met.
    let all: Vec<String> = (1..=n).map(|node| format!("n{node}")).collect();
    text.push_str(&format!("reads = '{} + {}'\n", all.join("*"), formula(random, n)));
    text.push_str(&format!("writes = '{}'\n", formula(random, n)));
    (0..zones).for_each(|zone| text.push_str(&format!("[[zone]]\nname = 'z{zone}'\n")));
    let mut far = vec![vec![0; zones]; zones];
    for pair in 0..zones * zones {
        let (a, b) = (pair / zones, pair % zones);
        if a > b {
            continue;
        }
        let ms = if a == b { random.below(5) } else { 5 + random.below(60) };
        (far[a][b], far[b][a]) = (ms, ms);
        text.push_str(&format!("[[link]]\nbetween = ['z{a}', 'z{b}']\nround_trip_ms = {ms}\n"));
    }
    let (mut times, mut capacities) = (vec![Vec::new(); zones], Vec::new());
    for node in 1..=n {
        let (zone, own) = (random.below(zones as u64) as usize, random.below(3));
        let capacity = [1 + random.below(4), 1 + random.below(4)];
        text.push_str(&format!("[[node]]\nname = 'n{node}'\nzone = 'z{zone}'\nlatency_ms = {own}\n"));
        text.push_str(&format!("read_capacity = {}\nwrite_capacity = {}\n", capacity[0], capacity[1]));
        (0..zones).for_each(|from| times[from].push(far[from][zone] + own));
        capacities.push(capacity);
    }
    let mut clients = Vec::new();
    for client in 0..1 + random.below(4) {
        let (zone, weight, reads) = (random.below(zones as u64) as usize, 1 + random.below(5), random.below(11));
        text.push_str(&format!("[[client]]\nname = 'c{client}'\nzone = 'z{zone}'\nweight = {weight}\n"));
        text.push_str(&format!("read_fraction = {}\n", reads as f64 / 10.0));
        clients.push((zone, weight, reads));
    }
    let system = quorate::spec::read("drawn.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    Drawn { system, text, times, capacities, clients }
}

impl Drawn {
    fn quorums(&self, kind: Kind) -> Vec<NodeSet> {
        let n = self.system.nodes().len();
        let set = |mask: u32| -> NodeSet { (0..n).filter(|node| mask >> node & 1 == 1).map(NodeId::new).collect() };
        let holds: Vec<bool> = (0..1u32 << n).map(|mask| self.system.formula(kind).holds(&set(mask))).collect();
        let is_minimal = |mask: &u32| {
            holds[*mask as usize] && (0..n).all(|node| mask >> node & 1 == 0 || !holds[(mask & !(1 << node)) as usize])
        };
        (0..1u32 << n).filter(is_minimal).map(set).collect()
    }

    fn commodities(&self) -> Vec<Commodity<'_>> {
        let total: u64 = self.clients.iter().map(|client| client.1).sum();
        let mut all = Vec::new();
        for (client, (zone, weight, tenths)) in self.clients.iter().enumerate() {
            for (kind, tenths) in [(Kind::Read, *tenths), (Kind::Write, 10 - tenths)] {
                if tenths > 0 {
                    let share = whole(weight * tenths) / whole(10 * total);
                    all.push(Commodity { client, kind, share, times: &self.times[*zone], quorums: self.quorums(kind) });
                }
            }
        }
        all
    }

    /// What it costs a node that a commodity uses it always.
    fn cost(&self, commodity: &Commodity<'_>, node: NodeId) -> BigRational {
        &commodity.share / whole(self.capacities[node.index()][commodity.kind as usize])
    }

    /// The least value of a quantity within limits on others, by the dual program over all quorums; the limits can be kept.
    fn least(&self, objective: Quantity, limits: &[(Quantity, BigRational)]) -> BigRational {
        let commodities = self.commodities();
        let (nodes, count) = (self.capacities.len(), commodities.len());
        // Potentials, prices of nodes, of the mean, of the worst.
        let columns = count + nodes + 1 + count;
        let range = |quantity: Quantity| match quantity {
            Quantity::Load => count..count + nodes,
            Quantity::Mean => count + nodes..count + nodes + 1,
            Quantity::Worst => count + nodes + 1..columns,
        };
        let (mut rows, mut right) = (Vec::new(), Vec::new());
        for (at, commodity) in commodities.iter().enumerate() {
            for quorum in &commodity.quorums {
                let mut row = vec![BigRational::zero(); columns];
                row[at] = BigRational::one();
                quorum.iter().for_each(|node| row[count + node.index()] = -self.cost(commodity, node));
                let time = whole(latency(commodity, quorum));
                row[count + nodes] = -(&commodity.share * &time);
                row[count + nodes + 1 + at] = -time;
                rows.push(row);
                right.push(BigRational::zero());
            }
        }
        let mut worth = vec![BigRational::zero(); columns];
        worth[..count].fill(BigRational::one());
        for quantity in QUANTITIES {
            let limit = limits.iter().find(|(limited, _)| *limited == quantity);
            if let Some((_, limit)) = limit {
                worth[range(quantity)].fill(-limit.clone());
                continue;
            }
            let mut row = vec![BigRational::zero(); columns];
            row[range(quantity)].fill(BigRational::one());
            rows.push(row);
            right.push(if quantity == objective { BigRational::one() } else { BigRational::zero() });
        }
        maximise(&rows, &right, &worth)
    }

    /// The answer by its definition: what the strategies reach, and what the prices prove.
    fn check(&self, best: &ClientOptimum, limits: &[(Quantity, f64)]) {
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-8 * (1.0 + one.abs());
        let (mut loads, mut mean, mut worst) = (vec![0.0; self.capacities.len()], 0.0, 0.0f64);
        let prices = &best.prices;
        let mut bound = 0.0;
        for commodity in self.commodities() {
            let own = &best.clients[commodity.client];
            let (share, choices) = (commodity.share.to_f64().unwrap(), own.strategy.of(commodity.kind));
            assert!(near(choices.iter().map(|choice| choice.probability).sum(), 1.0), "{}", self.text);
            let mut of_kind = 0.0;
            for choice in choices {
                assert!(self.system.formula(commodity.kind).holds(&choice.quorum));
                let time = latency(&commodity, &choice.quorum) as f64;
                of_kind += choice.probability * time;
                for node in choice.quorum.iter() {
                    loads[node.index()] += choice.probability * self.cost(&commodity, node).to_f64().unwrap();
                }
            }
            assert!(
                own.latency_ms.of(commodity.kind).is_some_and(|ms| near(ms, of_kind)),
                "{:?} {of_kind} {choices:?} {:?}\n{}",
                own.latency_ms,
                best.clients,
                self.text
            );
            (mean, worst) = (mean + share * of_kind, worst.max(of_kind));
            let of_ms = share * prices.mean + prices.clients[commodity.client].of(commodity.kind);
            let price = |quorum: &NodeSet| {
                let nodes = quorum
                    .iter()
                    .map(|node| prices.nodes[node.index()] * self.cost(&commodity, node).to_f64().unwrap());
                nodes.sum::<f64>() + of_ms * latency(&commodity, quorum) as f64
            };
            bound += commodity.quorums.iter().map(price).fold(f64::INFINITY, f64::min);
        }
        let load = loads.iter().copied().fold(0.0, f64::max);
        assert!(near(best.load, load) && near(best.mean_ms, mean) && near(best.worst_ms, worst), "{}", self.text);
        for (quantity, limit) in limits {
            let (value, price) = match quantity {
                Quantity::Load => (load, prices.nodes.iter().sum()),
                Quantity::Mean => (mean, prices.mean),
                Quantity::Worst => (worst, prices.clients.iter().map(|each| each.reads + each.writes).sum::<f64>()),
            };
            assert!(value <= limit * (1.0 + 1e-8) + 1e-12, "{quantity:?} {value} above {limit}\n{}", self.text);
            bound -= limit * price;
        }
        assert!(near(bound, best.lower_bound), "prices prove {bound}, not {}\n{}", best.lower_bound, self.text);
    }
}

fn latency(commodity: &Commodity<'_>, quorum: &NodeSet) -> u64 {
    quorum.iter().map(|node| commodity.times[node.index()]).max().expect("no quorum is empty")
}

fn goal(objective: Objective, latency: ClientLatency) -> ClientGoal {
    ClientGoal { objective, latency, load_max: None, latency_ms_max: None, leader: None, has_front: false }
}

fn ask(system: &System, goal: &ClientGoal) -> Result<ClientOptimum, Infeasible> {
    let compiled = Compiled::new(system, Budget::default());
    client_strategies(&compiled, system.workload(), goal).map(|found| found.expect("clients"))
}

/// The value is the one of the plain program; whether it was found in fractions.
#[track_caller]
fn compare(drawn: &Drawn, best: &ClientOptimum, expected: &BigRational) -> bool {
    let value = expected.to_f64().unwrap();
    let near = |bound: f64| (bound - value).abs() <= 2e-9 * value.max(1e-9);
    assert!(
        near(best.upper_bound) && near(best.lower_bound),
        "{value}, not {} to {}\n{}",
        best.lower_bound,
        best.upper_bound,
        drawn.text
    );
    assert!(best.certified, "{}", drawn.text);
    if let Some(exact) = &best.exact {
        assert_eq!(exact, expected, "{}", drawn.text);
    }
    best.exact.is_some()
}

/// The decimal of a limit between two values, a tenth of the way or so.
fn between(least: &BigRational, most: &BigRational, tenths: u64) -> f64 {
    let (least, most) = (least.to_f64().unwrap(), most.to_f64().unwrap());
    let limit = least + (most - least) * tenths as f64 / 10.0;
    // Above, as a short decimal.
    (limit * 1000.0).ceil() / 1000.0
}

fn fraction(limit: f64) -> BigRational {
    BigRational::new(BigInt::from((limit * 1000.0).round() as u64), BigInt::from(1000))
}

#[test]
fn strategies_of_clients_are_those_of_the_plain_program() {
    let mut random = Random::new(41);
    let (mut exact, mut asked) = (0, 0);
    for _ in 0..60 {
        let drawn = drawn(&mut random);
        let least_load = drawn.least(Quantity::Load, &[]);
        for (measure, latency) in [(Quantity::Mean, ClientLatency::Mean), (Quantity::Worst, ClientLatency::Worst)] {
            let fastest = drawn.least(measure, &[]);
            let plain = ask(&drawn.system, &goal(Objective::Latency, latency)).expect("a quorum");
            drawn.check(&plain, &[]);
            exact += usize::from(compare(&drawn, &plain, &fastest));
            // The load of the fastest: within it nothing is given up.
            let most_load = BigRational::from_float(plain.load).unwrap();
            let limit = between(&least_load, &most_load, random.below(11));
            let within = ClientGoal { load_max: Some(limit), ..goal(Objective::Latency, latency) };
            let best = ask(&drawn.system, &within).unwrap_or_else(|why| panic!("{why:?}\n{}", drawn.text));
            drawn.check(&best, &[(Quantity::Load, limit)]);
            exact += usize::from(compare(&drawn, &best, &drawn.least(measure, &[(Quantity::Load, fraction(limit))])));
            let most = BigRational::from_integer(BigInt::from(70));
            let limit = between(&fastest, &most, random.below(11));
            let within = ClientGoal { latency_ms_max: Some(limit), ..goal(Objective::Load, latency) };
            let best = ask(&drawn.system, &within).unwrap_or_else(|why| panic!("{why:?}\n{}", drawn.text));
            drawn.check(&best, &[(measure, limit)]);
            exact += usize::from(compare(&drawn, &best, &drawn.least(Quantity::Load, &[(measure, fraction(limit))])));
            asked += 3;
        }
    }
    assert!(exact * 10 > asked * 9, "only {exact} of {asked} in fractions");
}

/// At each corner and between any two neighbours nothing less is possible.
#[test]
fn the_front_is_the_least_latency_at_each_load() {
    let mut random = Random::new(43);
    let mut corners = 0;
    for round in 0..24 {
        let drawn = drawn(&mut random);
        let (quantity, latency) = if round % 2 == 0 {
            (Quantity::Mean, ClientLatency::Mean)
        } else {
            (Quantity::Worst, ClientLatency::Worst)
        };
        let asked = ClientGoal { has_front: true, ..goal(Objective::Load, latency) };
        let best = ask(&drawn.system, &asked).expect("a quorum");
        let front = best.front.expect("it was asked for");
        assert!(front.complete, "{}", drawn.text);
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-6 * (1.0 + one.abs());
        assert!(near(front.corners[0].load, drawn.least(Quantity::Load, &[]).to_f64().unwrap()), "{}", drawn.text);
        let last = front.corners.last().expect("there is a corner");
        assert!(near(last.latency_ms, drawn.least(quantity, &[]).to_f64().unwrap()), "{}", drawn.text);
        for pair in front.corners.windows(2) {
            assert!(pair[0].load < pair[1].load && pair[0].latency_ms > pair[1].latency_ms);
            for part in [0.25, 0.5, 0.75] {
                let load = pair[0].load + part * (pair[1].load - pair[0].load);
                let expected = pair[0].latency_ms + part * (pair[1].latency_ms - pair[0].latency_ms);
                let limit = BigRational::from_float(load).expect("a finite number");
                let least = drawn.least(quantity, &[(Quantity::Load, limit)]).to_f64().unwrap();
                assert!(near(least, expected), "at {load} {least}, not {expected}\n{}", drawn.text);
            }
        }
        corners += front.corners.len();
    }
    assert!(corners > 40, "only {corners} corners");
}

#[test]
fn limits_that_nobody_can_keep_are_refused_with_the_least() {
    let mut random = Random::new(47);
    for _ in 0..20 {
        let drawn = drawn(&mut random);
        let least = drawn.least(Quantity::Load, &[]).to_f64().unwrap();
        let within = ClientGoal { load_max: Some(least * 0.999), ..goal(Objective::Latency, ClientLatency::Mean) };
        let found = ask(&drawn.system, &within);
        let Err(Infeasible::Limit { quantity: Objective::Load, least: known, .. }) = found else {
            panic!("{found:?}\n{}", drawn.text)
        };
        assert!((known - least).abs() <= 1e-8 * least, "{known}, not {least}");
        let fastest = drawn.least(Quantity::Worst, &[]).to_f64().unwrap();
        if fastest > 0.0 {
            let within =
                ClientGoal { latency_ms_max: Some(fastest / 2.0), ..goal(Objective::Load, ClientLatency::Worst) };
            let found = ask(&drawn.system, &within);
            assert!(
                matches!(found, Err(Infeasible::Limit { quantity: Objective::Latency, least, .. }) if least == fastest)
            );
        }
    }
}

/// Without limits everybody gets the fastest quorums, with a leader too.
#[test]
fn the_fastest_strategies_are_the_fastest_quorums() {
    let mut random = Random::new(53);
    for round in 0..40 {
        let mut text = drawn(&mut random).text;
        let reads = ["quorum", "leader", "direct"][round % 3];
        if round % 4 > 0 {
            text.push_str(&format!("[consensus]\nleader = 'n1'\nreads = '{reads}'\n"));
        }
        let system =
            quorate::spec::read("drawn.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        let known = quorate::operations::clients(&system, system.workload(), Budget::default());
        let asked = ClientGoal { leader: known.leader, ..goal(Objective::Latency, ClientLatency::Mean) };
        let best = ask(&system, &asked).expect("a quorum");
        for (own, answer) in best.clients.iter().zip(&known.each) {
            for kind in Kind::BOTH {
                if let Some(ms) = own.latency_ms.of(kind) {
                    let fastest = answer.latency_ms.of(kind).expect("a quorum");
                    assert!((ms - fastest).abs() <= 1e-8 * (1.0 + fastest), "{ms}, not {fastest}\n{text}");
                }
            }
        }
    }
}

/// The load alone does not know who asks: it is that of all operations together.
#[test]
fn the_least_load_is_that_of_one_strategy_for_all() {
    let text = |clients: &str| {
        format!(
            "name = 'x'\n[system]\nfamily = 'grid'\nrows = 3\ncols = 3\n[[zone]]\nname = 'z'\n\
             nodes = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9']\n{clients}"
        )
    };
    let clients = "[[client]]\nname = 'a'\nzone = 'z'\nread_fraction = 0.25\n[[client]]\nname = 'b'\nnode = 'n1'\nread_fraction = 0.75\n";
    let system = quorate::spec::read("x.toml", text(clients).as_bytes()).expect("a definition");
    let best = ask(&system, &goal(Objective::Load, ClientLatency::Mean)).expect("a quorum");
    assert_eq!(best.exact.map(|load| load.to_string()), Some("23/57".to_owned()));
}
