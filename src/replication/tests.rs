//! Strategies against closed forms, and what each must and must not lose.

use super::{Access, Execution, Load, Masters, Measured, Shape, Strategy, Timing, measure, usual_faults};
use crate::model::{Kind, NodeId, NodeSet, System};
use crate::sim::{Fault, FaultEvent, ProcessSet, Scenario};

fn system(quorums: &str, latencies: &[f64]) -> System {
    let mut text = format!("name = \"x\"\n[system]\nfamily = \"custom\"\n{quorums}\n");
    for (at, latency) in latencies.iter().enumerate() {
        text.push_str(&format!("[[node]]\nname = \"n{}\"\nlatency_ms = {latency:?}\n", at + 1));
    }
    crate::spec::read("x.toml", text.as_bytes()).expect("a definition")
}

fn load(read_fraction: f64) -> Load {
    Load { clients: 1, operations: 100, read_fraction, keys: 1, think_ms: 5.0, seed: 3 }
}

fn strategy(masters: Masters, timing: Timing) -> Strategy {
    Strategy { masters, timing, execution: Execution::Passive, shape: Shape::Fan, access: Access::Replica }
}

fn response(system: &System, strategy: Strategy, read_fraction: f64) -> f64 {
    let measured = measure(system, strategy, &Scenario::default(), &load(read_fraction));
    assert_eq!((measured.answered, measured.unanswered, measured.acknowledged_lost), (100, 0, 0));
    let (mean, p99) = measured.mean_response_ms.zip(measured.p99_response_ms).expect("answers");
    assert!((mean - p99).abs() < 1e-9, "every operation takes the same time: {mean} {p99}");
    mean
}

/// The client asks the first node, which is the master.
#[test]
fn response_times_are_those_of_the_closed_forms() {
    for (quorums, latencies) in [
        ("quorums = \"majority(n1, n2, n3)\"", vec![3.0, 7.0, 11.0]),
        ("quorums = \"majority(n1, n2, n3, n4, n5)\"", vec![2.0, 9.0, 4.0, 31.0, 6.0]),
        ("reads = \"(n1 + n2)*(n3 + n4)\"\nwrites = \"n1*n2 + n3*n4\"", vec![5.0, 8.0, 1.0, 40.0]),
        ("quorums = \"weighted(4, n1=3, n2=2, n3=1, n4=1)\"", vec![10.0, 20.0, 4.0, 6.0]),
    ] {
        let system = system(quorums, &latencies);
        let n = latencies.len();
        let worst = |nodes: &dyn Fn(usize) -> bool| {
            (0..n).filter(|node| nodes(*node)).map(|node| latencies[node]).fold(0.0, f64::max)
        };
        let others = worst(&|node| node > 0);
        let by_quorum = |kind: Kind| {
            // The master has it at no time; of all sets with a quorum the fastest.
            let sets = 0u32..1 << n;
            let holds = |set: &u32| {
                let with: NodeSet = (0..n).filter(|node| *node == 0 || set >> node & 1 == 1).map(NodeId::new).collect();
                system.formula(kind).holds(&with)
            };
            sets.filter(holds).map(|set| worst(&|node| node > 0 && set >> node & 1 == 1)).fold(f64::INFINITY, f64::min)
        };
        for (timing, expected) in [
            (Timing::Synchronous, latencies[0] + others),
            (Timing::Asynchronous, latencies[0]),
            (Timing::Quorum, latencies[0] + by_quorum(Kind::Write)),
        ] {
            let found = response(&system, strategy(Masters::Single, timing), 0.0);
            assert!((found - expected).abs() < 1e-6, "{quorums} {timing:?}: {found}, not {expected}");
            let proxy = Strategy { access: Access::Proxy, ..strategy(Masters::Single, timing) };
            let found = response(&system, proxy, 0.0);
            assert!((found - expected).abs() < 1e-6, "{quorums} {timing:?} through a proxy: {found}, not {expected}");
        }
        let both = response(&system, strategy(Masters::Multi, Timing::Quorum), 0.0);
        let expected = latencies[0] + by_quorum(Kind::Read) + by_quorum(Kind::Write);
        assert!((both - expected).abs() < 1e-6, "{quorums}: {both}, not {expected}");
        let reads = response(&system, strategy(Masters::Single, Timing::Quorum), 1.0);
        assert!((reads - latencies[0] - by_quorum(Kind::Read)).abs() < 1e-6);
        // To the head, from each to the next, and back from the tail.
        let chain = Strategy { shape: Shape::Chain, ..strategy(Masters::Single, Timing::Synchronous) };
        let expected = latencies.iter().sum::<f64>() / 2.0 + latencies[n - 1] / 2.0;
        let found = response(&system, chain, 0.0);
        assert!((found - expected).abs() < 1e-6, "{quorums}: {found}, not {expected}");
    }
}

#[test]
fn messages_and_executions_are_counted() {
    let system = system("quorums = \"majority(n1, n2, n3, n4, n5)\"", &[1.0; 5]);
    let of = |strategy: Strategy| measure(&system, strategy, &Scenario::default(), &load(0.0));
    let single = strategy(Masters::Single, Timing::Synchronous);
    let active = Strategy { execution: Execution::Active, ..single };
    let chain = Strategy { shape: Shape::Chain, ..single };
    let proxy = Strategy { access: Access::Proxy, ..single };
    for (strategy, messages, executions) in
        [(single, 10.0, 1.0), (active, 10.0, 5.0), (proxy, 12.0, 1.0), (chain, 7.0, 1.0)]
    {
        let measured = of(strategy);
        assert_eq!(measured.messages_per_operation, Some(messages), "{strategy:?}");
        assert_eq!(measured.executions_per_operation, Some(executions), "{strategy:?}");
    }
}

