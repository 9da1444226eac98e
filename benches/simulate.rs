//! How fast registers are simulated: operations and messages per second on one core, with turmoil as the peer for the raw
//! message rate, and a million operations simulated, recorded and checked.
//!
//! `cargo bench --bench simulate`

use std::time::{Duration, Instant};

use quorate::checker::{self, check};
use quorate::families::{Family, GridVariant};
use quorate::protocol::dynamo::{Dynamo, Settings};
use quorate::protocol::register::{Guarantee, Patience, Registers};
use quorate::protocol::{Pick, Protocol};
use quorate::sim::{Run, RunLimits, Scenario, Traffic, run};

/// Operations of one measurement.
const OPERATIONS: u64 = 200_000;

/// Measurements, of which the fastest counts: others use the machine too.
const REPEATS: usize = 5;

fn simulate(family: &Family, guarantee: Guarantee, operations: u64) -> (Run, Duration) {
    let system = family.system().expect("a good family");
    drive(&Registers::new(&system, guarantee, &Pick::All, Patience::default()), operations)
}

fn drive(protocol: &impl Protocol, operations: u64) -> (Run, Duration) {
    let traffic = Traffic { clients: 8, operations, ..Traffic::default() };
    let begun = Instant::now();
    let run = run(protocol, &Scenario::default(), &traffic, 1, RunLimits::default());
    (run, begun.elapsed())
}

fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64() / 1e6
}

fn registers() -> f64 {
    let mut best = 0.0f64;
    for (name, family) in [
        ("majority of 5", Family::Majority { n: 5 }),
        ("grid of 5 x 5", Family::Grid { rows: 5, cols: 5, variant: GridVariant::LinesBelow }),
    ] {
        for guarantee in [Guarantee::Regular, Guarantee::Atomic] {
            let runs = (0..REPEATS).map(|_| simulate(&family, guarantee, OPERATIONS));
            let (run, time) = runs.min_by_key(|(_, time)| *time).expect("more than none");
            let messages = rate(run.counts.messages_sent, time);
            best = best.max(messages);
            println!(
                "{name}, {}: {:.3} M operations/s, {messages:.2} M messages/s",
                guarantee.name(),
                rate(run.counts.operations(), time)
            );
        }
    }
    let store = Dynamo::new(Settings::new(5, 3, 2, 2)).expect("good sizes");
    let runs = (0..REPEATS).map(|_| drive(&store, OPERATIONS));
    let (run, time) = runs.min_by_key(|(_, time)| *time).expect("more than none");
    println!(
        "dynamo, N = 3 on a ring of 5: {:.3} M operations/s, {:.2} M messages/s",
        rate(run.counts.operations(), time),
        rate(run.counts.messages_sent, time)
    );
    best
}

fn a_million() {
    let begun = Instant::now();
    let (run, simulated) = simulate(&Family::Majority { n: 5 }, Guarantee::Atomic, 1_000_000);
    let report = check(&run.history, &checker::Options::default());
    assert!(report.atomic().holds());
    println!(
        "a million operations, majority of 5, atomic: simulated and recorded in {:.2} s, checked in {:.2} s",
        simulated.as_secs_f64(),
        (begun.elapsed() - simulated).as_secs_f64()
    );
}

/// Five hosts of turmoil that send datagrams to each other and answer each: messages per second.
fn turmoil_rate() -> f64 {
    const ROUNDS: u64 = 2_000;
    const HOSTS: u64 = 5;
    let begun = Instant::now();
    let mut sim = turmoil::Builder::new()
        .simulation_duration(Duration::from_secs(3_600))
        .tick_duration(Duration::from_millis(1))
        .build();
    for host in 0..HOSTS {
        sim.host(format!("replica-{host}"), || async {
            let socket = turmoil::net::UdpSocket::bind("0.0.0.0:9000").await?;
            let mut buffer = [0u8; 64];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await?;
                socket.send_to(&buffer[..length], from).await?;
            }
        });
    }
    for client in 0..8 {
        sim.client(format!("client-{client}"), async {
            let socket = turmoil::net::UdpSocket::bind("0.0.0.0:0").await?;
            let mut buffer = [0u8; 64];
            for _ in 0..ROUNDS {
                for host in 0..HOSTS {
                    socket.send_to(&[0; 48], (format!("replica-{host}"), 9000)).await?;
                }
                for _ in 0..HOSTS {
                    socket.recv_from(&mut buffer).await?;
                }
            }
            Ok(())
        });
    }
    sim.run().expect("nothing goes wrong");
    rate(8 * ROUNDS * HOSTS * 2, begun.elapsed())
}

fn main() {
    let best = registers();
    a_million();
    let peer = turmoil_rate();
    println!(
        "turmoil, 8 clients and 5 hosts over UDP: {peer:.3} M messages/s; {:.1} times as fast at best",
        best / peer
    );
}
