//! Zones of several kinds that overlap: held against every state of nodes and zones, and against each kind alone.

use quorate::analysis::{Analysis, Options, analyze};
use quorate::model::{Kind, NodeId, NodeSet, System};
use quorate::number::Scaled;
use quorate::operations::Splits;

use crate::random::Random;

struct Drawn {
    text: String,
    /// The zones of each node, numbered as in the definition.
    zones_of: Vec<Vec<usize>>,
    node_p: Vec<f64>,
    zone_p: Vec<f64>,
}

/// Up to six nodes in data centres, racks and, at times, versions.
fn drawn(random: &mut Random) -> Drawn {
    let n = 3 + random.below(4);
    let quorums = match random.below(3) {
        0 => format!("family = 'majority'\nn = {n}\n"),
        1 => {
            let read = 1 + random.below(n);
            format!("family = 'threshold'\nn = {n}\nread = {read}\nwrite = {}\n", n + 1 - read)
        }
        _ => {
            let all: Vec<String> = (1..=n).map(|node| format!("n{node}")).collect();
            format!("family = 'custom'\nreads = '{} + n1*n2 + n2*n3 + n1*n{n}'\n", all.join("*"))
        }
    };
    let mut text = format!("name = 'x'\n[system]\n{quorums}");
    let kinds = 2 + random.below(2) as usize;
    let (mut zone_p, mut zones_of) = (Vec::new(), vec![Vec::new(); n as usize]);
    for kind in ["zone", "rack", "version"].iter().take(kinds) {
        let count = 1 + random.below(3);
        for zone in 0..count {
            let p = random.below(5) as f64 / 10.0;
            text.push_str(&format!("[[zone]]\nname = '{kind}{zone}'\nkind = '{kind}'\nfailure_probability = {p}\n"));
            zone_p.push(p);
        }
        for zones in &mut zones_of {
            if random.below(6) > 0 {
                zones.push(zone_p.len() - 1 - random.below(count) as usize);
            }
        }
    }
    let first_of = |zone: usize| {
        let name = text.split("name = '").nth(zone + 2).expect("a zone").split('\'').next().expect("a name");
        name.to_owned()
    };
    let mut nodes = String::new();
    let mut node_p = Vec::new();
    for (at, zones) in zones_of.iter().enumerate() {
        let p = random.below(4) as f64 / 8.0;
        let names: Vec<String> = zones.iter().map(|zone| format!("'{}'", first_of(*zone))).collect();
        nodes.push_str(&format!(
            "[[node]]\nname = 'n{}'\nfailure_probability = {p}\nzones = [{}]\n",
            at + 1,
            names.join(", ")
        ));
        node_p.push(p);
    }
    Drawn { text: text + &nodes, zones_of, node_p, zone_p }
}