fn all(system: &System, scenario: &Scenario, load: &Load) -> Vec<Measured> {
    Strategy::all().into_iter().map(|strategy| measure(system, strategy, scenario, load)).collect()
}

/// Without faults nothing is lost, nothing is without an answer, and only who comes last where nobody orders differs.
#[test]
fn without_faults_only_the_order_can_be_missing() {
    let system = crate::families::Family::Majority { n: 3 }.system().expect("three nodes");
    let load = Load { clients: 8, operations: 800, read_fraction: 0.5, keys: 16, think_ms: 0.2, seed: 5 };
    let mut divergent = 0;
    for measured in all(&system, &Scenario::default(), &load) {
        let strategy = measured.strategy;
        let name = strategy.name();
        assert_eq!((measured.unanswered, measured.acknowledged_lost, measured.is_cut_off), (0, 0, false), "{name}");
        assert!(!strategy.is_ordered() || !measured.is_divergent, "{name} {strategy:?}");
        divergent += usize::from(measured.is_divergent);
        // Commands that differ by execution: whoever executes everything itself ends up with its own.
        let is_active = strategy.execution == Execution::Active;
        assert!(!is_active || measured.is_divergent_by_chance, "{name}");
        assert!(is_active || !strategy.is_ordered() || !measured.is_divergent_by_chance, "{name}");
        if strategy.is_ordered() && strategy.timing == Timing::Quorum {
            assert_eq!(measured.stale_reads, Some(0), "{name}");
        }
        // Through the proxy, reads go where the last write was answered.
        let is_late = strategy.masters == Masters::Single && strategy.timing == Timing::Asynchronous;
        if is_late && strategy.access == Access::Replica {
            assert!(measured.stale_reads > Some(0), "{name}");
        }
    }
    assert!(divergent > 0, "nobody diverged where nobody orders");
}

/// The first master is cut off from the others for 50 ms, and then crashes for good.
#[test]
fn only_what_was_answered_too_early_is_lost() {
    let system = system("quorums = \"majority(n1, n2, n3)\"", &[2.0, 60.0, 60.0]);
    let load = Load { clients: 6, operations: 1200, read_fraction: 0.2, keys: 3, think_ms: 2.0, seed: 7 };
    let first: ProcessSet = [crate::protocol::ProcessId(0)].into_iter().collect();
    let others: ProcessSet = [1, 2].map(crate::protocol::ProcessId).into_iter().collect();
    let cut = Fault::Cut { from: first.clone(), to: others, role: None };
    let faults = [(400, cut), (450, Fault::Crash { processes: first }), (450, Fault::Heal)];
    let at = |(at_ms, fault): (u64, Fault)| FaultEvent { at_ns: at_ms * 1_000_000, fault };
    let scenario = Scenario { faults: faults.map(at).to_vec(), ..Scenario::default() };
    let mut lost = 0;
    for measured in all(&system, &scenario, &load) {
        let strategy = measured.strategy;
        if strategy.timing == Timing::Asynchronous {
            lost += measured.acknowledged_lost;
            // At most the rate times the lag: six clients, none of which is answered sooner than after 2 ms, for the 30 ms that an
            // update takes and the 50 ms for which none arrives.
            assert!(measured.acknowledged_lost <= 6 * 80 / 2, "{measured:?}");
        } else {
            assert_eq!(measured.acknowledged_lost, 0, "{}: {measured:?}", strategy.name());
        }
        assert!(measured.answered > 1000, "{}: {measured:?}", strategy.name());
    }
    assert!(lost > 0);
}

#[test]
fn a_master_that_comes_back_is_one_of_the_others() {
    let system = crate::families::Family::Majority { n: 5 }.system().expect("five nodes");
    let load = Load { clients: 4, operations: 2000, read_fraction: 0.5, keys: 2, think_ms: 4.0, seed: 1 };
    for measured in all(&system, &usual_faults(system.nodes().len()), &load) {
        let strategy = measured.strategy;
        assert_eq!(measured.unanswered, 0, "{}: {measured:?}", strategy.name());
        if strategy.has_master() {
            assert!(!measured.is_divergent, "{}: {measured:?}", strategy.name());
            assert!((100.0..1500.0).contains(&measured.unavailable_ms), "{}: {measured:?}", strategy.name());
        }
        if strategy.timing == Timing::Quorum {
            assert_eq!(measured.acknowledged_lost, 0, "{}", strategy.name());
        }
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    let system = crate::families::Family::Grid { rows: 2, cols: 2, variant: crate::families::GridVariant::Cover }
        .system()
        .expect("a grid");
    let load = Load { clients: 3, operations: 100, read_fraction: 0.5, keys: 1, think_ms: 1.0, seed: 9 };
    assert_eq!(
        all(&system, &usual_faults(system.nodes().len()), &load),
        all(&system, &usual_faults(system.nodes().len()), &load)
    );
}
