//! The checker against the linearizability tester of Stateright on small histories, and alone on large ones.
//!
//! `QUORATE_BENCH_LARGE=1` adds a million and ten million operations.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quorate::checker::{Options, check};
use quorate::history::{Builder, History, Operation, Value, read, write};
use stateright::semantics::register::{Register, RegisterOp, RegisterRet};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

/// SplitMix64, so that every run measures the same histories.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

/// An operation as it took effect, and when it was known.
#[derive(Clone, Copy)]
struct Done {
    process: i64,
    write: Option<i64>,
    read: i64,
    start: i64,
    end: i64,
}

/// A closed loop of `concurrency` clients on an atomic register, half of the operations being writes of unique
/// values; `is_stale` makes the last read return a value that was overwritten long before.
fn closed_loop(operations: usize, concurrency: usize, is_stale: bool) -> Vec<Done> {
    let mut random = Random(7);
    // The next event of every client: when, and whether its operation takes effect or ends.
    let mut clients: Vec<(i64, Option<Done>)> = (0..concurrency).map(|client| (client as i64, None)).collect();
    let mut events: std::collections::BinaryHeap<std::cmp::Reverse<(i64, usize, u8)>> =
        clients.iter().enumerate().map(|(client, (at, _))| std::cmp::Reverse((*at, client, 0))).collect();
    let (mut value, mut next, mut done) = (0, 0, Vec::with_capacity(operations));
    while let Some(std::cmp::Reverse((at, client, phase))) = events.pop() {
        let slot = &mut clients[client];
        let wait = 1 + (random.next() % 1000) as i64;
        match phase {
            0 => {
                let is_write = random.next().is_multiple_of(2);
                next += i64::from(is_write);
                let write = is_write.then_some(next);
                slot.1 = Some(Done { process: client as i64, write, read: 0, start: at, end: 0 });
            }
            1 => {
                if let Some(done) = &mut slot.1 {
                    value = done.write.unwrap_or(value);
                    done.read = value;
                }
            }
            _ => {
                if let Some(finished) = slot.1.take() {
                    done.push(Done { end: at, ..finished });
                }
                if done.len() + concurrency > operations {
                    continue;
                }
            }
        }
        events.push(std::cmp::Reverse((at + wait, client, (phase + 1) % 3)));
    }
    if is_stale && let Some(read) = done.iter_mut().rev().find(|done| done.write.is_none()) {
        read.read = 1;
    }
    done
}

fn history(done: &[Done]) -> History {
    let mut builder = Builder::new();
    let mut sorted = done.to_vec();
    sorted.sort_by_key(|done| done.start);
    for done in &sorted {
        let operation = match done.write {
            Some(value) => Operation::write(done.process, Value::from(value), done.start, Some(done.end)),
            None => Operation::read(done.process, Value::from(done.read), done.start, Some(done.end)),
        };
        builder.push(&operation).expect("clients do one thing at a time");
    }
    builder.finish()
}

fn stateright(done: &[Done]) -> bool {
    let mut events: Vec<(i64, bool, usize)> =
        done.iter().enumerate().flat_map(|(i, done)| [(done.start, false, i), (done.end, true, i)]).collect();
    events.sort_unstable();
    let mut tester = LinearizabilityTester::new(Register(0));
    for (_, is_end, i) in events {
        let Done { process, write, read, .. } = done[i];
        let outcome = match (is_end, write) {
            (false, Some(value)) => tester.on_invoke(process, RegisterOp::Write(value)).map(|_| ()),
            (false, None) => tester.on_invoke(process, RegisterOp::Read).map(|_| ()),
            (true, Some(_)) => tester.on_return(process, RegisterRet::WriteOk).map(|_| ()),
            (true, None) => tester.on_return(process, RegisterRet::ReadOk(read)).map(|_| ()),
        };
        outcome.expect("the history is well formed");
    }
    tester.is_consistent()
}

fn peer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("peer, concurrency 5");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    for operations in [50, 100, 200, 400] {
        let done = closed_loop(operations, 5, false);
        let ours = history(&done);
        assert!(stateright(&done) && check(&ours, &Options::default()).atomic().holds());
        group.bench_function(BenchmarkId::new("stateright", operations), |b| b.iter(|| stateright(black_box(&done))));
        group.bench_function(BenchmarkId::new("quorate", operations), |b| {
            b.iter(|| check(black_box(&ours), &Options::default()).atomic().holds());
        });
    }
}

fn alone(criterion: &mut Criterion) {
    let is_large = std::env::var_os("QUORATE_BENCH_LARGE").is_some();
    let sizes: &[usize] = if is_large { &[10_000, 100_000, 1_000_000, 10_000_000] } else { &[10_000, 100_000] };
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    for &operations in sizes {
        for concurrency in [5, 20, 100, 500] {
            for (name, is_stale) in [("linearizable", false), ("one stale read", true)] {
                let history = history(&closed_loop(operations, concurrency, is_stale));
                group.throughput(Throughput::Elements(history.len() as u64));
                let id = BenchmarkId::new(format!("{name}, concurrency {concurrency}"), operations);
                group.bench_function(id, |b| {
                    b.iter(|| assert_eq!(check(black_box(&history), &Options::default()).atomic().holds(), !is_stale));
                });
            }
        }
    }
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    group.sample_size(10).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    let history = history(&closed_loop(100_000, 20, false));
    for (name, text) in [("json lines", write::json_lines(&history)), ("edn", write::edn(&history))] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| read(black_box(text.as_bytes()), None).map(|history| history.len())));
    }
}

criterion_group!(benches, peer, alone, reading);
criterion_main!(benches);