fn read(text: &str) -> System {
    quorate::spec::read("x.toml", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

impl Drawn {
    /// The probabilities that reads, and that writes, are impossible, and the importance of each node for both: over all states of
    /// nodes and zones.
    fn brute(&self, system: &System) -> ([f64; 2], Vec<f64>) {
        let (n, z) = (self.node_p.len(), self.zone_p.len());
        let all: Vec<f64> = self.node_p.iter().chain(&self.zone_p).copied().collect();
        let mut fails = [0.0; 2];
        let mut importance = vec![0.0; n];
        for state in 0..1u32 << (n + z) {
            let is_up = |at: usize| state >> at & 1 == 1;
            let chance = |except: Option<usize>| -> f64 {
                let each = all.iter().enumerate().filter(|(at, _)| Some(*at) != except);
                each.map(|(at, p)| if is_up(at) { 1.0 - p } else { *p }).product()
            };
            let live: NodeSet = (0..n)
                .filter(|node| is_up(*node) && self.zones_of[*node].iter().all(|zone| is_up(n + zone)))
                .map(NodeId::new)
                .collect();
            let holds = Kind::BOTH.map(|kind| system.formula(kind).holds(&live));
            for (sum, holds) in fails.iter_mut().zip(holds) {
                *sum += if holds { 0.0 } else { chance(None) };
            }
            let fails = !(holds[0] && holds[1]);
            for (node, sum) in importance.iter_mut().enumerate().filter(|_| fails) {
                *sum += if is_up(node) { -chance(Some(node)) } else { chance(Some(node)) };
            }
        }
        (fails, importance)
    }

    /// The definition in which zones of one kind alone stand.
    fn only(&self, kind: &str) -> String {
        let mut text = String::new();
        for table in self.text.split_inclusive('\n').collect::<String>().split("[[") {
            if let Some(zone) = table.strip_prefix("zone]]") {
                if zone.contains(&format!("kind = '{kind}'")) {
                    text.push_str(&format!("[[zone]]{zone}"));
                }
            } else if let Some(node) = table.strip_prefix("node]]") {
                let (before, list) = node.split_once("zones = [").expect("zones");
                let names: Vec<&str> = list
                    .trim()
                    .trim_end_matches(']')
                    .split(", ")
                    .filter(|name| name.starts_with(&format!("'{kind}")))
                    .collect();
                text.push_str(&format!("[[node]]{before}zones = [{}]\n", names.join(", ")));
            } else {
                text.push_str(table);
            }
        }
        text
    }
}

fn float(value: Option<Scaled>) -> f64 {
    value.and_then(Scaled::to_f64).expect("a number")
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-12
}

fn names<'a>(system: &'a System, splits: &'a Splits) -> Vec<(Vec<&'a str>, String)> {
    let Splits::All(all) = splits else { return Vec::new() };
    let name = |zone: &quorate::model::ZoneId| system.zones()[zone.index()].name.as_str();
    all.iter().map(|split| (split.side.iter().map(name).collect(), format!("{:?}", split.who))).collect()
}

fn check(drawn: &Drawn) {
    let text = &drawn.text;
    let system = read(text);
    let analysis: Analysis = analyze(&system, &Options::default());
    let (fails, importance) = drawn.brute(&system);
    let found = &analysis.failure_probability[0];
    assert_eq!(found.method.name(), "exact", "{text}");
    assert!(close(float(found.read), fails[0]), "reads {:?} and not {} of\n{text}", found.read, fails[0]);
    assert!(close(float(found.write), fails[1]), "writes {:?} and not {} of\n{text}", found.write, fails[1]);
    let each = analysis.reliability.importance_at(0).expect("an importance");
    for (found, expected) in each.iter().zip(&importance) {
        assert!(close(float(Some(*found)), *expected), "importance {found} and not {expected} of\n{text}");
    }
    let operations = &analysis.operations;
    for loss in &operations.zone_losses {
        let lost = loss.zone.index();
        let live: NodeSet =
            (0..drawn.node_p.len()).filter(|node| !drawn.zones_of[*node].contains(&lost)).map(NodeId::new).collect();
        assert_eq!(loss.nodes_left, live.len());
        for kind in Kind::BOTH {
            assert_eq!(*loss.alive.of(kind), system.formula(kind).holds(&live), "without {lost} of\n{text}");
        }
    }
    let kinds = system.zone_kinds();
    assert_eq!(operations.zone_kinds.len(), kinds.len());
    for (at, kind) in kinds.iter().enumerate() {
        let alone_text = drawn.only(kind);
        let alone_system = read(&alone_text);
        let alone = analyze(&alone_system, &Options::default());
        let own = &operations.zone_kinds[at];
        assert_eq!(own.kind, *kind);
        assert_eq!(own.zones_and_nodes, alone.operations.zones_and_nodes, "{kind} of\n{text}");
        assert_eq!(own.durability_zones, alone.operations.durability.zones, "{kind} of\n{text}");
        assert_eq!(names(&system, &own.splits), names(&alone_system, &alone.operations.splits), "{kind} of\n{text}");
        let levels = if at == 0 { &analysis.reliability.zones } else { &analysis.reliability.further_zones[at - 1] };
        let values = |levels: &[quorate::structure::zone_loss::ZoneResilience]| {
            levels.iter().map(quorate::structure::zone_loss::ZoneResilience::value).collect::<Vec<_>>()
        };
        assert_eq!(values(levels), values(&alone.reliability.zones), "{kind} of\n{text}");
    }
}

#[test]
fn small_systems_agree_with_every_state() {
    let mut random = Random::new(7);
    (0..120).for_each(|_| check(&drawn(&mut random)));
}

/// Thirty nodes in three data centres and fifteen racks that cross them: the data centres are settled, and the racks stand as zones do.
#[test]
fn larger_ones_are_exact() {
    let mut text =
        String::from("name = 'x'\n[system]\nfamily = 'majority'\nn = 31\n[nodes]\nfailure_probability = 0.01\n");
    (0..3).for_each(|zone| text.push_str(&format!("[[zone]]\nname = 'az{zone}'\nfailure_probability = 0.001\n")));
    (0..15).for_each(|rack| {
        text.push_str(&format!("[[zone]]\nname = 'r{rack}'\nkind = 'rack'\nfailure_probability = 0.002\n"))
    });
    for node in 0..31 {
        text.push_str(&format!("[[node]]\nname = 'n{}'\nzones = ['az{}', 'r{}']\n", node + 1, node % 3, node % 15));
    }
    let analysis = analyze(&read(&text), &Options::default());
    let found = &analysis.failure_probability[0];
    assert_eq!(found.method.name(), "exact");
    // Two of three data centres, or one and nearly half of the rest.
    let fails = float(found.system);
    assert!((2.9e-6..3.2e-6).contains(&fails), "{fails}");
    assert!(analysis.reliability.importance_at(0).is_some());
}

#[test]
fn what_has_failed_is_gone_of_every_kind() {
    let text = "name = 'x'\n[system]\nfamily = 'majority'\nn = 5\n[[zone]]\nname = 'a'\nnodes = ['n1', 'n2']\n\
        [[zone]]\nname = 'b'\nnodes = ['n3', 'n4', 'n5']\n[[zone]]\nname = 'r'\nkind = 'rack'\nnodes = ['n2', 'n3']\n";
    let system = read(text);
    let left = quorate::structure::without(&system, &["r".into()]).expect("a zone");
    assert_eq!(left.nodes().iter().map(|node| node.name.as_str()).collect::<Vec<_>>(), ["n1", "n4", "n5"]);
    assert_eq!(left.zone_kinds(), ["zone"]);
}
